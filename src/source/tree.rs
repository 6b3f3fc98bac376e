//! The analysed configuration: which files it has, what they say, and where they lie.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::base::{Base, Storage, lock};
use super::beneath::Beneath;
use super::cancel::Interest;
use super::discovery::{self, Discovery, Found, LARGEST_FILE};
use super::error::{ReadError, TreeError, WriteError};
use super::file::{BOM, SourceFile};
use super::git::{self, Blobs, GitError, Repository};
use super::index::{EntryKind, normalise, order};
use super::original::Original;
use super::span::FileId;
use super::write::{self, Root};

/// Texts that are not likely to be asked for again are kept up to so many bytes: to read a text again
/// takes longer than to keep it, and memory matters where there are many.
const SPARED: usize = 16 << 20;

/// A folder of Nix files, as it was when it was opened.
///
/// Names are listed once, texts are read at the first question and kept, failures too: every
/// reader sees one state, from any thread. A text that is let go is read again, and must be the same.
/// Cloning is cheap, and clones share what was read. A clone is for keeping: work with it is never given
/// up, whatever the tree was handed down for.
pub struct Tree {
    base: Arc<Base>,
    replaced: Arc<BTreeMap<FileId, Arc<SourceFile>>>,
    /// Asked wherever a text is read.
    interest: Option<Interest>,
}

impl Tree {
    /// Lists the tree under `root`. Reads no text yet.
    ///
    /// Folders that cannot be listed do not end the walk: see [`Tree::problems`].
    ///
    /// # Errors
    /// When the root is no folder, or a path or pattern of `discovery` means nothing.
    pub fn open(root: &Path, discovery: &Discovery) -> Result<Tree, TreeError> {
        let found = discovery::walk(root, discovery)?;
        let max_file_size = discovery.max_file_size.min(LARGEST_FILE);
        let unusable = |error| TreeError::Root { path: root.to_path_buf(), error };
        let folder = Beneath::open(&found.root).map_err(unusable)?;
        let storage = Storage::Disk { folder, max_file_size };
        let texts: Vec<_> = found.texts.clone();
        let tree = Tree::from_base(Base::new(found, storage));
        let replaced = texts.into_iter().filter_map(|(path, text)| Some((tree.id(&path)?, text)));
        Ok(tree.with_texts(replaced.collect::<Vec<_>>()))
    }

