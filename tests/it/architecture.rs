//! The walls between rooms: what ARCHITECTURE.md's table says, held against every source file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a row may name besides rooms.
const IO: &[&str] = &["fs", "process", "net", "thread", "env", "print"];

/// Calls that look at the file system without naming `std::fs`.
const FS_CALLS: &[&str] = &[
    ".exists()",
    ".try_exists()",
    ".is_file()",
    ".is_dir()",
    ".is_symlink()",
    ".canonicalize()",
    ".metadata()",
    ".symlink_metadata()",
    ".read_dir()",
    ".read_link()",
    "Tree::open",
];

/// Crates that reach the outside themselves: the room `repo` may use the first, and those whose row names them.
const IO_CRATES: &[&str] = &["rustix", "ureq"];

const PRINTS: &[&str] = &["print!(", "println!(", "eprint!(", "eprintln!(", "dbg!(", "stdout()", "stderr()"];

/// What a row says of a room, in words between backticks.
#[derive(Debug, Default)]
struct Room {
    may: BTreeSet<String>,
    never: BTreeSet<String>,
}

/// The first table whose head starts with `module`.
fn table(markdown: &str) -> BTreeMap<String, Room> {
    let rows = markdown
        .lines()
        .skip_while(|line| !line.starts_with("| module |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        assert_eq!(cells.len(), 4, "{row}");
        let name = quoted(cells[0]).pop_first().expect("a room's name stands between backticks");
        (name, Room { may: quoted(cells[2]), never: quoted(cells[3]) })
    })
    .collect()
}

/// What a source file of a room does that its row does not grant.
fn violations(name: &str, rooms: &BTreeMap<String, Room>, depth: usize, source: &str) -> Vec<String> {
    let room = &rooms[name];
    let code = without_tests(&code_of(source));
    let mut found = BTreeSet::new();
    for used in crate_paths(&code).into_iter().chain(super_paths(&code, depth)) {
        if used != name && rooms.contains_key(&used) && !room.may.contains(&used) {
            found.insert(format!("uses the room {used}"));
        }
    }
    let mut io: BTreeSet<&str> = paths_behind(&code, "std::")
        .into_iter()
        .filter_map(|path| {
            let first = path.split("::").next().unwrap_or_default();
            // Addresses are values; sockets are not.
            let value = path.strip_prefix("net::").is_some_and(|rest| rest.starts_with("Ip"));
            IO.iter().copied().find(|io| *io == first && !value)
        })
        .collect();
    for krate in IO_CRATES.iter().filter(|krate| {
        (name, **krate) != ("repo", "rustix") && !room.may.contains(**krate) && names_crate(&code, krate)
    }) {
        found.insert(format!("does I/O: {krate}"));
    }
    // A row may narrow a room to parts of it: `repo::ListedFile`.
    for used in rooms.keys() {
        let part = |word: &str| word.strip_prefix(&format!("{used}::")).map(str::to_owned);
        let granted: BTreeSet<String> = room.may.iter().filter_map(|word| part(word)).collect();
        for path in parts_used(&code, used, depth).into_iter().filter(|_| !granted.is_empty()) {
            let first = path.split("::").next().unwrap_or_default();
            if !granted.contains(first) {
                found.insert(format!("uses {used}::{first}"));
            }
        }
    }
    if FS_CALLS.iter().any(|call| code.contains(call)) {
        io.insert("fs");
    }
    if PRINTS.iter().any(|call| code.contains(call)) {
        io.insert("print");
    }
    found.extend(io.iter().filter(|io| !room.may.contains(**io)).map(|io| format!("does I/O: {io}")));
    for other in room.never.iter().filter(|word| !rooms.contains_key(*word) && !IO.contains(&word.as_str())) {
        if names_crate(&code, other) {
            found.insert(format!("uses the crate {other}"));
        }
    }
    found.into_iter().collect()
}

