use std::fmt;

/// Why a value that is given to a credential's name is no credential. Each has a name, since people ask: `-v`
/// counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Negative {
    /// It is read from the environment or from settings.
    LookUp,
    /// It is filled in later: `${X}`, `{{ x }}`, `<x>`, `%s`.
    Template,
    /// It names a place where the secret lies: a file, a secret store.
    Reference,
    /// It is encrypted, and of no use without a key that is not here.
    Encrypted,
    /// It stands for a value that somebody is to write there.
    Placeholder,
    /// It is what everybody knows or tries first: a rule of its own speaks of it.
    Default,
    /// It says again what the name says.
    Name,
    /// It is a name, a type or an expression of the language.
    Identifier,
    /// It is a text for people.
    Sentence,
    /// It is a path or an address.
    Path,
    /// It is a digest, an id or a version: a value that is no secret.
    Identity,
    /// It is a public key, a certificate or a picture.
    Public,
    /// It is the hash of a password.
    Hash,
    /// It was made up to show how something is used, or what it answers.
    Illustration,
    /// It is one of many of its kind: test vectors, records of data.
    Data,
    /// It is too short or too plain to be told from a word.
    Plain,
}

impl Negative {
    /// What such values are, for people.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::LookUp => "looked up in the environment or in settings",
            Self::Template => "filled in by a template",
            Self::Reference => "references to files and secret stores",
            Self::Encrypted => "encrypted",
            Self::Placeholder => "placeholders",
            Self::Default => "well-known defaults",
            Self::Name => "only repeat their names",
            Self::Identifier => "names of the program",
            Self::Sentence => "texts for people",
            Self::Path => "paths and addresses",
            Self::Identity => "digests, ids and versions",
            Self::Public => "public keys, certificates and pictures",
            Self::Hash => "hashes of passwords",
            Self::Illustration => "made up for an example",
            Self::Data => "test vectors and other data",
            Self::Plain => "too short or too plain",
        }
    }
}

impl fmt::Display for Negative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
