//! `frugix lint --watch`: checks again whenever a file changes.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use notify::event::EventKind;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::kept::Kept;
use super::{CliError, LintArgs, run};
use crate::cli::Outcome;
use crate::cli::targets::Targets;
use crate::cli::terminal::Terminal;

/// How long nothing must happen before what has happened counts as one change: editors write a file
/// in several steps.
const QUIET: Duration = Duration::from_millis(50);

/// Files besides `*.nix` that findings hang on.
const NAMES: [&str; 4] = ["frugix.toml", ".frugix.toml", "flake.lock", ".gitignore"];

/// Runs the command again and again, until it is interrupted.
pub(super) fn lint(args: &LintArgs, terminal: &Terminal) -> Result<Outcome, CliError> {
    let (changes, _watcher) = watch(args)?;
    let mut kept = Kept::default();
    loop {
        // What is wrong with the configuration now may be put right the next moment.
        match run::lint(args, terminal, &mut kept) {
            Ok(Outcome::Abandoned) => return Ok(Outcome::Abandoned),
            Ok(_) => {}
            Err(error) => terminal.error(&error),
        }
        terminal.inform("Waiting for changes; Ctrl-C ends.");
        if changes.recv().is_err() {
            return Ok(Outcome::Clean);
        }
        while changes.recv_timeout(QUIET).is_ok() {}
    }
}

/// Listens to the trees that the paths lie in. The watcher works as long as it lives.
fn watch(args: &LintArgs) -> Result<(Receiver<()>, RecommendedWatcher), CliError> {
    let (changed, changes) = unbounded();
    let tell = move |event: notify::Result<Event>| {
        if event.as_ref().map_or(true, matters) {
            // Nobody listens any more: the command ends.
            let _ = changed.send(());
        }
    };
    let mut watcher = notify::recommended_watcher(tell).map_err(CliError::Watch)?;
    let input = args.input()?;
    for targets in Targets::group(&input.paths, args.tree.root.as_deref())? {
        watcher.watch(&targets.root, RecursiveMode::Recursive).map_err(CliError::Watch)?;
    }
    Ok((changes, watcher))
}

/// Whether something that findings hang on may have changed.
fn matters(event: &Event) -> bool {
    let is_looked_at = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        NAMES.contains(&name) || path.extension().is_some_and(|extension| extension == "nix")
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_looked_at(path))
}
