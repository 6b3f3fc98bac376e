//! What the declaration of an option says: `mkOption { … }`, `mkEnableOption "…"`.

use super::symbol::Symbol;
use super::{Evaluator, Kind, ThunkId, Value};

/// What is known of an option's declaration.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Declared {
    pub default: Option<ThunkId>,
    pub apply: Option<ThunkId>,
    pub type_: Type,
}

/// What a declaration says of an option's type.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Type {
    /// This.
    Given(ThunkId),
    /// Nothing.
    Unspecified,
    /// It cannot be told.
    #[default]
    Unknown,
}

impl Evaluator<'_> {
    /// What a declaration says, if it is an option: `mkOption { default = …; }`, `mkEnableOption "…"`.
    pub(super) fn declared(&mut self, declaration: ThunkId) -> Option<Declared> {
        let declaration = self.force(declaration);
        // `mkEnableOption "…" // { default = true; }`.
        let (symbol, changed) = match &declaration.kind {
            Kind::Symbol(symbol) => (symbol, None),
            Kind::Attrs(set) => (set.rest.as_ref()?.base.as_ref()?, set.get("default".into())),
            _ => return None,
        };
        let Symbol::Call(function, call) = &**symbol else { return None };
        if let Some(default) = changed {
            return Some(Declared { default: Some(default.value), ..Declared::default() });
        }
        match function.last_name()?.as_str() {
            "mkOption" => {
                let argument = self.call(*call).argument;
                let argument = self.force(argument);
                let argument = argument.as_attrs()?;
                let field = |name: &str| argument.get(name.into()).map(|slot| slot.value);
                Some(Declared {
                    default: field("default"),
                    apply: field("apply"),
                    type_: match (field("type"), argument.is_exact()) {
                        (Some(type_), _) => Type::Given(type_),
                        (None, true) => Type::Unspecified,
                        (None, false) => Type::Unknown,
                    },
                })
            }
            "mkEnableOption" => {
                let default = Some(self.done(Value::bool(false)));
                Some(Declared { default, ..Declared::default() })
            }
            _ => Some(Declared::default()),
        }
    }
}
