//! Settings of modules that other modules, functions and libraries make.

use super::facts;
use crate::facts::ValueKind;

/// Each setting as `host path = value`.
fn settings(files: &[(&str, &str)]) -> Vec<String> {
    let (_, facts) = facts(files);
    let shown = |setting: &crate::facts::Setting| {
        let value = match &setting.value.kind {
            ValueKind::Int(int) => int.to_string(),
            ValueKind::Str(text) => text.clone(),
            kind => format!("{kind:?}"),
        };
        let host = setting.host.as_deref().unwrap_or("-");
        format!("{host} {} = {value}", setting.path.join("."))
    };
    facts.settings.iter().map(shown).collect()
}

const SYSTEM: &str = "nixpkgs.lib.nixosSystem";

#[test]
fn flakes_made_of_modules_see_each_other() {
    let flake = format!(
        "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ config, self, ... }}: {{ \
           imports = [ (inputs.import-tree ./parts) ]; \
           flake.nixosConfigurations.box = inputs.{SYSTEM} {{ modules = [ \
             config.flake.nixosModules.base self.nixosModules.other ]; }}; }}); }}"
    );
    let found = settings(&[
        ("flake.nix", &flake),
        ("parts/a.nix", "{ flake.nixosModules.base = { ... }: { nix.settings.cores = 2; }; }"),
        (
            "parts/b.nix",
            "{ config, ... }: { flake.nixosModules.base = _: { nix.settings.max-jobs = config.n; }; n = 3; }",
        ),
        ("parts/c.nix", "{ flake.nixosModules.other = { nix.settings.timeout = 9; }; }"),
        ("parts/_d.nix", "{ n = 4; }"),
        ("parts/e.nix", "{ flake.nixosModules.unused = _: { nix.settings.cores = 7; }; }"),
    ]);
    assert_eq!(
        found,
        [
            "box nix.settings.cores = 2",
            "box nix.settings.max-jobs = 3",
            "box nix.settings.timeout = 9",
            "- nix.settings.cores = 7",
        ]
    );
}

#[test]
fn outputs_beside_modules_cost_no_definitions() {
    let found = settings(&[(
        "flake.nix",
        "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } ({ lib, ... }: \
           let deep = n: if n == 0 then n else lib.genAttrs [ \"a\" \"b\" \"c\" \"d\" \"e\" ] (_: deep (n - 1)); in { \
             flake.all = deep 7; \
             flake.nixosModules.base = { nix.settings.cores = 2; }; }); }",
    )]);
    assert_eq!(found, ["- nix.settings.cores = 2"]);
}

#[test]
fn aspects_of_den_hold_modules() {
    let found = settings(&[
        (
            "flake.nix",
            "{ outputs = inputs: inputs.flake-parts.lib.mkFlake { inherit inputs; } (inputs.import-tree ./modules); }",
        ),
        ("modules/a.nix", "{ den.aspects.core.nix.os = { nix.settings.cores = 2; }; }"),
        (
            "modules/b.nix",
            "{ lib, ... }: let nix.settings.cores = lib.max 1 3; in { den.aspects.one._.two.nixos = { inherit nix; }; \
               den.aspects.nixos.description = \"nothing\"; }",
        ),
        (
            "modules/c.nix",
            "{ den.default.homeManager = { pkgs, ... }: { nix.settings.cores = 4; }; }",
        ),
    ]);
    assert_eq!(
        found,
        ["- nix.settings.cores = 2", "- nix.settings.cores = 3", "- nix.settings.cores = 4"]
    );
}

#[test]
fn modules_may_stand_under_names_of_their_own() {
    let found = settings(&[(
        "home.nix",
        "{ ... }: { flake.nixosModules.apps.x = { ... }: { nix.settings.cores = 2; }; }",
    )]);
    assert_eq!(found, ["- nix.settings.cores = 2"]);
}

