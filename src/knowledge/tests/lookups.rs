//! That the lookups find in the built-in tables what they should, and nothing else.

use std::collections::BTreeMap;

use super::super::*;

fn known() -> &'static Knowledge {
    Knowledge::builtin()
}

#[test]
fn a_name_that_contains_a_browsers_is_none() {
    let is_browser = |path: &[&str]| known().browser(path).is_some();
    assert!(is_browser(&["brave"]));
    assert!(!is_browser(&["brave-search-mcp"]));
    assert!(!is_browser(&["vimPlugins", "firenvim"]));
    assert!(!is_browser(&["firefox-addons"]));
    assert!(!is_browser(&["electron_31", "headers"]));
    assert!(!is_browser(&["neovim-unwrapped"]));
}

#[test]
fn families_of_browsers_are_told_apart() {
    let structure = |path: &[&str]| known().browser(path).map(|b| b.structure);
    assert_eq!(structure(&["chromium"]), Some(Structure::Wrapper));
    assert_eq!(structure(&["chromium", "browser"]), Some(Structure::Engine));
    assert_eq!(structure(&["chromium", "mkDerivation"]), Some(Structure::EngineBuilder));
    assert_eq!(structure(&["buildMozillaMach"]), Some(Structure::EngineBuilder));
    assert_eq!(structure(&["electron_31"]), Some(Structure::Wrapper));
    assert_eq!(structure(&["electron_31-bin"]), Some(Structure::Repack));
    assert_eq!(structure(&["electron-source", "electron_38"]), Some(Structure::Wrapper));
    assert_eq!(structure(&["firefox-unwrapped"]), Some(Structure::Engine));
    assert_eq!(structure(&["firefox-esr-140-unwrapped"]), Some(Structure::Engine));
    assert_eq!(structure(&["firefox-devedition-bin"]), Some(Structure::Repack));
    assert_eq!(structure(&["firefox-devedition-bin-unwrapped"]), Some(Structure::Repack));
    assert_eq!(structure(&["vscode"]), Some(Structure::Repack));
}

#[test]
fn an_argument_reaches_the_wrapper_the_engine_or_is_unknown() {
    let reach = |path: &[&str], argument| known().browser(path).map(|b| b.reach_of(argument));
    assert_eq!(reach(&["chromium"], "commandLineArgs"), Some(Reach::Wrapper));
    assert_eq!(reach(&["chromium"], "libva"), Some(Reach::Wrapper));
    assert_eq!(reach(&["chromium"], "proprietaryCodecs"), Some(Reach::Engine));
    assert_eq!(reach(&["chromium"], "stdenv"), Some(Reach::Nowhere));
    assert_eq!(reach(&["chromium"], "invented"), Some(Reach::Unknown));
    assert_eq!(reach(&["firefox"], "extraPolicies"), Some(Reach::Wrapper));
    assert_eq!(reach(&["firefox-unwrapped"], "invented"), Some(Reach::Engine));
    assert_eq!(reach(&["brave"], "invented"), Some(Reach::Wrapper));
}

#[test]
fn an_override_is_said_by_a_home_manager_option() {
    let option = |path: &[&str], argument| {
        known().browser(path).and_then(|b| b.home_manager_option(argument))
    };
    assert_eq!(
        option(&["brave"], "commandLineArgs").as_deref(),
        Some("programs.brave.commandLineArgs")
    );
    assert_eq!(option(&["firefox"], "extraPolicies").as_deref(), Some("programs.firefox.policies"));
    assert_eq!(option(&["brave"], "vulkanSupport"), None);
    assert_eq!(option(&["ungoogled-chromium"], "commandLineArgs"), None);
}

#[test]
fn defaults_are_found_in_either_table() {
    let default =
        |path: &[&str], argument| known().default_of(path, argument).map(|d| d.value.to_string());
    assert_eq!(default(&["ripgrep"], "withPCRE2").as_deref(), Some("true"));
    assert_eq!(default(&["chromium"], "proprietaryCodecs").as_deref(), Some("true"));
    assert_eq!(default(&["ungoogled-chromium"], "ungoogled").as_deref(), Some("true"));
    assert_eq!(default(&["chromium"], "commandLineArgs").as_deref(), Some("\"\""));
    assert_eq!(default(&["chromium"], "pulseSupport"), None);
    assert_eq!(default(&["rofi"], "theme").as_deref(), Some("null"));
}

