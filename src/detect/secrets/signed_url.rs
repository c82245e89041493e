use std::ops::Range;

use super::{decode, dummy, written};
use crate::detect::{Detector, Emit, Needs, Prepared, Raw};
use crate::model::{Proof, Secret, Severity, date_of, days_of};
use crate::source::FileView;

/// How far a query reaches at most before and behind the signature.
const REACH: usize = 1024;

/// URLs that carry a signature instead of a sign-in. Whoever has the URL has what it opens, until the day that
/// it names.
///
/// The keyword is the signature's parameter with `=`. The rule's word `kind` is one of
/// - `azure-sas`: <https://learn.microsoft.com/rest/api/storageservices/create-service-sas>;
/// - `azure-logic-app`: the address of a trigger of Logic Apps or Power Automate;
/// - `aws`: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>;
/// - `google`: <https://cloud.google.com/storage/docs/authentication/signatures>.
pub(in crate::detect) struct SignedUrls;

impl Detector for SignedUrls {
    fn name(&self) -> &'static str {
        "signed-url"
    }

    fn reason(&self) -> &'static str {
        "parameters of a URL in any order"
    }

    fn needs(&self) -> Needs {
        Needs::Hits
    }

    fn hit(&self, rule: &Prepared, view: &FileView, at: Range<usize>, emit: &mut Emit) {
        let text = view.bytes();
        let before = at.start.checked_sub(1).map_or(b' ', |before| text[before]);
        if !matches!(before, b'?' | b'&' | b';' | b'"' | b'\'' | b' ' | b'=' | b'\n' | b'6') {
            return;
        }
        let query = Query::around(text, &at);
        let Some(signature) = query.at(at.start) else { return };
        let kind = rule.rule.detect.words("kind").first().map_or("", |word| &**word);
        let Some(until) = query.judge(kind, &text[signature.clone()]) else { return };
        let until = Some(until).filter(|day| !day.is_empty());
        let digits = &text[signature.clone()];
        if dummy::is_made_up(digits) {
            return;
        }
        let life = Life::of(until.as_deref(), rule.today());
        let mut severity = written::severity(rule.rule.severity, None, view, query.span.start);
        if life == Life::Over {
            severity = super::standing::one_lower(severity);
        }
        let mut raw = Raw::at(query.span.clone()).message(life.message(until.as_deref()));
        if let Some(until) = until {
            raw.properties.insert("expires", until);
        }
        raw.severity = (severity != rule.rule.severity).then_some(severity.max(Severity::Note));
        raw.proof = Some(Proof::Structure);
        raw.secrets.push(Secret { range: signature, prefix: 0 });
        emit.raw(raw);
    }
}

/// Whether the signature still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Over,
    Running,
    /// Neither its end nor the day of the audit is known, or only one of them.
    Unknown,
}

impl Life {
    /// Dates of this form are ordered as texts are.
    fn of(until: Option<&str>, today: Option<&str>) -> Self {
        match (until, today) {
            (Some(until), Some(today)) if until < today => Self::Over,
            (Some(_), Some(_)) => Self::Running,
            _ => Self::Unknown,
        }
    }

    fn message(self, until: Option<&str>) -> String {
        match (self, until) {
            (Self::Over, Some(until)) => format!("a signed URL that expired on {until}"),
            (_, Some(until)) => format!("a signed URL that is good until {until}"),
            _ => "a signed URL that does not say until when".to_owned(),
        }
    }
}

/// A URL's query around one of its parameters, perhaps without the URL.
struct Query<'t> {
    text: &'t [u8],
    /// The URL as far as it is written in one piece.
    span: Range<usize>,
    /// Names and values, in order.
    parameters: Vec<(&'t [u8], Range<usize>)>,
}

