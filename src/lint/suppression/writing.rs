//! Comments that silence a finding, for those who write them: where they go, and which names they
//! hold.

use std::collections::BTreeMap;

use text_size::{TextRange, TextSize};

use super::directive::{self, Directive, Kind, MARKER};
use super::region::{self, Lines};
use crate::source::{Edit, Eol};
use crate::syntax::{Comment, SyntaxKind, comments, parse};

/// The edit after which no finding of `rule` that begins at `at` is told: a name more in the comment
/// that covers the line, else a comment before it, else one behind it. None where no comment can
/// stand, as in the middle of a long string.
///
/// A comment that is new gives `reason`, which is on one line.
pub fn ignore_line(text: &str, at: TextSize, rule: &str, reason: Option<&str>) -> Option<Edit> {
    let before = Code::of(text)?;
    let longer = before.directives().find(|(line, _)| covers(*line, at));
    let longer = longer.map(|(_, directive)| longer_list(&directive, rule));

    let head = text.get(..usize::from(at))?;
    let start = head.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start().len()];
    let eol = Eol::dominant(text).as_str();
    let reason = reason.map(|reason| format!(" {}", reason.trim())).unwrap_or_default();
    let comment = format!("# frugix: ignore[{rule}]{reason}");
    let above = insert(start, format!("{indent}{comment}{eol}"));
    let behind = insert(start + line.trim_end().len(), format!(" {comment}"));

    let silences = |edit: &Edit| {
        let after = edited(text, edit)?;
        let code = Code::of(&after)?;
        let grown = TextSize::of(&edit.text);
        let at = if edit.range.start() <= at { at + grown } else { at };
        let speaks = |(line, directive): (Option<TextRange>, Directive)| {
            directive.names.iter().any(|name| name.text == rule) && covers(line, at)
        };
        (code.tokens == before.tokens && code.directives().any(speaks)).then_some(())
    };
    longer.into_iter().chain([above, behind]).find(|edit| silences(edit).is_some())
}

/// The text in which no finding of these is told, as far as comments can help it; a finding is a
/// rule and the place where it begins. Also how many of them are silenced now.
pub fn ignore_all<'r>(
    text: &str,
    findings: impl IntoIterator<Item = (TextSize, &'r str)>,
    reason: Option<&str>,
) -> (String, usize) {
    let mut findings: Vec<(TextSize, &str)> = findings.into_iter().collect();
    findings.sort_unstable();
    findings.dedup();
    match at_once(text, &findings, reason) {
        Some(text) => (text, findings.len()),
        None => one_by_one(text, findings, reason),
    }
}

/// All of them in one go, which reads the text twice. None where a comment could not stand above its
/// line, as in a long string: then each place is tried for itself.
fn at_once(text: &str, findings: &[(TextSize, &str)], reason: Option<&str>) -> Option<String> {
    let before = Code::of(text)?;
    let known = by_line(&before);
    let eol = Eol::dominant(text).as_str();
    let reason = reason.map(|reason| format!(" {}", reason.trim())).unwrap_or_default();
    // What is said of one line goes into one comment, the last finding first.
    let mut longer: BTreeMap<TextSize, String> = BTreeMap::new();
    let mut above: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (at, rule) in findings.iter().rev() {
        if let Some(directive) = covering(&known, *at) {
            let edit = longer_list(directive, rule);
            longer.entry(edit.range.start()).or_default().push_str(&edit.text);
            continue;
        }
        let start = text.get(..usize::from(*at))?.rfind('\n').map_or(0, |newline| newline + 1);
        let names = above.entry(start).or_default();
        if !names.contains(rule) {
            names.push(rule);
        }
    }
    let mut edits: Vec<Edit> =
        longer.into_iter().map(|(at, text)| insert(usize::from(at), text)).collect();
    for (start, names) in above {
        let line = text.get(start..)?.lines().next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        let names = names.join(", ");
        edits.push(insert(start, format!("{indent}# frugix: ignore[{names}]{reason}{eol}")));
    }
    edits.sort_by_key(|edit| edit.range.start());
    let after = crate::source::apply_edits(text, &edits).ok()?;
    let code = Code::of(&after)?;
    let now = by_line(&code);
    let mut inserted = edits.iter().peekable();
    let mut grown = TextSize::new(0);
    let is_silent = |(at, rule): &(TextSize, &str)| {
        while let Some(edit) = inserted.next_if(|edit| edit.range.start() <= *at) {
            grown += TextSize::of(&edit.text);
        }
        let directive = covering(&now, *at + grown);
        directive.is_some_and(|known| known.names.iter().any(|name| name.text == *rule))
    };
    (code.tokens == before.tokens && findings.iter().all(is_silent)).then_some(after)
}

