//! Object databases that somebody made to hurt: reading them ends, takes little memory, and is never "clean".

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::support::{Repo, Run};

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("written")
}

/// Kind and size as a pack has them before an object.
fn head(kind: u8, mut size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | (size & 15) as u8];
    size >>= 4;
    while size > 0 {
        *bytes.last_mut().expect("a byte") |= 0x80;
        bytes.push((size & 0x7f) as u8);
        size >>= 7;
    }
    bytes
}

const BLOB: u8 = 3;
const DELTA_TO: u8 = 7;

/// A name of an object: twenty times this byte.
fn name(byte: u8) -> [u8; 20] {
    [byte; 20]
}

/// A number of seven bits a byte, the lowest first.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A delta that copies its whole base, which has fewer than 65,536 bytes, `times` times.
fn copies(base: u64, times: u64) -> Vec<u8> {
    let mut delta = [number(base), number(base * times)].concat();
    for _ in 0..times {
        delta.extend([0x80 | 0x30, (base & 0xff) as u8, (base >> 8) as u8]);
    }
    delta
}

/// An object's name, and its bytes in the pack.
type Entry = ([u8; 20], Vec<u8>);

/// A repository with a pack of these raw entries, and the first of them staged as `a.txt`.
fn with_pack(entries: &[Entry]) -> Repo {
    let repo = Repo::git();
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend((entries.len() as u32).to_be_bytes());
    let mut offsets = Vec::new();
    for (id, entry) in entries {
        offsets.push((*id, pack.len() as u32));
        pack.extend_from_slice(entry);
    }
    pack.extend([0; 20]);
    offsets.sort_unstable();
    let mut idx = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255_u8 {
        let count = offsets.iter().filter(|(id, _)| id[0] <= first).count();
        idx.extend((count as u32).to_be_bytes());
    }
    idx.extend(offsets.iter().flat_map(|(id, _)| *id));
    idx.extend(vec![0; 4 * offsets.len()]);
    idx.extend(offsets.iter().flat_map(|(_, offset)| offset.to_be_bytes()));
    idx.extend([0; 40]);
    let folder = repo.root().join(".git/objects/pack");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("pack-1.pack"), pack).expect("written");
    fs::write(folder.join("pack-1.idx"), idx).expect("written");
    stage(&repo, entries[0].0[0]);
    repo
}

fn stage(repo: &Repo, byte: u8) {
    let hex: String = name(byte)
        .iter()
        .map(|b| char::from(b"0123456789abcdef"[usize::from(b & 15)]))
        .flat_map(|c| [c, c])
        .collect();
    repo.run_git(&["update-index", "--add", "--cacheinfo", &format!("100644,{hex},a.txt")]);
}

#[track_caller]
fn not_clean(what: &str, run: &Run) {
    assert!(run.code == 2 || run.code == 3, "{what}: {} {}{}", run.code, run.stdout, run.stderr);
    assert!(
        !run.stderr.contains("bug of cargo prodcheck") && !run.stdout.contains("bug of"),
        "{what}: {}",
        run.stdout
    );
}

/// Every byte's halves are the same here, so that a name is easily written: 0x11, 0x22, …
fn entry(kind: u8, size: u64, more: &[u8], content: &[u8]) -> Vec<u8> {
    [head(kind, size), more.to_vec(), deflated(content)].concat()
}

