//! What one place of the tree holds: the answer behind `frugix trace` and an editor's hover.

use text_size::{TextRange, TextSize};

use super::package::Package;
use super::value::ValueFact;
use crate::source::Span;

/// Which expression of a file is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The longest one that begins at this offset, which is how findings name theirs; else as
    /// [`Place::Under`].
    At(TextSize),
    /// The innermost one around this offset, where a cursor stands. On a name that is given a
    /// meaning there, what it means.
    Under(TextSize),
    /// The first one that begins in this range; of those that begin together the longest.
    FirstIn(TextRange),
}

/// What is known of the expression at a place.
#[derive(Debug, Clone, Default)]
pub struct Inspection {
    /// The expression, or the name; none where no expression stands at the place.
    pub span: Option<Span>,
    /// Its values: one for each answer that the ways in which the tree evaluates it give.
    pub values: Vec<Traced>,
    /// Where the tree uses what is written at the place, when it is a literal; by file and place.
    pub uses: Vec<Span>,
}

/// One value and the way it took.
#[derive(Debug, Clone, Default)]
pub struct Traced {
    /// The value.
    pub value: ValueFact,
    /// What it is, where it is of nixpkgs or an input and no package as it is found there.
    pub role: Option<Role>,
    /// The priority that it has as the value of an option, where `mkDefault`, `mkForce` and the like
    /// give it one; lower wins.
    pub priority: Option<i64>,
    /// It counts only if these hold, as `mkIf` says of the value of an option. Those that do hold
    /// are left out.
    pub only_if: Vec<OnlyIf>,
    /// The names of its attributes, when it is a set, as far as they are known.
    pub attributes: Vec<String>,
    /// Why it, or a part of it, is not known. Empty for a known value.
    pub reasons: Vec<String>,
    /// Its way, from where it is written to the place of the question: no step stands before
    /// those that it needs.
    pub steps: Vec<Step>,
    /// What it may be, where a condition that cannot be decided chooses.
    pub alternatives: Vec<Traced>,
    /// That condition, where it is written in the tree.
    pub condition: Option<Span>,
    /// The calls of the function around the expression that lead to this value.
    pub called_from: Vec<Span>,
    /// For what is not known: a function around the expression that nothing is seen to call, so
    /// that its parameters are not known.
    pub uncalled: Option<Span>,
    /// Where the tree overrides the package that the value is.
    pub overridden_at: Vec<Span>,
}

/// What a thing of nixpkgs or an input is that is no package as it is found there. Functions are
/// named as the tree names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A function of a package that gives it with changes: `pkgs.hello.overrideAttrs`.
    Method { of: Package, name: String },
    /// A function that makes packages: `pkgs.callPackage`, `pkgs.texlive.combine`.
    Function { name: String },
    /// An attribute of a package that is no package: `pkgs.firefox.version`.
    Attribute { of: Package, name: String },
    /// A derivation that a function makes for the tree: what `pkgs.texlive.combine` gives.
    Made { by: String },
    /// A set of packages that a function makes for the tree, or what is at `path` in it.
    Packages { by: String, path: Vec<String> },
}

/// A condition of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnlyIf {
    /// The condition, where it is written.
    pub span: Option<Span>,
    /// It cannot be decided; else it does not hold.
    pub is_open: bool,
}

/// One step of a value's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What happens there.
    pub how: How,
    /// The expression that does it.
    pub span: Span,
}

/// What a step does to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is written here.
    Written,
    /// It is named or selected here.
    Named,
    /// It is computed here from what stands before.
    Computed,
    /// A file is imported here.
    Imported,
    /// A function is called here that gives it.
    Called,
    /// A condition here chooses it.
    Chosen,
    /// A package is overridden here.
    Overridden,
    /// A derivation is made here.
    Built,
}

impl How {
    /// The word for it: `written`, `named` and so on.
    pub fn word(self) -> &'static str {
        match self {
            How::Written => "written",
            How::Named => "named",
            How::Computed => "computed",
            How::Imported => "imported",
            How::Called => "called",
            How::Chosen => "chosen",
            How::Overridden => "overridden",
            How::Built => "built",
        }
    }
}
