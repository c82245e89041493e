use std::ops::Range;

use memchr::{memchr_iter, memmem};

use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawRelated};
use crate::model::{Language, Region};
use crate::source::FileView;

/// How far below the switch a secret is looked for.
const BELOW: usize = 64 << 10;

/// A shell that prints each command with its variables filled in, and a variable of a secret that it fills in before that is
/// switched off again. In a Dockerfile that is one instruction.
///
/// Words: `secrets`, the ends of names of variables that hold one, in capitals.
pub(super) struct Xtrace;

impl Detector for Xtrace {
    fn name(&self) -> &'static str {
        "xtrace"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let bytes = view.bytes();
        let line = view.line_near(at.start, 512);
        let Some(command) = switches_on(&bytes[line.clone()]) else { return };
        let range = line.start + command.start..line.start + command.end;
        if !range.contains(&at.start) || view.region_at(at.start) != Region::Code {
            return;
        }
        let mut below = range.end..bytes.len().min(range.end + BELOW);
        if view.language() == Language::Dockerfile {
            // Each instruction has a shell of its own.
            below.end = instruction_end(bytes, below.clone());
        }
        let off = memmem::find(&bytes[below.clone()], b"set +x").map_or(below.end, |off| below.start + off);
        let secret = memchr_iter(b'$', &bytes[below.start..off]).map(|dollar| below.start + dollar).find_map(
            |dollar| {
                let start = dollar + 1 + usize::from(bytes.get(dollar + 1) == Some(&b'{'));
                let len =
                    bytes[start..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                let name = &bytes[start..start + len];
                let is_secret =
                    rule.rule.detect.words("secrets").iter().any(|end| name.ends_with(end.as_bytes()));
                // `${X:?}`, `${X:+set}` and `[ -z "$X" ]` are shown too; a comment is not run.
                (is_secret && matches!(view.region_at(dollar), Region::Code | Region::String))
                    .then_some(start..start + len)
            },
        );
        if let Some(secret) = secret {
            emit.raw(Raw::at(range).related(RawRelated {
                path: None,
                range: Some(secret),
                message: "what this holds is printed".into(),
            }));
        }
    }
}

/// The bytes of `set -x`, `set -euxo pipefail` or `set -o xtrace` in a line that begins with it.
fn switches_on(line: &[u8]) -> Option<Range<usize>> {
    let start = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let text = &line[start..];
    let run = if text.starts_with(b"RUN ") { b"RUN ".len() } else { 0 };
    let (start, text) = (start + run, &text[run..]);
    let rest = text.strip_prefix(b"set ")?;
    if rest.starts_with(b"-o xtrace") {
        return Some(start..start + b"set -o xtrace".len());
    }
    let flags = rest.strip_prefix(b"-")?;
    let len = flags.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    flags[..len].contains(&b'x').then_some(start..start + b"set -".len() + len)
}

/// Where the instruction of a Dockerfile ends: at the first line that does not go on below.
fn instruction_end(bytes: &[u8], range: Range<usize>) -> usize {
    memchr_iter(b'\n', &bytes[range.clone()])
        .map(|at| range.start + at)
        .find(|&at| !bytes[..at].trim_ascii_end().ends_with(b"\\"))
        .unwrap_or(range.end)
}
