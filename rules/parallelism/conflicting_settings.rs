//! Two numbers for one setting on one host.

use super::derived::derived;
use super::wording::line;
use crate::budget::{Amount, Budget, Host, Knob, Limit, Writer, holds_on};
use crate::declare_rule;
use crate::facts::{ModuleKind, Setting, SettingPlace};
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// `max-jobs`, `cores` or `timeout` set to different numbers in two places that hold on one host:
    /// a flake's `nixConfig`, the system's configuration, a user's, the host's hardware profile; and,
    /// within one configuration, `nix.settings` and the text of the nix.conf (`nix.extraOptions`).
    ///
    /// # Why it matters
    ///
    /// Only one of them counts, and which one depends on who builds what. A flake's `nixConfig` wins
    /// for the builds of that flake, if it was accepted; a user's `nix.conf` wins over the system's
    /// for that user; the text of `nix.extraOptions` comes last in the file, and the last line counts.
    /// Whoever changes the other number waits for an effect that never comes.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// #- frugix.toml
    /// [host.desktop]
    /// threads = 8
    /// #- flake.nix
    /// {
    ///   nixConfig = {
    ///     max-jobs = 2;
    ///     cores = 6;
    ///   };
    ///
    ///   outputs =
    ///     { self, nixpkgs }:
    ///     {
    ///       nixosConfigurations.desktop = nixpkgs.lib.nixosSystem {
    ///         modules = [ ./configuration.nix ];
    ///       };
    ///     };
    /// }
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   nix.settings = {
    ///     max-jobs = 4;
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
    /// #- flake.nix
    /// {
    ///   outputs =
    ///     { self, nixpkgs }:
    ///     {
    ///       nixosConfigurations.desktop = nixpkgs.lib.nixosSystem {
    ///         modules = [ ./configuration.nix ];
    ///       };
    ///     };
    /// }
    /// #- configuration.nix
    /// { ... }:
    ///
    /// {
    ///   nix.settings = {
    ///     max-jobs = 2;
    ///     cores = 6;
    ///   };
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Where one of the numbers is the hardware profile's, and a name of that profile is in view at the
    /// other, it writes the profile's name there: `max-jobs = hardwareProfile.build.parallelism.maxJobs`.
    /// That is safe, for only scheduling changes; unsafe, where the number that is replaced is part of
    /// a derivation too. Else which of the numbers is meant only their owner knows, and it is suggested
    /// to leave the one in the place that should decide. A `nixConfig` cannot read a profile: it takes
    /// literals only.
    ///
    /// # When it stays silent
    ///
    /// - A place does not say which host it is for, and there are several. A flake's `nixConfig` holds
    ///   on every host whose configuration is among its outputs.
    /// - Options within one configuration: `mkDefault` and `mkForce` are there to be layered.
    /// - The numbers come to the same on the host, such as `cores = 0` and all of its threads; where the
    ///   threads are not known, `0` and `auto` are compared with nothing.
    /// - A definition hangs on a condition that cannot be decided, or cannot be followed, or several
    ///   places of one kind differ.
    /// - A profile that a setting reads: then they are one number.
    ///
    /// # Sources
    ///
    /// - Nix, `src/libflake/config.cc`: what `nixConfig` may set, and that it asks first;
    ///   `src/libstore/daemon.cc`: the daemon takes `max-jobs`, `cores` and `timeout` from every user.
    pub struct ConflictingSettings {
        id: "conflicting-settings",
        group: Parallelism,
        severity: Warning,
        fix: Sometimes(Safe),
        since: "0.1.0",
    }
}

impl Rule for ConflictingSettings {
    fn meta(&self) -> &'static RuleMeta {
        const { &ConflictingSettings::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let budget = cx.budget();
        let mut found: Vec<Diagnostic> = Vec::new();
        for (index, host) in budget.hosts.iter().enumerate() {
            for knob in Knob::ALL {
                add(cx, host, knob.name(), &of_knob(budget, index, knob), &mut found);
            }
            add(cx, host, "timeout", &timeouts(cx, host), &mut found);
            for contradiction in within(cx, host) {
                if !found.iter().any(|known| known.span == contradiction.span) {
                    found.push(contradiction);
                }
            }
        }
        cx.report_all(found);
    }
}

/// Where a number is set, each over the one before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Profile,
    System,
    User,
    Flake,
}

impl Layer {
    fn of(writer: Writer) -> Layer {
        match writer {
            Writer::Profile => Layer::Profile,
            Writer::Setting(SettingPlace::FlakeNixConfig) => Layer::Flake,
            Writer::Setting(
                SettingPlace::Module(ModuleKind::HomeManager)
                | SettingPlace::NixConf(ModuleKind::HomeManager),
            ) => Layer::User,
            Writer::Setting(_) => Layer::System,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Layer::Profile => "the hardware profile",
            Layer::System => "the system's configuration",
            Layer::User => "the user's configuration",
            Layer::Flake => "nixConfig",
        }
    }
}

