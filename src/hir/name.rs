//! Interned names of attributes and variables.

use std::fmt;

/// A name, interned: copied for free, compared by identity, ordered by text.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Name(ustr::Ustr);

impl Name {
    /// The name that reads `text`.
    pub fn new(text: &str) -> Name {
        Name(ustr::ustr(text))
    }

    /// Something to sort by that costs nothing; two names may share it.
    pub(super) fn rank(self) -> u64 {
        self.0.precomputed_hash()
    }

    /// Its text.
    pub fn as_str(self) -> &'static str {
        self.0.as_str()
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text)
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

impl Ord for Name {
    fn cmp(&self, other: &Name) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
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
