//! Changing a text at some of its places, all at once.

use text_size::TextRange;

use super::file::Eol;

/// Bytes of a text, and what is to stand in their place.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Edit {
    /// The bytes that go; empty to insert.
    pub range: TextRange,
    /// What comes. Its line breaks may be plain `\n`: they become the text's own.
    pub text: String,
}

/// Why some edits cannot be applied to a text together.
#[derive(Copy, Clone, Eq, PartialEq, Debug, thiserror::Error)]
pub enum EditError {
    /// Two edits change the same bytes.
    #[error("the edits at {first:?} and {second:?} overlap; apply one, then make the other anew")]
    Overlap {
        /// The edit that begins first.
        first: TextRange,
        /// The one that begins inside it.
        second: TextRange,
    },
    /// An edit reaches past the end or into a character.
    #[error("the edit at {range:?} does not fit the text; make it anew from the current text")]
    Misplaced {
        /// Its range.
        range: TextRange,
    },
}

/// `text` with all `edits` made. They may come in any order and may touch; of insertions at one
/// place, the first given comes first.
///
/// # Errors
/// When two of them overlap, or one does not lie on character boundaries of `text`.
pub fn apply_edits(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.range.start(), edit.range.end()));

    let eol = Eol::dominant(text);
    let added: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut result = String::with_capacity(text.len() + added);
    let mut done = TextRange::default();
    for edit in sorted {
        let range = edit.range;
        if range.start() < done.end() {
            return Err(EditError::Overlap { first: done, second: range });
        }
        let misplaced = EditError::Misplaced { range };
        let kept = text.get(done.end().into()..range.start().into()).ok_or(misplaced)?;
        text.get(std::ops::Range::<usize>::from(range)).ok_or(misplaced)?;
        result.push_str(kept);
        push_with_eol(&mut result, &edit.text, eol);
        done = range;
    }
    result.push_str(text.get(done.end().into()..).unwrap_or_default());
    Ok(result)
}

fn push_with_eol(result: &mut String, text: &str, eol: Eol) {
    match eol {
        Eol::Lf => result.push_str(text),
        Eol::CrLf => {
            for line in text.split_inclusive('\n') {
                let body =
                    line.strip_suffix('\n').map(|body| body.strip_suffix('\r').unwrap_or(body));
                result.push_str(body.unwrap_or(line));
                if body.is_some() {
                    result.push_str(eol.as_str());
                }
            }
        }
    }
}
