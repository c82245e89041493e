use std::ops::Range;

use crate::model::{Language, Region};
use crate::source::Regions;

/// A word, a string or a sign of a program; comments are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
    /// Of a bracket that has one: the other bracket.
    pub(super) partner: Option<usize>,
    /// The bracket around it.
    pub(super) inside: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name or a number.
    Word,
    /// A string, its quotes included; of one with code in it, each stretch.
    Text,
    /// One byte that is none of them.
    Sign(u8),
}

/// Reads the whole file once. What does not match is without a partner, and ends nothing.
pub(super) fn tokens(text: &[u8], language: Language, regions: &Regions) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut stretches = regions.stretches().iter().peekable();
    let mut at = 0;
    while at < text.len() {
        while stretches.next_if(|stretch| stretch.range.end <= at).is_some() {}
        if let Some(stretch) = stretches.peek().filter(|stretch| stretch.range.start <= at) {
            if stretch.region == Region::String {
                push(&mut all, &open, TokenKind::Text, at..stretch.range.end);
            }
            at = stretch.range.end;
            continue;
        }
        let until = stretches.peek().map_or(text.len(), |stretch| stretch.range.start);
        let byte = text[at];
        if is_word(byte, language) {
            let len = text[at..until].iter().take_while(|&&b| is_word(b, language)).count();
            push(&mut all, &open, TokenKind::Word, at..at + len);
            at += len;
            continue;
        }
        if !byte.is_ascii_whitespace() {
            let here = all.len();
            match byte {
                b'(' | b'[' | b'{' => {
                    push(&mut all, &open, TokenKind::Sign(byte), at..at + 1);
                    open.push(here);
                }
                b')' | b']' | b'}' => {
                    let opened = open.iter().rposition(|&o| all[o].kind == TokenKind::Sign(opening(byte)));
                    if let Some(found) = opened {
                        let other = open[found];
                        open.truncate(found);
                        push(&mut all, &open, TokenKind::Sign(byte), at..at + 1);
                        all[here].partner = Some(other);
                        all[other].partner = Some(here);
                    } else {
                        push(&mut all, &open, TokenKind::Sign(byte), at..at + 1);
                    }
                }
                _ => push(&mut all, &open, TokenKind::Sign(byte), at..at + 1),
            }
        }
        at += 1;
    }
    all
}

fn push(all: &mut Vec<Token>, open: &[usize], kind: TokenKind, span: Range<usize>) {
    all.push(Token { kind, span, partner: None, inside: open.last().copied() });
}

const fn opening(close: u8) -> u8 {
    match close {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

const fn is_word(byte: u8, language: Language) -> bool {
    byte.is_ascii_alphanumeric()
        || byte == b'_'
        || byte >= 0x80
        || byte == b'$' && matches!(language, Language::JavaScript | Language::TypeScript | Language::Php)
}
