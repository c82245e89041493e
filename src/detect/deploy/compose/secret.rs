use super::{environment, services};
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::secrets::stands_for_a_secret;
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Secret;
use crate::source::FileView;

/// Secrets that stand in the environment of a service.
pub(in crate::detect::deploy) fn literal_secret(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).lack(rule.rule.severity) else { return };
    for service in services(view) {
        for variable in environment(&service) {
            let Some(value) = variable.value.filter(|value| !value.contains("${")) else { continue };
            if variable.node.is_alias() || !stands_for_a_secret(variable.name.as_bytes(), value.as_bytes()) {
                continue;
            }
            let positions = variable.node.positions(view.bytes());
            let span = positions.source(variable.before..variable.before + value.len());
            let mut raw = Raw::at(span.clone())
                .message(format!("the value of {} stands in the file", variable.name))
                .fix(format!(
                    "Write ${{{}}}, and give it to Compose from the environment or as a secret.",
                    variable.name
                ));
            raw.secrets.push(Secret { range: span, prefix: 0 });
            emit.raw(weighed(raw, severity));
        }
    }
}
