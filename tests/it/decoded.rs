//! Secrets that are encoded, once or several times over, in files of all kinds.

use prodcheck::rules::shape::Seed;
use prodcheck::rules::{Catalog, Detect};
use serde_json::Value;

use crate::support::Repo;

/// A token that nobody issued.
pub fn token() -> String {
    let catalog = Catalog::built_in();
    let rule = catalog.rules().find(|rule| rule.id == "secrets/github-pat-classic").expect("a rule");
    let Detect::Token(token) = &rule.detect else { panic!("a token") };
    token.shapes[0].sample(token.checksum, &mut Seed(41))
}

/// Base64 with padding.
pub fn base64(text: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = String::new();
    for chunk in text.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (24 - 8 * chunk.len());
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            digits.push(if digit > chunk.len() { '=' } else { char::from(ALPHABET[index]) });
        }
    }
    digits
}

/// Each byte as this format says.
pub fn each(text: &str, one: impl Fn(u8) -> String) -> String {
    text.bytes().map(one).collect()
}

/// The findings of the secrets family in one file, as JSON.
fn found(path: &str, text: &str) -> Vec<Value> {
    let repo = Repo::bare_folder();
    repo.write(path, text);
    let run = repo.run(&["--format", "json", "--rule", "secrets", "--skip", "secrets/jwt-token"]);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    report["findings"].as_array().expect("a list").clone()
}

