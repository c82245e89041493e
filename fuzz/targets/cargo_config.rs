//! Cargo's configuration and rustup's toolchain file, of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::repo::cargo_config::{read_config, read_toolchain};

fuzz_target!(|data: &[u8]| {
    if let Ok(config) = read_config(data) {
        for program in &config.programs {
            assert!(program.span.end <= data.len() && !program.program.is_empty());
        }
        assert!(config.aliases.iter().all(|(_, _, span)| span.end <= data.len()));
        assert!(config.includes.iter().all(|include| include.span.end <= data.len()));
    }
    if let Some(program) = read_toolchain(data) {
        assert!(program.span.end <= data.len());
    }
});
