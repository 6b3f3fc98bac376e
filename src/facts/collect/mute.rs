//! Options that are mute: no fact is made of the option itself, and evaluating its value would call no
//! function in which anything worth a look stands ([`Evaluator::tells`](crate::eval::Evaluator::tells)).
//! They are left as they are. Many an option is text that is computed at length, and that only the program
//! reads for which it is meant.

use super::Collector;
use super::definitions::may_share_a_number;
use crate::eval::ThunkId;

impl Collector<'_, '_> {
    /// Whether the value of the option at `path` need not be evaluated.
    pub(super) fn is_mute(&mut self, thunk: ThunkId, path: &[&str]) -> bool {
        self.basis.is_selective()
            && is_of_no_interest(path)
            && !self.may_compile(path)
            && !(may_share_a_number(path) && self.may_be_number(thunk))
            && !self.evaluator.tells(thunk)
    }

    /// Whether `path` leads to an option that may have something compiled.
    fn may_compile(&self, path: &[&str]) -> bool {
        let leads_to = |option: &str| {
            // Few begin alike.
            path.first().is_some_and(|first| option.starts_with(first)) && {
                let mut names = option.split('.');
                path.iter().all(|name| names.next() == Some(name))
            }
        };
        self.basis.knowledge.options_that_compile().any(leads_to)
    }
}

/// Whether no fact is made of any option at `path` or below it, but for those that a set of its own
/// would hold.
fn is_of_no_interest(path: &[&str]) -> bool {
    let is_nix_conf = |name: &str| name.ends_with("nix.conf");
    match path {
        [] | ["programs" | "services" | "systemd" | "home" | "xdg" | "environment"] => false,
        // Below these, every definition may be kept.
        [
            "nix" | "determinateNix" | "nixpkgs" | "zramSwap" | "boot" | "networking" | "hardware"
            | "facter" | "fileSystems" | "fonts" | "users" | "home-manager" | "flake"
            | "configurations" | "den" | "perSystem" | "_module" | "specialArgs"
            | "extraSpecialArgs",
            ..,
        ] => false,
        ["programs" | "services", .., "package"]
        | ["programs" | "services", _, "enable" | "commandLineArgs"]
        | ["programs", "ccache", ..]
        | ["services", "nix-serve" | "harmonia", ..] => false,
        ["programs" | "services", ..] => path.len() > 2,
        ["systemd", "services"] | ["systemd", "services", "nix-daemon", ..] => false,
        ["home", "packages" | "sessionVariables" | "username", ..] => false,
        ["home", "file"] | ["xdg", "configFile"] | ["environment", "etc"] => false,
        ["home", "file", name, ..]
        | ["xdg", "configFile", name, ..]
        | ["environment", "etc", name, ..] => !is_nix_conf(name),
        ["environment", "systemPackages" | "variables" | "sessionVariables", ..] => false,
        _ => true,
    }
}
