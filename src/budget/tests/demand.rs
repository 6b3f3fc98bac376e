//! What trees make a host build, and what that takes.

use std::path::Path;
use std::sync::Arc;

use crate::budget::{
    BoundBy, Budget, Demand, HostDemand, LocalBuild, Parallelism, Phase, Processes,
};
use crate::config::{Bytes, Config};
use crate::eval::Program;
use crate::facts::{Facts, collect};
use crate::hir;
use crate::knowledge::{Basis, Knowledge};
use crate::source::{Discovery, Tree};
use crate::syntax::parse;

pub(super) fn facts(tree: &Tree) -> Facts {
    let lower = |text: &str| Some(Arc::new(hir::lower(&parse(text).ok()?).into()));
    let files: Vec<_> =
        tree.files().iter().map(|file| lower(&tree.source(*file).ok()?.text)).collect();
    collect(Program::new(tree, &files), Knowledge::builtin())
}

fn config(text: &str) -> Config {
    let host = "[host.box]\nthreads = 8\nmemory = \"16GiB\"\nzram = \"12GiB\"\n";
    let text = format!("{host}{text}");
    Config::load_with(Path::new("/tree/frugix.toml"), &|_| Ok(text.clone())).unwrap()
}

/// What is built on the one host of `config`.
fn on_host(tree: &Tree, config: &Config) -> HostDemand {
    let facts = facts(tree);
    let budget = Budget::new(tree, config, &facts);
    let demand = Demand::new(tree, Knowledge::builtin(), config, &facts);
    let host = budget.hosts.iter().find(|host| host.is_configured).unwrap();
    demand.on(host, config, &facts)
}

fn demand(files: &[(&str, &str)], settings: &str) -> HostDemand {
    on_host(&Tree::in_memory(Path::new("/tree"), files.iter().copied()), &config(settings))
}

/// The only build of a module with `body` in its `home.packages`.
fn only(body: &str) -> LocalBuild {
    let text = format!("{{ pkgs, lib, inputs, ... }}: {{ home.packages = [ ({body}) ]; }}");
    let mut found = demand(&[("home.nix", &text)], "").builds;
    assert_eq!(found.len(), 1, "{body}: {found:?}");
    found.remove(0)
}

fn processes(body: &str) -> Processes {
    only(body).processes
}

#[test]
fn processes_are_those_that_really_run() {
    use Processes::{AtMost, Cores, Fixed, Threads};
    let rust = |more: &str| {
        processes(&format!("pkgs.rustPlatform.buildRustPackage {{ pname = \"a\"; {more} }}"))
    };
    assert_eq!(rust(""), Cores);
    assert_eq!(rust("CARGO_BUILD_JOBS = \"3\";"), Cores);
    assert_eq!(rust("env.CARGO_BUILD_JOBS = 3;"), Cores);
    assert_eq!(rust("enableParallelBuilding = false;"), Cores);
    assert_eq!(rust("NIX_BUILD_CORES = 4;"), Fixed(4));
    assert_eq!(rust("env.NIX_BUILD_CORES = 4;"), Fixed(4));
    assert_eq!(rust("NIX_BUILD_CORES = 0;"), Threads);
    assert_eq!(rust("preBuild = \"export NIX_BUILD_CORES=2\";"), Fixed(2));
    let cap = "$((NIX_BUILD_CORES > 4 ? 4 : NIX_BUILD_CORES))";
    assert_eq!(rust(&format!("preBuild = ''export NIX_BUILD_CORES={cap}'';")), AtMost(4));
    let own = "CARGO_BUILD_JOBS = 2; buildPhase = \"cargo build --release\";";
    assert_eq!(rust(own), Fixed(2));

    let plain =
        |more: &str| processes(&format!("pkgs.stdenv.mkDerivation {{ pname = \"a\"; {more} }}"));
    assert_eq!(plain(""), Fixed(1));
    assert_eq!(plain("enableParallelBuilding = true;"), Cores);
    assert_eq!(plain("nativeBuildInputs = [ pkgs.cmake ];"), Cores);
    assert_eq!(
        plain("nativeBuildInputs = [ pkgs.cmake ]; enableParallelBuilding = false;"),
        Fixed(1)
    );
    let ninja = "nativeBuildInputs = [ pkgs.cmake pkgs.ninja ];";
    assert_eq!(plain(&format!("{ninja} ninjaFlags = [ \"-j3\" ];")), Fixed(3));
    assert_eq!(plain("nativeBuildInputs = [ pkgs.cmake ]; ninjaFlags = [ \"-j3\" ];"), Cores);
    assert_eq!(
        plain("nativeBuildInputs = [ pkgs.cmake ]; makeFlags = [ \"-j\" \"2\" ];"),
        Fixed(2)
    );
    assert_eq!(plain(&format!("{ninja} makeFlags = [ \"-j2\" ];")), Cores);
    assert_eq!(plain("buildPhase = \"make\";"), Fixed(1));
    assert_eq!(plain("buildPhase = \"make -j$NIX_BUILD_CORES\";"), Cores);
    assert_eq!(plain("buildPhase = \"cargo build\";"), Threads);

    assert_eq!(processes("pkgs.buildGoModule { pname = \"a\"; GOFLAGS = [ \"-p=3\" ]; }"), Cores);
    assert_eq!(processes("pkgs.buildNpmPackage { pname = \"a\"; }"), Fixed(1));
    assert_eq!(
        processes("pkgs.craneLib.buildPackage { pname = \"a\"; CARGO_BUILD_JOBS = 3; }"),
        Fixed(3)
    );
}

