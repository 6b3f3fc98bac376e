//! The tables and keys of `frugix.toml`, each laid over what the configuration already says.
//!
//! A file is read onto the configuration it extends, and a command line override onto that: lists
//! and values replace, tables add up.

use std::collections::BTreeMap;

use toml::de::DeTable;

use super::entry::{self, Entry, Text, each, entries};
use super::{
    BrowsersConfig, BudgetConfig, Config, EvaluationConfig, HostConfig, Hours, KnowledgeText,
    OverridesConfig, PackageConfig, RequireTimeouts, Reserve, TimeoutStyle, TimeoutsConfig,
};

type Read = entry::Read<()>;

const KEYS: [&str; 20] = [
    "extend",
    "required-version",
    "select",
    "ignore",
    "extend-select",
    "severity",
    "exclude",
    "max-file-size",
    "max-nesting",
    "max-chain",
    "evaluation",
    "per-file-ignores",
    "fail-on",
    "host",
    "budget",
    "timeouts",
    "browsers",
    "overrides",
    "packages",
    "knowledge",
];

/// Lays `table`, the whole of `source`, over `config`.
pub(super) fn apply(config: &mut Config, source: &Text<'_>, table: &DeTable<'_>) -> Read {
    each(entries(source, "", table), |entry| {
        match entry.key {
            // Followed, and checked, before this text is read.
            "extend" => {}
            "required-version" => config.required_version = Some(entry.parsed()?),
            "select" => config.select = Some(entry.strings()?),
            "ignore" => config.ignore = entry.strings()?,
            "extend-select" => config.extend_select.extend(entry.strings()?),
            "severity" => severity(config, entry)?,
            "exclude" => config.exclude = entry.patterns()?,
            "max-file-size" => config.max_file_size = Some(entry.bytes()?),
            "max-nesting" => config.max_nesting = Some(entry.count(1)?),
            "max-chain" => config.max_chain = Some(entry.count(1)?),
            "evaluation" => evaluation(&mut config.evaluation, entry)?,
            "per-file-ignores" => per_file_ignores(config, entry)?,
            "fail-on" => config.fail_on = entry.parsed()?,
            "host" => named(&mut config.hosts, entry, host)?,
            "budget" => budget(&mut config.budget, entry)?,
            "timeouts" => timeouts(config.timeouts.get_or_insert_default(), entry)?,
            "browsers" => browsers(&mut config.browsers, entry)?,
            "overrides" => overrides(&mut config.overrides, entry)?,
            "knowledge" => {
                entry.table()?;
                config.knowledge.push(KnowledgeText::of(source));
            }
            "packages" => named(&mut config.packages, entry, package)?,
            _ => return Err(entry.unknown(&KEYS)),
        }
        Ok(())
    })
}

fn evaluation(evaluation: &mut EvaluationConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "max-steps" => evaluation.steps = Some(entry.count(1)?),
            "max-depth" => evaluation.depth = Some(entry.count(1)?),
            "max-values" => evaluation.values = Some(entry.count(1)?),
            "max-elements" => evaluation.elements = Some(entry.count(1)?),
            "max-text" => evaluation.text = Some(entry.some_bytes()?),
            "max-definitions" => evaluation.definitions = Some(entry.count(1)?),
            _ => {
                return Err(entry.unknown(&[
                    "max-steps",
                    "max-depth",
                    "max-values",
                    "max-elements",
                    "max-text",
                    "max-definitions",
                ]));
            }
        }
        Ok(())
    })
}

fn severity(config: &mut Config, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        let level = entry.parsed()?;
        config.severity.retain(|(rule, _)| rule.value != entry.key);
        config.severity.push((entry.located_key(), level));
        Ok(())
    })
}

fn per_file_ignores(config: &mut Config, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        let pattern = entry.key_pattern()?;
        let rules = entry.strings()?;
        config.per_file_ignores.retain(|(old, _)| *old != pattern);
        config.per_file_ignores.push((pattern, rules));
        Ok(())
    })
}

