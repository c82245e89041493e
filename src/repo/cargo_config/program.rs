use std::ops::Range;

/// A value of the configuration that makes cargo or rustup start something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// In place of what.
    pub role: Role,
    /// The key, as `build.rustc-wrapper`.
    pub key: String,
    /// The program, without its arguments.
    pub program: String,
    /// Where it would come from.
    pub origin: Origin,
    /// The bytes of the value.
    pub span: Range<usize>,
}

/// What a program stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The compiler; started already by commands that only look, such as `cargo metadata`.
    Compiler,
    /// What is put before the compiler; likewise.
    Wrapper,
    /// All of the toolchain, cargo itself among it.
    Toolchain,
    /// What is asked for a registry's credentials.
    CredentialProvider,
    /// A library that is loaded into the compiler: a code generator, or what the loader is told to load first.
    Library,
    /// The compiler of documentation.
    Rustdoc,
    /// The linker.
    Linker,
    /// What starts programs for `cargo run` and `cargo test`.
    Runner,
    /// What opens documentation.
    Browser,
}

impl Role {
    /// Whether it runs when somebody only looks at the repository with cargo, before anything is built.
    pub fn runs_on_looking(self) -> bool {
        matches!(self, Self::Compiler | Self::Wrapper | Self::Toolchain | Self::CredentialProvider)
    }
}

/// Where a program would come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Whatever has this name in the `PATH` of whoever calls.
    Name,
    /// A folder of the system.
    System,
    /// An absolute path that is no folder of the system.
    Absolute,
    /// A path of the repository, or a command line for an interpreter that stands in the configuration.
    Repository,
}

impl Origin {
    /// Where a value of the configuration leads: cargo takes one with a separator as a path, relative to the folder
    /// that holds `.cargo`, and looks for all others in the `PATH`
    /// (<https://doc.rust-lang.org/cargo/reference/config.html#config-relative-paths>).
    pub fn of(program: &str) -> Self {
        const SYSTEM: [&str; 8] =
            ["/usr/", "/bin/", "/sbin/", "/opt/", "/lib/", "/lib64/", "/nix/", "/Library/"];
        if !program.contains(['/', '\\']) {
            return Self::Name;
        }
        let drive = program.as_bytes().get(1) == Some(&b':');
        if !program.starts_with(['/', '\\']) && !drive {
            return Self::Repository;
        }
        let clean = !program.split(['/', '\\']).any(|part| part == "..");
        let windows = drive && program[2..].to_ascii_lowercase().starts_with("\\program files");
        if clean && (windows || SYSTEM.iter().any(|folder| program.starts_with(folder))) {
            Self::System
        } else {
            Self::Absolute
        }
    }
}

/// Whether a program of this name runs whatever its arguments say.
pub(super) fn is_interpreter(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(
        name,
        "sh" | "bash"
            | "dash"
            | "zsh"
            | "fish"
            | "env"
            | "python"
            | "perl"
            | "ruby"
            | "node"
            | "cmd"
            | "powershell"
            | "pwsh"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_separator_makes_a_path() {
        for (program, expect) in [
            ("sccache", Origin::Name),
            ("tools/rustc", Origin::Repository),
            ("./rustc", Origin::Repository),
            ("..\\rustc", Origin::Repository),
            ("/usr/bin/clang", Origin::System),
            ("/usr/../home/u/x", Origin::Absolute),
            ("/home/u/x", Origin::Absolute),
            ("C:\\Program Files\\LLVM\\clang.exe", Origin::System),
            ("C:/x", Origin::Absolute),
        ] {
            assert_eq!(Origin::of(program), expect, "{program}");
        }
        assert!(is_interpreter("/usr/bin/python3.12") && is_interpreter("sh") && !is_interpreter("shx"));
    }
}
