//! Which definitions hold together on which host.

use std::path::{Path, PathBuf};

use text_size::{TextRange, TextSize};

use crate::budget::{Budget, Knob, Pair};
use crate::config::{Bytes, Config, HostConfig, Located};
use crate::facts::{
    Facts, HostProfile, ModuleKind, Priority, Setting, SettingPlace, ValueFact, ValueKind,
};
use crate::source::{FileId, Span, Tree};

const NIXOS: SettingPlace = SettingPlace::Module(ModuleKind::Nixos);
const HOME: SettingPlace = SettingPlace::Module(ModuleKind::HomeManager);
const MAX_JOBS: &str = "nix.settings.max-jobs";
const CORES: &str = "nix.settings.cores";

fn config(hosts: &[(&str, u32)]) -> Config {
    let host = |&(name, threads): &(&str, u32)| {
        (name.to_owned(), HostConfig { threads: Some(threads), ..HostConfig::default() })
    };
    Config { hosts: hosts.iter().map(host).collect(), ..Config::default() }
}

fn tree() -> Tree {
    let names = ["a.nix", "b.nix", "flake.nix", "profile.nix"];
    Tree::in_memory(Path::new("/tree"), names.map(|name| (name, " ".repeat(200))))
}

fn span(file: usize, at: u32) -> Span {
    Span::new(FileId::from_index(file), TextRange::at(TextSize::new(at), TextSize::new(1)))
}

fn written(kind: ValueKind, at: Span) -> ValueFact {
    let mut written = ValueFact::new(kind, Some(at), vec![at], Vec::new());
    written.place = Some(at);
    written
}

/// Definitions, each written at a place of its own unless another is given.
#[derive(Default)]
struct Given {
    facts: Facts,
    next: u32,
}

impl Given {
    fn place(&mut self, file: usize) -> Span {
        self.next += 2;
        span(file, self.next)
    }

    fn add(
        &mut self,
        file: usize,
        path: &str,
        kind: ValueKind,
        place: SettingPlace,
        host: Option<&str>,
    ) -> &mut Setting {
        let key = self.place(file);
        self.facts.settings.push(Setting {
            calls: Vec::new(),
            profiles: Vec::new(),
            path: path.split('.').map(str::to_owned).collect(),
            key,
            definition: None,
            value: written(kind, key),
            priority: Priority::PLAIN,
            condition: None,
            place,
            host: host.map(str::to_owned),
        });
        self.facts.settings.last_mut().unwrap()
    }

    fn int(&mut self, path: &str, value: i64, place: SettingPlace, host: &str) -> &mut Setting {
        self.add(0, path, ValueKind::Int(value), place, Some(host))
    }

    fn profile(&mut self, hostname: &str, max_jobs: i64, max_cores: i64) {
        let value = |at, number| Some(written(ValueKind::Int(number), span(3, at)));
        self.facts.profiles.push(HostProfile {
            file: FileId::from_index(3),
            hostname: Some(hostname.to_owned()),
            max_jobs: value(150, max_jobs),
            max_cores: value(160, max_cores),
            values: vec![],
        });
    }

    fn budget(&self, config: &Config) -> Budget {
        Budget::new(&tree(), config, &self.facts)
    }

    /// Each pair in force, as `HOST jobs × cores`, with a mark where it is too much.
    fn in_force(&self, config: &Config) -> Vec<String> {
        let budget = self.budget(config);
        let show = |pair: &Pair| {
            let host = budget.host(pair);
            let Some(now) = pair.parallelism(host) else { return String::new() };
            let mut shown = format!("{} {}×{}", host.name, now.jobs, now.cores);
            if pair.exceeds_threads(host) {
                shown += " cpu";
            }
            if pair.exceeds_cores(host) {
                shown += " cores";
            }
            shown
        };
        budget.pairs.iter().map(show).filter(|shown| !shown.is_empty()).collect()
    }
}

