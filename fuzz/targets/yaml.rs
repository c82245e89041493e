//! YAML of anybody: the tree, and that everything in it knows its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::parse_yaml;

fuzz_target!(|data: &[u8]| {
    let Ok(documents) = parse_yaml(data) else { return };
    for offset in (0..data.len()).step_by(7) {
        let Some(node) = documents.at(offset) else { continue };
        let span = node.span();
        assert!(span.contains(&offset) && span.end <= data.len());
        let Some(text) = node.as_str().filter(|_| !node.is_alias()) else { continue };
        let source = node.positions(data).source(0..text.len());
        assert!(span.start <= source.start && source.end <= span.end);
    }
});
