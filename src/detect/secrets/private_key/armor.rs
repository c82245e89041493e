//! The text around a key: BEGIN and END lines, headers, and whatever languages put between the base64 digits.

/// No block is read further, escapes and comments included. Most keys have 4 KiB; PGP's carry signatures and
/// pictures along.
const LONGEST: usize = 256 * 1024;
/// The shortest body that could be a key: an Ed25519 key in PKCS#8 has 64 characters.
const SHORTEST: usize = 40;

/// The line `-----BEGIN … PRIVATE KEY-----`.
pub(super) struct Label<'t> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// `RSA `, `EC `, `OPENSSH `, … or nothing.
    pub(super) algorithm: &'t [u8],
}

impl<'t> Label<'t> {
    /// Reads it around a hit of `PRIVATE KEY`.
    pub(super) fn around(text: &'t [u8], hit: usize) -> Option<Self> {
        const BEGIN: &[u8] = b"-----BEGIN ";
        let after = text.get(hit..)?.strip_prefix(b"PRIVATE KEY")?;
        let tail = [&b" BLOCK-----"[..], b"-----"].into_iter().find(|tail| after.starts_with(tail))?;
        let end = hit + b"PRIVATE KEY".len() + tail.len();
        let window = hit.saturating_sub(BEGIN.len() + 16);
        let start = window + memchr::memmem::rfind(&text[window..hit], BEGIN)?;
        let algorithm = &text[start + BEGIN.len()..hit];
        algorithm
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ')
            .then_some(Self { start, end, algorithm })
    }
}

/// What stands between the two labels.
pub(super) struct Block {
    /// The base64 digits, without anything between them.
    pub(super) body: Vec<u8>,
    /// Whether a header says that the body is encrypted.
    pub(super) encrypted: bool,
    /// The four digits behind a `=` at the end of PGP's armor.
    pub(super) check: Option<[u8; 4]>,
    /// Behind the END line.
    pub(super) end: usize,
}

impl Block {
    /// Reads from behind the BEGIN line to the END line. `None` if there is none, or if something stands
    /// between that is neither base64 nor what languages put around it.
    pub(super) fn read(text: &[u8], from: usize) -> Option<Self> {
        let text = &text[..text.len().min(from + LONGEST)];
        let mut body = Vec::new();
        let mut encrypted = false;
        let mut check = None;
        let mut at = from;
        let mut line_starts = false;
        let mut behind_quote = false;
        while let Some(&byte) = text.get(at) {
            let rest = &text[at..];
            match byte {
                b'\n' => line_starts = true,
                b'=' if line_starts && digits_behind(rest).is_some() => {
                    check = digits_behind(rest);
                    at += 5;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b',' | b'=' => {}
                b'"' | b'\'' | b'`' => behind_quote = true,
                b'\\' => {
                    let skipped = rest.iter().take_while(|&&b| b == b'\\').count();
                    match rest.get(skipped) {
                        Some(b'n') => line_starts = true,
                        Some(b'r' | b't' | b'"' | b'\'' | b'\n' | b'\r') => {}
                        _ => return None,
                    }
                    at += skipped;
                }
                // `"…" +` and `"…" .` put literals together.
                b'+' | b'.' if behind_quote => {}
                b'-' if rest.starts_with(b"-----END ") => {
                    let line = &rest[9..rest.len().min(9 + 48)];
                    let dashes = memchr::memmem::find(line, b"-----")?;
                    return (body.len() >= SHORTEST).then_some(Self {
                        body,
                        encrypted,
                        check,
                        end: at + 9 + dashes + 5,
                    });
                }
                _ if line_starts && margin(rest) > 0 => {
                    at += margin(rest);
                    continue;
                }
                _ if line_starts && header(rest).is_some() => {
                    let line = header(rest)?;
                    encrypted |= memchr::memmem::find(line, b"ENCRYPTED").is_some();
                    at += line.len();
                    line_starts = false;
                    continue;
                }
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                    line_starts = false;
                    behind_quote = false;
                    body.push(byte);
                }
                _ => return None,
            }
            at += 1;
        }
        None
    }
}

/// Exactly four digits of base64 behind the sign: the checksum of PGP's armor.
fn digits_behind(rest: &[u8]) -> Option<[u8; 4]> {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let (digits, after) = rest.get(1..)?.split_first_chunk::<4>()?;
    (digits.iter().all(digit) && !after.first().is_some_and(digit)).then_some(*digits)
}

/// How many bytes at a line's beginning belong to a comment's margin.
fn margin(rest: &[u8]) -> usize {
    [&b"//! "[..], b"/// ", b"// ", b"# ", b"* ", b"> ", b"| "]
        .into_iter()
        .find(|margin| rest.starts_with(margin))
        .map_or(0, <[u8]>::len)
}

/// A header line such as `Proc-Type: 4,ENCRYPTED`, up to its end (also a written-out `\n`).
fn header(rest: &[u8]) -> Option<&[u8]> {
    let window = &rest[..rest.len().min(160)];
    let end = window.iter().position(|&byte| byte == b'\n' || byte == b'\\').unwrap_or(window.len());
    let colon = memchr::memmem::find(&window[..end], b": ")?;
    window[..colon].iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-').then_some(&window[..end])
}