/// The comments that cover a line by themselves, by where that begins; of two, the first.
fn by_line(code: &Code) -> BTreeMap<TextSize, (TextRange, Directive)> {
    let mut known = BTreeMap::new();
    for (line, directive) in code.directives() {
        if let Some(line) = line {
            known.entry(line.start()).or_insert((line, directive));
        }
    }
    known
}

fn covering(
    known: &BTreeMap<TextSize, (TextRange, Directive)>,
    at: TextSize,
) -> Option<&Directive> {
    let (_, (line, directive)) = known.range(..=at).next_back()?;
    line.contains_inclusive(at).then_some(directive)
}

fn one_by_one(
    text: &str,
    mut findings: Vec<(TextSize, &str)>,
    reason: Option<&str>,
) -> (String, usize) {
    let mut text = text.to_owned();
    let mut silenced = 0;
    // From the last to the first, so that a comment moves as little as possible of what is to come.
    while let Some((at, rule)) = findings.pop() {
        let Some(edit) = ignore_line(&text, at, rule, reason) else { continue };
        let Some(after) = edited(&text, &edit) else { continue };
        let begins = edit.range.start();
        for (later, _) in findings.iter_mut().filter(|(later, _)| *later >= begins) {
            *later += TextSize::of(&edit.text);
        }
        text = after;
        silenced += 1;
    }
    (text, silenced)
}

/// The edit after which no finding of `rule` in the file is told.
pub fn ignore_file(text: &str, rule: &str) -> Option<Edit> {
    let before = Code::of(text)?;
    let mut directives = before.directives().map(|(_, directive)| directive);
    let known = directives.find(|directive| directive.kind == Kind::IgnoreFile);
    let edit = known.map_or_else(
        || {
            let is_script = text.starts_with("#!");
            let first = text.split_inclusive('\n').next().filter(|_| is_script);
            let eol = Eol::dominant(text).as_str();
            insert(first.map_or(0, str::len), format!("# frugix: ignore-file[{rule}]{eol}"))
        },
        |directive| longer_list(&directive, rule),
    );
    let after = edited(text, &edit)?;
    (Code::of(&after)?.tokens == before.tokens).then_some(edit)
}

/// The name that is being written at `at`, in the list of a comment that speaks to frugix; empty
/// where one may begin. None elsewhere. The comment need not be complete.
pub fn name_in_list(text: &str, at: TextSize) -> Option<TextRange> {
    let at = usize::from(at);
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let marker = line_start + text.get(line_start..at)?.rfind(MARKER)?;
    let comment_begins = text.get(line_start..marker)?.contains(['#', '*']);
    let list = marker + text.get(marker..at)?.find('[')? + 1;
    if !comment_begins || text.get(list..at)?.contains(']') {
        return None;
    }
    let start = list + text.get(list..at)?.rfind(',').map_or(0, |comma| comma + 1);
    let rest = text.get(at..)?;
    let end = at + rest.find([',', ']', '\n', '\r', '*']).unwrap_or(rest.len());
    let name = text.get(start..end)?;
    let leading = (name.len() - name.trim_start().len()).min(at - start);
    let trailing = name[leading..].trim_end().len();
    Some(range(start + leading, (start + leading + trailing).max(at)))
}

/// What must not change when a comment is written.
struct Code {
    comments: Vec<Comment>,
    /// The line that each of the comments speaks of.
    spoken_of: Vec<Option<TextRange>>,
    tokens: Vec<(SyntaxKind, String)>,
}

