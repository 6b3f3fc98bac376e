//! Nix text and how tightly it binds, so that no more parentheses are written than are needed.

/// How tightly an expression binds, from the tightest.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    Atom,
    Select,
    Apply,
    Negate,
    Has,
    Concat,
    Multiply,
    Add,
    Not,
    Update,
    Compare,
    Equal,
    And,
    Or,
    Implies,
    /// `if`, `let`, `with`, `assert` and functions, which extend as far as they can.
    Open,
}

/// Nix text.
#[derive(Clone, Debug)]
pub struct Code {
    text: String,
    level: Level,
}

impl Code {
    pub fn new(text: impl Into<String>, level: Level) -> Code {
        Code { text: text.into(), level }
    }

    pub fn atom(text: impl Into<String>) -> Code {
        Code::new(text, Level::Atom)
    }

    /// A function and its arguments.
    pub fn call(function: &str, arguments: impl IntoIterator<Item = Code>) -> Code {
        let mut text = function.to_owned();
        for argument in arguments {
            text.push(' ');
            text.push_str(&argument.at(Level::Select));
        }
        Code::new(text, Level::Apply)
    }

    /// `left operator right`, for an operator that groups to the left.
    pub fn left(left: Code, operator: &str, right: Code, level: Level) -> Code {
        Code::new(format!("{} {operator} {}", left.at(level), right.below(level)), level)
    }

    /// The same for one that groups to the right.
    pub fn right(left: Code, operator: &str, right: Code, level: Level) -> Code {
        Code::new(format!("{} {operator} {}", left.below(level), right.at(level)), level)
    }

    /// The same for one that does not group.
    pub fn single(left: Code, operator: &str, right: Code, level: Level) -> Code {
        Code::new(format!("{} {operator} {}", left.below(level), right.below(level)), level)
    }

    /// The text, where anything may stand.
    pub fn text(self) -> String {
        self.text
    }

    /// The text, in parentheses unless it binds at least as tightly as `level`.
    pub fn at(self, level: Level) -> String {
        if self.level <= level { self.text } else { format!("({})", self.text) }
    }

    /// The text, in parentheses unless it binds tighter than `level`.
    fn below(self, level: Level) -> String {
        if self.level < level { self.text } else { format!("({})", self.text) }
    }
}
