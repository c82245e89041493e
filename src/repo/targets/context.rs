use crate::model::{RepoPath, Target};
use crate::repo::manifest::{Package, WorkspaceTable};

/// Folders whose packages are data or helpers of tests.
const TEST_FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testsuite",
    "testdata",
    "test-data",
    "test_data",
    "testing",
    "fixture",
    "fixtures",
    "__fixtures__",
    "test-fixtures",
    "test_fixtures",
    "integration-tests",
    "integration_tests",
    "e2e",
    "ui-tests",
    "fuzz",
];
const EXAMPLE_FOLDERS: &[&str] = &["example", "examples", "demo", "demos", "sample", "samples"];
const BENCH_FOLDERS: &[&str] = &["bench", "benches", "benchmark", "benchmarks"];
const VENDOR_FOLDERS: &[&str] = &["vendor", "vendored", "third_party", "third-party"];
const SCRIPT_FOLDERS: &[&str] = &["xtask", "xtasks", "tools"];

/// What a whole package is for, where its place or its name says that it does not ship. `None` for a
/// package that does, and for one of which nobody can tell.
pub(super) fn package_context(
    folder: &RepoPath,
    package: &Package,
    workspace: Option<&WorkspaceTable>,
) -> Option<Target> {
    if package.fuzz {
        return Some(Target::Test);
    }
    if let Some(target) = folder_context(folder) {
        return Some(target);
    }
    let unpublished =
        package.publish.or_inherited(workspace.and_then(|w| w.publish.as_ref())) == Some(&false);
    let name = &*package.name.value;
    if name == "xtask" || (unpublished && folder.parts().any(|part| is_one_of(part, SCRIPT_FOLDERS))) {
        return Some(Target::Script);
    }
    if unpublished {
        let mut words = name.split(['-', '_']);
        return words.find_map(|word| match word {
            "test" | "tests" | "testing" | "testsuite" | "fixtures" | "fuzz" => Some(Target::Test),
            "bench" | "benches" | "benchmark" | "benchmarks" => Some(Target::Bench),
            "example" | "examples" => Some(Target::Example),
            _ => None,
        });
    }
    None
}

/// What everything below this folder is for, judged by the names of the folders alone.
pub(super) fn folder_context(folder: &RepoPath) -> Option<Target> {
    folder.parts().find_map(|part| {
        [
            (VENDOR_FOLDERS, Target::Vendored),
            (TEST_FOLDERS, Target::Test),
            (EXAMPLE_FOLDERS, Target::Example),
            (BENCH_FOLDERS, Target::Bench),
        ]
        .into_iter()
        .find_map(|(names, target)| is_one_of(part, names).then_some(target))
    })
}

fn is_one_of(part: &[u8], names: &[&str]) -> bool {
    names.iter().any(|name| part.eq_ignore_ascii_case(name.as_bytes()))
}
