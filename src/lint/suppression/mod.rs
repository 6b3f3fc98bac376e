//! Comments that silence findings, and what is said of those that silence nothing.
//!
//! - `# frugix: ignore[rule, …] reason` covers its line or, where no code stands before it, the
//!   next line that has code;
//! - `# frugix: ignore-file[rule, …] reason`, before the first expression, covers the file;
//! - `# frugix: disable[rule]` covers all up to `# frugix: enable[rule]`, or to the end.
//!
//! Rules are named by id or by group; block comments do as well.

mod directive;
mod region;
#[cfg(test)]
mod tests;
mod writing;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use text_size::{TextRange, TextSize};

use crate::config::nearest;
use crate::lint::{Diagnostic, Fix, FixEdit, Group, RuleMeta};
use crate::source::{FileId, Span};
use crate::syntax::Comment;

use directive::{Directive, Kind, Malformed, Name};
pub use directive::{is_directive, may_hold_directives};
use region::Lines;
pub use writing::{ignore_all, ignore_file, ignore_line, name_in_list};

/// The rule that reports suppressions of nothing.
const UNUSED: &str = "unused-suppression";

/// The rule that reports suppressions that cannot be understood.
const UNKNOWN: &str = "unknown-suppression";

/// A file and its comments.
#[derive(Copy, Clone, Debug)]
pub struct CommentedFile<'a> {
    /// The file.
    pub file: FileId,
    /// Its text, without a byte order mark.
    pub text: &'a str,
    /// Its comments, in order.
    pub comments: &'a [Comment],
}

/// What is left of a file's findings.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Suppressed {
    /// The findings that no comment silences, in the order they came, and then those about the
    /// comments.
    pub kept: Vec<Diagnostic>,
    /// How many were silenced.
    pub count: usize,
}

/// Takes out of `diagnostics`, the findings in `file`, those that its comments silence, and adds
/// what is wrong with the comments, if `rules` has the rules that say so and they run.
///
/// `runs` says whether findings of a rule are wanted in this file. A suppression of a rule that
/// does not run may well be needed when it does, and is not called unused.
pub fn suppress(
    file: &CommentedFile<'_>,
    diagnostics: Vec<Diagnostic>,
    rules: &[&'static RuleMeta],
    runs: &dyn Fn(&str) -> bool,
) -> Suppressed {
    // Each with the place of its comment among all.
    let mut directives: Vec<(usize, Directive)> = Vec::new();
    let mut malformed = Vec::new();
    for (index, comment) in file.comments.iter().enumerate() {
        match directive::read(comment) {
            Some(Ok(directive)) => directives.push((index, directive)),
            Some(Err(problem)) => malformed.push(problem),
            None => {}
        }
    }
    if directives.is_empty() && malformed.is_empty() {
        return Suppressed { kept: diagnostics, count: 0 };
    }

    let reporter = |id: &str| {
        let rule = rules.iter().copied().find(|rule| rule.id == id)?;
        runs(id).then_some(Reporter { file, rules, rule })
    };
    let mut items = Items::new(file, &directives, rules);
    let mut result = Suppressed { kept: Vec::new(), count: 0 };
    result.filter(diagnostics, &mut items);
    if let Some(unknown) = reporter(UNKNOWN) {
        let found = unknown.unknown(&items, &malformed);
        result.filter(found, &mut items);
    }
    if let Some(unused) = reporter(UNUSED) {
        // What silences reports of this kind is judged once they have been made.
        let about_this = |item: &Item<'_>| item.rules.contains(UNUSED);
        let found = unused
            .unused(&directives, &items, |item| !about_this(item) && item.judged(rules, runs));
        result.filter(found, &mut items);
        let found = unused.unused(&directives, &items, about_this);
        result.kept.extend(found);
    }
    result
}

impl Suppressed {
    fn filter(&mut self, diagnostics: Vec<Diagnostic>, items: &mut Items<'_>) {
        for diagnostic in diagnostics {
            match items.use_for(&diagnostic) {
                true => self.count += 1,
                false => self.kept.push(diagnostic),
            }
        }
    }
}

/// One name in the list of one directive.
struct Item<'a> {
    /// Which directive, by its place among them.
    directive: usize,
    kind: Kind,
    comment: TextRange,
    name: &'a Name,
    /// The rules that are meant; none if the name is unknown.
    rules: BTreeSet<&'static str>,
    used: bool,
}

impl Item<'_> {
    /// Whether this run can tell that it is unused: every rule that is meant runs, or at least
    /// those of a group that run by default.
    fn judged(&self, rules: &[&'static RuleMeta], runs: &dyn Fn(&str) -> bool) -> bool {
        let meant = || rules.iter().filter(|rule| self.rules.contains(rule.id));
        let some_by_default = meant().any(|rule| rule.default_on);
        let may_rest = |rule: &RuleMeta| some_by_default && !rule.default_on;
        self.kind == Kind::Enable || meant().all(|rule| runs(rule.id) || may_rest(rule))
    }

    fn is_unused(&self) -> bool {
        !self.used && !self.rules.is_empty()
    }
}

struct Items<'a> {
    file: FileId,
    lines: Lines,
    items: Vec<Item<'a>>,
    /// The first item that covers a rule in the line that begins there.
    by_line: FxHashMap<(&'static str, TextSize), usize>,
    /// Of each rule, the items that switch it off and on, in order.
    switches: FxHashMap<&'static str, Vec<usize>>,
    /// The first item that covers a rule in the whole file.
    by_file: FxHashMap<&'static str, usize>,
}

