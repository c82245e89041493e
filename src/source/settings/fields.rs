use memchr::memmem;

use super::environment::{EnvironmentNeed, EnvironmentRead, Reader, is_variable};
use super::value::string;
use super::{CodeSetting, SettingValue};

/// The fields of classes of pydantic's settings: <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>.
/// A field is read from the variable of its name in capitals, behind `env_prefix`.
pub(super) fn fields(reader: &Reader, settings: &[CodeSetting]) -> Vec<EnvironmentRead> {
    let (text, all) = (reader.text, reader.all);
    let line_start = |at: usize| memchr::memrchr(b'\n', &text[..all[at].span.start]).map_or(0, |n| n + 1);
    let begins_line =
        |at: usize| text[line_start(at)..all[at].span.start].iter().all(|b| matches!(b, b' ' | b'\t'));
    let mut found = Vec::new();
    for class in 0..all.len() {
        if reader.word(class) != b"class" || !reader.is(class + 2, b'(') {
            continue;
        }
        let Some(close) = all[class + 2].partner else { continue };
        // Of settings that another module declares.
        if !(class + 3..close).any(|i| reader.word(i).ends_with(b"Settings")) {
            continue;
        }
        let column = all[class].span.start - line_start(class);
        let mut body = None;
        let mut end = all.len();
        let mut firsts = Vec::new();
        for (at, token) in all.iter().enumerate().skip(close + 2) {
            if token.inside.is_some() || !begins_line(at) {
                continue;
            }
            let its = token.span.start - line_start(at);
            if its <= column {
                end = at;
                break;
            }
            if its == *body.get_or_insert(its) {
                firsts.push(at);
            }
        }
        let prefix = (close..end)
            .find(|&i| reader.word(i) == b"env_prefix")
            .and_then(|i| string(&text[all.get(i + 2)?.span.clone()]))
            .unwrap_or_default();
        for at in firsts {
            let name = reader.word(at);
            if name.is_empty()
                || !reader.is(at + 1, b':')
                || matches!(name, b"model_config" | b"class" | b"def" | b"Config" | b"else" | b"try")
                || matches!(reader.word(at + 2), b"ClassVar")
            {
                continue;
            }
            let given = settings.binary_search_by_key(&all[at].span.start, |s| s.name_span.start).ok();
            let span = all[at].span.clone();
            let (need, alias) = match given.map(|i| &settings[i]) {
                None => {
                    let line_end =
                        memchr::memchr(b'\n', &text[span.end..]).map_or(text.len(), |n| span.end + n);
                    let is_optional = memmem::find(&text[span.end..line_end], b"None").is_some();
                    (if is_optional { EnvironmentNeed::Open } else { EnvironmentNeed::Required }, None)
                }
                Some(setting) => {
                    let words = &text[setting.value_span.clone()];
                    let alias = ["validation_alias", "alias", "env"].iter().find_map(|key| {
                        let from = settings.partition_point(|s| s.name_span.start < setting.value_span.start);
                        let inner = settings[from..]
                            .iter()
                            .take_while(|s| s.name_span.start < setting.value_span.end)
                            .find(|s| {
                                s.name == *key
                                    && setting.value_span.contains(&s.name_span.start)
                                    && s.call.is_some()
                            })?;
                        inner.value.literal().map(str::to_owned)
                    });
                    let need = match &setting.value {
                        SettingValue::Literal(none) if none == "none" => EnvironmentNeed::Open,
                        SettingValue::Literal(value) => {
                            EnvironmentNeed::Default(Some((value.clone(), setting.value_span.clone())))
                        }
                        _ if words == b"..." || words.starts_with(b"Field(...") => EnvironmentNeed::Required,
                        _ if words.starts_with(b"Field(")
                            && memmem::find(words, b"default").is_none()
                            && words.get(6).is_some_and(u8::is_ascii_alphabetic) =>
                        {
                            EnvironmentNeed::Required
                        }
                        _ => EnvironmentNeed::Default(None),
                    };
                    (need, alias)
                }
            };
            let name = alias
                .unwrap_or_else(|| format!("{prefix}{}", String::from_utf8_lossy(name)).to_ascii_uppercase());
            if is_variable(&name) {
                found.push(EnvironmentRead { name, name_span: span.clone(), span, need });
            }
        }
    }
    found
}
