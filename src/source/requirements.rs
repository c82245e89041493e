use std::ops::Range;

/// What holds a requirement to one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinning {
    /// `==1.2`, `===1.2`, a hash, a commit, or something in the same folder.
    Exact,
    /// No version at all.
    Nothing,
    /// A least version alone.
    Floor,
    /// Versions between two bounds, or all but some.
    Range,
    /// An address whose content is not held by a commit or a hash.
    Url,
}

/// One thing to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// The project's name; empty for an address alone.
    pub name: String,
    /// From the name to the last version, or the address.
    pub span: Range<usize>,
    /// What holds it.
    pub pinning: Pinning,
    /// The one version it may have, as in `==1.2`: its bytes.
    pub version: Option<Range<usize>>,
}

/// A file that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// As it is written: a path from the folder of the file that names it, or an address.
    pub path: String,
    /// Its bytes.
    pub span: Range<usize>,
    /// Whether it only says which versions to take of what others ask for (`-c`).
    pub constrains: bool,
}

/// A file's requirements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequirementLines {
    /// In the order of the file.
    pub requirements: Vec<Requirement>,
    /// Whether the file names constraints (`-c`).
    pub constrained: bool,
    /// The files it names (`-r`, `-c`).
    pub files: Vec<NamedFile>,
    /// Lines that are no requirement by their form: pip refuses them.
    pub unread: Vec<Range<usize>>,
}

/// Reads a requirements file (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>). What is no
/// requirement by its form is named: pip refuses it.
pub fn parse_requirements(text: &[u8]) -> RequirementLines {
    let mut lines = RequirementLines::default();
    let mut at = text.strip_prefix(b"\xef\xbb\xbf").map_or(0, |_| 3);
    while at < text.len() {
        let line = logical_line(text, at);
        at = line.end;
        let content = without_comment(&text[line.clone()]);
        let start = line.start + content.len() - content.trim_ascii_start().len();
        let Ok(content) = std::str::from_utf8(content.trim_ascii()) else {
            lines.unread.push(start..start + content.trim_ascii().len());
            continue;
        };
        if let Some(option) = content.strip_prefix('-') {
            lines.constrained |= option.starts_with('c') || option.starts_with("-constraint");
            lines.files.extend(named_file(content, start));
            let editable = ["-e", "--editable"].iter().find_map(|o| content.strip_prefix(o));
            let Some(rest) = editable.filter(|r| r.starts_with([' ', '=', '\t'])) else { continue };
            let address = rest.trim_start_matches([' ', '=', '\t']);
            lines.requirements.extend(address_of(address, start + content.len() - address.len()));
        } else if !content.is_empty() {
            match one(content, start) {
                Some(requirement) => lines.requirements.push(requirement),
                None => lines.unread.push(start..start + content.len()),
            }
        }
    }
    lines
}

/// `-r base.txt`, `--constraint=limits.txt`.
fn named_file(content: &str, start: usize) -> Option<NamedFile> {
    let options = [("--requirement", false), ("--constraint", true), ("-r", false), ("-c", true)];
    let (rest, constrains) =
        options.iter().find_map(|(option, constrains)| Some((content.strip_prefix(option)?, *constrains)))?;
    let path = rest.trim_start_matches([' ', '=', '\t']).split([' ', '\t']).next().unwrap_or_default();
    let skipped = rest.len() - rest.trim_start_matches([' ', '=', '\t']).len();
    let at = start + content.len() - rest.len() + skipped;
    // `--require-hashes` is none of them.
    let is_option = rest.starts_with(|c: char| c == '-' || c.is_alphanumeric()) && content.starts_with("--");
    (!path.is_empty() && !is_option).then(|| NamedFile {
        path: path.to_owned(),
        span: at..at + path.len(),
        constrains,
    })
}

/// A line and those that continue it behind a `\`.
fn logical_line(text: &[u8], start: usize) -> Range<usize> {
    let mut end = start;
    loop {
        let line_end = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |nl| end + nl + 1);
        let content = text[end..line_end].trim_ascii_end();
        end = line_end;
        let comment = text[start..end].trim_ascii_start().starts_with(b"#");
        if comment || !content.ends_with(b"\\") || end >= text.len() {
            return start..end;
        }
    }
}

/// Up to a `#` at the start or behind a blank.
fn without_comment(line: &[u8]) -> &[u8] {
    let comment = memchr::memchr_iter(b'#', line).find(|&at| at == 0 || line[at - 1].is_ascii_whitespace());
    &line[..comment.unwrap_or(line.len())]
}

