use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::secrets::{names_a_secret, stands_for_a_secret};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{Secret, Severity};
use crate::source::{DockerBase, FileView};

/// Secrets that stay in an image: `ENV` with a secret's name and a value, `ENV` from an `ARG`, and an `ARG` that a
/// `RUN` of the last stage uses, which its history shows.
pub(in crate::detect::deploy) fn image_secret(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if Standing::of(view) == Standing::Rehearsal {
        return;
    }
    let file = view.dockerfile();
    let stages = file.stages();
    // What other stages set is not in the image that is pushed.
    let mut shipped = vec![false; file.instructions.len()];
    let mut stage = stages.last();
    while let Some(here) = stage {
        shipped[here.instructions.clone()].fill(true);
        stage = match here.base {
            DockerBase::Stage(at) => stages.get(at),
            _ => None,
        };
    }
    let mut arguments: Vec<String> = Vec::new();
    for (at, instruction) in file.instructions.iter().enumerate() {
        for variable in instruction.variables(view.bytes()) {
            if !names_a_secret(variable.name.as_bytes()) {
                continue;
            }
            let Some(value) = variable.value.filter(|value| !value.text.trim_matches(['"', '\'']).is_empty())
            else {
                if !variable.is_environment
                    && shipped[at]
                    && is_used(view, &file.instructions[at..], &variable.name)
                {
                    let raw = Raw::at(variable.name_span.clone())
                        .message(format!(
                            "the build argument {} stays in the history of the image: docker history shows it",
                            variable.name
                        ))
                        .fix(format!(
                            "Mount it: RUN --mount=type=secret,id={} …, and build with --secret id={}.",
                            variable.name.to_ascii_lowercase(),
                            variable.name.to_ascii_lowercase()
                        ));
                    emit.raw(weighed(raw, rule.rule.severity.min(Severity::Warning)));
                }
                if !variable.is_environment {
                    arguments.push(variable.name);
                }
                continue;
            };
            let text = value.text.trim_matches(['"', '\'']);
            let from_argument = arguments
                .iter()
                .any(|name| text.strip_prefix('$').is_some_and(|rest| rest.trim_matches(['{', '}']) == name));
            if from_argument && variable.is_environment && shipped[at] {
                let raw = Raw::at(variable.name_span.start..value.span.end)
                    .message(format!(
                        "{} goes from the build into the image: whoever pulls it can read it",
                        variable.name
                    ))
                    .fix("Delete the line: give the variable to the container when it starts.");
                emit.raw(weighed(raw, rule.rule.severity));
            } else if stands_for_a_secret(variable.name.as_bytes(), text.as_bytes()) {
                let span = view.bytes().get(value.span.clone()).map_or(value.span.clone(), |bytes| {
                    let is_quoted = bytes.len() > 1 && matches!(bytes[0], b'"' | b'\'');
                    if is_quoted { value.span.start + 1..value.span.end - 1 } else { value.span.clone() }
                });
                let mut raw = Raw::at(span.clone())
                    .message(format!("the value of {} is part of the image", variable.name))
                    .fix("Delete it: give the variable to the container when it starts.");
                raw.secrets.push(Secret { range: span, prefix: 0 });
                let severity = if shipped[at] { rule.rule.severity } else { Severity::Note };
                emit.raw(weighed(raw, severity));
            }
        }
    }
}

/// Whether a `RUN` below, of the same stage, uses the variable.
fn is_used(view: &FileView, below: &[crate::source::DockerInstruction], name: &str) -> bool {
    let plain = format!("${name}");
    let braced = format!("${{{name}");
    let mut own = below.iter().take_while(|i| i.keyword != "FROM").filter(|i| i.keyword == "RUN");
    own.any(|run| {
        let text = &view.bytes()[run.span.clone()];
        let stands = |pattern: &str| {
            memchr::memmem::find_iter(text, pattern.as_bytes()).any(|at| {
                text.get(at + pattern.len()).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_')
            })
        };
        stands(&plain) || stands(&braced)
    })
}
