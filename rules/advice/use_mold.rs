//! The rule `use-mold`.

use text_size::{TextRange, TextSize};

use super::heavy::{Heavy, heavy};
use crate::declare_rule;
use crate::facts::{Change, ModuleKind, Origin};
use crate::knowledge::{KnobSite as _, Linker};
use crate::lint::edits::{Definition, EditedFile};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::made::Made;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

declare_rule! {
    /// # What it flags
    ///
    /// A heavy package in Rust or C++ that this tree builds anyway, and that links with the default
    /// linker.
    ///
    /// # Why it matters
    ///
    /// The link is the last step and runs alone: one process, and of all of them the one that takes the
    /// most memory. mold links the same in a fraction of the time and with less memory.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "ck-search";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchCrate { pname = "ck-search"; version = "0.1.0"; hash = lib.fakeHash; };
    ///       cargoHash = lib.fakeHash;
    ///       nativeBuildInputs = [ pkgs.pkg-config ];
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "ck-search";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchCrate { pname = "ck-search"; version = "0.1.0"; hash = lib.fakeHash; };
    ///       cargoHash = lib.fakeHash;
    ///       nativeBuildInputs = [ pkgs.pkg-config pkgs.mold ];
    ///       RUSTFLAGS = "-C link-arg=-fuse-ld=mold";
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// For Rust it puts mold among `nativeBuildInputs` and tells rustc to link with it; for a plain
    /// `stdenv.mkDerivation` it wraps the environment in `stdenvAdapters.useMoldLinker`. It is unsafe:
    /// the derivation is another, and is built once more. What a package of nixpkgs is overridden with
    /// is only described: it would leave the cache if it had not already.
    ///
    /// # When it stays silent
    ///
    /// Where a linker is chosen already (`-fuse-ld=`, mold, lld or wild among the inputs); for Go, which
    /// links by itself; on Darwin, for which mold does not link; for builds that are not expected to
    /// take long, and for browsers, which bring their own linker.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/advice.toml`, `[mold]`, and the links of `rules/knowledge/memory.toml`; nixpkgs,
    /// `pkgs/stdenv/adapters.nix`, `useMoldLinker`.
    pub struct UseMold {
        id: "use-mold",
        group: Advice,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
        default_on: false,
    }
}

/// Languages of which the compiler lets the linker be chosen, as the table of memory names them.
const LANGUAGES: [&str; 3] = ["rust", "c++", "cuda"];

/// Linkers that are as good, or nearly.
const LINKERS: [&str; 5] = ["mold", "mold-wrapped", "lld", "wild", "wild-unwrapped"];

/// The flag that makes rustc link with mold.
const FLAG: &str = "-C link-arg=-fuse-ld=mold";

/// What functions of the tree call the package set.
const SETS: [&str; 3] = ["pkgs", "prev", "final"];

impl Rule for UseMold {
    fn meta(&self) -> &'static RuleMeta {
        const { &UseMold::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let found: Vec<Diagnostic> = heavy(cx).iter().filter_map(|one| of_build(cx, one)).collect();
        cx.report_all(found);
    }
}

fn of_build(cx: &TreeContext<'_>, heavy: &Heavy<'_>) -> Option<Diagnostic> {
    let language = heavy.build.language.as_deref().filter(|name| LANGUAGES.contains(name))?;
    let made = heavy.made.as_ref()?;
    let is_chosen = heavy.build.linker != Linker::Default
        || heavy.variables(cx).iter().any(|variable| variable.text.contains("fuse-ld"))
        || LINKERS.iter().any(|linker| made.has_input(linker) == Some(true));
    if is_chosen || made.call.module == ModuleKind::Darwin || is_for_darwin(cx, made) {
        return None;
    }
    let name = &heavy.build.name;
    // What a flake's own package is told elsewhere is not seen.
    let hedge = match heavy.build.origin {
        Origin::Input(_) => ", as far as this tree tells",
        _ => "",
    };
    let condition = heavy.condition(None);
    let message = format!("{condition}{name} links with the default linker{hedge}");
    let gain = &cx.knowledge.advice.mold;
    let mut found = Diagnostic::new(&UseMold::META, heavy.build.place, message).note(format!(
        "{} ({})",
        gain.gain,
        gain.evidence()
    ));
    let memory = &cx.knowledge.memory;
    let (lto, now) = (heavy.build.lto, memory.link(heavy.build.lto, Linker::Default));
    if let Some((now, then)) = now.zip(memory.link(lto, Linker::Mold))
        && then.heavy_gib < now.heavy_gib
    {
        found = found.note(format!(
            "the link of a heavy package takes about {} GiB with it, not {} ({}: {})",
            then.heavy_gib, now.heavy_gib, then.basis, then.source
        ));
    }
    let edits = match language {
        "rust" => of_rust(cx, made),
        _ => of_stdenv(cx, made),
    };
    Some(found.fix(match edits {
        Some(edits) => {
            let why = format!("{name} is another derivation, and is built once more");
            Fix::unsafe_because("Link it with mold", why, edits)
        }
        None => Fix::suggestion(
            "Link it with mold: `stdenv = stdenvAdapters.useMoldLinker stdenv`, or mold among \
             nativeBuildInputs and `-C link-arg=-fuse-ld=mold` in RUSTFLAGS",
            Vec::new(),
        ),
    }))
}

