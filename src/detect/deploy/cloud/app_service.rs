use std::ops::Range;

use hcl_edit::Span as _;

use crate::detect::deploy::check::{Standing, weighed};
use crate::detect::{Emit, Prepared, Raw, RawChange};
use crate::model::{Language, Severity};
use crate::source::{FileView, HclBody, JsonNode, JsonValue};

/// A setting of an application, as its value is written, without quotes.
pub(super) struct Setting {
    pub(super) value: String,
    pub(super) span: Range<usize>,
}

/// Finds a setting by its name.
pub(super) type Lookup<'v> = Box<dyn Fn(&str) -> Option<Setting> + 'v>;

/// An application of App Service, however it is written.
pub(super) struct App<'v> {
    place: Range<usize>,
    /// By the name that templates give it.
    pub(super) get: Lookup<'v>,
    /// Whether the names are Terraform's.
    pub(super) is_terraform: bool,
}

/// What App Service is told of TLS, FTP and staying awake
/// (<https://learn.microsoft.com/azure/templates/microsoft.web/sites>).
pub(in crate::detect::deploy) fn app_service(rule: &Prepared, view: &FileView, emit: &mut Emit) {
    let standing = Standing::of(view);
    let Some(severity) = standing.fault(rule.rule.severity) else { return };
    for app in apps(view) {
        let name =
            |arm: &'static str, terraform: &'static str| if app.is_terraform { terraform } else { arm };
        let mut say = |span: Range<usize>, severity, what: String, fix: String, change: Option<RawChange>| {
            // Two things that the same application lacks are two findings.
            let setting = fix.split(' ').nth(1).unwrap_or_default().to_owned();
            let raw = Raw::at(span).message(what).fix(fix).change(change).property("setting", setting);
            emit.raw(weighed(raw, severity));
        };
        let https = name("httpsOnly", "https_only");
        match (app.get)(https) {
            Some(setting) if setting.value == "false" => say(
                setting.span.clone(),
                severity,
                "the application answers without TLS".to_owned(),
                format!("Write {https} = true."),
                Some(RawChange::replace("lets TLS alone in", setting.span, "true")),
            ),
            None => say(
                app.place.clone(),
                severity,
                format!("the application answers without TLS: {https} is not set, which means false"),
                format!("Write {https} = true."),
                None,
            ),
            Some(_) => {}
        }
        let tls = name("minTlsVersion", "minimum_tls_version");
        if let Some(setting) = (app.get)(tls).filter(|s| matches!(&*s.value, "1.0" | "1.1")) {
            say(
                setting.span.clone(),
                severity,
                format!("the application still speaks TLS {}", setting.value),
                format!("Write {tls} = 1.2 or 1.3."),
                None,
            );
        }
        let ftps = name("ftpsState", "ftps_state");
        if let Some(setting) = (app.get)(ftps).filter(|s| s.value == "AllAllowed") {
            say(
                setting.span.clone(),
                severity,
                "files and passwords go to the application by FTP, in clear".to_owned(),
                format!("Write {ftps} = Disabled, or FtpsOnly."),
                None,
            );
        }
        let always = name("alwaysOn", "always_on");
        if let Some(setting) = (app.get)(always).filter(|s| s.value == "false") {
            say(
                setting.span.clone(),
                Severity::Note,
                "the application goes to sleep when nobody asks, and what runs in its background with it"
                    .to_owned(),
                format!("Write {always} = true (not in the plans Free and Shared)."),
                None,
            );
        }
        let health = name("healthCheckPath", "health_check_path");
        if (app.get)(health).is_none() && standing == Standing::Production {
            say(
                app.place.clone(),
                Severity::Note,
                "nobody takes an instance that does not answer out of the balance".to_owned(),
                format!("Write {health} = /health, or the path that the application has for it."),
                None,
            );
        }
    }
}

pub(super) fn apps<'v>(view: &'v FileView<'_>) -> Vec<App<'v>> {
    let has = |what: &[u8]| memchr::memmem::find(view.bytes(), what).is_some();
    if view.language() == Language::Hcl {
        return if has(b"azurerm_") { of_terraform(view) } else { Vec::new() };
    }
    if !has(b"Microsoft.Web/sites") {
        return Vec::new();
    }
    if view.path().extension() == b"bicep" { of_bicep(view) } else { of_json(view) }
}

