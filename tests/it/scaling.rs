//! Files with very many of one thing: the work grows with the size, not with its square. No time is taken;
//! with a square the limit of [`audit`] ends the run.
#![cfg(unix)]

use std::fmt::Write as _;

use crate::hostile::audit;
use crate::support::Repo;

/// Passwords that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn password(&mut self) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789abcdefghijkmnopqrstuvwxyz";
        let mut one = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            char::from(ALPHABET[(self.0 % ALPHABET.len() as u64) as usize])
        };
        (0..20).map(|_| one()).collect()
    }
}

/// Audits a repository with this file and says how many findings of the rule or family there are.
fn found(path: &str, text: &str, about: &str) -> usize {
    let repo = Repo::bare_folder();
    repo.write(path, text);
    let run = audit(&repo, &["--format", "json", "--profile", "audit"]);
    run.stdout.matches(&format!("\"rule\": \"{about}")).count()
        + run.stdout.matches(&format!("\"rule\":\"{about}")).count()
}

#[test]
fn marks_without_end() {
    // All in one comment, each in a comment of its own on one line, each on a line of its own, each behind code.
    let one = "// prodcheck:allow(debug/dbg-macro) x prodcheck:allow(debug/nothing) ".repeat(30_000);
    assert!(found("src/a.rs", &one, "meta/") > 0);
    let many = format!("fn f() {{ {} dbg!(1); }}\n", "/* prodcheck:allow(debug/nothing) */".repeat(60_000));
    assert!(found("src/a.rs", &many, "meta/unknown-allow") > 0);
    let lines = "// prodcheck:allow(debug/dbg-macro)\n".repeat(60_000);
    assert!(found("src/a.rs", &format!("{lines}dbg!(1);\n"), "meta/") > 0);
    let behind: String = (0..5_000).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "dbg!({line}); // prodcheck:allow(debug/dbg-macro, debug/n{line}) x");
        text
    });
    assert!(found("src/a.rs", &format!("fn f() {{\n{behind}}}\n"), "meta/unknown-allow") >= 5_000);
    let ids = "debug/x,".repeat(100);
    let blanks = " ".repeat(1_000_000);
    let text = format!("#{blanks}{}", format!("prodcheck:allow({ids})").repeat(2_000));
    assert!(found("a.txt", &text, "meta/unknown-allow") > 0);
}

#[test]
fn passwords_without_end() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let yaml = (0..40_000).fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "k{at}:\n  password: {}", dice.password());
        text
    });
    assert!(found("values.yaml", &yaml, "secrets/") > 30_000);
}

#[test]
fn one_line_of_passwords() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let fields: Vec<String> =
        (0..20_000).map(|_| format!("{{\"password\":\"{}\"}}", dice.password())).collect();
    assert!(found("config.json", &format!("[{}]", fields.join(",")), "secrets/") > 15_000);
    let line = (0..20_000).fold(String::new(), |mut text, _| {
        let _ = write!(text, "export PASSWORD={}; ", dice.password());
        text
    });
    assert!(found("a.sh", &line, "secrets/") > 15_000);
    // No value ends before the next begins.
    assert!(found("b.env", &format!("A_{}", "password=x".repeat(60_000)), "secrets/") < 60_000);
}

#[test]
fn requirements_without_end() {
    let text = (0..8_000).fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "package-{at}>=1.0");
        text
    });
    assert!(found("requirements.txt", &text, "deps/python-unpinned") > 0);
}

#[test]
fn credentials_of_all_forms_without_end() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let mut many = |before: &str, after: &str, count: usize| {
        (0..count).fold(String::new(), |mut text, _| {
            let _ = write!(text, "{before}{}{after}", dice.password());
            text
        })
    };
    // One line each: no list, command or call ends before the next begins.
    for (path, before, after) in [
        ("a.cs", "Server=h;Password=", ";"),
        ("a.yaml", "postgres://u:", "@h "),
        ("a.sh", "curl -u a:", " "),
        ("b.sh", "run --password ", " "),
        ("a.sql", "CREATE USER a IDENTIFIED BY '", "'; "),
        ("a.py", "HTTPBasicAuth('a', '", "') "),
        ("a.properties", "jdbc:x://h/?password=", " "),
        ("a.js", "x?sv=2022-11-02&se=2031-01-01&sig=", " "),
        (".netrc", "machine h login u password ", " "),
        (".pgpass", "h:1:d:u:", "\n"),
        (".pypirc", "password = ", "\n"),
    ] {
        let text = many(before, after, 1_500);
        found(path, &text, "secrets/");
    }
    for (path, piece) in [
        ("a.cs", "Password=;"),
        ("a.sh", "curl mysql -p --token "),
        ("a.py", "auth=("),
        ("a.json", "\"service_account\","),
        ("a.js", "&sig="),
        ("a.js", "Basic "),
        ("a.properties", "jdbc:"),
        ("a.sql", "set password "),
        ("a.txt", "$6$"),
        (".netrc", "machine password "),
    ] {
        found(path, &piece.repeat(10_000), "secrets/");
    }
}

#[test]
fn encoded_text_without_end() {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let base64 = |text: &str| crate::decoded::base64(text.as_bytes());
    // Each line a stretch, all of it one stretch, all of it one run of escapes.
    let lines = (0..8_000).fold(String::new(), |mut text, at| {
        let _ = writeln!(
            text,
            "k{at}: {}",
            base64(&format!("PASSWORD={}\nHOST=db7.shopdata.net\n", dice.password()))
        );
        text
    });
    assert!(found("a.yaml", &lines, "secrets/") > 7_000);
    let whole = base64(&(0..8_000).fold(String::new(), |mut text, at| {
        let _ = writeln!(text, "K{at}_PASSWORD={}", dice.password());
        text
    }));
    assert!(found("b.txt", &whole, "secrets/") > 7_000);
    for unit in [
        "%41%4",
        "\\x41\\",
        "\\u0041",
        "&#65;&",
        "QUFB",
        "41",
        "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\n",
        "&quot;a",
    ] {
        found("c.txt", &unit.repeat(400_000), "secrets/");
    }
}

#[test]
fn manifests_without_end() {
    let secret = "kind: Secret\ndata: {password: R3IzZW4tVHJhaW4tNzc=}\n---\n";
    assert!(found("a.yaml", &secret.repeat(10_000), "secrets/") >= 10_000);
    let members = "kind: Secret\n".repeat(60_000);
    found("b.yaml", &format!("{members}data: {{password: R3IzZW4tVHJhaW4tNzc=}}\n"), "secrets/");
    let big = (0..20_000).fold(String::new(), |mut text, at| {
        let _ = write!(text, "password{at}: R3IzZW4tVHJhaW4tNzc=, ");
        text
    });
    let items = "  - {kind: Secret, data: *big}\n".repeat(20_000);
    found("c.yaml", &format!("big: &big {{{big}}}\nitems:\n{items}"), "secrets/");
    found("d.json", &"{\"auths\":{\"a\":{\"auth\":\"x\"},".repeat(60_000), "secrets/");
    found("e.json", &"\"auths\":{\"a\":\"".repeat(60_000), "secrets/");
    found(".npmrc", &"//a/:_auth=".repeat(100_000), "secrets/");
    found("f.yaml", &"client-key-data=".repeat(100_000), "secrets/");
}
