/// So many of something, in words: `1 file`, `12,345 advisories`. `word` is what one of them is called.
pub fn counted(count: u64, word: &str) -> String {
    let many = match word.strip_suffix("ry") {
        _ if count == 1 => word.to_owned(),
        Some(stem) => format!("{stem}ries"),
        None => format!("{word}s"),
    };
    format!("{} {many}", grouped(count))
}

/// `12,345`
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (count, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(count), expect);
        }
        assert_eq!(counted(1, "file"), "1 file");
        assert_eq!(counted(0, "file"), "0 files");
        assert_eq!(counted(1, "advisory"), "1 advisory");
        assert_eq!(counted(1_200, "advisory"), "1,200 advisories");
    }
}
