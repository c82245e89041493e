//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod alphabet;
mod assignment;
mod basic_auth;
mod checked;
mod command_line;
mod connection_string;
mod credential;
mod credential_call;
mod credential_file;
mod decode;
mod docker_auth;
mod dummy;
mod facts;
mod forms;
mod host;
mod identifier;
mod illustration;
mod jaas;
mod jdbc;
mod judge;
mod jwt;
mod key_call;
mod key_values;
pub mod known;
mod kubeconfig;
mod kubernetes_secret;
mod last_name;
mod listed;
mod literals;
mod marked_value;
mod name;
mod named;
mod negative;
mod netrc;
mod npm_auth;
mod password_hash;
mod placeholder;
mod private_key;
mod published;
pub mod randomness;
mod regular;
mod service_account;
mod shell_words;
mod signed_url;
mod sql_password;
mod standing;
mod tfstate;
pub(super) mod token;
mod url_password;
mod verdicts;
mod weak;
mod weak_default;
pub mod words;
mod written;

pub(super) use last_name::LastName;

/// Whether the name of a variable promises a secret: a password, or what a machine makes.
pub(super) fn names_a_secret(name: &[u8]) -> bool {
    name::Noun::of(name).is_some_and(|noun| !noun.is_material())
}

/// Whether what a variable of such a name is given is a secret, or what people write for one: no reference, no
/// placeholder, no path.
pub(super) fn stands_for_a_secret(name: &[u8], text: &[u8]) -> bool {
    let Some(noun) = name::Noun::of(name).filter(|noun| !noun.is_material()) else { return false };
    let how = assignment::How::Assigned;
    let value = judge::Value { noun, name, text, quoted: true, mixed: false, how, around: [b"", b""] };
    matches!(
        judge::judge(&value),
        judge::Verdict::Random
            | judge::Verdict::Chosen
            | judge::Verdict::Word
            | judge::Verdict::Not(negative::Negative::Default)
    )
}
pub use token::PUBLIC;

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
    &jwt::Jwt,
    &docker_auth::DockerAuths,
    &docker_auth::DockerConfigSecrets,
    &kubeconfig::ClientKeys,
    &kubeconfig::UserTokens,
    &kubernetes_secret::SecretData,
    &npm_auth::NpmAuth,
    &connection_string::ConnectionStrings,
    &weak_default::WeakDefaults,
    &service_account::ServiceAccounts,
    &signed_url::SignedUrls,
    &basic_auth::BasicAuth,
    &basic_auth::AuthHeaders,
    &command_line::CommandLines,
    &credential_call::CredentialCalls,
    &key_call::KeyCalls,
    &sql_password::SqlPasswords,
    &jdbc::JdbcUrls,
    &jaas::LoginModules,
    &credential_file::CredentialFiles,
    &netrc::LoginFiles,
    &marked_value::MarkedValues,
    &password_hash::PasswordHashes,
    &tfstate::TerraformStates,
];
