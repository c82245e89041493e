use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::policy::{IDS_PER_MARK, graded};
use super::{AllowEntry, Mark, Policy};
use crate::model::{Evidence, Finding, Fingerprint, Place, RuleId, Severity, Status};
use crate::rules::Catalog;
use crate::rules::catalog::{FAMILIES, names, nearest};

const WITHOUT_REASON: RuleId = RuleId::of("meta/allow-without-reason");
const UNUSED: RuleId = RuleId::of("meta/unused-allow");
const EXPIRED: RuleId = RuleId::of("meta/expired-allow");
const UNKNOWN_ADVISORY: RuleId = RuleId::of("meta/unknown-advisory");
const UNKNOWN: RuleId = RuleId::of("meta/unknown-allow");

/// The rule about entries of a baseline that no longer occur.
pub const STALE_BASELINE: &str = "meta/stale-baseline";

/// No id is longer; the distance to longer words is not worth computing.
const LONGEST_ID: usize = 100;
/// For so many unknown ids of a report it is said what was probably meant.
const SUGGESTIONS: usize = 20;

/// What there is to say about the inline allows. `used` has for each mark which of its ids silenced something.
pub(super) fn of_marks(policy: &Policy<'_>, used: &[Vec<bool>], catalog: &Catalog) -> Vec<Finding> {
    let says = Says::new(policy, catalog);
    let mut said = Vec::new();
    for (mark, used) in policy.marks.iter().zip(used) {
        if mark.ids.is_empty() {
            let message = if mark.is_misspelt {
                "This allows nothing: the form is prodcheck:allow(rule-id) and a reason"
            } else {
                "This allow names no rule: the form is allow(rule-id) and a reason"
            };
            said.extend(says.about(UNKNOWN, message.into(), &mark.place(), mark.evidence.as_ref()));
            continue;
        }
        let mut unused = Vec::new();
        let mut known = 0;
        if mark.ids.len() > IDS_PER_MARK {
            let message =
                format!("This allow names more than {IDS_PER_MARK} rules; those behind are not heeded");
            said.extend(says.about(UNKNOWN, message, &mark.place(), mark.evidence.as_ref()));
        }
        for (id, used) in mark.ids.iter().take(IDS_PER_MARK).zip(used) {
            if let Some(message) = says.unknown(id) {
                said.extend(says.about(UNKNOWN, message, &mark.place(), mark.evidence.as_ref()));
                continue;
            }
            known += 1;
            if !used && says.all_ran(id) {
                unused.push(format!("`{id}`"));
            }
        }
        if unused.len() < known && mark.reason.is_none() {
            let message = "This allow does not say why".into();
            said.extend(says.about(WITHOUT_REASON, message, &mark.place(), mark.evidence.as_ref()));
        }
        if !unused.is_empty() {
            let message = format!("Nothing here is found by {}", unused.join(", "));
            said.extend(says.about(UNUSED, message, &mark.place(), mark.evidence.as_ref()));
        }
    }
    said
}

/// What there is to say about the allows of the configuration. `used` has for each whether it silenced
/// something.
pub(super) fn of_configuration(policy: &Policy<'_>, used: &[bool], catalog: &Catalog) -> Vec<Finding> {
    let says = Says::new(policy, catalog);
    let mut said = Vec::new();
    for (entry, used) in policy.allows.iter().zip(used) {
        let place = &entry.place;
        match &entry.until {
            Some(until) if entry.is_expired(policy.today) => {
                let message =
                    format!("The allow of `{}` ended on {until} and silences nothing", entry.what());
                said.extend(says.about(EXPIRED, message, place, entry.evidence.as_ref()));
            }
            _ if !used && entry.advisory.as_ref().is_some_and(|a| a.is_unknown) => {
                let message = format!("No advisory of the data is called `{}`", entry.what());
                said.extend(says.about(UNKNOWN_ADVISORY, message, place, entry.evidence.as_ref()));
            }
            _ if !used && says.all_ran(&entry.rule) && says.all_seen(entry) => {
                let message = format!("The allow of `{}` silences nothing", entry.what());
                let found = says.about(UNUSED, message, place, entry.evidence.as_ref());
                // What another tool is told to ignore may be of use there.
                said.extend(found.map(|finding| match entry.foreign_file() {
                    Some(_) => Finding { severity: Severity::Note, ..finding },
                    None => finding,
                }));
            }
            _ => {}
        }
    }
    said
}

