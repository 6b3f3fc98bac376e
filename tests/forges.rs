//! What forges run: the action, the workflows, the snippets of the guide, held against schemas that
//! are not ours, and their scripts, run as a runner would. And what the crate holds.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Holds `files` against a schema that the validator brings along. Skips itself where there is none,
/// unless `FRUGIX_REQUIRE_SCHEMAS=1`.
fn check(schema: &str, files: &[PathBuf]) {
    let installed = Command::new("check-jsonschema").arg("--version").output().is_ok();
    let required = env::var("FRUGIX_REQUIRE_SCHEMAS").is_ok_and(|value| value == "1");
    assert!(!required || installed, "FRUGIX_REQUIRE_SCHEMAS=1, but check-jsonschema is missing");
    if !installed {
        eprintln!("skipped: needs check-jsonschema");
        return;
    }
    let mut command = Command::new("check-jsonschema");
    command.args(["--builtin-schema", schema]).args(files);
    let checked = command.output().expect("the validator starts");
    let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
    assert!(checked.status.success(), "{said}");
}

/// The blocks of YAML in the guide: steps, a workflow, and a job of GitLab's.
fn snippets(folder: &Path) -> [PathBuf; 3] {
    let guide = fs::read_to_string(package().join("docs/forges.md")).expect("the guide is read");
    let blocks = guide.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let blocks: Vec<&str> = blocks.collect();
    let [steps, workflow, gitlab] = blocks.as_slice() else { panic!("three blocks: {blocks:?}") };
    let steps = steps.replace("- uses", "      - uses");
    let steps = format!("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{steps}");
    let texts = [("steps.yml", steps.as_str()), ("workflow.yml", workflow), ("gitlab.yml", gitlab)];
    texts.map(|(name, text)| {
        let path = folder.join(name);
        fs::write(&path, text).expect("a snippet is written");
        path
    })
}

#[test]
fn what_forges_read_is_what_their_schemas_allow() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let [steps, workflow, gitlab] = snippets(scratch.path());
    let ours = ["check.yml", "release.yml"];
    let ours = ours.map(|name| package().join(".github/workflows").join(name));
    check("vendor.github-workflows", &[ours.to_vec(), vec![steps, workflow]].concat());
    check("vendor.github-actions", &[package().join("action.yml")]);
    check("vendor.gitlab-ci", &[gitlab]);
}

#[test]
fn the_guide_names_inputs_that_the_action_has() {
    let action = fs::read_to_string(package().join("action.yml")).expect("the action is read");
    let guide = fs::read_to_string(package().join("docs/forges.md")).expect("the guide is read");
    let sentence = guide.split("The inputs ").nth(1).and_then(|rest| rest.split(" are ").next());
    for input in sentence.expect("a sentence on inputs").split('`').skip(1).step_by(2) {
        assert!(action.contains(&format!("\n  {input}:\n")), "{input}");
        assert!(action.contains(&format!("${{{{ inputs.{input} }}}}")), "{input}");
    }
}

/// A runner: a folder of programs before all others, and one for what it keeps.
struct Runner {
    folder: TempDir,
}

impl Runner {
    /// With a `curl` that hands out the files of `served`, and the program itself.
    fn new() -> Runner {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["bin", "served", "temp", "tree"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let runner = Runner { folder };
        runner.script("curl", "for word; do [ \"$before\" = --output ] && to=$word; before=$word; done\ncp \"$SERVED/${word#https://github.com/frugix/frugix/releases/}\" \"$to\"\n");
        let program = Path::new(env!("CARGO_BIN_EXE_frugix"));
        std::os::unix::fs::symlink(program, runner.path("bin/frugix")).expect("a link");
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn script(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}")).expect("a script");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script");
    }

    /// Runs a script of the action.
    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let path = env::var("PATH").unwrap_or_default();
        Command::new(package().join(".github/action").join(script))
            .current_dir(self.path("tree"))
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("SERVED", self.path("served"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("path"))
            .env_remove("FRUGIX_OUTPUT_FORMAT")
            .envs(variables.iter().copied())
            .output()
            .expect("the script starts")
    }

