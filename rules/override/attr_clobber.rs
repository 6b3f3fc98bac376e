//! The rule `attr-clobber`.

use super::{cost, extend};
use crate::declare_rule;
use crate::facts::{Change, Method, OverrideSite, Package, ValueFact, ValueKind};
use crate::knowledge::Upstream;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// An attribute that takes the place of what nixpkgs gives a package, where it was meant to be
    /// added: `patches`, inputs, flags, `env`, and compiler flags inside it.
    ///
    /// # Why it matters
    ///
    /// `overrideAttrs` replaces an attribute whole. With `patches = [ ./mine.patch ]` those of nixpkgs
    /// are gone, and with them a fix that nobody misses until it is needed; with
    /// `NIX_CFLAGS_COMPILE = "-O3"` the flags are gone without which SQLite has no full-text search.
    /// Where nixpkgs has a variable in `env`, the same name beside `env` is refused: evaluation fails.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.zsh.overrideAttrs (_: {
    ///       patches = [ ./quoting.patch ];
    ///     }))
    ///     (pkgs.sqlite.overrideAttrs (old: {
    ///       env = (old.env or { }) // {
    ///         NIX_CFLAGS_COMPILE = "-O3";
    ///       };
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.zsh.overrideAttrs (old: {
    ///       patches = (old.patches or [ ]) ++ [ ./quoting.patch ];
    ///     }))
    ///     (pkgs.sqlite.overrideAttrs (old: {
    ///       env = (old.env or { }) // {
    ///         NIX_CFLAGS_COMPILE = toString (old.env.NIX_CFLAGS_COMPILE or "") + " -O3";
    ///       };
    ///     }))
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It puts the new value behind the old one, which it binds where that is not done yet; a
    /// variable that nixpkgs has in `env` goes there. It is unsafe: the package is built with more
    /// than before, and a list may have been replaced on purpose.
    ///
    /// # When it stays silent
    ///
    /// - The new value is made from the old one, however it is named, or the list is empty: then
    ///   what was there is meant to go.
    /// - Another source is given too: patches and flags are then those of another version.
    /// - The package is one of the tree's or a flake's own.
    /// - nixpkgs is known not to give the package anything there; or that is not known, and the same
    ///   override gives several lists anew, or makes another one from the old.
    ///
    /// Of a package that nobody has looked at it says "if", and is for information only.
    ///
    /// # Sources
    ///
    /// - What nixpkgs gives packages stands in `rules/knowledge/upstream.toml`, each row with its file
    ///   and commit.
    /// - nixpkgs, `pkgs/stdenv/generic/make-derivation.nix`: "The `env` attribute set cannot contain
    ///   any attributes passed to derivation".
    pub struct AttrClobber {
        id: "attr-clobber",
        group: Override,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// Attributes that several hands add to, as lists.
const LISTS: [&str; 5] =
    ["patches", "nativeBuildInputs", "buildInputs", "cmakeFlags", "configureFlags"];

/// The same, as strings.
const FLAGS: [&str; 2] = ["RUSTFLAGS", "NIX_CFLAGS_COMPILE"];

impl Rule for AttrClobber {
    fn meta(&self) -> &'static RuleMeta {
        const { &AttrClobber::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        cx.report_each(cost::sites(cx.facts), of_override);
    }
}

/// What is wrong with one attribute.
struct Clobber<'a> {
    /// The attribute, or the variable of `env`.
    change: &'a Change,
    message: String,
    severity: Severity,
    fix: Option<(String, Vec<FixEdit>)>,
}

/// An override and what nixpkgs gives its package.
struct Subject<'a> {
    site: &'a OverrideSite,
    name: String,
    upstream: Option<&'a Upstream>,
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Vec<Diagnostic> {
    let Some(package) = site.package.as_ref().filter(|package| package.is_stock()) else {
        return Vec::new();
    };
    if site.method == Method::Override || is_made_anew(cx, site, package) {
        return Vec::new();
    }
    let upstream = cx.knowledge.upstream(&package.lookup_path());
    let name = package.path.last().filter(|_| upstream.is_none());
    if name.is_some_and(|name| cx.facts.derivation_named(name).is_some()) {
        // Some overlay brings it in, though none that was followed to here.
        return Vec::new();
    }
    let subject = Subject { site, name: package.name(), upstream };
    let changes = site.changes.iter().filter(|change| !change.is_identity);
    let found: Vec<Clobber<'_>> = changes.flat_map(|change| subject.look_at(cx, change)).collect();
    found.into_iter().map(|clobber| subject.report(cx, clobber)).collect()
}

/// Whether the package is of another source, or none that compiles anything.
fn is_made_anew(cx: &TreeContext<'_>, site: &OverrideSite, package: &Package) -> bool {
    let path = package.lookup_path();
    let gives_source = |site: &&OverrideSite| {
        site.change("src").or_else(|| site.change("srcs")).is_some_and(|src| !src.is_identity)
    };
    let inner = work::inner_overrides(cx.facts, site);
    let outer = work::outer_overrides(cx.facts, site);
    std::iter::once(site).chain(inner).chain(outer).any(|site| gives_source(&site))
        || cx.knowledge.builder(&path).is_some()
        || cx.knowledge.browser(&path).is_some()
}

impl<'a> Subject<'a> {
    fn look_at(&self, cx: &TreeContext<'_>, change: &'a Change) -> Vec<Clobber<'a>> {
        match change.name.as_str() {
            "env" => self.of_env(cx, change),
            name if self.upstream.is_some_and(|row| row.has_variable(name)) => {
                self.beside_env(cx, change).into_iter().collect()
            }
            name if LISTS.contains(&name) || FLAGS.contains(&name) => {
                self.replaced(cx, change).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// An attribute that nixpkgs has in `env`.
    fn beside_env(&self, cx: &TreeContext<'_>, change: &'a Change) -> Option<Clobber<'a>> {
        // Who gives an `env` too may have taken the variable out of it.
        if self.site.change("env").is_some() {
            return None;
        }
        let Subject { name, site, .. } = self;
        let variable = &change.name;
        let edits = extend::into_env(cx, &site.call, change);
        Some(Clobber {
            change,
            message: format!(
                "nixpkgs has `{variable}` of {name} in `env`, and beside it evaluation fails"
            ),
            severity: Severity::Error,
            fix: edits.map(|edits| (format!("Set `{variable}` in `env`"), edits)),
        })
    }

    /// An attribute that replaces what nixpkgs gives, or may do so.
    fn replaced(&self, cx: &TreeContext<'_>, change: &'a Change) -> Option<Clobber<'a>> {
        let Subject { name, site, .. } = self;
        let attribute = &change.name;
        if change.uses_old || !is_literal(&change.value) || mentions_old(cx, site, change) {
            return None;
        }
        let is_list = LISTS.contains(&attribute.as_str());
        let message = match self.upstream {
            Some(row) if row.sets(attribute) => {
                format!("this replaces the `{attribute}` that nixpkgs gives {name}")
            }
            Some(_) => return None,
            None if is_list && self.is_settled_anew(change) => return None,
            None => format!("this replaces the `{attribute}` of {name}, if nixpkgs gives it any"),
        };
        let edits = is_list.then(|| extend::list(cx, &site.call, change)).flatten();
        Some(Clobber {
            change,
            message,
            severity: self.severity(),
            fix: edits.map(|edits| (format!("Add to `{attribute}`"), edits)),
        })
    }

    /// Whether the override shows that its author knows what is replaced: it gives several lists anew,
    /// or makes others from the old ones.
    fn is_settled_anew(&self, change: &Change) -> bool {
        let mut others = self.site.changes.iter().filter(|other| {
            other.name != change.name
                && LISTS.contains(&other.name.as_str())
                && (other.name != "patches" || other.uses_old)
        });
        others.next().is_some()
    }

    fn of_env(&self, cx: &TreeContext<'_>, env: &'a Change) -> Vec<Clobber<'a>> {
        let inner = || env.inner.iter().filter(|inner| !inner.is_identity);
        let lists = inner().filter_map(|inner| self.taken_for_list(cx, inner));
        if env.uses_old {
            let flags = inner().filter_map(|inner| self.replaced_flags(cx, inner));
            return lists.chain(flags).collect();
        }
        lists.chain(self.replaced_env(cx, env)).collect()
    }

    /// A variable that is added to as if it were a list.
    fn taken_for_list(&self, cx: &TreeContext<'_>, inner: &'a Change) -> Option<Clobber<'a>> {
        let Subject { name, site, upstream } = self;
        let variable = &inner.name;
        upstream.filter(|row| row.has_variable(variable))?;
        let old = site.call.old_name.as_ref()?;
        let definition = inner.definition?;
        let file = cx.edited(definition.file)?;
        let node = file.node(definition)?;
        if !extend::concatenates_old(node, old, &format!("env.{variable}")) {
            return None;
        }
        let edits = extend::text_of_list(cx, &site.call, inner);
        Some(Clobber {
            change: inner,
            message: format!(
                "`env.{variable}` of {name} is a string, and `++` takes lists: evaluation fails"
            ),
            severity: Severity::Error,
            fix: edits.map(|edits| (format!("Take `{variable}` for a string"), edits)),
        })
    }

    /// Flags in an `env` that is extended, which replace those that are there.
    fn replaced_flags(&self, cx: &TreeContext<'_>, inner: &'a Change) -> Option<Clobber<'a>> {
        let Subject { name, site, .. } = self;
        let variable = &inner.name;
        if !FLAGS.contains(&variable.as_str())
            || inner.uses_old
            || !is_literal(&inner.value)
            || mentions_old(cx, site, inner)
        {
            return None;
        }
        let message = match self.upstream {
            Some(row) if row.sets_variable(variable) => {
                format!("this replaces the `{variable}` that nixpkgs gives {name}")
            }
            Some(_) => return None,
            None => format!("this replaces the `{variable}` of {name}, if nixpkgs gives it any"),
        };
        let edits = extend::variable(cx, &site.call, inner);
        Some(Clobber {
            change: inner,
            message,
            severity: self.severity(),
            fix: edits.map(|edits| (format!("Add to `{variable}`"), edits)),
        })
    }

    /// An `env` that knows nothing of the one of nixpkgs.
    fn replaced_env(&self, cx: &TreeContext<'_>, env: &'a Change) -> Option<Clobber<'a>> {
        let Subject { name, site, .. } = self;
        if env.inner_open || env.inner.is_empty() || mentions_old(cx, site, env) {
            return None;
        }
        let message = match self.upstream {
            Some(row) => {
                let is_gone =
                    |variable: &&String| env.inner.iter().all(|inner| inner.name != **variable);
                let mut gone = row.env.iter().filter(is_gone);
                let first = gone.next()?;
                let more = gone.map(|variable| format!(", `{variable}`")).collect::<String>();
                format!(
                    "this replaces the `env` that nixpkgs gives {name}: without `{first}`{more}"
                )
            }
            None => format!("this replaces the `env` of {name}, if nixpkgs gives it any"),
        };
        let edits = extend::env(cx, &site.call, env);
        Some(Clobber {
            change: env,
            message,
            severity: self.severity(),
            fix: edits.map(|edits| ("Add to `env`".to_owned(), edits)),
        })
    }

    fn severity(&self) -> Severity {
        if self.upstream.is_some() { Severity::Warning } else { Severity::Info }
    }

    fn report(&self, cx: &TreeContext<'_>, clobber: Clobber<'_>) -> Diagnostic {
        let Clobber { change, message, severity, fix } = clobber;
        let is_conditional = change.optional || !cost::proviso(self.site).is_empty();
        let proviso = match (is_conditional, self.upstream) {
            (false, _) => "",
            (true, Some(_)) => ", if its condition holds",
            (true, None) => " and its condition holds",
        };
        let (place, helper) = match cost::at(cx, self.site) {
            (place, None) => (change.key.unwrap_or(place), None),
            in_helper => in_helper,
        };
        let mut found = Diagnostic::new(&AttrClobber::META, place, format!("{message}{proviso}"))
            .severity(severity);
        if let Some(row) = self.upstream {
            found = found.note(format!("Read in {} ({})", row.source, row.basis));
        } else if change.name == FLAGS[1] && self.site.change(FLAGS[1]).is_some() {
            found =
                found.note("If nixpkgs has it in `env`, evaluation fails: it can stand there only");
        }
        let found = cost::with_helper(found, helper);
        match fix {
            Some((title, edits)) => {
                let why = "the package is built with what nixpkgs gives it too, which may have been \
                           left out on purpose";
                found.fix(Fix::unsafe_because(title, why, edits))
            }
            None => {
                let title = format!("Make `{}` from what it was", change.name);
                found.fix(Fix::suggestion(title, Vec::new()))
            }
        }
    }
}

