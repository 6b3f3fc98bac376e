//! What a rule is: its declaration, the checks it may offer, and what it is handed to look at.

use std::any::{Any, TypeId};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rnix::{SyntaxKind, SyntaxNode};
use rustc_hash::{FxHashMap, FxHashSet};
use text_size::TextRange;

use crate::budget::{Budget, Demand};
use crate::config::{Config, Severity};
use crate::facts::Facts;
use crate::knowledge::Knowledge;
use crate::lint::edits::{EditedFile, Parses};
use crate::lint::mentions::{self, Mentions};
use crate::lint::{Applicability, Diagnostic};
use crate::source::{FileId, Span, Tree};
use crate::syntax::SyntaxError;

/// The family a rule belongs to. Its name selects all of them at once.
#[derive(Copy, Clone, Eq, PartialEq, Ord, PartialOrd, Hash, Debug)]
pub enum Group {
    /// What is compiled because of an override.
    Override,
    /// Builds that nothing stops.
    Timeout,
    /// What runs past the machine's threads and memory.
    Parallelism,
    /// What leaves a binary cache, or keeps it from being used.
    Cache,
    /// What a flake costs.
    Flake,
    /// Optimisations worth considering.
    Advice,
    /// frugix itself: its comments, files that cannot be read.
    Meta,
}

impl Group {
    /// Every group, in the order they are listed.
    pub const ALL: [Group; 7] = [
        Group::Override,
        Group::Timeout,
        Group::Parallelism,
        Group::Cache,
        Group::Flake,
        Group::Advice,
        Group::Meta,
    ];

    /// The word for it in configuration and output, such as `override`.
    pub fn name(self) -> &'static str {
        match self {
            Group::Override => "override",
            Group::Timeout => "timeout",
            Group::Parallelism => "parallelism",
            Group::Cache => "cache",
            Group::Flake => "flake",
            Group::Advice => "advice",
            Group::Meta => "meta",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Group {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<Group, UnknownGroup> {
        Group::ALL
            .into_iter()
            .find(|group| group.name() == text)
            .ok_or_else(|| UnknownGroup(text.to_owned()))
    }
}

/// A word that is no group of rules.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("`{0}` is not a group of rules")]
pub struct UnknownGroup(pub String);

/// How often a rule's findings come with a fix that can be applied.
#[derive(Copy, Clone, Eq, PartialEq, Hash, Debug)]
pub enum FixAvailability {
    /// Never.
    None,
    /// Where the rule sees how.
    Sometimes,
    /// With every finding.
    Always,
}

impl FixAvailability {
    /// The word for it in output.
    pub fn name(self) -> &'static str {
        match self {
            FixAvailability::None => "none",
            FixAvailability::Sometimes => "sometimes",
            FixAvailability::Always => "always",
        }
    }
}

/// What a rule declares of itself. Written with [`declare_rule!`](crate::declare_rule).
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct RuleMeta {
    /// The name that configuration, suppressions and output use.
    pub id: &'static str,
    /// Its family.
    pub group: Group,
    /// The severity of its findings unless they or the user say otherwise.
    pub severity: Severity,
    /// How often there is a fix.
    pub fix: FixAvailability,
    /// The most trusted kind of fix it offers.
    pub applicability: Option<Applicability>,
    /// The first version of frugix that has it.
    pub since: &'static str,
    /// What it flags, in one paragraph on one line.
    pub summary: &'static str,
    /// The whole documentation, in Markdown.
    pub docs: &'static str,
    /// Whether it runs when nothing selects it.
    pub default_on: bool,
}

/// One check. Rules hold no state: what they need is handed to them.
pub trait Rule: Sync {
    /// What the rule declares of itself.
    fn meta(&self) -> &'static RuleMeta;

    /// The kinds of syntax nodes that [`check_node`](Rule::check_node) wants to see.
    fn kinds(&self) -> &'static [SyntaxKind] {
        &[]
    }

    /// Looks at one node of a wanted kind. Called in parallel for different files.
    fn check_node(&self, _node: &SyntaxNode, _cx: &mut NodeContext<'_>) {}

    /// The words that it [asks for](TreeContext::mentions), so that all texts are searched when they are
    /// read, and need not be read again.
    fn words(&self) -> &'static [&'static str] {
        &[]
    }

    /// Looks at the whole tree, once.
    fn check_tree(&self, _cx: &mut TreeContext<'_>) {}
}

/// What a rule sees beside a syntax node: the file it stands in, what is known of nixpkgs, and what
/// the user asked for.
#[derive(Debug)]
pub struct NodeContext<'a> {
    /// The file of the node.
    pub file: FileId,
    /// The text of that file, without a byte order mark; ranges count its bytes.
    pub text: &'a str,
    /// What is known of nixpkgs.
    pub knowledge: &'a Knowledge,
    /// What the user asked for.
    pub config: &'a Config,
    reported: Vec<Diagnostic>,
}

