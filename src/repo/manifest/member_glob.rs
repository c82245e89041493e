/// Whether a folder matches an entry of `members`, both relative to the workspace's root and without `.`
/// or `..`. As in cargo, `*` and `?` stay within one part of the path and `**` takes any number of parts.
///
/// Both levels remember one star to go back to, so that no pattern takes more than the product of the
/// two lengths.
pub(super) fn matches(pattern: &[u8], folder: &[u8]) -> bool {
    let split = |path: &'_ [u8]| -> Vec<Vec<u8>> {
        path.split(|&b| b == b'/').filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
    };
    let (pattern, folder) = (split(pattern), split(folder));
    starred(&pattern, &folder, |p| *p == b"**", |p, part| part_matches(p, part))
}

fn part_matches(pattern: &[u8], part: &[u8]) -> bool {
    starred(pattern, part, |&p| p == b'*', |&p, &byte| p == b'?' || p == byte)
}

/// Matches a sequence with wildcards that take any number of items.
fn starred<T, U>(
    pattern: &[T],
    items: &[U],
    star: impl Fn(&T) -> bool,
    one: impl Fn(&T, &U) -> bool,
) -> bool {
    let (mut p, mut i) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while i < items.len() {
        if p < pattern.len() && star(&pattern[p]) {
            back = Some((p, i));
            p += 1;
        } else if p < pattern.len() && one(&pattern[p], &items[i]) {
            p += 1;
            i += 1;
        } else if let Some((star_at, taken)) = back {
            p = star_at + 1;
            i = taken + 1;
            back = Some((star_at, taken + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(star)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_within_a_part_and_double_stars_do_not() {
        for (pattern, folder, expect) in [
            ("crates/*", "crates/a", true),
            ("crates/*", "crates/a/b", false),
            ("crates/*", "crates", false),
            ("crates/a-*", "crates/a-b", true),
            ("crates/a-?", "crates/a-bc", false),
            ("crates/**", "crates/a/b", true),
            ("**/b", "crates/a/b", true),
            ("**/b", "crates/a/c", false),
            ("crates/*/", "crates/a", true),
            ("a*b*c", "axbxxc", true),
            ("a*b*c", "axbxx", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), folder.as_bytes()), expect, "{pattern} {folder}");
        }
    }

    #[test]
    fn no_pattern_takes_for_ever() {
        let pattern = "**/*a*a*a*a*a*a*a*a*a*a*a*a/".repeat(20);
        let folder = format!("{}b", "a".repeat(3000));
        assert!(!matches(pattern.as_bytes(), folder.as_bytes()));
    }
}
