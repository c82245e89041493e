use super::*;
use crate::model::{RepoPath, Target};
use crate::source::FileKind;

/// `expect` is the value that `password` is given, its parts joined; `?` stands for a look-up.
#[track_caller]
fn check(language: Language, text: &str, expect: Option<&str>) {
    let path = RepoPath::from("x");
    let view = FileView::new(&path, text.as_bytes(), FileKind { language, target: Target::Source });
    let lower = text.to_ascii_lowercase();
    let at = lower.find("password").expect("a hit");
    let name = name_at(view.bytes(), at..at + 8).expect("a name");
    let found = match read(&view, name) {
        Reading::Given(given) => {
            let value = given.value.text(text.as_bytes()).into_owned();
            Some(String::from_utf8(value).expect("text"))
        }
        Reading::LookUp => Some("?".to_owned()),
        Reading::Nothing => None,
    };
    assert_eq!(found.as_deref(), expect, "{text}");
}

#[test]
fn quoted_literals_of_code() {
    for (language, text, expect) in [
        (Language::Rust, "const DB_PASSWORD: &str = \"v1\";", Some("v1")),
        (Language::Rust, "const PASSWORD: &'static str = \"v1\";", Some("v1")),
        (Language::Rust, "let password = String::from(\"v1\");", Some("v1")),
        (Language::Rust, "let password = r#\"v1\"#;", Some("v1")),
        (Language::Rust, "password: Some(\"v1\".into()),", Some("v1")),
        (Language::Rust, "let password =\n        \"v1\";", Some("v1")),
        (Language::Rust, "password: String,", None),
        (Language::Rust, "if password == \"v1\" {", Some("v1")),
        (Language::Rust, "fn password(x: u8) -> &str { \"v1\" }", None),
        (Language::Rust, "password::hash(\"v1\")", None),
        (Language::Rust, "Builder::new().password(\"v1\")", Some("v1")),
        (Language::Rust, "c.set_password(Some(\"v1\"));", Some("v1")),
        (Language::Python, "self.db_password = 'v1'", Some("v1")),
        (Language::Python, "password: str = \"v1\"", Some("v1")),
        (Language::Python, "password = get(\"v1\")", None),
        (Language::Python, "password = (\"a\"\n    \"b\")", Some("ab")),
        (Language::Python, "password = 'a' + 'b'", Some("ab")),
        (Language::Python, "connect(password=\"v1\")", Some("v1")),
        (Language::Python, "password = \"\"\"v1\"\"\"", Some("v1")),
        (Language::JavaScript, "{ \"password\": \"v1\" }", Some("v1")),
        (Language::JavaScript, "process.env['PASSWORD'] = `v1`", Some("v1")),
        (Language::TypeScript, "password?: string = 'v1'", Some("v1")),
        (Language::Ruby, ":password => 'v1'", Some("v1")),
        (Language::Go, "password := \"v1\"", Some("v1")),
        (Language::Go, "var password string = \"v1\"", Some("v1")),
        (Language::C, "char password[] = \"v1\";", Some("v1")),
        (Language::C, "#define PASSWORD \"v1\"", Some("v1")),
        (Language::Php, "define('DB_PASSWORD', 'v1');", Some("v1")),
        (Language::Php, "'password' => 'v1',", Some("v1")),
        (Language::Java, "props.put(\"password\", \"v1\");", Some("v1")),
        (Language::Java, "user.setPassword(\"v1\");", Some("v1")),
        (Language::Java, "getPassword(\"v1\")", None),
        (Language::Json, "{\"password\":\"v\\\"1\"}", Some("v\\\"1")),
        (Language::Json, "[\"user\", \"password\", \"v1\"]", None),
        (Language::Json, "\"password\\\": \"v1\"", None),
        (Language::Json, "\"{\\\"password\\\": \\\"v1\\\"}\"", Some("v1")),
        (Language::Hcl, "variable \"password\" {\n  type = string\n  default = \"v1\"\n}", Some("v1")),
    ] {
        check(language, text, expect);
    }
}

