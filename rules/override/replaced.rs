//! Arguments of browsers that an option of home-manager replaces: they are lost, and whatever else is
//! to be said of the override that gives them waits until that is settled.

use rustc_hash::FxHashMap;

use crate::facts::{Change, Context, Facts, Method, OverrideSite, Setting, ValueKind};
use crate::knowledge::{Browser, HomeManagerModule};
use crate::lint::TreeContext;
use crate::source::{FileId, Tree};

/// The argument, and the option that says the same.
pub(super) const ARGUMENTS: &str = "commandLineArgs";

/// An override that gives arguments, and the option that replaces them.
pub(super) struct Replaced<'a> {
    /// The override.
    pub(super) site: &'a OverrideSite,
    /// Its arguments.
    pub(super) change: &'a Change,
    /// The option's value.
    pub(super) option: &'a Setting,
    /// A browser of the module.
    pub(super) browser: &'a Browser,
    /// The module that has the option.
    pub(super) module: &'a HomeManagerModule,
    /// It hangs on a condition that cannot be decided.
    pub(super) conditional: bool,
}

/// Every override of which the arguments are replaced, module by module.
pub(super) fn replaced<'a>(cx: &TreeContext<'a>) -> Vec<Replaced<'a>> {
    let mut found = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for browser in cx.knowledge.browsers.rows() {
        let Some(module) = &browser.home_manager else { continue };
        if module.options.contains_key(ARGUMENTS) && !seen.contains(&module.path.as_str()) {
            seen.push(&module.path);
            found.extend(of_module(cx, browser, module));
        }
    }
    found
}

fn of_module<'a>(
    cx: &TreeContext<'a>,
    browser: &'a Browser,
    module: &'a HomeManagerModule,
) -> Vec<Replaced<'a>> {
    let facts = cx.facts;
    let settings = |option: &str| {
        let path: Vec<&str> = module.path.split('.').chain([option]).collect();
        facts.settings_at(&path).collect::<Vec<_>>()
    };
    let mut packages: FxHashMap<Together<'_>, Vec<&Setting>> = FxHashMap::default();
    for package in settings("package") {
        packages.entry(Together::of(package)).or_default().push(package);
    }
    let mut found = Vec::new();
    for option in settings(ARGUMENTS).into_iter().filter(|option| is_set(option)) {
        let beside = packages.get(&Together::of(option)).into_iter().flatten().copied();
        for (package, site) in
            beside.flat_map(|package| makers(cx.tree, facts, package).map(move |it| (package, it)))
        {
            let given = site.method == Method::Override;
            let change = site.change(ARGUMENTS).filter(|change| given && !change.is_identity);
            let Some(change) = change else { continue };
            let conditions = [package.condition, option.condition, site.call.condition];
            let conditional = conditions.iter().any(Option::is_some) || change.optional;
            found.push(Replaced { site, change, option, browser, module, conditional });
        }
    }
    found
}

/// What settings share that are of one configuration: the host. Of modules that no configuration
/// imports, those of one file are.
#[derive(PartialEq, Eq, Hash)]
enum Together<'a> {
    Host(&'a str),
    File(FileId),
}

impl Together<'_> {
    fn of(setting: &Setting) -> Together<'_> {
        match &setting.host {
            Some(host) => Together::Host(host),
            None => Together::File(setting.key.file),
        }
    }
}

/// Whether the option holds arguments.
fn is_set(option: &Setting) -> bool {
    match &option.value.kind {
        ValueKind::List(items) => !items.is_empty(),
        ValueKind::Null | ValueKind::Unasked => false,
        _ => true,
    }
}

/// The overrides that make the value of `package`: those that stand there, else those bound to the
/// name that does.
fn makers<'a>(
    tree: &Tree,
    facts: &'a Facts,
    package: &Setting,
) -> impl Iterator<Item = &'a OverrideSite> + use<'a> {
    let place = package.value.place;
    let source = place.and_then(|place| Some((place, tree.source(place.file).ok()?)));
    let name = source.map(|(place, source)| {
        (place.file, source.slice(place.range).trim_matches(['(', ')']).to_owned())
    });
    let named = name.into_iter().flat_map(|(file, name)| {
        facts.overrides_bound_to(&name).filter(move |site| {
            matches!(&site.call.context, Context::Binding { definition, .. } if definition.file == file)
        })
    });
    place.into_iter().flat_map(|place| facts.overrides_in(place)).chain(named)
}
