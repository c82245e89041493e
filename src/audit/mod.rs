//! This room: one audit from beginning to end (settings → inventory → scan → repository checks → triage → report), and the self-check of rules.
//! May touch: `model`, `rules`, `source`, `repo`, `detect`, `scan`, `triage`, `config`.
//! Never: rendering, the command line.

mod core;
mod explain;
mod judge;
mod own_rules;
mod selfcheck;

pub use core::{Files, Found, Selected, look};
pub use explain::{FileExplained, explain_file};
pub use own_rules::{OwnRulesError, read_rule_files};
pub use selfcheck::{CheckProblem, check_examples, check_words};

use std::io;
use std::num::NonZero;
use std::path::PathBuf;

use crate::config::Settings;
use crate::model::{Report, RepoPath};
use crate::repo::{Inventory, Root, inventory};
use crate::rules::Catalog;
use crate::scan::{Plan, PlanError, WorkTree};

/// What is to be audited, and how.
pub struct Request<'a> {
    /// The root.
    pub root: &'a Root,
    /// What of it was selected; nothing means all.
    pub paths: &'a [RepoPath],
    /// How.
    pub settings: &'a Settings,
    /// Which rules there are.
    pub catalog: &'a Catalog,
    /// Today, as `YYYY-MM-DD`.
    pub today: &'a str,
    /// The configuration's allows, ready to be shown.
    pub allows: Vec<crate::triage::AllowEntry>,
}
