//! Whatever is decoded lies where it says, in order and within the budget.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{Decoding, LongRuns};

fuzz_target!(|data: &[u8]| {
    let all = 2 * data.len() + 3;
    let mut budget = all;
    let runs = LongRuns::of(data, |_| {});
    let mut decoding = Decoding::new(data, &runs);
    let (mut end, mut sum) = (0, 0);
    while let Some(decoded) = decoding.next(&mut budget) {
        // Pieces of one run overlap.
        assert!(end <= decoded.range.start || decoded.is_mixed);
        assert!(end <= decoded.range.end && decoded.range.end <= data.len());
        end = decoded.range.end;
        sum += decoded.text.len();
        let mut before = decoded.range.start;
        for at in (0..decoded.text.len()).step_by(5) {
            let source = decoded.positions.source(at..at + 1);
            assert!(before <= source.start && source.start < source.end && source.end <= decoded.range.end);
            assert!(!decoded.positions.is_plain(at..at + 1) || data[source.clone()] == decoded.text[at..=at]);
            before = source.start;
        }
    }
    assert!(sum <= all + 3);
});
