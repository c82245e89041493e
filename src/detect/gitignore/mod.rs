//! This room: what Git's index and the ignore files say about each other.
//! May touch: `model`, `rules`, `repo::view`.
//! Never: decide by itself what is ignored; the inventory has done so by Git's rules.

mod absent;
mod append;
mod build_output;
mod docker;
mod evidence;
mod ineffective;
mod missing;
mod name;
mod names;
mod negation;
mod package_leak;
mod sensitive_file;
mod tracked_ignored;
mod user_excludes;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &sensitive_file::SensitiveFile::Tracked,
    &sensitive_file::SensitiveFile::Untracked,
    &tracked_ignored::TrackedButIgnored,
    &missing::MissingPattern,
    &build_output::MissingBuildOutput,
    &absent::Absent,
    &ineffective::IneffectivePattern,
    &negation::NegationExposesSecret,
    &user_excludes::GlobalExcludeMask,
    &package_leak::PackageLeak,
    &docker::DockerignoreGap,
];

/// The ignore file that everything is written into: what it says holds in all folders.
const GITIGNORE: &str = ".gitignore";

#[cfg(test)]
mod tests {
    use crate::detect::{Emit, Prepared, Raw};
    use crate::model::{Language, RepoPath, Severity, Target};
    use crate::repo::{IgnoreRules, Kept, ListedFile, RepoView};
    use crate::rules::Catalog;
    use crate::source::FileKind;

    /// What a rule says of a repository of these tracked files.
    fn found(rule: &str, files: &[(&str, &str)]) -> Vec<Raw> {
        found_in(rule, files, true)
    }

    fn found_in(rule: &str, files: &[(&str, &str)], tracked: bool) -> Vec<Raw> {
        let catalog = Catalog::built_in();
        let rule = Prepared::new(catalog.get(rule).unwrap(), true).unwrap();
        let kind = FileKind { language: Language::Unknown, target: Target::Other };
        let mut view = RepoView { is_git: true, has_index: true, ..RepoView::default() };
        for (path, text) in files {
            let path = RepoPath::from(*path);
            view.entries.push(ListedFile { path: path.clone(), tracked });
            view.kept.insert(path, Kept { bytes: text.as_bytes().to_vec(), kind });
        }
        let texts = view.kept.iter().filter(|(path, _)| path.name() == b".gitignore");
        let ignore = IgnoreRules::of_texts(texts.map(|(path, kept)| (path, kept.bytes.as_slice())));
        view.tracked_ignored = ignore.tracked_ignored(view.entries.iter().map(|e| &e.path));
        let mut emit = Emit::default();
        rule.detector.repo(&rule, &view, &mut emit);
        emit.raws
    }

    fn check_file(path: &str, text: &str, expect: Option<Severity>) {
        let found = found("gitignore/tracked-sensitive-file", &[(path, text)]);
        assert_eq!(found.first().and_then(|raw| raw.severity), expect, "{path}");
    }

    #[test]
    fn sensitive_files_by_name_place_and_content() {
        use Severity::{Error, Note, Warning};
        check_file("id_rsa", "", Some(Error));
        check_file("deploy/id_ed25519.pub", "", None);
        check_file("home/.aws/credentials", "", Some(Error));
        check_file("infra/prod.tfvars", "db_password = \"kd83hf\"", Some(Error));
        check_file("infra/prod.tfvars", "region = \"<region>\"", Some(Note));
        check_file("infra/example.tfvars", "", None);
        check_file("db.sqlite3", "", Some(Warning));
        check_file("tests/db.sqlite3", "", None);
        check_file("tests/keys/id_rsa", "", None);
        check_file("talk.key", "PK\u{3}\u{4}", None);
        check_file(".env", "API_TOKEN=abc", Some(Error));
        check_file(".env.production", "LOG_LEVEL=info", Some(Note));
        check_file(".env", "API_TOKEN=changeme", Some(Note));
        check_file(".env.example", "API_TOKEN=abc", None);
        check_file("src/env.rs", "", None);
    }

    #[test]
    fn what_git_would_take_in_next_is_one_step_less_bad() {
        let check = |path: &str, text: &str, expect: Option<Severity>| {
            let found = found_in("gitignore/untracked-sensitive-file", &[(path, text)], false);
            assert_eq!(found.first().and_then(|raw| raw.severity), expect, "{path}");
        };
        check(".env", "API_TOKEN=abc", Some(Severity::Warning));
        check(".env", "LOG_LEVEL=info", Some(Severity::Note));
        check("id_rsa", "", Some(Severity::Warning));
        check("db.sqlite3", "", Some(Severity::Note));
        for name in [".env.example", ".env.sample", ".env.template", ".env.dist", "tests/keys/id_rsa"] {
            check(name, "API_TOKEN=abc", None);
        }
        assert!(found("gitignore/untracked-sensitive-file", &[(".env", "API_TOKEN=abc")]).is_empty());
    }

    /// Both rules speak of the same files; a name that one of them learns the other needs too.
    #[test]
    fn both_rules_about_sensitive_files_know_the_same_names() {
        let catalog = Catalog::built_in();
        let words = |rule: &str| match &catalog.get(rule).unwrap().detect {
            crate::rules::Detect::Code { words, .. } => words.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(words("gitignore/tracked-sensitive-file"), words("gitignore/untracked-sensitive-file"));
    }

    #[test]
    fn one_finding_for_each_pattern() {
        let files = [
            (".gitignore", "# old\n*.log\ndata/\n"),
            ("a.log", ""),
            ("b.log", ""),
            ("c.log", ""),
            ("d.log", ""),
            ("data/x", ""),
        ];
        let found = found("gitignore/tracked-but-ignored", &files);
        let said: Vec<_> = found.iter().map(|raw| (raw.range.clone(), raw.message.as_str())).collect();
        assert_eq!(
            said,
            [
                (Some(6..11), "`*.log` matches 4 files that are tracked: a.log, b.log, c.log and 1 more"),
                (Some(12..17), "`data/` matches 1 file that is tracked: data/x"),
            ]
        );
    }
}
