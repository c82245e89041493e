use std::ops::Range;

use super::host::Host;
use super::key_values::KeyValues;
use super::written::{self, Credential, Worth};
use super::{connection_string, url_password};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret, Severity};
use crate::source::FileView;

/// Passwords that everybody knows (`postgres:postgres@`, `changeme`, the keys of emulators) in URLs and
/// connection strings. They keep nobody out, and what they guard is not known: a warning where something is
/// deployed, a note on this machine and where things are rehearsed.
pub(in crate::detect) struct WeakDefaults;

impl Detector for WeakDefaults {
    fn name(&self) -> &'static str {
        "weak-default"
    }

    fn reason(&self) -> &'static str {
        "a part of a URL or connection string, held against a list of known defaults"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let is_key = matches!(text.get(at.start), Some(b'a' | b'A'));
        let found = match text.get(at.start) {
            Some(b':' | b'?' | b'&' | b'@') => {
                url_password::read(text, at).filter(|f| url_password::worth(text, f) == Worth::Known)
            }
            Some(b'a' | b'A') => account_key(text, at).filter(|f| f.worth(text) == Worth::Known),
            _ => connection_string::database(text, at)
                .map(|(_, found)| found)
                .filter(|f| f.worth(text) == Worth::Known),
        };
        let Some(found) = found else { return };
        let is_local = is_key || matches!(found.host, Some(Host::Here | Host::Example));
        let severity = if is_local || written::is_rehearsal(view, found.span.start) {
            Severity::Note
        } else {
            Severity::Warning
        };
        let message = if is_key {
            "the published key of an emulator".to_owned()
        } else {
            format!("a password that everybody knows, of {}", found.host.unwrap_or(Host::Here).words())
        };
        let mut raw = Raw::at(found.span).message(message);
        raw.secrets.push(Secret { range: found.password, prefix: 0 });
        raw.proof = Some(Proof::Structure);
        raw.severity = (severity != rule.rule.severity).then_some(severity);
        emit.raw(raw);
    }
}

/// The key of a storage or Cosmos DB account.
fn account_key(text: &[u8], at: Range<usize>) -> Option<Credential> {
    let list = KeyValues::around(text, at.start, b';')?;
    let key = list.get(&["accountkey"])?;
    Some(Credential { span: list.span, user: key.start..key.start, password: key, host: None })
}
