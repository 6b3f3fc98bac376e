//! Which builds wait for which, as far as the tree says: a build begins once everything is there that
//! its attributes name.

use super::build::LocalBuild;
use crate::facts::{Origin, Package};

/// Numbers `builds` and says of each which others are done before it begins, through others too.
/// Those whose names are in `merged` stand for several forms of a package, so that what needs one of
/// them is not known to need this one.
pub(super) fn put_in_order(builds: &mut [LocalBuild], merged: &[String]) {
    for (id, build) in builds.iter_mut().enumerate() {
        build.id = id;
    }
    let is_sure = |build: &LocalBuild| !merged.contains(&build.name);
    let direct: Vec<Vec<usize>> = builds
        .iter()
        .map(|build| {
            let is_needed = |other: &&LocalBuild| {
                is_sure(other) && build.needs.iter().any(|package| is_what(other, package))
            };
            let needed = builds.iter().filter(|_| is_sure(build)).filter(is_needed);
            needed.map(|other| other.id).collect()
        })
        .collect();
    let before: Vec<Vec<usize>> = (0..builds.len()).map(|id| reachable(&direct, id)).collect();
    for build in builds.iter_mut() {
        let own = &before[build.id];
        // A circle cannot be built: some name in it means another package.
        let is_in_circle = |id: usize| before[id].contains(&id);
        if !is_in_circle(build.id) {
            build.after = own.iter().copied().filter(|id| !is_in_circle(*id)).collect();
        }
    }
}

/// Whether `package`, as another build names it, is what `build` makes: a derivation of the tree, or
/// what an overlay puts in the place of a package.
fn is_what(build: &LocalBuild, package: &Package) -> bool {
    let is_bound = match (&build.origin, &package.origin) {
        (Origin::Own, Origin::Own) => true,
        (Origin::Stock, Origin::Stock) => build.is_replacement,
        _ => false,
    };
    is_bound && build.name == package.path.join(".")
}

/// All that `from` leads to.
fn reachable(direct: &[Vec<usize>], from: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::new();
    let mut waiting = direct[from].clone();
    while let Some(next) = waiting.pop() {
        if !found.contains(&next) {
            found.push(next);
            waiting.extend(&direct[next]);
        }
    }
    found.sort_unstable();
    found
}
