use std::collections::BTreeSet;

use rustsec::advisory::{Informational, Versions};
use semver::{Op, Version, VersionReq};

/// What an advisory says of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It can be attacked.
    Vulnerability,
    /// Safe code can break the rules of the language with it.
    Unsound,
    /// Nobody looks after it any more.
    Unmaintained,
    /// Something its users should know.
    Notice,
}

impl Kind {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[Self::Vulnerability, Self::Unsound, Self::Unmaintained, Self::Notice];

    /// The word used in rule files and reports; that of the database, too.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
            Self::Notice => "notice",
        }
    }
}

/// What the database says about versions of one package.
#[derive(Debug, Clone)]
pub struct Advisory {
    /// `RUSTSEC-YYYY-NNNN`.
    pub id: String,
    /// The package.
    pub package: String,
    /// What it says.
    pub kind: Kind,
    /// In one line. Text of the database, not yet safe to show.
    pub title: String,
    /// When it was reported, `YYYY-MM-DD`.
    pub date: String,
    /// Names it has elsewhere: `CVE-…`, `GHSA-…`.
    pub aliases: Vec<String>,
    /// Where to read more. The licence of some entries asks for this link.
    pub url: String,
    /// The CVSS vector.
    pub cvss: Option<String>,
    /// What the vector comes to: `none`, `low`, `medium`, `high`, `critical`.
    pub rating: Option<&'static str>,
    /// The same in tenths, from 0 to 100.
    pub score: Option<u8>,
    /// The functions concerned, if it is not the whole package.
    pub functions: Vec<String>,
    /// The operating systems concerned; empty means all.
    pub os: Vec<String>,
    /// The processors concerned; empty means all.
    pub arch: Vec<String>,
    /// The licence of the entry, if it is not the database's own (CC0-1.0).
    pub licence: Option<String>,
    pub(super) versions: Versions,
}

/// Why a file of the database cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It cannot be read, is no plain file, or is too large.
    #[error("it cannot be read")]
    Unreadable,
    /// It has not the form of an advisory.
    #[error("it has not the form of an advisory")]
    Form,
    /// It lies where other advisories belong.
    #[error("it lies in the wrong folder or under the wrong name")]
    Misplaced,
}

impl Advisory {
    /// Reads a file of the advisory database: Markdown behind TOML front matter, see
    /// <https://github.com/rustsec/advisory-db#advisory-format>. `folder` and `file` say where it lies.
    ///
    /// `Ok(None)` for what says nothing (any more): withdrawn ones, drafts, kinds that nobody knows.
    pub(super) fn read(folder: &str, file: Option<&str>, text: &str) -> Result<Option<Self>, Unusable> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // The parser knows no other line ends; a database may have been checked out on Windows.
        let unix;
        let text = if text.contains('\r') {
            unix = text.replace("\r\n", "\n");
            &unix
        } else {
            text
        };
        if would_crash_the_parser(text) {
            return Err(Unusable::Form);
        }
        let advisory: rustsec::Advisory = text.parse().map_err(|_| Unusable::Form)?;
        let metadata = &advisory.metadata;
        let in_place = metadata.package.as_str() == folder
            && metadata.collection.is_none_or(|c| c == rustsec::Collection::Crates)
            && file.is_none_or(|f| {
                f.strip_suffix(".md") == Some(metadata.id.as_str()) || f.starts_with("RUSTSEC-0000-0000.")
            });
        if !in_place {
            return Err(Unusable::Misplaced);
        }
        let kind = match &metadata.informational {
            None => Kind::Vulnerability,
            Some(Informational::Unsound) => Kind::Unsound,
            Some(Informational::Unmaintained) => Kind::Unmaintained,
            Some(Informational::Notice) => Kind::Notice,
            Some(_) => return Ok(None),
        };
        // An advisory on a package of another registry says nothing about the public one's.
        let elsewhere = metadata.source.as_ref().is_some_and(|s| !s.is_default_registry());
        if metadata.withdrawn.is_some() || metadata.id.is_placeholder() || elsewhere {
            return Ok(None);
        }
        let affected = advisory.affected.as_ref();
        let functions = affected.iter().flat_map(|a| a.functions.keys()).map(ToString::to_string);
        let os = affected.iter().flat_map(|a| &a.os).map(|os| os.as_str().to_owned());
        let arch = affected.iter().flat_map(|a| &a.arch).map(|arch| arch.as_str().to_owned());
        let page = || page_of(metadata.id.as_str());
        let licence = metadata.license.spdx();
        Ok(Some(Self {
            id: metadata.id.to_string(),
            package: folder.to_owned(),
            kind,
            title: metadata.title.clone(),
            date: metadata.date.as_str().to_owned(),
            aliases: metadata.aliases.iter().map(ToString::to_string).collect(),
            url: metadata.url.as_ref().map_or_else(page, ToString::to_string),
            cvss: metadata.cvss.as_ref().map(ToString::to_string),
            rating: metadata.cvss.as_ref().map(|c| c.severity().as_str()),
            score: metadata.cvss.as_ref().map(|c| tenths(c.score())),
            functions: functions.collect(),
            os: os.collect(),
            arch: arch.collect(),
            licence: (licence != LICENCE).then(|| licence.to_owned()),
            versions: advisory.versions,
        }))
    }

    /// Whether it speaks of this version. Pre-releases are ordered as everywhere else in semver, unlike in
    /// requirements.
    pub fn concerns(&self, version: &Version) -> bool {
        self.versions.is_vulnerable(version)
    }

    /// The versions in which it is mended; empty if there are none.
    pub fn patched(&self) -> &[VersionReq] {
        self.versions.patched()
    }

    /// The lowest version behind this one in which it is mended.
    pub fn first_patched_after(&self, version: &Version) -> Option<Version> {
        self.patched().iter().filter_map(lower_bound).filter(|lowest| lowest > version).min()
    }
}

