//! `max-jobs` × `cores` against the threads of the machine.

use super::joint_fix::{alternatives, joint_fix};
use super::wording::{counted, excesses, proviso, with_origins};
use crate::budget::{Knob, Limit, Pair};
use crate::declare_rule;
use crate::lint::{Diagnostic, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `max-jobs` × `cores` lets more processes run at once than the machine's threads can bear.
    ///
    /// Nix runs `max-jobs` builds beside each other and tells each of them to use `cores` threads.
    /// The rule multiplies the two as they hold on a host and compares the product with the host's
    /// threads times the tolerance (1.5 unless `[budget] tolerance` says otherwise). It follows
    /// both numbers to where they are written: through `mkDefault` and `mkForce`, module arguments,
    /// `toString` and the text of a nix.conf, into a hardware profile (`build.parallelism.maxJobs`
    /// and `maxCores`) wherever it lies.
    ///
    /// # Why it matters
    ///
    /// Past the threads there are, processes only take turns: nothing is done sooner, each of them
    /// holds its memory meanwhile, and the desktop waits with them. The manual of Nix calls 12 × 6
    /// on 24 cores oversold.
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
    ///     max-jobs = 4; # builds at once
    ///     cores = 8;
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
    ///     max-jobs = 2; # builds at once
    ///     cores = 6;
    ///   };
    /// }
    /// ```
    ///
    /// The numbers may stand in a profile that the setting reads. The finding stands at the
    /// setting, the fix edits the profile:
    ///
    /// ```nix bad
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// profile = "machines/desktop.nix"
    /// #- machines/desktop.nix
    /// {
    ///   system.hostname = "desktop";
    ///   build.parallelism.maxJobs = 4;
    ///   build.parallelism.maxCores = 8; # of eight
    /// }
    /// #- configuration.nix
    /// { lib, ... }:
    /// let
    ///   machine = import ./machines/desktop.nix;
    /// in
    /// {
    ///   networking.hostName = "desktop";
    ///   nix.settings.max-jobs = lib.mkDefault machine.build.parallelism.maxJobs;
    ///   nix.settings.cores = lib.mkDefault machine.build.parallelism.maxCores;
    /// }
    /// ```
    ///
    /// ```nix good
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// profile = "machines/desktop.nix"
    /// #- machines/desktop.nix
    /// {
    ///   system.hostname = "desktop";
    ///   build.parallelism.maxJobs = 2;
    ///   build.parallelism.maxCores = 6; # of eight
    /// }
    /// #- configuration.nix
    /// { lib, ... }:
    /// let
    ///   machine = import ./machines/desktop.nix;
    /// in
    /// {
    ///   networking.hostName = "desktop";
    ///   nix.settings.max-jobs = lib.mkDefault machine.build.parallelism.maxJobs;
    ///   nix.settings.cores = lib.mkDefault machine.build.parallelism.maxCores;
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes smaller numbers where the numbers are written: `cores` down to the threads that
    /// are not reserved (2 are, unless the host or `[budget]` says otherwise), then the largest
    /// `max-jobs` within the tolerance. 4 × 8 on 8 threads becomes 2 × 6. It never raises a number,
    /// and serves every host that reads it. It is one fix with that of `cores-over-budget`.
    ///
    /// It is safe, since the two settings only schedule; unsafe where a number is also part of a
    /// derivation, which is then built again, or decides something else. Numbers that are computed,
    /// or that are not set at all, are only suggested. Two other ways to fit are shown.
    ///
    /// # When it stays silent
    ///
    /// - The host's threads are not known: neither its `[host.NAME]` in `frugix.toml`, nor its
    ///   profile, nor a report of nixos-facter tells.
    /// - Neither number is set, or only to the platform's own default: NixOS lets `auto` jobs take
    ///   all cores (`0`), Nix by itself one job. Where the platform is not known, both count as
    ///   such.
    /// - `max-jobs = 0`: everything is built by other machines. Their
    ///   `nix.buildMachines.*.maxJobs`, and the cores of virtual machines, are not this host's.
    /// - A number that is set cannot be followed, or both hang on conditions that cannot be
    ///   decided. Where one does, the message says "if".
    ///
    /// # Sources
    ///
    /// - Nix manual, "Tuning Cores and Jobs": what is oversold.
    /// - Nix manual, `nix.conf`: `max-jobs` (default 1) and `cores` (default 0, every core). NixOS
    ///   sets `max-jobs` to `auto`.
    pub struct CpuOverBudget {
        id: "cpu-over-budget",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for CpuOverBudget {
    fn meta(&self) -> &'static RuleMeta {
        const { &CpuOverBudget::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let literals = |pair: &Pair| {
            [&pair.max_jobs, &pair.cores].map(|limit| limit.as_ref().map(Limit::identity))
        };
        for excess in excesses(budget, Pair::exceeds_threads, literals) {
            let (pair, host) = (excess.pair, excess.host);
            let Some(place) = pair.limits().next().map(|limit| limit.place) else { continue };
            let on_host = pair.parallelism(host).zip(host.room()).zip(host.thread_count());
            let Some(((now, room), threads)) = on_host else { continue };
            let message = format!(
                "{}max-jobs × cores is {} × {} = {} processes at once on {}, which has {}",
                proviso(pair, cx.tree),
                now.jobs,
                now.cores,
                now.processes(),
                host.name,
                counted(threads, "thread"),
            );
            let tolerated = format!(
                "{} × {} leaves room for {} at once ([budget] tolerance)",
                host.tolerance,
                counted(threads, "thread"),
                room.processes,
            );
            let found = Diagnostic::new(self.meta(), place, message).note(tolerated);
            let mut found = with_origins(found, &excess, cx);
            found.fixes.extend(joint_fix(&excess, &Knob::ALL, budget, cx));
            found.fixes.extend(alternatives(&excess, budget, cx));
            cx.report(found);
        }
    }
}
