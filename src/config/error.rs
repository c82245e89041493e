use std::fmt;
use std::ops::Range;

use super::ConfigText;
use crate::model::{LineIndex, Span};

/// Why the settings cannot be had.
///
/// It holds no text of the configuration file: whoever shows it makes the excerpt, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file's name as it may be shown; `None` if an option was typed wrong.
    pub path: Option<String>,
    /// The bytes it is about.
    pub span: Option<Span>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do, or what was probably meant.
    pub help: Option<String>,
}

impl ConfigError {
    /// About a stretch of a configuration file.
    pub fn at(text: &ConfigText, range: Range<usize>, message: impl Into<String>) -> Self {
        let bytes = text.text.as_bytes();
        Self {
            path: Some(text.name.clone()),
            span: Some(LineIndex::new(bytes).span(bytes, range)),
            message: message.into(),
            help: None,
        }
    }

    /// About something typed.
    pub fn typed(message: impl Into<String>) -> Self {
        Self { path: None, span: None, message: message.into(), help: None }
    }

    /// With this help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{path}:")?;
            if let Some(span) = self.span {
                write!(f, "{}:{}:", span.line, span.column)?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}
