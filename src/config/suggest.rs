use crate::rules::catalog::nearest;

/// No key or rule is longer; distances to longer words are not worth computing.
const LONGEST: usize = 100;

/// What was probably meant: what was begun, else what is nearest.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    if word.len() > LONGEST {
        return None;
    }
    let candidates: Vec<&str> = candidates.collect();
    let longer = candidates.iter().find(|candidate| word.len() > 2 && candidate.starts_with(word));
    let near = longer.map(ToString::to_string).or_else(|| nearest(word, candidates.iter().copied()))?;
    Some(format!("did you mean `{near}`?"))
}

/// What was probably meant, else all there is.
pub(super) fn known(word: &str, keys: &[&str]) -> String {
    did_you_mean(word, keys.iter().copied()).unwrap_or_else(|| format!("known here: {}", keys.join(", ")))
}
