use std::ops::Range;

/// The next run of at least `min` characters that begins at `from` or behind it.
///
/// Wherever such a run lies, it ends behind the place where the shortest one from here would; so that stretch is
/// read from its end, and the first byte that belongs to no run says from where to go on. In source code that is
/// one of the first few.
pub(super) fn next(text: &[u8], from: usize, min: usize) -> Option<Range<usize>> {
    let mut start = from;
    loop {
        let end = start + min;
        let inside = length_at_end(text.get(start..end)?);
        if inside == min {
            return Some(start..end + length(&text[end..]));
        }
        start = end - inside;
    }
}

/// A digit of base64 of either alphabet.
const DIGIT: u8 = 1;
/// What runs are made of.
const RUN: u8 = 2;

/// What runs are made of: digits of base64 (those of hex are among them) and what other encodings put between them.
///
/// Without `_`, which is what long names have, and the digits of text hardly ever: of three bytes of ASCII only the
/// last can make one, and only as `?` or a control character.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' => DIGIT | RUN,
            b'_' => DIGIT,
            b'=' | b'%' | b'\\' | b'&' | b'#' | b';' | b'.' => RUN,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// How many bytes of a run stand first.
pub(super) fn length(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count()
}

/// How many bytes of a run stand last.
pub(super) fn length_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&byte| CLASSES[usize::from(byte)] & RUN != 0).count()
}

/// How many digits of base64 of either alphabet stand first.
pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & DIGIT != 0).count()
}

/// How many digits of base64 of either alphabet stand last.
pub(super) fn digits_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&byte| CLASSES[usize::from(byte)] & DIGIT != 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_found_wherever_it_begins() {
        for before in 0..80 {
            for start in ["#", "a", "=", "/"] {
                for gap in [" ", "(", "\" ", "ab cd,", "!!!!!!!! "] {
                    let head = format!("{}{gap}", &"x y(".repeat(before)[..before]);
                    let text = format!("{head}{start}{}){}", "a".repeat(39), "b c".repeat(before));
                    let run = next(text.as_bytes(), 0, 40).map(|run| run.start);
                    assert_eq!(run, Some(head.len()), "{text}");
                    let short = format!("{head}{start}{})", "a".repeat(38));
                    assert_eq!(next(short.as_bytes(), 0, 40), None, "{short}");
                }
            }
        }
    }
}
