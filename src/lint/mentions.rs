//! Which words the texts of a tree mention. What rules ask for is known before: it is looked for in each
//! text while that is at hand.

use memchr::memmem::Finder;

use crate::source::Tree;

/// What rules look for in all texts.
#[derive(Debug, Default)]
pub struct Sought {
    finders: Vec<(&'static str, Finder<'static>)>,
}

/// Those of the words, as far as there is room for them, that stand in a text, by their place among what
/// is sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mentioned(u64);

impl Sought {
    /// These words.
    pub fn new(words: impl Iterator<Item = &'static str>) -> Sought {
        let mut words: Vec<&str> = words.collect();
        words.sort_unstable();
        words.dedup();
        let words = words.into_iter().take(u64::BITS as usize);
        Sought { finders: words.map(|word| (word, Finder::new(word))).collect() }
    }

    /// What of it stands in `text`.
    pub fn in_text(&self, text: &str) -> Mentioned {
        let found = |(_, finder): &(_, Finder<'_>)| finder.find(text.as_bytes()).is_some();
        let bit = |(place, sought)| u64::from(found(sought)) << place;
        Mentioned(self.finders.iter().enumerate().map(bit).sum())
    }

    /// What of it stands in any of the texts.
    pub fn in_all(&self, texts: impl Iterator<Item = Mentioned>) -> Mentions {
        let any = texts.fold(0, |any, mentioned| any | mentioned.0);
        let word = |(place, (word, _)): (usize, &(&'static str, _))| (*word, any >> place & 1 == 1);
        Mentions(self.finders.iter().enumerate().map(word).collect())
    }
}

/// Whether each of the words that are sought is mentioned.
#[derive(Debug, Default)]
pub struct Mentions(Vec<(&'static str, bool)>);

impl Mentions {
    /// Whether `word` is mentioned; `None` if it was not sought.
    pub(super) fn has(&self, word: &str) -> Option<bool> {
        self.0.iter().find(|(sought, _)| *sought == word).map(|(_, is_mentioned)| *is_mentioned)
    }
}

/// Whether `word` stands in any text of `tree`.
pub(super) fn search(tree: &Tree, word: &str) -> bool {
    let word = Finder::new(word);
    let has = |text: &str| word.find(text.as_bytes()).is_some();
    tree.files().iter().any(|file| tree.glance(*file).is_ok_and(|source| has(&source.text)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_word_is_mentioned_where_it_stands_in_a_text() {
        let words = ["ccache", "cachix push"];
        let finders = words.map(|word| (word, Finder::new(word))).into();
        let sought = Sought { finders };
        let texts = ["{ a = 1; }", "# ccache\n{ }"];
        let mentions = sought.in_all(texts.iter().map(|text| sought.in_text(text)));
        assert_eq!(mentions.has("ccache"), Some(true));
        assert_eq!(mentions.has("cachix push"), Some(false));
        assert_eq!(mentions.has("sccache"), None);
        let tree = Tree::in_memory(Path::new("/tree"), [("a.nix", texts[0]), ("b.nix", texts[1])]);
        assert!(search(&tree, "ccache") && !search(&tree, "cachix push"));
    }
}
