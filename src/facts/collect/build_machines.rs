//! Machines that build for others: what each element of `nix.buildMachines` says of itself.

use super::Collector;
use super::definitions::Walk;
use super::module::ModuleContext;
use crate::eval::{Kind, ThunkId};
use crate::facts::{Setting, SettingPlace};

/// What is kept of a machine.
const ATTRIBUTES: [&str; 2] = ["supportedFeatures", "mandatoryFeatures"];

impl Collector<'_, '_> {
    /// Keeps the features of the machines in `list`, the value of `nix.buildMachines`, as definitions
    /// of `nix.buildMachines.*.supportedFeatures`.
    pub(super) fn collect_build_machines(
        &mut self,
        list: ThunkId,
        walk: &Walk,
        context: &ModuleContext,
    ) {
        let machines = self.evaluator.force(list);
        let Kind::List(machines) = &machines.kind else { return };
        for machine in machines.clone().iter() {
            let machine = self.evaluator.force(*machine);
            let Some(set) = machine.as_attrs().cloned() else { continue };
            for slot in set.slots().iter().filter(|slot| ATTRIBUTES.contains(&slot.name.as_str())) {
                let Some(key) = slot.key.or(walk.key) else { continue };
                let value = self.freeze(slot.value);
                let path = ["nix", "buildMachines", "*", slot.name.as_str()];
                self.facts.settings.push(Setting {
                    calls: Vec::new(),
                    profiles: Vec::new(),
                    path: path.map(str::to_owned).to_vec(),
                    key,
                    definition: slot.definition,
                    value,
                    priority: walk.priority,
                    condition: walk.condition,
                    place: SettingPlace::Module(context.kind),
                    host: context.host.clone(),
                });
            }
        }
    }
}
