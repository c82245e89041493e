use crate::rules::rule::Text;

/// Whether what stands for a version is a branch: it says so, or is one of the names that a rule knows; those
/// that end in `*` are beginnings.
pub(super) fn is_branch(reference: &str, branches: &[Text]) -> bool {
    reference.starts_with("refs/heads/")
        || branches.iter().any(|branch| match branch.strip_suffix('*') {
            Some(start) => reference.starts_with(start),
            None => reference.eq_ignore_ascii_case(branch),
        })
}

/// Whether it is the id of a commit in full, by SHA-1 or SHA-256.
pub(in crate::detect) fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Whether a part of the address is the id of a commit.
pub(in crate::detect) fn has_commit(address: &str) -> bool {
    address.split(|c: char| !c.is_ascii_alphanumeric()).any(is_commit)
}