fn one(content: &str, start: usize) -> Option<Requirement> {
    let hashed = content.contains("--hash=") || content.contains("--hash ");
    // Options of this requirement, and the marker that says where it holds.
    let content = content.split(" --").next().unwrap_or(content);
    let content = content.split('\\').next().unwrap_or(content).trim_end();
    if is_address(content) || is_local(content) {
        return address_of(content, start).map(|r| if hashed { exact(r) } else { r });
    }
    let content = content.split(';').next().unwrap_or(content).trim_end();
    let name_len =
        content.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(content.len());
    let name = &content[..name_len];
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = content[name_len..].trim_start();
    if rest.starts_with('[') {
        rest = rest[rest.find(']')? + 1..].trim_start();
    }
    if let Some(address) = rest.strip_prefix('@') {
        let address = address.trim_start();
        let found = address_of(address, start + content.len() - address.len())?;
        let found = Requirement { name: name.to_owned(), span: start..found.span.end, ..found };
        return Some(if hashed { exact(found) } else { found });
    }
    let specifiers = rest.trim_start_matches('(').trim_end_matches(')').trim();
    let pinning = if hashed { Pinning::Exact } else { pinning(specifiers)? };
    let version = one_version(content).map(|version| start + version.start..start + version.end);
    Some(Requirement { name: name.to_owned(), span: start..start + content.len(), pinning, version })
}

/// Where the version stands behind `==` or `===`, if it is one.
fn one_version(content: &str) -> Option<Range<usize>> {
    content.match_indices("==").find_map(|(at, _)| {
        let rest = content[at..].trim_start_matches('=').trim_start();
        let length = rest.find([',', ' ', '\t', ')']).unwrap_or(rest.len());
        let start = content.len() - rest.len();
        (length > 0 && !rest[..length].ends_with('*')).then_some(start..start + length)
    })
}

fn exact(requirement: Requirement) -> Requirement {
    Requirement { pinning: Pinning::Exact, ..requirement }
}

/// Judges `==1.2`, `>=1,<2`, …. `None` if it is no list of specifiers.
fn pinning(specifiers: &str) -> Option<Pinning> {
    if specifiers.is_empty() {
        return Some(Pinning::Nothing);
    }
    let (mut floor, mut ceiling) = (false, false);
    for specifier in specifiers.split(',').map(str::trim).filter(|s| !s.is_empty()) {
        let operator_len = specifier.find(|c: char| !"=<>!~".contains(c))?;
        let version = specifier[operator_len..].trim();
        match &specifier[..operator_len] {
            "===" => return Some(Pinning::Exact),
            "==" if !version.ends_with('*') => return Some(Pinning::Exact),
            "==" | "~=" | "<" | "<=" => ceiling = true,
            ">" | ">=" => floor = true,
            "!=" => {}
            _ => return None,
        }
    }
    Some(match (floor, ceiling) {
        (_, true) => Pinning::Range,
        (true, false) => Pinning::Floor,
        (false, false) => Pinning::Nothing,
    })
}

fn is_address(text: &str) -> bool {
    let scheme_end = text.find("://").unwrap_or(0);
    scheme_end > 0 && text[..scheme_end].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+')
}

/// A folder or an archive beside the file.
fn is_local(text: &str) -> bool {
    let path = text.split(['[', ';']).next().unwrap_or(text).trim_end();
    path.starts_with(['.', '/', '$'])
        || path.contains('\\')
        || !path.contains('@')
            && (path.contains('/') || [".whl", ".zip", ".tar.gz"].iter().any(|end| path.ends_with(end)))
}

