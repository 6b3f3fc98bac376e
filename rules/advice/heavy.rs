//! The builds that advice is about, and the machines that they run on.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::budget::{Budget, Demand, Host, LocalBuild, is_built_on};
use crate::config::Bytes;
use crate::lint::{Diagnostic, Fix, FixEdit, TreeContext};
use crate::rules::made::{Made, made};
use crate::rules::variables::{Variable, all_variables};
use crate::source::Span;

/// A build of the tree that takes long.
pub(super) struct Heavy<'a> {
    /// What it takes.
    pub(super) build: &'a LocalBuild,
    /// The call that gives it attributes; none for an override of arguments.
    pub(super) made: Option<Made<'a>>,
}

/// The builds of the tree that are expected to take long, browsers apart: those come from a cache.
pub(super) fn heavy<'a>(cx: &TreeContext<'a>) -> Vec<Heavy<'a>> {
    let long = cx.knowledge.limits.heavy.seconds as f64 / 3600.0;
    let is_heavy = |build: &LocalBuild| {
        !build.is_browser && build.hours.is_some_and(|hours| hours.high > long)
    };
    builds(cx).into_iter().filter(|one| is_heavy(one.build)).collect()
}

/// Every build of the tree that compiles something, with its call.
pub(super) fn builds<'a>(cx: &TreeContext<'a>) -> Vec<Heavy<'a>> {
    let demand = cx.demand();
    let mut calls: FxHashMap<Span, VecDeque<Made<'a>>> = FxHashMap::default();
    for made in made(cx) {
        calls.entry(made.call.reported_at()).or_default().push_back(made);
    }
    let with_call = |build: &'a LocalBuild| {
        let made = calls.get_mut(&build.place).and_then(VecDeque::pop_front);
        let is_for_others =
            made.as_ref().is_some_and(|made| made.is_dev_shell(cx) || made.is_template(cx));
        (!is_for_others).then_some(Heavy { build, made })
    };
    demand.builds.iter().filter_map(with_call).collect()
}

impl<'a> Heavy<'a> {
    /// The variables that its build sees, as far as the tree gives them.
    pub(super) fn variables(&self, cx: &TreeContext<'a>) -> Vec<Variable<'a>> {
        self.made.as_ref().map(|made| all_variables(cx, made)).unwrap_or_default()
    }

    /// The variable `name`, where it is one that is always set.
    pub(super) fn variable(&self, cx: &TreeContext<'a>, name: &str) -> Option<Variable<'a>> {
        let is_it = |variable: &Variable<'a>| variable.name == name && !variable.guarded;
        self.variables(cx).into_iter().find(is_it)
    }

    /// Where a finding about `variable` stands: at its name, or at the use of a helper.
    pub(super) fn place_of(&self, variable: &Variable<'_>) -> Span {
        let used_at = self.made.as_ref().and_then(|made| made.call.used_at);
        used_at.or(variable.change.key).unwrap_or(self.build.place)
    }

    /// Adds to a finding about `variable` where its value comes from, and the fix that gives it another.
    pub(super) fn changing(
        &self,
        found: Diagnostic,
        variable: &Variable<'_>,
        title: String,
        edits: Option<Vec<FixEdit>>,
    ) -> Diagnostic {
        let found = variable.written.iter().fold(found, |found, span| found.depends_on(span.file));
        let why = format!("{} is another derivation, and is built once more", self.build.name);
        found.fix(Fix::unsafe_or_shown(title, why, edits))
    }

    /// `if …, ` where it is not sure to be built so.
    pub(super) fn condition(&self, variable: Option<&Variable<'_>>) -> &'static str {
        let is_optional = variable.is_some_and(|variable| variable.optional);
        let is_undecided = self.made.as_ref().is_some_and(|made| made.call.condition.is_some());
        if is_optional || is_undecided { "if the condition around it holds, " } else { "" }
    }

    /// What one build may take on each machine that builds it and of which the memory is known.
    pub(super) fn rooms<'b>(&self, cx: &TreeContext<'_>, budget: &'b Budget) -> Vec<Room<'b>> {
        let demand = Demand { builds: Vec::new() };
        let here = |host: &&Host| is_built_on(self.build.place.file, host, cx.facts);
        let hosts = budget.hosts.iter().enumerate().filter(|(_, host)| here(host));
        let room = |(index, host): (usize, &'b Host)| {
            let limits = demand.on(host, cx.config, cx.facts);
            let pairs = budget.pairs_on(index, cx.facts);
            let jobs = pairs.iter().filter_map(|pair| Some(pair.parallelism(host)?.jobs)).max();
            Some(Room {
                host,
                one: limits.package_limit?,
                all: limits.limit.map(|limit| limit.bytes),
                jobs: jobs.unwrap_or(1),
            })
        };
        hosts.filter_map(room).collect()
    }
}

/// What a machine has room for.
#[derive(Clone, Copy)]
pub(super) struct Room<'b> {
    /// The machine.
    pub(super) host: &'b Host,
    /// What one build should take.
    pub(super) one: Bytes,
    /// What all together may take.
    pub(super) all: Option<Bytes>,
    /// How many builds run at once.
    pub(super) jobs: u64,
}

/// The room of the machine that has the least.
pub(super) fn least<'b>(rooms: &[Room<'b>]) -> Option<Room<'b>> {
    rooms.iter().copied().min_by_key(|room| room.one)
}

/// So many GiB in bytes.
pub(super) fn gib(amount: f64) -> Bytes {
    Bytes((amount * Bytes::gibibytes(1).0 as f64) as u64)
}
