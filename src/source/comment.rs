use crate::model::{Language, RepoPath};

/// How a comment is written on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentForm {
    /// What opens it.
    pub open: &'static str,
    /// What closes it; empty if the line's end does.
    pub close: &'static str,
    /// Whether it may stand behind code on the same line.
    pub behind_code: bool,
}

/// How comments are written in a file; `None` where there are none, or nobody knows.
pub fn comment_form(path: &RepoPath, language: Language) -> Option<CommentForm> {
    let line = |open, behind_code| Some(CommentForm { open, close: "", behind_code });
    let block = |open, close, behind_code| Some(CommentForm { open, close, behind_code });
    match language {
        Language::Rust
        | Language::Go
        | Language::Java
        | Language::Kotlin
        | Language::Scala
        | Language::CSharp
        | Language::C
        | Language::Cpp
        | Language::Swift
        | Language::JavaScript
        | Language::TypeScript
        | Language::Php => line("//", true),
        Language::Python
        | Language::Ruby
        | Language::Perl
        | Language::Shell
        | Language::PowerShell
        | Language::Toml
        | Language::Yaml
        | Language::Hcl
        | Language::Nginx => line("#", true),
        Language::Lua | Language::Sql => line("--", true),
        // Behind a value it belongs to the value, for some readers at least.
        Language::Dotenv | Language::Ini | Language::Properties | Language::Dockerfile | Language::Make => {
            line("#", false)
        }
        Language::Css => block("/*", "*/", true),
        Language::Html | Language::Xml | Language::Markdown => block("<!--", "-->", false),
        Language::Json => None,
        Language::Text | Language::Unknown => {
            let name = path.name();
            let known = name.ends_with(b"ignore")
                || name == b".gitattributes"
                || name.starts_with(b"requirements") && path.extension() == b"txt";
            if known { line("#", false) } else { None }
        }
    }
}
