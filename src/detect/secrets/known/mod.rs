//! Values that look like secrets and have another name: digests, ids, certificates, encrypted text, images.
//!
//! What they are is read from their form, and where the form is that of a key as well (40 hex digits), from
//! their name and from what stands around them on the line. Never from the path of the file.

mod binary;
mod context;
mod form;

use super::words;

/// What a value is, if it is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Known {
    /// `8-4-4-4-12` hex digits. Some vendors' keys are UUIDs: rules about these come first.
    Uuid,
    /// The id of a commit or another object of Git.
    GitId,
    /// A digest in hex or base64.
    Digest,
    /// Subresource integrity: `sha512-…`.
    Sri,
    /// A digest of a lock file with its own form: `h1:…`.
    LockHash,
    /// An image in base64, or a `data:` URL.
    Base64Image,
    /// A certificate, or a request for one.
    Certificate,
    /// A public key.
    PublicKey,
    /// The fingerprint of a key or a certificate.
    Fingerprint,
    /// A font, a program, an archive in base64.
    Base64File,
    /// Encrypted text: of no use without a key that stands elsewhere.
    Encrypted,
    /// A password's hash, salted.
    PasswordHash,
    /// A version, or a range of versions.
    Version,
    /// A date, a time, a duration.
    Date,
    /// A path of files.
    Path,
    /// A URL without a password, and without a random part.
    Url,
    /// The name of a host, or an address.
    HostName,
    /// An address of mail.
    Email,
    /// `application/json`.
    MimeType,
    /// `#1f2e3d`, or several of them.
    Color,
    /// A number of any base, with or without a unit.
    Number,
    /// Numbers with commas or other marks between them.
    NumberList,
    /// `en-US`.
    Locale,
    /// A name as in source code.
    Identifier,
}

/// No shorter value is known by what stands around it.
pub(super) const SHORTEST_OF_CONTEXT: usize = 22;

/// What a value is by its form and its place; `None` if it may be a secret.
///
/// `name` is what it is given to, with the names around it if they are known (`integrity`,
/// `dist.shasum`); `before` is what stands left of it on its line, up to 64 bytes, and `after` what stands
/// right of it. All may be empty.
///
/// ```text
/// kind_of(value, b"rev", b"rev = \"", b"\"")
/// ```
pub fn kind_of(value: &[u8], name: &[u8], before: &[u8], after: &[u8]) -> Option<Known> {
    let before = &before[before.len().saturating_sub(64)..];
    form::marked(value)
        .or_else(|| binary::kind_of(value))
        .or_else(|| form::uuid(value).then_some(Known::Uuid))
        .or_else(|| context::digest(value, name, before, after))
        .or_else(|| form::plain(value))
        .or_else(|| words::is_identifier_like(value).then_some(Known::Identifier))
}

#[cfg(test)]
mod tests;
