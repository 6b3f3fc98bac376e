//! A look at the tokens of a text before it is parsed, for where its tree would get too deep.
//!
//! The parser limits how deep expressions nest, but recurses without limit on lists, prefix
//! operators and chains of operators, and what it shares between equal nodes takes time that is
//! quadratic in the depth of the tree. The tokenizer looks ahead from every token to the end of a
//! run of path characters. One pass over the tokens bounds all of that.
//!
//! In text that is no Nix, nobody can tell what the parser takes a bracket for. From the first
//! token on that cannot stand where it does, everything counts and nothing is given back; the text
//! is then cut where the limit is passed, and what was found wrong before that is told.

mod lookahead;
#[cfg(test)]
mod tests;
mod watch;

use std::ops::ControlFlow;

use rnix::SyntaxKind;
use text_size::TextSize;

use crate::config::Config;

use super::tokenizer::tokenize;
use lookahead::Lookahead;
use watch::Watch;

/// How deep an expression may be before its file is refused.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct DepthLimit {
    /// Brackets, strings and interpolations inside each other. nixpkgs peaks at about 250.
    pub nesting: usize,
    /// Operators, arguments and selections around each other, through brackets. Public
    /// configurations peak below 480.
    pub chain: usize,
}

impl DepthLimit {
    /// The most that can be asked for: what the parser and the stacks bear.
    pub const MOST: DepthLimit = DepthLimit { nesting: 500, chain: 10_000 };

    /// What is limited where nothing is said.
    pub const USUAL: DepthLimit = DepthLimit { nesting: 400, chain: 2000 };

    /// The limits that `config` sets.
    pub fn of(config: &Config) -> DepthLimit {
        let set = |limit: Option<u32>, usual: usize, most: usize| {
            limit.map_or(usual, |limit| usize::try_from(limit).unwrap_or(most).min(most))
        };
        DepthLimit {
            nesting: set(config.max_nesting, Self::USUAL.nesting, Self::MOST.nesting),
            chain: set(config.max_chain, Self::USUAL.chain, Self::MOST.chain),
        }
    }
}

impl Default for DepthLimit {
    fn default() -> DepthLimit {
        DepthLimit::USUAL
    }
}

/// Where and why a text was ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Bytes from the start of the text.
    pub(super) offset: TextSize,
    /// Which limit is passed.
    pub(super) reason: Reason,
    /// Whether a token before it cannot stand where it does.
    pub(super) after_mistake: bool,
}

/// Which limit is passed.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// [`DepthLimit::nesting`].
    Nesting,
    /// [`DepthLimit::chain`].
    Chain,
    /// What the tokenizer may look ahead.
    Lookahead,
}

/// Reads the tokens of `text` up to where its tree would get too deep.
///
/// # Errors
///
/// The first place at which a limit is passed.
pub(super) fn check_depth(text: &str, limit: DepthLimit) -> Result<(), Cut> {
    read_tokens(text, limit, |_, _| ControlFlow::Break(()))
}

/// As [`check_depth`], and shows `reader` the tokens on the way, for as long as it wants to see more.
///
/// # Errors
///
/// The first place at which a limit is passed.
pub(super) fn read_tokens(
    text: &str,
    limit: DepthLimit,
    mut reader: impl FnMut(SyntaxKind, &str) -> ControlFlow<()>,
) -> Result<(), Cut> {
    let mut guard = (!is_plainly_shallow(text, limit)).then(|| Guard::new(text, limit));
    let mut is_wanted = true;
    for (kind, token) in tokenize(text) {
        if let Some(guard) = &mut guard {
            guard.pass(kind, token)?;
        }
        is_wanted = is_wanted && reader(kind, token).is_continue();
        if guard.is_none() && !is_wanted {
            break;
        }
    }
    Ok(())
}

/// What keeps count of how deep a text gets.
struct Guard<'t> {
    text: &'t str,
    limit: DepthLimit,
    watch: Watch,
    lookahead: Lookahead,
    /// Bytes that were read.
    at: usize,
}

impl<'t> Guard<'t> {
    fn new(text: &'t str, limit: DepthLimit) -> Guard<'t> {
        Guard { text, limit, watch: Watch::new(), lookahead: Lookahead::default(), at: 0 }
    }

    /// Lets the next token pass, unless a limit is passed with it.
    fn pass(&mut self, kind: SyntaxKind, token: &str) -> Result<(), Cut> {
        let Guard { text, limit, watch, lookahead, at } = self;
        if !kind.is_trivia() {
            watch.see(kind);
        }
        let passed = if !lookahead.pay(text, *at) {
            Some(Reason::Lookahead)
        } else if watch.levels() > limit.nesting {
            Some(Reason::Nesting)
        } else if watch.depth() > limit.chain {
            Some(Reason::Chain)
        } else {
            None
        };
        if let Some(reason) = passed {
            let offset = TextSize::new(u32::try_from(*at).unwrap_or(u32::MAX));
            return Err(Cut { offset, reason, after_mistake: watch.is_wrong() });
        }
        *at += token.len();
        Ok(())
    }
}

/// Whether a text has so few words and marks that no limit can be passed: most have.
fn is_plainly_shallow(text: &str, limit: DepthLimit) -> bool {
    let bytes = text.as_bytes();
    let Some((first, behind)) = bytes.split_first() else { return true };
    let mut openers = usize::from(opens(b' ', *first));
    let mut tokens = usize::from(begins(b' ', *first));
    // Without a branch for each byte and with sums of one byte, so that many are counted at once.
    for (before, at) in bytes.chunks(COUNTED).zip(behind.chunks(COUNTED)) {
        let pairs = || before.iter().zip(at);
        openers += usize::from(pairs().map(|(before, at)| opens(*before, *at)).sum::<u8>());
        tokens += usize::from(pairs().map(|(before, at)| begins(*before, *at)).sum::<u8>());
    }
    openers < limit.nesting && tokens <= limit.chain
}

/// So many bytes are counted in a sum of one byte.
const COUNTED: usize = 64;

/// How many brackets `byte`, after `before`, may open; `let` opens, too.
fn opens(before: u8, byte: u8) -> u8 {
    let bracket = (byte == b'(') | (byte == b'[') | (byte == b'{');
    let quote = (byte == b'"') | (byte == b'\'');
    u8::from(bracket | quote | ((byte == b'l') & !is_of_word(before)))
}

/// How many tokens may begin with `byte`, after `before`. A number and a name may touch.
fn begins(before: u8, byte: u8) -> u8 {
    let is_word = is_of_word(byte);
    2 * u8::from(is_word & !is_of_word(before)) + u8::from(!is_word & !byte.is_ascii_whitespace())
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'_')
}
