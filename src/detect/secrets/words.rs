//! Divides text into the words it is made of, as far as they are known: `reset_password_token`,
//! `getHTTPResponse`, `correct-horse-battery-staple`.
//!
//! Two lists: words that names in source code are made of, and words of plain English that seldom stand in
//! names. Both were counted in public source code by `examples/train_randomness`, and hold one word a line,
//! shorter ones first, so that words of one length can be looked up by halving.

use std::ops::Range;

/// Words that names are made of; some with digits (`sha256`).
static NAMES: List = List::of(include_bytes!("names.txt"));
/// Words of English that stand in prose, and seldom in names.
static PROSE: List = List::of(include_bytes!("prose.txt"));

/// Words of two letters that stand alone between joints.
const SHORT: &[&[u8; 2]] = &[
    b"ab", b"ad", b"ai", b"am", b"an", b"as", b"at", b"az", b"be", b"by", b"ca", b"cd", b"ci", b"cn", b"cp",
    b"db", b"de", b"do", b"ec", b"en", b"eq", b"eu", b"fn", b"fr", b"fs", b"ga", b"go", b"gt", b"hw", b"id",
    b"if", b"in", b"io", b"ip", b"is", b"it", b"js", b"kb", b"le", b"lt", b"mb", b"me", b"ms", b"my", b"ne",
    b"no", b"ns", b"of", b"ok", b"on", b"op", b"or", b"os", b"pk", b"py", b"qa", b"rs", b"rx", b"sa", b"sh",
    b"sk", b"sm", b"so", b"st", b"sw", b"to", b"ts", b"tv", b"tx", b"ui", b"up", b"us", b"ux", b"vm", b"we",
];

/// The longest word of the lists.
const LONGEST_WORD: usize = 16;
/// Longer runs of letters are not divided.
const LONGEST_RUN: usize = 64;

/// A list of words, one a line, sorted by length and then by letter.
struct List {
    text: &'static [u8],
    /// Where the words of each length begin; those of length `n` end where those of `n + 1` begin.
    starts: [u32; LONGEST_WORD + 2],
    /// One bit for each three letters that a word begins with.
    beginnings: [u8; 26 * 26 * 26 / 8 + 1],
}

impl List {
    const fn of(text: &'static [u8]) -> Self {
        let mut list = Self { text, starts: [0; LONGEST_WORD + 2], beginnings: [0; 26 * 26 * 26 / 8 + 1] };
        let (mut at, mut length) = (0, 0);
        while at < text.len() {
            let mut end = at;
            while end < text.len() && text[end] != b'\n' {
                end += 1;
            }
            while length < end - at {
                length += 1;
                list.starts[length] = at as u32;
            }
            if let Some(bit) = beginning(text, at) {
                list.beginnings[bit / 8] |= 1 << (bit % 8);
            }
            at = end + 1;
        }
        while length < LONGEST_WORD + 1 {
            length += 1;
            list.starts[length] = text.len() as u32;
        }
        list
    }

    /// Whether the list holds the word, given in lower case.
    fn holds(&self, word: &[u8]) -> bool {
        let length = word.len();
        if length < 3 || length > LONGEST_WORD {
            return false;
        }
        let lines = &self.text[self.starts[length] as usize..self.starts[length + 1] as usize];
        let (mut low, mut high) = (0, lines.len() / (length + 1));
        while low < high {
            let middle = usize::midpoint(low, high);
            let at = middle * (length + 1);
            match lines[at..at + length].cmp(word) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        false
    }

    /// Whether any word begins like the text.
    fn begins(&self, text: &[u8]) -> bool {
        text.len() >= 3
            && beginning(text, 0).is_some_and(|bit| self.beginnings[bit / 8] & 1 << (bit % 8) != 0)
    }
}

/// The number of the three lower-case letters that stand there.
const fn beginning(text: &[u8], at: usize) -> Option<usize> {
    let mut number = 0;
    let mut next = at;
    while next < at + 3 {
        if next >= text.len() || !text[next].is_ascii_lowercase() {
            return None;
        }
        number = number * 26 + (text[next] - b'a') as usize;
        next += 1;
    }
    Some(number)
}

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
