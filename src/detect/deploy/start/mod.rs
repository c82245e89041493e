//! What start commands run: servers that are made for development, and servers whose settings contradict each other.

mod dev_server;
mod gunicorn;

pub(super) use dev_server::{auto_reload, dev_server};
pub(super) use gunicorn::{processes, server_settings};