/// What there is to say about entries of the baseline that no longer occur. `place` is the first of them.
pub fn of_baseline(
    policy: &Policy<'_>,
    catalog: &Catalog,
    stale: usize,
    place: &Place,
    evidence: Option<&Evidence>,
) -> Option<Finding> {
    let message = match stale {
        0 => return None,
        1 => "One entry of the baseline no longer occurs".to_owned(),
        more => format!("{more} entries of the baseline no longer occur"),
    };
    let found = Says::new(policy, catalog).about(RuleId::of(STALE_BASELINE), message, place, evidence)?;
    graded(found, policy)
}

impl Mark {
    fn place(&self) -> Place {
        Place {
            path: Some(self.path.clone()),
            span: Some(self.span),
            origin: self.origin.clone(),
            via: Vec::new(),
        }
    }
}

pub(super) struct Says<'a> {
    policy: &'a Policy<'a>,
    catalog: &'a Catalog,
    /// All ids, in order.
    ids: BTreeSet<&'a str>,
    /// How often it was said what was meant.
    suggested: Cell<usize>,
    /// Whether all rules of a selector ran, for those that were asked.
    ran: RefCell<BTreeMap<String, bool>>,
}

impl<'a> Says<'a> {
    pub(super) fn new(policy: &'a Policy<'a>, catalog: &'a Catalog) -> Self {
        let ids = catalog.rules().map(|rule| &*rule.id).collect();
        Self { policy, catalog, ids, suggested: Cell::new(0), ran: RefCell::default() }
    }

    /// Whether the selector is a family or names a rule. Looked up: there may be many marks.
    fn exists(&self, selector: &str) -> bool {
        let begins = |prefix: &str| self.ids.range(prefix..).next().is_some_and(|id| id.starts_with(prefix));
        match selector.strip_suffix('*') {
            Some(prefix) => prefix.contains('/') && begins(prefix),
            None => {
                FAMILIES.contains(&selector)
                    || self.ids.contains(selector)
                    || !selector.contains('/') && begins(&format!("{selector}/"))
            }
        }
    }

    /// The finding, if its rule runs.
    pub(super) fn about(
        &self,
        rule: RuleId,
        message: String,
        place: &Place,
        evidence: Option<&Evidence>,
    ) -> Option<Finding> {
        let words = self.catalog.get(rule.as_str())?;
        self.policy.selected.contains(rule.as_str()).then(|| Finding {
            rule,
            severity: words.severity,
            confidence: words.confidence,
            proof: None,
            message,
            fix: words.fix.to_string(),
            change: None,
            place: place.clone(),
            evidence: evidence.cloned(),
            related: Vec::new(),
            fingerprint: Fingerprint::default(),
            status: Status::New,
            allow: None,
            properties: BTreeMap::new(),
        })
    }

    /// Why a mark cannot name this. The text itself is not repeated: nobody has looked for secrets in it.
    fn unknown(&self, id: &str) -> Option<String> {
        if id.split('/').next() == Some("meta") {
            return Some("Findings about allows are silenced in the configuration, not by a mark".into());
        }
        if self.exists(id) {
            return None;
        }
        let suggests = id.len() <= LONGEST_ID && self.suggested.get() < SUGGESTIONS;
        self.suggested.set(self.suggested.get() + 1);
        let near = suggests.then(|| nearest(id, self.catalog.selectors())).flatten();
        Some(match near {
            Some(near) => format!("This allow names a rule that does not exist; did you mean `{near}`?"),
            None => "This allow names a rule that does not exist".into(),
        })
    }

    /// Whether every rule that the selector names ran; of a family, those that belong to the run's profile.
    fn all_ran(&self, selector: &str) -> bool {
        if let Some(&ran) = self.ran.borrow().get(selector) {
            return ran;
        }
        let mut rules = self
            .catalog
            .rules()
            .filter(|rule| names(selector, rule))
            .filter(|rule| rule.profile <= self.policy.profile || *rule.id == *selector)
            .peekable();
        let ran = rules.peek().is_some() && rules.all(|rule| self.policy.selected.contains(&*rule.id));
        self.ran.borrow_mut().insert(selector.to_owned(), ran);
        ran
    }

    /// Whether everything was looked at that the entry may be about.
    fn all_seen(&self, entry: &AllowEntry) -> bool {
        self.policy.whole
            && match &entry.path {
                None => self.policy.unread.is_empty(),
                Some(glob) => !self.policy.unread.iter().any(|path| glob.matches(path)),
            }
    }
}
