//! What rules about lists of caches and keys share: which definitions make up one file that Nix reads,
//! and edits of single elements.

use text_size::{TextRange, TextSize};

pub use crate::budget::asked::{are_together, is_overridden};
use crate::facts::{CacheElement, ModuleKind, Setting, SettingPlace, Written};
use crate::lint::{FixEdit, TreeContext};
use crate::source::Span;
use crate::syntax::SyntaxKind;

/// A file of settings in which a list replaces the system's, and in which nothing puts `extra-` last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replacing {
    /// A user's nix.conf.
    User,
    /// A flake's `nixConfig`.
    Flake,
}

impl Replacing {
    /// The file that `setting` is of; `None` where lists merge, or where that is not known.
    pub fn of(setting: &Setting) -> Option<Replacing> {
        match setting.place {
            SettingPlace::FlakeNixConfig => Some(Replacing::Flake),
            SettingPlace::Module(ModuleKind::HomeManager)
            | SettingPlace::NixConf(ModuleKind::HomeManager) => Some(Replacing::User),
            SettingPlace::Module(_) | SettingPlace::NixConf(_) => None,
        }
    }
}

/// Whether two settings may end up in one file.
pub fn may_be_together(one: &Setting, other: &Setting) -> bool {
    match Replacing::of(one) {
        Some(Replacing::Flake) => are_together(one, other),
        replacing => {
            replacing == Replacing::of(other)
                && (one.host.is_none() || other.host.is_none() || one.host == other.host)
        }
    }
}

/// Puts `text` in the place of an element, where it is written.
pub fn rewrite(cx: &TreeContext<'_>, element: &CacheElement, text: &str) -> Option<Vec<FixEdit>> {
    match element.written? {
        Written::Word(word) => Some(vec![FixEdit::replace(word, text)]),
        Written::String(place) => cx.edited(place.file)?.replace(place, &format!("\"{text}\"")),
    }
}

/// Gives the setting called `old` the name `new`, where it is written.
pub fn rename(cx: &TreeContext<'_>, setting: &Setting, new: &str) -> Option<Vec<FixEdit>> {
    let file = cx.edited(setting.key.file)?;
    let old = setting.path.last()?;
    if matches!(setting.place, SettingPlace::NixConf(_)) {
        let is_name = file.slice(setting.key.range).starts_with(old.as_str());
        let range = TextRange::at(setting.key.range.start(), TextSize::of(old.as_str()));
        let name = Span::new(setting.key.file, range);
        return is_name.then(|| vec![FixEdit::replace(name, new)]);
    }
    let node = file.node(setting.key)?;
    let name = match node.kind() {
        SyntaxKind::NODE_ATTRPATH => node.first_child()?,
        _ => {
            node.parent().filter(|path| path.kind() == SyntaxKind::NODE_ATTRPATH).and(Some(node))?
        }
    };
    let name = match name.kind() {
        SyntaxKind::NODE_IDENT => new.to_owned(),
        SyntaxKind::NODE_STRING => format!("\"{new}\""),
        _ => return None,
    };
    Some(vec![FixEdit::replace(setting.key, name)])
}
