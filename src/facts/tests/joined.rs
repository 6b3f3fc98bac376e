//! Several definitions of one option. What is expected was told by the module system of nixpkgs
//! (`lib.evalModules`), given the same modules.

use super::facts;
use crate::facts::ValueKind;

/// What the option `o` of a system comes to that has these modules beside the one that declares it,
/// or why that is not known.
fn option(declaration: &str, modules: &[&str], files: &[(&str, &str)]) -> String {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: {{ nixosConfigurations.box = nixpkgs.lib.nixosSystem {{ modules = [ \
           ({{ lib, config, ... }}: with lib; {{ options.o = {declaration}; config.nix.settings.o = builtins.toJSON config.o; }}) \
           {} ]; }}; }}; }}",
        modules.join(" ")
    );
    let mut tree = vec![("flake.nix", flake.as_str())];
    tree.extend(files);
    let (_, facts) = facts(&tree);
    let setting = facts.settings_at(&["nix", "settings", "o"]).next().expect("the setting is met");
    match &setting.value.kind {
        ValueKind::Str(text) => text.clone(),
        ValueKind::Unknown(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

/// As [`option`], with a definition for each module.
fn joined(declaration: &str, definitions: &[&str]) -> String {
    let module = |value: &&str| format!("({{ lib, ... }}: with lib; {{ o = {value}; }})");
    let modules: Vec<String> = definitions.iter().map(module).collect();
    let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
    option(declaration, &modules, &[])
}

#[test]
fn definitions_are_joined_by_their_type() {
    let list = "mkOption { type = types.listOf types.int; default = [ 9 ]; }";
    let orders = ["[ 1 ]", "(mkAfter [ 2 ])", "(mkBefore [ 3 ])", "(mkOrder 100 [ 4 ])", "[ 5 ]"];
    for (declaration, definitions, expected) in [
        (list, &orders[..], "[4,3,5,1,2]"),
        (list, &["(mkDefault [ 1 ])", "(mkDefault [ 2 ])"], "[2,1]"),
        (list, &["(mkDefault [ 1 ])", "[ 2 ]", "(mkForce [ 3 ])", "(mkForce [ 4 ])"], "[4,3]"),
        (list, &["(mkOverride 2000 [ 1 ])"], "[9]"),
        ("mkOption { type = with types; listOf int; }", &["[ 1 ]", "[ 2 ]"], "[2,1]"),
        (
            "mkOption { type = types.separatedString \"+\"; }",
            &["\"a\"", "(mkAfter \"b\")", "\"c\""],
            "\"c+a+b\"",
        ),
        (
            "mkOption { type = types.nullOr types.lines; default = null; }",
            &["\"a\"", "\"b\""],
            "\"b\\na\"",
        ),
        ("mkOption { type = types.enum [ \"a\" \"b\" ]; }", &["\"a\"", "\"a\""], "\"a\""),
        ("mkOption { type = types.str; }", &["\"x\"", "\"x\""], "\"x\""),
        ("mkOption { }", &["[ 1 ]", "[ 2 ]"], "[2,1]"),
        ("mkOption { }", &["\"x\"", "\"y\""], "\"yx\""),
        (
            "mkOption { type = types.commas; }",
            &["(mkMerge [ \"x\" \"y\" ])", "(mkIf false \"n\")", "\"z\""],
            "\"z,x,y\"",
        ),
        (
            "mkOption { type = types.listOf types.str; apply = concatStringsSep \"-\"; }",
            &["[ \"x\" ]", "[ \"y\" ]"],
            "\"y-x\"",
        ),
        ("mkOption { type = types.int; apply = x: x + 1; default = 1; }", &[], "2"),
    ] {
        assert_eq!(joined(declaration, definitions), expected, "{declaration} {definitions:?}");
    }
}

#[test]
fn what_is_imported_comes_before_who_imports_it() {
    let declaration = "mkOption { type = types.listOf types.str; }";
    let files = [
        ("a.nix", "{ imports = [ ./b.nix ./c.nix ]; o = [ \"a\" ]; }"),
        ("b.nix", "{ lib, ... }: { imports = [ ./d.nix ]; o = lib.mkBefore [ \"b\" ]; }"),
        (
            "c.nix",
            "{ lib, ... }: { imports = [ ./e.nix ./d.nix ]; o = lib.mkMerge [ [ \"c1\" ] (lib.mkIf true [ \"c2\" ]) (lib.mkOrder 1400 [ \"c3\" ]) ]; }",
        ),
        ("d.nix", "{ ... }: { o = [ \"d\" ]; }"),
        ("e.nix", "{ ... }: { o = [ \"e\" ]; }"),
    ];
    assert_eq!(
        option(declaration, &["./a.nix", "{ o = [ \"f\" ]; }"], &files),
        r#"["b","e","d","c1","c2","f","a","c3"]"#
    );
}

#[test]
fn what_cannot_be_joined_says_why() {
    let list = "mkOption { type = types.listOf types.str; }";
    for (declaration, definitions, why) in [
        (
            "mkOption { type = types.str; }",
            &["\"a\"", "\"b\""],
            "how the type of `config.o` joins its 2 definitions",
        ),
        (
            "mkOption { type = types.listOf (types.submodule { }); }",
            &["[ { } ]", "[ { } ]"],
            "how the type of",
        ),
        ("mkOption { type = own; }", &["[ 1 ]", "[ 2 ]"], "how the type of"),
        (list, &["[ (mkIf true \"a\") ]", "[ \"b\" ]"], "how the type of"),
    ] {
        let told = joined(declaration, definitions);
        assert!(told.contains(why), "{declaration} {definitions:?}: {told}");
    }
    // A module that may be imported or not.
    let modules = [
        "({ lib, unknown, ... }: { imports = if unknown then [ { o = [ \"a\" ]; } ] else [ ]; })",
        "{ o = [ \"b\" ]; }",
    ];
    assert!(!option(list, &modules, &[]).contains('['));
}

#[test]
fn options_of_others_may_be_defined_by_them_too() {
    let modules = [
        "({ config, lib, ... }: { boot.kernelModules = [ \"a\" ]; nix.settings.modules = builtins.head config.boot.kernelModules; })",
        "{ boot.kernelModules = [ \"b\" ]; }",
    ];
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: {{ nixosConfigurations.box = nixpkgs.lib.nixosSystem {{ modules = [ {} ]; }}; }}; }}",
        modules.join(" ")
    );
    let (_, facts) = facts(&[("flake.nix", &flake)]);
    let setting = facts.settings_at(&["nix", "settings", "modules"]).next().expect("a setting");
    let ValueKind::Unknown(why) = &setting.value.kind else { panic!("{:?}", setting.value.kind) };
    assert!(why.contains("`config.boot.kernelModules`"), "{why}");
    assert!(why.contains("which others may define"), "{why}");
}

