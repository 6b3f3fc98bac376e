//! What the libraries of well-known flakes hold: few names, all known. So `nixpkgs.lib // home-manager.lib`,
//! as many configurations have it, is nixpkgs' library and those, and nothing else of it is in doubt.

use super::symbol::{Root, Symbol};
use super::{AttrSet, Evaluator, Kind, Slot, Value};
use crate::hir::Name;

/// Flakes, by what their inputs are called, and all that their `lib` holds.
const LIBRARIES: [(&[&str], &[&str]); 2] = [
    (&["home-manager", "homeManager", "home_manager"], &["hm", "homeManagerConfiguration"]),
    (&["darwin"], &["darwinSystem", "evalConfig"]),
];

impl Evaluator<'_> {
    /// The set that `value` is, if it is one of these libraries.
    pub(super) fn library(&mut self, value: &Value) -> Option<Value> {
        let library = value.as_symbol()?;
        let names = names(library)?;
        let slots = names.iter().map(|name| {
            let name = Name::new(name);
            let value = Value::bare(Kind::Symbol(Symbol::select(library, name)));
            Slot::new(name, self.done(value))
        });
        let set = AttrSet::new(slots.collect());
        Some(Value::new(Kind::Attrs(set.into()), value.origin.clone()))
    }
}

/// All that the library holds, if it is one of these.
fn names(library: &Symbol) -> Option<&'static [&'static str]> {
    let Symbol::Select(flake, name) = library else { return None };
    let Symbol::Root(Root::Input(input)) = &**flake else { return None };
    let is_called = |(calls, _): &&(&[&str], _)| calls.iter().any(|it| input.as_str().contains(it));
    (*name == "lib").then(|| LIBRARIES.iter().find(is_called).map(|(_, names)| *names)).flatten()
}
