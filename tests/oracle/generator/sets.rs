//! Attribute sets in every spelling: nested, dotted, mixed, recursive, inherited, computed names.

use super::code::{Code, Level};
use super::scope::Scope;
use super::{Generator, Type};

type Field = (&'static str, Type);

impl Generator<'_> {
    pub(super) fn set(&mut self, fields: &[Field], scope: &Scope, depth: u32) -> Code {
        match self.pick(10) {
            0..=3 => self.set_literal(fields, scope, depth),
            4 | 5 => {
                let definitions = self.recursive_definitions(fields, scope, depth);
                Code::atom(format!("rec {{ {definitions} }}"))
            }
            6 | 7 => self.update(fields, scope, depth),
            _ => self.set_call(fields, scope, depth),
        }
    }

    fn set_literal(&mut self, fields: &[Field], scope: &Scope, depth: u32) -> Code {
        let mut entries = Vec::new();
        for (name, ty) in fields {
            self.define(name, ty, scope, scope, depth, &mut entries);
        }
        if self.sometimes(6) {
            entries.push("${null} = throw \"not defined\";".to_owned());
        }
        let entries = self.shuffled(entries);
        Code::atom(format!("{{ {} }}", entries.join(" ")))
    }

    fn shuffled(&mut self, mut entries: Vec<String>) -> Vec<String> {
        if entries.len() > 1 {
            let by = self.pick(entries.len());
            entries.rotate_left(by);
        }
        entries
    }

    /// Definitions that see each other, each using only those before it.
    pub(super) fn recursive_definitions(
        &mut self,
        fields: &[Field],
        scope: &Scope,
        depth: u32,
    ) -> String {
        let mut inner = scope.clone();
        for (name, _) in fields {
            inner.hide(name);
        }
        let mut entries = Vec::new();
        for (name, ty) in fields {
            self.define(name, ty, &inner, scope, depth, &mut entries);
            inner.bind(name, ty.clone());
        }
        let entries = self.shuffled(entries);
        entries.join(" ")
    }

    /// Definitions that together give `name` the type `ty`.
    fn define(
        &mut self,
        name: &'static str,
        ty: &Type,
        scope: &Scope,
        outer: &Scope,
        depth: u32,
        entries: &mut Vec<String>,
    ) {
        if let Type::Set(fields) = ty
            && !fields.is_empty()
            && self.sometimes(2)
        {
            self.define_dotted(name, fields, scope, depth, entries);
            return;
        }
        match self.pick(8) {
            5 if outer.get(name) == Some(ty) => entries.push(format!("inherit {name};")),
            6 => {
                let fields = self.fields_with(name, ty);
                let source = self.expression(&Type::Set(fields), scope, depth).text();
                entries.push(format!("inherit ({source}) {name};"));
            }
            choice => {
                let key = match choice {
                    4 => format!("\"{name}\""),
                    7 if self.sometimes(2) => format!("${{\"{name}\"}}"),
                    _ => name.to_owned(),
                };
                let value = self.expression(ty, scope, depth).text();
                entries.push(format!("{key} = {value};"));
            }
        }
    }

    /// `name.a = 1; name = { b = 2; };` and the like.
    fn define_dotted(
        &mut self,
        name: &str,
        fields: &[Field],
        scope: &Scope,
        depth: u32,
        entries: &mut Vec<String>,
    ) {
        let together = self.pick(fields.len() + 1);
        let (dotted, nested) = fields.split_at(together);
        for (field, ty) in dotted {
            let key = self.one_of(&[".", " . "]);
            match ty {
                Type::Set(inner) if !inner.is_empty() && self.sometimes(2) => {
                    for (deep, ty) in inner {
                        let value = self.expression(ty, scope, depth).text();
                        entries.push(format!("{name}{key}{field}.{deep} = {value};"));
                    }
                }
                _ => {
                    let value = self.expression(ty, scope, depth).text();
                    entries.push(format!("{name}{key}{field} = {value};"));
                }
            }
        }
        if !nested.is_empty() {
            let inner = self.set_literal_of_expressions(nested, scope, depth);
            entries.push(format!("{name} = {inner};"));
        }
    }

    fn set_literal_of_expressions(
        &mut self,
        fields: &[Field],
        scope: &Scope,
        depth: u32,
    ) -> String {
        let entries: Vec<_> = fields
            .iter()
            .map(|(name, ty)| format!("{name} = {};", self.expression(ty, scope, depth).text()))
            .collect();
        format!("{{ {} }}", entries.join(" "))
    }

    fn update(&mut self, fields: &[Field], scope: &Scope, depth: u32) -> Code {
        let at = self.pick(fields.len() + 1);
        let (under, over) = fields.split_at(at);
        // What is replaced may be anything, even what cannot be evaluated.
        let under = match over.first() {
            Some((name, _)) if self.sometimes(2) => {
                let literal = self.set_literal(under, scope, depth);
                Code::right(
                    Code::atom(format!("{{ {name} = throw \"replaced\"; }}")),
                    "//",
                    literal,
                    Level::Update,
                )
            }
            _ => self.expression(&Type::Set(under.to_vec()), scope, depth),
        };
        let over = self.expression(&Type::Set(over.to_vec()), scope, depth);
        Code::right(under, "//", over, Level::Update)
    }

    /// `set.name` and `set.name or default`, for a set made for it.
    pub(super) fn selection(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let name = self.one_of(super::NAMES);
        let fields = self.fields_with(name, ty);
        let missing =
            super::NAMES.iter().find(|name| fields.iter().all(|(field, _)| field != *name));
        let missing = missing.copied().unwrap_or("missing");
        let set = self.expression(&Type::Set(fields), scope, depth).at(Level::Atom);
        match self.pick(6) {
            0 | 1 => Code::new(format!("{set}.{name}"), Level::Select),
            2 => Code::new(format!("{set}.\"{name}\""), Level::Select),
            3 => Code::new(format!("{set}.${{\"{name}\" + \"\"}}"), Level::Select),
            4 => {
                let default = self.leaf(ty, scope).at(Level::Atom);
                Code::new(format!("{set}.{name} or {default}"), Level::Select)
            }
            _ => {
                let default = self.expression(ty, scope, depth).at(Level::Atom);
                let path = self.one_of(&["", ".deep", ".a.b"]);
                Code::new(format!("{set}.{missing}{path} or {default}"), Level::Select)
            }
        }
    }

    fn set_call(&mut self, fields: &[Field], scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Set(fields.to_vec()), scope, depth);
        match self.pick(9) {
            0 => {
                let set = operand(self);
                Code::call("builtins.removeAttrs", [set, Code::atom("[ \"zz\" ]")])
            }
            1 => {
                let pairs: Vec<_> = fields
                    .iter()
                    .map(|(name, ty)| {
                        let value = self.expression(ty, scope, depth).text();
                        format!("{{ name = \"{name}\"; value = {value}; }}")
                    })
                    .collect();
                let again = fields.first().map_or(String::new(), |(name, _)| {
                    format!("{{ name = \"{name}\"; value = throw \"too late\"; }}")
                });
                Code::call(
                    "builtins.listToAttrs",
                    [Code::atom(format!("[ {} {again} ]", pairs.join(" ")))],
                )
            }
            2 => Code::call("builtins.mapAttrs", [Code::atom("(n: v: v)"), operand(self)]),
            3 => {
                let mask: Vec<_> =
                    fields.iter().map(|(name, _)| format!("{name} = null;")).collect();
                let mask = Code::atom(format!("{{ {} }}", mask.join(" ")));
                Code::call("builtins.intersectAttrs", [mask, operand(self)])
            }
            4 => {
                let (under, over) = fields.split_at(self.pick(fields.len() + 1));
                let under = self.expression(&Type::Set(under.to_vec()), scope, depth);
                let over = self.expression(&Type::Set(over.to_vec()), scope, depth);
                let name = self.one_of(&["lib.recursiveUpdate", "lib.mergeAttrs"]);
                Code::call(name, [under, over])
            }
            5 => Code::call("lib.filterAttrs", [Code::atom("(n: v: n != \"zz\")"), operand(self)]),
            6 => Code::call(
                "lib.mapAttrs'",
                [Code::atom("(name: value: { inherit name value; })"), operand(self)],
            ),
            7 => {
                let condition = self.expression(&Type::Bool, scope, depth);
                Code::call("lib.optionalAttrs", [condition, operand(self)])
            }
            _ => {
                let (under, over) = fields.split_at(self.pick(fields.len() + 1));
                let under = self.expression(&Type::Set(under.to_vec()), scope, depth);
                let over = self.expression(&Type::Set(over.to_vec()), scope, depth);
                let list = format!("[ {} {} ]", under.at(Level::Select), over.at(Level::Select));
                Code::call("lib.mergeAttrsList", [Code::atom(list)])
            }
        }
    }
}