/// Whether a path of the code begins with this crate.
fn names_crate(code: &str, krate: &str) -> bool {
    code.match_indices(&format!("{krate}::"))
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

/// What is used of a room: behind `crate::`, also in a group, behind `super::`, and behind the room's own
/// name, as after `use crate::repo;`.
fn parts_used(code: &str, room: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let mut paths = paths_behind(code, "crate::");
    paths.extend(paths_behind(code, &up));
    let prefix = format!("{room}::");
    let mut parts: Vec<String> =
        paths.iter().filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned).collect();
    for (at, _) in code.match_indices(&prefix) {
        if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            expand(&code[at + prefix.len()..], "", &mut parts);
        }
    }
    parts
}

/// The source with comments, strings and character literals blanked.
fn code_of(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_string(rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = hashes + 2;
            rest[open..].find(&close).map_or(rest.len(), |end| open + end + close.len())
        } else if rest.starts_with('"') {
            quoted(rest, b'"')
        } else if rest.starts_with('\'') && is_char_literal(rest) {
            quoted(rest, b'\'')
        } else {
            0
        };
        if skip > 0 {
            code.push(' ');
            at += skip;
        } else {
            let c = rest.chars().next().expect("at is within the text");
            code.push(c);
            at += c.len_utf8();
        }
    }
    code
}

fn raw_string(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix('r')?;
    let hashes = behind.bytes().take_while(|b| *b == b'#').count();
    behind[hashes..].starts_with('"').then_some(hashes)
}

fn quoted(rest: &str, quote: u8) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// `'a'` and `'\n'`, but not the lifetime `'a`.
fn is_char_literal(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

/// Test modules may touch what they need.
fn without_tests(code: &str) -> String {
    match code.find("#[cfg(test)]\nmod tests {") {
        Some(at) => code[..at].to_owned(),
        None => code.to_owned(),
    }
}

/// The paths written behind a prefix, groups taken apart: `std::{fs, net::Ipv4Addr}` gives `fs` and
/// `net::Ipv4Addr`.
fn paths_behind(code: &str, prefix: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        expand(&code[at + prefix.len()..], "", &mut paths);
    }
    paths
}

