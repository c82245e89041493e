use std::ops::Range;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{FileView, YamlNode};

/// An alert of Prometheus (<https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/>).
pub(in crate::detect::deploy) struct Alert<'v> {
    node: YamlNode<'v, 'v>,
    name: YamlNode<'v, 'v>,
    pub(in crate::detect::deploy) expression: YamlNode<'v, 'v>,
}

/// The alerts of a file of rules, or of a `PrometheusRule`.
pub(in crate::detect::deploy) fn alerts<'v>(view: &'v FileView<'_>) -> Vec<Alert<'v>> {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if !has(b"alert:") || !has(b"expr:") {
        return Vec::new();
    }
    let Ok(documents) = view.yaml() else { return Vec::new() };
    let mut found = Vec::new();
    for root in documents.roots() {
        let groups = root.get("groups").or_else(|| root.get("spec")?.get("groups"));
        for group in groups.into_iter().flat_map(YamlNode::elements).take(1_000) {
            for node in group.lookup("rules").into_iter().flat_map(YamlNode::elements).take(1_000) {
                if let (Some(name), Some(expression)) = (node.lookup("alert"), node.lookup("expr")) {
                    found.push(Alert { node, name, expression });
                }
            }
        }
    }
    found
}

/// What an alert lacks: how long it must last, how bad it is, and what to do.
pub(in crate::detect::deploy) fn alert_form(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal {
        return;
    }
    for alert in alerts(view) {
        let Some(name) = alert.name.as_str() else { continue };
        let has = |table: &str, keys: &[&str]| {
            alert.node.lookup(table).is_some_and(|table| keys.iter().any(|key| table.lookup(key).is_some()))
        };
        let mut missing = Vec::new();
        if alert.node.lookup("for").is_none() {
            missing.push("for, so one missed scrape wakes somebody");
        }
        if !has("labels", &["severity", "priority", "level"]) {
            missing.push("a label severity, so nobody can route it");
        }
        if !has("annotations", &["summary", "description", "message", "title", "runbook_url", "runbook"]) {
            missing.push("an annotation that says what it is about");
        }
        if missing.is_empty() {
            continue;
        }
        let raw =
            Raw::at(alert.name.resolved().span()).message(format!("{name} lacks {}", missing.join("; ")));
        emit.raw(weighed(raw, rule.rule.severity));
    }
}

/// Expressions that do not say what their authors mean.
pub(in crate::detect::deploy) fn alert_expression(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    for alert in alerts(view) {
        let Some(text) = alert.expression.as_str() else { continue };
        let positions = alert.expression.resolved().positions(view.bytes());
        if let Some(counter) = bare_counter(text) {
            let name = &text[counter.clone()];
            let raw = Raw::at(positions.source(counter.clone()))
                .message(format!(
                    "{name} counts from the start of the process: once above the limit, the alert never ends"
                ))
                .fix(format!("Compare increase({name}[5m]) or rate({name}[5m])."));
            emit.raw(weighed(raw, severity));
        } else if let Some(compared) = rate_as_ratio(text) {
            let raw = Raw::at(positions.source(compared))
                .message("a rate of errors is compared as if it were a share: it is in requests per second")
                .fix(
                    "Divide by the rate of all requests: sum(rate(errors[5m])) / sum(rate(all[5m])) > 0.05.",
                );
            emit.raw(weighed(raw, severity));
        }
    }
}

/// A counter that is compared with a number by itself.
fn bare_counter(text: &str) -> Option<Range<usize>> {
    const CHANGES: &[&str] =
        &["rate(", "increase(", "delta(", "changes(", "resets(", "deriv(", "offset", "time()"];
    if CHANGES.iter().any(|function| text.contains(function)) {
        return None;
    }
    let trimmed = text.trim_start();
    let start = text.len() - trimmed.len();
    let len = trimmed.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':')).count();
    let name = &trimmed[..len];
    let rest = trimmed[len..].trim_start();
    // Its labels.
    let rest = match rest.strip_prefix('{') {
        Some(labels) => labels.split_once('}')?.1.trim_start(),
        None => rest,
    };
    let number = rest.trim_start_matches(['>', '=', '<']).trim();
    let is_compared = rest.starts_with('>') && number.parse::<f64>().is_ok_and(|number| number > 0.0);
    let is_counter = name.ends_with("_total") && !name.contains(':');
    (is_compared && is_counter).then_some(start..start + len)
}

/// `rate(…5xx…) > 0.05` without a division.
fn rate_as_ratio(text: &str) -> Option<Range<usize>> {
    let (left, right) = text.rsplit_once('>')?;
    let limit: f64 = right.trim_start_matches('=').trim().parse().ok()?;
    let is_share = limit > 0.0 && limit < 1.0;
    let is_errors = ["5..", "5xx", "error", "failed", "failure"]
        .iter()
        .any(|word| left.to_ascii_lowercase().contains(word));
    let is_rate = left.contains("rate(") && !left.contains('/') && !left.contains("histogram_quantile");
    // Seconds a second are a share.
    let is_time = left.contains("_seconds_total");
    let from = text.find("rate(")?;
    (is_share && is_errors && is_rate && !is_time).then(|| from..text.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_told_from_what_is_made_of_them() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(bare_counter(text).map(|range| &text[range]), expect, "{text}");
        };
        check("db_errors_total > 10", Some("db_errors_total"));
        check(" db_errors_total{job=\"a\"} >= 1\n", Some("db_errors_total"));
        check("increase(db_errors_total[5m]) > 10", None);
        check("db_errors_total > 0", None);
        check("job:db_errors:rate5m > 10", None);
        check("queue_length > 10", None);
        check("sum(db_errors_total) > 10", None);
    }

    #[test]
    fn rates_are_told_from_shares() {
        let check = |text: &str, expect: bool| assert_eq!(rate_as_ratio(text).is_some(), expect, "{text}");
        check("rate(http_requests_total{status=~\"5..\"}[5m]) > 0.05", true);
        check("sum(rate(a_errors_total[5m])) / sum(rate(a_total[5m])) > 0.05", false);
        check("rate(http_requests_total{status=~\"5..\"}[5m]) > 5", false);
        check("rate(process_cpu_seconds_total{mode=\"error\"}[5m]) > 0.9", false);
        check("up == 0", false);
    }
}