#[test]
fn both_set_make_a_pair() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, NIXOS, "pc");
    given.int(CORES, 8, NIXOS, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×8 cpu cores"]);
    assert_eq!(given.in_force(&config(&[("pc", 32)])), ["pc 4×8"]);
    assert_eq!(given.in_force(&config(&[("other", 8)])), [""; 0]);
    assert_eq!(given.in_force(&config(&[])), [""; 0]);
}

#[test]
fn threads_must_be_known() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 40, NIXOS, "pc");
    let mut config = config(&[("pc", 8)]);
    config.hosts.get_mut("pc").unwrap().threads = None;
    assert_eq!(given.in_force(&config), [""; 0]);
    given.profile("pc", 1, 1);
    let threads = (String::from("cpu.threads"), written(ValueKind::Int(16), span(3, 170)));
    let memory = (String::from("memory.total"), written(ValueKind::Str("16".into()), span(3, 180)));
    given.facts.profiles[0].values.extend([threads, memory]);
    assert_eq!(given.in_force(&config)[0], "pc 40×16 cpu");
    let memory = given.budget(&config).hosts[0].memory.map(|memory| memory.value);
    assert_eq!(memory, Some(Bytes::gibibytes(16)));
}

#[test]
fn defaults_fill_in_but_are_not_chosen() {
    let mut given = Given::default();
    given.int(CORES, 0, NIXOS, "pc");
    let config = config(&[("pc", 8)]);
    assert_eq!(given.in_force(&config), ["pc 8×8"]);
    given.add(0, MAX_JOBS, ValueKind::Str("auto".into()), NIXOS, Some("pc"));
    assert_eq!(given.in_force(&config), ["pc 8×8"]);
    given.facts.settings.pop();
    given.int(MAX_JOBS, 4, NIXOS, "pc");
    assert_eq!(given.in_force(&config), ["pc 4×8 cpu"]);

    let mut given = Given::default();
    given.int(CORES, 8, HOME, "me@pc");
    assert_eq!(given.in_force(&config), ["pc 1×8 cores"]);
    given.add(0, MAX_JOBS, ValueKind::Str("auto".into()), HOME, Some("me@pc"));
    assert_eq!(given.in_force(&config), ["pc 8×8 cpu cores"]);
}

#[test]
fn a_default_of_either_platform_is_not_chosen_where_the_platform_is_not_known() {
    let mut given = Given::default();
    let place = SettingPlace::Module(ModuleKind::Unknown);
    given.add(0, MAX_JOBS, ValueKind::Str("auto".into()), place, None);
    let config = config(&[("pc", 8)]);
    assert_eq!(given.in_force(&config), ["pc 8×8"]);
    given.add(0, CORES, ValueKind::Int(2), place, None);
    assert_eq!(given.in_force(&config), ["pc 8×2 cpu"]);
    given.facts.settings.remove(0);
    assert_eq!(given.in_force(&config), ["pc 1×2"]);
}

#[test]
fn no_local_jobs_are_never_too_much() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 0, NIXOS, "pc");
    given.int(CORES, 64, NIXOS, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 0×64"]);
}

#[test]
fn numbers_may_be_strings_and_older_names() {
    let mut given = Given::default();
    given.add(0, "nix.maxJobs", ValueKind::Str(" 4 ".into()), NIXOS, Some("pc"));
    given.int("nix.buildCores", 8, NIXOS, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×8 cpu cores"]);
}

#[test]
fn other_machines_are_not_this_one() {
    let mut given = Given::default();
    given.int("nix.buildMachines.maxJobs", 64, NIXOS, "pc");
    given.int("virtualisation.cores", 64, NIXOS, "pc");
    given.int("nix.settings.timeout", 64, NIXOS, "pc");
    given.int("nix.settings.max-jobs.nested", 64, NIXOS, "pc");
    given.int("services.x.max-jobs", 64, NIXOS, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), [""; 0]);
}

