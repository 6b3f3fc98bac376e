//! `builtins.match` and `builtins.split`: POSIX extended regular expressions, as far as they mean one
//! thing.
//!
//! Nix hands them to the C++ library of whoever built it. What is followed here is the part of the
//! grammar that this library and the crate read alike, over ASCII; everything else, and what the
//! crate would find in another way, stays unknown.

use std::sync::Arc;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use rustc_hash::FxHashMap;

use super::{Primitive, primitives};
use crate::eval::machine::BYTES_A_STEP;
use crate::eval::{Evaluator, Kind, ThunkId, Value, Why};

type Answer = Result<Value, Value>;

pub(super) const BUILTINS: &[Primitive] = primitives! {
    "match" 2 => matched;
    "split" 2 => split;
};

/// Patterns longer than this are none that anybody wrote.
const LONGEST: usize = 1000;

/// What a compiled pattern may take, in bytes.
const LARGEST: usize = 1 << 20;

/// What all compiled patterns that are kept may take, in bytes.
const MOST_KEPT: usize = 8 << 20;

/// Compiling a pattern costs as many steps for each of its bytes.
const STEPS_A_BYTE: usize = 4;

/// What a pattern is used for.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
enum Use {
    Whole,
    Parts,
}

/// `match pattern text`: the groups, where the whole text matches, else null.
fn matched(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (regex, text) = prepared(e, a, Use::Whole)?;
    let mut captures = regex.create_captures();
    regex.captures(Input::new(&text).anchored(Anchored::Yes), &mut captures);
    if !captures.is_match() {
        return Ok(Value::bare(Kind::Null));
    }
    Ok(groups(e, &captures, &text))
}

/// `split pattern text`: what lies between the matches, and between those the groups of each.
fn split(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Answer {
    let (regex, text) = prepared(e, a, Use::Parts)?;
    let mut parts = Vec::new();
    let mut end = 0;
    for captures in regex.captures_iter(&text) {
        let Some(found) = captures.get_match() else { continue };
        parts.push(e.string_thunk(&text[end..found.start()]));
        let groups = groups(e, &captures, &text);
        parts.push(e.done(groups));
        end = found.end();
    }
    parts.push(e.string_thunk(&text[end..]));
    Ok(Value::list(parts))
}

/// The groups of a match as a list; null for one that took no part.
fn groups(
    e: &mut Evaluator<'_>,
    captures: &regex_automata::util::captures::Captures,
    text: &str,
) -> Value {
    let groups: Vec<ThunkId> = (1..captures.group_len())
        .map(|group| match captures.get_group(group) {
            Some(span) => e.string_thunk(&text[span.start..span.end]),
            None => e.done(Value::bare(Kind::Null)),
        })
        .collect();
    Value::list(groups)
}

/// The pattern and the text, where both are followed.
fn prepared(
    e: &mut Evaluator<'_>,
    a: &[ThunkId],
    used: Use,
) -> Result<(Arc<Regex>, String), Value> {
    let (pattern, text) = (e.text_of(a[0])?, e.text_of(a[1])?);
    e.spend(text.len() / BYTES_A_STEP).map_err(Value::unknown)?;
    let unknown = || Value::unknown(Why::NotFollowed("such a regular expression".into()));
    if pattern.len() > LONGEST || !pattern.is_ascii() || !text.is_ascii() {
        return Err(unknown());
    }
    let key = (pattern, used);
    let regex = match e.patterns.known.get(&key) {
        Some(known) => known.clone(),
        None => {
            e.spend(key.0.len() * STEPS_A_BYTE).map_err(Value::unknown)?;
            let regex = compiled(&key.0, used).map(Arc::new);
            e.patterns.remember(key, regex.clone());
            regex
        }
    };
    Ok((regex.ok_or_else(unknown)?, text))
}

/// `pattern`, where it is followed.
fn compiled(pattern: &str, used: Use) -> Option<Regex> {
    let translated = translate(pattern)?;
    let is_ambiguous = translated.has_alternatives || translated.may_be_empty;
    if used == Use::Parts && is_ambiguous {
        return None;
    }
    let wanted = match used {
        Use::Whole => format!("(?:{})\\z", translated.text),
        Use::Parts => translated.text,
    };
    let limits = Config::new().nfa_size_limit(Some(LARGEST));
    let syntax = syntax::Config::new().dot_matches_new_line(true);
    Regex::builder().configure(limits).syntax(syntax).build(&wanted).ok()
}

/// Patterns that were compiled: a configuration holds many texts against the same few.
#[derive(Clone, Default)]
pub struct Patterns {
    /// None where it is not followed.
    known: FxHashMap<(String, Use), Option<Arc<Regex>>>,
    /// What they take, in bytes.
    size: usize,
}

impl Patterns {
    fn remember(&mut self, key: (String, Use), regex: Option<Arc<Regex>>) {
        self.size += regex.as_ref().map_or(0, |regex| regex.memory_usage()) + LONGEST;
        if self.size > MOST_KEPT {
            *self = Patterns::default();
        }
        self.known.insert(key, regex);
    }
}

/// A pattern in the crate's grammar.
#[derive(Default)]
struct Translated {
    text: String,
    has_alternatives: bool,
    may_be_empty: bool,
}

/// `pattern` in the crate's grammar; `None` where it uses what is not followed.
fn translate(pattern: &str) -> Option<Translated> {
    let mut parser = Parser { rest: pattern, out: Translated::default(), depth: 0 };
    let may_be_empty = parser.alternatives()?.may_be_empty;
    parser.rest.is_empty().then_some(Translated { may_be_empty, ..parser.out })
}

struct Parser<'t> {
    rest: &'t str,
    out: Translated,
    depth: u32,
}

