use super::*;
use crate::source::Regions;

fn settings(language: Language, text: &str) -> CodeSettings {
    let regions = Regions::new(language, text.as_bytes());
    CodeSettings::new(language, text.as_bytes(), || &regions)
}

fn written(value: &SettingValue) -> String {
    match value {
        SettingValue::Literal(text) => text.clone(),
        SettingValue::Name(name) => format!("@{name}"),
        SettingValue::Environment { name, default } => {
            format!("${name}|{}", default.as_deref().unwrap_or("-"))
        }
        SettingValue::Built => "<built>".into(),
        SettingValue::Other => "?".into(),
    }
}

/// Each setting as `holder/name=value`.
fn check(language: Language, text: &str, expect: &[&str]) {
    let view = settings(language, text);
    let seen: Vec<String> = view
        .settings
        .iter()
        .map(|s| {
            assert!(text[s.name_span.clone()].ends_with(s.name.rsplit('.').next().unwrap()));
            let mark = if view.guard(text.as_bytes(), s.name_span.start).is_some() { "!" } else { "" };
            format!("{mark}{}/{}={}", s.holder, s.name, written(&s.value))
        })
        .collect();
    assert_eq!(seen, expect, "{text}");
}

#[test]
fn python_is_read() {
    let python = |text, expect: &[&str]| check(Language::Python, text, expect);
    python("A = True  # x\nb = 'c'\n", &["/A=true", "/b=c"]);
    python("A: bool = False\n", &["/A=false"]);
    python("app.config['X'] = None\napp.secret_key = \"k\"\n", &["app.config/X=none", "app/secret_key=k"]);
    python(
        "app.config.update(\n  A=1_0,\n  B=x.y,\n)\n",
        &["app.config.update/A=10", "app.config.update/B=@x.y"],
    );
    python("class Dev(C):\n    A = True\nclass P:\n    A = False\n", &["!Dev/A=true", "P/A=false"]);
    python("if DEBUG:\n    A = 1\nelse:\n    A = 2\nB = 3\n", &["!/A=1", "!/A=2", "/B=3"]);
    python("A = ['*', 'b']\nB = ('x')\nC = ()\n", &["/A=[*,b]", "/B=x", "/C=[]"]);
    python("D = {'a': True, 'b': {'c': 1}}\n", &["/D=?", "D/a=true", "D/b=?", "D/b.c=1"]);
    python("K = os.environ.get('K', 'dev')\nL = os.environ['L']\n", &["/K=$K|dev", "/L=$L|-"]);
    python("K = os.getenv('K') or 'dev'\n", &["/K=$K|dev"]);
    python("K = 'a' if DEBUG else 'b'\nA == 1\n", &["/K=?"]);
    python("Q = f'select {x}'\nR = 'a' + b\nS = 'a %s' % b\n", &["/Q=<built>", "/R=<built>", "/S=<built>"]);
    python("def f(a=True): pass\n", &[]);
}

#[test]
fn calls_are_read() {
    let text = "app.add_middleware(CORSMiddleware, allow_origins=['*'])\nx(y)(z)\n";
    let view = settings(Language::Python, text);
    let seen: Vec<_> = view.calls.iter().map(|c| (c.callee.as_str(), c.positional.len())).collect();
    assert_eq!(seen, [("app.add_middleware", 1), ("x", 1)]);
    assert_eq!(view.calls[0].positional[0].1, SettingValue::Name("CORSMiddleware".into()));
    assert_eq!(view.argument(0, "allow_origins").map(|s| written(&s.value)), Some("[*]".into()));

    let text =
        "let c = Cookie::build((\"a\", b)).secure(false).finish();\nlet l = CorsLayer::permissive();\n";
    let view = settings(Language::Rust, text);
    let seen: Vec<_> = view.calls.iter().map(|c| (c.callee.as_str(), c.receiver)).collect();
    assert_eq!(
        seen,
        [("Cookie::build", None), ("secure", Some(0)), ("finish", Some(1)), ("CorsLayer::permissive", None)]
    );
}

#[test]
fn javascript_is_read() {
    let js = |text, expect: &[&str]| check(Language::JavaScript, text, expect);
    js("app.use(cors({ origin: '*', credentials: true }));", &["cors/origin=*", "cors/credentials=true"]);
    js(
        "app.use(session({ cookie: { secure: false } }))",
        &["session/cookie=?", "session/cookie.secure=false"],
    );
    js("const port = process.env.PORT || '3000'\nlet x = 1;", &["/port=$PORT|3000", "/x=1"]);
    js("if (dev) { a.b = true }\na.b = false", &["!a/b=true", "a/b=false"]);
    js("const a = { b: dev ? { c: 1 } : x }", &["/a=?", "a/b=?", "!/c=1"]);
    js("x = `a ${b}`", &["/x=<built>"]);
}

/// Each variable as `NAME need`.
fn reads(language: Language, text: &str, expect: &[&str]) {
    let view = settings(language, text);
    let seen: Vec<String> = view
        .environment(text.as_bytes())
        .iter()
        .map(|read| {
            let need = match &read.need {
                EnvironmentNeed::Default(Some((text, _))) => format!("={text}"),
                EnvironmentNeed::Default(None) => "=…".into(),
                EnvironmentNeed::Open => "?".into(),
                EnvironmentNeed::Required => "!".into(),
            };
            format!("{}{need}", read.name)
        })
        .collect();
    assert_eq!(seen, expect, "{text}");
}

