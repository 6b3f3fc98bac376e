//! The rule `codegen-units`.

use super::heavy::{Heavy, heavy, least};
use super::switch::set_to;
use crate::budget::Budget;
use crate::declare_rule;
use crate::facts::ValueKind;
use crate::knowledge::Lto;
use crate::lint::{Diagnostic, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::variables::Variable;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// A heavy Rust build without LTO that cuts each crate into many codegen units, or one of a single
    /// unit for which the time or the memory does not suffice.
    ///
    /// # Why it matters
    ///
    /// Each unit is optimised by itself: many of them compile in parallel and make slower programs, and
    /// without LTO nothing makes up for it. A single one makes the best code and keeps all threads but
    /// one waiting for the largest crate.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "ck-search";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchCrate { pname = "ck-search"; version = "0.1.0"; hash = lib.fakeHash; };
    ///       cargoHash = lib.fakeHash;
    ///       CARGO_PROFILE_RELEASE_LTO = "off";
    ///       CARGO_PROFILE_RELEASE_CODEGEN_UNITS = "16";
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "ck-search";
    ///       version = "0.1.0";
    ///       src = pkgs.fetchCrate { pname = "ck-search"; version = "0.1.0"; hash = lib.fakeHash; };
    ///       cargoHash = lib.fakeHash;
    ///       CARGO_PROFILE_RELEASE_LTO = "off";
    ///       CARGO_PROFILE_RELEASE_CODEGEN_UNITS = "4";
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes another number where the number is written, be it in a hardware profile. It is unsafe:
    /// the derivation is another, and is built once more.
    ///
    /// # When it stays silent
    ///
    /// Where the number is not set, for then the package's own profile decides; where LTO is on or may
    /// be, which optimises across units; for builds that are not expected to take long.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/advice.toml`, `[codegen-units]`.
    pub struct CodegenUnits {
        id: "codegen-units",
        group: Advice,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
        default_on: false,
    }
}

/// The variable by which cargo is told the number.
const UNITS: &str = "CARGO_PROFILE_RELEASE_CODEGEN_UNITS";

/// The variable by which cargo is told of optimisation at link time.
const LTO: &str = "CARGO_PROFILE_RELEASE_LTO";

impl Rule for CodegenUnits {
    fn meta(&self) -> &'static RuleMeta {
        const { &CodegenUnits::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let found: Vec<Diagnostic> =
            heavy(cx).iter().filter_map(|one| of_build(cx, budget, one)).collect();
        cx.report_all(found);
    }
}

fn of_build(cx: &TreeContext<'_>, budget: &Budget, heavy: &Heavy<'_>) -> Option<Diagnostic> {
    let variable = heavy.variable(cx, UNITS)?;
    let units: i64 = variable.text.trim().parse().ok()?;
    let row = &cx.knowledge.advice.codegen_units;
    let name = &heavy.build.name;
    let condition = heavy.condition(Some(&variable));
    let (message, note) = if units >= row.many {
        let is_off = heavy.build.lto == Lto::Off
            && heavy.variable(cx, LTO).is_some_and(|lto| matches!(&*lto.text, "off" | "false"));
        if !is_off {
            return None;
        }
        let message = format!(
            "{condition}{name} is compiled in {units} codegen units a crate and without LTO, which \
             makes a slower program"
        );
        let note = format!("with {}: {}; {} ({})", row.fewer, row.gain, row.price, row.evidence());
        (message, note)
    } else if units == 1 {
        let reason = too_much(cx, budget, heavy)?;
        let message =
            format!("{condition}{name} is compiled in one codegen unit a crate, and {reason}");
        let note = format!(
            "one unit takes an estimated {} times the time; with {} more threads work on a crate ({})",
            row.one_unit_time,
            row.fewer,
            row.evidence()
        );
        (message, note)
    } else {
        return None;
    };
    let found = Diagnostic::new(&CodegenUnits::META, heavy.place_of(&variable), message).note(note);
    let title = format!("Set `{UNITS}` to {}", row.fewer);
    let edits = edits(cx, &variable, units, row.fewer);
    Some(heavy.changing(found, &variable, title, edits))
}

/// Why one unit is too much for a machine that builds it: the time that builds are given, or the
/// memory.
fn too_much(cx: &TreeContext<'_>, budget: &Budget, heavy: &Heavy<'_>) -> Option<String> {
    let hours = heavy.build.hours?;
    let expected = hours.high * cx.knowledge.advice.codegen_units.one_unit_time;
    let timeouts = cx.facts.settings_at(&["nix", "settings", "timeout"]);
    let given = timeouts.filter_map(|setting| match setting.value.kind {
        ValueKind::Int(seconds) if seconds > 0 => Some(seconds),
        _ => None,
    });
    if let Some(seconds) = given.min().filter(|seconds| expected * 3600.0 > *seconds as f64) {
        return Some(format!(
            "may then take {expected:.0} hours, where `timeout` gives builds {:.0}",
            seconds as f64 / 3600.0
        ));
    }
    let rooms = heavy.rooms(cx, budget);
    let room = least(&rooms)?;
    let peak = heavy.build.clone().at_least().peak(1, room.host.thread_count())?;
    (peak.bytes > room.one)
        .then(|| format!("takes {} even so, where {} has {}", peak.bytes, room.host.name, room.one))
}

/// The edits that write `fewer` where `units` is written, as a number or as a text.
fn edits(
    cx: &TreeContext<'_>,
    variable: &Variable<'_>,
    units: i64,
    fewer: i64,
) -> Option<Vec<FixEdit>> {
    let literal = variable.written.iter().filter(|_| !variable.by_phase).find(|span| {
        let file = cx.edited(span.file);
        file.as_ref().and_then(|file| file.node(**span)).is_some_and(|node| {
            matches!(node.kind(), SyntaxKind::NODE_STRING | SyntaxKind::NODE_LITERAL)
                && node.text().trim_matches('"') == units.to_string()
        })
    })?;
    set_to(cx, *literal, &fewer.to_string())
}
