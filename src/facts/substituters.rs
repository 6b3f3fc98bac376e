//! Lists of caches and of the keys that are trusted, element by element, however they are written: as
//! an option's list, as one text with blanks, as a line of nix.conf.

use text_size::{TextRange, TextSize};

use super::Facts;
use super::settings::{Setting, SettingPlace};
use super::value::{ValueFact, ValueKind};
use crate::source::Span;

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CacheList {
    /// Caches that are asked.
    Substituters,
    /// Caches that any user may ask.
    TrustedSubstituters,
    /// Public keys.
    PublicKeys,
}

impl CacheList {
    /// The setting's name, without `extra-`.
    pub fn setting(self) -> &'static str {
        match self {
            CacheList::Substituters => "substituters",
            CacheList::TrustedSubstituters => "trusted-substituters",
            CacheList::PublicKeys => "trusted-public-keys",
        }
    }
}

/// One definition of a list of caches or keys.
#[derive(Debug, Clone)]
pub struct CacheSetting<'f> {
    /// The definition.
    pub setting: &'f Setting,
    /// What it lists.
    pub list: CacheList,
    /// It adds to the list (`extra-substituters`) rather than being it.
    pub is_extra: bool,
    /// The elements that are known, in the order of the text.
    pub elements: Vec<CacheElement>,
    /// There are, or may be, others.
    pub is_open: bool,
}

/// One cache, or one key.
#[derive(Debug, Clone)]
pub struct CacheElement {
    /// The address, or the key.
    pub text: String,
    /// Where it is used.
    pub place: Span,
    /// Where it is written.
    pub written: Option<Written>,
    /// It may be left out, by a condition that cannot be decided.
    pub is_optional: bool,
}

/// Where the text of an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As a string literal of its own, quotes included.
    String(Span),
    /// As a word of a longer text.
    Word(Span),
}

impl Facts {
    /// Every definition of a list of caches or keys, sorted by place.
    pub fn cache_settings(&self) -> impl Iterator<Item = CacheSetting<'_>> {
        self.settings.iter().filter_map(cache_setting)
    }
}

fn cache_setting(setting: &Setting) -> Option<CacheSetting<'_>> {
    let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
    let name = match path.as_slice() {
        ["nix", "settings", name] => *name,
        ["nix", "binaryCaches"] => "substituters",
        ["nix", "trustedBinaryCaches"] => "trusted-substituters",
        ["nix", "binaryCachePublicKeys"] => "trusted-public-keys",
        _ => return None,
    };
    let (is_extra, name) = match name.strip_prefix("extra-") {
        Some(name) => (true, name),
        None => (false, name),
    };
    let list = match name {
        "substituters" | "binary-caches" => CacheList::Substituters,
        "trusted-substituters" | "trusted-binary-caches" => CacheList::TrustedSubstituters,
        "trusted-public-keys" | "binary-cache-public-keys" => CacheList::PublicKeys,
        _ => return None,
    };
    let mut found = CacheSetting { setting, list, is_extra, elements: Vec::new(), is_open: false };
    let is_line = matches!(setting.place, SettingPlace::NixConf(_));
    found.add(&setting.value, is_line, false);
    Some(found)
}

impl CacheSetting<'_> {
    fn add(&mut self, value: &ValueFact, is_line: bool, is_optional: bool) {
        match &value.kind {
            ValueKind::List(items) => {
                items.iter().for_each(|item| self.add(item, false, is_optional));
            }
            ValueKind::Choice(values) => {
                values.iter().for_each(|value| self.add(value, is_line, true));
            }
            ValueKind::Str(text) => {
                let place = value.place.or(value.literal).unwrap_or(self.setting.key);
                self.add_words(text, place, value.literal, is_line, is_optional);
            }
            ValueKind::Null => {}
            _ => self.is_open = true,
        }
    }

    fn add_words(
        &mut self,
        text: &str,
        place: Span,
        literal: Option<Span>,
        is_line: bool,
        is_optional: bool,
    ) {
        let is_single = text.split_whitespace().count() == 1;
        let mut before = 0;
        for word in text.split_whitespace() {
            let gap = text[before..].find(word).unwrap_or_default();
            let offset = TextSize::of(&text[..before + gap]);
            before += gap + word.len();
            let in_line = |line: Span| {
                Span::new(line.file, TextRange::at(line.range.start() + offset, TextSize::of(word)))
            };
            let written = match literal {
                Some(line) if is_line => Some(Written::Word(in_line(line))),
                Some(string) if is_single => Some(Written::String(string)),
                _ => None,
            };
            let place = match written {
                Some(Written::Word(word)) => word,
                _ => place,
            };
            let text = word.to_owned();
            self.elements.push(CacheElement { text, place, written, is_optional });
        }
    }
}
