//! flake-parts: flakes whose outputs are options, defined by modules that see each other.

use std::path::Path;

use super::Collector;
use super::module::{ModuleContext, Walked};
use crate::eval::{Root, Slot, Symbol, ThunkId};
use crate::facts::ModuleKind;
use crate::source::FileId;

impl Collector<'_, '_> {
    /// What the modules of a flake define as its outputs, where `outputs` calls `mkFlake`; `this`
    /// is the flake, `inputs` are its inputs. The modules are kept, to be walked once the
    /// configurations among the outputs were evaluated.
    pub(super) fn flake_parts(
        &mut self,
        outputs: ThunkId,
        this: ThunkId,
        inputs: ThunkId,
    ) -> Option<ThunkId> {
        let (given, module) = self.make_flake(outputs)?;
        let mut context = ModuleContext::new(ModuleKind::Unknown, None);
        let config = self.evaluator.placeholder();
        context.config = Some(config);
        let given = self.evaluator.force(given);
        let special = self.evaluator.select_path(&given, &["specialArgs"]);
        let special = special.as_ref().and_then(|special| special.as_attrs());
        context.arguments.extend(special.iter().flat_map(|set| set.slots()));
        context.arguments.push(Slot::new("self".into(), this));
        context.arguments.push(Slot::new("inputs".into(), inputs));
        let with_system = self.evaluator.with_system();
        context.arguments.push(Slot::new("withSystem".into(), with_system));
        self.evaluate_module(module, &mut context, 0);
        self.merge_configuration(&mut context);
        self.flake_modules.push(context);
        Some(self.evaluator.selection(config, "flake".into()))
    }

    /// The two arguments of `mkFlake { inherit inputs; } module`.
    fn make_flake(&mut self, outputs: ThunkId) -> Option<(ThunkId, ThunkId)> {
        let outputs = self.evaluator.force(outputs);
        let Symbol::Call(partial, module) = &**outputs.as_symbol()? else { return None };
        let Symbol::Call(function, given) = &**partial else { return None };
        let is_make_flake = function.last_name().is_some_and(|name| name == "mkFlake");
        is_make_flake.then(|| {
            let argument = |call| self.evaluator.call(call).argument;
            (argument(*given), argument(*module))
        })
    }

    /// Walks the modules of the flakes that were met.
    pub(super) fn walk_flake_modules(&mut self) {
        for mut context in std::mem::take(&mut self.flake_modules) {
            context.walked = Walked::AllButOutputs;
            self.walk_configuration(context);
        }
    }

    /// The files that `import-tree folder` makes one module of: all below the folder but those
    /// whose path has a part that begins with an underscore.
    pub(super) fn imported_tree(&mut self, symbol: &Symbol) -> Option<Vec<FileId>> {
        let Symbol::Call(function, call) = symbol else { return None };
        let name = match function.path()? {
            (Root::Input(name) | Root::Parameter(_, name), names)
                if names.iter().all(|name| *name == "import") =>
            {
                *name
            }
            _ => return None,
        };
        if name != "import-tree" {
            return None;
        }
        let folder = self.evaluator.call(*call).argument;
        let folder = self.evaluator.force(folder);
        let folder = self.evaluator.as_path(&folder)?;
        let mut files = self.evaluator.sources_below(&folder);
        let tree = self.tree();
        files.retain(|file| {
            tree.path(*file).strip_prefix(&folder).is_ok_and(|below| !has_hidden_part(below))
        });
        Some(files)
    }
}

fn has_hidden_part(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().starts_with('_'))
}
