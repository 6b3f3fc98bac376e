//! frugix as a shell sees it: small trees on disk, and the program run in them.

// Each test is a program of its own, and none uses all of this.
#![allow(dead_code)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with these files that is a tree of its own, whatever lies above it.
pub fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("frugix.toml"), "").expect("a file is written");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
    folder
}

/// The program in `folder`, without input, and without what the environment says of its output.
pub fn frugix(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FRUGIX_OUTPUT_FORMAT"] {
        command.env_remove(name);
    }
    command
}

/// The exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().expect("the command was not killed")
}
