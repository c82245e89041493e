//! This room: how secrets are found (vendors' tokens, private keys, credentials in URLs and assignments).
//! May touch: `model`, `rules`, `source`.
//! Never: the file system, the network; a secret in a message.

mod dummy;
mod standing;
pub(super) mod token;

use super::Detector;

pub(super) const DETECTORS: &[&dyn Detector] = &[&token::Tokens];
