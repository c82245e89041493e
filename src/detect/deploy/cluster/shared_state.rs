use super::at;
use super::copies::{Copies, copies, is_for_show};
use crate::detect::deploy::check::weighed;
use crate::detect::{Emit, Prepared, Raw, RawRelated};
use crate::model::{Language, RepoPath};
use crate::repo::RepoView;
use crate::repo::deployment::Placed;
use crate::source::FileView;

/// A call in a program that runs in production.
struct Called {
    path: RepoPath,
    callee: Placed,
}

/// The calls of the kept files that a rule looks for. `is_it` is shown the view and a call's place in it.
fn calls(repo: &RepoView, literals: &[&[u8]], is_it: impl Fn(&FileView, usize) -> bool) -> Vec<Called> {
    let mut found = Vec::new();
    for (path, kept) in &repo.kept {
        let is_program =
            matches!(kept.kind.language, Language::Python | Language::JavaScript | Language::TypeScript);
        if !is_program || !literals.iter().any(|literal| memchr::memmem::find(&kept.bytes, literal).is_some())
        {
            continue;
        }
        let view = repo.file(path, kept);
        if is_for_show(&view) || view.is_packed() {
            continue;
        }
        let settings = view.settings();
        for (index, call) in settings.calls.iter().enumerate() {
            if is_it(&view, index) && settings.guard(view.bytes(), call.callee_span.start).is_none() {
                let callee = Placed { text: call.callee.clone(), span: call.callee_span.clone() };
                found.push(Called { path: path.clone(), callee });
            }
        }
    }
    found
}

fn last_part(callee: &str) -> &str {
    callee.rsplit(['.', ':']).next().unwrap_or(callee)
}

/// Limits that each process counts for itself because the program names no store
/// (<https://flask-limiter.readthedocs.io/en/stable/#configuring-a-storage-backend>).
pub(in crate::detect::deploy) fn uncounted_limits(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let is_limiter = |view: &FileView, index: usize| {
        let settings = view.settings();
        let call = &settings.calls[index];
        let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
        match last_part(&call.callee) {
            "Limiter" => {
                (has(b"flask_limiter") || has(b"slowapi"))
                    && settings.argument(index, "storage_uri").is_none()
            }
            "rateLimit" => {
                let inside = &view.bytes()[call.span.clone()];
                has(b"express-rate-limit") && memchr::memmem::find(inside, b"store").is_none()
            }
            _ => false,
        }
    };
    let limiters = calls(repo, &[&b"Limiter("[..], b"rateLimit("], is_limiter);
    // A store that is named anywhere may be theirs.
    let is_named =
        || repo.kept.values().any(|kept| memchr::memmem::find(&kept.bytes, b"RATELIMIT_STORAGE").is_some());
    if limiters.is_empty() || is_named() {
        return;
    }
    let copies = copies(repo);
    for limiter in &limiters {
        let Some(copies) = copies.iter().find(|copies| limiter.path.is_in(&copies.folder)) else { continue };
        let raw = at(&limiter.path, &limiter.callee, rule.rule.severity)
            .message(format!("{}, and each counts for itself: the limit is a multiple", copies.what))
            .fix("Give it a store that all share: storage_uri=os.environ[\"REDIS_URL\"], or store: new RedisStore(…).")
            .related(copies.related());
        emit.raw(raw);
    }
}

/// Socket.IO in more than one process (<https://flask-socketio.readthedocs.io/en/latest/deployment.html>): gunicorn sends
/// the requests of one connection to any of its processes, and copies do not know each other's clients.
pub(in crate::detect::deploy) fn scattered_sockets(rule: &Prepared, repo: &RepoView, emit: &mut Emit) {
    let sockets = calls(repo, &[&b"SocketIO("[..]], |view, index| {
        last_part(&view.settings().calls[index].callee) == "SocketIO"
    });
    if sockets.is_empty() {
        return;
    }
    let has_queue = |path: &RepoPath| {
        repo.bytes(path).is_some_and(|bytes| {
            [&b"message_queue"[..], b"client_manager"]
                .iter()
                .any(|word| memchr::memmem::find(bytes, word).is_some())
        })
    };
    let copies = copies(repo);
    for socket in &sockets {
        let mine = |copies: &&Copies| socket.path.is_in(&copies.folder);
        for copies in copies.iter().filter(mine).filter(|copies| copies.are_processes) {
            let raw = Raw::at(copies.span.clone())
                .path(copies.path.clone())
                .message(format!(
                    "{}, and those of one connection of Socket.IO must all reach the same: sessions break off",
                    copies.what
                ))
                .fix("Write one worker with -k eventlet or -k gevent, and start more copies behind a balancer that keeps clients apart.")
                .related(RawRelated {
                    path: Some(socket.path.clone()),
                    range: Some(socket.callee.span.clone()),
                    message: "the application speaks Socket.IO".into(),
                });
            emit.raw(weighed(raw, rule.rule.severity));
        }
        let several = copies.iter().filter(mine).find(|copies| !copies.are_processes);
        if let Some(copies) = several.filter(|_| !has_queue(&socket.path)) {
            let raw = at(&socket.path, &socket.callee, rule.rule.severity)
                .message(format!("{}, and none reaches the clients of another", copies.what))
                .fix("Write message_queue=os.environ[\"REDIS_URL\"].")
                .related(copies.related());
            emit.raw(raw);
        }
    }
}
