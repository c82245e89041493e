use std::env;

use sha2::{Digest, Sha256};

use super::args::InitArgs;
use super::{Failure, Outcome, output};
use crate::fix::{create_folder, create_program, replace};
use crate::model::{RepoPath, shown};
use crate::repo::{HooksFolder, Kind, ReadError, Root, Tree, User};

/// What the hook runs. Whether dependencies have advisories changes without a commit: that is for CI.
const COMMAND: &str = "cargo-prodcheck --staged --offline --skip advisories";

/// The line that tells our hook from others.
const MARK: &str = "# Written by `cargo prodcheck init --hook`; delete the file to be rid of it.";

/// No hook is larger.
const LARGEST: u64 = 1 << 20;

pub(super) fn run(args: &InitArgs) -> Outcome {
    debug_assert!(args.hook, "there is nothing else to ask for");
    let (root, _) = Root::find(&[], &env::current_dir()?)?;
    let folder = root
        .hooks_folder(&User::of_environment())
        .ok_or_else(|| Failure("there is no Git repository here".into()))?;
    let git;
    let (tree, folder): (&Tree, RepoPath) = match (folder, root.git()) {
        (HooksFolder::Inside(folder), _) => (root.tree(), folder),
        (HooksFolder::Git, Some(dir)) => {
            git = Tree::open(&dir.common)?;
            (&git, RepoPath::from("hooks"))
        }
        (HooksFolder::Elsewhere(path), _) => {
            let path = shown(&path.to_string_lossy()).into_owned();
            return Err(Failure(format!(
                "core.hooksPath is {path}, which does not belong to this repository alone; to have the hook there, \
                 add this line to its pre-commit: {COMMAND}"
            )));
        }
        (HooksFolder::Git, None) => return Err(Failure("there is no Git repository here".into())),
    };
    let path = folder.join(b"pre-commit");
    let name = shown(&tree.path().join(path.to_string()).to_string_lossy()).into_owned();
    let said = write(tree, &folder, &path).map_err(|Failure(why)| Failure(format!("{name}: {why}")))?;
    output::to_stdout(|out| writeln!(out, "{said}: {name}"))?;
    Ok(0)
}

fn hook() -> String {
    // Programs that commit for people often do not know where cargo installs to.
    format!("#!/bin/sh\n{MARK}\nPATH=\"$PATH:${{CARGO_HOME:-$HOME/.cargo}}/bin\"\nexec {COMMAND}\n")
}

/// Writes the hook; what stands there and is not ours stays.
fn write(tree: &Tree, folder: &RepoPath, path: &RepoPath) -> Result<&'static str, Failure> {
    let failed = |error: crate::fix::WriteError| Failure(format!("the hook was not written: {error}"));
    match tree.kind(path) {
        Err(ReadError::Vanished) => {
            create_folder(tree, folder).map_err(failed)?;
            create_program(tree, path, hook().as_bytes(), &mut |_| {}).map_err(failed)?;
            Ok("hook written")
        }
        Err(error) => Err(Failure(error.to_string())),
        Ok(Kind::File) => {
            let mut bytes = Vec::new();
            tree.read(path, LARGEST, &mut bytes)?;
            if bytes == hook().as_bytes() {
                return Ok("the hook is there already");
            }
            if !bytes.split(|&b| b == b'\n').any(|line| line == MARK.as_bytes()) {
                return Err(Failure(format!(
                    "there is a hook already, and it was left alone; add this line to it: {COMMAND}"
                )));
            }
            let seen = Sha256::digest(&bytes).into();
            replace(tree, path, &seen, hook().as_bytes(), &mut |_| {}).map_err(failed)?;
            Ok("hook renewed")
        }
        Ok(_) => Err(Failure("it is no regular file, and was left alone".into())),
    }
}
