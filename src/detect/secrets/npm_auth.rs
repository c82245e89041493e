use std::ops::Range;

use super::docker_auth::value_behind;
use super::{decode, placeholder, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::FileView;

/// `_auth` and `_password` of npm's configuration: base64 of `user:password`, and of a password
/// (<https://docs.npmjs.com/cli/v11/configuring-npm/npmrc#auth-related-configuration>). They count in an `.npmrc`,
/// and behind the registry they are for: `//registry.example.net/:_auth=…`.
///
/// The rule's words: `placeholders`, see [`placeholder`].
pub(in crate::detect) struct NpmAuth;

impl Detector for NpmAuth {
    fn name(&self) -> &'static str {
        "npm-auth"
    }

    fn reason(&self) -> &'static str {
        "base64 of a user and a password, known by its key"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let registry = registry(text, at.start);
        let before = at.start.checked_sub(1).map_or(b'\n', |before| text[before]);
        let is_npmrc = view.path().name().ends_with(b"npmrc") && before.is_ascii_whitespace();
        if registry.is_none() && !is_npmrc {
            return;
        }
        let Some(range) = value_behind(text, at.end) else { return };
        let value = &text[range.clone()];
        let password = if text[at.clone()].eq_ignore_ascii_case(b"_auth") {
            decode::user_and_password(value).map(|(_, password)| password)
        } else {
            decode::base64_text(value)
        };
        let Some(password) = password else { return };
        if placeholder::is_placeholder(password.trim_ascii(), rule.rule.detect.words("placeholders")) {
            return;
        }
        let severity = standing::severity(rule.rule.severity, Proof::Structure, view, range.start);
        let mut raw = Raw::at(range.clone());
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.proof = Some(Proof::Structure);
        raw.secrets.push(Secret { range, prefix: 0 });
        raw.message = match registry {
            Some(registry) => {
                format!("signs in to the registry {}", String::from_utf8_lossy(&text[registry]))
            }
            None => "signs in to the default registry".to_owned(),
        };
        emit.raw(raw);
    }
}

/// The registry that the name belongs to: `//host/path/:` stands before it.
fn registry(text: &[u8], name: usize) -> Option<Range<usize>> {
    let colon = name.checked_sub(1).filter(|&at| text[at] == b':')?;
    let near = &text[colon.saturating_sub(200)..colon];
    let length =
        near.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || b"/.-_:@".contains(byte)).count();
    let range = colon - length..colon;
    let host = text[range.clone()].strip_prefix(b"//")?.split(|&byte| byte == b'/').next()?;
    (!host.is_empty()).then(|| range.start + 2..range.start + 2 + host.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_stand_before_the_name() {
        for (text, expect) in [
            ("//npm.shop.net/:", Some("npm.shop.net")),
            ("x\n//npm.shop.net:8443/a/b/:", Some("npm.shop.net:8443")),
            ("//:", None),
            ("self.", None),
            (":", None),
            ("", None),
        ] {
            assert_eq!(registry(text.as_bytes(), text.len()).map(|r| &text[r]), expect, "{text}");
        }
    }
}
