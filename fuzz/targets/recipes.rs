//! Shell text, HCL, INI files, nginx and names of images.
#![no_main]

use libfuzzer_sys::fuzz_target;
use prodcheck::source::{
    GithubUse, ImageReference, ShellDialect, compose_image, parse_hcl, parse_ini, parse_nginx, shell_commands,
};

fuzz_target!(|data: &[u8]| {
    for dialect in [ShellDialect::Script, ShellDialect::Dockerfile { escape: b'`' }] {
        let commands = shell_commands(data, 0..data.len(), dialect);
        for command in &commands {
            assert!(command.span.start <= command.span.end && command.span.end <= data.len());
            assert!(command.inside.is_none_or(|outer| outer < commands.len()));
            for word in command.assignments.iter().chain(&command.words) {
                assert!(word.span.start <= word.span.end && word.span.end <= data.len());
            }
        }
    }
    let _ = parse_hcl(data);
    for directive in parse_nginx(data) {
        assert!(directive.span.start <= directive.span.end && directive.span.end <= data.len());
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    for (line, span) in parse_ini(text).into_iter().flat_map(|entry| entry.lines) {
        assert_eq!(&text[span], line);
    }
    let _ = (ImageReference::parse(text), GithubUse::parse(text), compose_image(text));
});
