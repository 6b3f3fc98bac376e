//! Which machines there are, what each has, and who says so.

use std::path::Path;

use super::demand::facts;
use crate::budget::{BoundBy, Budget, Demand, Host, Teller};
use crate::config::{Bytes, Config};
use crate::facts::Facts;
use crate::source::Tree;

const FLAKE: (&str, &str) = (
    "flake.nix",
    "{
      nixConfig.max-jobs = 2;
      outputs = { self, nixpkgs }: {
        nixosConfigurations.desk = nixpkgs.lib.nixosSystem { modules = [ ./desk.nix ]; };
        nixosConfigurations.rack = nixpkgs.lib.nixosSystem { modules = [ ./rack.nix ]; };
      };
    }",
);

struct Found {
    budget: Budget,
    facts: Facts,
}

fn found(files: &[(&str, &str)], config: &str) -> Found {
    let tree = Tree::in_memory(Path::new("/tree"), files.iter().copied());
    let facts = facts(&tree);
    let text = config.to_owned();
    let config = Config::load_with(Path::new("/tree/frugix.toml"), &|_| Ok(text.clone())).unwrap();
    Found { budget: Budget::new(&tree, &config, &facts), facts }
}

impl Found {
    fn host(&self, name: &str) -> &Host {
        self.budget.hosts.iter().find(|host| host.name == name).unwrap()
    }

    /// `NAME threads memory zram limit`, with `?` for what is not known, sizes in GiB.
    fn shown(&self) -> Vec<String> {
        let gib = |bytes: Option<Bytes>| {
            bytes.map_or("?".to_owned(), |bytes| (bytes.0 >> 30).to_string())
        };
        let show = |host: &Host| {
            let threads = host.thread_count().map_or("?".to_owned(), |count| count.to_string());
            let limit = Demand::limit_of(host, &self.facts).map(|limit| limit.bytes);
            format!(
                "{} {threads} {} {} {}",
                host.name,
                gib(host.memory.map(|it| it.value)),
                gib(host.zram.map(|it| it.value)),
                gib(limit),
            )
        };
        self.budget.hosts.iter().map(show).collect()
    }
}

#[test]
fn configurations_are_hosts_of_which_settings_of_nix_tell_nothing() {
    let settings =
        "{ ... }: { nix.settings.max-jobs = 8; nix.settings.cores = 4; zramSwap.enable = true; }";
    let found = found(&[FLAKE, ("desk.nix", settings), ("rack.nix", settings)], "");
    assert_eq!(found.shown(), ["desk ? ? ? ?", "rack ? ? ? ?"]);
    let pairs = &found.budget.pairs;
    assert!(pairs.iter().all(|pair| !pair.exceeds_threads(found.budget.host(pair))));
    // The flake's numbers hold on both.
    assert_eq!(pairs.len(), 4);
}

#[test]
fn zram_is_a_share_of_known_memory_and_no_more_than_its_most() {
    let zram = |options: &str, memory: &str| {
        let text = format!("{{ ... }}: {{ zramSwap = {{ {options} }}; }}");
        let config = format!("[host.desk]\nthreads = 8\n{memory}");
        let files = [FLAKE, ("desk.nix", &text), ("rack.nix", "{ ... }: { }")];
        found(&files, &config).shown().remove(0)
    };
    let memory = "memory = \"16GiB\"";
    assert_eq!(zram("enable = true;", memory), "desk 8 16 8 22");
    assert_eq!(zram("enable = true; memoryPercent = 75;", memory), "desk 8 16 12 26");
    let most = "enable = true; memoryPercent = 75; memoryMax = 4 * 1024 * 1024 * 1024;";
    assert_eq!(zram(most, memory), "desk 8 16 4 18");
    assert_eq!(zram("enable = false; memoryPercent = 75;", memory), "desk 8 16 ? 14");
    assert_eq!(zram("memoryPercent = 75;", memory), "desk 8 16 ? 14");
    assert_eq!(zram("enable = true; memoryPercent = elsewhere;", memory), "desk 8 16 ? 14");
    assert_eq!(zram(most, ""), "desk 8 ? ? ?");
    let said = "memory = \"16GiB\"\nzram = \"2GiB\"";
    assert_eq!(zram("enable = true;", said), "desk 8 16 2 16");
}

#[test]
fn a_daemon_s_limit_is_known_where_the_memory_is_not() {
    let limit = |options: &str| {
        let text = format!(
            "{{ ... }}: {{ systemd.services.nix-daemon.serviceConfig = {{ {options} }}; }}"
        );
        let found = found(&[("configuration.nix", &text)], "");
        let host = &found.budget.hosts[0];
        Demand::limit_of(host, &found.facts).map(|limit| (limit.bytes.0 >> 30, limit.by))
    };
    assert!(matches!(limit("MemoryMax = \"8G\";"), Some((8, BoundBy::DaemonMax(_)))));
    let both = limit("MemoryMax = \"8G\"; MemoryHigh = \"6G\";");
    assert!(matches!(both, Some((6, BoundBy::DaemonHigh(_)))));
    assert_eq!(limit("MemoryMax = \"80%\";"), None);
    assert_eq!(limit("MemoryMax = \"infinity\";"), None);
    assert_eq!(limit("CPUQuota = \"400%\";"), None);
}

