//! How old the nixpkgs is that a machine is built of, as far as lock files and branches tell.

use crate::budget::Host;
use crate::facts::{Flake, FlakeInput, LockedNixpkgs, release_of};
use crate::lint::TreeContext;

/// The nixpkgs that the machine may be built of: those that its flakes take themselves.
pub(super) struct NixpkgsAge<'f> {
    locked: Vec<&'f LockedNixpkgs>,
    /// The releases that flakes without a lock file ask for; `None` for what is no release.
    asked: Vec<Option<&'f str>>,
}

impl<'f> NixpkgsAge<'f> {
    pub(super) fn of(cx: &TreeContext<'f>, host: &Host) -> NixpkgsAge<'f> {
        let is_its = |flake: &&Flake| host.flakes.contains(&flake.file);
        let flakes: Vec<&Flake> = cx.facts.flakes.iter().filter(is_its).collect();
        let locked = flakes.iter().flat_map(|flake| &flake.nixpkgs);
        let unlocked = flakes.iter().filter(|flake| !flake.is_locked);
        let asked = unlocked.flat_map(|flake| &flake.inputs).filter_map(asked_release);
        NixpkgsAge {
            locked: locked.filter(|nixpkgs| nixpkgs.path.len() == 1).collect(),
            asked: asked.collect(),
        }
    }

    /// Whether it surely is from before `time` (in seconds since 1970), or of a release older than
    /// `release` where one is given.
    pub(super) fn is_before(&self, time: i64, release: Option<&str>) -> bool {
        let is_older = |of: Option<&str>| of.is_some_and(|of| release.is_some_and(|it| of < it));
        let is_old = |nixpkgs: &&LockedNixpkgs| {
            nixpkgs.last_modified.is_some_and(|made| made < time) || is_older(nixpkgs.release())
        };
        self.is_known()
            && self.locked.iter().all(is_old)
            && self.asked.iter().all(|asked| is_older(*asked))
    }

    /// Whether it surely is from `time` or later, and of no release older than `release`.
    pub(super) fn is_since(&self, time: i64, release: &str) -> bool {
        let is_new = |nixpkgs: &&LockedNixpkgs| {
            nixpkgs.last_modified.is_some_and(|made| made >= time)
                && nixpkgs.release().is_none_or(|of| of >= release)
        };
        self.is_known() && self.asked.is_empty() && self.locked.iter().all(is_new)
    }

    fn is_known(&self) -> bool {
        !self.locked.is_empty() || !self.asked.is_empty()
    }
}

/// The release that an input asks for, if it is a nixpkgs.
fn asked_release(input: &FlakeInput) -> Option<Option<&str>> {
    let reference = input.reference.as_ref().filter(|reference| reference.is_nixpkgs())?;
    Some(reference.name.as_deref().and_then(release_of))
}
