use std::ops::Range;

use super::written::{self, Credential, FirstOf, Worth, is_concrete};
use crate::detect::{Detector, Emit, Needs, Prepared};
use crate::model::Proof;
use crate::source::{FileView, JsonNode, JsonValue};

/// A state with more of them needs no list.
const FINDINGS_MAX: usize = 50;

/// Secrets in the state that Terraform writes: it keeps every attribute as plain text
/// (<https://developer.hashicorp.com/terraform/language/state/sensitive-data>).
///
/// The rule's words: `attributes`, names (lower case) of attributes whose values are secrets; `*x` is an end.
pub(in crate::detect) struct TerraformStates;

impl Detector for TerraformStates {
    fn name(&self) -> &'static str {
        "terraform-state"
    }

    fn reason(&self) -> &'static str {
        "an attribute of a state; the value has no form of its own"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, rule: &Prepared, view: &FileView, emit: &mut Emit) {
        let Ok(document) = view.json() else { return };
        let Some(root) = &document.root else { return };
        let wanted = rule.rule.detect.words("attributes");
        let mut found = Vec::new();
        let mut left = vec![root];
        while let Some(node) = left.pop() {
            match &node.value {
                JsonValue::Array(nodes) => left.extend(nodes),
                JsonValue::Object(members) => {
                    for member in members {
                        let key = member.key.to_ascii_lowercase();
                        let is_wanted = wanted.iter().any(|name| match name.strip_prefix('*') {
                            Some(end) => key.ends_with(end),
                            None => key == **name,
                        });
                        match secret(&member.node).filter(|_| is_wanted) {
                            Some(range) => found.push((range, key)),
                            None => left.push(&member.node),
                        }
                    }
                }
                _ => {}
            }
        }
        found.sort_by_key(|(range, _)| range.start);
        let mut first = FirstOf::new(FINDINGS_MAX);
        for (range, key) in found {
            let credential = Credential {
                span: range.clone(),
                user: range.start..range.start,
                password: range,
                host: None,
            };
            let message = format!("the attribute {key} in a Terraform state");
            first.report(credential, rule, view, Proof::Structure, message, emit);
        }
    }
}

/// The inside of a string that is a secret's value.
fn secret(node: &JsonNode) -> Option<Range<usize>> {
    let value = node.as_str()?.as_bytes();
    // Keys have line ends in them, and are secrets for certain.
    let is_key = memchr::memmem::find(value, b"PRIVATE KEY-----").is_some();
    let is_value = is_concrete(value) && written::worth(b"", value) == Worth::Literal;
    (is_key || is_value).then_some(node.span.start + 1..node.span.end.saturating_sub(1))
}
