use std::ops::Range;

/// Where the bytes of a decoded text stand in the text it was decoded from.
///
/// The decoded text is a row of pieces. In each, so many bytes of the source became so many of the text, over
/// and over: `%40` is three for one, base64 four for three, text that stands as it is one for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions {
    pieces: Vec<Piece>,
    /// Behind the last byte of the source that was read.
    end: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the decoded text.
    text: usize,
    /// Where it begins in the source.
    source: usize,
    unit: Unit,
}

/// How many bytes of the source make how many of the decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    text: usize,
    source: usize,
}

impl Positions {
    /// From this byte of the text on, each `text` bytes come from `source` bytes, the first of them from
    /// `at`. Pieces are added in order; a piece that only goes on is not a new one.
    pub(super) fn add(&mut self, at: usize, source_at: usize, text: usize, source: usize) {
        let unit = Unit { text: text.max(1), source };
        if let Some(last) = self.pieces.last() {
            let goes_on = last.unit == unit
                && (at - last.text).is_multiple_of(unit.text)
                && last.source + (at - last.text) / unit.text * unit.source == source_at;
            if goes_on {
                return;
            }
        }
        self.pieces.push(Piece { text: at, source: source_at, unit });
    }

    /// Says where the source ends.
    pub(super) fn finish(&mut self, end: usize) {
        self.end = end;
    }

    /// The bytes of the source that these bytes of the text were made of: whole units, so that nothing of
    /// them is left out.
    pub fn source(&self, text: Range<usize>) -> Range<usize> {
        let start = self.start_of(text.start);
        if text.is_empty() {
            return start..start;
        }
        let last = text.end - 1;
        let end = self.piece(last).map_or(self.end, |piece| {
            piece.source + ((last - piece.text) / piece.unit.text + 1) * piece.unit.source
        });
        start..end.min(self.end).max(start)
    }

    /// Whether all of these bytes stand in the source as they are.
    pub fn is_plain(&self, text: Range<usize>) -> bool {
        let from = self.pieces.partition_point(|piece| piece.text <= text.start).saturating_sub(1);
        self.pieces[from..]
            .iter()
            .take_while(|piece| piece.text < text.end)
            .all(|piece| piece.unit == Unit { text: 1, source: 1 })
    }

    /// Where the unit that holds this byte begins.
    fn start_of(&self, at: usize) -> usize {
        let start = self
            .piece(at)
            .map_or(self.end, |piece| piece.source + (at - piece.text) / piece.unit.text * piece.unit.source);
        start.min(self.end)
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        self.pieces.get(self.pieces.partition_point(|piece| piece.text <= at).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_take_whole_units() {
        let mut positions = Positions::default();
        // `ab%40cd` and behind it eight digits of base64.
        positions.add(0, 10, 1, 1);
        positions.add(2, 12, 1, 3);
        positions.add(3, 15, 1, 1);
        positions.add(5, 17, 3, 4);
        positions.add(8, 21, 3, 4);
        positions.finish(25);
        for (text, source) in
            [(0..2, 10..12), (1..3, 11..15), (2..3, 12..15), (4..6, 16..21), (7..9, 17..25), (9..9, 21..21)]
        {
            assert_eq!(positions.source(text.clone()), source, "{text:?}");
        }
        assert_eq!(positions.pieces.len(), 4);
        assert!(positions.is_plain(0..2) && positions.is_plain(3..5));
        assert!(!positions.is_plain(1..3) && !positions.is_plain(4..6) && !positions.is_plain(10..11));
        assert_eq!(positions.source(500..900), 25..25);
        assert_eq!(Positions::default().source(0..3), 0..0);
    }
}
