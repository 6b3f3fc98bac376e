//! The words without which a file tells nothing by itself: its [`super::outline`] is empty, and it need
//! not be lowered before something leads to it.
//!
//! A name counts as it is written. One that a string spells with escapes (`"over\ride"`) is not found
//! here; nobody writes it so.

use rustc_hash::FxHashMap;

use super::context::PREVIOUS_NAMES;
use super::{derivation_reads, fetches, inputs, keys, loose_modules, outline, profiles};
use crate::knowledge::Knowledge;
use crate::syntax::{Parsed, SyntaxKind};

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
enum Meaning {
    /// It is enough.
    Enough,
    /// It is enough with others. Its number.
    Part(usize),
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
        let enough = outline::words(knowledge)
            .chain(PREVIOUS_NAMES)
            .chain(profiles::WORDS)
            .chain(fetches::words(knowledge))
            .chain(derivation_reads::words(knowledge))
            .chain(inputs::PACKAGES);
        enough.for_each(|name| words.add(&[name]));
        loose_modules::words(knowledge).for_each(|names| words.add(&names));
        words.longest = words.names.keys().map(|name| name.len()).max().unwrap_or(0);
        words
    }

    /// Adds names that are enough together.
    fn add(&mut self, names: &[&str]) {
        if let [name] = names {
            self.names.insert((*name).into(), Meaning::Enough);
            return;
        }
        let mut numbers = Vec::new();
        for name in names {
            let next = self.names.len();
            let meaning = self.names.entry((*name).into()).or_insert(Meaning::Part(next));
            if let Meaning::Part(number) = meaning {
                numbers.push(*number);
            }
        }
        self.together.push(numbers);
    }

    /// Whether enough of them stand in a text.
    pub fn stand_in(&self, parsed: &Parsed) -> bool {
        let mut met = vec![false; self.names.len()];
        let is_enough = parsed.has_token(|kind, text| match kind {
            SyntaxKind::TOKEN_IDENT => self.is_enough(text, &mut met),
            SyntaxKind::TOKEN_STRING_CONTENT => {
                self.is_enough(text, &mut met) || keys::may_hold_key(text)
            }
            SyntaxKind::TOKEN_PATH_SEARCH => true,
            _ => false,
        });
        is_enough || self.together.iter().any(|names| names.iter().all(|number| met[*number]))
    }

    /// Whether one name is enough. Notes it if it may be with others.
    fn is_enough(&self, name: &str, met: &mut [bool]) -> bool {
        let known = if name.len() <= self.longest { self.names.get(name) } else { None };
        match known {
            Some(Meaning::Enough) => return true,
            Some(Meaning::Part(number)) => met[*number] = true,
            None => {}
        }
        self.beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()))
    }
}
