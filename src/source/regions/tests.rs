use super::*;

/// In `marked`, strings stand in `‹›`, comments in `⟦⟧` and documentation in `⟨⟩`; the rest is code.
fn check(language: Language, marked: &str) {
    let text: String = marked.chars().filter(|c| !"‹›⟦⟧⟨⟩".contains(*c)).collect();
    let regions = Regions::new(language, text.as_bytes());
    let mut seen = String::new();
    let mut at = 0;
    for stretch in regions.stretches() {
        let (open, close) = match stretch.region {
            Region::Code => unreachable!("code is in no stretch"),
            Region::Comment => ('⟦', '⟧'),
            Region::Doc => ('⟨', '⟩'),
            Region::String => ('‹', '›'),
        };
        seen.push_str(&text[at..stretch.range.start]);
        seen.push(open);
        seen.push_str(&text[stretch.range.clone()]);
        seen.push(close);
        at = stretch.range.end;
    }
    seen.push_str(&text[at..]);
    assert_eq!(seen, marked, "{language}");
}

#[test]
fn rust() {
    for marked in [
        r#"f(‹"a"›); ⟦// b⟧"#,
        "a ⟦/* b /* c */ d */⟧ e",
        "⟨/// d⟩\n⟨//! d⟩\n⟦//// c⟧\n⟦// c⟧",
        "⟨/** d */⟩ ⟨/*! d */⟩ ⟦/*** c */⟧ ⟦/**/⟧",
        r##"‹r#"a"b"#› + 1"##,
        r###"‹br##"a"#b"##›;"###,
        r#"‹cr"\"› + ‹b"\""› + ‹c"x"›"#,
        r#"r#type = ‹"x"›;"#,
        r#"for‹"x"›"#,
        r"‹'a'› + ‹'\''› + ‹b'\\'› + ‹'\u{1F600}'›",
        "fn f<'a>(x: &'a str) -> &'static u8",
        "‹'é'› 'b: loop { break 'b }",
        "x == ‹'\"'› ⟦// \"⟧",
        "&'r‹\"x\"›",
        "‹\"a\\\nb\"› c",
        "‹r\"\\\"› x",
        "‹\"open›",
        "⟦/* open /* */⟧",
        "⟦#!/usr/bin/env run⟧\nfn",
        "#![allow(x)]",
        "‹'('›",
        "m!{ ' } \n ‹\"s\"›",
        "a / b ‹\"/\"›",
    ] {
        check(Language::Rust, marked);
    }
}

#[test]
fn python() {
    for marked in [
        "x = ‹'a#b'› ⟦# c⟧",
        "x = ‹\"\"\"a\n\"b\"\n\"\"\"› + 1",
        r"x = ‹rb'\''› + ‹Rb'\\'›",
        "‹f'a›{b}‹c'›",
        "‹f'a{{b}}c›{d!r:‹>›{w}}‹e'›",
        "‹f\"›{a[‹'k'›]}‹\"›",
        "‹f\"›{‹f\"›{1}‹\"›}‹\"›",
        "‹f'›{x:‹%H:%M›}‹'› + y",
        "‹f'\\N{DASH}›{x}‹'›",
        "‹rf'\\N›{x}‹'›",
        "‹f'''a\n›{x\n}‹'\n'''› + y",
        "x = ‹'open›\ny = 1",
        "⟨'''d'''⟩\nx = ‹'''s'''›",
        "⟦# c⟧\n⟨\"d\"⟩\nimport x",
        "def f():\n  ⟨'''d'''⟩\n  return ‹'s'›",
        "x = {‹'a'›:\n ‹'s'›}",
        "x: ‹'T'› = 1",
        "class A: ⟦# c⟧\n  ⟦# c⟧\n  ⟨'d'⟩\n",
        "print(‹'''a'''› ‹'#'›)",
        "x = 1 \\\n ‹'a'›",
        "‹f'›{‹'›",
        "xf‹'x'›",
        "‹t'›{a:‹=1›}‹'›",
    ] {
        check(Language::Python, marked);
    }
}

