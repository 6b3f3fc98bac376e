//! The names of rules and groups where a comment says what to ignore.

use gen_lsp_types as lsp;

use super::client::Client;
use super::conversion::markup;
use crate::lint::{Group, name_in_list};
use crate::rules::ALL;
use crate::source::SourceFile;

/// What may stand at a position. None where no names are expected.
pub(super) fn complete(
    source: &SourceFile,
    client: &Client,
    position: lsp::Position,
) -> Option<lsp::CompletionResponse> {
    let range = name_in_list(&source.text, client.encoding.offset(source, position))?;
    let range = client.encoding.range(source, range);
    let item = |name: &str, kind, detail: String, documentation: Option<&str>| {
        let edit = lsp::TextEdit { range, new_text: name.to_owned() };
        lsp::CompletionItem {
            label: name.to_owned(),
            kind: Some(kind),
            detail: Some(detail),
            documentation: documentation.map(|text| match client.renders_completions {
                true => lsp::Documentation::MarkupContent(markup(text.to_owned(), true)),
                false => lsp::Documentation::String(text.to_owned()),
            }),
            text_edit: Some(lsp::CompletionItemTextEdit::TextEdit(edit)),
            ..Default::default()
        }
    };
    let rules = ALL.iter().map(|rule| rule.meta()).map(|meta| {
        let detail = meta.group.name().to_owned();
        item(meta.id, lsp::CompletionItemKind::EnumMember, detail, Some(meta.summary))
    });
    let has_rules = |group: &Group| ALL.iter().any(|rule| rule.meta().group == *group);
    let groups = Group::ALL.into_iter().filter(has_rules).map(|group| {
        item(group.name(), lsp::CompletionItemKind::Enum, "all rules of the group".to_owned(), None)
    });
    Some(lsp::CompletionResponse::CompletionItemList(rules.chain(groups).collect()))
}
