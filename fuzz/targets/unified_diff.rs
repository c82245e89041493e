//! Unified differences of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{added_lines, parse_unified_diff};

fuzz_target!(|data: &[u8]| {
    let Ok(files) = parse_unified_diff(data) else { return };
    for file in &files {
        let _ = file.added();
        // What was undone and is done again is what it was, as far as lines go.
        if let Ok(before) = file.before(data) {
            let _ = added_lines(&before, data);
        }
        // A file that the difference fits to.
        let now: Vec<u8> = file.hunks.first().map_or(Vec::new(), |hunk| {
            let blank = (1..hunk.start.min(1000)).flat_map(|_| *b"\n");
            blank.chain(hunk.after.iter().flat_map(|(line, _)| line.iter().copied().chain(*b"\n"))).collect()
        });
        let _ = file.before(&now);
    }
});
