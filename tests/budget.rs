//! `frugix budget` as a shell sees it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const HOST: &str = "[host.box]\nthreads = 8\nmemory = \"16GiB\"\nprofile = \"box.nix\"\n\
                    [packages.a]\nmemory-per-process = \"2GiB\"\n\
                    [packages.b]\nmemory-per-process = \"2GiB\"\n";

const PROFILE: &str = "{\n  system.hostname = \"box\";\n  build.parallelism = {\n    \
                       maxJobs = 2; # both\n    maxCores = 6;\n  };\n}\n";

const HOME: &str = "{ pkgs, lib, ... }:\nlet\n  inherit ((import ./box.nix).build) parallelism;\nin\n{\n  \
    nix.settings.max-jobs = parallelism.maxJobs;\n  nix.settings.cores = parallelism.maxCores;\n  \
    home.packages = [\n    (pkgs.rustPlatform.buildRustPackage { pname = \"a\"; CARGO_BUILD_JOBS = 1; })\n    \
    (pkgs.rustPlatform.buildRustPackage { pname = \"b\"; NIX_BUILD_CORES = 2; })\n  ];\n}\n";

/// Two packages of 2 GiB a process on a machine that has 14 for builds.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in [("frugix.toml", HOST), ("box.nix", PROFILE), ("home.nix", HOME)] {
        fs::write(folder.path().join(name), text).expect("a file is written");
    }
    folder
}

fn budget(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frugix"))
        .current_dir(folder)
        .arg("budget")
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .expect("the command starts")
}

fn json(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = budget(folder, &[arguments, &["--format", "json"]].concat());
    let code = output.status.code().expect("the command was not killed");
    assert_ne!(code, 2, "{}", String::from_utf8_lossy(&output.stderr));
    (code, serde_json::from_slice(&output.stdout).expect("the output is JSON"))
}

fn gib(value: &Value) -> f64 {
    value.as_f64().expect("a number") / f64::from(1_u32 << 30)
}

#[test]
fn the_worst_case_is_held_against_the_machine() {
    let folder = tree();
    let (code, found) = json(folder.path(), &[]);
    assert_eq!(code, 1);
    assert_eq!(found["settings"]["max_jobs"], 2);
    assert_eq!(found["settings"]["pairs"][0]["max_jobs"]["defined_at"]["path"], "box.nix");
    let a = &found["packages"][0];
    assert_eq!((a["name"].as_str(), a["processes"].as_u64()), (Some("a"), Some(6)));
    assert_eq!(a["ignored"][0]["name"], "CARGO_BUILD_JOBS");
    assert_eq!((a["origin"].as_str(), a["basis"].as_str()), (Some("own"), Some("measured")));
    let worst = &found["worst_case"];
    assert_eq!(worst["packages"], serde_json::json!(["a", "b"]));
    assert_eq!((gib(&worst["peak_bytes"]), gib(&worst["limit_bytes"])), (16.0, 14.0));
    assert_eq!((gib(&worst["margin_bytes"]), &worst["fits"]), (-2.0, &Value::Bool(false)));
}

#[test]
fn suggestions_fit_and_the_best_comes_first() {
    let folder = tree();
    let (_, found) = json(folder.path(), &[]);
    let best = &found["suggestions"][0];
    assert_eq!((best["max_jobs"].as_u64(), best["cores"].as_u64()), (Some(3), Some(4)));
    for plan in found["suggestions"].as_array().expect("a list") {
        assert!(gib(&plan["peak_bytes"]) <= 14.0, "{plan}");
        let jobs = plan["max_jobs"].to_string();
        let cores = plan["cores"].to_string();
        let what_if = json(folder.path(), &["--max-jobs", &jobs, "--cores", &cores]);
        assert_eq!(what_if.0, 0, "{plan}");
    }
}

#[test]
fn what_if_changes_nothing_on_disk() {
    let folder = tree();
    assert_eq!(json(folder.path(), &["--max-jobs", "1"]).0, 0);
    assert_eq!(json(folder.path(), &["--cores", "4"]).0, 0);
    let (code, found) = json(folder.path(), &["--set", "build.parallelism.maxJobs=1"]);
    assert_eq!((code, found["settings"]["max_jobs"].as_u64()), (0, Some(1)));
    assert_eq!(fs::read_to_string(folder.path().join("box.nix")).expect("a file"), PROFILE);
}

