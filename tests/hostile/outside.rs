//! A configuration reads nothing outside of its tree, starts no program and asks no network.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::folder;
use super::harness::package;
use super::program::{end, frugix};

/// What a configuration could try.
fn attempts(outside: &Path) -> String {
    let outside = outside.display();
    let paths = [
        format!("{outside}/trap.nix"),
        "../trap.nix".to_owned(),
        "./sub/../../trap.nix".to_owned(),
        "./link.nix".to_owned(),
        "./linked/trap.nix".to_owned(),
        "(./. + \"/../trap.nix\")".to_owned(),
        "(./. + \"/sub/../../trap.nix\")".to_owned(),
        "\"${./.}/../trap.nix\"".to_owned(),
        format!("\"{outside}/trap.nix\""),
        format!("(/. + \"{outside}/trap.nix\")"),
        format!("(builtins.toPath \"{outside}/trap.nix\")"),
        "(builtins.dirOf ./. + \"/trap.nix\")".to_owned(),
        format!("{{ outPath = \"{outside}/trap.nix\"; }}"),
        "~/trap.nix".to_owned(),
        "<trap/trap.nix>".to_owned(),
    ];
    let uses = |path: &String| {
        format!(
            "(import {path}) (builtins.readFile {path}) (builtins.pathExists {path}) \
             (builtins.readDir {path}) (builtins.fromJSON (builtins.readFile {path})) \
             (builtins.path {{ path = {path}; }}) (builtins.hashFile \"sha256\" {path}) \
             (builtins.scopedImport {{ }} {path}) (import ({path} + \"/x\"))\n"
        )
    };
    let asked: String = paths.iter().map(uses).collect();
    format!(
        "{{ nix.settings.cores = builtins.length [\n{asked}\
         (builtins.exec [ \"touch\" \"started\" ]) (builtins.fetchurl \"http://127.0.0.1:9/x\")\n\
         (import (builtins.fetchTarball \"http://127.0.0.1:9/x.tar.gz\"))\n\
         (builtins.getFlake \"path:{outside}\") (builtins.fetchGit {outside})\n\
         (builtins.getEnv \"HOME\") (import <nixpkgs> {{ }}).hello.src\n\
         (derivation {{ name = \"x\"; system = \"x\"; builder = \"/bin/sh\"; args = [ ]; }}) ];\n\
         imports = [ {} ]; }}\n",
        paths.join(" ")
    )
}

/// Whatever opens the trap, a pipe that nobody writes to, waits there for ever.
#[test]
fn nothing_outside_is_read_or_started() {
    let world = tempfile::tempdir().expect("a temporary folder");
    let root = world.path().join("tree");
    let trap = world.path().join("trap.nix");
    let pipe = std::process::Command::new("mkfifo").arg(&trap).status();
    assert!(pipe.is_ok_and(|status| status.success()), "mkfifo is missing");
    fs::create_dir_all(root.join("sub")).expect("a folder");
    fs::write(root.join("frugix.toml"), "").expect("a file");
    symlink(&trap, root.join("link.nix")).expect("a link");
    symlink(world.path(), root.join("linked")).expect("a link");
    let flake = format!(
        "{{ inputs.a.url = \"path:{0}\"; inputs.b.url = \"path:../\"; \
         outputs = {{ self, a, b }}: {{ x = import a; y = import b; z = self + \"/../trap.nix\"; \
         w = import (self + \"/../trap.nix\"); }}; }}",
        world.path().display()
    );
    fs::write(root.join("flake.nix"), flake).expect("a file");
    for name in ["home.nix", "default.nix", "configuration.nix", "sub/default.nix"] {
        fs::write(root.join(name), attempts(world.path())).expect("a file");
    }

    // Programs that a linter might think of, each of which leaves a mark.
    let programs = world.path().join("programs");
    fs::create_dir(&programs).expect("a folder");
    for name in ["nix", "nix-instantiate", "nix-build", "git", "sh", "curl", "touch", "ssh"] {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n: > {}/started\n", world.path().display()))
            .expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    }
    for arguments in [
        &["lint", "--select", "ALL"][..],
        &["lint", "--select", "ALL", "--fix", "--unsafe-fixes", "--diff"],
        &["audit"],
        &["budget"],
        &["trace", "home.nix:1:3"],
    ] {
        let mut command = frugix(&root, arguments);
        command.env("PATH", &programs).env("HOME", world.path());
        command.env("NIX_PATH", format!("trap={}", world.path().display()));
        let ended = end(command.spawn().expect("the program starts"));
        assert!([0, 1, 2].contains(&ended.code()), "{arguments:?}: {}", ended.stderr);
        assert!(!world.path().join("started").exists(), "{arguments:?} starts a program");
    }
}

/// The one program that is ever started is git, and only for what the command line asks of it; no
/// file speaks to the network.
#[test]
fn only_git_is_ever_started() {
    let mut starts: Vec<PathBuf> = Vec::new();
    for folder in ["src", "rules"] {
        for entry in walkdir::WalkDir::new(package().join(folder)) {
            let entry = entry.expect("the source is ours");
            let path = entry.path().strip_prefix(package()).expect("inside");
            let is_test = path.components().any(|part| part.as_os_str() == "tests");
            if is_test || path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let text = fs::read_to_string(entry.path()).expect("a text");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for forbidden in
                ["std::net", "TcpStream", "UdpSocket", "UnixStream", "std::os::unix::net"]
            {
                assert!(!code.contains(forbidden), "{}: {forbidden}", path.display());
            }
            if code.contains("Command::new(") && code.contains("process::") {
                starts.push(path.to_owned());
            }
        }
    }
    assert_eq!(starts, [Path::new("src/source/git/command.rs")]);
}

/// A link inside the tree that leads out of it is told of, and never followed to be written.
#[test]
fn nothing_outside_is_written() {
    let old: &[u8] = b"# frugix: ignore[syntax-error] gone\n{ }\n";
    let outside = folder(&[("a.nix", old)]);
    let inside = folder(&[("frugix.toml", b""), ("b.nix", old)]);
    symlink(outside.path().join("a.nix"), inside.path().join("a.nix")).expect("a link");
    symlink(outside.path(), inside.path().join("dir")).expect("a link");
    for paths in [&["."][..], &["a.nix"], &["dir/a.nix"], &["dir"], &["b.nix"]] {
        let arguments = [&["lint", "--fix", "--root", "."], paths].concat();
        let ended = end(frugix(inside.path(), &arguments).spawn().expect("the program starts"));
        assert!([0, 1, 2].contains(&ended.code()), "{}", ended.stderr);
        assert_eq!(fs::read(outside.path().join("a.nix")).expect("a file"), old, "{paths:?}");
    }
}
