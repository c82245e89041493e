use crate::model::{Language, RepoPath};

/// The language of a file by its name, else by a `#!` line. `head` is the file's beginning (it may be empty).
pub fn language_of(path: &RepoPath, head: &[u8]) -> Language {
    let name = path.name().to_ascii_lowercase();
    by_name(&name)
        .or_else(|| by_inner_extension(path, &name))
        .or_else(|| by_extension(path, &path.extension().to_ascii_lowercase()))
        .or_else(|| by_first_line(head))
        .unwrap_or(Language::Unknown)
}

/// Names that say it whatever their extension. Lower case.
fn by_name(name: &[u8]) -> Option<Language> {
    Some(match name {
        b"gnumakefile" | b"justfile" | b"kbuild" | b"cmakelists.txt" => Language::Make,
        b"gemfile" | b"rakefile" | b"guardfile" | b"vagrantfile" | b"capfile" | b"brewfile" | b"podfile"
        | b"fastfile" | b"appfile" | b"dangerfile" | b"config.ru" => Language::Ruby,
        b"jenkinsfile" => Language::Java,
        b"procfile" | b"license" | b"copying" | b"authors" | b"notice" | b"readme" | b"changelog"
        | b"codeowners" | b"version" | b"requirements.txt" | b"constraints.txt" => Language::Text,
        b"sconstruct" | b"sconscript" | b"wscript" | b"build.bazel" | b"workspace.bazel" | b"tiltfile"
        | b"snakefile" => Language::Python,
        // A script for bash, unlike `.env`.
        b".envrc" | b".bashrc" | b".bash_profile" | b".bash_aliases" | b".bash_history" | b".zshrc"
        | b".zshenv" | b".zprofile" | b".profile" | b"pkgbuild" | b"apkbuild" => Language::Shell,
        b".gitconfig" | b".gitmodules" | b".npmrc" | b".yarnrc" | b".pypirc" | b".netrc"
        | b".editorconfig" | b".flake8" | b".pylintrc" | b".coveragerc" | b".hgrc" | b".boto" | b".s3cfg"
        | b"pylintrc" | b".gitignore" | b".dockerignore" | b".gitattributes" | b".npmignore"
        | b".eslintignore" | b".prettierignore" | b".mailmap" | b".helmignore" | b".gcloudignore" => {
            Language::Ini
        }
        b".babelrc" | b".eslintrc" | b".prettierrc" | b".jshintrc" | b".swcrc" | b"composer.lock"
        | b"pipfile.lock" | b"flake.lock" | b"deno.lock" => Language::Json,
        b"cargo.lock" | b"poetry.lock" | b"uv.lock" | b"pdm.lock" | b"pipfile" => Language::Toml,
        b".clang-format" | b".clang-tidy" | b".yamllint" => Language::Yaml,
        b"nginx.conf" => Language::Nginx,
        _ if is_kind_of(name, b"dockerfile") || is_kind_of(name, b"containerfile") => Language::Dockerfile,
        _ if is_kind_of(name, b"makefile") => Language::Make,
        _ if is_kind_of(name, b".env") => Language::Dotenv,
        _ => return None,
    })
}

/// `Dockerfile`, and `Dockerfile.prod` with any separator.
fn is_kind_of(name: &[u8], kind: &[u8]) -> bool {
    name.strip_prefix(kind).is_some_and(|rest| matches!(rest.first(), None | Some(b'.' | b'-' | b'_')))
}

/// What a template is a template of: `my.cnf.j2`, `app.ini.example`.
fn by_inner_extension(path: &RepoPath, name: &[u8]) -> Option<Language> {
    const OUTER: [&[u8]; 12] = [
        b"j2",
        b"jinja",
        b"jinja2",
        b"template",
        b"tmpl",
        b"tpl",
        b"example",
        b"sample",
        b"dist",
        b"default",
        b"bak",
        b"orig",
    ];
    let (inner, outer) =
        (name.iter().rposition(|&b| b == b'.')).map(|dot| (&name[..dot], &name[dot + 1..]))?;
    if !OUTER.contains(&outer) {
        return None;
    }
    let extension = inner.rsplit(|&b| b == b'.').next().filter(|extension| extension.len() < inner.len())?;
    by_name(inner).or_else(|| by_extension(path, extension))
}

