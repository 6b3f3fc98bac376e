//! `frugix audit` as a shell sees it: the page of `fixtures/shoshin` in each form, and what Nix says
//! beside it.
//!
//! The snapshots are read before they are accepted: each row must be true of the tree.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const LOG: &str = "\
these 6 derivations will be built:
  /nix/store/414g3rd6v9bqlszkcw8ssl10dcpj4czl-onnxruntime-1.22.2.drv
  /nix/store/mxqb2fnvikwdldx76v5ij655rxw47yxz-ck-search-0.7.0.drv
  /nix/store/892gi8gkq8kw04l9pv3hpizr1lwg206m-firefox-unwrapped-146.0.drv
  /nix/store/37rsmn4lmyy6dym2lypspp0q443blrb8-linux-6.18.drv
  /nix/store/47rsmn4lmyy6dym2lypspp0q443blrb8-etc.drv
  /nix/store/57rsmn4lmyy6dym2lypspp0q443blrb8-unit-sshd.service.drv
these 2 paths will be fetched (12.3 MiB download, 45.6 MiB unpacked):
  /nix/store/xd12dk2p7xl6ww6lziclhb2ak887if09-ripgrep-15.1.0
  /nix/store/3lc19z155yradvi0pl0cslls1bfy061h-btop-1.4.5
";

fn audit(arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).arg("audit").args(["--root", "."]).args(arguments);
    command.args(["--color", "never"]).stdin(Stdio::null());
    command.output().expect("the command starts")
}

fn page(arguments: &[&str]) -> String {
    let output = audit(arguments);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1), "there is something to do");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

#[test]
fn the_showcase_as_a_page() {
    insta::assert_snapshot!("audit-text", page(&[]));
}

#[test]
fn the_showcase_as_tables() {
    insta::assert_snapshot!(
        "audit-markdown",
        page(&["--format", "markdown", "--only", "remove", "--only", "move"])
    );
}

#[test]
fn the_showcase_as_an_object() {
    let text = page(&["--format", "json", "--only", "remove"]);
    insta::assert_snapshot!("audit-json", text);
}

#[test]
fn what_nix_says_stands_beside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("log");
    std::fs::write(&log, LOG).expect("a file");
    let text = page(&["--dry-run-log", log.to_str().expect("a name")]);
    assert!(text.contains("Nix: built") && text.contains("Nix: fetched"), "{text}");
    let unexplained = "Built, and explained by no row:\n\n  linux-6.18\n  2 without a version, such as \
                       etc, unit-sshd.service: most are files of the configuration itself\n";
    assert!(text.contains(unexplained), "{text}");
    assert!(text.contains("fetch 2 paths (12.3 MiB download, 45.6 MiB unpacked)."), "{text}");
}

#[test]
fn a_log_that_is_not_there_is_told_of() {
    let output = audit(&["--dry-run-log", "no-such-log"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-log"));
}

/// What `--fix` makes of a tree of these files, and what it says.
fn fixed(folder: &Path) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(["audit", "--fix", "--root", ".", "--color", "never"]);
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    let after = std::fs::read_to_string(folder.join("home.nix")).expect("the file is there");
    (output, after)
}

const BEFORE: &str = "\
{ pkgs, ... }:

{
  home.packages = [
    # for the logs
    (pkgs.bat.override { })
    (pkgs.ripgrep.override { withPCRE2 = true; })
    (pkgs.atuin.overrideAttrs (_: { doCheck = false; }))
    (pkgs.brave.override { commandLineArgs = [ \"--no-first-run\" ]; })
  ];
}
";

#[test]
fn fixing_takes_out_what_changes_nothing_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("home.nix"), BEFORE).expect("a file");
    let (output, after) = fixed(folder.path());
    assert_eq!(after, BEFORE.replace("(pkgs.bat.override { })", "pkgs.bat"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Fixed 1 finding in 1 file:\n  1 × needless-override"), "{said}");
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(!page.contains("bat") && page.contains("ripgrep  home.nix:7"), "{page}");
    assert_eq!(output.status.code(), Some(1), "the others are left to decide");

    let (output, again) = fixed(folder.path());
    assert_eq!(again, after, "there is nothing left to fix");
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "No row has a safe fix.");
}

#[test]
fn fixing_takes_the_safe_fixes_of_every_rule_about_a_row_and_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file is written");
    };
    let settings =
        "  nix.settings.extra-substituters = [ \"https://app.cachix.org/cache/mine\" ];\n";
    let package = |flags: &str, meta: &str| {
        format!(
            "{{ lib, pkgs, ... }}:\n\n{{\n{settings}  home.packages = [\n    (pkgs.rustPlatform.buildRustPackage {{\n      \
             pname = \"notes\";\n      version = \"1.0\";\n      src = lib.fakeSrc;\n      cargoHash = lib.fakeHash;\n\
             {flags}      meta = {{{meta} description = \"Notes\"; }};\n    }})\n    pkgs.bat\n  ];\n}}\n"
        )
    };
    let before = package("      cargoBuildFlags = [ \"-j4\" ];\n", "");
    file("home.nix", &before);
    file("frugix.toml", "[timeouts]\nrequire = \"all\"\n");
    let (output, after) = fixed(folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 × duplicate-jobs-flag"), "{said}");
    assert!(said.contains("1 × missing-timeout"), "{said}");
    assert!(!after.contains("-j4") && after.contains("timeout = "), "{after}");
    assert!(after.contains(settings), "what is no row stays: {after}");
}

#[test]
fn fixing_a_clean_tree_changes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ pkgs, ... }: { home.packages = [ pkgs.bat ]; }\n";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, after) = fixed(folder.path());
    assert_eq!((output.status.code(), after.as_str()), (Some(0), text));
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("Nothing in it is known to be compiled."), "{page}");
}

