use std::collections::BTreeSet;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::deploy::service::alerts;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Language;
use crate::repo::RepoView;
use crate::source::YamlNode;

/// Alerts about a job that no configuration of Prometheus scrapes: they never fire
/// (<https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>).
pub(in crate::detect::deploy) fn unscraped(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let Some(jobs) = jobs(repo) else { return };
    for (path, kept) in repo.kept.iter().filter(|(_, kept)| kept.kind.language == Language::Yaml) {
        if memchr::memmem::find(&kept.bytes, b"job=").is_none() {
            continue;
        }
        let view = repo.file(path, kept);
        let Some(severity) = Standing::of(&view).fault(rule.rule.severity) else { continue };
        for alert in alerts(&view) {
            let Some(text) = alert.expression.as_str() else { continue };
            let Some(at) = job_of(text) else { continue };
            let name = &text[at.clone()];
            if jobs.contains(name) {
                continue;
            }
            let positions = alert.expression.resolved().positions(view.bytes());
            let raw = Raw::at(positions.source(at.clone()))
                .path(path.clone())
                .message(format!("nothing is scraped as {name}: the alert never fires"));
            emit.raw(weighed(raw, severity));
        }
    }
}

/// The names of the jobs that Prometheus scrapes; `None` if there is no configuration of it, or if more may be.
fn jobs(repo: &RepoView) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut has_configuration = false;
    for (path, kept) in repo.kept.iter().filter(|(_, kept)| kept.kind.language == Language::Yaml) {
        let has = |what: &[u8]| memchr::memmem::find(&kept.bytes, what).is_some();
        // Objects of the operator make jobs, relabelling renames them, and other files may bring some.
        if has(b"ServiceMonitor") || has(b"PodMonitor") || has(b"ScrapeConfig") {
            return None;
        }
        if !has(b"scrape_configs:") {
            continue;
        }
        if has(b"scrape_config_files") || has(b"target_label: job") || has(b"honor_labels: true") {
            return None;
        }
        let view = repo.file(path, kept);
        for root in view.yaml().ok()?.roots() {
            has_configuration = true;
            for config in root.get("scrape_configs")?.elements() {
                found.insert(config.lookup("job_name").and_then(YamlNode::as_str)?.to_owned());
            }
        }
    }
    has_configuration.then_some(found)
}

/// The name in `job="name"`, where that is the only job that an expression speaks of.
fn job_of(text: &str) -> Option<std::ops::Range<usize>> {
    let mut places = text.match_indices("job=").filter(|(at, _)| {
        let before = text[..*at].trim_end().chars().next_back();
        matches!(before, Some('{' | ','))
    });
    let (at, _) = places.next().filter(|_| places.next().is_none())?;
    let quote = text[at + 4..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let from = at + 5;
    let len = text[from..].find(quote)?;
    let is_plain = !text[from..from + len].contains(['$', '{', '\\']);
    (len > 0 && is_plain).then_some(from..from + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_of_expressions() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(job_of(text).map(|range| &text[range]), expect, "{text}");
        };
        check("up{job=\"web\"} == 0", Some("web"));
        check("up{instance!=\"a\", job='web'} == 0", Some("web"));
        check("up{job=~\"web.*\"} == 0", None);
        check("up{job=\"$job\"} == 0", None);
        check("up{job=\"a\"} or up{job=\"b\"}", None);
        check("up{cronjob=\"a\"}", None);
    }
}
