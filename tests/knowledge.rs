//! What `frugix.toml` says of the tables of knowledge changes what is found: a row that is added, one
//! that is corrected, one that is taken out.

mod harness;

use std::path::PathBuf;

use harness::{Case, Problems};

/// A tree, and how many findings of a rule it has without and with what is said.
struct Said {
    rule: &'static str,
    files: &'static [(&'static str, &'static str)],
    said: &'static str,
    before: usize,
    after: usize,
}

const HOME: &str = "home.nix";

const CASES: &[Said] = &[
    // A cache of one's own, whose key nobody trusts.
    Said {
        rule: "missing-cache-key",
        files: &[("configuration.nix", SUBSTITUTER)],
        said: "[[knowledge.caches.cache]]\naddresses = [\"cache.home.example\"]\nkey-names = [\"home-1\"]\n",
        before: 0,
        after: 1,
    },
    // A mirror of cache.nixos.org.
    Said {
        rule: "substituters-replaced",
        files: &[(HOME, MIRROR)],
        said: "[[knowledge.caches.cache]]\naddresses = [\"nix.mirror.example\"]\nofficial = true\n\
               key-names = [\"cache.nixos.org-1\"]\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "follows-busts-cache",
        files: &[("flake.nix", FOLLOWING)],
        said: "[[knowledge.inputs.input]]\nrepositories = [\"me/tool\"]\ncaches = [\"me.cachix.org\"]\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "unpinned-fetch",
        files: &[(HOME, STABLE)],
        said: "[[knowledge.fetchers.branch]]\nnames = [\"stable\"]\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "unpinned-fetch",
        files: &[("default.nix", "builtins.fetchGit { url = \"https://git.example/x\"; }\n")],
        said: "[knowledge.fetchers.forget]\nbuiltin = [\"fetchGit\"]\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "check-only-override",
        files: &[(HOME, SMOKE)],
        said: "[[knowledge.changes.change]]\nkind = \"check\"\nnames = [\"doSmokeTest\"]\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "native-cpu",
        files: &[(HOME, FLAGS)],
        said: "[[knowledge.flags.flags]]\nname = \"TOOL_FLAGS\"\nnative = \"kept\"\n\
               why = \"its build hands it to the compiler\"\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "cache-connections",
        files: &[("configuration.nix", CONNECTIONS)],
        said: "[knowledge.advice.connections]\nhttp = 4\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "mass-rebuild-overlay",
        files: &[("flake.nix", OVERLAY)],
        said: "[[knowledge.mass-rebuild.attribute]]\ntier = \"B\"\nattrs = [\"libfoo\"]\n\
               rebuilds = \"what is linked with it\"\n",
        before: 1,
        after: 2,
    },
    Said {
        rule: "mass-rebuild-overlay",
        files: &[("flake.nix", OVERLAY)],
        said: "[knowledge.mass-rebuild.forget]\nattribute = [\"zlib\"]\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "heavy-override",
        files: &[(HOME, TOOL)],
        said: "[[knowledge.packages.package]]\nattr = \"tool\"\nclass = \"compiled\"\nlanguage = \"c++\"\n\
               hours = { low = 3, high = 5 }\nmemory-gib = { low = 2, high = 4 }\ntimeout = 36000\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "heavy-override",
        files: &[(HOME, BLENDER)],
        said: "[[knowledge.packages.package]]\nattr = \"blender\"\nhours = { low = 0.1, high = 0.2 }\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "needless-override",
        files: &[(HOME, ARGUMENT)],
        said: "[[knowledge.defaults.package]]\nattr = \"tool\"\narguments = { withExtras = true }\n",
        before: 0,
        after: 1,
    },
    Said {
        rule: "restricted-setting",
        files: &[(HOME, RESTRICTED)],
        said: "[knowledge.settings.forget]\nrestricted = [\"auto-optimise-store\"]\n",
        before: 1,
        after: 0,
    },
    Said {
        rule: "import-from-derivation",
        files: &[(HOME, GENERATED)],
        said: "[[knowledge.reading.generator]]\nnames = [\"callTool2nix\"]\ninstead = \"run tool2nix\"\n",
        before: 0,
        after: 1,
    },
];

const SUBSTITUTER: &str = r#"{ ... }:
{
  system.stateVersion = "25.05";
  nix.settings.substituters = [ "https://cache.home.example" ];
}
"#;

