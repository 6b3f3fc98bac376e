//! What inputs, `nixConfig` and impure fetches make a flake cost.

mod duplicate_nixpkgs;
mod follows_busts_cache;
mod import_from_derivation;
mod lookup_path;
mod nixconfig_not_literal;
mod uncached_nixpkgs;
mod unpinned_fetch;

pub use duplicate_nixpkgs::DuplicateNixpkgs;
pub use follows_busts_cache::FollowsBustsCache;
pub use import_from_derivation::ImportFromDerivation;
pub use lookup_path::LookupPath;
pub use nixconfig_not_literal::NixconfigNotLiteral;
pub use uncached_nixpkgs::UncachedNixpkgs;
pub use unpinned_fetch::UnpinnedFetch;
