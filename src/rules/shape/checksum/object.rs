//! Tokens that are base64 of a JSON object, or of a few words with colons between them.

use serde_json::Value;

use crate::model::codec;

/// A form: the members that the object has, and an object of this form in which `~` stands for as many
/// characters as there is room for.
pub(super) struct Form {
    members: &'static [&'static str],
    model: &'static str,
}

/// Grafana Cloud's access policy tokens: organisation, name, key and where it is from.
pub(super) const GRAFANA_CLOUD: Form =
    Form { members: &["o", "n", "k"], model: r#"{"o":"1","n":"~","k":"~","m":{"r":"us"}}"# };
/// Grafana's API keys of old: key, name and the organisation's id.
pub(super) const GRAFANA: Form = Form { members: &["k", "n", "id"], model: r#"{"k":"~","n":"a","id":1}"# };
/// Sentry's organisation tokens (<https://github.com/getsentry/rfcs/blob/main/text/0091-ci-upload-tokens.md>).
pub(super) const SENTRY: Form = Form {
    members: &["iat", "url", "org"],
    model: r#"{"iat":1700000000.1,"url":"~","region_url":"","org":"~"}"#,
};
/// 1Password's service account tokens: where to sign in, and the account's key.
pub(super) const ONE_PASSWORD: Form = Form {
    members: &["signInAddress", "email", "secretKey"],
    model: r#"{"signInAddress":"","email":"","secretKey":"~"}"#,
};
/// Cloudflare's tunnel tokens: account, tunnel and secret
/// (<https://github.com/cloudflare/cloudflared/blob/master/connection/connection.go>).
pub(super) const CLOUDFLARE_TUNNEL: Form =
    Form { members: &["a", "t", "s"], model: r#"{"a":"~","t":"~","s":"~"}"# };
/// Mapbox's tokens: the user and the token's id, a dot and the signature behind it.
pub(super) const MAPBOX: Form = Form { members: &["u", "a"], model: r#"{"u":"~","a":"~"}"# };

impl Form {
    /// Whether the base64 that begins at `eyJ` is an object of this form.
    pub(super) fn holds(&self, token: &[u8]) -> bool {
        let Some(body) = body(token) else { return false };
        let Some(bytes) = codec::from_base64(&token[body]) else { return false };
        let Ok(Value::Object(object)) = serde_json::from_slice(&bytes) else { return false };
        self.members.iter().all(|member| object.contains_key(*member))
    }

    /// Writes an object of this form, of the same length.
    pub(super) fn seal(&self, token: &mut [u8]) -> bool {
        let Some(body) = body(token) else { return false };
        let text = &mut token[body];
        let digits = text.iter().take_while(|&&byte| byte != b'=').count();
        let room = digits * 6 / 8;
        let fixed = self.model.bytes().filter(|&byte| byte != b'~').count();
        let places = self.model.len() - fixed;
        let Some(free) = room.checked_sub(fixed).filter(|&free| free >= places) else { return false };
        let mut filler =
            text.iter().map(|&byte| if byte.is_ascii_alphanumeric() { byte } else { b'x' }).cycle();
        let mut object = Vec::with_capacity(room);
        let mut left = places;
        for byte in self.model.bytes() {
            if byte == b'~' {
                // The first place takes what cannot be shared out.
                let take = if left == places { free - free / places * (places - 1) } else { free / places };
                object.extend(filler.by_ref().skip(1).take(take));
                left -= 1;
            } else {
                object.push(byte);
            }
        }
        let sealed = codec::to_base64(&object);
        let fits = sealed.len() == digits;
        if fits {
            text[..digits].copy_from_slice(&sealed);
        }
        fits
    }
}

/// Where the base64 of the object stands: from its `{"` to what is no digit of base64.
fn body(token: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = token.windows(3).take(16).position(|window| window == b"eyJ")?;
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    Some(start..start + token[start..].iter().take_while(|byte| is_digit(byte)).count())
}

/// JFrog's reference tokens: `reftkn:<kind>:<expiry>:<random>`
/// (<https://jfrog.com/help/r/jfrog-platform-administration-documentation/reference-token>).
pub(super) fn holds_artifactory(token: &[u8]) -> bool {
    let Some(bytes) = codec::from_base64(token) else { return false };
    let mut parts = bytes.split(|&byte| byte == b':');
    let digits = |part: Option<&[u8]>| {
        part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    parts.next() == Some(b"reftkn")
        && digits(parts.next())
        && digits(parts.next())
        && parts
            .next()
            .is_some_and(|random| random.len() >= 16 && random.iter().all(u8::is_ascii_alphanumeric))
        && parts.next().is_none()
}

/// Writes a reference token of the same length that does not expire.
pub(super) fn seal_artifactory(token: &mut [u8]) -> bool {
    const HEAD: &[u8] = b"reftkn:01:0000000000:";
    let digits = token.iter().take_while(|&&byte| byte != b'=').count();
    let Some(free) = (digits * 6 / 8).checked_sub(HEAD.len()) else { return false };
    let filler = token.iter().rev().filter(|byte| byte.is_ascii_alphanumeric()).cycle().take(free);
    let sealed = codec::to_base64(&HEAD.iter().chain(filler).copied().collect::<Vec<u8>>());
    let fits = sealed.len() == digits;
    if fits {
        token[..digits].copy_from_slice(&sealed);
    }
    fits
}

/// Atlassian's tokens for Data Center: base64 of a number, a colon and random bytes
/// (<https://confluence.atlassian.com/enterprise/using-personal-access-tokens-1026032365.html>).
pub(super) fn holds_numbered(token: &[u8], prefix: usize) -> bool {
    let Some(bytes) = token.get(prefix..).and_then(codec::from_base64) else { return false };
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (6..=16).contains(&digits) && bytes.get(digits) == Some(&b':') && bytes.len() > digits + 16
}

/// Writes a number and a colon in front of the token's random bytes.
pub(super) fn seal_numbered(token: &mut [u8], prefix: usize) -> bool {
    let Some(body) = token.get_mut(prefix..) else { return false };
    let Some(mut bytes) = codec::from_base64(body) else { return false };
    let Some((number, _)) = bytes.split_first_chunk_mut::<13>() else { return false };
    for digit in number.iter_mut() {
        *digit = b'0' + *digit % 10;
    }
    number[12] = b':';
    let sealed = codec::to_base64(&bytes);
    let fits = body.iter().take_while(|&&byte| byte != b'=').count() == sealed.len();
    if fits {
        body[..sealed.len()].copy_from_slice(&sealed);
    }
    fits
}
