use std::ops::Range;

/// The stretch of a class that begins here, if it has at least `min` characters.
pub(super) fn at(class: Class, text: &[u8], from: usize, min: usize) -> Option<Range<usize>> {
    let shortest = text.get(from..from + min)?;
    let length_of_more = || length(class, &text[from + min..]);
    (length_at_end(class, shortest) == min).then(|| from..from + min + length_of_more())
}

/// The next stretch of at least `min` characters of a class that begins at `from` or behind it; or else up to where none
/// begins, which is the end of the text or where a byte between stretches (by its place) is not `passed`.
///
/// Wherever such a stretch lies, it ends behind the place where the shortest one from here would; so that one is
/// read from its end, and the first byte that is not of the class says from where to go on. In source code that is
/// one of the first few.
pub(super) fn next(
    class: Class,
    text: &[u8],
    from: usize,
    min: usize,
    passed: impl Fn(usize) -> bool,
) -> Result<Range<usize>, usize> {
    let mut start = from;
    loop {
        let end = start + min;
        let inside = length_at_end(class, text.get(start..end).ok_or(text.len())?);
        if inside == min {
            return Ok(start..end + length(class, &text[end..]));
        }
        start = end - inside;
        if !passed(start - 1) {
            return Err(start);
        }
    }
}

/// What bytes are looked for, as a bit of [`CLASSES`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Class(u8);

/// A digit of base64 of either alphabet.
pub(super) const DIGITS: Class = Class(1);
/// What runs are made of.
pub(super) const RUNS: Class = Class(2);

/// What digits and runs are made of, see [`LongRuns`](crate::source::LongRuns).
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' => DIGITS.0 | RUNS.0,
            b'_' => DIGITS.0,
            b'=' | b'%' | b'\\' | b'&' | b'#' | b';' | b'.' => RUNS.0,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// How many bytes of a class stand first.
pub(super) fn length(class: Class, text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| CLASSES[usize::from(byte)] & class.0 != 0).count()
}

/// How many bytes of a class stand last.
pub(super) fn length_at_end(class: Class, text: &[u8]) -> usize {
    text.iter().rev().take_while(|&&byte| CLASSES[usize::from(byte)] & class.0 != 0).count()
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
                    let run = next(RUNS, text.as_bytes(), 0, 40, |_| true).map(|run| run.start);
                    assert_eq!(run, Ok(head.len()), "{text}");
                    let short = format!("{head}{start}{})", "a".repeat(38));
                    let run = next(RUNS, short.as_bytes(), 0, 40, |_| true);
                    assert_eq!(run, Err(short.len()), "{short}");
                }
            }
        }
    }
}
