//! Repositories that want to hurt whoever audits them: nothing executes, hangs, eats the memory, crashes
//! or reaches the terminal, and what could not be looked at is said.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::support::{Repo, Run};

/// Runs with a limit: a hang is a failure, not a stuck suite.
pub fn audit(repo: &Repo, args: &[&str]) -> Run {
    let mut child = repo
        .command(args)
        .stdout(fs::File::create(repo.outside().join("stdout")).expect("stdout"))
        .stderr(fs::File::create(repo.outside().join("stderr")).expect("stderr"))
        .spawn()
        .expect("the program runs");
    // Whoever waits sleeps; whoever watches wakes up when the program ended, or when it hangs.
    let (ended, watched) = mpsc::channel();
    let id = child.id().to_string();
    let watch = thread::spawn(move || {
        let hangs = watched.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout);
        if hangs {
            let _ = Command::new("kill").args(["-9", &id]).status();
        }
        hangs
    });
    let status = child.wait().expect("waiting");
    let _ = ended.send(());
    assert!(!watch.join().expect("the watch"), "it hangs: {args:?}");
    let read = |name| String::from_utf8_lossy(&fs::read(repo.outside().join(name)).expect(name)).into_owned();
    let run = Run { code: status.code().unwrap_or(-1), stdout: read("stdout"), stderr: read("stderr") };
    assert!((0..=3).contains(&run.code), "{}: {}{}", run.code, run.stdout, run.stderr);
    assert!(!run.stderr.contains("this is a bug"), "{}", run.stderr);
    assert!(!run.stdout.contains("this is a bug"), "{}", run.stdout);
    run
}

fn fifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(status.success());
}

/// A program that leaves a trace.
fn trap(repo: &Repo, name: &str) -> String {
    let program = repo.outside().join(name);
    fs::write(&program, format!("#!/bin/sh\ntouch '{}'\n", repo.outside().join("executed").display()))
        .expect("a trap");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("executable");
    program.display().to_string()
}

const PACKAGE: &str = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

#[test]
fn nothing_of_the_repository_is_executed() {
    let repo = Repo::git();
    let trap = trap(&repo, "trap.sh");
    let toolchain = repo.outside().join("toolchain/bin");
    fs::create_dir_all(&toolchain).expect("folders");
    for name in ["cargo", "rustc", "git"] {
        fs::copy(&trap, toolchain.join(name)).expect("copy");
        // Look-alikes in the audited folder itself.
        fs::copy(&trap, repo.root().join(name)).expect("copy");
    }
    repo.write("Cargo.toml", format!("{PACKAGE}build = \"build.rs\"\n\n[dependencies]\nb = {{ version = \"1\", registry = \"r\" }}\n"))
        .write("src/main.rs", "fn main() {}\n")
        .write("build.rs", "fn main() { std::process::Command::new(\"touch\"); }\n")
        .write(
            ".cargo/config.toml",
            format!(
                "[build]\nrustc = \"{trap}\"\nrustc-wrapper = \"{trap}\"\nrustc-workspace-wrapper = \"{trap}\"\nrustdoc = \"{trap}\"\n\
                 [target.'cfg(all())']\nrunner = \"{trap}\"\nlinker = \"{trap}\"\n\
                 [registries.r]\nindex = \"sparse+https://example.invalid/\"\ncredential-provider = [\"{trap}\"]\n\
                 [alias]\nprodcheck = \"run\"\nmetadata = \"run\"\n"
            ),
        )
        .write(".cargo/config", format!("[build]\nrustc = \"{trap}\"\n"))
        .write("rust-toolchain.toml", format!("[toolchain]\npath = \"{}\"\n", toolchain.parent().expect("parent").display()))
        .write(".gitattributes", "* filter=evil diff=evil\n");
    repo.commit();
    for (key, value) in [
        ("core.fsmonitor", trap.as_str()),
        ("core.hooksPath", repo.outside().to_str().expect("UTF-8")),
        ("core.sshCommand", &trap),
        ("core.pager", &trap),
        ("core.editor", &trap),
        ("diff.external", &trap),
        ("filter.evil.clean", &trap),
        ("filter.evil.smudge", &trap),
        ("diff.evil.textconv", &trap),
        ("credential.helper", &trap),
        ("gpg.program", &trap),
    ] {
        fs::OpenOptions::new()
            .append(true)
            .open(repo.root().join(".git/config"))
            .and_then(|mut file| {
                use std::io::Write;
                let (section, name) = key.rsplit_once('.').expect("a dot");
                let header = match section.split_once('.') {
                    Some((a, b)) => format!("[{a} \"{b}\"]"),
                    None => format!("[{section}]"),
                };
                writeln!(file, "{header}\n\t{name} = {value}")
            })
            .expect("config");
    }
    for args in [
        &[][..],
        &["--list-files"],
        &["--format", "json", "-vv", "--profile", "audit"],
        &["explain", "--file", "build.rs"],
    ] {
        let mut command = repo.command(args);
        // The repository's own folder on the PATH would be the user's fault; the empty entry is a classic.
        let output = command.output().expect("runs");
        assert!(output.status.code().is_some());
        assert!(!repo.outside().join("executed").exists(), "{args:?} executed something");
    }
}

