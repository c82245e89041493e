use std::cell::OnceCell;
use std::fmt::Write as _;
use std::ops::Range;

use bstr::ByteSlice;

use crate::model::{Secret, VENDOR_PREFIX_MAX, shown};

/// From this many characters on, the last two of a secret are shown: enough to tell two keys of one
/// vendor apart, and no help to anybody who guesses.
const TAIL_FROM: usize = 16;
/// The last two are shown only while at least this many characters stay hidden.
const HIDDEN_MIN: usize = 8;

/// All stretches of a file that nobody may see, made ready once for all windows of the file.
///
/// Secrets that overlap become one mask, which shows no more than each of them allows.
#[derive(Debug, Clone, Default)]
pub struct Masks {
    /// Disjoint, in order.
    masks: Vec<Mask>,
    /// The same by their bytes, once somebody asks where they stand again.
    known: OnceCell<KnownSecrets>,
}

#[derive(Debug, Clone)]
struct Mask {
    range: Range<usize>,
    /// How many of the first bytes are public.
    prefix: usize,
    /// Where the shortest secret begins that decides about the last two characters; `None` if they
    /// belong to a secret that goes on or ends elsewhere.
    tail_of: Option<usize>,
    /// How many characters it has, once they were counted: a mask may be long and shown many times.
    length: OnceCell<usize>,
}

impl Masks {
    /// Takes secrets in any order; they may overlap.
    pub fn new(secrets: &[Secret]) -> Self {
        let mut sorted: Vec<&Secret> = secrets.iter().filter(|s| s.range.start < s.range.end).collect();
        sorted.sort_by_key(|s| (s.range.start, s.range.end));
        let mut masks = Vec::with_capacity(sorted.len());
        let mut rest = &sorted[..];
        while let Some(first) = rest.first() {
            let mut end = first.range.end;
            let mut count = 1;
            while let Some(next) = rest.get(count).filter(|next| next.range.start < end) {
                end = end.max(next.range.end);
                count += 1;
            }
            masks.push(Mask::over(&rest[..count], first.range.start..end));
            rest = &rest[count..];
        }
        Self { masks, known: OnceCell::new() }
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.masks.is_empty()
    }

    /// Whether a part of this stretch is hidden.
    pub(super) fn touch(&self, range: &Range<usize>) -> bool {
        self.masks.get(self.first_behind(range.start)).is_some_and(|mask| mask.range.start < range.end)
    }

    /// The first mask that ends behind this offset.
    fn first_behind(&self, offset: usize) -> usize {
        self.masks.partition_point(|m| m.range.end <= offset)
    }
}

impl Mask {
    fn over(secrets: &[&Secret], range: Range<usize>) -> Self {
        let public = |s: &Secret| s.range.start + s.prefix.min(VENDOR_PREFIX_MAX);
        // Of several readings of one start the vendor's is the one that knows which part is public.
        // A secret that begins inside that part takes it back.
        let at_start = secrets.iter().filter(|s| s.range.start == range.start);
        let mut prefix_end = at_start.map(|s| public(s)).max().unwrap_or(range.start);
        for secret in secrets.iter().filter(|s| s.range.start > range.start) {
            if secret.range.start < prefix_end {
                prefix_end = prefix_end.min(public(secret));
            }
        }
        let at_tail = || secrets.iter().filter(|s| s.range.end + 2 > range.end);
        let tail_of = at_tail()
            .all(|s| s.range.end == range.end)
            .then(|| at_tail().map(|s| s.range.start).max())
            .flatten();
        Self { prefix: prefix_end.min(range.end) - range.start, range, tail_of, length: OnceCell::new() }
    }

    /// Writes what may be shown: `ghp_…[40 chars]…x9`.
    fn write(&self, bytes: &[u8], out: &mut String) {
        let end = self.range.end.min(bytes.len());
        let secret = bytes.get(self.range.start..end).unwrap_or_default();
        let length = *self.length.get_or_init(|| characters(secret));
        let prefix = secret.get(..self.prefix).unwrap_or_default();
        let printable = prefix.iter().take_while(|b| matches!(b, b' '..=b'~')).count();
        // A prefix that is all there is would show the whole.
        let prefix = if printable < secret.len() { &prefix[..printable] } else { b"" };
        out.push_str(prefix.to_str().unwrap_or_default());
        let plural = if length == 1 { "" } else { "s" };
        // Writing to a String cannot fail.
        let _ = write!(out, "…[{length} char{plural}]…");
        let tail_allowed = self.tail_of.is_some_and(|start| {
            self.range.end == end
                && has_characters(bytes.get(start..end).unwrap_or_default(), TAIL_FROM)
                && length >= prefix.len() + HIDDEN_MIN + 2
        });
        if let (true, [.., a @ b'!'..=b'~', b @ b'!'..=b'~']) = (tail_allowed, secret) {
            out.push(char::from(*a));
            out.push(char::from(*b));
        }
    }
}