impl<'t> Query<'t> {
    fn around(text: &'t [u8], hit: &Range<usize>) -> Self {
        let is_of_url = |byte: &&u8| byte.is_ascii_graphic() && !b"\"'<>`()|^{}".contains(byte);
        let before = &text[hit.start.saturating_sub(REACH)..hit.start];
        let start = hit.start - before.iter().rev().take_while(is_of_url).count();
        let after = &text[hit.end..text.len().min(hit.end + REACH)];
        let end = hit.end + after.iter().take_while(is_of_url).count();
        // `\u0026` is how JSON may write `&`.
        let part = &text[start..end];
        let mut parameters = Vec::new();
        let mut at = memchr::memchr(b'?', part).map_or(0, |mark| mark + 1);
        while at < part.len() && parameters.len() < 32 {
            let rest = &part[at..];
            let (len, gap) = match memchr::memchr2(b'&', b'\\', rest) {
                Some(len) if rest[len] == b'\\' => {
                    (len, if rest[len..].starts_with(b"\\u0026") { 6 } else { rest.len() - len })
                }
                Some(len) if rest[len..].starts_with(b"&amp;") => (len, 5),
                Some(len) => (len, 1),
                None => (rest.len(), 0),
            };
            if let Some(equals) = equals(&rest[..len]) {
                let value = start + at + equals + 1..start + at + len;
                parameters.push((&rest[..equals], trimmed(text, value)));
            }
            at += len + gap.max(1);
        }
        let end = parameters.last().map_or(end, |(_, value)| value.end);
        Self { text, span: start..end.max(hit.end), parameters }
    }

    /// The value of the parameter that begins here.
    fn at(&self, start: usize) -> Option<Range<usize>> {
        self.parameters
            .iter()
            .find(|(name, value)| {
                // What stands before a query without a URL (`SAS=sv=…`) belongs to the first name.
                value.start.checked_sub(name.len() + 1).is_some_and(|at| at == start)
            })
            .map(|(_, value)| value.clone())
    }

    fn get(&self, name: &str) -> Option<&'t [u8]> {
        self.parameters
            .iter()
            .find(|(known, _)| {
                known.eq_ignore_ascii_case(name.as_bytes())
                    || known.len() > name.len()
                        && known.ends_with(name.as_bytes())
                        && matches!(known[known.len() - name.len() - 1], b'=' | b':')
            })
            .map(|(_, value)| &self.text[value.clone()])
    }

    /// The day until which a signed URL of this kind holds, empty if it says none; `None` if it is no such URL.
    fn judge(&self, kind: &str, signature: &[u8]) -> Option<String> {
        match kind {
            "azure-sas" => {
                is_digest(signature).then_some(())?;
                self.get("sv").filter(|version| day(version).is_some())?;
                let expires = self.get("se");
                if expires.is_none() && self.get("si").is_none() {
                    return None;
                }
                Some(expires.and_then(day).unwrap_or_default())
            }
            "azure-logic-app" => {
                is_digest(signature).then_some(())?;
                let url = &self.text[self.span.clone()];
                let has = |part: &[u8]| memchr::memmem::find(url, part).is_some();
                (has(b"/triggers/") && has(b"/paths/invoke") && self.get("sp").is_some()).then(String::new)
            }
            "aws" => {
                (signature.len() == 64 && signature.iter().all(u8::is_ascii_hexdigit)).then_some(())?;
                Some(until(self.get("X-Amz-Date")?, self.get("X-Amz-Expires")).unwrap_or_default())
            }
            "google" => {
                (signature.len() >= 64 && signature.iter().all(u8::is_ascii_hexdigit)).then_some(())?;
                Some(until(self.get("X-Goog-Date")?, self.get("X-Goog-Expires")).unwrap_or_default())
            }
            _ => None,
        }
    }
}

/// The `=` between a name and its value: the last one that something follows, since `SAS=sv=2022-11-02` assigns a
/// query, and base64 ends with it.
fn equals(part: &[u8]) -> Option<usize> {
    let mut all = memchr::memchr_iter(b'=', part);
    let first = all.next()?;
    Some(all.rfind(|at| part.get(at + 1).is_some_and(|next| *next != b'=')).unwrap_or(first))
}

fn trimmed(text: &[u8], value: Range<usize>) -> Range<usize> {
    let len = text[value.clone()]
        .iter()
        .position(|byte| matches!(byte, b'#' | b';' | b',' | b']' | b'\\'))
        .unwrap_or(value.len());
    value.start..value.start + len
}

