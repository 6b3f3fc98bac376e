//! The order in which Nix takes the modules of a configuration: breadth first from those that it is
//! given, each once, and then the other way round, so that what is imported comes before who imports.

use rustc_hash::FxHashMap;

use crate::source::FileId;

/// Which module imports which. Modules go by their number, in the order in which they are met.
#[derive(Clone, Debug, Default)]
pub(super) struct ModuleOrder {
    /// Those that the configuration is given.
    first: Vec<usize>,
    /// By number.
    imports: Vec<Vec<usize>>,
    by_file: FxHashMap<FileId, usize>,
    /// The one whose imports are met now.
    within: Option<usize>,
    /// How many conditions that cannot be decided are around what is met now.
    conditions: usize,
    /// Those that are met under one.
    open: Vec<bool>,
}

impl ModuleOrder {
    /// Meets a new module, and from here on its imports. Gives what [`ModuleOrder::leave`] takes.
    pub fn enter(&mut self, file: Option<FileId>) -> Option<usize> {
        let number = self.imports.len();
        self.imports.push(Vec::new());
        self.open.push(self.conditions > 0);
        self.by_file.extend(file.map(|file| (file, number)));
        self.import(number);
        self.within.replace(number)
    }

    /// Goes back to the module around.
    pub fn leave(&mut self, around: Option<usize>) {
        self.within = around;
    }

    /// Meets a file again.
    pub fn meet_again(&mut self, file: FileId) {
        if let Some(number) = self.by_file.get(&file).copied() {
            self.import(number);
            // It is there, whatever the condition around its first import says.
            if self.conditions == 0 {
                self.open[number] = false;
            }
        }
    }

    fn import(&mut self, number: usize) {
        match self.within {
            Some(within) => self.imports[within].push(number),
            None => self.first.push(number),
        }
    }

    /// What is met from here on hangs on a condition that cannot be decided.
    pub fn begin_condition(&mut self) {
        self.conditions += 1;
    }

    /// It does no longer.
    pub fn end_condition(&mut self) {
        self.conditions = self.conditions.saturating_sub(1);
    }

    /// Whether it cannot be told if the module is imported.
    pub fn is_open(&self, number: usize) -> bool {
        self.open.get(number).copied().unwrap_or(true)
    }

    /// The numbers as Nix takes them.
    pub fn numbers(&self) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        let mut seen = vec![false; self.imports.len()];
        let mut next = 0;
        let mut pending: Vec<usize> = self.first.clone();
        while let Some(number) = pending.get(next).copied() {
            next += 1;
            if !std::mem::replace(&mut seen[number], true) {
                found.push(number);
                pending.extend_from_slice(&self.imports[number]);
            }
        }
        found.reverse();
        found
    }
}
