use std::ops::Range;

use super::marks::is_silenced;
use super::{Detector, Emit, Needs, Prepared, Raw, mend};
use crate::model::Secret;
use crate::rules::Detect;
use crate::rules::rule::AskedStage;
use crate::source::{FileView, Stage};

/// No pattern sees more of a line than this on either side of its keyword: a minified bundle is one line.
const REACH: usize = 2048;

/// Rules that are a keyword and a regular expression. The expression sees the line around the keyword,
/// never more, and only matches that cover the keyword count.
pub(super) struct Pattern;

impl Detector for Pattern {
    fn name(&self) -> &'static str {
        "pattern"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Some(regex) = rule.regex() else { return };
        let Detect::Pattern { mend, stage, .. } = &rule.rule.detect else { return };
        if !is_asked(*stage, view) {
            return;
        }
        let line = view.line_near(at.start, at.len() + REACH);
        let from = line.start.max(at.start.saturating_sub(REACH));
        let to = line.end.max(at.end).min(at.end + REACH);
        let window = &view.bytes()[from..to];
        for found in regex.captures_iter(window) {
            let Some(whole) = found.get(0) else { continue };
            if from + whole.start() > at.start {
                break;
            }
            if from + whole.end() < at.end {
                continue;
            }
            let narrowed = found.name("secret").or_else(|| found.name("at")).unwrap_or(whole);
            let range = from + narrowed.start()..from + narrowed.end();
            // What a rule of the secrets family finds must stay hidden, whatever the marks say.
            if !rule.is_secret && is_silenced(rule.rule, view, range.start) {
                continue;
            }
            let mut raw = Raw::at(range.clone());
            if let Some(mend) = mend {
                let cut = found.name("cut").map(|cut| from + cut.start()..from + cut.end());
                raw = raw.change(mend::change(mend, view, range.clone(), cut));
            }
            if let Some(secret) = found.name("secret") {
                raw.secrets.push(Secret { range: from + secret.start()..from + secret.end(), prefix: 0 });
            }
            emit.raw(raw);
        }
    }
}

/// Whether the rule asks for files that configure what this one configures.
fn is_asked(stage: Option<AskedStage>, view: &FileView) -> bool {
    stage.is_none_or(|asked| {
        let staged = view.staged();
        staged.stage == Stage::Production && (asked == AskedStage::Production || staged.is_said)
    })
}
