//! This room: views of one file (lines, language, regions, parsed documents), made on first use, at most once.
//! May touch: `model`. Bytes come in; nothing is opened here.
//! Never: know any rule.

mod decode;
mod dotenv;
mod encoding;
mod json;
mod language;
mod positions;
mod problem;
mod regions;
mod runs;
mod target;
mod toml;
mod view;
mod yaml;

pub use decode::{Decoded, Decoding};
pub use dotenv::{DotenvDocument, DotenvEntry, parse_dotenv};
pub use encoding::{decode_utf16, is_binary, is_utf16};
pub use json::{JsonDocument, JsonMember, JsonNode, JsonValue, parse_json};
pub use language::language_of;
pub use positions::Positions;
pub use problem::{DEPTH_MAX, ParseProblem, ParseProblemKind};
pub use regions::{LintAllowance, Regions, Stretch};
pub use runs::{LongRuns, WORD_RUN, is_word};
pub use target::{is_generated, target_by_path};
pub use toml::{TomlDocument, parse_toml};
pub use view::{FileKind, FileView, FindKind};
pub use yaml::{YamlDocuments, YamlNode, YamlStyle, parse_yaml};
