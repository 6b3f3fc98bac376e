//! Comments that silence what is found.

use std::collections::BTreeMap;

use super::{Analysis, Analyzer};
use crate::lint::{Diagnostic, ignore_all};
use crate::source::{FileId, Tree};
use text_size::TextSize;

/// What silencing came to. Nothing is written yet.
#[derive(Clone, Debug)]
pub struct Silenced {
    /// The files that change, with their new texts.
    pub changed: Vec<(FileId, String)>,
    /// How many findings comments were written for.
    pub count: usize,
    /// The tree with those texts.
    pub tree: Tree,
    /// What is found in that tree.
    pub analysis: Analysis,
}

impl Analyzer {
    /// Writes a comment for each of the findings in `analysis`, of `tree`, that are `wanted`. A
    /// comment that is new gives the reason.
    pub fn silence(
        &mut self,
        tree: &Tree,
        analysis: &Analysis,
        wanted: &dyn Fn(&Diagnostic) -> bool,
        reason: Option<&str>,
    ) -> Silenced {
        let mut by_file: BTreeMap<FileId, Vec<(TextSize, &str)>> = BTreeMap::new();
        for found in analysis.diagnostics.iter().filter(|found| wanted(found)) {
            let place = (found.span.range.start(), found.rule);
            by_file.entry(found.span.file).or_default().push(place);
        }
        let mut changed = Vec::new();
        let mut count = 0;
        for (file, findings) in by_file {
            let Ok(source) = tree.source(file) else { continue };
            let (text, silenced) = ignore_all(&source.text, findings, reason);
            if silenced > 0 {
                changed.push((file, text));
                count += silenced;
            }
        }
        let tree = tree.with_texts(changed.iter().cloned());
        let analysis = self.analyze(&tree);
        Silenced { changed, count, tree, analysis }
    }
}
