//! The rule `bad-timeout`.

use super::builds::{Build, builds, spelled};
use crate::declare_rule;
use crate::facts::{Setting, SettingPlace, ValueFact, ValueKind};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::rules::made::made;
use crate::rules::work::{self, Work};
use crate::source::Span;
use crate::syntax::SyntaxKind;

declare_rule! {
    /// # What it flags
    ///
    /// A `meta.timeout`, or a `timeout` of Nix, that cannot be meant as it is written: it is no whole
    /// number, it is in another unit than seconds, another timeout ends the build first, or it would
    /// end a sound build.
    ///
    /// # Why it matters
    ///
    /// Both are in seconds. A number in milliseconds stops nothing for months, one in minutes stops
    /// every build, and one in words is refused. A `meta.timeout` above the setting `timeout` promises
    /// what a local build does not get.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       meta.timeout = 7200000; # two hours
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
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       meta.timeout = 7200; # two hours
    ///     })
    ///   ];
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Where the unit is evident, it writes the seconds: `"4h"` becomes `14400`, `"14400"` loses its
    /// quotes, and a number of milliseconds that are whole minutes is divided by a thousand. It is
    /// safe, for neither of the two is part of a derivation. Everything else is only suggested, and so
    /// is a number that is written elsewhere, for it may have other readers.
    ///
    /// # When it stays silent
    ///
    /// - `timeout` anywhere but in the `meta` of a derivation and in Nix's settings: boot loaders, idle
    ///   daemons, services and JSON have timeouts of their own. 0, which is none.
    /// - A short `meta.timeout` of something that compiles nothing.
    /// - An estimate never contradicts a number: only one below the least that the tables hold for
    ///   possible, on the fastest host of `frugix.toml`, is reported, and none where it has no host.
    /// - Values that cannot be followed.
    ///
    /// # Sources
    ///
    /// - nixpkgs manual, "Meta-attributes": `timeout` is "in seconds";
    ///   `pkgs/stdenv/generic/check-meta.nix`: it is an integer.
    /// - Nix manual, `nix.conf`: `timeout`, in seconds, 0 for none.
    /// - The bounds are those of `rules/knowledge/timeouts.toml`, the hours those of `packages.toml`.
    pub struct BadTimeout {
        id: "bad-timeout",
        group: Timeout,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for BadTimeout {
    fn meta(&self) -> &'static RuleMeta {
        const { &BadTimeout::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let stated = stated(cx);
        let mut found: Vec<Diagnostic> =
            stated.iter().filter_map(|stated| of_number(cx, stated)).collect();
        let globals: Vec<&Stated<'_>> = stated.iter().filter(|one| one.is_global()).collect();
        let builds = builds(cx);
        found.extend(builds.iter().filter_map(|build| of_build(cx, build, &globals)));
        let mut reported: Vec<(Span, String)> = Vec::new();
        for diagnostic in found {
            let key = (diagnostic.span, diagnostic.message.clone());
            if !reported.contains(&key) {
                reported.push(key);
                cx.report(diagnostic);
            }
        }
    }
}

/// A timeout that somebody wrote.
struct Stated<'a> {
    value: &'a ValueFact,
    /// Where it is written.
    place: Span,
    definition: Option<Span>,
    of: Of<'a>,
}

enum Of<'a> {
    /// `meta.timeout` of something that compiles, or may.
    Build(String),
    /// The same of something that compiles nothing.
    Trifle(String),
    /// The setting.
    Nix(&'a Setting),
}

impl Stated<'_> {
    fn is_global(&self) -> bool {
        matches!(self.of, Of::Nix(_))
    }

    /// Seconds. Text is as good as a number to Nix, and nothing to `meta`.
    fn seconds(&self) -> Option<i64> {
        match &self.value.kind {
            ValueKind::Int(seconds) => Some(*seconds),
            ValueKind::Str(text) if self.is_global() => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// Every `meta.timeout` and every setting `timeout`, in order.
fn stated<'a>(cx: &TreeContext<'a>) -> Vec<Stated<'a>> {
    let of_settings = global_timeouts(cx).map(|setting| Stated {
        value: &setting.value,
        place: setting.value.place.unwrap_or(setting.key),
        definition: setting.definition,
        of: Of::Nix(setting),
    });
    let of_builds = made(cx).filter_map(|made| {
        let timeout = made.own("meta")?.inner("timeout").filter(|it| !it.is_identity)?;
        let of = match made.work {
            Work::Cheap => Of::Trifle(made.name.to_string()),
            _ => Of::Build(made.name.to_string()),
        };
        let place = timeout.value.place.or(timeout.key)?;
        Some(Stated { value: &timeout.value, place, definition: timeout.definition, of })
    });
    of_settings.chain(of_builds).collect()
}

fn global_timeouts<'a>(cx: &TreeContext<'a>) -> impl Iterator<Item = &'a Setting> + use<'a> {
    cx.facts.settings_at(&["nix", "settings", "timeout"])
}

