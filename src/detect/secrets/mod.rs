//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod assignment;
mod checked;
mod credential;
mod decode;
mod dummy;
mod facts;
mod judge;
mod jwt;
mod keyed;
pub mod known;
mod name;
mod named;
mod negative;
mod placeholder;
mod private_key;
mod published;
pub mod randomness;
mod regular;
mod standing;
pub(super) mod token;
mod url_password;
mod weak;
pub mod words;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[
    &token::Tokens,
    &private_key::PrivateKeys,
    &private_key::KeyFiles,
    &private_key::JsonWebKeys,
    &checked::Checked,
    &url_password::UrlPasswords,
    &credential::Credentials,
    &weak::WeakSigningKeys,
    &weak::DefaultPasswords,
    &keyed::Keyed,
    &jwt::Jwt,
];
