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

    /// The shortest ways down from these packages to all that they bring in.
    pub fn ways_from(&self, roots: impl Iterator<Item = usize>) -> Ways {
        let mut steps: Vec<Option<Step>> = vec![None; self.dependencies.len()];
        let mut queue = VecDeque::new();
        for root in roots {
            if steps[root].is_none() {
                steps[root] = Some(Step { before: None, direct: None, length: 1 });
                queue.push_back(root);
            }
        }
        while let Some(at) = queue.pop_front() {
            let Some(step) = steps[at] else { continue };
            for next in self.dependencies(at) {
                if steps[next].is_none() {
                    let direct = step.direct.or(Some(next as u32));
                    steps[next] = Some(Step { before: Some(at as u32), direct, length: step.length + 1 });
                    queue.push_back(next);
                }
            }
        }
        Ways { steps }
    }
}

/// Shortest ways from some packages to all others. Of ways of the same length, those that are first in the file.
#[derive(Debug, Clone)]
pub struct Ways {
    steps: Vec<Option<Step>>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    before: Option<u32>,
    /// The second package of the way.
    direct: Option<u32>,
    length: u32,
}

impl Ways {
    /// How many packages the way has, both ends included; `None` if none leads there.
    pub fn length(&self, package: usize) -> Option<usize> {
        self.steps[package].map(|s| s.length as usize)
    }

    /// What the first package of the way asks for itself.
    pub fn direct(&self, package: usize) -> Option<usize> {
        self.steps[package]?.direct.map(|i| i as usize)
    }

    /// The package the way begins at.
    pub fn start(&self, package: usize) -> Option<usize> {
        let step = self.steps[package]?;
        let Some(direct) = step.direct else { return Some(package) };
        self.steps[direct as usize]?.before.map(|i| i as usize)
    }

    /// The last packages of the way, at most so many, in the order of the way.
    pub fn last(&self, package: usize, most: usize) -> Vec<usize> {
        let mut way: Vec<usize> = std::iter::successors(Some(package), |&i| {
            self.steps[i].and_then(|s| s.before).map(|b| b as usize)
        })
        .take(most)
        .collect();
        way.reverse();
        way
    }
}
