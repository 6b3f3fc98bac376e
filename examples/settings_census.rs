//! Which definitions of Nix's own settings frugix resolves, against what a plain text search finds.
//!
//! ```text
//! cargo run --example settings_census -- FOLDER...
//! ```
//!
//! Each folder is a tree. Every place of its text that defines one of [`NAMES`] is a line of the
//! output, separated by tabs: the folder, the place, the name, the verdict, the value or the reason
//! why there is none, and the names around the definition as the text has them. A count of the
//! verdicts goes to standard error.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use frugix::analysis::Analyzer;
use frugix::config::Config;
use frugix::facts::{Change, Facts, ValueFact, ValueKind};
use frugix::lint::Selectors;
use frugix::rules::ALL;
use frugix::source::{Discovery, FileId, SourceFile, Span, Tree};
use frugix::syntax::{self, SyntaxKind, SyntaxNode};
use text_size::{TextRange, TextSize};

/// What is searched for, also with `extra-` or `trusted-` before it.
const NAMES: [&str; 4] = ["max-jobs", "cores", "timeout", "substituters"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        for found in census(&folder)? {
            writeln!(out, "{}\t{found}", folder.display())?;
            *counts.entry(found.verdict).or_default() += 1;
        }
    }
    for (verdict, count) in counts {
        eprintln!("{count:5} {verdict}");
    }
    Ok(())
}

/// What became of a definition.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// A setting stands there, or gets its value from there, and its value is known.
    Known,
    /// The same, but only a part of the value is known, or it is one of several known values.
    Partly,
    /// A setting stands there, and its value is not known.
    Unknown,
    /// No setting stands there.
    Missed,
    /// It is something else of that name, as the text around it says.
    Other,
    /// It is the declaration of an option.
    Declaration,
    /// It is text in a string that is no nix.conf.
    Text,
    /// It is a comment.
    Comment,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Known => "known",
            Verdict::Partly => "partly",
            Verdict::Unknown => "unknown",
            Verdict::Missed => "missed",
            Verdict::Other => "other",
            Verdict::Declaration => "declaration",
            Verdict::Text => "text",
            Verdict::Comment => "comment",
        })
    }
}

/// One definition in the text.
struct Found {
    place: String,
    name: String,
    verdict: Verdict,
    detail: String,
    around: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { place, name, verdict, detail, around } = self;
        write!(f, "{place}\t{name}\t{verdict}\t{detail}\t{around}")
    }
}

fn census(folder: &Path) -> Result<Vec<Found>, Box<dyn Error>> {
    let tree = Tree::open(folder, &Discovery::default())?;
    let mut analyzer = Analyzer::new(Config::default(), ALL, &Selectors::default())?;
    let facts = analyzer.survey(&tree)?;
    let mut found = Vec::new();
    for file in tree.files() {
        let Ok(source) = tree.source(*file) else { continue };
        let hits = hits(&source.text);
        if hits.is_empty() {
            continue;
        }
        let parsed = syntax::parse(&source.text).ok();
        let root = parsed.map(|parsed| parsed.syntax());
        found.extend(hits.into_iter().filter_map(|hit| {
            let surroundings = root.as_ref().map(|root| Surroundings::of(root, hit.start()));
            told(&facts, *file, &source, hit, surroundings?)
        }));
    }
    Ok(found)
}

/// The names that are followed by `=`, or stand where an `inherit` may be.
fn hits(text: &str) -> Vec<TextRange> {
    let bytes = text.as_bytes();
    let is_name = |at: Option<&u8>| {
        at.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\''))
    };
    let mut found = Vec::new();
    for name in NAMES {
        for (at, _) in text.match_indices(name) {
            let end = at + name.len();
            let prefix = ["extra-", "trusted-"].iter().find(|it| text[..at].ends_with(**it));
            let start = at - prefix.map_or(0, |prefix| prefix.len());
            let follows = is_name(start.checked_sub(1).and_then(|before| bytes.get(before)));
            if follows || is_name(bytes.get(end)) {
                continue;
            }
            let range = |start: usize, end: usize| {
                let size = |at: usize| TextSize::new(u32::try_from(at).unwrap_or(u32::MAX));
                TextRange::new(size(start), size(end))
            };
            found.push(range(start, end));
        }
    }
    found.sort_by_key(|range| range.start());
    found
}

