//! The folder `fixed/` of a case: what fixes make of its files.

use std::fs;
use std::path::{Path, PathBuf};

use frugix::source::FileId;

use super::Case;

/// Makes `folder` hold `changed` and nothing else.
pub fn write_fixed(folder: &Path, changed: &[(FileId, String)], case: &Case) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("fixed/ can be replaced");
    }
    for (file, text) in changed {
        let path = folder.join(case.tree.path(*file));
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
}

/// The files under `folder` by their path in it; none if it does not exist.
pub fn files_under(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_owned();
            (relative, fs::read_to_string(entry.path()).expect("the file is text"))
        })
        .collect()
}
