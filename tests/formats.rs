//! What is written for forges is what they say that they read: SARIF against its schema, by a
//! validator that is not ours.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the schema of SARIF 2.1.0 lies; nobody may put it into this repository.
const SCHEMA: &str = "FRUGIX_SARIF_SCHEMA";

fn frugix(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frugix"))
        .current_dir(folder)
        .args(arguments)
        .env_remove("FRUGIX_OUTPUT_FORMAT")
        .output()
        .expect("the command starts")
}

/// The schema, and a validator on the path. Without them the test skips itself, unless
/// `FRUGIX_REQUIRE_SCHEMAS=1`.
fn validator() -> Option<PathBuf> {
    let installed = Command::new("check-jsonschema").arg("--version").output().is_ok();
    let schema = env::var_os(SCHEMA).map(PathBuf::from).filter(|path| path.is_file());
    let required = env::var("FRUGIX_REQUIRE_SCHEMAS").is_ok_and(|value| value == "1");
    assert!(!required || installed, "FRUGIX_REQUIRE_SCHEMAS=1, but check-jsonschema is missing");
    assert!(!required || schema.is_some(), "FRUGIX_REQUIRE_SCHEMAS=1, but {SCHEMA} names no file");
    let schema = schema.filter(|_| installed);
    if schema.is_none() {
        eprintln!("skipped: needs check-jsonschema, and {SCHEMA}");
    }
    schema
}

#[test]
fn sarif_is_what_its_schema_allows() {
    let Some(schema) = validator() else { return };
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scratch = tempfile::tempdir().expect("a temporary folder");
    for (name, folder) in [("found.sarif", "fixtures/shoshin"), ("none.sarif", "docs")] {
        let file = scratch.path().join(name);
        let written = file.to_str().expect("a path in Unicode");
        let arguments =
            ["lint", folder, "--exit-zero", "--output-format", "sarif", "--output-file", written];
        let output = frugix(package, &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let results = fs::read_to_string(&file).expect("a file").matches("\"ruleIndex\"").count();
        assert_eq!(results > 20, name == "found.sarif", "{results} results in {name}");
        let checked = Command::new("check-jsonschema")
            // The schema holds a pattern that is none by the letter of JSON Schema.
            .args(["--regex-variant", "python", "--schemafile"])
            .args([&schema, &file])
            .output()
            .expect("the validator starts");
        let passed = checked.status.success();
        let said = [checked.stdout, checked.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(passed, "{name}: {said}");
    }
}
