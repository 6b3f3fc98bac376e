use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::*;

mod catalogue;
mod wrong;

fn load(files: &[(&str, &str)]) -> Result<Config, String> {
    let read = |path: &Path| {
        files
            .iter()
            .find(|(name, _)| Path::new(name) == path)
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    };
    Config::load_with(Path::new(files[0].0), &read).map_err(|error| error.to_string())
}

fn parse(text: &str) -> Result<Config, String> {
    load(&[("frugix.toml", text)])
}

fn error(text: &str) -> String {
    parse(text).unwrap_err()
}

fn names(list: &[Located<String>]) -> Vec<&str> {
    list.iter().map(|name| name.value.as_str()).collect()
}

#[test]
fn nothing_said_is_the_default() {
    let config = parse("").unwrap();
    let expected = Config { sources: vec!["frugix.toml".into()], ..Config::default() };
    assert_eq!(config, expected);
    assert_eq!(config.budget.tolerance, 1.5);
    assert_eq!(config.fail_on, FailOn::AtLeast(Severity::Warning));
    assert_eq!(config.timeouts, None);
    assert_eq!(config.select, None);
    assert!(!config.overrides.reviewed);
    let host = HostConfig::default();
    assert_eq!(config.reserved_threads(&host), 2);
    assert_eq!(config.reserved_memory(&host), Bytes::gibibytes(2));
}

const EVERY_KEY: &str = r#"
        required-version = ">=0.1"
        select = ["override", "cpu-over-budget"]
        ignore = ["heavy-override"]
        extend-select = ["advice"]
        exclude = ["generated/"]
        max-file-size = "2MiB"
        max-nesting = 500
        max-chain = 5000
        evaluation = { max-steps = 1, max-depth = 2, max-values = 3, max-elements = 4, max-text = "5B", max-definitions = 6 }
        fail-on = "never"

        [severity]
        heavy-override = "info"

        [per-file-ignores]
        "overlays/*.nix" = ["timeout"]

        [host.shoshin]
        threads = 0x8
        memory = "16GiB"
        zram = "8 GiB"
        reserve = { threads = 1, memory = "512MiB" }
        profile = "profiles/hardware/shoshin.nix"

        [budget]
        tolerance = 2
        reserve-threads = 0
        reserve-memory = "1GiB"
        package-memory = "10GiB"

        [timeouts]
        require = "heavy"
        style = "attr+meta"
        default = "2h"

        [browsers]
        forbid-overrides = true

        [overrides]
        keep = []

        [packages.codex]
        timeout = 14400
        memory-per-process = "3GiB"
        processes = 3
        peak = "9GiB"
        hours = { low = 1, high = 2.5 }

        [packages.ck-search]
        hours = 0.5

        [knowledge.advice.connections]
        http = 50
        "#;