impl<'a> Items<'a> {
    fn new(
        file: &CommentedFile<'_>,
        directives: &'a [(usize, Directive)],
        rules: &[&'static RuleMeta],
    ) -> Items<'a> {
        let lines = Lines::of(file.text);
        let spoken_of = region::lines_spoken_of(file.text, &lines, file.comments);
        let mut items = Items {
            file: file.file,
            lines,
            items: Vec::new(),
            by_line: FxHashMap::default(),
            switches: FxHashMap::default(),
            by_file: FxHashMap::default(),
        };
        for (index, (comment, directive)) in directives.iter().enumerate() {
            let line = spoken_of.get(*comment).copied().flatten();
            for name in &directive.names {
                let meant =
                    |rule: &&&RuleMeta| rule.id == name.text || rule.group.name() == name.text;
                let rules: BTreeSet<&'static str> =
                    rules.iter().filter(meant).map(|rule| rule.id).collect();
                let at = directive.comment.start();
                let used = directive.kind == Kind::Enable
                    && rules.iter().any(|rule| items.disabled_by(rule, at).is_some());
                let item = Item {
                    directive: index,
                    kind: directive.kind,
                    comment: directive.comment,
                    name,
                    rules,
                    used,
                };
                items.add(item, line);
            }
        }
        items
    }

    fn add(&mut self, item: Item<'a>, line: Option<TextRange>) {
        let index = self.items.len();
        for rule in &item.rules {
            match (item.kind, line) {
                (Kind::Ignore, Some(line)) => {
                    self.by_line.entry((*rule, line.start())).or_insert(index);
                }
                (Kind::Ignore, None) => {}
                (Kind::IgnoreFile, _) => {
                    self.by_file.entry(rule).or_insert(index);
                }
                (Kind::Disable | Kind::Enable, _) => {
                    self.switches.entry(rule).or_default().push(index);
                }
            }
        }
        self.items.push(item);
    }

    /// Whether something silences the finding; that is used from now on.
    fn use_for(&mut self, diagnostic: &Diagnostic) -> bool {
        if diagnostic.span.file != self.file {
            return false;
        }
        let (rule, at) = (diagnostic.rule, diagnostic.span.range.start());
        let line = self.lines.around(at).start();
        let found = self.by_line.get(&(rule, line)).copied();
        let found = found.or_else(|| self.disabled_by(rule, at));
        let found = found.or_else(|| self.by_file.get(rule).copied());
        if let Some(item) = found.and_then(|index| self.items.get_mut(index)) {
            item.used = true;
        }
        found.is_some()
    }

    /// The `disable` that is the last word on the rule before `at`.
    fn disabled_by(&self, rule: &str, at: TextSize) -> Option<usize> {
        let switches = self.switches.get(rule)?;
        let before = |index: &usize| self.items[*index].comment.end() <= at;
        let last = *switches.get(switches.partition_point(before).checked_sub(1)?)?;
        (self.items[last].kind == Kind::Disable).then_some(last)
    }
}

/// Says what is wrong with the comments.
struct Reporter<'a> {
    file: &'a CommentedFile<'a>,
    rules: &'a [&'static RuleMeta],
    rule: &'static RuleMeta,
}

impl Reporter<'_> {
    fn unknown(&self, items: &Items<'_>, malformed: &[Malformed]) -> Vec<Diagnostic> {
        let unread =
            malformed.iter().map(|problem| self.report(problem.comment, problem.message.clone()));
        let unknown = items.items.iter().filter(|item| item.rules.is_empty()).map(|item| {
            let name = &item.name.text;
            let message = format!("there is no rule or group called `{name}`");
            let known = self.rules.iter().map(|rule| rule.id).chain(Group::ALL.map(Group::name));
            self.report(item.name.range, message).note(match nearest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`frugix rules` lists them".to_owned(),
            })
        });
        unread.chain(unknown).collect()
    }

    /// The directives with names that are unused and `judged`, one finding each.
    fn unused(
        &self,
        directives: &[(usize, Directive)],
        items: &Items<'_>,
        judged: impl Fn(&Item<'_>) -> bool,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for named in items.items.chunk_by(|one, other| one.directive == other.directive) {
            let (unused, needed): (Vec<_>, Vec<_>) =
                named.iter().partition(|item| item.is_unused() && judged(item));
            let Some((_, directive)) =
                unused.first().and_then(|item| directives.get(item.directive))
            else {
                continue;
            };
            let names = enumerate(&unused);
            let message = match (directive.kind, unused.len()) {
                (Kind::Enable, 1) => format!("{names} is enabled here, but was not disabled"),
                (Kind::Enable, _) => format!("{names} are enabled here, but were not disabled"),
                (_, 1) => format!("{names} is suppressed here, but finds nothing"),
                (_, _) => format!("{names} are suppressed here, but find nothing"),
            };
            let (place, title, edit) = if needed.is_empty() {
                let (range, text) = region::removal(self.file.text, directive.comment);
                (directive.comment, "Remove the comment".to_owned(), self.edit(range, text))
            } else {
                let kept: Vec<&str> = needed.iter().map(|item| item.name.text.as_str()).collect();
                let place = match unused.as_slice() {
                    [one] => one.name.range,
                    _ => directive.list,
                };
                let edit = self.edit(directive.list, &kept.join(", "));
                (place, format!("Remove {names} from the list"), edit)
            };
            found.push(self.report(place, message).fix(Fix::safe(title, vec![edit])));
        }
        found
    }

    fn report(&self, range: TextRange, message: String) -> Diagnostic {
        Diagnostic::new(self.rule, Span::new(self.file.file, range), message)
    }

    fn edit(&self, range: TextRange, text: &str) -> FixEdit {
        FixEdit::replace(Span::new(self.file.file, range), text)
    }
}

/// `a`, `a and b`, `a, b and c`, each in backquotes.
fn enumerate(items: &[&Item<'_>]) -> String {
    let names: Vec<String> = items.iter().map(|item| format!("`{}`", item.name.text)).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
