//! Files that no editor wrote, machines that fail, and configurations that mean harm: each is told
//! of clearly, none keeps the others from being looked at, and nothing is lost.

#[path = "../harness/mod.rs"]
mod harness;

#[cfg(unix)]
mod commands;
mod configuration;
#[cfg(target_os = "linux")]
mod evaluation;
mod figures;
#[cfg(target_os = "linux")]
mod growth;
mod meanwhile;
#[cfg(unix)]
mod outside;
#[cfg(unix)]
mod places;
mod program;
mod terminal;
#[cfg(target_os = "linux")]
mod writing;

use std::fs;
use std::path::Path;

use frugix::lint::{Applicability, Severity};
use tempfile::TempDir;

use harness::{Case, text};

/// What every tree here has besides, and what is found in it: it must always be found.
const WITNESS: (&str, &str) = ("witness.nix", "{ a = 1 }\n");

/// A folder with the witness and these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(WITNESS.0), WITNESS.1).expect("a file is written");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(path, bytes).expect("a file is written");
    }
    folder
}

/// The findings but for the witness's, as `path:line rule message`.
fn found(folder: &Path) -> Vec<String> {
    let case = Case::of_folder(folder, &[]);
    let analysis = case.analyze();
    assert_eq!(analysis.faults, []);
    let told = |finding: &frugix::lint::Diagnostic| {
        format!("{} {} {}", case.place(finding), finding.rule, finding.message)
    };
    let mut found: Vec<String> = analysis.diagnostics.iter().map(told).collect();
    let witness = "witness.nix:1 syntax-error expected `;`, found `}`";
    let before = found.len();
    found.retain(|text| text != witness);
    assert_eq!(found.len() + 1, before, "the witness is not found beside {found:?}");
    found
}

fn found_in(name: &str, bytes: &[u8]) -> Vec<String> {
    found(folder(&[(name, bytes)]).path())
}

#[test]
fn bytes_that_are_no_text() {
    assert_eq!(
        found_in("x.nix", b"{ a = \"caf\xe9\"; }"),
        ["x.nix:1 unreadable-file this file is not UTF-8 text (first bad byte at offset 10); \
             save it as UTF-8"]
    );
    let utf16: Vec<u8> = "{ a = 1; }".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let told = found_in("x.nix", &utf16);
    assert!(told[0].contains("is not text (NUL byte at offset 1)"), "{told:?}");
    assert!(told[0].contains("save it as UTF-8"), "{told:?}");
}

#[test]
fn a_locked_secret_is_told_quietly() {
    let folder = folder(&[("secret.nix", b"\0GITCRYPT\0\x01\x02")]);
    let told = found(folder.path());
    assert!(told[0].contains("is encrypted with git-crypt"), "{told:?}");
    let case = Case::of_folder(folder.path(), &["witness.nix"]);
    let severities: Vec<Severity> =
        case.analyze().diagnostics.iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Info]);
}

#[test]
fn marks_and_line_ends_of_other_systems_are_fine() {
    assert_eq!(found_in("x.nix", "\u{feff}{ a = 1; }\r\n".as_bytes()), [""; 0]);
    assert_eq!(found_in("x.nix", b"{\r\n  # why\r\n  a = ''\r\n    b\r\n  '';\r\n}\r\n"), [""; 0]);
    // The mark is not counted where a person reads.
    let told = found_in("x.nix", "\u{feff}{\r\n a = 1 }".as_bytes());
    assert_eq!(told, ["x.nix:2 syntax-error expected `;`, found `}`"]);
}

/// Each of them waits for the one inside it: as many passes as there are of them.
#[test]
fn fixes_that_lie_in_each_other_are_all_applied() {
    const DEPTH: usize = 120;
    let nested = format!("{}pkgs.vscode{}", "(".repeat(DEPTH), ".override { })".repeat(DEPTH));
    let module = format!("{{ pkgs, ... }}: {{ home.packages = [ {nested} ]; }}\n");
    let folder = folder(&[("home.nix", module.as_bytes())]);
    let case = Case::of_folder(folder.path(), &["witness.nix"]);
    let fixed = case.fix(Applicability::Safe, None);
    assert_eq!(fixed.failures, []);
    let [(_, text)] = fixed.changed.as_slice() else { panic!("one file is fixed") };
    assert!(!text.contains("override"), "{text}");
}

