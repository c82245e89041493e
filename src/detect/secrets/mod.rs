//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod assignment;
mod checked;
mod credential;
mod decode;
mod dummy;
mod facts;
mod jwt;
mod keyed;
mod placeholder;
mod private_key;
mod published;
pub mod randomness;
mod standing;
pub(super) mod token;
mod url_password;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &token::Tokens,
    &private_key::PrivateKeys,
    &private_key::KeyFiles,
    &private_key::JsonWebKeys,
    &checked::Checked,
    &url_password::UrlPasswords,
    &credential::Credentials,
    &keyed::Keyed,
    &jwt::Jwt,
];