#[test]
fn builders_are_known_by_the_end_of_their_path() {
    let class = |path: &[&str]| known().builder(path).map(|b| (b.class, b.language.as_str()));
    assert_eq!(class(&["stdenv", "mkDerivation"]), Some((BuilderClass::Compiles, "c++")));
    assert_eq!(
        class(&["pkgs", "stdenvNoCC", "mkDerivation"]),
        Some((BuilderClass::Trivial, "none"))
    );
    assert_eq!(
        class(&["customRustPlatform", "buildRustPackage"]),
        Some((BuilderClass::Compiles, "rust"))
    );
    assert_eq!(class(&["buildGo125Module"]), Some((BuilderClass::Compiles, "go")));
    assert_eq!(
        class(&["python313Packages", "buildPythonApplication"]),
        Some((BuilderClass::Compiles, "python"))
    );
    assert_eq!(class(&["texlive", "combine"]), Some((BuilderClass::Trivial, "texlive")));
    assert_eq!(
        class(&["pkgs", "writers", "writePython3Bin"]),
        Some((BuilderClass::Trivial, "text"))
    );
    assert_eq!(class(&["pkgs", "writers", "writeRustBin"]), Some((BuilderClass::Compiles, "rust")));
    assert_eq!(class(&["fetchFromGitHub"]), Some((BuilderClass::Fetch, "none")));
    assert_eq!(class(&["ripgrep", "override"]), None);
}

struct Given<'a> {
    set: BTreeMap<&'a str, Attribute>,
    inputs: &'a [&'a str],
}

impl Attributes for Given<'_> {
    fn attribute(&self, name: &str) -> Attribute {
        self.set.get(name).cloned().unwrap_or(Attribute::Absent)
    }

    fn has_input(&self, name: &str) -> bool {
        self.inputs.contains(&name)
    }

    fn has_no_input_but(&self, names: &[String]) -> bool {
        self.inputs.iter().all(|input| names.iter().any(|name| name == input))
    }
}

#[test]
fn attributes_can_say_that_nothing_is_compiled() {
    let with_inputs = |set: &[(&str, Attribute)], inputs: &[&str]| {
        let set = set.iter().cloned().collect();
        known().compiles_nothing(&Given { set, inputs }).is_some()
    };
    let with = |set: &[(&str, Attribute)]| with_inputs(set, &[]);
    let truth = || Attribute::Literal(DefaultValue::Bool(true));
    assert!(with(&[("dontBuild", truth())]));
    assert!(!with(&[("dontBuild", Attribute::Literal(DefaultValue::Bool(false)))]));
    assert!(!with(&[("dontBuild", Attribute::Unknown)]));
    assert!(with(&[("dontUnpack", truth())]));
    assert!(!with(&[("dontUnpack", truth()), ("buildPhase", Attribute::Unknown)]));
    assert!(!with(&[]));
    assert!(with_inputs(&[], &["makeWrapper", "autoPatchelfHook"]));
    assert!(!with_inputs(&[("buildPhase", Attribute::Unknown)], &["autoPatchelfHook"]));
}

#[test]
fn what_is_installed_as_it_was_unpacked_shows_no_compiling() {
    let shows = |set: &[(&str, Attribute)], inputs: &[&str]| {
        let set = set.iter().cloned().collect();
        known().shows_no_compiling(&Given { set, inputs }).is_none()
    };
    let installs = || ("installPhase", Attribute::Unknown);
    assert!(!shows(&[installs()], &[]));
    assert!(!shows(&[installs()], &["unzip", "makeWrapper"]));
    assert!(shows(&[installs()], &["unzip", "libX11"]));
    assert!(shows(&[installs(), ("makeFlags", Attribute::Unknown)], &[]));
    assert!(shows(&[], &[]));
}

fn language_of(builder: &[&str]) -> Option<&'static str> {
    known().builder(builder).map(|row| row.language.as_str())
}

