//! Private keys and tokens that are parsed: built here, so that none stands in the repository.

use prodcheck::detect::Raw;
use prodcheck::model::Severity;
use prodcheck::model::codec::to_base64;
use prodcheck::rules::Rule;

use crate::secrets::{rules, run};

fn rule(id: &str) -> Rule {
    rules().into_iter().find(|rule| rule.id == id).expect("the rule")
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::from_utf8(to_base64(bytes)).expect("ASCII");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// A DER element of this tag.
pub fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let head = match len {
        0..=0x7f => vec![tag, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    [&head, content].concat()
}

fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    der(0x30, &elements.concat())
}

/// A number of so many bits, all of them set.
fn number(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; bits.div_ceil(8)];
    bytes[0] >>= bytes.len() * 8 - bits;
    if bytes[0] >= 0x80 {
        bytes.insert(0, 0);
    }
    der(2, &bytes)
}

fn version(of: u8) -> Vec<u8> {
    der(2, &[of])
}

/// PKCS#1 with primes of these sizes.
fn rsa(bits: usize, p: usize, q: usize) -> Vec<u8> {
    let sizes = [bits, 17, bits - 2, p, q, p - 1, q - 1, q - 2];
    let numbers: Vec<u8> = sizes.into_iter().flat_map(number).collect();
    sequence(&[&version(0), &numbers])
}

const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

fn ec(key: usize, curve: &[u8]) -> Vec<u8> {
    sequence(&[&version(1), &der(4, &vec![9; key]), &der(0xA0, &der(6, curve))])
}

fn pkcs8(algorithm: &[u8], parameters: &[u8], inner: &[u8]) -> Vec<u8> {
    sequence(&[&version(0), &sequence(&[&der(6, algorithm), parameters]), &der(4, inner)])
}

