//! What can be told of one file by itself, and is as good for an unchanged text the next time.

use std::sync::{Arc, OnceLock};

use thin_vec::{ThinVec, thin_vec};

use super::Keeping;
use super::dispatch::Dispatch;
use super::fault::{Fault, Lost, guard};
use crate::config::Config;
use crate::facts::Words;
use crate::hir::{self, LazyFile};
use crate::knowledge::Knowledge;
use crate::lint::edits::Parses;
use crate::lint::{Diagnostic, Mentioned, NodeContext, Sought, may_hold_directives};
use crate::source::{FileId, SourceFile, Tree};
use crate::syntax::{
    Comment, DepthLimit, Glance, Parsed, SyntaxError, Tree as SyntaxTree, comments,
    leading_comments, parse_within,
};

/// What can be told of one file by itself. There is one for each file, and in most is nothing: an empty
/// list takes no more than a pointer.
#[derive(Default)]
pub(super) struct FileAnalysis {
    /// The text, lowered now or later; none where it has errors, so that half of it is never taken for
    /// all.
    pub(super) hir: Option<Arc<LazyFile>>,
    /// There is, or was, something that the text was lowered to.
    pub(super) is_lowered: bool,
    /// The comments, if any of them may speak to frugix.
    pub(super) comments: ThinVec<Comment>,
    /// Which of the words stand in it that rules look for.
    pub(super) mentioned: Mentioned,
    /// What Nix's grammar does not allow.
    pub(super) syntax_errors: ThinVec<SyntaxError>,
    /// What the rules that look at nodes found. They speak of this file alone, by the id that it had
    /// then.
    findings: ThinVec<Diagnostic>,
    /// What went wrong meanwhile.
    pub(super) faults: ThinVec<Fault>,
    /// What went wrong when the text was lowered later.
    pub(super) late_fault: Arc<OnceLock<Box<Fault>>>,
}

impl FileAnalysis {
    /// What the rules that look at nodes found, the file going by the id `file`.
    pub(super) fn findings_in(&self, file: FileId) -> impl Iterator<Item = Diagnostic> {
        self.findings.iter().map(move |found| found.clone().of_file(file))
    }
}

/// What every file is looked at with.
#[derive(Copy, Clone)]
pub(super) struct FileAnalyzer<'a> {
    pub(super) tree: &'a Tree,
    pub(super) dispatch: &'a Dispatch,
    pub(super) knowledge: &'a Knowledge,
    pub(super) config: &'a Config,
    /// Where syntax trees are kept that will be asked for; none at the first look at a tree.
    pub(super) parses: Option<&'a Parses>,
    /// What makes a file worth lowering before anything leads to it.
    pub(super) words: &'a Words,
    /// What rules look for in all texts.
    pub(super) sought: &'a Sought,
    /// Whether texts may be let go that are not likely to be asked for again.
    pub(super) keeping: Keeping,
}

