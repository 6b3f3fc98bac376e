//! Whether a value may be a number, told by its text without evaluating it. A number that limits builds
//! may decide an option of a program too; most options of programs are text, lists and sets, which are
//! not evaluated to find that out.

use super::Collector;
use super::callee::called_name;
use super::unbound::application_head;
use crate::eval::{Delayed, EnvId, Site, ThunkId};
use crate::hir::{Binary, Expr, ExprId, File, Unary, Variable};

/// Names that stand for names are followed to this depth.
const MAX_DEPTH: u32 = 16;

/// Functions of Nix and its library that never give a number.
const NEVER: [&str; 34] = [
    "attrNames",
    "attrValues",
    "concatLines",
    "concatLists",
    "concatMap",
    "concatMapStrings",
    "concatMapStringsSep",
    "concatStrings",
    "concatStringsSep",
    "escapeShellArg",
    "escapeShellArgs",
    "filter",
    "filterAttrs",
    "flatten",
    "genAttrs",
    "listToAttrs",
    "map",
    "mapAttrs",
    "mapAttrs'",
    "mapAttrsToList",
    "optional",
    "optionalAttrs",
    "optionalString",
    "optionals",
    "readDir",
    "readFile",
    "recursiveUpdate",
    "removePrefix",
    "removeSuffix",
    "replaceStrings",
    "splitString",
    "toJSON",
    "toString",
    "unique",
];

impl Collector<'_, '_> {
    /// Whether `thunk` may be a number: false only where it surely is none.
    pub(super) fn may_be_number(&self, thunk: ThunkId) -> bool {
        self.may_be_number_within(thunk, 0)
    }

    fn may_be_number_within(&self, thunk: ThunkId, depth: u32) -> bool {
        if depth > MAX_DEPTH {
            return true;
        }
        match self.evaluator.delayed_by(thunk) {
            Delayed::Known(value) => value.as_int().is_some() || value.is_undetermined(),
            Delayed::Update(..) => false,
            Delayed::Expression(site, env) => {
                let hir = self.evaluator.program().file(site.file);
                hir.is_none_or(|hir| self.gives_number(hir, site, Some(env), depth))
            }
            _ => true,
        }
    }

    /// Whether the expression at `site` of `hir` may give a number, in `env` where that is known.
    fn gives_number(&self, hir: &File, site: Site, env: Option<EnvId>, depth: u32) -> bool {
        let at = |expr: ExprId| Site { file: site.file, expr };
        let deeper = depth + 1;
        let may = |expr: ExprId| self.gives_number(hir, at(expr), env, deeper);
        let inside = |expr: ExprId| self.gives_number(hir, at(expr), None, deeper);
        if depth > MAX_DEPTH {
            return true;
        }
        match hir.expr(site.expr) {
            Expr::Str(_)
            | Expr::Path(_)
            | Expr::Float(_)
            | Expr::List(_)
            | Expr::Attrs(_)
            | Expr::Lambda(_)
            | Expr::Has { .. }
            | Expr::Unary { operator: Unary::Not, .. } => false,
            Expr::Binary { operator, left, right } => match operator {
                Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide => {
                    may(*left) && may(*right)
                }
                _ => false,
            },
            Expr::If { then, otherwise, .. } => may(*then) || may(*otherwise),
            Expr::Let { body, .. } | Expr::With { body, .. } => inside(*body),
            Expr::Assert { body, .. } => may(*body),
            Expr::Apply { .. } => {
                let name = called_name(hir, application_head(hir, site.expr));
                name.is_none_or(|name| !NEVER.contains(&name.as_str()))
            }
            Expr::Variable(Variable::Builtin(name)) => {
                !matches!(name.as_str(), "true" | "false" | "null")
            }
            Expr::Variable(Variable::Local { depth, slot, .. }) => {
                let named = env.and_then(|env| self.evaluator.local(env, *depth, *slot));
                named.is_none_or(|named| self.may_be_number_within(named, deeper))
            }
            _ => true,
        }
    }
}
