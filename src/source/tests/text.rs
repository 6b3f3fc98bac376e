//! Decoding, lines and columns.

use proptest::prelude::*;
use text_size::{TextRange, TextSize};

use crate::source::{Eol, Position, ReadError, SourceFile, Utf16Position};

fn file(text: &str) -> SourceFile {
    SourceFile::new("x.nix", text)
}

fn decode(bytes: &[u8]) -> Result<SourceFile, ReadError> {
    SourceFile::decode("x.nix", bytes)
}

#[test]
fn the_byte_order_mark_is_set_aside_and_counted_in_offsets() {
    let file = decode(b"\xef\xbb\xbf{ }\nx").expect("text");
    assert_eq!((&*file.text, file.bom), ("{ }\nx", true));
    assert_eq!(file.position(TextSize::new(0)), Position { line: 1, column: 1, offset: 3 });
    assert_eq!(file.position(TextSize::new(4)), Position { line: 2, column: 1, offset: 7 });
}

#[test]
fn what_is_no_text_says_why() {
    let error = |bytes: &[u8]| decode(bytes).expect_err("no text");
    assert_eq!(error(b"ab\xffc"), ReadError::NotUtf8 { offset: 2 });
    assert_eq!(error(b"\xff\xfe{\0}\0"), ReadError::NotUtf8 { offset: 0 });
    assert_eq!(error(b"{ }\0"), ReadError::Binary { offset: 3 });
    assert_eq!(error(b"\xef\xbb\xbf{\0"), ReadError::Binary { offset: 4 });
    assert_eq!(error(b"\0GITCRYPT\0\xff\xfe"), ReadError::Encrypted { with: "git-crypt" });
    assert_eq!(error(b"age-encryption.org/v1\n-> X"), ReadError::Encrypted { with: "age" });
}

#[test]
fn the_ending_of_most_lines_counts() {
    assert_eq!(file("").eol, Eol::Lf);
    assert_eq!(file("a\nb\r\n").eol, Eol::Lf);
    assert_eq!(file("a\r\nb\r\nc\n").eol, Eol::CrLf);
}

#[test]
fn every_kind_of_line_break_ends_a_line() {
    let file = file("a\r\nb\rc\n\nd");
    let lines: Vec<&str> = (1..=6).map(|line| file.line_text(line)).collect();
    assert_eq!(lines, ["a", "b", "c", "", "d", ""]);
    assert_eq!(file.lines().len(), 5);
    assert_eq!(file.line_text(0), "");
    let lines_of = |offset| file.position(TextSize::new(offset)).line;
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8].map(lines_of), [1, 1, 1, 2, 2, 3, 3, 4, 5]);
}

#[test]
fn columns_count_scalars_for_people_and_code_units_for_editors() {
    let file = file("é😀x");
    let x = TextSize::of("é😀");
    assert_eq!(file.position(x), Position { line: 1, column: 3, offset: 6 });
    assert_eq!(file.utf16_position(x), Utf16Position { line: 0, character: 3 });
    let inside_the_pair = Utf16Position { line: 0, character: 2 };
    assert_eq!(file.utf16_offset(inside_the_pair), TextSize::of("é"));
}

#[test]
fn places_outside_the_text_are_its_nearest() {
    let file = file("é\n");
    assert_eq!(file.position(TextSize::new(1)), Position { line: 1, column: 1, offset: 0 });
    assert_eq!(file.position(TextSize::new(99)), Position { line: 2, column: 1, offset: 3 });
    assert_eq!(file.offset(1, 99), TextSize::of("é"));
    assert_eq!(file.offset(99, 1), TextSize::of("é\n"));
    assert_eq!(file.offset(0, 0), TextSize::new(0));
    assert_eq!(file.slice(TextRange::new(1.into(), 3.into())), "");
    assert_eq!(file.slice(TextRange::new(2.into(), 9.into())), "");
    assert_eq!(file.slice(file.range()), "é\n");
}

proptest! {
    #[test]
    fn a_place_told_is_found_again(text in "[a\r\né😀\u{301}]{0,40}") {
        let file = file(&text);
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let at = TextSize::new(at as u32);
            // Between the halves of a line break there is no column of its own.
            let splits = text[..at.into()].ends_with('\r') && text[at.into()..].starts_with('\n');
            let Position { line, column, offset } = file.position(at);
            prop_assert_eq!(offset, u32::from(at));
            if !splits {
                prop_assert_eq!(file.offset(line, column), at);
                prop_assert_eq!(file.utf16_offset(file.utf16_position(at)), at);
            }
        }
    }

    #[test]
    fn lines_and_breaks_make_the_text(text in "[a\r\né]{0,40}") {
        let file = file(&text);
        let joined: usize = (1..=file.lines().len() as u32).map(|line| file.line_text(line).len()).sum();
        let breaks = text.matches(['\r', '\n']).count();
        prop_assert_eq!(joined + breaks, text.len());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, offset: u32) {
        if let Ok(file) = decode(&bytes) {
            file.position(offset.into());
            file.utf16_offset(Utf16Position { line: offset, character: offset });
        }
    }
}