#[test]
fn impossible_numbers_are_left_out() {
    for kind in [
        ValueKind::Int(-1),
        ValueKind::Null,
        ValueKind::Str("many".into()),
        ValueKind::Unknown("somewhere else".into()),
    ] {
        let mut given = Given::default();
        given.add(0, MAX_JOBS, kind, NIXOS, Some("pc"));
        given.int(CORES, 8, NIXOS, "pc");
        assert_eq!(given.in_force(&config(&[("pc", 8)])), [""; 0]);
    }
    let mut given = Given::default();
    given.int(MAX_JOBS, i64::MAX, NIXOS, "pc");
    given.int(CORES, i64::MAX, NIXOS, "pc");
    assert!(given.in_force(&config(&[("pc", 8)]))[0].ends_with("cpu cores"));
}

#[test]
fn the_lower_priority_wins() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, NIXOS, "pc").priority = Priority::DEFAULT;
    given.int(CORES, 8, NIXOS, "pc").priority = Priority::DEFAULT;
    given.int(MAX_JOBS, 2, NIXOS, "pc");
    given.int(CORES, 6, NIXOS, "pc").priority = Priority(50);
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 2×6"]);
}

#[test]
fn a_nix_conf_has_the_last_word_and_its_last_line_counts() {
    let mut given = Given::default();
    let text = SettingPlace::NixConf(ModuleKind::Nixos);
    given.int(MAX_JOBS, 2, NIXOS, "pc").priority = Priority(50);
    given.int(CORES, 6, NIXOS, "pc");
    given.int(MAX_JOBS, 3, text, "pc");
    given.int(MAX_JOBS, 4, text, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×6 cpu"]);
}

#[test]
fn contradictions_are_left_out() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, NIXOS, "pc");
    given.int(MAX_JOBS, 5, NIXOS, "pc");
    given.int(CORES, 8, NIXOS, "pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), [""; 0]);
}

#[test]
fn users_lie_over_the_system_and_flakes_over_both() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 2, NIXOS, "pc");
    given.int(CORES, 6, NIXOS, "pc");
    given.int(MAX_JOBS, 3, HOME, "me@pc");
    given.add(2, CORES, ValueKind::Int(7), SettingPlace::FlakeNixConfig, None);
    let pairs = given.in_force(&config(&[("pc", 8)]));
    assert_eq!(pairs, ["pc 2×6", "pc 3×6 cpu", "pc 3×7 cpu cores"]);
}

#[test]
fn users_do_not_mix() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, HOME, "me@pc");
    given.int(CORES, 6, HOME, "you@pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×8 cpu", "pc 1×6"]);
}

#[test]
fn what_belongs_to_nobody_belongs_to_the_only_host() {
    let mut given = Given::default();
    given.add(2, MAX_JOBS, ValueKind::Int(4), SettingPlace::FlakeNixConfig, None);
    given.add(2, CORES, ValueKind::Int(6), SettingPlace::FlakeNixConfig, None);
    given.int(MAX_JOBS, 12, HOME, "me");
    given.int(MAX_JOBS, 99, NIXOS, "server");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 12×8 cpu", "pc 4×6 cpu"]);
    assert_eq!(given.in_force(&config(&[("pc", 8), ("laptop", 4)])), [""; 0]);
}

#[test]
fn loose_modules_that_contradict_each_other_are_of_several_machines() {
    let mut given = Given::default();
    given.add(0, MAX_JOBS, ValueKind::Int(4), NIXOS, None);
    given.add(0, CORES, ValueKind::Int(6), NIXOS, None);
    given.add(1, MAX_JOBS, ValueKind::Int(1), NIXOS, None);
    given.add(1, CORES, ValueKind::Int(8), NIXOS, None);
    assert_eq!(given.in_force(&config(&[("pc", 8)])), [""; 0]);
}

#[test]
fn loose_modules_are_not_part_of_a_configuration() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, NIXOS, "pc");
    given.int(CORES, 6, NIXOS, "pc");
    given.add(1, MAX_JOBS, ValueKind::Int(1), NIXOS, None);
    given.int(MAX_JOBS, 3, HOME, "me@pc");
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×6 cpu", "pc 1×8", "pc 3×6 cpu"]);
}

