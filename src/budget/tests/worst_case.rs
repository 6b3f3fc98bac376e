//! The worst case against every set of builds that `max-jobs` lets run together, phase by phase.

use std::collections::BTreeSet;

use text_size::TextRange;

use crate::budget::{Figure, LocalBuild, Parallelism, Processes, WorstCase};
use crate::config::Bytes;
use crate::facts::Origin;
use crate::knowledge::{Basis, Linker, Lto};
use crate::source::{FileId, Span};

fn figure(bytes: u64, basis: Basis) -> Figure {
    Figure { bytes: Bytes(bytes), low: Bytes(bytes), basis, source: "this test".to_owned() }
}

fn build(process: u64, link: Option<u64>, processes: Processes) -> LocalBuild {
    LocalBuild {
        language: None,
        lto: Lto::Off,
        linker: Linker::Default,
        heap: None,
        name: "a".to_owned(),
        origin: Origin::Own,
        place: Span::new(FileId::from_index(0), TextRange::default()),
        files: Vec::new(),
        processes,
        processes_literal: None,
        idle: Vec::new(),
        process: Some(figure(process, Basis::Measured)),
        link: link.map(|link| figure(link, Basis::Estimate)),
        peak: None,
        hours: None,
        hours_basis: Basis::Estimate,
        is_known: true,
        is_browser: false,
        is_overlay_entry: false,
        has_dependents: false,
    }
}

/// Where each build is: not begun, in one of its phases, or done.
type State = Vec<Option<usize>>;

/// The most memory of any state that can be reached when at most `jobs` builds run at once and any
/// that has not begun may be the next.
fn enumerated(builds: &[LocalBuild], parallelism: Parallelism, threads: u64) -> u64 {
    let phases: Vec<Vec<u64>> = builds
        .iter()
        .map(|build| {
            let phases = build.phases(parallelism.cores, Some(threads));
            phases.iter().map(|phase| phase.bytes.0).collect()
        })
        .collect();
    let mut seen: BTreeSet<State> = BTreeSet::new();
    let mut waiting = vec![vec![None; builds.len()]];
    let mut most = 0;
    while let Some(state) = waiting.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        let memory = |(index, at): (usize, &Option<usize>)| {
            at.and_then(|at| phases[index].get(at)).copied().unwrap_or(0)
        };
        most = most.max(state.iter().enumerate().map(memory).sum());
        let is_running = |index: usize| state[index].is_some_and(|at| at < phases[index].len());
        let running = (0..builds.len()).filter(|index| is_running(*index)).count() as u64;
        for index in 0..builds.len() {
            let next = match state[index] {
                None if running < parallelism.jobs => Some(0),
                Some(at) if at < phases[index].len() => Some(at + 1),
                _ => None,
            };
            if next.is_some() {
                let mut state = state.clone();
                state[index] = next;
                waiting.push(state);
            }
        }
    }
    most
}

#[test]
fn it_is_what_enumeration_finds() {
    let kinds = [
        build(1, Some(7), Processes::Cores),
        build(3, Some(2), Processes::Cores),
        build(5, None, Processes::AtMost(2)),
        build(2, Some(9), Processes::Fixed(1)),
        build(4, Some(1), Processes::Threads),
    ];
    let mut compared = 0;
    for set in 0..1_u32 << kinds.len() {
        let builds: Vec<LocalBuild> = (0..kinds.len())
            .filter(|index| set & (1 << index) != 0)
            .map(|index| kinds[index].clone())
            .collect();
        for jobs in 0..=4 {
            for cores in 1..=4 {
                let parallelism = Parallelism { jobs, cores };
                let worst = WorstCase::of(&builds, parallelism, Some(4));
                assert_eq!(
                    worst.bytes.0,
                    enumerated(&builds, parallelism, 4),
                    "set {set:b}, {parallelism:?}"
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 32 * 5 * 4);
}

#[test]
fn it_is_as_well_known_as_its_weakest_part() {
    let builds = [build(9, Some(1), Processes::Fixed(1)), build(1, Some(5), Processes::Fixed(1))];
    let basis = |jobs| WorstCase::of(&builds, Parallelism { jobs, cores: 1 }, Some(1)).basis;
    assert_eq!(basis(1), Basis::Measured);
    assert_eq!(basis(2), Basis::Estimate);
}

#[test]
fn a_given_peak_counts_whatever_runs() {
    let given = LocalBuild {
        peak: Some(figure(6, Basis::Measured)),
        ..build(100, Some(100), Processes::Cores)
    };
    assert_eq!(given.peak(8, Some(8)).map(|peak| peak.bytes), Some(Bytes(6)));
}
