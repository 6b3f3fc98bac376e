//! The `frugix` command.

fn main() {}
