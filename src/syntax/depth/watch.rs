//! What is open at one place of a text, and how deep its tree is there, by its tokens alone.

use rnix::SyntaxKind::{self, *};

/// What is open at one place of a text, and how deep its tree is there.
pub(super) struct Watch {
    levels: Vec<Level>,
    /// The chains of all open levels together.
    depth: usize,
    before: Before,
    /// Whether a token could not stand where it did.
    is_wrong: bool,
}

/// One open bracket, string, `let`, or the whole text.
struct Level {
    kind: LevelKind,
    phase: Phase,
    /// How deep the expression is that is being read.
    chain: usize,
    /// How deep the deepest one before it was.
    deepest: usize,
    /// `with` and `assert` that wait for their `;`.
    statements: usize,
    /// `if` that wait for their `then`, and `then` for their `else`.
    conditions: (usize, usize),
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum LevelKind {
    /// The whole text.
    Text,
    /// `( )`.
    Parentheses,
    /// `${ }`.
    Hole,
    /// `[ ]`.
    List,
    /// `{ }`: a set or the fields of a function.
    Set,
    /// `let in`.
    Let,
    /// `" "` or `'' ''`.
    String,
}

/// What comes next in a level.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Phase {
    /// An expression.
    Value,
    /// The name of an attribute or field.
    Name,
    /// Names that are inherited.
    Inherited,
    /// What a field is where it is not given.
    Default,
}

/// The token before, as far as it matters.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Before {
    /// Nothing, an opening bracket, or the end of a definition.
    Beginning,
    /// The end of an operand.
    Operand,
    /// `.`, behind which a name stands.
    Dot,
    /// `or`, behind which an operand stands.
    Or,
    /// What an expression stands behind.
    Operator,
    /// `...`.
    Ellipsis,
    /// `@`.
    At,
    /// `rec`.
    Rec,
}

impl Level {
    fn new(kind: LevelKind) -> Level {
        let phase = match kind {
            LevelKind::Set | LevelKind::Let => Phase::Name,
            _ => Phase::Value,
        };
        Level { kind, phase, chain: 0, deepest: 0, statements: 0, conditions: (0, 0) }
    }
}

impl Watch {
    /// The beginning of a text.
    pub(super) fn new() -> Watch {
        Watch {
            levels: vec![Level::new(LevelKind::Text)],
            depth: 0,
            before: Before::Beginning,
            is_wrong: false,
        }
    }

    /// How many brackets, strings and `let`s are open, the whole text among them.
    pub(super) fn levels(&self) -> usize {
        self.levels.len()
    }

    /// How deep the tree is here.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a token could not stand where it did.
    pub(super) fn is_wrong(&self) -> bool {
        self.is_wrong
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::new(LevelKind::Text));
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Takes the next token that is no white space or comment.
    pub(super) fn see(&mut self, kind: SyntaxKind) {
        match kind {
            TOKEN_L_PAREN => self.open(LevelKind::Parentheses),
            TOKEN_L_BRACK => self.open(LevelKind::List),
            TOKEN_L_BRACE => self.open(LevelKind::Set),
            TOKEN_INTERPOL_START => self.open(LevelKind::Hole),
            TOKEN_STRING_START => self.open(LevelKind::String),
            TOKEN_LET => self.open(LevelKind::Let),
            TOKEN_R_PAREN => self.close(LevelKind::Parentheses),
            TOKEN_R_BRACK => self.close(LevelKind::List),
            TOKEN_R_BRACE => self.close(LevelKind::Set),
            TOKEN_INTERPOL_END => self.close(LevelKind::Hole),
            TOKEN_STRING_END => self.close(LevelKind::String),
            TOKEN_IN => self.close(LevelKind::Let),
            TOKEN_STRING_CONTENT => {}
            TOKEN_SEMICOLON => self.semicolon(),
            TOKEN_COMMA => self.comma(),
            _ => self.see_inside(kind),
        }
    }