/// What is wrong with the number by itself.
fn of_number(cx: &TreeContext<'_>, stated: &Stated<'_>) -> Option<Diagnostic> {
    let limits = &cx.knowledge.limits;
    let (subject, of) = match &stated.of {
        Of::Build(name) | Of::Trifle(name) => ("`meta.timeout`", format!(" of {name}")),
        Of::Nix(_) => ("`timeout`", String::new()),
    };
    let report = |wrong: String| {
        let message = format!("the {subject}{of} {wrong}");
        Diagnostic::new(&BadTimeout::META, stated.place, message)
    };
    let Some(seconds) = stated.seconds() else {
        let shown = shown(&stated.value.kind)?;
        let found = report(format!("is {shown}, which is no whole number of seconds"));
        let seconds = in_words(&stated.value.kind);
        return Some(
            found.fixes(seconds.map(|seconds| write(cx, stated, seconds, seconds.to_string()))),
        );
    };
    if seconds == 0 {
        return None;
    }
    let is_short = !matches!(stated.of, Of::Trifle(_));
    let minimum = i64::try_from(limits.minimum.seconds).unwrap_or(i64::MAX);
    let maximum = i64::try_from(limits.maximum.seconds).unwrap_or(i64::MAX);
    if seconds < minimum && is_short {
        let wrong = format!("is {seconds} seconds, which stops a sound build");
        let found = report(wrong).note(format!(
            "less than {} was likely meant in minutes or hours ({})",
            spelled(limits.minimum.seconds),
            limits.minimum.evidence()
        ));
        let others = [("minutes", 60), ("hours", 3600)].into_iter().filter_map(|(unit, factor)| {
            let meant = seconds.checked_mul(factor)?;
            let is_likely = (minimum..=maximum).contains(&meant);
            is_likely.then(|| {
                Fix::suggestion(format!("If {unit} were meant, write {meant}"), Vec::new())
            })
        });
        return Some(found.fixes(others));
    }
    if seconds > maximum {
        let days = seconds / 86_400;
        let found = report(format!("is {seconds} seconds, which is {days} days"));
        let whole = seconds % 60_000 == 0;
        let meant = seconds / 1000;
        let is_milliseconds = whole && (minimum..=maximum).contains(&meant);
        return Some(if is_milliseconds {
            let remark = u64::try_from(meant).map(spelled).unwrap_or_default();
            found.note(format!("in milliseconds it would be {remark}")).fix(write(
                cx,
                stated,
                meant,
                meant.to_string(),
            ))
        } else {
            found.note(format!(
                "more than {} stops nothing ({})",
                days_of(limits.maximum.seconds),
                limits.maximum.evidence()
            ))
        });
    }
    None
}

fn days_of(seconds: u64) -> String {
    format!("{} days", seconds / 86_400)
}

/// A value that is known and no integer, as a message says it.
fn shown(kind: &ValueKind) -> Option<String> {
    Some(match kind {
        ValueKind::Str(text) => format!("\"{text}\""),
        ValueKind::Float(float) => float.to_string(),
        ValueKind::Bool(bool) => bool.to_string(),
        ValueKind::Null => "null".to_owned(),
        ValueKind::List(_) => "a list".to_owned(),
        ValueKind::Set => "a set".to_owned(),
        _ => return None,
    })
}

