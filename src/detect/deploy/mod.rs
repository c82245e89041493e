//! What surrounds the code: containers, orchestrators, pipelines, clouds, servers and alerts; and what they take from
//! elsewhere without saying which version.

mod actions;
/// How rules of this family look, and how bad things are where a file runs.
mod check;
mod cloud;
/// What files say of each other.
mod cluster;
mod compose;
mod docker;
mod images;
mod includes;
mod kubernetes;
/// Whether what a file describes reaches production.
pub(super) mod reach;
pub(super) mod reference;
mod service;
mod start;
mod terraform;
/// The images that a file names.
pub(super) mod used_images;
mod workflow;

use check::{FileCheck, RepoCheck};

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &images::MovingTag,
    &images::WithoutDigest,
    &actions::ByBranch,
    &actions::ByTag,
    &includes::Includes,
    &includes::Hooks,
    &terraform::Modules,
    &terraform::Providers,
    &FileCheck { name: "docker-root", look: docker::root_user },
    &FileCheck { name: "docker-secret", look: docker::image_secret },
    &FileCheck { name: "dev-server", look: start::dev_server },
    &FileCheck { name: "auto-reload", look: start::auto_reload },
    &FileCheck { name: "server-settings", look: start::server_settings },
    &FileCheck { name: "compose-host-access", look: compose::host_access },
    &FileCheck { name: "compose-exposed-database", look: compose::exposed_database },
    &RepoCheck { name: "compose-restart", look: compose::restart },
    &RepoCheck { name: "compose-log-rotation", look: compose::log_rotation },
    &RepoCheck { name: "compose-limits", look: compose::limits },
    &FileCheck { name: "compose-secret-mount", look: compose::writable_secret_mount },
    &FileCheck { name: "kubernetes-probes", look: kubernetes::probes },
    &FileCheck { name: "kubernetes-resources", look: kubernetes::resources },
    &FileCheck { name: "kubernetes-root", look: kubernetes::root },
    &FileCheck { name: "kubernetes-hardening", look: kubernetes::hardening },
    &FileCheck { name: "kubernetes-host-access", look: kubernetes::host_access },
    &FileCheck { name: "kubernetes-literal-secret", look: kubernetes::literal_secret },
    &FileCheck { name: "kubernetes-removed-api", look: kubernetes::removed_api },
    &FileCheck { name: "kubernetes-ephemeral-logs", look: kubernetes::ephemeral_logs },
    &FileCheck { name: "workflow-permissions", look: workflow::permissions },
    &FileCheck { name: "workflow-injection", look: workflow::injection },
    &FileCheck { name: "workflow-untrusted-checkout", look: workflow::untrusted_checkout },
    &FileCheck { name: "workflow-shown-secret", look: workflow::shown_secret },
    &FileCheck { name: "missing-gate", look: workflow::missing_gate },
    &FileCheck { name: "ecs-task", look: cloud::task },
    &FileCheck { name: "terraform-variable", look: cloud::plain_variable },
    &FileCheck { name: "terraform-ingress", look: cloud::public_ingress },
    &FileCheck { name: "app-service", look: cloud::app_service },
    &FileCheck { name: "firebase-rules", look: cloud::open_rules },
    &FileCheck { name: "alert-form", look: service::alert_form },
    &FileCheck { name: "alert-expression", look: service::alert_expression },
    &FileCheck { name: "nginx", look: service::proxy },
    &FileCheck { name: "systemd-unit", look: service::unit },
    &FileCheck { name: "redis-open", look: service::open_redis },
    &FileCheck { name: "log-shipping", look: service::log_shipping },
    &RepoCheck { name: "kubernetes-references", look: cluster::dangling },
    &RepoCheck { name: "kubernetes-single-replica", look: cluster::single_replica },
    &RepoCheck { name: "kubernetes-exposed-service", look: cluster::exposed_service },
    &RepoCheck { name: "image-health", look: cluster::image_health },
    &RepoCheck { name: "service-health", look: cluster::service_health },
    &RepoCheck { name: "memory-storage", look: cluster::memory_storage },
    &RepoCheck { name: "uncounted-limits", look: cluster::uncounted_limits },
    &RepoCheck { name: "scattered-sockets", look: cluster::scattered_sockets },
    &RepoCheck { name: "probe-route", look: cluster::probe_route },
    &RepoCheck { name: "unscraped-job", look: cluster::unscraped },
    &RepoCheck { name: "app-service-sockets", look: cloud::sockets },
    &RepoCheck { name: "too-many-connections", look: cluster::too_many_connections },
    &RepoCheck { name: "uneven-variables", look: cluster::uneven },
    &RepoCheck { name: "differing-variable", look: cluster::differing },
    &RepoCheck { name: "terraform-backend", look: cloud::local_state },
];
