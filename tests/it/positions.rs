//! Whatever a file is written with (letters of several bytes, CRLF, tabs, anchors, blocks), the bytes at the span of a
//! value are its source. Files are put together at random, each value with the source that it must be found at.

use std::fmt::Write as _;

use prodcheck::source::{
    YamlNode, parse_dockerfile, parse_dotenv, parse_hcl, parse_json, parse_nginx, parse_yaml,
};

/// Numbers that are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// Words of one to four bytes a letter, with blanks or tabs between.
    fn words(&mut self, between: &[&str]) -> String {
        const PARTS: &[&str] = &["a", "é", "ß9", "日本", "🦀x", "b-c", "d/e", "𝄞", "Ω_1", "z.z"];
        let mut text = self.one(PARTS).to_owned();
        for _ in 0..self.below(4) {
            text += self.one(between);
            text += self.one(PARTS);
        }
        text
    }
}

/// A value: its source without what stands around it, and what it means.
struct Value {
    /// What stands in front of the source on the same line: anchor, tag, header of a block.
    before: String,
    source: String,
    decoded: String,
    is_block: bool,
}

fn value(dice: &mut Dice, eol: &str, indent: &str, anchor: usize) -> Value {
    let anchors = [String::new(), format!("&a{anchor} "), "!t ".to_owned(), format!("!t &a{anchor}\t")];
    let mut before = anchors[dice.below(anchors.len())].clone();
    let text = dice.words(&[" ", "\t", "  "]);
    match dice.below(6) {
        0 => {
            let source = format!("'{}''{text}'", dice.words(&[" "]));
            let decoded = source[1..source.len() - 1].replace("''", "'");
            Value { before, source, decoded, is_block: false }
        }
        1 => {
            let source = format!("\"{text}\\\"\\n\\u00e9\\x41\"");
            Value { before, decoded: format!("{text}\"\néA"), source, is_block: false }
        }
        2 | 3 => {
            let is_folded = dice.below(2) == 0;
            let chomp = dice.one(&["", "-", "+"]);
            let _ = write!(before, "{}{chomp}{eol}{indent}", if is_folded { ">" } else { "|" });
            let lines: Vec<String> = (0..=dice.below(3)).map(|_| dice.words(&[" ", "\t"])).collect();
            let end = if chomp == "-" { "" } else { "\n" };
            let decoded = lines.join(if is_folded { " " } else { "\n" }) + end;
            Value { before, source: lines.join(&format!("{eol}{indent}")), decoded, is_block: true }
        }
        _ => Value { before, decoded: text.clone(), source: text, is_block: false },
    }
}

#[test]
fn values_of_yaml_are_where_they_say() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..2_000 {
        let eol = dice.one(&["\n", "\r\n"]);
        let mut text = dice.one(&["", "\u{feff}", "# é\t日本\n", "---\n"]).replace('\n', eol);
        let mut expected = Vec::new();
        for n in 0..=dice.below(6) {
            let (lead, indent) = [
                (format!("k{n}: "), "  "),
                (format!("ключ{n}: \t"), "    "),
                (format!("m{n}:{eol}  é: "), "    "),
                (format!("l{n}:{eol}  - "), "    "),
                (format!("l{n}:{eol}- "), "  "),
            ][dice.below(5)]
            .clone();
            let value = value(&mut dice, eol, indent, n);
            text += &lead;
            text += &value.before;
            let start = text.len();
            text += &value.source;
            expected.push((start..text.len(), value.source, value.decoded));
            if !value.is_block {
                text += dice.one(&["", " ", "\t", " # é", "\t# 日"]);
            }
            text += eol;
            if value.before.contains('&') {
                let _ = write!(text, "r{n}: *a{n}{eol}");
            }
            if dice.below(4) == 0 {
                let source = dice.words(&[" "]);
                let _ = write!(text, "f{n}: [ {{ é: ");
                let start = text.len();
                text += &source;
                expected.push((start..text.len(), source.clone(), source));
                let _ = write!(text, " }}, 'x' ]{eol}");
            }
        }
        let documents = parse_yaml(text.as_bytes()).unwrap_or_else(|e| panic!("{round}: {e:?}\n{text}"));
        for (span, source, decoded) in &expected {
            let node =
                documents.at(span.start).unwrap_or_else(|| panic!("{round}: nothing at {span:?}\n{text:?}"));
            assert_eq!(node.span(), *span, "{round}: {source:?} in {text:?}");
            assert_eq!(node.as_str(), Some(&**decoded), "{round}: {source:?} in {text:?}");
            assert_eq!(&text[node.span()], source, "{round}");
            leads_back(&text, node, decoded);
        }
    }
}

