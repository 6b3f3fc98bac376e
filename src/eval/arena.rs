//! Where delayed values and frames are kept. Millions of them come one by one, and none goes before the
//! evaluator does: a list that doubles would copy them again and again, and clear twice the memory.

use std::ops::{Index, IndexMut};

/// How many lie together: a power of two.
const PART: usize = 1 << 10;

/// A list that grows without moving what is in it.
#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    parts: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Arena<T> {
    fn default() -> Arena<T> {
        Arena { parts: Vec::new(), len: 0 }
    }
}

impl<T> Arena<T> {
    /// One that holds `first`.
    pub fn with(first: T) -> Arena<T> {
        Arena { parts: vec![vec![first]], len: 1 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn push(&mut self, value: T) {
        if self.parts.last().is_none_or(|part| part.len() == PART) {
            // The first grows as it must, for most evaluators see one file.
            let room = if self.parts.is_empty() { 0 } else { PART };
            self.parts.push(Vec::with_capacity(room));
        }
        if let Some(part) = self.parts.last_mut() {
            part.push(value);
        }
        self.len += 1;
    }
}

impl<T> Index<usize> for Arena<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        &self.parts[index / PART][index % PART]
    }
}

impl<T> IndexMut<usize> for Arena<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.parts[index / PART][index % PART]
    }
}