fn by_extension(path: &RepoPath, extension: &[u8]) -> Option<Language> {
    Some(match extension {
        b"rs" => Language::Rust,
        b"py" | b"pyi" | b"pyw" | b"pyx" | b"bzl" | b"star" => Language::Python,
        b"js" | b"mjs" | b"cjs" | b"jsx" | b"es6" => Language::JavaScript,
        b"ts" | b"tsx" | b"mts" | b"cts" => Language::TypeScript,
        b"sh" | b"bash" | b"zsh" | b"ksh" | b"bats" | b"ash" | b"dash" => Language::Shell,
        b"ps1" | b"psm1" | b"psd1" => Language::PowerShell,
        b"go" => Language::Go,
        b"java" | b"groovy" | b"gradle" | b"jsp" => Language::Java,
        b"kt" | b"kts" => Language::Kotlin,
        b"scala" | b"sc" | b"sbt" => Language::Scala,
        b"cs" | b"csx" => Language::CSharp,
        b"c" | b"h" => Language::C,
        b"cc" | b"cpp" | b"cxx" | b"c++" | b"hh" | b"hpp" | b"hxx" | b"ipp" | b"inl" | b"cu" | b"ino"
        | b"m" | b"mm" | b"proto" => Language::Cpp,
        b"swift" => Language::Swift,
        b"rb" | b"rake" | b"gemspec" | b"ru" | b"podspec" | b"erb" => Language::Ruby,
        b"php" | b"php5" | b"phtml" | b"inc" => Language::Php,
        b"pl" | b"pm" => Language::Perl,
        b"lua" => Language::Lua,
        b"sql" | b"psql" | b"ddl" => Language::Sql,
        b"html" | b"htm" | b"xhtml" | b"vue" | b"svelte" | b"astro" | b"ejs" | b"hbs" | b"j2" | b"jinja"
        | b"jinja2" => Language::Html,
        b"css" | b"scss" | b"sass" | b"less" => Language::Css,
        b"xml" | b"xsd" | b"xsl" | b"xslt" | b"svg" | b"plist" | b"csproj" | b"vbproj" | b"fsproj"
        | b"props" | b"targets" | b"config" | b"pom" | b"resx" | b"storyboard" | b"xib" => Language::Xml,
        b"md" | b"markdown" | b"mdx" | b"mdown" => Language::Markdown,
        b"toml" => Language::Toml,
        b"json" | b"sarif" | b"jsonc" | b"json5" | b"jsonl" | b"ndjson" | b"geojson" | b"webmanifest"
        | b"ipynb" | b"har" | b"tfstate" | b"map" | b"code-workspace" => Language::Json,
        b"yaml" | b"yml" => Language::Yaml,
        b"ini" | b"cfg" | b"cnf" | b"desktop" | b"service" | b"timer" | b"reg" | b"inf" => Language::Ini,
        b"conf" => conf(path),
        b"properties" => Language::Properties,
        b"env" => Language::Dotenv,
        b"dockerfile" | b"containerfile" => Language::Dockerfile,
        b"mk" | b"mak" | b"make" | b"cmake" => Language::Make,
        b"tf" | b"tfvars" | b"hcl" | b"nomad" => Language::Hcl,
        b"nginx" | b"nginxconf" => Language::Nginx,
        b"txt" | b"rst" | b"adoc" | b"asciidoc" | b"text" | b"log" | b"csv" | b"tsv" | b"diff" | b"patch"
        | b"pem" | b"crt" | b"key" | b"pub" | b"asc" | b"tex" | b"bat" | b"cmd" | b"snap" => Language::Text,
        _ => return None,
    })
}

/// `.conf` is many things; nginx's lie in a folder that says so.
fn conf(path: &RepoPath) -> Language {
    let is_nginx = path.parts().any(|part| {
        part == b"nginx"
            || part == b"sites-available"
            || part == b"sites-enabled"
            || part.starts_with(b"nginx.")
    });
    if is_nginx { Language::Nginx } else { Language::Ini }
}