#[test]
fn a_fix_keeps_marks_and_line_ends() {
    let before = "\u{feff}{\r\n  # frugix: ignore[syntax-error] gone\r\n  a = 1;\r\n}\r\n";
    let folder = folder(&[("x.nix", before.as_bytes())]);
    let case = Case::of_folder(folder.path(), &["witness.nix"]);
    let outcome = case.fix(Applicability::Safe, None);
    for (file, text) in &outcome.changed {
        case.tree.write(*file, text).expect("the file is written");
    }
    let after = fs::read_to_string(folder.path().join("x.nix")).expect("the file is text");
    assert_eq!(after, "\u{feff}{\r\n  a = 1;\r\n}\r\n");
    let reopened = Case::of_folder(folder.path(), &["witness.nix"]);
    assert_eq!(text(&reopened.tree, reopened.tree.files()[0]), "{\r\n  a = 1;\r\n}\r\n");
}

#[test]
fn an_empty_file_is_no_expression() {
    for text in ["", "\n\n", "# only a comment\n", "\u{feff}"] {
        let told = found_in("x.nix", text.as_bytes());
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(" syntax-error the file "), "{told:?}");
    }
}

#[test]
fn depth_without_end() {
    let closed = |open: &str, middle: &str, close: &str| {
        // As deep as a file that is read can be.
        let count = 100_000.min(1_000_000 / (open.len() + close.len()));
        [open.repeat(count), middle.to_owned(), close.repeat(count)].concat()
    };
    for text in [
        closed("[", "", "]"),
        closed("(", "1", ")"),
        closed("{ a = ", "1", "; }"),
        closed("\"${", "a", "}\""),
        closed("''${", "a", "}''"),
        closed("let a = ", "1", "; in a"),
        closed("x: ", "x", ""),
        closed("if a then b else ", "c", ""),
        closed("with a; ", "c", ""),
        closed("!", "a", ""),
        closed("- ", "a", ""),
        closed("a ++ ", "a", ""),
        closed("a -> ", "a", ""),
        closed("f ", "a", ""),
        "[".repeat(100_000),
        "\"${".repeat(100_000),
        // What looks like the beginning of a string or comment and is none.
        closed("x'' [", "", "]"),
        format!("foldl''' {}", "[".repeat(100_000)),
        format!("a:b'' {}", "[".repeat(100_000)),
        format!("a:/* {}", "[".repeat(100_000)),
        format!("\"$$${{ {}", "[".repeat(100_000)),
        format!("[ {} ]", "a.b or ".repeat(100_000)),
        format!("[ x: {} ]", "f ".repeat(100_000)),
        // Brackets multiply what is in them.
        format!("{}1{}", "(".repeat(300), format!("{})", " f".repeat(1000)).repeat(300)),
    ] {
        let told = found_in("x.nix", text.as_bytes());
        assert_eq!(told.len(), 1, "{} {told:?}", &text[..8]);
        let words = "syntax-error this expression nests too deeply to be read";
        assert!(told[0].contains(words), "{} {told:?}", &text[..8]);
    }
}

/// Behind a mistake, nobody can tell what nests; the mistake is what is told.
#[test]
fn mistakes_without_end() {
    for text in [
        "{ a = ; } ".repeat(50_000),
        "[ ) ".repeat(100_000),
        "[ a. 1 ] b ".repeat(50_000),
        "{ a [ = f f f f f ".repeat(20_000),
        format!("a //* {}", "[".repeat(100_000)),
        "\u{e9}".repeat(300_000),
        "}".repeat(100_000),
        "<<<<<<< HEAD\n=======\n>>>>>>> b\n".repeat(10_000),
    ] {
        let told = found_in("x.nix", text.as_bytes());
        let is_told = |text: &String| text.contains(" syntax-error ") && !text.contains("deep");
        assert!((1..=10).contains(&told.len()), "{} {told:?}", &text[..8]);
        assert!(told.iter().all(is_told), "{} {told:?}", &text[..8]);
    }
}

#[test]
fn a_merge_conflict_is_told_once() {
    let text = "{\n<<<<<<< HEAD\n  a = 1;\n=======\n  a = 2;\n>>>>>>> other\n}\n";
    let words = "a merge conflict stands here; resolve it, and remove its marks";
    assert_eq!(found_in("x.nix", text.as_bytes()), [format!("x.nix:2 syntax-error {words}")]);
}

