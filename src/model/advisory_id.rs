/// The forms that names of advisories have.
const FORMS: &[(&str, &[&str])] = &[
    ("RUSTSEC-", &["9999", "9999"]),
    ("CVE-", &["9999", "9999+"]),
    ("PYSEC-", &["9999", "9+"]),
    ("MAL-", &["9999", "9+"]),
    ("GHSA-", &["xxxx", "xxxx", "xxxx"]),
];

/// Whether a text has the form of an advisory's name. Names that begin otherwise than the known ones have any.
pub fn is_advisory_id(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let Some((prefix, parts)) = FORMS.iter().find(|(prefix, _)| upper.starts_with(prefix)) else {
        // OSV gives homes to databases of many names: `GO-…`, `OSV-…`, `SNYK-…`.
        let shape = text.split_once('-').is_some_and(|(prefix, rest)| {
            !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_uppercase()) && !rest.is_empty()
        });
        return shape && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.".contains(&b));
    };
    let found: Vec<&str> = text[prefix.len()..].split('-').collect();
    found.len() == parts.len()
        && found.iter().zip(*parts).all(|(found, form)| {
            let length = form.trim_end_matches('+').len();
            let enough = if form.ends_with('+') { found.len() >= length } else { found.len() == length };
            let digits = form.starts_with('9');
            enough
                && found.bytes().all(|b| if digits { b.is_ascii_digit() } else { b.is_ascii_alphanumeric() })
        })
}

#[cfg(test)]
mod tests {
    use super::is_advisory_id;

    #[test]
    fn names_of_advisories_have_forms() {
        for id in [
            "RUSTSEC-2020-0071",
            "CVE-2021-44228",
            "cve-2021-442281",
            "PYSEC-2021-9",
            "GHSA-abcd-1234-wxyz",
            "GO-2021-0113",
        ] {
            assert!(is_advisory_id(id), "{id}");
        }
        for id in [
            "RUSTSEC-2020-71",
            "CVE-21-44228",
            "CVE-2021-442",
            "PYSEC-2021-",
            "GHSA-abcd-1234",
            "time",
            "",
            "2020-0071",
            "see docs",
        ] {
            assert!(!is_advisory_id(id), "{id}");
        }
    }
}
