use super::{ByteSet, Checksum, Part, Shape};

/// How often a sample is drawn until its checksum can be written.
const DRAWS: usize = 100;

/// A source of numbers that look random and are the same in every run (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Seed(pub u64);

impl Seed {
    /// The next number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(end as u64).unwrap_or(0) as usize
    }

    fn byte(&mut self, of: ByteSet) -> u8 {
        let at = self.below(of.0.count_ones() as usize);
        of.bytes().nth(at).unwrap_or(b'?')
    }
}

/// A text that is nearly a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// What is wrong with it.
    pub what: &'static str,
    /// The text.
    pub text: String,
    /// Whether it has the form all the same, so that only the checksum tells.
    pub has_form: bool,
}

impl Variant {
    fn new(what: &'static str, text: String) -> Self {
        Self { what, text, has_form: false }
    }
}

impl Shape {
    /// A token of this form: random within its classes, with the right checksum. The same seed gives the
    /// same token.
    pub fn sample(&self, checksum: Option<Checksum>, seed: &mut Seed) -> String {
        let mut token = self.random(seed);
        if let Some(checksum) = checksum {
            // Not every length can hold a structure, and a checksum may need digits that the form has not.
            for _ in 0..DRAWS {
                let mut sealed = token.clone();
                if checksum.seal(&mut sealed, self.prefix_len()) && self.is_whole(&sealed) {
                    token = sealed;
                    break;
                }
                token = self.random(seed);
            }
        }
        // Shapes are ASCII.
        String::from_utf8_lossy(&token).into_owned()
    }

    fn random(&self, seed: &mut Seed) -> Vec<u8> {
        let mut token = Vec::new();
        for part in self.parts.iter() {
            match part {
                Part::Literal(literal) => token.extend_from_slice(literal.as_bytes()),
                Part::Class { set, min, max } => {
                    let len = usize::from(*min) + seed.below(usize::from(max - min) + 1);
                    token.extend((0..len).map(|_| seed.byte(*set)));
                }
            }
        }
        token
    }

    /// Texts that differ from a token in one thing, and are none.
    pub fn near_misses(&self, checksum: Option<Checksum>, seed: &mut Seed) -> Vec<Variant> {
        let token = self.sample(checksum, seed);
        let mut variants = vec![Variant::new("inside a longer word", format!("x{token}"))];
        if let Some(Part::Class { set, min, max }) = self.parts.last() {
            // A part of open length may simply go on with the underscore.
            if !set.has(b'_') || min == max {
                variants.push(Variant::new("inside a longer word", format!("{token}_x")));
            }
            // Long enough to be refused however long the sample's last part came out.
            let longer = (0..=max - min).map(|_| char::from(seed.byte(*set)));
            variants.push(Variant::new("too long", token.chars().chain(longer).collect()));
        }
        if let Some(short) = self.shorter(&token) {
            variants.push(Variant::new("too short", short));
        }
        if let Some((start, len, _)) = self.longest_class(&token) {
            let mut broken = token.clone();
            let middle = start + len / 2;
            broken.replace_range(middle..=middle, "!");
            variants.push(Variant::new("a character that is not of the alphabet", broken));
        }
        if let Some(broken) = checksum.and_then(|checksum| self.with_broken_checksum(checksum, seed)) {
            let what = "a checksum that does not hold";
            variants.push(Variant { has_form: true, ..Variant::new(what, broken) });
        }
        variants
    }

    /// The token with a checksum that does not hold; `None` if it has no byte that could be changed.
    pub fn with_broken_checksum(&self, checksum: Checksum, seed: &mut Seed) -> Option<String> {
        let token = self.sample(Some(checksum), seed);
        let (start, len, set) = self.longest_class(&token)?;
        // A third from the beginning; a structure may not care about every byte.
        (start + len / 3..start + len).chain(start..start + len / 3).find_map(|at| {
            let mut broken = token.clone().into_bytes();
            broken[at] = set.bytes().find(|&byte| byte != broken[at])?;
            (!checksum.holds(&broken, self.prefix_len()))
                .then(|| String::from_utf8_lossy(&broken).into_owned())
        })
    }

    /// One byte fewer than the last class may have.
    fn shorter(&self, token: &str) -> Option<String> {
        match self.parts.last() {
            Some(Part::Class { min, max, .. }) if min == max => Some(token[..token.len() - 1].to_owned()),
            _ => None,
        }
    }

    /// Where the longest class begins in a sample, how long it must be at least, and its alphabet. Only places that do
    /// not depend on how long another class came out are given.
    fn longest_class(&self, token: &str) -> Option<(usize, usize, ByteSet)> {
        let mut best: Option<(usize, usize, ByteSet)> = None;
        let mut at = 0;
        for part in self.parts.iter() {
            match part {
                Part::Literal(literal) => at += literal.len(),
                Part::Class { set, min, max } => {
                    let len = usize::from(*min);
                    if best.is_none_or(|(_, longest, _)| len > longest) {
                        best = Some((at, len, *set));
                    }
                    if min != max {
                        break;
                    }
                    at += len;
                }
            }
        }
        best.filter(|&(start, len, _)| len > 0 && start + len <= token.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::parse;

    #[test]
    fn samples_verify_and_near_misses_do_not() {
        for (notation, checksum) in [
            ("'abc_' alnum{36}", Some(Checksum::Crc32Base62)),
            ("'ab.' base64url{22} '.' base64url{43}", None),
            ("alnum{3} digit{1} @'Q~' [A-Za-z0-9_.~-]{31,34}", None),
            ("'x-' digit{10,13} '-' alnum{24}", None),
        ] {
            let shape = parse(notation).expect("a shape");
            let mut seed = Seed(7);
            for _ in 0..200 {
                let token = shape.sample(checksum, &mut seed);
                let at = token.find(shape.anchor_text()).expect("the anchor");
                assert_eq!(shape.verify(token.as_bytes(), at), Some(0..token.len()), "{token}");
                if let Some(checksum) = checksum {
                    assert!(checksum.holds(token.as_bytes(), shape.prefix_len()));
                    let broken = shape.with_broken_checksum(checksum, &mut seed).expect("can be broken");
                    assert!(!checksum.holds(broken.as_bytes(), shape.prefix_len()), "{broken}");
                }
                for miss in shape.near_misses(checksum, &mut seed) {
                    let hits = miss.text.match_indices(shape.anchor_text());
                    for (at, _) in hits {
                        let found = shape.verify(miss.text.as_bytes(), at);
                        assert_eq!(found.is_some(), miss.has_form, "{}: {}", miss.what, miss.text);
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_sample() {
        let shape = parse("'a' alnum{20,40}").expect("a shape");
        assert_eq!(shape.sample(None, &mut Seed(1)), shape.sample(None, &mut Seed(1)));
        assert_ne!(shape.sample(None, &mut Seed(1)), shape.sample(None, &mut Seed(2)));
    }
}
