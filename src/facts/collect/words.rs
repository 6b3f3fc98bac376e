//! The words without which a file tells nothing by itself: its [`super::outline`] is empty, and it need
//! not be lowered before something leads to it.
//!
//! A name counts as it is written. One that a string spells with escapes (`"over\ride"`) is not found
//! here; nobody writes it so.

use rustc_hash::FxHashMap;

use super::context::PREVIOUS_NAMES;
use super::{derivation_reads, fetches, inputs, keys, loose_modules, outline, profiles};
use crate::knowledge::Knowledge;
use crate::syntax::{Element, Node, Parsed, SyntaxKind, Token};

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

    /// Whether enough of them stand in a text.
    pub fn stand_in(&self, parsed: &Parsed) -> bool {
        let mut met = vec![false; self.names.len()];
        let root = parsed.syntax();
        let mut waiting = vec![(Node::of(&root), false)];
        while let Some((node, is_selected)) = waiting.pop() {
            for part in node.elements() {
                match part {
                    Element::Node(part) => waiting.push((part, selects(node, part, is_selected))),
                    Element::Token(token) if self.is_enough(token, is_selected, &mut met) => {
                        return true;
                    }
                    Element::Token(_) => {}
                }
            }
        }
        self.together.iter().any(|names| names.iter().all(|number| met[*number]))
    }

    /// Whether one token is enough. Notes the name that may be with others.
    fn is_enough(&self, token: Token<'_>, is_selected: bool, met: &mut [bool]) -> bool {
        let text = token.text();
        let is_string = match token.kind() {
            SyntaxKind::TOKEN_IDENT => false,
            SyntaxKind::TOKEN_STRING_CONTENT => true,
            kind => return kind == SyntaxKind::TOKEN_PATH_SEARCH,
        };
        let known = if text.len() <= self.longest { self.names.get(text) } else { None };
        if let Some(known) = known {
            met[known.number] = true;
            if known.alone || (known.selected && is_selected) {
                return true;
            }
        }
        self.beginnings.iter().any(|beginning| text.starts_with(beginning.as_str()))
            || (is_string && keys::may_hold_key(text))
    }
}

/// Whether the names in `part` of `node` are selected from something, if those in `node` are or not.
fn selects(node: Node<'_>, part: Node<'_>, is_selected: bool) -> bool {
    match part.kind() {
        SyntaxKind::NODE_ATTRPATH => node.kind() == SyntaxKind::NODE_SELECT,
        SyntaxKind::NODE_IDENT | SyntaxKind::NODE_STRING => is_selected,
        _ => false,
    }
}