#[test]
fn javascript() {
    for marked in [
        "f(‹'a//b'›, ‹\"c\"›) ⟦// d⟧",
        "⟦/* c */⟧ ⟨/** d */⟩ ⟦/**/⟧ x",
        "‹`a›${b + ‹`c›${d}‹`›}‹e`›",
        "‹`›${ {a: 1} }‹`›",
        "x = ‹/a\"[/]b/g›; y",
        "a / b / c",
        "(a) / 2 + ‹'/'›",
        "if (a) ‹/x'/›.test(b)",
        "return ‹/'/›",
        "x = {} / 2; ‹'/'›",
        "a++ / b; ‹'x'›",
        "{ a() }\n‹/'/›.test(b)",
        "<p>Don't</p>\nf(‹'x'›)",
        "<a>http://x.y</a> ‹'z'›",
        "‹'a\\'b'› ‹\"a\\\nb\"›",
        "⟦#!/usr/bin/env node⟧\nx",
        "a.if / b; ‹'/'›",
        "‹`open ›${x",
        "x = a ⟦/* c */⟧ / b / ‹'y'›",
        "x = a[0] / 1; y = [‹/'/›]",
        "a.replace(‹/</g›, b).replace(‹/>/g›, c) + <br />",
        "f(1, ‹/>a/›); b = ‹/>{7}/g›; <a b={c} />",
    ] {
        check(Language::JavaScript, marked);
    }
    check(Language::TypeScript, "const a = b! / c; ‹'/'›");
    check(Language::TypeScript, "let a: ‹'x'› | ‹\"y\"› = f<T>(‹`z`›)");
}

#[test]
fn shell() {
    for marked in [
        "echo a#b ⟦# c⟧",
        "echo ‹'a\\'› ‹\"b\\\"c\"› ⟦#⟧",
        "echo $# ${#x} ${x#y} ⟦# c⟧",
        "echo ‹\"a ›$(echo ‹\"b\"› ⟦# c⟧\n)‹ d\"›",
        "x=‹$'it\\'s'› ⟦# c⟧",
        "cat <<EOF ⟦# c⟧\n‹# a 'b\nEOF\n›x",
        "cat <<-'E' > f\n‹ a\n\tE\n›x",
        "cat <<A <<B\n‹a\nA\nb\nB\n›x",
        "cat <<< x ⟦# c⟧",
        "echo $((1 << 2)) ⟦# c⟧",
        "echo ‹\"${x:-\"a\"} b\"› ⟦# c⟧",
        "case x in a) ;; esac ⟦# c⟧",
        "echo \\\"# x \\' ‹'y'›",
        "x=‹\"›`a ‹\"b\"› ‹'c'›`‹ d\"› ⟦# e⟧",
        "`⟦# a⟧` b ⟦# c⟧",
        "cat <<E\n‹a 'b ›$(c ‹\"d\"›)‹ e ›`f`‹\\$(g)\nE\n›h",
        "cat <<'E'\n‹a $(b)\nE\n›c ⟦# d⟧",
        "x=$(case y in a) b ;; (c) d ;; esac) ⟦# e⟧\n‹'f'›",
        "x=$(cat <<E\n‹a\nE\n›) ‹\"b\"›",
        "echo ‹\"›$(cat <<E\n‹a \"b\nE\n›)‹\"› ⟦# c⟧",
        "echo ‹\"open›",
    ] {
        check(Language::Shell, marked);
    }
}

