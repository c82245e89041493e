use toml_edit::TableLike;

use super::{Field, Located, field, read};

/// What of a package's folder is published
/// (<https://doc.rust-lang.org/cargo/reference/manifest.html#the-exclude-and-include-fields>).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packaging {
    /// What is published alone; it wins over `exclude` and over what Git ignores.
    pub include: Field<Vec<Located<String>>>,
    /// What is not.
    pub exclude: Field<Vec<Located<String>>>,
    /// The readme, relative to the package.
    pub readme: Readme,
    /// The file of the licence, relative to the package.
    pub license_file: Option<Located<String>>,
}

/// What `readme` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Readme {
    /// Nothing or `true`: the file of the usual name, if there is one.
    #[default]
    Usual,
    /// There is none, or that of the workspace.
    None,
    /// This file.
    File(String),
}

impl Packaging {
    pub(super) fn read(package: &dyn TableLike) -> Self {
        Self {
            include: field(package, "include", list),
            exclude: field(package, "exclude", list),
            readme: match read::get(package, "readme") {
                None => Readme::Usual,
                Some(item) if item.as_bool() == Some(true) => Readme::Usual,
                Some(item) => item.as_str().map_or(Readme::None, |file| Readme::File(file.to_owned())),
            },
            license_file: read::text(package, "license-file"),
        }
    }
}

/// A list of texts, with the place of the list.
pub(super) fn list(item: &toml_edit::Item) -> Option<Located<Vec<Located<String>>>> {
    let array = item.as_array()?;
    let values = array.iter().filter_map(|value| {
        Some(Located { value: value.as_str()?.to_owned(), span: value.span().unwrap_or_default() })
    });
    Some(Located { value: values.collect(), span: item.span().unwrap_or_default() })
}