/// Reads tables of tables: `[host.NAME]`, `[packages.NAME]`.
fn named<T: Default>(
    items: &mut BTreeMap<String, T>,
    entry: &Entry<'_>,
    read: fn(&mut T, &Entry<'_>) -> Read,
) -> Read {
    each(entry.table()?, |entry| read(items.entry(entry.key.to_owned()).or_default(), entry))
}

fn host(host: &mut HostConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "threads" => host.threads = Some(entry.count(1)?),
            "memory" => host.memory = Some(entry.some_bytes()?),
            "zram" => host.zram = Some(entry.bytes()?),
            "reserve" => reserve(&mut host.reserve, entry)?,
            "profile" => host.profile = Some(entry.path()?),
            _ => {
                return Err(entry.unknown(&["threads", "memory", "zram", "reserve", "profile"]));
            }
        }
        Ok(())
    })
}

fn reserve(reserve: &mut Reserve, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "threads" => reserve.threads = Some(entry.count(0)?),
            "memory" => reserve.memory = Some(entry.bytes()?),
            _ => return Err(entry.unknown(&["threads", "memory"])),
        }
        Ok(())
    })
}

fn budget(budget: &mut BudgetConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "tolerance" => budget.tolerance = entry.factor()?,
            "reserve-threads" => budget.reserve_threads = entry.count(0)?,
            "reserve-memory" => budget.reserve_memory = entry.bytes()?,
            "package-memory" => budget.package_memory = Some(entry.some_bytes()?),
            _ => {
                return Err(entry.unknown(&[
                    "tolerance",
                    "reserve-threads",
                    "reserve-memory",
                    "package-memory",
                ]));
            }
        }
        Ok(())
    })
}

fn timeouts(timeouts: &mut TimeoutsConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "require" => {
                timeouts.require = entry.one_of(&[
                    ("auto", RequireTimeouts::Auto),
                    ("none", RequireTimeouts::None),
                    ("heavy", RequireTimeouts::Heavy),
                    ("all", RequireTimeouts::All),
                ])?;
            }
            "style" => {
                timeouts.style = entry.one_of(&[
                    ("meta", TimeoutStyle::Meta),
                    ("attr+meta", TimeoutStyle::AttrAndMeta),
                ])?;
            }
            "default" => timeouts.default = Some(entry.seconds()?),
            _ => return Err(entry.unknown(&["require", "style", "default"])),
        }
        Ok(())
    })
}

fn browsers(browsers: &mut BrowsersConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "forbid-overrides" => browsers.forbid_overrides = entry.flag()?,
            _ => return Err(entry.unknown(&["forbid-overrides"])),
        }
        Ok(())
    })
}

fn overrides(overrides: &mut OverridesConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "keep" => {
                let keep = entry.strings()?;
                overrides.keep = keep.into_iter().map(|name| name.value).collect();
                overrides.reviewed = true;
            }
            _ => return Err(entry.unknown(&["keep"])),
        }
        Ok(())
    })
}

const PACKAGE_KEYS: [&str; 5] = ["timeout", "memory-per-process", "processes", "peak", "hours"];

/// One number, or `{ low, high }`.
fn hours(entry: &Entry<'_>) -> entry::Read<Hours> {
    if !entry.is_table() {
        let hours = entry.factor()?;
        return Ok(Hours { low: hours, high: hours });
    }
    let (mut low, mut high) = (None, None);
    each(entry.table()?, |entry| {
        match entry.key {
            "low" => low = Some(entry.factor()?),
            "high" => high = Some(entry.factor()?),
            _ => return Err(entry.unknown(&["low", "high"])),
        }
        Ok(())
    })?;
    match (low, high) {
        (Some(low), Some(high)) if low <= high => Ok(Hours { low, high }),
        _ => Err(entry.invalid("expected `{ low = 1, high = 4 }`, the low number first")),
    }
}

fn package(package: &mut PackageConfig, entry: &Entry<'_>) -> Read {
    each(entry.table()?, |entry| {
        match entry.key {
            "timeout" => package.timeout = Some(entry.seconds()?),
            "memory-per-process" => package.memory_per_process = Some(entry.some_bytes()?),
            "processes" => package.processes = Some(entry.count(1)?),
            "peak" => package.peak = Some(entry.some_bytes()?),
            "hours" => package.hours = Some(hours(entry)?),
            _ => return Err(entry.unknown(&PACKAGE_KEYS)),
        }
        Ok(())
    })
}
