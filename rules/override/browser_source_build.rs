//! The rule `browser-source-build`.

use crate::declare_rule;
use crate::facts::{Change, Context, DerivationSite, Method, OverrideSite, Package};
use crate::knowledge::{Alternative, Browser, Engine, EngineFamily, Reach, Structure};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, Severity, TreeContext};
use crate::rules::work;
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// An override after which the engine of a browser is compiled: Chromium's, Firefox's, or that of
    /// an Electron built from source.
    ///
    /// # Why it matters
    ///
    /// These are the largest programs of nixpkgs. A binary cache has each of them as nixpkgs builds
    /// it, and nothing else; with one engine argument changed, Chromium takes most of a day on four
    /// cores, and more memory than many machines have.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.chromium = {
    ///     enable = true;
    ///     package = pkgs.chromium.override {
    ///       commandLineArgs = "--force-dark-mode";
    ///       cupsSupport = false;
    ///     };
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.chromium = {
    ///     enable = true;
    ///     package = pkgs.chromium.override {
    ///       commandLineArgs = "--force-dark-mode";
    ///     };
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It keeps the arguments that only the wrapper takes and removes the others; where none is left,
    /// the plain package takes the place of the override. It is unsafe, for the browser then is what
    /// nixpkgs makes it. A vendor's binary, where there is one, is suggested.
    ///
    /// # When it stays silent
    ///
    /// For arguments that never reach the engine: command line arguments, the libraries that the
    /// wrapper puts beside it, Firefox's policies. For arguments with the value that they have anyway,
    /// and those that are given the attribute of their own name of a package set: that mostly takes
    /// back what the tree changes there, so that a cache has the engine after all.
    /// For Brave, Google Chrome, Vivaldi, Edge, Opera, VS Code, Discord and their like, which are a
    /// vendor's binary, unpacked: nobody compiles those. An argument of which it is not known where it
    /// ends up is reported as a warning that says "if".
    ///
    /// # Sources
    ///
    /// The arguments are those of `rules/knowledge/browsers.toml`, read in nixpkgs' own expressions
    /// (`pkgs/applications/networking/browsers/chromium/default.nix`: "enable* flags should not
    /// require full rebuilds"), each with its file and commit. Hours and memory are estimates for four
    /// cores; the finding quotes what nixpkgs itself says.
    pub struct BrowserSourceBuild {
        id: "browser-source-build",
        group: Override,
        severity: Error,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

impl Rule for BrowserSourceBuild {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let overrides = cx.facts.overrides.iter().filter_map(|site| of_override(cx, site));
        let builders = cx.facts.derivations.iter().filter_map(|site| of_builder(cx, site));
        let found: Vec<Diagnostic> = overrides.chain(builders).collect();
        cx.report_all(found);
    }
}

/// A browser whose engine is of one of the families that this rule is about.
#[derive(Copy, Clone)]
struct Compiled<'a> {
    browser: &'a Browser,
    engine: &'a Engine,
}

