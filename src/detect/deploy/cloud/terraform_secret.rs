use hcl_edit::Span as _;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::secrets::{names_a_secret, stands_for_a_secret};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::{Secret, Severity};
use crate::source::{FileView, HclText};

/// Variables of Terraform that hold a secret: with a default that is one, or shown in every plan.
pub(in crate::detect::deploy) fn plain_variable(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    if memchr::memmem::find(view.bytes(), b"variable").is_none() {
        return;
    }
    let standing = Standing::of(view);
    let Ok(body) = view.hcl() else { return };
    for block in body.get_blocks("variable") {
        let Some(label) = block.labels.first() else { continue };
        let name = label.as_str();
        if !names_a_secret(name.as_bytes()) {
            continue;
        }
        if let Some(default) = HclText::attribute(&block.body, "default")
            && stands_for_a_secret(name.as_bytes(), default.text.as_bytes())
        {
            let Some(severity) = standing.fault(rule.rule.severity) else { continue };
            let span = default.span.start + 1..default.span.end - 1;
            let mut raw = Raw::at(span.clone())
                .message(format!("the default of the variable {name} is a secret"))
                .fix("Delete the default: give the value by TF_VAR_… or from a secret store.");
            raw.secrets.push(Secret { range: span, prefix: 0 });
            emit.raw(weighed(raw, severity));
            continue;
        }
        // What is no text, or a list of names of secrets.
        let is_text = block
            .body
            .get_attribute("type")
            .is_none_or(|t| t.value.as_variable().is_none_or(|kind| kind.as_str() == "string"));
        if !block.body.has_attribute("sensitive") && is_text && !block.body.has_attribute("default") {
            let Some(severity) = standing.lack(Severity::Note) else { continue };
            let Some(span) = label.span() else { continue };
            let raw = Raw::at(span)
                .message(format!("the variable {name} is shown in plans and logs"))
                .fix("Write sensitive = true below it.");
            emit.raw(weighed(raw, severity));
        }
    }
}