#[track_caller]
fn check(path: &str, text: &str, rule: &str, via: &[&str], place: &str) {
    let found = found(path, text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let finding = &found[0];
    assert_eq!(finding["rule"], format!("secrets/{rule}"), "{text}");
    let layers: Vec<&str> =
        finding["via"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert_eq!(layers, via, "{text}");
    let at = |side: &str| finding["span"][side].as_u64().expect("a number") as usize;
    assert_eq!(&text[at("start")..at("end")], place, "{text}");
}

#[test]
fn each_decoder() {
    let token = token();
    let rule = "github-pat-classic";
    let line = format!("key {token} is what the job uses");
    let digits = base64(line.as_bytes());
    // Four characters before the token: it begins in the second group.
    let groups = |text: &str| text[4..(4 + token.len()).div_ceil(3) * 4].to_owned();
    check("a.py", &format!("x = '{digits}'\n"), rule, &["base64"], &groups(&digits));
    let url = digits.replace('+', "-").replace('/', "_").replace('=', "");
    check("a.go", &format!("x := `{url}`\n"), rule, &["base64"], &groups(&url));
    let hex = each(&line, |byte| format!("{byte:02X}"));
    check("a.c", &format!("0x{hex};"), rule, &["hex"], &hex[8..8 + 2 * token.len()]);
    let percent = each(&token, |byte| format!("%{byte:02x}"));
    check("run.sh", &format!("curl 'h?key={percent}&x'\n"), rule, &["percent"], &percent);
    let escaped = each(&token, |byte| format!("\\x{byte:02x}"));
    check("a.js", &format!("const x = \"{escaped}\";\n"), rule, &["escapes"], &escaped);
    let escaped = each(&token, |byte| format!("\\u{byte:04x}"));
    check("a.json", &format!("{{\"x\": \"{escaped}\"}}\n"), rule, &["escapes"], &escaped);
    let entities = each(&token, |byte| format!("&#{byte};"));
    check("a.xml", &format!("<x y=\"{entities}\"/>\n"), rule, &["entities"], &entities);
    let wide: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = base64(&wide);
    // Eight bytes before it.
    let place = wide[8..(8 + 2 * token.len()).div_ceil(3) * 4].to_owned();
    let command = format!("powershell -EncodedCommand {wide}\n");
    check("a.ps1", &command, rule, &["base64", "utf-16"], &place);
}

#[test]
fn layers_in_layers() {
    let token = token();
    let rule = "github-pat-classic";
    let percent = each(&token, |byte| format!("%{byte:02x}"));
    let json = format!("{{\"a\": 1, \"url\": \"https://h/?key={percent}\"}}\n");
    let inner = base64(json.as_bytes());
    let at = json.find('%').expect("is there");
    let groups = |start: usize, length: usize| start / 3 * 4..(start + length).div_ceil(3) * 4;
    let place = inner[groups(at, percent.len())].to_owned();
    check("a.yaml", &format!("x: {inner}\n"), rule, &["base64", "percent"], &place);
    // Three are looked into, four are not.
    let twice = base64(inner.as_bytes());
    assert_eq!(found("a.yaml", &format!("x: {twice}\n"))[0]["via"].as_array().map(Vec::len), Some(3));
    let thrice = base64(twice.as_bytes());
    assert_eq!(found("a.yaml", &format!("x: {thrice}\n")).len(), 0);
    // Wrapped, in a block scalar; the layer is only around what it is around of.
    let lines: Vec<&str> =
        inner.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
    let wrapped = format!("x: |\n  {}\ny: 1\n", lines.join("\n  "));
    assert_eq!(found("a.yaml", &wrapped)[0]["via"].as_array().map(Vec::len), Some(2));
    let mixed = format!(
        "const a = \"\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\", b = '{}';\n",
        base64(token.as_bytes())
    );
    assert_eq!(found("a.js", &mixed)[0]["via"], serde_json::json!(["base64"]));
}

#[test]
fn what_stands_there_plainly_is_said_once() {
    let token = token();
    // Around it escapes, but not in it.
    let text = format!("const a = \"\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20\\x20 {token}\";\n");
    check("a.js", &text, "github-pat-classic", &[], &token);
    // The claims of a token are its parts.
    let part = |json: &str| base64(json.as_bytes()).replace('=', "");
    let claims = part("{\"sub\":\"app\",\"password\":\"gr3enTrain!x\",\"iat\":1700000000}");
    let jwt =
        format!("{}.{claims}.q1w2e3r4t5z6u7i8o9p0a1s2d3f4g5h6", part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
    assert_eq!(found("a.ts", &format!("const session = \"{jwt}\";\n")).len(), 0);
    // A picture has no text in it, whatever it says.
    let picture = base64(format!("<svg><!-- {token} and some more of it --></svg>").as_bytes());
    assert_eq!(found("a.css", &format!("a {{ b: url(data:image/svg+xml;base64,{picture}) }}\n")).len(), 0);
}

#[test]
fn configuration_in_base64_is_configuration() {
    let dotenv = "# production\nDB_PASSWORD=gr3enTrain!x\nDB_HOST=db7.shopdata.net\n";
    let digits = base64(dotenv.as_bytes());
    let repo = Repo::bare_folder();
    repo.write("ci/settings.py", format!("ENVIRONMENT = '{digits}'\n"));
    repo.write("tests/settings.py", format!("ENVIRONMENT = '{digits}'\n"));
    let found = repo.findings(&["--rule", "secrets"]);
    assert_eq!(found.len(), 2, "{found:?}");
    let registry = base64(b"deploy:gr3enTrain!");
    let config =
        base64(format!("{{\"auths\":{{\"registry.shopdata.net\":{{\"auth\":\"{registry}\"}}}}}}").as_bytes());
    let json = format!("PULL_B64={config}\n");
    let found = self::found("pull.env", &json);
    assert_eq!(found[0]["rule"], "secrets/docker-config-auth", "{found:#?}");
    assert_eq!(found[0]["via"], serde_json::json!(["base64"]));
}

#[test]
fn a_budget_that_does_not_suffice_is_named() {
    let filler = base64("nothing to see here, and a lot of it; ".repeat(200).as_bytes());
    let text = (0..600).fold(String::new(), |text, at| format!("{text}k{at}: {filler}\n"));
    let repo = Repo::bare_folder();
    repo.write("a.yaml", &text);
    let run = repo.run(&["--format", "json"]);
    assert!(run.stdout.contains("\"encoded\""), "{}", &run.stdout[..run.stdout.len().min(2_000)]);
}
