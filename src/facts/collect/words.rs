//! The words without which a file tells nothing by itself: its [`super::outline`] is empty, and it need
//! not be lowered before something leads to it.
//!
//! A name counts as it is written. One that a string spells with escapes (`"over\ride"`) is not found
//! here; nobody writes it so.

use rustc_hash::FxHashMap;

use super::context::PREVIOUS_NAMES;
use super::{derivation_reads, fetches, inputs, keys, loose_modules, outline, profiles};
use crate::knowledge::Knowledge;
use crate::syntax::SyntaxKind::{
    self, TOKEN_ASSIGN, TOKEN_DOT, TOKEN_ERROR, TOKEN_IDENT, TOKEN_PATH_SEARCH,
    TOKEN_STRING_CONTENT, TOKEN_STRING_START,
};

/// The words that some part of an outline begins with.
#[derive(Debug)]
pub struct Words {
    names: FxHashMap<Box<str>, Meaning>,
    /// The length of the longest name in bytes.
    longest: usize,
    /// Beginnings of names, of which one is enough.
    beginnings: Vec<String>,
    /// Names that are enough together, by their numbers.
    together: Vec<Vec<usize>>,
}

/// What it means that a name stands in a file.
#[derive(Clone, Copy, Debug)]
struct Meaning {
    number: usize,
    /// It is enough.
    alone: bool,
    /// It is enough where it is selected: `x.packages`, not `home.packages = …`.
    selected: bool,
}

impl Words {
    /// The words that matter with these tables.
    pub fn new(knowledge: &Knowledge) -> Words {
        let mut words = Words {
            names: FxHashMap::default(),
            longest: 0,
            beginnings: outline::beginnings(knowledge),
            together: Vec::new(),
        };
        let alone = PREVIOUS_NAMES
            .into_iter()
            .chain(profiles::WORDS)
            .chain(fetches::words(knowledge))
            .chain(derivation_reads::words(knowledge));
        alone.for_each(|name| words.meaning(name).alone = true);
        inputs::PACKAGES.iter().for_each(|name| words.meaning(name).selected = true);
        let together = loose_modules::words(knowledge).chain(outline::words(knowledge));
        for names in together {
            match names.as_slice() {
                [name] => words.meaning(name).alone = true,
                names => {
                    let numbers = names.iter().map(|name| words.meaning(name).number).collect();
                    words.together.push(numbers);
                }
            }
        }
        words.longest = words.names.keys().map(|name| name.len()).max().unwrap_or(0);
        words
    }

    fn meaning(&mut self, name: &str) -> &mut Meaning {
        let number = self.names.len();
        let new = Meaning { number, alone: false, selected: false };
        self.names.entry(name.into()).or_insert(new)
    }

    /// A text that is read token by token.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            words: self,
            met: vec![false; self.names.len()],
            before: (TOKEN_ERROR, TOKEN_ERROR),
            may_be_selected: false,
        }
    }
}

/// A text that is read token by token, for whether enough of the words stand in it.
pub struct Reading<'w> {
    words: &'w Words,
    /// The names that stand in it, by their numbers.
    met: Vec<bool>,
    /// The last two tokens that are no white space, the latest one last.
    before: (SyntaxKind, SyntaxKind),
    /// The last token is a name that is enough if it is selected.
    may_be_selected: bool,
}

impl Reading<'_> {
    /// Whether the next token that is no white space is enough.
    pub fn meets(&mut self, kind: SyntaxKind, token: &str) -> bool {
        // What a definition names is not selected.
        let is_selected = std::mem::take(&mut self.may_be_selected) && kind != TOKEN_ASSIGN;
        let is_enough = is_selected
            || match kind {
                TOKEN_IDENT => self.meets_name(token, self.before.1 == TOKEN_DOT),
                TOKEN_STRING_CONTENT => {
                    let is_behind_dot = self.before == (TOKEN_DOT, TOKEN_STRING_START);
                    self.meets_name(token, is_behind_dot) || keys::may_hold_key(token)
                }
                kind => kind == TOKEN_PATH_SEARCH,
            };
        self.before = (self.before.1, kind);
        is_enough
    }

    fn meets_name(&mut self, name: &str, is_behind_dot: bool) -> bool {
        let words = self.words;
        let known = if name.len() <= words.longest { words.names.get(name) } else { None };
        if let Some(known) = known {
            self.met[known.number] = true;
            self.may_be_selected = known.selected && is_behind_dot;
            if known.alone {
                return true;
            }
        }
        words.beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()))
    }

    /// Whether names that are enough together have been met.
    pub fn has_met_together(&self) -> bool {
        self.words.together.iter().any(|names| names.iter().all(|number| self.met[*number]))
    }
}
