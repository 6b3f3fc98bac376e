//! The rule `unreadable-file`.

use text_size::{TextRange, TextSize};

use crate::declare_rule;
use crate::lint::{Diagnostic, Rule, RuleMeta, Severity, TreeContext};
use crate::source::{EntryKind, ReadError, Span};

declare_rule! {
    /// # What it flags
    ///
    /// A file or folder of the tree that could not be read, and was left out.
    ///
    /// # Why it matters
    ///
    /// frugix has not looked at it: no other rule finds anything in it, and values that other files
    /// take from it are unknown. Without this finding, that silence would read as clean; the rule
    /// therefore runs even where `select` does not name it, until it is ignored.
    ///
    /// The message says what is in the way: permissions, bytes that are not UTF-8, a NUL byte, a
    /// file longer than 1 MiB, a link that leads out of the tree or in a circle, a folder that
    /// cannot be listed, a named pipe, a socket or a device where a source should be, a
    /// `.gitignore` with more patterns than are heeded.
    ///
    /// # Example
    ///
    /// ```console
    /// $ frugix lint --output-format concise
    /// secrets.nix:1:1: info[unreadable-file] this file is encrypted with git-crypt; unlock it to …
    /// notes.nix:1:1: error[unreadable-file] this file is not UTF-8 text (first bad byte at offset …
    /// ```
    ///
    /// # Use instead
    ///
    /// Do what the message says; or leave out what is not meant to be read:
    ///
    /// ```toml
    /// # frugix.toml
    /// exclude = ["notes.nix"]
    /// ```
    ///
    /// # What the fix does
    ///
    /// There is none: it would have to change something other than Nix text.
    ///
    /// # When it stays silent
    ///
    /// A file that a locked secret stands in for, as git-crypt leaves it in a clone without the
    /// key, is meant to be unreadable and is only an `info`, so that such a repository is not
    /// always red. It is told all the same, since what it defines is unknown.
    ///
    /// Nothing is said of files that a `.gitignore` or `exclude` leaves out, of links into the Nix
    /// store, such as `result`, and of links that lead nowhere, which editors make as locks.
    ///
    /// # Sources
    ///
    /// - [The Nix language](https://nix.dev/manual/nix/stable/language/), in the Nix reference
    ///   manual
    pub struct UnreadableFile {
        id: "unreadable-file",
        group: Meta,
        severity: Error,
        fix: None,
        since: "0.1.0",
    }
}

impl Rule for UnreadableFile {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let tree = cx.tree;
        for file in tree.files().iter().copied().chain(tree.problem_places()) {
            let error = match tree.read_error(file) {
                None => continue,
                // Others may yet read a file again that was let go: whoever started them tells of all.
                Some(ReadError::Changed) => continue,
                Some(error) => error,
            };
            let place = Span::new(file, TextRange::empty(TextSize::new(0)));
            let kind = match tree.entry(tree.path(file)) {
                Some(EntryKind::Directory) => "folder",
                _ => "file",
            };
            let finding = Diagnostic::new(&Self::META, place, message(&error, kind));
            cx.report(match error {
                ReadError::Encrypted { .. } => finding.severity(Severity::Info),
                _ => finding,
            });
        }
    }
}

fn message(error: &ReadError, kind: &str) -> String {
    match error {
        ReadError::NotFound => {
            format!("this {kind} was removed while it was being looked at; run again")
        }
        _ => format!("this {kind} {error}"),
    }
}
