//! The names in view and their types, by Nix's rules; and the forms that bring names into view.

use super::code::{Code, Level};
use super::{Generator, NAMES, Type};

/// The names in view.
#[derive(Clone, Default)]
pub struct Scope {
    bindings: Vec<Binding>,
}

#[derive(Clone)]
struct Binding {
    name: &'static str,
    /// `None` for a name that is in view but must not be used here, as it would need itself.
    ty: Option<Type>,
    from_with: bool,
}

impl Scope {
    pub fn bind(&mut self, name: &'static str, ty: Type) {
        self.bindings.push(Binding { name, ty: Some(ty), from_with: false });
    }

    pub fn hide(&mut self, name: &'static str) {
        self.bindings.push(Binding { name, ty: None, from_with: false });
    }

    fn bind_namespace(&mut self, fields: &[(&'static str, Type)]) {
        for (name, ty) in fields {
            self.bindings.push(Binding { name, ty: Some(ty.clone()), from_with: true });
        }
    }

    /// The type of `name`: any `let` or function beats every `with`.
    pub fn get(&self, name: &str) -> Option<&Type> {
        let named = || self.bindings.iter().rev().filter(|binding| binding.name == name);
        named().find(|binding| !binding.from_with).or_else(|| named().next())?.ty.as_ref()
    }

    /// Ways to an expression of type `ty` along names and attributes.
    fn ways(&self, ty: &Type) -> Vec<Code> {
        let mut found = Vec::new();
        for name in NAMES {
            if let Some(bound) = self.get(name) {
                ways_from((*name).to_owned(), bound, ty, &mut found);
            }
        }
        found
    }
}

fn ways_from(way: String, from: &Type, wanted: &Type, found: &mut Vec<Code>) {
    if let Type::Set(fields) = from {
        for (name, ty) in fields {
            ways_from(format!("{way}.{name}"), ty, wanted, found);
        }
    }
    if from == wanted {
        let level = if way.contains('.') { Level::Select } else { Level::Atom };
        found.push(Code::new(way, level));
    }
}

impl Generator<'_> {
    /// A variable of type `ty` or an attribute of one, where there is any.
    pub(super) fn variable(&mut self, ty: &Type, scope: &Scope) -> Option<Code> {
        let ways = scope.ways(ty);
        if ways.is_empty() { None } else { Some(ways[self.pick(ways.len())].clone()) }
    }

    /// `let`, `with`, and functions called on the spot.
    pub(super) fn binding_form(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        match self.pick(8) {
            0..=2 => self.let_in(ty, scope, depth),
            3 | 4 => self.with(ty, scope, depth),
            5 => {
                let from = self.data_type(1);
                let function = self.function(&from, ty, scope, depth);
                let argument = self.expression(&from, scope, depth);
                let text = format!("{} {}", function.at(Level::Select), argument.at(Level::Select));
                Code::new(text, Level::Apply)
            }
            6 => self.let_function(ty, scope, depth),
            _ => self.functor(ty, scope, depth),
        }
    }

    fn let_in(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let count = 1 + self.pick(3);
        let fields: Vec<_> =
            self.distinct_names(count).into_iter().map(|name| (name, self.data_type(1))).collect();
        let definitions = self.recursive_definitions(&fields, scope, depth);
        let mut inner = scope.clone();
        for (name, ty) in fields {
            inner.bind(name, ty);
        }
        let body = self.expression(ty, &inner, depth).text();
        Code::new(format!("let {definitions} in {body}"), Level::Open)
    }

    fn with(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let name = self.one_of(NAMES);
        let fields = self.fields_with(name, ty);
        let namespace = self.expression(&Type::Set(fields.clone()), scope, depth).text();
        let mut inner = scope.clone();
        inner.bind_namespace(&fields);
        let body = self.expression(ty, &inner, depth).text();
        Code::new(format!("with {namespace}; {body}"), Level::Open)
    }

    /// The fields of a set that has `name` of type `ty`, and perhaps others.
    pub(super) fn fields_with(
        &mut self,
        name: &'static str,
        ty: &Type,
    ) -> Vec<(&'static str, Type)> {
        let count = self.pick(3);
        let mut fields = vec![(name, ty.clone())];
        for other in self.distinct_names(count) {
            if other != name {
                fields.push((other, self.data_type(1)));
            }
        }
        fields
    }

    fn let_function(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let from = self.data_type(1);
        let name = self.one_of(NAMES);
        let mut inner = scope.clone();
        inner.hide(name);
        let function = self.function(&from, ty, &inner, depth).text();
        let argument = self.expression(&from, &inner, depth).at(Level::Select);
        Code::new(format!("let {name} = {function}; in {name} {argument}"), Level::Open)
    }

    fn functor(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let from = self.data_type(0);
        let field = self.data_type(0);
        let stored = self.expression(&field, scope, depth).text();
        let mut inner = scope.clone();
        inner.bind("x", from.clone());
        let body = self.expression(ty, &inner, depth).text();
        let argument = self.expression(&from, scope, depth).at(Level::Select);
        Code::new(
            format!(
                "{{ n = {stored}; __functor = self: x: builtins.seq self.n ({body}); }} {argument}"
            ),
            Level::Apply,
        )
    }

    /// A function in one of its forms.
    pub(super) fn function(&mut self, from: &Type, to: &Type, scope: &Scope, depth: u32) -> Code {
        let mut inner = scope.clone();
        let head = match (from, self.pick(5)) {
            (Type::Set(fields), 1..) => {
                let ellipsis = self.sometimes(2);
                let mut parts = Vec::new();
                for (name, _) in fields {
                    inner.hide(name);
                }
                for (name, ty) in fields {
                    if ellipsis && self.sometimes(4) {
                        continue;
                    }
                    let default = self.sometimes(3).then(|| self.leaf(ty, &inner).text());
                    inner.bind(name, ty.clone());
                    parts.push(match default {
                        Some(default) => format!("{name} ? {default}"),
                        None => (*name).to_owned(),
                    });
                }
                let extra = self.sometimes(3).then(|| self.data_type(0));
                if let Some(extra) = extra {
                    let default = self.leaf(&extra, &inner).text();
                    parts.push(format!("extra ? {default}"));
                }
                if ellipsis {
                    parts.push("...".to_owned());
                }
                let pattern = format!("{{ {} }}", parts.join(", "));
                match self.pick(4) {
                    2 => {
                        inner.bind("args", from.clone());
                        format!("{pattern}@args")
                    }
                    3 => format!("args @ {pattern}"),
                    _ => pattern,
                }
            }
            _ => {
                let name = self.one_of(NAMES);
                inner.bind(name, from.clone());
                name.to_owned()
            }
        };
        let body = self.expression(to, &inner, depth).text();
        Code::new(format!("{head}: {body}"), Level::Open)
    }
}
