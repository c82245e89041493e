use std::fmt::{self, Write as _};
use std::io;

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeStyles};

use super::card::{Card, WINDOWS, cards};
use super::look::{Ink, Look, wrapping};
use super::neutral::{one_line, without_commands};
use super::window::{Window, windows};
use super::{concise, summary};
use crate::model::{Finding, Report, Severity};
use crate::rules::Catalog;

/// A card lists no more related places.
const ALSO: usize = 8;
/// A card lists no more lines of places that got no window.
const LINES: usize = 24;

pub(super) fn write(
    report: &Report,
    catalog: &Catalog,
    look: &Look,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut page = Page::new(catalog, look);
    let mut brief_before = false;
    for card in &cards(report, look) {
        page.text.clear();
        if card.brief {
            for finding in &card.findings {
                concise::finding(finding, look, &mut page.text);
            }
        } else {
            if brief_before {
                page.text.push('\n');
            }
            page.card(card);
        }
        brief_before = card.brief;
        page.flush(out)?;
    }
    page.text.clear();
    if brief_before {
        page.text.push('\n');
    }
    summary::rows(report, look, &mut page.text);
    page.flush(out)
}

/// Draws cards. One miette handler for each severity, made once.
struct Page<'a> {
    catalog: &'a Catalog,
    look: &'a Look,
    text: String,
    handlers: [GraphicalReportHandler; 3],
}

impl<'a> Page<'a> {
    fn new(catalog: &'a Catalog, look: &'a Look) -> Self {
        let handlers = [Severity::Note, Severity::Warning, Severity::Error].map(|s| handler(s, look));
        Self { catalog, look, text: String::new(), handlers }
    }

    fn flush(&self, out: &mut dyn io::Write) -> io::Result<()> {
        if self.look.ci_commands {
            out.write_all(without_commands(&self.text).as_bytes())
        } else {
            out.write_all(self.text.as_bytes())
        }
    }

    fn card(&mut self, card: &Card) {
        let first = card.first();
        let (shown, more) = card.findings.split_at(card.findings.len().min(WINDOWS));
        self.title(first);
        let windows = windows(shown, self.look);
        let digits = windows.iter().map(Window::digits).max().unwrap_or(0);
        for window in &windows {
            self.window(window, digits, first.severity);
        }
        for finding in shown {
            let drawn = !windows.is_empty() && finding.evidence.is_some();
            // What concerns the repository as a whole has no place to name.
            if !drawn && finding.place.path.is_some() {
                self.row("file:", &self.look.whole_place(&finding.place));
            }
        }
        if !more.is_empty() {
            self.row("more:", &more_places(more));
        }
        if self.look.verbose > 0
            && let Some(rule) = self.catalog.get(first.rule.as_str())
        {
            self.row("why:", &one_line(&rule.why));
        }
        if !first.fix.trim().is_empty() {
            self.row("help:", &one_line(&first.fix));
        }
        let related: Vec<_> = shown.iter().flat_map(|f| &f.related).collect();
        for also in related.iter().take(ALSO) {
            let place = self.look.place(Some(&also.path), also.span.as_ref());
            self.row("also:", format!("{place}  {}", one_line(&also.message)).trim_end());
        }
        if related.len() > ALSO {
            self.row("also:", &format!("and {} more places", related.len() - ALSO));
        }
        self.text.push('\n');
    }

    /// `error[family/name]: message`, bold, wrapped under itself.
    fn title(&mut self, finding: &Finding) {
        let look = self.look;
        let id = one_line(finding.rule.as_str());
        let head = format!("{}[{id}]", finding.severity.word());
        let message = format!("{head}: {}", one_line(&finding.message));
        let width = look.columns();
        for (index, line) in
            textwrap::wrap(message.trim_end(), wrapping(width).subsequent_indent("  ")).iter().enumerate()
        {
            let ink = Ink::Severity(finding.severity);
            match line.strip_prefix(&*head).filter(|_| index == 0) {
                Some(rest) => {
                    let address = self.address(finding);
                    self.text.push_str(&look.linked(&look.paint(ink, &head), address.as_deref()));
                    self.text.push_str(&look.paint(Ink::Strong, rest));
                }
                None => self.text.push_str(&look.paint(Ink::Strong, line)),
            }
            self.text.push('\n');
        }
    }

