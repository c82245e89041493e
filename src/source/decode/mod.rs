//! Encoded stretches of a text: base64 and hex digits, and text with percent signs, escapes or HTML entities
//! in it. Which text is worth decoding is told from its outside: a long run of the right characters, and a
//! result that is text again. Everything else (keys, hashes, images, certificates) is left as it is.

mod digits;
mod in_place;
mod runs;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::ops::Range;

use self::runs::{DIGITS, RUNS};
use super::Positions;
use super::runs::{ENCODED_RUN, LongRuns};

/// How long an encoded run must be in a file, and how long digits must be; shorter ones are names and paths.
const RUN_MIN: usize = 32;
const DIGITS_MIN: usize = 40;
/// The same in a text that was itself decoded: there is little of it, and it is there to hide something.
const INNER_RUN_MIN: usize = ENCODED_RUN;
/// How far around an encoded run its line is decoded along, so that names stand beside their values.
const LINE_REACH: usize = 1024;
/// A longer run is decoded in pieces of this length.
const LINE_MAX: usize = 64 << 10;
/// How far such pieces overlap: no secret is longer.
const OVERLAP: usize = 8 << 10;

/// A stretch of a text, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Which bytes of the encoded text these are.
    pub range: Range<usize>,
    /// What they decode to.
    pub text: Vec<u8>,
    /// The names of the decoders, from outside to inside.
    pub via: &'static [&'static str],
    /// Where the decoded bytes come from, counted as `range` is.
    pub positions: Positions,
    /// Whether text that is not encoded stands in it too: a line with escapes in it.
    pub is_mixed: bool,
}

/// Finds and decodes the encoded stretches of a text, in order. They overlap only where a very long run of escapes is
/// decoded in pieces.
///
/// The work is linear in the text and in the budget: of ordinary source code only a few bytes of every stretch are
/// looked at.
pub struct Decoding<'t> {
    text: &'t [u8],
    /// Where long runs begin that are not looked at yet.
    runs: &'t [usize],
    /// Up to here the text was looked at.
    done: usize,
    /// What was found and not decoded yet.
    found: VecDeque<Stretch>,
    is_cut: bool,
    /// How long an encoded run must be.
    min: usize,
    /// And how long digits.
    digits_min: usize,
}

impl<'t> Decoding<'t> {
    /// Nothing is decoded yet.
    pub fn new(text: &'t [u8], runs: &'t LongRuns) -> Self {
        Self {
            text,
            runs: runs.encoded(),
            done: 0,
            found: VecDeque::new(),
            is_cut: false,
            min: RUN_MIN,
            digits_min: DIGITS_MIN,
        }
    }

    /// The same for a text that was decoded: shorter stretches count.
    pub fn of_decoded(text: &'t [u8], runs: &'t LongRuns) -> Self {
        Self { min: INNER_RUN_MIN, digits_min: INNER_RUN_MIN, ..Self::new(text, runs) }
    }

    /// The next stretch. `budget` is how many bytes may be decoded, and is counted down.
    pub fn next(&mut self, budget: &mut usize) -> Option<Decoded> {
        loop {
            while let Some(stretch) = self.found.pop_front() {
                if *budget == 0 {
                    self.is_cut = true;
                    return None;
                }
                let Some(decoded) = stretch.decode(self.text, *budget) else { continue };
                self.is_cut |= decoded.text.len() >= *budget;
                *budget = budget.saturating_sub(decoded.text.len());
                return Some(decoded);
            }
            let run = self.next_run()?;
            self.done = self.look_at(run);
        }
    }

    /// The next run that is long enough, of what was not looked at yet.
    fn next_run(&mut self) -> Option<Range<usize>> {
        while let [first, rest @ ..] = self.runs {
            if let Some(run) = runs::at(RUNS, self.text, self.done.max(*first), self.min) {
                return Some(run);
            }
            self.runs = rest;
        }
        None
    }

    /// Whether something was left out because the budget did not suffice.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Notes what is to be decoded of a run, and says up to where the text is done with that.
    fn look_at(&mut self, run: Range<usize>) -> usize {
        // A run may be a whole file.
        let near = run.start..run.end.min(run.start + LINE_MAX);
        if let Some(decoder) = in_place::Decoder::of(&self.text[near.clone()]) {
            let line = line_around(self.text, &near, self.done);
            let end = if near.end < run.end { near.end - OVERLAP } else { line.end };
            self.found.push_back(Stretch::Line(decoder, line));
            return end;
        }
        // Digits may begin before the run, and go on where it ends.
        let before = &self.text[self.done.min(run.start)..run.start];
        let mut at = run.start - runs::length_at_end(DIGITS, before);
        while at < run.end {
            let next = runs::next(DIGITS, self.text, at, self.digits_min, |gap| gap + 1 < run.end);
            let Ok(mut digits) = next.map(|digits| digits.start..digits.end) else { break };
            if self.text[digits.clone()].starts_with(b"0x") {
                digits.start += 2;
            }
            at = digits.end + 1;
            if digits.len() >= self.digits_min && digits::may_be_text(&self.text[digits.clone()]) {
                let stretch = digits::Stretch::read(self.text, digits.clone());
                at = stretch.end().max(digits.end);
                self.found.push_back(Stretch::Digits(stretch));
            }
        }
        at.max(run.end)
    }
}

/// Something that looks encoded.
enum Stretch {
    Digits(digits::Stretch),
    Line(in_place::Decoder, Range<usize>),
}

impl Stretch {
    fn decode(&self, text: &[u8], budget: usize) -> Option<Decoded> {
        match self {
            Self::Digits(digits) => digits.decode(text, budget),
            Self::Line(decoder, range) => decoder.decode(text, range, budget),
        }
    }
}

/// The line of a run as far as it is near, and not before `done`. It does not end within another run: what is cut
/// is found by halves.
fn line_around(text: &[u8], run: &Range<usize>, done: usize) -> Range<usize> {
    let near = run.start.saturating_sub(LINE_REACH).max(done.min(run.start));
    let before = &text[near..run.start];
    let start = match memchr::memrchr(b'\n', before) {
        Some(newline) => near + newline + 1,
        None if near == 0 || near == done => near,
        None => near + runs::length(RUNS, before),
    };
    let far = text.len().min(run.end + LINE_REACH);
    let behind = &text[run.end..far];
    let end = match memchr::memchr(b'\n', behind) {
        Some(newline) => run.end + newline,
        None if far == text.len() => far,
        None => far - runs::length_at_end(RUNS, behind),
    };
    start..end
}

/// Whether bytes are text that somebody wrote: printable, nearly all of it ASCII.
fn is_text(bytes: &[u8]) -> bool {
    let control = bytes.iter().filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()).count();
    let ascii = bytes.iter().filter(|byte| byte.is_ascii()).count();
    control * 50 <= bytes.len() && ascii * 10 >= bytes.len() * 9
}
