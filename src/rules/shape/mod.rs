//! Token formats as data: a sequence of literals and character classes.
//!
//! The same data verifies a hit by a few table look-ups, and makes valid and near-miss samples for tests.

mod checksum;
mod notation;
mod sample;
mod verify;

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

/// The checksums that vendors put into their tokens. The algorithms stand in `checksum.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// The last 6 bytes are the CRC-32 of the bytes between the prefix and them, in base 62
    /// (`0-9A-Za-z`), padded with zeros. GitHub and npm
    /// (<https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>).
    Crc32Base62,
    /// The last 8 bytes are the CRC-32 of everything before them, in upper-case hex. Atlassian; seen on
    /// issued tokens, not documented.
    Crc32HexUpper,
    /// The last 8 bytes are the CRC-32 of everything before the `_` before them, least byte first, in
    /// lower-case hex. Grafana.
    Crc32HexGrafana,
    /// The last byte is the exclusive or of the bytes between the prefix and it, modulo 62 (`A-Za-z0-9`).
    /// Trusted publishing of the Rust registry (`crates/crates_io_trustpub/src/access_token.rs` there).
    XorBase62,
    /// The last 6 bytes are the checksum of bech32 (BIP 173) in upper case. age.
    Bech32Age,
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

    /// How many leading bytes are the vendor's literal prefix, which may be shown.
    pub fn prefix_len(&self) -> usize {
        match self.parts.first() {
            Some(Part::Literal(text)) => text.len(),
            _ => 0,
        }
    }
}