#[test]
fn inputs_and_attributes_show_the_language() {
    let shown = |names: &[&str]| known().language_shown(names.iter().copied());
    assert_eq!(shown(&["pname", "nodejs_22", "makeWrapper"]), Some("npm"));
    assert_eq!(shown(&["rustPlatform.cargoSetupHook"]), Some("rust"));
    assert_eq!(shown(&["nodejs", "cmake", "cargo"]), Some("c++"));
    assert_eq!(shown(&["go_1_24"]), Some("go"));
    assert_eq!(shown(&["pkg-config", "makeWrapper", "src"]), None);
}

#[test]
fn a_timeout_is_chosen_by_the_most_particular_row() {
    let known = known();
    let seconds = |package: &[&str], arguments: &[&str], builder: &[&str]| {
        known.timeout_for(package, arguments, language_of(builder)).seconds
    };
    let rust: &[&str] = &["buildRustPackage"];
    assert_eq!(seconds(&["onnxruntime"], &[], &["mkDerivation"]), 43_200);
    assert_eq!(seconds(&["onnxruntime"], &["cudaSupport"], &["mkDerivation"]), 43_200);
    assert_eq!(seconds(&["codex"], &[], rust), 43_200);
    assert_eq!(seconds(&["ck-search"], &[], rust), 14_400);
    assert_eq!(seconds(&["mcp-server-filesystem"], &[], rust), 7200);
    assert_eq!(seconds(&["some-tool"], &[], &["buildNpmPackage"]), 10_800);
    assert_eq!(seconds(&["texlive", "combine"], &[], &["texlive", "combine"]), 7200);
    assert_eq!(known.limits.global.seconds, 86_400);
    assert!(seconds(&["llama-cpp"], &["cudaSupport"], rust) > seconds(&["llama-cpp"], &[], rust));
    assert_eq!(known.timeout_for(&["unheard-of"], &[], None).chosen_by, ChosenBy::Fallback);
    assert_eq!(
        known.timeout_for(&["some-tool"], &[], language_of(rust)).chosen_by,
        ChosenBy::Language("rust")
    );
}

#[test]
fn variants_cost_more() {
    let torch = known().package(&["python313Packages", "torch"]);
    let hours = |arguments: &[&str]| torch.map(|p| p.cost_with(arguments).hours.high);
    assert!(hours(&["cudaSupport"]) > hours(&[]));
    assert_eq!(hours(&["invented"]), hours(&[]));
}

#[test]
fn tiers_and_what_drags() {
    let tier = |path: &[&str]| known().tier(path).map(|row| row.tier);
    assert_eq!(tier(&["glibc"]), Some(Tier::S));
    assert_eq!(tier(&["openssl"]), Some(Tier::A));
    assert_eq!(tier(&["qt6", "qtbase"]), Some(Tier::B));
    assert_eq!(tier(&["glibc-custom"]), None);
    assert!(known().tier(&["nodejs_24"]).is_some_and(|row| row.only_if_default(&["nodejs_24"])));
    assert!(known().tier(&["nodejs"]).is_some_and(|row| !row.only_if_default(&["nodejs"])));
    assert!(
        known()
            .drags(&["onnxruntime"])
            .is_some_and(|row| row.victims.contains(&"firefox-unwrapped".to_owned()))
    );
    assert!(known().harmless.get(&["fetchurl"]).is_some());
    let effect = |path: &[&str]| known().config_option(path).map(|row| row.effect);
    assert_eq!(effect(&["cudaSupport"]), Some(ConfigEffect::MassRebuild));
    assert_eq!(effect(&["stdenv", "userHook"]), Some(ConfigEffect::MassRebuild));
    assert_eq!(effect(&["allowUnfree"]), Some(ConfigEffect::None));
}

#[test]
fn a_users_row_is_laid_over_a_built_in_one() {
    let mut mine = known().clone();
    let Some(mut row) = mine.package(&["onnxruntime"]).cloned() else {
        panic!("onnxruntime is in the table");
    };
    row.timeout = Some(50_000);
    mine.packages.insert(row);
    assert_eq!(mine.timeout_for(&["onnxruntime"], &[], None).seconds, 50_000);
    assert_eq!(known().timeout_for(&["onnxruntime"], &[], None).seconds, 43_200);
}
