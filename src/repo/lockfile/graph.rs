use std::collections::{HashMap, VecDeque};

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
        let name = |i: u32| lockfile.packages[i as usize].name.as_str();
        let named: HashMap<&str, &[u32]> = lockfile
            .by_name
            .chunk_by(|&a, &b| name(a) == name(b))
            .map(|part| (name(part[0]), part))
            .collect();
        for (from, package) in lockfile.packages.iter().enumerate() {
            for written in package.dependencies.iter().chain(&package.replace) {
                let to = lockfile.resolve_by(written, |name| named.get(name).copied().unwrap_or_default());
                if let Some(to) = to {
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

    /// The shortest ways down to a package from each of those that `is_start`, as far as no other start lies on them:
    /// the shortest way first. Every look at a dependent takes one of the `steps`; when none is left, there is no
    /// answer.
    pub fn ways_to(
        &self,
        package: usize,
        is_start: impl Fn(usize) -> bool,
        steps: &mut usize,
    ) -> Vec<Vec<usize>> {
        // The tables below are no steps, and cost something all the same.
        let Some(left) = steps.checked_sub(self.dependents.len() / 16) else { return Vec::new() };
        *steps = left;
        let mut next: Vec<Option<u32>> = vec![None; self.dependents.len()];
        let mut seen = vec![false; self.dependents.len()];
        let mut queue = VecDeque::from([package]);
        let mut starts = Vec::new();
        seen[package] = true;
        while let Some(at) = queue.pop_front() {
            if is_start(at) {
                starts.push(at);
                continue;
            }
            for dependent in self.dependents(at) {
                let Some(left) = steps.checked_sub(1) else { return Vec::new() };
                *steps = left;
                if !seen[dependent] {
                    seen[dependent] = true;
                    next[dependent] = Some(at as u32);
                    queue.push_back(dependent);
                }
            }
        }
        let way = |start: usize| {
            std::iter::successors(Some(start), |&at| next[at].map(|n| n as usize)).collect::<Vec<_>>()
        };
        let mut ways: Vec<Vec<usize>> = starts.into_iter().map(way).collect();
        ways.sort_by_key(|way| (way.len(), way[0]));
        ways
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
