//! The examples in a rule's documentation, which are run as tests.
//!
//! A block that begins with ```` ```nix bad ```` must make the rule fire, one with
//! ```` ```nix good ```` must not; the good one after a bad one is what its fix makes of it. A block is
//! the file `home.nix`, unless lines `#- path` in it begin others. Plain ```` ```nix ```` blocks only
//! illustrate.

use std::path::{Path, PathBuf};

use crate::source::Tree;

/// The file that a block is about until it says otherwise.
const DEFAULT_FILE: &str = "home.nix";

/// What names the next file of a block.
const SEPARATOR: &str = "#- ";

/// What a rule must make of an example.
#[derive(Copy, Clone, Eq, PartialEq, Debug)]
pub enum Verdict {
    /// It fires.
    Bad,
    /// It stays silent.
    Good,
}

/// One example: a small tree, and what the rule must make of it.
#[derive(Clone, Eq, PartialEq, Debug)]
pub struct Example {
    /// What the rule must make of it.
    pub verdict: Verdict,
    /// Its files by path, in the order they stand, each ending in a line break.
    pub files: Vec<(PathBuf, String)>,
    /// The line of the documentation that it begins at, from 1.
    pub line: usize,
}

impl Example {
    /// The example as a tree in memory.
    pub fn tree(&self) -> Tree {
        Tree::in_memory(Path::new("/example"), self.files.iter().map(|(path, text)| (path, text)))
    }

    /// The text of its file at `path`, such as `frugix.toml`.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|(known, _)| known == Path::new(path)).map(|(_, text)| text.as_str())
    }
}

/// What is wrong with a documentation's examples.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
pub enum ExampleError {
    /// A block has no end.
    #[error("line {line}: the block is not closed; end it with the fence it begins with")]
    Unclosed {
        /// Where it begins.
        line: usize,
    },
    /// A `nix` block with a word after it that is neither `bad` nor `good`.
    #[error("line {line}: `{word}` is no verdict; write `nix bad`, `nix good` or `nix` alone")]
    UnknownVerdict {
        /// Where it begins.
        line: usize,
        /// The word.
        word: String,
    },
    /// A block without a file.
    #[error("line {line}: the example is empty; write some Nix")]
    Empty {
        /// Where it begins.
        line: usize,
    },
    /// Two files of a block have one path.
    #[error("line {line}: the example has `{}` twice; name one of them otherwise", path.display())]
    Duplicate {
        /// Where it begins.
        line: usize,
        /// The path.
        path: PathBuf,
    },
}

/// The examples in a documentation, in order.
pub fn examples(docs: &str) -> Result<Vec<Example>, ExampleError> {
    let mut found = Vec::new();
    let mut lines = docs.lines().enumerate();
    while let Some((index, opening)) = lines.next() {
        let info = opening.trim_start_matches('`');
        let fence = &opening[..opening.len() - info.len()];
        if fence.len() < 3 {
            continue;
        }
        let line = index + 1;
        let mut body = Vec::new();
        loop {
            match lines.next() {
                Some((_, text)) if text.trim_end() == fence => break,
                Some((_, text)) => body.push(text),
                None => return Err(ExampleError::Unclosed { line }),
            }
        }
        if let Some(verdict) = verdict(info, line)? {
            found.push(Example { verdict, files: files(&body, line)?, line });
        }
    }
    Ok(found)
}

/// Each bad example with the good one that comes right after it, which is what fixing it gives.
pub fn fixed_pairs(examples: &[Example]) -> impl Iterator<Item = (&Example, &Example)> {
    examples.windows(2).filter_map(|pair| match pair {
        [bad, good] if bad.verdict == Verdict::Bad && good.verdict == Verdict::Good => {
            Some((bad, good))
        }
        _ => None,
    })
}

fn verdict(info: &str, line: usize) -> Result<Option<Verdict>, ExampleError> {
    let mut words = info.split_whitespace();
    if words.next() != Some("nix") {
        return Ok(None);
    }
    let unknown = |word: &str| Err(ExampleError::UnknownVerdict { line, word: word.to_owned() });
    let verdict = match words.next() {
        None => None,
        Some("bad") => Some(Verdict::Bad),
        Some("good") => Some(Verdict::Good),
        Some(word) => return unknown(word),
    };
    words.next().map_or(Ok(verdict), unknown)
}