#[test]
fn every_key_is_read() {
    let config = parse(EVERY_KEY).unwrap();

    assert!(config.required_version.is_some());
    assert_eq!(names(config.select.as_deref().unwrap()), ["override", "cpu-over-budget"]);
    assert_eq!(names(&config.ignore), ["heavy-override"]);
    assert_eq!(names(&config.extend_select), ["advice"]);
    assert_eq!(config.exclude, ["generated/"]);
    assert_eq!(config.max_file_size, Some(Bytes::mebibytes(2)));
    assert_eq!((config.max_nesting, config.max_chain), (Some(500), Some(5000)));
    let EvaluationConfig { steps, depth, values, elements, text, definitions } = config.evaluation;
    assert_eq!((steps, depth, values), (Some(1), Some(2), Some(3)));
    assert_eq!((elements, text, definitions), (Some(4), Some(Bytes(5)), Some(6)));
    assert_eq!(config.fail_on, FailOn::Never);
    let (rule, level) = &config.severity[0];
    assert_eq!((rule.value.as_str(), *level), ("heavy-override", Severity::Info));
    assert_eq!(rule.at.to_string(), "frugix.toml:14:9");
    let (pattern, rules) = &config.per_file_ignores[0];
    assert_eq!(pattern.as_str(), "overlays/*.nix");
    assert_eq!(names(rules), ["timeout"]);

    let host = &config.hosts["shoshin"];
    assert_eq!(host.threads, Some(8));
    assert_eq!(host.memory, Some(Bytes::gibibytes(16)));
    assert_eq!(host.zram, Some(Bytes::gibibytes(8)));
    assert_eq!(host.profile.as_ref().unwrap().value, Path::new("profiles/hardware/shoshin.nix"));
    assert_eq!(config.reserved_threads(host), 1);
    assert_eq!(config.reserved_memory(host), Bytes::mebibytes(512));

    assert_eq!(config.budget.tolerance, 2.0);
    assert_eq!(config.budget.reserve_threads, 0);
    assert_eq!(config.budget.reserve_memory, Bytes::gibibytes(1));
    assert_eq!(config.budget.package_memory, Some(Bytes::gibibytes(10)));
    let timeouts = config.timeouts.unwrap();
    assert_eq!(timeouts.require, RequireTimeouts::Heavy);
    assert_eq!(timeouts.style, TimeoutStyle::AttrAndMeta);
    assert_eq!(timeouts.default, Some(Seconds::hours(2)));
    assert!(config.browsers.forbid_overrides);
    assert!(config.overrides.keep.is_empty() && config.overrides.reviewed);
    let codex = &config.packages["codex"];
    assert_eq!(codex.timeout, Some(Seconds::hours(4)));
    assert_eq!(codex.memory_per_process, Some(Bytes::gibibytes(3)));
    assert_eq!(codex.processes, Some(3));
    assert_eq!(codex.peak, Some(Bytes::gibibytes(9)));
    assert_eq!(codex.hours, Some(Hours { low: 1.0, high: 2.5 }));
    let same = Some(Hours { low: 0.5, high: 0.5 });
    assert_eq!(config.packages["ck-search"].hours, same);
}

#[test]
fn an_empty_timeouts_table_is_a_policy() {
    assert_eq!(parse("[timeouts]").unwrap().timeouts, Some(TimeoutsConfig::default()));
}

#[test]
fn unknown_keys_name_the_nearest() {
    for (text, message) in wrong::KEYS {
        assert_eq!(error(text), format!("frugix.toml:{message}"));
    }
}

#[test]
fn the_first_error_in_the_text_is_told() {
    assert_eq!(
        error("zzz = 1\naaa = 1").split(';').next(),
        Some("frugix.toml:1:1: unknown key `zzz`")
    );
}

#[test]
fn values_of_the_wrong_type_say_what_is_expected() {
    for (text, message) in wrong::VALUES {
        assert_eq!(error(text), format!("frugix.toml:{message}"));
    }
}

#[test]
fn what_is_no_toml_says_where() {
    let error = error("select = [\n\"a\"\nx = 1");
    assert!(error.starts_with("frugix.toml:3:1: not valid TOML: "), "{error}");
}

#[test]
fn byte_order_marks_and_line_endings_do_not_matter() {
    let config = parse("\u{feff}[budget]\r\ntolerance = 2.5\r\n").unwrap();
    assert_eq!(config.budget.tolerance, 2.5);
    assert_eq!(
        error("\u{feff}[budget]\r\ntolerence = 2\r\n"),
        "frugix.toml:2:1: unknown key `tolerence` in [budget]; did you mean `tolerance`?"
    );
    assert_eq!(
        error("\u{feff}budjet = 2"),
        "frugix.toml:1:1: unknown key `budjet`; did you mean `budget`?"
    );
}

