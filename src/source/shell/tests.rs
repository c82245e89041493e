use super::*;

fn words_of(text: &str, dialect: ShellDialect) -> Vec<Vec<String>> {
    let commands = shell_commands(text.as_bytes(), 0..text.len(), dialect);
    for word in commands.iter().flat_map(|c| c.words.iter().chain(&c.assignments)) {
        assert!(word.span.end <= text.len(), "{text}");
    }
    commands.into_iter().map(|c| c.words.into_iter().map(|w| w.text).collect()).collect()
}

#[track_caller]
fn check(text: &str, expect: &[&[&str]]) {
    assert_eq!(words_of(text, ShellDialect::Script), expect, "{text}");
}

#[test]
fn commands_are_told_apart() {
    check("a b && c; d || e\nf & g", &[&["a", "b"], &["c"], &["d"], &["e"], &["f"], &["g"]]);
    check("if a; then b; fi", &[&["a"], &["b"]]);
    check("( a; b ) # c\n{ d; }", &[&["a"], &["b"], &["d"]]);
    check("a \\\n  b", &[&["a", "b"]]);
    check("f() { a; }", &[&["f"], &["a"]]);
    check("case $x in y) a ;; esac", &[&["case", "$x", "in", "y"], &["a"]]);
}

#[test]
fn words_lose_their_quotes_and_keep_what_is_expanded() {
    check("a 'b c' \"d $e\" f\\ g h\"i\"'j'", &[&["a", "b c", "d $e", "f g", "hij"]]);
    check("a ${b:-c d} ${{ e.f }} $((1 + 2)) $", &[&["a", "${b:-c d}", "${{ e.f }}", "$((1 + 2))", "$"]]);
    let command = &shell_commands(b"x \"a\" $b", 0..8, ShellDialect::Script)[0];
    assert_eq!((command.words[1].span.clone(), command.words[1].is_literal), (2..5, true));
    assert!(!command.words[2].is_literal);
}

#[test]
fn redirections_and_here_documents_are_no_words() {
    check("a > b 2>&1 &> c < d", &[&["a"]]);
    check("cat <<EOF >x\nrm -rf /\nEOF\nb", &[&["cat"], &["b"]]);
    check("cat <<-'E F'\n\tx y\n\tE F\nb", &[&["cat"], &["b"]]);
    check("a <<< b c", &[&["a", "c"]]);
    check("((x = 1 << 3))\nb", &[&["b"]]);
    check("for ((i = 1 << 2; i; i--)); do b; done", &[&["for"], &["b"]]);
    check("((a); b)\nc", &[&["a"], &["b"], &["c"]]);
}

#[test]
fn pipes_and_substitutions_are_known() {
    let text = "curl u | sudo sh -s; sh -c \"$(wget v)\"; bash <(curl w) `x`";
    let commands = shell_commands(text.as_bytes(), 0..text.len(), ShellDialect::Script);
    let found: Vec<_> = commands.iter().map(|c| (c.program().unwrap_or(""), c.is_piped, c.inside)).collect();
    assert_eq!(
        found,
        [
            ("curl", true, None),
            ("sh", false, None),
            ("sh", false, None),
            ("wget", false, Some(2)),
            ("bash", false, None),
            ("curl", false, Some(4)),
            ("x", false, Some(4)),
        ]
    );
    assert_eq!(&text[commands[1].span.clone()], "sudo sh -s");
}

#[test]
fn assignments_and_wrappers_are_no_program() {
    let text = "A=b C='d e' sudo -E -u x env F=g timeout -k 5 30s /usr/bin/pip install y";
    let commands = shell_commands(text.as_bytes(), 0..text.len(), ShellDialect::Script);
    assert_eq!(commands[0].assignments.len(), 2);
    assert_eq!(commands[0].program(), Some("pip"));
    assert_eq!(commands[0].essence().len(), 3);
}

#[test]
fn dockerfiles_have_comments_between_lines() {
    let docker = ShellDialect::Dockerfile { escape: b'\\' };
    assert_eq!(words_of("a && \\\n# c\n\n  b \\  \n d", docker), [vec!["a"], vec!["b", "d"]]);
    assert_eq!(words_of("a `\n b", ShellDialect::Dockerfile { escape: b'`' }), [["a", "b"]]);
}

#[test]
fn hostile_text_is_read_in_one_go() {
    for unit in ["$(", "`", "\"$(", "<(", "${", "'", "\"", "(", "<<a ", "{", "\\\n", "$((", "|", "&>"] {
        let text = unit.repeat(20_000);
        let _ = words_of(&text, ShellDialect::Script);
        let _ = words_of(&text, ShellDialect::Dockerfile { escape: b'\\' });
    }
}
