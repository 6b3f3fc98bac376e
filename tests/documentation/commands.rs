//! Every command that the README shows does what it is shown for: it runs, in a tree that has what
//! the command names. And no use takes more than three lines.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::{blocks, package, readme, section};

/// The uses that must fit in three lines.
const USES: [&str; 6] = [
    "Install",
    "Before a commit",
    "In CI",
    "In an editor",
    "What was there before",
    "Completions and manual",
];

const LOG: &str = "these 2 derivations will be built:\n  /nix/store/0c0p0ymsf9ss6gs1lk4pr5y8yr6l6b6i-btop-1.4.0.drv\n";

/// What commands of the README name, as a tree.
const TREE: [(&str, &str); 4] = [
    ("frugix.toml", "exclude = [\"/fixtures/\"]\n[host.laptop]\nthreads = 8\nmemory = \"16GiB\"\n"),
    (
        "flake.nix",
        "{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs/nixos-unstable\";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.laptop = nixpkgs.lib.nixosSystem {
      modules = [
        ({ ... }:
          let
            profile = import ./hosts/laptop.nix;
          in
          {
            nixpkgs.overlays = [ (import ./overlays/brave.nix) ];
            nix.settings.max-jobs = profile.build.parallelism.maxJobs;
            nix.settings.cores = profile.build.parallelism.maxCores;
          })
      ];
    };
  };
}
",
    ),
    (
        "hosts/laptop.nix",
        "{ system.hostname = \"laptop\"; build.parallelism = { maxJobs = 4; maxCores = 8; }; }\n",
    ),
    (
        "overlays/brave.nix",
        "final: prev: {\n  brave = prev.brave.override { };\n  codex = prev.codex.overrideAttrs { doCheck = false; };\n}\n",
    ),
];

/// A user's machine: a repository with that tree and the showcase, and what else the README names.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Machine {
        let machine = Machine { folder: tempfile::tempdir().expect("a temporary folder") };
        for folder in ["home/.config/fish/completions", "tree/fixtures/shoshin", "bin"] {
            fs::create_dir_all(machine.path(folder)).expect("a folder");
        }
        for root in ["tree", "home/.config/home-manager"] {
            for (name, text) in TREE {
                let path = machine.path(root).join(name);
                fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
                fs::write(path, text).expect("a file");
            }
        }
        copy(&package().join("fixtures/shoshin"), &machine.path("tree/fixtures/shoshin"));
        let program = Path::new(env!("CARGO_BIN_EXE_frugix"));
        std::os::unix::fs::symlink(program, machine.path("bin/frugix")).expect("a link");
        machine.script("nix", &format!("printf '%s' '{LOG}' >&2"));
        machine.script("man", "cat >/dev/null");
        machine.shell(
            "git init --quiet --initial-branch main && git config user.name n && \
             git config user.email e && git add . && git commit --quiet --message first",
        );
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script");
    }

    /// Runs a line in the tree; the answer is the exit code of the first of a pipe that is a mistake,
    /// else of the last, and all that was said.
    fn shell(&self, line: &str) -> (i32, String) {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("bash")
            .args(["-c", &format!("{line}\nfor code in ${{PIPESTATUS[@]}}; do [ $code = 2 ] && exit 2; done; exit $code")])
            .current_dir(self.path("tree"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("HOME", self.path("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("FRUGIX_OUTPUT_FORMAT")
            .stdin(Stdio::null())
            .output()
            .expect("bash starts");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    let copied = Command::new("cp").arg("-r").arg(from.join(".")).arg(to).status();
    assert!(copied.expect("cp starts").success());
}

/// The commands in the blocks of the README, without what is said to cargo itself.
fn commands() -> Vec<String> {
    let text = readme();
    let blocks = blocks(&text, "").into_iter().chain(blocks(&text, "sh"));
    let lines: Vec<String> =
        blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let ours = |line: &String| match line.strip_prefix("cargo run --release -- ") {
        Some(rest) => Some(format!("frugix {rest}")),
        None => line.contains("frugix ").then(|| line.clone()),
    };
    lines.iter().filter_map(ours).filter(|line| !line.starts_with("cargo ")).collect()
}

#[test]
fn every_command_runs() {
    let commands = commands();
    assert!(commands.len() > 25, "{commands:?}");
    let machine = Machine::new();
    let mut wrong = Vec::new();
    for command in &commands {
        let (code, said) = machine.shell(command);
        if !matches!(code, 0 | 1) || said.contains("panicked") {
            let said: Vec<&str> = said.lines().rev().take(5).collect();
            wrong.push(format!("{command}: {code}: {}", said.join("\n")));
        }
        machine.shell("git checkout --quiet . && git clean --quiet -d --force");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_trace_is_what_is_printed() {
    const SHOWCASE: &str = "fixtures/shoshin/";
    let commands = commands();
    let place =
        commands.iter().find_map(|line| line.strip_prefix("frugix trace ")?.strip_prefix(SHOWCASE));
    let output = super::run(&package().join(SHOWCASE), &["trace", place.expect("a trace")]);
    let printed = super::stdout(&output);
    let shown = blocks(&section("Use"), "text");
    let [shown] = shown.as_slice() else { panic!("one trace is shown") };
    assert!(printed.ends_with(&format!("\n{shown}")), "printed is\n{printed}");
}

#[test]
fn each_use_takes_three_lines_at_most() {
    for title in USES {
        let text = section(title);
        let mut fenced = text.split("```").skip(1).step_by(2).peekable();
        assert!(fenced.peek().is_some(), "{title} shows nothing");
        for block in fenced {
            // The first line is the rest of the fence.
            let lines = block.trim_end().lines().count() - 1;
            assert!(lines <= 3, "{title} takes {lines} lines:{block}");
        }
    }
}
