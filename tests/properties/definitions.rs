//! What a random set defines, so that it defines nothing twice: Nix refuses that.

/// One definition, or those of a whole set, as they are written.
#[derive(Default)]
pub struct Definitions {
    pub text: String,
    defined: Vec<Defined>,
}

/// What an attribute path leads to.
struct Defined {
    path: String,
    /// It is a set that is written out, to which other definitions may add.
    is_set: bool,
}

impl Definitions {
    /// A definition of what `path` leads to.
    pub fn of(path: &str, text: String) -> Definitions {
        Definitions { text, defined: vec![Defined { path: path.to_owned(), is_set: false }] }
    }

    /// These, written as `text`.
    pub fn with_text(self, text: String) -> Definitions {
        Definitions { text, ..self }
    }

    /// The definition of `path` as the set of these, or of some attributes of it, written as `text`.
    pub fn below(self, path: &str, text: String) -> Definitions {
        let inside = self.defined.into_iter().map(|defined| Defined {
            path: format!("{path}.{}", defined.path),
            is_set: defined.is_set,
        });
        let set = Defined { path: path.to_owned(), is_set: true };
        Definitions { text, defined: inside.chain([set]).collect() }
    }

    /// Adds a definition and what stands after it, unless Nix would refuse the two beside each other.
    pub fn add(&mut self, more: Definitions, gap: &str) {
        let clashes = |new: &Defined| self.defined.iter().any(|known| known.clashes_with(new));
        if !more.defined.iter().any(clashes) {
            self.text.push_str(&more.text);
            self.text.push_str(gap);
            self.defined.extend(more.defined);
        }
    }
}

impl Defined {
    /// Whether both define the same, or one of them something within the other.
    fn clashes_with(&self, other: &Defined) -> bool {
        match self.path == other.path {
            true => !(self.is_set && other.is_set),
            false => self.holds(other) || other.holds(self),
        }
    }

    /// Whether `other` lies in what this defines for good.
    fn holds(&self, other: &Defined) -> bool {
        let inside = other.path.strip_prefix(&self.path);
        !self.is_set && inside.is_some_and(|rest| rest.starts_with('.'))
    }
}