#[test]
fn what_one_helper_makes_of_many_packages_is_one_row_of_the_page() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ pkgs, lib, ... }: { home.packages = map (one: one.overrideAttrs (old: { separateDebugInfo = true; }))\n  (with pkgs; [ bat eza fd jq ripgrep ]); }\n";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, _) = fixed(folder.path());
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("bat, eza, fd and 2 more  home.nix:1"), "{page}");
    assert!(!page.contains("0.00"), "{page}");
}

#[test]
fn a_condition_that_most_machines_meet_takes_nothing_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ nixpkgs.overlays = [ (final: prev: if prev.stdenv.hostPlatform.isx86_64 then {
  ffmpeg = prev.ffmpeg.overrideAttrs (old: { NIX_BUILD_CORES = 4; });
  nodejs_24 = prev.nodejs_24.overrideAttrs (old: { NIX_BUILD_CORES = 4; });
} else { }) ]; }\n";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, _) = fixed(folder.path());
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("if its condition holds: it rebuilds what plays sound"), "{page}");
    assert!(
        page.contains("which are built with it, if it is the default version; bind it"),
        "{page}"
    );
    assert!(page.contains("without what is rebuilt because of 2 rows"), "{page}");
}

#[test]
fn tests_that_are_turned_off_beside_other_changes_may_be_no_reason_to_build() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ nixpkgs.overlays = [ (final: prev: {
  atuin = prev.atuin.overrideAttrs (_: { doCheck = false; });
  sqlite = prev.sqlite.overrideAttrs (_: { NIX_BUILD_CORES = 4; });
}) ]; }\n";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, _) = fixed(folder.path());
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(page.contains("unless it is built with sqlite, changed here too"), "{page}");
    assert!(!page.contains("Remove"), "{page}");
}