/// The seconds of `14400`, `14400.0`, `4h`, `90 min` and `2 hours`.
fn in_words(kind: &ValueKind) -> Option<i64> {
    let (number, unit) = match kind {
        ValueKind::Float(float) => (*float, ""),
        ValueKind::Str(text) => {
            let text = text.trim();
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            (text[..end].parse().ok()?, text[end..].trim())
        }
        _ => return None,
    };
    let factor = match unit {
        "" | "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    };
    let seconds: f64 = number * factor;
    let is_whole = seconds.fract() == 0.0 && (1.0..1e9).contains(&seconds);
    is_whole.then_some(seconds as i64)
}

/// Writes `number` where the timeout itself is written; elsewhere it is only suggested.
fn write(cx: &TreeContext<'_>, stated: &Stated<'_>, seconds: i64, number: String) -> Fix {
    let title = format!("Write {seconds}");
    let edits = stated.value.literal.and_then(|literal| {
        let is_own =
            stated.definition.is_some_and(|definition| work::contains(definition, literal));
        let file = cx.edited(literal.file).filter(|_| is_own)?;
        let is_text =
            matches!(&stated.of, Of::Nix(Setting { place: SettingPlace::NixConf(_), .. }));
        let node = file.node(literal).filter(|_| !is_text)?;
        let is_literal = matches!(node.kind(), SyntaxKind::NODE_LITERAL | SyntaxKind::NODE_STRING);
        file.replace(literal, &number).filter(|_| is_literal)
    });
    match edits {
        Some(edits) => Fix::safe(title, edits),
        None => Fix::suggestion(title, Vec::new()),
    }
}

/// What is wrong with the timeouts of one build, each of which may be right by itself.
fn of_build(
    cx: &TreeContext<'_>,
    build: &Build<'_>,
    globals: &[&Stated<'_>],
) -> Option<Diagnostic> {
    let limits = &cx.knowledge.limits;
    let is_sensible =
        |seconds: &u64| (limits.minimum.seconds..=limits.maximum.seconds).contains(seconds);
    let own = build.meta_timeout().and_then(|own| {
        let seconds = u64::try_from(own.value.as_int()?).ok().filter(is_sensible)?;
        Some((own.value.place.or(own.key)?, seconds))
    });
    let global = longest(globals).filter(|(_, seconds)| is_sensible(seconds));
    let name = &build.name;
    let report = |place: Span, message: String| {
        let place = build.call.used_at.unwrap_or(place);
        Diagnostic::new(&BadTimeout::META, place, message)
    };
    if let (Some((place, seconds)), Some((setting, most))) = (own, global)
        && seconds > most
    {
        let message = format!(
            "Nix ends the build of {name} after {}, before its `meta.timeout` of {}",
            spelled(most),
            spelled(seconds)
        );
        let fix = Fix::suggestion(format!("Set `timeout = {seconds}` for Nix"), Vec::new());
        return Some(report(place, message).related(setting, "`timeout` is set here").fix(fix));
    }
    let (place, seconds, subject) = match (own, global) {
        (Some((place, seconds)), _) => (place, seconds, "its `meta.timeout`"),
        (None, Some((place, seconds))) => (place, seconds, "the `timeout` of Nix"),
        (None, None) => return None,
    };
    let (hours, evidence) = build.hours(cx)?;
    let fastest = fastest_host(cx)?;
    let least = hours.low * KNOWN_THREADS / f64::from(fastest).max(1.0);
    if (seconds as f64) >= least * 3600.0 {
        return None;
    }
    let message = format!("{subject} ends the build of {name} after {}", spelled(seconds));
    let place = if own.is_some() { build.call.used_at.unwrap_or(place) } else { place };
    let found = Diagnostic::new(&BadTimeout::META, place, message)
        .note(format!("it takes {hours} hours on four cores with eight threads ({evidence})"));
    let allowance = build.allowance(cx);
    let fix = format!("Allow it {}", spelled(allowance.seconds));
    Some(found.fix(Fix::suggestion(fix, Vec::new())))
}

/// The threads of the machine that the tables' hours are for.
const KNOWN_THREADS: f64 = 8.0;

/// The threads of the host that has the most of them.
fn fastest_host(cx: &TreeContext<'_>) -> Option<u32> {
    cx.config.hosts.values().filter_map(|host| host.threads).max()
}

/// The longest of the settings `timeout`; `None` where one is not known, is none, or there is none.
fn longest(globals: &[&Stated<'_>]) -> Option<(Span, u64)> {
    let known = |stated: &&Stated<'_>| {
        let seconds = u64::try_from(stated.seconds()?).ok().filter(|seconds| *seconds > 0)?;
        Some((stated.place, seconds))
    };
    let all: Vec<(Span, u64)> = globals.iter().map(known).collect::<Option<_>>()?;
    all.into_iter().max_by_key(|(_, seconds)| *seconds)
}
