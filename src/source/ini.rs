use std::ops::Range;

/// A setting of an INI file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IniEntry<'t> {
    /// What stands between `[` and `]`; empty in front of the first section.
    pub section: &'t str,
    /// Its name.
    pub key: &'t str,
    /// The lines of its value that say something, with their bytes; without comments.
    pub lines: Vec<(&'t str, Range<usize>)>,
}

/// Reads an INI file as Python does (<https://docs.python.org/3/library/configparser.html>): a value goes on in
/// lines that are indented. Lines of no such form are passed over.
pub fn parse_ini(text: &str) -> Vec<IniEntry<'_>> {
    let mut entries: Vec<IniEntry> = Vec::new();
    let mut section = "";
    let mut is_open = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let place = |text: &str| {
            let from = at + (text.as_ptr() as usize - line.as_ptr() as usize);
            from..from + text.len()
        };
        if line.starts_with([' ', '\t']) {
            if let Some(entry) = entries.last_mut().filter(|_| is_open) {
                entry.lines.push((content, place(content)));
            }
        } else if let Some(name) = content.strip_prefix('[') {
            section = name.split(']').next().unwrap_or(name);
            is_open = false;
        } else if let Some((key, value)) = content.split_once(['=', ':']) {
            let value = value.trim();
            let lines = if value.is_empty() { Vec::new() } else { vec![(value, place(value))] };
            entries.push(IniEntry { section, key: key.trim(), lines });
            is_open = true;
        } else {
            is_open = false;
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_on_in_lines_that_are_indented() {
        let text = "a = 0\n[metadata]\nname: web ; not a comment\n\n[options]\nrequires =\n    flask>=2\n    # no\n\n\tjinja2\n  odd\nline\n    lost\nzip_safe = no\r\n";
        let found: Vec<_> = parse_ini(text)
            .into_iter()
            .map(|entry| {
                let lines: Vec<&str> = entry.lines.iter().map(|(line, _)| *line).collect();
                for (line, span) in entry.lines {
                    assert_eq!(&text[span], line);
                }
                (entry.section, entry.key, lines)
            })
            .collect();
        assert_eq!(
            found,
            [
                ("", "a", vec!["0"]),
                ("metadata", "name", vec!["web ; not a comment"]),
                ("options", "requires", vec!["flask>=2", "jinja2", "odd"]),
                ("options", "zip_safe", vec!["no"]),
            ]
        );
    }
}
