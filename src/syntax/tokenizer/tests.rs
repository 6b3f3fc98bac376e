//! The tokens are held against those of the parser's tokenizer.

use super::*;
use crate::syntax::samples::{Random, fixtures, other_files};

fn check(text: &str) {
    let expected: Vec<_> = rnix::tokenize(text).collect();
    assert_eq!(tokenize(text).collect::<Vec<_>>(), expected, "{text:?}");
}

#[test]
fn tokens_are_those_of_the_parser() {
    for text in [
        "",
        "a.b/c a.b//c a:b a: b a_b:c",
        "./a${b}c/${d}${e}/ /${f} ~/g ~h <i/j> <k",
        "1 1.5 .5 01 1e5 1.5e-3 ... .. a.b.5",
        "\"a\\\"${b + \"c${d}\"}$${e}\" ''f '' ''g'''h''\\''${i}''${j}$$''",
        "\"a\\",
        "\"a",
        "''a'",
        "''a''\\",
        "\"${",
        "# a\n/* b */ /* c",
        "a\u{a0}b \u{2003}c é",
        "a'b:c __curPos or $ ${",
        "{ } ] } ${ { } }",
    ] {
        check(text);
    }
}

#[test]
fn tokens_of_the_fixtures_are_those_of_the_parser() {
    let mut random = Random::of(4);
    for text in fixtures() {
        check(&text);
        for _ in 0..4 {
            // One that is cut anywhere.
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let (from, to) = (random.below(ends.len()), random.below(ends.len()));
            check(&text[ends[from.min(to)]..ends[from.max(to)]]);
        }
    }
}

#[test]
fn tokens_of_random_texts_are_those_of_the_parser() {
    const PIECES: [&str; 56] = [
        "a", "b_", "or", "let", "x1", "1", "0", ".5", "e", "_", "-", "+", "++", ".", "..", "...",
        "/", "//", "./", "~/", "~", "<", ">", "<a>", ":", "::", "?", "@", "&", "&&", "|", "||",
        "=", "==", "!", "$", "${", "${", "}", "{", "\"", "\"", "'", "''", "''", "\\", ";", ",",
        "(", ")", "#", "/*", "*/", " ", "\n", "\u{a0}é",
    ];
    let mut random = Random::of(5);
    for _ in 0..200_000 {
        let count = 1 + random.below(12);
        let text: String = (0..count).map(|_| PIECES[random.below(PIECES.len())]).collect();
        check(&text);
    }
}

#[test]
#[ignore = "it asks for folders"]
fn tokens_of_other_files_are_those_of_the_parser() {
    other_files().for_each(|text| check(&text));
}
