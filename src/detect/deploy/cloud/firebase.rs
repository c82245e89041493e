use std::ops::Range;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, JsonNode, JsonValue};

/// Rules of Firestore, Storage and the Realtime Database that let everybody write
/// (<https://firebase.google.com/docs/rules/insecure-rules>).
pub(in crate::detect::deploy) fn open_rules(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(Severity::Error).map(|_| rule.rule.severity) else {
        return;
    };
    if view.path().extension() == b"json" {
        if let Ok(document) = view.json()
            && let Some(root) = document.root.as_ref().and_then(|root| root.get("rules"))
        {
            of_database(root, severity, emit);
        }
        return;
    }
    let bytes = view.bytes();
    for at in memchr::memmem::find_iter(bytes, b"allow ") {
        let is_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |n| n + 1);
        let is_comment = memchr::memmem::find(&bytes[line_start..at], b"//").is_some();
        let Some(len) =
            bytes[at..].iter().take(2_000).position(|&b| b == b';').filter(|_| is_word && !is_comment)
        else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(&bytes[at..at + len]) else { continue };
        let (what, condition) =
            text["allow ".len()..].split_once(':').map_or((&text["allow ".len()..], "if true"), |p| p);
        let condition: String = condition.split_whitespace().collect::<Vec<_>>().join(" ");
        let methods: Vec<&str> = what.split(',').map(str::trim).collect();
        let writes = methods.iter().any(|m| matches!(*m, "write" | "create" | "update" | "delete"));
        let lists = methods.iter().any(|m| matches!(*m, "read" | "list" | "get"));
        let span: Range<usize> = at..at + len;
        if condition == "if true" && writes {
            let raw = Raw::at(span).message("everybody may write here, without an account");
            emit.raw(weighed(raw, severity));
        } else if condition == "if true" && lists {
            let raw = Raw::at(span).message("everybody may read this, without an account");
            emit.raw(weighed(raw, Severity::Note));
        } else if condition.starts_with("if request.time <") && !condition.contains("&&") {
            let raw = Raw::at(span)
                .message("until that day everybody may do this, and afterwards nobody: the rules of a trial")
                .fix("Write who may, such as if request.auth != null && request.auth.uid == userId.");
            emit.raw(weighed(raw, severity));
        }
    }
}

/// `".write": true`, at the top or below.
fn of_database(node: &JsonNode, severity: Severity, emit: &mut Emit) {
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        for member in node.members() {
            let is_open = member.node.value == JsonValue::Bool(true) || member.node.as_str() == Some("true");
            if member.key == ".write" && is_open {
                let raw = Raw::at(member.key_span.start..member.node.span.end)
                    .message("everybody may write here, without an account");
                emit.raw(weighed(raw, severity));
            } else if member.key == ".read" && is_open {
                let raw = Raw::at(member.key_span.start..member.node.span.end)
                    .message("everybody may read this, without an account");
                emit.raw(weighed(raw, Severity::Note));
            } else {
                left.push(&member.node);
            }
        }
    }
}
