//! Random Nix that is mostly well typed: each expression is made for a type, in a scope whose
//! names have types.
//!
//! An [`Expression`] is a list of numbers from which the generator takes its choices, nought being
//! the plainest choice: shorter lists of smaller numbers make simpler expressions, which is how
//! proptest shrinks one that fails.

mod calls;
mod code;
mod lists;
mod numbers;
mod scope;
mod sets;
mod strings;

use proptest::prelude::*;

use code::{Code, Level};
use scope::Scope;

/// Enough choices for the expressions that are wanted.
const CHOICES: usize = 160;

/// Expressions inside each other.
const DEPTH: u32 = 5;

/// A random Nix expression that gives data: no function anywhere in it.
pub fn expression() -> impl Strategy<Value = Expression> {
    prop::collection::vec(any::<u16>(), 0..CHOICES).prop_map(Expression)
}

/// The choices that make an expression.
#[derive(Clone)]
pub struct Expression(Vec<u16>);

impl Expression {
    /// The expression, as Nix text.
    pub fn text(&self) -> String {
        let mut generator = Generator { choices: self.0.iter() };
        let ty = generator.data_type(2);
        generator.expression(&ty, &Scope::default(), DEPTH).text()
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

/// What an expression gives: data, as functions are only made where they are called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Type {
    Int,
    Bool,
    Str,
    Null,
    Float,
    List(Box<Type>),
    Set(Vec<(&'static str, Type)>),
}

/// Names of attributes and variables: few, so that they meet and shadow each other.
const NAMES: &[&str] = &["a", "b", "c", "x", "y", "foo-bar", "x'", "_", "B"];

struct Generator<'c> {
    choices: std::slice::Iter<'c, u16>,
}

impl Generator<'_> {
    /// A number below `count`, nought when there are no more choices.
    fn pick(&mut self, count: usize) -> usize {
        self.choices.next().map_or(0, |choice| usize::from(*choice) * count / 0x1_0000)
    }

    /// True once in `times`.
    fn sometimes(&mut self, times: usize) -> bool {
        self.pick(times) == times - 1
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.pick(items.len())]
    }

    /// `count` different names, starting anywhere.
    fn distinct_names(&mut self, count: usize) -> Vec<&'static str> {
        let start = self.pick(NAMES.len());
        (start..start + count).map(|index| NAMES[index % NAMES.len()]).collect()
    }

    /// A type without functions, nested at most `depth` deep.
    fn data_type(&mut self, depth: u32) -> Type {
        match self.pick(if depth == 0 { 6 } else { 10 }) {
            0 | 1 => Type::Int,
            2 => Type::Str,
            3 => Type::Bool,
            4 => Type::Float,
            5 => Type::Null,
            6 | 7 => Type::List(Box::new(self.data_type(depth - 1))),
            _ => {
                let count = self.pick(4);
                let names = self.distinct_names(count);
                Type::Set(names.into_iter().map(|name| (name, self.data_type(depth - 1))).collect())
            }
        }
    }

    /// An expression of type `ty`.
    fn expression(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        if depth == 0 {
            return self.leaf(ty, scope);
        }
        match self.pick(16) {
            0..=5 => self.form(ty, scope, depth - 1),
            6 | 7 => self.variable(ty, scope).unwrap_or_else(|| self.leaf(ty, scope)),
            8..=10 => self.binding_form(ty, scope, depth - 1),
            11 => self.condition(ty, scope, depth - 1),
            12 => self.selection(ty, scope, depth - 1),
            13 | 14 => self.call(ty, scope, depth - 1),
            _ => self.picked_from_data(ty, scope, depth - 1),
        }
    }

    /// A literal, or a name.
    fn leaf(&mut self, ty: &Type, scope: &Scope) -> Code {
        if self.sometimes(2)
            && let Some(variable) = self.variable(ty, scope)
        {
            return variable;
        }
        self.literal(ty)
    }

    fn literal(&mut self, ty: &Type) -> Code {
        match ty {
            Type::Int => self.int_literal(),
            Type::Float => self.float_literal(),
            Type::Bool => Code::atom(self.one_of(&["true", "false"])),
            Type::Null => Code::atom("null"),
            Type::Str => self.plain_string(),
            Type::List(item) => {
                let count = self.pick(3);
                let items: Vec<_> =
                    (0..count).map(|_| self.literal(item).at(Level::Select)).collect();
                Code::atom(format!("[ {} ]", items.join(" ")))
            }
            Type::Set(fields) => {
                let entries: Vec<_> = fields
                    .iter()
                    .map(|(name, ty)| format!("{name} = {};", self.literal(ty).text()))
                    .collect();
                Code::atom(format!("{{ {} }}", entries.join(" ")))
            }
        }
    }

    /// The operators and literals of one type.
    fn form(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        match ty {
            Type::Int => self.int(scope, depth),
            Type::Float => self.float(scope, depth),
            Type::Bool => self.boolean(scope, depth),
            Type::Null => Code::atom("null"),
            Type::Str => self.string(scope, depth),
            Type::List(item) => self.list(item, scope, depth),
            Type::Set(fields) => self.set(fields, scope, depth),
        }
    }

    fn condition(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let condition = self.expression(&Type::Bool, scope, depth).text();
        let then = self.expression(ty, scope, depth);
        let otherwise = match self.sometimes(8) {
            true => Code::atom("abort \"not reached\""),
            false => self.expression(ty, scope, depth),
        };
        match self.pick(6) {
            4 => Code::new(format!("assert {condition}; {}", then.text()), Level::Open),
            5 => Code::new(
                format!("assert ! ({condition}) || {condition}; {}", then.text()),
                Level::Open,
            ),
            _ => Code::new(
                format!("if {condition} then {} else {}", then.text(), otherwise.text()),
                Level::Open,
            ),
        }
    }
}
