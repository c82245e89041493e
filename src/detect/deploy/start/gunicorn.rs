use std::ops::Range;

use super::dev_server::standing;
use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::model::Language;
use crate::source::{FileView, StartCommand, StartPlace};

/// A setting of a server and where it stands.
struct Setting {
    value: String,
    span: Range<usize>,
}

/// Finds a setting by one of its names.
type Lookup<'v> = Box<dyn Fn(&[&str]) -> Option<Setting> + 'v>;

/// The settings of a server, from its command line or its file.
struct Settings<'v> {
    server: &'v str,
    find: Lookup<'v>,
    /// Whether they stand in a file of Python.
    in_file: bool,
}

impl Settings<'_> {
    fn get(&self, names: &[&str]) -> Option<Setting> {
        (self.find)(names)
    }

    fn number(&self, names: &[&str]) -> Option<(u64, Range<usize>)> {
        let setting = self.get(names)?;
        Some((setting.value.parse().ok()?, setting.span))
    }
}

/// Settings of gunicorn, uvicorn and hypercorn that contradict each other
/// (<https://docs.gunicorn.org/en/stable/settings.html>, <https://www.uvicorn.org/settings/>).
pub(in crate::detect::deploy) fn server_settings(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let of_file_itself = Standing::of(view).fault(rule.rule.severity);
    let mut say_at = |severity, span: Range<usize>, message: &str, fix: &str, change: Option<RawChange>| {
        emit.raw(weighed(Raw::at(span).message(message).fix(fix).change(change), severity));
    };
    if view.language() == Language::Python {
        if let Some(severity) = of_file_itself {
            judge(&of_file(view), &mut |span: Range<usize>,
                                        message: &str,
                                        fix: &str,
                                        change: Option<RawChange>| {
                say_at(severity, span, message, fix, change);
            });
        }
        return;
    }
    for start in view.starts() {
        let severity = match start.place {
            StartPlace::Pipeline | StartPlace::Make => standing(view, start).fault(rule.rule.severity),
            _ => of_file_itself,
        };
        let Some(severity) = severity else { continue };
        let mut say = |span: Range<usize>, message: &str, fix: &str, change: Option<RawChange>| {
            say_at(severity, span, message, fix, change);
        };
        match start.program() {
            "gunicorn" => judge(&of_command(start, "gunicorn"), &mut say),
            "uvicorn" => {
                let settings = of_command(start, "uvicorn");
                let workers = settings.number(&["--workers"]).filter(|(workers, _)| *workers > 1);
                if let (Some(reload), Some(_)) = (start.flag(&["--reload"]), workers) {
                    say(
                        reload.span.clone(),
                        "uvicorn ignores --workers beside --reload: one process runs",
                        "Delete --reload.",
                        None,
                    );
                }
            }
            _ => {}
        }
    }
}

/// How many processes of gunicorn a file starts, where that is a number, and where it stands.
pub(in crate::detect::deploy) fn processes(view: &FileView) -> Vec<(u64, Range<usize>)> {
    if view.language() == Language::Python {
        return of_file(view).number(&["workers"]).into_iter().collect();
    }
    let starts = view.starts().iter().filter(|start| start.program() == "gunicorn");
    starts.filter_map(|start| of_command(start, "gunicorn").number(&["-w", "--workers"])).collect()
}

fn of_command<'v>(start: &'v StartCommand, server: &'v str) -> Settings<'v> {
    let find = |names: &[&str]| {
        let flags: Vec<&str> = names.iter().copied().filter(|name| name.starts_with('-')).collect();
        let is_switch = matches!(names.first(), Some(&"--reload" | &"--preload"));
        if is_switch {
            return start.flag(&flags).map(|word| Setting { value: "True".into(), span: word.span.clone() });
        }
        let (value, span) = start.value(&flags)?;
        Some(Setting { value: value.to_owned(), span })
    };
    Settings { server, find: Box::new(find), in_file: false }
}

