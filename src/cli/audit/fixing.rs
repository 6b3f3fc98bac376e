//! `frugix audit --fix`: the safe fixes of what the rows are about, whichever rule has them.

use std::cell::RefCell;

use crate::analysis::{Analyzer, FixOutcome, FixRequest};
use crate::budget::audit::{Audit, Row};
use crate::cli::CliError;
use crate::cli::lint::fix;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::lint::{Applicability, Diagnostic, Group, Rule, RuleMeta};
use crate::report::DisplayPaths;
use crate::rules::overrides::NeedlessOverride;
use crate::source::Tree;

/// Applies the fixes and writes them. `surveyor` finds the rows of each text that a pass makes.
pub(super) fn apply(
    terminal: &Terminal,
    session: &mut Session,
    surveyor: Analyzer,
    paths: &DisplayPaths,
) -> Result<(), CliError> {
    let Session { tree, scope, analyzer, config } = session;
    let surveyor = RefCell::new(surveyor);
    let wanted = |tree: &Tree, findings: &[Diagnostic]| {
        let rows = rows(&mut surveyor.borrow_mut(), tree, config);
        // What an overlay binds to itself is no override, and no row; it goes all the same.
        let is_of_row = |found: &Diagnostic| {
            found.rule == NeedlessOverride.meta().id
                || rows.iter().any(|row| row.is_about(found.span))
        };
        findings.iter().map(is_of_row).collect()
    };
    let request = FixRequest {
        level: Applicability::Safe,
        writable: &|file| scope.includes(file),
        fixable: &is_of_builds,
        wanted: &wanted,
    };
    let outcome = analyzer.fix(tree, &request);
    fix::tell_failures(terminal, &outcome);
    let FixOutcome { mut changed, applied, .. } = outcome;
    let refused = fix::write_files(terminal, tree, &mut changed, paths);
    if !refused.is_empty() {
        return Err(CliError::NotWritten(refused.join(", ")));
    }
    let said = fix::fixed(&applied, changed.len(), false);
    terminal.inform(said.as_deref().unwrap_or("No row has a safe fix."));
    Ok(())
}

/// Whether a rule speaks of what is built, and not of frugix' own comments.
fn is_of_builds(rule: &str) -> bool {
    let metas = crate::rules::ALL.iter().map(|rule| rule.meta());
    let mut others = metas.filter(|meta: &&RuleMeta| meta.group != Group::Meta);
    others.any(|meta| meta.id == rule)
}

/// The rows of `tree`; none where they cannot be found out, and then nothing is fixed.
fn rows(surveyor: &mut Analyzer, tree: &Tree, config: &Config) -> Vec<Row> {
    let Ok(facts) = surveyor.survey(tree) else { return Vec::new() };
    Audit::new(tree, &surveyor.knowledge(), config, &facts).rows
}
