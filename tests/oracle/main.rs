//! The oracle: what our evaluation says is known is what Nix itself says.
//!
//! Expressions are generated, or written down as cases, and evaluated twice: by frugix and by
//! `nix-instantiate --eval --strict --json`. Where frugix claims to know a value, Nix must give the
//! same one. Answering "unknown" is always allowed, so the share of known answers has a floor.
//!
//! Without `nix-instantiate` these tests pass and say that they were skipped; with
//! `FRUGIX_REQUIRE_NIX=1` they fail instead. Left out by name, for they differ between versions of
//! Nix or have no JSON form: paths, pipe operators, integer overflow, the exact digits of floats,
//! sets within sets that are given to one name, and builtins newer than Nix 2.8; and `let { }`, which
//! our parser misreads in parentheses.

mod agreement;
mod bounds;
mod cases;
mod fixtures;
mod generator;
mod nix;
mod ours;
mod patterns;
#[path = "../harness/processor.rs"]
mod processor;
mod refusals;
#[path = "../harness/shrinking.rs"]
mod shrinking;
