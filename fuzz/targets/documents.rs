//! TOML, JSON, YAML, dotenv and UTF-16 of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{decode_utf16, parse_dotenv, parse_json, parse_toml, parse_yaml};

fuzz_target!(|data: &[u8]| {
    let _ = parse_toml(data);
    let _ = parse_json(data);
    let _ = decode_utf16(data);
    if let Ok(documents) = parse_yaml(data) {
        for offset in (0..data.len()).step_by(7) {
            let Some(node) = documents.at(offset) else { continue };
            let span = node.span();
            assert!(span.contains(&offset) && span.end <= data.len());
            let Some(text) = node.as_str().filter(|_| !node.is_alias()) else { continue };
            let source = node.positions(data).source(0..text.len());
            assert!(span.start <= source.start && source.end <= span.end);
        }
    }
    for entry in &parse_dotenv(data).entries {
        assert!(entry.value_span.end <= data.len() && entry.key_span.end <= entry.value_span.end.max(entry.key_span.end));
    }
});