/// What a CVSS vector can come to.
pub(super) const RATINGS: [&str; 5] = ["none", "low", "medium", "high", "critical"];

/// Scores lie between 0.0 and 10.0.
#[allow(clippy::cast_sign_loss)]
fn tenths(score: f64) -> u8 {
    (score * 10.0).round().clamp(0.0, 100.0) as u8
}

/// The licence of entries that name none.
pub(super) const LICENCE: &str = "CC0-1.0";

/// Where an advisory can be read, if it names no page itself.
pub(super) fn page_of(id: &str) -> String {
    format!("https://rustsec.org/advisories/{id}")
}

/// Ranges of versions, unless they would make the library panic, or contradict each other.
pub(super) fn ranges(patched: Vec<VersionReq>, unaffected: Vec<VersionReq>) -> Option<Versions> {
    let bounds = || patched.iter().chain(&unaffected).flat_map(|r| &r.comparators);
    let part_is_huge = |part: u64| part > 999_999_999_999_999_999;
    let is_huge = bounds().any(|c| {
        part_is_huge(c.major) || c.minor.is_some_and(part_is_huge) || c.patch.is_some_and(part_is_huge)
    });
    if is_huge || !starts_differ(patched.iter().chain(&unaffected)) {
        return None;
    }
    Versions::new(patched, unaffected).ok()
}

/// A single version beside the range that begins right behind it (`=1.0.0` and `>1.0.0`) fails an assertion of
/// the library.
fn starts_differ<'a>(requirements: impl Iterator<Item = &'a VersionReq>) -> bool {
    let mut seen = BTreeSet::new();
    requirements
        .filter_map(|r| r.comparators.iter().find(|c| !matches!(c.op, Op::Less | Op::LessEq)))
        .map(|c| (c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0), c.pre.clone()))
        .all(|start| seen.insert(start))
}

/// The lowest version that a requirement lets through, as far as it has one.
fn lower_bound(requirement: &VersionReq) -> Option<Version> {
    let bound = requirement.comparators.iter().find(|c| !matches!(c.op, Op::Less | Op::LessEq))?;
    let mut version =
        Version::new(bound.major, bound.minor.unwrap_or_default(), bound.patch.unwrap_or_default());
    version.pre = bound.pre.clone();
    if bound.op == Op::Greater {
        version.patch = version.patch.saturating_add(1);
    }
    Some(version)
}

