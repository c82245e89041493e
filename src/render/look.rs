use std::fmt;

use super::neutral::one_line;
use crate::model::{FailOn, Place, RepoPath, Severity, Span};

/// Below this width the graphical format would be all wrapping; the concise one is written instead.
pub(super) const NARROW: usize = 60;
/// Wider lines are hard to read.
const WIDE: usize = 120;

/// How the report is to look: what the terminal can do, and what the user asked for. Decided once, by
/// the command line.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about the terminal")]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether the terminal shows UTF-8; else frames are drawn in ASCII.
    pub unicode: bool,
    /// Whether the terminal takes hyperlinks (OSC 8).
    pub hyperlinks: bool,
    /// Human formats show findings from here on, and count the others.
    pub min_severity: Severity,
    /// From which severity on a finding makes the exit code 1.
    pub fail_on: FailOn,
    /// Findings and what was not checked, nothing else.
    pub quiet: bool,
    /// From 1 on: also findings that were allowed, and every file that was passed over.
    pub verbose: u8,
    /// Whether a pipeline's runner reads the output, which takes some lines as commands.
    pub ci_commands: bool,
    /// A path as seen from the current directory, for human formats.
    pub to_cwd: Box<dyn Fn(&RepoPath) -> String + Send + Sync>,
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Look").field("width", &self.width).field("color", &self.color).finish_non_exhaustive()
    }
}

impl Default for Look {
    /// A file or a pipe: no colour, no links, 100 columns, paths relative to the root.
    fn default() -> Self {
        Self {
            width: 100,
            color: false,
            unicode: true,
            hyperlinks: false,
            min_severity: Severity::Warning,
            fail_on: FailOn::Error,
            quiet: false,
            verbose: 0,
            ci_commands: false,
            to_cwd: Box::new(RepoPath::to_string),
        }
    }
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The severity of a finding.
    Severity(Severity),
    /// What carries the sense.
    Strong,
    /// What is there for those who look for it.
    Faint,
    /// A word that leads a line: `help:`.
    Key,
    /// All is well.
    Pass,
}

impl Ink {
    /// The sixteen colours of the terminal's own theme: readable on light and dark.
    fn code(self) -> &'static str {
        match self {
            Self::Severity(Severity::Error) => "1;31",
            Self::Severity(Severity::Warning) => "1;33",
            Self::Severity(Severity::Note) => "1;36",
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Key => "36",
            Self::Pass => "1;32",
        }
    }
}

/// Words are kept whole where they fit: ids and commands are meant to be copied.
pub(super) fn wrapping(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
}

impl Look {
    /// Columns to fill.
    pub(super) fn columns(&self) -> usize {
        self.width.clamp(NARROW, WIDE)
    }

    /// Text in a colour, if there are colours. Empty text stays empty.
    pub(super) fn paint(&self, ink: Ink, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", ink.code())
        } else {
            text.to_owned()
        }
    }

    /// Text that leads to an address, if the terminal has links. The address must be of our own making
    /// or of a built-in rule, never of the repository.
    pub(super) fn linked(&self, text: &str, address: Option<&str>) -> String {
        match address {
            Some(address) if self.hyperlinks && address.bytes().all(|b| b.is_ascii_graphic()) => {
                format!("\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\")
            }
            _ => text.to_owned(),
        }
    }

    /// The mark for something left out.
    pub(super) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// A path for people, in one line. The root itself is a dot.
    pub(super) fn path(&self, path: Option<&RepoPath>) -> String {
        let shown = path.map(|path| (self.to_cwd)(path)).unwrap_or_default();
        if shown.is_empty() { ".".to_owned() } else { one_line(&shown).into_owned() }
    }

    /// `path:line:column`, or what there is of it.
    pub(super) fn place(&self, path: Option<&RepoPath>, span: Option<&Span>) -> String {
        match span {
            Some(span) => format!("{}:{}:{}", self.path(path), span.line, span.column),
            None => self.path(path),
        }
    }

    /// The place of a finding, with the commit if it stands in history.
    pub(super) fn whole_place(&self, place: &Place) -> String {
        let at = self.place(place.path.as_ref(), place.span.as_ref());
        match &place.origin {
            crate::model::Origin::Commit(id) => {
                format!("{at} in {}", id.chars().filter(char::is_ascii_hexdigit).take(12).collect::<String>())
            }
            _ => at,
        }
    }
}
