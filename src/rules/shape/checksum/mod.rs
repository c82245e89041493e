//! The checksums that vendors put into their tokens, and structures that random characters do not have. Each
//! is verified, and written into samples.

mod bech32;
mod crc;
mod digest;
mod macaroon;
mod marvin;
mod object;
mod x25519;

use crate::model::Proof;

/// A checksum or a structure, by the name that rule files use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// The last 6 bytes are the CRC-32 of the bytes between the prefix and them, in base 62
    /// (`0-9A-Za-z`), padded with zeros. GitHub and npm
    /// (<https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/>).
    Crc32Base62,
    /// The last 8 bytes are the CRC-32 of everything before them, in upper-case hex. Atlassian; seen on
    /// issued tokens, not documented.
    Crc32HexUpper,
    /// The last 8 bytes are the CRC-32 of everything before the `_` before them, least byte first, in
    /// lower-case hex. Grafana.
    Crc32HexGrafana,
    /// The last 8 bytes are the CRC-32 of the bytes between the prefix and the `_` before them, in
    /// lower-case hex. Zuplo (<https://zuplo.com/docs/concepts/api-keys>); the algorithm was seen on
    /// issued keys.
    Crc32Hex,
    /// The last 8 bytes are the CRC-32 of the bytes between the prefix and them, in lower-case hex.
    /// Cloudflare (<https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/>), which
    /// documents that there is a checksum and not which.
    Crc32HexCloudflare,
    /// The last 6 bytes are the CRC-32 of the bytes between the prefix and them, least byte first, in base64.
    /// Confluent; seen on issued secrets, not documented.
    Confluent,
    /// The last 9 bytes are the length of the payload and the CRC-32 of everything before it, in base 36.
    /// GitLab (`lib/authn/token_field/generator/routable_token.rb`).
    GitlabRoutable,
    /// The last byte is the exclusive or of the bytes between the prefix and it, modulo 62 (`A-Za-z0-9`).
    /// Trusted publishing of the Rust registry (`crates/crates_io_trustpub/src/access_token.rs` there).
    XorBase62,
    /// Eight characters of the last part begin the SHA-256 of what is before them, in base32. Fine-grained
    /// tokens of GitHub; holds for some issued ones, so it confirms and must not reject.
    GithubFineGrained,
    /// The last 6 bytes are the checksum of bech32 (BIP 173) in upper case. age.
    Bech32Age,
    /// The same in lower case. Nostr (NIP-19).
    Bech32Lower,
    /// Base58check of a private key: version, key, double SHA-256. Bitcoin and BIP 32.
    Base58check,
    /// Base32 of a version, a key and their CRC-16/XMODEM. Stellar (SEP-23) and NATS
    /// (<https://github.com/nats-io/nkeys>).
    Crc16Xmodem,
    /// The last four bytes inside the base64 are the Marvin32 of the others, with a seed of the family
    /// that the signature before them names. Azure's identifiable keys.
    Marvin32,
    /// Behind the 80th character stands the Marvin32 of what is before. Azure's annotated keys.
    Marvin32Annotated,
    /// The last three characters begin the Marvin32 of what is before, in base 66. Entra's application
    /// secrets with `8Q~`; those with `7Q~` have none.
    Marvin32Entra,
    /// A macaroon in its second binary format, in base64url. PyPI
    /// (<https://warehouse.pypa.io/development/token-scanning.html>).
    MacaroonPypi,
    /// Base64 of a JSON object with `o`, `n` and `k`. Grafana Cloud.
    JsonGrafanaCloud,
    /// Base64 of a JSON object with `k`, `n` and `id`. Grafana.
    JsonGrafana,
    /// Base64 of a JSON object with `iat`, `url` and `org`. Sentry.
    JsonSentry,
    /// Base64 of a JSON object with `signInAddress`, `email` and `secretKey`. 1Password.
    JsonOnepassword,
    /// Base64 of a JSON object with `a`, `t` and `s`. Cloudflare's tunnels.
    JsonCloudflareTunnel,
    /// Base64 of a JSON object with `u` and `a`, then a dot. Mapbox.
    JsonMapbox,
    /// Base64 of `reftkn:`, a kind, an expiry and random characters. JFrog.
    ArtifactoryReference,
    /// Base64 of 32 bytes whose first and last are set as X25519 wants them (RFC 7748, 5). WireGuard
    /// (<https://www.wireguard.com/quickstart/>).
    X25519Clamped,
    /// Base64 of a number, a colon and random bytes. Data Center products of Atlassian.
    NumberedBase64,
}

