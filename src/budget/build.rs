//! What one local build takes: processes, memory phase by phase, hours.

use crate::config::{Bytes, Hours};
use crate::facts::{Origin, Package};
use crate::knowledge::{Basis, Knowledge, Linker, Lto};
use crate::source::{FileId, Span};

/// A package that the tree makes Nix build here, since no cache has it.
#[derive(Clone, PartialEq, Debug)]
pub struct LocalBuild {
    /// How a message calls it.
    pub name: String,
    /// Where the package is from that is built: [`Origin::Own`] for a derivation of the tree.
    pub origin: Origin,
    /// The call that makes it.
    pub place: Span,
    /// An overlay puts it in the place of the package of its name.
    pub is_replacement: bool,
    /// What tells it from the tree's other builds.
    pub id: usize,
    /// The builds, by `id`, that are done before it begins, since it is made of what they make.
    pub after: Vec<usize>,
    /// The packages that its attributes name.
    pub needs: Vec<Package>,
    /// The files that the figures come from.
    pub files: Vec<FileId>,
    /// How many processes run at once.
    pub processes: Processes,
    /// The literal that decides how many, where one does.
    pub processes_literal: Option<Span>,
    /// The limits that are set and come to nothing.
    pub idle: Vec<IdleLimit>,
    /// The language it is written in, as the table of what builds take names it.
    pub language: Option<String>,
    /// Optimisation at link time, as far as variables and flags say.
    pub lto: Lto,
    /// Who links, as far as flags say.
    pub linker: Linker,
    /// The heap that Node is told to keep to.
    pub heap: Option<Bytes>,
    /// What one process takes on average; `None` where nothing is known.
    pub process: Option<Figure>,
    /// What the link takes, which runs by itself.
    pub link: Option<Figure>,
    /// What the whole build takes, where somebody said so.
    pub peak: Option<Figure>,
    /// How long it takes with as many processes as the tables are for; `None` where nothing is known.
    pub hours: Option<Hours>,
    /// What part of that is spread over its processes; `None` where somebody said how long it takes,
    /// or nothing is known of its language.
    pub spread: Option<f64>,
    /// How well that is known.
    pub hours_basis: Basis,
    /// More is known of it than its language: the package itself has figures.
    pub is_known: bool,
    /// It is a browser of nixpkgs, which a cache would have if nothing overrode it.
    pub is_browser: bool,
    /// An overlay binds it, so that it may never be used.
    pub is_overlay_entry: bool,
    /// It happens only if a condition holds that cannot be decided.
    pub is_conditional: bool,
    /// More of nixpkgs is built again with it than the budget counts.
    pub has_dependents: bool,
}

/// How many processes a build runs at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Processes {
    /// As many as `cores` says.
    Cores,
    /// As many as `cores` says, and no more than this.
    AtMost(u64),
    /// This many, whatever `cores` says.
    Fixed(u64),
    /// One for each thread of the machine, whatever `cores` says.
    Threads,
}

impl Processes {
    fn no_more_than(self, most: u64) -> Processes {
        match self {
            Processes::Cores | Processes::Threads => Processes::AtMost(most),
            Processes::AtMost(count) => Processes::AtMost(count.min(most)),
            Processes::Fixed(count) => Processes::Fixed(count.min(most)),
        }
    }

    /// The number, where `cores` allows that many on a machine of `threads`; `None` where it takes
    /// those and they are not known.
    pub fn on(self, cores: u64, threads: Option<u64>) -> Option<u64> {
        let count = match self {
            Processes::Cores => cores,
            Processes::AtMost(most) => cores.min(most),
            Processes::Fixed(count) => count,
            Processes::Threads => threads?,
        };
        Some(count.max(1))
    }
}

/// Memory, and how well it is known.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// How much.
    pub bytes: Bytes,
    /// How much at least, where that is an estimate.
    pub low: Bytes,
    /// How well it is known.
    pub basis: Basis,
    /// Where from.
    pub source: String,
}

/// A limit on processes that nothing reads.
#[derive(Clone, PartialEq, Debug)]
pub struct IdleLimit {
    /// The variable or flag.
    pub name: String,
    /// What it asks for, as it is written.
    pub asked: String,
    /// Where it is written.
    pub place: Option<Span>,
    /// Why it comes to nothing.
    pub why: String,
}

/// What a build does when it takes the most memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It compiles, in several processes.
    Compile,
    /// It links.
    Link,
    /// Nobody asked: the peak was given.
    Given,
}

/// The most that a build takes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Peak {
    /// How much.
    pub bytes: Bytes,
    /// How many processes compile.
    pub processes: u64,
    /// When it takes the most.
    pub phase: Phase,
    /// How well the figure is known.
    pub basis: Basis,
}

impl Figure {
    fn at_least(self) -> Figure {
        Figure { bytes: self.low, ..self }
    }
}

impl LocalBuild {
    /// Whether it may run beside `other`: neither waits for the other.
    pub fn may_run_beside(&self, other: &LocalBuild) -> bool {
        !self.after.contains(&other.id) && !other.after.contains(&self.id)
    }

    /// The same with the least that each figure may be.
    pub fn at_least(self) -> LocalBuild {
        LocalBuild {
            process: self.process.map(Figure::at_least),
            link: self.link.map(Figure::at_least),
            peak: self.peak.map(Figure::at_least),
            ..self
        }
    }

    /// The same with no phase of more than `most`: fewer processes run, as many as have room.
    pub fn no_more_than(mut self, most: Bytes) -> LocalBuild {
        if let Some(process) = &self.process {
            let room = (most.0 / process.bytes.0.max(1)).max(1);
            self.processes = self.processes.no_more_than(room);
        }
        let cut = |figure: Figure| Figure { bytes: figure.bytes.min(most), ..figure };
        self.link = self.link.map(cut);
        self.peak = self.peak.map(cut);
        self
    }

    /// How long it takes where `cores` allows that many processes on a machine of `threads`.
    pub fn hours_on(&self, cores: u64, threads: Option<u64>) -> Option<Hours> {
        let hours = self.hours?;
        let (Some(spread), Some(processes)) = (self.spread, self.processes.on(cores, threads))
        else {
            return Some(hours);
        };
        let factor = Knowledge::builtin().memory.scaling.factor(spread, processes);
        Some(Hours { low: hours.low * factor, high: hours.high * factor })
    }

    /// What each phase takes, where `cores` allows that many processes on a machine of `threads`.
    /// Empty where nothing is known; without the processes where their number is not.
    pub fn phases(&self, cores: u64, threads: Option<u64>) -> Vec<Peak> {
        let running = self.processes.on(cores, threads);
        let processes = running.unwrap_or(1);
        let of = |figure: &Figure, phase, count: u64| Peak {
            bytes: Bytes(figure.bytes.0.saturating_mul(count)),
            processes,
            phase,
            basis: figure.basis,
        };
        if let Some(peak) = &self.peak {
            return vec![of(peak, Phase::Given, 1)];
        }
        let compile = self.process.iter().filter(|_| running.is_some());
        let compile = compile.map(|figure| of(figure, Phase::Compile, processes));
        let link = self.link.iter().map(|figure| of(figure, Phase::Link, 1));
        compile.chain(link).collect()
    }

    /// The phase that takes the most.
    pub fn peak(&self, cores: u64, threads: Option<u64>) -> Option<Peak> {
        self.phases(cores, threads).into_iter().max_by_key(|peak| peak.bytes)
    }
}
