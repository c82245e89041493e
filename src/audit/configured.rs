use std::ops::Range;

use crate::config::{ConfigFile, Settings};
use crate::model::{Evidence, Language, LineIndex, Origin, Place, RepoPath, Target};
use crate::scan::{Masks, Redactor, evidence::evidence};
use crate::source::FileKind;
use crate::triage::{AdvisoryAllow, AllowEntry, Ratchet};

/// The configuration as findings about it point at it.
struct Source<'c> {
    bytes: &'c [u8],
    path: RepoPath,
    lines: LineIndex,
    masks: Masks,
}

impl<'c> Source<'c> {
    fn of(file: &'c ConfigFile, redactor: Option<Redactor>) -> Option<Self> {
        let source = file.source.as_ref()?;
        let bytes = source.text.as_bytes();
        let path = source.path.clone().unwrap_or_else(|| RepoPath::from(&*source.name));
        let kind = FileKind { language: Language::Toml, target: Target::Config };
        let masks = redactor.map(|r| r.masks(&path, bytes, kind)).unwrap_or_default();
        Some(Self { bytes, path, lines: LineIndex::new(bytes), masks })
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place {
            path: Some(self.path.clone()),
            span: Some(self.lines.span(self.bytes, span)),
            origin: Origin::Tree,
            via: Vec::new(),
        }
    }

    fn evidence(&self, span: Range<usize>) -> Evidence {
        evidence(self.bytes, &self.lines, span, "", &self.masks)
    }
}

/// The configuration's allows with their places and what may be shown of them. Without a redactor nothing
/// is masked: for texts of our own.
pub(super) fn configured_allows(
    file: &ConfigFile,
    settings: &Settings,
    redactor: Option<Redactor>,
) -> Vec<AllowEntry> {
    let Some(source) = Source::of(file, redactor) else { return Vec::new() };
    settings
        .allows
        .iter()
        .map(|allow| AllowEntry {
            rule: allow.rule.clone(),
            advisory: (allow.advisory.is_some() || allow.package.is_some()).then(|| AdvisoryAllow {
                id: allow.advisory.clone(),
                package: allow.package.clone(),
                ..AdvisoryAllow::default()
            }),
            path: allow.path.clone(),
            reason: redactor.map_or_else(|| allow.reason.clone(), |r| r.text(&allow.reason)),
            until: allow.until.clone(),
            place: source.place(allow.span.clone()),
            evidence: Some(source.evidence(allow.span.clone())),
        })
        .collect()
}

/// The configuration's ratchets, likewise.
pub(super) fn ratchets(file: &ConfigFile, settings: &Settings, redactor: Option<Redactor>) -> Vec<Ratchet> {
    // Masking reads all of the configuration.
    if settings.ratchets.is_empty() {
        return Vec::new();
    }
    let Some(source) = Source::of(file, redactor) else { return Vec::new() };
    let ratchet = |entry: &crate::config::ConfiguredRatchet| Ratchet {
        rule: entry.rule.clone(),
        limit: entry.limit,
        place: source.place(entry.span.clone()),
        evidence: Some(source.evidence(entry.span.clone())),
    };
    settings.ratchets.iter().map(ratchet).collect()
}
