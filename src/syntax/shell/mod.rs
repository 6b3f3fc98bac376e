//! What the scripts of builds say: their commands, the variables that these set, and the texts that
//! they write.
//!
//! The phases of a derivation are Bash with holes where Nix puts values in. This reads as much of
//! Bash as tells a flag that is set from one that a comment speaks of: quotes, comments,
//! here-documents, and what stands under a condition. It expands nothing and refuses nothing.

mod words;

use words::{Token, is_name, tokens};

/// A simple command of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The variables it sets, for itself or for what follows.
    pub sets: Vec<Assignment>,
    /// Its words without quotes; the assignments before it are not among them.
    pub words: Vec<String>,
    /// The file that its output goes to.
    pub output: Option<String>,
    /// The here-document that it reads.
    pub input: Option<String>,
    /// Whether it runs hangs on something that the script asks for.
    pub guarded: bool,
}

/// A variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// What it is set to, or what is added, without quotes; the elements of an array with a space
    /// between them.
    pub value: String,
}

/// Commands of which the arguments are assignments.
const DECLARING: [&str; 5] = ["export", "declare", "typeset", "local", "readonly"];

/// Functions of stdenv that add their further arguments to the variable that the first one names.
const APPENDING: [&str; 2] = ["appendToVar", "prependToVar"];

/// Words that open what runs under a condition, and those that close it.
const OPENING: [&str; 5] = ["if", "case", "for", "while", "until"];
const CLOSING: [&str; 3] = ["fi", "esac", "done"];

/// Words before a command that are no part of it.
const BEFORE: [&str; 8] = ["then", "else", "elif", "do", "!", "{", "}", "time"];

/// Commands that ask.
const ASKING: [&str; 3] = ["[", "[[", "test"];

/// The commands of `script`, in the order of the text.
pub fn commands(script: &str) -> Vec<Command> {
    let mut reader = Reader::default();
    for token in tokens(script) {
        reader.take(token);
    }
    reader.end();
    reader.found
}

impl Command {
    /// The name of the program it runs, without the folder that the program lies in.
    pub fn program(&self) -> Option<&str> {
        self.words.first().map(|word| word.rsplit('/').next().unwrap_or(word))
    }
}

/// Puts tokens together.
#[derive(Default)]
struct Reader {
    found: Vec<Command>,
    current: Command,
    depth: usize,
    /// What stands before was a question.
    asked: bool,
}

impl Reader {
    fn take(&mut self, token: Token) {
        match token {
            Token::Word(word) => self.word(word),
            Token::Array(name, items) => {
                self.current.sets.push(Assignment { name, value: items.join(" ") });
            }
            Token::Output(file) => self.current.output = Some(file),
            Token::Document(text) => self.current.input = Some(text),
            Token::End => self.end(),
            Token::AndOr => {
                let is_question = self.current.program().is_some_and(|word| ASKING.contains(&word));
                let asked = self.asked || is_question;
                self.end();
                self.asked = asked;
            }
        }
    }

    fn word(&mut self, word: String) {
        if self.current.words.is_empty() {
            if self.current.sets.is_empty() {
                self.depth += usize::from(OPENING.contains(&word.as_str()));
                let is_closing = CLOSING.contains(&word.as_str());
                self.depth = self.depth.saturating_sub(usize::from(is_closing));
                if is_closing || OPENING.contains(&word.as_str()) || BEFORE.contains(&word.as_str())
                {
                    return;
                }
            }
            if let Some(assignment) = assignment(&word) {
                self.current.sets.push(assignment);
                return;
            }
        }
        let is_declaring =
            self.current.words.first().is_some_and(|first| DECLARING.contains(&first.as_str()));
        if is_declaring && let Some(assignment) = assignment(&word) {
            self.current.sets.push(assignment);
        }
        self.current.words.push(word);
    }

    fn end(&mut self) {
        let mut command = std::mem::take(&mut self.current);
        command.guarded = self.depth > 0 || self.asked;
        self.asked = false;
        if let [function, name, values @ ..] = command.words.as_slice()
            && APPENDING.contains(&function.as_str())
        {
            let appended = Assignment { name: name.clone(), value: values.join(" ") };
            command.sets.push(appended);
        }
        if command != (Command { guarded: command.guarded, ..Command::default() }) {
            self.found.push(command);
        }
    }
}

/// `NAME=value` and `NAME+=value`.
fn assignment(word: &str) -> Option<Assignment> {
    let (name, value) = word.split_once('=')?;
    let name = name.strip_suffix('+').unwrap_or(name);
    is_name(name).then(|| Assignment { name: name.to_owned(), value: value.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(script: &str) -> Vec<(String, String, bool)> {
        let found = commands(script);
        let all = found.iter().flat_map(|command| {
            command.sets.iter().map(|set| (set.name.clone(), set.value.clone(), command.guarded))
        });
        all.collect()
    }

    fn set(name: &str, value: &str, guarded: bool) -> (String, String, bool) {
        (name.to_owned(), value.to_owned(), guarded)
    }

    #[test]
    fn variables_are_set_in_many_ways() {
        let script = "
            export RUSTFLAGS=\"-C target-cpu=native $RUSTFLAGS\" # not A=1
            CFLAGS='-O3 -march=native' make
            flags+=(\"-DX=1\" -DY) # no
            appendToVar NIX_LDFLAGS -s -w
            declare -x B=2; C=${C:-a b}\\\n   D=3 true
            # export E=5
            echo export F=6 'G=7' \"it's\"
        ";
        let expected = [
            set("RUSTFLAGS", "-C target-cpu=native $RUSTFLAGS", false),
            set("CFLAGS", "-O3 -march=native", false),
            set("flags", "-DX=1 -DY", false),
            set("NIX_LDFLAGS", "-s -w", false),
            set("B", "2", false),
            set("C", "${C:-a b}", false),
            set("D", "3", false),
        ];
        assert_eq!(sets(script), expected);
    }

    #[test]
    fn conditions_guard_what_stands_under_them() {
        let script = "
            if [ -d \"$SCCACHE_DIR\" ]; then
              export A=1
            fi
            [ -d /x ] && export B=2
            export C=3
            cd x && export D=4
        ";
        let guarded: Vec<bool> = sets(script).iter().map(|set| set.2).collect();
        assert_eq!(guarded, [true, true, false, false]);
    }

    #[test]
    fn texts_are_written_to_files() {
        let script = "mkdir -p .cargo\ncat > .cargo/config.toml <<EOF\n[build]\nrustflags = \"x\"\nEOF\necho 'a' 2>&1 >> b";
        let found = commands(script);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1].program(), Some("cat"));
        assert_eq!(found[1].output.as_deref(), Some(".cargo/config.toml"));
        assert_eq!(found[1].input.as_deref(), Some("[build]\nrustflags = \"x\"\n"));
        assert_eq!(found[2].output.as_deref(), Some("b"));
    }

    #[test]
    fn what_is_cut_off_is_read_to_its_end() {
        for script in
            ["A=\"", "A='x", "cat <<EOF\nx", "A=(", "$(", "${", "\\", "if", "<", ">", "&&"]
        {
            commands(script);
        }
        assert_eq!(sets("A=\"b c"), [set("A", "b c", false)]);
    }
}
