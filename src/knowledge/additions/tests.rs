//! What can be added, and what is said where it cannot.

use std::collections::BTreeSet;
use std::path::Path;

use toml::Table as Toml;

use super::super::load::TEXTS;
use super::super::*;
use super::places::PLACES;
use crate::config::Config;

fn known(text: &str) -> Result<Arc<Knowledge>, String> {
    let read = |_: &Path| Ok(text.to_owned());
    let config = Config::load_with(Path::new("frugix.toml"), &read);
    config.and_then(|config| Ok(Knowledge::of(&config)?)).map_err(|error| error.to_string())
}

fn error(text: &str) -> String {
    known(text).map(|_| String::new()).unwrap_or_else(|error| error)
}

/// Tables that other figures refer to: with another they would say something else.
const FIXED: [(&str, &str); 2] = [("memory", "scaling"), ("memory", "zram")];

#[test]
fn every_table_can_be_added_to() {
    let mut there = BTreeSet::new();
    for (file, text) in TEXTS {
        let tables: Toml = text.parse().expect("an embedded table");
        there.extend(tables.keys().map(|table| (file, table.clone())));
    }
    let places = PLACES.iter().map(|place| (place.file, place.table.to_owned()));
    let fixed = FIXED.map(|(file, table)| (file, table.to_owned()));
    assert_eq!(there, places.chain(fixed).collect());
}

/// Each built-in row may stand in a configuration too, and then says the same.
#[test]
fn every_row_can_be_said_again() {
    for (file, text) in TEXTS {
        let mut tables: Toml = text.parse().expect("an embedded table");
        tables.retain(|table, _| !FIXED.contains(&(file, table)));
        let within = Toml::from_iter([(file.to_owned(), toml::Value::Table(tables))]);
        let whole = Toml::from_iter([("knowledge".to_owned(), toml::Value::Table(within))]);
        let again = known(&whole.to_string()).expect(file);
        assert_eq!(again.packages.rows().len(), Knowledge::builtin().packages.rows().len());
    }
}

#[test]
fn nothing_said_is_the_built_in_knowledge() {
    let nothing = known("").expect("no text");
    assert!(std::ptr::eq(&*nothing, Knowledge::builtin()));
}

#[test]
fn a_row_is_added() {
    let known = known(
        "[[knowledge.caches.cache]]\naddresses = [\"cache.home.arpa\"]\nkey-names = [\"home-1\"]\n",
    )
    .expect("a cache");
    let cache = known.cache("https://cache.home.arpa").expect("the cache");
    assert!(cache.signs_with("home-1"));
    assert_eq!(cache.evidence().to_string(), "measured: frugix.toml");
}

#[test]
fn a_row_that_is_known_says_only_what_is_other() {
    let known = known("[[knowledge.packages.package]]\nattr = \"ollama\"\nhours.high = 9\n");
    let known = known.expect("a package");
    let (now, before) = (known.package(&["ollama"]), Knowledge::builtin().package(&["ollama"]));
    let (now, before) = (now.expect("ollama"), before.expect("ollama"));
    assert_eq!(now.hours.high, 9.0);
    assert_eq!(now.hours.low, before.hours.low);
    assert_eq!(now.language, before.language);
    assert_eq!(now.evidence().to_string(), "measured: frugix.toml");
}

#[test]
fn what_is_said_of_an_alias_is_not_said_of_the_others() {
    let builtin = Knowledge::builtin();
    let row = builtin.packages.rows().iter().find(|row| !row.aliases.is_empty());
    let row = row.expect("a package with an alias");
    let alias = &row.aliases[0];
    let text = format!("[[knowledge.packages.package]]\nattr = \"{alias}\"\nhours.high = 99\n");
    let known = known(&text).expect("a package");
    let high = |name: &str| {
        let path: Vec<&str> = name.split('.').collect();
        known.package(&path).map(|row| row.hours.high)
    };
    assert_eq!(high(alias), Some(99.0));
    assert_eq!(high(&row.attr), Some(row.hours.high));
}

