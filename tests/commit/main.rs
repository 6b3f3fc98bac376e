//! Frugix before a commit: the hooks for pre-commit, run by the real pre-commit, and our own, run
//! by git.

mod hook;
mod pre_commit;
mod repository;
mod since;
