//! `frugix rules`: every rule there is.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::lint::{Applicability, RuleMeta};
use crate::report::fix_word;
use crate::rules::ALL;

/// The arguments of `frugix rules`.
#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// How to print the list
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: ListFormat,
}

#[derive(Copy, Clone, Eq, PartialEq, Debug, Default, ValueEnum)]
enum ListFormat {
    /// A table
    #[default]
    Text,
    /// An array of objects
    Json,
}

impl RulesArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let metas: Vec<&RuleMeta> = ALL.iter().map(|rule| rule.meta()).collect();
        let written = match self.format {
            ListFormat::Text => {
                let mut out = terminal.styled_output();
                write_table(&mut out, &metas).and_then(|()| out.flush())
            }
            ListFormat::Json => {
                let mut out = terminal.raw_output();
                write_json(&mut out, &metas).and_then(|()| out.flush())
            }
        };
        tolerate_closed(written).map(|()| Outcome::Clean)
    }
}

fn write_table(out: &mut dyn Write, metas: &[&RuleMeta]) -> io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let names = metas.iter().map(|meta| meta.id.len()).max().unwrap_or(0);
    for meta in metas {
        writeln!(
            out,
            "{bold}{:<names$}{bold:#}  {:<11}  {:<7}  {:<10}  {}",
            meta.id,
            meta.group.name(),
            meta.severity.name(),
            fix_word(meta),
            meta.summary,
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct JsonRule {
    id: &'static str,
    group: &'static str,
    severity: &'static str,
    fix: &'static str,
    applicability: Option<&'static str>,
    default: bool,
    since: &'static str,
    summary: &'static str,
}

fn write_json(out: &mut dyn Write, metas: &[&RuleMeta]) -> io::Result<()> {
    let rules: Vec<JsonRule> = metas
        .iter()
        .map(|meta| JsonRule {
            id: meta.id,
            group: meta.group.name(),
            severity: meta.severity.name(),
            fix: meta.fix.name(),
            applicability: meta.applicability.map(Applicability::name),
            default: meta.default_on,
            since: meta.since,
            summary: meta.summary,
        })
        .collect();
    crate::report::write_pretty(out, &rules)?;
    writeln!(out)
}
