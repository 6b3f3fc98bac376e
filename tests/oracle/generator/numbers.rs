//! Integers, floats and truth values.

use super::code::{Code, Level};
use super::scope::Scope;
use super::{Generator, Type};

impl Generator<'_> {
    pub(super) fn int_literal(&mut self) -> Code {
        let int =
            self.one_of(&["0", "1", "2", "3", "7", "10", "042", "1000", "-1", "-7", "123456"]);
        Code::new(int, if int.starts_with('-') { Level::Negate } else { Level::Atom })
    }

    pub(super) fn float_literal(&mut self) -> Code {
        Code::atom(
            self.one_of(&["1.0", "0.5", "2.25", ".5", "1.5e3", "3.0e-2", "1.0e20", "100.125"]),
        )
    }

    fn number(&mut self, scope: &Scope, depth: u32) -> Code {
        let ty = if self.sometimes(3) { Type::Float } else { Type::Int };
        self.expression(&ty, scope, depth)
    }

    pub(super) fn int(&mut self, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Int, scope, depth);
        match self.pick(12) {
            0 => self.int_literal(),
            1 | 2 => Code::left(operand(self), "+", operand(self), Level::Add),
            3 | 4 => Code::left(operand(self), "-", operand(self), Level::Add),
            5 => {
                let factor = self.one_of(&["2", "3", "0", "10"]);
                Code::left(operand(self), "*", Code::atom(factor), Level::Multiply)
            }
            6 | 7 => {
                let divisor = self.one_of(&["2", "3", "10", "(-2)", "(-3)", "0"]);
                Code::left(operand(self), "/", Code::atom(divisor), Level::Multiply)
            }
            8 => Code::new(format!("-{}", operand(self).at(Level::Apply)), Level::Negate),
            _ => self.int_call(scope, depth),
        }
    }

    pub(super) fn float(&mut self, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Float, scope, depth);
        match self.pick(7) {
            0 => self.float_literal(),
            1 => Code::left(operand(self), "+", self.number(scope, depth), Level::Add),
            2 => Code::left(self.number(scope, depth), "-", operand(self), Level::Add),
            3 => Code::left(operand(self), "*", Code::atom("2.5"), Level::Multiply),
            4 => Code::left(operand(self), "/", Code::atom("4"), Level::Multiply),
            5 => Code::new(format!("-{}", operand(self).at(Level::Apply)), Level::Negate),
            _ => Code::call("builtins.add", [operand(self), self.number(scope, depth)]),
        }
    }

    pub(super) fn boolean(&mut self, scope: &Scope, depth: u32) -> Code {
        let operand = |this: &mut Self| this.expression(&Type::Bool, scope, depth);
        match self.pick(14) {
            0 => Code::atom(self.one_of(&["true", "false"])),
            1 => Code::left(operand(self), "&&", operand(self), Level::And),
            2 => Code::left(operand(self), "||", operand(self), Level::Or),
            3 => Code::right(operand(self), "->", operand(self), Level::Implies),
            4 => Code::new(format!("!{}", operand(self).at(Level::Not)), Level::Not),
            5 | 6 => {
                let operator = self.one_of(&["<", "<=", ">", ">="]);
                let (left, right) = self.comparable(scope, depth);
                Code::single(left, operator, right, Level::Compare)
            }
            7 | 8 => {
                let operator = self.one_of(&["==", "!="]);
                let ty = self.data_type(1);
                let left = self.expression(&ty, scope, depth);
                let other = if self.sometimes(4) { self.data_type(1) } else { ty };
                let right = self.expression(&other, scope, depth);
                Code::single(left, operator, right, Level::Equal)
            }
            9 | 10 => self.has_attribute(scope, depth),
            _ => self.bool_call(scope, depth),
        }
    }

    /// Two expressions that can be ordered.
    pub(super) fn comparable(&mut self, scope: &Scope, depth: u32) -> (Code, Code) {
        let ty = match self.pick(5) {
            0 | 1 => return (self.number(scope, depth), self.number(scope, depth)),
            2 | 3 => Type::Str,
            _ => Type::List(Box::new(if self.sometimes(2) { Type::Int } else { Type::Str })),
        };
        (self.expression(&ty, scope, depth), self.expression(&ty, scope, depth))
    }

    fn has_attribute(&mut self, scope: &Scope, depth: u32) -> Code {
        let ty = self.data_type(2);
        let set = self.expression(&ty, scope, depth).at(Level::Has);
        let count = 1 + self.pick(2);
        let path: Vec<_> = (0..count).map(|_| self.one_of(super::NAMES)).collect();
        let path = path.join(self.one_of(&[".", " . "]));
        // `?` does not group.
        Code::new(format!("({set}) ? {path}"), Level::Has)
    }
}
