//! Which definitions of `max-jobs` and `cores` are in force on a host, and together.
//!
//! Definitions lie in layers, each over the one before: the system's configuration, a user's, a
//! flake's `nixConfig`. Nix takes each setting from the topmost layer that has it.

use super::belonging::{concerns, module};
use super::host::Host;
use super::limit::{Amount, Knob, Limit, Writer};
use super::pair::{Defaults, Pair};
use crate::facts::{Facts, ModuleKind, Setting, SettingPlace, ValueFact, ValueKind};
use crate::source::{FileId, Span};

/// The pairs that settings of Nix put in force on `host`, those of lower layers first. What hangs
/// on more than one undecided condition is left out.
pub(super) fn pairs(index: usize, host: &Host, facts: &Facts) -> Vec<Pair> {
    let own = || facts.settings.iter().filter(|setting| concerns(setting, host));
    let defaults = defaults(own().filter_map(|setting| module(setting.place)));
    let definitions: Vec<Definition<'_>> = own().filter_map(Definition::of).collect();
    let of_layer = |wanted: LayerKind| {
        let mut owners: Vec<Owner<'_>> = Vec::new();
        for definition in definitions.iter().filter(|one| one.layer == wanted) {
            if !owners.contains(&definition.owner()) {
                owners.push(definition.owner());
            }
        }
        let members = |owner: &Owner<'_>| {
            let is_member = |one: &&Definition<'_>| one.layer == wanted && one.owner() == *owner;
            Layer { definitions: definitions.iter().filter(is_member).copied().collect() }
        };
        owners.iter().map(members).flat_map(Layer::apart).collect::<Vec<Layer<'_>>>()
    };
    let systems = of_layer(LayerKind::System);
    let users = of_layer(LayerKind::User);
    let flakes = of_layer(LayerKind::Flake);

    let system = only(&systems);
    let user = only(&users);
    let mut found = Vec::new();
    let mut add = |layers: &[Layer<'_>], below: &[&Layer<'_>]| {
        for (max_jobs, cores) in layers.iter().flat_map(|layer| layer.over(below)) {
            found.push(Pair { host: index, max_jobs, cores, defaults });
        }
    };
    add(&systems, &[]);
    add(&users, system.as_slice());
    let below: Vec<&Layer<'_>> = user.into_iter().chain(system).collect();
    add(&flakes, &below);
    found
}

/// The layer, when there is just one; modules that no configuration imports only count where there
/// is nothing else.
fn only<'l, 'f>(layers: &'l [Layer<'f>]) -> Option<&'l Layer<'f>> {
    let (loose, owned): (Vec<_>, Vec<_>) = layers.iter().partition(|layer| layer.is_loose());
    match (owned.as_slice(), loose.as_slice()) {
        ([layer], _) | ([], [layer]) => Some(layer),
        _ => None,
    }
}

/// What holds on `host` where nothing is set.
pub(super) fn defaults_on(host: &Host, facts: &Facts) -> Defaults {
    let own = facts.settings.iter().filter(|setting| concerns(setting, host));
    defaults(own.filter_map(|setting| module(setting.place)))
}

/// What holds where nothing is set, by the kinds of modules that are there.
fn defaults(kinds: impl Iterator<Item = ModuleKind>) -> Defaults {
    let mut found = Defaults::Nix;
    for kind in kinds {
        match kind {
            ModuleKind::Nixos | ModuleKind::Darwin => return Defaults::Nixos,
            ModuleKind::Unknown => found = Defaults::Unknown,
            ModuleKind::HomeManager => {}
        }
    }
    found
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LayerKind {
    System,
    User,
    Flake,
}

/// Whose layer a definition is part of: users' layers lie beside each other, and so do flakes', and
/// modules that no configuration imports are not merged with one.
type Owner<'f> = (Option<&'f str>, Option<FileId>);

/// A setting that bounds parallelism.
#[derive(Clone, Copy, Debug)]
struct Definition<'f> {
    knob: Knob,
    layer: LayerKind,
    setting: &'f Setting,
}

impl<'f> Definition<'f> {
    fn of(setting: &'f Setting) -> Option<Definition<'f>> {
        let layer = match module(setting.place) {
            Some(ModuleKind::HomeManager) => LayerKind::User,
            Some(_) => LayerKind::System,
            None => LayerKind::Flake,
        };
        Some(Definition { knob: Knob::at(&setting.path)?, layer, setting })
    }

    fn owner(&self) -> Owner<'f> {
        match self.layer {
            LayerKind::System | LayerKind::User => (self.setting.host.as_deref(), None),
            LayerKind::Flake => (None, Some(self.setting.key.file)),
        }
    }

    /// What decides between definitions; the least wins. The text of a nix.conf comes after the
    /// lines that options make, and later lines count.
    fn rank(&self) -> (bool, i64) {
        (matches!(self.setting.place, SettingPlace::Module(_)), self.setting.priority.0)
    }

    fn holds_in(&self, scenario: Option<Span>) -> bool {
        self.setting.condition.is_none() || self.setting.condition == scenario
    }

    /// Every value it may have, if at least one is known.
    fn limits(&self, unless: Option<Span>) -> Vec<Limit> {
        let setting = self.setting;
        let mut values = Vec::new();
        flatten(&setting.value, &mut values);
        let is_alternative = values.len() > 1;
        let limit = |value: &&ValueFact| {
            Some(Limit {
                knob: self.knob,
                amount: Amount::of(self.knob, value)?,
                value: (*value).clone(),
                place: setting.value.place.unwrap_or(setting.key),
                writer: Writer::Setting(setting.place),
                condition: setting.condition,
                is_alternative,
                unless,
            })
        };
        values.iter().filter_map(limit).collect()
    }
}

