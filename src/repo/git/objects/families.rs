use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::delta;
use super::layout::{Layout, Number};
use super::reader::{Reader, of_base};
use super::{ObjectError, ObjectKind};

/// What others are made of may be larger than what is asked for, up to this size.
const LARGEST_BASE: u64 = 64 << 20;

/// Objects to be read, those that are made of each other together: each is unpacked once.
pub struct Families<'l> {
    layout: &'l Layout,
    limit: u64,
    held: usize,
    /// Whether an object is asked for.
    wanted: Vec<bool>,
    /// The needed objects that are made of one, one list behind the other.
    children: Vec<Number>,
    /// Where an object's list starts.
    starts: Vec<u32>,
    /// Those that are made of nothing, in the order of the packs.
    first: Vec<Number>,
    next: AtomicUsize,
}

/// What is done with an object: its content, or why it was not read.
pub type Take<'t> = dyn FnMut(Number, Result<&[u8], ObjectError>) + 't;

impl<'l> Families<'l> {
    /// Gets ready to read these objects, each of at most `limit` bytes. Of those that others are made of, each thread
    /// holds up to `held` bytes; what is above that is unpacked again when it is needed.
    pub fn new(layout: &'l Layout, wanted: Vec<bool>, limit: u64, held: usize) -> Self {
        let mut needed = wanted.clone();
        let count = layout.len();
        for number in 0..count as Number {
            let mut here = number;
            while needed[here as usize] {
                match layout.base(here) {
                    Some(base) if !needed[base as usize] => {
                        needed[base as usize] = true;
                        here = base;
                    }
                    _ => break,
                }
            }
        }
        let mut starts = vec![0_u32; count + 1];
        let mut first = Vec::new();
        for number in (0..count as Number).filter(|n| needed[*n as usize]) {
            match layout.base(number) {
                Some(base) => starts[base as usize + 1] += 1,
                None => first.push(number),
            }
        }
        for at in 0..count {
            starts[at + 1] += starts[at];
        }
        let mut children = vec![0; starts[count] as usize];
        let mut filled = starts.clone();
        for number in (0..count as Number).filter(|n| needed[*n as usize]) {
            if let Some(base) = layout.base(number) {
                children[filled[base as usize] as usize] = number;
                filled[base as usize] += 1;
            }
        }
        Self { layout, limit, held, wanted, children, starts, first, next: AtomicUsize::new(0) }
    }

    fn children_of(&self, number: Number) -> &[Number] {
        let at = number as usize;
        &self.children[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// Reads, as one of several threads, until nothing is left to begin.
    pub fn read(&self, reader: &mut Reader, take: &mut Take) {
        loop {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&number) = self.first.get(at) else { return };
            self.family(reader, number, take);
        }
    }

    /// One object and all that is made of it: down to the last before the next is begun.
    fn family(&self, reader: &mut Reader, first: Number, take: &mut Take) {
        let mut open: Vec<Open> = Vec::new();
        let begun = match self.layout.packed_size(first) {
            // Nothing is made of it, so nobody needs it.
            Some((false, size)) if size > self.limit && self.children_of(first).is_empty() => {
                Err(ObjectError::TooLarge { size })
            }
            _ => {
                let read = reader.numbered(self.layout, first, self.limit.max(LARGEST_BASE));
                read.map(|(_, bytes)| bytes)
            }
        };
        let mut held = begun.as_ref().map_or(0, |bytes| bytes.len());
        self.hand_over(first, &begun, take);
        open.push(Open { number: first, bytes: begun.clone().ok(), failed: begun.err(), next: 0 });
        while let Some(top) = open.last_mut() {
            let children = self.children_of(top.number);
            let Some(&child) = children.get(top.next) else {
                held -= top.bytes.as_ref().map_or(0, |bytes| bytes.len());
                open.pop();
                continue;
            };
            top.next += 1;
            let made = match (&top.bytes, &top.failed) {
                (_, Some(error)) => Err(of_base(error.clone())),
                (Some(bytes), None) => self.child(reader, bytes, child),
                // It had to make room.
                (None, None) => reader
                    .numbered(self.layout, top.number, self.limit.max(LARGEST_BASE))
                    .map_err(of_base)
                    .and_then(|(_, bytes)| self.child(reader, &bytes, child)),
            };
            if top.next == children.len() {
                held -= top.bytes.take().map_or(0, |bytes| bytes.len());
            }
            self.hand_over(child, &made, take);
            if self.children_of(child).is_empty() {
                continue;
            }
            let (bytes, failed) = match made {
                Ok(bytes) => (Some(bytes), None),
                Err(error) => (None, Some(error)),
            };
            held += bytes.as_ref().map_or(0, |bytes| bytes.len());
            for above in &mut open {
                if held <= self.held {
                    break;
                }
                held -= above.bytes.take().map_or(0, |bytes| bytes.len());
            }
            open.push(Open { number: child, bytes, failed, next: 0 });
        }
    }

    fn child(&self, reader: &mut Reader, base: &[u8], child: Number) -> Result<Arc<Vec<u8>>, ObjectError> {
        let most = self.limit.max(LARGEST_BASE);
        let delta = reader.delta(self.layout, child, most)?;
        delta::apply(base, &delta, most).map(Arc::new)
    }

    fn hand_over(&self, number: Number, made: &Result<Arc<Vec<u8>>, ObjectError>, take: &mut Take) {
        if !self.wanted[number as usize] {
            return;
        }
        match made {
            Err(error) => take(number, Err(error.clone())),
            Ok(bytes) if bytes.len() as u64 > self.limit => {
                take(number, Err(ObjectError::TooLarge { size: bytes.len() as u64 }));
            }
            // What a name stands for is remembered beyond this repository.
            Ok(bytes) if self.layout.name_of(ObjectKind::Blob, bytes) != self.layout.id(number) => {
                take(number, Err(ObjectError::Damaged));
            }
            Ok(bytes) => take(number, Ok(bytes)),
        }
    }
}

/// An object whose children are being read.
struct Open {
    number: Number,
    /// Its content, if that is held.
    bytes: Option<Arc<Vec<u8>>>,
    /// Why there is none.
    failed: Option<ObjectError>,
    next: usize,
}
