//! Interned names of attributes and variables.
//!
//! A process meets some ten thousand names, and lives as long as it needs them: they are never given
//! back. The crates that do this set aside 12 MB at the first name, or keep all under one lock; this
//! is a table for every few names, and each begins empty. What a thread met lately it need not look up
//! there.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::{FxBuildHasher, FxHashSet};

/// A name, interned: copied for free, compared by identity, ordered by text.
#[derive(Copy, Clone)]
pub struct Name(&'static Entry);

/// What is kept of a name, once.
struct Entry {
    text: Box<str>,
    hash: u64,
    /// The first bytes of the text, as a number that is ordered as they are.
    beginning: u64,
}

/// A name in a table, found by its text.
struct Known(&'static Entry);

/// The name that reads so, looked up once.
macro_rules! name {
    ($text:literal) => {{
        static NAME: std::sync::LazyLock<$crate::hir::Name> =
            std::sync::LazyLock::new(|| $crate::hir::Name::new($text));
        *NAME
    }};
}
pub(crate) use name;

/// Threads seldom want the same of so many.
const TABLES: usize = 64;

static NAMES: LazyLock<[Mutex<FxHashSet<Known>>; TABLES]> =
    LazyLock::new(|| std::array::from_fn(|_| Mutex::new(HashSet::default())));

/// A thread remembers so many names: about as many as it meets in some files.
const REMEMBERED: usize = 2048;

thread_local! {
    /// The names that this thread met last, each at the place that its hash chooses.
    static LATELY: Box<[Cell<Option<Name>>]> = vec![Cell::new(None); REMEMBERED].into();
}

impl Name {
    /// The name that reads `text`.
    pub fn new(text: &str) -> Name {
        let hash = FxBuildHasher.hash_one(text);
        let remembered = LATELY.try_with(|lately| {
            let place = &lately[hash as usize % REMEMBERED];
            let known = place.get().filter(|name| name.0.hash == hash && name.as_str() == text);
            known.unwrap_or_else(|| {
                let name = Name::among_all(text, hash);
                place.set(Some(name));
                name
            })
        });
        // A thread that ends remembers nothing.
        remembered.unwrap_or_else(|_| Name::among_all(text, hash))
    }

    /// The name that reads `text`, which has this hash.
    fn among_all(text: &str, hash: u64) -> Name {
        // The lower bits choose the place in the table.
        let table = &NAMES[(hash >> 32) as usize % TABLES];
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Known(entry)) = table.get(text) {
            return Name(entry);
        }
        let entry = Entry { text: text.into(), hash, beginning: beginning(text) };
        let entry: &'static Entry = Box::leak(Box::new(entry));
        table.insert(Known(entry));
        Name(entry)
    }

    /// Something to sort by that costs nothing; two names may share it.
    pub(super) fn rank(self) -> u64 {
        self.0.hash
    }

    /// Its text.
    pub fn as_str(self) -> &'static str {
        &self.0.text
    }
}

fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    first.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
    u64::from_be_bytes(first)
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl std::borrow::Borrow<str> for Known {
    fn borrow(&self) -> &str {
        &self.0.text
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Known) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Known {}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state);
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
    }
}

impl std::ops::Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        // Most names differ early.
        let by_text = || self.as_str().cmp(other.as_str());
        self.0.beginning.cmp(&other.0.beginning).then_with(by_text)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_itself_in_every_thread() {
        let texts: Vec<String> = (0..1000).map(|index| format!("name{index}")).collect();
        let intern = || texts.iter().map(|text| Name::new(text)).collect::<Vec<Name>>();
        let all: Vec<Vec<Name>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(intern)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for names in &all {
            assert!(names == &all[0]);
            assert!(names.iter().zip(&texts).all(|(name, text)| name.as_str() == text));
        }
        assert_ne!(Name::new("a"), Name::new("b"));
        assert!(Name::new("a") < Name::new("b"));
        assert_eq!(Name::new(""), *"");
    }

    #[test]
    fn names_are_ordered_as_their_texts() {
        let texts = [
            "",
            "\0",
            "\0a",
            "a",
            "a\0",
            "a\0b",
            "ab",
            "abcdefgh",
            "abcdefgh\0",
            "abcdefghi",
            "abcdefghj",
            "abcdefgi",
            "b",
            "é",
            "日本語",
            "\u{10ffff}",
            "\u{e000}",
        ];
        for one in texts {
            for other in texts {
                assert_eq!(
                    Name::new(one).cmp(&Name::new(other)),
                    one.cmp(other),
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