impl Code {
    /// None for what nests too deeply to be read.
    fn of(text: &str) -> Option<Code> {
        #[cfg(test)]
        tests::LOOKS.with(|looks| looks.set(looks.get() + 1));
        let syntax = parse(text).ok()?.syntax();
        let is_code =
            |kind| kind != SyntaxKind::TOKEN_WHITESPACE && kind != SyntaxKind::TOKEN_COMMENT;
        let tokens = syntax.descendants_with_tokens().filter_map(|element| element.into_token());
        let tokens = tokens.filter(|token| is_code(token.kind()));
        let tokens = tokens.map(|token| (token.kind(), token.text().to_owned())).collect();
        let comments = comments(&syntax);
        let spoken_of = region::lines_spoken_of(text, &Lines::of(text), &comments);
        Some(Code { comments, spoken_of, tokens })
    }

    /// What comments ask, each with the line that it covers by itself.
    fn directives(&self) -> impl Iterator<Item = (Option<TextRange>, Directive)> {
        self.comments.iter().zip(&self.spoken_of).filter_map(|(comment, line)| {
            let directive = directive::read(comment)?.ok()?;
            Some((line.filter(|_| directive.kind == Kind::Ignore), directive))
        })
    }
}

fn covers(line: Option<TextRange>, at: TextSize) -> bool {
    line.is_some_and(|line| line.contains_inclusive(at))
}

fn longer_list(directive: &Directive, rule: &str) -> Edit {
    let last = directive.names.last().map_or(directive.list.end(), |name| name.range.end());
    Edit { range: TextRange::empty(last), text: format!(", {rule}") }
}

fn insert(at: usize, text: String) -> Edit {
    Edit { range: range(at, at), text }
}

fn edited(text: &str, edit: &Edit) -> Option<String> {
    crate::source::apply_edits(text, std::slice::from_ref(edit)).ok()
}

