//! What programs set, call and read from the environment, in every language that is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::model::Language;
use prodcheck::source::{CodeSettings, Regions};

fuzz_target!(|data: &[u8]| {
    for language in [
        Language::Python,
        Language::JavaScript,
        Language::Rust,
        Language::Ruby,
        Language::Php,
        Language::Go,
        Language::CSharp,
    ] {
        let regions = Regions::new(language, data);
        let view = CodeSettings::new(language, data, &regions);
        for setting in &view.settings {
            assert!(setting.name_span.start <= setting.name_span.end);
            assert!(setting.value_span.start <= setting.value_span.end && setting.value_span.end <= data.len());
            let _ = view.guard(data, setting.name_span.start);
            let _ = view.resolved(&setting.value);
        }
        for call in &view.calls {
            assert!(call.span.start <= call.callee_span.end && call.span.end <= data.len());
        }
        for read in view.environment(data) {
            assert!(read.name_span.end <= data.len() && read.span.end <= data.len());
        }
    }
});