#[test]
fn nothing_is_written() {
    let repo = Repo::git();
    repo.write("Cargo.toml", PACKAGE).write("src/main.rs", "fn main() { dbg!(1); }\n").commit();
    let list = |folder: &Path| {
        let output = Command::new("find").arg(folder).args(["-printf", "%p %s %T@\n"]).output();
        String::from_utf8_lossy(&output.expect("find").stdout).into_owned()
    };
    let before = list(repo.outside());
    let run = repo.run(&["--format", "json"]);
    assert!(run.code == 1 || run.code == 3 || run.code == 0);
    assert_eq!(list(repo.outside()), before);
}

#[test]
fn pipes_and_endless_files_are_not_opened() {
    for name in
        [".gitignore", "Cargo.toml", "Cargo.lock", "src/lib.rs", "requirements.txt", "a/.gitignore", ".env"]
    {
        for endless in [false, true] {
            let repo = Repo::git();
            repo.write("src/main.rs", "fn main() {}\n").write("a/b.txt", "x\n");
            let path = repo.root().join(name);
            let _ = fs::remove_file(&path);
            if endless {
                symlink("/dev/zero", &path).expect("symlink");
            } else {
                fifo(&path);
            }
            audit(&repo, &["--format", "json"]);
        }
    }
}

#[test]
fn a_configuration_that_is_no_file_is_an_error() {
    for endless in [false, true] {
        let repo = Repo::git();
        repo.write("a.txt", "x\n");
        let path = repo.root().join("prodcheck.toml");
        if endless {
            symlink("/dev/zero", &path).expect("symlink");
        } else {
            fifo(&path);
        }
        let run = audit(&repo, &[]);
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("prodcheck.toml"), "{}", run.stderr);
        assert_eq!(audit(&repo, &["--no-config"]).code, 0);
    }
}

#[test]
fn git_s_own_files_may_be_hostile() {
    for name in
        [".git/info/exclude", ".git/config", ".git/index", ".git/HEAD", ".git/commondir", ".git/packed-refs"]
    {
        for endless in [false, true] {
            let repo = Repo::git();
            repo.write("a.txt", "x\n").commit();
            let path = repo.root().join(name);
            let _ = fs::remove_file(&path);
            if endless {
                symlink("/dev/zero", &path).expect("symlink");
            } else {
                fifo(&path);
            }
            audit(&repo, &["--format", "json"]);
        }
    }
    let repo = Repo::git();
    repo.write("a.txt", "x\n").commit();
    repo.write(".git/index", [b"DIRC\0\0\0\x02\xff\xff\xff\xff".as_slice(), &[0xff; 400]].concat());
    let run = audit(&repo, &["--format", "json"]);
    assert_ne!(run.code, 0, "a broken index is never clean: {}", run.stdout);
}

#[test]
fn pointers_of_git_that_lead_outside() {
    let outside = Repo::git();
    outside.write("secret.txt", "outside\n").commit();
    for pointer in [
        "gitdir: /",
        "gitdir: .",
        "gitdir: .git",
        "gitdir: /dev/zero",
        "gitdir: ../../../../etc",
        "nonsense",
        "gitdir: \n\n",
        "",
    ] {
        let repo = Repo::bare_folder();
        repo.write("a.txt", "x\n").write(".git", pointer);
        audit(&repo, &["--format", "json"]);
    }
    let repo = Repo::git();
    repo.write("a.txt", "x\n").commit();
    repo.run_git(&["config", "core.worktree", outside.root().to_str().expect("UTF-8")]);
    let run = audit(&repo, &["--list-files"]);
    assert!(!run.stdout.contains("secret.txt"), "{}", run.stdout);
    // Includes that include themselves.
    repo.write(
        ".git/config",
        "[core]\n\trepositoryformatversion = 0\n[include]\n\tpath = config\n\tpath = /dev/zero\n",
    );
    audit(&repo, &["--format", "json"]);
}