fn expand(rest: &str, before: &str, paths: &mut Vec<String>) {
    let rest = rest.trim_start();
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    expand(&group[start..at], before, paths);
                    start = at + 1;
                    if c == '}' {
                        return;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        return;
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*').unwrap_or(rest.len());
    if end == 0 {
        return;
    }
    let path = if before.is_empty() { rest[..end].to_owned() } else { format!("{before}::{}", &rest[..end]) };
    match rest[end..].strip_prefix("::") {
        Some(more) => expand(more, &path, paths),
        None => paths.push(path),
    }
}

fn crate_paths(code: &str) -> Vec<String> {
    let first = |path: String| path.split("::").next().unwrap_or_default().to_owned();
    paths_behind(code, "crate::").into_iter().map(first).collect()
}

/// Rooms reached through `super::`, from a file so many modules below the crate's root.
fn super_paths(code: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let first = |path: String| path.split("::").next().unwrap_or_default().to_owned();
    paths_behind(code, &up).into_iter().map(first).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rooms() -> BTreeMap<String, Room> {
    table(&fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there"))
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of src").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_file_keeps_to_its_room() {
    let rooms = rooms();
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    files.sort();
    let mut wrong = Vec::new();
    let mut rooms_seen = BTreeSet::new();
    for file in &files {
        let relative = file.strip_prefix(root().join("src")).expect("files of src");
        let parts: Vec<String> = relative.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        if parts.len() < 2 {
            assert!(
                matches!(parts[0].as_str(), "lib.rs" | "main.rs"),
                "{} lies in no room",
                relative.display()
            );
            continue;
        }
        let name = &parts[0];
        assert!(rooms.contains_key(name), "the room {name} has no row in ARCHITECTURE.md");
        rooms_seen.insert(name.clone());
        let depth = if parts.last().is_some_and(|p| p == "mod.rs") { parts.len() - 1 } else { parts.len() };
        let source = fs::read_to_string(file).expect("a source file");
        for violation in violations(name, &rooms, depth, &source) {
            wrong.push(format!("src/{}: {violation}", parts.join("/")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let named: BTreeSet<String> = rooms.into_keys().collect();
    assert_eq!(rooms_seen, named, "each row of ARCHITECTURE.md is a room, each room has a row");
}

#[test]
fn the_table_speaks_of_rooms_and_known_words() {
    let rooms = rooms();
    for (name, room) in &rooms {
        for word in &room.may {
            // A part narrows a room that is granted.
            let part = word.split_once("::").is_some_and(|(whole, _)| room.may.contains(whole));
            let known = rooms.contains_key(word)
                || IO.contains(&word.as_str())
                || IO_CRATES.contains(&word.as_str())
                || part;
            assert!(known, "{name} may use {word}?");
            assert!(!room.never.contains(word), "{name} may and may never use {word}");
            assert!(word != name);
        }
        // Rooms come in an order: nobody uses one that uses him.
        for used in room.may.iter().filter_map(|word| rooms.get(word)) {
            assert!(!used.may.contains(name), "{name} and another room use each other");
        }
    }
}

const PLANTED: &str = "\
| module | is | may use | never |
|---|---|---|---|
| `low` | a | – | `outside`, I/O |
| `high` | b | `low` `fs` | `net` |
| `top` | c | `high` `high::Seen` `high::view` | – |
";

#[test]
fn planted_violations_are_caught() {
    let rooms = table(PLANTED);
    let check = |room: &str, depth: usize, source: &str, expect: &[&str]| {
        assert_eq!(violations(room, &rooms, depth, source), expect, "{source}");
    };
    check("low", 2, "use crate::high::X;", &["uses the room high"]);
    check("low", 2, "use crate::{low::X, high::{Y, Z}};", &["uses the room high"]);
    check("low", 2, "fn f() { crate::high::g() }", &["uses the room high"]);
    check("low", 2, "use super::super::high::X;", &["uses the room high"]);
    check("low", 1, "use super::high;", &["uses the room high"]);
    check("low", 2, "use std::fs::File;", &["does I/O: fs"]);
    check("low", 2, "use std::{\n    env, io,\n    net::TcpStream,\n};", &["does I/O: env", "does I/O: net"]);
    check("low", 2, "fn f() { std::thread::spawn(g); }", &["does I/O: thread"]);
    check("low", 2, "fn f(p: &Path) -> bool { p.exists() }", &["does I/O: fs"]);
    check("low", 2, "fn f() { println!(); }", &["does I/O: print"]);
    check("low", 2, "use outside::Thing;", &["uses the crate outside"]);
    check("high", 2, "use std::net::{Ipv4Addr, TcpStream};", &["does I/O: net"]);
    check("low", 2, "fn f(p: &Path) { p.metadata(); }", &["does I/O: fs"]);
    check("low", 2, "fn f(p: &Path) { p.symlink_metadata(); }", &["does I/O: fs"]);
    check("low", 2, "fn f(p: &Path) { Tree::open(p); }", &["does I/O: fs"]);
    check("high", 2, "fn f() { rustix::fs::stat(p); }", &["does I/O: rustix"]);
    check("top", 2, "use crate::high::Root;", &["uses high::Root"]);
    check("top", 2, "use crate::{high::{Seen, Root, read::file}};", &["uses high::Root", "uses high::read"]);
    check("top", 2, "use crate::high; fn f() { high::inventory(); }", &["uses high::inventory"]);
    check("top", 2, "use super::super::high::*;", &["uses high::*"]);
}

#[test]
fn what_is_granted_passes() {
    let rooms = table(PLANTED);
    let check = |room: &str, source: &str| {
        assert_eq!(violations(room, &rooms, 2, source), [""; 0], "{source}");
    };
    check("high", "use crate::low::X; use std::{fs, path::Path}; use super::low;");
    check("low", "// use crate::high::X;\n/* std::fs */ const A: &str = \"std::fs \\\" crate::high\";");
    check("low", "const A: &str = r#\"crate::high \" std::env\"#; const B: char = '\"'; use std::fmt;");
    check("low", "use std::net::{Ipv4Addr, Ipv6Addr}; fn f<'a>(x: &'a str) -> &'a str { x }");
    check("low", "struct A;\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}");
    check("top", "use crate::high::{Seen, view::is_kept}; fn f() { crate::high::view::g() }");
    check("low", "use crate::low::outsider::X; use super::high_water;");
}
