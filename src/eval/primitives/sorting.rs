//! Sorting by a comparison that the tree gives.

use super::lists::evaluated;
use crate::eval::{Evaluator, ThunkId, Value};

/// A stable merge sort: the comparison may be any function of the tree, and be wrong.
pub(super) fn sort(e: &mut Evaluator<'_>, a: &[ThunkId]) -> Result<Value, Value> {
    let items = e.list_of(a[1])?;
    for item in items.iter() {
        evaluated(e, *item)?;
    }
    let mut runs: Vec<Vec<ThunkId>> = items.iter().map(|item| vec![*item]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge_sorted(e, a[0], &left, &right)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(Value::list(runs.pop().unwrap_or_default()))
}

fn merge_sorted(
    e: &mut Evaluator<'_>,
    less: ThunkId,
    left: &[ThunkId],
    right: &[ThunkId],
) -> Result<Vec<ThunkId>, Value> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left, right);
    while let ([first, left_rest @ ..], [second, right_rest @ ..]) = (left, right) {
        let swap = e.call2(less, *second, *first);
        if e.condition(&swap)? {
            merged.push(*second);
            right = right_rest;
        } else {
            merged.push(*first);
            left = left_rest;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    Ok(merged)
}