#[test]
fn a_library_of_the_tree_makes_modules() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: let lib = nixpkgs.lib.extend (final: prev: \
           {{ mk = args: n: body: {{ options.own.${{n}} = with final; with final.types; mkOption {{ type = bool; default = true; }}; \
              config = final.mkIf args.config.own.${{n}} body; }}; }}); \
         in {{ nixosConfigurations.box = {SYSTEM} {{ specialArgs = {{ inherit lib; }}; modules = [ ./m.nix ]; }}; }}; }}"
    );
    let found = settings(&[
        ("flake.nix", &flake),
        ("m.nix", "{ lib, ... }@args: lib.mk args \"x\" { nix.settings.cores = 2; }"),
    ]);
    assert_eq!(found, ["box nix.settings.cores = 2"]);
}

#[test]
fn what_is_made_of_an_undecided_list_is_one_of_several() {
    let (_, facts) = facts(&[(
        "home.nix",
        "{ config, lib, ... }: let \
           join = a: b: if lib.isList a && lib.isList b then lib.unique (a ++ b) else b; \
           of = url: { substituters = [ url ]; }; \
           urls = [ \"a\" \"b\" ] ++ lib.optionals (config.networking.hostName != \"x\") [ \"c\" ]; \
         in { \
           nix.settings = lib.mkMerge [ \
             (lib.foldl (lib.mergeAttrsWithFunc join) { } (map of urls)) \
             { extra-substituters = lib.concatMap (url: [ \"${url}?x\" ]) urls; } \
             { trusted-substituters = lib.concatLists [ [ \"d\" ] (lib.filter (url: url != \"a\") urls) ]; } \
           ]; \
         }",
    )]);
    let texts = |value: &crate::facts::ValueFact| {
        let ValueKind::List(items) = &value.kind else { panic!("{value:?}") };
        items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(" ")
    };
    let shown = |setting: &crate::facts::Setting| match &setting.value.kind {
        ValueKind::Choice(sides) => {
            (setting.path[2].clone(), sides.iter().map(texts).collect::<Vec<_>>().join(" | "))
        }
        _ => (setting.path[2].clone(), texts(&setting.value)),
    };
    let mut found: Vec<_> = facts.settings.iter().map(shown).collect();
    found.sort();
    let found: Vec<_> = found.iter().map(|(name, urls)| format!("{name}: {urls}")).collect();
    assert_eq!(
        found,
        [
            "extra-substituters: a?x b?x c?x | a?x b?x",
            "substituters: a b c",
            "trusted-substituters: d b c | d b",
        ]
    );
}

