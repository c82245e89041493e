use std::collections::VecDeque;

use super::Lockfile;

/// Who depends on whom in a lock file, by index of package.
#[derive(Debug, Clone)]
pub struct Graph {
    dependencies: Vec<Vec<u32>>,
    dependents: Vec<Vec<u32>>,
}

impl Graph {
    pub(super) fn new(lockfile: &Lockfile) -> Self {
        let count = lockfile.packages.len();
        let mut dependencies = vec![Vec::new(); count];
        let mut dependents = vec![Vec::new(); count];
        for (from, package) in lockfile.packages.iter().enumerate() {
            for written in package.dependencies.iter().chain(&package.replace) {
                if let Some(to) = lockfile.resolve(written) {
                    dependencies[from].push(to as u32);
                    dependents[to].push(from as u32);
                }
            }
        }
        Self { dependencies, dependents }
    }

    /// What this package depends on, in the order written.
    pub fn dependencies(&self, package: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.dependencies[package].iter().map(|&i| i as usize)
    }

    /// What depends on this package, in the order of the file.
    pub fn dependents(&self, package: usize) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.dependents[package].iter().map(|&i| i as usize)
    }

    /// The shortest way from a package that `is_root` names down to this one, both ends included. Of ways
    /// of the same length, one that is the same in every run. `None` if no root leads here.
    pub fn path_to(&self, package: usize, is_root: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        const UNSEEN: u32 = u32::MAX;
        let mut towards = vec![UNSEEN; self.dependents.len()];
        towards[package] = package as u32;
        let mut queue = VecDeque::from([package]);
        while let Some(mut at) = queue.pop_front() {
            if is_root(at) {
                let mut path = vec![at];
                while at != package {
                    at = towards[at] as usize;
                    path.push(at);
                }
                return Some(path);
            }
            for dependent in self.dependents(at) {
                if towards[dependent] == UNSEEN {
                    towards[dependent] = at as u32;
                    queue.push_back(dependent);
                }
            }
        }
        None
    }
}