#[test]
fn a_missing_file_says_which() {
    let error = Config::load(Path::new("/nowhere/frugix.toml")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read /nowhere/frugix.toml: "), "{error}");
}

#[test]
fn another_version_is_refused_before_its_keys_are() {
    assert_eq!(
        error("required-version = \">=99\"\nfuture = 1"),
        format!(
            "frugix.toml:1:20: this is frugix {}, and the configuration asks for >=99; \
             run a version that fits, or change `required-version`",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert!(error("required-version = \"soon\"").starts_with(
        "frugix.toml:1:20: `required-version` must be a version or a range, such as \
         \">=0.1, <0.3\": "
    ));
    assert!(parse(concat!("required-version = \"", env!("CARGO_PKG_VERSION"), "\"")).is_ok());
}

#[test]
fn the_nearer_file_overrides_what_it_extends() {
    let config = load(&[
        (
            "a/frugix.toml",
            "extend = \"../base/frugix.toml\"\nignore = [\"a\"]\nextend-select = [\"near\"]\n\
             [host.x]\nthreads = 4\n[per-file-ignores]\n\"a.nix\" = []\n[severity]\ns = \"info\"",
        ),
        (
            "a/../base/frugix.toml",
            "extend = \"root.toml\"\nselect = [\"b\"]\nignore = [\"b\", \"c\"]\n\
             extend-select = [\"far\"]\n[severity]\ns = \"error\"\nt = \"error\"\n\
             [per-file-ignores]\n\"a.nix\" = [\"r\"]\n\"b.nix\" = [\"r\"]",
        ),
        ("a/../base/root.toml", "[host.x]\nthreads = 8\nmemory = \"1GiB\"\nprofile = \"p.nix\""),
    ])
    .unwrap();
    let sources: Vec<PathBuf> =
        ["a/frugix.toml", "a/../base/frugix.toml", "a/../base/root.toml"].map(PathBuf::from).into();
    assert_eq!(config.sources, sources);
    assert_eq!(names(config.select.as_deref().unwrap()), ["b"]);
    assert_eq!(names(&config.ignore), ["a"]);
    assert_eq!(names(&config.extend_select), ["far", "near"]);
    let host = &config.hosts["x"];
    assert_eq!(host.threads, Some(4));
    assert_eq!(host.memory, Some(Bytes::gibibytes(1)));
    assert_eq!(host.profile.as_ref().unwrap().value, Path::new("a/../base/p.nix"));
    let severity: Vec<(&str, Severity)> =
        config.severity.iter().map(|(rule, level)| (rule.value.as_str(), *level)).collect();
    assert_eq!(severity, [("t", Severity::Error), ("s", Severity::Info)]);
    let ignores: Vec<(&str, usize)> = config
        .per_file_ignores
        .iter()
        .map(|(pattern, rules)| (pattern.as_str(), rules.len()))
        .collect();
    assert_eq!(ignores, [("b.nix", 1), ("a.nix", 0)]);
}

#[test]
fn a_circle_of_extends_is_told() {
    assert_eq!(
        load(&[("a.toml", "extend = \"b.toml\""), ("b.toml", "\nextend = \"x/../a.toml\""),]),
        Err("b.toml:2:10: `extend` goes in a circle: a.toml → b.toml → a.toml; \
             take one of them out"
            .to_owned())
    );
}

#[test]
fn every_mistake_is_told() {
    let near = "extend = \"far.toml\"\nselect = [1, \"a\", true]\nselekt = []\n[host.x]\nthreads = 0\n\
                memory = \"16\"\n[packages.x]\nhours = { low = \"a\", height = 2 }\n\
                [per-file-ignores]\n\"!a\" = []\n\"b\" = 1";
    let far = "exclude = [\"a[\", \"b[\"]\n[budget]\ntolerance = 0";
    let error = load(&[("near.toml", near), ("far.toml", far)]).unwrap_err();
    let places: Vec<&str> =
        error.lines().map(|line| line.split(": ").next().unwrap_or_default()).collect();
    assert_eq!(
        places,
        [
            "far.toml:1:12",
            "far.toml:1:18",
            "far.toml:3:13",
            "near.toml:2:11",
            "near.toml:2:19",
            "near.toml:3:1",
            "near.toml:5:11",
            "near.toml:6:10",
            "near.toml:8:17",
            "near.toml:8:22",
            "near.toml:10:1",
            "near.toml:11:7"
        ],
        "{error}"
    );
}

/// Every place where a text is no TOML, without what only follows from another, and nothing about what
/// the rest of it means.
#[test]
fn every_mistake_of_toml_is_told() {
    let places = |text: &str| {
        let error = error(text);
        let place = |line: &str| {
            let (place, told) = line.split_once(": ").unwrap_or_default();
            assert!(told.starts_with("not valid TOML: "), "{error}");
            place.trim_start_matches("frugix.toml:").to_owned()
        };
        error.lines().map(place).collect::<Vec<String>>()
    };
    let apart = "selekt = 1\nmemory = 16GiB\nx = \"a\na = 1\na = 2\n[host.x\nthreads 8\n";
    assert_eq!(places(apart), ["2:10", "3:7", "5:1", "6:8", "7:9"]);
    // Else every line to the end would be wrong.
    let open = "select = [\nselekt = 1\n[host.x]\nthreads = 8\nmemory = 16\n";
    assert_eq!(places(open), ["2:1", "5:12"]);
}

/// What another version understands is no mistake.
#[test]
fn a_version_that_does_not_fit_is_all_that_is_told() {
    let text = "selekt = []\nrequired-version = \">=99\"\nfuture = 1";
    assert_eq!(error(text).lines().count(), 1);
}

#[test]
fn a_missing_base_is_told_where_it_is_named() {
    assert_eq!(
        error("extend = \"base.toml\""),
        "frugix.toml:1:10: cannot read base.toml, which this file extends: no such file"
    );
}

#[test]
fn overrides_lie_over_the_files() {
    let mut config = parse("[budget]\ntolerance = 1.0\nreserve-threads = 1").unwrap();
    config.merge_overrides("budget.tolerance=2").unwrap();
    config.merge_overrides("host.a.memory = 16GiB").unwrap();
    config.merge_overrides("timeouts.require=\"all\"").unwrap();
    config.merge_overrides("ignore=[\"x\"]").unwrap();
    assert_eq!(config.budget.tolerance, 2.0);
    assert_eq!(config.budget.reserve_threads, 1);
    assert_eq!(config.hosts["a"].memory, Some(Bytes::gibibytes(16)));
    assert_eq!(config.timeouts.unwrap().require, RequireTimeouts::All);
    assert_eq!(config.ignore[0].at.to_string(), "--config ignore=[\"x\"]");
}

#[test]
fn wrong_overrides_say_so() {
    let error = |text: &str| {
        let mut config = Config::default();
        config.merge_overrides(text).unwrap_err().to_string()
    };
    assert_eq!(
        error("budjet.tolerance=2"),
        "--config budjet.tolerance=2: unknown key `budjet`; did you mean `budget`?"
    );
    assert_eq!(
        error("budget.tolerance=x"),
        "--config budget.tolerance=x: `tolerance` must be a number, not a string"
    );
    assert_eq!(
        error("extend=a.toml"),
        "--config extend=a.toml: `extend` has no meaning here; pass the file itself as \
         --config FILE"
    );
    assert!(error("nonsense").starts_with("--config nonsense: not valid TOML: "));
    assert!(error("required-version=>=99").contains("asks for >=99;"));
}

#[test]
fn the_nearest_file_upward_is_found() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    let home = deep.join("home.nix");
    fs::write(&home, "{ }").unwrap();
    fs::write(root.path().join("frugix.toml"), "").unwrap();
    assert_eq!(find_config(&home), Some(root.path().join("frugix.toml")));

    fs::write(root.path().join("a/frugix.toml"), "").unwrap();
    fs::write(root.path().join("a/.frugix.toml"), "").unwrap();
    assert_eq!(find_config(&deep), Some(root.path().join("a/.frugix.toml")));

    fs::create_dir(deep.join("frugix.toml")).unwrap();
    assert_eq!(find_config(&deep), Some(root.path().join("a/.frugix.toml")));
}
