//! Credentials of several parts: an id opens nothing by itself and says whose a secret is. Where its secret stands
//! in the same block, the two are one finding.

use std::cmp::Reverse;
use std::ops::Range;

use super::plan::Plan;
use crate::detect::{PUBLIC, Raw, RawRelated};
use crate::model::{Confidence, Severity};
use crate::rules::rule::TokenPart;
use crate::rules::{Detect, Rule, Token};
use crate::source::FileView;

/// The parts of one credential stand no further apart than this.
const LINES_MAX: usize = 5;
/// Nor than this: a line may be a whole file.
const BYTES_MAX: usize = 600;
/// No more neighbours on each side are looked at.
const NEIGHBOURS_MAX: usize = 16;
/// A name is this long at most.
const NAME_MAX: usize = 80;
/// How long the secret of an AWS access key is
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html>).
const AWS_SECRET_LEN: usize = 40;

/// Makes each id that stands beside its secret a second place of the secret's finding.
///
/// `raws` are the findings of one file that will be reported, with the place of their rule in the plan.
pub(super) fn join(plan: &Plan, view: &FileView, raws: &mut Vec<(u16, Raw)>) {
    if !raws.iter().any(|(at, raw)| id_token(rule(plan, *at), raw).is_some()) {
        return;
    }
    let spots = spots(plan, raws);
    let mut joined: Vec<Option<Joined>> = vec![None; spots.len()];
    let mut taken = vec![false; spots.len()];
    for at in 0..spots.len() {
        let Some(id) = spots[at].id else { continue };
        let look = Look { plan, text: view.bytes(), raws, spots: &spots, joined: &joined, taken: &taken };
        joined[at] = look.secret_of(at, id);
        if let Some(Joined { secret, .. }) = joined[at] {
            taken[secret] = true;
        }
    }
    let mut gone = vec![false; raws.len()];
    for (spot, joined) in spots.iter().zip(&joined) {
        let (Some(id), Some(joined)) = (spot.id, joined) else { continue };
        let (rule, raw) = (rule(plan, raws[id].0), &raws[id].1);
        // What is public by design has a message about that.
        let named = raw.message.is_empty() || raw.properties.contains_key("dummy");
        let words = if named { &*rule.title } else { &raw.message };
        let related = RawRelated { path: None, range: raw.range.clone(), message: format!("its {words}") };
        let proves = is_aws(rule) && (joined.is_own || spots[joined.secret].range.len() == AWS_SECRET_LEN);
        for &secret in &spots[joined.secret].raws {
            let raw = &mut raws[secret].1;
            raw.related.push(related.clone());
            if proves {
                raw.severity = Some(Severity::Error);
                raw.confidence = Some(Confidence::High);
            }
        }
        for &at in &spot.raws {
            gone[at] = true;
        }
    }
    let mut gone = gone.into_iter();
    raws.retain(|_| !gone.next().unwrap_or(false));
}

/// Where a secret or an id stands, whoever found it.
struct Spot {
    range: Range<usize>,
    /// What was found there.
    raws: Vec<usize>,
    /// Which of those says that it is an id.
    id: Option<usize>,
}

/// To which spot an id was joined.
#[derive(Clone, Copy)]
struct Joined {
    secret: usize,
    /// Whether the provider of both is known to be the same.
    is_own: bool,
}

fn rule<'p>(plan: &'p Plan, at: u16) -> &'p Rule {
    plan.prepared()[usize::from(at)].rule
}

fn is_aws(rule: &Rule) -> bool {
    matches!(&rule.detect, Detect::Token(token) if token.provider == "Amazon Web Services")
}

/// The token, if this is an id. What is public by design is one all the same; other dummies are nothing.
fn id_token<'r>(rule: &'r Rule, raw: &Raw) -> Option<&'r Token> {
    let Detect::Token(token) = &rule.detect else { return None };
    let is_dummy = raw.properties.get("dummy").is_some_and(|reason| reason != PUBLIC);
    (token.part == Some(TokenPart::Id) && !is_dummy).then_some(token)
}

/// The stretches that something was found on, in order. Those that overlap are one.
fn spots(plan: &Plan, raws: &[(u16, Raw)]) -> Vec<Spot> {
    let stretch = |(index, (at, raw)): (usize, &(u16, Raw))| {
        let rule = rule(plan, *at);
        let is_id = id_token(rule, raw).is_some();
        if !plan.prepared()[usize::from(*at)].is_secret
            || raw.path.is_some()
            || raw.properties.contains_key("dummy") && !is_id
        {
            return None;
        }
        let range = raw.secrets.first().map(|secret| secret.range.clone()).or_else(|| raw.range.clone())?;
        Some((range, index, is_id))
    };
    let mut stretches: Vec<_> = raws.iter().enumerate().filter_map(stretch).collect();
    stretches.sort_by_key(|(range, index, _)| (range.start, Reverse(range.end), raws[*index].0));
    let mut spots: Vec<Spot> = Vec::new();
    for (range, index, is_id) in stretches {
        match spots.last_mut() {
            Some(spot) if range.start < spot.range.end => {
                // An id within something greater is for the merge of overlaps to decide.
                let is_whole = range == spot.range;
                let was_id = spot.id.filter(|_| range.end <= spot.range.end);
                spot.id = was_id.or_else(|| (is_id && is_whole).then_some(index));
                spot.range.end = spot.range.end.max(range.end);
                spot.raws.push(index);
            }
            _ => spots.push(Spot { range, raws: vec![index], id: is_id.then_some(index) }),
        }
    }
    spots
}

