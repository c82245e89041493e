//! Comments and strings of every language: in order, within bounds, without overlaps.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::Language;
use prodcheck::source::Regions;

fuzz_target!(|data: &[u8]| {
    let Some((which, text)) = data.split_first() else { return };
    let language = Language::ALL[usize::from(*which) % Language::ALL.len()];
    let regions = Regions::new(language, text);
    let mut end = 0;
    for stretch in regions.stretches() {
        assert!(end <= stretch.range.start && stretch.range.start < stretch.range.end);
        end = stretch.range.end;
    }
    assert!(end <= text.len());
    assert!(regions.tests().iter().all(|test| test.start <= test.end && test.end <= text.len()));
});
