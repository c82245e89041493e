//! `prodcheck.toml`, rule files and shapes of anybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::config::{self, ConfigText, ConfigTexts};
use prodcheck::rules::{schema, shape};

fuzz_target!(|text: &str| {
    let own = ConfigText { name: "prodcheck.toml".into(), path: None, text: text.to_owned() };
    let _ = config::read(ConfigTexts { prodcheck: Some(own), manifest: None });
    let _ = schema::read("debug/x.toml", text);
    if let Ok(shape) = shape::parse(text) {
        let _ = shape.verify(text.as_bytes(), 0);
    }
});
