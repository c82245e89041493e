//! Divides text into the words it is made of, as far as they are known: `reset_password_token`,
//! `getHTTPResponse`, `correct-horse-battery-staple`.
//!
//! Two lists: words that names in source code are made of, and words of plain English that seldom stand in
//! names. Both were counted in public source code by `examples/train_randomness`, and hold one word a line,
//! shorter ones first, so that words of one length can be looked up by halving.

mod list;

use std::ops::Range;

use list::{LONGEST_WORD, List};

/// Words that names are made of; some with digits (`sha256`).
static NAMES: List = List::of(include_bytes!("../names.txt"));
/// Words of English that stand in prose, and seldom in names.
static PROSE: List = List::of(include_bytes!("../prose.txt"));

/// Words of two letters that stand alone between joints.
const SHORT: &[&[u8; 2]] = &[
    b"ab", b"ad", b"ai", b"am", b"an", b"as", b"at", b"az", b"be", b"by", b"ca", b"cd", b"ci", b"cn", b"cp",
    b"db", b"de", b"do", b"ec", b"en", b"eq", b"eu", b"fn", b"fr", b"fs", b"ga", b"go", b"gt", b"hw", b"id",
    b"if", b"in", b"io", b"ip", b"is", b"it", b"js", b"kb", b"le", b"lt", b"mb", b"me", b"ms", b"my", b"ne",
    b"no", b"ns", b"of", b"ok", b"on", b"op", b"or", b"os", b"pk", b"py", b"qa", b"rs", b"rx", b"sa", b"sh",
    b"sk", b"sm", b"so", b"st", b"sw", b"to", b"ts", b"tv", b"tx", b"ui", b"up", b"us", b"ux", b"vm", b"we",
];

/// Longer runs of letters are not divided.
const LONGEST_RUN: usize = 64;

/// Whether a word, given in lower case, is one of which names are made.
pub fn is_name_word(word: &[u8]) -> bool {
    match word.len() {
        0 | 1 => false,
        2 => SHORT.iter().any(|short| **short == word),
        _ => NAMES.holds(word),
    }
}

/// Whether a word, given in lower case, is in one of the lists.
pub fn is_word(word: &[u8]) -> bool {
    is_name_word(word) || PROSE.holds(word)
}

/// What a stretch of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// A known word, in lower case, in upper case, or with a capital: perhaps with digits (`sha256`).
    Word,
    /// Digits.
    Digits,
    /// One byte that is neither letter nor digit.
    Sign,
    /// Letters, or bytes that are not ASCII, that make no known word.
    Unknown,
}

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub piece: Piece,
    /// Where it stands.
    pub range: Range<usize>,
}

/// Divides a text; see [`Segments`].
pub fn segments(text: &[u8]) -> Segments<'_> {
    Segments { text, at: 0, run: 0..0, steps: [0; LONGEST_RUN] }
}

/// The segments of a text in order; together they are the whole text.
///
/// Runs of letters are divided where the case says so (`getHTTPResponse`), and runs of several words into
/// the fewest and longest that are known (`accesskeyid`). Work is bounded: a run of more than 64 letters is
/// unknown as a whole.
#[derive(Debug, Clone)]
pub struct Segments<'t> {
    text: &'t [u8],
    at: usize,
    /// The run of letters under way, and for each of its letters the length of the word that begins there
    /// in the best division; 0 for none.
    run: Range<usize>,
    steps: [u8; LONGEST_RUN],
}

impl Iterator for Segments<'_> {
    type Item = Segment;

    fn next(&mut self) -> Option<Segment> {
        let start = self.at;
        if start < self.run.end {
            return Some(self.next_of_run());
        }
        let first = *self.text.get(start)?;
        let rest = &self.text[start..];
        let piece = if first.is_ascii_digit() {
            self.at += rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            Piece::Digits
        } else if first.is_ascii_alphabetic() {
            if let Some(length) = with_digits(rest) {
                self.at += length;
                Piece::Word
            } else {
                self.run = start..start + run_length(rest);
                self.divide();
                return Some(self.next_of_run());
            }
        } else if first.is_ascii() {
            self.at += 1;
            Piece::Sign
        } else {
            self.at += rest.iter().take_while(|byte| !byte.is_ascii()).count();
            Piece::Unknown
        };
        Some(Segment { piece, range: start..self.at })
    }
}

