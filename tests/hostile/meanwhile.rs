//! Files that change while frugix looks at the tree. It is held where it prints: a pipe takes so much and
//! no more, and what comes later is told of files that it reads again.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::program::frugix;

/// Texts that tell nothing are kept up to some megabytes; these are more.
const LONG_FILES: usize = 20;

/// More is said of so many files than any pipe holds.
const TOLD_FILES: usize = 600;

const RULE: &str = "duplicate-jobs-flag";

/// The file that is read again. It stands behind all others, tells nothing by itself, and one of them
/// leads to it.
const LAST: &str = "z/flags.nix";

fn package(name: &str, flags: &str) -> String {
    format!(
        "{{ rustPlatform }}:\nrustPlatform.buildRustPackage {{\n  pname = \"{name}\";\n  \
         version = \"1\";\n  src = null;\n  cargoBuildFlags = {flags};\n}}\n"
    )
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
    fs::write(path, text).expect("a file is written");
}

/// What is found while `change` happens to the last file after the first finding was printed: the lines,
/// the exit code, and what is said of it.
fn meanwhile(change: impl FnOnce(&Path)) -> (Vec<String>, Option<i32>, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    for number in 0..LONG_FILES {
        let text = format!("{{ }} # {}\n", "x".repeat(1_000_000));
        write(root, &format!("a/{number}.nix"), &text);
    }
    for number in 0..TOLD_FILES {
        let name = format!("p{number:03}");
        write(root, &format!("b/{name}.nix"), &package(&name, "[ \"--release\" ]"));
    }
    write(root, "b/q.nix", &package("q", "import ../z/flags.nix"));
    write(root, LAST, "[ \"--release\" ]\n");

    // With one thread the long files are read first.
    let arguments =
        ["lint", "--isolated", "--jobs", "1", "--select", RULE, "--output-format", "json-lines"];
    let mut child = frugix(root, &arguments).spawn().expect("the command starts");
    let mut output = BufReader::new(child.stdout.take().expect("an output"));
    let mut told = String::new();
    output.read_line(&mut told).expect("it prints");
    change(&root.join(LAST));
    output.read_to_string(&mut told).expect("it prints");
    drop(output);
    let ended = child.wait_with_output().expect("the command ends");
    let errors = String::from_utf8(ended.stderr).expect("it is text");
    (told.lines().map(str::to_owned).collect(), ended.status.code(), errors)
}

#[test]
fn a_file_that_is_another_when_it_is_read_again_is_told_of_and_the_others_are_told() {
    let changes: [fn(&Path); 2] = [
        |file| fs::write(file, "[ \"--quiet\" ]\n").expect("it is written"),
        |file| fs::remove_file(file).expect("it goes"),
    ];
    for change in changes {
        let (told, code, errors) = meanwhile(change);
        assert_eq!(code, Some(2), "{errors}");
        assert!(
            errors.contains("flags.nix changed while the tree was being looked at"),
            "{errors}"
        );
        assert_eq!(told.len(), TOLD_FILES + 1);
        for (number, told) in told[..TOLD_FILES].iter().enumerate() {
            assert!(told.contains(&format!("p{number:03}.nix")), "{told}");
        }
    }
}

#[test]
fn a_file_that_is_the_same_when_it_is_read_again_is_told_of_as_the_others() {
    let (told, code, errors) = meanwhile(|file| {
        fs::remove_file(file).expect("it goes");
        fs::write(file, "[ \"--release\" ]\n").expect("it is written");
    });
    assert_eq!((code, errors.as_str()), (Some(1), ""));
    let last = told.last().expect("there are findings");
    assert!(last.contains("q.nix") && last.contains("\"column\":3,\"offset\":2"), "{last}");
}
