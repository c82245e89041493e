use super::*;
use crate::rules::shape::Seed;

fn check(value: &str, name: &str, before: &str, expect: Option<Known>) {
    let found = kind_of(value.as_bytes(), name.as_bytes(), before.as_bytes(), b"");
    assert_eq!(found, expect, "{name} {before}{value}");
}

fn made(alphabet: &str, length: usize) -> String {
    let mut seed = Seed(length as u64);
    let bytes = alphabet.as_bytes();
    (0..length).map(|_| char::from(bytes[seed.below(bytes.len())])).collect()
}

const HEX: &str = "0123456789abcdef";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[test]
fn hex_is_what_its_place_says() {
    let (md5, sha1, sha256) = (made(HEX, 32), made(HEX, 40), made(HEX, 64));
    for (value, name, before, expect) in [
        (&sha1, "rev", "rev = \"", Some(Known::GitId)),
        (&sha1, "commit_sha", "", Some(Known::GitId)),
        (&sha1, "", "uses: actions/checkout@", Some(Known::GitId)),
        (&sha1, "source", "git+https://example.com/x#", Some(Known::GitId)),
        (&sha1, "url", "https://example.com/a/b/commit/", Some(Known::GitId)),
        (&sha1, "", "commit ", Some(Known::GitId)),
        (&sha1, "shasum", "", Some(Known::Digest)),
        (&sha256, "checksum", "checksum = \"", Some(Known::Digest)),
        (&sha256, "image", "alpine@sha256:", Some(Known::Digest)),
        (&sha256, "fileSha256", "", Some(Known::Digest)),
        (&md5, "etag", "", Some(Known::Digest)),
        (&md5, "url", "file.zip#md5=", Some(Known::Digest)),
        // The same digits under another name.
        (&sha1, "api_key", "", None),
        (&sha1, "token", "token = \"", None),
        (&sha256, "hash_secret", "", None),
        (&md5, "sha256_key", "", None),
        (&sha256, "", "", None),
    ] {
        check(value, name, before, expect);
    }
    // No digest has this length.
    check(&made(HEX, 50), "checksum", "", None);
    assert_eq!(kind_of(sha1.as_bytes(), b"", b"", b"\trefs/heads/main"), Some(Known::GitId));
}

#[test]
fn base64_is_what_it_begins_with_or_its_place_says() {
    let rest = made(BASE64, 120);
    for (start, expect) in [
        ("iVBORw0KGgo", Some(Known::Base64Image)),
        ("/9j/4AAQ", Some(Known::Base64Image)),
        ("data:image/png;base64,", Some(Known::Base64Image)),
        ("PHN2ZyB4bWxucz0i", Some(Known::Base64Image)),
        ("d09GMgABAAAAA", Some(Known::Base64File)),
        ("AGFzbQEAAAAB", Some(Known::Base64File)),
        ("H4sIAAAAAAAA", Some(Known::Base64File)),
        ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ", Some(Known::PublicKey)),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", Some(Known::PublicKey)),
        // SubjectPublicKeyInfo of RSA and of a curve; RSAPublicKey.
        ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA", Some(Known::PublicKey)),
        ("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", Some(Known::PublicKey)),
        ("MIIBCgKCAQEA", Some(Known::PublicKey)),
        // A certificate and a request.
        ("MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBa", Some(Known::Certificate)),
        ("MIICijCCAXICAQAwRTELMAkGA1UEBhMCQVUx", Some(Known::Certificate)),
        // Keys of RSA, PKCS#8, and of a curve are none of this; the encrypted one is.
        ("MIIEpAIBAAKCAQEA", None),
        ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC", None),
        ("MHcCAQEEI", None),
        ("MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI", Some(Known::Encrypted)),
        ("AQICAH", Some(Known::Encrypted)),
        ("vault:v1:", Some(Known::Encrypted)),
        ("{cipher}", Some(Known::Encrypted)),
        ("ENC[AES256_GCM,data:", Some(Known::Encrypted)),
        ("$argon2id$v=19$m=65536,t=3,p=4$", Some(Known::PasswordHash)),
        ("pbkdf2_sha256$600000$", Some(Known::PasswordHash)),
        ("{SSHA}", Some(Known::PasswordHash)),
        ("sha512-", Some(Known::Sri)),
        ("h1:", Some(Known::LockHash)),
        ("", None),
    ] {
        check(&format!("{start}{rest}"), "value", "", expect);
    }
    let digest = format!("{}=", made(BASE64, 43));
    check(&digest, "checksum", "", Some(Known::Digest));
    check(&digest, "narHash", "", Some(Known::Digest));
    check(&digest, "account_key", "", None);
    check(&format!("sha256-{digest}"), "integrity", "", Some(Known::Sri));
    check(&format!("SHA256:{}", &digest[..43]), "host", "", Some(Known::Fingerprint));
    check("2b:7e:15:16:28:ae:d2:a6:ab:f7:15:88:09:cf:4f:3c", "id", "", Some(Known::Fingerprint));
    check(&format!("$2b$12${}", &rest[..53]), "password", "", Some(Known::PasswordHash));
    check(&format!("Ag{}", rest.repeat(7)), "password", "", Some(Known::Encrypted));
}

