use std::ops::Range;

use memchr::{memmem, memrchr};

use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Region;
use crate::rules::rule::Text;
use crate::source::FileView;

/// The function around a condition is looked for no further above.
const BACK: usize = 4 << 10;

/// How many lines below the condition are read.
const BELOW: usize = 2;

/// A condition about the kind of build or the environment that lets everybody pass, in a function whose name says that it
/// checks something: `fn authorize() { if cfg!(debug_assertions) { return true; } … }`.
///
/// Words: `checks`, parts of such names; `passes`, statements that let pass; `development`, values of which one must
/// stand in the condition where the keyword is the name of a variable (in capitals).
pub(super) struct DebugBypass;

impl Detector for DebugBypass {
    fn name(&self) -> &'static str {
        "debug-bypass"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let bytes = view.bytes();
        let words = |name| rule.rule.detect.words(name);
        let line = view.line_near(at.start, 512);
        let before = &bytes[line.start..at.start];
        let Some(opens) = memmem::rfind(before, b"if ").or_else(|| memmem::rfind(before, b"if(")) else {
            return;
        };
        let condition = &bytes[line.start + opens..line.end];
        let (left, right) = (&before[opens..], &bytes[at.end..line.end]);
        let is_negated = left.contains(&b'!')
            || memmem::find(left, b"not ").is_some()
            || [&b"!="[..], b"is not"].iter().any(|no| memmem::find(right, no).is_some());
        let is_variable = bytes[at.clone()].iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
        if is_negated
            || is_variable && !has_any(condition, words("development"))
            || view.region_at(at.start) == Region::Comment
        {
            return;
        }
        let mut end = line.end;
        for _ in 0..BELOW {
            if end < bytes.len() {
                end = view.line_near(end + 1, 512).end.max(end + 1).min(bytes.len());
            }
        }
        // Of the code below, comments do not count, and of what stands on the line only what follows.
        let lets_pass = words("passes").iter().any(|statement| {
            memmem::find_iter(&bytes[at.end..end], statement.as_bytes())
                .any(|found| view.region_at(at.end + found) == Region::Code)
        });
        if lets_pass
            && function_around(view, &line).is_some_and(|head| has_any(&head, words("checks")))
            && !is_silenced(rule.rule, view, at.start)
        {
            emit.raw(Raw::at(at));
        }
    }
}

/// The line, in small letters, that opens the function around this one.
fn function_around(view: &FileView, line: &Range<usize>) -> Option<Vec<u8>> {
    let bytes = view.bytes();
    let indent = |text: &[u8]| text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mine = indent(&bytes[line.clone()]);
    let floor = line.start.saturating_sub(BACK);
    let mut end = line.start;
    while end > floor {
        let start = memrchr(b'\n', &bytes[..end - 1]).map_or(0, |at| at + 1);
        let text = &bytes[start..end - 1];
        end = start;
        if text.len() > 512 || indent(text) >= mine || view.region_at(start + indent(text)) == Region::Comment
        {
            continue;
        }
        let opens = [&b"def "[..], b"fn ", b"func ", b"function ", b"=> {", b"bool ", b"boolean "]
            .iter()
            .any(|word| memmem::find(text, word).is_some());
        if opens {
            return Some(text.to_ascii_lowercase());
        }
    }
    None
}

fn has_any(text: &[u8], words: &[Text]) -> bool {
    words.iter().any(|word| memmem::find(text, word.as_bytes()).is_some())
}
