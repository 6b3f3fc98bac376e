//! Where each table of the files in `rules/knowledge` lies in memory, and by which key its rows go.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeValue, Error, ValueDeserializer};

use crate::knowledge::advice::LtoBuild;
use crate::knowledge::load::TEXTS;
use crate::knowledge::memory::{LinkMemory, PackageMemory};
use crate::knowledge::{IgnoredAttribute, Knob, Knowledge, NoCompile, Row, Table};

/// Rows that can be added to.
pub(super) trait Rows {
    /// Adds a row, which answers before those that were there.
    fn add(&mut self, row: Spanned<DeValue<'_>>) -> Result<(), Error>;
    /// Has no row answer to `name` any more. False where none did.
    fn forget(&mut self, name: &str) -> bool;
    /// The names of all rows.
    fn names(&self) -> Vec<&str>;
}

/// A single table, of which keys can be corrected.
pub(super) trait One {
    /// Puts another in its place.
    fn set(&mut self, value: Spanned<DeValue<'_>>) -> Result<(), Error>;
}

/// A row of a list, in which the first that fits answers.
trait Listed {
    /// What it goes by, if by any name.
    fn names(&self) -> Vec<&str>;
}

/// What a table of a file is in memory.
pub(super) enum Layer<'k> {
    Rows(&'k mut dyn Rows),
    One(&'k mut dyn One),
}

/// A table of a file.
pub(super) struct Place {
    /// The file, without its ending.
    pub file: &'static str,
    /// The table.
    pub table: &'static str,
    /// The key of a row's names; empty where rows have none.
    pub key: &'static str,
    /// Where it lies.
    pub layer: for<'k> fn(&'k mut Knowledge) -> Layer<'k>,
}

impl Place {
    pub(super) fn find(file: &str, table: &str) -> Option<&'static Place> {
        PLACES.iter().find(|place| place.file == file && place.table == table)
    }
}

/// The files that can be added to.
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    TEXTS.into_iter().map(|(name, _)| name)
}

macro_rules! places {
    (rows { $($rfile:literal $rtable:literal $key:literal => $($rows:ident).+;)* }
     one { $($ofile:literal $otable:literal => $($one:ident).+;)* }) => {
        /// Every table that can be added to.
        pub(super) const PLACES: &[Place] = &[
            $(Place {
                file: $rfile, table: $rtable, key: $key,
                layer: |knowledge| Layer::Rows(&mut knowledge.$($rows).+),
            },)*
            $(Place {
                file: $ofile, table: $otable, key: "",
                layer: |knowledge| Layer::One(&mut knowledge.$($one).+),
            },)*
        ];
    };
}

places! {
    rows {
        "advice" "lto-build" "attr" => advice.lto_build;
        "attributes" "compile-sign" "name" => compile_signs;
        "attributes" "language-sign" "names" => language_signs;
        "browsers" "browser" "attr" => browsers;
        "browsers" "engine" "name" => engines;
        "browsers" "skipped" "names" => skipped;
        "builders" "builder" "name" => builders;
        "builders" "no-compile" "" => no_compile;
        "builders" "no-sign" "" => no_sign;
        "caches" "cache" "addresses" => caches;
        "caches" "reached-by" "options" => reached_by;
        "caches" "server" "name" => cache_servers;
        "changes" "change" "names" => changes;
        "changes" "overriding-option" "names" => overriding_options;
        "defaults" "package" "attr" => defaults;
        "fetchers" "branch" "names" => fetching.branches;
        "fetchers" "builtin" "names" => fetching.builtins;
        "fetchers" "fetcher" "names" => fetching.fetchers;
        "flags" "flags" "name" => flag_variables;
        "ignored" "ignored" "" => ignored;
        "inputs" "input" "repositories" => cached_inputs;
        "knobs" "knob" "" => knobs;
        "mass-rebuild" "attribute" "attrs" => mass_rebuild;
        "mass-rebuild" "config" "options" => config_options;
        "mass-rebuild" "drags" "attrs" => drags;
        "mass-rebuild" "harmless" "attrs" => harmless;
        "mass-rebuild" "installed-as" "attr" => installed_as;
        "mass-rebuild" "package-set" "names" => variant_sets;
        "mass-rebuild" "platform" "attrs" => platform_attributes;
        "memory" "language" "language" => memory.languages;
        "memory" "link" "" => memory.links;
        "memory" "package" "" => memory.packages;
        "packages" "package" "attr" => packages;
        "reading" "generator" "names" => reading.generators;
        "reading" "no-derivation" "names" => reading.no_derivations;
        "reading" "package-set" "names" => reading.package_sets;
        "reading" "reader" "names" => reading.readers;
        "recipes" "recipe" "packages" => recipes;
        "settings" "restricted" "names" => restricted_settings;
        "timeouts" "language" "language" => timeouts;
        "uncached" "option" "option" => compiling_options;
        "uncached" "package" "attrs" => never_cached;
        "upstream" "upstream" "packages" => upstream;
    }
    one {
        "advice" "codegen-units" => advice.codegen_units;
        "advice" "connections" => advice.connections;
        "advice" "lto" => advice.lto;
        "advice" "mold" => advice.mold;
        "advice" "node" => advice.node;
        "advice" "zram" => advice.zram;
        "memory" "stdenv" => memory.stdenv;
        "settings" "build-dir" => build_folder;
        "settings" "system-features" => system_features;
        "timeouts" "limits" => limits;
    }
}

fn read<T: DeserializeOwned>(value: Spanned<DeValue<'_>>) -> Result<T, Error> {
    T::deserialize(ValueDeserializer::from(value))
}

impl<R: Row + DeserializeOwned> Rows for Table<R> {
    fn add(&mut self, row: Spanned<DeValue<'_>>) -> Result<(), Error> {
        self.correct(read(row)?);
        Ok(())
    }

    fn forget(&mut self, name: &str) -> bool {
        Table::forget(self, name)
    }

    fn names(&self) -> Vec<&str> {
        self.rows().iter().flat_map(Row::names).collect()
    }
}

impl<R: Listed + DeserializeOwned> Rows for Vec<R> {
    fn add(&mut self, row: Spanned<DeValue<'_>>) -> Result<(), Error> {
        self.insert(0, read(row)?);
        Ok(())
    }

    fn forget(&mut self, name: &str) -> bool {
        let before = self.len();
        self.retain(|row| !row.names().contains(&name));
        self.len() < before
    }

    fn names(&self) -> Vec<&str> {
        self.iter().flat_map(Listed::names).collect()
    }
}

impl<T: DeserializeOwned> One for T {
    fn set(&mut self, value: Spanned<DeValue<'_>>) -> Result<(), Error> {
        *self = read(value)?;
        Ok(())
    }
}

impl Listed for Knob {
    fn names(&self) -> Vec<&str> {
        Knob::names(self).collect()
    }
}

impl Listed for IgnoredAttribute {
    fn names(&self) -> Vec<&str> {
        IgnoredAttribute::names(self).collect()
    }
}

impl Listed for NoCompile {
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Listed for LinkMemory {
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
}

impl Listed for PackageMemory {
    fn names(&self) -> Vec<&str> {
        vec![&self.attr]
    }
}

impl Listed for LtoBuild {
    fn names(&self) -> Vec<&str> {
        vec![&self.attr]
    }
}
