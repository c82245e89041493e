use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memchr::memmem;
use semver::{Version, VersionReq};
use serde::Deserialize;

/// One release of a package, as the registry's index describes it:
/// <https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema>. Of a thousand that are locked, and of
/// all that might take the place of one, little more is asked than whether they were yanked; the rest is read when
/// somebody needs it.
#[derive(Debug, Clone)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Whether its authors have withdrawn it.
    pub yanked: bool,
    /// The bytes that its line stands in.
    bytes: Arc<Vec<u8>>,
    line: Range<usize>,
    details: OnceLock<Option<Details>>,
}

/// What else the index says of a release.
#[derive(Debug, Clone)]
struct Details {
    links: Option<String>,
    dependencies: Vec<IndexedDependency>,
}

/// A dependency of a release on a package of the same registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedDependency {
    /// The package, whatever the code calls it.
    pub package: String,
    /// Which of its versions.
    pub requirement: VersionReq,
    /// What for.
    pub kind: Kind,
    /// The platform, if it is asked for on some alone: a triple, or `cfg(…)`.
    pub platform: Option<String>,
    /// Whether it is only built when a feature asks for it.
    pub optional: bool,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The package itself.
    Normal,
    /// Its build script.
    Build,
    /// Its tests, examples and benchmarks.
    Dev,
}

/// A line of the index.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    deps: Vec<LineDependency<'a>>,
    #[serde(default)]
    yanked: bool,
    #[serde(default)]
    links: Option<String>,
    /// The version of the line's form; cargo passes over those it does not know.
    #[serde(default)]
    v: Option<u32>,
}

#[derive(Deserialize)]
struct LineDependency<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    req: Cow<'a, str>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    target: Option<String>,
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    package: Option<Cow<'a, str>>,
    /// The address of another registry.
    #[serde(borrow, default)]
    registry: Option<Cow<'a, str>>,
}

impl Release {
    /// Reads a line of the index. `None` for what cargo passes over, too.
    pub(super) fn of_line(json: &[u8]) -> Option<Self> {
        let version = serde_json::from_slice::<Named>(json).ok()?.vers.into_owned();
        Self::new(version.as_bytes(), Arc::new(json.to_vec()), 0..json.len())
    }

    /// The same, if the version is known and the line is a part of what was read.
    pub(super) fn new(version: &[u8], bytes: Arc<Vec<u8>>, line: Range<usize>) -> Option<Self> {
        let yanked = is_yanked(&bytes[line.clone()])?;
        let version = Version::parse(std::str::from_utf8(version).ok()?).ok()?;
        Some(Self { version, yanked, bytes, line, details: OnceLock::new() })
    }

    /// Whether cargo can read what it asks for. What it cannot read, or what has a form of later, it passes over.
    pub fn is_readable(&self) -> bool {
        self.details().is_some()
    }

    /// The native library it links: no two packages of a build may link the same one.
    pub fn links(&self) -> Option<&str> {
        self.details()?.links.as_deref()
    }

    /// What it asks for, dependencies of its tests included.
    pub fn dependencies(&self) -> &[IndexedDependency] {
        self.details().map(|details| &*details.dependencies).unwrap_or_default()
    }

    fn details(&self) -> Option<&Details> {
        let read = || Line::read(&self.bytes[self.line.clone()])?.details();
        self.details.get_or_init(read).as_ref()
    }
}

impl<'a> Line<'a> {
    fn read(json: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().filter(|line: &Self| line.v.is_none_or(|v| v <= 2))
    }