/// An address or a local folder. `None` if nobody can say what it is (a variable stands in it).
fn address_of(text: &str, start: usize) -> Option<Requirement> {
    let text = text.split([' ', '\t']).next().unwrap_or(text);
    let span = start..start + text.len();
    let requirement =
        |pinning| Some(Requirement { name: String::new(), span: span.clone(), pinning, version: None });
    if !is_address(text) || text.starts_with("file:") {
        return requirement(Pinning::Exact);
    }
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let version_control = ["git+", "hg+", "svn+", "bzr+"].iter().any(|p| address.starts_with(p));
    let hashed =
        fragment.split('&').any(|f| ["sha256=", "sha384=", "sha512="].iter().any(|h| f.starts_with(h)));
    let revision = address.rsplit_once('/').and_then(|(_, last)| last.rsplit_once('@')).map(|(_, rev)| rev);
    let commit = revision.is_some_and(|r| r.len() == 40 && r.bytes().all(|b| b.is_ascii_hexdigit()));
    if hashed || version_control && commit || revision.is_some_and(|r| r.contains("${")) {
        return requirement(Pinning::Exact);
    }
    requirement(Pinning::Url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[(&str, &str, Pinning)]) {
        let lines = parse_requirements(text.as_bytes());
        let found: Vec<_> =
            lines.requirements.iter().map(|r| (&*r.name, &text[r.span.clone()], r.pinning)).collect();
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn tells_pinned_from_unpinned() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check("flask", &[("flask", "flask", Pinning::Nothing)]);
        check("Flask [async] >= 2.0 # web\r\n", &[("Flask", "Flask [async] >= 2.0", Pinning::Floor)]);
        check("a==1.2 ; python_version<'3.8'", &[("a", "a==1.2", Pinning::Exact)]);
        check(
            "a==1.*\nb~=1.4\nc>=1,<2\nd!=1.3",
            &[
                ("a", "a==1.*", Pinning::Range),
                ("b", "b~=1.4", Pinning::Range),
                ("c", "c>=1,<2", Pinning::Range),
                ("d", "d!=1.3", Pinning::Nothing),
            ],
        );
        check("a (==1.2)", &[("a", "a (==1.2)", Pinning::Exact)]);
        check("a \\\n    --hash=sha256:00", &[("a", "a", Pinning::Exact)]);
        check(
            "a==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:01\nb\n",
            &[("a", "a==1", Pinning::Exact), ("b", "b", Pinning::Nothing)],
        );
        check(
            &format!("git+https://example.org/a@{commit}#egg=a"),
            &[("", &format!("git+https://example.org/a@{commit}#egg=a"), Pinning::Exact)],
        );
        check(
            "-e git+https://example.org/a@main#egg=a",
            &[("", "git+https://example.org/a@main#egg=a", Pinning::Url)],
        );
        check(
            "a @ https://example.org/a.zip ; os_name=='nt'",
            &[("a", "a @ https://example.org/a.zip", Pinning::Url)],
        );
        check(
            "https://example.org/a.whl#sha256=00",
            &[("", "https://example.org/a.whl#sha256=00", Pinning::Exact)],
        );
        check("git+ssh://git@example.org/a.git", &[("", "git+ssh://git@example.org/a.git", Pinning::Url)]);
        check(
            "-e .\n./lib\n../a.whl",
            &[("", ".", Pinning::Exact), ("", "./lib", Pinning::Exact), ("", "../a.whl", Pinning::Exact)],
        );
    }

    #[test]
    fn options_comments_and_nonsense_are_no_requirements() {
        check(
            "# a\n\n-r base.txt\n--index-url https://example.org\n--no-binary :all:\n<html>\n{{ x }}\n",
            &[],
        );
        check("a b c", &[]);
        let unread = |text: &[u8]| parse_requirements(text).unread;
        assert_eq!(unread(b"a 1.2\n<html>\n# {\n\n-r b.txt\na==1\n  a=1\n"), [0..5, 6..12, 34..37]);
        assert_eq!(unread(b"\xff\xfe a\nb\n{\n"), [0..4, 7..8]);
        assert!(parse_requirements(b"-c c.txt\na").constrained);
        assert!(parse_requirements(b"--constraint=c.txt\na").constrained);
        assert_eq!(parse_requirements(b"\xff\xfe a").requirements, []);
    }

    #[test]
    fn the_one_version_has_its_bytes() {
        let check = |text: &str, expect: Option<&str>| {
            let lines = parse_requirements(text.as_bytes());
            let version = lines.requirements[0].version.clone().map(|range| &text[range]);
            assert_eq!(version, expect, "{text}");
        };
        check("a==1.2", Some("1.2"));
        check("# one\n a [x,y] (== 1.2) ; os_name == 'nt' # two", Some("1.2"));
        check("a===1.2-odd --hash=sha256:00", Some("1.2-odd"));
        check("a>=1,==1.2", Some("1.2"));
        check("a==1.2,!=1.3", Some("1.2"));
        check("a==1.*", None);
        check("a ; python_version == '3.8'", None);
        check("a>=1", None);
        check("a @ https://example.org/a.whl", None);
    }

    #[test]
    fn files_that_are_named() {
        let text = "-r base.txt\n--constraint=../c.txt # why\n--require-hashes\n-cd.txt\n--requirement  e.txt\n-e .\n";
        let lines = parse_requirements(text.as_bytes());
        let files: Vec<_> =
            lines.files.iter().map(|f| (&*f.path, &text[f.span.clone()], f.constrains)).collect();
        assert_eq!(
            files,
            [
                ("base.txt", "base.txt", false),
                ("../c.txt", "../c.txt", true),
                ("d.txt", "d.txt", true),
                ("e.txt", "e.txt", false)
            ]
        );
    }
}
