use std::collections::BTreeSet;

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

/// Tells of most files at once that no name of some lists stands for them: every rule asks it of every file.
pub(super) struct Sieve {
    /// Of each first byte, a bit for each length of a name that begins so. The highest stands for all from there on.
    lengths: [u32; 256],
    /// The first and the last byte of whole names.
    edges: BTreeSet<[u8; 2]>,
    /// Whether patterns begin with this byte and end with their `*`.
    starts: [bool; 256],
    /// The last two bytes of patterns with something behind their `*`; of shorter ones the last alone.
    ends: BTreeSet<[u8; 2]>,
    last: [bool; 256],
}

impl Sieve {
    /// A sieve for these names.
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n Text>) -> Self {
        let mut sieve = Self {
            lengths: [0; 256],
            edges: BTreeSet::new(),
            starts: [false; 256],
            ends: BTreeSet::new(),
            last: [false; 256],
        };
        for want in names {
            let want = want.as_bytes().rsplit(|&b| b == b'/').next().unwrap_or_default();
            match (want, want.iter().position(|&b| b == b'*')) {
                ([], _) => {}
                ([.., a, b], Some(star)) if star + 2 < want.len() => {
                    sieve.ends.insert([*a, *b]);
                    sieve.last[usize::from(*b)] = true;
                }
                ([.., last], Some(star)) if star + 1 < want.len() => {
                    sieve.ends.extend((0..=u8::MAX).map(|before| [before, *last]));
                    sieve.last[usize::from(*last)] = true;
                }
                (_, Some(0)) => sieve.starts = [true; 256],
                ([first, ..], Some(_)) | ([first], None) => sieve.starts[usize::from(*first)] = true,
                ([first, .., last], None) => {
                    sieve.lengths[usize::from(*first)] |= Self::length(want);
                    sieve.edges.insert([*first, *last]);
                }
            }
        }
        sieve
    }

    fn length(name: &[u8]) -> u32 {
        1 << name.len().min(31)
    }

    fn ends_so(&self, name: &[u8]) -> bool {
        let [.., a, b] = name else { return true };
        self.ends.contains(&[a.to_ascii_lowercase(), b.to_ascii_lowercase()])
    }

    /// Whether one of the names may stand for the file.
    pub(super) fn lets_through(&self, path: &RepoPath) -> bool {
        let name = path.name();
        let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
        let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
        self.starts[usize::from(first)]
            || self.lengths[usize::from(first)] & Self::length(name) != 0
                && self.edges.contains(&[first, last])
            || self.last[usize::from(last)] && self.ends_so(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sieve_stops_nothing_that_a_name_stands_for() {
        for name in
            [".env", ".env.*", "id_rsa", ".aws/credentials", "*.key", "ab*b", "*", "a*", "deploy/*.pem"]
        {
            let names = [name.to_owned().into()];
            let sieve = Sieve::of(names.iter());
            for path in [
                "a/.env",
                "a/.env.prod",
                "ID_RSA",
                "home/.AWS/Credentials",
                "a.KEY",
                "abb",
                "a",
                "x/deploy/a.pem",
                "README.md",
                "a/very/long/name-of-more-than-thirty-one-bytes.txt",
            ] {
                let path = RepoPath::from(path);
                assert!(!is_one_of(&path, &names) || sieve.lets_through(&path), "{path} {name}");
            }
        }
        let sieve = Sieve::of([".env".to_owned().into(), "*.key".to_owned().into()].iter());
        assert!(!sieve.lets_through(&"src/main.rs".into()));
    }

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
