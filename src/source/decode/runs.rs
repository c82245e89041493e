use std::ops::Range;

/// A run that is worth a look has at least so many characters.
pub(super) const RUN_MIN: usize = 32;

/// A digit of base64 of either alphabet (those of hex are among them).
const DIGIT: u8 = 1;
/// What runs are made of: those digits and what other encodings put between them.
const RUN: u8 = 2;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let class = &mut classes[byte];
        *class = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_' => DIGIT | RUN,
            b'=' | b'%' | b'\\' | b'&' | b'#' | b';' | b'.' => RUN,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// The next run of at least [`RUN_MIN`] characters that begins at `from` or behind it.
///
/// A run that long covers the byte where the shortest one would end. Looking back from there, the first byte that
/// does not belong says where the next run can begin at the earliest; what lies before it is never looked
/// at. In source code that is most of it.
pub(super) fn next(text: &[u8], mut from: usize) -> Option<Range<usize>> {
    let stops = |byte: &u8| CLASSES[usize::from(*byte)] & RUN == 0;
    while let Some(window) = text.get(from..from + RUN_MIN) {
        let Some(at) = window.iter().rposition(stops) else {
            let rest = &text[from + RUN_MIN..];
            let more = rest.iter().position(stops).unwrap_or(rest.len());
            return Some(from..from + RUN_MIN + more);
        };
        from += at + 1;
    }
    None
}

/// How many digits of base64 stand first.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().position(|&byte| CLASSES[usize::from(byte)] & DIGIT == 0).unwrap_or(text.len())
}