#[test]
fn ruby() {
    for marked in [
        "⟦=begin\n'a\n=end⟧\nx = ‹'b'› ⟦# c⟧",
        "x = <<~A, ‹\"b›#{‹'c'›}‹d\"›\n‹ # 'e\n A\n›y",
        "x =~ ‹/['\"]/i› ⟦# c⟧",
        "class << self; a << b\n‹'c'›",
        "x = <<A + <<-'B'\n‹a ›#{‹\"b\"›}‹\nA\n#{c}\n  B\n›y ⟦# d⟧",
        "f(<<~a)\n‹ b \\#{c}\n a\n›d(1<<E)\n‹'f'›",
        "a = ‹%w[b [c] #{d}]› + ‹%W(e ›#{f}‹)› + ‹%i{g}›",
        "puts ‹%(it's (a) ›#{b}‹)›, ‹%q<c'd>› ⟦# e⟧",
        "a % b; ‹\"%s\"› % [‹'c'›]; a %= 2; ‹'d'›",
        "x = ‹%r{^/a/{2}'}x› ⟦# b⟧",
        "a / b / c ‹'d'›; e/f ‹'/'›; (g) / h[1] / ‹'i'›",
        "get ‹/a'b/› do; end",
        "x.empty? / 2; ‹'/'›; y ? ‹/a'/› : ‹/b\"/›",
        "inject(:/) ⟦# a⟧\ndef /(b)\n  ‹'c'›",
        "f($', $\") + ‹'a'›; x = ?' + ?\" + ?\\' + ‹'b'›",
        "x = ‹/a\n  b ›#{‹'c'›}‹ \\/ d/x› ⟦# e⟧",
        "{ a: ‹\"b›#{ {c: ‹'d'›} }‹\"› } ⟦# e⟧",
        "def `(a); end; ‹`b ›#{c}‹`› ⟦# d⟧",
        "x ⟦# a⟧\n‹__END__\n'b›",
        "x⟦#y⟧",
        "‹\"open›",
        "x = <<~A\n‹open #›",
    ] {
        check(Language::Ruby, marked);
    }
}

#[test]
fn others() {
    for (language, marked) in [
        (Language::Go, "x := ‹`a\n// b`› ⟦// c⟧"),
        (Language::Go, "c := ‹'\"'› + ‹\"/*\"›"),
        (Language::Java, "‹\"\"\"\na \"b\n\"\"\"› + ‹'c'›"),
        (Language::Kotlin, "‹\"a›${f(‹\"b\"›)}‹c\"› ⟦/* /* */ */⟧"),
        (Language::CSharp, "‹@\"a\\\"› + ‹$\"b›{c}‹{{\"› ⟨/// d⟩"),
        (Language::Cpp, "‹R\"x(a)\")x\"› 1'000 ‹'c'› ⟦// d⟧"),
        (Language::C, "#error don't\n‹'a'›"),
        (Language::Swift, "‹#\"a\"b\"#› ‹\"a›\\(f(‹\"b\"›))‹c\"›"),
        (Language::Php, "a 'b <?php ‹'c'› ⟦# d ⟧?> e's"),
        (Language::Php, "<?php $x = <<<A\n‹'a\nA› . ‹'b'›; #[C]"),
        (Language::Perl, "⟨=pod\n'a\n\n=cut⟩\n$#x; ‹'b'› ⟦# c⟧"),
        (Language::Lua, "⟦--[[ a\n]]⟧ x = ‹[=[ b ]] ]=]› ⟦-- c⟧"),
        (Language::Sql, "a = ‹'it''s'› ⟦-- b⟧\n‹$t$ ' $t$›;"),
        (Language::Css, "a { b: url(http://c) } ⟦/* d */⟧"),
        (Language::Html, "<p>it's</p>⟦<!-- a -->⟧<script>x = ‹'b'› ⟦// c⟧\n</script>"),
        (Language::Xml, "<a b='c'>⟦<!-- d -->⟧</a>"),
        (Language::Toml, "a = ‹\"#\"› ⟦# b⟧\nc = ‹'''\n'#'''› ⟦# d⟧"),
        (Language::Json, "{‹\"a\"›: 1} ⟦// b⟧"),
        (Language::Yaml, "a: it's ⟦# b⟧\nc: ‹'d # e'›\nf: x#y"),
        (Language::Ini, "⟦; a⟧\nb = c ; d"),
        (Language::Properties, "⟦! a⟧\nb = c # d"),
        (Language::Dotenv, "A=b#c ⟦# d⟧\nE=‹'f # g'›\n⟦# h⟧"),
        (Language::Dockerfile, "⟦# a⟧\nRUN b # c ‹\"d\"›"),
        (Language::Make, "a: b ⟦# c⟧\n\techo ‹'d'›"),
        (Language::Hcl, "a = ‹\"b›${c(‹\"d\"›)}‹e\"› ⟦# f⟧"),
        (Language::PowerShell, "⟦<# a #>⟧ ‹\"b`\"c\"› ⟦# d⟧"),
        (Language::Nginx, "a ‹\"b#\"› ; ⟦# c⟧"),
        (Language::Markdown, "# 'a' ⟦<!-- b -->⟧"),
        (Language::Text, "# 'a' // b"),
    ] {
        check(language, marked);
    }
}

