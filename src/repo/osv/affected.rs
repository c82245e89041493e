use serde::{Deserialize, Serialize};

use super::ecosystem::{Ecosystem, Version};
use super::record::or_default;

/// Which versions of a package an advisory speaks of, as it is written: the `affected` of
/// <https://ossf.github.io/osv-schema/#affected-fields>.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Affected {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) package: Package,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) ranges: Vec<Range>,
    #[serde(default, deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub(super) versions: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Package {
    #[serde(default, deserialize_with = "or_default")]
    pub(super) ecosystem: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) name: String,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Range {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) events: Vec<Event>,
}

/// One of the four is there.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Event {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) introduced: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fixed: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_affected: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<String>,
}

/// From a version on, up to another one.
#[derive(Debug, Clone)]
pub(super) struct Interval {
    /// `None` is the first one there is.
    from: Option<Version>,
    to: End,
}

#[derive(Debug, Clone)]
enum End {
    /// For ever.
    Open,
    /// Mended in this version.
    Before(Version),
    /// The last one concerned.
    With(Version),
}

impl Interval {
    pub(super) fn holds(&self, version: &Version) -> bool {
        self.from.as_ref().is_none_or(|from| version >= from)
            && match &self.to {
                End::Open => true,
                End::Before(fixed) => version < fixed,
                End::With(last) => version <= last,
            }
    }

    pub(super) fn fixed(&self) -> Option<&Version> {
        match &self.to {
            End::Before(fixed) => Some(fixed),
            _ => None,
        }
    }
}

impl std::fmt::Display for Interval {
    /// `>=1.0, <1.2`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.from, &self.to) {
            (None, End::Open) => f.write_str("every version"),
            (None, End::Before(fixed)) => write!(f, "<{fixed}"),
            (None, End::With(last)) => write!(f, "<={last}"),
            (Some(from), End::Open) => write!(f, ">={from}"),
            (Some(from), End::Before(fixed)) => write!(f, ">={from}, <{fixed}"),
            (Some(from), End::With(last)) => write!(f, ">={from}, <={last}"),
        }
    }
}

impl Affected {
    /// The ecosystem, if it is one that is looked at.
    pub(super) fn ecosystem(&self) -> Option<Ecosystem> {
        Ecosystem::of_word(&self.package.ecosystem)
    }

    /// The intervals of its ranges. Those of Git are about commits. Where nobody can read from which version on one holds,
    /// it holds from the first; where nobody can read up to which, it goes on.
    pub(super) fn intervals(&self, ecosystem: Ecosystem) -> Vec<Interval> {
        self.ranges
            .iter()
            .filter(|range| matches!(&*range.kind, "ECOSYSTEM" | "SEMVER"))
            .flat_map(|range| range.intervals(ecosystem))
            .collect()
    }
}

/// What an event does; at one version an interval ends before the next begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Ends,
    Begins,
    EndsBehind,
}

impl Range {
    fn intervals(&self, ecosystem: Ecosystem) -> Vec<Interval> {
        // "0" is before everything.
        let version = |text: &str| (text != "0").then(|| ecosystem.version(text));
        let mut turns: Vec<(Option<Version>, Turn)> = Vec::new();
        let mut limits: Vec<Version> = Vec::new();
        for event in &self.events {
            let known = [
                (&event.introduced, Turn::Begins),
                (&event.fixed, Turn::Ends),
                (&event.last_affected, Turn::EndsBehind),
            ];
            for (text, turn) in known {
                match text.as_deref().map(version) {
                    Some(Some(Some(version))) => turns.push((Some(version), turn)),
                    Some(None) => turns.push((None, turn)),
                    Some(Some(None)) if turn == Turn::Begins => turns.push((None, turn)),
                    _ => {}
                }
            }
            // `*` is no limit.
            limits.extend(event.limit.as_deref().and_then(|limit| ecosystem.version(limit)));
        }
        turns.sort_by(|(a, turn), (b, other)| {
            let order = match (a, b) {
                (Some(a), Some(b)) => a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal),
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            order.then(turn.cmp(other))
        });
        let mut intervals = Vec::new();
        let mut open: Option<Option<Version>> = None;
        for (version, turn) in turns {
            match (turn, &open) {
                (Turn::Begins, None) => open = Some(version),
                (Turn::Ends | Turn::EndsBehind, Some(from)) => {
                    let Some(version) = version else { continue };
                    let to = if turn == Turn::Ends { End::Before(version) } else { End::With(version) };
                    intervals.push(Interval { from: from.clone(), to });
                    open = None;
                }
                _ => {}
            }
        }
        if let Some(from) = open {
            let limit = limits.into_iter().reduce(|a, b| if b > a { b } else { a });
            intervals.push(Interval { from, to: limit.map_or(End::Open, End::Before) });
        }
        intervals
    }
}

