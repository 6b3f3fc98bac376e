//! The rule `push-cache`.

use std::path::Path;

use super::heavy::{Heavy, heavy};
use crate::declare_rule;
use crate::facts::{CacheElement, CacheList, Setting};
use crate::knowledge::cache_address;
use crate::lint::edits::definition_path;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// Heavy packages that this tree builds itself, in a tree that has a Cachix or Attic cache of its
    /// own to which nothing of the tree pushes. It is taken for its own where it is called after one
    /// of its users or machines, or after the tree itself.
    ///
    /// # Why it matters
    ///
    /// What one machine has built in hours the next one fetches in minutes, and so does the same
    /// machine once its garbage is collected, if somebody puts it there.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.username = "ada";
    ///   nix.settings.extra-substituters = [ "https://ada-machines.cachix.org" ];
    ///   home.packages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.username = "ada";
    ///   nix.settings.extra-substituters = [ "https://ada-machines.cachix.org" ];
    ///   home.packages = [ (pkgs.qgis.overrideAttrs (_: { doCheck = false; })) ];
    ///   programs.zsh.shellAliases.rebuild = "cachix watch-exec ada-machines -- home-manager switch";
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none to apply: to push takes a token, which is no part of a configuration.
    ///
    /// # When it stays silent
    ///
    /// Where something of the tree pushes: a command, a service, a hook after builds, a workflow. Where
    /// no cache is called after anything of the tree, and so may be anybody's, or is a known one, or
    /// called as one of the flake's inputs or its owner, or is of neither Cachix nor Attic. Where nothing
    /// heavy is built.
    ///
    /// # Sources
    ///
    /// docs.cachix.org, Pushing; Attic's documentation, `attic watch-store`.
    pub struct PushCache {
        id: "push-cache",
        group: Advice,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
        default_on: false,
    }
}

/// What pushing is written as.
const PUSHING: [&str; 10] = [
    "cachix push",
    "/bin/cachix",
    "cachix watch",
    "cachix-watch-store",
    "cachix-agent",
    "attic push",
    "attic watch",
    "attic-watch-store",
    "post-build-hook",
    "nix copy --to",
];

/// Where workflows lie that may push.
const WORKFLOWS: [&str; 3] = [".github/workflows", ".forgejo/workflows", ".gitea/workflows"];

/// What workflows that push speak of.
const SERVICES: [&str; 3] = ["cachix", "attic", "nix copy"];

/// The shortest name that says whose something is.
const SHORTEST_NAME: usize = 3;

/// Names of users and machines that anybody's are called.
const COMMON_NAMES: [&str; 12] = [
    "nix", "nixos", "root", "cache", "cachix", "attic", "desktop", "laptop", "server", "user",
    "home", "config",
];

impl Rule for PushCache {
    fn meta(&self) -> &'static RuleMeta {
        const { &PushCache::META }
    }

    fn words(&self) -> &'static [&'static str] {
        &PUSHING
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let lists: Vec<_> = cx.facts.cache_settings().collect();
        let mut elements = lists
            .iter()
            .filter(|list| list.list == CacheList::Substituters)
            .flat_map(|list| &list.elements);
        let own = OwnNames::of(cx);
        let Some((cache, name)) = elements.find_map(|element| own.of_cache(cx, element)) else {
            return;
        };
        let builds = heavy(cx);
        if builds.is_empty() || is_pushed(cx) {
            return;
        }
        let found = report(cache, name, &builds);
        cx.report(found);
    }
}

/// What a cache of the tree's own would be called after.
struct OwnNames {
    /// Of users, machines and the folder that the tree lies in, in small letters.
    names: Vec<String>,
    /// What the flakes say that they are.
    descriptions: String,
}

