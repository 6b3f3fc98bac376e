//! Flags that ask for the CPU of the machine that builds, found in texts: which they are, and where
//! they say so.

use crate::lint::TreeContext;
use crate::source::Span;
use crate::syntax::{Node, SyntaxKind};

/// What the flags end in, and what must stand before that.
const FLAGS: [(&str, Before); 4] = [
    ("march=native", Before::Dash),
    ("mtune=native", Before::Dash),
    ("mcpu=native", Before::Dash),
    ("target-cpu=native", Before::NoWord),
];

/// The word for the machine's own CPU.
const NATIVE: &str = "native";

#[derive(Copy, Clone)]
enum Before {
    /// `-march=native`: a dash, which is a part of the flag.
    Dash,
    /// `-Ctarget-cpu=native`: anything but a longer name.
    NoWord,
}

/// The first flag of `text` that asks for the machine's own CPU.
pub(super) fn native_flag(text: &str) -> Option<String> {
    let first = |(flag, before): &(&str, Before)| {
        let at = occurrences(text, flag, *before).next()?;
        let dash = matches!(before, Before::Dash).then_some("-").unwrap_or_default();
        Some((at, format!("{dash}{flag}")))
    };
    FLAGS.iter().filter_map(first).min_by_key(|(at, _)| *at).map(|(_, flag)| flag)
}

fn occurrences<'t>(
    text: &'t str,
    flag: &'t str,
    before: Before,
) -> impl Iterator<Item = usize> + 't {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.match_indices(flag).map(|(at, _)| at).filter(move |at| {
        let head = &text[..*at];
        let begins = match before {
            Before::Dash => head.ends_with('-') && !head.trim_end_matches('-').ends_with(is_part),
            // `-C target-cpu`, `-Ctarget-cpu`, `"target-cpu`.
            Before::NoWord => !head.strip_suffix("-C").unwrap_or(head).ends_with(is_part),
        };
        begins && !text[*at + flag.len()..].starts_with(is_part)
    })
}

/// Where the strings in the expression at `span` say `native`: in a flag, or as the whole string.
pub(super) fn natives_in(cx: &TreeContext<'_>, span: Span, alone: bool) -> Vec<Span> {
    let file = cx.edited(span.file);
    let node = file.as_ref().and_then(|file| file.node(span));
    let tokens = node.into_iter().flat_map(Node::tokens_within);
    let contents = tokens.filter(|token| token.kind() == SyntaxKind::TOKEN_STRING_CONTENT);
    let mut found = Vec::new();
    for token in contents {
        let (text, start) = (token.text(), token.range().start());
        let mut add = |at: usize| {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX).into();
            let range = text_size::TextRange::at(start + offset(at), offset(NATIVE.len()));
            found.push(Span::new(span.file, range));
        };
        if alone {
            if text == NATIVE {
                add(0);
            }
            continue;
        }
        for (flag, before) in FLAGS {
            for at in occurrences(text, flag, before) {
                let line = text[..at].rsplit('\n').next().unwrap_or_default();
                if !line.trim_start().starts_with('#') {
                    add(at + flag.len() - NATIVE.len());
                }
            }
        }
    }
    found.sort_by_key(Span::sort_key);
    found
}

#[cfg(test)]
mod tests {
    use super::native_flag;

    #[test]
    fn flags_are_told_from_what_looks_like_them() {
        let flag = |text| native_flag(text);
        assert_eq!(flag("-O3 -march=native -mtune=native").as_deref(), Some("-march=native"));
        assert_eq!(flag("-Ctarget-cpu=native").as_deref(), Some("target-cpu=native"));
        assert_eq!(
            flag("rustflags = [\"-C\", \"target-cpu=native\"]").as_deref(),
            Some("target-cpu=native")
        );
        assert_eq!(flag("CFLAGS=-mcpu=native").as_deref(), Some("-mcpu=native"));
        assert_eq!(flag("-DUSE_MARCH=native"), None);
        assert_eq!(flag("--no-march=native"), None);
        assert_eq!(flag("-march=native-ish"), None);
        assert_eq!(flag("-march=skylake"), None);
    }
}
