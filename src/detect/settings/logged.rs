use std::ops::Range;

use super::may_ship;
use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Language, Region};
use crate::source::FileView;

/// A name of a secret that is handed to a log or printed, alone or in a hole of a text.
///
/// Words: `names`, the last words of such names; `callees`, who logs.
pub(super) struct Logged;

impl Detector for Logged {
    fn name(&self) -> &'static str {
        "logged-secret"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        if !may_ship(view, at.start) {
            return;
        }
        let bytes = view.bytes();
        let line = view.line_near(at.start, 512);
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
        let start = at.start - bytes[line.start..at.start].iter().rev().take_while(|b| part(b)).count();
        let end = at.end + bytes[at.end..line.end].iter().take_while(|b| part(b)).count();
        let last = bytes[start..end].rsplit(|b| *b == b'.').next().unwrap_or_default();
        let is_secret = rule.rule.detect.words("names").iter().any(|name| {
            last.len() >= name.len() && {
                let (head, tail) = last.split_at(last.len() - name.len());
                tail.eq_ignore_ascii_case(name.as_bytes()) && (head.is_empty() || head.ends_with(b"_"))
            }
        });
        let (before, after) = (bytes[..start].last().copied(), bytes.get(end).copied());
        let stands_alone = match view.region_at(start) {
            // `{password}` of a format string.
            Region::String => {
                view.language() == Language::Rust
                    && before == Some(b'{')
                    && matches!(after, Some(b'}' | b':'))
            }
            _ => {
                matches!(before, Some(b' ' | b'(' | b',' | b'{' | b'\n' | b'&' | b'+'))
                    && matches!(after, Some(b',' | b')' | b'}' | b'!' | b':' | b'\n'))
            }
        };
        if !is_secret || !stands_alone {
            return;
        }
        // The innermost call around decides: `mask(password)` is another matter.
        let calls = &view.settings().calls;
        let upto = calls.partition_point(|call| call.callee_span.start < start);
        let call = calls[..upto].iter().rev().take(64).find(|call| call.span.contains(&start));
        let is_log = call.is_some_and(|call| {
            rule.rule.detect.words("callees").iter().any(|callee| *call.callee == **callee)
                && !call.callee_span.contains(&start)
        });
        if is_log && view.settings().guard(bytes, start).is_none() && !is_silenced(rule.rule, view, start) {
            let name = String::from_utf8_lossy(last).into_owned();
            emit.raw(Raw::at(start..end).message(format!("`{name}` is written to the log")));
        }
    }
}
