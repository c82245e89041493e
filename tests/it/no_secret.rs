//! No secret appears in any output: of a secret nothing but the vendor's prefix, the length and the last two characters.

use aho_corasick::AhoCorasick;
use prodcheck::rules::shape::{Part, Seed, Shape};
use prodcheck::rules::{Catalog, Detect};

use crate::decoded::{base64, each};
use crate::support::Repo;

/// Eight characters in a row, away from the vendor's prefix, would be a leak.
const WINDOW: usize = 8;

struct Sample {
    rule: String,
    secret: String,
    prefix: usize,
    context: String,
    /// What every token of the form holds.
    literals: Vec<String>,
}

/// Samples of every token format there is.
fn tokens() -> Vec<Sample> {
    let catalog = Catalog::built_in();
    let mut samples = Vec::new();
    for rule in catalog.rules() {
        let Detect::Token(token) = &rule.detect else { continue };
        // Without their names these are random text, and what is public may be shown.
        if !token.names.is_empty() || token.public {
            continue;
        }
        for (n, shape) in token.shapes.iter().enumerate() {
            samples.push(Sample {
                rule: rule.id.to_string(),
                secret: shape.sample(token.checksum, &mut Seed(7 + n as u64)),
                prefix: shape.prefix_len().max(shape.before_anchor() + shape.anchor_text().len()),
                context: token.context.first().map(ToString::to_string).unwrap_or_default(),
                literals: literals(shape),
            });
        }
    }
    assert!(samples.len() >= 30, "{}", samples.len());
    samples
}

/// The literal parts of a form.
fn literals(shape: &Shape) -> Vec<String> {
    let text = |part: &Part| match part {
        Part::Literal(text) => Some(text.to_string()),
        Part::Class { .. } => None,
    };
    shape.parts.iter().filter_map(text).collect()
}

/// Passwords as people write them, made up here.
fn passwords() -> Vec<Sample> {
    ["tR0ub4dor-plenty-3", "Zx9!kLmWq27pQv", "correct7horse9battery", "9fK2mPqLx84TzWvB7nRc"]
        .iter()
        .map(|secret| Sample {
            rule: "secrets/credential-assignment".into(),
            secret: (*secret).to_owned(),
            prefix: 0,
            context: String::new(),
            literals: Vec::new(),
        })
        .collect()
}

/// All windows of all samples, looked for at once.
struct Hidden<'a> {
    samples: &'a [Sample],
    windows: AhoCorasick,
    /// The sample that each window belongs to.
    of: Vec<usize>,
}

impl<'a> Hidden<'a> {
    fn new(samples: &'a [Sample]) -> Self {
        Self::of_windows(samples, WINDOW)
    }

    fn of_windows(samples: &'a [Sample], width: usize) -> Self {
        let (mut windows, mut of) = (Vec::new(), Vec::new());
        for (at, sample) in samples.iter().enumerate() {
            let tail = &sample.secret.as_bytes()[sample.prefix.min(sample.secret.len())..];
            for window in tail.windows(width) {
                // What stands in every token of the form is no secret.
                if sample.literals.iter().any(|literal| literal.contains(&*String::from_utf8_lossy(window))) {
                    continue;
                }
                windows.push(window);
                of.push(at);
            }
        }
        Self { samples, windows: AhoCorasick::new(windows).expect("builds"), of }
    }

    fn assert_in(&self, output: &str, what: &str) {
        if let Some(shown) = self.windows.find(output) {
            let sample = &self.samples[self.of[shown.pattern().as_usize()]];
            let start = output[..shown.start()].rfind('\n').map_or(0, |at| at + 1);
            let line = output[start..].lines().next().unwrap_or_default();
            panic!("{what}: {} shows {:?} in: {line}", sample.rule, &output[shown.range()]);
        }
    }
}

/// Everything the program says about this repository, in every format and with every way of leaving the
/// secrets family out.
fn all_outputs(repo: &Repo) -> Vec<(String, String)> {
    let mut outputs = Vec::new();
    for format in ["graphical", "concise", "json", "sarif"] {
        for extra in [
            &["-vv", "--min-severity", "note"][..],
            &["-vv", "--min-severity", "note", "--profile", "audit"],
            &["-vv", "--min-severity", "note", "--skip", "secrets"],
            &["-vv", "--min-severity", "note", "--rule", "debug"],
            &["-vv", "--min-severity", "note", "--rule", "deps,meta,gitignore", "--no-ignores"],
        ] {
            let mut args = vec!["--format", format];
            args.extend(extra);
            let run = repo.run(&args);
            assert!((0..=3).contains(&run.code), "{args:?} {}", run.stderr);
            outputs.push((format!("{args:?}"), run.stdout + &run.stderr));
        }
    }
    outputs
}

