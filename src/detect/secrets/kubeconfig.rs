use std::ops::Range;

use super::docker_auth::value_behind;
use super::{decode, placeholder, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::source::{FileView, YamlNode};

/// A manifest has a handful of keys; whatever has more is none, and not worth a search at each hit.
const KEYS_MAX: usize = 64;
/// No token is shorter.
const SHORTEST_TOKEN: usize = 8;

/// `client-key-data` of a kubeconfig: base64 of a private key in PEM
/// (<https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo>).
pub(in crate::detect) struct ClientKeys;

impl Detector for ClientKeys {
    fn name(&self) -> &'static str {
        "kubeconfig-client-key"
    }

    fn reason(&self) -> &'static str {
        "a member of a document, proven by parsing the key in it"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(range) = value_behind(view.bytes(), at.end) else { return };
        let Some(key) = decode::base64_text(&view.bytes()[range.clone()]) else { return };
        let has = |what: &[u8]| memchr::memmem::find(&key, what).is_some();
        if !has(b"-----BEGIN ") || !has(b"PRIVATE KEY-----") || !has(b"-----END ") {
            return;
        }
        let severity = standing::severity(rule.rule.severity, Proof::Structure, view, range.start);
        let encrypted = has(b"ENCRYPTED");
        let severity = if encrypted { standing::one_lower(severity) } else { severity };
        let mut raw = Raw::at(range.clone());
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        raw.proof = Some(Proof::Structure);
        raw.secrets.push(Secret { range, prefix: 0 });
        raw.message = if encrypted {
            "signs in to a cluster as its user, if one knows the passphrase".to_owned()
        } else {
            "signs in to a cluster as its user".to_owned()
        };
        emit.raw(raw);
    }
}

/// Tokens and passwords of the users of a kubeconfig. The rule's words: `keys`, what holds one; `placeholders`, see
/// [`placeholder`].
pub(in crate::detect) struct UserTokens;

impl Detector for UserTokens {
    fn name(&self) -> &'static str {
        "kubeconfig-token"
    }

    fn reason(&self) -> &'static str {
        "a member of a user's entry; the value has no form of its own"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(config) = manifest(view, at.start, "Config") else { return };
        for user in own(config, "users").into_iter().flat_map(YamlNode::elements) {
            let Some(user) = own(user, "user").filter(|user| user.members().len() <= KEYS_MAX) else {
                continue;
            };
            let provider = own(user, "auth-provider").and_then(|provider| own(provider, "config"));
            for (key, value) in user.members().chain(provider.into_iter().flat_map(YamlNode::members)) {
                let (Some(name), Some(token)) = (key.as_str(), value.as_str()) else { continue };
                let detect = &rule.rule.detect;
                if value.is_alias()
                    || !detect.words("keys").iter().any(|known| **known == *name)
                    || token.len() < SHORTEST_TOKEN
                    || placeholder::is_placeholder(token.as_bytes(), detect.words("placeholders"))
                {
                    continue;
                }
                let range = inside(view, value);
                let severity = standing::severity(rule.rule.severity, Proof::Context, view, range.start);
                let mut raw = Raw::at(range.clone());
                raw.severity = (severity != rule.rule.severity).then_some(severity);
                raw.proof = Some(Proof::Context);
                raw.secrets.push(Secret { range, prefix: 0 });
                emit.raw(raw);
            }
        }
    }
}

/// The mapping of this `kind`, if the hit stands in that very line of it: a manifest, alone or in a list of them.
/// A file that is a template is no manifest.
pub(super) fn manifest<'v>(view: &'v FileView, hit: usize, kind: &str) -> Option<YamlNode<'v, 'v>> {
    let documents = view.yaml().ok()?;
    let mut mapping = documents.at(hit)?;
    // A JSON key's quote belongs to its node, a YAML key is the node.
    if mapping.as_str().is_some() {
        mapping = mapping.parent()?;
    }
    let members = mapping.members();
    if members.len() == 0 || members.len() > KEYS_MAX {
        return None;
    }
    let (key, value) = mapping.member("kind")?;
    let is_here = (key.span().start..value.span().end.max(key.span().end)).contains(&hit);
    (is_here && value.as_str() == Some(kind)).then_some(mapping)
}

/// The value of this key, if it stands here: an alias may be used any number of times, and each use would be a walk
/// through the same.
pub(super) fn own<'d, 'a>(mapping: YamlNode<'d, 'a>, key: &str) -> Option<YamlNode<'d, 'a>> {
    let has_few = !mapping.is_alias() && mapping.members().len() <= KEYS_MAX;
    mapping.get(key).filter(|value| has_few && !value.is_alias())
}

/// The bytes of a scalar without its quotes.
pub(super) fn inside(view: &FileView, value: YamlNode) -> Range<usize> {
    let range = value.span();
    let is_quoted = range.len() >= 2 && matches!(view.bytes()[range.start], b'"' | b'\'') && {
        view.bytes()[range.start] == view.bytes()[range.end - 1]
    };
    if is_quoted { range.start + 1..range.end - 1 } else { range }
}
