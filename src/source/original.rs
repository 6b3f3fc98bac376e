//! The text that a file was first read with. It is kept, or let go and read again for whoever asks after
//! all; then it is the same text or none.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::ReadError;
use super::file::SourceFile;

/// What is known of a file's text.
#[derive(Default)]
pub(super) struct Original(Mutex<State>);

type Read = Result<Arc<SourceFile>, ReadError>;

#[derive(Default)]
enum State {
    #[default]
    Unread,
    Kept(Arc<SourceFile>),
    /// It was this text.
    LetGo(Digest),
    Failed(ReadError),
}

/// Enough of a text to know it again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Digest(u64);

impl Digest {
    fn of(file: &SourceFile) -> Digest {
        let mut hasher = DefaultHasher::new();
        (&*file.text, file.bom).hash(&mut hasher);
        Digest(hasher.finish())
    }
}

impl Original {
    /// One that was read already.
    pub(super) fn set(&self, read: Read) {
        *self.state() = State::from(read);
    }

    /// The file, as `read` gives it if it is not here. It is here then.
    pub(super) fn get(&self, read: impl FnOnce() -> Result<SourceFile, ReadError>) -> Read {
        self.find(read, |_| true)
    }

    /// As [`Original::get`], but what was let go stays so.
    pub(super) fn glance(&self, read: impl FnOnce() -> Result<SourceFile, ReadError>) -> Read {
        self.find(read, |was_let_go| !was_let_go)
    }

    fn find(
        &self,
        read: impl FnOnce() -> Result<SourceFile, ReadError>,
        is_kept: impl FnOnce(bool) -> bool,
    ) -> Read {
        let mut state = self.state();
        let expected = match &*state {
            State::Kept(file) => return Ok(Arc::clone(file)),
            State::Failed(error) => return Err(error.clone()),
            State::LetGo(digest) => Some(*digest),
            State::Unread => None,
        };
        let is_same = |file: &SourceFile| expected.is_none_or(|it| it == Digest::of(file));
        let read = match (read(), expected) {
            (Ok(file), _) if is_same(&file) => Ok(Arc::new(file)),
            (_, Some(_)) => Err(ReadError::Changed),
            (read, None) => read.map(Arc::new),
        };
        if read.is_err() || is_kept(expected.is_some()) {
            *state = State::from(read.clone());
        }
        read
    }

    /// Keeps no more than what the text is known again by.
    pub(super) fn let_go(&self) {
        let mut state = self.state();
        if let State::Kept(file) = &*state {
            *state = State::LetGo(Digest::of(file));
        }
    }

    /// Why it could not be read; `Err` if nobody tried.
    pub(super) fn error(&self) -> Result<Option<ReadError>, Unread> {
        match &*self.state() {
            State::Unread => Err(Unread),
            State::Kept(_) | State::LetGo(_) => Ok(None),
            State::Failed(error) => Ok(Some(error.clone())),
        }
    }

    /// The state, which is whole even if a thread died holding it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nobody has asked for the file yet.
pub(super) struct Unread;

impl From<Read> for State {
    fn from(read: Read) -> State {
        match read {
            Ok(file) => State::Kept(file),
            Err(error) => State::Failed(error),
        }
    }
}
