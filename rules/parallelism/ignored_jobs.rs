//! Limits of a build that nothing reads.

use super::cap::Cap;
use super::takes::reckoning;
use crate::budget::{Host, HostDemand, Knob as Setting};
use crate::declare_rule;
use crate::facts::{Change, ValueFact, ValueKind};
use crate::knowledge::{Knob, KnobBounds, KnobEffect};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::elements::elements;
use crate::rules::made::{Made, made};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A variable or flag that is meant to limit the jobs of a build, and that nothing in the build
    /// reads: `CARGO_BUILD_JOBS` in `buildRustPackage`, `-j` in `ninjaFlags` without ninja,
    /// `NIX_BUILD_CORES` among the variables of a session.
    ///
    /// # Why it matters
    ///
    /// The build runs as many jobs as `cores` allows, and takes the memory of that many. The hook of
    /// `buildRustPackage` passes `-j $NIX_BUILD_CORES`, and the flag wins over the variable. Yet the
    /// variable is part of the derivation: each change of the number builds the package anew, to the
    /// same result.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// let
    ///   machine = import ./machine.nix;
    /// in
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       CARGO_BUILD_JOBS = toString machine.jobs; # memory
    ///     })
    ///   ];
    /// }
    /// #- machine.nix
    /// {
    ///   jobs = 3;
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// let
    ///   machine = import ./machine.nix;
    /// in
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       preBuild = ''
    ///         export NIX_BUILD_CORES=$((NIX_BUILD_CORES > ${toString machine.jobs} ? ${toString machine.jobs} : NIX_BUILD_CORES))
    ///       ''; # memory
    ///     })
    ///   ];
    /// }
    /// #- machine.nix
    /// {
    ///   jobs = 3;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It puts a cap on `NIX_BUILD_CORES` in `preBuild` in place of the limit, with the same number or
    /// the same reference to it, before a `preBuild` that the package may have. A machine with fewer
    /// threads than that keeps its own number. It is unsafe: the derivation is another, and is built once more. Where there is a `preBuild` or a
    /// `NIX_BUILD_CORES` already, and where capping it is not what would help, it is only described.
    ///
    /// # When it stays silent
    ///
    /// - What builds the package is not known: only calls of known builders, overrides of their
    ///   results, and packages of nixpkgs of which the recipe is known count.
    /// - The tool that reads the limit may be among the inputs, or a phase of the build's own may use
    ///   it: `buildPhase`, or a text of the call that names the variable or runs the tool.
    /// - `CARGO_BUILD_JOBS` and its like among the variables of a session: they are for the user's own
    ///   builds.
    ///
    /// # Sources
    ///
    /// Each row of `rules/knowledge/knobs.toml` names its source; the note of a finding quotes it.
    pub struct IgnoredJobs {
        id: "ignored-jobs",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// What the builders of nixpkgs take their number of jobs from.
const CORES: &str = "NIX_BUILD_CORES";

/// Options that hold the variables of a session.
const SESSIONS: [[&str; 2]; 3] = [
    ["home", "sessionVariables"],
    ["environment", "variables"],
    ["environment", "sessionVariables"],
];

impl Rule for IgnoredJobs {
    fn meta(&self) -> &'static RuleMeta {
        const { &IgnoredJobs::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let used = cores_in_force(cx);
        let machines = machines(cx);
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx) {
            for limit in limits(cx, &made) {
                let diagnostic = report(cx, &made, &limit, &used, &machines);
                found.push(diagnostic);
            }
        }
        found.extend(of_sessions(cx));
        cx.report_once_a_place(found);
    }
}

/// A limit that is not heeded.
struct Ignored<'a> {
    change: &'a Change,
    /// The attribute set it stands in: `env`, where it is one of its variables.
    within: Option<&'a Change>,
    knob: &'a Knob,
    /// The flag that states it, as written, where the attribute is a list of flags.
    flag: Option<Flag>,
}

struct Flag {
    word: String,
    place: Span,
    /// How many elements the lists have together.
    of: usize,
}

fn limits<'a>(cx: &TreeContext<'a>, made: &Made<'a>) -> Vec<Ignored<'a>> {
    let top = made.attributes.iter().map(|change| (change, None));
    let env = made.attributes.iter().filter(|change| change.name == "env");
    let inner = env.flat_map(|env| env.inner.iter().map(move |change| (change, Some(env))));
    let all = top.chain(inner).filter(|(change, _)| !change.is_identity);
    all.filter_map(|(change, within)| ignored(cx, made, change, within)).collect()
}

