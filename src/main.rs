//! `cargo prodcheck`.

fn main() {}
