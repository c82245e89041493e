use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{FileView, YamlNode};

/// Logs that are sent without TLS or a password, by Filebeat and its relatives
/// (<https://www.elastic.co/guide/en/beats/filebeat/current/elasticsearch-output.html>).
pub(in crate::detect::deploy) fn log_shipping(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal || memchr::memmem::find(view.bytes(), b"output").is_none() {
        return;
    }
    let Ok(documents) = view.yaml() else { return };
    for root in documents.roots() {
        for kind in ["elasticsearch", "logstash"] {
            let dotted = format!("output.{kind}");
            let output = root.get(&dotted).or_else(|| root.get("output")?.get(kind));
            let Some(output) = output else { continue };
            let Some(hosts) = output.lookup("hosts") else { continue };
            let is_local = |host: YamlNode| {
                host.as_str().is_some_and(|host| {
                    host.starts_with("https://")
                        || host.contains("localhost")
                        || host.contains("127.0.0.1")
                        || host.contains('$')
                })
            };
            let keys =
                ["username", "api_key", "ssl", "protocol", "ssl.certificate_authorities", "ssl.enabled"];
            let is_guarded = keys.iter().any(|key| output.lookup(key).is_some());
            let all = hosts.elements().take(100).chain(hosts.as_str().map(|_| hosts));
            if is_guarded || all.into_iter().all(is_local) {
                continue;
            }
            let raw = Raw::at(hosts.resolved().span())
                .message(format!("logs go to {kind} without TLS and without a password"))
                .fix("Write https:// hosts and api_key: ${API_KEY}, or ssl.certificate_authorities.");
            emit.raw(weighed(raw, rule.rule.severity));
        }
    }
}
