//! A sign of life for runs that take a while, on a terminal only.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::terminal::Terminal;

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);
const ERASE_LINE: &str = "\r\u{1b}[2K";

/// Shows that work goes on until it is dropped, then leaves no trace.
pub(super) struct Progress {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins to show `doing`, a short phrase, and how long it has been going on.
    pub fn start(terminal: &Terminal, doing: impl Into<String>) -> Progress {
        if !terminal.shows_progress() {
            return Progress { running: None };
        }
        let doing = doing.into();
        let (stop, stopped) = mpsc::channel::<()>();
        let began = Instant::now();
        let show = move || {
            let mut shown = false;
            let mut wait = PATIENCE;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(wait) {
                wait = STEP;
                shown = true;
                let seconds = began.elapsed().as_secs_f64();
                draw(&format!("{ERASE_LINE}{doing} … {seconds:.1} s"));
            }
            if shown {
                draw(ERASE_LINE);
            }
        };
        let thread = thread::Builder::new().name("progress".to_owned()).spawn(show);
        Progress { running: thread.ok().map(|thread| (stop, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            // It can only have failed to draw.
            let _ = thread.join();
        }
    }
}

fn draw(text: &str) {
    let mut errors = io::stderr().lock();
    let _ = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
}
