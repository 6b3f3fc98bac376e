//! The built-in tables.

mod evidence;
mod lookups;
mod shape;