#[test]
fn a_tree_without_a_flake_is_one_machine() {
    let daemon = "systemd.services.nix-daemon.serviceConfig.MemoryMax = \"8G\";";
    let unnamed = format!("{{ ... }}: {{ {daemon} }}");
    assert_eq!(found(&[("configuration.nix", &unnamed)], "").shown(), ["nixos ? ? ? 8"]);
    let named = format!("{{ ... }}: {{ networking.hostName = \"desk\"; {daemon} }}");
    assert_eq!(found(&[("configuration.nix", &named)], "").shown(), ["desk ? ? ? 8"]);
    let daemon = format!("{{ ... }}: {{ {daemon} }}");
    let apart = [
        ("configuration.nix", "{ ... }: { imports = [ ./daemon.nix ]; }"),
        ("daemon.nix", daemon.as_str()),
    ];
    assert_eq!(found(&apart, "").shown(), ["nixos ? ? ? 8"]);
    assert_eq!(found(&[("daemon.nix", &daemon)], "").shown(), [""; 0]);
    let several = [
        ("configuration.nix", named.as_str()),
        ("rack/configuration.nix", "{ ... }: { networking.hostName = \"rack\"; }"),
    ];
    assert_eq!(found(&several, "").shown(), [""; 0]);
    let said = "[host.box]\nthreads = 4\nmemory = \"32GiB\"\n";
    assert_eq!(found(&[("configuration.nix", &named)], said).shown(), ["box 4 32 ? 8"]);
}

#[test]
fn what_lies_with_another_machine_is_not_of_the_only_host() {
    let daemon = |size: &str| {
        format!("systemd.services.nix-daemon.serviceConfig.MemoryMax = lib.mkDefault \"{size}\";")
    };
    let module = |name: &str, rest: &str| {
        format!("{{ lib, ... }}: {{ networking.hostName = \"{name}\"; {rest} }}")
    };
    let hardware = format!("{{ lib, ... }}: {{ {} }}", daemon("8G"));
    let (desk, rack) = (module("desk", ""), module("rack", ""));
    let tree = [
        ("machines/desk/default.nix", desk.as_str()),
        ("machines/rack/default.nix", rack.as_str()),
        ("machines/rack/hardware.nix", hardware.as_str()),
    ];
    let said = |name: &str| format!("[host.{name}]\nthreads = 4\nmemory = \"32GiB\"\n");
    assert_eq!(found(&tree, &said("desk")).shown(), ["desk 4 32 ? 30"]);
    assert_eq!(found(&tree, &said("rack")).shown(), ["rack 4 32 ? 8"]);
    // One machine may be called anything.
    assert_eq!(found(&tree[1..], &said("desk")).shown(), ["desk 4 32 ? 8"]);
}

#[test]
fn each_machine_has_its_own_limits() {
    let desk = "{ lib, ... }: { systemd.services.nix-daemon.serviceConfig.MemoryMax = lib.mkDefault \"8G\"; }";
    let rack = "{ lib, ... }: { systemd.services.nix-daemon.serviceConfig.MemoryMax = lib.mkForce \"64G\"; }";
    let found = found(&[FLAKE, ("desk.nix", desk), ("rack.nix", rack)], "");
    assert_eq!(found.shown(), ["desk ? ? ? 8", "rack ? ? ? 64"]);
}

#[test]
fn undecided_and_contradicting_limits_are_unknown() {
    for body in [
        "systemd.services.nix-daemon.serviceConfig.MemoryMax = lib.mkIf config.x.y \"8G\";",
        "imports = [ { systemd.services.nix-daemon.serviceConfig.MemoryMax = \"8G\"; }
                     { systemd.services.nix-daemon.serviceConfig.MemoryMax = \"9G\"; } ];",
    ] {
        let text = format!("{{ config, lib, ... }}: {{ {body} }}");
        let found = found(&[FLAKE, ("desk.nix", &text), ("rack.nix", "{ }")], "");
        assert_eq!(found.shown()[0], "desk ? ? ? ?", "{body}");
    }
}

#[test]
fn profiles_tell_in_numbers_or_text() {
    let profile = "{
      system.hostname = \"desk\";
      cpu.threads = \"8\";
      memory.total = \"16\";
      memory.effectiveTotal = 28;
      build.parallelism.maxJobs = 64;
    }";
    let alone = found(&[("machines/desk.nix", profile)], "");
    assert_eq!(alone.shown(), ["desk 8 16 12 26"]);
    assert!(matches!(alone.host("desk").threads.unwrap().by, Teller::Profile(_)));
    let overruled = found(&[("machines/desk.nix", profile)], "[host.desk]\nthreads = 4\n");
    assert_eq!(overruled.shown(), ["desk 4 16 12 26"]);
    assert_eq!(overruled.host("desk").threads.unwrap().by, Teller::Config);
}

#[test]
fn reports_of_nixos_facter_tell() {
    let report = r#"{"version": 1, "hardware": {
        "cpu": [{"physical_id": 0, "siblings": 8, "cores": 4}],
        "memory": [{"resources": [{"type": "phys_mem", "range": 17179869184}]}]}}"#;
    for option in ["hardware.facter.reportPath", "facter.reportPath"] {
        let text = format!("{{ ... }}: {{ {option} = ./facter.json; zramSwap.enable = true; }}");
        let files = [FLAKE, ("desk.nix", &text), ("rack.nix", "{ }"), ("facter.json", report)];
        let found = found(&files, "");
        assert_eq!(found.shown(), ["desk 8 16 8 22", "rack ? ? ? ?"]);
        assert!(matches!(found.host("desk").memory.unwrap().by, Teller::Report(_)));
    }
}