impl Checksum {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Crc32Base62,
        Self::Crc32HexUpper,
        Self::Crc32HexGrafana,
        Self::Crc32Hex,
        Self::Crc32HexCloudflare,
        Self::Confluent,
        Self::GitlabRoutable,
        Self::XorBase62,
        Self::GithubFineGrained,
        Self::Bech32Age,
        Self::Bech32Lower,
        Self::Base58check,
        Self::Crc16Xmodem,
        Self::Marvin32,
        Self::Marvin32Annotated,
        Self::Marvin32Entra,
        Self::MacaroonPypi,
        Self::JsonGrafanaCloud,
        Self::JsonGrafana,
        Self::JsonSentry,
        Self::JsonOnepassword,
        Self::JsonCloudflareTunnel,
        Self::JsonMapbox,
        Self::ArtifactoryReference,
        Self::X25519Clamped,
        Self::NumberedBase64,
    ];

    /// Whether the checksum in the token is right. `prefix` is how many bytes the vendor's prefix has. A
    /// token too short to hold one has none that is right.
    pub fn holds(self, token: &[u8], prefix: usize) -> bool {
        match self {
            Self::GitlabRoutable => crc::holds_gitlab(token),
            Self::Base58check => digest::holds_base58check(token),
            Self::Marvin32 => marvin::holds(token),
            Self::Marvin32Annotated => marvin::holds_annotated(token),
            Self::MacaroonPypi => macaroon::holds(token),
            Self::ArtifactoryReference => object::holds_artifactory(token),
            Self::NumberedBase64 => object::holds_numbered(token, prefix),
            Self::X25519Clamped => x25519::holds(token, prefix),
            _ => {
                if let Some(form) = self.form() {
                    return form.holds(token);
                }
                let mut sealed = token.to_vec();
                self.seal(&mut sealed, prefix) && sealed == token
            }
        }
    }

    /// Writes the right checksum, or the structure, into a token whose other bytes stand. False if a token
    /// of this length cannot have one; then it may have been changed.
    pub fn seal(self, token: &mut [u8], prefix: usize) -> bool {
        match self {
            Self::Crc32Base62 => crc::seal_base62(token, prefix),
            Self::Crc32HexUpper => crc::seal_hex_upper(token, prefix),
            Self::Crc32HexGrafana => crc::seal_hex_grafana(token, prefix),
            Self::Crc32Hex | Self::Crc32HexCloudflare => crc::seal_hex(token, prefix),
            Self::Confluent => crc::seal_confluent(token, prefix),
            Self::GitlabRoutable => crc::seal_gitlab(token, prefix),
            Self::XorBase62 => crc::seal_xor(token, prefix),
            Self::GithubFineGrained => digest::seal_github_fine_grained(token),
            Self::Bech32Age => bech32::seal(token, true),
            Self::Bech32Lower => bech32::seal(token, false),
            Self::Base58check => digest::seal_base58check(token),
            Self::Crc16Xmodem => crc::seal_crc16(token),
            Self::Marvin32 => marvin::seal(token),
            Self::Marvin32Annotated => marvin::seal_annotated(token),
            Self::Marvin32Entra => marvin::seal_entra(token),
            Self::MacaroonPypi => macaroon::seal(token, prefix),
            Self::ArtifactoryReference => object::seal_artifactory(token),
            Self::NumberedBase64 => object::seal_numbered(token, prefix),
            Self::X25519Clamped => x25519::seal(token, prefix),
            _ => self.form().is_some_and(|form| form.seal(token)),
        }
    }

    /// The form of the object that the token is.
    const fn form(self) -> Option<&'static object::Form> {
        Some(match self {
            Self::JsonGrafanaCloud => &object::GRAFANA_CLOUD,
            Self::JsonGrafana => &object::GRAFANA,
            Self::JsonSentry => &object::SENTRY,
            Self::JsonOnepassword => &object::ONE_PASSWORD,
            Self::JsonCloudflareTunnel => &object::CLOUDFLARE_TUNNEL,
            Self::JsonMapbox => &object::MAPBOX,
            _ => return None,
        })
    }

    /// What a token rests on if it holds. One character proves little, and a structure is no checksum.
    pub const fn proof(self) -> Proof {
        match self {
            Self::XorBase62
            | Self::MacaroonPypi
            | Self::ArtifactoryReference
            | Self::NumberedBase64
            | Self::X25519Clamped => Proof::Structure,
            _ if self.form().is_some() => Proof::Structure,
            _ => Proof::Checksum,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::shape::{Seed, parse};

    /// Every checksum with a form that has it.
    const FORMS: &[(Checksum, &str)] = &[
        (Checksum::Crc32Base62, "'abc_' alnum{36}"),
        (Checksum::Crc32HexUpper, "'ABCD' alnum{24} upperhex{8}"),
        (Checksum::Crc32HexGrafana, "'abcd_' alnum{32} '_' hex{8}"),
        (Checksum::Crc32Hex, "'zabc_' loweralnum{32} '_' hex{8}"),
        (Checksum::Crc32HexCloudflare, "'cabc_' alnum{40} hex{8}"),
        (Checksum::Confluent, "'abcd' base64{60}"),
        (Checksum::GitlabRoutable, "'abcde-' base64url{27,300} '.01.' loweralnum{9}"),
        (Checksum::GitlabRoutable, "'abcde-' base64url{27,300} '.' loweralnum{9}"),
        (Checksum::XorBase62, "'abc_' alnum{32}"),
        (Checksum::GithubFineGrained, "'abc_' alnum{22} '_' alnum{59}"),
        (Checksum::Bech32Age, "'ABC-KEY-1' [QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
        (Checksum::Bech32Lower, "'nabc1' [qpzry9x8gf2tvdw0s3jn54khce6mua7l]{58}"),
        (Checksum::Base58check, "'xprv' base58{107}"),
        (Checksum::Crc16Xmodem, "'SUA' [A-P]{1} base32{54}"),
        (Checksum::Marvin32, "base64{76} @'+ASt' base64{5} [AQgw]{1} '=='"),
        (Checksum::Marvin32, "base64{33} @'AIoT' [A-P]{1} base64{5} '='"),
        (Checksum::Marvin32, "base64url{44} @'AzFu' base64url{5} [AQgw]{1} '=='"),
        (Checksum::Marvin32, "alnum{42} @'AzSe' [A-D]{1} alnum{5}"),
        (Checksum::Marvin32Annotated, "alnum{52} @'JQQJ99' alnum{26}"),
        (Checksum::Marvin32Annotated, "alnum{52} @'JQQJ99' alnum{28} '=='"),
        (Checksum::Marvin32Entra, "alnum{3} @'8Q~' [A-Za-z0-9_.~-]{34}"),
        (Checksum::MacaroonPypi, "'pypi-AgEIcHlwaS5vcmc' base64url{50,1000}"),
        (Checksum::JsonGrafanaCloud, "'glc_eyJ' base64{60,400}"),
        (Checksum::JsonGrafana, "'eyJrIjoi' base64{60,400}"),
        (Checksum::JsonSentry, "'sntrys_eyJ' base64{80,300} '_' base64{43}"),
        (Checksum::JsonOnepassword, "'ops_eyJ' base64{250,600}"),
        (Checksum::JsonCloudflareTunnel, "'eyJhIjoi' base64{120,300}"),
        (Checksum::JsonMapbox, "'sk.eyJ' base64{60,100} '.' alnum{22}"),
        (Checksum::ArtifactoryReference, "'cmVmdGtuOjA' alnum{53}"),
        (Checksum::NumberedBase64, "'BABC-' base64{44}"),
        (Checksum::X25519Clamped, "'key:' base64{42} [AEIMQUYcgkosw048]{1} '='"),
    ];

    #[test]
    fn what_is_sealed_holds() {
        for (checksum, notation) in FORMS {
            let shape = parse(notation).expect(notation);
            let mut seed = Seed(11);
            for _ in 0..40 {
                let token = shape.sample(Some(*checksum), &mut seed);
                let prefix = shape.prefix_len();
                assert!(checksum.holds(token.as_bytes(), prefix), "{checksum:?}: {notation}");
                let at = shape.before_anchor();
                assert_eq!(
                    shape.verify(token.as_bytes(), at),
                    Some(0..token.len()),
                    "{checksum:?}: {notation}"
                );
            }
        }
    }

    #[test]
    fn where_there_is_a_checksum_every_byte_counts() {
        for (checksum, notation) in FORMS.iter().filter(|(checksum, _)| checksum.proof() == Proof::Checksum) {
            let shape = parse(notation).expect(notation);
            let prefix = shape.prefix_len();
            let token = shape.sample(Some(*checksum), &mut Seed(5)).into_bytes();
            // Digests of GitHub do not cover what stands behind them; Entra's and annotated keys keep
            // a part of the checksum only.
            let covered =
                if *checksum == Checksum::GithubFineGrained { token.len() - 8 } else { token.len() };
            for at in prefix..covered {
                if token[at] == b'=' {
                    continue;
                }
                let mut touched = token.clone();
                touched[at] = if touched[at] == b'q' { b'p' } else { b'q' };
                if *checksum == Checksum::Marvin32 && at + 4 > token.len() && token.ends_with(b"=") {
                    // The last digit has bits that mean nothing.
                    continue;
                }
                assert!(!checksum.holds(&touched, prefix), "{checksum:?}: {at}");
            }
        }
    }

    #[test]
    fn every_checksum_has_a_form_here_and_its_place_in_the_list() {
        for checksum in Checksum::ALL {
            assert!(FORMS.iter().any(|(known, _)| known == checksum), "{checksum:?}");
        }
        assert!(FORMS.iter().all(|(checksum, _)| Checksum::ALL.contains(checksum)));
    }

    #[test]
    fn marks_among_the_digits_stop_nothing() {
        for (checksum, notation) in FORMS {
            let token = parse(notation).expect(notation).sample(Some(*checksum), &mut Seed(7)).into_bytes();
            for at in 0..token.len() {
                for mark in [b'=', b'-', b'.', 0xff] {
                    let mut touched = token.clone();
                    touched[at] = mark;
                    for prefix in [0, 10, at] {
                        checksum.holds(&touched, prefix.min(token.len()));
                        checksum.seal(&mut touched.clone(), prefix.min(token.len()));
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_holds_in_what_is_too_short() {
        for (checksum, _) in FORMS {
            for text in [&b""[..], b"a", b"abc_", b"-", b"1", b"====", b"eyJ", b"0.1.", b"+AStAAAAAA=="] {
                assert!(!checksum.holds(text, text.len().min(4)), "{checksum:?}: {text:?}");
                let mut sealed = text.to_vec();
                checksum.seal(&mut sealed, text.len().min(4));
            }
        }
    }
}
