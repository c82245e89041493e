use std::ops::Range;

use super::{DockerInstruction, DockerWord, Dockerfile};

/// Stages beyond these are not told apart.
const STAGES_MAX: usize = 1000;

/// What begins with a `FROM`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerStage<'d> {
    /// The `FROM`.
    pub from: &'d DockerInstruction,
    /// What stands behind `AS`.
    pub name: Option<&'d DockerWord>,
    /// What it builds on.
    pub base: DockerBase<'d>,
    /// Its instructions behind the `FROM`, by their places in the file.
    pub instructions: Range<usize>,
}

/// What a stage builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DockerBase<'d> {
    /// An earlier stage, by its place among the stages.
    Stage(usize),
    /// Nothing: `scratch`.
    Scratch,
    /// An image.
    Image {
        /// Where it is written.
        word: &'d DockerWord,
        /// Its name with the defaults of variables put in.
        name: String,
        /// Whether a variable has a part in it, so that a build may ask for another one.
        by_variable: bool,
    },
    /// Nobody can say: a variable without a default, or no name.
    Unknown,
}

impl Dockerfile {
    /// The stages.
    pub fn stages(&self) -> Vec<DockerStage<'_>> {
        let starts: Vec<usize> =
            (0..self.instructions.len()).filter(|&at| self.instructions[at].keyword == "FROM").collect();
        let starts = &starts[..starts.len().min(STAGES_MAX)];
        let mut stages: Vec<DockerStage> = Vec::new();
        for (nth, &at) in starts.iter().enumerate() {
            let from = &self.instructions[at];
            let end = starts.get(nth + 1).copied().unwrap_or(self.instructions.len());
            let named = from.words.get(1).is_some_and(|word| word.text.eq_ignore_ascii_case("as"));
            let base = from.words.first().map_or(DockerBase::Unknown, |word| self.base(word, &stages));
            stages.push(DockerStage {
                from,
                name: from.words.get(2).filter(|_| named),
                base,
                instructions: at + 1..end,
            });
        }
        stages
    }

    /// What `FROM` or `COPY --from` names, `stages` being those before it.
    pub fn base<'d>(&'d self, word: &'d DockerWord, stages: &[DockerStage]) -> DockerBase<'d> {
        let Some((name, by_variable)) = self.with_defaults(&word.text) else { return DockerBase::Unknown };
        if name.eq_ignore_ascii_case("scratch") {
            return DockerBase::Scratch;
        }
        let is_named = |stage: &DockerStage| stage.name.is_some_and(|n| n.text.eq_ignore_ascii_case(&name));
        match stages.iter().rposition(is_named) {
            Some(stage) => DockerBase::Stage(stage),
            None if name.is_empty() => DockerBase::Unknown,
            None => DockerBase::Image { word, name, by_variable },
        }
    }
}