#[test]
fn one_undecided_condition_is_an_if() {
    let mut given = Given::default();
    let condition = span(1, 100);
    given.int(MAX_JOBS, 2, NIXOS, "pc");
    given.int(CORES, 6, NIXOS, "pc");
    let stronger = given.int(MAX_JOBS, 4, NIXOS, "pc");
    (stronger.condition, stronger.priority) = (Some(condition), Priority(50));
    let config = config(&[("pc", 8)]);
    assert_eq!(given.in_force(&config), ["pc 2×6", "pc 4×6 cpu"]);
    let budget = given.budget(&config);
    let jobs = |index: usize| budget.pairs[index].max_jobs.clone().unwrap();
    assert_eq!((jobs(0).condition, jobs(0).unless), (None, Some(condition)));
    assert_eq!((jobs(1).condition, jobs(1).unless), (Some(condition), None));
}

#[test]
fn two_undecided_conditions_are_left_out() {
    let mut given = Given::default();
    given.int(MAX_JOBS, 4, NIXOS, "pc").condition = Some(span(1, 100));
    given.int(CORES, 8, NIXOS, "pc").condition = Some(span(1, 120));
    assert_eq!(given.in_force(&config(&[("pc", 8)])), [""; 0]);
    for setting in &mut given.facts.settings {
        setting.condition = Some(span(1, 100));
    }
    assert_eq!(given.in_force(&config(&[("pc", 8)])), ["pc 4×8 cpu cores"]);
}

#[test]
fn a_choice_is_an_if_and_two_are_left_out() {
    let choice = |one, other| {
        let value = |number: i64| written(ValueKind::Int(number), span(1, number as u32));
        ValueKind::Choice(vec![value(one), value(other)])
    };
    let mut given = Given::default();
    given.add(0, MAX_JOBS, choice(4, 2), NIXOS, Some("pc"));
    given.int(CORES, 6, NIXOS, "pc");
    let config = config(&[("pc", 8)]);
    assert_eq!(given.in_force(&config), ["pc 4×6 cpu", "pc 2×6"]);
    assert!(given.budget(&config).pairs[0].limits().any(|limit| limit.is_conditional()));
    given.facts.settings[1].value.kind = choice(8, 6);
    assert_eq!(given.in_force(&config), [""; 0]);
}

#[test]
fn a_profile_counts_where_nothing_reads_it() {
    let mut given = Given::default();
    given.profile("pc", 4, 8);
    let config = config(&[("pc", 8)]);
    assert_eq!(given.in_force(&config), ["pc 4×8 cpu cores"]);
    given.int(MAX_JOBS, 4, NIXOS, "pc").value = written(ValueKind::Int(4), span(3, 150));
    given.int(CORES, 2, NIXOS, "pc");
    assert_eq!(given.in_force(&config), ["pc 4×2"]);
}

#[test]
fn a_profile_belongs_to_who_names_it_or_whom_it_names() {
    let mut given = Given::default();
    given.profile("pc", 4, 8);
    // Of a machine that nobody told of, there is nothing to hold the numbers against.
    assert_eq!(given.in_force(&config(&[("other", 8)])), ["pc 4×8"]);
    let mut config = config(&[("other", 8)]);
    let path: PathBuf = "profile.nix".into();
    config.hosts.get_mut("other").unwrap().profile = Some(Located::argument("--config", path));
    assert_eq!(given.in_force(&config), ["other 4×8 cpu cores"]);
}

#[test]
fn a_shared_literal_serves_every_host() {
    let mut given = Given::default();
    for host in ["pc", "laptop", "server"] {
        given.int(MAX_JOBS, 4, NIXOS, host).value = written(ValueKind::Int(4), span(3, 150));
        given.int(CORES, 8, NIXOS, host).value = written(ValueKind::Int(8), span(3, 160));
    }
    let budget = given.budget(&config(&[("pc", 8), ("laptop", 4), ("server", 64)]));
    assert_eq!(budget.target(span(3, 160), Knob::Cores), Some(2));
    assert_eq!(budget.target(span(3, 150), Knob::MaxJobs), Some(3));
    assert_eq!(budget.target(span(3, 150), Knob::Cores), None);
}
