mod affected;
mod archive;
mod ecosystem;
mod load;
mod pack;
mod record;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use ecosystem::{Ecosystem, Version};
pub use load::{OsvSource, Passed};
pub use pack::{PackError, Packed, pack};
pub use record::OsvAdvisory;

use self::source::Source;
use super::advisories::{Environment, own_cache};
use super::view::RepoView;

/// Packages by ecosystem and key ([`Ecosystem::key`]).
pub type Wanted = BTreeMap<Ecosystem, BTreeSet<String>>;

/// Advisory data in the form of OSV, for the packages that the repository pins.
///
/// The form: <https://ossf.github.io/osv-schema/>.
#[derive(Debug, Clone, Default)]
pub struct Osv {
    /// Whether anybody asked. If not, nothing is said to be missing.
    pub asked: bool,
    /// Where the data comes from.
    pub sources: Vec<OsvSource>,
    /// What could not be read of it, in order.
    pub passed: Vec<Passed>,
    by_package: BTreeMap<(Ecosystem, String), Vec<OsvAdvisory>>,
}

impl Osv {
    /// Whether there is data about this ecosystem.
    pub fn covers(&self, ecosystem: Ecosystem) -> bool {
        self.sources.iter().any(|source| source.ecosystems.contains(&ecosystem))
    }

    /// What concerns this version of a package, in order of id. The version as it is written.
    pub fn concerning<'a>(
        &'a self,
        ecosystem: Ecosystem,
        key: &str,
        version: &'a str,
    ) -> impl Iterator<Item = &'a OsvAdvisory> {
        let known = self.by_package.get(&(ecosystem, key.to_owned()));
        known.into_iter().flatten().filter(move |advisory| advisory.concerns(version))
    }

    /// Whether any of the data that was read knows this id. `None` if not all of it was looked through.
    pub fn knows(&self, id: &str) -> Option<bool> {
        let read = self.by_package.values().flatten();
        if read.into_iter().any(|a| a.id == id || a.aliases.iter().any(|alias| alias == id)) {
            return Some(true);
        }
        let mut known = Some(false);
        for source in &self.sources {
            match source.knows(id) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = None,
            }
        }
        known
    }

    fn add(&mut self, loaded: load::Loaded) {
        self.sources.push(loaded.source);
        self.passed.extend(loaded.passed);
        for (ecosystem, key, advisory) in loaded.advisories {
            let list = self.by_package.entry((ecosystem, key)).or_default();
            match list.binary_search_by(|known| known.id.cmp(&advisory.id)) {
                // Two sources have it: the newer word counts.
                Ok(at) if list[at].modified < advisory.modified => list[at] = advisory,
                Ok(_) => {}
                Err(at) => list.insert(at, advisory),
            }
        }
    }

    /// What the examples of a rule see: the files below `advisory-db/osv/` are the entries of the data. Without
    /// such files there is none.
    pub fn of_example<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, view: &RepoView) -> Self {
        let texts: Vec<(&str, &str)> =
            files.filter_map(|(path, text)| Some((path.strip_prefix("advisory-db/osv/")?, text))).collect();
        Self::of_texts(&texts, &wanted(view))
    }

    /// Data of these entries: pairs of a file's name and its text. For examples and tests.
    pub fn of_texts(texts: &[(&str, &str)], wanted: &Wanted) -> Self {
        let mut osv = Self { asked: true, ..Self::default() };
        if !texts.is_empty() {
            osv.add(load::of_texts(texts, wanted));
        }
        osv
    }
}

/// Whether data in the form of OSV lies at this path: a folder of entries, a zip of them, or what [`pack`]
/// makes of either.
pub fn is_osv(path: &Path) -> bool {
    Source::at(path).is_some()
}

/// What data there is at a place, or without one in this tool's folder. Of zips that are not packed every entry is read.
pub fn at_hand(place: Option<&Path>, env: &Environment) -> Vec<OsvSource> {
    let own = || own_folder(env).map(|folder| source::entries(&folder)).unwrap_or_default();
    let places = place.map_or_else(own, |place| vec![place.to_owned()]);
    let sources = places.iter().filter_map(|place| Source::at(place));
    sources.map(|source| load::load(&source, &Wanted::new()).source).collect()
}

/// Where this tool keeps data in the form of OSV: every folder and file in it is one source.
pub fn own_folder(env: &Environment) -> Option<PathBuf> {
    Some(own_cache(env)?.parent()?.join("osv"))
}

/// The packages of the repository that such data can speak of.
pub fn wanted(view: &RepoView) -> Wanted {
    let mut wanted = Wanted::new();
    for file in view.package_files().values().flatten() {
        let names = wanted.entry(file.ecosystem).or_default();
        names.extend(file.packages.iter().map(|package| package.key.clone()));
    }
    wanted.retain(|_, names| !names.is_empty());
    wanted
}

/// Loads what the repository's packages need: from the places that were named, and for ecosystems of which
/// those say nothing from this tool's folder. To be called before the repository's checks, if a rule of the
/// family is selected; the answer belongs into [`RepoView::osv`].
pub fn prepare(view: &RepoView, explicit: &[&Path], env: &Environment) -> Osv {
    let mut osv = Osv { asked: true, ..Osv::default() };
    let mut wanted = wanted(view);
    if wanted.is_empty() {
        return osv;
    }
    for source in explicit.iter().filter_map(|path| Source::at(path)) {
        osv.add(load::load(&source, &wanted));
    }
    wanted.retain(|ecosystem, _| !osv.covers(*ecosystem));
    if wanted.is_empty() {
        return osv;
    }
    let own = own_folder(env).map(|folder| source::entries(&folder)).unwrap_or_default();
    for source in own.iter().filter_map(|path| Source::at(path)) {
        let loaded = load::load(&source, &wanted);
        if loaded.source.ecosystems.iter().any(|ecosystem| wanted.contains_key(ecosystem)) {
            osv.add(loaded);
        }
    }
    osv
}
