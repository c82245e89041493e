//! The registry's index, asked over the network: a server on this machine stands in for it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Repo, Run};

/// What the registry serves: a path, its tag and its lines.
type Served = Arc<Mutex<BTreeMap<String, (String, String)>>>;

/// What was asked for, with the answers' status.
type Asked = Arc<Mutex<Vec<(String, u16)>>>;

/// A registry that speaks HTTP/1.1 and nothing else. It ends with the process.
fn registry() -> (String, Served, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let (served, asked) = (Served::default(), Asked::default());
    let (all, log) = (Arc::clone(&served), Arc::clone(&asked));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (all, log) = (Arc::clone(&all), Arc::clone(&log));
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                let mut stream = stream;
                loop {
                    let (mut path, mut tag) = (String::new(), String::new());
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                        if let Some(rest) = line.strip_prefix("GET ") {
                            path = rest.split(' ').next().unwrap_or_default().to_owned();
                        } else if line.to_ascii_lowercase().starts_with("if-none-match:") {
                            tag = line[14..].trim().to_owned();
                        } else if line.trim().is_empty() {
                            break;
                        }
                    }
                    let (status, tag, body) = match all.lock().expect("no panic").get(&path) {
                        None => (404, String::new(), String::new()),
                        Some((current, _)) if *current == tag => (304, tag, String::new()),
                        Some((current, lines)) => (200, current.clone(), lines.clone()),
                    };
                    log.lock().expect("no panic").push((path, status));
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 {status} X\r\netag: {tag}\r\ncontent-length: {length}\r\n\r\n");
                    if stream.write_all((head + &body).as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, served, asked)
}

fn line(name: &str, version: &str, yanked: bool) -> String {
    format!(
        "{{\"name\":\"{name}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"\",\"features\":{{}},\"yanked\":{yanked}}}\n"
    )
}

/// A repository that locks `left`, `gone` and, from elsewhere, `private`.
fn repo() -> Repo {
    let package = |name: &str, source: &str| {
        format!("\n[[package]]\nname = \"{name}\"\nversion = \"1.2.3\"\nsource = \"{source}\"\n")
    };
    let public = "registry+https://github.com/rust-lang/crates.io-index";
    let repo = Repo::git();
    repo.write(
        "Cargo.lock",
        [
            "version = 4\n",
            "\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"gone\",\n \"left\",\n \"private\",\n]\n",
            &package("gone", public),
            &package("left", public),
            &package("private", "registry+https://example.org/index"),
        ]
        .concat(),
    );
    repo.write("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n");
    let advisory = "```toml\n[advisory]\nid = \"RUSTSEC-2025-0001\"\npackage = \"other\"\ndate = \"2025-01-01\"\n\n\
                    [versions]\npatched = []\n```\n\n# It breaks\n\nIn two.\n";
    repo.write("../data/crates/other/RUSTSEC-2025-0001.md", advisory);
    repo.commit();
    repo
}

fn update(repo: &Repo, url: &str, more: &[&str]) -> Run {
    let arguments = [&["advisories", "update", "--from", "../data", "--index"], more].concat();
    let output = repo.command(&arguments).env("PRODCHECK_INDEX_URL", url).output();
    Run::from(output.expect("the program runs"))
}

#[test]
fn what_was_yanked_since_cargo_looked_is_found() {
    let (url, served, asked) = registry();
    let serve = |tag: &str, lines: String| {
        served.lock().expect("no panic").insert("/le/ft/left".into(), (tag.into(), lines));
    };
    let repo = repo();
    let yanked = || repo.findings(&["--rule", "advisories/yanked", "--fail-on", "never"]);
    // Cargo looked when all was well.
    let cache = "../home/cargo/registry/index/index.crates.io-1949cf8c6b5b557f/.cache/le/ft/left";
    repo.write(
        cache,
        format!("\x03\x02\0\0\0etag: \"0\"\x001.2.3\0{}\0", line("left", "1.2.3", false).trim()),
    );
    assert_eq!(yanked(), [""; 0]);

    serve(
        "\"1\"",
        line("left", "1.2.2", false) + &line("left", "1.2.3", true) + &line("left", "1.2.4", false),
    );
    let run = update(&repo, &url, &[]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stdout.ends_with("asked the registry's index about 2 packages: 1 changed\n"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("the registry does not know gone"), "{}", run.stderr);
    assert_eq!(yanked(), ["advisories/yanked Cargo.lock:19"]);

    // What has not changed is not sent again.
    let run = update(&repo, &url, &[]);
    assert!(run.stdout.ends_with("about 2 packages: 0 changed\n"), "{}", run.stdout);
    assert_eq!(yanked(), ["advisories/yanked Cargo.lock:19"]);
    let mut all = std::mem::take(&mut *asked.lock().expect("no panic"));
    all.sort();
    let expect = [("/go/ne/gone", 404), ("/go/ne/gone", 404), ("/le/ft/left", 200), ("/le/ft/left", 304)];
    assert_eq!(all, expect.map(|(path, status)| (path.to_owned(), status)));

    serve("\"2\"", line("left", "1.2.3", false));
    assert!(update(&repo, &url, &["."]).stdout.ends_with("about 2 packages: 1 changed\n"));
    assert_eq!(yanked(), [""; 0]);
}

#[test]
fn nothing_is_asked_that_was_ruled_out_and_a_wrong_answer_is_no_index() {
    let (url, served, asked) = registry();
    let repo = repo();
    let run = update(&repo, &url, &["--offline"]);
    assert_eq!((run.code, run.stderr.contains("--offline rules it out")), (2, true), "{}", run.stderr);
    let run = update(&repo, "http://index.example.org/", &[]);
    assert_eq!((run.code, run.stderr.contains("must be an https:// URL")), (2, true), "{}", run.stderr);
    assert_eq!(*asked.lock().expect("no panic"), []);

    served.lock().expect("no panic").insert("/le/ft/left".into(), ("\"1\"".into(), "<html>\n".into()));
    let run = update(&repo, &url, &[]);
    assert_eq!((run.code, run.stderr.contains("what it sends is no index")), (2, true), "{}", run.stderr);
    assert!(!repo.outside().join("home/cache/cargo-prodcheck/index/le/ft/left").exists());
}
