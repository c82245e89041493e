//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod assignment;
mod credential;
mod decode;
mod docker_auth;
mod dummy;
mod judge;
mod jwt;
mod keyed;
pub mod known;
mod kubeconfig;
mod kubernetes_secret;
mod name;
mod named;
mod negative;
mod npm_auth;
mod placeholder;
mod private_key;
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
    &url_password::UrlPasswords,
    &credential::Credentials,
    &weak::WeakSigningKeys,
    &weak::DefaultPasswords,
    &keyed::Keyed,
    &jwt::Jwt,
    &docker_auth::DockerAuths,
    &docker_auth::DockerConfigSecrets,
    &kubeconfig::ClientKeys,
    &kubeconfig::UserTokens,
    &kubernetes_secret::SecretData,
    &npm_auth::NpmAuth,
];