    /// Serves a release for 64-bit Linux in `folder`, with its checksum. What it holds is only called
    /// frugix, and small.
    fn release(&self, folder: &str) -> PathBuf {
        self.script("released", "echo frugix 0.1.0");
        let folder = self.path("served").join(folder);
        fs::create_dir_all(&folder).expect("a folder");
        let script = "tar czf \"$1\" -C \"$2\" --transform s/released/frugix/ released && sha256sum \"$1\" >\"$1.sha256\"";
        let made = Command::new("sh")
            .current_dir(&folder)
            .args(["-c", script, "sh", "frugix-x86_64-unknown-linux-gnu.tar.gz"])
            .arg(self.path("bin"))
            .status();
        assert!(made.expect("sh starts").success());
        folder
    }
}

#[test]
fn the_action_installs_what_was_released() {
    for (version, folder) in [("latest", "latest/download"), ("v0.1.0", "download/v0.1.0")] {
        let runner = Runner::new();
        let served = runner.release(folder);
        let output = runner.run("install.sh", &[("FRUGIX_VERSION", version)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let path = fs::read_to_string(runner.path("path")).expect("the path is added to");
        let installed = Path::new(path.trim()).join("frugix");
        let answer = Command::new(installed).output().expect("what is installed runs");
        assert_eq!(answer.stdout, b"frugix 0.1.0\n");

        let archive = served.join("frugix-x86_64-unknown-linux-gnu.tar.gz");
        fs::write(archive, "something else").expect("a file");
        let output = runner.run("install.sh", &[("FRUGIX_VERSION", version)]);
        assert!(!output.status.success(), "another archive than the checksum's is taken");
    }
    let output = Runner::new().run("install.sh", &[("RUNNER_OS", "Windows")]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("::error::there is no release"), "{said}");
}

#[test]
fn the_action_annotates_and_takes_arguments_as_words() {
    let runner = Runner::new();
    let text = "final: prev: { hi = prev.hello.override { }; }\n";
    fs::write(runner.path("tree/overlay.nix"), text).expect("a file");
    let run = |arguments: &str, format: &str, file: &str| {
        let variables = [
            ("FRUGIX_ARGS", arguments),
            ("FRUGIX_OUTPUT_FORMAT", format),
            ("FRUGIX_OUTPUT_FILE", file),
        ];
        let output = runner.run("lint.sh", &variables);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code(), said)
    };
    let (code, said) = run("", "github", "");
    assert!(code == Some(1) && said.contains("::warning"), "{said}");
    let (code, said) = run("--exit-zero\noverlay.nix", "sarif", "found.sarif");
    assert_eq!(code, Some(0), "{said}");
    let sarif = fs::read_to_string(runner.path("tree/found.sarif")).expect("a file is written");
    assert!(sarif.contains("needless-override"));
    let (code, said) = run("$(touch made) *;", "github", "");
    assert_eq!(code, Some(2), "{said}");
    assert!(!runner.path("tree/made").exists());
}

#[test]
fn the_crate_holds_what_it_is_built_from_and_nothing_else() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(package())
        .args(["package", "--list", "--allow-dirty", "--offline", "--quiet"])
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let expected = [
        ".cargo_vcs_info.json",
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "Cargo.toml.orig",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
    ];
    let is_source = |path: &&str| path.starts_with("src/") || path.starts_with("rules/");
    let others: Vec<&str> =
        listed.lines().filter(|path| !is_source(path) && !expected.contains(path)).collect();
    assert_eq!(others, [] as [&str; 0]);
    for path in ["src/main.rs", "rules/mod.rs", "rules/knowledge/packages.toml", "LICENSE-MIT"] {
        assert!(listed.lines().any(|listed| listed == path), "{path}");
    }
}
