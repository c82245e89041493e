use std::ops::Range;

use super::file::{Found, run_hits};
use super::plan::Plan;
use crate::detect::Raw;
use crate::model::{Coverage, Language, NotChecked, Proof, Region, Secret, Target};
use crate::source::{Decoded, Decoding, FileView, FindKind, LongRuns};

/// How many decoders may stand one in the other.
const DEPTH_MAX: usize = 3;
/// No more is decoded of one file, however large it is.
const BUDGET_MAX: usize = 4 << 20;

/// Runs the secrets family over what is encoded in a file, and over what is encoded in that. What it finds is placed
/// on the encoded bytes.
pub(super) fn run_decoded(plan: &Plan, view: &FileView, runs: &LongRuns, found: &mut Found) {
    let mut run =
        Run { plan, file: view, budget: (2 * view.bytes().len()).min(BUDGET_MAX), found: Found::default() };
    let complete = run.layers(view.bytes(), runs, &mut Vec::new());
    let inner = run.found;
    if !complete {
        found.not_checked.push(budget_spent(view));
    }
    if !inner.raws.is_empty() {
        let said = Said::of(found);
        found.raws.extend(inner.raws.into_iter().filter(|(_, raw)| !said.covers(raw)));
    }
    found.masks.extend(inner.masks);
    found.not_checked.extend(inner.not_checked);
    for rule in inner.crashed {
        if !found.crashed.contains(&rule) {
            found.crashed.push(rule);
        }
    }
}

fn budget_spent(view: &FileView) -> NotChecked {
    NotChecked {
        path: Some(view.path().clone()),
        what: "encoded",
        reason: "so much of it is encoded that not all of that was decoded".into(),
        mend: None,
        coverage: Coverage::Outside,
    }
}

struct Run<'r, 'p, 'v, 'b> {
    plan: &'r Plan<'p>,
    file: &'v FileView<'b>,
    budget: usize,
    found: Found,
}

impl Run<'_, '_, '_, '_> {
    /// Decodes what is encoded in a text, which is the file's or was decoded by `around`, outermost first. `false`
    /// if the budget did not suffice. At most [`DEPTH_MAX`] calls deep.
    fn layers(&mut self, text: &[u8], runs: &LongRuns, around: &mut Vec<Decoded>) -> bool {
        let mut complete = true;
        let mut decoding =
            if around.is_empty() { Decoding::new(text, runs) } else { Decoding::of_decoded(text, runs) };
        while let Some(decoded) = decoding.next(&mut self.budget) {
            if !is_picture(&text[..decoded.range.start]) {
                around.push(decoded);
                complete &= self.layer(around);
                around.pop();
            }
        }
        complete && !decoding.is_cut()
    }

    /// Looks at the innermost layer, and into it.
    fn layer(&mut self, around: &mut Vec<Decoded>) -> bool {
        let Some(innermost) = around.last_mut() else { return true };
        let text = std::mem::take(&mut innermost.text);
        let place = Place(around);
        let kind = Inner { file: self.file, at: place.source(0..1).start, text: &text, around };
        let view = FileView::of_kind(self.file.path(), &text, &kind);
        let mut found = Found::default();
        let runs = run_hits(self.plan, &view, true, &mut found);
        let is_data = place.is_data_url(self.file.bytes());
        for (rule, raw) in found.raws {
            // Whatever a page or a source map carries along has names of credentials in it.
            if raw.path.is_none() && !(is_data && raw.proof < Some(Proof::Shape)) {
                self.found.raws.extend(place.raw(raw).map(|raw| (rule, raw)));
            }
        }
        self.found.masks.extend(found.masks.iter().filter_map(|mask| place.secret(mask)));
        self.found.not_checked.extend(found.not_checked);
        self.found.crashed.extend(found.crashed);
        around.len() == DEPTH_MAX || self.layers(&text, &runs, around)
    }
}

/// Where a layer stands: the decoded stretches around it, outermost first.
struct Place<'d>(&'d [Decoded]);