#[test]
fn tokens_of_every_shape_stay_hidden() {
    let repo = Repo::git();
    let samples = tokens();
    for (n, Sample { secret, context, .. }) in samples.iter().enumerate() {
        repo.write(&format!("a/f{n}.py"), format!("# {context}\nkey = \"{secret}\"; breakpoint()\n"));
        repo.write(
            &format!("b/f{n}.rs"),
            format!("// {context}\nfn f() {{ dbg!(\"{secret}\"); }} // {secret}\n"),
        );
        repo.write(&format!("c/f{n}.yaml"), format!("# {context}\nkey: {secret}\n"));
        repo.write(&format!("d/f{n}.md"), format!("{context} `{secret}`\n"));
        repo.write(
            &format!("e/f{n}/requirements.txt"),
            format!("# {context}\nthing @ git+https://{secret}@example.net/x.git\nb @ git+https://{secret}:@example.net/x.git\n{secret}\n"),
        );
        repo.write(
            &format!("g/f{n}/Cargo.toml"),
            format!("# {context}\n[package]\nname = \"a\"\nversion = \"0.1.0\"\n[dependencies]\nb = {{ git = \"https://{secret}@example.net/b\" }}\nc = \"{secret}\"\n"),
        );
        repo.write(&format!("h/f{n}.py"), format!("x = 1 # prodcheck:allow(debug) {context} {secret}\n"));
    }
    let hidden = Hidden::new(&samples);
    for (args, output) in all_outputs(&repo) {
        hidden.assert_in(&output, &args);
    }
}

#[test]
fn passwords_stay_hidden() {
    let repo = Repo::git();
    let samples = passwords();
    // A token that may hold dots runs on into the name's extension.
    let samples: Vec<Sample> = samples.into_iter().filter(|sample| !sample.secret.contains('!')).collect();
    for (n, Sample { secret, .. }) in samples.iter().enumerate() {
        repo.write(&format!("a/f{n}.py"), format!("password = \"{secret}\"; breakpoint()\n"));
        repo.write(
            &format!("b/f{n}.rs"),
            format!("fn f() {{ let password = \"{secret}\"; dbg!(password); }}\n"),
        );
        repo.write(&format!("c/f{n}.env"), format!("DB_PASSWORD={secret}\n"));
        repo.write(
            &format!("d/f{n}.toml"),
            format!("password = \"{secret}\"\nurl = \"postgres://app:{secret}@db7.shopdata.net/x\"\n"),
        );
        repo.write(&format!("e/f{n}.yml"), format!("db:\n  password: {secret}\n"));
    }
    let hidden = Hidden::new(&samples);
    for (args, output) in all_outputs(&repo) {
        hidden.assert_in(&output, &args);
    }
}

/// What an encoded secret looks like is a secret too, and so is what it decodes to.
#[test]
fn encoded_secrets_stay_hidden() {
    let repo = Repo::git();
    let (mut samples, mut by_bytes) = (Vec::new(), Vec::new());
    // Up to six characters stand for one.
    let is_of_bytes = |way: usize| (2..=5).contains(&way);
    for (n, Sample { rule, secret, context, prefix: public, literals }) in
        tokens().into_iter().filter(|s| s.secret.len() >= 20).enumerate()
    {
        let line = format!("{context} key: {secret} of the service\n");
        let encoded = [
            base64(line.as_bytes()),
            base64(base64(line.as_bytes()).as_bytes()),
            each(&line, |byte| format!("{byte:02x}")),
            each(&line, |byte| format!("%{byte:02x}")),
            each(&line, |byte| format!("\\x{byte:02x}")),
            each(&line, |byte| format!("&#{byte};")),
            base64(format!("url=%2F%2F%2F&key={}", each(&secret, |byte| format!("%{byte:02x}"))).as_bytes()),
        ];
        for (way, encoded) in encoded.into_iter().enumerate() {
            repo.write(&format!("a/f{n}-{way}.py"), format!("key = \"{encoded}\"; breakpoint()\n"));
            repo.write(
                &format!("b/f{n}-{way}.rs"),
                format!("fn f() {{ dbg!(\"{encoded}\"); }} // {encoded}\n"),
            );
            repo.write(
                &format!("c/f{n}-{way}.yaml"),
                format!("# {context}\nkey: {encoded}\nother: {secret}\n"),
            );
            // The words before it are nobody's secret, and neither is the vendor's prefix.
            let plain = line.find(&*secret).expect("is there") + public.clamp(12, secret.len());
            let prefix = encoded.len() * plain / line.len() + 8;
            let list = if is_of_bytes(way) { &mut by_bytes } else { &mut samples };
            let end = encoded.len() * (line.find(" of the").expect("is there")) / line.len() - 8;
            let secret = encoded[..end].to_owned();
            list.push(Sample {
                rule: rule.clone(),
                secret,
                prefix,
                context: String::new(),
                literals: Vec::new(),
            });
        }
        samples.push(Sample { rule, secret, context, prefix: public, literals });
    }
    let (hidden, by_bytes) = (Hidden::new(&samples), Hidden::of_windows(&by_bytes, 6 * WINDOW));
    for (args, output) in all_outputs(&repo) {
        hidden.assert_in(&output, &args);
        by_bytes.assert_in(&output, &args);
    }
}

