//! Values that were made up to show how something is used or what it answers: in a command for `example.com`, in the
//! example of an API's description, in the answer that a test's server gives.

use std::ops::Range;

use memchr::memmem;

use super::name::without_marks;
use super::standing;
use crate::model::Language;
use crate::source::FileView;

/// How far a command, a block or an object is followed to each side.
const REACH: usize = 2 << 10;
/// How far up a file of YAML the keys are read that a value stands below.
const YAML_REACH: usize = 16 << 10;

/// Whether the value of this name, which stands in these bytes, was made up as an illustration.
pub(super) fn illustrates(view: &FileView, name: &[u8], value: Range<usize>) -> bool {
    let at = value.start;
    command(view, at).is_some_and(names_example_host)
        || block(view, at).is_some_and(names_example_host)
        || is_below_examples(view, at)
        || is_in_examples_of_ansible(view, at)
        || is_part_of_url(view, value.clone())
        || sets_nothing(view, at)
        || standing::is_rehearsal(view, at)
            && (is_counted_up(&view.bytes()[value.clone()]) || is_granted(view, name, at))
}

/// The command that goes over several lines, each but the last with a `\` at its end.
fn command<'t>(view: &FileView<'t>, at: usize) -> Option<&'t [u8]> {
    let bytes = view.bytes();
    let goes_on = |end: usize| bytes[..end].trim_ascii_end().ends_with(b"\\");
    let line = view.line_near(at, REACH);
    let (mut start, mut end) = (line.start, line.end);
    while start > 0 && at - start < REACH && goes_on(start - 1) {
        start = view.line_near(start - 1, REACH).start;
    }
    while end < bytes.len() && end - at < REACH && bytes[start..end].trim_ascii_end().ends_with(b"\\") {
        let next = view.line_near((end + 2).min(bytes.len()), REACH);
        end = next.end.max(end + 1);
    }
    (start < line.start || end > line.end).then(|| &bytes[start..end.min(bytes.len())])
}

/// The block between fences of Markdown, which other files quote, too.
fn block<'t>(view: &FileView<'t>, at: usize) -> Option<&'t [u8]> {
    const FENCE: &[u8] = b"```";
    let is_text = matches!(view.language(), Language::Markdown | Language::Toml | Language::Text);
    if !is_text || at > 256 << 10 {
        return None;
    }
    let before = &view.bytes()[..at];
    if memmem::find_iter(before, FENCE).count().is_multiple_of(2) {
        return None;
    }
    let start = memmem::rfind(before, FENCE)?;
    let behind = &view.bytes()[at..];
    let end = at + memmem::find(behind, FENCE)?;
    (end - start < 2 * REACH).then(|| &view.bytes()[start..end])
}

/// Whether a text speaks of a host that is nobody's (RFC 2606): `example.com`, `you@example.org`.
fn names_example_host(text: &[u8]) -> bool {
    const WORD: &[u8] = b"example.";
    memmem::find_iter(text, WORD).any(|at| {
        let behind = &text[at + WORD.len()..];
        let starts = at == 0 || !(text[at - 1].is_ascii_alphanumeric() || text[at - 1] == b'-');
        starts
            && [&b"com"[..], b"org", b"net", b"edu"].iter().any(|end| {
                behind.starts_with(end) && !behind.get(end.len()).is_some_and(u8::is_ascii_alphanumeric)
            })
    })
}

/// Whether a key above the value says `example` or `examples`, as in descriptions of APIs
/// (<https://spec.openapis.org/oas/latest.html#example-object>).
fn is_below_examples(view: &FileView, at: usize) -> bool {
    let bytes = view.bytes();
    if view.language() == Language::Json {
        // The whole file is of examples.
        let head: Vec<u8> =
            bytes.iter().take(128).filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
        return memmem::find(&head, b"\"examples\":{").is_some_and(|at| !head[1..at].contains(&b'{'));
    }
    if view.language() != Language::Yaml {
        return false;
    }
    let line = view.line_near(at, REACH);
    if bytes[line.clone()].trim_ascii_start().starts_with(b"example:") {
        return true;
    }
    let indent = |line: &[u8]| line.iter().take_while(|&&byte| byte == b' ').count();
    let mut inner = indent(&bytes[line.start..line.end]);
    let mut lines = bytes[line.start.saturating_sub(YAML_REACH)..line.start].rsplit(|&byte| byte == b'\n');
    lines.any(|line| {
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") || indent(line) >= inner {
            return false;
        }
        inner = indent(line);
        let key = text.strip_prefix(b"- ").unwrap_or(text);
        let key = key.split(|&byte| byte == b':').next().unwrap_or_default();
        key.eq_ignore_ascii_case(b"example") || key.eq_ignore_ascii_case(b"examples")
    })
}

/// Whether it stands in the `EXAMPLES` of a module of Ansible
/// (<https://docs.ansible.com/ansible/latest/dev_guide/developing_modules_documenting.html#examples-block>).
fn is_in_examples_of_ansible(view: &FileView, at: usize) -> bool {
    view.language() == Language::Python
        && memmem::find(view.bytes(), b"EXAMPLES").is_some()
        && view.regions().stretch_at(at).is_some_and(|string| {
            let line = view.line_near(string.range.start, REACH);
            view.bytes()[line.start..line.end].starts_with(b"EXAMPLES")
        })
}

/// Whether all of a file of settings is commented out: it shows what may be set.
fn sets_nothing(view: &FileView, at: usize) -> bool {
    let is_of_settings = matches!(
        view.language(),
        Language::Yaml | Language::Ini | Language::Properties | Language::Toml | Language::Unknown
    );
    let is_comment = |line: &[u8]| matches!(line.trim_ascii_start(), [] | [b'#' | b';', ..]);
    let line = view.line_near(at, REACH);
    is_of_settings
        && view.bytes().len() < 64 << 10
        && is_comment(&view.bytes()[line])
        && view.bytes().split(|&byte| byte == b'\n').all(is_comment)
}