#[test]
fn what_is_built_anew_to_be_wrapped_is_not_said_to_be_cheap() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = "{ pkgs, ... }: let
  mine = pkgs.linuxManualConfig { version = \"6.12-mine\"; src = ./linux; configfile = ./config; };
in { home.packages = [
  mine
  (pkgs.handbrake.overrideAttrs (old: { postFixup = \"wrapProgram $out/bin/ghb --set A b\"; }))
  (pkgs.mpv.override { scripts = [ pkgs.mpvScripts.mpris ]; })
  ((pkgs.btop.overrideAttrs (_: { src = ./btop; })).overrideAttrs (_: { version = \"2\"; }))
  (pkgs.llama-cpp.override { cudaSupport = true; })
  (pkgs.llama-cpp.override { cudaSupport = true; })
]; }\n";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, _) = fixed(folder.path());
    let page = String::from_utf8_lossy(&output.stdout);
    let wrapped =
        "wrapper (postFixup); leaves the cache\n    all of it is built anew to be wrapped";
    assert!(page.contains(wrapped), "{page}");
    assert!(page.contains("wrapper (scripts); made here; nothing is compiled"), "{page}");
    assert!(page.contains("another source than nixpkgs has"), "{page}");
    assert!(page.contains("compiling it takes long; cache."), "{page}");
    assert!(page.contains("Building takes 1.2–4 hours"), "llama-cpp counts once: {page}");
    let kernel = "own package (linuxManualConfig); never in the cache, 0.7–2 hours (estimate)";
    assert!(page.contains(kernel), "{page}");
}

/// The same words are one derivation where they mean the same, and two where they do not.
#[test]
fn the_same_words_for_other_values_are_built_twice() {
    let hours = |other: bool| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let gpu = "gpu: { pkgs, ... }: { home.packages = [ (pkgs.llama-cpp.override { cudaSupport = gpu; }) ]; }";
        let home =
            format!("{{ imports = [ (import ./gpu.nix true) (import ./gpu-too.nix {other}) ]; }}");
        for (name, text) in [("home.nix", home.as_str()), ("gpu.nix", gpu), ("gpu-too.nix", gpu)] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let flake = "{ outputs = { nixpkgs, home-manager, ... }: { homeConfigurations.me = \
                     home-manager.lib.homeManagerConfiguration { pkgs = import nixpkgs { }; modules = [ ./home.nix ]; }; }; }";
        std::fs::write(folder.path().join("flake.nix"), flake).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
        command.current_dir(folder.path()).args(["audit", "--root", ".", "--color", "never"]);
        let output = command.stdin(Stdio::null()).output().expect("the command starts");
        let page = String::from_utf8(output.stdout).expect("output is UTF-8");
        let total = page.lines().find(|line| line.contains("Building takes")).map(str::to_owned);
        total.unwrap_or_else(|| panic!("{page}"))
    };
    let (same, different) = (hours(true), hours(false));
    assert_ne!(same, different, "{same}");
}

#[test]
fn what_does_nothing_goes_and_parts_and_templates_are_no_rows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("templates")).expect("a folder");
    let template =
        "{ pkgs }: pkgs.stdenv.mkDerivation { pname = \"yours\"; buildPhase = \"make\"; }\n";
    std::fs::write(folder.path().join("templates/default.nix"), template).expect("a file");
    let text = "{ pkgs, steamed, ... }: { home.packages = [
  (pkgs.chromium.overrideAttrs (_: { patches = [ ./a.patch ]; }))
  (pkgs.atuin.overrideAttrs (old: {
    patches = [ ./b.patch ];
    cargoDeps = old.cargoDeps.overrideAttrs (_: { patches = [ ./b.patch ]; });
  }))
  (pkgs.steam.override { extraPkgs = p: [ p.hello ]; })
  (steamed.heroic.override { extraPkgs = p: [ p.hello ]; })
]; }
";
    std::fs::write(folder.path().join("home.nix"), text).expect("a file");
    let (output, _) = fixed(folder.path());
    let page = String::from_utf8_lossy(&output.stdout);
    let lost = "  chromium  home.nix:2\n    wrapper (patches); made here; nothing is compiled\n    \
                `patches` reach only the wrapper, and do nothing there\n";
    assert!(page.contains(lost), "{page}");
    assert!(page.contains("steam  home.nix:7\n    wrapper (extraPkgs); made here"), "{page}");
    assert!(page.contains("handed in from elsewhere; with this change no cache has it"), "{page}");
    assert!(!page.contains("cargoDeps.") && !page.contains("old.cargoDeps"), "{page}");
    assert!(!page.contains("yours"), "{page}");
    assert!(page.contains("4 rows: 1 to remove, 0 to move, 1 to review, 2 to keep."), "{page}");
}

/// The audit goes by what the rule mass-rebuild-overlay goes by, in scopes too.
#[test]
fn an_override_in_a_scope_that_rebuilds_much_is_to_be_moved() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/rules/mass-rebuild-overlay/what-scopes-change");
    let rows = |only: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
        command.current_dir(&case).args(["audit", "--root", ".", "--format", "json"]);
        let output = command.args(["--only", only]).output().expect("the command starts");
        let audit: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        audit["rows"].as_array().expect("rows").clone()
    };
    let moved = rows("move");
    assert!(!moved.is_empty());
    assert!(
        moved.iter().all(|row| row["why"].as_str().is_some_and(|why| why.contains("rebuilds")))
    );
}
