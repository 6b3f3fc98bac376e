//! What this floor promises: numbers that fit, and the pairs that are really in force.

mod demand;
mod hosts;
mod pairs;
mod suggestions;
mod worst_case;
