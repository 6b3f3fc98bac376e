//! What `nix build --dry-run` prints: what Nix would build, and what it would fetch.
//!
//! The same lines are printed by nix-build and before each build, in several forms over the years:
//! with and without a count, in the singular, with the sizes of what is fetched. Lines of other kinds
//! are passed over.

use super::Outcome;

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name, without the store and the hash: `hello-2.12.1`.
    pub name: String,
}

/// What Nix says it would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DryRun {
    /// The derivations it would build.
    pub built: Vec<Listed>,
    /// The paths it would fetch.
    pub fetched: Vec<Listed>,
    /// What it says of their size: `12.3 MiB download, 45.6 MiB unpacked`.
    pub sizes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Built,
    Fetched,
    Other,
}

impl DryRun {
    /// Reads what Nix printed.
    pub fn parse(text: &str) -> DryRun {
        let mut found = DryRun::default();
        let mut section = Section::Other;
        for line in text.lines() {
            let line = line.trim_end();
            let name = stored_name(line);
            match (name, section) {
                (Some(name), Section::Built) => {
                    let name = name.strip_suffix(".drv").unwrap_or(name).to_owned();
                    found.built.push(Listed { name });
                }
                (Some(name), Section::Fetched) => {
                    found.fetched.push(Listed { name: name.to_owned() });
                }
                (Some(_), Section::Other) => {}
                (None, _) => {
                    section = section_of(line);
                    if section == Section::Fetched {
                        found.sizes.extend(sizes(line));
                    }
                }
            }
        }
        found
    }

    /// Whether nothing in the text was of the form that Nix prints.
    pub fn is_empty(&self) -> bool {
        self.built.is_empty() && self.fetched.is_empty()
    }

    /// What Nix says becomes of the package that the tree calls `name`.
    pub(super) fn outcome_of(&self, name: &str) -> Outcome {
        let names_it = |listed: &[Listed]| listed.iter().any(|listed| listed.is_of(name));
        if names_it(&self.built) {
            Outcome::Built
        } else if names_it(&self.fetched) {
            Outcome::Fetched
        } else {
            Outcome::NotNamed
        }
    }
}

impl Listed {
    /// Whether it is of the package that a tree calls `attribute`, such as `python3Packages.torch`,
    /// which the store calls `python3.12-torch-2.9.1`, or `nodejs_24`, there `nodejs-24.11.1`.
    pub(super) fn is_of(&self, attribute: &str) -> bool {
        let last = attribute.rsplit('.').next().unwrap_or(attribute);
        let own = without_version(&self.name);
        let stripped = last.trim_end_matches(|char: char| char.is_ascii_digit() || char == '_');
        let is_versioned = stripped.len() < last.len() && !stripped.is_empty();
        let of_set = || {
            let (set, rest) = own.split_once('-')?;
            let is_set = ["python", "perl", "lua", "ocaml", "ruby", "php"]
                .iter()
                .any(|language| set.starts_with(language));
            is_set.then_some(rest)
        };
        let base = own.trim_end_matches(|char: char| char.is_ascii_digit());
        own == last || is_versioned && base == stripped || of_set() == Some(last)
    }
}

/// `hello-2.12.1` of `  /nix/store/…-hello-2.12.1`.
fn stored_name(line: &str) -> Option<&str> {
    let path = line.trim_start();
    let base = path.strip_prefix('/')?.rsplit('/').next()?;
    let (hash, name) = base.split_once('-')?;
    let is_hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_hash.then_some(name)
}

fn section_of(line: &str) -> Section {
    if line.contains("will be built") {
        Section::Built
    } else if line.contains("will be fetched") {
        Section::Fetched
    } else {
        Section::Other
    }
}

/// What stands in the parentheses of `these 2 paths will be fetched (… download, … unpacked):`.
fn sizes(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('(')?;
    let (inside, _) = rest.split_once(')')?;
    inside.contains("download").then(|| inside.to_owned())
}

/// The name up to the first `-` that no letter follows, as Nix parts names from versions.
fn without_version(name: &str) -> &str {
    let starts = name.match_indices('-').map(|(at, _)| at);
    let is_version =
        |at: &usize| name[at + 1..].chars().next().is_some_and(|char| !char.is_alphabetic());
    starts.into_iter().find(is_version).map_or(name, |at| &name[..at])
}
