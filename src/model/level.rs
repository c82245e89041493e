use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is none of the levels it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLevel {
    /// What was written.
    pub word: String,
    /// The words that would have been understood.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {}", self.known.join(", "))
    }
}

impl std::error::Error for UnknownLevel {}

macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every level, the lowest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word used in rule files, options and reports.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownLevel;
            fn from_str(word: &str) -> Result<Self, UnknownLevel> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownLevel { word: word.to_owned(), known: Self::WORDS }),
                }
            }
        }
    };
}

levels! {
    /// How bad it is if the finding is true.
    Severity {
        /// Worth knowing; nobody has to act.
        Note = "note",
        /// Should be mended soon.
        Warning = "warning",
        /// What one would stop a release for.
        Error = "error",
    }
}

levels! {
    /// How sure the rule is that the finding is what it says.
    Confidence {
        /// A guess from words nearby.
        Low = "low",
        /// The usual case is a true finding.
        Medium = "medium",
        /// Practically never wrong.
        High = "high",
    }
}

levels! {
    /// Which rules run: each profile holds all of the ones before it.
    Profile {
        /// What every repository should pass.
        Standard = "standard",
        /// For teams that want more.
        Strict = "strict",
        /// Everything, also what needs a person's judgement.
        Audit = "audit",
    }
}

levels! {
    /// What a secret's claim to be real rests on, the weakest first.
    Proof {
        /// The characters look random.
        Random = "random",
        /// It stands beside a name that says what it is.
        Context = "context",
        /// It has the prefix, alphabet and length of the vendor's format.
        Shape = "shape",
        /// Its inner structure parses (ASN.1, base64 fields, JSON).
        Structure = "structure",
        /// The checksum that the vendor defines holds.
        Checksum = "checksum",
    }
}

levels! {
    /// From which severity on findings make the exit code 1.
    FailOn {
        /// Notes and everything above.
        Note = "note",
        /// Warnings and errors.
        Warning = "warning",
        /// Errors alone.
        Error = "error",
        /// No finding does.
        Never = "never",
    }
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Never => false,
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Note => true,
        }
    }
}
