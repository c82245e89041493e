//! What serves, watches and keeps: nginx, Prometheus, units of systemd, Redis, shippers of logs.

mod alerts;
mod log_shipping;
mod nginx;
mod redis;
mod unit;

pub(super) use alerts::{alert_expression, alert_form, alerts};
pub(super) use log_shipping::log_shipping;
pub(super) use nginx::proxy;
pub(super) use redis::open_redis;
pub(super) use unit::unit;
