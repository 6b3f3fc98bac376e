//! What the rules about `max-jobs` and `cores` have in common to say: which pairs make one finding,
//! and where each number of a pair comes from.

use crate::budget::{Budget, Defaults, Host, Knob, Limit, Pair, Writer};
use crate::facts::SettingPlace;
use crate::lint::{Diagnostic, TreeContext};
use crate::source::{Span, Tree};

/// Pairs that one change would settle, and the hosts that suffer from them.
pub(super) struct Excess<'b> {
    /// The pair to speak of.
    pub(super) pair: &'b Pair,
    /// Its host: the one with the least room.
    pub(super) host: &'b Host,
    /// Every host it is too much for, that one first.
    pub(super) hosts: Vec<&'b Host>,
}

/// The pairs that are too much by `exceeds`, those with the same `key` as one finding. Of these the
/// pair that holds for certain, on the host with the least room, is spoken of.
pub(super) fn excesses<K: PartialEq>(
    budget: &Budget,
    exceeds: impl Fn(&Pair, &Host) -> bool,
    key: impl Fn(&Pair) -> K,
) -> Vec<Excess<'_>> {
    let mut groups: Vec<(K, Vec<&Pair>)> = Vec::new();
    for pair in budget.pairs.iter().filter(|pair| exceeds(pair, budget.host(pair))) {
        let key = key(pair);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, pairs)) => pairs.push(pair),
            None => groups.push((key, vec![pair])),
        }
    }
    groups.into_iter().filter_map(|(_, pairs)| excess(budget, pairs)).collect()
}

fn excess<'b>(budget: &'b Budget, mut pairs: Vec<&'b Pair>) -> Option<Excess<'b>> {
    pairs.sort_by_key(|pair| {
        let room = budget.host(pair).room().map(|room| (room.processes, room.cores));
        (pair.limits().any(Limit::is_conditional), room)
    });
    let mut hosts: Vec<&Host> = Vec::new();
    for host in pairs.iter().map(|pair| budget.host(pair)) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let pair = *pairs.first()?;
    Some(Excess { pair, host: budget.host(pair), hosts })
}

/// "if … holds, " for a pair that hangs on a condition, else nothing.
pub(super) fn proviso(pair: &Pair, tree: &Tree) -> String {
    match pair.limits().find(|limit| limit.is_conditional()) {
        None => String::new(),
        Some(Limit { condition: Some(condition), .. }) => {
            format!("if the condition at {} holds, ", line(tree, *condition))
        }
        Some(limit) => {
            format!(
                "if {} takes the value at {}, ",
                limit.knob.name(),
                line(tree, limit.identity())
            )
        }
    }
}

/// Adds to `found` what there is to know about the numbers of `pair`: where each is read, where it
/// is written and what lies between, and what would change that.
pub(super) fn with_origins(
    mut found: Diagnostic,
    excess: &Excess<'_>,
    cx: &TreeContext<'_>,
) -> Diagnostic {
    let (pair, tree) = (excess.pair, cx.tree);
    for limit in pair.limits() {
        found = limit.files().fold(found, Diagnostic::depends_on);
        if limit.place != found.span {
            found = found.related(limit.place, format!("{} is set here", limit.knob.name()));
        }
        if let Some(note) = way(limit, tree) {
            found = found.note(note);
        }
        if let Some(source) = limit.source().filter(|source| is_elsewhere(limit, *source)) {
            found = found.related(source, format!("{} is written here", limit.knob.name()));
        }
        if let Some(unless) = limit.unless {
            let (knob, place) = (limit.knob.name(), line(tree, unless));
            found = found.note(format!("another {knob} wins if the condition at {place} holds"));
        }
    }
    for note in Knob::ALL.into_iter().filter_map(|knob| default(pair, knob)) {
        found = found.note(note);
    }
    let is_by = |writer| pair.limits().any(|limit| limit.writer == writer);
    if is_by(Writer::Profile) {
        found = found.note("no setting of this tree reads this part of the profile");
    }
    if is_by(Writer::Setting(SettingPlace::FlakeNixConfig)) {
        found = found.note("nixConfig counts for builds of this flake, once it is accepted");
    }
    excess.hosts.iter().fold(found, |found, host| found.host(host.name.as_str()))
}

/// What holds for the setting that nobody wrote.
fn default(pair: &Pair, knob: Knob) -> Option<&'static str> {
    match (pair.limit(knob), pair.defaults, knob) {
        (Some(_), ..) | (None, Defaults::Profile, _) => None,
        (None, Defaults::Nixos, Knob::MaxJobs) => {
            Some("max-jobs is not set, which is \"auto\" here: a job for each thread")
        }
        (None, Defaults::Nix | Defaults::Unknown, Knob::MaxJobs) => {
            Some("max-jobs is not set, which is 1 to Nix")
        }
        (None, _, Knob::Cores) => Some("cores is not set, which is 0: every thread"),
    }
}

/// "max-jobs is 4, written in profile.nix:3 and passed on at flake.nix:7" for a number that is
/// written elsewhere than it is read.
fn way(limit: &Limit, tree: &Tree) -> Option<String> {
    let source = limit.source().filter(|source| is_elsewhere(limit, *source))?;
    let ends = [line(tree, source), line(tree, limit.place)];
    let mut between: Vec<String> = Vec::new();
    for hop in limit.value.through().iter().rev().map(|span| line(tree, *span)) {
        if !ends.contains(&hop) && !between.contains(&hop) {
            between.push(hop);
        }
    }
    let value = tree.source(source.file).ok()?.slice(source.range).to_owned();
    let passed = match between.as_slice() {
        [] => String::new(),
        hops => format!(" and passed on at {}", hops.join(", ")),
    };
    Some(format!("{} is {value}, written in {}{passed}", limit.knob.name(), ends[0]))
}

fn is_elsewhere(limit: &Limit, source: Span) -> bool {
    source.file != limit.place.file || !limit.place.range.contains_range(source.range)
}

/// "1 thread", "8 threads".
pub(super) fn counted(count: impl Into<u64>, noun: &str) -> String {
    match count.into() {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn list(mut items: Vec<String>) -> String {
    match items.pop() {
        Some(last) if items.is_empty() => last,
        Some(last) => format!("{} and {last}", items.join(", ")),
        None => String::new(),
    }
}

/// The file and line of `span`, as a sentence names them.
pub(super) fn line(tree: &Tree, span: Span) -> String {
    let path = tree.path(span.file).display();
    match tree.source(span.file) {
        Ok(source) => format!("{path}:{}", source.position(span.range.start()).line),
        Err(_) => path.to_string(),
    }
}