    /// The tree under `root` as it would be if `staged`, of `repository`, were committed now. What
    /// stands on disk does not matter, but for what git ignores: that may be there or not. Of
    /// `discovery`, only what leaves files out counts.
    ///
    /// # Errors
    /// When the root is no folder of the repository, or a pattern of `discovery` means nothing.
    pub fn staged(
        root: &Path,
        discovery: &Discovery,
        repository: &Repository,
        staged: &Blobs,
    ) -> Result<Tree, TreeError> {
        let unusable = |error| TreeError::Root { path: root.to_path_buf(), error };
        let root = root.canonicalize().map_err(unusable)?;
        let Ok(prefix) = root.strip_prefix(repository.root()) else {
            return Err(GitError::NoRepository(root).into());
        };
        let excluded = discovery::exclude_matcher(&root, &discovery.exclude)?;
        let found = git::found(&root, prefix, repository, staged, &excluded)?;
        let max_file_size = discovery.max_file_size.min(LARGEST_FILE);
        let (blobs, prefix) = (staged.clone(), prefix.to_path_buf());
        let base = Base::new(found, Storage::Git { blobs, prefix: prefix.clone(), max_file_size });
        let paths: Vec<PathBuf> = base.paths.iter().map(|path| prefix.join(path)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let texts = staged.read_all(&paths, max_file_size);
        for ((path, original), bytes) in base.paths.iter().zip(&base.originals).zip(texts) {
            let file = bytes.and_then(|bytes| SourceFile::decode(path, &bytes));
            original.set(file.map(Arc::new));
        }
        Ok(Tree::from_base(base))
    }

    /// A tree of the given files, by path relative to `root`, that touches no disk. Those named
    /// `*.nix` are its sources, the others can be read. A path that leads out of the root is left
    /// out.
    pub fn in_memory<P, T>(root: &Path, files: impl IntoIterator<Item = (P, T)>) -> Tree
    where
        P: AsRef<Path>,
        T: AsRef<str>,
    {
        let mut found = Found::empty(root.to_path_buf());
        let mut texts = BTreeMap::new();
        for (path, text) in files {
            let Some(path) = normalise(path.as_ref()) else {
                continue;
            };
            found.index.add(&path, EntryKind::File);
            if discovery::is_source(&path) {
                found.sources.insert(path.clone());
            }
            texts.insert(path.clone(), SourceFile::new(path, text.as_ref()));
        }
        let mut base = Base::new(found, Storage::Memory);
        for (path, original) in base.paths.iter().zip(&base.originals) {
            if let Some(file) = texts.remove(path) {
                original.set(Ok(Arc::new(file)));
            }
        }
        let others = texts.into_iter().map(|(path, file)| (path, Ok(file.text)));
        base.others = Mutex::new(others.collect());
        Tree::from_base(base)
    }

    fn from_base(base: Base) -> Tree {
        Tree { base: Arc::new(base), replaced: Arc::default(), interest: None }
    }

    /// The folder all paths are relative to; absolute and free of links when it was opened on disk.
    pub fn root(&self) -> &Path {
        &self.base.root
    }

    /// Every source, sorted by path.
    pub fn files(&self) -> &[FileId] {
        &self.base.ids
    }

    /// Where a file lies, relative to the root; empty for a file of another tree.
    pub fn path(&self, file: FileId) -> &Path {
        let problem = || self.problem(file).map(|(path, _)| path);
        self.base.paths.get(file.index()).or_else(problem).map_or(Path::new(""), PathBuf::as_path)
    }

    /// The source at a path relative to the root. `.` and `..` are resolved by their words alone,
    /// then links inside the tree are followed; a path out of the root is nothing.
    pub fn file_at(&self, relative: &Path) -> Option<FileId> {
        let path = normalise(relative)?;
        self.id(&path).or_else(|| self.id(&self.base.index.follow(path)))
    }

    /// A path on this machine as one relative to the root, links above it followed; `None` when it
    /// lies elsewhere. What a command line's arguments are looked up with.
    pub fn relative(&self, path: &Path) -> Option<PathBuf> {
        discovery::relative_to(&self.base.root, path)
    }

    /// A source's text and lines, read at the first call and kept until somebody [lets it
    /// go](Tree::may_let_go).
    ///
    /// # Errors
    /// When the file is gone, too large, locked or not text; the same at every call. When it was let
    /// go, and is not what it was.
    pub fn source(&self, file: FileId) -> Result<Arc<SourceFile>, ReadError> {
        self.check_wanted();
        match self.replaced.get(&file) {
            Some(replaced) => Ok(Arc::clone(replaced)),
            None => self.original(file),
        }
    }

    /// As [`Tree::source`], for a short look at many: a text that was let go is read, and let go again.
    ///
    /// # Errors
    /// As [`Tree::source`].
    pub fn glance(&self, file: FileId) -> Result<Arc<SourceFile>, ReadError> {
        let base = &self.base;
        match (base.originals.get(file.index()), base.paths.get(file.index())) {
            (Some(original), Some(path)) if !self.is_replaced(file) => {
                self.check_wanted();
                original.glance(|| base.read(path))
            }
            _ => self.source(file),
        }
    }

    /// Why a source cannot be read, if it cannot. Reads no text anew.
    pub fn read_error(&self, file: FileId) -> Option<ReadError> {
        let known = self.base.originals.get(file.index()).filter(|_| !self.is_replaced(file));
        match known.map(Original::error) {
            Some(Ok(known)) => known,
            _ => self.source(file).err(),
        }
    }

    /// Says that the text of `file` is not likely to be asked for again: where there are many such texts,
    /// it is kept no longer, and read again for whoever asks after all.
    pub fn may_let_go(&self, file: FileId) {
        let base = &self.base;
        let is_on_disk = matches!(base.storage, Storage::Disk { .. });
        let (Some(original), Ok(source)) = (base.originals.get(file.index()), self.source(file))
        else {
            return;
        };
        let length = source.text.len();
        let is_one_too_many = || base.spared.fetch_add(length, Ordering::Relaxed) > SPARED;
        if is_on_disk && !self.is_replaced(file) && is_one_too_many() {
            original.let_go();
        }
    }

    fn is_replaced(&self, file: FileId) -> bool {
        self.replaced.contains_key(&file)
    }

    /// The text of any file in the tree, such as `flake.lock`, without a byte order mark.
    ///
    /// # Errors
    /// As [`Tree::source`]; [`ReadError::NotFound`] too for a path outside the root or left out
    /// of the tree.
    pub fn read_text(&self, relative: &Path) -> Result<Arc<str>, ReadError> {
        if let Some(file) = self.file_at(relative) {
            return self.source(file).map(|source| Arc::clone(&source.text));
        }
        let path = self.resolve(relative).ok_or(ReadError::NotFound)?;
        match self.base.index.kind(&path) {
            Some(EntryKind::File) => {}
            Some(_) => return Err(ReadError::NotAFile),
            None => return Err(ReadError::NotFound),
        }
        if let Some(known) = lock(&self.base.others).get(&path) {
            return known.clone();
        }
        let text = self.base.read(&path).map(|source| Arc::clone(&source.text));
        lock(&self.base.others).entry(path).or_insert(text).clone()
    }

    /// What stands at a path, links inside the tree followed; `None` when there is nothing, or
    /// nothing that may be seen ([`Tree::is_skipped`] tells the two apart).
    pub fn entry(&self, relative: &Path) -> Option<EntryKind> {
        self.base.index.kind(&self.resolve(relative)?)
    }

    /// The names in a folder and what they stand for, sorted by name, as `builtins.readDir` gives
    /// them; a link is [`EntryKind::Symlink`]. Leaves out what discovery did, and is `None` when
    /// that is the folder itself. A name that is not UTF-8 is shown with U+FFFD in it.
    pub fn read_dir(&self, relative: &Path) -> Option<Vec<(String, EntryKind)>> {
        let folder = self.resolve(relative)?;
        if self.base.index.is_skipped(&folder) {
            return None;
        }
        let names = self.base.index.names(&folder)?;
        Some(names.iter().map(|(name, kind)| (name.to_string_lossy().into(), *kind)).collect())
    }

    /// Whether something may lie at a path that this tree does not show: it is outside the root,
    /// ignored, excluded, in a folder that could not be listed, or `.git`. Absence proves nothing
    /// there.
    pub fn is_skipped(&self, relative: &Path) -> bool {
        self.resolve(relative).is_none_or(|path| self.base.index.is_skipped(&path))
    }

    /// What could not be listed, with its path relative to the root, sorted.
    pub fn problems(&self) -> &[(PathBuf, ReadError)] {
        &self.base.problems
    }

    /// The [`problems`](Tree::problems) as places that can be spoken of, in the same order. Each has
    /// a [`path`](Tree::path), and its [`source`](Tree::source) is the error.
    pub fn problem_places(&self) -> impl Iterator<Item = FileId> + use<> {
        let sources = self.base.paths.len();
        (sources..sources + self.base.problems.len()).map(FileId::from_index)
    }

    /// The same tree with other texts in some of its files: the fix loop's, an editor's buffers.
    /// Every [`FileId`] means the same in both, and neither copies the other's texts. Whether a byte
    /// order mark stands on disk is not theirs to say; one in a text is set aside.
    #[must_use]
    pub fn with_texts(&self, texts: impl IntoIterator<Item = (FileId, String)>) -> Tree {
        let mut replaced = BTreeMap::clone(&self.replaced);
        for (file, text) in texts {
            let Some(path) = self.base.paths.get(file.index()) else {
                continue;
            };
            let mut source = SourceFile::new(path.clone(), &text);
            if let Ok(original) = self.original(file) {
                source.bom = original.bom;
            }
            replaced.insert(file, Arc::new(source));
        }
        let interest = self.interest.clone();
        Tree { base: Arc::clone(&self.base), replaced: Arc::new(replaced), interest }
    }

    /// The same tree for work that may be given up: to read a text of it unwinds to
    /// [`unless_cancelled`](super::unless_cancelled) once `interest` is gone.
    #[must_use]
    pub fn while_wanted(&self, interest: Interest) -> Tree {
        Tree { interest: Some(interest), ..self.clone() }
    }

    /// Gives up what is being done if nobody waits for it any more. For work that reads no text for a
    /// while.
    pub fn check_wanted(&self) {
        if let Some(interest) = &self.interest {
            interest.check();
        }
    }

    /// Replaces a file on disk by `text`, whole or not at all, if it still is what was read. The
    /// byte order mark, the mode and, where the system lets us, the owner stay; a link stays and
    /// its target is written. This tree keeps showing the text it was opened with.
    ///
    /// # Errors
    /// When the disk holds another text than was read, when the place is not ours to write, and
    /// when the tree lives in memory. Nothing has changed then.
    pub fn write(&self, file: FileId, text: &str) -> Result<(), WriteError> {
        let Storage::Disk { folder, .. } = &self.base.storage else {
            return Err(WriteError::InMemory);
        };
        let original = self.original(file).map_err(WriteError::NotRead)?;
        let text = text.strip_prefix(BOM).unwrap_or(text);
        let mut written = lock(&self.base.written);
        let expected = written.get(&file).unwrap_or(&original.text);
        let root = Root { path: &self.base.root, folder };
        write::replace(&root, self.path(file), original.bom, expected, text)?;
        written.insert(file, Arc::from(text));
        Ok(())
    }

    /// Whether `other` was made from the same listing, so that both have the same names everywhere
    /// and differ in the texts of sources at most.
    pub fn is_listed_as(&self, other: &Tree) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
    }