/// The parser of advisories takes for granted what the database's own linter checks, and panics otherwise.
fn would_crash_the_parser(text: &str) -> bool {
    // It quotes the first 20 bytes of a file that begins otherwise, even where they end inside a character.
    if !text.starts_with("```toml") {
        return true;
    }
    let front = &text[7..text.find("\n```").unwrap_or(text.len())];
    let Some(versions) = front.find("[versions]").map(|at| &front[at..]) else { return false };
    // It counts versions up by one without looking at the end of the numbers.
    let mut digits = 0;
    for byte in versions.bytes() {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        if digits > 18 {
            return true;
        }
    }
    if !versions.contains("\"=") && !versions.contains("<=") && !versions.contains("'=") {
        return false;
    }
    let Ok(document) = toml_edit::Document::parse(front) else { return false };
    let requirements: Vec<VersionReq> = ["patched", "unaffected"]
        .iter()
        .filter_map(|list| document.get("versions")?.get(list)?.as_array())
        .flatten()
        .filter_map(|value| value.as_str()?.parse().ok())
        .collect();
    !starts_differ(requirements.iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(extra: &str, versions: &str) -> String {
        format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"left\"\ndate = \"2020-01-02\"\n{extra}\n\
             [versions]\n{versions}\n```\n\n# It breaks\n\nIn two.\n"
        )
    }

    fn read(text: &str) -> Result<Option<Advisory>, Unusable> {
        Advisory::read("left", Some("RUSTSEC-2020-0001.md"), text)
    }

    #[test]
    fn the_words_and_ranges_are_read() {
        let extra = "aliases = [\"CVE-2020-1234\"]\ncvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"";
        let versions = "patched = [\">= 1.2.4, < 2.0.0\", \">= 2.1.0\"]\nunaffected = [\"< 1.0.0\"]";
        let advisory = read(&text(extra, versions)).ok().flatten().expect("an advisory");
        assert_eq!((advisory.kind, &*advisory.title), (Kind::Vulnerability, "It breaks"));
        assert_eq!(advisory.rating, Some("critical"));
        assert_eq!(advisory.aliases, ["CVE-2020-1234"]);
        assert_eq!(advisory.url, "https://rustsec.org/advisories/RUSTSEC-2020-0001");
        let check = |version: &str, concerned: bool, patched: Option<&str>| {
            let version: Version = version.parse().expect("a version");
            assert_eq!(advisory.concerns(&version), concerned, "{version}");
            let first = advisory.first_patched_after(&version).map(|v| v.to_string());
            assert_eq!(first.as_deref(), patched, "{version}");
        };
        check("0.9.9", false, Some("1.2.4"));
        check("1.2.3", true, Some("1.2.4"));
        check("1.2.4-rc.1", true, Some("1.2.4"));
        check("1.2.4", false, Some("2.1.0"));
        check("2.0.5", true, Some("2.1.0"));
        check("2.1.0", false, None);
    }

    #[test]
    fn what_says_nothing_is_passed_over() {
        let none = "patched = []";
        assert!(matches!(read(&text("withdrawn = \"2021-01-01\"", none)), Ok(None)));
        assert!(matches!(read(&text("informational = \"other\"", none)), Ok(None)));
        let source = "source = \"registry+https://example.org/index\"";
        assert!(matches!(read(&text(source, none)), Ok(None)));
        let draft = text("", none).replace("2020-0001", "0000-0000");
        assert!(matches!(Advisory::read("left", Some("RUSTSEC-0000-0000.md"), &draft), Ok(None)));
        let windows = text("", none).replace('\n', "\r\n");
        assert!(matches!(read(&windows), Ok(Some(_))));
    }

    #[test]
    fn misplaced_files_are_told_apart_from_broken_ones() {
        let good = text("", "patched = []");
        let check = |folder: &str, file: &str, text: &str, expect: Unusable| {
            assert_eq!(Advisory::read(folder, Some(file), text).err(), Some(expect), "{folder}/{file}");
        };
        check("right", "RUSTSEC-2020-0001.md", &good, Unusable::Misplaced);
        check("left", "RUSTSEC-2020-0002.md", &good, Unusable::Misplaced);
        let rust = text("collection = \"rust\"", "patched = []");
        check("left", "RUSTSEC-2020-0001.md", &rust, Unusable::Misplaced);
        check("left", "RUSTSEC-2020-0001.md", "", Unusable::Form);
        check("left", "RUSTSEC-2020-0001.md", &good.replace("# It", "It"), Unusable::Form);
    }

    #[test]
    fn what_makes_the_parser_panic_is_no_advisory() {
        let check = |text: &str| assert_eq!(read(text).err(), Some(Unusable::Form), "{text}");
        check("0123456789012345678ä and more");
        check(&text("", "patched = [\"=1.0.0\", \">1.0.0\"]"));
        check(&text("", "patched = [\">=1.0.0, <=1.0.0\"]\nunaffected = [\"> 1\"]"));
        check(&text("", "patched = [\"> 1.0.18446744073709551615\"]"));
        check(&text("", "patched = [\"^18446744073709551615\"]"));
        let fine = text("", "patched = [\"=1.0.0\", \">=1.0.2\"]\nunaffected = [\"<=0.9.0\"]");
        assert!(matches!(read(&fine), Ok(Some(_))));
    }

    #[test]
    fn no_cut_text_makes_it_panic() {
        let whole = text("", "patched = [\"=1.0.0\", \">=1.0.2\"]");
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            let _ = read(&whole[..end]);
        }
    }
}
