//! TOML, JSON, dotenv and UTF-16 of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{decode_utf16, parse_dotenv, parse_json, parse_toml};

fuzz_target!(|data: &[u8]| {
    let _ = parse_toml(data);
    let _ = parse_json(data);
    let _ = decode_utf16(data);
    for entry in &parse_dotenv(data).entries {
        assert!(entry.value_span.end <= data.len() && entry.key_span.end <= entry.value_span.end.max(entry.key_span.end));
    }
});