impl<'a> NodeContext<'a> {
    /// A context for the nodes of `file`, whose text is `text`.
    pub fn new(
        file: FileId,
        text: &'a str,
        knowledge: &'a Knowledge,
        config: &'a Config,
    ) -> NodeContext<'a> {
        NodeContext { file, text, knowledge, config, reported: Vec::new() }
    }

    /// The place of `range` in this file.
    pub fn span(&self, range: TextRange) -> Span {
        Span::new(self.file, range)
    }

    /// Hands in a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.reported.push(diagnostic);
    }

    /// What was reported so far, in the order it came.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.reported
    }
}

/// What a rule sees of the whole tree: its texts, what they say about building, what is known of
/// nixpkgs, and what the user asked for.
#[derive(Debug)]
pub struct TreeContext<'a> {
    /// The texts.
    pub tree: &'a Tree,
    /// What they say about building.
    pub facts: &'a Facts,
    /// What is known of nixpkgs.
    pub knowledge: &'a Knowledge,
    /// What the user asked for.
    pub config: &'a Config,
    /// What Nix's grammar does not allow, by file and place. Nothing else is known of these files.
    pub syntax_errors: &'a [(FileId, SyntaxError)],
    shared: &'a Shared,
    reported: Vec<Diagnostic>,
}

/// What several rules reckon with, made for the first that asks.
#[derive(Debug, Default)]
pub struct Shared {
    budget: OnceLock<Budget>,
    demand: OnceLock<Demand>,
    parses: Arc<Parses>,
    mentions: Mentions,
    /// What rules reckon themselves, by its type.
    others: Mutex<FxHashMap<TypeId, Other>>,
}

type Other = Arc<OnceLock<Arc<dyn Any + Send + Sync>>>;

impl Shared {
    /// Nothing reckoned yet, the files that are edited parsed among `parses`, and `mentions` found in the
    /// texts.
    pub fn new(parses: Arc<Parses>, mentions: Mentions) -> Shared {
        Shared { parses, mentions, ..Shared::default() }
    }
}

impl<'a> TreeContext<'a> {
    /// A context over `tree` and the facts found in it. Rules that are handed the same `shared`
    /// are to be handed the same of everything else.
    pub fn new(
        tree: &'a Tree,
        facts: &'a Facts,
        knowledge: &'a Knowledge,
        config: &'a Config,
        shared: &'a Shared,
    ) -> TreeContext<'a> {
        let (syntax_errors, reported) = (&[], Vec::new());
        TreeContext { tree, facts, knowledge, config, syntax_errors, shared, reported }
    }

    /// The hosts, and the parallelism in force on them.
    pub fn budget(&self) -> &'a Budget {
        self.shared.budget.get_or_init(|| Budget::new(self.tree, self.config, self.facts))
    }

    /// What the tree makes Nix build.
    pub fn demand(&self) -> &'a Demand {
        let demand = || Demand::new(self.tree, self.knowledge, self.config, self.facts);
        self.shared.demand.get_or_init(demand)
    }

    /// What `make` gives, made for the first rule that asks for something of the type.
    pub fn once<T: Any + Send + Sync>(&self, make: impl Fn() -> T) -> Arc<T> {
        let mut others = self.shared.others.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(others.entry(TypeId::of::<T>()).or_default());
        drop(others);
        let made = Arc::clone(slot.get_or_init(|| Arc::new(make())));
        made.downcast().unwrap_or_else(|_| Arc::new(make()))
    }

    /// Whether `word` stands anywhere in a text of the tree, be it in a comment. A rule that looks closely
    /// at every build first asks whether there is anything to look for.
    pub fn mentions(&self, word: &'static str) -> bool {
        self.shared.mentions.has(word).unwrap_or_else(|| mentions::search(self.tree, word))
    }

    /// `file`, to be edited. `None` when it cannot be read or has syntax errors: such a file is not
    /// edited.
    pub fn edited(&self, file: FileId) -> Option<EditedFile> {
        EditedFile::open(self.tree, file, &self.shared.parses)
    }

    /// The same context, of a tree in which there are these errors.
    #[must_use]
    pub fn with_syntax_errors(self, syntax_errors: &'a [(FileId, SyntaxError)]) -> TreeContext<'a> {
        TreeContext { syntax_errors, ..self }
    }

    /// Hands in a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.reported.push(diagnostic);
    }

    /// Hands in findings.
    pub fn report_all(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.reported.extend(found);
    }

    /// Hands in findings, of several at one place the first: a helper that is used for many packages,
    /// or a file that several hosts read, is spoken of once.
    pub fn report_once_a_place(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        let mut seen = FxHashSet::default();
        self.report_all(found.into_iter().filter(|found| seen.insert(found.span)));
    }

    /// Hands in what `check` finds in each of `items`.
    pub fn report_each<T, F>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        check: impl Fn(&TreeContext<'a>, T) -> F,
    ) where
        F: IntoIterator<Item = Diagnostic>,
    {
        let found: Vec<Diagnostic> = items.into_iter().flat_map(|it| check(self, it)).collect();
        self.report_all(found);
    }

    /// What was reported so far, in the order it came.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.reported
    }
}