#[test]
fn plain_things_have_names() {
    for (value, expect) in [
        ("936da01f-9abd-4d9d-80c7-02af85c822a8", Some(Known::Uuid)),
        ("{936DA01F-9ABD-4D9D-80C7-02AF85C822A8}", Some(Known::Uuid)),
        ("1.2.3", Some(Known::Version)),
        ("v1.2.3-beta.4+build.5", Some(Known::Version)),
        ("^1.2.3 || >=2.0.0", Some(Known::Version)),
        ("2024-01-31T23:59:59.999Z", Some(Known::Date)),
        ("20240131T235959Z", Some(Known::Date)),
        ("P1Y2M3DT4H5M6S", Some(Known::Date)),
        ("/etc/ssl/private/key.pem", Some(Known::Path)),
        ("./secrets/token.txt", Some(Known::Path)),
        ("C:\\Users\\me\\secret.txt", Some(Known::Path)),
        ("secret/data/production/database", Some(Known::Path)),
        ("https://example.com/oauth/token", Some(Known::Url)),
        ("https://user:hunter2@example.com/", None),
        ("auth.example.com", Some(Known::HostName)),
        ("localhost:5432", Some(Known::HostName)),
        ("192.168.0.1", Some(Known::HostName)),
        ("someone@example.com", Some(Known::Email)),
        ("application/vnd.api+json", Some(Known::MimeType)),
        ("#1f2e3d", Some(Known::Color)),
        ("#fff,#1f2e3d", Some(Known::Color)),
        ("0x1f2e3d4c", Some(Known::Number)),
        ("30s", Some(Known::Number)),
        ("1e-9", Some(Known::Number)),
        ("1,2,3,5,8", Some(Known::NumberList)),
        ("en-US", Some(Known::Locale)),
        ("zh_Hant_TW", Some(Known::Locale)),
        ("reset_password_token", Some(Known::Identifier)),
        ("ClientSecret", Some(Known::Identifier)),
        ("sunshine42", None),
        ("Tr0ub4dor&3", None),
        ("hunter2", None),
        ("P@ssw0rd!2024", None),
        ("", None),
    ] {
        check(value, "value", "", expect);
    }
}

#[test]
fn random_text_is_nothing_known() {
    let mut seed = Seed(9);
    for (alphabet, length) in [(BASE64, 40), (BASE64, 24), (BASE64, 88), (HEX, 32), (HEX, 40), (HEX, 64)] {
        for _ in 0..500 {
            let bytes = alphabet.as_bytes();
            let value: String = (0..length).map(|_| char::from(bytes[seed.below(bytes.len())])).collect();
            check(&value, "api_key", "api_key = \"", None);
        }
    }
}