/// Whether an object describes a URL, and this is the password in it: the URL itself says more
/// (<https://url.spec.whatwg.org/#dom-url-password>).
fn is_part_of_url(view: &FileView, value: Range<usize>) -> bool {
    if view.language() != Language::Json {
        return false;
    }
    let near = near(view, value.start, 512);
    let in_url = [b":", &view.bytes()[value], b"@"].concat();
    memmem::find(near, b"\"href\"").is_some() && memmem::find(near, &in_url).is_some()
}

/// `password12345`: a word for a secret with digits behind it that count up.
fn is_counted_up(value: &[u8]) -> bool {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (word, digits) = value.split_at(value.len() - digits);
    let word = without_marks(word);
    matches!(&*word, b"password" | b"passwd" | b"pass" | b"pwd" | b"secret" | b"token")
        && digits.first() == Some(&b'1')
        && digits.windows(2).all(|pair| pair[1] == pair[0] + 1 || pair == b"90")
}

/// Whether it is a token in what an authorization server answers (RFC 6749, 5.1), as a test's server says it.
fn is_granted(view: &FileView, name: &[u8], at: usize) -> bool {
    if !matches!(&*without_marks(name), b"accesstoken" | b"refreshtoken" | b"idtoken") {
        return false;
    }
    let near = near(view, at, 1024);
    [&b"expires_in"[..], b"token_type"].iter().all(|key| memmem::find(near, key).is_some())
}

fn near<'t>(view: &FileView<'t>, at: usize, reach: usize) -> &'t [u8] {
    let bytes = view.bytes();
    &bytes[at.saturating_sub(reach)..bytes.len().min(at + reach)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RepoPath;
    use crate::source::{FileKind, language_of, target_by_path};

    fn view<'t>(path: &'t RepoPath, text: &'t str) -> FileView<'t> {
        let language = language_of(path, text.as_bytes());
        FileView::new(path, text.as_bytes(), FileKind { language, target: target_by_path(path, language) })
    }

    #[track_caller]
    fn check(path: &str, text: &str, value: &str, expect: bool) {
        let path = RepoPath::from(path);
        let view = view(&path, text);
        let Some(start) = text.find(value) else { panic!("{value} stands in the text") };
        let name =
            text[..start].rsplit(['"', '=', ':', ' ']).find(|part| !part.is_empty()).unwrap_or_default();
        assert_eq!(illustrates(&view, name.as_bytes(), start..start + value.len()), expect, "{path}: {text}");
    }

    #[test]
    fn commands_for_example_hosts() {
        check("use.sh", "API_KEY=a1b2 \\\n  issue --for me \\\n  -d '*.example.com'\n", "a1b2", true);
        check("use.sh", "cd x\nissue \\\n API_KEY=a1b2 \\\n  -d my-example.com\n", "a1b2", false);
        check("use.sh", "API_KEY=a1b2 issue\nissue -d example.com\n", "a1b2", false);
        check("api.yaml", "  example: \"pg://a1b2@x\"\n", "a1b2", true);
        check(
            "examples-1.json",
            "{\n  \"version\": \"1.0\",\n  \"examples\": {\n\"k\": \"a1b2\"",
            "a1b2",
            true,
        );
        check("a.json", "{\"a\": {\"examples\": {\"k\": \"a1b2\"", "a1b2", false);
        check("a.toml", "x = '''\nKEY=a1b2 \\\r\nissue -m you@example.org\r\n'''\n", "a1b2", true);
        check("a.md", "```sh\nissue -d example.com\n{\"key\":\"a1b2\"}\n```\n", "a1b2", true);
        check("a.md", "```sh\nissue -d example.com\n```\nkey=a1b2\n", "a1b2", false);
        check("a.sh", "\\", "\\", false);
    }

    #[test]
    fn examples_of_descriptions() {
        let spec = "components:\n  examples:\n    SignedIn:\n      value:\n        token: a1b2\n";
        check("openapi.yaml", spec, "a1b2", true);
        check("openapi.yaml", "a:\n  examples:\n    x: 1\n  token: a1b2\n", "a1b2", false);
        check("m.py", "X = 1\nEXAMPLES = r'''\n- password: a1b2\n'''\n", "a1b2", true);
        check("m.py", "\nEXAMPLES = 1\nPASSWORD = 'a1b2'\n", "a1b2", false);
    }

    #[test]
    fn files_that_set_nothing() {
        check("conf/shop.conf", "# a comment\n\n#  key: a1b2\n", "a1b2", true);
        check("conf/shop.conf", "user: x\n#  key: a1b2\n", "a1b2", false);
    }

    #[test]
    fn what_tests_make_up() {
        let answer = r#"{"access_token": "a1b2", "token_type": "bearer", "expires_in": 3600}"#;
        check("tests/answer.json", answer, "a1b2", true);
        check("src/answer.json", answer, "a1b2", false);
        check("tests/answer.json", r#"{"access_token": "a1b2"}"#, "a1b2", false);
        check("tests/a.py", "password = 'password12345'", "password12345", true);
        check("tests/a.py", "password = 'password19'", "password19", false);
        check("src/a.py", "password = 'password12345'", "password12345", false);
    }

    #[test]
    fn parts_of_urls() {
        let url = r#"{"href": "http://u:f(b@d:2/", "username": "u", "password": "f(b"}"#;
        let path = RepoPath::from("a.json");
        let view = view(&path, url);
        let at = url.rfind("f(b").unwrap_or_default();
        assert!(illustrates(&view, b"password", at..at + 3));
    }
}
