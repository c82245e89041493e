use std::ops::Range;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{FileView, YamlNode};

/// An output of Fluent Bit: its keys in small letters, their values, and where those stand.
struct Output {
    keys: Vec<(String, String, Range<usize>)>,
}

impl Output {
    fn get(&self, name: &str) -> Option<&(String, String, Range<usize>)> {
        self.keys.iter().find(|(key, ..)| key == name)
    }

    /// What it sends to, and the bytes of the host, if that is another machine and nothing is encrypted.
    fn in_clear(&self) -> Option<(String, Range<usize>)> {
        /// What speaks TLS only if it is told to.
        const PLAIN: &[&str] =
            &["es", "opensearch", "http", "splunk", "loki", "forward", "gelf", "syslog", "influxdb"];
        let (_, kind, _) =
            self.get("name").filter(|(_, kind, _)| PLAIN.contains(&&*kind.to_ascii_lowercase()))?;
        let (_, host, span) = self.get("host")?;
        let is_near = matches!(&**host, "localhost" | "127.0.0.1" | "::1") || host.contains('$');
        let is_encrypted = self.get("tls").is_some_and(|(_, tls, _)| {
            matches!(&*tls.to_ascii_lowercase(), "on" | "true" | "yes") || tls.contains('$')
        });
        (!is_near && !is_encrypted).then(|| (kind.to_ascii_lowercase(), span.clone()))
    }
}

/// The sections `[OUTPUT]` of a file of Fluent Bit's, a key and its value a line.
fn outputs(view: &FileView) -> Vec<Output> {
    let Ok(text) = std::str::from_utf8(view.bytes()) else { return Vec::new() };
    let mut found: Vec<Output> = Vec::new();
    let mut is_output = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim();
        if content.starts_with('[') {
            is_output = content.eq_ignore_ascii_case("[OUTPUT]");
            if is_output {
                found.push(Output { keys: Vec::new() });
            }
            continue;
        }
        let Some((key, value)) =
            content.split_once([' ', '\t']).filter(|_| is_output && !content.starts_with('#'))
        else {
            continue;
        };
        let value = value.trim();
        let from = at + (value.as_ptr() as usize - line.as_ptr() as usize);
        if let Some(output) = found.last_mut() {
            output.keys.push((key.to_ascii_lowercase(), value.to_owned(), from..from + value.len()));
        }
    }
    found
}

/// Logs that are sent without TLS or a password, by Filebeat and its relatives
/// (<https://www.elastic.co/guide/en/beats/filebeat/current/elasticsearch-output.html>), and by Fluent Bit
/// (<https://docs.fluentbit.io/manual/administration/transport-security>).
pub(in crate::detect::deploy) fn log_shipping(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if Standing::of(view) == Standing::Rehearsal || !(has(b"output") || has(b"OUTPUT")) {
        return;
    }
    let mut say = |span: Range<usize>, kind: &str| {
        let raw = Raw::at(span)
            .message(format!("logs go to {kind} without TLS"))
            .fix("Write tls on and tls.verify on.");
        emit.raw(weighed(raw, rule.rule.severity));
    };
    if view.path().extension() == b"conf" {
        for output in outputs(view) {
            if let Some((kind, host)) = output.in_clear() {
                say(host, &kind);
            }
        }
        return;
    }
    let Ok(documents) = view.yaml() else { return };
    for root in documents.roots() {
        let pipeline = root.get("pipeline").and_then(|pipeline| pipeline.get("outputs"));
        for node in pipeline.into_iter().flat_map(YamlNode::elements).take(1_000) {
            let keys = node.members().filter_map(|(key, value)| {
                Some((
                    key.as_str()?.to_ascii_lowercase(),
                    value.as_str()?.to_owned(),
                    value.resolved().span(),
                ))
            });
            if let Some((kind, host)) = (Output { keys: keys.collect() }).in_clear() {
                say(host, &kind);
            }
        }
    }
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
