//! The trees that open documents lie in, each with its analyser, and what was last found there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types as lsp;
use text_size::TextSize;

use super::client::Client;
use super::configuration::{self, Complaint};
use super::conversion::Places;
use super::diagnostics;
use super::documents::{ByPath, Document, Documents};
use super::reckoning::Reckoning;
use super::settings::Settings;
use crate::analysis::{Analysis, Analyzer};
use crate::config::{Bytes, Config};
use crate::facts::{Inspection, Place};
use crate::lint::Diagnostic;
use crate::source::{Discovery, FileId, Interest, Tree, find_root};

/// Every tree that was asked about.
#[derive(Default)]
pub(super) struct Sessions {
    by_root: BTreeMap<PathBuf, Session>,
    /// The root of each path, so that the disk is not asked at every keystroke.
    roots: BTreeMap<PathBuf, PathBuf>,
    /// The state of the disk that this is all about.
    disk: u64,
    /// What the editor lays over the configuration of every tree. Changed ones count as a change
    /// on disk.
    pub(super) settings: Arc<Settings>,
    /// Who waits for what is asked now.
    pub(super) interests: Option<Interests>,
}

/// Who waits for an answer. When nobody does, work is given up, and every tree is as it was.
#[derive(Clone, Debug)]
pub(super) struct Interests {
    /// In what is found in a tree: everybody, as long as nothing changes.
    pub(super) shared: Interest,
    /// In the answer itself: who asked for it.
    pub(super) own: Interest,
}

impl Sessions {
    /// Says which state of the disk counts. In another one, files are listed and read again.
    pub(super) fn on_disk(&mut self, disk: u64) {
        if self.disk != disk {
            self.disk = disk;
            self.roots.clear();
        }
    }

    /// The root of the tree that a path belongs to. A configuration that is open but not saved yet
    /// makes its folder one.
    pub(super) fn root_of(&mut self, path: &Path, documents: &Documents) -> PathBuf {
        if let Some(root) = self.roots.get(path) {
            return root.clone();
        }
        let saved = find_root(path);
        let unsaved = configuration::root_above(path, documents);
        let root = unsaved.filter(|folder| folder.starts_with(&saved)).unwrap_or(saved);
        self.roots.insert(path.to_owned(), root.clone());
        root
    }

    /// The roots of all open documents.
    pub(super) fn roots_of(&mut self, documents: &Documents) -> Vec<PathBuf> {
        let sources = documents.sources().map(|(path, _)| path);
        let paths = sources.chain(documents.configurations().keys());
        let mut roots: Vec<PathBuf> = paths.map(|path| self.root_of(path, documents)).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// The tree at `root` with the documents laid over it, analysed.
    ///
    /// # Errors
    ///
    /// When the configuration means nothing and never meant anything, or the folder cannot be listed.
    pub(super) fn look(
        &mut self,
        root: &Path,
        documents: &Documents,
    ) -> Result<&mut Session, Complaint> {
        let mut own = Vec::new();
        for (path, document) in documents.sources() {
            if self.root_of(path, documents) == root {
                own.push((path.clone(), Arc::clone(document)));
            }
        }
        let fits = |session: &Session| {
            session.is_listed(self.disk, &own)
                && Arc::ptr_eq(&session.configurations, documents.configurations())
        };
        let session = match self.by_root.remove(root) {
            Some(session) if fits(&session) => session,
            before => {
                let wanted = Wanted { root, own: &own, documents, disk: self.disk };
                Session::open(&wanted, before, &self.settings)?
            }
        };
        let session = self.by_root.entry(root.to_owned()).or_insert(session);
        session.interests = self.interests.clone();
        session.lay_over(own);
        Ok(session)
    }

    /// Whether the tree at `root` was analysed before.
    pub(super) fn knows(&self, root: &Path) -> bool {
        self.by_root.get(root).is_some_and(|session| session.laid.is_some())
    }

    /// Forgets every tree: after a fault, none of them is to be trusted.
    pub(super) fn clear(&mut self) {
        self.by_root.clear();
    }
}

/// A document and its path.
type Laid = (PathBuf, Arc<Document>);

/// What a tree is to be opened with.
struct Wanted<'a> {
    root: &'a Path,
    /// The documents that lie in it.
    own: &'a [Laid],
    documents: &'a Documents,
    disk: u64,
}