#[test]
fn a_module_may_hang_on_one_condition_as_a_whole() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: {{ nixosConfigurations.box = {SYSTEM} {{ modules = [ \
           ./base.nix ./off.nix ({{ lib, ... }}: {{ options.base = lib.mkEnableOption \"x\" // {{ default = true; }}; }}) ]; }}; }}; }}"
    );
    let found = settings(&[
        ("flake.nix", &flake),
        (
            "base.nix",
            "{ config, lib, ... }: let n = 2; in lib.mkIf config.base { nix.settings.cores = n; }",
        ),
        ("off.nix", "{ config, lib, ... }: lib.mkIf (!config.base) { nix.settings.cores = 3; }"),
        ("alone.nix", "{ config, lib, ... }: lib.mkIf config.base { nix.settings.cores = 4; }"),
    ]);
    assert_eq!(found, ["- nix.settings.cores = 4", "box nix.settings.cores = 2"]);
}

#[test]
fn a_set_with_a_configuration_in_it_is_a_module() {
    let found = settings(&[
        ("home.nix", "{ imports = [ ]; }"),
        ("a.nix", "{ config.nix.settings = { cores = 2; }; }"),
        ("b.nix", "{ config = { nix.settings.cores = 3; }; }"),
        ("c.nix", "{ config.nothing.settings.cores = 4; }"),
    ]);
    assert_eq!(found, ["- nix.settings.cores = 2", "- nix.settings.cores = 3"]);
}

#[test]
fn libraries_of_known_flakes_join_that_of_nixpkgs() {
    let found = settings(&[(
        "flake.nix",
        "{ outputs = { nixpkgs, home-manager, nix-darwin, ... }: let \
             lib = nixpkgs.lib // home-manager.lib // nix-darwin.lib; \
         in { \
           nixosConfigurations.box = lib.nixosSystem { modules = [ { nix.settings.cores = lib.max 1 2; } ]; }; \
           darwinConfigurations.mac = lib.darwinSystem { modules = [ { nix.settings.cores = 3; } ]; }; \
           homeConfigurations.me = lib.homeManagerConfiguration { modules = [ { nix.settings.cores = 4; } ]; }; \
         }; }",
    )]);
    let expected =
        ["me nix.settings.cores = 4", "box nix.settings.cores = 2", "mac nix.settings.cores = 3"];
    let mut found = found;
    found.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn any_other_flakes_library_may_replace_what_nixpkgs_has() {
    let found = settings(&[(
        "flake.nix",
        "{ outputs = { nixpkgs, mine, ... }: let lib = nixpkgs.lib // mine.lib; in { \
           nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ { nix.settings.cores = lib.max 1 2; } ]; }; \
         }; }",
    )]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("Unknown"), "{found:?}");
}

#[test]
fn the_known_part_of_a_list_of_modules_counts() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, other }}: {{ nixosConfigurations.box = {SYSTEM} {{ \
           modules = other.modules ++ [ {{ nix.settings.cores = 2; }} ]; }}; }}; }}"
    );
    assert_eq!(settings(&[("flake.nix", &flake)]), ["box nix.settings.cores = 2"]);
}

#[test]
fn a_module_that_nothing_imports_reads_what_it_sets() {
    let found = settings(&[(
        "m.nix",
        "{ config, ... }: { nix.settings.cores = config.nix.settings.max-jobs / 3; \
         nix.settings.max-jobs = 24; }",
    )]);
    assert_eq!(found, ["- nix.settings.cores = 8", "- nix.settings.max-jobs = 24"]);
}

#[test]
fn a_list_with_undecided_parts_is_one_of_several() {
    let found = settings(&[(
        "m.nix",
        "{ config, lib, ... }: { nix.settings.substituters = [ \"a\" ] \
         ++ lib.optional config.x \"b\"; }",
    )]);
    assert!(found[0].contains("Choice([") && !found[0].contains("Unknown"), "{found:?}");
}

#[test]
fn a_library_that_is_not_known_is_nixpkgs_with_additions() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, other }}: {{ nixosConfigurations.box = {SYSTEM} {{ \
           specialArgs = {{ inherit (other) lib; }}; modules = [ ./m.nix ]; }}; }}; }}"
    );
    let module = "{ lib, ... }: { config = lib.mkIf true { nix.settings.cores = 2; }; }";
    let found = settings(&[("flake.nix", &flake), ("m.nix", module)]);
    assert_eq!(found, ["box nix.settings.cores = 2"]);
}

#[test]
fn a_library_among_the_outputs_stays_one() {
    let flake = format!(
        "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ self, ... }}: {{ \
           flake.lib = inputs.nixpkgs.lib.extend (final: prev: {{ own = 2; }}); \
           flake.nixosConfigurations.box = inputs.{SYSTEM} {{ \
             specialArgs = {{ inherit (self) lib; }}; modules = [ ./m.nix ]; }}; }}); }}"
    );
    let module = "{ lib, ... }: { config = lib.mkIf true { nix.settings.cores = lib.own; }; }";
    let found = settings(&[("flake.nix", &flake), ("m.nix", module)]);
    assert_eq!(found, ["box nix.settings.cores = 2"]);
}

