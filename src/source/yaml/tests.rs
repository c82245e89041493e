use super::*;
use crate::source::{DEPTH_MAX, ParseProblemKind};

/// The tree in one line: scalars as the source has them, and what they decode to where that differs.
fn outline(bytes: &[u8], node: YamlNode, depth: usize) -> String {
    let source = String::from_utf8_lossy(&bytes[node.span()]).into_owned();
    let tag = node.tag().map(|tag| format!("<{tag}>")).unwrap_or_default();
    if node.is_alias() {
        return format!("{tag}{source}");
    }
    let inner = |node| if depth > 8 { "…".to_owned() } else { outline(bytes, node, depth + 1) };
    if let (Some(text), Some(_)) = (node.as_str(), node.style()) {
        let same = text == source;
        return if same { format!("{tag}{source}") } else { format!("{tag}{source:?}={text:?}") };
    }
    let members: Vec<String> =
        node.members().map(|(key, value)| format!("{}: {}", inner(key), inner(value))).collect();
    if members.is_empty() {
        let elements: Vec<String> = node.elements().map(inner).collect();
        return format!("{tag}[{}]", elements.join(", "));
    }
    format!("{tag}{{{}}}", members.join(", "))
}

#[track_caller]
fn check(text: &str, expect: &[&str]) {
    let documents = parse_yaml(text.as_bytes()).expect("valid");
    let found: Vec<String> = documents.roots().map(|root| outline(text.as_bytes(), root, 0)).collect();
    assert_eq!(found, expect, "{text:?}");
    for node in (0..documents.nodes.len() as u32).map(|at| documents.node(at)) {
        assert!(text.get(node.span()).is_some(), "{node:?}");
        if let (Some(decoded), false) = (node.as_str(), node.is_alias()) {
            let positions = node.positions(text.as_bytes());
            let mut before = node.span().start;
            for (at, c) in decoded.char_indices() {
                let source = positions.source(at..at + c.len_utf8());
                assert!(before <= source.end && source.end <= node.span().end, "{node:?} {at} {source:?}");
                if !c.is_whitespace() && text.as_bytes()[source.start] != b'\\' {
                    assert_eq!(text[source.clone()].chars().next(), Some(c), "{node:?} {at} {source:?}");
                }
                before = source.start;
            }
        }
        let inner = documents.at(node.span().start);
        assert!(
            node.span().is_empty() || inner.is_some_and(|n| node.span().start <= n.span().start),
            "{node:?}"
        );
    }
}