fn of_terraform<'v>(view: &'v FileView<'_>) -> Vec<App<'v>> {
    const KINDS: &[&str] = &[
        "azurerm_linux_web_app",
        "azurerm_windows_web_app",
        "azurerm_app_service",
        "azurerm_linux_function_app",
        "azurerm_windows_function_app",
    ];
    let Ok(body) = view.hcl() else { return Vec::new() };
    let blocks = body
        .get_blocks("resource")
        .filter(|block| block.labels.first().is_some_and(|label| KINDS.contains(&label.as_str())));
    let app = |block: &'v crate::source::HclBlock| App {
        place: block.labels.first().and_then(hcl_edit::Span::span).unwrap_or_default(),
        get: Box::new(|name: &str| {
            let of = |body: &HclBody| {
                let value = &body.get_attribute(name)?.value;
                let text =
                    value.as_str().map(str::to_owned).or_else(|| value.as_bool().map(|b| b.to_string()));
                // A variable may say anything.
                Some(Setting { value: text.unwrap_or_default(), span: value.span()? })
            };
            of(&block.body)
                .or_else(|| block.body.get_blocks("site_config").find_map(|config| of(&config.body)))
        }),
        is_terraform: true,
    };
    blocks.map(app).collect()
}

fn of_json<'v>(view: &'v FileView<'_>) -> Vec<App<'v>> {
    let Ok(document) = view.json() else { return Vec::new() };
    let resources = document.root.as_ref().and_then(|root| root.get("resources"));
    let is_app =
        |node: &&JsonNode| node.get("type").and_then(JsonNode::as_str) == Some("Microsoft.Web/sites");
    let app = |node: &'v JsonNode<'v>| App {
        place: node.get("type").map_or(node.span.clone(), |kind| kind.span.clone()),
        get: Box::new(|name: &str| {
            let properties = node.get("properties")?;
            let value = properties.get(name).or_else(|| properties.get("siteConfig")?.get(name))?;
            let text = match &value.value {
                JsonValue::Bool(bool) => bool.to_string(),
                JsonValue::String(text) => text.to_string(),
                JsonValue::Number(text) => (*text).to_owned(),
                _ => String::new(),
            };
            Some(Setting { value: text, span: value.span.clone() })
        }),
        is_terraform: false,
    };
    resources.map_or(&[][..], |list| list.elements()).iter().filter(is_app).map(app).collect()
}

/// `resource web 'Microsoft.Web/sites@…' = { … }`: settings are lines `name: value` within the braces.
fn of_bicep<'v>(view: &'v FileView<'_>) -> Vec<App<'v>> {
    let bytes = view.bytes();
    let starts = memchr::memmem::find_iter(bytes, b"'Microsoft.Web/sites@");
    let app = |at: usize| -> Option<App<'v>> {
        let line = view.line_near(at, 1_000);
        let head = &bytes[line.clone()];
        if memchr::memmem::find(head, b"existing").is_some() {
            return None;
        }
        let place = at..at + bytes[at + 1..].iter().position(|&b| b == b'\'')? + 2;
        let open = at + bytes[at..].iter().position(|&b| b == b'{')?;
        let mut depth = 0_usize;
        let close = bytes[open..].iter().position(|&b| {
            match b {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        let body = open..open + close;
        Some(App {
            place,
            get: Box::new(move |name: &str| {
                let found =
                    memchr::memmem::find_iter(&bytes[body.clone()], name.as_bytes()).find(|&found| {
                        let from = body.start + found;
                        let before =
                            bytes[..from].last().is_some_and(|b| b.is_ascii_whitespace() || *b == b'{');
                        before && bytes.get(from + name.len()) == Some(&b':')
                    })?;
                let from = body.start + found + name.len() + 1;
                let line = view.line_near(from, 1_000);
                let rest = &bytes[from..line.end];
                let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
                let value = rest[blanks..].trim_ascii_end();
                let text = String::from_utf8_lossy(value).trim_matches('\'').to_owned();
                Some(Setting { value: text, span: from + blanks..from + blanks + value.len() })
            }),
            is_terraform: false,
        })
    };
    starts.filter_map(app).collect()
}
