use crate::source::{CodeCall, CodeSettings, SettingValue};

/// What a rule looks for, as its words say it:
///
/// - `NAME=value|value`: a name of a module, a class, an object that is given one of these;
/// - `holder/NAME=value`: the same as a part of `holder`, whose name ends so;
/// - `callee(name=value, !other, 0=value)`: a call with this argument, without that one, with this first one;
/// - `callee()`: the call itself; `callee(-method)`: not followed by `.method(…)` in a chain;
///   `callee(+method)`: followed by it at once.
///
/// A name that begins with `*.` stands for all that end so. Behind ` => ` stands what is written in its place. Values are
/// literals in the form of [`SettingValue::Literal`], last parts of names, `'x'` (a literal and no name), `<star>` (a `*`, alone or in a list), `<built>`,
/// `<any>`, `<unit>` (`8 hours`, which no language knows), `<over 60>` (a larger number), `<lacks x>` (a list without it),
/// `<env true>` (a variable that is true where nobody set it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec<'w> {
    /// All before ` => `.
    pub(super) what: &'w str,
    /// The line to write; empty if there is none.
    pub(super) write: &'w str,
    pub(super) holder: Option<&'w str>,
    pub(super) is_call: bool,
    pub(super) conditions: Vec<Condition<'w>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition<'w> {
    /// An argument or a setting of this name has one of these values.
    Is(&'w str, Vec<&'w str>),
    /// Such an argument is not there.
    Without(&'w str),
    /// Such a method follows at once.
    Followed(&'w str),
    /// Such a method does not follow.
    NotFollowed(&'w str),
}

impl<'w> Spec<'w> {
    pub(super) fn parse(text: &'w str) -> Self {
        let (what, write) = text.split_once(" => ").unwrap_or((text, ""));
        let (what, write) = (what.trim(), write.trim());
        if let Some((callee, arguments)) = what.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            let conditions =
                arguments.split(", ").map(str::trim).filter(|c| !c.is_empty()).map(condition).collect();
            return Self { what, write, holder: Some(callee), is_call: true, conditions };
        }
        let (name, _) = what.split_once('=').unwrap_or((what, ""));
        let (holder, rest) = match name.rsplit_once('/') {
            Some((holder, _)) => (Some(holder), &what[holder.len() + 1..]),
            None => (None, what),
        };
        Self { what, write, holder, is_call: false, conditions: vec![condition(rest)] }
    }

    /// The name that the rule's keyword is a part of, if it is not the callee.
    pub(super) fn anchor(&self) -> Option<&'w str> {
        match self.conditions.first()? {
            Condition::Is(name, _) if !name.starts_with(|c: char| c.is_ascii_digit()) => Some(name),
            _ => None,
        }
    }

    /// Whether the name is the anchor.
    pub(super) fn fits_name(anchor: &str, name: &str) -> bool {
        match anchor.strip_prefix('*') {
            Some(end) => name.ends_with(end),
            None => name == anchor,
        }
    }

    pub(super) fn fits_callee(&self, callee: &str) -> bool {
        self.holder.is_none_or(|wanted| ends_with(callee, wanted))
    }

    /// Whether all conditions hold of this call.
    pub(super) fn fits_call(&self, settings: &CodeSettings, index: usize, call: &CodeCall) -> bool {
        self.fits_callee(&call.callee)
            && self.conditions.iter().all(|condition| match condition {
                Condition::Is(name, values) => match name.parse::<usize>() {
                    Ok(place) => {
                        call.positional.get(place).is_some_and(|(_, value)| fits(settings, value, values))
                    }
                    Err(_) if name.starts_with('*') => settings
                        .arguments(index)
                        .any(|a| Self::fits_name(name, &a.name) && fits(settings, &a.value, values)),
                    Err(_) => settings
                        .argument(index, name)
                        .is_some_and(|argument| fits(settings, &argument.value, values)),
                },
                Condition::Without(name) => match name.parse::<usize>() {
                    Ok(place) => call.positional.get(place).is_none(),
                    Err(_) => settings.argument(index, name).is_none(),
                },
                Condition::Followed(method) => settings
                    .calls
                    .iter()
                    .skip(index + 1)
                    .take(16)
                    .any(|next| next.receiver == Some(index) && next.callee == *method),
                Condition::NotFollowed(method) => !is_followed(settings, index, method),
            })
    }
}

fn condition(text: &str) -> Condition<'_> {
    if let Some(name) = text.strip_prefix('!') {
        return Condition::Without(name);
    }
    if let Some(name) = text.strip_prefix('+') {
        return Condition::Followed(name);
    }
    if let Some(name) = text.strip_prefix('-') {
        return Condition::NotFollowed(name);
    }
    let (name, values) = text.split_once('=').unwrap_or((text, "<any>"));
    Condition::Is(name.trim(), values.split('|').map(str::trim).collect())
}

