use std::collections::HashMap;

use similar::{Algorithm, capture_diff_slices};

/// Lines of a text, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    /// First and last line of each stretch, in order, not touching each other.
    stretches: Vec<(u32, u32)>,
}

impl Lines {
    /// Adds a line; they come in order.
    pub fn push(&mut self, line: u32) {
        match self.stretches.last_mut() {
            Some((_, last)) if line <= *last => {}
            Some((_, last)) if line == *last + 1 => *last = line,
            _ => self.stretches.push((line, line)),
        }
    }

    /// Whether one of the lines from `first` to `last` is among them.
    pub fn touch(&self, first: u32, last: u32) -> bool {
        let at = self.stretches.partition_point(|(_, end)| *end < first);
        self.stretches.get(at).is_some_and(|(start, _)| *start <= last)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }
}

/// The lines of `now` that are not in `before`, or elsewhere in it: those with a `+` in a difference of the two.
pub fn added_lines(before: &[u8], now: &[u8]) -> Lines {
    let (old, new) = (lines(before), lines(now));
    let mut added = Lines::default();
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if !matches!(op, similar::DiffOp::Equal { .. }) {
            op.new_range().for_each(|line| added.push(line as u32 + 1));
        }
    }
    added
}

/// How much of two texts is the same, from 0 to 1: lines they have in common, of those of the longer one.
pub fn likeness(one: &[u8], other: &[u8]) -> f64 {
    let (one, other) = (lines(one), lines(other));
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    for line in &one {
        *counts.entry(line).or_default() += 1;
    }
    let mut common = 0_u32;
    for line in &other {
        if let Some(count) = counts.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    let longer = one.len().max(other.len()).max(1) as u32;
    f64::from(common) / f64::from(longer)
}

/// The lines with their ends: without one at its end the last line is another.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|b| *b == b'\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_are_those_of_a_difference() {
        let added = added_lines(b"a\nb\nc\n", b"a\nx\nb\nc\ny\nz\n");
        assert_eq!(added.stretches, [(2, 2), (5, 6)]);
        for (first, last, expect) in [(1, 1, false), (1, 2, true), (3, 4, false), (4, 9, true), (7, 9, false)]
        {
            assert_eq!(added.touch(first, last), expect, "{first} to {last}");
        }
        assert!(added_lines(b"a\nb\n", b"b\n").is_empty());
        assert!(!added_lines(b"", b"b").is_empty());
    }

    #[test]
    fn texts_that_have_nothing_in_common_take_no_time() {
        let text = |from: u32| (from..from + 60_000).map(|n| n.to_string() + "\n").collect::<String>();
        let added = added_lines(text(0).as_bytes(), text(1_000_000).as_bytes());
        assert_eq!(added.stretches, [(1, 60_000)]);
    }
}
