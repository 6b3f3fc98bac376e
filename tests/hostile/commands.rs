//! Everything odd in one tree: each command ends, says what it means, and looks at the rest.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::program::{end, frugix, run};
use super::{WITNESS, folder};

/// What no person wrote, all of it reached from the entry of a tree.
fn odd_tree() -> TempDir {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let lambdas = format!("{}1", "x: ".repeat(100_000));
    let long = format!("[{}]", " 1".repeat(50_000));
    let flake = "{ outputs = { nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { \
                 modules = [ ./home.nix ./deep.nix ./pipe.nix ./bytes.nix ]; }; }; }";
    let home = "{ pkgs, ... }: { imports = [ ./deep.nix ./pipe.nix ./bytes.nix ./zero.nix ./sub \
                ./gone.nix ./one.nix ./result ]; nix.settings.max-jobs = 64; \
                environment.systemPackages = [ (pkgs.hello.override { }) ]; }\n";
    let folder = folder(&[
        ("frugix.toml", b"[host.a]\nthreads = 8\n"),
        ("flake.nix", flake.as_bytes()),
        ("home.nix", home.as_bytes()),
        ("deep.nix", deep.as_bytes()),
        ("lambdas.nix", lambdas.as_bytes()),
        ("long.nix", long.as_bytes()),
        ("bytes.nix", b"{ a = \0 }"),
        ("latin.nix", b"{ a = \"\xe9\"; }"),
        ("locked.nix", b"\0GITCRYPT\0\x01"),
        ("conflict.nix", b"<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n"),
        ("truncated.nix", b"{ a = ''x${"),
        ("mixed.nix", b"\xef\xbb\xbf{\r\n  a = 1;\n}\r"),
        ("pipes.nix", b"x: x |> f |> g\n"),
        ("with space [x].nix", b"{ }"),
        ("x.nix/inner.nix", b"{ }"),
        ("flake.lock", b"{"),
    ]);
    let path = folder.path();
    let odd = |name: &[u8]| fs::write(path.join(OsStr::from_bytes(name)), "{ }");
    odd(b"caf\xe9.nix").expect("a file is written");
    odd(b"new\nline.nix").expect("a file is written");
    let made = std::process::Command::new("mkfifo").arg(path.join("pipe.nix")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo is missing");
    fs::create_dir(path.join("sub")).expect("a folder is made");
    for (target, name) in [
        ("/dev/zero", "zero.nix"),
        ("/nix/store/00000000000000000000000000000000-x", "result"),
        ("..", "sub/up"),
        ("two.nix", "one.nix"),
        ("one.nix", "two.nix"),
        ("../pipe.nix", "sub/default.nix"),
    ] {
        symlink(target, path.join(name)).expect("a link is made");
    }
    folder
}

#[test]
fn every_command_ends() {
    let folder = odd_tree();
    // The command, whether it can answer, and words of what it must say.
    let said: &[(&[&str], bool, &str)] = &[
        (&["lint", "--output-format", "concise"], true, "witness.nix:1:9"),
        (&["lint", "--select", "ALL", "--output-format", "json"], true, "witness.nix"),
        (&["lint", "--statistics"], true, "unreadable-file"),
        (&["lint", "--show-files"], true, "witness.nix"),
        (&["lint", "--fix", "--diff"], true, "+++ "),
        (&["lint", "home.nix", "pipe.nix", "deep.nix"], true, "is a named pipe"),
        (&["audit"], true, "hello"),
        (&["audit", "--format", "json"], true, "hello"),
        (&["budget"], true, "threads"),
        (&["budget", "--format", "json"], true, "threads"),
        (&["trace", "home.nix:1:170"], true, "home.nix:1"),
        (&["trace", "deep.nix:1"], false, "nests too deeply"),
        (&["trace", "bytes.nix:1"], false, "NUL byte"),
        (&["trace", "pipe.nix:1"], false, "is a named pipe"),
        (&["trace", "long.nix:1:99999"], true, "long.nix:1"),
        (&["init", "--stdout"], true, "[host"),
        (&["config"], true, "threads = 8"),
    ];
    for (arguments, answers, words) in said {
        let ended = run(folder.path(), arguments);
        let told = format!("{}{}", ended.stdout, ended.stderr);
        let codes: &[i32] = if *answers { &[0, 1] } else { &[2] };
        assert!(codes.contains(&ended.code()), "{arguments:?}: {} {told}", ended.code());
        assert!(told.contains(words), "{arguments:?} does not say {words}: {told}");
        assert!(!told.contains("has a fault"), "{arguments:?}: {told}");
    }
    // What may be written is, the rest is as it was.
    let before = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    let odd: Vec<(&str, Vec<u8>)> = ["deep.nix", "bytes.nix", "latin.nix", "mixed.nix", WITNESS.0]
        .map(|name| (name, before(name)))
        .into();
    let ended = run(folder.path(), &["lint", "--fix"]);
    assert_eq!(ended.code(), 1, "{}", ended.stderr);
    for (name, text) in odd {
        assert!(before(name) == text, "{name} is changed");
    }
    let home = fs::read_to_string(folder.path().join("home.nix")).expect("a text");
    assert!(!home.contains("override"), "{home}");
}

/// The hook sees what is staged, whatever lies beside it.
#[test]
fn what_is_staged_is_looked_at_beside_what_is_odd() {
    let folder = odd_tree();
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.current_dir(folder.path()).args(["-c", "user.name=x", "-c", "user.email=x@x"]);
        git.args(arguments).output().is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "-q"]) {
        eprintln!("git is missing; what is staged is not tested");
        return;
    }
    let ended = run(folder.path(), &["hook", "install"]);
    assert_eq!(ended.code(), 0, "{}", ended.stderr);
    assert!(git(&["add", "."]));
    let mut staged = frugix(folder.path(), &["lint", "--staged", "--output-format", "concise"]);
    let ended = end(staged.spawn().expect("the program starts"));
    assert_eq!(ended.code(), 1, "{}", ended.stderr);
    assert!(ended.stdout.contains("witness.nix:1:9"), "{}", ended.stdout);
    assert!(ended.stdout.contains("bytes.nix:1:1"), "{}", ended.stdout);
}