/// Whether the value is one of these.
pub(super) fn fits(settings: &CodeSettings, value: &SettingValue, wanted: &[&str]) -> bool {
    let value = settings.resolved(value);
    wanted.iter().any(|wanted| match (*wanted, value) {
        ("<any>", _) | ("<built>", SettingValue::Built) => true,
        ("<unit>", SettingValue::Literal(text)) => text.split_once(' ').is_some_and(|(number, unit)| {
            number.parse::<u64>().is_ok()
                && matches!(unit.trim_end_matches('s'), "second" | "minute" | "hour" | "day" | "week")
        }),
        ("<env true>", SettingValue::Environment { default: Some(text), .. }) => {
            matches!(&*text.to_ascii_lowercase(), "true" | "1" | "yes" | "on")
        }
        ("<star>", SettingValue::Literal(text)) => {
            text == "*"
                || text
                    .strip_prefix('[')
                    .and_then(|t| t.strip_suffix(']'))
                    .is_some_and(|list| list.split(',').any(|item| item == "*"))
        }
        // In quotes: a text, and not a name that is called so.
        (wanted, value) if wanted.starts_with('\'') => {
            value.literal().is_some_and(|text| wanted.trim_matches('\'') == text)
        }
        (wanted, SettingValue::Literal(text)) => match comparison(wanted) {
            Some(("over", limit)) => {
                limit.parse::<u64>().is_ok_and(|limit| text.parse::<u64>().is_ok_and(|number| number > limit))
            }
            Some(("lacks", item)) => text
                .strip_prefix('[')
                .and_then(|t| t.strip_suffix(']'))
                .is_some_and(|list| !list.is_empty() && !list.split(',').any(|own| own.contains(item))),
            _ => text == wanted,
        },
        (wanted, SettingValue::Name(name)) => ends_with(name, wanted),
        _ => false,
    })
}

/// The word and what stands behind it, of `<over 60>`.
fn comparison(wanted: &str) -> Option<(&str, &str)> {
    wanted.strip_prefix('<')?.strip_suffix('>')?.split_once(' ')
}

/// Whether a path of names ends with another one; `requests.*` is all that hangs on `requests`.
pub(super) fn ends_with(path: &str, wanted: &str) -> bool {
    if let Some(prefix) = wanted.strip_suffix('*') {
        return path.starts_with(prefix) || path.contains(&format!(".{prefix}"));
    }
    path.strip_suffix(wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', ':']))
}

fn is_followed(settings: &CodeSettings, index: usize, method: &str) -> bool {
    let mut here = index;
    for (at, call) in settings.calls.iter().enumerate().skip(index + 1).take(400) {
        if call.receiver == Some(here) {
            if call.callee == method {
                return true;
            }
            here = at;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read() {
        let spec = Spec::parse("CORSMiddleware(allow_origins=<star>, !x) => allow_origins=[\"https://a\"]");
        assert_eq!((spec.holder, spec.is_call), (Some("CORSMiddleware"), true));
        assert_eq!(spec.anchor(), Some("allow_origins"));
        assert_eq!(spec.write, "allow_origins=[\"https://a\"]");
        assert_eq!(spec.conditions[1], Condition::Without("x"));
        let spec = Spec::parse("Production/A=true|1");
        assert_eq!((spec.holder, spec.anchor()), (Some("Production"), Some("A")));
        assert_eq!(Spec::parse("f(0=true)").anchor(), None);
        assert_eq!(comparison("<over 60>"), Some(("over", "60")));
        assert!(Spec::fits_name("*.origins", "/api/*.origins") && !Spec::fits_name("*.origins", "origins"));
        assert!(ends_with("a.b", "b") && !ends_with("a.xb", "b") && ends_with("requests.get", "requests.*"));
    }
}
