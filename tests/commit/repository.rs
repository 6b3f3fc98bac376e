//! A git repository for a test, and commands in it that see nothing of this machine's settings.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// An override that changes nothing, with a safe fix.
pub const NEEDLESS: &str = "final: prev: {\n  greeting = prev.hello.override { };\n}\n";
/// What the safe fix makes of it.
pub const FIXED: &str = "final: prev: {\n  greeting = prev.hello;\n}\n";
/// Nothing to complain of.
pub const FINE: &str = "final: prev: { }\n";

/// A repository that is gone when it is dropped.
pub struct Repository {
    folder: TempDir,
    home: TempDir,
}

impl Repository {
    /// A repository whose first commit holds `files`.
    pub fn new(files: &[(&str, &str)]) -> Repository {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let home = tempfile::tempdir().expect("a temporary folder");
        let repository = Repository { folder, home };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write_all(files);
        repository.git(&["add", "--all"]);
        repository.git(&["commit", "--quiet", "--no-verify", "--allow-empty", "-m", "first"]);
        repository
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders are made");
        fs::write(path, text).expect("a file is written");
    }

    pub fn write_all(&self, files: &[(&str, &str)]) {
        files.iter().for_each(|(file, text)| self.write(file, text));
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).expect("a file is read")
    }

    /// A command in the repository, with the frugix of this build in front of the path.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_frugix"));
        let mut path = OsString::from(binary.parent().expect("a folder"));
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        let variables = env::vars_os().map(|(name, _)| name);
        let steers_git = |name: &OsString| name.to_string_lossy().starts_with("GIT_");
        variables.filter(steers_git).for_each(|name| {
            command.env_remove(name);
        });
        command
            .env("PATH", path)
            .env("HOME", self.home.path())
            .env("XDG_CACHE_HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("FRUGIX_OUTPUT_FORMAT");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Tester");
            command.env(format!("GIT_{role}_EMAIL"), "tester@example.org");
        }
        command
    }

    pub fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        Ran::from(self.command(program, arguments).output().expect("the command starts"))
    }

    /// Runs git, which must succeed; what it prints.
    pub fn git(&self, arguments: &[&str]) -> String {
        let ran = self.run("git", arguments);
        assert_eq!(ran.code, 0, "git {arguments:?}: {}", ran.said);
        ran.said
    }

    pub fn frugix(&self, arguments: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_frugix"), arguments)
    }

    /// Commits what is staged, hooks and all.
    pub fn commit(&self) -> Ran {
        self.run("git", &["commit", "-m", "a change"])
    }

    /// How many commits there are.
    pub fn commits(&self) -> usize {
        self.git(&["rev-list", "--count", "HEAD"]).trim().parse().expect("a number")
    }
}

/// How a command ended.
pub struct Ran {
    pub code: i32,
    /// Standard output, and standard error behind it.
    pub said: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let said = [output.stdout, output.stderr].concat();
        Ran {
            code: output.status.code().expect("the command was not killed"),
            said: String::from_utf8_lossy(&said).into_owned(),
        }
    }
}