    fn details(self) -> Option<Details> {
        let dependencies = self
            .deps
            .into_iter()
            .filter(|d| d.registry.is_none())
            .map(|d| {
                Some(IndexedDependency {
                    requirement: VersionReq::parse(&d.req).ok()?,
                    kind: match d.kind.as_deref() {
                        Some("dev") => Kind::Dev,
                        Some("build") => Kind::Build,
                        _ => Kind::Normal,
                    },
                    platform: d.target,
                    optional: d.optional,
                    package: d.package.unwrap_or(d.name).into_owned(),
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Details { links: self.links, dependencies })
    }
}

/// Whether the release was yanked that a line of the index describes. `None` if it is no such line.
///
/// A thousand of them are asked for in one go, and nearly all say no; a line without escapes that nowhere holds
/// `"yanked":true` is not parsed to tell that.
fn is_yanked(json: &[u8]) -> Option<bool> {
    let is_object = json.starts_with(b"{") && json.ends_with(b"}");
    let may_be_yanked = || {
        memmem::find_iter(json, b"\"yanked\"").any(|at| {
            let mut behind = json[at + 8..].iter().filter(|byte| !byte.is_ascii_whitespace());
            behind.next() == Some(&b':') && behind.next() == Some(&b't')
        })
    };
    if is_object && memchr::memchr(b'\\', json).is_none() && !may_be_yanked() {
        return Some(false);
    }
    serde_json::from_slice::<Line>(json).ok().map(|line| line.yanked)
}

/// All releases in a file of cargo's cache. `None` if the file has another form.
pub(super) fn releases(bytes: Vec<u8>) -> Option<Vec<Release>> {
    let bytes = Arc::new(bytes);
    let releases =
        pairs(&bytes)?.filter_map(|(key, line)| Release::new(&bytes[key], Arc::clone(&bytes), line));
    Some(releases.collect())
}

/// Where the line of the index on this version stands in the last bytes of a file of cargo's cache; of several the last
/// one, as cargo takes it. `None` also if the part is too short to tell.
pub(super) fn line_in(end: &[u8], version: &str) -> Option<Range<usize>> {
    // No line of the index is a version, so whatever stands alone between zero bytes and looks like one is a key.
    let key = [b"\0", version.as_bytes(), b"\0"].concat();
    let at = memmem::find_iter(end, &key).last()? + key.len();
    Some(at..at + memchr::memchr(0, &end[at..])?)
}

/// The same in a whole file.
pub(super) fn line(bytes: &[u8], version: &str) -> Option<Range<usize>> {
    pairs(bytes)?.filter(|(key, _)| bytes[key.clone()] == *version.as_bytes()).map(|(_, line)| line).last()
}

/// A file of cargo's cache with these lines of the index, one for each release, and the tag that the registry gave them.
/// `None` if they are no lines of an index.
pub fn encoded(tag: &str, lines: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = b"\x03\x02\0\0\0".to_vec();
    if !tag.is_empty() && !tag.contains('\0') {
        bytes.extend([TAG, tag.as_bytes()].concat());
    }
    bytes.push(0);
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for line in lines {
        let version = serde_json::from_slice::<Named>(line).ok()?.vers;
        bytes.extend([version.as_bytes(), b"\0", line, b"\0"].concat());
    }
    Some(bytes)
}

/// The tag that the registry gave the lines of a file of cargo's cache.
pub fn revision(bytes: &[u8]) -> Option<&str> {
    let rest = bytes.strip_prefix(b"\x03\x02\0\0\0")?;
    let revision = &rest[..memchr::memchr(0, rest)?];
    std::str::from_utf8(revision.strip_prefix(TAG)?).ok()
}

/// What stands before the tag of a registry that is asked over HTTP.
const TAG: &[u8] = b"etag: ";

/// What every line of the index has.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    vers: Cow<'a, str>,
}

/// Reads every release of such a file. For fuzzing.
///
/// # Panics
/// What is told without parsing is not what parsing tells.
pub fn look_through(bytes: &[u8]) -> Option<usize> {
    for (_, line) in pairs(bytes)? {
        let json = &bytes[line];
        if let Some(read) = Line::read(json) {
            assert_eq!(is_yanked(json), Some(read.yanked));
        }
    }
    let releases = releases(bytes.to_vec())?;
    Some(releases.iter().filter(|release| release.is_readable()).count())
}

/// Where the versions stand in a file of cargo's cache, each with its line of the index. The form:
/// <https://github.com/rust-lang/cargo/blob/master/src/cargo/sources/registry/index/cache.rs>: a byte for its version,
/// since version 2 four more for the form of the lines, a revision of the index, and pairs, each ended by a zero byte.
fn pairs(bytes: &[u8]) -> Option<impl Iterator<Item = (Range<usize>, Range<usize>)>> {
    let at = match bytes.first()? {
        1 => 1,
        2 | 3 if bytes.len() >= 5 => 5,
        _ => return None,
    };
    let mut parts = Parts { bytes, at };
    parts.next()?;
    Some(std::iter::from_fn(move || Some((parts.next()?, parts.next()?))))
}

/// Where that stands which zero bytes end.
struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Parts<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let end = start + memchr::memchr(0, &self.bytes[start..])?;
        self.at = end + 1;
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"name":"left","vers":"1.2.3","deps":[
        {"name":"mid","req":"^3","features":[],"optional":true,"default_features":true,"target":"cfg(unix)","kind":"normal"},
        {"name":"tool","req":"=1.0.0","features":[],"optional":false,"default_features":true,"target":null,"kind":"dev","package":"real-tool"},
        {"name":"own","req":"*","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","registry":"https://example.org/index"}
        ],"cksum":"","features":{},"yanked":true,"links":"left"}"#;

