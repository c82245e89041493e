use std::ops::Range;

use super::mask::{Masks, Writer};
use crate::model::{Evidence, Label, LineIndex, shown};

/// A window has no more lines.
const LINES: usize = 3;
/// A line of a window has no more characters, beside the marks where it was cut.
const COLUMNS: usize = 200;
/// How far around the label a line is read at all: what `COLUMNS` characters can take in UTF-8. A file
/// may be one line of many megabytes.
const REACH: usize = COLUMNS * 4;

/// What is shown of a file for a finding at `range`: the lines it stands on, at most three, each cropped
/// around it, secrets masked, everything else displayable, tabs as four spaces.
///
/// A longer stretch is cut behind its third line (the lines of a window are consecutive, so that their
/// numbers are true). A secret of several lines becomes one mask in the first of them, and then ends the
/// window, for the same reason. `label` is what is said about the stretch; it must hold no text that is
/// not masked. Ranges that do not lie in the text are clipped.
pub fn evidence(
    bytes: &[u8],
    lines: &LineIndex,
    range: Range<usize>,
    label: &str,
    masks: &Masks,
) -> Evidence {
    let start = snapped(bytes, range.start.min(bytes.len()), -1);
    let end = snapped(bytes, range.end.clamp(start, bytes.len()), 1);
    let first = lines.line_at(start);
    let last = lines.line_at(end.saturating_sub(1).max(start));
    let mut text = String::new();
    let mut marked = 0..0;
    let mut cut = true;
    for line in first..first + LINES {
        let row = Row::new(bytes, lines, line, start..end, masks);
        if line == first {
            marked.start = row.label.start;
        } else {
            text.push('\n');
        }
        marked.end = text.len() + row.label.end;
        text.push_str(&row.text);
        if line == last || row.ends_at >= end {
            cut = false;
            break;
        }
        if row.swallowed_lines {
            break;
        }
    }
    if cut {
        text.push_str(" …");
    }
    let label = Label { range: marked, text: shown(label).into_owned() };
    Evidence { first_line: first as u32 + 1, text, labels: vec![label] }
}

/// One line of a window.
struct Row {
    text: String,
    label: Range<usize>,
    /// Up to which byte of the file it stands for.
    ends_at: usize,
    /// Whether a secret in it took further lines in.
    swallowed_lines: bool,
}

impl Row {
    fn new(bytes: &[u8], lines: &LineIndex, line: usize, focus: Range<usize>, masks: &Masks) -> Self {
        let mut whole = lines.line(bytes, line);
        let near = focus.start.max(whole.start);
        let far = focus.end.min(near.saturating_add(REACH));
        let from = snapped(bytes, whole.start.max(near.saturating_sub(REACH)), -1).max(whole.start);
        let mut to = snapped(bytes, whole.end.min(far.saturating_add(REACH)), 1).min(whole.end);
        let mut writer = Writer::new(bytes, focus);
        let mut at = writer.write(from..to, masks);
        let mut swallowed_lines = false;
        while at > whole.end {
            swallowed_lines = true;
            let onward = lines.line_at(at);
            if at >= bytes.len() || lines.whole_line(onward).start == at {
                (whole.end, to) = (at, at);
                break;
            }
            whole.end = lines.line(bytes, onward).end.max(at);
            to = snapped(bytes, whole.end.min(at.saturating_add(REACH)), 1).min(whole.end);
            at = writer.write(at..to, masks);
        }
        let label = writer.focus();
        let (text, label) = cropped(writer.out, label, from > whole.start, to < whole.end);
        Self { text, label, ends_at: whole.end, swallowed_lines }
    }
}

/// At most [`COLUMNS`] characters around the label, with `…` where something was left out (there or,
/// as the caller says, before).
fn cropped(text: String, label: Range<usize>, cut_left: bool, cut_right: bool) -> (String, Range<usize>) {
    let length = text.chars().count();
    if length <= COLUMNS && !cut_left && !cut_right {
        return (text, label);
    }
    let before = text[..label.start].chars().count();
    let wanted = text[label.clone()].chars().count().min(COLUMNS);
    let first = before.saturating_sub((COLUMNS - wanted) / 2).min(length.saturating_sub(COLUMNS));
    let offset = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let kept = offset(first)..offset(first + COLUMNS);
    let mut out = String::with_capacity(kept.len() + 6);
    if cut_left || kept.start > 0 {
        out.push('…');
    }
    let shift = |at: usize| at.clamp(kept.start, kept.end) - kept.start;
    let moved = out.len() + shift(label.start)..out.len() + shift(label.end);
    out.push_str(&text[kept.clone()]);
    if cut_right || kept.end < text.len() {
        out.push('…');
    }
    (out, moved)
}

