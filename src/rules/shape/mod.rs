//! Token formats as data: a sequence of literals and character classes.
//!
//! The same data verifies a hit by a few table look-ups, and makes valid and near-miss samples for tests.

mod checksum;
mod notation;
mod sample;
mod verify;

pub use checksum::Checksum;
pub use notation::{NotationError, parse};
pub use sample::{Seed, Variant};

use super::rule::{List, Text};

/// A form of a token: what must stand there, from its first to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The parts in order.
    pub parts: List<Part>,
    /// Which part is the literal that the prefilter looks for. All parts before it have a fixed length. The
    /// number of parts if there is none: such a shape is only held against whole values.
    pub anchor: usize,
}

/// A part of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These very bytes (ASCII, case matters).
    Literal(Text),
    /// Between `min` and `max` bytes of a set, as many as there are.
    Class {
        /// The alphabet.
        set: ByteSet,
        /// The least number of bytes.
        min: u16,
        /// The greatest number of bytes.
        max: u16,
    },
}

/// A set of ASCII bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSet(pub u128);

impl ByteSet {
    /// Whether the byte is in it.
    pub const fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }

    /// The bytes in it, in order.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        (0..128).filter(move |&b| self.has(b))
    }
}

impl Shape {
    /// The literal that the prefilter looks for.
    pub fn anchor_text(&self) -> &str {
        match self.parts.get(self.anchor) {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// The bytes of which one must follow the anchor; `None` if it may end the token.
    pub fn after_anchor(&self) -> Option<ByteSet> {
        match self.parts.get(self.anchor + 1)? {
            Part::Literal(text) => text.bytes().next().map(|byte| ByteSet(1 << byte)),
            Part::Class { set, min, .. } => (*min > 0).then_some(*set),
        }
    }

    /// How many bytes of one kind surely stand in a row from the anchor on; 0 if anything stands before it.
    pub fn run_from_anchor(&self, is: impl Fn(u8) -> bool) -> usize {
        let mut run = 0;
        if self.anchor != 0 {
            return run;
        }
        for part in self.parts.iter() {
            match part {
                Part::Literal(text) => {
                    let of_it = text.bytes().take_while(|&byte| is(byte)).count();
                    run += of_it;
                    if of_it < text.len() {
                        return run;
                    }
                }
                Part::Class { set, min, .. } if set.bytes().all(&is) => run += usize::from(*min),
                Part::Class { .. } => return run,
            }
        }
        run
    }

    /// How many bytes stand before the anchor.
    pub fn before_anchor(&self) -> usize {
        self.parts[..self.anchor]
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.len(),
                Part::Class { max, .. } => usize::from(*max),
            })
            .sum()
    }

    /// How many bytes of it are literals: the more, the more it says.
    pub fn literal_len(&self) -> usize {
        self.parts.iter().map(|part| if let Part::Literal(text) = part { text.len() } else { 0 }).sum()
    }

    /// How many leading bytes are the vendor's literal prefix, which may be shown.
    pub fn prefix_len(&self) -> usize {
        match self.parts.first() {
            Some(Part::Literal(text)) => text.len(),
            _ => 0,
        }
    }
}
