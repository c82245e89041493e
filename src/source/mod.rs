//! This room: views of one file (lines, language, regions, parsed documents), made on first use, at most once.
//! May touch: `model`. Bytes come in; nothing is opened here.
//! Never: know any rule.

mod comment;
mod decode;
mod dockerfile;
mod dockerignore;
mod dotenv;
mod encoding;
mod hcl;
mod image;
mod ini;
mod json;
mod language;
mod line_changes;
mod nginx;
mod pipeline;
mod positions;
mod problem;
mod program;
mod regions;
mod requirements;
mod runs;
mod settings;
mod shell;
mod stage;
mod starts;
mod target;
mod toml;
mod unified_diff;
mod view;
mod yaml;

pub use comment::{CommentForm, comment_form};
pub use decode::{Decoded, Decoding};
pub use dockerfile::{
    DockerBase, DockerFlag, DockerInstruction, DockerStage, DockerVariable, DockerWord, Dockerfile,
    HereDocument, parse_dockerfile,
};
pub use dockerignore::Dockerignore;
pub use dotenv::{DotenvDocument, DotenvEntry, parse_dotenv};
pub use encoding::{decode_utf16, is_binary, is_utf16};
pub use hcl::{HclBlock, HclBody, HclText, parse_hcl};
pub use image::ImageReference;
pub use ini::{IniEntry, parse_ini};
pub use json::{JsonDocument, JsonMember, JsonNode, JsonValue, parse_json};
pub use language::language_of;
pub use line_changes::{Lines, added_lines, likeness};
pub use nginx::{NginxDirective, parse_nginx};
pub use pipeline::{
    AzurePipeline, ComposeService, GithubJob, GithubStep, GithubUse, GithubWorkflow, GitlabInclude,
    GitlabPipeline, KubernetesContainer, KubernetesObject, KubernetesPod, PipelineKind, PreCommitRepo,
    azure_pipeline, compose_image, compose_services, github_workflow, gitlab_pipeline, kubernetes_objects,
    pre_commit_repos, yaml_commands,
};
pub use positions::Positions;
pub use problem::{DEPTH_MAX, ParseProblem, ParseProblemKind};
pub use program::is_program;
pub use regions::{LintAllowance, Regions, Stretch};
pub use requirements::{NamedFile, Pinning, Requirement, RequirementLines, parse_requirements};
#[cfg(test)]
pub use runs::levels;
pub use runs::{LongRuns, WORD_RUN, is_word};
pub use settings::{CodeCall, CodeSetting, CodeSettings, EnvironmentNeed, EnvironmentRead, SettingValue};
pub use shell::{ShellCommand, ShellDialect, ShellWord, shell_commands};
pub use stage::{Stage, Staged, stage_of};
pub use starts::{StartCommand, StartPlace, start_commands};
pub use target::{is_generated, target_by_path};
pub use toml::{TomlDocument, parse_toml};
pub use unified_diff::{DiffError, DoesNotFit, FileDiff, Hunk, parse_unified_diff};
pub use view::{FileKind, FileView, FindKind};
pub use yaml::{YamlDocuments, YamlNode, YamlStyle, parse_yaml};