#[test]
fn packs_that_lie() {
    let to = |byte: u8| name(byte).to_vec();
    let small = copies(4, 4);
    let two = |first: Vec<u8>, second: Vec<u8>| vec![(name(0x11), first), (name(0x22), second)];
    let cases: Vec<(&str, Vec<Entry>)> = vec![
        ("another content than the name says", vec![(name(0x11), entry(BLOB, 4, b"", b"text"))]),
        ("a size that nobody keeps", vec![(name(0x11), entry(BLOB, u64::MAX >> 4, b"", b"text"))]),
        ("a size that is too small", vec![(name(0x11), entry(BLOB, 2, b"", b"text"))]),
        ("a size that is too large", vec![(name(0x11), entry(BLOB, 9_000_000, b"", b"text"))]),
        ("no stream", vec![(name(0x11), [head(BLOB, 4), b"text".to_vec()].concat())]),
        ("no such kind", vec![(name(0x11), entry(5, 4, b"", b"text"))]),
        ("a delta to itself", vec![(name(0x11), entry(DELTA_TO, small.len() as u64, &to(0x11), &small))]),
        (
            "deltas to each other",
            two(
                entry(DELTA_TO, small.len() as u64, &to(0x22), &small),
                entry(DELTA_TO, small.len() as u64, &to(0x11), &small),
            ),
        ),
        ("a delta to nothing", vec![(name(0x11), entry(DELTA_TO, small.len() as u64, &to(0x33), &small))]),
        (
            "a delta that says it makes everything",
            two(
                {
                    let delta = [number(4), number(u64::MAX >> 2)].concat();
                    entry(DELTA_TO, delta.len() as u64, &to(0x22), &delta)
                },
                entry(BLOB, 4, b"", b"text"),
            ),
        ),
        (
            "an offset before the pack",
            vec![(name(0x11), [head(6, 4), vec![0xff, 0xff, 0x7f], deflated(b"text")].concat())],
        ),
        ("an offset to itself", vec![(name(0x11), [head(6, 4), vec![0], deflated(b"text")].concat())]),
        ("the end of the file", vec![(name(0x11), vec![0xff; 3])]),
    ];
    for (what, entries) in cases {
        let repo = with_pack(&entries);
        not_clean(what, &repo.run(&["--staged"]));
        not_clean(what, &repo.run(&["--history"]));
    }
}

/// Each object is four thousand times the one before it: sixteen of them would be more than there is memory.
#[test]
fn a_delta_bomb_goes_off_nowhere() {
    let mut entries = Vec::new();
    let mut size = 60_000_u64;
    for at in (1..=14_u8).rev() {
        let delta = copies(size.min(65_535), 4000);
        entries.insert(
            0,
            (name(at * 0x11), entry(DELTA_TO, delta.len() as u64, &name((at + 1) * 0x11), &delta)),
        );
        size = size.saturating_mul(4000);
    }
    entries.push((name(0xff), entry(BLOB, 60_000, b"", &vec![b'x'; 60_000])));
    let repo = with_pack(&entries);
    not_clean("a bomb", &repo.run(&["--staged"]));
    not_clean("a bomb", &repo.run(&["--history"]));
}

#[test]
fn indexes_of_packs_that_lie() {
    let good = || with_pack(&[(name(0x11), entry(BLOB, 4, b"", b"text"))]);
    let change = |what: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let repo = good();
        let path = repo.root().join(".git/objects/pack/pack-1.idx");
        let mut bytes = fs::read(&path).expect("there");
        change(&mut bytes);
        fs::write(&path, bytes).expect("written");
        not_clean(what, &repo.run(&["--staged"]));
    };
    change("more objects than bytes", &|idx| idx[8 + 1020..8 + 1024].copy_from_slice(&[0xff; 4]));
    change("a fan that falls", &|idx| idx[8..12].copy_from_slice(&[0, 0, 0, 9]));
    change("an offset far behind the end", &|idx| {
        let at = idx.len() - 44;
        idx[at..at + 4].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff]);
    });
    change("an offset of 64 bits that is not there", &|idx| {
        let at = idx.len() - 44;
        idx[at..at + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    });
    change("a version that is not known", &|idx| idx[7] = 3);
    change("nothing", &|idx| idx.clear());
}

