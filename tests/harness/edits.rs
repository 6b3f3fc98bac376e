//! Edits as a person makes them while typing, and worse: comments, other numbers and names, lines that
//! go or change places, text that is no Nix any more, files that come, go and change places.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use frugix::source::{EntryKind, FileId, Tree};

/// Names of files that come: before and behind most others, and one that others ask for.
const NEW: [&str; 3] = ["0.nix", "default.nix", "zz.nix"];

/// `tree` after one edit of `file`, or of which files there are.
pub fn tree_after(tree: &Tree, file: FileId, choice: u64) -> Tree {
    let (what, choice) = (choice % 8, choice / 8);
    let text = tree.source(file).map(|source| source.text.to_string()).unwrap_or_default();
    if what > 2 {
        return tree.with_texts([(file, edited(&text, choice))]);
    }
    let mut texts = texts_of(tree);
    if what != 1 {
        texts.remove(tree.path(file));
    }
    if what != 0 {
        let name = NEW[usize::try_from(choice % 3).unwrap_or_default()];
        texts.insert(tree.path(file).with_file_name(name), text);
    }
    Tree::in_memory(tree.root(), texts)
}

/// All files of a tree that are text.
fn texts_of(tree: &Tree) -> BTreeMap<PathBuf, String> {
    let mut texts = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for (name, kind) in tree.read_dir(&folder).unwrap_or_default() {
            let path = folder.join(Path::new(&name));
            match (kind, tree.read_text(&path)) {
                (EntryKind::Directory, _) => folders.push(path),
                (EntryKind::File, Ok(text)) => {
                    texts.insert(path, text.to_string());
                }
                _ => {}
            }
        }
    }
    texts
}

/// `text` after one edit; which one, and where, is decided by `choice`.
pub fn edited(text: &str, choice: u64) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if lines.is_empty() {
        return "{ }\n".to_owned();
    }
    let at = usize::try_from(choice / 8).unwrap_or_default() % lines.len();
    match choice % 8 {
        0 => lines.insert(at, "# edited\n".to_owned()),
        1 => {
            lines.remove(at);
        }
        2 => match digit_from(&lines, at) {
            Some((line, place, digit)) => {
                let other = if digit == '9' { "1" } else { "9" };
                lines[line].replace_range(place..place + 1, other);
            }
            None => lines[at].push_str("# no digit\n"),
        },
        3 => {
            let next = (at + 1) % lines.len();
            lines.swap(at, next);
        }
        4 => rename(&mut lines[at], |word| format!("{word}x")),
        5 => lines[at].insert(0, '}'),
        6 => rename(&mut lines[at], |_| "true".to_owned()),
        _ => lines[at].insert_str(0, "  "),
    }
    lines.concat()
}

/// The first digit from a line on.
fn digit_from(lines: &[String], from: usize) -> Option<(usize, usize, char)> {
    (from..lines.len()).find_map(|line| {
        let mut characters = lines[line].char_indices();
        let (place, digit) = characters.find(|(_, character)| character.is_ascii_digit())?;
        Some((line, place, digit))
    })
}

/// Makes another of the last word of a line.
fn rename(line: &mut String, name: impl Fn(&str) -> String) {
    let is_part = |character: char| character.is_ascii_alphanumeric();
    let Some(end) = line.rfind(is_part).map(|place| place + 1) else { return };
    let start = line[..end].rfind(|character| !is_part(character));
    let start =
        start.map_or(0, |place| place + line[place..].chars().next().map_or(1, char::len_utf8));
    let renamed = name(&line[start..end]);
    line.replace_range(start..end, &renamed);
}
