//! A list of words that is looked up where it lies, without building anything at run time.

/// The longest word of the lists.
pub(super) const LONGEST_WORD: usize = 16;

/// A list of words, one a line, sorted by length and then by letter.
pub(super) struct List {
    pub(super) text: &'static [u8],
    /// Where the words of each length begin; those of length `n` end where those of `n + 1` begin.
    starts: [u32; LONGEST_WORD + 2],
    /// One bit for each three letters that a word begins with.
    beginnings: [u8; 26 * 26 * 26 / 8 + 1],
}

impl List {
    pub(super) const fn of(text: &'static [u8]) -> Self {
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
    pub(super) fn holds(&self, word: &[u8]) -> bool {
        let length = word.len();
        if !(3..=LONGEST_WORD).contains(&length) {
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
    pub(super) fn begins(&self, text: &[u8]) -> bool {
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
