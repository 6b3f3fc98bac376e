//! How far evaluation goes, and where it was given up.

use crate::config::{Bytes, Config, EvaluationConfig};
use crate::source::Span;

/// What of an evaluation is bounded.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Limit {
    /// [`Limits::steps`].
    Steps,
    /// [`Limits::depth`].
    Depth,
    /// [`Limits::values`].
    Values,
    /// [`Limits::elements`].
    Elements,
    /// [`Limits::text`].
    Text,
    /// [`Limits::definitions`].
    Definitions,
}

impl Limit {
    /// The key under `[evaluation]` in `frugix.toml` that raises it.
    pub fn setting(self) -> &'static str {
        match self {
            Limit::Steps => "max-steps",
            Limit::Depth => "max-depth",
            Limit::Values => "max-values",
            Limit::Elements => "max-elements",
            Limit::Text => "max-text",
            Limit::Definitions => "max-definitions",
        }
    }
}

/// Where evaluation went no further.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct GivenUp {
    /// For which limit.
    pub limit: Limit,
    /// The expression that was evaluated then.
    pub place: Span,
    /// What the limit was.
    pub at: u64,
    /// It cannot be raised.
    pub is_most: bool,
}

/// Bounds of one evaluator.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Expressions evaluated in one query.
    pub steps: u64,
    /// Values being forced inside each other.
    pub depth: u32,
    /// Delayed values and frames altogether. The largest public configuration looked at needs
    /// 570,000; a tree made to use up two million takes about 300 MB.
    pub values: usize,
    /// Elements of a list, and files below a folder.
    pub elements: usize,
    /// Bytes of a string.
    pub text: usize,
    /// Option definitions and outputs looked at in one module or flake.
    pub definitions: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::USUAL
    }
}

impl Limits {
    /// What is limited where nothing is said.
    pub const USUAL: Limits = Limits {
        steps: 2_000_000,
        depth: 600,
        values: 2_000_000,
        elements: 200_000,
        text: 4 << 20,
        definitions: 20_000,
    };

    /// The most that can be asked for, for a tree may bring its `frugix.toml` with it: what stacks bear,
    /// and a few GB.
    pub const MOST: Limits = Limits {
        steps: 20_000_000,
        depth: 1000,
        values: 10_000_000,
        elements: 2_000_000,
        text: 16 << 20,
        definitions: 200_000,
    };

    /// What is evaluated for one file may take such a part of the values of a configuration.
    const FILES_SHARE: usize = 10;

    /// The limits that `config` sets.
    pub fn of(config: &Config) -> Limits {
        let EvaluationConfig { steps, depth, values, elements, text, definitions } =
            config.evaluation;
        let (usual, most) = (Limits::USUAL, Limits::MOST);
        let size = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let bytes = |Bytes(bytes)| usize::try_from(bytes).unwrap_or(usize::MAX);
        Limits {
            steps: steps.map_or(usual.steps, u64::from).min(most.steps),
            depth: depth.unwrap_or(usual.depth).min(most.depth),
            values: values.map_or(usual.values, size).min(most.values),
            elements: elements.map_or(usual.elements, size).min(most.elements),
            text: text.map_or(usual.text, bytes).min(most.text),
            definitions: definitions.unwrap_or(usual.definitions).min(most.definitions),
        }
    }

    /// Those of what is evaluated for one file.
    pub fn for_a_file(self) -> Limits {
        Limits { values: self.values / Self::FILES_SHARE, ..self }
    }

    /// How much of `limit` there is.
    fn get(&self, limit: Limit) -> u64 {
        let size = |size: usize| u64::try_from(size).unwrap_or(u64::MAX);
        match limit {
            Limit::Steps => self.steps,
            Limit::Depth => self.depth.into(),
            Limit::Values => size(self.values),
            Limit::Elements => size(self.elements),
            Limit::Text => size(self.text),
            Limit::Definitions => self.definitions.into(),
        }
    }

    /// That evaluation was given up at `place`.
    pub(super) fn given_up(&self, limit: Limit, place: Span) -> GivenUp {
        let at = self.get(limit);
        GivenUp { limit, place, at, is_most: at >= Limits::MOST.get(limit) }
    }
}