impl Segments<'_> {
    /// The next word, or what stands before it.
    fn next_of_run(&mut self) -> Segment {
        let start = self.at;
        let step = |at: usize| self.steps.get(at - self.run.start).map_or(0, |&step| usize::from(step));
        let length = step(start);
        if length > 0 {
            self.at += length;
            return Segment { piece: Piece::Word, range: start..self.at };
        }
        let end = (start..self.run.end).find(|&at| step(at) > 0).unwrap_or(self.run.end);
        self.at = end;
        Segment { piece: Piece::Unknown, range: start..end }
    }

    /// Finds the words of the run: the most letters in the fewest words, looked up from the end.
    fn divide(&mut self) {
        self.steps = [0; LONGEST_RUN];
        let length = self.run.len();
        if length > LONGEST_RUN {
            return;
        }
        let mut lower = [0; LONGEST_RUN];
        lower[..length].copy_from_slice(&self.text[self.run.clone()]);
        let lower = &mut lower[..length];
        lower.make_ascii_lowercase();
        if is_word(lower) {
            self.steps[0] = length as u8;
            return;
        }
        let mut worth = [0u16; LONGEST_RUN + 1];
        for at in (0..length).rev() {
            worth[at] = worth[at + 1];
            let rest = &lower[at..];
            if !NAMES.begins(rest) && !PROSE.begins(rest) {
                continue;
            }
            for letters in 3..=rest.len().min(LONGEST_WORD) {
                // Words of three letters are everywhere: they count little, and longer ones more than two
                // short ones.
                let with = worth[at + letters] + letters as u16 * 2 - 5;
                if with > worth[at] && (NAMES.holds(&rest[..letters]) || PROSE.holds(&rest[..letters])) {
                    worth[at] = with;
                    self.steps[at] = letters as u8;
                }
            }
        }
        // Keep the steps of the best way alone; and if that leaves letters over, words of three letters
        // were found by chance.
        let mut at = 0;
        let mut covered = 0;
        while at < length {
            let step = usize::from(self.steps[at]);
            let next = at + step.max(1);
            self.steps[at + 1..next].fill(0);
            covered += step;
            at = next;
        }
        if covered < length {
            for step in &mut self.steps[..length] {
                if *step == 3 {
                    *step = 0;
                }
            }
        }
    }
}

