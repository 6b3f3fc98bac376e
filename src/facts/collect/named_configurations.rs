//! The configurations among the outputs of a flake, and the calls that make them.

use rustc_hash::FxHashSet;

use super::Collector;
use crate::eval::{CallId, Kind, Slot, Symbol, ThunkId, Value};
use crate::facts::ModuleKind;

/// Choices in choices are followed to this depth.
const MAX_CHOICES: u32 = 3;

/// The outputs that hold configurations, and the kind of their modules.
pub(super) const CONFIGURATIONS: [(&str, ModuleKind); 3] = [
    ("darwinConfigurations", ModuleKind::Darwin),
    ("homeConfigurations", ModuleKind::HomeManager),
    ("nixosConfigurations", ModuleKind::Nixos),
];

impl Collector<'_, '_> {
    /// Evaluates all configurations so far that it is known which calls make them.
    pub(super) fn force_configurations(&mut self, outputs: &Value) {
        for (output, _) in CONFIGURATIONS {
            for slot in self.configuration_slots(outputs, output) {
                self.evaluator.refuel();
                self.evaluator.force(slot.value);
            }
        }
    }

    /// The configurations in one output of a flake.
    pub(super) fn configuration_slots(&mut self, outputs: &Value, output: &str) -> Vec<Slot> {
        let found = outputs.as_attrs().and_then(|set| set.get(output.into()).copied());
        let found = found.map(|slot| self.evaluator.force(slot.value));
        let set = found.as_ref().and_then(Value::as_attrs);
        set.map_or(Vec::new(), |set| set.slots().to_vec())
    }

    /// The kind of configuration that a call makes, by the name of its function.
    pub(super) fn kind_made_by(&self, call: CallId) -> Option<ModuleKind> {
        match self.evaluator.call(call).function.last_name()?.as_str() {
            "homeManagerConfiguration" => Some(ModuleKind::HomeManager),
            "nixosSystem" => Some(ModuleKind::Nixos),
            "darwinSystem" => Some(ModuleKind::Darwin),
            _ => None,
        }
    }

    /// The call that makes a configuration. Where its function may be from elsewhere, too
    /// (`with inputs // more;`), there is a call of each, and what is given to them is the same. What
    /// is made by a function of the tree is taken before what an unknown one may make.
    pub(super) fn configuration_calls(&mut self, configuration: &Value) -> Vec<CallId> {
        self.calls_within(configuration, MAX_CHOICES)
    }

    fn calls_within(&mut self, configuration: &Value, depth: u32) -> Vec<CallId> {
        match &configuration.kind {
            Kind::Symbol(symbol) => match &**symbol {
                Symbol::Call(_, call) => vec![*call],
                _ => Vec::new(),
            },
            Kind::Choice(choice) if choice.condition.is_none() && depth > 0 => {
                let mut calls = Vec::new();
                for side in [choice.then, choice.otherwise] {
                    let side = self.evaluator.force(side);
                    calls.extend(self.calls_within(&side, depth - 1));
                }
                if calls.iter().any(|call| self.kind_made_by(*call).is_some()) {
                    calls.retain(|call| self.kind_made_by(*call).is_some());
                }
                let arguments = calls.iter().map(|call| self.evaluator.call(*call).argument);
                let arguments: FxHashSet<ThunkId> = arguments.collect();
                if arguments.len() == 1 { calls } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// Whether a call makes a configuration that an output of a flake names: it is looked at under
    /// that name.
    pub(super) fn is_named(&mut self, call: CallId) -> bool {
        let flakes: Vec<ThunkId> = self.flakes.values().copied().collect();
        let mut slots = Vec::new();
        for flake in flakes {
            let outputs = self.evaluator.force(flake);
            for (output, _) in CONFIGURATIONS {
                slots.extend(self.configuration_slots(&outputs, output));
            }
        }
        // Those that nothing asked for yet are only evaluated if it is none of the others: they may
        // read what nobody else does.
        let known = slots.iter().filter_map(|slot| self.evaluator.peek(slot.value).cloned());
        let known: Vec<Value> = known.collect();
        known.iter().any(|value| self.configuration_calls(value).contains(&call))
            || slots.iter().any(|slot| {
                self.evaluator.refuel();
                let value = self.evaluator.force(slot.value);
                self.configuration_calls(&value).contains(&call)
            })
    }
}
