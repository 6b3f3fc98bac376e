//! What is shown of the thing under the pointer: the rule that a comment names, or else what an
//! override costs, a value with its way and what follows from it, and the rules that found something
//! there.

use gen_lsp_types as lsp;
use text_size::{TextRange, TextSize};

use super::client::Client;
use super::consequences;
use super::conversion::markup;
use super::costs;
use super::provenance;
use super::session::Session;
use crate::lint::{RuleMeta, name_in_list};
use crate::rules::ALL;
use crate::source::{FileId, SourceFile};

/// What there is to say about a position.
pub(super) fn hover(
    session: &mut Session,
    file: FileId,
    client: &Client,
    position: lsp::Position,
) -> Option<lsp::Hover> {
    let source = session.tree.source(file).ok()?;
    let offset = client.encoding.offset(&source, position);
    let (range, text) = match named_rule(&source, offset) {
        Some(named) => named,
        None => {
            let inspection = session.inspect(file, offset);
            let reckoning = session.reckoning();
            let cost = reckoning.as_ref().and_then(|known| costs::at(known, file, offset));
            // Of what an override makes, its cost says more than its way through overrides.
            let value = match cost {
                None => provenance::value(&inspection, &session.places(client)),
                Some(_) => None,
            };
            let follows = reckoning
                .and_then(|known| consequences::of_value(&known, &inspection, file, offset));
            let follows = inspection.span.map(|span| span.range).zip(follows);
            let found = findings(session, file, offset);
            let range = [&value, &cost, &follows, &found].into_iter().flatten().next()?.0;
            let parts = [join([cost, value, follows], "\n\n"), found.map(|(_, rules)| rules)];
            (range, parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n---\n\n"))
        }
    };
    let contents = lsp::Contents::MarkupContent(markup(text, client.renders_hovers));
    Some(lsp::Hover { contents, range: Some(client.encoding.range(&source, range)) })
}

/// The texts that there are, one after the other.
fn join(texts: [Option<(TextRange, String)>; 3], between: &str) -> Option<String> {
    let texts: Vec<String> = texts.into_iter().flatten().map(|(_, text)| text).collect();
    (!texts.is_empty()).then(|| texts.join(between))
}

fn named_rule(source: &SourceFile, offset: TextSize) -> Option<(TextRange, String)> {
    let range = name_in_list(&source.text, offset)?;
    Some((range, about(meta(source.slice(range))?)))
}

/// The rules of the findings at `offset`, and what all of those findings cover. Of one that spans
/// many lines, only the first is explained: the others have their own things to tell.
fn findings(session: &Session, file: FileId, offset: TextSize) -> Option<(TextRange, String)> {
    let source = session.tree.source(file).ok()?;
    let line = |offset| source.lines().line(offset);
    let here = session.findings(file).filter(|found| {
        let range = found.span.range;
        range.contains_inclusive(offset) && line(range.start()) == line(offset)
    });
    let mut rules: Vec<&'static RuleMeta> = Vec::new();
    let mut range: Option<TextRange> = None;
    for found in here {
        let own = found.span.range;
        range = Some(range.map_or(own, |range| range.intersect(own).unwrap_or(own)));
        if let Some(meta) = meta(found.rule).filter(|meta| !rules.contains(meta)) {
            rules.push(meta);
        }
    }
    let texts: Vec<String> = rules.into_iter().map(about).collect();
    Some((range?, texts.join("\n\n---\n\n")))
}

fn meta(id: &str) -> Option<&'static RuleMeta> {
    ALL.iter().map(|rule| rule.meta()).find(|meta| meta.id == id)
}

/// A rule in short: what it flags, why that matters, and where the rest is said.
fn about(meta: &RuleMeta) -> String {
    let why = section(meta.docs, "Why it matters");
    let why = why.map_or_else(String::new, |why| format!("\n\n{why}"));
    let RuleMeta { id, group, summary, .. } = meta;
    format!("**{id}** ({group})\n\n{summary}{why}\n\n`frugix explain {id}` says more.")
}

/// The text under a heading of a rule's documentation.
fn section<'d>(docs: &'d str, heading: &str) -> Option<&'d str> {
    let mut sections = docs.split("\n# ");
    let text = sections
        .find_map(|text| text.trim_start_matches("# ").strip_prefix(heading)?.strip_prefix('\n'))?;
    Some(text.trim())
}
