//! A configuration before and after its safe fixes, as Nix is asked about both. A fuzz target shares it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use frugix::analysis::{FixRequest, all_wanted};
use frugix::lint::Applicability;
use frugix::source::Tree;

use crate::harness::Case;
use crate::harness::nix::Answer;

/// Rules of which the finding is a derivation that cannot be built as it is: a safe fix makes another
/// of it.
const CANNOT_BUILD: &[&str] = &["duplicate-jobs-flag"];

/// What stands in for nixpkgs.
const STUB: &str = include_str!("stub.nix");

/// What stands in for its library.
const LIBRARY: &str = include_str!("../oracle/library.nix");

/// A configuration, fixed, and what to ask Nix of it.
pub struct Fixed {
    /// What was changed, as a person reads it.
    pub changes: String,
    /// The expression of its packages as they were.
    pub before: String,
    /// And as they are.
    pub after: String,
}

/// Fixes a configuration of these files below `folder`; none where nothing is to fix.
pub fn fixed(files: Vec<(PathBuf, String)>, folder: &Path) -> Option<Fixed> {
    let case = Case::of_texts("a random tree", files);
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|_| true,
        fixable: &|rule| !CANNOT_BUILD.contains(&rule),
        wanted: &all_wanted,
    };
    let outcome = case.analyzer().fix(&case.tree, &request);
    let mut changes = String::new();
    for (file, after) in &outcome.changed {
        let (path, before) = (case.tree.path(*file), crate::harness::text(&case.tree, *file));
        changes.push_str(&format!("#- {}\n{before}\n#= fixed\n{after}\n", path.display()));
    }
    if changes.is_empty() {
        return None;
    }
    let names = identifiers(&case.tree);
    let old = written(&case.tree, &folder.join("before"));
    let new = written(&outcome.tree, &folder.join("after"));
    for (name, text) in [("stub.nix", STUB), ("library.nix", LIBRARY)] {
        fs::write(folder.join(name), text).expect("a file");
    }
    let (before, after) = (asked(folder, &old, &names, &old), asked(folder, &new, &names, &old));
    Some(Fixed { changes, before, after })
}

/// What the packages of the tree at `root` are, as a Nix expression: under either condition, and those
/// attributes of the overlay that the one at `reference` has. Settings of Nix may change by a safe fix,
/// and are left out.
fn asked(folder: &Path, root: &Path, names: &BTreeSet<String>, reference: &Path) -> String {
    let names: String = names.iter().map(|name| format!(" \"{name}\"")).collect();
    format!(
        "(let made = root: condition: import {stub} {{ inherit condition; names = [{names} ]; \
         library = {library}; profile = root + \"/profile.nix\"; \
         files = {{ overlays.o = root + \"/overlay.nix\"; modules.m = root + \"/home.nix\"; }}; }}; \
         of = condition: let it = made {root} condition; in {{ \
         overlay = it.overlays (made {reference} condition).overlayNames; \
         module = removeAttrs it.modules.m [ \"nix\" ] // \
         {{ home = removeAttrs (it.modules.m.home or {{ }}) [ \"room\" ]; }}; }}; \
         free = {{ lib = {{ }}; config = {{ }}; profile = {{ }}; }}; \
         in {{ yes = of true; no = of false; \
         inherit (builtins.scopedImport free {root}/flake.nix) inputs; }})",
        stub = folder.join("stub.nix").display(),
        library = folder.join("library.nix").display(),
        root = root.display(),
        reference = reference.display(),
    )
}

/// Whether a fix has changed what Nix makes. What it refused before, it may accept.
pub fn differs(before: &Answer, after: &Answer) -> bool {
    before.is_some() && before != after
}

/// Writes every file of `tree` below `folder`.
pub fn written(tree: &Tree, folder: &Path) -> PathBuf {
    for file in tree.files() {
        let path = folder.join(tree.path(*file));
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, &*tree.source(*file).expect("a text").text).expect("a file");
    }
    folder.to_path_buf()
}

/// Words of the language, which name nothing.
const KEYWORDS: &[&str] =
    &["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];

/// Every word of the tree that may be a name: what the stand-in must have attributes for.
pub fn identifiers(tree: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in tree.files() {
        let source = tree.source(*file).expect("a text");
        let words =
            source.text.split(|char: char| !(char.is_alphanumeric() || "_-'".contains(char)));
        names.extend(words.filter(|word| word.starts_with(char::is_alphabetic)).map(str::to_owned));
        // `rust-bin.stable."1.88.0"`.
        let is_version = |text: &&str| {
            !text.is_empty() && text.chars().all(|char| char.is_ascii_digit() || char == '.')
        };
        names.extend(source.text.split('"').filter(is_version).map(str::to_owned));
    }
    names.retain(|name| !KEYWORDS.contains(&name.as_str()));
    names
}
