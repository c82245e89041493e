use std::ops::Range;

use serde_json::Value;

use super::{decode, placeholder, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::rules::rule::Text;
use crate::source::FileView;

/// The object of all registries is never longer than this.
const LONGEST: usize = 32 * 1024;
/// `"auths": { "host": { "auth": "…" } }`: nothing of interest is deeper.
const DEPTH_MAX: usize = 4;
/// No more of a registry's name is told.
const HOST_MAX: usize = 80;

/// Docker's `config.json`: base64 of `user:password` for each registry under `auths`
/// (<https://docs.docker.com/reference/cli/docker/login/#credential-stores>). Credential stores and helpers leave the
/// entries empty, and then nothing is found.
///
/// The object is read where it stands, so that it is found in a file of its own, in a script that writes one,
/// and in what was decoded. The rule's words: `placeholders`, see [`placeholder`].
pub(in crate::detect) struct DockerAuths;

impl Detector for DockerAuths {
    fn name(&self) -> &'static str {
        "docker-auths"
    }

    fn reason(&self) -> &'static str {
        "base64 of a user and a password, in an object that is read"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        for entry in entries(view.bytes(), at.end) {
            let text = view.bytes();
            if !opens_something(&text[entry.auth.clone()], rule.rule.detect.words("placeholders")) {
                continue;
            }
            let host = &text[entry.host.start..entry.host.end.min(entry.host.start + HOST_MAX)];
            let message = format!("signs in to the registry {}", String::from_utf8_lossy(host));
            emit.raw(found(rule, view, entry.auth).message(message));
        }
    }
}

/// The same file in a Kubernetes secret of the type `kubernetes.io/dockerconfigjson`
/// (<https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets>): base64 of it, in which the
/// credentials are base64 again. Files that are templates are left to what decodes everything.
pub(in crate::detect) struct DockerConfigSecrets;

impl Detector for DockerConfigSecrets {
    fn name(&self) -> &'static str {
        "dockerconfigjson"
    }

    fn reason(&self) -> &'static str {
        "a document in base64 within a document"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        // The key alone, not a value that names it.
        let Some(digits) = value_behind(view.bytes(), at.end) else { return };
        let Some(text) = decode::base64_text(&view.bytes()[digits.clone()]) else { return };
        let Ok(Value::Object(config)) = serde_json::from_slice(&text) else { return };
        // The older form has no `auths` around the registries.
        let auths = config.get("auths").and_then(Value::as_object).unwrap_or(&config);
        let words = rule.rule.detect.words("placeholders");
        let text_of = |entry: &Value, key: &str| {
            entry.get(key).and_then(Value::as_str).map(|text| text.as_bytes().to_vec()).unwrap_or_default()
        };
        let mut hosts = auths.iter().filter(|(_, entry)| {
            let password = text_of(entry, "password");
            opens_something(&text_of(entry, "auth"), words)
                || !password.is_empty() && !placeholder::is_placeholder(&password, words)
        });
        let Some((host, _)) = hosts.next() else { return };
        let host: String = host.chars().take(HOST_MAX).collect();
        emit.raw(found(rule, view, digits).message(format!("signs in to the registry {host}")));
    }
}

fn found(rule: &Prepared, view: &FileView, range: Range<usize>) -> Raw {
    let severity = standing::severity(rule.rule.severity, Proof::Structure, view, range.start);
    let mut raw = Raw::at(range.clone());
    raw.severity = (severity != rule.rule.severity).then_some(severity);
    raw.proof = Some(Proof::Structure);
    raw.secrets.push(Secret { range, prefix: 0 });
    raw
}

/// Whether it is base64 of a user and a password that stands for nothing.
fn opens_something(auth: &[u8], placeholders: &[Text]) -> bool {
    decode::user_and_password(auth)
        .is_some_and(|(_, password)| !placeholder::is_placeholder(&password, placeholders))
}

/// The digits of base64 that are given to the name that ends here.
pub(super) fn value_behind(text: &[u8], name_end: usize) -> Option<Range<usize>> {
    let rest = text.get(name_end..)?;
    let marks = |byte: &u8| matches!(byte, b'"' | b'\'' | b' ' | b'\t');
    let before = rest.iter().take(8).take_while(|byte| marks(byte)).count();
    if !matches!(rest.get(before), Some(b':' | b'=')) {
        return None;
    }
    let behind = rest[before + 1..].iter().take(8).take_while(|byte| marks(byte)).count();
    let start = before + 1 + behind;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let digits = rest[start..].iter().take_while(|byte| is_digit(byte)).count();
    // Padding ends a value, so that no two of them share their digits.
    let padding = rest[start + digits..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let length = digits + padding;
    (digits > 0).then(|| name_end + start..name_end + start + length)
}

/// A registry's name and its credentials, both without quotes.
struct Entry {
    host: Range<usize>,
    auth: Range<usize>,
}

/// Reads the object behind the key `"auths"`. Each byte is looked at by no more keys than there are levels.
fn entries(text: &[u8], key_end: usize) -> Vec<Entry> {
    let text = &text[..text.len().min(key_end + LONGEST)];
    let mut entries = Vec::new();
    let mut at = key_end;
    let mut depth = 0;
    let mut host = 0..0;
    // The string before the last colon, and whether a colon was seen behind it.
    let mut string = 0..0;
    let mut is_key = false;
    while let Some(&byte) = text.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {}
            b':' => is_key = true,
            b'{' => {
                depth += 1;
                if depth == 2 {
                    host = string.clone();
                }
                if depth > DEPTH_MAX {
                    break;
                }
                is_key = false;
            }
            b'}' => {
                let Some(less) = depth.checked_sub(1) else { break };
                depth = less;
                if depth == 0 {
                    break;
                }
            }
            b'"' if depth > 0 => {
                let Some(end) = string_end(text, at + 1) else { break };
                let is_auth = is_key && depth == 2 && text[string.clone()] == *b"auth";
                string = at + 1..end;
                if is_auth {
                    entries.push(Entry { host: host.clone(), auth: string.clone() });
                }
                is_key = false;
                at = end;
            }
            _ if depth > 0 => is_key = false,
            _ => break,
        }
        at += 1;
    }
    entries
}

/// Where the quote stands that ends a string.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\n' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)]) {
        let found = entries(text.as_bytes(), text.find("\"auths\"").expect("the key") + 7);
        let found: Vec<_> = found.into_iter().map(|e| (&text[e.host], &text[e.auth])).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn registries_and_their_credentials() {
        check(
            r#"{"auths":{"a.io":{"auth":"xx"},"b.io":{"email":"e","auth" : "yy"}}}"#,
            &[("a.io", "xx"), ("b.io", "yy")],
        );
        check(r#"{"auths": {"a.io": {}}, "credsStore": "x", "auth": "no"}"#, &[]);
        check(r#"{"auths": ["auth", "x"], "auth": "no"}"#, &[]);
        check(r#"{"auths": "auth"}"#, &[]);
        check("'{\"auths\":{\"a.io\":{\"auth\":\"xx\"}}}' > config.json", &[("a.io", "xx")]);
        check(r#"{"auths":{"a":{"b":{"c":{"d":{"auth":"x"}}}}}}"#, &[]);
        check(r#"{"auths":{"a":{"auth":"x"#, &[]);
    }
}
