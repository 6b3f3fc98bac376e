//! Where values come from: the literal that was written, and each name it went through.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::source::Span;

/// The way a value took. Cheap to clone; ways share their beginnings. Most are a single literal, which
/// needs no memory of its own.
#[derive(Clone, Default, Debug)]
pub struct Origin(Way);

#[derive(Clone, Default, Debug)]
enum Way {
    /// No text made the value.
    #[default]
    None,
    Written(Span),
    On(Arc<Step>),
}

/// A step that leads on from others.
#[derive(Debug)]
enum Step {
    Named { at: Span, from: Origin },
    Computed { at: Span, from: Vec<Origin> },
}

/// A step by itself, and how many lead to it.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Taken {
    None,
    Written(Span),
    Named(Span),
    Computed(Span, usize),
}

/// One step of the way.
#[derive(Copy, Clone, Debug)]
pub enum Hop<'o> {
    /// It is written here.
    Written(Span),
    /// It was named or selected here.
    Named { at: Span, from: &'o Origin },
    /// It was computed here from others.
    Computed { at: Span, from: &'o [Origin] },
}

impl Hop<'_> {
    /// Where the step was taken.
    pub fn place(self) -> Span {
        match self {
            Hop::Written(at) | Hop::Named { at, .. } | Hop::Computed { at, .. } => at,
        }
    }
}

impl Origin {
    /// No text made the value.
    pub fn none() -> Origin {
        Origin(Way::None)
    }

    /// It is written at `span`.
    pub fn written(span: Span) -> Origin {
        Origin(Way::Written(span))
    }

    /// It was named or selected at `at`.
    pub fn named(self, at: Span) -> Origin {
        Origin(Way::On(Arc::new(Step::Named { at, from: self })))
    }

    /// It was computed at `at` from others.
    pub fn computed(at: Span, from: Vec<Origin>) -> Origin {
        Origin(Way::On(Arc::new(Step::Computed { at, from })))
    }

    /// The last step.
    pub fn hop(&self) -> Option<Hop<'_>> {
        match &self.0 {
            Way::None => None,
            Way::Written(at) => Some(Hop::Written(*at)),
            Way::On(step) => Some(match &**step {
                Step::Named { at, from } => Hop::Named { at: *at, from },
                Step::Computed { at, from } => Hop::Computed { at: *at, from },
            }),
        }
    }

    /// The one place where the value itself is written, however often it was named since; `None`
    /// where it was computed.
    pub fn literal(&self) -> Option<Span> {
        let mut origin = self;
        loop {
            match origin.hop()? {
                Hop::Written(span) => return Some(span),
                Hop::Named { from, .. } => origin = from,
                Hop::Computed { .. } => return None,
            }
        }
    }

    /// Every place where something that the value depends on is written, in the order of use.
    pub fn literals(&self) -> Vec<Span> {
        let mut found = Vec::new();
        // A value computed from another twice has two ways to it, and its value four: each step is
        // taken once.
        let mut seen = FxHashSet::default();
        let mut pending = vec![self];
        while let Some(origin) = pending.pop() {
            if matches!(&origin.0, Way::On(step) if !seen.insert(Arc::as_ptr(step))) {
                continue;
            }
            match origin.hop() {
                None => {}
                Some(Hop::Written(span)) if found.contains(&span) => {}
                Some(Hop::Written(span)) => found.push(span),
                Some(Hop::Named { from, .. }) => pending.push(from),
                Some(Hop::Computed { from, .. }) => pending.extend(from.iter().rev()),
            }
            if found.len() >= MAX_PLACES {
                break;
            }
        }
        found
    }

    /// All steps of the way, to be compared with those of another; none where there are more than
    /// `most`.
    pub(super) fn steps(&self, most: usize) -> Option<Vec<Taken>> {
        let mut steps = Vec::new();
        let mut pending = vec![self];
        while let Some(origin) = pending.pop() {
            steps.push(match origin.hop() {
                None => Taken::None,
                Some(Hop::Written(at)) => Taken::Written(at),
                Some(Hop::Named { at, from }) => {
                    pending.push(from);
                    Taken::Named(at)
                }
                Some(Hop::Computed { at, from }) => {
                    pending.extend(from);
                    Taken::Computed(at, from.len())
                }
            });
            if steps.len() > most {
                return None;
            }
        }
        Some(steps)
    }

    /// The places it was named at, from its use back to where it is written.
    pub fn names(&self) -> Vec<Span> {
        let mut found = Vec::new();
        let mut next = Some(self);
        while let Some(origin) = next {
            next = match origin.hop() {
                None | Some(Hop::Written(_)) => None,
                Some(Hop::Named { at, from }) => {
                    found.push(at);
                    Some(from)
                }
                Some(Hop::Computed { at, from }) => {
                    found.push(at);
                    from.first()
                }
            };
        }
        found
    }
}

/// No message names more places than this.
const MAX_PLACES: usize = 16;

/// Long ways are taken apart in a loop: a chain of thousands of steps must not use up the stack.
impl Drop for Origin {
    fn drop(&mut self) {
        let Way::On(step) = std::mem::take(&mut self.0) else { return };
        let mut pending = Vec::new();
        let mut next = Arc::into_inner(step);
        while let Some(step) = next {
            let mut leave = |mut origin: Origin| {
                if let Way::On(step) = std::mem::take(&mut origin.0) {
                    pending.push(step);
                }
            };
            match step {
                Step::Named { from, .. } => leave(from),
                Step::Computed { from, .. } => from.into_iter().for_each(leave),
            }
            next = std::iter::from_fn(|| pending.pop()).find_map(Arc::into_inner);
        }
    }
}
