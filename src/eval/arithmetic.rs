//! Arithmetic, with Nix's checks: nothing overflows or divides by zero in silence.

use super::operators::error;
use super::{Kind, Value};
use crate::hir::Binary;

/// Arithmetic on numbers, with Nix's checks.
pub(super) fn arithmetic(operator: Binary, left: &Value, right: &Value) -> Kind {
    #[allow(clippy::cast_precision_loss)]
    match (&left.kind, &right.kind) {
        (Kind::Int(left), Kind::Int(right)) => integers(operator, *left, *right),
        (Kind::Int(left), Kind::Float(right)) => floats(operator, *left as f64, *right),
        (Kind::Float(left), Kind::Int(right)) => floats(operator, *left, *right as f64),
        (Kind::Float(left), Kind::Float(right)) => floats(operator, *left, *right),
        _ if left.is_undetermined() => Kind::Unknown(left.why()),
        _ if right.is_undetermined() => Kind::Unknown(right.why()),
        _ => error(&format!("{} and {} are no numbers", left.type_name(), right.type_name())),
    }
}

fn integers(operator: Binary, left: i64, right: i64) -> Kind {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        _ if right == 0 => return error("division by zero"),
        _ => left.checked_div(right),
    };
    result.map_or_else(|| error("integer overflow"), Kind::Int)
}

fn floats(operator: Binary, left: f64, right: f64) -> Kind {
    Kind::Float(match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        _ if right == 0.0 => return error("division by zero"),
        _ => left / right,
    })
}