/// A `#!` line, or the mark of a format.
fn by_first_line(head: &[u8]) -> Option<Language> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.starts_with(b"<?xml") {
        return Some(Language::Xml);
    }
    if head.starts_with(b"<?php") {
        return Some(Language::Php);
    }
    let line = head.strip_prefix(b"#!")?;
    let line = &line[..line.iter().take(256).position(|&b| b == b'\n').unwrap_or(line.len().min(256))];
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut program = last_part(words.next()?);
    if program == b"env" {
        program = last_part(words.find(|w| !w.starts_with(b"-") && !w.contains(&b'='))?);
    }
    let bare = program.iter().rposition(|b| !b.is_ascii_digit() && *b != b'.').map_or(0, |at| at + 1);
    Some(match &program[..bare] {
        b"sh" | b"bash" | b"zsh" | b"ksh" | b"dash" | b"ash" | b"bats" => Language::Shell,
        b"python" | b"pypy" | b"uv" => Language::Python,
        b"node" | b"nodejs" | b"bun" | b"zx" => Language::JavaScript,
        b"deno" | b"ts-node" | b"tsx" => Language::TypeScript,
        b"ruby" => Language::Ruby,
        b"perl" => Language::Perl,
        b"php" => Language::Php,
        b"lua" | b"luajit" => Language::Lua,
        b"pwsh" | b"powershell" => Language::PowerShell,
        b"make" => Language::Make,
        b"groovy" => Language::Java,
        b"cargo" | b"rust-script" => Language::Rust,
        _ => return None,
    })
}

fn last_part(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_language() {
        let check = |path: &str, expect| assert_eq!(language_of(&path.into(), b""), expect, "{path}");
        check("src/main.rs", Language::Rust);
        check("a/B.PY", Language::Python);
        check("web/app.tsx", Language::TypeScript);
        check("web/app.mjs", Language::JavaScript);
        check("Dockerfile", Language::Dockerfile);
        check("docker/Dockerfile.prod", Language::Dockerfile);
        check("docker/api.Dockerfile", Language::Dockerfile);
        check("Containerfile", Language::Dockerfile);
        check("Makefile", Language::Make);
        check("rules.mk", Language::Make);
        check(".env", Language::Dotenv);
        check("deploy/.env.production", Language::Dotenv);
        check("prod.env", Language::Dotenv);
        check(".envrc", Language::Shell);
        check("Procfile", Language::Text);
        check("Gemfile", Language::Ruby);
        check("Rakefile", Language::Ruby);
        check("Jenkinsfile", Language::Java);
        check("main.tf", Language::Hcl);
        check("nginx/default.conf", Language::Nginx);
        check("etc/app.conf", Language::Ini);
        check(".gitignore", Language::Ini);
        check("Cargo.lock", Language::Toml);
        check("x.unheard-of", Language::Unknown);
        check("noextension", Language::Unknown);
        check("templates/my.cnf.j2", Language::Ini);
        check("app.yaml.example", Language::Yaml);
        check("page.j2", Language::Html);
    }

    #[test]
    fn a_first_line_tells_it_where_the_name_does_not() {
        let check =
            |head: &str, expect| assert_eq!(language_of(&"bin/x".into(), head.as_bytes()), expect, "{head}");
        check("#!/bin/sh\n", Language::Shell);
        check("#!/usr/bin/env python3.12\n", Language::Python);
        check("#! /usr/bin/env -S node --harmony\n", Language::JavaScript);
        check("#!/usr/bin/env -i A=1 bash", Language::Shell);
        check("#!/usr/bin/perl -w\r\n", Language::Perl);
        check("<?php echo 1;", Language::Php);
        check("#!", Language::Unknown);
        check("#!/opt/thing\n", Language::Unknown);
        check("#\n", Language::Unknown);
        assert_eq!(language_of(&"a.rb".into(), b"#!/bin/sh\n"), Language::Ruby);
    }
}
