//! Which derivations of a tree are compiled here, and for sure.

use std::path::Path;

use crate::facts::ReadOf;
use crate::knowledge::Builder;
use crate::lint::TreeContext;
use crate::rules::made::Made;
use crate::rules::variables::commands;
use crate::rules::work::Work;
use crate::source::EntryKind;

/// Programs of a build phase that compile, or run what does.
const COMPILERS: [&str; 20] = [
    "make", "cmake", "meson", "ninja", "cargo", "rustc", "go", "gcc", "g++", "cc", "c++", "clang",
    "clang++", "npm", "pnpm", "yarn", "bun", "zig", "ghc", "dotnet",
];

/// What stdenv's own build phase looks for.
const MAKEFILES: [&str; 3] = ["Makefile", "makefile", "GNUmakefile"];

/// Whether `made` is, or may be, a package that is compiled: no shell to work in, no text.
pub fn may_compile(cx: &TreeContext<'_>, made: &Made<'_>) -> bool {
    matches!(made.work, Work::Compiles | Work::Unclear) && !made.is_dev_shell(cx)
}

/// Whether `made` is a package for which something is compiled, its source being `folder` where that
/// lies in the tree.
pub fn compiles(cx: &TreeContext<'_>, made: &Made<'_>, folder: Option<&Path>) -> bool {
    let is_package = made.work == Work::Compiles && !made.is_dev_shell(cx) && !made.is_template(cx);
    is_package && has_compiler(cx, made, folder)
}

/// The folder of the tree that is the source of `made`.
pub fn source_folder<'a>(made: &Made<'a>) -> Option<&'a Path> {
    match &made.own("src")?.reads.first()?.what {
        ReadOf::Folder { path, .. } => Some(Path::new(path)),
        _ => None,
    }
}

fn has_compiler(cx: &TreeContext<'_>, made: &Made<'_>, folder: Option<&Path>) -> bool {
    if let Some(language) = made.language(cx) {
        let row = cx.knowledge.memory.language(language);
        return row.is_none_or(|row| row.compiles);
    }
    let is_generic = made.builder.is_some_and(Builder::is_generic);
    if !is_generic {
        return true;
    }
    // stdenv's own function builds whatever its phases say.
    let mut attributes = made.levels().flatten();
    if attributes.any(|change| cx.knowledge.compile_sign(&change.name).is_some()) {
        return true;
    }
    if made.attribute("buildPhase").is_some() || made.attribute("buildCommand").is_some() {
        return commands(cx, made)
            .iter()
            .any(|one| one.command.program().is_some_and(|word| COMPILERS.contains(&word)));
    }
    let is_there = |name: &&str| {
        folder.is_some_and(|folder| cx.tree.entry(&folder.join(name)) == Some(EntryKind::File))
    };
    MAKEFILES.iter().any(is_there)
}
