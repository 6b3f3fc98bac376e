//! The editor's face of the library: a language server over one connection.
//!
//! Nothing is analysed here. The main loop ([`serve`]) keeps the open documents and never waits for
//! an analysis; a worker owns one [`Analyzer`](crate::analysis::Analyzer) a tree and answers what
//! needs one, in the order it was asked.

mod actions;
mod client;
mod completion;
mod configuration;
mod consequences;
mod conversion;
mod costs;
mod diagnostics;
mod documents;
mod fix_all;
mod hover;
mod inlay;
mod progress;
mod provenance;
mod reckoning;
mod reports;
mod requests;
mod server;
mod session;
mod settings;
mod worker;

pub use server::{Ending, ServeError, serve, serve_stdio};