/// Whether it is the base64 of 32 bytes, perhaps percent-encoded.
fn is_digest(signature: &[u8]) -> bool {
    if !(43..=80).contains(&signature.len()) {
        return false;
    }
    let mut plain = Vec::with_capacity(44);
    let mut rest = signature;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let code = if byte == b'%' { after.get(..2) } else { None };
        match code.map(<[u8]>::to_ascii_uppercase).as_deref() {
            Some(b"2B") => plain.push(b'+'),
            Some(b"2F") => plain.push(b'/'),
            Some(b"3D") => plain.push(b'='),
            Some(_) => return false,
            None => plain.push(byte),
        }
        if code.is_some() {
            rest = &after[2..];
        }
    }
    decode::base64(&plain).is_some_and(|bytes| bytes.len() == 32)
}

/// The day at the beginning of a time such as `2026-01-31T00:00:00Z`, whose colons may be percent-encoded.
fn day(time: &[u8]) -> Option<String> {
    let day = time.get(..10)?;
    let fits = day.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    fits.then(|| String::from_utf8_lossy(day).into_owned())
}

/// The last day of a signature made at `20260131T120000Z` for so many seconds.
fn until(made: &[u8], seconds: Option<&[u8]>) -> Option<String> {
    let number = |text: &[u8]| -> Option<u64> { std::str::from_utf8(text).ok()?.parse().ok() };
    let digits = |range: Range<usize>| number(made.get(range)?);
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let of_day = digits(9..11)? * 3600 + digits(11..13)? * 60 + digits(13..15)?;
    let seconds = number(seconds?).filter(|&seconds| seconds <= 31_622_400)?;
    let days = days_of(year, month, day).filter(|_| day <= 31)?;
    Some(date_of(days + (of_day + seconds) / 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted() {
        for (made, seconds, expect) in [
            ("20260131T235900Z", "3600", Some("2026-02-01")),
            ("20240228T000000Z", "86400", Some("2024-02-29")),
            ("20251231T120000Z", "604800", Some("2026-01-07")),
            ("20260131T120000Z", "x", None),
            ("2026", "1", None),
            ("99999999T999999Z", "1", None),
        ] {
            let found = until(made.as_bytes(), Some(seconds.as_bytes()));
            assert_eq!(found.as_deref(), expect, "{made}");
        }
        assert_eq!(day(b"2026-01-31T00%3A00Z").as_deref(), Some("2026-01-31"));
        assert_eq!(day(b"tomorrow!!"), None);
    }

    #[test]
    fn what_is_over_is_said_to_be() {
        assert_eq!(Life::of(Some("2025-12-31"), Some("2026-01-01")), Life::Over);
        assert_eq!(Life::of(Some("2026-01-01"), Some("2026-01-01")), Life::Running);
        assert_eq!(Life::of(Some("2026-01-01"), None), Life::Unknown);
        assert_eq!(Life::of(None, Some("2026-01-01")), Life::Unknown);
    }

    #[test]
    fn queries_are_read() {
        for text in [
            "u=\"https://a.acme-shop.io/x?sv=2022-11-02&se=2027-01-01T00%3A00Z&sp=r&sig=s%3D\"",
            "sas: ?sv=2022-11-02&amp;se=2027-01-01T00:00Z&amp;sp=r&amp;sig=s%3D",
            "\"https://a/x?sv=2022-11-02\\u0026se=2027-01-01\\u0026sig=s%3D\"",
            "SAS=sv=2022-11-02&se=2027-01-01&sig=s%3D",
        ] {
            let at = text.find("sig=").expect("a hit");
            let query = Query::around(text.as_bytes(), &(at..at + 4));
            assert_eq!(query.at(at).map(|r| &text[r]), Some("s%3D"), "{text}");
            assert_eq!(query.get("sv"), Some(&b"2022-11-02"[..]), "{text}");
            assert!(query.get("se").is_some_and(|se| se.starts_with(b"2027-01-01")), "{text}");
        }
    }
}
