use std::ops::Range;

use memchr::memrchr;

use super::setting::Setting;
use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::model::Language;
use crate::rules::rule::Text;
use crate::source::FileView;

/// How far back is looked for the call or the condition around a place.
const BACK: usize = 4 << 10;

/// `debug=True` in Python: as an argument of a call that starts an application, or as a setting of a module
/// that says nothing of development. What an `if` guards is passed over.
///
/// In other languages it is a setting: see [`Setting`], whose words it takes too.
///
/// Words: `callees`, the calls by the end of their name (`app.run`); `modules`, parts of the file names that
/// hold settings; `development`, parts of names of files and classes that are not for production.
pub(super) struct DebugMode;

impl Detector for DebugMode {
    fn name(&self) -> &'static str {
        "debug-mode"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let bytes = view.bytes();
        let words = |name| rule.rule.detect.words(name);
        if view.language() != Language::Python {
            // Everywhere else it is a setting, by its name and value.
            return Setting.hit(rule, view, at, emit);
        }
        if !bytes[at.clone()].ends_with(b"True") || bytes.get(at.end).is_some_and(|&b| is_name(b)) {
            return;
        }
        // The hit may begin inside a name: `FLASK_DEBUG = True`, `app.debug = True`.
        let line = view.line_near(at.start, 1024);
        let name_len = bytes[line.start..at.start]
            .iter()
            .rev()
            .take_while(|&&b| is_name(b) || matches!(b, b'.' | b'[' | b'\'' | b'"'))
            .count();
        let start = at.start - name_len;
        let name = &bytes[start..at.end];
        let name = &name[..name.iter().position(|b| matches!(b, b'=' | b' ')).unwrap_or(name.len())];
        if contains_any(&lower(view.path().as_bytes()), words("development")) {
            return;
        }
        let is_statement = bytes[line.start..start].trim_ascii().is_empty();
        let found = match enclosing_call(view, start) {
            Some(callee) => name.eq_ignore_ascii_case(b"debug") && ends_with_any(callee, words("callees")),
            None if is_statement && is_application(name) => true,
            None => {
                is_statement && name == b"DEBUG" && contains_any(&lower(view.path().name()), words("modules"))
            }
        };
        if found
            && !is_guarded(view, line.start, start, words("development"))
            && !is_silenced(rule.rule, view, start)
        {
            let on = at.end - b"True".len()..at.end;
            let change = RawChange::replace("switches it off", on, "False");
            emit.raw(Raw::at(start..at.end).change(Some(change)));
        }
    }
}

/// `app.debug`, `app.config["DEBUG"]`, `application.config['DEBUG']`.
fn is_application(name: &[u8]) -> bool {
    [&b"app"[..], b"application"].iter().any(|app| {
        name.strip_prefix(*app).is_some_and(|rest| {
            matches!(rest, b".debug" | b".config[\"DEBUG\"]" | b".config['DEBUG']" | b".config.DEBUG")
        })
    })
}

/// The name before the parenthesis that is open at `at`.
fn enclosing_call<'a>(view: &FileView<'a>, at: usize) -> Option<&'a [u8]> {
    let bytes = view.bytes();
    let floor = at.saturating_sub(BACK);
    let mut depth = 0_usize;
    let mut here = at;
    while here > floor {
        here -= 1;
        match bytes[here] {
            b')' | b']' | b'}' | b'(' | b'[' | b'{' => {
                if let Some(stretch) = view.regions().stretch_at(here) {
                    here = stretch.range.start;
                    continue;
                }
                if matches!(bytes[here], b')' | b']' | b'}') {
                    depth += 1;
                } else if depth > 0 {
                    depth -= 1;
                } else if bytes[here] == b'(' {
                    let before = bytes[floor..here].trim_ascii_end();
                    let len = before.iter().rev().take_while(|&&b| is_name(b) || b == b'.').count();
                    return Some(&before[before.len() - len..]);
                } else {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether a line above, less indented, makes this depend on something: an `if` (but for `__name__`), a function
/// whose argument decides, a class for development.
fn is_guarded(view: &FileView, line_start: usize, start: usize, development: &[Text]) -> bool {
    let bytes = view.bytes();
    let mut indent = bytes[line_start..start].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut end = line_start;
    let floor = line_start.saturating_sub(BACK);
    while indent > 0 && end > floor {
        let from = memrchr(b'\n', &bytes[..end - 1]).map_or(0, |n| n + 1);
        let line = &bytes[from..end - 1];
        end = from;
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let its = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if its >= indent {
            continue;
        }
        indent = its;
        let word = &text[..text.iter().take_while(|&&b| is_name(b)).count()];
        let guards = match word {
            b"if" | b"elif" | b"while" => !text[2..].trim_ascii_start().starts_with(b"__name__"),
            b"else" | b"except" | b"case" => true,
            b"class" | b"def" => contains_any(&lower(text), development),
            _ => false,
        };
        if guards {
            return true;
        }
        if end == 0 {
            break;
        }
    }
    false
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn lower(text: &[u8]) -> Vec<u8> {
    text.to_ascii_lowercase()
}

fn contains_any(text: &[u8], words: &[Text]) -> bool {
    words.iter().any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// Whether the name is one of these or ends with `.` and one of these.
fn ends_with_any(name: &[u8], words: &[Text]) -> bool {
    words.iter().any(|word| {
        name.strip_suffix(word.as_bytes())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(b".") || rest.ends_with(b"_"))
    })
}