/// A file that ends anywhere is told of as one that ends too early.
#[test]
fn a_truncated_file_is_a_syntax_error() {
    let whole = "# why\n{ c = { pkgs, ... }: let a = ''\n  x ${b}\n''; in\n\
                 { d = [ (f { x = \"y\"; }) ./p ]; }; }\n";
    assert_eq!(found_in("x.nix", whole.as_bytes()), [""; 0]);
    for end in 0..whole.trim_end().len() {
        let told = found_in("x.nix", &whole.as_bytes()[..end]);
        assert!(!told.is_empty(), "nothing is said of {:?}", &whole[..end]);
        assert!(told.iter().all(|text| text.contains(" syntax-error ")), "{end} {told:?}");
    }
}

#[test]
fn mixed_line_ends_are_fine() {
    let text = b"{\r\n  a = 1;\n  b = 2;\r  c = 3;\r\n}\n";
    assert_eq!(found_in("x.nix", text), [""; 0]);
    let told = found_in("x.nix", b"{\r\n  a = 1;\n  b = 2\r\n}\n");
    assert_eq!(told, ["x.nix:4 syntax-error expected `;`, found `}`"]);
}

#[test]
fn the_limits_can_be_moved() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let chained = |length: usize| format!("a{}", " + a".repeat(length));
    let deep = |config: &str, text: &str| {
        let folder = folder(&[("x.nix", text.as_bytes()), ("frugix.toml", config.as_bytes())]);
        found(folder.path())
    };
    let says = |told: &[String], words: &str| told.len() == 1 && told[0].contains(words);
    assert_eq!(deep("", &nested(390)), [""; 0]);
    assert!(says(&deep("", &nested(410)), "more than 400 brackets inside each other"));
    assert_eq!(deep("max-nesting = 450", &nested(410)), [""; 0]);
    assert!(says(&deep("max-nesting = 20", &nested(30)), "raise `max-nesting`"));
    assert_eq!(deep("", &chained(900)), [""; 0]);
    assert!(says(&deep("", &chained(2100)), "more than 2000 operators and arguments"));
    assert_eq!(deep("max-chain = 10000", &chained(2100)), [""; 0]);
    assert!(says(&deep("max-chain = 20", &chained(600)), "raise `max-chain`"));
}

/// What is as deep as can be asked for is looked at and evaluated like anything else.
#[test]
fn the_greatest_limits_are_borne() {
    let config = b"max-nesting = 500\nmax-chain = 10000";
    let units = [("1 + ", 4500), ("- ", 9000), ("[ ] ++ ", 4000)];
    for (unit, length) in units {
        let text = format!("{{ nix.settings.cores = {}1; }}", unit.repeat(length));
        let files: [(&str, &[u8]); 2] = [("home.nix", text.as_bytes()), ("frugix.toml", config)];
        let told = found(folder(&files).path());
        assert!(told.iter().all(|text| !text.contains("syntax-error")), "{told:?}");
    }
}

#[test]
fn deep_files_that_are_no_nix() {
    let deep = |open: &str, close: &str| {
        format!("{}{}", open.repeat(100_000), close.repeat(100_000)).into_bytes()
    };
    let lock = deep("{\"nodes\":", "}");
    let flake = b"{ outputs = _: { }; }";
    let files: [(&str, &[u8]); 2] = [("flake.nix", flake), ("flake.lock", &lock)];
    let told = found(folder(&files).path());
    assert!(told.iter().all(|text| text.starts_with("flake.")), "{told:?}");
    let text = [b"select = ".as_slice(), &deep("[", "]")].concat();
    let read = |_: &Path| Ok(String::from_utf8_lossy(&text).into_owned());
    assert!(frugix::config::Config::load_with(Path::new("/tree/frugix.toml"), &read).is_err());
}

#[test]
fn a_long_path_of_attributes() {
    let text = format!("a{}", ".b".repeat(100_000));
    let told = found_in("x.nix", text.as_bytes());
    assert!(told.len() <= 1, "{told:?}");
}

#[test]
fn operators_of_newer_nix_are_fine() {
    assert_eq!(found_in("x.nix", b"x: x |> f |> g\n"), [""; 0]);
    assert_eq!(found_in("x.nix", b"x: f <| g <| x\n"), [""; 0]);
}