#[test]
fn bare_values_of_configuration() {
    for (language, text, expect) in [
        (Language::Dotenv, "DB_PASSWORD=v1\n", Some("v1")),
        (Language::Dotenv, "DB_PASSWORD=\"v1\" # here\n", Some("v1")),
        (Language::Yaml, "  password: v1 # here", Some("v1")),
        (Language::Yaml, "  password: |\n    v1\n  next: x", Some("v1")),
        (Language::Yaml, "  - {user: x, password: v1, port: 1}", Some("v1")),
        (Language::Yaml, "  password:\n    x: 1", None),
        (Language::Properties, "spring.datasource.password=v1", Some("v1")),
        (Language::Shell, "export PASSWORD=v1; run", Some("v1")),
        (Language::Shell, "echo $PASSWORD", None),
        (Language::Ini, "password = v1", Some("v1")),
        (Language::Ini, "password v1", Some("v1")),
        (Language::Dockerfile, "ENV PASSWORD v1", Some("v1")),
        (Language::Rust, "password = v1", None),
    ] {
        check(language, text, expect);
    }
}

#[test]
fn fallbacks_of_look_ups() {
    for (language, text, expect) in [
        (Language::Python, "x = os.environ.get(\"PASSWORD\", \"v1\")", Some("v1")),
        (Language::Python, "password = os.environ.get(\"PW\", \"v1\")", Some("v1")),
        (Language::Python, "password = os.environ.get(\"PW\")", Some("?")),
        (Language::Python, "x = os.environ['PASSWORD']", Some("?")),
        (Language::Python, "x = os.getenv('PASSWORD') or 'v1'", Some("v1")),
        (Language::Python, "password = config('PW', default='v1')", Some("v1")),
        (Language::JavaScript, "const x = process.env.PASSWORD || 'v1';", Some("v1")),
        (Language::JavaScript, "password: process.env.PW ?? \"v1\",", Some("v1")),
        (Language::Rust, "let x = env::var(\"PASSWORD\").unwrap_or(\"v1\".into());", Some("v1")),
        (
            Language::Rust,
            "let x = env::var(\"PASSWORD\")\n    .unwrap_or_else(|_| \"v1\".to_string());",
            Some("v1"),
        ),
        (Language::Rust, "let password = env::var(\"PW\")?;", Some("?")),
        (Language::Ruby, "ENV.fetch('PASSWORD', 'v1')", Some("v1")),
        (Language::Kotlin, "System.getenv(\"PASSWORD\") ?: \"v1\"", Some("v1")),
        (Language::Shell, "x=${PASSWORD:-v1}", Some("v1")),
        (Language::Yaml, "x: ${PASSWORD:-v1}", Some("v1")),
        (Language::Java, "@Value(\"${db.password:v1}\")", Some("v1")),
        (Language::Make, "PASSWORD ?= v1", Some("v1")),
    ] {
        check(language, text, expect);
    }
}

#[test]
fn entries_of_their_own() {
    for (language, text, expect) in [
        (Language::Json, "{\"name\": \"DB_PASSWORD\", \"value\": \"v1\"}", Some("v1")),
        (Language::Json, "{\"name\": \"password\", \"type\": \"string\"}", None),
        (Language::Yaml, "- name: \"DB_PASSWORD\"\n  value: \"v1\"", Some("v1")),
        (Language::Yaml, "- name: DB_PASSWORD\n  value: v1", Some("v1")),
        (Language::Yaml, "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: x", None),
        (Language::Xml, "<password>v1</password>", Some("v1")),
        (Language::Xml, "<db:password>v1</db:password>", Some("v1")),
        (Language::Xml, "<property name=\"password\" value=\"v1\"/>", Some("v1")),
        (Language::Xml, "<entry key=\"password\">v1</entry>", Some("v1")),
        (Language::Xml, "<ds password=\"v1\">", Some("v1")),
        (Language::Xml, "<password/>", None),
    ] {
        check(language, text, expect);
    }
}
