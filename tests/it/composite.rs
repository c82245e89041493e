//! An id beside its secret is one finding with it, and alone a note.

use prodcheck::rules::shape::Seed;
use prodcheck::rules::{Catalog, Detect};

use crate::support::Repo;

/// A text with made-up tokens: `«rule»` or `«rule#2»` is a sample of `secrets/rule`.
fn filled(text: &str) -> String {
    let catalog = Catalog::built_in();
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once("«").and_then(|(before, rest)| Some((before, rest.split_once('»')?)))
    {
        let (rule, number) = name.split_once('#').unwrap_or((name, "1"));
        let rule = catalog.rules().find(|r| r.id.strip_prefix("secrets/") == Some(rule)).expect("the rule");
        let Detect::Token(token) = &rule.detect else { panic!("no token: {name}") };
        let mut seed = Seed(7 + number.parse::<u64>().expect("a number"));
        filled.push_str(before);
        filled.push_str(&token.shapes[0].sample(token.checksum, &mut seed));
        rest = after;
    }
    filled + rest
}

/// The findings as `severity rule:line` and, behind each, its related places as `+line message`.
#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) {
    let repo = Repo::git();
    let text = filled(text);
    repo.write(path, &text).commit();
    let args = ["--format", "json", "--min-severity", "note", "--rule", "secrets"];
    let run = repo.run(&args);
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr));
    let mut found = Vec::new();
    for finding in report["findings"].as_array().expect("findings") {
        let word = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        let rule = word(&finding["rule"]);
        let line = &finding["span"]["line"];
        found.push(format!("{} {}:{line}", word(&finding["severity"]), rule.trim_start_matches("secrets/")));
        for related in finding["related"].as_array().into_iter().flatten() {
            let message = word(&related["message"]);
            let message = message.split(", of account").next().unwrap_or_default();
            found.push(format!("+{} {message}", related["span"]["line"]));
        }
    }
    assert_eq!(found, expect, "{path}:\n{text}");
    for token in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|t| t.starts_with("AKIA")) {
        assert!(!run.stdout.contains(token), "an id is shown");
    }
}

const AWS: &[&str] = &["error aws-secret-access-key:2", "+1 its AWS access key id"];

#[test]
fn a_pair_is_one_finding() {
    check(
        ".env",
        "AWS_ACCESS_KEY_ID=«aws-access-key-id»\nAWS_SECRET_ACCESS_KEY=«aws-secret-access-key»\n",
        AWS,
    );
    check(
        "config/aws.yaml",
        "  accessKeyId: «aws-access-key-id»\n  awsSecretAccessKey: «aws-secret-access-key»\n",
        AWS,
    );
    check(
        "config/aws.json",
        "{\"accessKeyId\": \"«aws-access-key-id»\",\n \"secretAccessKey\": \"«aws-secret-access-key»\"}\n",
        AWS,
    );
    check(
        "app/s3.py",
        "c = client('s3', aws_access_key_id='«aws-access-key-id»',\n aws_secret_access_key='«aws-secret-access-key»')\n",
        AWS,
    );
    check(
        "config/sms.yaml",
        "twilio:\n  twilio_account_sid: «twilio-account»\n  twilio_auth_token: «twilio-auth-token»\n",
        &["error twilio-auth-token:3", "+2 its Twilio account SID"],
    );
}

#[test]
fn what_is_public_by_design_is_named_beside_its_secret_alone() {
    check("config/web.yaml", "id: «gcp-oauth-client-id»\n", &[]);
    check(
        "config/web.yaml",
        "id: «gcp-oauth-client-id»\nsecret: «gcp-oauth-client-secret»\n",
        &["error gcp-oauth-client-secret:2", "+1 its Google OAuth client id"],
    );
}

#[test]
fn ids_apart_are_notes() {
    check(".env", "AWS_ACCESS_KEY_ID=«aws-access-key-id»\n", &["note aws-access-key-id:1"]);
    for between in ["\n", "A=1\nB=2\nC=3\nD=4\nE=5\n", &format!("# {}\n", "long words ".repeat(60))] {
        let text = format!(
            "AWS_ACCESS_KEY_ID=«aws-access-key-id»\n{between}AWS_SECRET_ACCESS_KEY=«aws-secret-access-key»\n"
        );
        let line = text.lines().count();
        let secret = format!("error aws-secret-access-key:{line}");
        check(".env", &text, &["note aws-access-key-id:1", &secret]);
    }
    // Somebody else's.
    check(
        ".env",
        "AWS_ACCESS_KEY_ID=«aws-access-key-id»\nSENDGRID_API_KEY=«sendgrid-key»\n",
        &["note aws-access-key-id:1", "error sendgrid-key:2"],
    );
}

#[test]
fn of_two_pairs_each_keeps_to_its_own() {
    let (id, secret) = ("«aws-access-key-id", "«aws-secret-access-key");
    check(
        ".env",
        &format!(
            "AWS_ACCESS_KEY_ID={id}»\nAWS_SECRET_ACCESS_KEY={secret}»\n\
             B_AWS_ACCESS_KEY_ID={id}#2»\nB_AWS_SECRET_ACCESS_KEY={secret}#2»\n"
        ),
        &[
            "error aws-secret-access-key:2",
            "+1 its AWS access key id",
            "error aws-secret-access-key:4",
            "+3 its AWS access key id",
        ],
    );
    check(
        ".env",
        &format!(
            "AWS_SECRET_ACCESS_KEY={secret}»\nAWS_ACCESS_KEY_ID={id}»\n\
             B_AWS_SECRET_ACCESS_KEY={secret}#2»\nB_AWS_ACCESS_KEY_ID={id}#2»\n"
        ),
        &[
            "error aws-secret-access-key:1",
            "+2 its AWS access key id",
            "error aws-secret-access-key:3",
            "+4 its AWS access key id",
        ],
    );
    let session = "x=«aws-session-token";
    check(
        "credentials.ini",
        &format!(
            "[a]\naws_access_key_id={id}»\naws_secret_access_key={secret}»\n{session}»\n\
             [b]\naws_access_key_id={id}#2»\naws_secret_access_key={secret}#2»\n{session}#2»\n"
        ),
        &[
            "error aws-secret-access-key:3",
            "+2 its AWS access key id",
            "error aws-session-token:4",
            "error aws-secret-access-key:7",
            "+6 its AWS access key id",
            "error aws-session-token:8",
        ],
    );
}

#[test]
fn many_ids_take_no_longer_than_their_number() {
    let pair = filled("{\"AWS_ACCESS_KEY_ID\":\"«aws-access-key-id»\"},");
    let repo = Repo::git();
    repo.write("data.json", format!("[{}]", pair.repeat(20_000))).commit();
    assert_eq!(crate::hostile::audit(&repo, &["--rule", "secrets", "--format", "concise"]).code, 0);
}