    /// Where more is written about the finding: the advisory, or what a built-in rule refers to. Rules of
    /// the repository do not get to place links.
    fn address(&self, finding: &Finding) -> Option<String> {
        if !self.look.hyperlinks {
            return None;
        }
        if let Some(id) = finding.properties.get("advisory").filter(|id| id.starts_with("RUSTSEC-")) {
            let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            return plain.then(|| format!("https://rustsec.org/advisories/{id}.html"));
        }
        let id = finding.rule.as_str();
        let rule = self.catalog.get(id).filter(|_| self.catalog.is_built_in(id))?;
        rule.refs.iter().find(|r| r.starts_with("https://")).map(ToString::to_string)
    }

    /// The frame of a window stands as far in as its numbers are long; in one card all stand alike.
    fn window(&mut self, window: &Window, digits: usize, severity: Severity) {
        let handler = match severity {
            Severity::Note => &self.handlers[0],
            Severity::Warning => &self.handlers[1],
            Severity::Error => &self.handlers[2],
        };
        let start = self.text.len();
        let indent = digits.saturating_sub(window.digits());
        let mut body = Body { out: &mut self.text, indent, title_passed: false, line_open: false };
        if handler.render_report(&mut body, window).is_err() {
            // It fails where a label is not in the window; ours are.
            self.text.truncate(start);
        }
    }

    /// A word, and text wrapped beside it.
    fn row(&mut self, key: &str, text: &str) {
        let lead = format!("  {key:<6}");
        let indent = " ".repeat(lead.len());
        let options = wrapping(self.look.columns()).initial_indent(&lead).subsequent_indent(&indent);
        for (index, line) in textwrap::wrap(text, options).iter().enumerate() {
            match line.strip_prefix(&*lead).filter(|_| index == 0) {
                Some(rest) => {
                    self.text.push_str(&self.look.paint(Ink::Key, &lead));
                    self.text.push_str(rest);
                }
                None => self.text.push_str(line),
            }
            self.text.push('\n');
        }
    }
}

/// `and 37 more on lines 12, 14 and 35 more lines`
fn more_places(findings: &[&Finding]) -> String {
    let mut lines: Vec<u32> = findings.iter().filter_map(|f| f.place.span.map(|s| s.line)).collect();
    lines.dedup();
    let mut text = format!("and {} more", findings.len());
    for (index, line) in lines.iter().take(LINES).enumerate() {
        let lead = match index {
            0 if lines.len() == 1 => " on line ",
            0 => " on lines ",
            _ => ", ",
        };
        text.push_str(lead);
        text.push_str(&line.to_string());
    }
    match lines.len().saturating_sub(LINES) {
        0 => {}
        1 => text.push_str(" and 1 more line"),
        rest => {
            // Writing to a String cannot fail.
            let _ = write!(text, " and {rest} more lines");
        }
    }
    text
}

fn handler(severity: Severity, look: &Look) -> GraphicalReportHandler {
    let mut theme = match (look.unicode, look.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    // One colour for a card: that of its severity.
    let highlight = match severity {
        Severity::Error => theme.styles.error,
        Severity::Warning => theme.styles.warning,
        Severity::Note => theme.styles.advice,
    };
    theme.styles.highlights = vec![highlight];
    theme.styles.link = ThemeStyles::none().link;
    GraphicalReportHandler::new_themed(theme)
        .with_width(look.columns())
        .with_urls(false)
        .with_context_lines(1)
        .without_cause_chain()
        .without_syntax_highlighting()
}

/// Lets everything pass but the first line: miette opens with an icon and the message, and ours stands
/// already.
struct Body<'a> {
    out: &'a mut String,
    /// Cells before each line.
    indent: usize,
    title_passed: bool,
    line_open: bool,
}

impl fmt::Write for Body<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut text = text;
        if !self.title_passed {
            let Some((_, behind)) = text.split_once('\n') else { return Ok(()) };
            self.title_passed = true;
            text = behind;
        }
        if self.indent == 0 {
            self.out.push_str(text);
            return Ok(());
        }
        for line in text.split_inclusive('\n') {
            if !self.line_open {
                self.out.extend(std::iter::repeat_n(' ', self.indent));
            }
            self.out.push_str(line);
            self.line_open = !line.ends_with('\n');
        }
        Ok(())
    }
}
