use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw};
use crate::model::Severity;
use crate::source::{FileView, NginxDirective, parse_nginx};

/// What nginx gives away: files next to those that it serves, lists of folders, old TLS, and sites without any.
pub(in crate::detect::deploy) fn proxy(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let Some(severity) = Standing::of(view).fault(rule.rule.severity) else { return };
    // A template's braces are no blocks.
    if ["{{", "{%", "<%"].iter().any(|mark| memchr::memmem::find(view.bytes(), mark.as_bytes()).is_some()) {
        return;
    }
    let directives = parse_nginx(view.bytes());
    let parent = |directive: &NginxDirective| directive.parent.and_then(|at| directives.get(at));
    let mut say = |directive: &NginxDirective, severity: Severity, what: &str, fix: &str| {
        emit.raw(weighed(Raw::at(directive.span.clone()).message(what).fix(fix), severity));
    };
    for directive in &directives {
        let arguments = directive.arguments();
        match directive.name() {
            "ssl_protocols" => {
                let old = arguments.iter().find(|a| matches!(&***a, "SSLv2" | "SSLv3" | "TLSv1" | "TLSv1.1"));
                if let Some(old) = old {
                    let what = format!("nginx still speaks {old}");
                    say(directive, severity, &what, "Write ssl_protocols TLSv1.2 TLSv1.3;");
                }
            }
            "autoindex" if arguments.first().is_some_and(|a| a == "on") => {
                say(
                    directive,
                    severity.min(Severity::Note),
                    "nginx lists the files of the folder",
                    "Delete the line.",
                );
            }
            "proxy_ssl_verify" if arguments.first().is_some_and(|a| a == "off") => say(
                directive,
                severity.min(Severity::Note),
                "nginx does not ask who answers behind it",
                "Write on, with proxy_ssl_trusted_certificate.",
            ),
            "alias" => {
                let Some(location) = parent(directive).filter(|p| p.name() == "location") else { continue };
                let [prefix] = location.arguments() else { continue };
                let leaks = prefix.starts_with('/')
                    && !prefix.ends_with('/')
                    && arguments.first().is_some_and(|alias| alias.ends_with('/'));
                if leaks {
                    let what = format!(
                        "{prefix}../ leads out of the folder: the location ends without a slash, the alias with one"
                    );
                    let fix = format!("Write location {prefix}/.");
                    say(location, severity.max(Severity::Warning), &what, &fix);
                }
            }
            "stub_status" => {
                let inside = |d: &&NginxDirective| d.parent == directive.parent;
                let is_guarded = directives
                    .iter()
                    .filter(inside)
                    .any(|d| matches!(d.name(), "allow" | "deny" | "auth_basic"));
                if !is_guarded && parent(directive).is_some_and(|p| p.name() == "location") {
                    say(
                        directive,
                        Severity::Note,
                        "everybody may read nginx's figures",
                        "Write allow 127.0.0.1; deny all;",
                    );
                }
            }
            _ => {}
        }
    }
    plain_sites(&directives, Standing::of(view), &mut say);
}

/// Sites that are served without TLS and send nobody to one that has it. What stands in front may do that, so it is a
/// note.
fn plain_sites(
    directives: &[NginxDirective],
    standing: Standing,
    say: &mut impl FnMut(&NginxDirective, Severity, &str, &str),
) {
    if standing != Standing::Production {
        return;
    }
    for (at, server) in directives.iter().enumerate().filter(|(_, d)| d.name() == "server" && d.is_block) {
        let below = |directive: &NginxDirective| {
            let mut parent = directive.parent;
            while let Some(here) = parent.filter(|here| *here != at) {
                parent = directives[here].parent;
            }
            parent == Some(at)
        };
        let own: Vec<&NginxDirective> = directives.iter().filter(|d| below(d)).collect();
        let listens = |what: &dyn Fn(&str) -> bool| {
            own.iter().any(|d| d.name() == "listen" && d.arguments().iter().any(|a| what(a)))
        };
        let is_plain = listens(&|a| a == "80" || a.ends_with(":80"));
        let has_tls = listens(&|a| a == "ssl" || a == "443");
        let redirects = own.iter().any(|d| {
            matches!(d.name(), "return" | "rewrite")
                && d.arguments().iter().any(|a| a.starts_with("https://"))
        });
        let serves =
            own.iter().any(|d| matches!(d.name(), "proxy_pass" | "root" | "uwsgi_pass" | "fastcgi_pass"));
        if is_plain && !has_tls && !redirects && serves {
            say(
                server,
                Severity::Note,
                "the site is served without TLS",
                "Serve it on 443 with ssl, and let this one return 301 https://$host$request_uri; unless TLS ends in front.",
            );
        }
    }
}
