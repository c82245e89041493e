use std::cmp::Ordering;
use std::fmt;

/// A version as far as it is stated: `3`, `3.11`, `3.11.4`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Partial(Vec<u64>);

/// Requirements any of which must hold, each a list of bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range(Vec<Vec<(Sign, Partial)>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    UpTo,
    /// The versions that begin with it.
    Within,
}

impl Partial {
    /// Reads the numbers in front of a text: of `3.11-slim` `3.11`. `None` if there are none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', '=']);
        let len = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let numbers: Vec<u64> = text[..len].split('.').map_while(|part| part.parse().ok()).take(3).collect();
        (!numbers.is_empty()).then_some(Self(numbers))
    }

    /// Whether both can be the same version.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.common(other) == Ordering::Equal
    }

    /// The order of the parts that both state.
    fn common(&self, other: &Self) -> Ordering {
        let len = self.0.len().min(other.0.len());
        self.0[..len].cmp(&other.0[..len])
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

impl Range {
    /// At least this version.
    pub(super) fn at_least(version: Partial) -> Self {
        Self(vec![vec![(Sign::AtLeast, version)]])
    }

    /// Reads `>=3.10,<4`, `^3.10`, `>=18 <21 || 22.x`. Parts of other forms bound nothing.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.split("||").map(alternative).collect())
    }

    /// Whether the version, however it goes on, may be meant.
    pub(super) fn may_hold(&self, version: &Partial) -> bool {
        self.0.iter().any(|bounds| {
            bounds.iter().all(|(sign, bound)| match sign {
                Sign::AtLeast => version.common(bound) != Ordering::Less,
                Sign::Within => version.agrees(bound),
                Sign::UpTo => version.common(bound) != Ordering::Greater,
                Sign::Below => match version.common(bound) {
                    Ordering::Less => true,
                    // `<3.12` excludes 3.12, and may hold 3.
                    Ordering::Equal => version.0.len() < bound.0.len(),
                    Ordering::Greater => false,
                },
            })
        })
    }
}

fn alternative(text: &str) -> Vec<(Sign, Partial)> {
    let mut bounds = Vec::new();
    // A sign may stand apart from its version, and a dash between two.
    let mut sign = "";
    let mut parts = text.split([',', ' ']).filter(|part| !part.is_empty()).peekable();
    while let Some(part) = parts.next() {
        let version_at = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
        let own = std::mem::take(&mut sign);
        let Some(version) = Partial::parse(&part[version_at..]) else {
            sign = part;
            continue;
        };
        match if version_at == 0 { own } else { &part[..version_at] } {
            ">=" | ">" => bounds.push((Sign::AtLeast, version)),
            "<" => bounds.push((Sign::Below, version)),
            "<=" | "-" => bounds.push((Sign::UpTo, version)),
            "^" | "~=" => {
                let major = Partial(vec![version.0[0]]);
                bounds.extend([(Sign::AtLeast, version), (Sign::Within, major)]);
            }
            "~" => {
                let minor = Partial(version.0.iter().take(2).copied().collect());
                bounds.extend([(Sign::AtLeast, version), (Sign::Within, minor)]);
            }
            "" | "v" if parts.peek() == Some(&"-") => bounds.push((Sign::AtLeast, version)),
            "==" | "=" | "" | "v" => bounds.push((Sign::Within, version)),
            _ => {}
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_far_as_both_go() {
        let check = |range: &str, version: &str, expect: bool| {
            let version = Partial::parse(version).expect("a version");
            assert_eq!(Range::parse(range).may_hold(&version), expect, "{range} {version}");
        };
        check(">=3.10", "3", true);
        check(">=3.10", "3.9-slim", false);
        check(">=3.10,<3.13", "3.13", false);
        check(">=3.10, <4", "3.14.1", true);
        check("^3.11", "3.10", false);
        check("^3.11", "3.12", true);
        check(">=18 <21 || 22.x", "22", true);
        check(">=18 <21 || 22.x", "21.1", false);
        check(">= 18", "16", false);
        check("20", "20.1.2", true);
        check("lts/*", "20", true);
        check("18 - 20", "20", true);
        check("18 - 20", "21", false);
        check("18 - 20", "17", false);
        check("> 18", "20", true);
        check("<= 20", "18", true);
        check("<= 20", "22", false);
        check("^ 18", "18.2", true);
        check("^ 18", "20", false);
        check("!= 3.9", "3.9", true);
        assert!(Partial::parse("slim").is_none());
        assert!(
            Partial::parse("3.11").is_some_and(|a| a.agrees(&Partial::parse("3.11.4").expect("a version")))
        );
    }
}
