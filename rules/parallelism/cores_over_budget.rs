//! `cores` against the threads that builds may have.

use super::joint_fix::joint_fix;
use super::wording::{counted, excesses, proviso, with_origins};
use crate::budget::{Knob, Limit, Pair};
use crate::declare_rule;
use crate::lint::{Diagnostic, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `cores` lets a single build take threads that the machine is to keep for its user.
    ///
    /// The rule compares `cores`, as it holds on a host, with the host's threads less its reserve
    /// (2 unless the host or `[budget]` says otherwise). It follows the number as `cpu-over-budget`
    /// does.
    ///
    /// # Why it matters
    ///
    /// One large build then occupies every thread for hours, and whoever sits at the machine shares
    /// what is left: nothing. Two threads of eight cost such a build little and keep the desktop
    /// usable.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings = {
    ///     max-jobs = 1;
    ///     cores = 8; # at most
    ///   };
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// #- home.nix
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nix;
    ///   nix.settings = {
    ///     max-jobs = 1;
    ///     cores = 6; # at most
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It lowers `cores`, where it is written, to the threads that are not reserved, and `max-jobs`
    /// with it where the product is still past the tolerance: one fix with that of
    /// `cpu-over-budget`, and as safe.
    ///
    /// # When it stays silent
    ///
    /// - The host's threads are not known: neither its `[host.NAME]` in `frugix.toml`, nor its
    ///   profile, nor a report of nixos-facter tells.
    /// - `cores` is not set, or to the platform's own default, `0`.
    /// - `max-jobs = 0`: everything is built by other machines.
    /// - The number cannot be followed. Where it hangs on a condition that cannot be decided, the
    ///   message says "if".
    ///
    /// # Sources
    ///
    /// - Nix manual, `nix.conf`: `cores` is what a build finds in `NIX_BUILD_CORES`.
    pub struct CoresOverBudget {
        id: "cores-over-budget",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for CoresOverBudget {
    fn meta(&self) -> &'static RuleMeta {
        const { &CoresOverBudget::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let literal = |pair: &Pair| pair.cores.as_ref().map(Limit::identity);
        for excess in excesses(budget, Pair::exceeds_cores, literal) {
            let (pair, host) = (excess.pair, excess.host);
            let Some(place) = pair.cores.as_ref().map(|cores| cores.place) else { continue };
            let on_host = pair.parallelism(host).zip(host.room()).zip(host.thread_count());
            let Some(((now, room), threads)) = on_host else { continue };
            let message = format!(
                "{}one build may take {} threads of {}, which has {} and keeps {} of them back",
                proviso(pair, cx.tree),
                now.cores,
                host.name,
                threads,
                threads.saturating_sub(room.cores),
            );
            let own = cx.config.hosts.get(&host.name).and_then(|host| host.reserve.threads);
            let said_by = match own {
                Some(_) => format!("[host.{}] reserve", host.name),
                None => "[budget] reserve-threads".to_owned(),
            };
            let left = counted(room.cores, "thread");
            let kept = format!("the reserve leaves {left} to builds ({said_by})");
            let found = Diagnostic::new(self.meta(), place, message).note(kept);
            let mut found = with_origins(found, &excess, cx);
            found.fixes.extend(joint_fix(&excess, &[Knob::Cores], budget, cx));
            cx.report(found);
        }
    }
}