fn ignored<'a>(
    cx: &TreeContext<'a>,
    made: &Made<'a>,
    change: &'a Change,
    within: Option<&'a Change>,
) -> Option<Ignored<'a>> {
    let knobs = cx.knowledge.knobs_at(&change.name, made);
    let is_limit = match &change.value.kind {
        ValueKind::Null | ValueKind::Bool(true) => false,
        ValueKind::Str(text) => !text.trim().is_empty(),
        _ => true,
    };
    if knobs.is_empty() || !is_limit || made.uses_variable(cx, &change.name) {
        return None;
    }
    let (knob, flag) = match knobs.iter().find(|knob| knob.flags.is_empty()) {
        Some(knob) => (*knob, None),
        None => {
            let lists = elements(cx, change);
            let of = lists.iter().map(Vec::len).sum();
            let words = lists
                .iter()
                .flatten()
                .flat_map(|element| element.words().map(|word| (word.to_owned(), element.place)));
            words.filter(|(word, _)| word.starts_with('-')).find_map(|(word, place)| {
                let number = word.replace('…', "0");
                let knob = *knobs.iter().find(|knob| knob.stated_by(&number).is_some())?;
                Some((knob, Some(Flag { word, place, of })))
            })?
        }
    };
    let is_ignored = matches!(knob.effect, KnobEffect::Ignored | KnobEffect::Overwritten);
    (is_ignored && knob.bounds == KnobBounds::Processes).then_some(Ignored {
        change,
        within,
        knob,
        flag,
    })
}

/// A host, the most cores that it gives a build, and what it builds.
struct Machine {
    host: Host,
    cores: u64,
    demand: HostDemand,
}

/// Whether this tree is known to be built on `host`; a profile alone may be of a machine that only
/// takes what others built.
fn builds_here(host: &Host) -> bool {
    host.is_configured || host.is_only || !host.flakes.is_empty()
}

/// The hosts on which somebody set what a build may take.
fn machines(cx: &TreeContext<'_>) -> Vec<Machine> {
    let budget = cx.budget();
    let cores = |index: usize, host: &Host| {
        let pairs = budget.pairs.iter().filter(|pair| pair.host == index);
        let set = pairs.filter(|pair| pair.limit(Setting::Cores).is_some());
        set.filter_map(|pair| Some(pair.parallelism(host)?.cores)).max()
    };
    let hosts = budget.hosts.iter().enumerate().filter(|(_, host)| builds_here(host));
    let with_cores: Vec<(&Host, u64)> =
        hosts.filter_map(|(index, host)| Some((host, cores(index, host)?))).collect();
    if with_cores.is_empty() {
        return Vec::new();
    }
    let demand = cx.demand();
    let machine = |(host, cores): (&Host, u64)| Machine {
        host: host.clone(),
        cores,
        demand: demand.on(host, cx.config, cx.facts),
    };
    with_cores.into_iter().map(machine).collect()
}

/// What the build takes with the processes that it really runs, a sentence for each host.
fn peaks(made: &Made<'_>, machines: &[Machine]) -> Vec<String> {
    let place = made.call.reported_at();
    let of = |machine: &Machine| {
        let build = machine.demand.builds.iter().find(|build| build.place == place)?;
        let peak = build.peak(machine.cores, machine.host.thread_count())?;
        Some(format!("at its peak on {}, {}", machine.host.name, reckoning(build, peak)))
    };
    machines.iter().filter_map(of).collect()
}

