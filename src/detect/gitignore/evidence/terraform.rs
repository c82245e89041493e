use std::collections::BTreeSet;

use super::Evidence;
use crate::model::{RepoPath, Severity};
use crate::repo::RepoView;

/// A folder that Terraform is run in: it leaves its state there, with every secret of the infrastructure in clear
/// text (<https://developer.hashicorp.com/terraform/language/state/sensitive-data>).
pub(super) fn find(repo: &RepoView, all: &mut Vec<Evidence>) {
    let mut seen = BTreeSet::new();
    for entry in repo.entries.iter().filter(|entry| entry.path.extension() == b"tf") {
        let folder = entry.path.parent();
        // A module is run in the folders that use it.
        if folder.parts().any(|part| part == b"modules") || !is_root(repo, &folder) {
            continue;
        }
        if seen.insert(folder.clone()) {
            all.push(Evidence {
                may_be: vec![folder.join(b"terraform.tfstate")],
                pattern: "*.tfstate".into(),
                by: entry.path.clone(),
                range: None,
                says: "makes Terraform leave its state beside it",
                severity: Severity::Warning,
            });
        }
    }
}

/// Whether Terraform is run here: it has the provider's lock file or a file of variables beside it.
fn is_root(repo: &RepoView, folder: &RepoPath) -> bool {
    const MARKS: [&[u8]; 4] =
        [b".terraform.lock.hcl", b"terraform.tfvars", b"terraform.tfvars.example", b"backend.tf"];
    MARKS.iter().any(|mark| repo.entry(&folder.join(mark)).is_some())
}