/// Where `text` is for tests: `t` there, `.` elsewhere.
fn check_tests(text: &str, marks: &str) {
    let regions = Regions::new(Language::Rust, text.as_bytes());
    let seen: String = (0..text.len()).map(|at| if regions.in_test(at) { 't' } else { '.' }).collect();
    assert_eq!(seen, marks, "{}", text.replace('\n', "~"));
}

#[test]
fn test_items() {
    /// `T…T` stands around what must be for tests.
    fn check(text: &str) {
        let plain = text.replace(['⟦', '⟧'], "");
        let mut marks = String::new();
        let mut inside = false;
        for c in text.chars() {
            match c {
                '⟦' => inside = true,
                '⟧' => inside = false,
                c => marks.extend(std::iter::repeat_n(if inside { 't' } else { '.' }, c.len_utf8())),
            }
        }
        check_tests(&plain, &marks);
    }
    check("a(); ⟦#[cfg(test)] mod tests { fn f() { \"}\" } }⟧ fn g() {}");
    check("⟦#[test]\nfn f() -> [u8; 2] { [1, 2] }⟧\nfn g() {}");
    check("⟦#[tokio::test(flavor = \"x\")]\n#[ignore]\nasync fn f() {}⟧ fn g() {}");
    check("⟦#[cfg(any(test, feature = \"x\"))] use a::{b, c};⟧ use d;");
    check("⟦#[cfg(all(test, not(miri)))] impl<A, B> X<{ N }> for Y { fn f() {} }⟧ fn g() {}");
    check("#[cfg(not(test))] fn f() {}");
    check("#[cfg(not(any(test, x)))] fn f() {}");
    check("#[cfg(feature = \"test\")] fn f() {}");
    check("#[cfg_attr(test, derive(X))] struct A;");
    check("⟦#[cfg(test)] static X: [u8; 2] = [1, 2];⟧ fn f() {}");
    check("⟦#[cfg(test)] pub(crate) const fn f() { g(); }⟧ fn h() {}");
    check("struct A { ⟦#[cfg(test)] b: u8,⟧ c: u8 }");
    check("match x { ⟦#[cfg(test)] A => { 1 }⟧ B => 2 }");
    check("⟦#![cfg(test)]\nfn f() {}⟧");
    check("mod a ⟦{ #![cfg(test)] fn f() {} ⟧} fn g() {}");
    check("⟦#[cfg(test)] mod tests;⟧ fn f() {}");
    check("⟦#[rstest]\n#[case(1)]\nfn f(x: u8) { if x > 1 { } }⟧ fn g() {}");
    check("⟦#[bench] fn f(b: &mut B) {}⟧ fn g() {}");
    check("// #[cfg(test)]\nfn f() { \"#[test]\" }");
    check("⟦#[cfg(test)] mod open { fn f(");
    check("⟦# [ cfg ( test ) ] fn f() {}⟧ fn g() {}");
    check("⟦#[cfg(test)] fn f<A, B>(a: A, b: B) where A: X, { }⟧ fn g() {}");
    check("fn f() { ⟦#[cfg(test)] let x = if a { b } else { c };⟧ d }");
}

#[test]
fn allowances_hold_for_what_they_stand_on() {
    fn check(text: &str, expect: &[(&str, &str)]) {
        let regions = Regions::new(Language::Rust, text.as_bytes());
        let mut seen: Vec<_> = lint_allowances(text.as_bytes(), &regions)
            .into_iter()
            .map(|a| (&text[a.attribute], &text[a.scope]))
            .collect();
        seen.sort_by_key(|(attribute, _)| attribute.as_ptr());
        assert_eq!(seen, expect);
    }
    check("#![allow(a)]\nfn f() {}", &[("allow(a)", "#![allow(a)]\nfn f() {}")]);
    check(
        "#[allow(a)] fn f() { #[expect(b)] g!(1); } fn h() {}",
        &[("allow(a)", "#[allow(a)] fn f() { #[expect(b)] g!(1); }"), ("expect(b)", "#[expect(b)] g!(1);")],
    );
    check("// #[allow(a)]\nfn f() {}", &[]);
}

