//! Writing a public key where a tree keeps its keys.

use super::lists::{Replacing, are_together};
use crate::facts::{CacheList, CacheSetting, ModuleKind, SettingPlace};
use crate::lint::edits::Definition;
use crate::lint::{FixEdit, TreeContext};
use crate::rules::work;
use crate::source::Span;
use crate::syntax::SyntaxKind;

/// Edits that trust `keys` beside the list of caches: in a list of keys that ends up in the same file of
/// settings, else in a new one behind the caches.
pub fn trust(
    cx: &TreeContext<'_>,
    caches: &CacheSetting<'_>,
    all: &[CacheSetting<'_>],
    keys: &[String],
) -> Option<Vec<FixEdit>> {
    let quoted: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    if quoted.is_empty() {
        return None;
    }
    let mut lists: Vec<&CacheSetting<'_>> = all
        .iter()
        .filter(|list| list.list == CacheList::PublicKeys)
        .filter(|list| are_together(list.setting, caches.setting))
        .collect();
    let home = caches.setting.key.file;
    lists.sort_by_key(|list| (list.setting.key.file != home, list.setting.key.sort_key()));
    let added = lists.iter().find_map(|list| {
        let (definition, value) = (list.setting.definition?, &list.setting.value);
        let is_own = |place: &Span| work::contains(definition, *place);
        // Where it is named only, the list it names is the place.
        [value.place.filter(is_own), value.literal]
            .into_iter()
            .flatten()
            .filter(|_| list.setting.condition.is_none())
            .find_map(|place| cx.edited(place.file)?.append_elements(place, &quoted))
    });
    added.or_else(|| define(cx, caches, all, &quoted))
}

/// A new definition behind the one of `caches`; `None` where the set has one of that name.
fn define(
    cx: &TreeContext<'_>,
    caches: &CacheSetting<'_>,
    all: &[CacheSetting<'_>],
    keys: &[String],
) -> Option<Vec<FixEdit>> {
    let setting = caches.setting;
    if !setting.path.starts_with(&["nix".to_owned(), "settings".to_owned()]) {
        return None;
    }
    let definition = setting.definition?;
    let file = cx.edited(definition.file)?;
    let node = file.node(definition)?;
    let set = node.parent().filter(|set| set.kind() == SyntaxKind::NODE_ATTR_SET)?;
    let before = text_size::TextRange::new(definition.range.start(), setting.key.range.start());
    let is_merged =
        matches!(setting.place, SettingPlace::Module(ModuleKind::Nixos | ModuleKind::Darwin))
            && !caches.is_extra;
    let is_plain = is_merged && Replacing::of(setting).is_none();
    let name = if is_plain { "trusted-public-keys" } else { "extra-trusted-public-keys" };
    let prefix = file.slice(before);
    let text = match keys {
        [key] => format!("{prefix}{name} = [ {key} ];"),
        keys => format!("{prefix}{name} = [\n  {}\n];", keys.join("\n  ")),
    };
    let set = file.span(set.range());
    let is_there = |list: &CacheSetting<'_>| {
        list.setting.path.last().is_some_and(|last| last == name)
            && work::contains(set, list.setting.key)
    };
    if all.iter().any(is_there) {
        return None;
    }
    file.insert(set, Some(definition), &[Definition { text: &text, remark: None }])
}
