use std::collections::BTreeMap;
use prodcheck::rules::*;
use aho_corasick::*;
fn walk(p: &std::path::Path, v: &mut Vec<std::path::PathBuf>) { for e in std::fs::read_dir(p).unwrap().flatten() { let t=e.file_type().unwrap(); if t.is_dir() { if e.file_name()!=".git" {walk(&e.path(),v)} } else if t.is_file() { v.push(e.path()) } } }
fn main() {
    let c = Catalog::built_in();
    let mut lits: Vec<String> = c.rules().flat_map(|r| r.detect.keywords().into_iter().map(|k| k.to_ascii_lowercase()).collect::<Vec<_>>()).collect();
    lits.sort(); lits.dedup();
    println!("{} literals", lits.len());
    let t=std::time::Instant::now();
    let dfa = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).ascii_case_insensitive(true).build(&lits).unwrap();
    println!("dfa build {:?} mem {}", t.elapsed(), dfa.memory_usage());
    let t=std::time::Instant::now();
    let nfa = AhoCorasick::builder().kind(Some(AhoCorasickKind::ContiguousNFA)).ascii_case_insensitive(true).build(&lits).unwrap();
    println!("nfa build {:?} mem {}", t.elapsed(), nfa.memory_usage());
    let mut v=vec![]; walk(std::path::Path::new(&std::env::args().nth(1).unwrap()), &mut v);
    let mut data = vec![]; let mut n=0usize; for p in &v { let b=std::fs::read(p).unwrap(); n+=b.len(); data.push(b); }
    let t=std::time::Instant::now();
    let mut counts=vec![0usize; lits.len()];
    for b in &data { for m in dfa.find_overlapping_iter(b) { counts[m.pattern().as_usize()]+=1; } }
    println!("dfa overlap {:?} {:.0} MB/s", t.elapsed(), n as f64/1e6/t.elapsed().as_secs_f64());
    let t=std::time::Instant::now();
    let mut k=0; for b in &data { k+=dfa.find_iter(b).count(); }
    println!("dfa find_iter {:?} {:.0} MB/s {k}", t.elapsed(), n as f64/1e6/t.elapsed().as_secs_f64());
    let mut m: Vec<_> = counts.iter().zip(&lits).collect(); m.sort(); m.reverse();
    let mut byl: BTreeMap<usize,usize>=BTreeMap::new(); for l in &lits { *byl.entry(l.len()).or_default()+=1; }
    println!("lengths {byl:?}");
    for (n,l) in m.iter().take(60) { print!("{l}:{n} "); } println!();
}