/// What an affected package's versions are held against.
#[derive(Debug, Clone)]
pub(super) struct Versions {
    pub(super) intervals: Vec<Interval>,
    /// Those that are listed one by one.
    pub(super) listed: Vec<String>,
}

impl Versions {
    /// Whether this version is concerned: it lies in an interval, or is listed.
    pub(super) fn hold(&self, ecosystem: Ecosystem, text: &str, version: Option<&Version>) -> bool {
        let published = version.map(Version::published);
        if let Some(version) = &published
            && self.intervals.iter().any(|interval| interval.holds(version))
        {
            return true;
        }
        self.listed
            .iter()
            .any(|listed| listed == text || published.is_some() && ecosystem.version(listed) == published)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affected(json: &str) -> Versions {
        let affected: Affected = serde_json::from_str(json).expect("valid");
        Versions { intervals: affected.intervals(Ecosystem::PyPi), listed: affected.versions }
    }

    #[test]
    fn versions_are_held_against_ranges_and_lists() {
        let versions = affected(
            r#"{"ranges": [
                {"type": "ECOSYSTEM", "events": [{"fixed": "1.2"}, {"introduced": "0"}, {"introduced": "2.0"},
                                                 {"last_affected": "2.3"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "3.0"}]},
                {"type": "GIT", "events": [{"introduced": "0"}]}],
               "versions": ["1.5", "2004d-odd"]}"#,
        );
        let shown: Vec<String> = versions.intervals.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["<1.2", ">=2.0, <=2.3", ">=3.0"]);
        for (text, expect) in [
            ("0.1", true),
            ("1.2rc1", true),
            ("1.2", false),
            ("1.2.0", false),
            ("1.5.0", true),
            ("1.6", false),
            ("2.0", true),
            ("2.3", true),
            ("2.3.1", false),
            ("3.0.dev1", false),
            ("9", true),
            ("2004d-odd", true),
            ("2004d-even", false),
        ] {
            let version = Ecosystem::PyPi.version(text);
            assert_eq!(versions.hold(Ecosystem::PyPi, text, version.as_ref()), expect, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_holds_nothing() {
        for json in [
            "{}",
            r#"{"ranges": null, "versions": null}"#,
            r#"{"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "1.0"}]}]}"#,
        ] {
            let versions = affected(json);
            let version = Ecosystem::PyPi.version("0.5");
            assert!(!versions.hold(Ecosystem::PyPi, "0.5", version.as_ref()), "{json}");
        }
    }

    #[test]
    fn what_begins_or_ends_nobody_knows_where_is_taken_to_hold() {
        for (json, expect) in [
            (
                r#"{"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "what is this"}]}]}"#,
                "every version",
            ),
            (
                r#"{"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "what"}, {"fixed": "1.0"}]}]}"#,
                "<1.0",
            ),
            (
                r#"{"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "what"}]}]}"#,
                ">=1.0",
            ),
        ] {
            assert_eq!(
                affected(json).intervals.iter().map(ToString::to_string).collect::<Vec<_>>(),
                [expect]
            );
        }
    }

    #[test]
    fn what_a_builder_has_added_makes_no_other_version() {
        let versions = affected(
            r#"{"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"last_affected": "2.0.0"}]}],
               "versions": ["3.0"]}"#,
        );
        for (text, expect) in [("2.0.0+cu118", true), ("3.0+cpu", true), ("2.0.1+cu118", false)] {
            let version = Ecosystem::PyPi.version(text);
            assert_eq!(versions.hold(Ecosystem::PyPi, text, version.as_ref()), expect, "{text}");
        }
    }
}
