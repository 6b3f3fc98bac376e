//! Whatever a file says can be told without lowering it first: a tree says the same where files wait to
//! be lowered until they are asked for.

use std::path::PathBuf;

use super::*;
use crate::hir::LazyFile;
use crate::source::{Discovery, FileId};
use crate::syntax::{DepthLimit, Glance};

/// The folders of fixtures, each a tree.
pub(super) fn fixtures() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let rules = folders(&fixtures.join("rules"));
    let mut all: Vec<PathBuf> = rules.iter().flat_map(|rule| folders(rule)).collect();
    all.push(fixtures.join("shoshin"));
    all.sort();
    all
}

/// The files of `tree`; those in which nothing of interest stands wait if `words` are given.
pub(super) fn files(tree: &Tree, words: Option<&Words>) -> Vec<Option<Arc<LazyFile>>> {
    let file = |file: &FileId| {
        let text = Arc::clone(&tree.source(*file).ok()?.text);
        let parsed = parse(&text).ok().filter(|parsed| parsed.errors().is_empty())?;
        let waits = words.is_some_and(|words| !stand_in(words, &text));
        Some(Arc::new(match waits {
            true => LazyFile::plain(move || Some(hir::lower(&parse(&text).ok()?))),
            false => hir::lower(&parsed).into(),
        }))
    };
    tree.files().iter().map(file).collect()
}

fn stand_in(words: &Words, text: &str) -> bool {
    let mut reading = words.reading();
    let tells = |kind, token: &str| reading.meets(kind, token);
    let is_plain = Glance::of(text, DepthLimit::USUAL, tells).is_plain();
    !is_plain || reading.has_met_together()
}

#[test]
fn what_waits_has_nothing_to_tell() {
    let knowledge = Knowledge::builtin();
    let words = Words::new(knowledge);
    let mut waiting = 0;
    for folder in fixtures() {
        let tree = Tree::open(&folder, &Discovery::default()).unwrap();
        let (all, some) = (files(&tree, None), files(&tree, Some(&words)));
        waiting += some.iter().flatten().filter(|file| file.is_plain()).count();
        let facts = |files: &[_]| format!("{:#?}", collect(Program::new(&tree, files), knowledge));
        assert_eq!(facts(&all), facts(&some), "{}", folder.display());
    }
    assert!(waiting > 50, "{waiting} files waited");
}
