//! Dockerfiles (<https://docs.docker.com/reference/dockerfile/>): instructions, stages, and what their variables
//! stand for, all with their bytes.
//!
//! An instruction that nobody knows leaves the others readable.

mod read;
mod stages;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::ops::Range;

pub use read::parse_dockerfile;
pub use stages::{DockerBase, DockerStage};
pub use variables::DockerVariable;

use super::{ShellCommand, ShellDialect, ShellWord, shell_commands};

/// A file of instructions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dockerfile {
    /// In their order.
    pub instructions: Vec<DockerInstruction>,
    /// The character that joins lines: `\`, or what the directive `escape` says.
    pub escape: u8,
    /// The defaults of the variables that `FROM` lines may use: every `ARG` in front of the first of them.
    defaults: BTreeMap<String, String>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerInstruction {
    /// Its name in capitals: `FROM`. What `ONBUILD` holds back stands under its own name.
    pub keyword: String,
    /// The bytes of the name.
    pub keyword_span: Range<usize>,
    /// From the name to the end of its last line, here-documents aside.
    pub span: Range<usize>,
    /// `--name=value` in front of the arguments.
    pub flags: Vec<DockerFlag>,
    /// The bytes of the arguments, behind the flags.
    pub arguments: Range<usize>,
    /// The arguments, split at blanks; of the form `["a", "b"]` its elements.
    pub words: Vec<DockerWord>,
    /// Whether the arguments have that form.
    pub is_json: bool,
    /// The texts that stand on the lines behind it.
    pub here_documents: Vec<HereDocument>,
    /// Whether `ONBUILD` stands in front of it.
    pub is_onbuild: bool,
}

/// An option of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerFlag {
    /// Its name, without dashes.
    pub name: String,
    /// Its value and the value's bytes.
    pub value: Option<DockerWord>,
    /// All of it.
    pub span: Range<usize>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerWord {
    /// Its text without quotes and joined lines; variables as written.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Range<usize>,
}

/// The text of `<<NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HereDocument {
    /// The name that ends it.
    pub delimiter: String,
    /// Its lines, without the one that ends it.
    pub body: Range<usize>,
}

impl DockerInstruction {
    /// The value of a flag.
    pub fn flag(&self, name: &str) -> Option<&DockerWord> {
        self.flags.iter().find(|flag| flag.name == name).and_then(|flag| flag.value.as_ref())
    }

    /// The commands of `RUN`, `CMD`, `ENTRYPOINT` or a health check; of others none. `bytes` are the file's.
    pub fn commands(&self, bytes: &[u8], escape: u8) -> Vec<ShellCommand> {
        let mut arguments = self.arguments.clone();
        match &*self.keyword {
            "RUN" | "CMD" | "ENTRYPOINT" => {}
            "HEALTHCHECK" => match self.words.first() {
                Some(word) if word.text.eq_ignore_ascii_case("CMD") => arguments.start = word.span.end,
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        }
        if self.is_json {
            return self.exec_form().into_iter().collect();
        }
        let is_script = bytes[arguments.clone()].trim_ascii_start().starts_with(b"<<");
        if let (Some(script), true) = (self.here_documents.first(), is_script) {
            return shell_commands(bytes, script.body.clone(), ShellDialect::Script);
        }
        shell_commands(bytes, arguments, ShellDialect::Dockerfile { escape })
    }

    /// `["program", "argument"]`. If the program is a shell that is given a text, the commands in it are not split.
    fn exec_form(&self) -> Option<ShellCommand> {
        let (first, last) = (self.words.first()?, self.words.last()?);
        let word = |word: &DockerWord| ShellWord {
            text: word.text.clone(),
            span: word.span.clone(),
            is_literal: true,
        };
        Some(ShellCommand {
            assignments: Vec::new(),
            words: self.words.iter().map(word).collect(),
            span: first.span.start..last.span.end,
            is_piped: false,
            inside: None,
        })
    }
}