#[test]
fn a_system_reads_what_home_manager_makes_of_its_users() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, home-manager }}: {{ nixosConfigurations.box = {SYSTEM} {{ \
           modules = [ ./system.nix {{ home-manager.users.ann.own.on = true; }} ]; }}; }}; }}"
    );
    let system = "{ config, lib, ... }: let home = config.home-manager.users.${config.me}; in {
        me = \"ann\";
        home-manager = { sharedModules = [ { own.shared = 4; } ]; users.ann = import ./home.nix; };
        nix.settings.cores = if home.own.on then home.own.shared else 8;
        nix.settings.max-jobs = lib.mkIf (home.own.off or false) 9;
        nix.settings.timeout = home.own.minutes;
      }";
    let home = "{ lib, osConfig, ... }: {
        options.own.off = lib.mkEnableOption \"nothing\";
        options.own.minutes = lib.mkOption { default = 10; };
        config.nix.settings.cores = osConfig.nix.settings.timeout;
      }";
    let mut found = settings(&[("flake.nix", &flake), ("system.nix", system), ("home.nix", home)]);
    found.sort();
    assert_eq!(
        found,
        [
            "box nix.settings.cores = 10",
            "box nix.settings.cores = 4",
            "box nix.settings.timeout = 10",
        ]
    );
}

#[test]
fn the_known_part_of_what_users_share_counts() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, other }}: {{ nixosConfigurations.box = {SYSTEM} {{ \
           modules = [ ./system.nix ]; }}; }}; }}"
    );
    let system = "{ config, lib, ... }: {
        home-manager.users.ann = { };
        home-manager.sharedModules =
          [ { own.shared = 4; } ] ++ lib.optional (config.theme.enable or false) { own.theme = 1; };
        nix.settings.cores = config.home-manager.users.ann.own.shared;
      }";
    let found = settings(&[("flake.nix", &flake), ("system.nix", system)]);
    assert_eq!(found, ["box nix.settings.cores = 4"]);
}

#[test]
fn a_part_that_may_be_nothing_leaves_the_rest_known() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, other }}: {{ nixosConfigurations.box = {SYSTEM} {{ \
           modules = [ ./a.nix ./b.nix ./c.nix ]; }}; }}; }}"
    );
    let mut found = settings(&[
        ("flake.nix", &flake),
        ("a.nix", "{ own.jobs = 4; own.cores = 2; }"),
        (
            "b.nix",
            "{ config, lib, pkgs, ... }: { config = lib.optionalAttrs (pkgs ? x) { own.cores = 3; }; }",
        ),
        (
            "c.nix",
            "{ config, ... }: { nix.settings = { max-jobs = config.own.jobs; cores = config.own.cores; }; }",
        ),
    ]);
    found.sort();
    assert_eq!(
        found,
        [
            "box nix.settings.cores = Unknown(\"it depends on a condition that cannot be decided\")",
            "box nix.settings.max-jobs = 4"
        ]
    );
}

#[test]
fn hosts_are_made_with_what_a_system_has() {
    let flake = format!(
        "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ withSystem, ... }}: {{ \
           flake.nixosConfigurations.box = withSystem \"x86_64-linux\" ({{ pkgs, self', system, ... }}: \
             inputs.{SYSTEM} {{ inherit system; modules = [ {{ nix.settings.cores = 2; }} ]; }}); }}); }}"
    );
    assert_eq!(settings(&[("flake.nix", &flake)]), ["box nix.settings.cores = 2"]);
}

#[test]
fn a_tree_without_a_flake_begins_at_its_configuration() {
    let options = "{ config, lib, ... }: { options.my.jobs = lib.mkOption { default = 1; }; \
                   config.nix.settings.max-jobs = config.my.jobs; }";
    let entry = "{ ... }: { imports = [ ./options.nix ]; my.jobs = 4; }";
    let found = settings(&[("configuration.nix", entry), ("options.nix", options)]);
    assert_eq!(found, ["- nix.settings.max-jobs = 4"]);
    // Of two machines neither decides for what they share.
    let found = settings(&[
        ("a/configuration.nix", "{ imports = [ ../options.nix ]; my.jobs = 4; }"),
        ("b/configuration.nix", "{ imports = [ ../options.nix ]; my.jobs = 2; }"),
        ("options.nix", options),
    ]);
    assert!(found.iter().all(|setting| setting.contains("Unknown")), "{found:?}");
}

