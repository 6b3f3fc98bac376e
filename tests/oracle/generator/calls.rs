//! Calls of builtins and library functions, by what they give.

use super::code::{Code, Level};
use super::scope::Scope;
use super::{Generator, Type};

impl Generator<'_> {
    /// A call that gives any type.
    pub(super) fn call(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(ty, scope, depth);
        match self.pick(10) {
            0 => {
                let other = self.data_type(1);
                let other = self.expression(&other, scope, depth);
                let name = self.one_of(&["builtins.seq", "builtins.deepSeq", "lib.deepSeq"]);
                Code::call(name, [other, operand(self)])
            }
            1 => Code::call("lib.id", [operand(self)]),
            2 => Code::call("lib.const", [operand(self), Code::atom("(throw \"unused\")")]),
            3 => {
                let from = self.data_type(1);
                let argument = self.expression(&from, scope, depth);
                let function = self.function(&from, ty, scope, depth).at(Level::Select);
                Code::call("lib.pipe", [argument, Code::atom(format!("[ {function} ]"))])
            }
            4 => Code::new(
                format!("({}).value", Code::call("builtins.tryEval", [operand(self)]).text()),
                Level::Select,
            ),
            5 => Code::call("lib.flip", [Code::atom("(x: y: y)"), operand(self), Code::atom("0")]),
            6 => {
                let content = operand(self);
                let name = self.one_of(&[
                    "lib.mkDefault",
                    "lib.mkForce",
                    "lib.mkIf true",
                    "lib.mkOverride 7",
                    "lib.mkBefore",
                    "lib.mkOrder 3",
                ]);
                Code::new(
                    format!("({}).content", Code::call(name, [content]).text()),
                    Level::Select,
                )
            }
            7 => {
                let list = self.list_literal(ty, scope, depth);
                Code::call(
                    "builtins.head",
                    [Code::right(
                        list,
                        "++",
                        Code::atom(format!("[ ({}) ]", operand(self).text())),
                        Level::Concat,
                    )],
                )
            }
            8 => {
                let item = operand(self).at(Level::Select);
                let index = self.one_of(&["1", "0", "2"]);
                Code::call(
                    "builtins.elemAt",
                    [Code::atom(format!("[ ({item}) ({item}) ]")), Code::atom(index)],
                )
            }
            _ => {
                let name = self.one_of(super::NAMES);
                let fields = self.fields_with(name, ty);
                let set = self.expression(&Type::Set(fields), scope, depth);
                match self.pick(3) {
                    0 => Code::call("builtins.getAttr", [Code::atom(format!("\"{name}\"")), set]),
                    1 => {
                        let path = Code::atom(format!("[ \"{name}\" ]"));
                        Code::call("lib.attrByPath", [path, operand(self), set])
                    }
                    _ => Code::call(
                        "lib.getAttrFromPath",
                        [Code::atom(format!("[ \"{name}\" ]")), set],
                    ),
                }
            }
        }
    }

    /// An element or attribute out of data that has it.
    pub(super) fn picked_from_data(&mut self, ty: &Type, scope: &Scope, depth: u32) -> Code {
        match self.pick(4) {
            0 => {
                let list = self.expression(&Type::List(Box::new(ty.clone())), scope, depth);
                let name = self.one_of(&["builtins.head", "lib.last", "lib.head"]);
                Code::call(name, [list])
            }
            1 => {
                let item = self.expression(ty, scope, depth);
                let from = self.data_type(0);
                let list = self.expression(&Type::List(Box::new(from.clone())), scope, depth);
                let function = self.function(&from, ty, scope, depth).text();
                let step = Code::new(format!("_: {function}"), Level::Open);
                Code::call("builtins.foldl'", [step, item, list])
            }
            2 => {
                let fields = self.fields_with("a", ty);
                let set = self.expression(&Type::Set(fields), scope, depth);
                Code::new(format!("({{ a, ... }}: a) {}", set.at(Level::Select)), Level::Apply)
            }
            _ => {
                let text = self.expression(ty, scope, depth).text();
                let key = self.one_of(&["k", "\"k k\"", "k.l"]);
                Code::new(format!("{{ {key} = {text}; }}.{key}"), Level::Select)
            }
        }
    }

    pub(super) fn int_call(&mut self, scope: &Scope, depth: u32) -> Code {
        match self.pick(9) {
            0 => {
                let item = self.data_type(1);
                let list = self.expression(&Type::List(Box::new(item)), scope, depth);
                Code::call("builtins.length", [list])
            }
            1 => Code::call("builtins.stringLength", [self.expression(&Type::Str, scope, depth)]),
            2 => {
                let name = self.one_of(&["builtins.floor", "builtins.ceil"]);
                Code::call(name, [self.expression(&Type::Float, scope, depth)])
            }
            3 => {
                let version = |this: &mut Self| {
                    Code::atom(this.one_of(&[
                        "\"1.2\"",
                        "\"1.2.3\"",
                        "\"1.10\"",
                        "\"1.2pre3\"",
                        "\"1.2a\"",
                        "\"\"",
                        "\"2-1\"",
                        "\"a\"",
                        "\"1.2.0\"",
                        "\"1.2.\"",
                        "\"pre\"",
                        "\"01.2\"",
                    ]))
                };
                let (left, right) = (version(self), version(self));
                Code::call("builtins.compareVersions", [left, right])
            }
            4 => {
                let list = self.expression(&Type::List(Box::new(Type::Int)), scope, depth);
                let start = self.int_literal();
                Code::call("builtins.foldl'", [Code::atom("(sum: n: sum + n)"), start, list])
            }
            5 => {
                let list = self.expression(&Type::List(Box::new(Type::Int)), scope, depth);
                Code::call("lib.foldr", [Code::atom("(n: sum: n - sum)"), Code::atom("0"), list])
            }
            6 => {
                let name = self.one_of(&["lib.min", "lib.max"]);
                let operand = |this: &mut Self| this.expression(&Type::Int, scope, depth);
                Code::call(name, [operand(self), operand(self)])
            }
            7 => {
                let text = self.one_of(&["\"12\"", "\" -3 \"", "\"0\"", "\"-0\"", "\"7\\n\""]);
                Code::call("lib.toInt", [Code::atom(text)])
            }
            _ => {
                let operand = |this: &mut Self| this.expression(&Type::Int, scope, depth);
                let name = self.one_of(&[
                    "builtins.sub",
                    "builtins.mul 3",
                    "builtins.bitAnd",
                    "builtins.bitOr",
                    "builtins.bitXor",
                ]);
                match name {
                    "builtins.mul 3" => Code::call(name, [operand(self)]),
                    _ => Code::call(name, [operand(self), operand(self)]),
                }
            }
        }
    }

    pub(super) fn bool_call(&mut self, scope: &Scope, depth: u32) -> Code {
        match self.pick(9) {
            0 => {
                let item = self.data_type(1);
                let wanted = self.expression(&item, scope, depth);
                let list = self.expression(&Type::List(Box::new(item)), scope, depth);
                Code::call("builtins.elem", [wanted, list])
            }
            1 => {
                let item = self.data_type(0);
                let test = self.function(&item, &Type::Bool, scope, depth);
                let list = self.expression(&Type::List(Box::new(item)), scope, depth);
                Code::call(self.one_of(&["builtins.all", "builtins.any"]), [test, list])
            }
            2 => {
                let ty = self.data_type(2);
                let value = self.expression(&ty, scope, depth);
                let name = self.one_of(&[
                    "builtins.isInt",
                    "builtins.isFloat",
                    "builtins.isString",
                    "builtins.isBool",
                    "builtins.isList",
                    "builtins.isAttrs",
                    "builtins.isFunction",
                    "isNull",
                ]);
                Code::call(name, [value])
            }
            3 => {
                let (left, right) = self.comparable(scope, depth);
                Code::call("builtins.lessThan", [left, right])
            }
            4 | 5 => {
                let part = match self.sometimes(2) {
                    true => self.expression(&Type::Str, scope, depth),
                    false => self.plain_string(),
                };
                let text = self.expression(&Type::Str, scope, depth);
                let name = self.one_of(&["lib.hasPrefix", "lib.hasSuffix", "lib.hasInfix"]);
                Code::call(name, [part, text])
            }
            6 => {
                let name = self.one_of(&["lib.versionOlder", "lib.versionAtLeast"]);
                let version = |this: &mut Self| {
                    Code::atom(this.one_of(&[
                        "\"1.2\"",
                        "\"1.10\"",
                        "\"1.2pre\"",
                        "\"1.2.0\"",
                        "\"b\"",
                    ]))
                };
                let (left, right) = (version(self), version(self));
                Code::call(name, [left, right])
            }
            7 => {
                let name = Code::atom(format!("\"{}\"", self.one_of(super::NAMES)));
                let fields = self.fields_with("a", &Type::Int);
                let set = self.expression(&Type::Set(fields), scope, depth);
                Code::call("builtins.hasAttr", [name, set])
            }
            _ => {
                let path = Code::atom(self.one_of(&["[ ]", "[ \"a\" ]", "[ \"a\" \"b\" ]"]));
                let ty = self.data_type(1);
                let fields = self.fields_with("a", &ty);
                let set = self.expression(&Type::Set(fields), scope, depth);
                Code::call("lib.hasAttrByPath", [path, set])
            }
        }
    }

    pub(super) fn string_call(&mut self, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Str, scope, depth);
        let strings = Type::List(Box::new(Type::Str));
        match self.pick(13) {
            0 | 1 => {
                let ty = match self.data_type(2) {
                    Type::Set(_) => Type::List(Box::new(Type::Bool)),
                    ty if holds_set(&ty) => Type::Null,
                    ty => ty,
                };
                Code::call("toString", [self.expression(&ty, scope, depth)])
            }
            2 => {
                let list = self.expression(&strings, scope, depth);
                Code::call("builtins.concatStringsSep", [operand(self), list])
            }
            3 => {
                let from = Code::atom(self.one_of(&["0", "1", "2", "100"]));
                let length = Code::new(self.one_of(&["1", "0", "3", "(-1)", "100"]), Level::Atom);
                Code::call("builtins.substring", [from, length, operand(self)])
            }
            4 => {
                let tables = self.one_of(&[
                    ("[ \"a\" \"b\" ]", "[ \"b\" \"a\" ]"),
                    ("[ \"\" ]", "[ \"-\" ]"),
                    ("[ \"a\" \"\" ]", "[ \"x\" \".\" ]"),
                    ("[ \"foo\" \"f\" \"\\n\" ]", "[ \"\" \"g\" \"N\" ]"),
                    ("[ ]", "[ ]"),
                ]);
                let text = operand(self);
                Code::call(
                    "builtins.replaceStrings",
                    [Code::atom(tables.0), Code::atom(tables.1), text],
                )
            }
            5 => {
                let ty = self.data_type(1);
                Code::call("builtins.typeOf", [self.expression(&ty, scope, depth)])
            }
            6 => Code::call(self.one_of(&["baseNameOf", "dirOf"]), [operand(self)]),
            7 => {
                let ty = self.data_type(2);
                Code::call("builtins.toJSON", [self.expression(&ty, scope, depth)])
            }
            8 => {
                let name = self.one_of(&["lib.removePrefix", "lib.removeSuffix"]);
                Code::call(name, [self.plain_string(), operand(self)])
            }
            9 => {
                let names = ["lib.toUpper", "lib.toLower", "lib.escapeShellArg"];
                Code::call(self.one_of(&names), [operand(self)])
            }
            10 => {
                let item = self.data_type(0);
                let function = self.function(&item, &Type::Str, scope, depth);
                let list = self.expression(&Type::List(Box::new(item)), scope, depth);
                Code::call("lib.concatMapStringsSep \", \"", [function, list])
            }
            11 => {
                let condition = self.expression(&Type::Bool, scope, depth);
                Code::call("lib.optionalString", [condition, operand(self)])
            }
            _ => {
                let list = self.expression(&strings, scope, depth);
                Code::call(self.one_of(&["lib.concatStrings", "lib.concatLines"]), [list])
            }
        }
    }
}

fn holds_set(ty: &Type) -> bool {
    match ty {
        Type::Set(_) => true,
        Type::List(item) => holds_set(item),
        _ => false,
    }
}
