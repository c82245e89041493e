use super::{Outcome, Failure};
use super::args::AdvisoriesCommand;
pub(super) fn run(_: &AdvisoriesCommand, _: bool) -> Outcome { Ok(0) }
pub(super) fn update(_: bool) -> Result<(), Failure> { Ok(()) }