#[test]
fn limits_that_nothing_reads_are_kept_to_be_told() {
    let build =
        only("pkgs.rustPlatform.buildRustPackage { pname = \"a\"; CARGO_BUILD_JOBS = \"3\"; }");
    let idle: Vec<_> =
        build.idle.iter().map(|limit| (limit.name.as_str(), limit.asked.as_str())).collect();
    assert_eq!(idle, [("CARGO_BUILD_JOBS", "3")]);
}

#[test]
fn memory_is_processes_times_one_or_the_link() {
    let npm = only(
        "pkgs.buildNpmPackage { pname = \"a\"; NODE_OPTIONS = \"--max-old-space-size=4096\"; }",
    );
    assert_eq!(npm.peak(8, Some(8)).map(|peak| peak.bytes), Some(Bytes::gibibytes(4)));
    let rust = only("pkgs.rustPlatform.buildRustPackage { pname = \"a\"; }");
    assert_eq!(rust.peak(8, Some(8)).map(|peak| peak.bytes), Some(Bytes::gibibytes(4)));
    let link = rust.peak(1, Some(8)).unwrap();
    assert_eq!((link.bytes, link.basis), (Bytes::mebibytes(512), Basis::Estimate));
    let fat = only(
        "pkgs.rustPlatform.buildRustPackage { pname = \"a\"; CARGO_PROFILE_RELEASE_LTO = \"fat\"; }",
    );
    let link = fat.peak(2, Some(8)).unwrap();
    assert_eq!((link.bytes, link.phase), (Bytes::gibibytes(3), Phase::Link));
}

#[test]
fn what_frugix_toml_says_counts() {
    let text = "{ pkgs, ... }: { home.packages = [ (pkgs.rustPlatform.buildRustPackage { pname = \"a\"; }) ]; }";
    let with = |said: &str| {
        let demand = demand(&[("home.nix", text)], &format!("[packages.a]\n{said}"));
        demand.builds[0].peak(8, Some(8)).unwrap()
    };
    assert_eq!(with("memory-per-process = \"3GiB\"").bytes, Bytes::gibibytes(24));
    assert_eq!(with("memory-per-process = \"3GiB\"\nprocesses = 3").bytes, Bytes::gibibytes(9));
    let peak = with("peak = \"10GiB\"");
    assert_eq!((peak.bytes, peak.basis), (Bytes::gibibytes(10), Basis::Measured));
}

#[test]
fn what_is_not_compiled_is_no_demand() {
    let text = "{ pkgs, ... }: { home.packages = [ (pkgs.brave.override { commandLineArgs = \"x\"; }) (pkgs.python3.override { packageOverrides = final: prev: { }; }) (pkgs.writeShellScriptBin \"a\" \"b\") (pkgs.stdenv.mkDerivation { pname = \"b\"; dontBuild = true; }) ]; }";
    assert!(demand(&[("home.nix", text)], "").builds.is_empty());
}

#[test]
fn an_override_of_a_derivation_of_the_tree_is_built_once() {
    let text = "{ pkgs, ... }: let a = pkgs.rustPlatform.buildRustPackage { pname = \"a\"; CARGO_BUILD_JOBS = 2; }; in { home.packages = [ (a.overrideAttrs (old: { NIX_BUILD_CORES = 3; })) ]; }";
    let builds = demand(&[("home.nix", text)], "").builds;
    let found: Vec<_> = builds.iter().map(|build| (&*build.name, build.processes)).collect();
    assert_eq!(found, [("a", Processes::Fixed(3))]);
}

#[test]
fn the_daemon_may_be_allowed_less_than_there_is() {
    let module = |value: &str| {
        format!(
            "{{ config, pkgs, ... }}: {{ systemd.services.nix-daemon.serviceConfig.MemoryMax = {value}; }}"
        )
    };
    let flake = "{ outputs = { nixpkgs, ... }: { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; }; }; }";
    let limit = |value: &str| {
        demand(&[("flake.nix", flake), ("box.nix", &module(value))], "").limit.unwrap()
    };
    assert_eq!(limit("\"8G\"").bytes, Bytes::gibibytes(8));
    assert!(matches!(limit("\"8G\"").by, BoundBy::DaemonMax(_)));
    assert_eq!(limit("\"50%\"").bytes, Bytes::gibibytes(8));
    for larger in ["\"64G\"", "\"infinity\"", "\"…\""] {
        assert_eq!(
            (limit(larger).bytes, limit(larger).by),
            (Bytes::gibibytes(26), BoundBy::Machine)
        );
    }
}

