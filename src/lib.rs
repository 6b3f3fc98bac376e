//! frugix: a linter and rewriter for NixOS and home-manager configurations.
//!
//! The crate is built in floors, and imports run only towards the ground: where text comes from
//! ([`source`]), what the user asked for, what the text means, what the tree says about building,
//! what is worth telling, and the faces that tell it.

#![forbid(unsafe_code)]

pub mod analysis;
pub mod budget;
pub mod cli;
pub mod config;
pub mod eval;
pub mod facts;
pub mod hir;
pub mod knowledge;
pub mod lint;
pub mod lsp;
pub mod report;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod source;
pub mod syntax;
