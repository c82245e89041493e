use super::{ObjectError, ObjectId, from_hex};

/// What is needed of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its files.
    pub tree: ObjectId,
    /// The commits before it.
    pub parents: Vec<ObjectId>,
    /// When its content was made: seconds since 1970, and the minutes that the author's clock is ahead of UTC.
    pub authored: (i64, i32),
    /// When it was made, in seconds since 1970.
    pub committed: i64,
}

/// More parents than this no commit has.
const MOST_PARENTS: usize = 1 << 12;

impl Commit {
    /// Reads a commit object.
    ///
    /// # Errors
    /// It does not have the form of one.
    pub fn parse(bytes: &[u8], hash_len: usize) -> Result<Self, ObjectError> {
        let mut commit =
            Self { tree: ObjectId::default(), parents: Vec::new(), authored: (0, 0), committed: 0 };
        let mut has_tree = false;
        for line in bytes.split(|b| *b == b'\n').take_while(|line| !line.is_empty()) {
            if let Some(hex) = line.strip_prefix(b"tree ") {
                commit.tree = from_hex(hex, hash_len).ok_or(ObjectError::Damaged)?;
                has_tree = true;
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                if commit.parents.len() == MOST_PARENTS {
                    return Err(ObjectError::Damaged);
                }
                commit.parents.push(from_hex(hex, hash_len).ok_or(ObjectError::Damaged)?);
            } else if line.starts_with(b"author ") {
                commit.authored = time(line);
            } else if line.starts_with(b"committer ") {
                commit.committed = time(line).0;
                break;
            }
        }
        if has_tree { Ok(commit) } else { Err(ObjectError::Damaged) }
    }
}

/// The object a tag names.
pub(in crate::repo) fn tagged(bytes: &[u8], hash_len: usize) -> Option<ObjectId> {
    let line = bytes.split(|b| *b == b'\n').next()?;
    from_hex(line.strip_prefix(b"object ")?, hash_len)
}

/// The end of an author's or a committer's line. Some commits have nonsense there.
fn time(line: &[u8]) -> (i64, i32) {
    let text = String::from_utf8_lossy(line);
    let mut words = text.rsplit(' ');
    let zone = words.next().unwrap_or_default();
    let seconds = words.next().and_then(|s| s.parse().ok()).unwrap_or_default();
    let minutes = zone.parse::<i32>().ok().filter(|z| z.abs() < 2400).map_or(0, |z| z / 100 * 60 + z % 100);
    (seconds, minutes)
}
