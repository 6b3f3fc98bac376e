//! Figures of a machine with what tells them.

use crate::source::Span;

/// A figure, and what tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told<T> {
    /// The figure.
    pub value: T,
    /// What tells it.
    pub by: Teller,
}

/// What tells a figure of a machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Teller {
    /// Its `[host.NAME]` in `frugix.toml`.
    Config,
    /// Its hardware profile, here.
    Profile(Span),
    /// The report of nixos-facter that is named here.
    Report(Span),
    /// An option of its configuration, here.
    Option(Span),
}

/// A figure of `frugix.toml`.
pub(super) fn by_config<T>(value: T) -> Told<T> {
    Told { value, by: Teller::Config }
}

impl<T> Told<T> {
    /// The same figure in another form, if it has one.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> Option<U>) -> Option<Told<U>> {
        Some(Told { value: make(self.value)?, by: self.by })
    }
}
