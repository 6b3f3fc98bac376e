//! Lists.

use super::code::{Code, Level};
use super::scope::Scope;
use super::{Generator, Type};

impl Generator<'_> {
    pub(super) fn list(&mut self, item: &Type, scope: &Scope, depth: u32) -> Code {
        let ty = Type::List(Box::new(item.clone()));
        let operand = |this: &mut Self| this.expression(&ty, scope, depth);
        let function =
            |this: &mut Self, from: &Type, to: &Type| this.function(from, to, scope, depth);
        match self.pick(16) {
            0..=2 => self.list_literal(item, scope, depth),
            3 | 4 => Code::right(operand(self), "++", operand(self), Level::Concat),
            5 | 6 => {
                let from = self.data_type(1);
                let mapped = self.expression(&Type::List(Box::new(from.clone())), scope, depth);
                Code::call("map", [function(self, &from, item), mapped])
            }
            7 => {
                let name = self.one_of(&["filter", "lib.filter"]);
                let name = if name == "filter" { "builtins.filter" } else { name };
                Code::call(name, [function(self, item, &Type::Bool), operand(self)])
            }
            8 => {
                let count = self.one_of(&["0", "1", "2", "3"]);
                Code::call(
                    "builtins.genList",
                    [function(self, &Type::Int, item), Code::atom(count)],
                )
            }
            9 => Code::call("builtins.concatLists", [self.list_literal(&ty, scope, depth)]),
            10 => Code::call("builtins.tail", [operand(self)]),
            11 => self.sorted(item, scope, depth),
            12 => {
                let from = self.data_type(0);
                let mapped = self.expression(&Type::List(Box::new(from.clone())), scope, depth);
                Code::call("builtins.concatMap", [function(self, &from, &ty), mapped])
            }
            13 => {
                let side = self.one_of(&["right", "wrong"]);
                let split = Code::call(
                    "builtins.partition",
                    [function(self, item, &Type::Bool), operand(self)],
                );
                Code::new(format!("({}).{side}", split.text()), Level::Select)
            }
            _ => self.list_call(item, scope, depth),
        }
    }

    pub(super) fn list_literal(&mut self, item: &Type, scope: &Scope, depth: u32) -> Code {
        let count = self.pick(4);
        let items: Vec<_> =
            (0..count).map(|_| self.expression(item, scope, depth).at(Level::Select)).collect();
        Code::atom(format!("[{}]", items.join(" ")))
    }

    fn sorted(&mut self, item: &Type, scope: &Scope, depth: u32) -> Code {
        let list = self.expression(&Type::List(Box::new(item.clone())), scope, depth);
        match item {
            Type::Int | Type::Float | Type::Str => {
                let order = self.one_of(&["(x: y: x < y)", "(x: y: y < x)", "builtins.lessThan"]);
                Code::call("builtins.sort", [Code::atom(order), list])
            }
            _ => Code::call("lib.reverseList", [list]),
        }
    }

    fn list_call(&mut self, item: &Type, scope: &Scope, depth: u32) -> Code {
        let ty = Type::List(Box::new(item.clone()));
        let operand = |this: &mut Self| this.expression(&ty, scope, depth);
        match self.pick(14) {
            0 => {
                let condition = self.expression(&Type::Bool, scope, depth);
                Code::call("lib.optionals", [condition, operand(self)])
            }
            1 => {
                let condition = self.expression(&Type::Bool, scope, depth);
                let only = self.expression(item, scope, depth);
                Code::call("lib.optional", [condition, only])
            }
            2 => Code::call("lib.unique", [operand(self)]),
            3 => Code::call(
                self.one_of(&["lib.take", "lib.drop"]),
                [Code::atom(self.one_of(&["0", "1", "2", "5"])), operand(self)],
            ),
            4 => {
                let from = self.data_type(0);
                let inner = self.function(&from, item, scope, depth).text();
                let list = self.expression(&Type::List(Box::new(from)), scope, depth);
                let name = self.one_of(&["lib.imap0", "lib.imap1"]);
                Code::call(name, [Code::new(format!("i: {inner}"), Level::Open), list])
            }
            5 => Code::call("lib.singleton", [self.expression(item, scope, depth)]),
            6 => {
                let fields = self.fields_with("a", item);
                let sets = self.list_literal(&Type::Set(fields), scope, depth);
                Code::call("builtins.catAttrs", [Code::atom("\"a\""), sets])
            }
            7 => {
                let fields: Vec<_> =
                    self.distinct_names(3).into_iter().map(|name| (name, item.clone())).collect();
                let set = self.expression(&Type::Set(fields), scope, depth);
                Code::call("builtins.attrValues", [set])
            }
            8 if !matches!(item, Type::List(_)) => {
                Code::call("lib.flatten", [self.list_literal(&ty, scope, depth)])
            }
            9 if *item == Type::Int => {
                Code::call("lib.range", [self.int_literal(), self.int_literal()])
            }
            9 | 10 if *item == Type::Str => self.string_list(scope, depth),
            11 => {
                let from = self.data_type(0);
                let function = self.function(&from, item, scope, depth);
                let list = self.expression(&Type::List(Box::new(from)), scope, depth);
                Code::call("lib.forEach", [list, function])
            }
            12 => {
                let step = Code::atom("(x: acc: [ x ] ++ acc)");
                let name = self.one_of(&["lib.foldr", "lib.fold"]);
                Code::call(name, [step, operand(self), operand(self)])
            }
            _ => {
                let step = Code::atom("(acc: x: [ x ] ++ acc)");
                let name = self.one_of(&["builtins.foldl'", "lib.foldl"]);
                Code::call(name, [step, operand(self), operand(self)])
            }
        }
    }

    /// Lists of strings that only strings and sets can give.
    fn string_list(&mut self, scope: &Scope, depth: u32) -> Code {
        match self.pick(4) {
            0 => {
                let version = self.one_of(&["\"1.2.3\"", "\"1.2pre4-a\"", "\"..a1b--2.\"", "\"\""]);
                Code::call("builtins.splitVersion", [Code::atom(version)])
            }
            1 => {
                let ty = self.data_type(2);
                let set = match ty {
                    Type::Set(_) => self.expression(&ty, scope, depth),
                    _ => Code::atom(
                        "{ B = 1; a = 2; _ = 3; \"1\" = 4; foo-bar = 5; é = 6; }"
                            .replace("é", "\"é\""),
                    ),
                };
                Code::call("builtins.attrNames", [set])
            }
            2 => {
                let separator = self.one_of(&["\",\"", "\"a\"", "\"--\"", "\" \""]);
                let text = self.expression(&Type::Str, scope, depth);
                Code::call("lib.splitString", [Code::atom(separator), text])
            }
            _ => {
                let value = self.data_type(0);
                let fields: Vec<_> =
                    self.distinct_names(2).into_iter().map(|name| (name, value.clone())).collect();
                let set = self.expression(&Type::Set(fields), scope, depth);
                let function = Code::atom("(n: v: n + builtins.toJSON (builtins.typeOf v))");
                Code::call("lib.mapAttrsToList", [function, set])
            }
        }
    }
}
