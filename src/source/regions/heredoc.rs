//! Here-documents: texts that begin on the line behind the one that names their end.

use super::{Stretches, line_end};
use crate::model::Region;

/// One that was named on this line and begins on the next.
#[derive(Debug, Clone)]
pub(super) struct Heredoc {
    /// The bytes of the word that ends it.
    pub(super) word: std::ops::Range<usize>,
    /// Whether the last line may be indented.
    pub(super) indented: bool,
    /// Whether the last line may go on behind the word (PHP since 7.3).
    pub(super) open_ended: bool,
}

/// Reads the bodies of all that wait, from the line end at `at` on. Returns where the line behind them
/// begins.
pub(super) fn bodies(
    text: &[u8],
    mut at: usize,
    end: usize,
    waiting: &mut Vec<Heredoc>,
    out: &mut Stretches,
) -> usize {
    let from = at;
    for heredoc in waiting.drain(..) {
        let word = &text[heredoc.word.clone()];
        loop {
            if at >= end {
                out.push(from, end, Region::String);
                return end;
            }
            let stop = line_end(text, at, end);
            let mut line = &text[at..stop];
            if heredoc.indented {
                line = line.trim_ascii_start();
            }
            let line_is_last = if heredoc.open_ended {
                line.strip_prefix(word).is_some_and(|rest| !rest.first().is_some_and(|&b| super::is_name(b)))
            } else {
                line.strip_suffix(b"\r").unwrap_or(line) == word
            };
            if line_is_last && heredoc.open_ended {
                at = stop - line.len() + word.len();
                break;
            }
            at = (stop + 1).min(end);
            if line_is_last {
                break;
            }
        }
    }
    out.push(from, at, Region::String);
    at
}