impl<'a> Compiled<'a> {
    fn at(cx: &TreeContext<'a>, path: &[&str]) -> Option<Compiled<'a>> {
        let browser = cx.knowledge.browser(path)?;
        let engine = cx.knowledge.engine(browser)?;
        (engine.family != EngineFamily::Other).then_some(Compiled { browser, engine })
    }
}

fn of_builder(cx: &TreeContext<'_>, site: &DerivationSite) -> Option<Diagnostic> {
    let path = site.builder_path();
    let compiled = Compiled::at(cx, &path)?;
    if compiled.browser.structure != Structure::EngineBuilder {
        return None;
    }
    let message = format!("this compiles {}", compiled.engine.title);
    let found = Diagnostic::new(&BrowserSourceBuild::META, site.builder_text, message);
    Some(with_cost(found, compiled.engine))
}

fn of_override(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<Diagnostic> {
    let package = site.package.as_ref().filter(|package| package.is_stock())?;
    let compiled = Compiled::at(cx, &package.lookup_path())?;
    if work::changes_nothing(site) || work::changes_only_metadata(site) {
        return None;
    }
    // Of a chain the last override tells it all.
    if reaches_engine(cx, site).is_none() || has_louder_outer(cx, site) {
        return None;
    }
    let certain = reaches_engine(cx, site)?;
    let name = package.name();
    let arguments = engine_arguments(cx, site, package, compiled.browser);
    let mut all: Vec<&Change> = work::inner_overrides(cx.facts, site)
        .into_iter()
        .flat_map(|inner| engine_arguments(cx, inner, package, compiled.browser))
        .collect();
    all.extend(&arguments);
    let given = named(&all);
    let title = &compiled.engine.title;
    let conditional = site.call.condition.is_some();
    let message = match (certain, conditional) {
        (true, false) => format!("this override of {name} compiles {title}{given}"),
        (true, true) => {
            format!("this override of {name} compiles {title}{given}, if its condition holds")
        }
        (false, _) if compiled.browser.structure == Structure::Wrapper => {
            format!(
                "this override of {name} compiles {title} if the engine takes {}",
                listed(&arguments)
            )
        }
        (false, _) => format!("this override of {name} compiles {title} if it changes anything"),
    };
    let severity = if certain && !conditional { Severity::Error } else { Severity::Warning };
    let used_at = work::used_at(cx.facts, site);
    let place = used_at.unwrap_or(site.call.span);
    let mut found = Diagnostic::new(&BrowserSourceBuild::META, place, message).severity(severity);
    found = with_cost(found, compiled.engine);
    if let Some(note) = cascade(cx, site, package) {
        found = found.note(note);
    }
    if used_at.is_some() {
        found = found.related(site.call.span, "by this override in a helper");
    }
    for argument in &arguments {
        found = related_value(found, argument);
    }
    let fix = fix(cx, site, compiled.browser, &arguments);
    Some(found.fixes(fix).fixes(suggestion(compiled.browser, &name)))
}

/// Whether the override reaches the engine for certain; `None` where it does not at all.
fn reaches_engine(cx: &TreeContext<'_>, site: &OverrideSite) -> Option<bool> {
    match work::browser_reach(cx.knowledge, site) {
        Reach::Wrapper | Reach::Nowhere => None,
        Reach::Unknown => Some(false),
        Reach::Engine => {
            let package = site.package.as_ref()?;
            let browser = cx.knowledge.browser(&package.lookup_path())?;
            let arguments = engine_arguments(cx, site, package, browser);
            let decided = |change: &&Change| {
                let has_default =
                    cx.knowledge.default_of(&package.lookup_path(), &change.name).is_some();
                !change.optional && (change.value.is_known() || !has_default)
            };
            Some(arguments.iter().any(decided))
        }
    }
}

/// The arguments that reach the engine or may do so, defaults left out.
fn engine_arguments<'s>(
    cx: &TreeContext<'_>,
    site: &'s OverrideSite,
    package: &Package,
    browser: &Browser,
) -> Vec<&'s Change> {
    let reaches = |change: &&Change| {
        let reach = match site.method {
            Method::Override => browser.reach_of(&change.name),
            _ => Reach::Engine,
        };
        matches!(reach, Reach::Engine | Reach::Unknown)
            && !change.is_identity
            && !(site.method == Method::Override
                && work::may_be_default(cx.knowledge, package, change))
    };
    let candidates: Vec<&Change> = site.changes.iter().filter(reaches).collect();
    let is_known = |change: &&&Change| browser.reach_of(&change.name) == Reach::Engine;
    match candidates.iter().any(|change| is_known(&change)) {
        true => candidates.into_iter().filter(|change| is_known(&change)).collect(),
        false => candidates,
    }
}

