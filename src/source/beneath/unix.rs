//! Where folders can be held open and asked for what they hold.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

/// A folder that is reached without listing it. Where the system knows of no such handle, one that
/// could be listed.
#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// A file that is read. Neither a pipe nor a terminal is waited for.
const READ: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// A folder held open. Its name may come to mean something else meanwhile.
#[derive(Debug)]
pub(in crate::source) struct Beneath(OwnedFd);

impl Beneath {
    /// Opens a folder of this machine; links on the way are followed.
    pub(in crate::source) fn open(folder: &Path) -> io::Result<Beneath> {
        Ok(Beneath(rustix::fs::openat(CWD, folder, FOLDER, Mode::empty())?))
    }

    /// The folder at `path` beneath this one; itself when the path is empty.
    ///
    /// # Errors
    /// When it is gone, no folder, or not reached without a link.
    pub(in crate::source) fn folder(&self, path: &Path) -> io::Result<Beneath> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        self.reach(path, FOLDER).map(Beneath)
    }

    /// Whatever stands at `path` beneath this folder, for reading.
    ///
    /// # Errors
    /// When it is gone, is a link, is not reached without one, or may not be read.
    pub(in crate::source) fn file(&self, path: &Path) -> io::Result<File> {
        self.reach(path, READ).map(File::from)
    }

    /// Whether the mode lets nobody write in this folder.
    pub(in crate::source) fn is_read_only(&self) -> bool {
        let writable = Mode::WUSR | Mode::WGRP | Mode::WOTH;
        rustix::fs::fstat(&self.0)
            .is_ok_and(|found| !Mode::from_raw_mode(found.st_mode).intersects(writable))
    }

    /// Makes what was renamed in this folder last. Some file systems cannot.
    pub(in crate::source) fn sync(&self) {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        if let Ok(folder) = rustix::fs::openat(&self.0, ".", flags, Mode::empty()) {
            let _ = rustix::fs::fsync(folder);
        }
    }

    #[cfg(target_os = "linux")]
    fn reach(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        use rustix::fs::ResolveFlags;

        let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let flags = flags | OFlags::NOFOLLOW;
        match rustix::fs::openat2(&self.0, path, flags, Mode::empty(), within) {
            // Older than 5.6, or in a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => self.reach_by_steps(path, flags),
            reached => Ok(reached?),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn reach(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        self.reach_by_steps(path, flags | OFlags::NOFOLLOW)
    }

    /// Opens one folder after the other, none of which may be a link.
    fn reach_by_steps(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let mut held: Option<OwnedFd> = None;
        let mut steps = path.components().peekable();
        while let Some(step) = steps.next() {
            let from = held.as_ref().unwrap_or(&self.0);
            let flags = if steps.peek().is_some() { FOLDER | OFlags::NOFOLLOW } else { flags };
            let opened = rustix::fs::openat(from, step.as_os_str(), flags, Mode::empty());
            held = Some(match opened {
                Ok(opened) => opened,
                // Asked for a folder, systems call a link "not a folder".
                Err(Errno::NOTDIR) if is_link(from, step.as_os_str()) => {
                    return Err(Errno::LOOP.into());
                }
                Err(error) => return Err(error.into()),
            });
        }
        held.ok_or_else(|| Errno::NOENT.into())
    }
}

fn is_link(folder: &OwnedFd, name: &OsStr) -> bool {
    rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|found| FileType::from_raw_mode(found.st_mode).is_symlink())
}

/// A new file that is to take the place of another in its folder; gone again if it never does.
pub(in crate::source) struct Replacement<'f> {
    folder: &'f Beneath,
    /// None once it has taken the place.
    name: Option<OsString>,
    file: File,
}

impl<'f> Replacement<'f> {
    /// Makes it, empty, under a name that nothing has.
    pub(in crate::source) fn new(folder: &'f Beneath) -> io::Result<Replacement<'f>> {
        static MADE: AtomicU64 = AtomicU64::new(0);

        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        loop {
            let count = MADE.fetch_add(1, Ordering::Relaxed);
            let name = OsString::from(format!(".frugix-{}-{count}", std::process::id()));
            match rustix::fs::openat(&folder.0, &*name, flags, mode) {
                Ok(file) => {
                    return Ok(Replacement { folder, name: Some(name), file: File::from(file) });
                }
                // What a run left that was killed.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The file, to be filled.
    pub(in crate::source) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Takes the place of `name` in its folder, whatever stands there.
    pub(in crate::source) fn take_place_of(mut self, name: &OsStr) -> io::Result<()> {
        if let Some(own) = &self.name {
            rustix::fs::renameat(&self.folder.0, &**own, &self.folder.0, name)?;
        }
        self.name = None;
        Ok(())
    }
}

impl Drop for Replacement<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            let _ = rustix::fs::unlinkat(&self.folder.0, &**name, AtFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Both ways of reaching lead to the same, or fail alike.
    #[test]
    fn one_call_reaches_what_steps_reach() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(path("a/b")).expect("a folder");
        std::fs::write(path("a/b/c"), "c").expect("a file");
        symlink("a", path("linked")).expect("a link");
        symlink("c", path("a/b/link")).expect("a link");
        symlink("/", path("a/top")).expect("a link");
        let beneath = Beneath::open(folder.path()).expect("a folder");
        let kind = |opened: io::Result<OwnedFd>| opened.map(drop).map_err(|error| error.kind());
        for name in ["a", "a/b", "a/b/c", "none", "a/none/c", "a/b/c/d"] {
            let one = kind(beneath.reach(Path::new(name), READ));
            let steps = kind(beneath.reach_by_steps(Path::new(name), READ | OFlags::NOFOLLOW));
            assert_eq!(one, steps, "{name}");
        }
        assert!(beneath.file(Path::new("a/b/c")).is_ok() && beneath.folder(Path::new("")).is_ok());
        for name in ["linked/b/c", "a/b/link", "a/top/etc/passwd", "linked"] {
            let one = beneath.reach(Path::new(name), READ).map(drop);
            let steps = beneath.reach_by_steps(Path::new(name), READ | OFlags::NOFOLLOW).map(drop);
            for reached in [one, steps] {
                let error = reached.expect_err(name);
                assert_eq!(error.raw_os_error(), Some(Errno::LOOP.raw_os_error()), "{name}");
            }
            assert!(beneath.folder(Path::new(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_replacement_that_takes_no_place_is_gone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let beneath = Beneath::open(folder.path()).expect("a folder");
        let names = || std::fs::read_dir(folder.path()).expect("a folder").count();
        let one = Replacement::new(&beneath).expect("a file");
        let other = Replacement::new(&beneath).expect("a file");
        assert_eq!(names(), 2);
        drop(one);
        other.take_place_of(OsStr::new("a")).expect("renamed");
        assert_eq!((names(), folder.path().join("a").is_file()), (1, true));
    }
}
