use std::ops::Range;

use super::assignment::{self, Reading};
use super::credential::{self, Look};
use super::verdicts::Verdicts;
use crate::source::FileView;

/// What stands at the name that was read last. Several rules ask about each name, one behind the other, and a name
/// may hold several keywords: it is read once, and judged once.
///
/// It holds for one file: whoever turns to another begins with an empty one.
#[derive(Debug, Default)]
pub(in crate::detect) struct LastName {
    /// The hit that was asked about last.
    hit: Range<usize>,
    /// The name around it; empty if there is none.
    name: Range<usize>,
    reading: Option<Reading>,
    look: Option<Look>,
    /// What was said of other names before.
    verdicts: Verdicts,
}

impl LastName {
    /// What is given to the name that covers this hit.
    pub(super) fn reading(&mut self, view: &FileView, hit: Range<usize>) -> Reading {
        self.turn_to(view, hit);
        self.read(view).clone()
    }

    /// The same, judged.
    pub(super) fn look(&mut self, view: &FileView, hit: Range<usize>) -> Look {
        self.turn_to(view, hit);
        if self.look.is_none() {
            let reading = self.read(view).clone();
            self.look = Some(credential::look(view, &reading, &mut self.verdicts));
        }
        self.look.clone().unwrap_or(Look::Nothing)
    }

    fn read(&mut self, view: &FileView) -> &Reading {
        self.reading.get_or_insert_with(|| assignment::read(view, self.name.clone()))
    }

    fn turn_to(&mut self, view: &FileView, hit: Range<usize>) {
        if self.hit == hit {
            return;
        }
        let name = assignment::name_at(view.bytes(), hit.clone()).unwrap_or(0..0);
        if self.name != name {
            self.name = name;
            self.reading = None;
            self.look = None;
        }
        self.hit = hit;
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::Verdict;
    use super::*;
    use crate::model::{Language, RepoPath, Target};
    use crate::source::FileKind;

    /// Asks about each of these keywords in order, with one memory and with a new one each time.
    #[test]
    fn what_is_remembered_is_what_is_read() {
        let text = "{token:\"keyword\",secretToken:\"keyword\",token:e.token,apiKey:\"a81kd03mq\",\
                    password:\"a81kd03mq\",apiKey:\"a81kd03mq\",token=\"keyword\",token==\"a81kd03mq\",\
                    token:process.env.TOKEN,secretToken:\"a81kd03mq\"}";
        let path = RepoPath::from("x.js");
        let kind = FileKind { language: Language::JavaScript, target: Target::Source };
        let view = FileView::new(&path, text.as_bytes(), kind);
        let lower = text.to_ascii_lowercase();
        let mut hits: Vec<Range<usize>> = ["token", "secret", "key", "password"]
            .iter()
            .flat_map(|word| lower.match_indices(word).map(|(at, word)| at..at + word.len()))
            .collect();
        hits.sort_by_key(|hit| hit.start);
        let said = |last: &mut LastName, hit: &Range<usize>| match last.look(&view, hit.clone()) {
            Look::Judged(judged) => Some((judged.noun, judged.verdict)),
            Look::Elsewhere | Look::Nothing => None,
        };
        let mut last = LastName::default();
        let mut chosen = 0;
        for hit in hits.iter().flat_map(|hit| [hit, hit]) {
            let mut new = LastName::default();
            assert_eq!(last.reading(&view, hit.clone()), new.reading(&view, hit.clone()), "{hit:?}");
            let expect = said(&mut new, hit);
            assert_eq!(said(&mut last, hit), expect, "{hit:?}");
            chosen += usize::from(expect.is_some_and(|(_, verdict)| verdict == Verdict::Chosen));
        }
        assert!(chosen >= 8);
    }
}
