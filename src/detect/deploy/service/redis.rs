use std::ops::Range;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::source::FileView;

/// A Redis that everybody who reaches it may use (<https://redis.io/docs/latest/operate/oss_and_stack/management/security/>).
pub(in crate::detect::deploy) fn open_redis(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    let mut start = 0;
    let mut settings: Vec<(String, String, Range<usize>)> = Vec::new();
    for line in view.bytes().split_inclusive(|&b| b == b'\n') {
        let at = start;
        start += line.len();
        let text = line.trim_ascii();
        let (Some(space), false) = (text.iter().position(u8::is_ascii_whitespace), text.starts_with(b"#"))
        else {
            continue;
        };
        let name = String::from_utf8_lossy(&text[..space]).to_ascii_lowercase();
        let value = String::from_utf8_lossy(&text[space..]).trim().to_owned();
        let indent = line.len() - line.trim_ascii_start().len();
        settings.push((name, value, at + indent..at + indent + text.len()));
    }
    let last = |name: &str| settings.iter().rev().find(|(own, ..)| own == name);
    let has_password = ["requirepass", "user", "aclfile", "include"].iter().any(|name| last(name).is_some());
    if has_password {
        return;
    }
    if let Some((_, value, span)) = last("protected-mode")
        && value == "no"
    {
        let raw = Raw::at(span.clone())
            .message("whoever reaches Redis may read and delete all of it: no password, no protected mode");
        emit.raw(weighed(raw, severity));
    }
}