pub fn pem(label: &str, headers: &str, bytes: &[u8]) -> String {
    let digits = base64(bytes);
    let lines: Vec<&str> =
        digits.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{headers}{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Bytes with their length before them, as SSH writes them.
fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn open_ssh(cipher: &str, checks: [u32; 2]) -> Vec<u8> {
    let derivation = if cipher == "none" { "none" } else { "bcrypt" };
    let public = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
    let private =
        [&checks[0].to_be_bytes()[..], &checks[1].to_be_bytes(), &public, &string(&[3; 64])].concat();
    let padded = [&private[..], &vec![1; (8 - private.len() % 8) % 8]].concat();
    [
        &b"openssh-key-v1\0"[..],
        &string(cipher.as_bytes()),
        &string(derivation.as_bytes()),
        &string(b""),
        &1u32.to_be_bytes(),
        &string(&public),
        &string(&padded),
    ]
    .concat()
}

/// A secret key packet of Ed25519 in version 4.
fn pgp(usage: u8) -> Vec<u8> {
    let body = [&[4, 0, 0, 0, 0, 27][..], &[8; 32], &[usage], &[5; 34]].concat();
    [&[0xC5, body.len() as u8][..], &body].concat()
}

/// Severity (none: the rule's), whether it is a dummy, and the message.
fn said(raws: &[Raw]) -> Vec<(Option<Severity>, bool, &str)> {
    raws.iter().map(|raw| (raw.severity, raw.properties.contains_key("dummy"), &*raw.message)).collect()
}

#[test]
fn keys_in_pem_are_known_by_what_is_in_them() {
    let rule = rule("secrets/private-key");
    let key = rsa(2048, 1024, 1024);
    let locked = sequence(&[
        &sequence(&[
            &der(6, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D]),
            &sequence(&[&version(1)]),
        ]),
        &der(4, &[9; 64]),
    ]);
    let rsa_id = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
    let ec_id = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    let plain = "RSA private key of 2048 bits, not encrypted";
    let escaped = |text: String| text.replace('\n', "\\n");
    let legacy = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n";
    for (what, text, expect) in [
        ("PKCS#1", pem("RSA PRIVATE KEY", "", &key), plain),
        ("PKCS#8", pem("PRIVATE KEY", "", &pkcs8(&rsa_id, &[5, 0], &key)), plain),
        (
            "PKCS#8 of a curve",
            pem(
                "PRIVATE KEY",
                "",
                &pkcs8(&ec_id, &der(6, P256), &sequence(&[&version(1), &der(4, &[9; 32])])),
            ),
            "EC private key on P-256, not encrypted",
        ),
        (
            "RFC 8410",
            pem("PRIVATE KEY", "", &pkcs8(&[0x2B, 0x65, 0x70], &[], &der(4, &[9; 32]))),
            "Ed25519 private key, not encrypted",
        ),
        ("SEC 1", pem("EC PRIVATE KEY", "", &ec(32, P256)), "EC private key on P-256, not encrypted"),
        (
            "DSA",
            pem(
                "DSA PRIVATE KEY",
                "",
                &sequence(&[
                    &version(0),
                    &[1024, 160, 1023, 1022, 159].into_iter().flat_map(number).collect::<Vec<u8>>(),
                ]),
            ),
            "DSA private key of 1024 bits, not encrypted",
        ),
        (
            "OpenSSH",
            pem("OPENSSH PRIVATE KEY", "", &open_ssh("none", [7, 7])),
            "Ed25519 private key, not encrypted",
        ),
        (
            "PGP",
            pem("PGP PRIVATE KEY BLOCK", "Version: 1\n\n", &pgp(0)),
            "Ed25519 private key, not encrypted",
        ),
        ("in a literal", format!("KEY = \"{}\"", escaped(pem("RSA PRIVATE KEY", "", &key))), plain),
        ("in YAML", pem("RSA PRIVATE KEY", "", &key).replace('\n', "\n    "), plain),
        ("in a comment", pem("RSA PRIVATE KEY", "", &key).replace('\n', "\n// "), plain),
        ("of literals", pem("RSA PRIVATE KEY", "", &key).replace('\n', "\\n\" +\n  \""), plain),
        ("in base64", format!("key: {}\n", base64(pem("RSA PRIVATE KEY", "", &key).as_bytes())), plain),
    ] {
        for path in ["deploy/key.pem", "tests/data/key.pem"] {
            assert_eq!(said(&run(&rule, path, text.as_bytes())), [(None, false, expect)], "{what} in {path}");
        }
    }
    for (what, text, expect) in [
        ("PBES2", pem("ENCRYPTED PRIVATE KEY", "", &locked), "private key"),
        ("RFC 1421", pem("RSA PRIVATE KEY", legacy, &[8; 96]), "RSA private key"),
        ("OpenSSH", pem("OPENSSH PRIVATE KEY", "", &open_ssh("aes256-ctr", [1, 2])), "Ed25519 private key"),
        ("PGP", pem("PGP PRIVATE KEY BLOCK", "\n", &pgp(254)), "Ed25519 private key"),
    ] {
        let expect = format!("{expect}, encrypted: as safe as its passphrase");
        let found = run(&rule, "deploy/key.pem", text.as_bytes());
        assert_eq!(said(&found), [(Some(Severity::Warning), false, &*expect)], "{what} with a passphrase");
    }
}

#[test]
fn what_does_not_parse_is_a_dummy() {
    let rule = rule("secrets/private-key");
    let key = rsa(2048, 1024, 1024);
    let longer = [&key[..], &[0]].concat();
    let broken_sum = pem("PGP PRIVATE KEY BLOCK", "\n", &pgp(0)).replace("\n-----END", "\n=AAAA\n-----END");
    for (what, text) in [
        ("random bytes", pem("RSA PRIVATE KEY", "", &[8; 96])),
        ("a label of another algorithm", pem("EC PRIVATE KEY", "", &key)),
        ("primes that do not make the modulus", pem("RSA PRIVATE KEY", "", &rsa(2048, 1024, 900))),
        ("a toy", pem("RSA PRIVATE KEY", "", &rsa(256, 128, 128))),
        ("something behind it", pem("RSA PRIVATE KEY", "", &longer)),
        ("a key of another curve's length", pem("EC PRIVATE KEY", "", &ec(48, P256))),
        ("a short key", pem("PRIVATE KEY", "", &pkcs8(&[0x2B, 0x65, 0x70], &[1, 1, 0], &der(4, &[9; 31])))),
        ("check numbers that differ", pem("OPENSSH PRIVATE KEY", "", &open_ssh("none", [7, 8]))),
        ("half blocks", pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\n", &[8; 97])),
        ("a checksum that fails", broken_sum),
        ("half a packet", pem("PGP PRIVATE KEY BLOCK", "\n", &pgp(0)[..60])),
    ] {
        let found = run(&rule, "deploy/key.pem", text.as_bytes());
        assert!(matches!(*said(&found), [(Some(Severity::Note), true, _)]), "{what}: {:?}", said(&found));
        assert!(!found[0].secrets.is_empty(), "a dummy is masked too");
    }
    for (what, text) in [
        ("a certificate", pem("CERTIFICATE", "", &key)),
        ("a public key", pem("RSA PUBLIC KEY", "", &key)),
        ("only the label", "-----BEGIN RSA PRIVATE KEY-----".to_owned()),
        ("dots", "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----".to_owned()),
        (
            "a template",
            "-----BEGIN RSA PRIVATE KEY-----\n{{ key }}\n-----END RSA PRIVATE KEY-----".to_owned(),
        ),
        ("base64 of a certificate", base64(pem("CERTIFICATE", "", &key).as_bytes())),
    ] {
        assert!(run(&rule, "deploy/key.pem", text.as_bytes()).is_empty(), "{what}");
    }
}

#[test]
fn keys_that_standards_print_are_no_secrets() {
    // RFC 8410, 10.3.
    let digits = concat!("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY", "8fdp+K06/nwoy/HU++CXqI9EdVhC");
    let text = format!("-----BEGIN PRIVATE KEY-----\n{digits}\n-----END PRIVATE KEY-----\n");
    let found = run(&rule("secrets/private-key"), "src/key.pem", text.as_bytes());
    assert_eq!(said(&found), [(Some(Severity::Note), true, "looks like a dummy: it is a published sample")]);
    // RFC 8037, A.1.
    let key = concat!("nWGxne_9WmC6hEr0kuwsxERJ", "xWl7MmkZcDusAxyuf2A");
    let text = format!(r#"{{"kty":"OKP","crv":"Ed25519","d":"{key}"}}"#);
    let found = run(&rule("secrets/jwk-private"), "src/key.json", text.as_bytes());
    assert_eq!(said(&found), [(Some(Severity::Note), true, "looks like a dummy: it is a published sample")]);
}

fn url64(bytes: &[u8]) -> String {
    base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[test]
fn json_web_keys_are_held_against_their_kind() {
    let rule = rule("secrets/jwk-private");
    let part = |len: usize| url64(&(0..len).map(|at| (at * 73 + 201) as u8).collect::<Vec<u8>>());
    let rsa = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB","d":"{}"}}"#, part(256), part(256));
    let ec = format!(r#"{{"kty":"EC","crv":"P-384","x":"{0}","y":"{0}","d":"{0}"}}"#, part(48));
    let oct = format!(r#"{{"kty":"oct","k":"{}"}}"#, part(32));
    for (what, text, expect) in [
        ("RSA", rsa.clone(), vec!["RSA JSON Web Key of 2048 bits, not encrypted"]),
        (
            "in a string",
            format!("k = \"{}\"", rsa.replace('"', "\\\"")),
            vec!["RSA JSON Web Key of 2048 bits, not encrypted"],
        ),
        (
            "a set",
            format!("{{\"keys\":[{ec},\n{oct}]}}"),
            vec!["EC JSON Web Key on P-384, not encrypted", "symmetric JSON Web Key, not encrypted"],
        ),
        (
            "a literal",
            format!("{{ kty: 'oct', k: '{}' }}", part(32)),
            vec!["symmetric JSON Web Key, not encrypted"],
        ),
        (
            "of pieces",
            format!("{{\"kty\": \"oct\", \"k\": \"{}\"\n   \"{}\"}}", part(9), part(9)),
            vec!["symmetric JSON Web Key, not encrypted"],
        ),
    ] {
        let found = run(&rule, "src/keys.ts", text.as_bytes());
        assert_eq!(found.iter().map(|raw| &*raw.message).collect::<Vec<_>>(), expect, "{what}");
        assert!(found.iter().all(|raw| raw.severity.is_none()), "{what}");
    }
    for (what, text) in [
        (
            "a key of another curve's length",
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","d":"{0}"}}"#, part(48)),
        ),
        ("half a modulus", format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB","d":"{}"}}"#, part(256), part(100))),
    ] {
        let found = run(&rule, "src/keys.ts", text.as_bytes());
        assert!(matches!(*said(&found), [(Some(Severity::Note), true, _)]), "{what}");
    }
    for public in
        [r#"{"kty":"EC","crv":"P-256","x":"abc"}"#, "{ kty: string, d: string }", r#"{"kty":"oct"}"#]
    {
        assert!(run(&rule, "src/keys.ts", public.as_bytes()).is_empty(), "{public}");
    }
}

#[test]
fn tokens_are_judged_by_their_claims_and_the_day() {
    let token = |header: &str, claims: &str, signature: &str| {
        format!("t = \"{}.{}.{signature}\"", url64(header.as_bytes()), url64(claims.as_bytes()))
    };
    let signed = r#"{"alg":"HS256"}"#;
    let signature = "q1w2e3r4t5z6u7i8o9p0a1s2d3f4g5h6";
    let cluster = rule("secrets/kubernetes-sa-token");
    let account = |exp: &str| format!(r#"{{"sub":"system:serviceaccount:a:b"{exp}}}"#);
    for (exp, severity, message) in [
        ("", None, ""),
        (r#","exp":1798761600"#, None, ""),
        (r#","exp":1767225600"#, None, ""),
        (
            r#","exp":1767225599"#,
            Some(Severity::Warning),
            "Kubernetes service account token, expired on 2025-12-31",
        ),
    ] {
        let found = run(&cluster, "src/a.ts", token(signed, &account(exp), signature).as_bytes());
        assert_eq!(said(&found), [(severity, false, message)], "{exp}");
    }
    let any = rule("secrets/jwt-token");
    let unsigned = token(r#"{"alg":"none"}"#, r#"{"sub":"a","iss":"https://a.io"}"#, "");
    let found = run(&any, "src/a.ts", unsigned.as_bytes());
    assert_eq!(said(&found), [(None, false, "JSON Web Token, unsigned: its `alg` is none")]);
    assert_eq!(found[0].properties["issuer"], "https://a.io");
    assert!(run(&cluster, "src/a.ts", unsigned.as_bytes()).is_empty());
    let short = token(signed, "{}", "abc");
    assert!(run(&any, "src/a.ts", short.as_bytes()).is_empty());
}
