use crate::source::ShellWord;

/// Words that are no flags, nor the values of these flags.
pub(super) fn positional<'w>(
    words: impl IntoIterator<Item = &'w ShellWord>,
    with_value: &[&str],
) -> Vec<&'w ShellWord> {
    let mut found = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if !word.text.starts_with('-') {
            found.push(word);
        } else if with_value.contains(&&*word.text) {
            words.next();
        }
    }
    found
}
