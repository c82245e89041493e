//! Cargo's own configuration and rustup's toolchain file, as far as they name programs that run.

mod files;
mod program;
mod read;

pub use files::{
    config_files, configs_from, is_cargo_config, is_toolchain_file, missing_includes, too_many_includes,
};
pub use program::{Origin, Program, Role};
pub use read::{CargoConfig, Include, read_config, read_toolchain};