/// The nearest offset in this direction that does not cut a character; the same one if the bytes around
/// it are not UTF-8.
fn snapped(bytes: &[u8], offset: usize, step: isize) -> usize {
    let mut at = offset;
    for _ in 0..4 {
        if bytes.get(at).is_none_or(|byte| byte & 0xc0 != 0x80) {
            return at;
        }
        match at.checked_add_signed(step) {
            Some(next) => at = next,
            None => return offset,
        }
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn window(text: &[u8], range: Range<usize>, secrets: &[Secret]) -> Evidence {
        evidence(text, &LineIndex::new(text), range, "here", &Masks::new(secrets))
    }

    /// `«…»` stand around the label, `‹…›` around secrets without a prefix; the expected text has the
    /// label's marks again.
    #[track_caller]
    fn check(marked: &str, first_line: u32, expect: &str) {
        let (mut text, mut label, mut secrets) = (String::new(), 0..0, Vec::new());
        let mut open = Vec::new();
        for c in marked.chars() {
            match c {
                '«' => label.start = text.len(),
                '»' => label.end = text.len(),
                '‹' => open.push(text.len()),
                '›' => secrets.push(Secret { range: open.pop().unwrap()..text.len(), prefix: 0 }),
                c => text.push(c),
            }
        }
        let evidence = window(text.as_bytes(), label, &secrets);
        let mut found = evidence.text.clone();
        found.insert(evidence.labels[0].range.end, '»');
        found.insert(evidence.labels[0].range.start, '«');
        assert_eq!((evidence.first_line, found.as_str()), (first_line, expect));
    }

    #[test]
    fn the_window_is_the_labels_lines() {
        check("one\ntwo «x» y\nthree\n", 2, "two «x» y");
        check("a\r\n\tlet «ä» = 1;\r\n", 2, "    let «ä» = 1;");
        check("a\n«b\nc»\nd", 2, "«b\nc»");
        check("a «b\nc\nd»\ne", 1, "a «b\nc\nd»");
        check("a «b\nc\nd\ne\nf»", 1, "a «b\nc\nd» …");
        check("«a\n»b", 1, "«a»");
        check("«»", 1, "«»");
        check("a\n«»", 2, "«»");
        check("ab«»\nc", 1, "ab«»");
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        check("k = «‹hunter22›»; ‹other›", 1, "k = «…[8 chars]…»; …[5 chars]…");
        check("k = ‹hun«ter»22›;", 1, "k = «…[8 chars]…»;");
        check("«k = ‹hun»ter22›;", 1, "«k = …[8 chars]…»;");
    }

    #[test]
    fn a_secret_of_several_lines_is_one_mask() {
        check("a\nk = «‹one\ntwo›»;\nb", 2, "k = «…[7 chars]…»;");
        check("k = ‹one\n«two›»;\nb", 2, "«…[7 chars]…»;");
        check("«k = ‹one\ntwo\n›b»", 1, "«k = …[8 chars]…» …");
        check("«k = ‹one\ntwo›\nmore»", 1, "«k = …[7 chars]…» …");
        check("‹one\ntwo› «x» ‹three\nfour›", 2, "…[7 chars]… «x» …[10 chars]…");
        check("«‹one\n›»", 1, "«…[4 chars]…»");
    }

    #[test]
    fn bytes_that_steer_a_terminal_or_are_no_text_become_visible() {
        let evidence = window(b"a\x1b[2J\xff\xfe x \xe2\x80\xae", 8..9, &[]);
        assert_eq!(evidence.text, "a\\u{1b}[2J\\xff\\xfe x \\u{202e}");
        assert_eq!(&evidence.text[evidence.labels[0].range.clone()], "x");
    }

    #[test]
    fn long_lines_are_cropped_around_the_label() {
        let text = format!("{}LABEL{}", "é".repeat(60_000), "z".repeat(60_000));
        let at = text.find("LABEL").unwrap();
        let evidence = window(text.as_bytes(), at..at + 5, &[]);
        assert_eq!(evidence.text.chars().count(), COLUMNS + 2);
        assert!(evidence.text.starts_with('…') && evidence.text.ends_with('…'));
        assert_eq!(&evidence.text[evidence.labels[0].range.clone()], "LABEL");
        let whole = window(text.as_bytes(), 0..text.len(), &[]);
        assert_eq!(whole.text.chars().count(), COLUMNS + 1);
    }

    /// Numbers that look random and are the same each time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % n.max(1) as u64) as usize
        }
    }

    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz";

    #[test]
    fn no_five_bytes_of_a_secret_survive_and_labels_fit() {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for round in 0..400 {
            // Text around, in which nothing of a secret's alphabet stands.
            let mut text = Vec::new();
            let mut secrets = Vec::new();
            for _ in 0..=dice.below(6) {
                for _ in 0..dice.below(if round % 7 == 0 { 1_500 } else { 30 }) {
                    let pieces: [&[u8]; 9] =
                        [b"\n", b" ", b"=", b"\t", b"\r\n", b"\xff", "é".as_bytes(), b"\x1b[", b"-"];
                    text.extend_from_slice(pieces[dice.below(9)]);
                }
                let start = text.len();
                for _ in 0..=dice.below(if round % 5 == 0 { 900 } else { 60 }) {
                    let line_end = round % 3 == 0 && dice.below(20) == 0;
                    text.push(if line_end { b'\n' } else { ALPHABET[dice.below(ALPHABET.len())] });
                }
                secrets.push(Secret { range: start..text.len(), prefix: dice.below(5) });
                if dice.below(3) == 0 {
                    let inner = start + dice.below(text.len() - start);
                    secrets.push(Secret { range: inner..text.len(), prefix: 0 });
                }
            }
            let a = dice.below(text.len() + 1);
            let b = (a + dice.below(80)).min(text.len() + 3);
            let evidence = window(&text, a..b, &secrets);
            let label = &evidence.labels[0].range;
            assert!(evidence.text.get(label.clone()).is_some(), "round {round}: {label:?}");
            assert!(!evidence.text.contains(|c: char| c.is_control() && c != '\n'));
            assert!(evidence.text.lines().count() <= LINES);
            assert!(evidence.text.lines().all(|l| l.chars().count() <= COLUMNS + 4));
            let in_one_line = masked_text_of(&text, &secrets);
            for secret in &secrets {
                for five in text[secret.range.clone()].windows(5).filter(|w| !w.contains(&b'\n')) {
                    let five = std::str::from_utf8(five).unwrap();
                    assert!(!evidence.text.contains(five), "round {round}: {five} in {}", evidence.text);
                    assert!(!in_one_line.contains(five), "round {round}: {five}");
                }
            }
        }
    }

    fn masked_text_of(text: &[u8], secrets: &[Secret]) -> String {
        super::super::masked_text(text, secrets)
    }
}
