use std::io;

use super::card::visible;
use super::look::{Ink, Look};
use super::neutral::{one_line, without_commands};
use super::summary;
use crate::model::{Finding, Report};

pub(super) fn write(report: &Report, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = String::new();
    for item in visible(report, look) {
        page.clear();
        finding(item, look, &mut page);
        flush(&page, look, out)?;
    }
    page.clear();
    summary::lines(report, look, &mut page);
    flush(&page, look, out)
}

fn flush(page: &str, look: &Look, out: &mut dyn io::Write) -> io::Result<()> {
    if look.ci_commands {
        out.write_all(without_commands(page).as_bytes())
    } else {
        out.write_all(page.as_bytes())
    }
}

/// `path:line:column: error[family/name] message`
pub(super) fn finding(finding: &Finding, look: &Look, page: &mut String) {
    let head = format!("{}[{}]", finding.severity.word(), one_line(finding.rule.as_str()));
    page.push_str(&look.whole_place(&finding.place));
    page.push_str(": ");
    page.push_str(&look.paint(Ink::Severity(finding.severity), &head));
    page.push(' ');
    page.push_str(one_line(&finding.message).trim_end());
    page.push('\n');
}
