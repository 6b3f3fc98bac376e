//! What the tree says about building: overrides, derivations, settings, host profiles.

/// What the tree says about building, frozen: plain data, free to share between threads.
#[derive(Debug, Default)]
pub struct Facts {}
