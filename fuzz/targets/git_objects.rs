//! Packs, their indexes, loose objects and Git's index, of anybody: every object that is named is read.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use prodcheck::repo::history::Remembered;
use prodcheck::repo::objects::{Commit, Objects, Reader, parse_index, tree_entries};

fuzz_target!(|data: &[u8]| {
    for hash_len in [20, 32] {
        let _ = parse_index(data, hash_len);
        let _ = Commit::parse(data, hash_len);
        for entry in tree_entries(data, hash_len) {
            let Ok(entry) = entry else { break };
            assert!(entry.name.len() < data.len());
        }
    }
    let _ = Remembered::parse(data);
    let Some((&cut, rest)) = data.split_first() else { return };
    let (idx, pack) = rest.split_at(rest.len() * usize::from(cut) / 255);
    let Ok(folder) = tempfile::tempdir() else { return };
    let objects = folder.path().join("objects");
    let loose = objects.join("ab");
    if fs::create_dir_all(objects.join("pack")).is_err() || fs::create_dir_all(&loose).is_err() {
        return;
    }
    let _ = fs::write(objects.join("pack/pack-1.idx"), idx);
    let _ = fs::write(objects.join("pack/pack-1.pack"), pack);
    let _ = fs::write(loose.join("0".repeat(38)), rest);
    let objects = Objects::open(&objects, false);
    let mut reader = Reader::new(&objects, 1 << 16);
    for id in objects.names().unwrap_or_default().into_iter().take(64) {
        let _ = reader.read(&id, 1 << 20);
    }
    let mut id = [0; 32];
    id[0] = 0xab;
    let _ = reader.read(&id, 1 << 20);
});