/// A text of the repository in one line, to be put into a message: secrets masked, everything else
/// displayable. Line ends and tabs become visible too. Also serves for paths.
pub fn masked_text(text: &[u8], secrets: &[Secret]) -> String {
    let masks = Masks::new(secrets);
    let mut writer = Writer::new(text, text.len()..text.len());
    writer.write(0..text.len(), &masks);
    writer.out.replace('\n', "\\u{a}")
}

/// Unicode scalars; a byte that is not UTF-8 counts as one.
fn characters(bytes: &[u8]) -> usize {
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Whether there are at least so many.
fn has_characters(bytes: &[u8], count: usize) -> bool {
    // No character takes more than four bytes.
    bytes.len() >= count * 4 || characters(bytes) >= count
}

/// Writes a stretch of a file as it may be shown, and notes where a range of it comes to stand.
pub(super) struct Writer<'a> {
    bytes: &'a [u8],
    focus: Range<usize>,
    /// What may be shown.
    pub(super) out: String,
    start: Option<usize>,
    end: Option<usize>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(bytes: &'a [u8], focus: Range<usize>) -> Self {
        Self { bytes, focus, out: String::new(), start: None, end: None }
    }

    /// Writes the stretch; a secret that it cuts is written as a whole mask. Returns where it ended,
    /// which is behind the stretch if a secret goes on there.
    pub(super) fn write(&mut self, stretch: Range<usize>, masks: &Masks) -> usize {
        let mut at = stretch.start;
        if self.focus.start < at {
            self.start.get_or_insert(self.out.len());
        }
        let mut next = masks.first_behind(at);
        while at < stretch.end {
            let Some(mask) = masks.masks.get(next).filter(|m| m.range.start < stretch.end) else {
                self.plain(at..stretch.end);
                return stretch.end;
            };
            if at < mask.range.start {
                self.plain(at..mask.range.start);
            }
            if self.focus.start < mask.range.end {
                self.start.get_or_insert(self.out.len());
            }
            mask.write(self.bytes, &mut self.out);
            if self.focus.end <= mask.range.end && self.focus.end > mask.range.start {
                self.end.get_or_insert(self.out.len());
            }
            at = mask.range.end.min(self.bytes.len()).max(at + 1);
            next += 1;
        }
        at
    }

    /// Where the range stands in what was written; a part that was not written is left out.
    pub(super) fn focus(&self) -> Range<usize> {
        let start = self.start.unwrap_or(self.out.len());
        start..self.end.unwrap_or(self.out.len()).max(start)
    }

    fn plain(&mut self, stretch: Range<usize>) {
        let Range { start: from, end: to } = stretch;
        let mut cuts = [from, self.focus.start.clamp(from, to), self.focus.end.clamp(from, to), to];
        cuts.sort_unstable();
        for (index, &cut) in cuts.iter().enumerate() {
            if cut == self.focus.start {
                self.start.get_or_insert(self.out.len());
            }
            if cut == self.focus.end && self.start.is_some() {
                self.end.get_or_insert(self.out.len());
            }
            if let Some(&until) = cuts.get(index + 1) {
                displayable(&self.bytes[cut..until], &mut self.out);
            }
        }
    }
}

