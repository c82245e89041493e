use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::{FileView, IniEntry, parse_ini};

/// What a unit of systemd that runs for good should say: who starts it again, and as whom it runs
/// (<https://www.freedesktop.org/software/systemd/man/systemd.service.html>).
pub(in crate::detect::deploy) fn unit(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal {
        return;
    }
    let Ok(text) = std::str::from_utf8(view.bytes()) else { return };
    let entries = parse_ini(text);
    let own: Vec<&IniEntry> = entries.iter().filter(|entry| entry.section == "Service").collect();
    let value = |key: &str| {
        own.iter()
            .rev()
            .find(|entry| entry.key == key)
            .and_then(|entry| entry.lines.first())
            .map(|line| line.0)
    };
    let Some((_, span)) =
        own.iter().find(|entry| entry.key == "ExecStart").and_then(|entry| entry.lines.first())
    else {
        return;
    };
    if matches!(value("Type"), Some("oneshot")) {
        return;
    }
    let mut missing = Vec::new();
    if matches!(value("Restart"), None | Some("no")) {
        missing.push("Restart=on-failure, so it stays down when it falls");
    }
    let is_user = value("User").is_some_and(|user| user != "root") || value("DynamicUser").is_some();
    // Units of a user's own manager run as that user.
    let of_user = entries.iter().any(|entry| {
        entry.key == "WantedBy" && entry.lines.first().is_some_and(|(target, _)| *target == "default.target")
    });
    if !is_user && !of_user && !view.path().parts().any(|part| part == b"user") {
        missing.push("User=, so it runs as root");
    }
    if missing.is_empty() {
        return;
    }
    let raw = Raw::at(span.clone()).message(format!("the unit lacks {}", missing.join("; and ")));
    emit.raw(weighed(raw, rule.rule.severity));
}
