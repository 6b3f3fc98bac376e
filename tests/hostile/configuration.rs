//! A configuration of frugix means harm as well: `frugix.toml` and `.gitignore` come with the tree that
//! is under review.

use std::fs;
use std::path::Path;

use super::folder;
use super::program::{Ended, run};

/// A run of `lint` in a folder with these files, and with a finding that must be made.
fn linted(files: &[(&str, &str)]) -> Ended {
    let bytes: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    run(folder(&bytes).path(), &["lint", "--output-format", "concise"])
}

#[track_caller]
fn assert_looked_at(ended: &Ended) {
    assert_eq!(ended.code(), 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("witness.nix:1:9"), "{}", ended.stdout);
}

#[test]
fn files_that_extend_each_other_without_end() {
    let chain = |length: usize| {
        let folder = folder(&[("frugix.toml", b"extend = \"c1.toml\"\n")]);
        for number in 1..length {
            let next = match number + 1 {
                next if next < length => format!("extend = \"c{next}.toml\"\n"),
                _ => String::new(),
            };
            fs::write(folder.path().join(format!("c{number}.toml")), next).expect("a file");
        }
        run(folder.path(), &["lint", "--output-format", "concise"])
    };
    assert_looked_at(&chain(32));
    let ended = chain(5000);
    assert_eq!(ended.code(), 2, "{}", ended.stderr);
    let told = "c31.toml:1:10: more than 32 files extend each other; join some of them";
    assert!(ended.stderr.contains(told), "{}", ended.stderr);
}

/// Matching such a pattern step by step would take years.
#[test]
fn patterns_with_many_ways_to_match() {
    let row = |attr: &str| {
        format!(
            "[[knowledge.packages.package]]\nattr = \"{attr}\"\nclass = \"compiled\"\n\
             language = \"c++\"\nhours = {{ low = 12, high = 24 }}\n\
             memory-gib = {{ low = 16, high = 24 }}\nbig-parallel = \"yes\"\n\
             alternative = {{ cached = \"yes\" }}\nsource = \"x\"\nbasis = \"estimate\"\n"
        )
    };
    let config = row(&format!("{}z", "*a".repeat(20))) + &row(&format!("{}z", "#".repeat(40)));
    let (letters, digits) = ("a".repeat(80), "_1".repeat(80));
    let home = format!(
        "{{ pkgs, ... }}: {{ home.packages = [ (pkgs.{letters}.override {{ x = 1; }}) \
         (pkgs.a{digits}.override {{ x = 1; }}) ]; }}"
    );
    assert_looked_at(&linted(&[("frugix.toml", &config), ("home.nix", &home)]));
}

/// What is heeded of them takes memory a hundred times over.
#[test]
fn more_patterns_than_anybody_writes() {
    let patterns = |count: usize| -> String {
        (0..count).map(|number| format!("*a{number}*b[a-z]*/**/c{number}?d*\n")).collect()
    };
    let ended = linted(&[("frugix.toml", ""), (".gitignore", &patterns(300_000))]);
    assert_looked_at(&ended);
    let told = ".gitignore:1:1: error[unreadable-file] this file has more than 131072 bytes of \
                patterns, or those above it have, so that what it ignores is looked at";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
    // None of them alone is too long.
    let (first, second) = (patterns(1000), "a*\n".repeat(40_000));
    let nested = [
        ("frugix.toml", ""),
        (".gitignore", first.as_str()),
        ("sub/.gitignore", second.as_str()),
        ("sub/a.nix", "{ a = 1 }\n"),
        ("beside/.gitignore", "a*\n"),
        ("beside/a.nix", "{ a = 1 }\n"),
    ];
    let ended = linted(&nested);
    assert_looked_at(&ended);
    let place = Path::new("sub").join(".gitignore");
    let told = format!("{}:1:1: error[unreadable-file] ", place.display());
    assert!(ended.stdout.contains(&told), "{}", ended.stdout);
    assert!(!ended.stdout.contains("beside"), "{}", ended.stdout);

    let list: Vec<String> =
        patterns(6000).lines().map(|pattern| format!("\"{pattern}\"")).collect();
    let ended = linted(&[("frugix.toml", &format!("exclude = [{}]", list.join(", ")))]);
    if ended.code() == 2 {
        let told = "the 6000 exclude patterns cannot be used together: ";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
        assert!(ended.stderr.len() < 1000, "{}", ended.stderr);
    }
}

/// A file that nothing could hold is not begun, whatever the configuration says.
#[test]
fn no_limit_can_be_taken_away() {
    let folder = folder(&[
        ("frugix.toml", b"max-file-size = \"8GiB\"\n"),
        ("long.nix", b"{ }"),
        ("home.nix", b"{ }"),
    ]);
    let long = fs::OpenOptions::new().write(true).open(folder.path().join("long.nix"));
    long.and_then(|file| file.set_len(5 << 30)).expect("a file of zeros");
    let ended = run(folder.path(), &["lint", "--output-format", "concise"]);
    assert_looked_at(&ended);
    let told = "long.nix:1:1: error[unreadable-file] this file is 5368709120 bytes long, more than \
                the 67108864 that are read; leave it out";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}
