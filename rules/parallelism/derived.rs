//! The fix of `conflicting-settings` that leaves one number: a setting takes the one of the profile.

use super::joint_fix::other_uses_of;
use super::wording::list;
use crate::budget::Knob;
use crate::facts::{Facts, HostProfile, Setting, SettingPlace};
use crate::lint::{Fix, FixEdit, TreeContext};
use crate::rules::profile_names::is_in_view;
use crate::source::{FileId, Span};
use crate::syntax::rewrite;

/// Writes the profile's name of the number at one of the two literals in place of the other.
/// `None` where neither is a profile's, or none of its names is in view at the other.
pub(super) fn derived(
    knob: Knob,
    (one, other): (Span, Span),
    host: &str,
    cx: &TreeContext<'_>,
) -> Option<Fix> {
    let from = |profile: Span, written: Span| {
        let number = Number::at(profile, cx.facts)?;
        let name = number.named_at(written, knob, cx)?;
        let source = cx.tree.source(written.file).ok()?;
        let text = rewrite::guarded(&source.text, written.range, &name);
        let title =
            format!("Take {} from the profile: {name}, which is {}", knob.name(), number.value);
        let edits = vec![FixEdit::replace(written, text)];
        let fix = match other_uses_of(knob, written, cx.facts) {
            uses if uses.is_empty() => Fix::safe(title, edits),
            uses => Fix::unsafe_because(title, list(uses), edits),
        };
        Some(fix.isolated(super::joint_fix::isolation(host)))
    };
    from(one, other).or_else(|| from(other, one))
}

/// A number of a profile.
struct Number<'f> {
    profile: FileId,
    path: &'f str,
    value: i64,
}

impl<'f> Number<'f> {
    /// The number whose literal this is.
    fn at(literal: Span, facts: &'f Facts) -> Option<Number<'f>> {
        facts.profiles.iter().find_map(|profile| {
            let written =
                |(_, value): &&(String, crate::facts::ValueFact)| value.literal == Some(literal);
            let (path, value) = profile.values.iter().find(written)?;
            Some(Number { profile: profile.file, path, value: value.as_int()? })
        })
    }

    /// How it is named at the literal `written`. Every setting that is this literal must have a
    /// profile of that name, and that a number at the path.
    fn named_at(&self, written: Span, knob: Knob, cx: &TreeContext<'_>) -> Option<String> {
        let profiles = &cx.facts.profiles;
        if !self.path.split('.').all(is_plain) || profiles.iter().any(|it| it.file == written.file)
        {
            return None;
        }
        let is_it = |setting: &&Setting| setting.value.literal == Some(written);
        let readers: Vec<&Setting> = cx.facts.settings.iter().filter(is_it).collect();
        let says_number = |file: FileId| {
            let has = |profile: &HostProfile| {
                profile.file == file
                    && profile.value(self.path).is_some_and(|it| it.as_int().is_some())
            };
            profiles.iter().any(has)
        };
        let has_name = |setting: &&Setting, name: &str| {
            let mut names = setting.profiles.iter().filter(|it| it.name == name);
            matches!(setting.place, SettingPlace::Module(_))
                && Knob::at(&setting.path) == Some(knob)
                && names
                    .next()
                    .is_some_and(|it| says_number(it.profile) && is_in_view(cx, it, written))
        };
        let mut names = readers.first()?.profiles.iter().filter(|it| it.profile == self.profile);
        let name = names.find(|it| readers.iter().all(|reader| has_name(reader, &it.name)))?;
        Some(format!("{}.{}", name.name, self.path))
    }
}

/// Whether an attribute's name needs no quotes.
fn is_plain(name: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '\'');
    name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(is_part)
}