#[test]
fn a_nearer_text_corrects_a_farther() {
    let read = |path: &Path| {
        Ok(if path.ends_with("base.toml") {
            "[knowledge.advice.connections]\nhttp = 7\njobs = 9\n".to_owned()
        } else {
            "extend = \"base.toml\"\n[knowledge.advice.connections]\nhttp = 8\n".to_owned()
        })
    };
    let mut config = Config::load_with(Path::new("frugix.toml"), &read).expect("two files");
    assert_eq!(Knowledge::of(&config).expect("two tables").advice.connections.http, 8);
    config.merge_overrides("knowledge.advice.connections.http=6").expect("an override");
    assert_eq!(Knowledge::of(&config).expect("three tables").advice.connections.http, 6);
}

#[test]
fn names_are_forgotten_and_may_be_said_again() {
    let tier = |text: &str| known(text).expect("a table").tier(&["zlib"]).map(|row| row.tier);
    assert!(tier("").is_some());
    let forgotten = "[knowledge.mass-rebuild.forget]\nattribute = [\"zlib\"]\n";
    assert_eq!(tier(forgotten), None);
    let said = "[[knowledge.mass-rebuild.attribute]]\ntier = \"B\"\nattrs = [\"zlib\"]\n\
                rebuilds = \"what is linked with it\"\n";
    assert_eq!(tier(&format!("{said}{forgotten}")), Some(Tier::B));
}

#[test]
fn the_first_knob_that_fits_is_the_users() {
    let known = known(
        "[[knowledge.knobs.knob]]\nname = \"CARGO_BUILD_JOBS\"\nplace = \"environment\"\n\
         effect = \"limits\"\nbounds = \"processes\"\ninstead = \"it\"\nwhy = \"here it does\"\n",
    );
    let known = known.expect("a knob");
    let effect = known.environment_knob("CARGO_BUILD_JOBS").map(|knob| knob.effect);
    assert_eq!(effect, Some(KnobEffect::Limits));
}

#[test]
fn errors_name_the_place_and_what_was_meant() {
    for (text, message) in [
        ("[knowledge.cache]\n", "1:12: unknown key `cache` in [knowledge]; did you mean `caches`?"),
        (
            "[[knowledge.caches.caches]]\naddresses = []\n",
            "1:20: unknown key `caches` in [knowledge.caches]; did you mean `cache`?",
        ),
        (
            "[[knowledge.caches.cache]]\naddreses = [\"x\"]\n",
            "2:1: unknown key `addreses` in [[knowledge.caches.cache]]; did you mean `addresses`?",
        ),
        (
            "[[knowledge.packages.package]]\nattr = \"mine\"\n",
            "1:1: `class` is missing in [[knowledge.packages.package]]",
        ),
        (
            "[[knowledge.packages.package]]\nattr = \"ollama\"\nclass = \"huge\"\n",
            "3:9: `huge` has no meaning in [[knowledge.packages.package]]; write \"compiled\", \
             \"repacked\", \"wrapper\" or \"trivial\"",
        ),
        (
            "[knowledge.caches]\ncache = 1\n",
            "2:9: `cache` has rows: write [[knowledge.caches.cache]]",
        ),
        (
            "[[knowledge.advice.mold]]\ngain = \"x\"\n",
            "1:1: `mold` is one table: write [knowledge.advice.mold]",
        ),
        (
            "[knowledge.mass-rebuild.forget]\nattribute = [\"zlibb\"]\n",
            "2:14: no row of mass-rebuild.attribute is called `zlibb`; did you mean `zlib`?",
        ),
        (
            "[knowledge.mass-rebuild.forget]\nattributes = [\"zlib\"]\n",
            "2:1: unknown key `attributes` in [knowledge.mass-rebuild.forget]; did you mean \
             `attribute`?",
        ),
        ("[knowledge]\ncaches = 1\n", "2:10: `caches` must be a table, as in [knowledge.caches]"),
        (
            "[[knowledge.packages.package]]\nattr = \"ollama\"\nhours = { low = 4, high = 1 }\n",
            "3:9: expected `{ low = 1, high = 4 }`, the low number first, in \
             [[knowledge.packages.package]]",
        ),
    ] {
        assert_eq!(error(text), format!("frugix.toml:{message}"));
    }
}

/// What goes by no name cannot be spoken of.
#[test]
fn a_row_without_a_name_is_refused() {
    let row = "[[knowledge.uncached.package]]\nattrs = []\nwhy = \"x\"\ncost = \"hello\"\n\
               options = [ { option = \"services.x.enable\" } ]\n";
    assert_eq!(
        error(row),
        "frugix.toml:2:9: `attrs` names nothing in [[knowledge.uncached.package]]; name one"
    );
}
