use super::services;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::source::{FileView, YamlNode, YamlStyle};

/// Ports of databases, caches and queues that a Compose file opens on every address of the machine.
///
/// The rule's words: `ports`, each `number=what listens there`.
pub(in crate::detect::deploy) fn exposed_database(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).lack(rule.rule.severity) else { return };
    for service in services(view) {
        let name = service.name.as_str().unwrap_or_default();
        for port in service.node.lookup("ports").into_iter().flat_map(YamlNode::elements) {
            let Some((container, node)) = open_port(port) else { continue };
            let known = rule.rule.detect.words("ports").iter().find_map(|known| {
                known.split_once('=').filter(|(number, _)| *number == container).map(|(_, what)| what)
            });
            let Some(what) = known else { continue };
            let raw = Raw::at(node.resolved().span())
                .message(format!(
                    "{name} opens {what} on every address of the machine; Docker's rules come before those of a firewall"
                ))
                .fix("Delete the line (services reach each other without), or write 127.0.0.1: in front of it.")
                .change(port.as_str().and_then(|text| bound(port, text)));
            emit.raw(weighed(raw, severity));
        }
    }
}

/// The port of the container that is published for everybody, and where that is written.
fn open_port<'v>(port: YamlNode<'v, 'v>) -> Option<(&'v str, YamlNode<'v, 'v>)> {
    if let Some(text) = port.as_str() {
        return Some((published(text)?, port));
    }
    let is_bound = port.lookup("host_ip").and_then(YamlNode::as_str).is_some_and(is_local);
    port.lookup("published").filter(|_| !is_bound)?;
    let target = port.lookup("target")?;
    Some((target.as_str()?, target))
}

fn is_local(host: &str) -> bool {
    host.starts_with("127.") || matches!(host, "localhost" | "::1" | "[::1]")
}

/// The container's port of `5432:5432`, `0.0.0.0:5432:5432/tcp`; `None` if it is bound to this machine, or if it is
/// published on a port that nobody can guess.
fn published(text: &str) -> Option<&str> {
    let text = text.split('/').next().unwrap_or(text);
    let (host, container) = text.rsplit_once(':')?;
    // `127.0.0.1:5432:5432`, and a variable that may say so.
    let (address, _) = host.rsplit_once(':').unwrap_or(("", host));
    if is_local(address) || address.contains('$') || host.contains("${") && host.contains("BIND") {
        return None;
    }
    Some(container)
}

/// The same, open to this machine alone.
fn bound(node: YamlNode, text: &str) -> Option<RawChange> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b':') && text.matches(':').count() == 1;
    if !is_plain || node.is_alias() {
        return None;
    }
    let span = node.span();
    let at = match node.style()? {
        YamlStyle::Single | YamlStyle::Double => span.start + 1,
        YamlStyle::Plain => span.start,
        _ => return None,
    };
    Some(RawChange::replace("opens it to this machine alone", at..at, "127.0.0.1:"))
}
