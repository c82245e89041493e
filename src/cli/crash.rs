use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

use super::output;

thread_local! {
    /// Where this thread panicked last: file and line of our own source, never the message, which could hold
    /// text of the repository.
    static PLACE: Cell<Option<(&'static str, u32)>> = const { Cell::new(None) };
}

/// From here on a panic prints nothing: a rule that crashes becomes a line of the report.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(|location| {
            // Locations live as long as the program; only their file's name has to be copied once.
            let file: &'static str = Box::leak(location.file().to_owned().into_boxed_str());
            (file, location.line())
        });
        PLACE.set(place);
    }));
}

/// Runs the program; a panic outside of a rule is our own failure: exit code 2.
pub(super) fn guard(run: impl FnOnce() -> u8) -> u8 {
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        let place = PLACE.get().map_or_else(String::new, |(file, line)| format!(" at {file}:{line}"));
        output::say(&format!("error: cargo prodcheck failed{place}; this is a bug, please report it"));
        2
    })
}