#[test]
fn credentials_in_base64_stay_hidden() {
    let repo = Repo::git();
    let mut samples = passwords();
    for (n, password) in passwords().into_iter().map(|sample| sample.secret).enumerate() {
        let auth = base64(format!("deploy:{password}").as_bytes());
        let value = base64(password.as_bytes());
        let config = format!("{{\"auths\": {{\"r.shopdata.net\": {{\"auth\": \"{auth}\"}}}}}}");
        repo.write(&format!("a{n}/config.json"), &config);
        repo.write(
            &format!("b{n}.yaml"),
            format!(
                "kind: Secret\ndata:\n  password: {value}\n  .dockerconfigjson: {}\n---\nkind: Config\nusers:\n- user: {{token: {password}}}\n",
                base64(config.as_bytes())
            ),
        );
        repo.write(&format!("c{n}/.npmrc"), format!("//npm.shopdata.net/:_auth={auth}\n_password={value}\n"));
        for secret in [auth, value, base64(config.as_bytes())] {
            samples.push(Sample {
                rule: "encoded".into(),
                secret,
                prefix: 0,
                context: String::new(),
                literals: Vec::new(),
            });
        }
    }
    let hidden = Hidden::new(&samples);
    for (args, output) in all_outputs(&repo) {
        hidden.assert_in(&output, &args);
    }
}

#[test]
fn not_in_errors_of_broken_files_either() {
    let samples = tokens();
    for Sample { secret, context, rule, prefix, literals } in samples {
        let repo = Repo::git();
        let one = [Sample { secret: secret.clone(), context: context.clone(), rule, prefix, literals }];
        let hidden = Hidden::new(&one);
        repo.write("Cargo.toml", format!("# {context}\n[package]\nname = = \"{secret}\"\n"));
        repo.write(
            "Cargo.lock",
            format!("# {context}\nversion = 4\n[[package]]\nname = \"a\"\nversion = \"{secret}\"\n"),
        );
        let run = repo.run(&["--format", "json", "-vv"]);
        hidden.assert_in(&(run.stdout + &run.stderr), "broken manifests");
        for text in [
            format!("# {context}\nfail-on = \"{secret}\"\n"),
            format!("# {context}\nexclude = = \"{secret}\"\n"),
            format!("# {context}\n\"{secret}\" = 1\n"),
            format!("# {context}\n[severity]\n\"{secret}\" = \"off\"\n"),
            format!("# {context}\n[[allow]]\nrule = \"{secret}\"\nreason = \"{secret}\"\n"),
        ] {
            repo.write("prodcheck.toml", &text);
            let run = repo.run(&["--format", "graphical", "-vv"]);
            assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
            hidden.assert_in(&(run.stdout + &run.stderr), "configuration errors");
        }
    }
}

#[test]
fn not_in_names_of_files_either() {
    let repo = Repo::git();
    // A name has no lines before it, so formats that need a word of context are not known there.
    let samples: Vec<Sample> = tokens()
        .into_iter()
        .filter(|s| s.context.is_empty() && !s.secret.contains('/') && s.secret.len() < 200)
        // Tokens that may end in dots or slashes run on into what follows them in a path.
        .filter(|s| !s.secret.contains('!') && !s.secret.starts_with("WPL_AP"))
        .collect();
    assert!(samples.len() >= 20);
    for Sample { secret, .. } in &samples {
        repo.write(&format!("{secret}.py"), "breakpoint()\n");
        repo.write(&format!("{secret}/Cargo.toml"), "[package\n");
    }
    let hidden = Hidden::new(&samples);
    for (args, output) in all_outputs(&repo) {
        hidden.assert_in(&output, &args);
    }
}

#[test]
fn a_secret_that_stands_twice_is_hidden_twice() {
    let repo = Repo::git();
    let secret = ["Xk7vQ2mz", "R9wLp4"].concat();
    repo.write(
        "src/a.py",
        format!("db_password = \"{secret}\"  # old: {secret}\n# it was {secret}\nbreakpoint()\n"),
    );
    repo.write("src/b.js", format!("const apiKey = \"{secret}\"; const old = '{secret}';\n"));
    repo.write("src/c.py", format!("conn = \"postgres://admin:{secret}@db.acme-shop.io/app\"  # {secret}\n"));
    for format in ["graphical", "concise", "json", "sarif"] {
        let run = repo.run(&["--offline", "--skip", "advisories", "--format", format, "-v"]);
        assert!(run.stdout.contains("secrets/credential-assignment"), "{format}");
        assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret), "{format}");
    }
}

#[test]
fn a_message_of_two_lines_has_two() {
    let run = Repo::git().run(&["--offline", "--rule", "secret"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.lines().any(|line| line.starts_with("help: ")), "{}", run.stderr);
}