/// A flake's settings are its own: an option is another, though both are written `max-jobs`.
#[test]
fn what_if_of_an_option_leaves_the_flake_alone() {
    let folder = tree();
    let flake = "{ nixConfig.max-jobs = 2; nixConfig.cores = 3; outputs = _: { }; }\n";
    fs::write(folder.path().join("flake.nix"), flake).expect("a file is written");
    let settings = |set: &str| {
        let (_, found) = json(folder.path(), &["--set", set]);
        let pairs = found["settings"]["pairs"].as_array().expect("a list").clone();
        let jobs = |pair: &Value| {
            let jobs = &pair["max_jobs"];
            let path = jobs["defined_at"]["path"].as_str().expect("a path");
            format!("{path} {}", jobs["value"])
        };
        let mut jobs: Vec<String> = pairs.iter().map(jobs).collect();
        jobs.sort();
        jobs
    };
    assert_eq!(settings("nixConfig.max-jobs=5"), ["box.nix 2", "flake.nix 5"]);
    assert_eq!(settings("nix.settings.max-jobs=5"), ["box.nix 5", "flake.nix 2"]);
}

#[test]
fn the_best_suggestion_is_written_where_the_numbers_are_defined() {
    let folder = tree();
    let output = budget(folder.path(), &["--apply"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let written = fs::read_to_string(folder.path().join("box.nix")).expect("a file");
    let expected = PROFILE.replace("maxJobs = 2", "maxJobs = 3").replace("= 6", "= 4");
    assert_eq!(written, expected);
    assert_eq!(fs::read_to_string(folder.path().join("home.nix")).expect("a file"), HOME);
}

/// Two hosts whose numbers stand in one file, and a flake that says more than its host bears.
#[test]
fn suggestions_of_several_hosts_are_written_into_one_file() {
    let flake = "{\n  nixConfig = { max-jobs = 9; cores = 8; };\n  outputs = { nixpkgs, ... }: {\n\
        \x20   nixosConfigurations.a = nixpkgs.lib.nixosSystem {\n\
        \x20     modules = [ { nix.settings.max-jobs = 8; nix.settings.cores = 8; } ];\n    };\n\
        \x20   nixosConfigurations.b = nixpkgs.lib.nixosSystem {\n\
        \x20     modules = [ { nix.settings.max-jobs = 6; nix.settings.cores = 4; } ];\n    };\n  };\n}\n";
    let hosts =
        "[host.a]\nthreads = 8\nmemory = \"16GiB\"\n[host.b]\nthreads = 4\nmemory = \"8GiB\"\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("flake.nix"), flake).expect("a file is written");
    fs::write(folder.path().join("frugix.toml"), hosts).expect("a file is written");
    let output = budget(folder.path(), &["--apply"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let written = fs::read_to_string(folder.path().join("flake.nix")).expect("a file");
    let expected = flake
        .replace("max-jobs = 9; cores = 8;", "max-jobs = 3; cores = 2;")
        .replace("max-jobs = 8; nix.settings.cores = 8", "max-jobs = 2; nix.settings.cores = 6")
        .replace("max-jobs = 6; nix.settings.cores = 4", "max-jobs = 3; nix.settings.cores = 2");
    assert_eq!(written, expected, "{said}");
}

#[test]
fn the_page_shows_what_it_reckons_with() {
    let folder = tree();
    let output = budget(folder.path(), &[]);
    let page = String::from_utf8(output.stdout).expect("text");
    for words in [
        "box  8 threads, 16 GiB",
        "box.nix:4, read at home.nix:6",
        "a 12 GiB + b 4 GiB = 16 GiB",
        "2 GiB too much",
        "a: CARGO_BUILD_JOBS asks for 1 (home.nix:9) in vain",
        "max-jobs  3, cores  4",
    ] {
        assert!(page.contains(words), "{words} is not in\n{page}");
    }
}

#[test]
fn mistakes_exit_with_2() {
    let folder = tree();
    for (arguments, words) in [
        (&["--host", "other"][..], "there is no host `other`; known are box"),
        (&["--set", "build.parallelism.maxJob=1"], "did you mean `build.parallelism.maxJobs`?"),
        (&["--set", "build"], "--set PATH=VALUE"),
        (&["--set", "build.parallelism.maxJobs=two"], "this is no value"),
        (&["--set", "build.parallelism.maxJobs=[ 1"], "this is no value"),
        (&["--apply", "--max-jobs", "1"], "cannot be used with"),
        (&["missing"], "cannot open missing"),
    ] {
        let output = budget(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn without_known_memory_only_the_threads_are_judged() {
    let folder = tree();
    let host = "[host.box]\nthreads = 8\n";
    fs::write(folder.path().join("frugix.toml"), host).expect("a file is written");
    let (code, found) = json(folder.path(), &[]);
    assert_eq!((code, &found["worst_case"]["fits"]), (0, &Value::Null));
    assert_eq!(json(folder.path(), &["--max-jobs", "3"]).0, 1);
}

#[test]
fn this_machine_can_be_asked_about() {
    let folder = tree();
    let (_, found) = json(folder.path(), &["--host", "local"]);
    assert!(found["host"]["threads"].as_u64().is_some_and(|threads| threads > 0));
}

/// What the owner of the showcase reckons for `max-jobs = 2` and `cores = 6`, and what is true.
///
/// > Build 1: Codex (Rust)
/// >   - CARGO_BUILD_JOBS=3 × ~3GB/process = ~9GB peak
/// > Build 2: ONNX Runtime (C++/CUDA)
/// >   - ninjaJobs=1 + mold linker = ~4GB peak
/// > Total Peak: 9GB + 4GB = 13GB
/// > Available: 28GB (16GB + 12GB zram)
/// > Margin: 15GB (safe)
/// >
/// > Worst Case (ONNX + Codex both linking):
/// > ONNX linking (mold): ~4GB
/// > Codex linking: ~6GB (single-threaded)
/// > Total: ~10GB (safe)
///
/// | Package | Memory Peak |
/// |---|---|
/// | ONNX Runtime | 4GB |
/// | Codex | 9GB |
/// | ck-search | 3GB |
/// | NPM servers (×5) | 6GB |
/// | TeXLive | 1GB |
#[test]
fn the_owner_s_table_holds_where_its_reasoning_does() {
    let showcase = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let (code, found) = json(&showcase, &["--root", ".", "--max-jobs", "2", "--cores", "6"]);
    assert_eq!(code, 1);
    let package = |name: &str| {
        let packages = found["packages"].as_array().expect("a list");
        packages.iter().find(|package| package["name"] == name).expect("a package").clone()
    };
    let ignored = |name: &str| {
        let ignored = &package(name)["ignored"][0];
        (ignored["name"].clone(), ignored["why"].as_str().expect("a reason").to_owned())
    };

    // 28 GB are there before the reserve, if what lies in zram took no memory.
    let host = &found["host"];
    assert_eq!((gib(&host["memory_bytes"]), gib(&host["zram_bytes"])), (16.0, 12.0));

    // ONNX Runtime: 4 GB, but not because of ninjaJobs. Six processes run, and the link takes more.
    let onnx = package("onnxruntime");
    assert_eq!((gib(&onnx["peak_bytes"]), onnx["phase"].as_str()), (4.0, Some("link")));
    assert_eq!((onnx["basis"].as_str(), onnx["processes"].as_u64()), (Some("measured"), Some(6)));
    let (name, why) = ignored("onnxruntime");
    assert_eq!(name, "ninjaFlags");
    assert!(why.contains("ninja is not among nativeBuildInputs"), "{why}");

    // Codex: 3 GB a process holds, three processes do not: 18 GB, not 9.
    let codex = package("codex");
    assert_eq!((gib(&codex["peak_bytes"]), codex["phase"].as_str()), (18.0, Some("compile")));
    assert_eq!((codex["basis"].as_str(), codex["processes"].as_u64()), (Some("measured"), Some(6)));
    let (name, why) = ignored("codex");
    assert_eq!(name, "CARGO_BUILD_JOBS");
    assert!(why.contains("-j $NIX_BUILD_CORES"), "{why}");

    // With three processes, as the owner wants it, the table would hold: 9 + 4 = 13.
    let cap = "[packages.codex]\nprocesses = 3\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let capped = folder.path().join("frugix.toml");
    let own = fs::read_to_string(showcase.join("frugix.toml")).expect("a file");
    let own = own.replace("[packages.codex]\n", cap);
    let own = own
        .replace("profile = \"profiles", &format!("profile = \"{}/profiles", showcase.display()));
    fs::write(&capped, own).expect("a file is written");
    let path = capped.to_str().expect("a path that is text");
    let (_, wanted) =
        json(&showcase, &["--root", ".", "--max-jobs", "2", "--cores", "6", "--config", path]);
    let packages = wanted["packages"].as_array().expect("a list");
    let peak = |name: &str| {
        let package = packages.iter().find(|package| package["name"] == name);
        gib(&package.expect("a package")["peak_bytes"])
    };
    assert_eq!((peak("codex"), peak("onnxruntime")), (9.0, 4.0));

    // ck-search: 2 to 4 GB in the text, 3 in the table; and it is built after what it is made of.
    let ck = package("ck-search");
    assert_eq!(gib(&ck["peak_bytes"]), 4.0);
    assert!(ck["after"].as_array().expect("a list").contains(&"onnxruntime".into()));

    // The heap that Node is allowed, 4 GB, is what it may take; the owner counts 1 to 2 GB of it.
    assert_eq!(gib(&package("firecrawl-mcp")["peak_bytes"]), 4.0);

    // Nor is all of 28 GB for builds: the daemon is slowed down from 20 GiB on.
    let worst = &found["worst_case"];
    assert_eq!((gib(&worst["limit_bytes"]), &worst["limited_by"]), (20.0, &"MemoryHigh".into()));
    assert!(gib(&worst["peak_bytes"]) > 20.0 && worst["fits"] == false);
}
