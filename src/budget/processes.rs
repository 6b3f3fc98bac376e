//! How many processes a build really runs: what the variables and flags that it is given come to.

use super::build::{IdleLimit, Processes};
use super::site::{BuildSite, strings};
use crate::config::PackageConfig;
use crate::facts::{Change, ValueFact, ValueKind};
use crate::knowledge::{Knob, KnobBounds, KnobEffect, KnobSite, Knowledge, LanguageMemory};
use crate::source::{FileId, Span};

/// The phases in which a script may change `NIX_BUILD_CORES` before anything is compiled.
const EARLY: [&str; 7] = [
    "postUnpack",
    "prePatch",
    "postPatch",
    "preConfigure",
    "postConfigure",
    "preBuild",
    "buildPhase",
];

/// How many processes run, and what was to bound them.
pub(super) struct Running {
    pub(super) processes: Processes,
    /// The literal that decides, where one does.
    pub(super) literal: Option<Span>,
    pub(super) idle: Vec<IdleLimit>,
    /// The files it was read from.
    pub(super) files: Vec<FileId>,
}

/// How many processes the build at `site` runs.
pub(super) fn running(
    knowledge: &Knowledge,
    site: &BuildSite<'_>,
    language: Option<&LanguageMemory>,
    said: Option<&PackageConfig>,
) -> Running {
    let mut running =
        Running { processes: Processes::Cores, literal: None, idle: Vec::new(), files: Vec::new() };
    let variables = site.variables();
    for change in &variables {
        running.read(knowledge, site, change);
    }
    running.read_flags(knowledge, site, &variables);
    let asked = running.processes != Processes::Cores;
    if !asked {
        running.processes = unasked(knowledge, site, language);
    }
    if let Some(count) = language.and_then(|language| language.processes) {
        running.processes = Processes::Fixed(u64::from(count));
        running.literal = None;
    }
    if let Some(count) = said.and_then(|said| said.processes) {
        running.processes = Processes::Fixed(u64::from(count));
        running.literal = None;
    }
    running
}

/// What runs where nothing bounds it.
fn unasked(
    knowledge: &Knowledge,
    site: &BuildSite<'_>,
    language: Option<&LanguageMemory>,
) -> Processes {
    let Some(builder) = site.builder.as_ref() else { return Processes::Cores };
    let path: Vec<&str> = builder.iter().map(|name| name.as_str()).collect();
    let is_plain = knowledge.builder(&path).is_some_and(|row| site.is_plain(&row.name));
    if !is_plain || site.is_override {
        return Processes::Cores;
    }
    let stdenv = &knowledge.memory.stdenv;
    if let Some(phase) = site.attribute("buildPhase") {
        let scripts = strings(&phase.value);
        let is_told = scripts.iter().any(|script| script.contains("NIX_BUILD_CORES"));
        let runs = |tool: &String| {
            scripts.iter().any(|script| script.split_whitespace().any(|word| word == tool))
        };
        return if is_told {
            Processes::Cores
        } else if stdenv.greedy.iter().any(runs) {
            Processes::Threads
        } else {
            Processes::Fixed(1)
        };
    }
    let has = |input: &String| site.has_input(input) != Some(false);
    let is_on = site
        .attribute("enableParallelBuilding")
        .is_some_and(|change| change.value.as_bool() != Some(false));
    let is_c = language.is_none_or(|language| language.processes.is_none());
    match is_on || !is_c || stdenv.parallel_inputs.iter().any(has) {
        true => Processes::Cores,
        false => Processes::Fixed(1),
    }
}

impl Running {
    /// Takes in a variable, or a phase that sets one.
    fn read(&mut self, knowledge: &Knowledge, site: &BuildSite<'_>, change: &Change) {
        if EARLY.contains(&change.name.as_str()) {
            let mut caps = strings(&change.value).into_iter().filter_map(cap_in);
            if let Some(cap) = caps.next_back() {
                self.processes = match (cap, self.processes) {
                    (Processes::AtMost(most), Processes::Fixed(count)) => {
                        Processes::Fixed(count.min(most))
                    }
                    (cap, _) => cap,
                };
                self.literal = self.literal.or(change.value.literal);
                self.depend_on(&change.value);
            }
            return;
        }
        let runs_cargo = change.name == "CARGO_BUILD_JOBS"
            && site.attribute("buildPhase").is_some_and(|phase| !phase.is_identity);
        if runs_cargo && let Some(count) = count(&change.value) {
            self.set(Processes::Fixed(count.max(1)), &change.value);
        }
        for knob in knowledge.knobs_at(&change.name, site) {
            if knob.bounds != KnobBounds::Processes || !knob.flags.is_empty() {
                continue;
            }
            let asked = match knob.name.as_str() {
                "enableParallelBuilding" if change.value.as_bool() == Some(false) => Some(1),
                "enableParallelBuilding" => None,
                _ => count(&change.value),
            };
            let Some(asked) = asked else { continue };
            match knob.effect {
                KnobEffect::Limits if asked == 0 => self.set(Processes::Threads, &change.value),
                KnobEffect::Limits => {
                    let capped = match self.processes {
                        Processes::AtMost(most) => asked.min(most),
                        _ => asked,
                    };
                    self.set(Processes::Fixed(capped), &change.value);
                }
                KnobEffect::Ignored | KnobEffect::Overwritten => {
                    self.idle.push(idle(knob, change, &asked.to_string()));
                    self.depend_on(&change.value);
                }
                KnobEffect::Breaks => {}
            }
            return;
        }
    }

