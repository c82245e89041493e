use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::date_of;

/// Today in UTC, as `YYYY-MM-DD`.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date_of(seconds / 86_400)
}