/// Whether the value is known to hold nothing of another: a list or a text that is not empty.
fn is_literal(value: &ValueFact) -> bool {
    match &value.kind {
        ValueKind::List(items) => !items.is_empty(),
        ValueKind::Str(text) | ValueKind::PartialStr(text) => !text.trim().is_empty(),
        ValueKind::Choice(values) => values.iter().all(is_literal),
        _ => false,
    }
}

/// Whether the text around `change` selects an attribute of its name from anything: the old value may
/// go by another name than the parameter's.
fn mentions_old(cx: &TreeContext<'_>, site: &OverrideSite, change: &Change) -> bool {
    let places = [Some(site.call.argument), function_around(cx, site), change.definition];
    places.into_iter().flatten().any(|place| {
        let source = cx.tree.source(place.file);
        source.is_ok_and(|source| selects(source.slice(place.range), &change.name))
    })
}

/// The outermost function whose result is the set that `site` gives.
fn function_around(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Span> {
    let literal = site.call.literal?;
    let file = cx.edited(literal.file)?;
    let node = file.node(literal)?;
    let function =
        node.ancestors().take_while(|node| node.kind() != SyntaxKind::NODE_ATTRPATH_VALUE);
    let function = function.filter(|node| node.kind() == SyntaxKind::NODE_LAMBDA).last()?;
    Some(file.span(function.range()))
}

/// Whether `.name` stands in `text`.
fn selects(text: &str, name: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '_' | '-' | '\'');
    text.match_indices(name)
        .any(|(at, _)| text[..at].ends_with('.') && !text[at + name.len()..].starts_with(is_part))
}