#[test]
fn variables_are_read() {
    reads(
        Language::Python,
        "a = int(os.environ.get('A', '3'))\nb = os.environ['B']\nx = environ['X']\nos.environ['C'] = 'x'\n",
        &["A=3", "B!"],
    );
    reads(
        Language::Python,
        "from decouple import config\nK = config('K')\nD = config('D', default=False, cast=bool)\nE = config('E', cast=int)\n",
        &["K!", "D=false", "E!"],
    );
    reads(
        Language::Python,
        "class S(BaseSettings):\n    A: str\n    b_c: int = 3\n    D: str | None = None\n    model_config = X(env_prefix='P_')\n    def f(self): pass\n",
        &["P_A!", "P_B_C=3", "P_D?"],
    );
    reads(
        Language::JavaScript,
        "const { A, B = 'x' } = process.env; f(process.env.C ?? 'd', process.env['E']!, import.meta.env.F)",
        &["A?", "B=x", "C=d", "E!", "F?"],
    );
    reads(Language::JavaScript, "process.env.X = 'a'; if (process.env.Y === 'b') {}", &["Y?"]);
    reads(
        Language::Rust,
        "let a = env::var(\"A\").unwrap_or_else(|_| \"x\".into()); let b = std::env::var(\"B\")?; let c = std::env::var(\"C\").ok(); let d = env::var(\"D\").expect(\"D\"); #[arg(long, env = \"E\")] x: y, #[clap(long, env)] #[z] pub f_g: String, let h = env!(\"H\");",
        &["A=x", "B?", "C?", "D!", "E!", "F_G!"],
    );
    reads(
        Language::Ruby,
        "a = ENV['A']\nb = ENV.fetch('B')\nc = ENV.fetch('C', 'd')\n",
        &["A?", "B!", "C=d"],
    );
    reads(Language::Go, "x := os.Getenv(\"A\")", &["A?"]);
    reads(Language::Php, "<?php $a = env('A', 'b'); $b = getenv('B') ?: 'c'; $c->env('C');", &["A=b", "B=c"]);
    reads(Language::CSharp, "var a = Environment.GetEnvironmentVariable(\"A\") ?? \"b\";", &["A=b"]);
}

#[test]
fn long_and_broken_programs_cost_what_they_are_long() {
    for text in [
        "(",
        "{a:",
        "a=",
        "a.b(",
        "x[\"",
        "env.",
        "process.env",
        "if (x) {",
        ")",
        "a::b.c?.d(",
        "f'{",
        "class A(BaseSettings):\n ",
    ] {
        for language in [Language::Python, Language::JavaScript, Language::Rust] {
            let text = text.repeat(10_000);
            let view = settings(language, &text);
            view.environment(text.as_bytes());
            view.guard(text.as_bytes(), text.len() - 1);
        }
    }
}

#[test]
fn what_a_build_packed_into_a_line_is_not_read() {
    let read = |text: &str| {
        let regions = Regions::new(Language::JavaScript, text.as_bytes());
        let settings = CodeSettings::new(Language::JavaScript, text.as_bytes(), || &regions);
        settings.environment(text.as_bytes()).len()
    };
    let line = "f(process.env.API_BASE);";
    assert_eq!(read(&format!("{line}\n").repeat(1000)), 1000);
    assert_eq!(read(&line.repeat(1000)), 0);
    assert_eq!(read(&format!("{line}{}\n{line}", " ".repeat((8 << 10) - line.len()))), 2);
}

#[test]
fn numbers_are_computed() {
    let check = |language, text: &str, value: &str| {
        let view = settings(language, text);
        assert_eq!(written(&view.settings[0].value), value, "{text}");
    };
    check(Language::Python, "A = 60 * 60 * 24\n", "86400");
    check(Language::Python, "A = timedelta(days=7, hours=1)\n", "608400");
    check(Language::Python, "A = datetime.timedelta(30)\n", "2592000");
    check(Language::Python, "A = 8 hours\n", "8 hours");
    check(Language::Python, "A = 60 * minutes\n", "?");
    check(Language::Python, "A = 99999999999 * 99999999999\n", "?");
    check(Language::Rust, "let a = Duration::from_secs(60 * 5);", "300");
    check(Language::Rust, "let a = \"x\".as_bytes();", "x");
    check(Language::Rust, "let a = &[0; 64];", "[0;64]");
    check(Language::Rust, "let a = \"x\".trim();", "?");
}

#[test]
fn functions_of_a_programs_own_read_variables() {
    reads(Language::Python, "A = envbool('A_B', 'True')\nmonkeypatch.setenv('C_D', '1')\n", &["A_B=True"]);
    reads(Language::Go, "mustMapEnv(&x, \"A_B\")\nf := getEnv(\"C_D\", \"e\")\n", &["A_B!", "C_D=e"]);
    reads(Language::Ruby, "x ENV.fetch(\"A_B\") { 3 }\n", &["A_B=…"]);
    reads(Language::JavaScript, "parseInt(process.env.A_B, 10) || 5;\n", &["A_B=…"]);
    reads(Language::Python, "A = os.environ.get('A_B') or None\n", &["A_B?"]);
    reads(
        Language::Rust,
        "#[clap(long, env)]\npub a_b: String,\n#[clap(long, env)]\nc: Option<u8>,\n",
        &["A_B!", "C?"],
    );
}