/// Each letter of what a value means lies within its source, and is itself there unless it is an escape or a blank.
fn leads_back(text: &str, node: YamlNode, decoded: &str) {
    let positions = node.positions(text.as_bytes());
    for (at, letter) in decoded.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
        let place = positions.source(at..at + letter.len_utf8());
        let source = text.get(place.clone()).unwrap_or_else(|| panic!("{place:?} of {text:?}"));
        let is_escape = source.starts_with('\\') || source == "''";
        assert!(is_escape || source.starts_with(letter), "{letter:?} is {source:?} in {text:?}");
        assert!(node.span().start <= place.start && place.end <= node.span().end);
    }
}

#[test]
fn values_of_other_formats_are_where_they_say() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for round in 0..1_000 {
        let eol = dice.one(&["\n", "\r\n"]);
        let plain = dice.words(&["-"]);
        let spaced = dice.words(&[" ", "\t"]);

        let text = format!(
            "# é{eol}FROM a:1{eol}ENV\tA=\"{spaced}\" \\{eol}\tB={plain}{eol}CMD [\"{plain}\", \"é\"]{eol}"
        );
        let file = parse_dockerfile(text.as_bytes());
        let env = file.instructions.iter().find(|i| i.keyword == "ENV").expect("is there");
        let found: Vec<(String, &str)> = env
            .variables(text.as_bytes())
            .iter()
            .filter_map(|variable| variable.value.as_ref())
            .map(|value| (value.text.clone(), &text[value.span.clone()]))
            .collect();
        assert_eq!(found[0].0, spaced, "{round} {text:?}");
        assert!(found[0].1.trim_matches('"') == spaced, "{round} {found:?} {text:?}");
        assert_eq!(found[1], (plain.clone(), &*plain), "{round} {text:?}");
        let cmd = file.instructions.iter().find(|i| i.keyword == "CMD").expect("is there");
        assert_eq!(text[cmd.words[0].span.clone()].trim_matches('"'), plain, "{round} {text:?}");

        let text = format!("# é{eol}A={plain}{eol}B=\"{spaced}\"\t# é{eol}export C='{spaced}'{eol}");
        let document = parse_dotenv(text.as_bytes());
        for (name, expect) in [("A", &plain), ("B", &spaced), ("C", &spaced)] {
            let entry = document.get(name).unwrap_or_else(|| panic!("{name} of {text:?}"));
            assert_eq!(
                (&entry.value, &text[entry.value_span.clone()]),
                (expect, &**expect),
                "{round} {text:?}"
            );
        }

        let text = format!("# é{eol}server {{{eol}\tname {plain};{eol}}}{eol}");
        let found = parse_nginx(text.as_bytes());
        let name = found.iter().find(|d| d.name() == "name").expect("is there");
        assert_eq!(&text[name.span.clone()], format!("name {plain}"), "{round} {text:?}");

        let text = format!("// é{eol}{{\t\"é\": \"{plain}\",{eol} \"b\": [\"{plain}\\n\"]}}{eol}");
        let document = parse_json(text.as_bytes()).expect("valid");
        let root = document.root.as_ref().expect("is there");
        assert_eq!(
            &text[root.get("é").expect("is there").span.clone()],
            format!("\"{plain}\""),
            "{round} {text:?}"
        );
        let element = &root.get("b").expect("is there").elements()[0];
        assert_eq!(&text[element.span.clone()], format!("\"{plain}\\n\""), "{round} {text:?}");

        let text = format!("# é{eol}a \"ß\" {{{eol}\tb = \"{plain}\" # 日{eol}}}{eol}");
        let body = parse_hcl(text.as_bytes()).expect("valid");
        let block = body.get_blocks("a").next().expect("is there");
        let value = prodcheck::source::HclText::attribute(&block.body, "b").expect("is there");
        assert_eq!(
            (value.text, &text[value.span.clone()]),
            (&*plain, &*format!("\"{plain}\"")),
            "{round} {text:?}"
        );
    }
}
