//! Applying edits.

use proptest::prelude::*;
use text_size::TextRange;

use crate::source::{Edit, EditError, apply_edits};

fn edit(start: u32, end: u32, text: &str) -> Edit {
    Edit { range: TextRange::new(start.into(), end.into()), text: text.to_owned() }
}

#[test]
fn edits_are_made_at_once_in_any_order() {
    let edits = [edit(4, 5, "C"), edit(0, 1, "AA"), edit(2, 3, "")];
    assert_eq!(apply_edits("a b c", &edits).as_deref(), Ok("AA  C"));
}

#[test]
fn edits_may_touch() {
    let edits = [edit(1, 2, "-"), edit(1, 1, "<"), edit(2, 2, ">"), edit(2, 2, "!")];
    assert_eq!(apply_edits("abc", &edits).as_deref(), Ok("a<->!c"));
}

#[test]
fn overlapping_edits_are_refused() {
    let overlap =
        |edits: &[Edit]| matches!(apply_edits("abcd", edits), Err(EditError::Overlap { .. }));
    assert!(overlap(&[edit(0, 2, ""), edit(1, 3, "")]));
    assert!(overlap(&[edit(0, 2, "x"), edit(0, 2, "x")]));
    assert!(overlap(&[edit(0, 3, ""), edit(1, 1, "x")]));
    assert!(overlap(&[edit(0, 4, ""), edit(1, 2, ""), edit(3, 4, "")]));
}

#[test]
fn edits_that_do_not_fit_the_text_are_refused() {
    let misplaced =
        |text, edit| matches!(apply_edits(text, &[edit]), Err(EditError::Misplaced { .. }));
    assert!(misplaced("abc", edit(2, 4, "")));
    assert!(misplaced("abc", edit(9, 9, "x")));
    assert!(misplaced("é", edit(1, 2, "")));
    assert!(misplaced("é", edit(0, 1, "")));
}

#[test]
fn new_line_breaks_become_the_texts_own() {
    let inserted = |text| apply_edits(text, &[edit(1, 1, "x\ny\r\nz")]).expect("fits");
    assert_eq!(inserted("a\r\nb\r\n"), "ax\r\ny\r\nz\r\nb\r\n");
    assert_eq!(inserted("a\nb\n"), "ax\ny\r\nz\nb\n");
}

proptest! {
    #[test]
    fn no_edits_make_it_panic(
        text in "[aé\r\n]{0,12}",
        ranges in prop::collection::vec((0u32..16, 0u32..16, "[é\n]{0,2}"), 0..5),
    ) {
        let edits: Vec<Edit> = ranges
            .into_iter()
            .map(|(one, other, new)| edit(one.min(other), one.max(other), &new))
            .collect();
        let gone: usize = edits.iter().map(|edit| usize::from(edit.range.len())).sum();
        if let Ok(result) = apply_edits(&text, &edits) {
            prop_assert!(result.len() >= text.len() - gone);
        }
    }
}
