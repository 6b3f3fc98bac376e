//! Where values come from: the literal that was written, and each name it went through.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::source::Span;

/// The way a value took. Cheap to clone; ways share their beginnings.
#[derive(Clone, Default, Debug)]
pub struct Origin(Option<Arc<Hop>>);

/// One step of the way.
#[derive(Debug)]
pub enum Hop {
    /// It is written here.
    Written(Span),
    /// It was named or selected here.
    Named { at: Span, from: Origin },
    /// It was computed here from others.
    Computed { at: Span, from: Vec<Origin> },
}

impl Hop {
    /// Where the step was taken.
    pub fn place(&self) -> Span {
        match self {
            Hop::Written(at) | Hop::Named { at, .. } | Hop::Computed { at, .. } => *at,
        }
    }
}

impl Origin {
    /// No text made the value.
    pub fn none() -> Origin {
        Origin(None)
    }

    /// It is written at `span`.
    pub fn written(span: Span) -> Origin {
        Origin(Some(Arc::new(Hop::Written(span))))
    }

    /// It was named or selected at `at`.
    pub fn named(self, at: Span) -> Origin {
        Origin(Some(Arc::new(Hop::Named { at, from: self })))
    }

    /// It was computed at `at` from others.
    pub fn computed(at: Span, from: Vec<Origin>) -> Origin {
        Origin(Some(Arc::new(Hop::Computed { at, from })))
    }

    /// The last step.
    pub fn hop(&self) -> Option<&Hop> {
        self.0.as_deref()
    }

    /// The one place where the value itself is written, however often it was named since; `None`
    /// where it was computed.
    pub fn literal(&self) -> Option<Span> {
        let mut origin = self;
        loop {
            match origin.hop()? {
                Hop::Written(span) => return Some(*span),
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
            let Some(hop) = &origin.0 else { continue };
            if !seen.insert(Arc::as_ptr(hop)) {
                continue;
            }
            match &**hop {
                Hop::Written(span) if found.contains(span) => {}
                Hop::Written(span) => found.push(*span),
                Hop::Named { from, .. } => pending.push(from),
                Hop::Computed { from, .. } => pending.extend(from.iter().rev()),
            }
            if found.len() >= MAX_PLACES {
                break;
            }
        }
        found
    }

    /// The places it was named at, from its use back to where it is written.
    pub fn names(&self) -> Vec<Span> {
        let mut found = Vec::new();
        let mut next = Some(self);
        while let Some(origin) = next {
            next = match origin.hop() {
                None | Some(Hop::Written(_)) => None,
                Some(Hop::Named { at, from }) => {
                    found.push(*at);
                    Some(from)
                }
                Some(Hop::Computed { at, from }) => {
                    found.push(*at);
                    from.first()
                }
            };
        }
        found
    }
}

/// No message names more places than this.
const MAX_PLACES: usize = 16;

/// Long ways are taken apart in a loop: a chain of thousands of hops must not use up the stack.
impl Drop for Origin {
    fn drop(&mut self) {
        let mut pending = vec![self.0.take()];
        while let Some(next) = pending.pop() {
            let Some(hop) = next.and_then(Arc::into_inner) else { continue };
            match hop {
                Hop::Written(_) => {}
                Hop::Named { mut from, .. } => pending.push(from.0.take()),
                Hop::Computed { mut from, .. } => {
                    pending.extend(from.iter_mut().map(|origin| origin.0.take()));
                }
            }
        }
    }
}