/// What stands around a place, as far as one file's text says.
struct Surroundings {
    kind: Around,
    /// The names that lead to the definition, outermost first.
    names: Vec<String>,
    /// The definition's value.
    value: Option<TextRange>,
}

#[derive(PartialEq)]
enum Around {
    Comment,
    String,
    Definition,
    Inherit,
    Nothing,
}

impl Surroundings {
    fn of(root: &SyntaxNode, at: TextSize) -> Surroundings {
        let nothing = Surroundings { kind: Around::Nothing, names: Vec::new(), value: None };
        let Some(token) = root.token_at_offset(at).right_biased() else { return nothing };
        if token.kind() == SyntaxKind::TOKEN_COMMENT {
            return Surroundings { kind: Around::Comment, ..nothing };
        }
        let Some(parent) = token.parent() else { return nothing };
        let key = parent.ancestors().find(|node| node.kind() == SyntaxKind::NODE_ATTRPATH);
        let definition = key.as_ref().and_then(SyntaxNode::parent);
        let defines = |node: &SyntaxNode| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE;
        let inherits = parent.ancestors().any(|node| node.kind() == SyntaxKind::NODE_INHERIT);
        let kind = match &definition {
            Some(definition) if defines(definition) => Around::Definition,
            _ if inherits => Around::Inherit,
            _ if parent.ancestors().any(|node| node.kind() == SyntaxKind::NODE_STRING) => {
                Around::String
            }
            _ => Around::Nothing,
        };
        let value = definition.filter(defines).and_then(|definition| definition.last_child());
        Surroundings { kind, names: names_around(&parent), value: value.map(|it| it.text_range()) }
    }
}

/// The attributes and functions that `node` stands in.
fn names_around(node: &SyntaxNode) -> Vec<String> {
    let mut names = Vec::new();
    for node in node.ancestors() {
        let name = match node.kind() {
            SyntaxKind::NODE_ATTRPATH_VALUE => node.first_child().map(|key| key.to_string()),
            SyntaxKind::NODE_APPLY => node.first_child().map(|function| {
                let name = function.to_string();
                let name = name.split_whitespace().next().unwrap_or_default().to_owned();
                format!("({name})")
            }),
            SyntaxKind::NODE_LET_IN => Some("let".to_owned()),
            SyntaxKind::NODE_LAMBDA => Some(":".to_owned()),
            _ => None,
        };
        names.extend(name);
    }
    names.reverse();
    names
}

/// What is told of one hit; `None` where the text does not define anything.
fn told(
    facts: &Facts,
    file: FileId,
    source: &SourceFile,
    hit: TextRange,
    around: Surroundings,
) -> Option<Found> {
    let name = source.slice(hit).to_owned();
    let place = Span::new(file, hit);
    let is_defined = {
        let rest = &source.text[usize::from(hit.end())..];
        let rest = rest.strip_prefix('"').unwrap_or(rest).trim_start();
        rest.starts_with('=') && !rest.starts_with("==")
    };
    let values = values_of(facts, place, around.value.map(|range| Span::new(file, range)), &name);
    if values.is_empty() && !is_defined && around.kind != Around::Inherit {
        return None;
    }
    let (verdict, detail) = match around.kind {
        _ if !values.is_empty() => verdict_of(&values),
        Around::Comment => (Verdict::Comment, String::new()),
        Around::String => (Verdict::Text, String::new()),
        Around::Definition if is_declaration(source, around.value) => {
            (Verdict::Declaration, String::new())
        }
        _ if is_another_option(&name, &around.names) => (Verdict::Other, String::new()),
        _ => (Verdict::Missed, String::new()),
    };
    let position = source.position(hit.start());
    Some(Found {
        place: format!("{}:{}", source.path.display(), position.line),
        name,
        verdict,
        detail,
        around: around.names.join(" "),
    })
}

