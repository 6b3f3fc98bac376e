//! A rule's documentation as a page of its own, for the reference and for tools that show pages.

use crate::lint::{Applicability, FixAvailability, RuleMeta};

/// Where the reference of this version lies.
const REFERENCE: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/v", env!("CARGO_PKG_VERSION"), "/docs/rules");

/// The address of the rule's page in the reference of this version.
pub fn rule_url(id: &str) -> String {
    format!("{REFERENCE}/{id}.md")
}

/// The word for the rule's best fix: `safe`, `unsafe`, `suggestion` or `-`.
pub fn fix_word(meta: &RuleMeta) -> &'static str {
    match (meta.fix, meta.applicability) {
        (FixAvailability::None, Some(Applicability::Suggestion)) => "suggestion",
        (FixAvailability::None, _) | (_, None) => "-",
        (_, Some(applicability)) => applicability.name(),
    }
}

/// What may be said of the rule's fixes, without a full stop.
pub fn fix_phrase(meta: &RuleMeta) -> String {
    let kind = meta.applicability.map_or("a", |best| best.name());
    match meta.fix {
        FixAvailability::None if meta.applicability.is_some() => "suggestions only".to_owned(),
        FixAvailability::None => "no fix".to_owned(),
        FixAvailability::Sometimes => format!("sometimes {kind} fix"),
        FixAvailability::Always => format!("always {kind} fix"),
    }
}

/// The rule's documentation in Markdown that every reader of Markdown knows: headings below the
/// rule's name, and code that is called Nix and nothing more.
pub fn rule_page(meta: &RuleMeta) -> String {
    let rests = if meta.default_on { "" } else { ", runs only when selected" };
    let mut page = format!(
        "# {}\n\nGroup `{}`, severity {}, {}, since {}{rests}.\n",
        meta.id,
        meta.group,
        meta.severity,
        fix_phrase(meta),
        meta.since,
    );
    let mut in_code = false;
    for line in meta.docs.trim().lines() {
        let fence = line.trim_start().strip_prefix("```");
        page.push('\n');
        match fence {
            Some(language) if !in_code => {
                let indent = &line[..line.len() - line.trim_start().len()];
                let language = language.split_whitespace().next().unwrap_or_default();
                page.push_str(&format!("{indent}```{language}"));
            }
            None if !in_code && line.starts_with('#') => page.push_str(&format!("#{line}")),
            _ => page.push_str(line),
        }
        in_code ^= fence.is_some();
    }
    page.push('\n');
    page
}