/// Whether another override is chained onto this one and compiles the engine too.
fn has_louder_outer(cx: &TreeContext<'_>, site: &OverrideSite) -> bool {
    work::outer_overrides(cx.facts, site).any(|outer| {
        !work::changes_only_metadata(outer)
            && !work::changes_nothing(outer)
            && reaches_engine(cx, outer) == Some(true)
    })
}

fn named(arguments: &[&Change]) -> String {
    match arguments {
        [] => String::new(),
        some => format!(" for {}", listed(some)),
    }
}

fn listed(arguments: &[&Change]) -> String {
    let names: Vec<String> = arguments.iter().map(|change| format!("`{}`", change.name)).collect();
    match names.split_last() {
        None => "what it is given".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

fn with_cost(found: Diagnostic, engine: &Engine) -> Diagnostic {
    let found = found.note(format!(
        "Compiling {} takes {} hours on four cores and up to {} GiB of memory ({})",
        engine.title, engine.hours, engine.memory_gib.high, engine.basis
    ));
    match &engine.quote {
        Some(quote) => found.note(format!("{} ({}: {})", quote.text, quote.basis, quote.source)),
        None => found,
    }
}

/// What else an overlay of this attribute compiles.
fn cascade(cx: &TreeContext<'_>, site: &OverrideSite, package: &Package) -> Option<String> {
    let Context::OverlayEntry { name, .. } = &site.call.context else { return None };
    if package.path != [name.as_str()] {
        return None;
    }
    let drags = cx.knowledge.drags(&[name])?;
    Some(format!(
        "As an overlay it compiles {} too, which take {name} from there",
        drags.victims.join(", ")
    ))
}

fn related_value(found: Diagnostic, argument: &Change) -> Diagnostic {
    let written = argument.value.literal.or(argument.value.sources().first().copied());
    match (written, argument.value.place) {
        (Some(written), Some(place)) if written != place => {
            found.related(written, format!("`{}` comes from here", argument.name))
        }
        _ => found,
    }
}

const REVERTED: &str =
    "the engine becomes what nixpkgs makes it, without what the override was for";

fn fix(
    cx: &TreeContext<'_>,
    site: &OverrideSite,
    browser: &Browser,
    arguments: &[&Change],
) -> Option<Fix> {
    let is_wrapper = browser.structure == Structure::Wrapper;
    let some_stay = site.open || site.changes.len() > arguments.len();
    if is_wrapper && some_stay {
        let file = cx.edited(site.call.literal?.file)?;
        let definitions: Option<Vec<Span>> =
            arguments.iter().map(|argument| argument.definition).collect();
        let edits = file.remove_definitions(definitions?)?;
        let title = "Keep only the arguments that the wrapper takes";
        return Some(Fix::unsafe_because(title, REVERTED, edits));
    }
    if site.call.used_at.is_some() {
        return None;
    }
    let file = cx.edited(site.call.span.file)?;
    let base = innermost_base(cx, site);
    let text = (base.file == site.call.span.file).then(|| file.slice(base.range).to_owned())?;
    let edits = file.replace(site.call.span, &text)?;
    Some(Fix::unsafe_because(format!("Use {text} as it is"), REVERTED, edits))
}

/// The text of the package under every override that `site` is chained onto.
fn innermost_base(cx: &TreeContext<'_>, site: &OverrideSite) -> Span {
    let inside = |inner: &&OverrideSite| work::contains(site.base, inner.base);
    let inner = work::inner_overrides(cx.facts, site);
    let bases = inner.into_iter().filter(inside).map(|inner| inner.base);
    bases.min_by_key(|base| base.range.len()).unwrap_or(site.base)
}

fn suggestion(browser: &Browser, name: &str) -> Option<Fix> {
    let Alternative { binaries, note, .. } = browser.alternative.as_ref()?;
    let (first, others) = binaries.split_first()?;
    let others: String = others.iter().map(|other| format!(", or {other}")).collect();
    let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    Some(Fix::suggestion(
        format!("Instead of {name}, use {first}{others}, which nobody compiles{note}"),
        Vec::new(),
    ))
}
