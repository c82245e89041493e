//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod assignment;
mod credential;
mod decode;
mod dummy;
mod jwt;
mod keyed;
pub mod known;
mod placeholder;
mod private_key;
pub mod randomness;
mod regular;
mod standing;
pub(super) mod token;
mod url_password;
pub mod words;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &token::Tokens,
    &private_key::PrivateKeys,
    &url_password::UrlPasswords,
    &credential::Credentials,
    &keyed::Keyed,
    &jwt::Jwt,
];
