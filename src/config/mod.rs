//! This room: `prodcheck.toml`, the manifests' metadata and what was typed, resolved into `Settings`.
//! May touch: `model`, `rules`. Texts come in.
//! Never: I/O, the environment, scanning.

mod date;
mod depth;
mod error;
mod file;
mod ratchet;
mod read;
mod settings;
mod size;
mod suggest;

pub use error::ConfigError;
pub use file::{ConfigFile, ConfigText, ConfigTexts, OwnRules};
pub use ratchet::ConfiguredRatchet;
pub use read::read;
pub use settings::{Advisories, AskCargo, ConfiguredAllow, Flags, Settings, Unchecked, resolve};
pub use size::{MAX_FILE_SIZE, parse_size};
