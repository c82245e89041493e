use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[doc = $word] #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in rule files and reports.
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
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }
    };
}

words! {
    /// What a file is written in, as far as its name or first line tells.
    Language {
        Rust = "rust",
        Python = "python",
        JavaScript = "javascript",
        TypeScript = "typescript",
        Shell = "shell",
        PowerShell = "powershell",
        Go = "go",
        Java = "java",
        Kotlin = "kotlin",
        Scala = "scala",
        CSharp = "csharp",
        C = "c",
        Cpp = "cpp",
        Swift = "swift",
        Ruby = "ruby",
        Php = "php",
        Perl = "perl",
        Lua = "lua",
        Sql = "sql",
        Html = "html",
        Css = "css",
        Xml = "xml",
        Markdown = "markdown",
        Toml = "toml",
        Json = "json",
        Yaml = "yaml",
        Ini = "ini",
        Properties = "properties",
        Dotenv = "dotenv",
        Dockerfile = "dockerfile",
        Make = "make",
        Hcl = "hcl",
        Nginx = "nginx",
        Text = "text",
        /// Nothing is known of it; it is treated as text without comments.
        Unknown = "unknown",
    }
}

words! {
    /// What a file is for: which part of what ships, or of what does not.
    Target {
        /// Code of a library.
        Lib = "lib",
        /// Code of a binary (an application, a service, a command-line tool).
        Bin = "bin",
        /// A test, or data for tests.
        Test = "test",
        /// An example.
        Example = "example",
        /// A benchmark.
        Bench = "bench",
        /// A Cargo build script.
        BuildScript = "build-script",
        /// Code of a procedural macro.
        ProcMacro = "proc-macro",
        /// A script that people or pipelines run (also a Cargo xtask).
        Script = "script",
        /// Source code outside Cargo packages of which nothing closer is known.
        Source = "source",
        /// Documentation.
        Doc = "doc",
        /// Written by a program.
        Generated = "generated",
        /// Somebody else's code, copied in.
        Vendored = "vendored",
        /// Configuration, manifests, pipelines.
        Config = "config",
        /// Anything else.
        Other = "other",
    }
}

impl Target {
    /// Whether it does not ship and is somebody's to read, run or copy: tests, examples, benchmarks, documentation,
    /// somebody else's code.
    pub fn is_for_show(self) -> bool {
        matches!(self, Self::Test | Self::Example | Self::Bench | Self::Doc | Self::Vendored)
    }
}

words! {
    /// What a byte of source code belongs to.
    Region {
        Code = "code",
        Comment = "comment",
        /// A documentation comment.
        Doc = "doc",
        /// A string or character literal, its quotes included.
        String = "string",
    }
}
