use super::SettingValue;
use super::environment;
use super::tokens::{Token, TokenKind};
use crate::model::Language;

/// Longer lists are no settings.
const LIST_MAX: usize = 64;
/// Nor are values of more words than this.
const VALUE_MAX: usize = 400;

/// What stands between these tokens.
pub(super) fn value(text: &[u8], language: Language, all: &[Token], from: usize, to: usize) -> SettingValue {
    if from >= to || to - from > VALUE_MAX {
        return SettingValue::Other;
    }
    if let Some(literal) = literal(text, all, from, to, 0).or_else(|| computed(text, all, from, to)) {
        return SettingValue::Literal(literal);
    }
    if let Some(read) = environment::whole(text, language, all, from, to) {
        return read;
    }
    if let Some(name) = path(text, all, from, to) {
        return SettingValue::Name(name);
    }
    if is_built(text, language, &all[from..to]) { SettingValue::Built } else { SettingValue::Other }
}

pub(super) fn literal(text: &[u8], all: &[Token], from: usize, to: usize, depth: usize) -> Option<String> {
    let first = all.get(from)?;
    match first.kind {
        TokenKind::Text if to - from == 1 => {
            let raw = &text[first.span.clone()];
            // `f"…"` without holes is a text; the letters before it are not part of it.
            string(raw)
        }
        // `r"…"`, `b"…"` where the letter is a word of its own.
        TokenKind::Word
            if to - from == 2 && all[from + 1].kind == TokenKind::Text && first.span.len() <= 2 =>
        {
            (first.span.end == all[from + 1].span.start).then(|| string(&text[all[from + 1].span.clone()]))?
        }
        TokenKind::Word if to - from == 1 => {
            let word = &text[first.span.clone()];
            match word {
                b"true" | b"True" | b"TRUE" => Some("true".into()),
                b"false" | b"False" | b"FALSE" => Some("false".into()),
                b"None" | b"null" | b"nil" | b"undefined" => Some("none".into()),
                _ if word[0].is_ascii_digit() => Some(String::from_utf8_lossy(word).replace('_', "")),
                _ => None,
            }
        }
        // `1.5`, `-1`.
        TokenKind::Word if to - from == 3 && all[from + 1].kind == TokenKind::Sign(b'.') => {
            let whole = &text[first.span.start..all[to - 1].span.end];
            (whole[0].is_ascii_digit()).then(|| String::from_utf8_lossy(whole).into_owned())
        }
        // `8 hours`: no value, but everybody knows what is meant.
        TokenKind::Word if to - from == 2 && all[from + 1].kind == TokenKind::Word => {
            let (number, unit) = (&text[first.span.clone()], &text[all[from + 1].span.clone()]);
            let is_unit =
                matches!(unit, b"seconds" | b"minutes" | b"hours" | b"hour" | b"days" | b"day" | b"weeks");
            (is_unit && number.iter().all(u8::is_ascii_digit))
                .then(|| format!("{} {}", String::from_utf8_lossy(number), String::from_utf8_lossy(unit)))
        }
        TokenKind::Sign(b'-') if to - from == 2 && depth < 4 => {
            Some(format!("-{}", literal(text, all, from + 1, to, depth + 1)?))
        }
        // `&"…"`, `&[…]`.
        TokenKind::Sign(b'&') if from + 1 < to && depth < 4 => literal(text, all, from + 1, to, depth + 1),
        // `"…".as_bytes()`, `"…".into()`.
        TokenKind::Text if to - from == 5 => {
            let method = &text[all[from + 2].span.clone()];
            let is_same = matches!(
                method,
                b"as_bytes" | b"as_ref" | b"into" | b"to_string" | b"to_owned" | b"encode" | b"clone"
            );
            let signs = [(1, b'.'), (3, b'('), (4, b')')];
            let is_call = signs.iter().all(|(at, sign)| all[from + at].kind == TokenKind::Sign(*sign));
            (is_same && is_call).then(|| string(&text[first.span.clone()]))?
        }
        // `[0; 64]`.
        TokenKind::Sign(b'[')
            if to - from == 5
                && first.partner == Some(to - 1)
                && all[from + 2].kind == TokenKind::Sign(b';') =>
        {
            let part = |at: usize| literal(text, all, from + at, from + at + 1, depth + 1);
            Some(format!("[{};{}]", part(1)?, part(3)?))
        }
        TokenKind::Sign(b'[' | b'(' | b'{') if first.partner == Some(to - 1) && depth < 4 => {
            let items = split(all, from + 1, to - 1);
            if items.len() > LIST_MAX {
                return None;
            }
            let items: Option<Vec<String>> =
                items.into_iter().map(|(a, b)| literal(text, all, a, b, depth + 1)).collect();
            let items = items?;
            if first.kind == TokenKind::Sign(b'(') && items.len() == 1 && !ends_with_comma(all, to) {
                return items.into_iter().next();
            }
            Some(format!("[{}]", items.join(",")))
        }
        _ => None,
    }
}

