use bstr::ByteSlice;

/// A mark of another tool that says of a line: this is no secret, or one that may stand here.
struct ForeignMark {
    /// How it is named in reports.
    name: &'static str,
    /// Its words, as they stand on the line; the words of one mark may be written in several ways.
    words: &'static [&'static str],
    /// If there are any, one of these must follow (behind blanks, colons, commas and other codes): marks
    /// that silence some checks only.
    codes: &'static [&'static str],
    /// Whether the words alone are enough.
    bare: bool,
}

const ON_THE_LINE: &[ForeignMark] = &[
    // https://github.com/gitleaks/gitleaks#gitleaksallow
    ForeignMark { name: "gitleaks:allow", words: &["gitleaks:allow"], codes: &[], bare: true },
    // https://github.com/Yelp/detect-secrets#inline-allowlisting
    ForeignMark {
        name: "pragma: allowlist secret",
        words: &["pragma: allowlist secret", "pragma:allowlist secret", "pragma: whitelist secret"],
        codes: &[],
        bare: true,
    },
    // https://github.com/trufflesecurity/trufflehog
    ForeignMark { name: "trufflehog:ignore", words: &["trufflehog:ignore"], codes: &[], bare: true },
    // https://docs.gitguardian.com/ggshield-docs/reference/secret/ignore
    ForeignMark { name: "ggignore", words: &["ggignore"], codes: &[], bare: true },
    // https://bandit.readthedocs.io/en/latest/config.html#exclusions, https://github.com/securego/gosec
    ForeignMark { name: "nosec", words: &["nosec"], codes: &["B105", "B106", "B107", "G101"], bare: true },
    // https://docs.astral.sh/ruff/rules/#flake8-bandit-s
    ForeignMark { name: "noqa", words: &["noqa"], codes: &["S105", "S106", "S107"], bare: false },
];

const ON_THE_LINE_ABOVE: &[ForeignMark] = &[ForeignMark {
    name: "pragma: allowlist nextline secret",
    words: &["pragma: allowlist nextline secret", "pragma:allowlist nextline secret"],
    codes: &[],
    bare: true,
}];

/// Which other tool's mark silences a finding of this family on this line; `None` if none does. These are
/// marks for secrets; those of the debug family are read by its detectors.
///
/// `line` is the finding's line, `above` the line before it (empty on a file's first line), both without
/// their ends. Case is ignored.
pub fn foreign_mark(line: &[u8], above: &[u8], family: &str) -> Option<&'static str> {
    if family != "secrets" {
        return None;
    }
    let (line, above) = (line.to_ascii_lowercase(), above.to_ascii_lowercase());
    let on =
        |text: &[u8], marks: &'static [ForeignMark]| marks.iter().find(|m| m.stands_on(text)).map(|m| m.name);
    on(&line, ON_THE_LINE).or_else(|| on(&above, ON_THE_LINE_ABOVE))
}

impl ForeignMark {
    /// `line` in lower case.
    fn stands_on(&self, line: &[u8]) -> bool {
        self.words.iter().any(|words| {
            line.find_iter(words).any(|at| {
                let behind = &line[at + words.len()..];
                let whole = at.checked_sub(1).is_none_or(|before| !is_word(line[before]))
                    && behind.first().is_none_or(|b| !is_word(*b));
                whole && self.concerns_secrets(behind)
            })
        })
    }

    /// Whether the codes behind the words, if there are any, are among ours.
    fn concerns_secrets(&self, behind: &[u8]) -> bool {
        let mut bare = true;
        for code in behind.split(|b| !is_word(*b)).filter(|code| !code.is_empty()) {
            if !is_code(code) {
                break;
            }
            bare = false;
            if self.codes.iter().any(|wanted| wanted.as_bytes().eq_ignore_ascii_case(code)) {
                return true;
            }
        }
        bare && self.bare
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A few letters, then digits: `s105`.
fn is_code(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    (1..=4).contains(&letters) && word.len() > letters && word[letters..].iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::foreign_mark;

    #[test]
    fn marks_of_other_tools() {
        for (line, expect) in [
            ("key = 1 # gitleaks:allow", Some("gitleaks:allow")),
            ("key = 1 // pragma: allowlist secret", Some("pragma: allowlist secret")),
            ("key = 1 # Pragma: Allowlist Secret", Some("pragma: allowlist secret")),
            ("key = 1 # trufflehog:ignore", Some("trufflehog:ignore")),
            ("key = 1 # ggignore", Some("ggignore")),
            ("key = 1  # nosec", Some("nosec")),
            ("key = 1  #nosec B105", Some("nosec")),
            ("key := 1 // #nosec G101 -- it is a name", Some("nosec")),
            ("key = 1  # nosec B602", None),
            ("key = 1  # noqa: S105", Some("noqa")),
            ("key = 1  # noqa:E501,S106", Some("noqa")),
            ("key = 1  # noqa: E501", None),
            ("key = 1  # noqa", None),
            ("nosecrets = 1", None),
            ("my_nosec = 1", None),
            ("gitleaks:allowed", None),
            ("key = 1 # pragma: allowlist nextline secret", None),
            ("", None),
        ] {
            assert_eq!(foreign_mark(line.as_bytes(), b"", "secrets"), expect, "{line}");
        }
    }

    #[test]
    fn the_line_above_and_other_families() {
        let above = b"# pragma: allowlist nextline secret";
        assert_eq!(foreign_mark(b"k = 1", above, "secrets"), Some("pragma: allowlist nextline secret"));
        assert_eq!(foreign_mark(b"k = 1", b"# gitleaks:allow", "secrets"), None);
        assert_eq!(foreign_mark(b"k = 1 # gitleaks:allow", b"", "debug"), None);
    }
}
