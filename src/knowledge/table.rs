//! A table: rows found by the names they carry.

use rustc_hash::{FxHashMap, FxHashSet};

use super::evidence::Evidence;
use super::name::NamePattern;

/// What every row can say of itself.
pub trait Row {
    /// Every name the row answers to, the preferred one first. See [`super`] for `#` and `*`.
    fn names(&self) -> impl Iterator<Item = &str>;
    /// Where the row is known from and how well.
    fn evidence(&self) -> Evidence<'_>;
}

/// Says of a row of which field its name is, or of which its names are; where it is known from stands
/// in its fields `source` and `basis`.
macro_rules! row {
    ($row:ty, named $name:ident) => {
        $crate::knowledge::table::row!($row => |row| std::iter::once(row.$name.as_str()));
    };
    ($row:ty, named by $names:ident) => {
        $crate::knowledge::table::row!($row => |row| row.$names.iter().map(String::as_str));
    };
    ($row:ty, named $name:ident, and by $aliases:ident) => {
        $crate::knowledge::table::row!($row => |row| {
            std::iter::once(row.$name.as_str()).chain(row.$aliases.iter().map(String::as_str))
        });
    };
    ($row:ty => |$this:ident| $names:expr) => {
        impl $crate::knowledge::table::Row for $row {
            fn names(&self) -> impl Iterator<Item = &str> {
                let $this = self;
                $names
            }

            fn evidence(&self) -> $crate::knowledge::evidence::Evidence<'_> {
                $crate::knowledge::evidence::Evidence { source: &self.source, basis: self.basis }
            }
        }
    };
}
pub(super) use row;

/// Rows found by attribute path. A row inserted later answers before an earlier one of the same
/// name, so that a user's table can correct what is built in; a literal name answers before a family.
#[derive(Clone, Debug)]
pub struct Table<R> {
    rows: Vec<R>,
    literal: FxHashMap<Box<str>, usize>,
    families: Vec<(NamePattern, usize)>,
    /// Names that lead to no row any more.
    forgotten: FxHashSet<Box<str>>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Table {
            rows: Vec::new(),
            literal: FxHashMap::default(),
            families: Vec::new(),
            forgotten: FxHashSet::default(),
        }
    }
}

impl<R: Row> Table<R> {
    /// Adds a row; from now on its names lead to it.
    pub fn insert(&mut self, row: R) {
        let index = self.rows.len();
        for name in row.names().filter(|name| !self.forgotten.contains(*name)) {
            if NamePattern::is_family(name) {
                self.families.push((NamePattern::new(name), index));
            } else {
                self.literal.insert(name.into(), index);
            }
        }
        self.rows.push(row);
    }

    /// Adds a row that takes the place of those of which it has every name.
    pub fn correct(&mut self, row: R) {
        for name in row.names() {
            self.forgotten.remove(name);
        }
        let names: FxHashSet<&str> = row.names().collect();
        let stays = |old: &R| !old.names().all(|name| names.contains(name));
        let kept: Vec<bool> = self.rows.iter().map(stays).collect();
        drop(names);
        self.keep(&kept);
        self.insert(row);
    }

    /// Has `name`, as a row writes it, lead to no row any more. False where it led to none.
    pub fn forget(&mut self, name: &str) -> bool {
        let is_known = |row: &R| row.names().any(|own| own == name);
        if self.forgotten.contains(name) || !self.rows.iter().any(is_known) {
            return false;
        }
        self.forgotten.insert(name.into());
        let is_left = |row: &R| row.names().any(|own| !self.forgotten.contains(own));
        let kept: Vec<bool> = self.rows.iter().map(is_left).collect();
        self.keep(&kept);
        true
    }

    /// Keeps the rows that `kept` says, by index, and finds all names anew.
    fn keep(&mut self, kept: &[bool]) {
        let rows = std::mem::take(&mut self.rows);
        self.literal.clear();
        self.families.clear();
        for (row, _) in rows.into_iter().zip(kept).filter(|(_, kept)| **kept) {
            self.insert(row);
        }
    }

    /// Every row, in the order of insertion, those that were since corrected in part included.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// The row that names exactly this attribute path, written without the package set it is taken
    /// from (`["python3Packages", "torch"]` for `pkgs.python3Packages.torch`).
    pub fn get(&self, path: &[&str]) -> Option<&R> {
        let index = self.literal_at(path).or_else(|| {
            self.families
                .iter()
                .rev()
                .find(|(pattern, _)| pattern.matches(path))
                .map(|(_, index)| *index)
        })?;
        self.rows.get(index)
    }

