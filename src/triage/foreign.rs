/// Which tool's mark on this line silences a finding of this rule; `None` if there is none.
///
/// `line` is the finding's line without its end, `before` the line above it (empty on the first line).
pub fn foreign_mark(line: &[u8], before: &[u8], family: &str) -> Option<&'static str> {
    let _ = (line, before, family);
    None
}