/// One tree.
pub(super) struct Session {
    config: Config,
    /// What is wrong with the configuration, if `config` is what it said before.
    pub(super) complaint: Option<Complaint>,
    /// The open documents that the configuration was read from, as far as it was.
    configurations: ByPath,
    pub(super) analyzer: Analyzer,
    /// As it is on disk.
    base: Tree,
    disk: u64,
    /// The documents that were open when it was listed.
    listed_with: Vec<PathBuf>,
    /// The documents that lay over it when it was last analysed; none where it never was.
    laid: Option<Vec<Laid>>,
    /// Who waits for what is asked of it now.
    interests: Option<Interests>,
    /// With the documents laid over it.
    pub(super) tree: Tree,
    /// The documents that are files of the tree.
    pub(super) open: BTreeMap<FileId, Arc<Document>>,
    /// What is found in it.
    pub(super) analysis: Analysis,
    /// What it makes its machines build, if somebody asked since it changed.
    reckoning: Option<Arc<Reckoning>>,
}

impl Session {
    /// Reads the configuration and lists the tree. What `before` remembers is kept as far as it was
    /// made with the same configuration; while somebody is writing one, that is the last that meant
    /// something.
    fn open(
        wanted: &Wanted<'_>,
        before: Option<Session>,
        settings: &Settings,
    ) -> Result<Session, Complaint> {
        let asked = configuration::load(wanted.root, wanted.documents, settings);
        let listed = before.as_ref().map(|before| before.listing(wanted));
        let (config, analyzer, complaint) = match (asked, before) {
            (Err(complaint), None) => return Err(complaint),
            (Err(complaint), Some(before)) => (before.config, before.analyzer, Some(complaint)),
            (Ok((config, _)), Some(before)) if before.config == config => {
                (config, before.analyzer, None)
            }
            (Ok((config, analyzer)), _) => (config, analyzer, None),
        };
        let (base, listed_with) = match listed.flatten() {
            Some(Listing { base, with, exclude, max_file_size })
                if exclude == config.exclude && max_file_size == config.max_file_size =>
            {
                (base, with)
            }
            _ => {
                let with = wanted.own.iter().map(|(path, _)| path.clone()).collect();
                (list(wanted.root, wanted.own, &config)?, with)
            }
        };
        Ok(Session {
            config,
            complaint,
            configurations: Arc::clone(wanted.documents.configurations()),
            analyzer,
            tree: base.clone(),
            base,
            disk: wanted.disk,
            listed_with,
            laid: None,
            interests: None,
            open: BTreeMap::new(),
            analysis: Analysis::default(),
            reckoning: None,
        })
    }

    /// What was listed, if that is still how the disk is.
    fn listing(&self, wanted: &Wanted<'_>) -> Option<Listing> {
        self.is_listed(wanted.disk, wanted.own).then(|| Listing {
            base: self.base.clone(),
            with: self.listed_with.clone(),
            exclude: self.config.exclude.clone(),
            max_file_size: self.config.max_file_size,
        })
    }

    /// Whether the disk is as it was when the tree was listed, and every document either is a file
    /// of the tree or was asked for then.
    fn is_listed(&self, disk: u64, documents: &[Laid]) -> bool {
        let is_known =
            |path: &PathBuf| self.listed_with.contains(path) || file_at(&self.base, path).is_some();
        self.disk == disk && documents.iter().all(|(path, _)| is_known(path))
    }

    fn lay_over(&mut self, documents: Vec<Laid>) {
        let is_same = |(one, other): (&Laid, &Laid)| Arc::ptr_eq(&one.1, &other.1);
        let is_as_it_was = self.laid.as_ref().is_some_and(|laid| {
            laid.len() == documents.len() && laid.iter().zip(&documents).all(is_same)
        });
        if !is_as_it_was {
            self.set(documents);
        }
    }

    /// Analyses the tree with `documents` over it. Given up, it is as it was.
    fn set(&mut self, documents: Vec<Laid>) {
        let file =
            |(path, document): &Laid| Some((file_at(&self.base, path)?, Arc::clone(document)));
        let open: BTreeMap<FileId, Arc<Document>> = documents.iter().filter_map(file).collect();
        let texts = open.iter().map(|(file, document)| (*file, document.source.text.to_string()));
        let tree = self.base.with_texts(texts.collect::<Vec<_>>());
        self.analysis = match &self.interests {
            Some(interests) => self.analyzer.analyze(&tree.while_wanted(interests.shared.clone())),
            None => self.analyzer.analyze(&tree),
        };
        self.tree = tree;
        self.open = open;
        self.reckoning = None;
        self.laid = Some(documents);
    }

    /// The tree, for work that is given up when who asked for it waits no longer.
    pub(super) fn wanted(&self) -> Tree {
        match &self.interests {
            Some(interests) => self.tree.while_wanted(interests.own.clone()),
            None => self.tree.clone(),
        }
    }

