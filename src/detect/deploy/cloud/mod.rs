//! What clouds are told: task definitions, Terraform, App Service, Firebase.

mod app_service;
mod containers;
mod ecs;
mod firebase;
mod ingress;
mod sockets;
mod terraform_secret;
mod terraform_state;

pub(super) use app_service::app_service;
pub(super) use containers::tasks;
pub(super) use ecs::task;
pub(super) use firebase::open_rules;
pub(super) use ingress::public_ingress;
pub(super) use sockets::sockets;
pub(super) use terraform_secret::plain_variable;
pub(super) use terraform_state::local_state;