fn flatten<'v>(value: &'v ValueFact, into: &mut Vec<&'v ValueFact>) {
    match &value.kind {
        ValueKind::Choice(values) => values.iter().for_each(|value| flatten(value, into)),
        _ => into.push(value),
    }
}

/// Definitions that are merged with each other.
struct Layer<'f> {
    definitions: Vec<Definition<'f>>,
}

/// What a layer says of one setting.
enum Answer {
    /// Nothing.
    Unset,
    /// This, or one of these.
    Set(Vec<Limit>),
    /// Something that cannot be told.
    Undecided,
    /// Several things at once, which the module system would refuse.
    Contradiction,
}

impl Answer {
    /// Whether it is there because of `scenario`.
    fn is_of(&self, scenario: Option<Span>) -> bool {
        match self {
            Answer::Set(limits) => limits.iter().any(|limit| limit.condition == scenario),
            _ => false,
        }
    }

    /// The definitions to choose from, `None` for the platform's default; `None` in place of all
    /// where it cannot be told.
    fn limits(self) -> Option<Vec<Option<Limit>>> {
        match self {
            Answer::Unset => Some(vec![None]),
            Answer::Set(limits) => Some(limits.into_iter().map(Some).collect()),
            Answer::Undecided | Answer::Contradiction => None,
        }
    }
}

impl<'f> Layer<'f> {
    /// Modules that no configuration imports are one layer as long as they could be one; where they
    /// contradict each other, they are of several machines, and which is this host's cannot be told.
    fn apart(self) -> Vec<Layer<'f>> {
        let contradicts = |knob: Knob| matches!(self.answer(knob, None), Answer::Contradiction);
        if !self.is_loose() || !Knob::ALL.into_iter().any(contradicts) {
            return vec![self];
        }
        Vec::new()
    }

    /// Whether it belongs to no configuration.
    fn is_loose(&self) -> bool {
        self.definitions.iter().all(|one| one.setting.host.is_none())
    }

    /// The pairs this layer puts in force over the layers `below` it, the topmost first.
    fn over(&self, below: &[&Layer<'_>]) -> Vec<(Option<Limit>, Option<Limit>)> {
        let mut scenarios = vec![None];
        for condition in self.definitions.iter().filter_map(|one| one.setting.condition) {
            if !scenarios.contains(&Some(condition)) {
                scenarios.push(Some(condition));
            }
        }
        scenarios.into_iter().flat_map(|scenario| self.over_in(scenario, below)).collect()
    }

    /// Those of them that `scenario` makes.
    fn over_in(
        &self,
        scenario: Option<Span>,
        below: &[&Layer<'_>],
    ) -> Vec<(Option<Limit>, Option<Limit>)> {
        let own = Knob::ALL.map(|knob| self.answer(knob, scenario));
        if own.iter().all(|answer| !answer.is_of(scenario)) {
            return Vec::new();
        }
        let lower = |knob: Knob| below.iter().map(move |layer| layer.answer(knob, None));
        let [jobs, cores] = Knob::ALL.map(|knob| match self.answer(knob, scenario) {
            Answer::Unset => {
                lower(knob).find(|answer| !matches!(answer, Answer::Unset)).unwrap_or(Answer::Unset)
            }
            answer => answer,
        });
        let (Some(jobs), Some(cores)) = (jobs.limits(), cores.limits()) else {
            return Vec::new();
        };
        if jobs.len() > 1 && cores.len() > 1 {
            return Vec::new();
        }
        let with_each = |max_jobs: Option<Limit>| {
            cores.iter().map(move |cores| (max_jobs.clone(), cores.clone()))
        };
        jobs.into_iter().flat_map(with_each).collect()
    }

    /// What it says of `knob` when, of its undecided conditions, the one of `scenario` holds.
    fn answer(&self, knob: Knob, scenario: Option<Span>) -> Answer {
        let all = || self.definitions.iter().filter(|one| one.knob == knob);
        let active = || all().filter(|one| one.holds_in(scenario));
        let Some(best) = active().map(Definition::rank).min() else {
            return if all().next().is_some() { Answer::Undecided } else { Answer::Unset };
        };
        let unless = all()
            .find(|one| !one.holds_in(scenario) && one.rank() <= best)
            .and_then(|one| one.setting.condition);
        let mut winners = active().filter(|one| one.rank() == best);
        let Some(first) = winners.next() else {
            return Answer::Unset;
        };
        let mut limits = first.limits(unless);
        for other in winners {
            let others = other.limits(unless);
            let same = |(one, other): (&Limit, &Limit)| one.amount == other.amount;
            if limits.len() == others.len() && limits.iter().zip(&others).all(same) {
                continue;
            }
            if !is_one_text(first.setting, other.setting) {
                return Answer::Contradiction;
            }
            limits = others;
        }
        if limits.is_empty() { Answer::Undecided } else { Answer::Set(limits) }
    }
}

/// Whether both are lines of one nix.conf, where the later line wins. Settings come in the order of
/// their places.
fn is_one_text(one: &Setting, other: &Setting) -> bool {
    matches!(one.place, SettingPlace::NixConf(_)) && one.key.file == other.key.file
}
