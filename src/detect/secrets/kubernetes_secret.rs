use std::ops::Range;

use super::kubeconfig::{inside, manifest, own};
use super::{decode, placeholder, randomness, standing};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::rules::rule::Text;
use crate::source::{FileView, YamlNode};

/// The values of a Kubernetes secret (<https://kubernetes.io/docs/concepts/configuration/secret/>): base64 under
/// `data`, as they are under `stringData`.
///
/// A value is judged decoded, together with its key. The rule's words:
/// - `secrets`: parts of keys (lower case, letters and digits alone) that say it is a credential;
/// - `public`: parts of keys that say it is none;
/// - `placeholders`: see [`placeholder`].
///
/// A `SealedSecret` and an `ExternalSecret` are of another kind; what SOPS encrypted (`ENC[…]`) is no base64 and
/// stands for nothing; a template does not parse. Nothing is said of any of them.
pub(in crate::detect) struct SecretData;

impl Detector for SecretData {
    fn name(&self) -> &'static str {
        "kubernetes-secret"
    }

    fn reason(&self) -> &'static str {
        "a member of a document, judged by what it decodes to"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(secret) = manifest(view, at.start, "Secret") else { return };
        for (section, is_encoded) in [("data", true), ("stringData", false)] {
            for (key, value) in own(secret, section).into_iter().flat_map(YamlNode::members) {
                let (Some(name), Some(text)) = (key.as_str(), value.as_str()) else { continue };
                if value.is_alias() {
                    continue;
                }
                let decoded = if is_encoded {
                    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                    decode::base64_text(&digits)
                } else {
                    Some(text.as_bytes().to_vec())
                };
                let Some(decoded) = decoded else { continue };
                let range = inside(view, value);
                let words = |list: &str| rule.rule.detect.words(list);
                let Some((proof, holds)) = judge(name, decoded.trim_ascii(), words) else {
                    // Too little to report, and whoever wrote it took it for a secret.
                    emit.mask(Secret { range, prefix: 0 });
                    continue;
                };
                let severity = standing::severity(rule.rule.severity, proof, view, range.start);
                let mut raw = Raw::at(range.clone());
                raw.severity = (severity != rule.rule.severity).then_some(severity);
                raw.proof = Some(proof);
                raw.secrets.push(Secret { range, prefix: 0 });
                let coat = if is_encoded { ", in base64, which hides nothing" } else { "" };
                raw.message = format!("a Kubernetes secret holds {holds}{coat}");
                emit.raw(raw);
            }
        }
    }
}

/// What a value of a secret is, if it is one.
fn judge<'w>(name: &str, value: &[u8], words: impl Fn(&str) -> &'w [Text]) -> Option<(Proof, &'static str)> {
    let has = |what: &[u8]| memchr::memmem::find(value, what).is_some();
    if has(b"-----BEGIN ") {
        return (has(b"PRIVATE KEY-----") && has(b"-----END "))
            .then_some((Proof::Structure, "a private key"));
    }
    if placeholder::is_placeholder(value, words("placeholders")) && !has(b"\n") {
        return None;
    }
    let bare: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let names = |list: &str| words(list).iter().any(|part| bare.contains(&**part));
    if names("public") || value.iter().any(u8::is_ascii_whitespace) {
        return None;
    }
    if names("secrets") && value.len() >= 4 {
        return Some((Proof::Structure, "a credential"));
    }
    randomness::is_random(value).then_some((Proof::Random, "a value that looks random"))
}
