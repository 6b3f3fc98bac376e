//! One of the two settings that bound parallelism, as somebody wrote it.

use crate::facts::{SettingPlace, ValueFact, ValueKind};
use crate::source::{FileId, Span, Tree};
use crate::syntax::rewrite;

/// A setting that bounds how much Nix builds at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Knob {
    /// `max-jobs`: builds at once.
    MaxJobs,
    /// `cores`: threads a build may take.
    Cores,
}

impl Knob {
    /// Both, in the order they are multiplied.
    pub const ALL: [Knob; 2] = [Knob::MaxJobs, Knob::Cores];

    /// Nix's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Knob::MaxJobs => "max-jobs",
            Knob::Cores => "cores",
        }
    }

    /// The other one.
    pub fn other(self) -> Knob {
        match self {
            Knob::MaxJobs => Knob::Cores,
            Knob::Cores => Knob::MaxJobs,
        }
    }

    /// The one that an option's path sets. The second names are older ones that still work.
    pub fn at(path: &[String]) -> Option<Knob> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["nix", "settings", "max-jobs" | "build-max-jobs"] | ["nix", "maxJobs"] => {
                Some(Knob::MaxJobs)
            }
            ["nix", "settings", "cores" | "build-cores"] | ["nix", "buildCores"] => {
                Some(Knob::Cores)
            }
            _ => None,
        }
    }
}

/// How much a setting allows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Amount {
    /// That many.
    Count(u64),
    /// As many as the machine has threads: `max-jobs = "auto"`, `cores = 0`.
    Threads,
}

impl Amount {
    /// The number on a machine with `threads` threads; `None` where it takes those and they are not
    /// known.
    pub fn on(self, threads: Option<u64>) -> Option<u64> {
        match self {
            Amount::Count(count) => Some(count),
            Amount::Threads => threads,
        }
    }

    /// What `value` means for `knob`; `None` where it is not known, or nothing that Nix would take.
    pub fn of(knob: Knob, value: &ValueFact) -> Option<Amount> {
        let count = match &value.kind {
            ValueKind::Int(int) => u64::try_from(*int).ok()?,
            ValueKind::Str(text) if text.trim() == "auto" && knob == Knob::MaxJobs => {
                return Some(Amount::Threads);
            }
            ValueKind::Str(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        match (knob, count) {
            (Knob::Cores, 0) => Some(Amount::Threads),
            _ => Some(Amount::Count(count)),
        }
    }
}

/// Who reads a limit from where it is defined.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Writer {
    /// Nix, from this kind of place.
    Setting(SettingPlace),
    /// Nobody known: it stands in a hardware profile.
    Profile,
}

/// A definition that is in force.
#[derive(Clone, PartialEq, Debug)]
pub struct Limit {
    /// Which setting.
    pub knob: Knob,
    /// How much it allows.
    pub amount: Amount,
    /// The value it was read from.
    pub value: ValueFact,
    /// Where Nix reads it; in a profile, where it is written.
    pub place: Span,
    /// What kind of place that is.
    pub writer: Writer,
    /// It holds only under this condition, which cannot be decided.
    pub condition: Option<Span>,
    /// The value depends on a condition inside it that cannot be decided.
    pub is_alternative: bool,
    /// A definition that would win over it holds under this condition.
    pub unless: Option<Span>,
}

impl Limit {
    /// The one literal that decides it. A value computed from a single literal counts when it is
    /// the same number: `toString profile.maxJobs`.
    pub fn source(&self) -> Option<Span> {
        match self.value.sources() {
            _ if self.value.literal.is_some() => self.value.literal,
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The text of its literal with `number` for the amount that stands there; `None` where there is
    /// no such literal, or something else stands there.
    pub fn rewritten(&self, number: u64, tree: &Tree) -> Option<String> {
        let literal = self.source()?;
        let source = tree.glance(literal.file).ok()?;
        let text = source.slice(literal.range);
        let inner = text.trim_matches('"');
        let is_amount = match self.amount {
            Amount::Threads if inner == "auto" => {
                let number = number.to_string();
                let is_token = inner != text;
                return Some(match is_token {
                    true => rewrite::guarded(&source.text, literal.range, &number),
                    false => number,
                });
            }
            Amount::Threads => inner == "0",
            Amount::Count(count) => inner.parse() == Ok(count),
        };
        is_amount.then(|| text.replace(inner, &number.to_string()))
    }

    /// What tells it from other definitions: its literal, else its place.
    pub fn identity(&self) -> Span {
        self.source().unwrap_or(self.place)
    }

    /// The files it depends on.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        let value = &self.value;
        let spans = value.sources().iter().chain(value.through()).chain(&value.literal);
        let conditions = self.condition.iter().chain(&self.unless);
        spans.chain(conditions).map(|span| span.file).chain([self.place.file])
    }

    /// Whether it could not be told if it holds.
    pub fn is_conditional(&self) -> bool {
        self.condition.is_some() || self.is_alternative
    }
}
