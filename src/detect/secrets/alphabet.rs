//! The kinds of characters that a text is made of.

/// Which characters a text is made of. Each has its own cost of randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `0-9a-f` or `0-9A-F`, digits and letters.
    Hex,
    /// Letters of one case and digits.
    OneCase,
    /// Letters of one case alone.
    OneCaseLetters,
    /// Letters of both cases and digits.
    Mixed,
    /// Letters of both cases, no digits.
    MixedLetters,
    /// [`Self::Hex`] and `-_./+=:~`: several keys joined.
    HexMarks,
    /// [`Self::OneCase`] and `-_./+=:~`, with or without digits.
    OneCaseMarks,
    /// Letters of both cases, digits, and `-_./+=:~`: base64 in both its forms.
    MixedMarks,
    /// Letters of both cases and `-_./+=:~`, no digits.
    MixedLettersMarks,
    /// With other signs, as generators of passwords like them.
    Signs,
}

const LOW_HEX: u8 = 1;
const LOW: u8 = 2;
const UP_HEX: u8 = 4;
const UP: u8 = 8;
const DIGIT: u8 = 16;
const MARK: u8 = 32;
const SIGN: u8 = 64;
const OTHER: u8 = 128;

/// The class of each byte.
pub(super) static CLASSES: [u8; 256] = {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 128 {
        let at = byte as u8;
        classes[byte] = match at {
            b'a'..=b'f' => LOW_HEX,
            b'g'..=b'z' => LOW,
            b'A'..=b'F' => UP_HEX,
            b'G'..=b'Z' => UP,
            b'0'..=b'9' => DIGIT,
            b'-' | b'_' | b'.' | b'/' | b'+' | b'=' | b':' | b'~' => MARK,
            b'!'..=b'~' => SIGN,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
};

impl Alphabet {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Hex,
        Self::OneCase,
        Self::OneCaseLetters,
        Self::Mixed,
        Self::MixedLetters,
        Self::HexMarks,
        Self::OneCaseMarks,
        Self::MixedMarks,
        Self::MixedLettersMarks,
        Self::Signs,
    ];

    /// The smallest that holds the text; `None` if it has no letters, or spaces, or bytes that are not
    /// graphic ASCII.
    pub fn of(text: &[u8]) -> Option<Self> {
        Self::of_classes(text.iter().fold(0, |classes, &byte| classes | CLASSES[usize::from(byte)]))
    }

    /// The same for the classes of all bytes together.
    pub(super) const fn of_classes(classes: u8) -> Option<Self> {
        let (lower, upper) = (classes & (LOW | LOW_HEX) != 0, classes & (UP | UP_HEX) != 0);
        let digits = classes & DIGIT != 0;
        if classes & OTHER != 0 || !lower && !upper {
            return None;
        }
        Some(if classes & SIGN != 0 {
            Self::Signs
        } else if classes == DIGIT | LOW_HEX | MARK || classes == DIGIT | UP_HEX | MARK {
            Self::HexMarks
        } else if classes & MARK != 0 {
            match (lower && upper, digits) {
                (false, _) => Self::OneCaseMarks,
                (true, true) => Self::MixedMarks,
                (true, false) => Self::MixedLettersMarks,
            }
        } else if classes == DIGIT | LOW_HEX || classes == DIGIT | UP_HEX {
            Self::Hex
        } else {
            match (lower && upper, digits) {
                (false, true) => Self::OneCase,
                (false, false) => Self::OneCaseLetters,
                (true, true) => Self::Mixed,
                (true, false) => Self::MixedLetters,
            }
        })
    }
}