fn loose(repo: &Repo, bytes: &[u8]) -> PathBuf {
    let path = repo.root().join(".git/objects/11").join("11".repeat(19));
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn loose_objects_that_lie() {
    let zeros = vec![0_u8; 40 << 20];
    for (what, bytes) in [
        ("another content", deflated(b"blob 4\0text")),
        ("a size that nobody keeps", deflated(b"blob 18446744073709551615\0text")),
        ("no number", deflated(b"blob -4\0text")),
        ("no such kind", deflated(b"blub 4\0text")),
        ("no end of the head", deflated(&[b'b'; 400])),
        ("more than it says", deflated(b"blob 4\0text and more")),
        ("a bomb", deflated(&[&b"blob 4\0"[..], &zeros].concat())),
        ("nothing", Vec::new()),
    ] {
        let repo = Repo::git();
        stage(&repo, 0x11);
        loose(&repo, &bytes);
        not_clean(what, &repo.run(&["--staged"]));
        not_clean(what, &repo.run(&["--history"]));
    }
}

#[test]
fn alternates_end_somewhere() {
    let deep: Vec<String> = (0..200).map(|n| format!("../../{n}/objects")).collect();
    for (what, text) in [
        ("itself", ".\n".to_owned()),
        ("nowhere", "/no/such/folder\n".to_owned()),
        ("a device", "/dev/zero\n/dev/fd/0\n".to_owned()),
        ("everywhere", deep.join("\n")),
        ("the root of the file system", "/\n".to_owned()),
    ] {
        let repo = Repo::git();
        stage(&repo, 0x11);
        fs::create_dir_all(repo.root().join(".git/objects/info")).expect("a folder");
        fs::write(repo.root().join(".git/objects/info/alternates"), text).expect("written");
        not_clean(what, &repo.run(&["--staged"]));
    }
    // In a circle, each through the next.
    let repo = Repo::git();
    stage(&repo, 0x11);
    for (at, next) in [(".git/objects", "../x"), (".git/x", "../y"), (".git/y", "../objects")] {
        let info = repo.root().join(at).join("info");
        fs::create_dir_all(&info).expect("a folder");
        fs::write(info.join("alternates"), format!("{next}\n")).expect("written");
    }
    not_clean("a circle", &repo.run(&["--staged"]));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_waited_for() {
    let fifo = |path: &std::path::Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo runs");
        assert!(made.success());
    };
    let repo = Repo::git();
    stage(&repo, 0x11);
    let object = loose(&repo, b"");
    fs::remove_file(&object).expect("removed");
    fifo(&object);
    not_clean("a loose object", &repo.run(&["--staged"]));
    let repo = with_pack(&[(name(0x11), entry(BLOB, 4, b"", b"text"))]);
    for file in ["pack-1.pack", "pack-1.idx"] {
        let path = repo.root().join(".git/objects/pack").join(file);
        fs::remove_file(&path).expect("removed");
        fifo(&path);
        not_clean(file, &repo.run(&["--staged"]));
    }
    for file in [".git/refs/heads/main", ".git/packed-refs", ".git/shallow"] {
        let repo = Repo::git();
        repo.write("a.txt", "x\n");
        repo.run_git(&["add", "-A"]);
        fifo(&repo.root().join(file));
        let run = repo.run(&["--staged"]);
        assert!(run.code != 1, "{file}: {}", run.stdout);
    }
}

#[test]
fn refs_that_lead_in_circles() {
    let repo = Repo::git();
    repo.write("a.txt", "x\n");
    repo.run_git(&["add", "-A"]);
    fs::write(repo.root().join(".git/refs/heads/main"), "ref: refs/heads/other\n").expect("written");
    fs::write(repo.root().join(".git/refs/heads/other"), "ref: refs/heads/main\n").expect("written");
    assert_eq!(repo.run(&["--since", "main"]).code, 2);
    let run = repo.run(&["--staged"]);
    assert!(run.code != 1 && run.stdout.contains("1 file"), "{}{}", run.stdout, run.stderr);
    fs::write(repo.root().join(".git/refs/heads/main"), "1".repeat(40)).expect("written");
    assert_eq!(repo.run(&["--staged"]).code, 2, "a HEAD that is not there");
}
