use std::ops::Range;

use memchr::memmem;

use super::setting::assigned;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::Region;
use crate::source::{FileView, Stage};

/// A URL of this machine as the value of a setting, in a file that says of itself that it configures production. What
/// listens, what may call and what checks a neighbour is meant to be local.
///
/// Words: `local`, parts of names whose value may be local.
pub(super) struct LocalHost;

impl Detector for LocalHost {
    fn name(&self) -> &'static str {
        "local-host"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let staged = view.staged();
        if staged.stage != Stage::Production || !staged.is_said {
            return;
        }
        let bytes = view.bytes();
        let host_ends = bytes[at.end - 1] == b':'
            || bytes.get(at.end).is_none_or(|b| !b.is_ascii_alphanumeric() && !b".-_".contains(b));
        if !host_ends || !matches!(view.region_at(at.start), Region::Code | Region::String) {
            return;
        }
        let line = view.line_near(at.start, 512);
        let first = line.start + bytes[line.clone()].iter().take_while(|b| b" \t-\"'".contains(b)).count();
        let first = if bytes[first..line.end].starts_with(b"ENV ") { first + 4 } else { first };
        let Some(assigned) = assigned(view, first) else { return };
        if !assigned.value.contains(&at.start) {
            return;
        }
        let name = bytes[assigned.name.clone()].to_ascii_lowercase();
        if !rule.rule.detect.words("local").iter().any(|part| memmem::find(&name, part.as_bytes()).is_some())
        {
            emit.raw(Raw::at(assigned.value));
        }
    }
}