fn files(body: &[&str], line: usize) -> Result<Vec<(PathBuf, String)>, ExampleError> {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for text in body {
        if let Some(path) = text.strip_prefix(SEPARATOR) {
            let path = PathBuf::from(path.trim());
            if files.iter().any(|(known, _)| *known == path) {
                return Err(ExampleError::Duplicate { line, path });
            }
            files.push((path, String::new()));
            continue;
        }
        if files.is_empty() && !text.trim().is_empty() {
            files.push((DEFAULT_FILE.into(), String::new()));
        }
        if let Some((_, file)) = files.last_mut() {
            file.push_str(text);
            file.push('\n');
        }
    }
    match files.iter().all(|(_, text)| text.trim().is_empty()) {
        true => Err(ExampleError::Empty { line }),
        false => Ok(files),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> (PathBuf, String) {
        (path.into(), text.into())
    }

    #[test]
    fn blocks_are_examples() {
        let docs = "# What it flags\n\nx\n\n```nix bad\n{\n  a = 1;\n}\n```\n\n```console\n$ nix\n```\n\
                    ```nix\nonly.shown\n```\n```nix good\n1\n```\n";
        let found = examples(docs).unwrap();
        assert_eq!(
            found,
            [
                Example {
                    verdict: Verdict::Bad,
                    files: vec![file("home.nix", "{\n  a = 1;\n}\n")],
                    line: 5
                },
                Example { verdict: Verdict::Good, files: vec![file("home.nix", "1\n")], line: 17 },
            ]
        );
        assert_eq!(fixed_pairs(&found).count(), 1);
    }

    #[test]
    fn a_block_may_hold_several_files() {
        let docs = "```nix bad\n\n#- none.nix\n#- flake.nix\n{ }\n\n#- frugix.toml\n[host.a]\nthreads = 8\n\
                    #- empty.nix\n```\n````nix good\n1\n#- b/c.nix\n# ```\n2\n````\n";
        let found = examples(docs).unwrap();
        assert_eq!(
            found[0].files,
            [
                file("none.nix", ""),
                file("flake.nix", "{ }\n\n"),
                file("frugix.toml", "[host.a]\nthreads = 8\n"),
                file("empty.nix", ""),
            ]
        );
        assert_eq!(found[0].file("frugix.toml"), Some("[host.a]\nthreads = 8\n"));
        assert_eq!(found[0].file("home.nix"), None);
        assert_eq!(found[1].files, [file("home.nix", "1\n"), file("b/c.nix", "# ```\n2\n")]);
        let tree = found[1].tree();
        assert_eq!(tree.files().len(), 2);
        assert_eq!(&*tree.read_text(Path::new("b/c.nix")).unwrap(), "# ```\n2\n");
    }

    #[test]
    fn only_neighbours_are_pairs() {
        let docs =
            "```nix bad\n1\n```\n```nix bad\n2\n```\n```nix good\n3\n```\n```nix good\n4\n```\n";
        let found = examples(docs).unwrap();
        let pairs: Vec<(usize, usize)> =
            fixed_pairs(&found).map(|(bad, good)| (bad.line, good.line)).collect();
        assert_eq!(pairs, [(4, 7)]);
    }

    #[test]
    fn mistakes_are_told() {
        let error = |docs| examples(docs).unwrap_err().to_string();
        assert_eq!(
            error("x\n```nix bad\n1\n"),
            "line 2: the block is not closed; end it with the fence it begins with"
        );
        assert_eq!(
            error("```nix ugly\n1\n```"),
            "line 1: `ugly` is no verdict; write `nix bad`, `nix good` or `nix` alone"
        );
        assert_eq!(
            error("```nix bad good\n1\n```"),
            "line 1: `good` is no verdict; write `nix bad`, `nix good` or `nix` alone"
        );
        assert_eq!(error("```nix bad\n\n```"), "line 1: the example is empty; write some Nix");
        assert_eq!(
            error("```nix bad\n1\n#- home.nix\n2\n```"),
            "line 1: the example has `home.nix` twice; name one of them otherwise"
        );
    }
}
