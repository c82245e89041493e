//! How fast an audit is, as ratios measured in one run: against walking and reading the same files, and
//! against `rg` looking for one rare word, where it is installed. And what a byte of a bundle costs that is one
//! line full of names of credentials, against a byte of source.
//!
//! `cargo bench --bench scan` makes a tree of its own; `cargo bench --bench scan -- PATH…` uses yours.

// A benchmark talks to whoever runs it.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use prodcheck::repo::{Root, inventory};

const ROUNDS: usize = 7;
const RARE: &str = "zyqxwvutonce";
/// Bytes of the line and of the source it is held against.
const FILE_SIZE: usize = 1 << 20;

fn main() {
    let paths: Vec<PathBuf> =
        std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    let made = tempfile::tempdir().unwrap();
    let trees = if paths.is_empty() { vec![one_file(made.path()), many_files(made.path())] } else { paths };
    println!(
        "{:<24} {:>8} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8}",
        "tree", "files", "MB", "floor ms", "rg ms", "audit ms", "/ floor", "/ rg"
    );
    for tree in trees {
        measure(&tree);
    }
    dense(made.path());
}

/// What a byte costs in one line of a bundle, and in source, as one file on one thread.
fn dense(folder: &Path) {
    let none = one_file(folder);
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let source: Vec<u8> =
        sources.iter().cycle().flat_map(|path| fs::read(path).unwrap()).take(FILE_SIZE).collect();
    let per_byte = |name: &str, file: &str, text: &[u8]| {
        let tree = folder.join(name);
        fs::create_dir_all(&tree).unwrap();
        fs::write(tree.join(file), text).unwrap();
        git_init(&tree);
        // What starting costs is not the file's.
        let time = |tree: &Path| {
            (0..ROUNDS)
                .map(|_| {
                    let start = Instant::now();
                    audit_with(tree, &["--threads", "1"]);
                    start.elapsed()
                })
                .min()
                .unwrap()
        };
        #[allow(clippy::cast_precision_loss)]
        let bytes = text.len() as f64;
        time(&tree).saturating_sub(time(&none)).as_secs_f64() * 1e9 / bytes
    };
    let source = per_byte("source", "source.rs", &source);
    let line = per_byte("dense-line", "bundle.js", &dense_line());
    println!(
        "{:<24} {:>8} {:>9.2} ns/B, source {source:.2} ns/B: {:.2} times",
        "dense line",
        "",
        line,
        line / source
    );
}

/// One line as bundlers write them, of what highlighters, dialogs and clients are made of: every fifth word or so is
/// a name that rules ask about.
fn dense_line() -> Vec<u8> {
    const PIECES: &[&str] = &[
        "{token:\"keyword\",next:\"@pop\"},",
        "[/[a-z_$][\\w$]*/,{cases:{\"@keywords\":\"keyword\",\"@default\":\"identifier\"}}],",
        "function(e,t){return e.key===t.key?e.value:null!=t&&t.length>0?t[0]:void 0},",
        "i.setAttribute(\"aria-label\",n.label),o.appendChild(i),",
        "var r=this.options,s=r.auth||r.token;if(!s)throw new Error(\"Not signed in\");",
        "{token:\"delimiter.square\",bracket:\"@open\"},{token:\"string.escape\"},",
        "for(var a=0,c=e.length;a<c;a++)if(e[a]===t)return a;",
        "{label:\"Password\",password:n.password,required:!0,autoComplete:\"off\"},",
        "headers:{\"Content-Type\":\"application/json\",Authorization:\"Bearer \"+e.token},",
        "return u(d(h,p),m),y.call(this,b,w)||this,",
    ];
    let mut line = Vec::new();
    let mut state = 1_u64;
    while line.len() < FILE_SIZE {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        line.extend_from_slice(PIECES[(state >> 33) as usize % PIECES.len()].as_bytes());
    }
    line
}

fn measure(tree: &Path) {
    let (files, bytes) = floor(tree);
    let mut times: [Vec<Duration>; 3] = Default::default();
    for round in 0..ROUNDS {
        // Each of them goes first in turn, so that none always finds the caches warmed by the same other.
        for step in 0..3 {
            let which = (round + step) % 3;
            let start = Instant::now();
            match which {
                0 => {
                    floor(tree);
                }
                1 => {
                    if !rg(tree) {
                        continue;
                    }
                }
                _ => audit(tree),
            }
            times[which].push(start.elapsed());
        }
    }
    let median = |list: &mut Vec<Duration>| {
        list.sort();
        list.get(list.len() / 2).map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
    };
    let [mut floor, mut rg, mut audit] = times;
    let (floor, rg, audit) = (median(&mut floor), median(&mut rg), median(&mut audit));
    #[allow(clippy::cast_precision_loss)]
    let megabytes = bytes as f64 / 1e6;
    let name = tree.file_name().unwrap_or_default().to_string_lossy().into_owned();
    println!(
        "{name:<24} {files:>8} {megabytes:>9.1} {floor:>9.1} {rg:>9.1} {audit:>9.1} {:>8.2} {:>8.2}",
        audit / floor,
        audit / rg
    );
}

/// Lists and reads everything an audit would read, and does nothing with it.
fn floor(tree: &Path) -> (usize, u64) {
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (root, _) = Root::find(&[tree.to_owned()], Path::new("/")).unwrap();
    let files = inventory(&root, threads).files;
    let (next, bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut buffer = Vec::new();
                loop {
                    let from = next.fetch_add(16, Ordering::Relaxed);
                    let Some(handful) = files.get(from..(from + 16).min(files.len())) else { break };
                    if handful.is_empty() {
                        break;
                    }
                    for file in handful {
                        if root.tree().read(&file.path, 16 << 20, &mut buffer).is_ok() {
                            bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    (files.len(), bytes.into_inner())
}

fn rg(tree: &Path) -> bool {
    Command::new("rg").args(["--hidden", "-c", RARE]).arg(tree).stdout(Stdio::null()).status().is_ok()
}

fn audit(tree: &Path) {
    audit_with(tree, &[]);
}

fn audit_with(tree: &Path, options: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_cargo-prodcheck"))
        .args(["--skip", "advisories", "--format", "concise"])
        .args(options)
        .arg(tree)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code().is_some_and(|code| code != 2), "the audit did not run");
}

fn one_file(folder: &Path) -> PathBuf {
    let tree = folder.join("one-file");
    fs::create_dir_all(tree.join("src")).unwrap();
    fs::write(tree.join("src/lib.rs"), "//! One.\n\npub fn one() -> u32 {\n    1\n}\n").unwrap();
    git_init(&tree);
    tree
}

/// About 20 MB of this crate's own sources under changing names.
fn many_files(folder: &Path) -> PathBuf {
    let tree = folder.join("many-files");
    let mut sources = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut sources);
    let mut written = 0;
    let mut copy = 0;
    while written < 20_000_000 {
        for (at, source) in sources.iter().enumerate() {
            let text = fs::read(source).unwrap();
            written += text.len();
            let file = tree.join(format!("part{copy}/src/file{at}.rs"));
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        copy += 1;
    }
    git_init(&tree);
    tree
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            collect(&entry, into);
        } else {
            into.push(entry);
        }
    }
}

fn git_init(tree: &Path) {
    let _ = Command::new("git").arg("init").arg("-q").arg(tree).stdout(Stdio::null()).status();
}
