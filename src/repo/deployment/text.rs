use super::Placed;
use crate::source::YamlNode;

/// A scalar's text and bytes, of an alias those of what it stands for.
pub(super) fn placed(node: YamlNode) -> Option<Placed> {
    Some(Placed { text: node.as_str()?.to_owned(), span: node.resolved().span() })
}

/// The value of a key, looked up through merge keys.
pub(super) fn placed_at(node: YamlNode, key: &str) -> Option<Placed> {
    placed(node.lookup(key)?)
}

/// The path of an address of the machine itself that stands in a command: `/health` of
/// `curl -f http://localhost:8080/health`.
pub(super) fn own_path(command: &str) -> Option<String> {
    let (_, rest) = command.split_once("http://")?;
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '|' | ';' | ')');
    let address = rest.split(is_end).next()?;
    let (host, path) = address.split_once('/')?;
    let name = host.split(':').next()?;
    let is_plain = !path.contains(['$', '{', '`']);
    (matches!(name, "localhost" | "127.0.0.1" | "0.0.0.0") && is_plain).then(|| format!("/{path}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_of_the_machine_itself_are_read() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(super::own_path(text).as_deref(), expect, "{text}");
        };
        check("curl -f http://localhost:8080/health || exit 1", Some("/health"));
        check("wget -q -O- 'http://127.0.0.1/livez'", Some("/livez"));
        check("curl http://localhost:${PORT}/health", Some("/health"));
        check("curl http://localhost:8080/$PATH", None);
        check("curl http://db.example/health", None);
        check("pg_isready", None);
    }
}
