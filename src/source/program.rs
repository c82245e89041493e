use memchr::memmem;

use crate::model::Language;

/// How much of a file is searched for what makes a program of it.
const HEAD: usize = 256 << 10;

/// Whether a file outside of Cargo's packages is a program that somebody starts: it has a `#!` line or an entry point, or
/// imports what reads a command line. Such a file may print.
pub fn is_program(language: Language, bytes: &[u8]) -> bool {
    let marks: &[&[u8]] = match language {
        Language::Python => &[
            b"__name__ == \"__main__\"",
            b"__name__ == '__main__'",
            b"import argparse",
            b"import click",
            b"import typer",
            b"import optparse",
            b"import fire",
            b"from argparse ",
            b"from click ",
            b"from typer ",
            b"from docopt ",
            b"from rich.console ",
            b"BaseCommand",
        ],
        Language::JavaScript | Language::TypeScript => &[
            b"require.main === module",
            b"import.meta.main",
            b"process.argv",
            b"'commander'",
            b"\"commander\"",
            b"'yargs'",
            b"\"yargs\"",
            b"\"@oclif/core\"",
            b"'@oclif/core'",
            b"parseArgs(",
        ],
        Language::Go => &[b"\npackage main", b"spf13/cobra\"", b"urfave/cli"],
        Language::Java => &[b"public static void main(", b"picocli."],
        Language::Kotlin => &[b"fun main("],
        Language::Scala => &[b"def main(", b"extends App", b"@main"],
        Language::CSharp => &[
            b"static void Main(",
            b"static int Main(",
            b"static async Task Main(",
            b"static async Task<int> Main(",
        ],
        Language::Ruby => &[b"OptionParser", b"< Thor", b"$PROGRAM_NAME", b"__FILE__ == $0", b"ARGV"],
        Language::Php => &[b"extends Command", b"$argv", b"PHP_SAPI"],
        _ => return false,
    };
    let head = &bytes[..bytes.len().min(HEAD)];
    head.starts_with(b"#!")
        || language == Language::Go && head.starts_with(b"package main")
        || marks.iter().any(|mark| memmem::find(head, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_what_starts_them() {
        let check = |language, text: &str, expect| {
            assert_eq!(is_program(language, text.as_bytes()), expect, "{text}");
        };
        check(Language::Python, "#!/usr/bin/env python3\n", true);
        check(Language::Python, "import os\nif __name__ == '__main__':\n    f()\n", true);
        check(Language::Python, "import os\ndef f(): pass\n", false);
        check(Language::Go, "package main\n", true);
        check(Language::Go, "package a\n", false);
        check(Language::JavaScript, "const y = require('yargs');", true);
        check(Language::JavaScript, "export const y = 1;", false);
        check(Language::Toml, "#!/bin/sh", false);
    }
}
