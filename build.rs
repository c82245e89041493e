//! Reads and validates `rules/**/*.toml` and compiles them into static tables, so that starting the
//! program parses nothing.

// The program's own modules are read here too; each side uses a part of them.
#![allow(dead_code, unused_imports, missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

#[path = "src/model"]
mod model {
    pub mod codec;
    mod id;
    mod kind;
    mod level;
    pub use id::RuleId;
    pub use kind::{Language, Region, Target};
    pub use level::{Confidence, Profile, Proof, Severity};
}

#[path = "src/rules"]
mod rules {
    pub mod rule;
    pub mod schema;
    pub mod shape;
}

use rules::rule::{Applies, Detect, Example, Mend, Rule, Text};
use rules::shape::{Part, Shape};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/rules");
    println!("cargo::rerun-if-changed=src/model");
    println!("cargo::rerun-if-changed=rules");
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files);
    files.sort();
    let mut rules = Vec::new();
    let mut failed = false;
    for file in files {
        let name = file.to_string_lossy().replace('\\', "/");
        let content = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{name}: {e}"));
        match rules::schema::read(&name, &content) {
            Ok(read) => rules.extend(read),
            Err(error) => {
                failed = true;
                let line = error.span.as_ref().map_or(1, |s| content[..s.start].matches('\n').count() + 1);
                println!("cargo::error={name}:{line}: {error}");
            }
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    for pair in rules.windows(2) {
        if pair[0].id == pair[1].id {
            failed = true;
            println!("cargo::error={} stands in {} and in {}", pair[0].id, pair[0].file, pair[1].file);
        }
    }
    if failed {
        process::exit(1);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("rules.rs"), Emitter::default().table(&rules)).expect("OUT_DIR can be written");
    embed_advisories(&out);
}

/// Builds advisory data into the program, for those who distribute it: the variable names a file that
/// `cargo prodcheck advisories update --output` wrote.
const EMBED: &str = "PRODCHECK_EMBED_ADVISORIES";

fn embed_advisories(out: &Path) {
    println!("cargo::rerun-if-env-changed={EMBED}");
    let mut constant = "None".to_owned();
    if let Some(file) = env::var_os(EMBED).filter(|file| !file.is_empty()).map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", file.display());
        match fs::read(&file) {
            Ok(bytes) if is_packed(&bytes) => {
                fs::write(out.join("embedded.advisories"), bytes).expect("OUT_DIR can be written");
                constant =
                    "Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/embedded.advisories\")))".into();
            }
            Ok(_) => {
                println!(
                    "cargo::error={EMBED}: {} is no packed advisory data, or is damaged",
                    file.display()
                );
            }
            Err(error) => println!("cargo::error={EMBED}: {}: {error}", file.display()),
        }
    }
    let code = format!("/// What was built in.\nstatic EMBEDDED: Option<&[u8]> = {constant};\n");
    fs::write(out.join("advisories.rs"), code).expect("OUT_DIR can be written");
}

/// Whether the checksum in the first line is that of the rest.
fn is_packed(bytes: &[u8]) -> bool {
    use sha2::Digest as _;
    let Some(end) = bytes.iter().position(|&b| b == b'\n') else { return false };
    let Ok(header) = serde_json::from_slice::<serde_json::Value>(&bytes[..end]) else { return false };
    let mut sha256 = String::new();
    for byte in sha2::Sha256::digest(&bytes[end + 1..]) {
        write!(sha256, "{byte:02x}").expect("writing into a string does not fail");
    }
    header["format"] == "prodcheck-advisories" && header["sha256"] == sha256
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("rules/ is there") {
        let path = entry.expect("rules/ can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "toml") {
            files.push(path);
        }
    }
}

/// Writes Rust. Lists become statics of their own, since a static cannot borrow a temporary that has a
/// destructor.
#[derive(Default)]
struct Emitter {
    statics: String,
    count: usize,
}

impl Emitter {
    fn table(mut self, rules: &[Rule]) -> String {
        let rows: Vec<String> = rules.iter().map(|r| self.rule(r)).collect();
        format!("{}pub static RULES: &[Rule] = &[\n{}];\n", self.statics, rows.concat())
    }

    fn list(&mut self, of: &str, items: &[String]) -> String {
        if items.is_empty() {
            return "Cow::Borrowed(&[])".into();
        }
        self.count += 1;
        let name = format!("L{}", self.count);
        let _ = writeln!(self.statics, "static {name}: &[{of}] = &[{}];", items.join(", "));
        format!("Cow::Borrowed({name})")
    }

    fn texts(&mut self, list: &[Text]) -> String {
        let items: Vec<String> = list.iter().map(text).collect();
        self.list("Text", &items)
    }

