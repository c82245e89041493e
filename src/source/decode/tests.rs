use std::fmt::Write as _;

use super::*;

fn all(text: &[u8]) -> Vec<Decoded> {
    let mut budget = 1 << 20;
    let runs = LongRuns::of(text, |_| {});
    let mut decoding = Decoding::new(text, &runs);
    let found = std::iter::from_fn(|| decoding.next(&mut budget)).collect();
    assert!(!decoding.is_cut());
    found
}

/// Digits of base64 without padding.
fn encoded(text: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.chunks(3)
        .flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (24 - 8 * chunk.len());
            (0..=chunk.len()).map(move |digit| char::from(ALPHABET[(bits >> (18 - 6 * digit) & 63) as usize]))
        })
        .collect()
}

fn hex(text: &[u8]) -> String {
    text.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

const PLAIN: &str = "user = app, and what else stands in a text of some length\n";

#[track_caller]
fn check(text: &str, via: &[&str], expect: &str) -> Decoded {
    let found = all(text.as_bytes());
    assert_eq!(found.len(), 1, "{text}");
    assert_eq!((found[0].via, std::str::from_utf8(&found[0].text)), (via, Ok(expect)), "{text}");
    found.into_iter().next().expect("one")
}

#[test]
fn digits_become_text() {
    let base64 = encoded(PLAIN.as_bytes());
    let decoded = check(&format!("x: '{base64}'"), &["base64"], PLAIN);
    assert_eq!(decoded.range, 4..4 + base64.len());
    // `app` is in the third and fourth group.
    assert_eq!(decoded.positions.source(7..10), 4 + 8..4 + 16);
    check(&base64.replace('+', "-").replace('/', "_"), &["base64"], PLAIN);
    let digits = hex(PLAIN.as_bytes());
    let decoded = check(&format!("0x{digits};"), &["hex"], PLAIN).positions.source(7..10);
    assert_eq!(decoded, 2 + 14..2 + 20);
    let wide: Vec<u8> = PLAIN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let decoded = check(&encoded(&wide), &["base64", "utf-16"], PLAIN);
    assert_eq!(decoded.positions.source(0..3), 0..8);
}

#[test]
fn wrapped_digits_are_joined() {
    let long = PLAIN.repeat(5);
    let base64 = encoded(long.as_bytes());
    for width in [64, 76, 60] {
        let lines: Vec<&str> =
            base64.as_bytes().chunks(width).map(|l| std::str::from_utf8(l).expect("ASCII")).collect();
        for (before, joint, behind) in [
            ("", "\n", ""),
            ("x: |\n  ", "\r\n  ", "\ny: 1"),
            ("\"", "\" +\n    \"", "\";"),
            ("\"", "\\n", "\""),
            ("# ", "\n# ", "\n"),
        ] {
            let text = format!("{before}{}{behind}", lines.join(joint));
            let decoded = check(&text, &["base64"], &long);
            for at in [0, 45, 47, 100, long.len() - 1] {
                let source = decoded.positions.source(at..at + 1);
                let group: String = text[source.clone()]
                    .chars()
                    .filter(|c| base64[at / 3 * 4..].chars().take(4).any(|d| d == *c))
                    .collect();
                assert!(group.len() >= 4.min(base64.len() - at / 3 * 4), "{text:?} {at} {source:?}");
            }
        }
    }
}

#[test]
fn what_is_no_text_inside_is_left_alone() {
    let noise: Vec<u8> = (0..90_u32).map(|at| (at * 197 + at * at * 31) as u8).collect();
    for text in [
        encoded(&noise),
        hex(&noise),
        "path/to/some/module/that_has_a_very_long_name/and_more".to_owned(),
        "thisIsARatherLongNameOfAFunctionInSomeLanguageOrOther".to_owned(),
        "----------------------------------------------------------------".to_owned(),
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "https://example.com/a%20b/some/long/path/of/many/parts/in/it".to_owned(),
    ] {
        assert_eq!(all(text.as_bytes()), [], "{text}");
    }
}

#[test]
fn lines_with_escapes_are_decoded_in_place() {
    let decoded = check(
        "u: postgres%3A%2F%2Fapp%3Apw%40db1.internal # x\ny",
        &["percent"],
        "u: postgres://app:pw@db1.internal # x",
    );
    assert_eq!(decoded.positions.source(11..14), 11..20);
    assert!(decoded.positions.is_plain(0..11) && !decoded.positions.is_plain(10..13) && decoded.is_mixed);
    check("p = '\\x68\\x75\\x6e\\x74\\x65\\x72\\x32\\x21\\x3f\\x3f';", &["escapes"], "p = 'hunter2!??';");
    check(
        "p = '\\u{68}\\u0075nter-and-\\u006dore\\u0032\\ud83d\\ude00\\ud83d!';",
        &["escapes"],
        "p = 'hunter-and-more2\u{1f600}\u{fffd}!';",
    );
    check("a=&quot;hunter2&quot;&amp;b=&#34;&#x68;unter&lt;", &["entities"], "a=\"hunter2\"&b=\"hunter<");
    check("%zz%4%40%41%42%C3%A4%40%4%%%40...........%", &["percent"], "%zz%4@AB\u{e4}@%4%%@...........%");
}

#[test]
fn the_budget_holds() {
    let text = format!("{}\n", encoded(PLAIN.repeat(102).as_bytes())).repeat(10);
    let mut budget = 10_000;
    let runs = LongRuns::of(text.as_bytes(), |_| {});
    let mut decoding = Decoding::new(text.as_bytes(), &runs);
    let decoded: usize = std::iter::from_fn(|| decoding.next(&mut budget)).map(|d| d.text.len()).sum();
    assert!((10_000..=10_003).contains(&decoded) && budget == 0 && decoding.is_cut(), "{decoded}");
}

#[test]
fn long_runs_are_decoded_in_pieces() {
    let text = "%41a".repeat(100_000);
    let mut at = 0_usize;
    for decoded in all(text.as_bytes()) {
        assert_eq!(decoded.range.start, at.saturating_sub(OVERLAP));
        assert!(decoded.range.end > at && decoded.range.len() <= LINE_MAX);
        at = decoded.range.end;
    }
    assert_eq!(at, text.len());
}

#[test]
fn no_run_of_a_line_is_cut() {
    let run = "%41".repeat(300);
    let text = format!("a {run} b {run} c {run} {run}\nd {run}");
    let decoded: Vec<_> = all(text.as_bytes()).into_iter().map(|decoded| decoded.range).collect();
    assert!(decoded.len() > 1);
    for range in decoded {
        for edge in [range.start, range.end] {
            assert!(
                edge == 0
                    || edge == text.len()
                    || !text.as_bytes()[edge - 1..=edge].iter().all(|b| b"%41".contains(b)),
                "{edge}"
            );
        }
    }
}

#[test]
fn runs_are_found_wherever_they_stand() {
    let base64 = encoded(PLAIN.as_bytes());
    for before in 0..70 {
        let text = format!("{}{base64}{}", " ".repeat(before), " ".repeat(before % 7));
        assert_eq!(all(text.as_bytes()).first().map(|d| d.range.start), Some(before));
    }
}
