//! The rule `node-heap`.

use super::heavy::{Heavy, builds, least};
use crate::budget::Budget;
use crate::config::Bytes;
use crate::declare_rule;
use crate::lint::edits::Definition;
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::variables::Variable;
use crate::source::Span;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// A heavy build with Node that says nothing of V8's heap, or one whose heaps together are more
    /// than the machine has.
    ///
    /// # Why it matters
    ///
    /// V8 takes a default that bundlers and compilers of TypeScript outgrow, and the build stops. The
    /// limit counts for each process: as many builds as run at once may each take as much, and what is
    /// more than the memory is not kept from it by the limit.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   nix.settings.max-jobs = 4;
    ///   home.packages = [
    ///     (pkgs.buildNpmPackage {
    ///       pname = "gemini-cli";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchurl { url = "https://example.org/x"; hash = lib.fakeHash; };
    ///       npmDepsHash = lib.fakeHash;
    ///       NODE_OPTIONS = "--max-old-space-size=8192";
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "16GiB"
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   nix.settings.max-jobs = 4;
    ///   home.packages = [
    ///     (pkgs.buildNpmPackage {
    ///       pname = "gemini-cli";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchurl { url = "https://example.org/x"; hash = lib.fakeHash; };
    ///       npmDepsHash = lib.fakeHash;
    ///       NODE_OPTIONS = "--max-old-space-size=3584";
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "16GiB"
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes a limit, or another number where the limit is written. It is unsafe: the derivation is
    /// another, and is built once more; and a heap too small for a build stops it.
    ///
    /// # When it stays silent
    ///
    /// For packages of which nothing is known but that Node builds them, as long as they have no limit;
    /// for limits that cannot be read; where the memory of no machine that builds it is known.
    ///
    /// # Sources
    ///
    /// - Node's documentation, `--max-old-space-size`.
    /// - `rules/knowledge/advice.toml`, `[node]`.
    pub struct NodeHeap {
        id: "node-heap",
        group: Advice,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
        default_on: false,
    }
}

/// The variable by which Node is told.
const VARIABLE: &str = "NODE_OPTIONS";

/// The option that limits the heap, in MiB.
const OPTIONS: [&str; 2] = ["--max-old-space-size=", "--max_old_space_size="];

/// Heaps are told in steps of so many MiB.
const STEP: u64 = 512;

impl Rule for NodeHeap {
    fn meta(&self) -> &'static RuleMeta {
        const { &NodeHeap::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let of_node = |one: &Heavy<'_>| one.build.language.as_deref() == Some("npm");
        let found: Vec<Diagnostic> = builds(cx)
            .iter()
            .filter(|one| of_node(one))
            .filter_map(|one| of_build(cx, budget, one))
            .collect();
        cx.report_all(found);
    }
}

fn of_build(cx: &TreeContext<'_>, budget: &Budget, heavy: &Heavy<'_>) -> Option<Diagnostic> {
    let variable = heavy.variable(cx, VARIABLE);
    match (heavy.build.heap, &variable) {
        (Some(heap), Some(variable)) => {
            let rooms = heavy.rooms(cx, budget);
            let asked = |room: &super::heavy::Room<'_>| heap.0.saturating_mul(room.jobs);
            let excess = rooms
                .iter()
                .find(|room| heap > room.one || room.all.is_some_and(|all| asked(room) > all.0))?;
            let each = excess.all.map_or(excess.one.0, |all| all.0 / excess.jobs.max(1));
            let fitting = stepped(Bytes(each.min(excess.one.0)))?;
            let message = format!(
                "{}{} heaps of {heap} for {} may be too much for {}",
                heavy.condition(Some(variable)),
                excess.jobs,
                heavy.build.name,
                excess.host.name
            );
            let all = excess.all.unwrap_or(excess.one);
            let found = Diagnostic::new(&NodeHeap::META, heavy.place_of(variable), message)
                .note(format!(
                    "{} builds run at once, and together they may take {all}; one of them should take \
                     {} at most",
                    excess.jobs, excess.one
                ))
                .host(excess.host.name.clone());
            let title = format!("Limit the heap to {fitting} MiB");
            Some(found.fix(fix(title, lowered(cx, variable, fitting))))
        }
        (None, None) if heavy.build.is_known && takes_long(cx, heavy) => {
            unlimited(cx, heavy, least(&heavy.rooms(cx, budget))?.one)
        }
        _ => None,
    }
}

/// An hour or more.
fn takes_long(cx: &TreeContext<'_>, heavy: &Heavy<'_>) -> bool {
    let long = cx.knowledge.limits.heavy.seconds as f64 / 3600.0;
    heavy.build.hours.is_some_and(|hours| hours.high >= long)
}

/// A build without a limit.
fn unlimited(cx: &TreeContext<'_>, heavy: &Heavy<'_>, room: Bytes) -> Option<Diagnostic> {
    let row = &cx.knowledge.advice.node;
    let heap = row.heap.min(stepped(room)?);
    let made = heavy.made.as_ref();
    if made.is_some_and(|made| made.open) {
        return None;
    }
    let message =
        format!("{}{} leaves Node's heap at V8's default", heavy.condition(None), heavy.build.name);
    let found = Diagnostic::new(&NodeHeap::META, heavy.build.place, message).note(format!(
        "{} ({})",
        row.why,
        row.evidence()
    ));
    let title = format!("Give it `{VARIABLE} = \"--max-old-space-size={heap}\"`");
    let edits = made.filter(|made| !made.is_override).and_then(|made| {
        let literal = made.call.literal?;
        let text = format!("{VARIABLE} = \"--max-old-space-size={heap}\";");
        let new = Definition { text: &text, remark: None };
        cx.edited(literal.file)?.insert(literal, None, &[new])
    });
    Some(found.fix(fix(title, edits)))
}

fn fix(title: String, edits: Option<Vec<FixEdit>>) -> Fix {
    Fix::unsafe_or_shown(
        title,
        "the derivation is another, and is built once more; a heap too small stops it",
        edits,
    )
}

/// The most MiB in whole steps that are no more than `bytes`.
fn stepped(bytes: Bytes) -> Option<u64> {
    let mebibytes = bytes.0 / Bytes::mebibytes(1).0 / STEP * STEP;
    (mebibytes > 0).then_some(mebibytes)
}

/// The edit that writes `heap` in place of the number behind the option.
fn lowered(cx: &TreeContext<'_>, variable: &Variable<'_>, heap: u64) -> Option<Vec<FixEdit>> {
    let place = variable.written.iter().find_map(|span| number_in(cx, *span))?;
    Some(vec![FixEdit::replace(place, heap.to_string())])
}

/// Where the string at `span` has the number.
fn number_in(cx: &TreeContext<'_>, span: Span) -> Option<Span> {
    let file = cx.edited(span.file)?;
    let tokens = file.node(span)?.tokens_within();
    let mut tokens = tokens.filter(|token| token.kind() == SyntaxKind::TOKEN_STRING_CONTENT);
    tokens.find_map(|token| {
        let text = token.text();
        let at = OPTIONS.iter().find_map(|option| Some(text.find(option)? + option.len()))?;
        let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
        let offset = |at: usize| u32::try_from(at).ok().map(text_size::TextSize::from);
        let start = token.range().start() + offset(at)?;
        let range = text_size::TextRange::at(start, offset(digits)?);
        (digits > 0).then(|| Span::new(span.file, range))
    })
}