/// The length of the known word of letters and digits that the text begins with (`sha256`, `x509`), if it
/// ends where they end.
fn with_digits(text: &[u8]) -> Option<usize> {
    let run = text.iter().take(LONGEST_WORD + 1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let mut lower = [0; LONGEST_WORD];
    let word = lower.get_mut(..run)?;
    word.copy_from_slice(&text[..run]);
    if !word.iter().any(u8::is_ascii_digit) {
        return None;
    }
    word.make_ascii_lowercase();
    NAMES.holds(word).then_some(run)
}

/// How many letters belong together: `get` of `getName`, `HTTP` of `HTTPServer`, `Name` of `NameOf`.
fn run_length(text: &[u8]) -> usize {
    let upper = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let lower = text[upper..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
    match (upper, lower) {
        (_, 0) | (0 | 1, _) => upper + lower,
        // `URLs`, `IDs`.
        (_, 1) if text[upper] == b's' => upper + 1,
        _ => upper - 1,
    }
}

/// The known words of a text.
pub fn known(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    segments(text).filter(|segment| segment.piece == Piece::Word).map(|segment| segment.range)
}

/// How many of a hundred bytes belong to known words.
pub fn covered(text: &[u8]) -> u32 {
    let bytes: usize = known(text).map(|word| word.len()).sum();
    (bytes * 100).checked_div(text.len()).unwrap_or(0) as u32
}

/// Whether a text is made as names in source code are: words that names are made of, joined by case, `_`,
/// `-` or `.`, and perhaps a number that stands for itself (`reset_password_token`, `api.v2.keys`). A single
/// such word is a name, too (`password`); words run together are not (`letmein`), nor is a word with a
/// number (`sunshine42`).
pub fn is_identifier_like(text: &[u8]) -> bool {
    let is_joint =
        |at: Option<usize>| at.and_then(|at| text.get(at)).is_none_or(|byte| b"_-.".contains(byte));
    let mut words = 0;
    let mut last = Piece::Sign;
    for Segment { piece, range } in segments(text) {
        let stands = is_joint(range.start.checked_sub(1)) && is_joint(Some(range.end));
        let fits = match piece {
            Piece::Sign => is_joint(Some(range.start)),
            // A number, or what is left of `v2` behind its letter.
            Piece::Digits => {
                range.len() <= 2 && is_joint(Some(range.end)) && (stands || last == Piece::Unknown)
            }
            // `v` of `v2`, `x` of `offset_x`.
            Piece::Unknown => {
                range.len() == 1 && text[range.start].is_ascii_alphabetic() && last != Piece::Word
            }
            Piece::Word => {
                words += 1;
                (last != Piece::Word || text[range.start].is_ascii_uppercase())
                    && with_lower(&text[range], is_name_word)
            }
        };
        if !fits {
            return false;
        }
        last = piece;
    }
    words > 0
}

/// Asks about a short word in lower case.
fn with_lower(word: &[u8], ask: impl Fn(&[u8]) -> bool) -> bool {
    let mut lower = [0; LONGEST_WORD];
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    ask(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(text: &str) -> String {
        let parts: Vec<&str> = segments(text.as_bytes()).map(|segment| &text[segment.range]).collect();
        parts.join("|")
    }

    #[test]
    fn the_lists_are_sorted() {
        for list in [&NAMES, &PROSE] {
            let words: Vec<&[u8]> =
                list.text.split(|&byte| byte == b'\n').filter(|w| !w.is_empty()).collect();
            assert!(words.len() > 1000);
            assert!(words.windows(2).all(|pair| (pair[0].len(), pair[0]) < (pair[1].len(), pair[1])));
            assert!(words.iter().all(|word| list.holds(word)));
        }
        assert!(!is_word(b"") && !is_word(b"xqzk") && !is_word(b"zzzzzzzzzzzzzzzzzzzzzz"));
    }

    #[test]
    fn text_is_divided_by_case_joints_and_words() {
        for (text, expect) in [
            ("reset_password_token", "reset|_|password|_|token"),
            ("getHTTPResponse", "get|HTTP|Response"),
            ("accesskey", "access|key"),
            ("userIDs", "user|IDs"),
            ("sha256sum", "sha|256|sum"),
            ("sha256_sum", "sha256|_|sum"),
            ("port8080", "port|8080"),
            ("xqzkv", "xqzkv"),
            ("", ""),
        ] {
            assert_eq!(divided(text), expect);
        }
        // Whatever it is, nothing is lost.
        for text in ["ÄÖÜ-ßfoo", "a--b", "ABCDEFGHIJK", "x9$Kq!vT2#mWz8@p"] {
            assert_eq!(divided(text).replace('|', ""), text);
        }
    }

    #[test]
    fn names_are_told_from_passwords() {
        for (text, expect) in [
            ("reset_password_token", true),
            ("AccessToken", true),
            ("db.password", true),
            ("api_v2_key", true),
            ("CLIENT_SECRET", true),
            ("password", true),
            ("sunshine42", false),
            ("letmein", false),
            ("Tr0ub4dor&3", false),
            ("hunter2", false),
            ("Password123", false),
            ("correct-horse-battery-staple", false),
            ("x9Kq_vT2mWz8", false),
            ("", false),
        ] {
            assert_eq!(is_identifier_like(text.as_bytes()), expect, "{text}");
        }
    }

    #[test]
    fn covered_is_a_share() {
        assert_eq!(covered(b"password"), 100);
        assert_eq!(covered(b""), 0);
        assert!(covered(b"password12345678") == 50);
        assert!(covered(b"x9Kqv2mWz8rT5bNq") < 20);
    }
}