/// A number that is put together of numbers: `60 * 60 * 24`, and in seconds `timedelta(days=7)`,
/// `Duration::from_secs(60)`, `Duration::days(7)`.
fn computed(text: &[u8], all: &[Token], from: usize, to: usize) -> Option<String> {
    /// Nobody writes longer products.
    const FACTORS_MAX: usize = 15;
    let word = |at: usize| all.get(at).filter(|t| t.kind == TokenKind::Word).map(|t| &text[t.span.clone()]);
    let is = |at: usize, sign: u8| all.get(at).is_some_and(|token| token.kind == TokenKind::Sign(sign));
    let number = |at: usize| -> Option<u64> {
        let digits: Vec<u8> = word(at)?.iter().copied().filter(|b| *b != b'_').collect();
        std::str::from_utf8(&digits).ok()?.parse().ok()
    };
    let product = |from: usize, to: usize| -> Option<u64> {
        if from >= to || (to - from).is_multiple_of(2) || to - from > FACTORS_MAX {
            return None;
        }
        (from + 2..to)
            .step_by(2)
            .try_fold(number(from)?, |all, at| is(at - 1, b'*').then(|| all.checked_mul(number(at)?))?)
    };
    if to - from > 1
        && let Some(number) = product(from, to)
    {
        return Some(number.to_string());
    }
    let close = to.checked_sub(1).filter(|close| is(*close, b')'))?;
    let open = all[close].partner.filter(|open| *open > from)?;
    let seconds = |unit: &[u8]| -> Option<u64> {
        Some(match unit {
            b"seconds" | b"from_secs" => 1,
            b"minutes" | b"from_mins" => 60,
            b"hours" | b"from_hours" => 3_600,
            b"days" | b"from_days" => 86_400,
            b"weeks" | b"from_weeks" => 604_800,
            _ => return None,
        })
    };
    let called = word(open - 1)?;
    if called != b"timedelta" {
        let is_path = path(text, all, from, open)?.contains("Duration");
        let unit = seconds(called).filter(|_| is_path)?;
        return Some(product(open + 1, close)?.checked_mul(unit)?.to_string());
    }
    let mut sum = 0_u64;
    for (from, to) in split(all, open + 1, close) {
        let part = if is(from + 1, b'=') {
            product(from + 2, to)?.checked_mul(seconds(word(from)?)?)?
        } else {
            // The first argument without a name is a number of days.
            product(from, to)?.checked_mul(86_400)?
        };
        sum = sum.checked_add(part)?;
    }
    Some(sum.to_string())
}

fn ends_with_comma(all: &[Token], to: usize) -> bool {
    to >= 2 && all[to - 2].kind == TokenKind::Sign(b',')
}

/// The text of a string, without its quotes and the letters before them.
pub(super) fn string(raw: &[u8]) -> Option<String> {
    let letters = raw.iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'#').count();
    let raw = &raw[letters..];
    let hashes = raw.iter().rev().take_while(|&&b| b == b'#').count();
    let raw = &raw[..raw.len() - hashes];
    let quote = *raw.first()?;
    if !matches!(quote, b'"' | b'\'' | b'`') {
        return None;
    }
    let inner = if raw.len() >= 6 && raw.starts_with(&[quote; 3]) && raw.ends_with(&[quote; 3]) {
        &raw[3..raw.len() - 3]
    } else if raw.len() >= 2 && raw.ends_with(&[quote]) {
        &raw[1..raw.len() - 1]
    } else {
        return None;
    };
    Some(String::from_utf8_lossy(inner).into_owned())
}

/// `a.b`, `a::b`, one name.
pub(super) fn path(text: &[u8], all: &[Token], from: usize, to: usize) -> Option<String> {
    let mut wants_word = true;
    for token in &all[from..to] {
        match token.kind {
            TokenKind::Word if wants_word => wants_word = false,
            TokenKind::Sign(b'.' | b':') if token.inside == all[from].inside => wants_word = true,
            _ => return None,
        }
    }
    (!wants_word).then(|| {
        let raw = &text[all[from].span.start..all[to - 1].span.end];
        String::from_utf8_lossy(raw).split_whitespace().collect()
    })
}

/// Whether a string is put together there: `f"…{x}"`, `"…" + x`, `"…" % x`, `"…".format(x)`, `` `…${x}` ``, `format!`.
fn is_built(text: &[u8], language: Language, tokens: &[Token]) -> bool {
    let depth = tokens[0].inside;
    let texts: Vec<usize> = (0..tokens.len())
        .filter(|&at| tokens[at].kind == TokenKind::Text && tokens[at].inside == depth)
        .collect();
    let Some(&first) = texts.first() else { return false };
    let sign = |at: usize| tokens.get(at).map(|t| t.kind);
    // The holes of a text are code between its stretches.
    let span = tokens[first].span.clone();
    let (raw, behind) = (&text[span.clone()], &text[span.end..]);
    let has_hole = match language {
        Language::Python => behind.starts_with(b"{") && !raw.starts_with(b"{"),
        Language::JavaScript | Language::TypeScript => raw.starts_with(b"`") && behind.starts_with(b"${"),
        _ => false,
    };
    if has_hole {
        return true;
    }
    texts.iter().any(|&at| match sign(at + 1) {
        Some(TokenKind::Sign(b'+' | b'%')) => true,
        Some(TokenKind::Sign(b'.')) => {
            tokens.get(at + 2).is_some_and(|word| &text[word.span.clone()] == b"format")
        }
        _ => at.checked_sub(1).and_then(sign) == Some(TokenKind::Sign(b'+')),
    })
}

/// The parts between commas, as far as they stand in no deeper bracket. A part without tokens is left out.
pub(super) fn split(all: &[Token], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut start = from;
    let mut at = from;
    while at < to {
        match all[at].kind {
            TokenKind::Sign(b'(' | b'[' | b'{') => match all[at].partner {
                Some(partner) if partner > at && partner < to => at = partner,
                _ => {}
            },
            TokenKind::Sign(b',') => {
                if at > start {
                    parts.push((start, at));
                }
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if to > start {
        parts.push((start, to));
    }
    parts
}
