//! Flakes: their inputs, what their lock file holds of nixpkgs, and their `nixConfig`.

use super::value::ValueFact;
use crate::source::{FileId, Span};

/// A flake of the tree.
#[derive(Debug, Clone)]
pub struct Flake {
    /// Its `flake.nix`.
    pub file: FileId,
    /// Its inputs, by name.
    pub inputs: Vec<FlakeInput>,
    /// It has a lock file.
    pub is_locked: bool,
    /// The nixpkgs in its lock file.
    pub nixpkgs: Vec<LockedNixpkgs>,
    /// The values of its `nixConfig` that are no literals.
    pub computed_settings: Vec<NixConfigValue>,
}

/// An input of a flake.
#[derive(Debug, Clone)]
pub struct FlakeInput {
    /// Its name.
    pub name: String,
    /// Where the name is written first.
    pub key: Span,
    /// Its address as text, where it has one.
    pub url: Option<ValueFact>,
    /// What its address says.
    pub reference: Option<Reference>,
    /// It is a flake, not plain source.
    pub is_flake: bool,
    /// The input that it is the same as.
    pub follows: Option<String>,
    /// What is changed of its own inputs.
    pub overrides: Vec<InputOverride>,
    /// Where packages of it are taken in the tree.
    pub packages: Vec<Span>,
}

/// `inputs.x.inputs.y.follows = "z";`.
#[derive(Debug, Clone)]
pub struct InputOverride {
    /// The input of the input.
    pub name: String,
    /// What it follows; empty for nothing at all.
    pub follows: String,
    /// Where `follows` is written.
    pub key: Span,
    /// The whole definition with its semicolon.
    pub definition: Option<Span>,
}

/// What the address of an input says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Who owns the repository.
    pub owner: String,
    /// The repository.
    pub repository: String,
    /// The branch, tag or commit.
    pub name: Option<String>,
}

/// A nixpkgs that a lock file holds.
#[derive(Debug, Clone)]
pub struct LockedNixpkgs {
    /// The inputs on the way to it from the flake: `["hyprland", "nixpkgs"]`.
    pub path: Vec<String>,
    /// When its commit was made, in seconds since 1970.
    pub last_modified: Option<i64>,
    /// The branch or tag that was asked for.
    pub reference: Option<String>,
}

impl LockedNixpkgs {
    /// The release of NixOS that it is of: `25.05` for the branch `nixos-25.05-small`.
    pub fn release(&self) -> Option<&str> {
        self.reference.as_deref().and_then(release_of)
    }
}

/// The release of NixOS that a branch of nixpkgs is of.
pub fn release_of(branch: &str) -> Option<&str> {
    let is_release = |part: &&str| {
        let is_number = |text: &str| text.len() == 2 && text.chars().all(|c| c.is_ascii_digit());
        part.split_once('.').is_some_and(|(year, month)| is_number(year) && is_number(month))
    };
    branch.split('-').find(is_release)
}

/// A value of `nixConfig`, or the whole of it, that is no literal.
#[derive(Debug, Clone)]
pub struct NixConfigValue {
    /// The setting; `None` for the whole set.
    pub name: Option<String>,
    /// The expression.
    pub place: Span,
    /// What evaluation makes of it.
    pub value: ValueFact,
}

impl Flake {
    /// The input called `name`.
    pub fn input(&self, name: &str) -> Option<&FlakeInput> {
        self.inputs.iter().find(|input| input.name == name)
    }
}

impl Reference {
    /// What an address of a forge says; `None` for others.
    pub fn parse(url: &str) -> Option<Reference> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let asked =
            |key: &str| query.split('&').find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        let (path, is_short) = match address.strip_prefix("github:") {
            Some(path) => (path, true),
            None => (address.split_once("://github.com/")?.1, false),
        };
        let mut parts = path.splitn(3, '/');
        let owner = parts.next().filter(|owner| !owner.is_empty())?.to_owned();
        let repository = parts.next()?.trim_end_matches(".git").to_owned();
        let rest = parts.next().filter(|rest| !rest.is_empty());
        let name = match (is_short, rest) {
            (true, rest) => rest.map(str::to_owned),
            (false, Some(rest)) => {
                let archive = rest.strip_prefix("archive/")?;
                let archive = archive.strip_prefix("refs/heads/").unwrap_or(archive);
                let archive = archive.trim_end_matches(".tar.gz").trim_end_matches(".zip");
                Some(archive.to_owned())
            }
            (false, None) => None,
        };
        let name = asked("rev").or(asked("ref")).map(str::to_owned).or(name);
        Some(Reference { owner, repository, name })
    }

    /// Whether it is NixOS/nixpkgs or a fork of it.
    pub fn is_nixpkgs(&self) -> bool {
        self.repository.eq_ignore_ascii_case("nixpkgs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_name_releases() {
        for (branch, expected) in [
            ("nixos-25.05", Some("25.05")),
            ("nixos-24.11-small", Some("24.11")),
            ("release-23.11", Some("23.11")),
            ("nixpkgs-24.05-darwin", Some("24.05")),
            ("nixos-unstable", None),
            ("v1.25.05", None),
            ("", None),
        ] {
            assert_eq!(release_of(branch), expected, "{branch}");
        }
    }

    #[test]
    fn addresses_are_understood() {
        let shown = |url: &str| {
            Reference::parse(url).map(|reference| {
                let name = reference.name.unwrap_or_else(|| "-".to_owned());
                format!("{} {} {name}", reference.owner, reference.repository)
            })
        };
        for (url, expected) in [
            ("github:NixOS/nixpkgs", Some("NixOS nixpkgs -")),
            ("github:NixOS/nixpkgs/nixos-unstable", Some("NixOS nixpkgs nixos-unstable")),
            ("github:NixOS/nixpkgs?ref=master", Some("NixOS nixpkgs master")),
            ("git+https://github.com/NixOS/nixpkgs.git?ref=master", Some("NixOS nixpkgs master")),
            (
                "https://github.com/NixOS/nixpkgs/archive/master.tar.gz",
                Some("NixOS nixpkgs master"),
            ),
            ("nixpkgs/nixos-unstable", None),
            ("nixpkgs", None),
            ("https://flakehub.com/f/NixOS/nixpkgs/0.1", None),
            ("path:./nixpkgs", None),
        ] {
            assert_eq!(shown(url).as_deref(), expected, "{url}");
        }
    }
}
