use std::borrow::Cow;

use memchr::memmem;
use semver::{Version, VersionReq};
use serde::Deserialize;

/// One release of a package, as the registry's index describes it:
/// <https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// Whether its authors have withdrawn it.
    pub yanked: bool,
    /// The native library it links: no two packages of a build may link the same one.
    pub links: Option<String>,
    /// What it asks for, dependencies of its tests included.
    pub dependencies: Vec<IndexedDependency>,
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
    #[serde(borrow)]
    vers: Cow<'a, str>,
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
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        let line: Line = serde_json::from_slice(json).ok()?;
        if line.v.is_some_and(|v| v > 2) {
            return None;
        }
        let dependencies = line
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
        Some(Self {
            version: Version::parse(&line.vers).ok()?,
            yanked: line.yanked,
            links: line.links,
            dependencies,
        })
    }
}

/// All releases in a file of cargo's cache. `None` if the file has another form.
pub(super) fn releases(bytes: &[u8]) -> Option<Vec<Release>> {
    Some(pairs(bytes)?.filter_map(|(_, json)| Release::read(json)).collect())
}

/// Whether the release was yanked that a line of the index describes. `None` for what cargo passes over, too.
///
/// A thousand of them are asked for in one go, and nearly all say no; a line without escapes that nowhere holds
/// `"yanked":true` is not parsed to tell that.
pub(super) fn is_yanked(json: &[u8]) -> Option<bool> {
    let is_object = json.starts_with(b"{") && json.ends_with(b"}");
    let may_be_yanked = || {
        memmem::find_iter(json, b"\"yanked\"").any(|at| {
            let mut behind = json[at + 8..].iter().filter(|byte| !byte.is_ascii_whitespace());
            behind.next() == Some(&b':') && behind.next() == Some(&b't')
        })
    };
    // The form of the line, if it is said at all; those that are known have one digit.
    let is_new = || {
        memmem::find_iter(json, b"\"v\"")
            .any(|at| !matches!(json[at + 3..], [b':', b'1' | b'2', b',' | b'}', ..]))
    };
    if is_object && memchr::memchr(b'\\', json).is_none() && !may_be_yanked() && !is_new() {
        return Some(false);
    }
    Release::read(json).map(|release| release.yanked)
}

/// The line of the index on this version, in the last bytes of a file of cargo's cache; of several the last one, as
/// cargo takes it. `None` also if the part is too short to tell.
pub(super) fn line_in<'a>(end: &'a [u8], version: &str) -> Option<&'a [u8]> {
    // No line of the index is a version, so whatever stands alone between zero bytes and looks like one is a key.
    let key = [b"\0", version.as_bytes(), b"\0"].concat();
    let at = memmem::rfind(end, &key)? + key.len();
    let length = memchr::memchr(0, &end[at..])?;
    Some(&end[at..at + length])
}

/// The line of the index on this version, in a whole file of cargo's cache.
pub(super) fn line<'a>(bytes: &'a [u8], version: &str) -> Option<&'a [u8]> {
    pairs(bytes)?.filter(|(key, _)| *key == version.as_bytes()).map(|(_, json)| json).last()
}

/// Reads every release of such a file. For fuzzing.
///
/// # Panics
/// What is told without parsing is not what parsing tells.
pub fn look_through(bytes: &[u8]) -> Option<usize> {
    for (_, json) in pairs(bytes)? {
        if let Some(release) = Release::read(json) {
            assert_eq!(is_yanked(json), Some(release.yanked));
        }
    }
    releases(bytes).map(|releases| releases.len())
}

/// The versions in a file of cargo's cache, each with its line of the index. The form:
/// <https://github.com/rust-lang/cargo/blob/master/src/cargo/sources/registry/index/cache.rs>: a byte for its version,
/// since version 2 four more for the form of the lines, a revision of the index, and pairs, each ended by a zero byte.
fn pairs(bytes: &[u8]) -> Option<impl Iterator<Item = (&[u8], &[u8])>> {
    let rest = match bytes.first()? {
        1 => bytes.get(1..)?,
        2 | 3 => bytes.get(5..)?,
        _ => return None,
    };
    let mut parts = Parts(rest);
    parts.next()?;
    Some(std::iter::from_fn(move || Some((parts.next()?, parts.next()?))))
}

/// What zero bytes end.
struct Parts<'a>(&'a [u8]);

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = memchr::memchr(0, self.0)?;
        let (part, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(part)
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
        let release = |version: &str| Release::read(line(&bytes, version)?);
        let found = release("1.2.3").expect("it is there");
        assert!(found.yanked);
        assert_eq!(found.links.as_deref(), Some("left"));
        let said: Vec<_> = found
            .dependencies
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
        assert_eq!(release("1.2.6"), None);
        let all: Vec<String> =
            releases(&bytes).into_iter().flatten().map(|r| r.version.to_string()).collect();
        assert_eq!(all, ["1.2.3", "1.2.4"], "what cargo passes over is passed over");
    }

    #[test]
    fn the_end_of_a_file_tells_the_same_as_all_of_it() {
        let newer = LINE.replace("1.2.3", "1.2.4");
        let bytes = file(&[("1.2.3", LINE), ("1.2.4", &newer), ("11.2.4", "{}")]);
        for start in 0..bytes.len() {
            for version in ["1.2.3", "1.2.4", "11.2.4", "2.4", "1.2.5"] {
                let told = line_in(&bytes[start..], version);
                assert!(told.is_none() || told == line(&bytes, version), "{start} {version}");
            }
        }
        assert_eq!(line_in(&bytes[LINE.len()..], "1.2.4"), Some(newer.as_bytes()));
        let again = file(&[("1.2.3", LINE), ("1.2.3", "{}")]);
        assert_eq!((line(&again, "1.2.3"), line_in(&again, "1.2.3")), (Some(&b"{}"[..]), Some(&b"{}"[..])));
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
            (plain(r#","v":3"#), None),
            (plain(r#","v" : 12"#), None),
            ("{".to_owned(), None),
        ] {
            assert_eq!(is_yanked(text.as_bytes()), expect, "{text}");
            assert_eq!(Release::read(text.as_bytes()).map(|r| r.yanked), expect, "{text}");
        }
    }

    #[test]
    fn files_of_other_forms_and_cut_ones_say_nothing_wrong() {
        let bytes = file(&[("1.2.3", LINE)]);
        assert_eq!(releases(b""), None);
        assert_eq!(releases(b"\x09\x02\x00\x00\x00rev\x00"), None);
        let old: Vec<u8> = [b"\x01".as_slice(), &bytes[5..]].concat();
        assert_eq!(releases(&old).map(|r| r.len()), Some(1));
        for end in 0..bytes.len() {
            assert!(releases(&bytes[..end]).is_none_or(|r| r.is_empty()), "{end}");
        }
    }
}
