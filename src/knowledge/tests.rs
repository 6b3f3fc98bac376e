//! The built-in tables.

mod lookups;
mod shape;
