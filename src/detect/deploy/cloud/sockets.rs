use std::ops::Range;

use super::app_service::apps;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange, RawRelated};
use crate::model::{Language, RepoPath};
use crate::repo::RepoView;

/// App Service that is told to take no web sockets, or to spread the requests of one client, where the program speaks
/// Socket.IO (<https://learn.microsoft.com/azure/app-service/faq-configuration-and-management>).
pub(in crate::detect::deploy) fn sockets(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let Some((code, place)) = spoken(repo) else { return };
    for (path, kept) in &repo.kept {
        let has = |what: &[u8]| memchr::memmem::find(&kept.bytes, what).is_some();
        if !(has(b"Microsoft.Web/sites") || has(b"azurerm_")) {
            continue;
        }
        let view = repo.file(path, kept);
        let Some(severity) = Standing::of(&view).fault(rule.rule.severity) else { continue };
        for app in apps(&view) {
            let name =
                |arm: &'static str, terraform: &'static str| if app.is_terraform { terraform } else { arm };
            for (setting, message) in [
                (
                    name("webSocketsEnabled", "websockets_enabled"),
                    "the program speaks Socket.IO, and App Service takes no WebSockets",
                ),
                (
                    name("clientAffinityEnabled", "client_affinity_enabled"),
                    "the program speaks Socket.IO, and the requests of one connection go to any instance",
                ),
            ] {
                let Some(found) = (app.get)(setting).filter(|found| found.value == "false") else { continue };
                let raw = Raw::at(found.span.clone())
                    .path(path.clone())
                    .message(message)
                    .fix(format!("Write true for {setting}."))
                    .change(Some(RawChange::replace("lets Socket.IO work", found.span, "true")))
                    .property("setting", setting)
                    .related(RawRelated {
                        path: Some(code.clone()),
                        range: Some(place.clone()),
                        message: "here".into(),
                    });
                emit.raw(weighed(raw, severity));
            }
        }
    }
}

/// Where a program speaks Socket.IO.
fn spoken(repo: &RepoView) -> Option<(&RepoPath, Range<usize>)> {
    repo.kept.iter().find_map(|(path, kept)| {
        let literal: &[u8] = match kept.kind.language {
            Language::Python => b"SocketIO(",
            Language::JavaScript | Language::TypeScript => b"socket.io",
            _ => return None,
        };
        let at = memchr::memmem::find(&kept.bytes, literal)?;
        // The client in a browser is another program.
        let is_client = memchr::memmem::find(&kept.bytes, b"socket.io-client").is_some();
        (!is_client && !kept.kind.target.is_for_show()).then(|| (path, at..at + literal.len()))
    })
}