    /// A token that neither opens nor ends anything.
    fn see_inside(&mut self, kind: SyntaxKind) {
        let before = self.before;
        let level = self.level();
        let (level_kind, phase) = (level.kind, level.phase);
        let in_value = matches!(phase, Phase::Value | Phase::Default);
        let in_expression = in_value && level_kind != LevelKind::List;
        let after_operand = before == Before::Operand;
        let (is_right, next) = match kind {
            TOKEN_IDENT | TOKEN_OR => match (kind, before) {
                (TOKEN_OR, Before::Operand) if in_value => (true, Before::Or),
                (TOKEN_IDENT, Before::At) | (_, Before::Dot) => (true, Before::Operand),
                _ => (self.may_begin_operand(), Before::Operand),
            },
            TOKEN_INTEGER | TOKEN_FLOAT | TOKEN_URI | TOKEN_PATH_ABS | TOKEN_PATH_REL
            | TOKEN_PATH_HOME | TOKEN_PATH_SEARCH => {
                (in_value && self.may_begin_operand(), Before::Operand)
            }
            TOKEN_DOT => (after_operand && phase != Phase::Inherited, Before::Dot),
            TOKEN_ASSIGN => {
                let is_named = phase == Phase::Name && after_operand;
                self.level().phase = Phase::Value;
                (is_named, Before::Operator)
            }
            TOKEN_QUESTION if phase == Phase::Name => {
                self.level().phase = Phase::Default;
                (after_operand && level_kind == LevelKind::Set, Before::Operator)
            }
            // What is asked for is a name, as behind a dot.
            TOKEN_QUESTION => (after_operand && in_expression, Before::Dot),
            TOKEN_INHERIT => {
                let begins = phase == Phase::Name && before == Before::Beginning;
                self.level().phase = Phase::Inherited;
                (begins, Before::Beginning)
            }
            TOKEN_REC => (in_value && self.may_begin_operand(), Before::Rec),
            TOKEN_COLON => (after_operand && in_expression, Before::Operator),
            TOKEN_AT => (after_operand && in_expression, Before::At),
            TOKEN_ELLIPSIS => {
                let begins = phase == Phase::Name && before == Before::Beginning;
                (begins && level_kind == LevelKind::Set, Before::Ellipsis)
            }
            TOKEN_WITH | TOKEN_ASSERT => {
                self.level().statements += 1;
                (in_expression && self.may_begin_expression(), Before::Operator)
            }
            TOKEN_IF => {
                self.level().conditions.0 += 1;
                (in_expression && self.may_begin_expression(), Before::Operator)
            }
            TOKEN_THEN => {
                let (ifs, thens) = &mut self.level().conditions;
                let is_expected = *ifs > 0;
                (*ifs, *thens) = (ifs.saturating_sub(1), *thens + 1);
                (is_expected && after_operand && in_expression, Before::Operator)
            }
            TOKEN_ELSE => {
                let (_, thens) = &mut self.level().conditions;
                let is_expected = *thens > 0;
                *thens = thens.saturating_sub(1);
                (is_expected && after_operand && in_expression, Before::Operator)
            }
            TOKEN_INVERT => (
                in_expression && matches!(before, Before::Beginning | Before::Operator),
                Before::Operator,
            ),
            TOKEN_SUB => {
                let may_stand =
                    matches!(before, Before::Beginning | Before::Operator | Before::Operand);
                (in_expression && may_stand, Before::Operator)
            }
            TOKEN_ERROR => (false, Before::Operator),
            _ => (after_operand && in_expression, Before::Operator),
        };
        self.is_wrong |= !is_right;
        let is_operand = next == Before::Operand && !matches!(before, Before::Dot | Before::At);
        if is_operand {
            self.count_operand();
        } else {
            self.lengthen(1);
        }
        self.before = next;
    }

    fn may_begin_expression(&self) -> bool {
        matches!(self.before, Before::Beginning | Before::Operator)
    }

    /// Whether an operand may begin here: at the beginning, behind an operator, or as an argument
    /// or element.
    fn may_begin_operand(&self) -> bool {
        let Some(level) = self.levels.last() else { return false };
        match level.phase {
            Phase::Name => self.before == Before::Beginning,
            Phase::Value | Phase::Default | Phase::Inherited => {
                !matches!(self.before, Before::Ellipsis | Before::At | Before::Rec | Before::Dot)
            }
        }
    }

    /// Each operand lengthens an application, except where operands stand beside each other.
    fn count_operand(&mut self) {
        let is_first = matches!(self.before, Before::Beginning | Before::Operand);
        let is_wrong = self.is_wrong;
        let level = self.level();
        let beside = level.kind == LevelKind::List || level.phase == Phase::Inherited;
        if beside && is_first && !is_wrong {
            self.begin_anew();
        } else {
            self.lengthen(1);
        }
    }

    fn lengthen(&mut self, by: usize) {
        self.level().chain += by;
        self.depth += by;
    }

