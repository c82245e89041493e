use crate::model::RepoPath;
use crate::rules::rule::Text;

/// Whether one of these names stands for the file. A name is the file's own, or with `/` the end of its path; one
/// `*` stands for any bytes of a name. Case does not count, since `ID_RSA` is as private as `id_rsa`.
pub(super) fn is_one_of(path: &RepoPath, names: &[Text]) -> bool {
    let whole = path.as_bytes().to_ascii_lowercase();
    let name = whole.rsplit(|&b| b == b'/').next().unwrap_or_default();
    names.iter().any(|want| {
        let want = want.as_bytes();
        if want.contains(&b'/') {
            whole.strip_suffix(want).is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
        } else {
            fits(name, want)
        }
    })
}

fn fits(name: &[u8], want: &[u8]) -> bool {
    match want.iter().position(|&b| b == b'*') {
        None => name == want,
        Some(star) => {
            let (start, end) = (&want[..star], &want[star + 1..]);
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, name: &str, expect: bool) {
        assert_eq!(is_one_of(&path.into(), &[name.to_owned().into()]), expect, "{path} {name}");
    }

    #[test]
    fn names_and_ends_of_paths() {
        check("a/.env", ".env", true);
        check("a/.env.prod", ".env", false);
        check("a/.env.prod", ".env.*", true);
        check("ID_RSA", "id_rsa", true);
        check("home/.aws/credentials", ".aws/credentials", true);
        check("x.aws/credentials", ".aws/credentials", false);
        check("a.key", "*.key", true);
        check("ab", "ab*b", false);
    }
}
