//! The words and operators of a script, quotes taken away.

use std::iter::Peekable;
use std::str::Chars;

/// A piece of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// `;`, `&`, `|`, `(`, `)`, a line's end.
    End,
    /// `&&` and `||`.
    AndOr,
    /// `NAME=(` up to its `)`.
    Array(String, Vec<String>),
    /// `>` and `>>`, with their file.
    Output(String),
    /// `<<WORD`, with the lines up to that word.
    Document(String),
}

/// Whether `text` may be a variable's name.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_part)
}

/// The tokens of `script`.
pub(super) fn tokens(script: &str) -> Vec<Token> {
    let mut lexer =
        Lexer { chars: script.chars().peekable(), tokens: Vec::new(), open: Vec::new() };
    lexer.run();
    lexer.tokens
}

struct Lexer<'s> {
    chars: Peekable<Chars<'s>>,
    tokens: Vec<Token>,
    /// The here-documents that begin at the end of the line: where their token is, the word that
    /// ends them, and whether their lines may be indented.
    open: Vec<(usize, String, bool)>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(next) = self.chars.peek().copied() {
            match next {
                '\n' => {
                    self.chars.next();
                    self.documents();
                    self.tokens.push(Token::End);
                }
                '#' => while self.chars.next_if(|c| *c != '\n').is_some() {},
                ';' | '(' | ')' => {
                    self.chars.next();
                    self.tokens.push(Token::End);
                }
                '&' | '|' => {
                    self.chars.next();
                    let twice = self.chars.next_if_eq(&next).is_some();
                    self.tokens.push(if twice { Token::AndOr } else { Token::End });
                }
                '>' => self.output(),
                '<' => self.input(),
                _ if next.is_whitespace() => {
                    self.chars.next();
                }
                _ => self.word_or_array(),
            }
        }
        self.documents();
    }

    fn output(&mut self) {
        while self.chars.next_if(|c| matches!(c, '>' | '|')).is_some() {}
        if self.chars.next_if_eq(&'&').is_some() {
            self.word();
            return;
        }
        // `2> file`.
        if matches!(self.tokens.last(), Some(Token::Word(word)) if word == "1" || word == "2") {
            self.tokens.pop();
        }
        self.blanks();
        let file = self.word();
        self.tokens.push(Token::Output(file));
    }

    fn input(&mut self) {
        self.chars.next();
        if self.chars.next_if_eq(&'<').is_none() {
            self.blanks();
            self.word();
            return;
        }
        if self.chars.next_if_eq(&'<').is_some() {
            self.blanks();
            let text = self.word();
            self.tokens.push(Token::Document(text));
            return;
        }
        let indented = self.chars.next_if_eq(&'-').is_some();
        self.blanks();
        let word = self.word();
        self.open.push((self.tokens.len(), word, indented));
        self.tokens.push(Token::Document(String::new()));
    }

    /// The lines of the here-documents that the line before opened.
    fn documents(&mut self) {
        for (index, word, indented) in std::mem::take(&mut self.open) {
            let mut text = String::new();
            while self.chars.peek().is_some() {
                let mut line = String::new();
                while let Some(c) = self.chars.next_if(|c| *c != '\n') {
                    line.push(c);
                }
                self.chars.next();
                let ends = if indented { line.trim_start_matches('\t') } else { line.as_str() };
                if ends == word {
                    break;
                }
                text.push_str(&line);
                text.push('\n');
            }
            if let Some(token) = self.tokens.get_mut(index) {
                *token = Token::Document(text);
            }
        }
    }

    fn blanks(&mut self) {
        while self.chars.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
    }

    fn word_or_array(&mut self) {
        let word = self.word();
        let name = word.strip_suffix('=').map(|name| name.strip_suffix('+').unwrap_or(name));
        let is_array = name.is_some_and(is_name) && self.chars.peek() == Some(&'(');
        match name.filter(|_| is_array) {
            Some(name) => {
                let name = name.to_owned();
                self.chars.next();
                let items = self.items();
                self.tokens.push(Token::Array(name, items));
            }
            None => self.tokens.push(Token::Word(word)),
        }
    }

    /// The elements of an array, up to its closing parenthesis.
    fn items(&mut self) -> Vec<String> {
        let mut items = Vec::new();
        while let Some(next) = self.chars.peek().copied() {
            match next {
                ')' => {
                    self.chars.next();
                    break;
                }
                '#' => while self.chars.next_if(|c| *c != '\n').is_some() {},
                _ if next.is_whitespace() || is_operator(next) => {
                    self.chars.next();
                }
                _ => items.push(self.word()),
            }
        }
        items
    }

    /// A word, its quotes taken away.
    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Some(next) = self.chars.peek().copied() {
            match next {
                '\'' => {
                    self.chars.next();
                    while let Some(c) = self.chars.next_if(|c| *c != '\'') {
                        word.push(c);
                    }
                    self.chars.next();
                }
                '"' => {
                    self.chars.next();
                    self.quoted(&mut word);
                }
                '\\' => {
                    self.chars.next();
                    // A line that goes on.
                    word.extend(self.chars.next().filter(|c| *c != '\n'));
                }
                '$' => self.expansion(&mut word),
                _ if next.is_whitespace() || is_operator(next) => break,
                _ => {
                    self.chars.next();
                    word.push(next);
                }
            }
        }
        word
    }

    /// The inside of double quotes, up to the closing one.
    fn quoted(&mut self, word: &mut String) {
        while let Some(next) = self.chars.peek().copied() {
            match next {
                '"' => {
                    self.chars.next();
                    break;
                }
                '\\' => {
                    self.chars.next();
                    match self.chars.next() {
                        Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                        Some('\n') | None => {}
                        Some(c) => word.extend(['\\', c]),
                    }
                }
                '$' => self.expansion(word),
                _ => {
                    self.chars.next();
                    word.push(next);
                }
            }
        }
    }

    /// `$x`, `${x}` or `$(x)`, as it is written.
    fn expansion(&mut self, word: &mut String) {
        word.extend(self.chars.next());
        let Some((open, close)) = self.chars.peek().and_then(|next| match next {
            '{' => Some(('{', '}')),
            '(' => Some(('(', ')')),
            _ => None,
        }) else {
            return;
        };
        let mut depth = 0_usize;
        for c in self.chars.by_ref() {
            word.push(c);
            depth += usize::from(c == open);
            depth -= usize::from(c == close);
            if depth == 0 {
                break;
            }
        }
    }
}

fn is_operator(c: char) -> bool {
    matches!(c, ';' | '&' | '|' | '(' | ')' | '<' | '>' | '\n')
}
