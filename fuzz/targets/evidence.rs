//! What is shown of a file: labels within bounds, nothing that steers a terminal, no secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::{LineIndex, Secret};
use prodcheck::scan::Masks;
use prodcheck::scan::evidence::evidence;

fuzz_target!(|data: (u16, u16, u16, u16, &[u8])| {
    let (start, length, secret, secret_length, text) = data;
    let at = |n: u16| usize::from(n).min(text.len());
    let range = at(start)..at(start.saturating_add(length));
    let hidden = at(secret)..at(secret.saturating_add(secret_length));
    let masks = Masks::new(&[Secret { range: hidden, prefix: 4 }]);
    let shown = evidence(text, &LineIndex::new(text), range, "", &masks);
    assert!(shown.text.len() < 16 << 10);
    assert!(shown.text.chars().all(|c| c == '\n' || !c.is_control()));
    for label in &shown.labels {
        assert!(shown.text.get(label.range.clone()).is_some());
    }
});
