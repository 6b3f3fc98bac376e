//! The program as it is run: on a folder of its own, and with an end to patience.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What no run takes longer than, on a busy machine and without optimisation.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a run ended, and what it said.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The exit code of a program that nothing killed.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("killed: {}\n{}", self.status, self.stderr))
    }
}

/// The program, in `folder`.
pub fn frugix(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frugix"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FRUGIX_OUTPUT_FORMAT"] {
        command.env_remove(name);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program in `folder` to its end.
pub fn run(folder: &Path, arguments: &[&str]) -> Ended {
    end(frugix(folder, arguments).spawn().expect("the program starts"))
}

/// Waits for `child`, with patience.
pub fn end(mut child: Child) -> Ended {
    let read = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                let _ = stream.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let stdout = read(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = read(child.stderr.take().map(|stream| Box::new(stream) as _));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the program is ours") {
            break status;
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("the program hangs");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let text = |thread: thread::JoinHandle<String>| thread.join().expect("the output is read");
    Ended { status, stdout: text(stdout), stderr: text(stderr) }
}
