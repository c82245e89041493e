//! `cargo prodcheck`.

use std::process::ExitCode;

fn main() -> ExitCode {
    prodcheck::cli::main()
}
