use std::ops::Range;

use memchr::memmem;

use super::may_ship;
use crate::detect::marks::is_silenced;
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::source::FileView;

/// A secret that is put together by a generator whose next number can be computed from those before.
///
/// Words: `names`, parts of names of secrets; `made`, what shows that letters or digits are drawn.
pub(super) struct WeakRandom;

impl Detector for WeakRandom {
    fn name(&self) -> &'static str {
        "weak-random"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        if !may_ship(view, at.start) || memmem::find(view.bytes(), b"SystemRandom").is_some() {
            return;
        }
        let settings = view.settings();
        let upto = settings.settings.partition_point(|setting| setting.name_span.start < at.start);
        let given = settings.settings[..upto]
            .iter()
            .rev()
            .take(16)
            .find(|setting| setting.value_span.contains(&at.start));
        let Some(setting) = given else { return };
        let name = setting.name.to_ascii_lowercase();
        let value = &view.bytes()[setting.value_span.clone()];
        let words = |list| rule.rule.detect.words(list);
        if words("names").iter().any(|word| name.contains(&**word))
            && words("made").iter().any(|word| memmem::find(value, word.as_bytes()).is_some())
            && !is_silenced(rule.rule, view, at.start)
        {
            let range = setting.name_span.start..setting.value_span.end;
            emit.raw(Raw::at(range).message(format!("`{}` can be guessed from earlier ones", setting.name)));
        }
    }
}