    fn id(&self, path: &Path) -> Option<FileId> {
        let found = self.base.paths.binary_search_by(|known| order(known, path));
        found.ok().map(FileId::from_index)
    }

    fn resolve(&self, relative: &Path) -> Option<PathBuf> {
        normalise(relative).map(|path| self.base.index.follow(path))
    }

    /// What could not be listed and goes by the id `file`.
    fn problem(&self, file: FileId) -> Option<&(PathBuf, ReadError)> {
        self.base.problems.get(file.index().checked_sub(self.base.paths.len())?)
    }

    fn original(&self, file: FileId) -> Result<Arc<SourceFile>, ReadError> {
        let base = &self.base;
        let (Some(path), Some(original)) =
            (base.paths.get(file.index()), base.originals.get(file.index()))
        else {
            let problem = self.problem(file).map(|(_, error)| error.clone());
            return Err(problem.unwrap_or(ReadError::NotFound));
        };
        original.get(|| base.read(path))
    }
}

impl Clone for Tree {
    fn clone(&self) -> Tree {
        let (base, replaced) = (Arc::clone(&self.base), Arc::clone(&self.replaced));
        Tree { base, replaced, interest: None }
    }
}

/// The root and how many files there are; the texts would fill a screen.
impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("root", &self.base.root)
            .field("files", &self.base.paths.len())
            .field("replaced", &self.replaced.keys())
            .finish_non_exhaustive()
    }
}
