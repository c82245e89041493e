use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::source::FileView;

/// `[profile.release]` of a manifest with what is for debugging.
pub(super) struct ReleaseProfile;

impl Detector for ReleaseProfile {
    fn name(&self) -> &'static str {
        "release-profile"
    }

    fn needs(&self) -> Needs {
        Needs::File
    }

    fn file(&self, _: &Prepared, view: &FileView, emit: &mut Emit) {
        let Ok(document) = view.toml() else { return };
        let release = document.get("profile").and_then(|profile| profile.get("release"));
        let Some(release) = release.and_then(|release| release.as_table_like()) else { return };
        let value = |key: &str| release.get(key).and_then(|item| item.as_value());
        let mut say = |key: &str, message: &str, instead: &str| {
            let Some(span) = value(key).and_then(toml_edit::Value::span) else { return };
            let change = RawChange::replace(format!("writes {instead}"), span.clone(), instead);
            emit.raw(Raw::at(span).message(message).change(Some(change)));
        };
        if value("debug-assertions").and_then(toml_edit::Value::as_bool) == Some(true) {
            say("debug-assertions", "debug assertions are compiled into the release", "false");
        }
        if value("opt-level").and_then(toml_edit::Value::as_integer) == Some(0) {
            say("opt-level", "the release is compiled without optimisation", "3");
        }
    }
}