#[test]
fn numbers_of_options_of_others_are_decided_by_priority() {
    let cores = |modules: &[&str]| {
        let flake = format!(
            "{{ outputs = {{ self, nixpkgs }}: {{ nixosConfigurations.box = nixpkgs.lib.nixosSystem {{ modules = [ \
               ({{ config, ... }}: {{ nix.settings.told = toString config.nix.settings.cores; }}) {} ]; }}; }}; }}",
            modules.join(" ")
        );
        let (_, facts) = facts(&[("flake.nix", &flake)]);
        let told = facts.settings_at(&["nix", "settings", "told"]).next().expect("a setting");
        told.value.as_str().map(str::to_owned)
    };
    let known = |text: &str| Some(text.to_owned());
    let plain = "{ nix.settings.cores = 2; }";
    let forced = "({ lib, ... }: { nix.settings.cores = lib.mkForce 3; })";
    let default = "({ lib, ... }: { nix.settings.cores = lib.mkDefault 4; })";
    assert_eq!(cores(&[plain, forced, default]), known("3"));
    assert_eq!(cores(&[default, plain]), known("2"));
    assert_eq!(cores(&[default]), known("4"));
    assert_eq!(cores(&[plain, plain]), known("2"));
    assert_eq!(cores(&[plain, "{ nix.settings.cores = 5; }"]), None);
    assert_eq!(cores(&[forced, default, forced]), known("3"));
    let open = "({ unknown, ... }: { imports = if unknown then [ { nix.settings.cores = 2; } ] else [ ]; })";
    assert_eq!(cores(&[plain, open]), known("2"));
    assert_eq!(
        cores(&["{ nix.settings.cores = \"2\"; }", "{ nix.settings.cores = \"2\"; }"]),
        None
    );
}
