//! Figures that nobody has, wherever a number can stand: too large, below nothing, no number at all.

use std::fs;
use std::path::Path;

use super::harness::package;
use super::program::run;

/// What Nix can say in place of a number.
const FIGURES: &[&str] = &[
    "9223372036854775807",
    "(-9223372036854775807 - 1)",
    "0",
    "1.0e308",
    "(1.0e308 * 10)",
    "1.0e-308",
    "\"9223372036854775807\"",
    "\"nan\"",
    "18446744073709551615",
];

/// What JSON can.
const IN_JSON: &[&str] =
    &["18446744073709551615", "9223372036854775808", "-1", "1e308", "0", "\"8\"", "null"];

/// `text` with `figure` in place of every number that is a value.
fn with_figures(text: &str, figure: &str) -> String {
    let value = |line: &str| {
        let (name, value) = line.split_once(" = ")?;
        let number = value.strip_suffix(';')?.trim_matches('"');
        let is_number = number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_number.then(|| format!("{name} = {figure};"))
    };
    let lines = text.lines().map(|line| value(line).unwrap_or_else(|| line.to_owned()) + "\n");
    lines.collect()
}

fn copied(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("the fixture is ours");
        let path = to.join(entry.path().strip_prefix(from).expect("inside"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(path).expect("a folder is made");
        } else {
            fs::copy(entry.path(), path).expect("a copy");
        }
    }
}

/// Every face looks at the folder, and nothing in frugix fails.
fn assert_borne(folder: &Path, figure: &str) {
    for arguments in [
        &["lint", "--select", "ALL", "--fix", "--unsafe-fixes", "--diff"][..],
        &["budget"],
        &["audit"],
    ] {
        let ended = run(folder, arguments);
        let is_fine = [0, 1].contains(&ended.code()) && !ended.stderr.contains("has a fault");
        assert!(is_fine, "{figure}, {arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn figures_of_a_profile() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fixture = package().join("fixtures/shoshin");
    copied(&fixture, folder.path());
    let profile = "profiles/hardware/shoshin.nix";
    let text = fs::read_to_string(fixture.join(profile)).expect("a profile");
    for figure in FIGURES {
        let changed = with_figures(&text, figure);
        assert!(changed.matches(figure).count() > 20, "{changed}");
        fs::write(folder.path().join(profile), changed).expect("a file is written");
        assert_borne(folder.path(), figure);
    }
}

#[test]
fn figures_of_settings() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let put = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("a file is written");
    };
    put("frugix.toml", "[host.box]\nthreads = 4294967295\nmemory = \"16777215TiB\"\n");
    for figure in FIGURES {
        let home = format!(
            "{{ pkgs, lib, ... }}: {{ nix.settings = {{ max-jobs = {figure}; cores = {figure}; \
             timeout = {figure}; max-silent-time = lib.mkForce {figure}; min-free = {figure}; }};\n\
             nix.buildMachines = [ {{ hostName = \"x\"; maxJobs = {figure}; speedFactor = {figure}; }} ];\n\
             zramSwap = {{ enable = true; memoryPercent = {figure}; memoryMax = {figure}; }};\n\
             boot.tmp = {{ useTmpfs = true; tmpfsSize = {figure}; }};\n\
             systemd.services.nix-daemon.serviceConfig = {{ MemoryMax = {figure}; MemoryHigh = {figure}; }};\n\
             environment.systemPackages = [ (pkgs.chromium.overrideAttrs (old: {{ meta = old.meta // {{ \
             timeout = {figure}; maxSilent = {figure}; }}; NIX_BUILD_CORES = {figure}; \
             CARGO_BUILD_JOBS = {figure}; NODE_OPTIONS = \"--max-old-space-size=\" + toString {figure}; \
             preBuild = \"export NIX_BUILD_CORES=99999999999999999999999 GOMAXPROCS=$((NIX_BUILD_CORES > 9999999999999999999999 ? 4 : NIX_BUILD_CORES))\"; \
             }})) ]; }}\n"
        );
        put("configuration.nix", &home);
        assert_borne(folder.path(), figure);
    }
}

#[test]
fn figures_of_a_report_on_the_machine() {
    let fixture = package().join("fixtures/rules/cpu-over-budget/facter-report");
    let folder = tempfile::tempdir().expect("a temporary folder");
    copied(&fixture, folder.path());
    for figure in IN_JSON {
        let processor = format!("{{ \"siblings\": {figure} }}");
        let range = format!("{{ \"type\": \"phys_mem\", \"range\": {figure} }}");
        let report = format!(
            "{{ \"version\": 1, \"hardware\": {{ \"cpu\": [{processor}, {processor}], \
             \"memory\": [{{ \"resources\": [{range}, {range}] }}] }} }}"
        );
        fs::write(folder.path().join("facter.json"), report).expect("a file is written");
        assert_borne(folder.path(), figure);
    }
}