/// How sure a secret is an id's, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    /// The same provider's.
    Own,
    /// The provider stands in its name.
    Named,
    /// It is called a secret, on the next line or on the same.
    Beside,
}

/// The smaller, the likelier: the bond, how many lines are between, whether another id has it already.
type Worth = (Bond, usize, bool);

struct Look<'l, 'p> {
    plan: &'l Plan<'p>,
    text: &'l [u8],
    raws: &'l [(u16, Raw)],
    spots: &'l [Spot],
    /// What the ids before this one were joined to.
    joined: &'l [Option<Joined>],
    /// Which secrets those are.
    taken: &'l [bool],
}

impl Look<'_, '_> {
    /// The secret that this id goes with. Of several the surest, of those the nearest, of those one that no id has
    /// yet, of those the one before.
    fn secret_of(&self, at: usize, id: usize) -> Option<Joined> {
        let (before, previous) = self.nearest(at, id, (at.saturating_sub(NEIGHBOURS_MAX)..at).rev());
        let (after, _) = self.nearest(at, id, at + 1..self.spots.len().min(at + 1 + NEIGHBOURS_MAX));
        // Where ids stand above their secrets, everything up to here is the previous one's.
        let is_free = previous.is_none_or(|id| self.joined[id].is_none_or(|joined| joined.secret < id));
        let candidates = before.filter(|_| is_free).into_iter().chain(after);
        let ((bond, ..), secret) = candidates.min_by_key(|(worth, _)| *worth)?;
        Some(Joined { secret, is_own: bond == Bond::Own })
    }

    /// The best secret on one side, looking outwards, and the next id of the same kind there: it ends the look.
    fn nearest(
        &self,
        at: usize,
        id: usize,
        outwards: impl Iterator<Item = usize>,
    ) -> (Option<(Worth, usize)>, Option<usize>) {
        let mut best: Option<(Worth, usize)> = None;
        for other in outwards {
            let Some(lines) = self.lines_between(at, other) else { break };
            match self.spots[other].id {
                Some(other_id) if self.raws[other_id].0 == self.raws[id].0 => return (best, Some(other)),
                Some(_) => {}
                None => {
                    let worth = self.bond(id, other, lines).map(|bond| (bond, lines, self.taken[other]));
                    if let Some(worth) = worth.filter(|worth| best.is_none_or(|(known, _)| *worth < known)) {
                        best = Some((worth, other));
                    }
                }
            }
        }
        (best, None)
    }

    /// How many lines two spots are apart; `None` if they are not of one block.
    fn lines_between(&self, one: usize, other: usize) -> Option<usize> {
        let (first, second) = (&self.spots[one.min(other)].range, &self.spots[one.max(other)].range);
        let between = self.text.get(first.end..second.start).filter(|b| b.len() <= BYTES_MAX)?;
        let mut parts = between.split(|&byte| byte == b'\n').skip(1).peekable();
        let mut lines = 0;
        while let Some(part) = parts.next() {
            lines += 1;
            if parts.peek().is_some() && part.trim_ascii().is_empty() {
                return None;
            }
        }
        (lines <= LINES_MAX).then_some(lines)
    }

    fn bond(&self, id: usize, other: usize, lines: usize) -> Option<Bond> {
        let id_rule = rule(self.plan, self.raws[id].0);
        let Detect::Token(token) = &id_rule.detect else { return None };
        let secret = &self.spots[other];
        let mut is_generic = false;
        for &raw in &secret.raws {
            match &rule(self.plan, self.raws[raw].0).detect {
                Detect::Token(other) if other.provider == token.provider => return Some(Bond::Own),
                Detect::Token(_) => {}
                _ => is_generic = true,
            }
        }
        if !is_generic {
            return None;
        }
        let name = self.name_before(secret.range.start);
        let has = |word: &str| memchr::memmem::find(&name, word.as_bytes()).is_some();
        let provider = token.provider.split(' ').next().unwrap_or_default().to_ascii_lowercase();
        // `aws` of `secrets/aws-access-key-id`: few write the vendor's whole name.
        let short = id_rule.id.split('/').next_back().and_then(|name| name.split('-').next());
        if has(&provider) || short.is_some_and(has) {
            return Some(Bond::Named);
        }
        (lines <= 1 && has("secret")).then_some(Bond::Beside)
    }

    /// What stands on the line before a value, in small letters: its name. A value before it has one of its own.
    fn name_before(&self, at: usize) -> Vec<u8> {
        let text = &self.text[at.saturating_sub(NAME_MAX)..at];
        let from = memchr::memrchr3(b'\n', b',', b'{', text).map_or(0, |mark| mark + 1);
        text[from..].to_ascii_lowercase()
    }
}