fn report(
    cx: &TreeContext<'_>,
    made: &Made<'_>,
    limit: &Ignored<'_>,
    used: &str,
    machines: &[Machine],
) -> Diagnostic {
    let Ignored { change, knob, flag, .. } = limit;
    let shown = match flag {
        Some(flag) => format!("`{}` in {}", flag.word, change.name),
        None => format!("`{}`", change.name),
    };
    let own = flag.as_ref().map(|flag| flag.place).or(change.key);
    let own = own.or(change.value.place).unwrap_or(made.call.span);
    let place = made.call.used_at.unwrap_or(own);
    let condition = match change.optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let message = format!("{condition}{shown} does not limit the build of {}", made.name);
    let mut found = Diagnostic::new(&IgnoredJobs::META, place, message).note(format!(
        "{} ({})",
        knob.why,
        knob.evidence()
    ));
    if place != own {
        found = found.related(own, "in this helper");
    }
    let cores = cores_of(made);
    let says = |cores: &ValueFact| match cores.as_int().map(|n| n.to_string()) {
        Some(number) => Some(number),
        None => cores.as_str().map(str::to_owned),
    };
    let is_capped = made.attribute("preBuild").is_some_and(|hook| mentions_cores(cx, hook));
    found = match (cores, is_capped) {
        (Some(cores), _) => found.note(match says(cores) {
            Some(number) => format!("it runs {number} jobs, for its `{CORES}` says so"),
            None => format!("it runs as many jobs as its `{CORES}` says"),
        }),
        (None, true) => found.note(format!("its `preBuild` decides: it sets `{CORES}`")),
        (None, false) => found.note(used.to_owned()),
    };
    found = peaks(made, machines).into_iter().fold(found, Diagnostic::note);
    let is_one_knob = knob.instead == CORES && cores.is_none() && !is_capped;
    found.fix(match is_one_knob {
        true => capped(cx, made, limit),
        false => Fix::suggestion(format!("Remove {shown}"), Vec::new()),
    })
}

fn cores_of<'a>(made: &Made<'a>) -> Option<&'a ValueFact> {
    let in_env = || made.attribute("env").and_then(|env| env.inner(CORES));
    made.attribute(CORES).or_else(in_env).map(|change| &change.value)
}

fn mentions_cores(cx: &TreeContext<'_>, hook: &Change) -> bool {
    let Some(place) = hook.definition else { return true };
    let source = cx.tree.source(place.file);
    source.is_ok_and(|source| source.slice(place.range).contains(CORES))
}

/// The fix: a cap on what is read, in place of what is not.
fn capped(cx: &TreeContext<'_>, made: &Made<'_>, limit: &Ignored<'_>) -> Fix {
    let flag = limit.flag.as_ref();
    let cap = Cap {
        call: made.call,
        change: limit.change,
        within: limit.within,
        flag: flag.map(|flag| (flag.place, flag.of == 1)),
        is_override: made.is_override,
    };
    let text = cap.number(cx);
    let title = match &text {
        Some(number) => format!("Cap `{CORES}` at {number} in `preBuild`"),
        None => format!("Cap `{CORES}` in `preBuild`"),
    };
    let has_hook = made.attribute("preBuild").is_some();
    let edits = text.filter(|_| !has_hook).and_then(|number| cap.edits(cx, &number));
    match edits {
        Some(edits) => {
            let why = "the derivation is another, and is built once more";
            Fix::unsafe_because(title, why, edits).isolated(cap.isolation())
        }
        None => Fix::suggestion(title, Vec::new()),
    }
}

/// What a build takes that nothing limits, as a sentence.
fn cores_in_force(cx: &TreeContext<'_>) -> String {
    let budget = cx.budget();
    let hosts = budget.hosts.iter().enumerate().filter(|(_, host)| builds_here(host));
    let most = hosts.filter_map(|(index, host)| {
        let pairs = budget.pairs.iter().filter(|pair| pair.host == index);
        let set = pairs.filter(|pair| pair.limit(Setting::Cores).is_some());
        let cores = set.filter_map(|pair| Some(pair.parallelism(host)?.cores)).max()?;
        Some(format!("up to {cores} on {}", host.name))
    });
    let most: Vec<String> = most.collect();
    match most.is_empty() {
        true => "it runs as many jobs as `cores` allows".to_owned(),
        false => format!("it runs as many jobs as `cores` allows: {}", most.join(", ")),
    }
}

/// `NIX_BUILD_CORES` among the variables of sessions.
fn of_sessions(cx: &TreeContext<'_>) -> Vec<Diagnostic> {
    let Some(knob) = cx.knowledge.environment_knob(CORES) else { return Vec::new() };
    let is_one = |path: &[String]| match path {
        [group, option, name] => {
            name == CORES
                && SESSIONS.iter().any(|[first, second]| group == first && option == second)
        }
        _ => false,
    };
    let settings = cx.facts.settings.iter().filter(|setting| is_one(&setting.path));
    let report = |setting: &crate::facts::Setting| {
        let option = setting.path[..2].join(".");
        let message = format!("`{CORES}` in {option} limits no build");
        Diagnostic::new(&IgnoredJobs::META, setting.key, message)
            .note(format!("{} ({})", knob.why, knob.evidence()))
            .fix(Fix::suggestion("Set `nix.settings.cores` instead", Vec::new()))
    };
    settings.map(report).collect()
}