#[test]
fn settings_are_read_from_files_of_data() {
    let found = settings(&[
        (
            "home.nix",
            "{ lib, ... }: let numbers = lib.importTOML ./numbers.toml; in { nix.settings = { \
               cores = numbers.build.cores; max-jobs = lib.trivial.importJSON ./jobs.json; \
               timeout = (builtins.fromTOML (builtins.readFile ./numbers.toml)).timeout; \
               connect-timeout = (lib.importTOML ./broken.toml).a or 3; \
               stalled-download-timeout = (lib.importTOML ./gone.toml).a; }; }",
        ),
        ("numbers.toml", "timeout = 60 # seconds\n[build]\ncores = 4\n"),
        ("broken.toml", "a = = 1"),
        ("jobs.json", "2"),
    ]);
    let known =
        ["- nix.settings.cores = 4", "- nix.settings.max-jobs = 2", "- nix.settings.timeout = 60"];
    assert_eq!(found[..3], known);
    assert!(found[3..].iter().all(|told| told.contains("Unknown")), "{found:?}");
    assert_eq!(found.len(), 5);
}

#[test]
fn systems_may_be_made_by_functions_that_can_be_overridden() {
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs }}: {{ \
           lib.make = nixpkgs.lib.makeOverridable ({{ cores, more ? [ ] }}: nixpkgs.lib.nixosSystem {{ \
             modules = [ {{ nix.settings.cores = cores; }} ] ++ more; }}); \
           nixosConfigurations.a = self.lib.make {{ cores = 2; more = [ {{ nix.settings.max-jobs = 3; }} ]; }}; \
           nixosConfigurations.b = nixpkgs.lib.makeOverridable nixpkgs.lib.nixosSystem {{ \
             modules = [ {{ nix.settings.cores = 4; }} ]; }}; \
           nixosConfigurations.c = {SYSTEM} {{ modules = [ ( \
             let made = nixpkgs.lib.makeOverridable ({{ n }}: {{ x = n; override = 1; }}) {{ n = 5; }}; in {{ \
               nix.settings.cores = made.x; nix.settings.max-jobs = made.override; }}) ]; }}; }}; }}"
    );
    let found = settings(&[("flake.nix", &flake)]);
    assert_eq!(
        found,
        [
            "a nix.settings.cores = 2",
            "a nix.settings.max-jobs = 3",
            "b nix.settings.cores = 4",
            "c nix.settings.cores = 5",
            "c nix.settings.max-jobs = Unknown(\"`makeOverridable` is not followed\")",
        ]
    );
}

#[test]
fn sets_within_sets_are_one_set() {
    let found = settings(&[(
        "home.nix",
        "{ ... }: { nix.settings.cores = 2; nix = { gc.automatic = true; settings = { max-jobs = 3; }; }; }",
    )]);
    assert_eq!(found, ["- nix.settings.cores = 2", "- nix.settings.max-jobs = 3"]);
}

#[test]
fn the_function_of_a_configuration_may_be_from_elsewhere() {
    let flake = "{ outputs = rootInputs: let inputs = rootInputs // rootInputs.more.lib.inputSet; in with inputs; { \
         darwinConfigurations = let make = hostname: darwin.lib.darwinSystem { \
           specialArgs = { inherit hostname; }; modules = [ ./darwin.nix ]; }; \
         in { hera = make \"hera\"; clio = make \"clio\"; }; }; }";
    let module = "{ hostname, lib, config, ... }: { options.isClio = lib.mkOption { }; \
                  config.isClio = hostname == \"clio\"; \
                  config.nix.settings.max-jobs = if config.isClio then 4 else 8; }";
    let found = settings(&[("flake.nix", flake), ("darwin.nix", module)]);
    assert_eq!(found, ["clio nix.settings.max-jobs = 4", "hera nix.settings.max-jobs = 8"]);
    let flake = format!(
        "{{ outputs = {{ self, nixpkgs, flake-utils }}: {{ \
           lib.make = {{ cores }}: {SYSTEM} {{ modules = [ {{ nix.settings.cores = cores; }} ]; }}; \
           nixosConfigurations.box = self.lib.make {{ cores = 3; }}; }} \
         // flake-utils.lib.eachDefaultSystem (system: {{ packages.x = 1; }}); }}"
    );
    assert_eq!(settings(&[("flake.nix", &flake)]), ["box nix.settings.cores = 3"]);
}
