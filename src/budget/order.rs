//! Which builds wait for which, as far as the tree says: a build begins once everything is there that
//! its attributes name.

use rustc_hash::{FxHashMap, FxHashSet};

use super::build::LocalBuild;
use crate::facts::{Origin, Package};

/// Numbers `builds` and says of each which others are done before it begins, through others too.
/// Those whose names are in `merged` stand for several forms of a package, so that what needs one of
/// them is not known to need this one.
pub(super) fn put_in_order(builds: &mut [LocalBuild], merged: &[String]) {
    for (id, build) in builds.iter_mut().enumerate() {
        build.id = id;
    }
    let before = Needed::of(builds, merged).all();
    // A circle cannot be built: some name in it means another package.
    let is_in_circle = |id: usize| before[id].binary_search(&id).is_ok();
    for build in builds.iter_mut().filter(|build| !is_in_circle(build.id)) {
        let own = before[build.id].iter().copied();
        build.after = own.filter(|id| !is_in_circle(*id)).collect();
    }
}

/// By the number of a build, those that its attributes name.
struct Needed(Vec<Vec<usize>>);

impl Needed {
    fn of(builds: &[LocalBuild], merged: &[String]) -> Needed {
        let merged: FxHashSet<&str> = merged.iter().map(String::as_str).collect();
        let is_sure = |build: &LocalBuild| !merged.contains(build.name.as_str());
        let mut by_name: FxHashMap<&str, Vec<&LocalBuild>> = FxHashMap::default();
        for build in builds.iter().filter(|build| is_sure(build)) {
            by_name.entry(&build.name).or_default().push(build);
        }
        let named = |package: &Package| {
            let made = by_name.get(package.path.join(".").as_str()).into_iter().flatten();
            let made: Vec<usize> =
                made.filter(|build| is_bound(build, package)).map(|build| build.id).collect();
            made
        };
        let needed = |build: &LocalBuild| {
            let needs = build.needs.iter().filter(|_| is_sure(build));
            let mut needed: Vec<usize> = needs.flat_map(named).collect();
            needed.sort_unstable();
            needed.dedup();
            needed
        };
        Needed(builds.iter().map(needed).collect())
    }

    /// By the number of a build, those that it needs, through others too; sorted.
    fn all(&self) -> Vec<Vec<usize>> {
        (0..self.0.len()).map(|id| self.reachable(id)).collect()
    }

    fn reachable(&self, from: usize) -> Vec<usize> {
        let mut found: FxHashSet<usize> = FxHashSet::default();
        let mut waiting = self.0[from].clone();
        while let Some(next) = waiting.pop() {
            if found.insert(next) {
                waiting.extend(&self.0[next]);
            }
        }
        let mut found: Vec<usize> = found.into_iter().collect();
        found.sort_unstable();
        found
    }
}

/// Whether `package`, which another build names as `build` is called, is what it makes: a derivation
/// of the tree, or what an overlay puts in the place of a package.
fn is_bound(build: &LocalBuild, package: &Package) -> bool {
    match (&build.origin, &package.origin) {
        (Origin::Own, Origin::Own) => true,
        (Origin::Stock, Origin::Stock) => build.is_replacement,
        _ => false,
    }
}