    /// The row that names the most of this path's last components, whatever stands before them.
    pub fn get_by_end(&self, path: &[&str]) -> Option<&R> {
        let index = (0..path.len()).find_map(|start| {
            self.literal_at(&path[start..]).or_else(|| {
                let length = path.len() - start;
                self.families
                    .iter()
                    .rev()
                    .find(|(pattern, _)| pattern.len() == length && pattern.matches_end_of(path))
                    .map(|(_, index)| *index)
            })
        })?;
        self.rows.get(index)
    }

    fn literal_at(&self, path: &[&str]) -> Option<usize> {
        match path {
            [] => None,
            [name] => self.literal.get(*name).copied(),
            _ => self.literal.get(path.join(".").as_str()).copied(),
        }
    }
}

impl<R: Row> FromIterator<R> for Table<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut table = Table::default();
        rows.into_iter().for_each(|row| table.insert(row));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::evidence::Basis;
    use super::*;

    struct Named(&'static [&'static str]);

    impl Row for Named {
        fn names(&self) -> impl Iterator<Item = &str> {
            self.0.iter().copied()
        }
        fn evidence(&self) -> Evidence<'_> {
            Evidence { source: "this test", basis: Basis::Measured }
        }
    }

    fn first(found: Option<&Named>) -> Option<&'static str> {
        found.and_then(|row| row.0.first().copied())
    }

    #[test]
    fn a_literal_name_answers_before_a_family() {
        let table: Table<Named> = [Named(&["a_#"]), Named(&["a_1"])].into_iter().collect();
        assert_eq!(first(table.get(&["a_1"])), Some("a_1"));
        assert_eq!(first(table.get(&["a_2"])), Some("a_#"));
        assert_eq!(first(table.get(&["a"])), None);
        assert_eq!(first(table.get(&[])), None);
    }

    #[test]
    fn a_later_row_corrects_an_earlier_one_where_they_share_a_name() {
        let mut table: Table<Named> = [Named(&["a", "b"])].into_iter().collect();
        table.insert(Named(&["b"]));
        assert_eq!(first(table.get(&["a"])), Some("a"));
        assert_eq!(first(table.get(&["b"])), Some("b"));
        assert_eq!(table.rows().len(), 2);
    }

    #[test]
    fn a_correction_drops_what_it_corrects_wholly() {
        let mut table: Table<Named> = [Named(&["a", "b"]), Named(&["c"])].into_iter().collect();
        table.correct(Named(&["b"]));
        assert_eq!(table.rows().len(), 3);
        table.correct(Named(&["a", "b"]));
        assert_eq!(table.rows().len(), 2);
        assert_eq!(first(table.get(&["b"])), Some("a"));
        assert_eq!(first(table.get(&["c"])), Some("c"));
    }

    #[test]
    fn what_is_forgotten_can_be_said_again() {
        let mut table: Table<Named> = [Named(&["a", "b"]), Named(&["c_#"])].into_iter().collect();
        assert!(table.forget("a") && table.forget("c_#"));
        assert!(!table.forget("a") && !table.forget("x"));
        assert_eq!(first(table.get(&["a"])), None);
        assert_eq!(first(table.get(&["b"])), Some("a"));
        assert_eq!(first(table.get(&["c_1"])), None);
        assert_eq!(table.rows().len(), 1);
        table.correct(Named(&["a"]));
        assert_eq!(first(table.get(&["a"])), Some("a"));
        assert_eq!(first(table.get(&["c_1"])), None);
    }

    #[test]
    fn the_longest_end_wins() {
        let table: Table<Named> = [
            Named(&["mkDerivation"]),
            Named(&["haskellPackages.mkDerivation"]),
            Named(&["go#.mkDerivation"]),
        ]
        .into_iter()
        .collect();
        assert_eq!(first(table.get_by_end(&["stdenv", "mkDerivation"])), Some("mkDerivation"));
        assert_eq!(
            first(table.get_by_end(&["pkgs", "haskellPackages", "mkDerivation"])),
            Some("haskellPackages.mkDerivation")
        );
        assert_eq!(
            first(table.get_by_end(&["pkgs", "go1", "mkDerivation"])),
            Some("go#.mkDerivation")
        );
        assert_eq!(first(table.get_by_end(&["mkDerivation", "override"])), None);
    }
}
