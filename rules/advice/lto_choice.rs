//! The rule `lto-choice`.

use super::heavy::{Heavy, Room, gib, heavy, least};
use super::switch::set_to;
use crate::budget::Budget;
use crate::config::Bytes;
use crate::declare_rule;
use crate::knowledge::{Evidence, Lto};
use crate::lint::{Diagnostic, Rule, RuleMeta, TreeContext};
use crate::rules::variables::Variable;

declare_rule! {
    /// # What it flags
    ///
    /// A heavy Rust build whose optimisation at link time does not suit the machine: fat or thin where
    /// its memory has no room for that, none where thin would fit.
    ///
    /// # Why it matters
    ///
    /// Fat LTO optimises the whole program as one, in one process that takes gigabytes; when the memory
    /// runs out, hours of work are lost at the last step. Thin LTO gains nearly the same with far less.
    /// Without either, the program is some percent slower than it could be.
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
    ///       CARGO_PROFILE_RELEASE_LTO = "fat";
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "8GiB"
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
    ///       CARGO_PROFILE_RELEASE_LTO = "thin";
    ///     })
    ///   ];
    /// }
    /// #- frugix.toml
    /// [host.laptop]
    /// threads = 8
    /// memory = "8GiB"
    /// ```
    ///
    /// # What the fix does
    ///
    /// It writes the kind that fits where the value is written, or turns the switch of the hardware
    /// profile that chooses it. It is unsafe: the derivation is another, and is built once more.
    ///
    /// # When it stays silent
    ///
    /// Where `CARGO_PROFILE_RELEASE_LTO` is not set, for then the package's own profile decides, which
    /// is not seen; where the memory of no machine that builds it is known; for builds that are not
    /// expected to take long.
    ///
    /// # Sources
    ///
    /// The memory of a link is that of `rules/knowledge/memory.toml`, or of the whole build where
    /// `rules/knowledge/advice.toml` has a measurement of the package; gains and prices are there too.
    pub struct LtoChoice {
        id: "lto-choice",
        group: Advice,
        severity: Info,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
        default_on: false,
    }
}

/// The variable by which cargo is told.
const VARIABLE: &str = "CARGO_PROFILE_RELEASE_LTO";

impl Rule for LtoChoice {
    fn meta(&self) -> &'static RuleMeta {
        const { &LtoChoice::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let found: Vec<Diagnostic> =
            heavy(cx).iter().filter_map(|one| of_build(cx, budget, one)).collect();
        cx.report_all(found);
    }
}

fn of_build(cx: &TreeContext<'_>, budget: &Budget, heavy: &Heavy<'_>) -> Option<Diagnostic> {
    let variable = heavy.variable(cx, VARIABLE)?;
    let current = kind_of(&variable)?;
    let rooms = heavy.rooms(cx, budget);
    let room = least(&rooms)?;
    let fits = |lto: Lto| need(cx, heavy, lto).is_some_and(|need| need.bytes <= room.one);
    let wanted = match current {
        Lto::Fat if !fits(Lto::Fat) => {
            if fits(Lto::Thin) {
                Lto::Thin
            } else {
                Lto::Off
            }
        }
        Lto::Thin if !fits(Lto::Thin) => Lto::Off,
        Lto::Off if fits(Lto::Thin) => Lto::Thin,
        _ => return None,
    };
    Some(report(cx, heavy, &variable, room, current, wanted))
}

/// What a build takes with one kind of optimisation at link time.
struct Need<'a> {
    bytes: Bytes,
    what: &'static str,
    evidence: Evidence<'a>,
}

fn need<'a>(cx: &TreeContext<'a>, heavy: &Heavy<'_>, lto: Lto) -> Option<Need<'a>> {
    if let Some((amount, evidence)) = cx.knowledge.advice.measured(&heavy.build.name, lto) {
        return Some(Need { bytes: gib(amount), what: "the build", evidence });
    }
    let row = cx.knowledge.memory.link(lto, heavy.build.linker)?;
    let evidence = Evidence { source: &row.source, basis: row.basis };
    Some(Need { bytes: gib(row.heavy_gib), what: "the link", evidence })
}

/// `None` for a value that is not known to be any.
fn kind_of(variable: &Variable<'_>) -> Option<Lto> {
    match variable.text.as_str() {
        "fat" | "true" => Some(Lto::Fat),
        "thin" => Some(Lto::Thin),
        "off" | "false" => Some(Lto::Off),
        _ => None,
    }
}

fn word(lto: Lto) -> &'static str {
    match lto {
        Lto::Off => "off",
        Lto::Thin => "thin",
        Lto::Fat => "fat",
    }
}

fn report(
    cx: &TreeContext<'_>,
    heavy: &Heavy<'_>,
    variable: &Variable<'_>,
    room: Room<'_>,
    current: Lto,
    wanted: Lto,
) -> Diagnostic {
    let name = &heavy.build.name;
    let condition = heavy.condition(Some(variable));
    let host = &room.host.name;
    let message = match current {
        Lto::Off => {
            format!("{condition}thin LTO would make {name} faster, and {host} has room for it")
        }
        _ => format!("{condition}{} LTO of {name} has no room on {host}", word(current)),
    };
    let mut found = Diagnostic::new(&LtoChoice::META, heavy.place_of(variable), message);
    for lto in [current, wanted].into_iter().filter(|lto| *lto != Lto::Off) {
        if let Some(need) = need(cx, heavy, lto) {
            found = found.note(format!(
                "with {} LTO {} takes {}, and one build should take {} at most on {host} ({})",
                word(lto),
                need.what,
                need.bytes,
                room.one,
                need.evidence
            ));
        }
    }
    let gain = &cx.knowledge.advice.lto;
    if wanted == Lto::Thin {
        let price = gain.price.iter().map(|price| format!(", for {price}")).collect::<String>();
        found = found.note(format!("thin LTO: {}{price} ({})", gain.gain, gain.evidence()));
    }
    let title = format!("Set `{VARIABLE}` to {}", word(wanted));
    let edits = variable
        .written
        .first()
        .filter(|_| !variable.by_phase)
        .and_then(|literal| set_to(cx, *literal, word(wanted)));
    heavy.changing(found.host(host.clone()), variable, title, edits)
}
