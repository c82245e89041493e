use std::ops::Range;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::deploy::reach::Reach;
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::model::Severity;
use crate::source::{FileView, StartCommand, StartPlace};

/// Servers that are made for a developer's desk.
pub(in crate::detect::deploy) fn dev_server(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    for start in view.starts() {
        let Some(severity) = standing(view, start).fault(rule.rule.severity) else { continue };
        let Some((what, instead)) = made_for_development(start) else { continue };
        let severity = if is_for_development(&start.name) { Severity::Note } else { severity };
        let raw = Raw::at(start.span.clone())
            .message(format!("{what} starts what users reach"))
            .fix(format!("Start {instead}."));
        emit.raw(weighed(raw, severity));
    }
}

/// `--reload` and its like.
pub(in crate::detect::deploy) fn auto_reload(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    for start in view.starts() {
        let Some(severity) = standing(view, start).fault(rule.rule.severity) else { continue };
        let flags: &[&str] = match start.program() {
            "uvicorn" | "gunicorn" | "hypercorn" | "granian" | "daphne" | "sanic" | "litestar"
            | "fastapi" => {
                &["--reload", "--auto-reload", "--reload-engine", "--reload-dir", "--reload-extra-file"]
            }
            "waitress-serve" | "celery" | "watchmedo" => &["--reload", "--autoreload", "auto-restart"],
            "node" | "deno" | "bun" => &["--watch", "--hot"],
            _ => continue,
        };
        let Some(flag) = start.flag(flags) else { continue };
        let severity = if is_for_development(&start.name) { Severity::Note } else { severity };
        let raw = Raw::at(flag.span.clone())
            .message(format!(
                "{} watches its files and starts anew when one changes: it costs time, drops requests, and runs \
                 whatever somebody can write there",
                start.program()
            ))
            .fix(format!("Delete {}.", flag.text))
            .change(deletion(view, start, flag.span.clone()));
        emit.raw(weighed(raw, severity));
    }
}

/// Whether the name of a service or a script says that it is for development.
fn is_for_development(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| matches!(word, "dev" | "development" | "test" | "tests" | "local" | "debug" | "run"))
}

/// `npm start` is what developers call too; a script likewise: only where production is said are they
/// more than a note.
pub(super) fn standing(view: &FileView, start: &StartCommand) -> Standing {
    match (Standing::of(view), start.place) {
        // A Compose file of no name is mostly for development.
        (Standing::Open, StartPlace::Service | StartPlace::Package | StartPlace::Script) => {
            Standing::Rehearsal
        }
        // A pipeline sets up what it deploys, whatever its own folder is called.
        (_, StartPlace::Pipeline) => match Reach::of_pipeline(view.path()) {
            Reach::Production => Standing::Production,
            Reach::Open => Standing::Open,
            Reach::Rehearsal => Standing::Rehearsal,
        },
        (Standing::Open, StartPlace::Make) => Standing::Production,
        (standing, _) => standing,
    }
}

/// A flag that takes no value, with the blank in front of it.
fn deletion(view: &FileView, start: &StartCommand, flag: Range<usize>) -> Option<RawChange> {
    let bytes = view.bytes();
    let word = start.words.iter().find(|word| word.span == flag)?;
    let takes_value = matches!(&*word.text, "--reload-dir" | "--reload-engine" | "--reload-extra-file");
    let is_plain = bytes.get(flag.clone()) == Some(word.text.as_bytes());
    let blanks = bytes[..flag.start].iter().rev().take_while(|b| **b == b' ').count();
    (is_plain
        && !takes_value
        && blanks > 0
        && flag.start - blanks > 0
        && bytes[flag.start - blanks - 1] != b'\n')
        .then(|| RawChange::replace("deletes the flag", flag.start - blanks..flag.end, ""))
}