/// A number as one layer sets it.
#[derive(Clone, PartialEq)]
struct Held {
    layer: Layer,
    /// What it comes to on the host.
    number: u64,
    /// How it is written.
    shown: String,
    place: Span,
    /// The one literal that it is.
    literal: Option<Span>,
    /// It cannot be told whether this holds.
    is_open: bool,
}

/// What each layer says of `max-jobs` or `cores`.
fn of_knob(budget: &Budget, host: usize, knob: Knob) -> Vec<Held> {
    let threads = budget.hosts[host].thread_count();
    let held = |limit: &Limit| Held {
        layer: Layer::of(limit.writer),
        number: limit.amount.on(threads).unwrap_or_default(),
        shown: match (limit.amount, threads) {
            (Amount::Count(count), _) => count.to_string(),
            (Amount::Threads, Some(threads)) => format!("every thread, {threads}"),
            (Amount::Threads, None) => "every thread".to_owned(),
        },
        place: limit.place,
        literal: limit.source(),
        is_open: limit.is_conditional()
            || limit.unless.is_some()
            || limit.amount.on(threads).is_none(),
    };
    let pairs = budget.pairs.iter().filter(|pair| pair.host == host);
    pairs.filter_map(|pair| pair.limit(knob)).map(held).collect()
}

/// What each layer says of `timeout`. Within a layer the strongest definition counts.
fn timeouts(cx: &TreeContext<'_>, host: &Host) -> Vec<Held> {
    let is_timeout = |setting: &&Setting| {
        let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
        matches!(path.as_slice(), ["nix", "settings", "timeout" | "build-timeout"])
    };
    let settings = cx.facts.settings.iter().filter(is_timeout);
    let own: Vec<&Setting> = settings.filter(|setting| holds_on(setting, host)).collect();
    let layer = |setting: &Setting| Layer::of(Writer::Setting(setting.place));
    let held = |setting: &&Setting| {
        let rivals = own.iter().filter(|other| layer(other) == layer(setting));
        let is_strongest = rivals.map(|other| other.priority).min() == Some(setting.priority);
        let text = || setting.value.as_str()?.trim().parse().ok();
        let seconds: Option<i64> = setting.value.as_int().or_else(text);
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        is_strongest.then(|| Held {
            layer: layer(setting),
            number: seconds.unwrap_or_default(),
            shown: format!("{} seconds", seconds.unwrap_or_default()),
            place: setting.value.place.unwrap_or(setting.key),
            literal: None,
            is_open: seconds.is_none() || setting.condition.is_some(),
        })
    };
    own.iter().filter_map(held).collect()
}

/// Reports each layer that says something else than the next one below it that says anything.
fn add(cx: &TreeContext<'_>, host: &Host, knob: &str, all: &[Held], found: &mut Vec<Diagnostic>) {
    let mut below: Option<Held> = None;
    for layer in [Layer::Profile, Layer::System, Layer::User, Layer::Flake] {
        let mut own: Vec<&Held> = Vec::new();
        for held in all.iter().filter(|held| held.layer == layer) {
            if !own.iter().any(|known| known.place == held.place) {
                own.push(held);
            }
        }
        let [only] = own.as_slice() else {
            below = if own.is_empty() { below } else { None };
            continue;
        };
        if only.is_open {
            below = None;
            continue;
        }
        if let Some(below) = below.as_ref().filter(|below| below.number != only.number) {
            // Another host that the same place is for: its number joins the first one's finding.
            match found.iter_mut().find(|known| known.span == only.place) {
                Some(known) => {
                    let mut joined = known.clone().host(host.name.as_str());
                    if !joined.related.iter().any(|it| it.span == below.place) {
                        let here = format!("{knob} is {} here, for {}", below.shown, host.name);
                        joined = joined.related(below.place, here);
                    }
                    *known = joined;
                }
                None => found.push(report(cx, host, knob, only, below)),
            }
        }
        below = Some((*only).clone());
    }
}

