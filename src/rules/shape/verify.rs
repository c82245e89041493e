use std::ops::Range;

use super::{ByteSet, Part, Shape};

impl Shape {
    /// The token's bytes if one stands here, given where the anchor was hit. Boundaries are checked: a
    /// token inside a longer word is none. The work is bounded by the shape's greatest length, whatever
    /// the text.
    pub fn verify(&self, text: &[u8], anchor_at: usize) -> Option<Range<usize>> {
        // The prefilter ignores case, so most wrong hits end here.
        let anchor = self.anchor_text().as_bytes();
        if !text.get(anchor_at..)?.starts_with(anchor) {
            return None;
        }
        let start = anchor_at.checked_sub(self.before_anchor())?;
        if !starts_word(text, start, first_set(&self.parts)) {
            return None;
        }
        let end = match_parts(&self.parts, text, start)?;
        Some(start..end)
    }

    /// Whether a value as a whole has this form.
    pub fn is_whole(&self, value: &[u8]) -> bool {
        match_parts(&self.parts, value, 0) == Some(value.len())
    }
}

/// Whether it is open where this class ends: its length varies, and what follows may begin with a byte of
/// its set. All other classes simply take the whole run.
pub(super) fn is_open(parts: &[Part], at: usize) -> bool {
    let Some(Part::Class { set, min, max }) = parts.get(at) else { return false };
    min != max && parts.get(at + 1).is_some_and(|_| first_set(&parts[at + 1..]).0 & set.0 != 0)
}

/// The bytes that may stand first.
fn first_set(parts: &[Part]) -> ByteSet {
    let mut set = 0;
    for part in parts {
        match part {
            Part::Literal(literal) => {
                return ByteSet(set | literal.bytes().next().map_or(0, |byte| 1 << byte));
            }
            Part::Class { set: class, min, .. } => {
                set |= class.0;
                if *min > 0 {
                    break;
                }
            }
        }
    }
    ByteSet(set)
}

/// Whether a token may start here: not in the middle of a word. An escape such as `\n` or `\u0022` before
/// it, or a percent code, is no word. A `-` or `+` is one where the token itself could have begun with it.
fn starts_word(text: &[u8], start: usize, first: ByteSet) -> bool {
    let Some(before) = start.checked_sub(1).and_then(|at| text.get(at)).copied() else { return start == 0 };
    if !(before.is_ascii_alphanumeric() || before == b'_') {
        // Inside base64 a plus is a digit. Digits behind a percent sign are a code, if the token need not
        // begin with them.
        let code = || first.0.count_ones() > 1 && text[start..].iter().take(2).all(u8::is_ascii_hexdigit);
        return before != b'+' && !(before == b'-' && first.has(b'-')) && !(before == b'%' && code());
    }
    let back = |count: usize| start.checked_sub(count).map(|from| &text[from..start]);
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    back(2).is_some_and(|b| b[0] == b'\\' && matches!(b[1], b'n' | b'r' | b't' | b'0'))
        || back(3).is_some_and(|b| b[0] == b'%' && hex(&b[1..]))
        || back(4).is_some_and(|b| b.starts_with(b"\\x") && hex(&b[2..]))
        || back(6).is_some_and(|b| b.starts_with(b"\\u") && hex(&b[2..]))
}

/// Whether a token may end before this byte.
fn ends_word(after: Option<&u8>) -> bool {
    after.is_none_or(|&byte| !(byte.is_ascii_alphanumeric() || byte == b'_'))
}

fn match_parts(parts: &[Part], text: &[u8], mut at: usize) -> Option<usize> {
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(literal) => {
                if !text.get(at..)?.starts_with(literal.as_bytes()) {
                    return None;
                }
                at += literal.len();
            }
            Part::Class { set, min, max } => {
                let (min, max) = (usize::from(*min), usize::from(*max));
                let rest = &parts[index + 1..];
                // One byte more than may be, to see a run that is too long.
                let run = text.get(at..)?.iter().take(max + 1).take_while(|&&byte| set.has(byte)).count();
                if is_open(parts, index) {
                    let tails = (min..=run.min(max)).rev();
                    return tails.into_iter().find_map(|len| match_parts(rest, text, at + len));
                }
                // A class of fixed length may be followed by bytes of its own set; all others end where
                // the run ends, and a longer run is another thing.
                let len = if min == max && !rest.is_empty() { min } else { run };
                if run < min || len > max {
                    return None;
                }
                at += len;
            }
        }
    }
    ends_word(text.get(at)).then_some(at)
}

#[cfg(test)]
mod tests {
    use crate::rules::shape::parse;

    fn check(shape: &str, text: &str, expect: Option<&str>) {
        let shape = parse(shape).expect("a shape");
        let at = text.find(shape.anchor_text()).expect("the anchor stands in the text");
        let found = shape.verify(text.as_bytes(), at).map(|range| &text[range]);
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn a_token_ends_and_begins_where_words_do() {
        let shape = "'ab_' alnum{4,6}";
        for (text, expect) in [
            ("ab_1234", Some("ab_1234")),
            ("'ab_12345'", Some("ab_12345")),
            ("x=ab_123456;", Some("ab_123456")),
            ("\"line\\nab_1234\\n\"", Some("ab_1234")),
            ("\\u0022ab_1234\\u0022", Some("ab_1234")),
            ("\\x22ab_1234\\x22", Some("ab_1234")),
            ("?q=%22ab_1234%22", Some("ab_1234")),
            ("key-ab_1234-x", Some("ab_1234")),
            ("ab_123", None),
            ("ab_1234567", None),
            ("ab_1234_5", None),
            ("xab_1234", None),
            ("_ab_1234", None),
            ("+ab_1234", None),
        ] {
            check(shape, text, expect);
        }
    }

    #[test]
    fn a_token_whose_alphabet_has_a_dash_does_not_begin_behind_one() {
        check("[a-z-]{2} @':Q:' digit{2}", "ab:Q:12", Some("ab:Q:12"));
        check("[a-z-]{2} @':Q:' digit{2}", "-ab:Q:12", None);
    }

    #[test]
    fn an_open_class_gives_back_what_its_successor_needs() {
        let shape = "'k-' alnum{2,20} 'MID' alnum{3}";
        check(shape, "k-abMIDMIDxyz", Some("k-abMIDMIDxyz"));
        check(shape, "k-abMIDxyz", Some("k-abMIDxyz"));
        check(shape, "k-abMIDxyzw", None);
        check(shape, "k-aMIDxyz", None);
    }

    #[test]
    fn hits_at_the_edges_of_a_text_are_no_trouble() {
        let shape = parse("alnum{3} @'Q~' alnum{2}").expect("a shape");
        for at in 0..8 {
            assert_eq!(shape.verify(b"xxQ~a", at), None);
        }
        assert_eq!(shape.verify(b"", 0), None);
    }
}
