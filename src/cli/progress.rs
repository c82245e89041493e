use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::grouped;
use crate::repo::history::{Part, Progress};

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on standard error that says how far the history is read and how long it will take, where a person looks at it.
pub(super) struct ProgressLine {
    state: Option<Mutex<State>>,
}

struct State {
    /// What is being read, and since when.
    part: Part,
    begun: Instant,
    shown: Option<Instant>,
    width: usize,
}

impl ProgressLine {
    pub(super) fn new(wanted: bool) -> Self {
        let is_seen = wanted && io::stderr().is_terminal();
        let state =
            || Mutex::new(State { part: Part::Commits, begun: Instant::now(), shown: None, width: 0 });
        Self { state: is_seen.then(state) }
    }

    /// Shows it, if it was not shown just before.
    pub(super) fn show(&self, progress: Progress) {
        let Some(state) = &self.state else { return };
        // Whoever would have to wait leaves it to the other.
        let Ok(mut state) = state.try_lock() else { return };
        let now = Instant::now();
        if state.part != progress.part {
            (state.part, state.begun) = (progress.part, now);
        }
        if now.duration_since(state.shown.unwrap_or(state.begun)) < EVERY {
            return;
        }
        state.shown = Some(now);
        let line = line(progress, now.duration_since(state.begun));
        let blanks = " ".repeat(state.width.saturating_sub(line.len()));
        state.width = line.len();
        // Nobody is kept from working by a terminal that goes away.
        let _ = write!(io::stderr(), "\r{line}{blanks}");
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let Some(state) = &self.state else { return };
        let width = state.lock().unwrap_or_else(PoisonError::into_inner).width;
        if width > 0 {
            let _ = write!(io::stderr(), "\r{}\r", " ".repeat(width));
        }
    }
}

fn line(progress: Progress, taken: Duration) -> String {
    let Progress { part, done, total } = progress;
    let what = match part {
        Part::Commits => "commits",
        Part::Contents => "contents",
    };
    let left = taken.as_millis() * u128::from(total.saturating_sub(done)) / u128::from(done.max(1));
    let seconds = left.div_ceil(1000);
    format!("history: {} of {} {what}, about {seconds} s left", grouped(done), grouped(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_what_is_left_at_this_speed() {
        let progress = |part| Progress { part, done: 1_000, total: 4_000 };
        let taken = Duration::from_secs(2);
        assert_eq!(line(progress(Part::Contents), taken), "history: 1,000 of 4,000 contents, about 6 s left");
        assert_eq!(line(progress(Part::Commits), taken), "history: 1,000 of 4,000 commits, about 6 s left");
    }
}