impl Place<'_> {
    /// The bytes of the file that these bytes of the layer come from.
    fn source(&self, range: Range<usize>) -> Range<usize> {
        self.0.iter().rev().fold(range, |range, layer| layer.positions.source(range))
    }

    /// The same with everything that one cannot read without decoding along: all digits of a stretch of digits.
    fn cover(&self, range: Range<usize>) -> Range<usize> {
        self.0.iter().rev().fold(range, |range, layer| {
            if layer.is_mixed { layer.positions.source(range) } else { layer.range.clone() }
        })
    }

    /// The decoders between the file and these bytes, outermost first.
    fn via(&self, range: Range<usize>) -> Vec<&'static str> {
        let mut via = Vec::new();
        let mut range = range;
        for layer in self.0.iter().rev() {
            if !(layer.is_mixed && layer.positions.is_plain(range.clone())) {
                via.extend(layer.via.iter().rev());
            }
            range = layer.positions.source(range);
        }
        via.reverse();
        via
    }

    /// The secret as bytes of the file; nothing if it stands there as it is. No prefix of an encoded text is
    /// anybody's.
    fn secret(&self, secret: &Secret) -> Option<Secret> {
        (!self.via(secret.range.clone()).is_empty())
            .then(|| Secret { range: self.source(secret.range.clone()), prefix: 0 })
    }

    /// The finding as one of the file; nothing if a mixed layer begins or ends within it.
    fn raw(&self, mut raw: Raw) -> Option<Raw> {
        let range = raw.range?;
        let whole = raw.secrets.iter().fold(range.clone(), |whole, secret| {
            whole.start.min(secret.range.start)..whole.end.max(secret.range.end)
        });
        let mut via = self.via(whole.clone());
        if via.is_empty() {
            // It stands there as it is, and what is around it is encoded. If it was found without decoding
            // too, that counts.
            let innermost = self.0.last()?;
            let source = innermost.positions.source(whole);
            if source.start == innermost.range.start || source.end == innermost.range.end {
                return None;
            }
            via = self.0.iter().flat_map(|layer| layer.via).copied().collect();
        }
        let covers: Vec<Secret> =
            raw.secrets.iter().map(|s| Secret { range: self.cover(s.range.clone()), prefix: 0 }).collect();
        for secret in &mut raw.secrets {
            *secret = Secret { range: self.source(secret.range.clone()), prefix: 0 };
        }
        // The first is what the finding is told from others by; the others only hide.
        raw.secrets.extend(covers);
        for related in &mut raw.related {
            related.range = related.range.take().map(|range| self.source(range));
        }
        raw.range = Some(self.source(range));
        raw.via = via;
        Some(raw)
    }

    /// Whether the outermost stretch is the data of a URL: `data:…;base64,`.
    fn is_data_url(&self, file: &[u8]) -> bool {
        self.0.first().is_some_and(|outermost| file[..outermost.range.start].ends_with(b";base64,"))
    }
}

/// Whether what goes before says that a picture or another medium follows.
fn is_picture(before: &[u8]) -> bool {
    let Some(before) = before.strip_suffix(b";base64,") else { return false };
    let near = &before[before.len().saturating_sub(64)..];
    let media = [&b"image/"[..], b"font/", b"audio/", b"video/", b"application/font", b"application/x-font"];
    memchr::memmem::rfind(near, b"data:")
        .is_some_and(|at| media.iter().any(|kind| near[at + 5..].starts_with(kind)))
}

/// What a layer is: a line with escapes in it is what the file is, everything else has a form of its own.
struct Inner<'l, 'b> {
    file: &'l FileView<'b>,
    /// Where in the file it begins.
    at: usize,
    text: &'l [u8],
    around: &'l [Decoded],
}

impl FindKind for Inner<'_, '_> {
    fn language(&self) -> Language {
        let is_mixed = self.around.iter().all(|layer| layer.is_mixed);
        if is_mixed { self.file.language() } else { language_of(self.text) }
    }

    fn target(&self, _: Language) -> Target {
        // A layer has no comments; what stands in a comment is told about, as documentation is.
        match self.file.region_at(self.at.min(self.file.bytes().len().saturating_sub(1))) {
            Region::Comment | Region::Doc => Target::Doc,
            Region::Code | Region::String => self.file.target_at(self.at),
        }
    }
}

/// What a text without a name is written in, told by its first line.
fn language_of(text: &[u8]) -> Language {
    let text = text.trim_ascii_start();
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = &line[..line.len().min(256)];
    let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
    match line {
        [b'[', .., b']'] if line.len() > 2 && text.len() > line.len() => Language::Ini,
        [b'{' | b'[', ..] => Language::Json,
        [b'<', ..] => Language::Xml,
        [b'#', b'!', ..] => Language::Shell,
        _ if name > 0 && line[name..].starts_with(b"=") => Language::Dotenv,
        _ if name > 0 && (line[name..].starts_with(b": ") || line[name..] == *b":") => Language::Yaml,
        [b'#', ..] => Language::Dotenv,
        [b'-', b'-', b'-'] => Language::Yaml,
        _ => Language::Unknown,
    }
}

/// What was said of a file before anything was decoded: for each level of proof, the stretches that have it or a
/// better one.
struct Said(Vec<(Option<Proof>, Stretches)>);

/// Starts and, behind each, the greatest end so far; in order.
type Stretches = Vec<(usize, usize)>;

impl Said {
    fn of(found: &Found) -> Self {
        let stretches = |proof: Option<Proof>| {
            let proven = found.raws.iter().filter(|(_, raw)| raw.path.is_none() && raw.proof >= proof);
            let secrets = proven.flat_map(|(_, raw)| &raw.secrets);
            let mut stretches: Stretches = secrets.map(|s| (s.range.start, s.range.end)).collect();
            stretches.sort_unstable();
            let mut end = 0;
            for stretch in &mut stretches {
                end = end.max(stretch.1);
                stretch.1 = end;
            }
            (proof, stretches)
        };
        Self([None].into_iter().chain(Proof::ALL.iter().copied().map(Some)).map(stretches).collect())
    }

    /// Whether something that is proven as well was said of the same bytes: a token's parts and a key's body say
    /// nothing new.
    fn covers(&self, raw: &Raw) -> bool {
        let Some(range) = raw.secrets.first().map(|secret| &secret.range) else { return false };
        self.0.iter().filter(|(proof, _)| *proof == raw.proof).any(|(_, stretches)| {
            let before = stretches.partition_point(|&(start, _)| start < range.end);
            before.checked_sub(1).is_some_and(|last| stretches[last].1 > range.start)
        })
    }
}
