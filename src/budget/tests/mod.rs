//! What this floor promises: numbers that fit, and the pairs that are really in force.

mod pairs;
mod suggestions;
