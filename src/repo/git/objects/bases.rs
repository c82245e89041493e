use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::ObjectKind;

/// Where an object stands: the pack, and the offset in it.
pub(super) type At = (u32, u64);

/// Objects that were unpacked lately: others are made of them. What was asked for again stays longer.
#[derive(Default)]
pub(super) struct Bases {
    known: HashMap<At, Base>,
    order: VecDeque<At>,
    bytes: usize,
    most: usize,
}

struct Base {
    kind: ObjectKind,
    bytes: Arc<Vec<u8>>,
    again: bool,
}

impl Bases {
    /// Room for this many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(super) fn get(&mut self, at: At) -> Option<(ObjectKind, Arc<Vec<u8>>)> {
        let base = self.known.get_mut(&at)?;
        base.again = true;
        Some((base.kind, Arc::clone(&base.bytes)))
    }

    pub(super) fn put(&mut self, at: At, kind: ObjectKind, bytes: &Arc<Vec<u8>>) {
        // Small ones take room of their own too.
        let size = bytes.len() + 128;
        if size > self.most / 8 || self.known.contains_key(&at) {
            return;
        }
        while self.bytes + size > self.most {
            let Some(oldest) = self.order.pop_front() else { break };
            match self.known.get_mut(&oldest) {
                Some(base) if base.again => {
                    base.again = false;
                    self.order.push_back(oldest);
                }
                Some(base) => {
                    self.bytes -= base.bytes.len() + 128;
                    self.known.remove(&oldest);
                }
                None => {}
            }
        }
        self.bytes += size;
        self.known.insert(at, Base { kind, bytes: Arc::clone(bytes), again: false });
        self.order.push_back(at);
    }
}