fn range(start: usize, end: usize) -> TextRange {
    let size = |offset| TextSize::try_from(offset).unwrap_or_default();
    TextRange::new(size(start), size(end).max(size(start)))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How many texts were read.
        pub(super) static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn a_file_is_not_read_for_each_finding() {
        let text = format!("{{\n{}}}\n", "  a = x y;\n".repeat(100));
        let place = |at: usize| TextSize::try_from(at).expect("short");
        let places = text.match_indices("x y").map(|(at, _)| place(at));
        let findings = places.flat_map(|at| [(at, "one"), (at + place(2), "other"), (at, "third")]);
        LOOKS.set(0);
        let (after, silenced) = ignore_all(&text, findings, None);
        assert_eq!((silenced, LOOKS.get()), (300, 2));
        let line = "  # frugix: ignore[other, third, one]\n  a = x y;\n";
        assert_eq!(after, format!("{{\n{}}}\n", line.repeat(100)));
    }

    /// One place that wants care does not change what becomes of the others.
    #[test]
    fn a_finding_in_a_string_keeps_no_other_from_being_silenced() {
        let text = "{\n  a = ''\n    ${x y}\n  '';\n  b = x z;\n}\n";
        let at =
            |needle: &str| TextSize::try_from(text.find(needle).expect("there")).expect("short");
        let (after, silenced) = ignore_all(text, [(at("x y"), "one"), (at("x z"), "two")], None);
        assert_eq!(silenced, 1);
        assert_eq!(after, text.replace("  b =", "  # frugix: ignore[two]\n  b ="));
    }

    fn ignored(text: &str, at: &str) -> Option<String> {
        let at = TextSize::try_from(text.find(at).expect("the place is there")).expect("short");
        edited(text, &ignore_line(text, at, "a-rule", None)?)
    }

    #[test]
    fn a_comment_is_written_above_the_line() {
        let text = "{\n  a = 1;\n  b = x 2;\n}\n";
        let after = "{\n  a = 1;\n  # frugix: ignore[a-rule]\n  b = x 2;\n}\n";
        assert_eq!(ignored(text, "x 2").as_deref(), Some(after));
        assert_eq!(ignored("1", "1").as_deref(), Some("# frugix: ignore[a-rule]\n1"));
        let after = "{\r\n  # frugix: ignore[a-rule]\r\n  a = 1;\r\n}\r\n";
        assert_eq!(ignored("{\r\n  a = 1;\r\n}\r\n", "a").as_deref(), Some(after));
    }

    #[test]
    fn a_comment_that_covers_the_line_gets_another_name() {
        let text = "{\n  # frugix: ignore[other ] because\n  a = 1;\n}\n";
        let after = "{\n  # frugix: ignore[other, a-rule ] because\n  a = 1;\n}\n";
        assert_eq!(ignored(text, "a = 1").as_deref(), Some(after));
        let text = "{\n  a = 1; # frugix: ignore[other]\n}\n";
        let after = "{\n  a = 1; # frugix: ignore[other, a-rule]\n}\n";
        assert_eq!(ignored(text, "a = 1").as_deref(), Some(after));
    }

    #[test]
    fn a_string_stays_what_it_is() {
        // The line begins in the string, and ends outside of it.
        let text = "{\n  a = ''\n    x\n  '' + b;\n}\n";
        let after = "{\n  a = ''\n    x\n  '' + b; # frugix: ignore[a-rule]\n}\n";
        assert_eq!(ignored(text, "b;").as_deref(), Some(after));
        assert_eq!(ignored(text, "x"), None);
    }

    #[test]
    fn a_comment_for_the_file_comes_first() {
        let ignored = |text: &str| edited(text, &ignore_file(text, "a-rule")?);
        assert_eq!(ignored("{ }\n").as_deref(), Some("# frugix: ignore-file[a-rule]\n{ }\n"));
        let script = "#!/usr/bin/env nix\n{ }\n";
        let after = "#!/usr/bin/env nix\n# frugix: ignore-file[a-rule]\n{ }\n";
        assert_eq!(ignored(script).as_deref(), Some(after));
        let text = "# frugix: ignore-file[other]\n{ }\n";
        let after = "# frugix: ignore-file[other, a-rule]\n{ }\n";
        assert_eq!(ignored(text).as_deref(), Some(after));
    }

    #[test]
    fn names_are_found_while_they_are_written() {
        let name = |text: &str| {
            let at = text.find('|').expect("a cursor");
            let text = text.replace('|', "");
            let range = name_in_list(&text, TextSize::try_from(at).expect("short"))?;
            Some(text[std::ops::Range::<usize>::from(range)].to_owned())
        };
        assert_eq!(name("# frugix: ignore[|").as_deref(), Some(""));
        assert_eq!(name("# frugix: ignore[un|bounded] why").as_deref(), Some("unbounded"));
        assert_eq!(name("1 # frugix: disable[a, |").as_deref(), Some(""));
        assert_eq!(name("1 # frugix: disable[a, b| , c]").as_deref(), Some("b"));
        assert_eq!(name("/* frugix: ignore[a| */").as_deref(), Some("a"));
        assert_eq!(name("# frugix: ignore|[a]"), None);
        assert_eq!(name("# frugix: ignore[a] |"), None);
        assert_eq!(name("frugix: ignore[|]"), None);
        assert_eq!(name("# ignore[|]"), None);
        assert_eq!(name("# frugix: ignore[a\n|]"), None);
    }

    #[test]
    fn several_findings_are_silenced_at_once() {
        let text = "{\n  a = x y;\n  b = x;\n}\n";
        let place = |needle: &str, rule: &'static str| {
            let at = text.find(needle).expect("the place is there");
            (TextSize::try_from(at).expect("short"), rule)
        };
        let findings = [place("x;", "b"), place("x y", "a"), place("y;", "c"), place("x y", "a")];
        let (after, silenced) = ignore_all(text, findings, Some(" wanted "));
        assert_eq!(silenced, 3);
        let expected = "{\n  # frugix: ignore[c, a] wanted\n  a = x y;\n  \
                        # frugix: ignore[b] wanted\n  b = x;\n}\n";
        assert_eq!(after, expected);
    }
}