impl FileAnalyzer<'_> {
    /// Looks at the file. Its syntax tree lives no longer than the call.
    pub(super) fn analyze(&self, file: FileId, source: &Arc<SourceFile>) -> FileAnalysis {
        let lost = || Lost::File(source.path.clone());
        let analysis = guard(lost, || self.look(file, source)).unwrap_or_else(|fault| {
            FileAnalysis { faults: thin_vec![fault], ..FileAnalysis::default() }
        });
        FileAnalysis { mentioned: self.sought.in_text(&source.text), ..analysis }
    }

    fn look(&self, file: FileId, source: &Arc<SourceFile>) -> FileAnalysis {
        let text = &*source.text;
        let limit = DepthLimit::of(self.config);
        let parsed = if self.needs_parser(text) {
            parse_within(text, limit)
        } else {
            let mut reading = self.words.reading();
            let glance = Glance::of(text, limit, |kind, token| reading.meets(kind, token));
            if self.parses.is_none() && !reading.has_met_together() && glance.is_plain() {
                return self.plain(file, source);
            }
            match glance.tree() {
                Some(tree) => return self.told_by(file, source, tree),
                None => glance.parse(),
            }
        };
        match parsed {
            Ok(parsed) => self.inspect(file, source, &parsed),
            Err(error) => FileAnalysis {
                comments: leading_comments(text).into(),
                syntax_errors: thin_vec![error],
                ..FileAnalysis::default()
            },
        }
    }

    /// Whether more is asked of a text than what it is lowered to.
    fn needs_parser(&self, text: &str) -> bool {
        !self.dispatch.is_empty() || may_hold_directives(text)
    }

    /// A file of which nothing is told but what its tree is lowered to. One that has changed since the
    /// first look is edited more often than not.
    fn told_by(
        &self,
        file: FileId,
        source: &Arc<SourceFile>,
        tree: SyntaxTree<'_>,
    ) -> FileAnalysis {
        let lowered = hir::lower_tree(&tree);
        if let Some(parses) = self.parses {
            parses.offer(&source.text, tree.into_owned());
        }
        self.lowered(file, source, lowered)
    }

    /// Looks at all that a syntax tree tells.
    fn inspect(&self, file: FileId, source: &Arc<SourceFile>, parsed: &Parsed) -> FileAnalysis {
        let syntax = parsed.syntax();
        let comments =
            if may_hold_directives(&source.text) { comments(&syntax) } else { Vec::new() };
        let comments = comments.into();
        if !parsed.errors().is_empty() {
            let syntax_errors = parsed.errors().into();
            return FileAnalysis { comments, syntax_errors, ..FileAnalysis::default() };
        }
        let mut context = NodeContext::new(file, &source.text, self.knowledge, self.config);
        let faults = self.dispatch.walk(&syntax, self.tree, &mut context);
        drop(syntax);
        FileAnalysis {
            comments,
            findings: context.into_diagnostics().into(),
            faults: faults.into(),
            ..self.told_by(file, source, parsed.tree())
        }
    }

    /// A file that is lowered to `lowered`.
    fn lowered(&self, file: FileId, source: &Arc<SourceFile>, lowered: hir::File) -> FileAnalysis {
        let late_fault = Arc::default();
        let hir = match self.keeping {
            Keeping::Everything => LazyFile::from(lowered),
            Keeping::Nothing => {
                LazyFile::lowered(lowered, self.lowering(file, source, &late_fault))
            }
        };
        let hir = Some(Arc::new(hir));
        FileAnalysis { hir, is_lowered: true, late_fault, ..FileAnalysis::default() }
    }

    /// A file that nobody asks for until something leads to it. Then it is lowered.
    fn plain(&self, file: FileId, source: &Arc<SourceFile>) -> FileAnalysis {
        let late_fault = Arc::default();
        let hir = Some(Arc::new(LazyFile::plain(self.lowering(file, source, &late_fault))));
        if let Keeping::Nothing = self.keeping {
            self.tree.may_let_go(file);
        }
        FileAnalysis { hir, is_lowered: true, late_fault, ..FileAnalysis::default() }
    }

    /// What lowers the file, whenever that is.
    fn lowering(
        &self,
        file: FileId,
        source: &Arc<SourceFile>,
        late_fault: &Arc<OnceLock<Box<Fault>>>,
    ) -> impl Fn() -> Option<hir::File> + Send + Sync + 'static {
        let source = match self.keeping {
            // The text outlives the tree, of which there may soon be another.
            Keeping::Everything => Whence::Text(Arc::clone(source)),
            Keeping::Nothing => Whence::Tree(self.tree.clone(), file),
        };
        let (limit, late_fault) = (DepthLimit::of(self.config), Arc::clone(late_fault));
        move || {
            let source = source.read()?;
            let lower = || hir::lower_text(&source.text, limit);
            guard(|| Lost::File(source.path.clone()), lower).unwrap_or_else(|fault| {
                let _ = late_fault.set(Box::new(fault));
                None
            })
        }
    }
}

/// Where a text comes from that is lowered later.
enum Whence {
    Text(Arc<SourceFile>),
    Tree(Tree, FileId),
}

impl Whence {
    /// The text; none where it is not what it was.
    fn read(&self) -> Option<Arc<SourceFile>> {
        match self {
            Whence::Text(source) => Some(Arc::clone(source)),
            Whence::Tree(tree, file) => tree.glance(*file).ok(),
        }
    }
}