/// `name = value` at the beginning of a line of gunicorn.conf.py; a value that is more than a literal is none.
fn of_file<'v>(view: &'v FileView) -> Settings<'v> {
    let find = |names: &[&str]| {
        let mut start = 0;
        let mut found = None;
        for line in view.bytes().split_inclusive(|&b| b == b'\n') {
            let at = start;
            start += line.len();
            let Some(equals) = line.iter().position(|&b| b == b'=') else { continue };
            let name = line[..equals].trim_ascii_end();
            if !names.iter().any(|wanted| wanted.as_bytes() == name) {
                continue;
            }
            let rest = &line[equals + 1..];
            let rest = &rest[..rest.iter().position(|&b| b == b'#').unwrap_or(rest.len())];
            let text = String::from_utf8_lossy(rest.trim_ascii()).into_owned();
            let value = text.trim_matches(|c| c == '"' || c == '\'').to_owned();
            found = Some(Setting { value, span: at..at + equals + 1 + rest.trim_ascii_end().len() });
        }
        found
    };
    Settings { server: "gunicorn", find: Box::new(find), in_file: true }
}

/// What contradicts what.
fn judge(settings: &Settings, say: &mut impl FnMut(Range<usize>, &str, &str, Option<RawChange>)) {
    let class = settings.get(&["-k", "--worker-class", "worker_class"]);
    let threads = settings.number(&["--threads", "threads"]);
    if let Some((threads, span)) = threads.filter(|(threads, _)| *threads > 1) {
        match class.as_ref().map(|class| &*class.value) {
            Some("sync") => say(
                class.as_ref().map_or(span, |class| class.span.clone()),
                &format!(
                    "{} runs gthread workers, not sync, as soon as there are {threads} threads",
                    settings.server
                ),
                "Write gthread, or one thread.",
                None,
            ),
            Some(class) if is_asynchronous(class) => say(
                span,
                &format!("workers of the class {class} have no threads: the setting does nothing"),
                "Delete the number of threads; raise the number of workers or connections.",
                None,
            ),
            _ => {}
        }
    }
    if let Some((0, span)) = settings.number(&["-t", "--timeout", "timeout"]) {
        say(
            span,
            "a timeout of 0 lets a worker that hangs hang for ever",
            "Write a number of seconds above that of the slowest request.",
            None,
        );
    }
    let timeout = settings.number(&["-t", "--timeout", "timeout"]).filter(|(timeout, _)| *timeout > 0);
    let grace = settings.number(&["--graceful-timeout", "graceful_timeout"]);
    if let (Some((timeout, _)), Some((grace, span))) = (timeout, grace)
        && grace > timeout
    {
        say(
            span,
            &format!("workers get {grace} seconds to end their requests, and are killed after {timeout}"),
            "Write no more than the timeout.",
            None,
        );
    }
    let jitter = settings.number(&["--max-requests-jitter", "max_requests_jitter"]).filter(|(n, _)| *n > 0);
    let most = settings.get(&["--max-requests", "max_requests"]);
    if let (Some((_, span)), None) = (jitter, &most) {
        say(span, "a jitter without max_requests does nothing", "Set max_requests too, such as 1000.", None);
    }
    let is_on = |setting: &Setting| setting.value == "True";
    let reload = settings.get(&["--reload", "reload"]).filter(is_on);
    let preload = settings.get(&["--preload", "preload_app"]).filter(is_on);
    if let (Some(reload), Some(_)) = (&reload, &preload) {
        say(
            reload.span.clone(),
            "reload does not work with an application that is loaded before the workers",
            "Delete the reload.",
            None,
        );
    } else if let Some(reload) = reload.filter(|_| settings.in_file) {
        say(
            reload.span,
            "the server starts anew whenever a file changes",
            "Set it to False, or read it from the environment.",
            None,
        );
    }
}

/// Classes of workers that run everything in one thread.
fn is_asynchronous(class: &str) -> bool {
    let class = class.rsplit('.').next().unwrap_or(class);
    matches!(
        class,
        "gevent" | "eventlet" | "tornado" | "UvicornWorker" | "UvicornH11Worker" | "GeventWebSocketWorker"
    )
}