/// What `nix.settings` and the text of a nix.conf say differently in one configuration. The text
/// comes last in the file that Nix reads.
fn within(cx: &TreeContext<'_>, host: &Host) -> Vec<Diagnostic> {
    let own: Vec<&Setting> =
        cx.facts.settings.iter().filter(|setting| holds_on(setting, host)).collect();
    let text = own.iter().filter(|setting| matches!(setting.place, SettingPlace::NixConf(_)));
    let contradiction = |text: &&Setting| {
        let name = name_of(text)?;
        // Of one text, the last line counts.
        let is_later = |other: &&&Setting| {
            name_of(other) == Some(name)
                && is_same_configuration(text, other)
                && other.place == text.place
                && other.key.sort_key() > text.key.sort_key()
        };
        if own.iter().any(|other| is_later(&other)) {
            return None;
        }
        let options = own.iter().copied().filter(|other| {
            matches!(other.place, SettingPlace::Module(_))
                && name_of(other) == Some(name)
                && is_same_configuration(text, other)
        });
        let options: Vec<&Setting> = options.collect();
        let strongest = options.iter().map(|option| option.priority).min()?;
        let mut options = options.into_iter().filter(|option| option.priority == strongest);
        let option = options.next().filter(|_| options.next().is_none())?;
        let is_sure = text.condition.is_none() && option.condition.is_none();
        let (above, below) = (number(name, text, host)?, number(name, option, host)?);
        (is_sure && above.0 != below.0).then(|| {
            let message = format!(
                "{name} is {} in the text of the nix.conf and {} in the settings before it, both for \
                 {}",
                above.1, below.1, host.name
            );
            let place = option.value.place.unwrap_or(option.key);
            let fix = format!("Leave it out here and let {} decide", line(cx.tree, place));
            Diagnostic::new(&ConflictingSettings::META, text.value.place.unwrap_or(text.key), message)
                .note("the text comes last in the nix.conf, and the last line counts")
                .related(place, format!("{name} is {} here", below.1))
                .host(host.name.as_str())
                .fixes(from_profile(cx, host, name, (text.value.literal, option.value.literal)))
                .fix(Fix::suggestion(fix, Vec::new()))
        })
    };
    text.filter_map(contradiction).collect()
}

/// The setting that one names, of those that are compared.
fn name_of(setting: &Setting) -> Option<&'static str> {
    let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
    match (Knob::at(&setting.path), path.as_slice()) {
        (Some(knob), _) => Some(knob.name()),
        (None, ["nix", "settings", "timeout" | "build-timeout"]) => Some("timeout"),
        (None, _) => None,
    }
}

/// Whether two settings end up in one nix.conf. Modules that no configuration imports do where they
/// stand in one file.
fn is_same_configuration(one: &Setting, other: &Setting) -> bool {
    let kind = |setting: &Setting| match setting.place {
        SettingPlace::Module(kind) | SettingPlace::NixConf(kind) => Some(kind),
        SettingPlace::FlakeNixConfig => None,
    };
    one.host == other.host
        && kind(one) == kind(other)
        && (one.host.is_some() || one.key.file == other.key.file)
}

/// What a setting comes to on `host`, and how that is said.
fn number(name: &str, setting: &Setting, host: &Host) -> Option<(u64, String)> {
    let Some(knob) = Knob::at(&setting.path) else {
        let text = || setting.value.as_str()?.trim().parse().ok();
        let seconds = setting.value.as_int().or_else(text)?;
        let seconds = u64::try_from(seconds).ok().filter(|_| name == "timeout")?;
        return Some((seconds, format!("{seconds} seconds")));
    };
    let amount = Amount::of(knob, &setting.value)?;
    let number = amount.on(host.thread_count())?;
    Some((number, number.to_string()))
}

fn report(cx: &TreeContext<'_>, host: &Host, knob: &str, above: &Held, below: &Held) -> Diagnostic {
    let (one, other) = (above.layer.name(), below.layer.name());
    let name = &host.name;
    let message = format!(
        "{knob} is {} in {one} and {} in {other}, both for {name}",
        above.shown, below.shown
    );
    let wins = match (above.layer, below.layer) {
        (_, Layer::Profile) => {
            format!("{one} counts: nothing that Nix reads takes {knob} from the profile")
        }
        (Layer::Flake, _) => format!(
            "nixConfig wins for builds of this flake, once it is accepted; in all other builds, and \
             where it is not accepted, {other} counts"
        ),
        _ => format!("{one} wins for this user's builds; in everybody else's {other} counts"),
    };
    let related = format!("{knob} is {} here", below.shown);
    let place = line(cx.tree, below.place);
    let fix = Fix::suggestion(
        format!("Leave it out here and let {place} decide, or write one number in both"),
        Vec::new(),
    );
    Diagnostic::new(&ConflictingSettings::META, above.place, message)
        .note(wins)
        .related(below.place, related)
        .host(name.as_str())
        .fixes(from_profile(cx, host, knob, (above.literal, below.literal)))
        .fix(fix)
}

/// Takes the profile's number in both places, where one of them has it.
fn from_profile(
    cx: &TreeContext<'_>,
    host: &Host,
    knob: &str,
    (above, below): (Option<Span>, Option<Span>),
) -> Option<Fix> {
    let knob = Knob::ALL.into_iter().find(|it| it.name() == knob)?;
    derived(knob, (above?, below?), &host.name, cx)
}