/// The values of the settings that are defined at `place`, or that get their value from there.
fn values_of<'f>(
    facts: &'f Facts,
    place: Span,
    value: Option<Span>,
    name: &str,
) -> Vec<&'f ValueFact> {
    let covers = |span: Span| span.file == place.file && span.range.contains_range(place.range);
    let gives = |fact: &ValueFact| {
        value.is_some_and(|value| {
            let inside =
                |span: &Span| span.file == value.file && value.range.contains_range(span.range);
            fact.literal.iter().chain(fact.sources()).any(inside)
        }) || fact.through().iter().any(|span| covers(*span))
    };
    let settings = facts
        .settings
        .iter()
        .filter(|setting| setting.path.last().is_some_and(|last| last.ends_with(name)))
        .filter(|setting| setting.path.first().is_some_and(|first| first == "nix"))
        .filter(|setting| {
            let is_named = setting.path.last().is_some_and(|last| last == name);
            is_named && covers(setting.key) || gives(&setting.value)
        })
        .map(|setting| &setting.value);
    let changes = facts
        .overrides
        .iter()
        .flat_map(|site| &site.changes)
        .chain(facts.derivations.iter().flat_map(|site| &site.attributes));
    let limits = changes
        .filter(|change| change.name == "meta")
        .filter_map(|meta: &Change| meta.inner("timeout"))
        .filter(|timeout| name == "timeout" && timeout.key.is_some_and(covers))
        .map(|timeout| &timeout.value);
    settings.chain(limits).collect()
}

/// The best that is known of one place in the configurations it belongs to.
fn verdict_of(values: &[&ValueFact]) -> (Verdict, String) {
    let best = values.iter().map(|value| (extent(value), described(value)));
    best.min_by_key(|(verdict, _)| *verdict).unwrap_or((Verdict::Missed, String::new()))
}

fn extent(value: &ValueFact) -> Verdict {
    match &value.kind {
        _ if value.is_known() => Verdict::Known,
        ValueKind::List(_) | ValueKind::PartialStr(_) => Verdict::Partly,
        ValueKind::Choice(sides) if sides.iter().all(|side| extent(side) != Verdict::Unknown) => {
            Verdict::Partly
        }
        _ => Verdict::Unknown,
    }
}

fn described(value: &ValueFact) -> String {
    match &value.kind {
        ValueKind::Unknown(why) => why.clone(),
        ValueKind::List(items) => {
            let unknown = items.iter().filter(|item| !item.is_known()).map(described);
            let unknown: Vec<String> = unknown.collect();
            format!(
                "a list of {}{}",
                items.len(),
                match unknown.as_slice() {
                    [] => String::new(),
                    _ => format!(", not: {}", unknown.join("; ")),
                }
            )
        }
        ValueKind::Choice(sides) => {
            let sides: Vec<String> = sides.iter().map(described).collect();
            format!("one of: {}", sides.join(" | "))
        }
        kind => format!("{kind:?}").replace(['\n', '\t'], " "),
    }
}

fn is_declaration(source: &SourceFile, value: Option<TextRange>) -> bool {
    value.is_some_and(|value| source.slice(value).contains("mkOption"))
}

/// Whether a definition is of something that only shares its name with a setting of Nix.
/// `max-jobs` and `substituters` are words of Nix alone.
fn is_another_option(name: &str, names: &[String]) -> bool {
    let parts = || names.iter().flat_map(|name| name.split('.')).map(|part| part.trim_matches('"'));
    let of_nix = |part: &str| {
        matches!(part, "nix" | "nixConfig" | "determinateNix" | "customSettings" | "meta")
    };
    let is_shared = matches!(name, "cores" | "timeout");
    is_shared && (!parts().any(of_nix) || parts().any(|part| part == "virtualisation"))
}