impl OwnNames {
    fn of(cx: &TreeContext<'_>) -> OwnNames {
        let mut names: Vec<String> = Vec::new();
        for configuration in &cx.facts.configurations {
            names.extend(configuration.host.split('@').map(str::to_lowercase));
        }
        names.extend(cx.facts.settings.iter().filter_map(name_in).map(str::to_lowercase));
        let folder = cx.tree.root().file_name().map(|name| name.to_string_lossy().to_lowercase());
        names.extend(folder);
        names.retain(|name| name.len() >= SHORTEST_NAME && !COMMON_NAMES.contains(&&**name));
        let descriptions = cx.facts.flakes.iter().filter_map(|flake| {
            let file = cx.edited(flake.file)?;
            let mut definitions = file.definitions();
            let is_it = |path: Vec<String>| path == ["description"];
            let it = definitions.find(|it| definition_path(*it).is_some_and(is_it))?;
            Some(it.text().to_lowercase())
        });
        OwnNames { names, descriptions: descriptions.collect() }
    }

    /// `element`, with what it is called after, where it may be a cache of the tree's own.
    fn of_cache<'e>(
        &self,
        cx: &TreeContext<'_>,
        element: &'e CacheElement,
    ) -> Option<(&'e CacheElement, &str)> {
        if !may_be_own(cx, element) {
            return None;
        }
        let address = cache_address(&element.text).to_lowercase();
        let name = self.names.iter().find(|name| stands_in(name, &address)).map(String::as_str);
        let described = || {
            let name = address.strip_suffix(".cachix.org")?;
            stands_in(name, &self.descriptions).then_some("this flake")
        };
        Some((element, name.or_else(described)?))
    }
}

/// The name of a user or a machine that `setting` gives.
fn name_in(setting: &Setting) -> Option<&str> {
    let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["home", "username"] | ["networking", "hostName"] => setting.value.as_str(),
        _ => None,
    }
}

/// Whether `name` stands in `text` as a word.
fn stands_in(name: &str, text: &str) -> bool {
    let is_edge = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric());
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + name.len()..));
        is_edge(before.and_then(|it| it.chars().next_back()))
            && is_edge(after.and_then(|it| it.chars().next()))
    })
}

/// Whether a cache is none that is known to be others'.
fn may_be_own(cx: &TreeContext<'_>, element: &CacheElement) -> bool {
    let address = cache_address(&element.text);
    let is_service = address.ends_with(".cachix.org") || address.contains("attic");
    is_service && cx.knowledge.cache(&element.text).is_none() && !is_of_input(cx, address)
}

/// Whether the cache is called as a flake is that the tree takes from others, or as who owns that.
fn is_of_input(cx: &TreeContext<'_>, address: &str) -> bool {
    let name = address.strip_suffix(".cachix.org").unwrap_or(address);
    let mut inputs = cx.facts.flakes.iter().flat_map(|flake| &flake.inputs);
    inputs.any(|input| {
        let is_called = |of: &str| of.eq_ignore_ascii_case(name);
        let reference = input.reference.as_ref();
        is_called(&input.name)
            || reference.is_some_and(|it| is_called(&it.repository) || is_called(&it.owner))
    })
}

fn is_pushed(cx: &TreeContext<'_>) -> bool {
    PUSHING.iter().any(|word| cx.mentions(word))
        || WORKFLOWS.iter().any(|folder| {
            let folder = Path::new(folder);
            let files = cx.tree.read_dir(folder).unwrap_or_default();
            files.iter().any(|(name, _)| {
                let text = cx.tree.read_text(&folder.join(name));
                text.is_ok_and(|text| SERVICES.iter().any(|service| text.contains(service)))
            })
        })
}

fn report(cache: &CacheElement, name: &str, builds: &[Heavy<'_>]) -> Diagnostic {
    let address = cache_address(&cache.text);
    let names: Vec<&str> = builds.iter().map(|one| one.build.name.as_str()).collect();
    let message = format!("nothing in this tree pushes to {address}, which is called after {name}");
    let mut found = Diagnostic::new(&PushCache::META, cache.place, message).note(format!(
        "{} {} built here and could be fetched by every other machine",
        names.join(", "),
        if names.len() == 1 { "is" } else { "are" }
    ));
    for one in builds {
        found = found.related(one.build.place, format!("{} is built here", one.build.name));
    }
    let name = address.strip_suffix(".cachix.org");
    found.fix(Fix::suggestion(
        match name {
            Some(name) => format!("Build with `cachix watch-exec {name} -- nix build …`"),
            None => "Push with `attic push`, or keep `attic watch-store` running".to_owned(),
        },
        Vec::new(),
    ))
}
