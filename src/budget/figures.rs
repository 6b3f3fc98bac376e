//! What the tables say that one build takes.

use super::build::Figure;
use super::site::BuildSite;
use crate::config::{Bytes, Hours};
use crate::knowledge::{
    Basis, Cost, Engine, Knowledge, LanguageMemory, Lto, Package, PackageMemory, Range, Row,
};

/// In how many processes the peaks of the table of packages are reached.
pub(super) const PROCESSES_OF_PEAKS: f64 = 8.0;

pub(super) fn hours_of(range: Range) -> Hours {
    Hours { low: range.low, high: range.high }
}

fn gib(amount: f64) -> Bytes {
    Bytes((amount * Bytes::gibibytes(1).0 as f64) as u64)
}

/// What a table says is built.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Package(&'a Package),
    /// The engine that a wrapper's argument reaches.
    Engine(&'a Engine),
    Unknown,
}

impl<'a> Subject<'a> {
    /// What it takes with these arguments on.
    pub(super) fn cost(self, arguments: &[&str]) -> Option<Cost<'a>> {
        match self {
            Subject::Package(row) => Some(row.cost_with(arguments)),
            Subject::Engine(engine) => Some(Cost {
                hours: engine.hours,
                memory_gib: engine.memory_gib,
                quote: None,
                evidence: engine.evidence(),
            }),
            Subject::Unknown => None,
        }
    }
}

/// Where the figures of one build are looked up.
pub(super) struct Figures<'a> {
    pub(super) known: Option<&'a PackageMemory>,
    pub(super) cost: Option<Cost<'a>>,
    pub(super) language: Option<&'a LanguageMemory>,
}

impl Figures<'_> {
    /// What one process takes: the package's own figure, its share of the package's peak, or the
    /// language's.
    pub(super) fn process(&self) -> Option<Figure> {
        let own = self.known.and_then(|known| {
            let bytes = gib(known.process_gib?);
            Some(Figure { bytes, low: bytes, basis: known.basis, source: known.source.clone() })
        });
        let share = || {
            let cost = self.cost?;
            let processes = match self.language.and_then(|language| language.processes) {
                Some(processes) => f64::from(processes),
                None => PROCESSES_OF_PEAKS,
            };
            Some(Figure {
                bytes: gib(cost.memory_gib.high / processes),
                low: gib(cost.memory_gib.low / processes),
                basis: cost.evidence.basis,
                source: cost.evidence.source.to_owned(),
            })
        };
        let by_language = || {
            let row = self.language?;
            let bytes = gib(row.process_gib);
            Some(Figure { bytes, low: bytes, basis: Basis::Estimate, source: row.source.clone() })
        };
        own.or_else(share).or_else(by_language)
    }

    /// What the link takes. It is never more than the peak that the package is known to have.
    pub(super) fn link(&self, knowledge: &Knowledge, site: &BuildSite<'_>) -> Option<Figure> {
        let own = self.known.and_then(|known| {
            let bytes = gib(known.link_gib?);
            Some(Figure { bytes, low: bytes, basis: known.basis, source: known.source.clone() })
        });
        if own.is_some() && site.lto() == Lto::Off {
            return own;
        }
        if !self.language?.links {
            return None;
        }
        let row = knowledge.memory.link(site.lto(), site.linker())?;
        let cost = self.cost;
        let heavy = knowledge.limits.heavy.seconds as f64 / 3600.0;
        let is_heavy = cost.is_some_and(|cost| cost.hours.high > heavy);
        let amount = if is_heavy { row.heavy_gib } else { row.gib };
        let most = match site.lto() {
            Lto::Off => cost.map_or(f64::INFINITY, |cost| cost.memory_gib.high),
            Lto::Thin | Lto::Fat => f64::INFINITY,
        };
        let bytes = gib(amount.min(most));
        let low = match site.lto() {
            Lto::Off => cost.map_or(bytes, |cost| bytes.min(gib(cost.memory_gib.low))),
            Lto::Thin | Lto::Fat => bytes,
        };
        let source = row.source.clone();
        let by_kind = Figure { bytes, low, basis: Basis::Estimate, source };
        Some(own.filter(|own| own.bytes >= bytes).unwrap_or(by_kind))
    }
}