/// xorshift64: the same bytes on every machine.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

#[test]
fn no_input_breaks_a_masker() {
    const PIECES: &[&[u8]] = &[
        b"\"",
        b"'",
        b"`",
        b"/",
        b"*",
        b"#",
        b"\\",
        b"\n",
        b"\r\n",
        b"{",
        b"}",
        b"(",
        b")",
        b"[",
        b"]",
        b"$",
        b"<<",
        b"<<<",
        b"<?php",
        b"?>",
        b"<!--",
        b"-->",
        b"<script>",
        b"</script>",
        b"\"\"\"",
        b"'''",
        b"r#\"",
        b"\"#",
        b"f'",
        b"rb\"",
        b"${",
        b"#{",
        b"\\(",
        b"$(",
        b"((",
        b"))",
        b"EOF",
        b"=begin",
        b"=end",
        b"=pod",
        b"=cut",
        b"--[[",
        b"]]",
        b"R\"x(",
        b")x\"",
        b"@\"",
        b"$\"",
        b"#[",
        b"#![",
        b"cfg(test)",
        b"allow(",
        b"test",
        b"fn f",
        b";",
        b",",
        b":",
        b"=",
        b"-",
        b" ",
        b"\t",
        b"a",
        b"b",
        b"r",
        b"if",
        b"return",
        b"\xc3\xa9",
        b"\xf0\x9f",
        b"\xff",
        b"\0",
        b"\xef\xbb\xbf",
        b"\\N{",
        b"0x1'",
        b"//",
        b"/*",
        b"*/",
        b"///",
        b"~",
        b"<-",
        b"|",
    ];
    let mut next = noise(0x5eed);
    for round in 0..400 {
        let mut text = Vec::new();
        for _ in 0..next() % 60 {
            if round % 3 == 0 {
                text.push(next() as u8);
            } else {
                text.extend_from_slice(PIECES[next() as usize % PIECES.len()]);
            }
        }
        for &language in Language::ALL {
            // Every beginning of the text too: each may stop inside anything.
            for end in [text.len(), next() as usize % (text.len() + 1)] {
                let text = &text[..end];
                let regions = Regions::new(language, text);
                let mut last = 0;
                for stretch in regions.stretches() {
                    assert!(stretch.range.start >= last && stretch.range.start < stretch.range.end);
                    last = stretch.range.end;
                }
                assert!(last <= text.len(), "{language}: {text:?}");
                let mut last = 0;
                for range in regions.tests() {
                    assert!(range.start >= last && range.start < range.end && range.end <= text.len());
                    last = range.end;
                }
                for allowance in lint_allowances(text, &regions) {
                    assert!(allowance.scope.end <= text.len() && allowance.attribute.end <= text.len());
                }
            }
        }
    }
}

/// Texts made to be read again and again from each of their places.
#[test]
fn no_input_takes_more_than_linear_time() {
    let repeated: &[&[u8]] = &[
        b"'\\",
        b"'",
        b"\"\\",
        b"\"",
        b"/",
        b"=/",
        b"/[",
        b"`${",
        b"f'{",
        b"f'{x:{",
        b"r#",
        b"#\"",
        b"'(",
        b"/*",
        b"<<A ",
        b"<<-A\n",
        b"<?",
        b"<script>",
        b"#[",
        b"#[test]",
        b"#[test] pub(",
        b"#[test]{",
        b"#![allow(a)]",
        b"# ",
        b"$(",
        b"((",
        b"\"$(",
        b"\"${",
        b"R\"",
        b"$a",
        b"[=",
        b"--[=",
        b"#[allow(a)]mod a{",
        b" '",
        b"\n'",
        b"0'",
        b"=\n",
        b"<!--",
        b"\"\n",
        b"}",
        b"'''",
        b"\"\"\"\\",
        b"{/**/",
        b"//\n",
    ];
    let started = std::time::Instant::now();
    for piece in repeated {
        let text = piece.repeat(40_000 / piece.len());
        for &language in Language::ALL {
            let regions = Regions::new(language, &text);
            lint_allowances(&text, &regions);
        }
    }
    // Quadratic behaviour would take 40,000² steps for each of them: minutes together.
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
