//! Nix, asked about many expressions in few processes.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

/// Expressions evaluated by one process.
const BATCH: usize = 200;

/// Threads that start processes.
const THREADS: usize = 2;

/// What stands in for nixpkgs' library, below the folder of a [`Nix`].
const LIBRARY: &str = "library.nix";

/// The installed `nix-instantiate`.
pub struct Nix {
    store: tempfile::TempDir,
}

/// What Nix says of an expression: its JSON, or `None` where Nix refuses it.
pub type Answer = Option<Json>;

impl Nix {
    /// Nix, where it is installed.
    ///
    /// # Panics
    ///
    /// Where it is not installed and `FRUGIX_REQUIRE_NIX=1` says that it must be.
    pub fn find() -> Option<Nix> {
        let installed = Command::new("nix-instantiate")
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .is_ok_and(|output| output.status.success());
        if installed {
            let store = tempfile::tempdir().expect("a temporary folder");
            std::fs::write(store.path().join(LIBRARY), include_str!("library.nix"))
                .expect("a file is written");
            return Some(Nix { store });
        }
        let required = std::env::var("FRUGIX_REQUIRE_NIX").is_ok_and(|value| value == "1");
        assert!(!required, "FRUGIX_REQUIRE_NIX=1, but nix-instantiate is not installed");
        eprintln!("skipped: nix-instantiate is not installed");
        None
    }

    /// What Nix says of each expression, in which `lib` is nixpkgs' library.
    pub fn evaluate(&self, expressions: &[&str]) -> Vec<Answer> {
        let share = expressions.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = expressions
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || {
                        part.chunks(BATCH).flat_map(|batch| self.batch(batch)).collect::<Vec<_>>()
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("a worker ends")).collect()
        })
    }

    /// One process for all of them; where one of them stops it, two processes for the halves.
    fn batch(&self, expressions: &[&str]) -> Vec<Answer> {
        match (self.together(expressions), expressions) {
            (Some(answers), _) => answers,
            (None, [] | [_]) => vec![None; expressions.len()],
            (None, _) => {
                let (left, right) = expressions.split_at(expressions.len() / 2);
                [self.batch(left), self.batch(right)].concat()
            }
        }
    }

    fn together(&self, expressions: &[&str]) -> Option<Vec<Answer>> {
        let mut text = format!(
            "let lib = import {}; oracle'try = value: builtins.tryEval (builtins.deepSeq value value); in [\n",
            self.store.path().join(LIBRARY).display()
        );
        for expression in expressions {
            text.push_str(&format!("(oracle'try (\n{expression}\n))\n"));
        }
        text.push_str("]\n");
        let output = self.run(&["--eval", "--strict", "--json", "-"], Some(&text));
        if !output.status.success() {
            return None;
        }
        // A string cut inside a character is no UTF-8; no other string is changed by this.
        let json = String::from_utf8_lossy(&output.stdout);
        let answers: Vec<Json> = serde_json::from_str(&json).ok()?;
        let value = |answer: Json| match answer {
            Json::Object(mut answer) if answer["success"] == true => answer.remove("value"),
            _ => None,
        };
        Some(answers.into_iter().map(value).collect())
    }

    /// The JSON of a file, or what Nix says against it.
    pub fn evaluate_file(&self, file: &Path) -> Result<Json, String> {
        let file = file.to_str().expect("a path is text");
        let output = self.run(&["--eval", "--strict", "--json", file], None);
        if output.status.success() {
            serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Those of `texts` that are no Nix, by index, each with what is wrong. That a name is bound by
    /// nothing is no fault.
    // Not all tests that share this file ask.
    #[allow(dead_code)]
    pub fn refused(&self, texts: &[String]) -> Vec<(usize, String)> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let written = |(at, text): (usize, &String)| {
            let path = folder.path().join(at.to_string());
            std::fs::write(&path, format!("with {{ }}; (\n{text}\n)\n"))
                .expect("a file is written");
            path.into_os_string().into_string().expect("a path is text")
        };
        let files: Vec<(usize, String)> =
            texts.iter().enumerate().map(written).enumerate().collect();
        files.chunks(BATCH).flat_map(|batch| self.refused_files(batch)).collect()
    }

    /// One process for all of them; where one of them stops it, two processes for the halves.
    #[allow(dead_code)]
    fn refused_files(&self, files: &[(usize, String)]) -> Vec<(usize, String)> {
        let paths = files.iter().map(|(_, path)| path.as_str());
        let arguments: Vec<&str> = ["--parse"].into_iter().chain(paths).collect();
        let output = self.run(&arguments, None);
        match files {
            _ if output.status.success() => Vec::new(),
            [] => Vec::new(),
            [(at, _)] => vec![(*at, String::from_utf8_lossy(&output.stderr).into_owned())],
            _ => {
                let (left, right) = files.split_at(files.len() / 2);
                [self.refused_files(left), self.refused_files(right)].concat()
            }
        }
    }

    /// Whether a text is Nix, or what is wrong with it.
    pub fn parse(&self, text: &str) -> Result<(), String> {
        let output = self.run(&["--parse", "-"], Some(text));
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn run(&self, arguments: &[&str], input: Option<&str>) -> Output {
        let mut command = Command::new("nix-instantiate");
        command.args(arguments).env("NIX_PATH", "");
        // A store of its own: the tests need neither a daemon nor the right to write to a real one.
        command.env("NIX_REMOTE", "").env("NIX_STATE_DIR", self.store.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("nix-instantiate starts");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        let text = input.unwrap_or_default().to_owned();
        let writer = std::thread::spawn(move || {
            // A parser that gives up closes the pipe early.
            let _ = stdin.write_all(text.as_bytes());
        });
        let output = child.wait_with_output().expect("nix-instantiate ends");
        writer.join().expect("the writer ends");
        output
    }
}