    /// Takes in flags, which win over variables.
    fn read_flags(&mut self, knowledge: &Knowledge, site: &BuildSite<'_>, variables: &[&Change]) {
        for change in variables {
            let knobs = knowledge.knobs_at(&change.name, site);
            let words: Vec<&str> =
                strings(&change.value).into_iter().flat_map(str::split_whitespace).collect();
            for (index, word) in words.iter().enumerate() {
                let stated = knobs
                    .iter()
                    .filter(|knob| knob.bounds == KnobBounds::Processes)
                    .find_map(|knob| Some((knob, knob.stated_by(word)?)));
                let Some((knob, number)) = stated else { continue };
                let number = if number.is_empty() {
                    words.get(index + 1).copied().unwrap_or_default()
                } else {
                    number
                };
                let Ok(asked) = number.parse::<u64>() else { continue };
                match knob.effect {
                    KnobEffect::Limits => {
                        self.set(Processes::Fixed(asked.max(1)), &change.value);
                    }
                    KnobEffect::Ignored | KnobEffect::Overwritten => {
                        self.idle.push(idle(knob, change, word));
                        self.depend_on(&change.value);
                    }
                    KnobEffect::Breaks => {}
                }
            }
        }
    }

    fn set(&mut self, processes: Processes, value: &ValueFact) {
        self.processes = processes;
        self.literal = match value.sources() {
            [only] => value.literal.or(Some(*only)),
            _ => value.literal,
        };
        self.depend_on(value);
    }

    fn depend_on(&mut self, value: &ValueFact) {
        let spans = value.sources().iter().chain(&value.literal).chain(value.through());
        self.files.extend(spans.map(|span| span.file));
        self.files.sort_unstable();
        self.files.dedup();
    }
}

fn idle(knob: &Knob, change: &Change, asked: &str) -> IdleLimit {
    IdleLimit {
        name: change.name.to_string(),
        asked: asked.to_owned(),
        place: change.key,
        why: knob.why.clone(),
    }
}

/// The number that a variable states.
fn count(value: &ValueFact) -> Option<u64> {
    match &value.kind {
        ValueKind::Int(int) => u64::try_from(*int).ok(),
        ValueKind::Str(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// What a script makes of `NIX_BUILD_CORES`: a number, or the lesser of it and a number.
fn cap_in(script: &str) -> Option<Processes> {
    const SETS: &str = "NIX_BUILD_CORES=";
    let mut found = None;
    for (at, _) in script.match_indices(SETS) {
        let value = &script[at + SETS.len()..];
        found = match value.trim_start_matches(['"', '\'']).strip_prefix("$((") {
            Some(inner) => lesser(inner.split("))").next().unwrap_or_default()),
            None => {
                let digits: String = value
                    .chars()
                    .skip_while(|char| *char == '"')
                    .take_while(char::is_ascii_digit)
                    .collect();
                digits.parse().ok().filter(|count| *count > 0).map(Processes::Fixed)
            }
        }
        .or(found);
    }
    found
}

/// `NIX_BUILD_CORES > 4 ? 4 : NIX_BUILD_CORES` and the like: one number, compared with.
fn lesser(expression: &str) -> Option<Processes> {
    if !expression.contains('?') || !expression.contains(['<', '>']) {
        return None;
    }
    let numbers = expression.split(|char: char| !char.is_ascii_digit());
    let mut numbers: Vec<u64> = numbers.filter_map(|number| number.parse().ok()).collect();
    numbers.dedup();
    match numbers.as_slice() {
        [0] => None,
        [most] => Some(Processes::AtMost(*most)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_cap_the_cores() {
        let ternary = "export NIX_BUILD_CORES=$((NIX_BUILD_CORES > 4 ? 4 : NIX_BUILD_CORES))";
        assert_eq!(cap_in(ternary), Some(Processes::AtMost(4)));
        assert_eq!(cap_in("export NIX_BUILD_CORES=2\nmake"), Some(Processes::Fixed(2)));
        assert_eq!(cap_in("NIX_BUILD_CORES=\"3\""), Some(Processes::Fixed(3)));
        assert_eq!(cap_in("export NIX_BUILD_CORES=$(nproc)"), None);
        assert_eq!(cap_in("export NIX_BUILD_CORES=…"), None);
        assert_eq!(cap_in("make -j$NIX_BUILD_CORES"), None);
        assert_eq!(cap_in("NIX_BUILD_CORES=$((NIX_BUILD_CORES / 2))"), None);
    }
}
