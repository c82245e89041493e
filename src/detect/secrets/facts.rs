//! What a token tells about itself without being a secret.

use super::decode;
use crate::model::{codec, date_of};
use crate::rules::Token;
use crate::rules::shape::Checksum;

/// A fact: its name for scripts, and its value.
pub(super) type Fact = (&'static str, String);

/// What this token tells; most tell nothing.
pub(super) fn of(token: &Token, found: &[u8]) -> Option<Fact> {
    match token.checksum {
        Some(Checksum::Marvin32Annotated) => Some(("issued", issued(found)?)),
        Some(Checksum::ArtifactoryReference) => Some(("expires", expires(found)?)),
        _ if token.provider.contains("Amazon") || token.provider.contains("AWS") => {
            Some(("account", account(found)?))
        }
        _ => None,
    }
}

/// The fact in words, for a message.
pub(super) fn words((name, value): &Fact) -> String {
    match *name {
        "account" => format!("of account {value}"),
        "issued" => format!("issued {value}"),
        name => format!("{name} {value}"),
    }
}

/// The twelve digits of the account inside an AWS access key id: 40 bits behind the first of what the 16
/// characters of base32 hold. Ids of before 2019 have none, and begin in the lower half of the alphabet.
/// `sts get-access-key-info` answers the same
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>).
fn account(found: &[u8]) -> Option<String> {
    if found.len() != 20 || !(found.starts_with(b"AKIA") || found.starts_with(b"ASIA")) {
        return None;
    }
    let bytes = codec::from_base32(&found[4..])?;
    let number = bytes.get(..6)?.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    (number >> 47 == 1 && account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

/// The month in which an annotated key of Azure was issued: two characters behind the fixed signature, whose
/// values in base64 count from January 2024.
fn issued(found: &[u8]) -> Option<String> {
    let bytes = &*decode::base64(found.get(56..60)?)?;
    let [_, high, low] = *bytes else { return None };
    let (year, month) = (u32::from(high & 0x0f) << 2 | u32::from(low >> 6), low & 0x3f);
    (month < 12).then(|| format!("{:04}-{:02}", 2024 + year, month + 1))
}

/// When a reference token of JFrog expires; zero is never.
fn expires(found: &[u8]) -> Option<String> {
    let bytes = decode::base64(found)?;
    let seconds: u64 = std::str::from_utf8(bytes.split(|&byte| byte == b':').nth(2)?).ok()?.parse().ok()?;
    (seconds > 0).then(|| date_of(seconds / 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_stands_in_the_key_id() {
        for (id, expect) in [
            (concat!("ASIA", "QNZGKIQY56JQ7WML"), Some("029608264753")),
            // Of before 2019, too long, another kind.
            (concat!("AKIA", "IOSFODNN7EXAMPLE"), None),
            (concat!("AKIA", "QNZGKIQY56JQ7WMLA"), None),
            (concat!("AROA", "QNZGKIQY56JQ7WML"), None),
            ("", None),
        ] {
            assert_eq!(account(id.as_bytes()).as_deref(), expect, "{id}");
        }
    }

    #[test]
    fn the_month_stands_in_an_annotated_key() {
        for (date, expect) in [("AA", Some("2024-01")), ("BL", Some("2025-12")), ("BM", None)] {
            let key = format!("{}{}{date}{}", "a".repeat(52), "JQQJ99", "b".repeat(24));
            assert_eq!(issued(key.as_bytes()).as_deref(), expect, "{date}");
        }
    }

    #[test]
    fn a_reference_token_says_when_it_ends() {
        let token = |text: &str| codec::to_base64(text.as_bytes());
        let at = |text: &str| expires(&token(text));
        assert_eq!(at("reftkn:01:1767225600:abcdefgh").as_deref(), Some("2026-01-01"));
        assert_eq!(at("reftkn:01:0000000000:abcdefgh"), None);
        assert_eq!(at("reftkn:01"), None);
    }
}