    /// The expression is at its end, and the next one stands beside it.
    fn begin_anew(&mut self) {
        let level = self.level();
        let chain = std::mem::take(&mut level.chain);
        level.deepest = level.deepest.max(chain);
        self.depth -= chain;
    }

    fn open(&mut self, kind: LevelKind) {
        let before = self.before;
        let phase = self.level().phase;
        let in_value = matches!(phase, Phase::Value | Phase::Default);
        let in_list = self.level().kind == LevelKind::List;
        let is_name = matches!(kind, LevelKind::Hole | LevelKind::String);
        let in_text = matches!(self.level().kind, LevelKind::String);
        self.is_wrong |= !match (kind, before) {
            (LevelKind::Hole, _) if in_text => true,
            (LevelKind::Hole, Before::Dot) | (LevelKind::String, Before::Dot) => true,
            // Behind a piece of a path.
            (LevelKind::Hole, Before::Operand) if in_value => true,
            (LevelKind::Hole, _) => !in_value && self.may_begin_operand(),
            (LevelKind::Set, Before::Rec | Before::At) => true,
            // `let { }`, as it once was.
            (LevelKind::Set, Before::Beginning) if phase == Phase::Name => false,
            (LevelKind::Parentheses, Before::Beginning) if phase == Phase::Inherited => true,
            (LevelKind::Let, _) => in_value && !in_list && self.may_begin_expression(),
            _ => (in_value || is_name) && self.may_begin_operand(),
        };
        if !in_text {
            match before {
                Before::Dot | Before::At | Before::Rec => self.lengthen(1),
                _ => self.count_operand(),
            }
        }
        self.levels.push(Level::new(kind));
        self.before = Before::Beginning;
    }

    fn close(&mut self, kind: LevelKind) {
        let phase = self.level().phase;
        let is_whole = match kind {
            LevelKind::String => true,
            LevelKind::List => matches!(self.before, Before::Beginning | Before::Operand),
            LevelKind::Set if phase == Phase::Name => {
                matches!(self.before, Before::Beginning | Before::Operand | Before::Ellipsis)
            }
            LevelKind::Set => phase == Phase::Default && self.before == Before::Operand,
            LevelKind::Let => phase == Phase::Name && self.before == Before::Beginning,
            LevelKind::Parentheses | LevelKind::Hole => self.before == Before::Operand,
            LevelKind::Text => false,
        };
        let level = self.level();
        let waits = level.statements > 0 || level.conditions != (0, 0);
        let is_right = level.kind == kind && is_whole && !waits && self.levels.len() > 1;
        self.is_wrong |= !is_right;
        if self.is_wrong {
            self.lengthen(1);
        } else if let Some(level) = self.levels.pop() {
            self.depth -= level.chain;
            let within = level.deepest.max(level.chain) + 1;
            let chain = self.level().chain;
            self.lengthen(within.saturating_sub(chain));
        }
        self.before = if kind == LevelKind::Let { Before::Operator } else { Before::Operand };
    }

    fn semicolon(&mut self) {
        let before = self.before;
        let level = self.level();
        let is_definition = matches!(level.kind, LevelKind::Set | LevelKind::Let);
        let (is_right, ends) = match level.phase {
            Phase::Value if level.statements > 0 => {
                level.statements -= 1;
                (before == Before::Operand, false)
            }
            Phase::Value => {
                let is_whole = is_definition && level.conditions == (0, 0);
                level.phase = Phase::Name;
                (is_whole && before == Before::Operand, true)
            }
            Phase::Inherited => {
                level.phase = Phase::Name;
                (matches!(before, Before::Beginning | Before::Operand), true)
            }
            Phase::Default if level.statements > 0 => {
                level.statements -= 1;
                (before == Before::Operand, false)
            }
            Phase::Name | Phase::Default => (false, true),
        };
        self.is_wrong |= !is_right;
        if self.is_wrong || !ends {
            self.lengthen(1);
            self.before = Before::Operator;
        } else {
            self.begin_anew();
            self.before = Before::Beginning;
        }
    }

    fn comma(&mut self) {
        let before = self.before;
        let level = self.level();
        let is_field = level.kind == LevelKind::Set
            && matches!(level.phase, Phase::Name | Phase::Default)
            && level.statements == 0
            && level.conditions == (0, 0);
        self.is_wrong |= !(is_field && before == Before::Operand);
        if self.is_wrong {
            self.lengthen(1);
        } else {
            self.level().phase = Phase::Name;
            self.begin_anew();
        }
        self.before = Before::Beginning;
    }
}
