//! `docs/rules` is what the rules say of themselves. `FRUGIX_WRITE_README=1` writes it anew.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use frugix::report::{fix_word, rule_page};
use frugix::rules::ALL;

/// What `docs/rules` is to hold, by name.
fn pages() -> BTreeMap<String, String> {
    let mut contents = String::from(
        "# Rules\n\nWritten by the tests from the documentation in the rules themselves; \
         `frugix explain RULE` prints the same.\n\n\
         | rule | group | severity | fix | what it flags |\n|---|---|---|---|---|\n",
    );
    let mut pages = BTreeMap::new();
    for meta in ALL.iter().map(|rule| rule.meta()) {
        let fix = fix_word(meta);
        contents.push_str(&format!(
            "| [{id}]({id}.md) | {} | {} | {fix} | {} |\n",
            meta.group,
            meta.severity,
            meta.summary,
            id = meta.id,
        ));
        pages.insert(format!("{}.md", meta.id), rule_page(meta));
    }
    pages.insert("README.md".to_owned(), contents);
    pages
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules")
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn the_reference_is_what_the_rules_say() {
    let pages = pages();
    if env::var_os("FRUGIX_WRITE_README").is_some() {
        fs::create_dir_all(folder()).expect("a folder is made");
        for stale in names().iter().filter(|name| !pages.contains_key(*name)) {
            fs::remove_file(folder().join(stale)).expect("a file is removed");
        }
        for (name, page) in &pages {
            fs::write(folder().join(name), page).expect("a file is written");
        }
    }
    let stale = |(name, page): &(&String, &String)| {
        fs::read_to_string(folder().join(name)).ok().as_ref() != Some(*page)
    };
    let stale: Vec<&String> = pages.iter().filter(stale).map(|(name, _)| name).collect();
    let told = "FRUGIX_WRITE_README=1 cargo test --test documentation writes them";
    assert!(stale.is_empty(), "stale in docs/rules: {stale:?}; {told}");
    assert_eq!(names(), pages.into_keys().collect::<Vec<_>>(), "{told}");
}