/// Whether what decides about the call asks for Darwin, or what an override gives does.
fn is_for_darwin(cx: &TreeContext<'_>, made: &Made<'_>) -> bool {
    let places = [Some(made.call.argument).filter(|_| made.is_override), made.call.condition];
    places.into_iter().flatten().any(|place| {
        let source = cx.tree.source(place.file);
        source.is_ok_and(|source| source.slice(place.range).contains("isDarwin"))
    })
}

/// mold among the inputs of a Rust package, and the flag for rustc.
fn of_rust(cx: &TreeContext<'_>, made: &Made<'_>) -> Option<Vec<FixEdit>> {
    let literal = made.call.literal.filter(|_| !made.is_override && !made.open)?;
    let file = cx.edited(literal.file)?;
    let mold = format!("{}.mold", package_set(file.node(literal)?)?);
    let mut edits = Vec::new();
    let mut new: Vec<String> = Vec::new();
    match made.own("nativeBuildInputs") {
        Some(inputs) => edits.extend(appended(&file, inputs, literal, &mold)?),
        None => new.push(format!("nativeBuildInputs = [ {mold} ];")),
    }
    let in_env = made.own("env").and_then(|env| env.inner("RUSTFLAGS"));
    match made.own("RUSTFLAGS").or(in_env) {
        Some(flags) => edits.push(flagged(&file, flags, literal)?),
        None => new.push(format!("RUSTFLAGS = \"{FLAG}\";")),
    }
    let new: Vec<Definition<'_>> =
        new.iter().map(|text| Definition { text, remark: None }).collect();
    if !new.is_empty() {
        edits.extend(file.insert(literal, None, &new)?);
    }
    edits.sort_by_key(|edit| edit.span.sort_key());
    Some(edits)
}

/// The value of `change`, where it is written in the call itself.
fn written(change: &Change, literal: Span) -> Option<Span> {
    change
        .value
        .place
        .filter(|place| place.file == literal.file && literal.range.contains_range(place.range))
}

fn appended(file: &EditedFile, inputs: &Change, literal: Span, mold: &str) -> Option<Vec<FixEdit>> {
    let place = written(inputs, literal)?;
    let node = file.node(place)?;
    match node.kind() {
        SyntaxKind::NODE_LIST => file.append_elements(place, &[mold.to_owned()]),
        SyntaxKind::NODE_WITH => {
            let list = node.last_child().filter(|list| list.kind() == SyntaxKind::NODE_LIST)?;
            let set = node.first_child()?.text();
            let name = mold.strip_prefix(&format!("{set}.")).unwrap_or(mold);
            file.append_elements(file.span(list.range()), &[name.to_owned()])
        }
        _ => None,
    }
}

/// The flag behind those that are there.
fn flagged(file: &EditedFile, flags: &Change, literal: Span) -> Option<FixEdit> {
    let place = written(flags, literal)?;
    let node = file.node(place).filter(|node| node.kind() == SyntaxKind::NODE_STRING)?;
    let quote = TextSize::of(node.text().strip_suffix('"')?);
    let end = TextRange::new(node.range().start() + quote, node.range().end());
    Some(FixEdit::insert_before(file.span(end), format!(" {FLAG}")))
}

/// `pkgs.stdenv.mkDerivation` with its environment wrapped.
fn of_stdenv(cx: &TreeContext<'_>, made: &Made<'_>) -> Option<Vec<FixEdit>> {
    let literal = made.call.literal.filter(|_| !made.is_override)?;
    let file = cx.edited(literal.file)?;
    let call = file.node(made.call.span)?;
    let callee = call.first_child()?;
    let stdenv = callee.text().strip_suffix(".mkDerivation")?;
    let set = stdenv.strip_suffix(".stdenv").filter(|set| SETS.contains(set))?;
    let with = format!("({set}.stdenvAdapters.useMoldLinker {stdenv}).mkDerivation");
    file.replace(file.span(callee.range()), &with)
}

/// What a function around `node` calls the package set.
fn package_set(node: Node<'_>) -> Option<&'static str> {
    let takes = |function: Node<'_>, name: &str| {
        let parameter = function.first_child();
        parameter.is_some_and(|parameter| {
            let mut names = parameter
                .descendants()
                .filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
                .filter(|node| {
                    node.parent().is_some_and(|parent| {
                        matches!(
                            parent.kind(),
                            SyntaxKind::NODE_PAT_ENTRY | SyntaxKind::NODE_IDENT_PARAM
                        )
                    })
                });
            names.any(|found| found.text() == name)
        })
    };
    let mut functions = node.ancestors().filter(|node| node.kind() == SyntaxKind::NODE_LAMBDA);
    functions.find_map(|function| SETS.into_iter().find(|name| takes(function, name)))
}
