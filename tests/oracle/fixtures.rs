//! The fixture tree: every file is Nix to Nix and to us, and its plain data evaluates alike.

use std::path::Path;

use frugix::source::{Discovery, Tree};
use frugix::syntax::parse;

use crate::nix::Nix;
use crate::ours;

/// The fewest files of the tree that must be data, so that the test compares something.
const DATA_FILES: usize = 3;

fn fixture() -> Tree {
    Tree::open(&ours::fixture_root(), &Discovery::default()).expect("the fixture is a folder")
}

#[test]
fn every_fixture_parses() {
    let nix = Nix::find();
    let tree = fixture();
    assert!(!tree.files().is_empty());
    for file in tree.files() {
        let source = tree.source(*file).expect("a fixture is text");
        let path = tree.path(*file).display();
        let parsed = parse(&source.text).expect("a fixture is not too deep");
        assert_eq!(parsed.errors(), [], "{path}");
        if let Some(nix) = &nix {
            assert_eq!(nix.parse(&source.text), Ok(()), "{path}");
        }
    }
}

/// A file is data where it evaluates without being called and needs nothing outside the tree.
#[test]
fn data_of_the_fixture_is_what_nix_reads() {
    let Some(nix) = Nix::find() else { return };
    let tree = fixture();
    let mut data = 0;
    for file in tree.files() {
        let path = tree.path(*file);
        let ours = ours::on_evaluation_stack(|| ours::evaluate_file(&tree, path));
        match ours {
            Ok(ours) => {
                data += 1;
                let nix = nix.evaluate_file(&ours::fixture_root().join(path));
                assert!(
                    nix.as_ref().is_ok_and(|nix| ours::same(&ours, nix)),
                    "{}\n  frugix {ours}\n  nix    {nix:?}",
                    path.display()
                );
            }
            Err(why) => assert!(!is_profile(path), "{} is not known: {why}", path.display()),
        }
    }
    assert!(data >= DATA_FILES, "only {data} files of the fixture are data");
}

/// The hardware profiles are plain data, all of which must be known.
fn is_profile(path: &Path) -> bool {
    path.starts_with("profiles")
}
