use std::ops::Range;

use super::decode;
use super::written::{Credential, Worth, worth};
use crate::detect::{Detector, Emit, KnownBy, Needs, Prepared};
use crate::model::Proof;
use crate::source::FileView;

/// Longer values are data.
const LONGEST: usize = 512;

/// Values between marks that a format defines: an element or an attribute of XML.
///
/// The keywords are the opening marks (`<Pass encoding="base64">`, `userPWD=`). The rule's words:
/// - `until`: the bytes that end the value; by default its quote, or `<`;
/// - `coded`: `base64` if the value is the base64 of the password, else nothing;
/// - `length`: the shortest length a value may have;
/// - `near`: a word that must stand within 400 bytes before or behind.
pub(in crate::detect) struct MarkedValues;

impl Detector for MarkedValues {
    fn name(&self) -> &'static str {
        "marked-value"
    }

    fn reason(&self) -> &'static str {
        "what stands between two marks; it has no form of its own"
    }

    fn known_by(&self) -> KnownBy {
        KnownBy::Use
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let Some(value) = value(text, at.end) else { return };
        let words = |name: &str| rule.rule.detect.words(name).first().map(|word| &**word);
        let found = &text[value.clone()];
        if words("length").and_then(|length| length.parse().ok()).is_some_and(|least| found.len() < least) {
            return;
        }
        if let Some(near) = words("near") {
            let around =
                text[at.start.saturating_sub(400)..text.len().min(value.end + 400)].to_ascii_lowercase();
            if memchr::memmem::find(&around, near.as_bytes()).is_none() {
                return;
            }
        }
        let is_coded = words("coded") == Some("base64");
        let decoded = if is_coded { decode::base64(found) } else { None };
        if is_coded && decoded.is_none() || worth(b"", decoded.as_deref().unwrap_or(found)) != Worth::Literal
        {
            return;
        }
        let credential =
            Credential { span: value.clone(), user: value.start..value.start, password: value, host: None };
        credential.report(rule, view, Proof::Structure, String::new(), emit);
    }
}

/// What stands behind an opening mark: in quotes, or up to the next element.
fn value(text: &[u8], from: usize) -> Option<Range<usize>> {
    let window = &text[from..text.len().min(from + LONGEST)];
    let gap = window.iter().take(64).take_while(|byte| byte.is_ascii_whitespace() || **byte == b'=').count();
    let (start, close) = match window.get(gap)? {
        quote @ (b'"' | b'\'') => (gap + 1, *quote),
        _ => (gap, b'<'),
    };
    let len = window[start..].iter().position(|byte| *byte == close || matches!(byte, b'\n' | b'<'))?;
    let len = window[start..start + len].trim_ascii_end().len();
    (len > 0).then_some(from + start..from + start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_their_mark_says() {
        for (text, expect) in [
            ("=\"a b\" c", Some("a b")),
            (" = 'a'", Some("a")),
            ("a</x>", Some("a")),
            ("\n  a\n</x>", Some("a")),
            ("</x>", None),
            ("\"\"", None),
            ("", None),
        ] {
            assert_eq!(value(text.as_bytes(), 0).map(|r| &text[r]), expect, "{text}");
        }
    }
}