#[test]
fn as_many_jobs_as_have_room() {
    let package =
        |name: &str| format!("(pkgs.rustPlatform.buildRustPackage {{ pname = \"{name}\"; }})");
    let all: String = ["a", "b", "c"].map(package).join(" ");
    let text = format!("{{ pkgs, ... }}: {{ home.packages = [ {all} ]; }}");
    let each = |gib: u64| {
        let settings: String = ["a", "b", "c"]
            .map(|name| format!("[packages.{name}]\npeak = \"{gib}GiB\"\n"))
            .concat();
        demand(&[("home.nix", &text)], &settings)
    };
    assert_eq!(each(8).most_jobs(4, 8), Some(8));
    assert_eq!(each(10).most_jobs(4, 8), Some(2));
    assert_eq!(each(27).most_jobs(4, 8), None);
    let worst = each(10).worst_case(Parallelism { jobs: 2, cores: 4 });
    assert_eq!((worst.builds.len(), worst.bytes), (2, Bytes::gibibytes(20)));
}

#[test]
fn the_figures_of_the_showcase() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let tree = Tree::open(&root, &Discovery::default()).unwrap();
    let config = Config::load(&root.join("frugix.toml")).unwrap();
    let demand = on_host(&tree, &config);
    let of = |name: &str, cores: u64| {
        let build = demand.builds.iter().find(|build| build.name == name).expect(name);
        let peak = build.peak(cores, Some(8)).unwrap();
        (peak.bytes, peak.processes, peak.phase)
    };
    // As its owner reckons: mold's link is what counts.
    assert_eq!(of("onnxruntime", 6), (Bytes::gibibytes(4), 6, Phase::Link));
    // Its owner reckons with CARGO_BUILD_JOBS = 3, which nothing reads; NIX_BUILD_CORES is 6.
    assert_eq!(of("codex", 2), (Bytes::gibibytes(18), 6, Phase::Compile));
}

/// Which of the builds of `home.nix` wait for which, as `one<other`.
fn order(home: &str) -> Vec<String> {
    let text = format!(
        "{{ pkgs, lib, c, ... }}: let\n  rust = pkgs.rustPlatform.buildRustPackage;\n{home}"
    );
    let builds = demand(&[("home.nix", &text)], "").builds;
    let name = |id: &usize| builds.iter().find(|build| build.id == *id).unwrap().name.clone();
    let waits = |build: &LocalBuild| {
        build.after.iter().map(|id| format!("{}<{}", name(id), build.name)).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = builds.iter().flat_map(waits).collect();
    found.sort();
    found
}

#[test]
fn builds_wait_for_what_their_attributes_name() {
    let two = |attribute: &str| {
        order(&format!(
            "  a = rust {{ pname = \"a\"; }};
              b = rust {{ pname = \"b\"; {attribute} }};
            in {{ home.packages = [ a b ]; }}"
        ))
    };
    for attribute in [
        "buildInputs = [ a ];",
        "nativeBuildInputs = [ pkgs.cmake a ];",
        "propagatedBuildInputs = [ [ a ] ];",
        "checkInputs = lib.optional true a;",
        "src = a;",
        "TOOL = \"${a}/bin/a\";",
        "env.TOOL = \"${a}/bin/a\";",
        "preBuild = ''cp ${a}/share/x .'';",
    ] {
        assert_eq!(two(attribute), ["a<b"], "{attribute}");
    }
    for attribute in [
        "",
        "meta.x = a;",
        "passthru.tests = a;",
        "buildInputs = [ (a.overrideAttrs { x = 1; }) ];",
        "buildInputs = lib.optional c.x a;",
        "buildInputs = if c.x then [ a ] else [ ];",
    ] {
        assert_eq!(two(attribute), [""; 0], "{attribute}");
    }
}

#[test]
fn builds_wait_for_what_an_overlay_puts_in_place() {
    let overlay = "nixpkgs.overlays = [ (final: prev: { onnxruntime = prev.onnxruntime.override { cudaSupport = true; }; }) ];";
    let user = |of: &str| {
        order(&format!(
            "in {{ {overlay} home.packages = [ (rust {{ pname = \"b\"; buildInputs = [ {of} ]; }}) ]; }}"
        ))
    };
    assert_eq!(user("pkgs.onnxruntime"), ["onnxruntime<b"]);
    assert_eq!(user("pkgs.openssl"), [""; 0]);
    assert_eq!(user("(pkgs.onnxruntime.override { })"), [""; 0]);
}