/// What a part of a pattern may do.
#[derive(Copy, Clone)]
struct Part {
    may_be_empty: bool,
    has_group: bool,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Option<Part> {
        let mut all = self.sequence()?;
        while self.take('|') {
            self.out.has_alternatives = true;
            self.out.text.push('|');
            let next = self.sequence()?;
            all.may_be_empty |= next.may_be_empty;
            all.has_group |= next.has_group;
        }
        Some(all)
    }

    /// What stands one after the other. Nothing at all is not followed.
    fn sequence(&mut self) -> Option<Part> {
        let mut all: Option<Part> = None;
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let part = self.repeated()?;
            all = Some(match all {
                None => part,
                Some(all) => Part {
                    may_be_empty: all.may_be_empty && part.may_be_empty,
                    has_group: all.has_group || part.has_group,
                },
            });
        }
        all
    }

    fn repeated(&mut self) -> Option<Part> {
        let is_group = self.rest.starts_with('(');
        let (part, inner) = self.single()?;
        let may_vanish = match self.rest.chars().next() {
            Some(sign @ ('*' | '+' | '?')) => {
                self.take(sign);
                self.out.text.push(sign);
                sign != '+'
            }
            Some('{') => self.bounds()?,
            _ => return Some(part),
        };
        // One repetition of another, and what groups hold that are repeated or may be empty, are
        // read in several ways.
        let is_repeated_again = self.rest.starts_with(['*', '+', '?', '{']);
        let is_optional = self.out.text.ends_with('?');
        let is_doubtful = is_group && (inner.may_be_empty || inner.has_group && !is_optional);
        (!is_repeated_again && !is_doubtful)
            .then_some(Part { may_be_empty: part.may_be_empty || may_vanish, ..part })
    }

    /// One character, set or group, and what is inside.
    fn single(&mut self) -> Option<(Part, Part)> {
        let plain = Part { may_be_empty: false, has_group: false };
        let char = self.rest.chars().next()?;
        self.take(char);
        match char {
            '(' if self.depth < 20 => {
                self.depth += 1;
                self.out.text.push('(');
                let inner = self.alternatives()?;
                self.depth -= 1;
                self.out.text.push(')');
                self.take(')').then_some((Part { has_group: true, ..inner }, inner))
            }
            '[' => self.set().map(|()| (plain, plain)),
            '.' => {
                self.out.text.push('.');
                Some((plain, plain))
            }
            '\\' => {
                let escaped = self.rest.chars().next()?;
                let is_sign = ".[]{}()*+?^$|\\".contains(escaped);
                self.take(escaped);
                self.literal(escaped);
                is_sign.then_some((plain, plain))
            }
            '(' | ')' | '*' | '+' | '?' | '{' | '}' | '|' | '^' | '$' | ']' | '\0' => None,
            char => {
                self.literal(char);
                Some((plain, plain))
            }
        }
    }

    /// `{2}`, `{2,}` or `{2,4}`; whether it lets the part vanish.
    fn bounds(&mut self) -> Option<bool> {
        let (inside, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
        let number = |text: &str| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse::<u16>().ok()).flatten().filter(|count| *count <= 255)
        };
        let least = match inside.split_once(',') {
            None => number(inside)?,
            Some((least, "")) => number(least)?,
            Some((least, most)) => number(least).filter(|least| number(most) >= Some(*least))?,
        };
        self.out.text.push_str(&format!("{{{inside}}}"));
        self.rest = rest;
        Some(least == 0)
    }

    /// The rest of `[…]`: in it a backslash is one.
    fn set(&mut self) -> Option<()> {
        self.out.text.push('[');
        if self.take('^') {
            self.out.text.push('^');
        }
        let mut is_first = true;
        loop {
            let char = self.rest.chars().next()?;
            match char {
                ']' if !is_first => {
                    self.take(']');
                    self.out.text.push(']');
                    return Some(());
                }
                '[' if self.rest.starts_with("[:") => {
                    let (name, rest) = self.rest[2..].split_once(":]")?;
                    let is_class = CLASSES.contains(&name);
                    self.out.text.push_str(&format!("[:{name}:]"));
                    self.rest = rest;
                    is_class.then_some(())?;
                }
                '[' if self.rest.starts_with("[.") || self.rest.starts_with("[=") => return None,
                '-' if !is_first && !self.rest.starts_with("-]") => return None,
                first => {
                    self.take(first);
                    self.literal(first);
                    let mut ahead = self.rest.chars();
                    if let (Some('-'), Some(last)) = (ahead.next(), ahead.next())
                        && last != ']'
                    {
                        // Ends of ranges are letters or digits, or it is not clear what is meant.
                        let is_range = first.is_ascii_alphanumeric()
                            && last.is_ascii_alphanumeric()
                            && first <= last;
                        is_range.then_some(())?;
                        self.rest = &self.rest[2..];
                        self.out.text.push('-');
                        self.literal(last);
                    }
                }
            }
            is_first = false;
        }
    }

    fn literal(&mut self, char: char) {
        // Behind a backslash these two are the ends of a word.
        if char.is_ascii_punctuation() && !matches!(char, '<' | '>') {
            self.out.text.push('\\');
        }
        self.out.text.push(char);
    }

    fn take(&mut self, char: char) -> bool {
        match self.rest.strip_prefix(char) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// The classes that POSIX names.
const CLASSES: [&str; 12] = [
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "xdigit",
];