    /// The file of the tree at a path on this machine.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        file_at(&self.tree, path)
    }

    /// The findings in one file.
    pub(super) fn findings(&self, file: FileId) -> impl Iterator<Item = &Diagnostic> {
        self.analysis.diagnostics.iter().filter(move |found| found.span.file == file)
    }

    /// The findings in one file, as the editor is told of them.
    pub(super) fn told(&self, file: FileId, client: &Client) -> Vec<lsp::Diagnostic> {
        let places = self.places(client);
        self.findings(file).map(|found| diagnostics::told(found, &places)).collect()
    }

    /// What stands at a place of a file; nothing where it cannot be told.
    pub(super) fn inspect(&mut self, file: FileId, at: TextSize) -> Inspection {
        let inspected = self.analyzer.inspect(&self.wanted(), file, Place::Under(at));
        inspected.unwrap_or_default()
    }

    /// What the tree makes its machines build; nothing where a fault keeps that from being told.
    pub(super) fn reckoning(&mut self) -> Option<Arc<Reckoning>> {
        if self.reckoning.is_none() {
            let facts = self.analyzer.survey(&self.wanted()).ok()?;
            let knowledge = self.analyzer.knowledge();
            let reckoning = Reckoning::new(&self.tree, &knowledge, &self.config, facts);
            self.reckoning = Some(Arc::new(reckoning));
        }
        self.reckoning.clone()
    }

    /// How places of the tree are told to the editor.
    pub(super) fn places<'a>(&'a self, client: &'a Client) -> Places<'a> {
        Places { client, tree: &self.tree, open: &self.open }
    }
}

/// A tree as it was listed, and what that depended on.
struct Listing {
    base: Tree,
    with: Vec<PathBuf>,
    exclude: Vec<String>,
    max_file_size: Option<Bytes>,
}

fn file_at(tree: &Tree, path: &Path) -> Option<FileId> {
    tree.file_at(&tree.relative(path)?)
}

/// Lists the tree on disk, and with it what is open in the editor though it is ignored, or not on
/// disk yet. What the configuration excludes stays out.
fn list(root: &Path, documents: &[Laid], config: &Config) -> Result<Tree, Complaint> {
    if is_no_tree(root, std::env::home_dir().as_deref()) {
        let inside = |(path, document): &'_ Laid| {
            let place = path.canonicalize().unwrap_or_else(|_| path.clone());
            let place = place.strip_prefix(root).ok()?.to_owned();
            Some((place, Arc::clone(&document.source.text)))
        };
        return Ok(Tree::in_memory(root, documents.iter().filter_map(inside)));
    }
    let defaults = Discovery::default();
    let plain = Discovery {
        max_file_size: config.max_file_size.map_or(defaults.max_file_size, |size| size.0),
        exclude: config.exclude.clone(),
        force_exclude: true,
        ..defaults
    };
    let tree = Tree::open(root, &plain).map_err(Complaint::general)?;
    let mut named = Vec::new();
    let mut texts = Vec::new();
    for (path, document) in documents {
        let Some(place) = tree.relative(path).filter(|place| tree.file_at(place).is_none()) else {
            continue;
        };
        match path.canonicalize() {
            Ok(real) if real.starts_with(tree.root()) => named.push(real),
            Ok(_) => {}
            Err(_) => texts.push((place, document.source.text.to_string())),
        }
    }
    if named.is_empty() && texts.is_empty() {
        return Ok(tree);
    }
    Tree::open(root, &Discovery { named, texts, ..plain }).map_err(Complaint::general)
}

/// Whether a root is one for want of anything better and holds all that the user has: who opens a
/// stray file in their home does not want every folder of it to be searched.
fn is_no_tree(root: &Path, home: Option<&Path>) -> bool {
    const MARKS: [&str; 4] = ["frugix.toml", ".frugix.toml", ".git", "flake.nix"];
    home.is_some_and(|home| home.starts_with(root))
        && !MARKS.iter().any(|mark| root.join(mark).exists())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_home_is_only_a_tree_when_it_says_so() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (home, above) = (home.path(), home.path().parent().expect("a folder above"));
        let folder = home.join("nix");
        assert!(is_no_tree(home, Some(home)));
        assert!(is_no_tree(above, Some(home)));
        assert!(!is_no_tree(&folder, Some(home)));
        assert!(!is_no_tree(home, None));
        fs::write(home.join("flake.nix"), "{ }").expect("a file is written");
        assert!(!is_no_tree(home, Some(home)));
    }
}
