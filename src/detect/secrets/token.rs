use std::ops::Range;

use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret};
use crate::rules::Detect;
use crate::source::FileView;

/// Tokens whose form the vendor defines.
pub(in crate::detect) struct Tokens;

impl Detector for Tokens {
    fn name(&self) -> &'static str {
        "token"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let Detect::Token(token) = &rule.rule.detect else { return };
        for shape in token.shapes.iter() {
            let Some(range) = shape.verify(view.bytes(), at.start) else { continue };
            let mut raw = Raw::at(range.clone());
            raw.secrets.push(Secret { range, prefix: shape.prefix_len() });
            raw.proof = Some(Proof::Shape);
            emit.raw(raw);
            return;
        }
    }
}
