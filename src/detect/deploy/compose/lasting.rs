use super::{is_declared, is_job, services};
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::source::{ComposeService, FileView, YamlNode};

/// Services of a file that runs somewhere for good, whatever runs them: not those that end by themselves.
fn lasting<'v>(view: &'v FileView<'_>) -> Vec<ComposeService<'v, 'v>> {
    let mut services = services(view);
    services.retain(|service| {
        is_declared(service) && !is_job(service) && service.node.lookup("extends").is_none()
    });
    services
}

fn report(
    rule: &Prepared,
    view: &FileView,
    emit: &mut Emit,
    is_missing: impl Fn(&ComposeService) -> bool,
    what: &str,
    change: impl Fn(&ComposeService) -> Option<RawChange>,
) {
    // Where nobody says that it is production, it is mostly not.
    if Standing::of(view) != Standing::Production {
        return;
    }
    for service in lasting(view) {
        if is_missing(&service) {
            let name = service.name.as_str().unwrap_or_default();
            let raw = Raw::at(service.name.span()).message(format!("{name} {what}")).change(change(&service));
            emit.raw(weighed(raw, rule.rule.severity));
        }
    }
}

/// Nothing starts it again.
pub(in crate::detect::deploy) fn restart(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let is_missing = |service: &ComposeService| {
        let policy = service.node.lookup("restart").and_then(YamlNode::as_str);
        let deploy = service.node.lookup("deploy").and_then(|deploy| deploy.lookup("restart_policy"));
        deploy.is_none() && matches!(policy, None | Some("no" | "false"))
    };
    let change = |service: &ComposeService| match service.node.member("restart") {
        None => with_line(view, service, "restart: unless-stopped"),
        Some(_) => None,
    };
    report(rule, view, emit, is_missing, "stays down when it ends or the machine restarts", change);
}

/// Its log grows for ever.
pub(in crate::detect::deploy) fn log_rotation(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let is_missing = |service: &ComposeService| {
        let Some(logging) = service.node.lookup("logging") else { return true };
        let driver = logging.lookup("driver").and_then(YamlNode::as_str).unwrap_or("json-file");
        // The other drivers send logs away, or bound them by themselves.
        driver == "json-file"
            && logging.lookup("options").and_then(|options| options.lookup("max-size")).is_none()
    };
    report(rule, view, emit, is_missing, "writes a log that is never cut, until the disk is full", |_| None);
}

/// It may take all memory of the machine.
pub(in crate::detect::deploy) fn limits(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let is_missing = |service: &ComposeService| {
        let deploy = service.node.lookup("deploy").and_then(|deploy| deploy.lookup("resources"));
        service.node.lookup("mem_limit").is_none()
            && deploy
                .and_then(|resources| resources.lookup("limits"))
                .and_then(|l| l.lookup("memory"))
                .is_none()
    };
    report(rule, view, emit, is_missing, "may take all memory of the machine", |_| None);
}

/// The service with a line more, as its first.
fn with_line(view: &FileView, service: &ComposeService, line: &str) -> Option<RawChange> {
    let (key, _) = service.node.members().next()?;
    let at = key.span().start;
    let bytes = view.bytes();
    let line_start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1);
    let indent = bytes.get(line_start..at)?;
    // In braces, or through an alias, there are no lines.
    let is_block = !service.node.is_alias() && !indent.is_empty() && indent.iter().all(|b| *b == b' ');
    let indent = std::str::from_utf8(indent).ok()?;
    is_block.then(|| RawChange::replace("adds the policy", at..at, format!("{line}\n{indent}")))
}
