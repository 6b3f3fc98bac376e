//! The shape of the built-in tables: sources, names, figures, and what one says of another.

use std::collections::BTreeMap;

use super::super::*;

fn known() -> &'static Knowledge {
    Knowledge::builtin()
}

/// What is wrong with the names of a table: a row without any, one that is none, one that stands twice.
fn faults<R: Row>(rows: &Table<R>) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut faults = Vec::new();
    if rows.rows().is_empty() {
        faults.push("there is no row".to_owned());
    }
    for (index, row) in rows.rows().iter().enumerate() {
        if row.names().next().is_none() {
            faults.push(format!("row {index} has no name"));
        }
        for name in row.names() {
            if name.is_empty() || name.contains(char::is_whitespace) {
                faults.push(format!("\"{name}\" is no name"));
            }
            if seen.insert(name.to_owned(), index).is_some() {
                faults.push(format!("{name} stands twice"));
            }
        }
    }
    faults
}

fn check_rows<R: Row>(table: &str, rows: &Table<R>) {
    assert_eq!(faults(rows), Vec::<String>::new(), "{table}");
}

#[test]
fn names_that_are_wrong_are_seen() {
    let table = |addresses: &[&[&str]]| {
        let row = |names: &&[&str]| -> CachedInput {
            let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            let text = format!(
                "repositories = [{}]\ncaches = []\nsource = \"made up\"\nbasis = \"estimate\"",
                quoted.join(", ")
            );
            toml::from_str(&text).expect("a row of inputs")
        };
        faults(&addresses.iter().map(row).collect::<Table<CachedInput>>())
    };
    assert_eq!(table(&[&["a/b"], &["c/d", "e/f"]]), Vec::<String>::new());
    assert_eq!(table(&[]), ["there is no row"]);
    assert_eq!(table(&[&["a/b"], &[]]), ["row 1 has no name"]);
    assert_eq!(table(&[&["a/b"], &["c/d", "a/b"]]), ["a/b stands twice"]);
    assert_eq!(table(&[&["a/b", "a/b"]]), ["a/b stands twice"]);
    assert_eq!(table(&[&["a b"], &[""]]), ["\"a b\" is no name", "\"\" is no name"]);
}

#[test]
fn every_row_has_a_name_of_its_own() {
    let known = known();
    check_rows("browsers", &known.browsers);
    check_rows("engines", &known.engines);
    check_rows("skipped", &known.skipped);
    check_rows("packages", &known.packages);
    check_rows("defaults", &known.defaults);
    check_rows("builders", &known.builders);
    check_rows("caches", &known.caches);
    check_rows("cache servers", &known.cache_servers);
    check_rows("reached by", &known.reached_by);
    check_rows("builtin fetchers", &known.fetching.builtins);
    check_rows("fetchers", &known.fetching.fetchers);
    check_rows("branches", &known.fetching.branches);
    check_rows("readers", &known.reading.readers);
    check_rows("generators", &known.reading.generators);
    check_rows("package sets", &known.reading.package_sets);
    check_rows("no derivations", &known.reading.no_derivations);
    check_rows("inputs", &known.cached_inputs);
    check_rows("restricted settings", &known.restricted_settings);
    check_rows("compile signs", &known.compile_signs);
    check_rows("language signs", &known.language_signs);
    check_rows("languages", &known.memory.languages);
    check_rows("flags", &known.flag_variables);
    check_rows("changes", &known.changes);
    check_rows("recipes", &known.recipes);
    check_rows("upstream", &known.upstream);
    check_rows("overriding options", &known.overriding_options);
    check_rows("timeouts", &known.timeouts);
    check_rows("mass-rebuild", &known.mass_rebuild);
    check_rows("drags", &known.drags);
    check_rows("installed as", &known.installed_as);
    check_rows("harmless", &known.harmless);
    check_rows("config", &known.config_options);
    check_rows("platform", &known.platform_attributes);
    check_rows("package sets", &known.variant_sets);
    check_rows("compiling options", &known.compiling_options);
    check_rows("never cached", &known.never_cached);
    let mut signs = known.no_compile.iter().chain(&known.no_sign);
    assert!(signs.all(|row| row.source.len() > 1 && row.why.len() > 1));
}

#[test]
fn ranges_are_of_positive_figures_in_order() {
    let of_packages =
        known().packages.rows().iter().flat_map(|p| [(&p.attr, p.hours), (&p.attr, p.memory_gib)]);
    let of_variants = known().packages.rows().iter().flat_map(|p| {
        p.variants.iter().flat_map(move |v| [(&p.attr, v.hours), (&p.attr, v.memory_gib)])
    });
    let of_engines =
        known().engines.rows().iter().flat_map(|e| [(&e.name, e.hours), (&e.name, e.memory_gib)]);
    for (name, range) in of_packages.chain(of_variants).chain(of_engines) {
        assert!(0.0 < range.low && range.low <= range.high, "{name}: {range}");
    }
}

