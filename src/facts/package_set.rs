//! How package sets are made: what `import nixpkgs { … }` is given besides overlays.

use super::redefinition::AppliesTo;
use super::value::ValueFact;
use crate::source::Span;

/// An argument of nixpkgs, or an attribute of one.
#[derive(Debug, Clone)]
pub struct PackageSetOption {
    /// Its path: `["config", "cudaSupport"]`, `["localSystem", "gcc", "arch"]`; `["pkgs"]` for the set
    /// that a configuration is given instead of one of its own.
    pub path: Vec<String>,
    /// Where the last name is written.
    pub key: Span,
    /// The value.
    pub value: ValueFact,
    /// It may be missing, by a condition that cannot be decided.
    pub conditional: bool,
    /// What the package set is for.
    pub applies_to: AppliesTo,
}