/// What it is, and what production starts in its place.
fn made_for_development(start: &StartCommand) -> Option<(&'static str, &'static str)> {
    let argument = |at: usize| start.argument(at).unwrap_or_default();
    let has = |text: &str| start.arguments().iter().any(|word| word.text == text);
    let first_verb = || start.arguments().iter().map(|word| &*word.text).find(|text| !text.starts_with('-'));
    Some(match start.program() {
        "flask" if has("run") => ("Flask's development server", WSGI),
        "python" | "python3" if argument(0).ends_with("manage.py") && argument(1) == "runserver" => {
            ("Django's development server", "gunicorn, uvicorn or daphne with the project's application")
        }
        "manage.py" | "django-admin" if argument(0) == "runserver" => {
            ("Django's development server", "gunicorn, uvicorn or daphne with the project's application")
        }
        "fastapi" if argument(0) == "dev" => {
            ("FastAPI's development mode", "`fastapi run` or uvicorn without --reload")
        }
        "litestar" | "sanic" if has("--debug") || has("--dev") => {
            ("a development mode", "it without that flag")
        }
        "http.server" => ("Python's http.server", "nginx, caddy or the platform's own server of files"),
        "nodemon" | "ts-node-dev" | "node-dev" | "tsx"
            if start.program() != "tsx" || argument(0) == "watch" =>
        {
            ("a program that restarts on every change", "node with the built file")
        }
        "npm" | "pnpm" | "yarn" | "bun" => {
            let mut verbs =
                start.arguments().iter().map(|word| &*word.text).filter(|text| !text.starts_with('-'));
            let first = verbs.next()?;
            let script = if first == "run" { verbs.next()? } else { first };
            if !matches!(script, "dev" | "develop" | "watch" | "start:dev" | "dev:server" | "serve:dev") {
                return None;
            }
            ("a package's development script", "what its build made, such as node with the built file")
        }
        "vite" if matches!(first_verb(), None | Some("dev" | "serve")) => {
            ("Vite's development server", BUILD_STATIC)
        }
        "next" if matches!(argument(0), "" | "dev") => {
            ("Next's development server", "`next start` after `next build`")
        }
        "nuxt" | "nuxi" if matches!(argument(0), "" | "dev") => {
            ("Nuxt's development server", "the built server")
        }
        "astro" | "gatsby" if matches!(argument(0), "dev" | "develop") => {
            ("a development server", BUILD_STATIC)
        }
        "webpack-dev-server" | "react-scripts" | "vue-cli-service" | "webpack" | "ng"
            if start.program() == "webpack-dev-server" || matches!(argument(0), "start" | "serve") =>
        {
            ("a bundler's development server", BUILD_STATIC)
        }
        "php" if has("-S") || has("artisan") && has("serve") => {
            ("PHP's built-in server", "php-fpm behind nginx, or FrankenPHP")
        }
        "artisan" if argument(0) == "serve" => {
            ("PHP's built-in server", "php-fpm behind nginx, or FrankenPHP")
        }
        "rails" if start.value(&["-e", "--environment"]).is_some_and(|(v, _)| v == "development") => {
            ("Rails in its development environment", "it with -e production")
        }
        "cargo" if matches!(argument(0), "run" | "watch") => ("cargo, which builds and runs,", BUILD),
        "go" if argument(0) == "run" => ("go run, which builds and runs,", BUILD),
        "air" | "reflex" | "CompileDaemon" => ("a program that rebuilds on every change", BUILD),
        "dotnet" if matches!(argument(0), "watch" | "run") => {
            ("dotnet, which builds and runs,", "dotnet with the published .dll")
        }
        "mvn" | "mvnw" if has("spring-boot:run") => {
            ("Maven, which builds and runs,", "java -jar with what it built")
        }
        "gradle" | "gradlew" if has("bootRun") => {
            ("Gradle, which builds and runs,", "java -jar with what it built")
        }
        "jupyter"
            if start
                .value(&["--NotebookApp.token", "--ServerApp.token"])
                .is_some_and(|(v, _)| matches!(v, "" | "''" | "\"\"")) =>
        {
            ("Jupyter without a token", "it with the token that it makes")
        }
        _ => return None,
    })
}

const BUILD_STATIC: &str = "a server of files with what the build made";
const WSGI: &str = "gunicorn, waitress or uWSGI with the application";
const BUILD: &str = "the built program: build in an earlier stage and run what came out";
