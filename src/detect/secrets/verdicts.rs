use super::assignment::{Given, How};
use super::judge::Verdict;
use super::known;
use super::name::Noun;

/// How many are remembered, as a power of two.
const SLOT_BITS: u32 = 7;

/// What was said of names and values of this file. The tables of a bundle give the same few values to the same name
/// thousands of times: what is said of them follows from their text alone, and is said once.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// By a hash of the value; nothing until there is something to remember.
    slots: Vec<Option<Slot>>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Where the name and the value stand.
    name: (usize, usize),
    value: (usize, usize),
    quoted: bool,
    how: How,
    said: (Noun, Verdict),
}

impl Verdicts {
    /// What was said of the same name and value.
    pub(super) fn of(&self, text: &[u8], given: &Given) -> Option<(Noun, Verdict)> {
        if self.slots.is_empty() {
            return None;
        }
        let wanted = key(text, given)?;
        let slot = self.slots[wanted.place].as_ref()?;
        let same = slot.quoted == given.value.quoted
            && slot.how == given.how
            && text[slot.value.0..slot.value.1] == *wanted.value
            && text[slot.name.0..slot.name.1] == text[given.name.clone()];
        same.then_some(slot.said)
    }

    /// Remembers what is said of them by their text alone.
    pub(super) fn keep(&mut self, text: &[u8], given: &Given, said: (Noun, Verdict)) {
        let Some(Key { place, .. }) = key(text, given) else { return };
        if self.slots.is_empty() {
            self.slots = vec![None; 1 << SLOT_BITS];
        }
        let value = given.value.range();
        self.slots[place] = Some(Slot {
            name: (given.name.start, given.name.end),
            value: (value.start, value.end),
            quoted: given.value.quoted,
            how: given.how,
            said,
        });
    }
}

struct Key<'t> {
    place: usize,
    value: &'t [u8],
}

/// `None` if more than their text matters: what stands around, what is put together.
fn key<'t>(text: &'t [u8], given: &Given) -> Option<Key<'t>> {
    let [value] = &*given.value.parts else { return None };
    let value = &text[value.clone()];
    if given.value.mixed || value.len() >= known::SHORTEST_OF_CONTEXT {
        return None;
    }
    // Both ends tell values apart that begin or end alike.
    let mut ends = [0; 8];
    for (at, &byte) in value.iter().take(4).chain(value.iter().rev().take(4)).enumerate() {
        ends[at] = byte;
    }
    let hash = (u64::from_le_bytes(ends) ^ (value.len() as u64) << 56 ^ given.name.len() as u64)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Some(Key { place: (hash >> (64 - SLOT_BITS)) as usize, value })
}