    fn file(lines: &[(&str, &str)]) -> Vec<u8> {
        let mut bytes = b"\x03\x02\x00\x00\x00etag: W/\"1\"\x00".to_vec();
        for (version, line) in lines {
            bytes.extend(version.as_bytes());
            bytes.push(0);
            bytes.extend(line.as_bytes());
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn a_release_is_found_among_others() {
        let other = LINE.replace("1.2.3", "1.2.4").replace("true,\"links", "false,\"links");
        let newer = LINE.replace("\"vers\"", "\"v\":3,\"vers\"").replace("1.2.3", "1.2.5");
        let bytes = file(&[("1.2.3", LINE), ("1.2.4", &other), ("1.2.5", &newer), ("1.2.6", "{")]);
        let release = |version: &str| Release::of_line(&bytes[line(&bytes, version)?]);
        let found = release("1.2.3").expect("it is there");
        assert!(found.yanked);
        assert_eq!(found.links(), Some("left"));
        let said: Vec<_> = found
            .dependencies()
            .iter()
            .map(|d| (&*d.package, d.requirement.to_string(), d.kind, d.platform.as_deref(), d.optional))
            .collect();
        assert_eq!(
            said,
            [
                ("mid", "^3".to_owned(), Kind::Normal, Some("cfg(unix)"), true),
                ("real-tool", "=1.0.0".to_owned(), Kind::Dev, None, false),
            ]
        );
        assert_eq!(release("1.2.4").map(|r| r.yanked), Some(false));
        assert!(release("1.2.6").is_none());
        let all: Vec<String> = releases(bytes)
            .into_iter()
            .flatten()
            .filter(Release::is_readable)
            .map(|r| r.version.to_string())
            .collect();
        assert_eq!(all, ["1.2.3", "1.2.4"], "what cargo passes over is passed over");
    }

    #[test]
    fn the_end_of_a_file_tells_the_same_as_all_of_it() {
        let newer = LINE.replace("1.2.3", "1.2.4");
        let bytes = file(&[("1.2.3", LINE), ("1.2.4", &newer), ("11.2.4", "{}")]);
        for start in 0..bytes.len() {
            for version in ["1.2.3", "1.2.4", "11.2.4", "2.4", "1.2.5"] {
                let told = line_in(&bytes[start..], version).map(|line| line.start + start..line.end + start);
                assert!(told.is_none() || told == line(&bytes, version), "{start} {version}");
            }
        }
        let end = &bytes[LINE.len()..];
        assert_eq!(line_in(end, "1.2.4").map(|line| &end[line]), Some(newer.as_bytes()));
        let again = file(&[("1.2.3", LINE), ("1.2.3", "{}")]);
        assert_eq!(line(&again, "1.2.3").map(|line| &again[line]), Some(&b"{}"[..]));
        assert_eq!(line(&again, "1.2.3"), line_in(&again, "1.2.3"));
    }

    #[test]
    fn whether_it_was_yanked_is_told_without_parsing_as_by_parsing() {
        let plain = |yanked: &str| format!(r#"{{"name":"a","vers":"1.0.0","deps":[]{yanked}}}"#);
        for (text, expect) in [
            (plain(""), Some(false)),
            (plain(r#","yanked":false"#), Some(false)),
            (plain(r#","yanked":true"#), Some(true)),
            (plain(r#", "yanked" : true "#), Some(true)),
            (plain(r#","yank\u0065d":true"#), Some(true)),
            (plain(r#","features":{"yanked":["true"]},"v":2"#), Some(false)),
            (plain(r#","features":{"yanked":["true"],"v":[]},"yanked":true,"v":2"#), Some(true)),
            ("{".to_owned(), None),
        ] {
            assert_eq!(is_yanked(text.as_bytes()), expect, "{text}");
            let parsed = serde_json::from_slice::<Line>(text.as_bytes());
            assert_eq!(parsed.ok().map(|line| line.yanked), expect, "{text}");
        }
    }

    #[test]
    fn what_the_registry_sends_is_kept_as_cargo_keeps_it() {
        let lines = format!("{}\n{}\n", LINE.replace('\n', " "), r#"{"vers":"2.0.0"}"#);
        let bytes = encoded("W/\"1\"", lines.as_bytes()).expect("lines of an index");
        assert_eq!(revision(&bytes), Some("W/\"1\""));
        let all = releases(bytes).expect("a file of the cache");
        let said: Vec<_> = all.iter().map(|r| (r.version.to_string(), r.yanked, r.is_readable())).collect();
        assert_eq!(said, [("1.2.3".to_owned(), true, true), ("2.0.0".to_owned(), false, true)]);
        assert_eq!(encoded("", b"").as_deref().and_then(revision), None);
        assert_eq!(encoded("", b"<html>"), None);
    }

    #[test]
    fn files_of_other_forms_and_cut_ones_say_nothing_wrong() {
        let bytes = file(&[("1.2.3", LINE)]);
        assert!(releases(Vec::new()).is_none());
        assert!(releases(b"\x09\x02\x00\x00\x00rev\x00".to_vec()).is_none());
        let old: Vec<u8> = [b"\x01".as_slice(), &bytes[5..]].concat();
        assert_eq!(releases(old).map(|r| r.len()), Some(1));
        for end in 0..bytes.len() {
            assert!(releases(bytes[..end].to_vec()).is_none_or(|r| r.is_empty()), "{end}");
        }
    }
}
