//! This room: rules as data (their schema, the built-in ones, selection) and the shapes of tokens.
//! May touch: `model`. Rule files come in as text.
//! Never: the file system, compiling regular expressions.

/// All rules, and which of them run.
pub mod catalog;
/// Lists of rules for people and machines.
pub mod document;
/// What a rule is.
pub mod rule;
pub mod schema;
pub mod shape;

mod embedded {
    // Which of these the generated tables need depends on the rules.
    #![allow(unused_imports)]
    // Sets of bytes are written as numbers.
    #![allow(clippy::unreadable_literal)]

    use std::borrow::Cow;

    use super::rule::{Applies, AskedStage, Detect, Example, List, Mend, Rule, Text, Token};
    use super::shape::{ByteSet, Part, Shape};
    use crate::model::{Confidence, Language, Profile, Region, Severity, Target};

    include!(concat!(env!("OUT_DIR"), "/rules.rs"));
}

pub use catalog::{Catalog, Selection, UnknownRule};
pub use rule::{Applies, Detect, Example, Rule, Token};