const MIRROR: &str = r#"{ pkgs, ... }:
{
  home.username = "me";
  nix.package = pkgs.nix;
  nix.settings.substituters = [ "https://nix.mirror.example" ];
}
"#;

const FOLLOWING: &str = r#"{
  nixConfig = {
    extra-substituters = [ "https://me.cachix.org" ];
    extra-trusted-public-keys = [ "me.cachix.org-1:a7pgxzMz7+chwVL3/pzj6jIBMioiJM7ypFP8PwtkuGc=" ];
  };
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.tool.url = "github:me/tool";
  inputs.tool.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { nixpkgs, tool, ... }: {
    packages.x86_64-linux.default = tool.packages.x86_64-linux.default;
  };
}
"#;

const STABLE: &str = r#"{ pkgs, ... }:
{
  home.file."x".source = pkgs.fetchFromGitHub {
    owner = "me";
    repo = "x";
    rev = "stable";
    hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
}
"#;

const SMOKE: &str = r#"{ pkgs, ... }:
{
  home.packages = [ (pkgs.atuin.overrideAttrs (_: { doSmokeTest = false; })) ];
}
"#;

const FLAGS: &str = r#"{ pkgs, ... }:
{
  home.packages = [
    (pkgs.stdenv.mkDerivation {
      pname = "tool";
      version = "1";
      src = pkgs.fetchurl { url = "https://tool.example/1.tar.gz"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };
      nativeBuildInputs = [ pkgs.cmake ];
      TOOL_FLAGS = "-O3 -march=native";
    })
  ];
}
"#;

const CONNECTIONS: &str = r#"{ ... }:
{
  imports = [ ./hardware-configuration.nix ];
  boot.loader.systemd-boot.enable = true;
  nix.settings = {
    substituters = [ "https://cache.nixos.org" "https://nix-community.cachix.org" ];
    http-connections = 4;
  };
}
"#;

const OVERLAY: &str = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: {
    packages.x86_64-linux.default = (import nixpkgs {
      system = "x86_64-linux";
      overlays = [
        (final: prev: {
          zlib = prev.zlib.overrideAttrs (old: { configureFlags = [ "--x" ]; });
          libfoo = prev.libfoo.overrideAttrs (old: { configureFlags = [ "--x" ]; });
        })
      ];
    }).hello;
  };
}
"#;

const TOOL: &str = r#"{ pkgs, ... }:
{
  home.packages = [ (pkgs.tool.overrideAttrs (old: { cmakeFlags = (old.cmakeFlags or [ ]) ++ [ "-DX=1" ]; })) ];
}
"#;

const BLENDER: &str = r#"{ pkgs, ... }:
{
  home.packages = [ (pkgs.blender.overrideAttrs (old: { cmakeFlags = (old.cmakeFlags or [ ]) ++ [ "-DX=1" ]; })) ];
}
"#;

const ARGUMENT: &str = r#"{ pkgs, ... }:
{
  home.packages = [ (pkgs.tool.override { withExtras = true; }) ];
}
"#;

const RESTRICTED: &str = r#"{ pkgs, ... }:
{
  home.username = "me";
  nix.package = pkgs.nix;
  nix.settings.auto-optimise-store = true;
}
"#;

const GENERATED: &str = r#"{ pkgs, ... }:
{
  home.packages = [ (pkgs.toolPackages.callTool2nix "x" ./x { }) ];
}
"#;

fn findings(said: &Said, frugix: &str) -> usize {
    let files = said.files.iter().copied().chain([("frugix.toml", frugix)]);
    let files = files.map(|(path, text)| (PathBuf::from(path), text.to_owned())).collect();
    let case = Case { also: Some(said.rule), ..Case::of_texts(said.rule, files) };
    case.analyze().diagnostics.iter().filter(|finding| finding.rule == said.rule).count()
}

#[test]
fn what_is_said_changes_what_is_found() {
    let mut problems = Problems::default();
    for said in CASES {
        let (before, after) = (findings(said, ""), findings(said, said.said));
        let is_right = (before, after) == (said.before, said.after);
        let wanted = (said.before, said.after);
        let told = format!("{before} and {after} findings, not {wanted:?}, with\n{}", said.said);
        problems.unless(is_right, said.rule, told);
    }
    problems.tell();
}