#[test]
fn what_one_table_says_of_another_is_there() {
    let known = known();
    let compiled = known.compiling_options.rows().iter().filter_map(|row| row.package.as_ref());
    let uncached = known.never_cached.rows().iter().map(|row| &row.cost);
    let made = known.builders.rows().iter().filter_map(|row| row.makes.as_ref());
    for name in compiled.chain(uncached).chain(made) {
        let path: Vec<&str> = name.split('.').collect();
        assert!(known.package(&path).is_some_and(|row| row.class.compiles()), "{name}: no cost");
    }
    for browser in known.browsers.rows() {
        let compiled = browser.structure != Structure::Repack;
        assert_eq!(known.engine(browser).is_some(), compiled, "{}: engine", browser.attr);
        let unlisted =
            browser.engine_defaults.keys().filter(|a| !browser.engine_arguments.contains(a));
        assert_eq!(unlisted.count(), 0, "{}: a default of no engine argument", browser.attr);
        let both =
            browser.wrapper_arguments.iter().filter(|a| browser.engine_arguments.contains(a));
        assert_eq!(both.count(), 0, "{}: an argument in both lists", browser.attr);
    }
    let languages = known.packages.rows().iter().map(|p| &p.language);
    for language in languages.chain(known.builders.rows().iter().map(|b| &b.language)) {
        assert!(
            known.timeouts.get(&[language]).is_some(),
            "no timeout for the language {language}"
        );
    }
    let victims = known.drags.rows().iter().flat_map(|row| &row.victims);
    for victim in victims.chain(known.config_options.rows().iter().flat_map(|row| &row.victims)) {
        let path: Vec<&str> = victim.split('.').collect();
        assert!(
            known.browser(&path).is_some() || known.package(&path).is_some(),
            "{victim} is unknown"
        );
    }
}

#[test]
fn a_default_stands_in_one_table_only() {
    for row in known().defaults.rows() {
        for name in row.names() {
            let path: Vec<&str> = name.split('.').collect();
            let engine = known().browser(&path).map(|b| &b.engine_defaults);
            let twice = row.arguments.keys().filter(|a| engine.is_some_and(|e| e.contains_key(*a)));
            assert_eq!(twice.count(), 0, "{name}");
        }
    }
}

#[test]
fn browsers_and_packages_agree_on_what_is_compiled() {
    for browser in known().browsers.rows() {
        for name in browser.names().filter(|name| !name.contains(['#', '*'])) {
            let path: Vec<&str> = name.split('.').collect();
            let Some(package) = known().package(&path) else {
                continue;
            };
            let expected = match browser.structure {
                Structure::Wrapper => PackageClass::Wrapper,
                Structure::Engine | Structure::EngineBuilder => PackageClass::Compiled,
                Structure::Repack => PackageClass::Repacked,
            };
            assert_eq!(package.class, expected, "{name}");
        }
    }
}

#[test]
fn timeouts_are_above_the_worst_case_and_within_the_bounds() {
    let limits = &known().limits;
    let bounds = limits.minimum.seconds..=limits.maximum.seconds;
    for package in known().packages.rows() {
        assert!(package.timeout.is_some() || !package.class.compiles(), "{}", package.attr);
        let plain = [(package.timeout, package.hours.high)];
        let variants =
            package.variants.iter().map(|v| (v.timeout.or(package.timeout), v.hours.high));
        for (timeout, hours) in plain.into_iter().chain(variants) {
            let Some(seconds) = timeout else { continue };
            assert!(seconds as f64 > hours * 3600.0, "{}: {seconds} s for {hours} h", package.attr);
            assert!(bounds.contains(&seconds), "{}: {seconds} s", package.attr);
        }
    }
    for row in known().timeouts.rows() {
        assert!(bounds.contains(&row.seconds), "{}", row.language);
        assert!(row.seconds as f64 > row.hours * 3600.0, "{}", row.language);
    }
    for limit in [&limits.global, &limits.silence, &limits.fallback, &limits.heavy, &limits.lengthy]
    {
        assert!(bounds.contains(&limit.seconds));
    }
}

#[test]
fn the_heavy_packages_are_all_there() {
    assert!(known().packages.rows().len() >= 100, "{}", known().packages.rows().len());
}