    fn rule(&mut self, r: &Rule) -> String {
        let refs = self.texts(&r.refs);
        let applies = self.applies(&r.applies);
        let detect = self.detect(&r.detect);
        let overlaps = self.texts(&r.overlaps);
        let matches = self.examples(&r.matches);
        let passes = self.examples(&r.passes);
        format!(
            "Rule {{ id: {}, title: {}, why: {}, fix: {}, severity: Severity::{:?}, \
             confidence: Confidence::{:?}, profile: Profile::{:?}, since: {}, refs: {refs}, \
             applies: {applies}, detect: {detect}, overlaps: {overlaps}, matches: {matches}, \
             passes: {passes}, file: {} }},\n",
            text(&r.id),
            text(&r.title),
            text(&r.why),
            text(&r.fix),
            r.severity,
            r.confidence,
            r.profile,
            text(&r.since),
            text(&r.file),
        )
    }

    fn applies(&mut self, a: &Applies) -> String {
        let languages: Vec<String> = a.languages.iter().map(|l| format!("Language::{l:?}")).collect();
        let languages = self.list("Language", &languages);
        let targets: Vec<String> = a.targets.iter().map(|t| format!("Target::{t:?}")).collect();
        let targets = self.list("Target", &targets);
        let regions: Vec<String> = a.regions.iter().map(|r| format!("Region::{r:?}")).collect();
        let regions = self.list("Region", &regions);
        let paths = self.texts(&a.paths);
        let not_paths = self.texts(&a.not_paths);
        format!(
            "Applies {{ languages: {languages}, targets: {targets}, regions: {regions}, \
             paths: {paths}, not_paths: {not_paths} }}"
        )
    }

    fn detect(&mut self, detect: &Detect) -> String {
        match detect {
            Detect::Pattern { keywords, pattern, mend, stage } => {
                let mend = match mend {
                    None => "None".to_owned(),
                    Some(Mend::Instead(words)) => format!("Some(Mend::Instead({}))", text(words)),
                    Some(mend) => format!("Some(Mend::{mend:?})"),
                };
                let stage = stage.map_or("None".to_owned(), |stage| format!("Some(AskedStage::{stage:?})"));
                let keywords = self.texts(keywords);
                format!(
                    "Detect::Pattern {{ keywords: {keywords}, pattern: {}, mend: {mend}, stage: {stage} }}",
                    text(pattern)
                )
            }
            Detect::Code { detector, keywords, words } => {
                let keywords = self.texts(keywords);
                let words: Vec<String> = words
                    .iter()
                    .map(|(name, list)| format!("({}, {})", text(name), self.texts(list)))
                    .collect();
                let words = self.list("(Text, List<Text>)", &words);
                format!(
                    "Detect::Code {{ detector: {}, keywords: {keywords}, words: {words} }}",
                    text(detector)
                )
            }
            Detect::Token(t) => {
                let shapes: Vec<String> = t.shapes.iter().map(|s| self.shape(s)).collect();
                let shapes = self.list("Shape", &shapes);
                let context = self.texts(&t.context);
                let names = self.texts(&t.names);
                let part =
                    t.part.map_or("None".to_owned(), |p| format!("Some(super::rule::TokenPart::{p:?})"));
                let checksum =
                    t.checksum.map_or("None".to_owned(), |c| format!("Some(super::shape::Checksum::{c:?})"));
                format!(
                    "Detect::Token(Token {{ provider: {}, shapes: {shapes}, checksum: {checksum}, \
                     checksum_rejects: {}, context: {context}, names: {names}, public: {}, \
                     part: {part}, source: {}, \
                     checked: {} }})",
                    text(&t.provider),
                    t.checksum_rejects,
                    t.public,
                    text(&t.source),
                    text(&t.checked),
                )
            }
        }
    }

    fn shape(&mut self, shape: &Shape) -> String {
        let parts: Vec<String> = shape
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => format!("Part::Literal({})", text(literal)),
                Part::Class { set, min, max } => {
                    format!("Part::Class {{ set: ByteSet({:#x}), min: {min}, max: {max} }}", set.0)
                }
            })
            .collect();
        let parts = self.list("Part", &parts);
        format!("Shape {{ parts: {parts}, anchor: {} }}", shape.anchor)
    }

    fn examples(&mut self, list: &[Example]) -> String {
        let items: Vec<String> = list
            .iter()
            .map(|e| {
                let files: Vec<String> =
                    e.files.iter().map(|(p, t)| format!("({}, {})", text(p), text(t))).collect();
                let files = self.list("(Text, Text)", &files);
                let untracked = self.texts(&e.untracked);
                format!(
                    "Example {{ text: {}, path: {}, files: {files}, untracked: {untracked} }}",
                    text(&e.text),
                    text(&e.path),
                )
            })
            .collect();
        self.list("Example", &items)
    }
}

fn text(text: &Text) -> String {
    format!("Cow::Borrowed({text:?})")
}
