//! Packed advisory data, and files of cargo's cache of the registry's index.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::repo::{advisories, index};

fuzz_target!(|data: &[u8]| {
    let _ = advisories::look_through(data);
    let _ = index::look_through(data);
});