#[test]
fn scalars_of_every_style_know_their_bytes() {
    check("a: b c # x\n", &["{a: b c}"]);
    check("'it''s': \"q\\n\\u0041\" # x\n", &[r#"{"'it''s'"="it's": "\"q\\n\\u0041\""="q\nA"}"#]);
    check(
        "a: \"x\n  y\\\n  z\"\nb: p q\n  r\n\n  s\n",
        &[r#"{a: "\"x\n  y\\\n  z\""="x yz", b: "p q\n  r\n\n  s"="p q r\ns"}"#],
    );
    check("a:\nb: ''\nc: ~\n", &[r#"{a: , b: "''"="", c: ~}"#]);
    check("a: yes\nb: on\nc: 0o17\nd: 012\ne: null\n", &["{a: yes, b: on, c: 0o17, d: 012, e: null}"]);
    check("ä: ö # ü\nß: \"é\"\n", &[r#"{ä: ö, ß: "\"é\""="é"}"#]);
}

#[test]
fn block_scalars_are_their_lines() {
    check("a: |\n  x\n   y\n\n  z\nb: 1\n", &[r#"{a: "x\n   y\n\n  z"="x\n y\n\nz\n", b: 1}"#]);
    check("a: |2-\n   x\n  y\n\n# c\nb: 1", &[r#"{a: " x\n  y"=" x\ny", b: 1}"#]);
    check(
        "a: |+\n  x\n\nb: >\n  p\n  q\n\n  r\n    s\n  t\n",
        &[r#"{a: "x"="x\n\n", b: "p\n  q\n\n  r\n    s\n  t"="p q\nr\n  s\nt\n"}"#],
    );
    check("a: >-\n\n  x\n # c\n", &[r#"{a: "x"="\nx"}"#]);
    check("a: |\nb: |\n\n", &["{a: , b: }"]);
    check("- |\r\n  one\r\n  two\r\n- x\r\n", &[r#"[["one\r\n  two"="one\ntwo\n", x]"#].map(|s| &s[1..]));
}

#[test]
fn documents_and_collections() {
    check("---\na: 1\n...\n---\n- x\n--- y\n---\n", &["{a: 1}", "[x]", "y", ""]);
    check("\u{feff}a: [1, {x: y, 'z'}, ]\n", &["{a: [1, {x: y, \"'z'\"=\"z\": }]}"]);
    check("a: 1\na: 2\n? b\n: - c\n  -\n  - d\n", &["{a: 1, a: 2, b: [c, , d]}"]);
    check(
        "{\"a\": {\"b\": [true, null, 1.5]}, \"c\": \"\"}",
        &[r#"{"\"a\""="a": {"\"b\""="b": [true, null, 1.5]}, "\"c\""="c": "\"\""=""}"#],
    );
    check("", &[]);
    check("# nothing\n", &[]);
}

#[test]
fn anchors_tags_and_aliases() {
    check(
        "a: &x 1\nb: *x\nc: !!str 2\nd: !vault |\n  k\n",
        &["{a: 1, b: *x, c: <tag:yaml.org,2002:str>2, d: <!vault>\"k\"=\"k\\n\"}"],
    );
    check("a: &x # c\n  b: 1\nc: !t &y [1]\nd: &z\n", &["{a: {b: 1}, c: <!t>[1], d: }"]);
    check("&a a: &b {c: *b, d: [*a]}\n", &["{a: {c: *b, d: [*a]}}"]);
    let text = b"base: &base {user: app, port: 1}\nmore: &more {port: 2, host: h}\n\
        x:\n  <<: [*base, *more]\n  user: me\ny: {<<: *more}\nz: &z {<<: *z}\n";
    let documents = parse_yaml(text).expect("valid");
    let root = documents.roots().next().expect("one");
    let value =
        |mapping: &str, key: &str| root.get(mapping).and_then(|m| m.lookup(key)).and_then(YamlNode::as_str);
    assert_eq!(value("x", "user"), Some("me"));
    assert_eq!(value("x", "port"), Some("1"));
    assert_eq!(value("x", "host"), Some("h"));
    assert_eq!(value("y", "host"), Some("h"));
    assert_eq!(value("z", "host"), None);
    assert_eq!(root.get("x").and_then(|x| x.get("port")).map(YamlNode::span), None);
}

#[test]
fn nodes_are_found_by_their_bytes() {
    let text = "a:\n  - b: c\n    d: e\n  - f\n";
    let documents = parse_yaml(text.as_bytes()).expect("valid");
    let at = |what: &str| documents.at(text.find(what).expect("is there")).expect("a node");
    assert_eq!(at("e").as_str(), Some("e"));
    let mapping = at("e").parent().expect("a mapping");
    assert_eq!(&text[mapping.span()], "b: c\n    d: e");
    assert_eq!(mapping.parent().map(|list| list.elements().len()), Some(2));
    assert_eq!(documents.at(2).map(|n| n.members().len()), Some(1));
    assert_eq!(documents.at(500), None);
}

#[test]
fn decoded_text_leads_back() {
    let text = "a: |\n    {\n      \"k\": 1\n    }\n";
    let documents = parse_yaml(text.as_bytes()).expect("valid");
    let node = documents.roots().next().and_then(|r| r.get("a")).expect("is there");
    let decoded = node.as_str().expect("a scalar");
    let at = decoded.find("\"k\"").expect("is there");
    let source = node.positions(text.as_bytes()).source(at..at + 3);
    assert_eq!(&text[source], "\"k\"");
}

#[track_caller]
fn check_problem(bytes: &[u8], kind: ParseProblemKind, message: &str) {
    let problem = parse_yaml(bytes).expect_err("is broken");
    assert_eq!(
        (problem.kind, problem.message.as_str()),
        (kind, message),
        "{}",
        String::from_utf8_lossy(bytes)
    );
    let span = problem.span.expect("a place");
    assert!(span.start <= span.end && span.end <= bytes.len(), "{span:?}");
    if kind == ParseProblemKind::Template {
        assert_eq!(bytes[span.start], b'{');
    }
}

#[test]
fn problems_have_a_place_and_no_text_of_the_file() {
    let broken = |bytes: &[u8], message| check_problem(bytes, ParseProblemKind::Broken, message);
    broken(b"a: b: hunter2", "the file is not valid YAML");
    broken("\u{feff}ä: [1".as_bytes(), "the file is not valid YAML");
    broken(b"a: *nobody", "the file is not valid YAML");
    broken(b"a: '\xff'", "the file is not UTF-8");
    broken(b"a: \0", "the file is not valid YAML");
    for deep in ["[", "{a: ", "- ", "? ", "[{"] {
        broken(deep.repeat(5_000).as_bytes(), "nested deeper than 128 levels");
    }
    let deep: Vec<String> = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    broken(deep.concat().as_bytes(), "nested deeper than 128 levels");
    let most = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert!(parse_yaml(most.as_bytes()).is_ok());
    broken("-\n".repeat(500_001).as_bytes(), "more than 500000 values");
    broken(
        format!("%TAG ! {}\n---\n!a b\n", "x".repeat(9_000)).as_bytes(),
        "a tag's prefix is longer than 256 bytes",
    );
}

#[test]
fn templates_are_named_and_never_half_read() {
    let template = |text: &str| {
        check_problem(
            text.as_bytes(),
            ParseProblemKind::Template,
            "the file is a template and was not analysed",
        );
    };
    template("a: {{ .Values.a }}\n");
    template("\u{feff}{{- if .Values.a }}\na: b\n{{- end }}\n");
    template("a: b\n  {{ if x }}\nc: d\n");
    template("- {{ a }}\n");
    template("{% for x in y %}\n- a\n{% endfor %}\n");
    template("a: {{ b }}-c\n");
    // Text like any other.
    check("a: x-{{ b }}\n", &["{a: x-{{ b }}}"]);
    check("a: ${{ secrets.B }}\n", &["{a: ${{ secrets.B }}}"]);
    check("a: '{{ b }}' # {{ c }}\n", &["{a: \"'{{ b }}'\"=\"{{ b }}\"}"]);
    check("a: |\n  {{ b }}\n", &[r#"{a: "{{ b }}"="{{ b }}\n"}"#]);
}

/// Whatever there is very much of: the time grows with it, and nothing overflows. The test would not end.
#[test]
fn much_of_one_thing_takes_its_time_and_no_more() {
    for unit in [
        "a: b\n",
        "- ",
        "[a, ",
        "- &a b\n- *a\n",
        "a: |\n x\n",
        "\"a\\u0041\": 'b'\n",
        "# c\n",
        "---\n",
        "\n",
        "é: é\n",
        "!t a: b\n",
        "[{a: [b]}], ",
        "<<: *a\n",
        "- a\n  b\n",
        "? a\n: b\n",
        "{a: {b: c}}\n---\n",
        "- - - a\n",
        "%TAG ! x\n",
    ] {
        let _ = parse_yaml(unit.repeat(4_000).as_bytes());
        let _ = parse_yaml(format!("[{}", unit.repeat(4_000)).as_bytes());
        let _ = parse_yaml(format!("a: &a b\nb: |\n {}", unit.repeat(4_000)).as_bytes());
    }
    // Each line stands for ten of the line before.
    let laughs: String = (0..60).fold("a0: &a0 x\n".to_owned(), |text, level| {
        let next = level + 1;
        format!("{text}a{next}: &a{next} [{}]\n", vec![format!("*a{level}"); 10].join(", "))
    });
    assert!(parse_yaml(laughs.as_bytes()).is_ok_and(|documents| documents.nodes.len() < 1_000));
}