#[test]
fn data_may_be_long_and_wide() {
    let rows: String = (0..6_000)
        .map(|row| format!("  {{ name = \"row-{row}\"; hash = \"sha256-{row:032}\"; }}\n"))
        .collect();
    let list = format!("[\n{rows}]\n");
    assert!(list.len() > 300_000);
    assert_eq!(found_in("x.nix", list.as_bytes()), [""; 0]);
    let line = format!("\"{}\"", "x".repeat(500_000));
    assert_eq!(found_in("x.nix", line.as_bytes()), [""; 0]);
    let names: String = (0..100_000).map(|name| format!("n{name}=1;")).collect();
    assert_eq!(found_in("x.nix", format!("rec{{{names}}}").as_bytes()), [""; 0]);
    let inherited = "a ".repeat(100_000);
    assert_eq!(found_in("x.nix", format!("{{ inherit (x) {inherited}; }}").as_bytes()), [""; 0]);
    let line = format!("[{}]", " 1".repeat(500_000));
    assert_eq!(found_in("x.nix", line.as_bytes()), [""; 0]);
    // Each of these names the one behind it, and nothing asks for the first.
    let dead: String = (0..15_000).map(|n| format!("a{n} = {{ b = a{}.b; }}; ", n + 1)).collect();
    assert_eq!(found_in("x.nix", format!("let {dead} in 1").as_bytes()), [""; 0]);
    let told = found_in("x.nix", &b"[ 1 ] ++ ".repeat(300_000));
    assert!(told[0].contains("more than the 1048576 that are read"), "{told:?}");
}

#[test]
fn values_that_need_themselves() {
    let files: [(&str, &[u8]); 4] = [
        ("a.nix", b"import ./b.nix"),
        ("b.nix", b"import ./a.nix"),
        ("flake.nix", b"{ outputs = { self, nixpkgs, ... }: self.outputs // { a = self.a; }; }"),
        ("home.nix", b"{ imports = [ ./home.nix ./a.nix ]; x = let y = y; in y; }"),
    ];
    assert_eq!(found(folder(&files).path()), [""; 0]);
    let omega =
        b"{ x = (f: f f) (f: f f); nix.settings.max-jobs = (f: n: f f (n + 1)) (f: f f) 0; }";
    let told = found_in("home.nix", omega);
    assert!(told.len() == 1 && told[0].starts_with("home.nix:1 evaluation-limit "), "{told:?}");
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_in_a_circle_and_out_of_the_tree() {
        let outside = folder(&[("secret.nix", b"{")]);
        let folder = folder(&[("a/x.nix", b"{ }")]);
        let link = |target: &Path, name: &str| {
            symlink(target, folder.path().join(name)).expect("a link is made");
        };
        link(Path::new(".."), "a/up");
        link(Path::new("two.nix"), "one.nix");
        link(Path::new("one.nix"), "two.nix");
        link(&outside.path().join("secret.nix"), "leak.nix");
        link(Path::new("nowhere.nix"), "dangling.nix");
        let told = found(folder.path());
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].starts_with("leak.nix:1 unreadable-file this file is a link to "));
        assert!(told[0].contains("outside the root, and is not followed"), "{told:?}");
        assert!(told[1].starts_with("one.nix:1 unreadable-file this file cannot be read: "));
        assert!(told[2].starts_with("two.nix:1 unreadable-file this file cannot be read: "));
    }

    #[test]
    fn what_may_not_be_read() {
        let folder = folder(&[("dir/x.nix", b"{"), ("y.nix", b"{ }")]);
        let forbid = |name: &str| {
            let path = folder.path().join(name);
            fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("ours to forbid");
        };
        forbid("dir");
        forbid("y.nix");
        // Whoever may read everything cannot see this.
        if fs::read_dir(folder.path().join("dir")).is_ok() {
            return;
        }
        let told = found(folder.path());
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("dir:1 unreadable-file this folder cannot be read: "));
        assert!(told[1].starts_with("y.nix:1 unreadable-file this file cannot be read: "));
        let path = folder.path().join("dir");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours to allow");
    }

    #[test]
    fn what_is_no_file_is_told_and_not_opened() {
        let folder = folder(&[]);
        fs::create_dir(folder.path().join("folder.nix")).expect("a folder is made");
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe.nix"))
            .status()
            .is_ok_and(|status| status.success());
        assert!(made, "mkfifo is missing");
        assert_eq!(
            found(folder.path()),
            [
                "pipe.nix:1 unreadable-file this file is a named pipe and not a regular file, and is \
                 never opened; put a file in its place, or leave it out with `exclude`"
            ]
        );
    }
}
