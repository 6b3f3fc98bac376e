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
    self, TOKEN_ASSIGN, TOKEN_DOT, TOKEN_ERROR, TOKEN_IDENT, TOKEN_OR, TOKEN_PATH_SEARCH,
    TOKEN_PIPE_LEFT, TOKEN_PIPE_RIGHT, TOKEN_R_BRACE, TOKEN_R_BRACK, TOKEN_R_PAREN,
    TOKEN_STRING_CONTENT, TOKEN_STRING_END, TOKEN_STRING_START,
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
    /// It is enough where it is called, or taken of `builtins`: not the `path` of `types.path`.
    called: bool,
}

/// Names of functions that much else has too.
const COMMON: [&str; 1] = ["path"];

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
        alone.for_each(|name| match COMMON.contains(&name) {
            true => words.meaning(name).called = true,
            false => words.meaning(name).alone = true,
        });
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
        let new = Meaning { number, alone: false, selected: false, called: false };
        self.names.entry(name.into()).or_insert(new)
    }

    /// A text that is read token by token.
    pub fn reading(&self) -> Reading<'_> {
        Reading {
            words: self,
            met: vec![false; self.names.len()],
            place: Place::default(),
            waits_for: None,
        }
    }
}

/// A text that is read token by token, for whether enough of the words stand in it.
pub struct Reading<'w> {
    words: &'w Words,
    /// The names that stand in it, by their numbers.
    met: Vec<bool>,
    place: Place,
    /// What is still to be seen of the last name.
    waits_for: Option<Doubt>,
}

/// What the next token tells of a name that may be enough.
#[derive(Clone, Copy)]
enum Doubt {
    /// Whether it is selected, or names a definition.
    IsSelected,
    /// Whether it is called.
    IsCalled,
}

impl Reading<'_> {
    /// Whether the next token that is no white space is enough, with those before it.
    pub fn meets(&mut self, kind: SyntaxKind, token: &str) -> bool {
        let is_settled = match self.waits_for.take() {
            None => false,
            Some(Doubt::IsSelected) => kind != TOKEN_ASSIGN,
            Some(Doubt::IsCalled) => {
                kind.is_fn_arg() || matches!(kind, TOKEN_R_PAREN | TOKEN_OR | TOKEN_PIPE_LEFT)
            }
        };
        let is_enough = is_settled
            || match kind {
                TOKEN_IDENT => self.meets_name(token, self.place.is_behind(TOKEN_DOT)),
                TOKEN_STRING_CONTENT => {
                    let is_selected = self.place.before == [TOKEN_DOT, TOKEN_STRING_START];
                    self.meets_name(token, is_selected) || keys::may_hold_key(token)
                }
                kind => kind == TOKEN_PATH_SEARCH,
            };
        self.place.pass(kind, token);
        is_enough
    }

    fn meets_name(&mut self, name: &str, is_behind_dot: bool) -> bool {
        let words = self.words;
        let known = if name.len() <= words.longest { words.names.get(name) } else { None };
        if let Some(known) = known {
            self.met[known.number] = true;
            let is_used = known.called && self.place.is_used();
            if known.alone || is_used {
                return true;
            }
            if known.selected && is_behind_dot {
                self.waits_for = Some(Doubt::IsSelected);
            } else if known.called && self.place.may_be_called() {
                self.waits_for = Some(Doubt::IsCalled);
            }
        }
        words.beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()))
    }

    /// Whether names that are enough together have been met.
    pub fn has_met_together(&self) -> bool {
        self.words.together.iter().any(|names| names.iter().all(|number| self.met[*number]))
    }
}

/// Where in a text a name stands.
#[derive(Debug)]
struct Place {
    /// The last two tokens that are no white space, the latest one last.
    before: [SyntaxKind; 2],
    /// What stands before the names joined by dots that are being read.
    before_names: SyntaxKind,
    /// These names begin with `builtins`.
    is_of_builtins: bool,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            before: [TOKEN_ERROR, TOKEN_ERROR],
            before_names: TOKEN_ERROR,
            is_of_builtins: false,
        }
    }
}

impl Place {
    fn is_behind(&self, kind: SyntaxKind) -> bool {
        self.before[1] == kind
    }

    /// What stands before the names that the next one ends.
    fn before_names(&self) -> SyntaxKind {
        if self.is_behind(TOKEN_DOT) { self.before_names } else { self.before[1] }
    }

    /// Whether a function of this name is used, whatever follows.
    fn is_used(&self) -> bool {
        let is_of_builtins = self.is_behind(TOKEN_DOT) && self.is_of_builtins;
        is_of_builtins || self.before_names() == TOKEN_PIPE_RIGHT
    }

    /// Whether what follows may be an argument: behind an operand, the name itself is one.
    fn may_be_called(&self) -> bool {
        let before = self.before_names();
        let ends_operand = before.is_literal()
            || matches!(
                before,
                TOKEN_IDENT | TOKEN_STRING_END | TOKEN_R_PAREN | TOKEN_R_BRACK | TOKEN_R_BRACE
            );
        !ends_operand
    }

    fn pass(&mut self, kind: SyntaxKind, token: &str) {
        match kind {
            TOKEN_DOT => {}
            TOKEN_IDENT if self.is_behind(TOKEN_DOT) => {}
            TOKEN_IDENT => {
                self.before_names = self.before[1];
                self.is_of_builtins = token == "builtins";
            }
            // What is selected from anything else may be called.
            _ => {
                self.before_names = TOKEN_ERROR;
                self.is_of_builtins = false;
            }
        }
        self.before = [self.before[1], kind];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_enough(text: &str) -> bool {
        let words = Words::new(Knowledge::builtin());
        let mut reading = words.reading();
        let mut tokens = rnix::tokenize(text).filter(|(kind, _)| !kind.is_trivia());
        tokens.any(|(kind, token)| reading.meets(kind, token)) || reading.has_met_together()
    }

    #[test]
    fn packages_count_where_they_are_selected() {
        assert!(is_enough("x.packages.y"));
        assert!(is_enough("x.\"packages\""));
        assert!(!is_enough("{ home.packages = [ ]; }"));
        assert!(!is_enough("{ packages.x = 1; }"));
    }

    #[test]
    fn a_common_name_counts_where_it_is_called() {
        for text in [
            "builtins.path { }",
            "let p = builtins.path; in p",
            "f: path f",
            "(path) x",
            "[ (b.path { }) ]",
            "(f x).path y",
            "x |> b.path",
            "b.path <| x",
            "(b.path or c) x",
            "if a then path x else y",
        ] {
            assert!(is_enough(text), "{text}");
        }
        for text in [
            "{ type = types.path; }",
            "nullOr types.path",
            "either types.path types.str",
            "mkOption { type = with types; nullOr (either str path); }",
            "{ path = ./x; }",
            "x.path",
        ] {
            assert!(!is_enough(text), "{text}");
        }
    }
}