#[test]
fn names_and_lines_reach_the_terminal_defused() {
    let repo = Repo::git();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}\u{9b}31m\rX\u{200b}";
    let line = format!("breakpoint()  # {evil}\n");
    repo.write(&format!("a{evil}.py"), &line);
    repo.write("new\nline::error::x.py", &line);
    repo.write("sub/::error file=x::y.py", "breakpoint() # ::error::x ##[error]y\n##[error]\nbreakpoint()\n");
    repo.write("Cargo.toml", format!("[package]\nname = \"{}\"\n= = =\n", "x\u{202e}y"));
    for format in ["graphical", "concise", "json", "sarif"] {
        for color in ["never", "always"] {
            let mut command =
                repo.command(&["--format", format, "-vv", "--color", color, "--min-severity", "note"]);
            let output = command.env("GITHUB_ACTIONS", "true").output().expect("runs");
            let text =
                String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8_lossy(&output.stderr);
            let mut plain = text.clone();
            if color == "always" && matches!(format, "graphical" | "concise") {
                plain = without_colour(&plain);
            }
            for c in plain.chars() {
                assert!(
                    c == '\n'
                        || !(c.is_control()
                            || ('\u{200b}'..='\u{200f}').contains(&c)
                            || ('\u{202a}'..='\u{202e}').contains(&c)),
                    "{format} {color}: {c:?} in {plain}"
                );
            }
            if format != "json" && format != "sarif" {
                for line in plain.lines() {
                    assert!(!line.trim_start().starts_with("::"), "{format}: {line:?}");
                    assert!(!line.contains("##["), "{format}: {line:?}");
                }
            }
        }
    }
}

/// Takes our own colour codes out: `ESC [ … m` of digits and semicolons.
fn without_colour(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..at]);
        let code = &rest[at + 2..];
        let len = code.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
        if code.as_bytes().get(len) == Some(&b'm') {
            rest = &code[len + 1..];
        } else {
            plain.push('\u{1b}');
            rest = code;
        }
    }
    plain + rest
}

#[test]
fn far_columns_and_endless_lines() {
    let repo = Repo::git();
    let far = format!("x = \"{}\"; debugger; y = 1\n", "a".repeat(70_000));
    repo.write("a.js", &far);
    let long = format!("{};debugger;{}\n", "b=1;".repeat(200_000), "c=2;".repeat(100_000));
    repo.write("b.js", &long);
    for format in ["graphical", "concise", "json", "sarif"] {
        let run = audit(&repo, &["--format", format, "--fail-on", "warning"]);
        assert_eq!(run.code, 1, "{format}: {}", run.stderr);
        assert!(run.stdout.len() < 40_000, "{format}: {} bytes", run.stdout.len());
    }
    let findings = repo.findings(&[]);
    assert_eq!(findings.len(), 2, "{findings:?}");
}

#[test]
fn links_devices_and_deep_folders() {
    let repo = Repo::git();
    repo.write("a.txt", "x\n");
    symlink("..", repo.root().join("up")).expect("symlink");
    symlink("loop", repo.root().join("loop")).expect("symlink");
    symlink("/etc/passwd", repo.root().join("out.py")).expect("symlink");
    symlink("/", repo.root().join("everything")).expect("symlink");
    repo.commit();
    let run = audit(&repo, &["--list-files"]);
    assert_eq!(run.stdout, "a.txt\n");
    // 5,000 folders in each other. No path is that long: each thousand is moved into the depth of the next.
    let thousand = ["d"; 1000].join("/");
    let mut deep = repo.root().join("part0");
    fs::create_dir_all(deep.join(&thousand)).expect("folders");
    repo.write(&format!("part0/{thousand}/deep.py"), "breakpoint()\n");
    for part in 1..5 {
        let next = repo.root().join(format!("part{part}"));
        fs::create_dir_all(next.join(&thousand)).expect("folders");
        fs::rename(&deep, next.join(&thousand).join("d")).expect("a move");
        deep = next;
    }
    let run = audit(&repo, &["--format", "json"]);
    assert!(run.code == 1 || run.code == 3, "found, or said that it was not read: {}", run.code);
    let status = Command::new("rm").arg("-rf").arg(&deep).status().expect("rm");
    assert!(status.success());
}

#[test]
fn unreadable_is_never_clean() {
    let repo = Repo::git();
    repo.write("a/b.txt", "x\n").write("c.txt", "x\n");
    fs::set_permissions(repo.root().join("c.txt"), fs::Permissions::from_mode(0o0)).expect("chmod");
    fs::set_permissions(repo.root().join("a"), fs::Permissions::from_mode(0o0)).expect("chmod");
    let readable = fs::read(repo.root().join("c.txt")).is_ok();
    let run = audit(&repo, &["--format", "json"]);
    fs::set_permissions(repo.root().join("a"), fs::Permissions::from_mode(0o755)).expect("chmod");
    if !readable {
        assert_eq!(run.code, 3, "{}", run.stdout);
        assert!(run.stdout.contains("\"a\"") || run.stdout.contains("a/"), "{}", run.stdout);
    }
}

