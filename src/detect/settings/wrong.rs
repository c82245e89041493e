use std::ops::Range;

use memchr::memmem;

use super::may_ship;
use super::spec::{Condition, Spec, ends_with, fits};
use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw, RawChange};
use crate::model::{Language, Severity};
use crate::source::FileView;

/// A setting or a call that is wrong for production, unless a condition decides about it.
///
/// Words: `wrong`, what is looked for and the line to write ([`Spec`]); `grave`, the same as an error; `slight`, as a
/// note; `unless`, texts that make a file safe; `requires`, texts of which the file has one; `instead`, a literal of a Python
/// program and what `--fix` writes in its place; `anywhere`, not empty where no condition makes it safe; `apart`, not
/// empty where only arguments below the line of their call count.
pub(super) struct Wrong;

impl Detector for Wrong {
    fn name(&self) -> &'static str {
        "code-setting"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        if !may_ship(view, at.start) {
            return;
        }
        let words = |name| rule.rule.detect.words(name);
        let has = |name| words(name).iter().any(|word| memmem::find(view.bytes(), word.as_bytes()).is_some());
        let lists = [("grave", Some(Severity::Error)), ("wrong", None), ("slight", Some(Severity::Note))];
        for (list, severity) in lists {
            for spec in words(list).iter().map(|text| Spec::parse(text)) {
                let Some(range) = found(view, &spec, at.start) else { continue };
                if has("unless")
                    || !words("apart").is_empty() && is_on_line_of_call(view, at.start)
                    || !words("requires").is_empty() && !has("requires")
                    || words("anywhere").is_empty()
                        && view.settings().guard(view.bytes(), range.start).is_some()
                    || is_silenced(rule.rule, view, range.start)
                {
                    return;
                }
                let mut raw = Raw::at(range).message(said(&spec));
                if !spec.write.is_empty() {
                    raw = raw.fix(format!("Write `{}`. {}", spec.write, rule.rule.fix));
                }
                raw = raw.change(mended(rule, view, &spec, at.start));
                raw.severity = severity.filter(|s| *s != rule.rule.severity);
                emit.raw(raw);
                return;
            }
        }
    }
}

/// Whether the argument stands on the line that its call begins on.
fn is_on_line_of_call(view: &FileView, at: usize) -> bool {
    let settings = view.settings();
    let call = settings.at(at).and_then(|setting| settings.calls.get(setting.call?));
    call.is_some_and(|call| memchr::memchr(b'\n', &view.bytes()[call.callee_span.start..at]).is_none())
}

/// The value by which another one is replaced, where the rule says one.
fn mended(rule: &Prepared, view: &FileView, spec: &Spec, at: usize) -> Option<RawChange> {
    if view.language() != Language::Python {
        return None;
    }
    let setting = view.settings().at(at).filter(|setting| spec.anchor() == Some(&*setting.name))?;
    let literal = setting.value.literal()?;
    let new = rule.rule.detect.words("instead").iter().find_map(|words| {
        let (old, new) = words.split_once(' ')?;
        (old == literal).then(|| new.to_owned())
    })?;
    Some(RawChange::replace(format!("writes {new} in"), setting.value_span.clone(), new))
}

/// Where the thing stands that the hit is a part of.
fn found(view: &FileView, spec: &Spec, at: usize) -> Option<Range<usize>> {
    let settings = view.settings();
    let Some(anchor) = spec.anchor() else {
        let (index, call) = settings.call_at(at)?;
        return spec.fits_call(settings, index, call).then(|| {
            if spec.conditions.iter().any(|c| matches!(c, Condition::Is(..))) {
                call.span.clone()
            } else {
                call.callee_span.clone()
            }
        });
    };
    let setting = settings.at(at).filter(|setting| Spec::fits_name(anchor, &setting.name))?;
    let range = setting.name_span.start..setting.value_span.end;
    if spec.is_call {
        let index = setting.call?;
        return spec.fits_call(settings, index, &settings.calls[index]).then_some(range);
    }
    // What another call than these is given are its own arguments.
    let is_own = setting.call.is_some_and(|call| {
        let callee = &settings.calls[call].callee;
        !["update", "from_mapping", "dict", "setdefault"].iter().any(|known| ends_with(callee, known))
    });
    let Some(Condition::Is(_, values)) = spec.conditions.first().filter(|_| !is_own) else { return None };
    (spec.fits_callee(&setting.holder) && fits(settings, &setting.value, values)).then_some(range)
}

/// One sentence about it, in the framework's words.
fn said(spec: &Spec) -> String {
    match spec.conditions.first() {
        Some(Condition::Without(name)) => {
            let callee = spec.holder.unwrap_or_default();
            if name.parse::<usize>().is_ok() {
                format!("`{callee}` without settings")
            } else {
                format!("`{callee}` without `{name}`")
            }
        }
        Some(Condition::Followed(method)) => {
            format!("`{}` with `.{method}()`", spec.holder.unwrap_or_default())
        }
        Some(Condition::NotFollowed(method)) => {
            format!("`{}` without `.{method}(…)`", spec.holder.unwrap_or_default())
        }
        Some(Condition::Is(name, values)) if spec.is_call => {
            let callee = spec.holder.unwrap_or_default();
            match (name.parse::<usize>(), &values[..]) {
                (Ok(_), ["<built>"]) => format!("`{callee}` is given text that is put together"),
                (Ok(_), [one]) => format!("`{callee}({one})`"),
                (Ok(_), _) => format!("`{callee}`"),
                (Err(_), ["<star>"]) => format!("`{callee}` with `{name}` for everybody (`*`)"),
                (Err(_), ["<any>"]) => format!("`{callee}` with `{name}`"),
                (Err(_), [one]) if one.starts_with("<over ") => format!(
                    "`{callee}` with `{name}` above {}",
                    one.trim_start_matches("<over ").trim_end_matches('>')
                ),
                (Err(_), _) => format!("`{callee}` with `{name}` {}", values.join(" or ")),
            }
        }
        Some(Condition::Is(name, values)) => match &values[..] {
            ["<star>"] => format!("`{name}` takes everything (`*`)"),
            ["<any>"] => format!("`{name}` is set"),
            ["<env true>"] => format!("`{name}` is true where nobody sets the variable"),
            ["<unit>"] => format!("`{name}` is given words, which are no value"),
            [one] if one.starts_with("<over ") => {
                format!("`{name}` is larger than {}", one.trim_start_matches("<over ").trim_end_matches('>'))
            }
            [one] if one.starts_with("<lacks ") => {
                format!("`{name}` lacks {}", one.trim_start_matches("<lacks ").trim_end_matches('>'))
            }
            _ => format!("`{name}` is {}", values.join(" or ")),
        },
        None => format!("`{}`", spec.what),
    }
}