fn displayable(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        let text = shown(chunk.valid());
        for (index, part) in text.split('\t').enumerate() {
            if index > 0 {
                out.push_str("    ");
            }
            out.push_str(part);
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

impl Masks {
    /// A stretch of the file in one line as it may be shown, secrets masked even where it cuts them.
    pub fn shown(&self, bytes: &[u8], range: Range<usize>) -> String {
        let mut writer = Writer::new(bytes, bytes.len()..bytes.len());
        writer.write(range, self);
        writer.out.replace('\n', "\\u{a}")
    }

    /// A stretch of the file in which a zero byte stands for each secret: another secret in its place makes
    /// the same text.
    pub(super) fn without(&self, bytes: &[u8], range: Range<usize>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = range.start;
        for mask in &self.masks[self.first_behind(range.start)..] {
            if mask.range.start >= range.end {
                break;
            }
            // A secret that began before the stretch gives it nothing but its zero.
            if at < mask.range.start {
                text.extend_from_slice(&bytes[at..mask.range.start]);
            }
            text.push(0);
            at = mask.range.end;
        }
        if at < range.end {
            text.extend_from_slice(&bytes[at..range.end]);
        }
        text
    }
}

impl Masks {
    /// Where the secrets of a file stand again in another text. Very short ones are left out: they would
    /// be found everywhere.
    pub(super) fn again_in(&self, file: &[u8], text: &[u8]) -> Vec<Secret> {
        if self.masks.is_empty() || text.len() < SHORTEST_AGAIN {
            return Vec::new();
        }
        let known = self.known.get_or_init(|| KnownSecrets::new(file, &self.masks));
        let starts = 0..=text.len() - SHORTEST_AGAIN;
        starts
            .filter_map(|at| {
                let mask = &self.masks[known.longest_that_begins(file, &self.masks, &text[at..])?];
                Some(Secret { range: at..at + mask.range.len(), prefix: mask.prefix })
            })
            .collect()
    }
}

/// How far around a finding its evidence may reach.
const NEAR: usize = 4096;

impl Masks {
    /// The same, and what stands of these secrets a second time near the places that are shown: in a comment behind
    /// the password, in the line below. What is a word in small letters is a word elsewhere.
    pub(super) fn with_repeats(
        self,
        file: &[u8],
        secrets: &[Secret],
        shown: impl Iterator<Item = usize>,
    ) -> Self {
        let tell = |secret: &&Secret| {
            file.get(secret.range.clone())
                .is_some_and(|bytes| !bytes.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b' '))
        };
        let telling: Vec<Secret> = secrets.iter().filter(tell).cloned().collect();
        let mut shown: Vec<usize> = shown.collect();
        shown.sort_unstable();
        let longest = telling.iter().map(|secret| secret.range.len()).max().unwrap_or(0).min(NEAR);
        let asked = Self::new(&telling);
        let mut done = 0usize;
        let mut repeats = Vec::new();
        for place in shown {
            // One that begins before the last place was done may end here.
            let near =
                place.saturating_sub(NEAR).max(done.saturating_sub(longest))..file.len().min(place + NEAR);
            if near.start < near.end {
                let again = asked.again_in(file, &file[near.clone()]);
                repeats.extend(again.into_iter().map(|mut secret| {
                    secret.range = near.start + secret.range.start..near.start + secret.range.end;
                    secret
                }));
                done = near.end;
            }
        }
        if repeats.is_empty() {
            return self;
        }
        repeats.extend(secrets.iter().cloned());
        Self::new(&repeats)
    }
}

/// Shorter secrets are not looked for in other texts.
const SHORTEST_AGAIN: usize = 6;

/// The secrets of a file in the order of their bytes, so that a text can be searched for all of them at once:
/// a file may hold as many as it has lines, and each has sentences of its own.
#[derive(Debug, Clone)]
struct KnownSecrets {
    /// Which mask, and the place in this list of the longest other secret that it begins with.
    sorted: Vec<(u32, Option<u32>)>,
}

impl KnownSecrets {
    fn new(file: &[u8], masks: &[Mask]) -> Self {
        let bytes = |mask: &u32| file.get(masks[*mask as usize].range.clone()).unwrap_or_default();
        let mut order: Vec<u32> =
            (0..masks.len() as u32).filter(|mask| bytes(mask).len() >= SHORTEST_AGAIN).collect();
        order.sort_by_key(|mask| (bytes(mask), masks[*mask as usize].prefix));
        // Of equal ones the one that shows least stays.
        order.dedup_by(|later, first| bytes(later) == bytes(first));
        let mut sorted: Vec<(u32, Option<u32>)> = Vec::with_capacity(order.len());
        for mask in order {
            let mut begins_with = (sorted.len() as u32).checked_sub(1);
            while let Some(at) = begins_with {
                let (shorter, next) = sorted[at as usize];
                if bytes(&mask).starts_with(bytes(&shorter)) {
                    break;
                }
                begins_with = next;
            }
            sorted.push((mask, begins_with));
        }
        Self { sorted }
    }

    /// The mask of the longest secret that the text begins with.
    fn longest_that_begins(&self, file: &[u8], masks: &[Mask], text: &[u8]) -> Option<usize> {
        let bytes = |mask: u32| file.get(masks[mask as usize].range.clone()).unwrap_or_default();
        // Whatever stands between a beginning of the text and the text begins the same way.
        let mut at = self.sorted.partition_point(|&(mask, _)| bytes(mask) <= text).checked_sub(1)?;
        loop {
            let (mask, next) = self.sorted[at];
            if text.starts_with(bytes(mask)) {
                return Some(mask as usize);
            }
            at = next? as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(range: Range<usize>, prefix: usize) -> Secret {
        Secret { range, prefix }
    }

    #[track_caller]
    fn check(text: &str, secrets: &[Secret], expect: &str) {
        assert_eq!(masked_text(text.as_bytes(), secrets), expect);
    }

    #[test]
    fn a_secret_shows_its_prefix_its_length_and_if_long_its_last_two() {
        check("key=tok_abcdefghijklmnopqr;", &[secret(4..26, 4)], "key=tok_…[22 chars]…qr;");
        check("key=tok_abcdefghijk;", &[secret(4..19, 4)], "key=tok_…[15 chars]…;");
        check("pw=hunter22", &[secret(3..11, 0)], "pw=…[8 chars]…");
        check("x", &[secret(0..1, 0)], "…[1 char]…");
    }

    #[test]
    fn a_prefix_never_shows_the_whole() {
        check("abcd", &[secret(0..4, 4)], "…[4 chars]…");
        check("abcd", &[secret(0..4, 400)], "…[4 chars]…");
        let long = "p".repeat(40);
        check(&long, &[secret(0..40, 39)], &format!("{}…[40 chars]…pp", "p".repeat(VENDOR_PREFIX_MAX)));
        check("0123456789abcdef", &[secret(0..16, 12)], "0123456789ab…[16 chars]…");
    }

    #[test]
    fn overlapping_secrets_show_no_more_than_each_allows() {
        let text = "tok_abcdefghijklmnopqrstuvwxyz";
        // The second one begins inside the first one's prefix and has none.
        check(text, &[secret(0..30, 4), secret(2..10, 0)], "to…[30 chars]…yz");
        // Two readings of the same stretch: the vendor's prefix is public.
        check(text, &[secret(0..30, 0), secret(0..30, 4)], "tok_…[30 chars]…yz");
        // The last two belong to a short secret, too.
        check(text, &[secret(0..30, 4), secret(25..30, 0)], "tok_…[30 chars]…");
        // One ends a character before the other.
        check(text, &[secret(0..30, 4), secret(8..29, 0)], "tok_…[30 chars]…");
        // They touch and do not overlap.
        check("abcdefgh", &[secret(4..8, 1), secret(0..4, 1)], "a…[4 chars]…e…[4 chars]…");
    }

    #[test]
    fn ranges_outside_the_text_are_clipped() {
        check("abc", &[secret(1..900, 0)], "a…[2 chars]…");
        check("abc", &[secret(500..900, 0)], "abc");
        check("abc", &[secret(2..2, 0)], "abc");
    }

    #[test]
    fn texts_become_one_displayable_line() {
        assert_eq!(masked_text(b"a\nb\tc\x1b[31m\xff", &[]), "a\\u{a}b    c\\u{1b}[31m\\xff");
        check("a\u{202e}b", &[secret(0..1, 0)], "…[1 char]…\\u{202e}b");
        check("ä\u{df}€key", &[secret(1..4, 0)], "\\xc3…[2 chars]…€key");
    }

    #[test]
    fn the_text_without_secrets_holds_no_byte_outside_the_stretch() {
        let text = b"first=SECRET\nTAIL;rest=OTHER;end";
        let masks = Masks::new(&[secret(6..17, 0), secret(23..28, 0)]);
        for (range, expect) in [
            (0..12, &b"first=\0"[..]),
            (13..32, b"\0;rest=\0;end"),
            (13..17, b"\0"),
            (18..25, b"rest=\0"),
            (24..26, b"\0"),
            (28..32, b";end"),
        ] {
            assert_eq!(masks.without(text, range.clone()), expect, "{range:?}");
        }
    }

    #[test]
    fn secrets_are_found_again_in_other_texts() {
        let file = b"hunter22 hunter22x hunter2 short huntez99 hunter22";
        let masks = Masks::new(&[
            secret(0..8, 2),
            secret(9..18, 0),
            secret(19..26, 0),
            secret(27..32, 0),
            secret(33..41, 0),
            secret(42..50, 0),
        ]);
        for (text, expect) in [
            ("", &[][..]),
            ("short", &[]),
            ("hunter", &[]),
            ("is hunter22 it", &[secret(3..11, 0)]),
            ("hunter22x", &[secret(0..9, 0)]),
            ("hunter23, huntez99", &[secret(0..7, 0), secret(10..18, 0)]),
            ("huntez", &[]),
            ("zzzzzzzz", &[]),
        ] {
            assert_eq!(masks.again_in(file, text.as_bytes()), expect, "{text}");
        }
    }
}