#[test]
fn broken_documents_are_named_and_the_rest_goes_on() {
    let deep = "[".repeat(20_000);
    for (name, text) in [
        ("Cargo.toml", "[package\nname = 1".to_owned()),
        ("Cargo.toml", format!("a = {deep}")),
        ("Cargo.toml", "\u{0}\u{1}".to_owned()),
        ("Cargo.lock", "version = 4\n[[package]]\nname = 3\n".to_owned()),
        ("Cargo.lock", format!("version = {deep}")),
        ("sub/Cargo.lock", "<<<<<<< HEAD\n".to_owned()),
    ] {
        let repo = Repo::git();
        repo.write("app.py", "breakpoint()\n").write(name, &text);
        let run = audit(&repo, &["--format", "json"]);
        assert_eq!(run.code, 1, "{name}: the other finding stays: {}", run.stdout);
        assert!(run.stdout.contains("unparsable"), "{name}: {}", run.stdout);
        let run = audit(&repo, &["--format", "json", "--skip", "debug"]);
        assert!(run.code == 3 || run.code == 1, "{name}: not clean: {} {}", run.code, run.stdout);
    }
    let repo = Repo::git();
    repo.write("package.json", format!("{{\"a\": {deep}"))
        .write("x.json", deep.clone())
        .write(".env", "=\n===\n\"\n");
    audit(&repo, &["--format", "json"]);
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let repo = Repo::git();
    for i in 0..500 {
        repo.write(&format!("f{i}.py"), "breakpoint()\n");
    }
    for args in ["--format json", "--format graphical", "--help", "rules list"] {
        let output = Command::new("sh")
            .current_dir(repo.root())
            .args(["-c", &format!("'{}' {args} 2>../err | head -c 1", env!("CARGO_BIN_EXE_cargo-prodcheck"))])
            .output()
            .expect("sh");
        assert!(output.status.success());
        let err = fs::read_to_string(repo.outside().join("err")).expect("err");
        assert_eq!(err, "", "{args}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let repo = Repo::git();
    repo.write("a.py", "breakpoint()\n");
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let status = repo.command(&["--format", "json"]).stdout(full).status().expect("runs");
    assert_eq!(status.code(), Some(2));
}

#[test]
fn large_binary_and_odd_encodings() {
    let repo = Repo::git();
    repo.write("big.txt", "x = 1\n".repeat(1000))
        .write("pic.png", [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64], b"breakpoint()"].concat())
        .write("latin.py", b"# caf\xe9\nbreakpoint()\n")
        .write(
            "wide.py",
            "\u{feff}breakpoint()\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
        )
        .write("empty.py", "");
    let findings = repo.findings(&["--max-file-size", "1000"]);
    assert_eq!(findings, ["debug/debugger-call latin.py:2", "debug/debugger-call wide.py:1"]);
    let run = audit(&repo, &["--format", "json", "--max-file-size", "1000"]);
    assert!(run.stdout.contains("too-large") && run.stdout.contains("binary"), "{}", run.stdout);
}

#[test]
fn a_file_that_vanishes_between_listing_and_reading_is_named() {
    use prodcheck::model::{Coverage, Profile, RepoPath};
    use prodcheck::rules::{Catalog, Selection};
    use prodcheck::scan::{Asked, InMemory, Job, Plan, scan};

    let catalog = Catalog::built_in();
    let all = Selection { profile: Profile::Audit, only: Vec::new(), skip: Vec::new() };
    let plan = Plan::new(&catalog, &all.resolve(&catalog).expect("nothing unknown"), "").expect("a plan");
    let paths = ["gone.py", "here.py"].map(RepoPath::from);
    let files = paths.each_ref().map(|path| Asked { path, target: None });
    let contents = InMemory { files: [(paths[1].clone(), b"breakpoint()\n".to_vec())].into() };
    let job = Job { files: &files, contents: &contents, max_file_size: 1 << 20, threads: 2 };
    let seen = scan(&plan, &job);
    assert_eq!(seen.drafts.len(), 1);
    let [gone] = &seen.not_checked[..] else { panic!("{:?}", seen.not_checked) };
    assert_eq!((gone.what, gone.coverage), ("vanished", Coverage::Outside));
    assert_eq!(gone.path.as_ref(), Some(&paths[0]));
}
