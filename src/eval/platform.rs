//! What NixOS and nix-darwin make of the platform that a configuration names: the options take a name, or
//! a set with a few attributes, and give all that nixpkgs knows of the platform. Which kernel and which
//! processors it has is told by its name; the rest is not looked up.

use std::sync::Arc;

use super::symbol::{Root, Symbol};
use super::{AttrSet, Evaluator, Kind, Rest, Slot, Value, Why};

/// The options below `nixpkgs` that are such platforms.
const OPTIONS: [&str; 3] = ["hostPlatform", "buildPlatform", "localSystem"];

/// Attributes of a platform, and the part of its name that they ask for.
const PARTS: [(&str, &str); 4] = [
    ("isx86_64", "x86_64"),
    ("isAarch64", "aarch64"),
    ("isLinux", "linux"),
    ("isDarwin", "darwin"),
];

impl Evaluator<'_> {
    /// What `option` is where its definitions come to `value`: for a platform all of it, else that.
    pub(super) fn elaborated(&mut self, option: &Arc<Symbol>, value: Value) -> Value {
        if !is_platform(option) {
            return value;
        }
        let (mut slots, system) = match &value.kind {
            Kind::Str(_) => (Vec::new(), value.clone()),
            Kind::Attrs(set) => match set.get("system".into()) {
                Some(slot) if !slot.optional => (set.slots().to_vec(), self.force(slot.value)),
                _ => return value,
            },
            _ => return value,
        };
        let Some((processor, kernel)) = system.as_str().and_then(|name| name.split_once('-'))
        else {
            return value;
        };
        for (name, part) in PARTS {
            let is_so = self.done(Value::bool(processor == part || kernel == part));
            slots.insert(0, Slot::new(name.into(), is_so));
        }
        let name = self.done(system.clone());
        slots.insert(0, Slot::new("system".into(), name));
        let why = Why::Beyond(option.clone());
        let all = AttrSet::open(slots, Rest { why, base: Some(option.clone()) });
        Value { kind: Value::attrs(all).kind, ..value }
    }
}

fn is_platform(option: &Symbol) -> bool {
    let is_named_so = |name: &str| OPTIONS.contains(&name);
    option.last_name().is_some_and(|name| is_named_so(name.as_str()))
        && option.path().is_some_and(|(root, names)| {
            *root == Root::Config && names.len() == 2 && names[0] == "nixpkgs"
        })
}
