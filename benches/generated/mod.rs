//! Trees to measure with: as people write them, of any size, and the same again for the same seed.
//!
//! A tree is hosts with their modules, or files that know nothing of each other. What its files say
//! lies in [`texts`]; how many there are of which, and who imports whom, lies here.

// Each program that measures uses another part of this.
#![allow(dead_code)]

mod random;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use random::Random;

/// What is asked of a tree.
#[derive(Copy, Clone, Debug)]
pub struct Shape {
    /// How many files it has; a linked tree has thirty at the least.
    pub files: usize,
    /// Another seed makes another tree of the same shape.
    pub seed: u64,
    /// Whether a flake makes hosts of the files; else none refers to another.
    pub linked: bool,
}

/// Of so many files, one is a host's. What a host imports does not grow with the tree.
const FILES_PER_HOST: usize = 400;
/// So many modules are imported by every host, and so many by one.
const SHARED_MODULES: usize = 24;
const OWN_MODULES: usize = 48;
/// Of every hundred other files, so many are packages and so many overlays; the rest are modules.
const PACKAGES: usize = 22;
const OVERLAYS: usize = 4;

/// The files of a tree, by path relative to its root, in the order they are written.
pub fn files(shape: Shape) -> Vec<(PathBuf, String)> {
    let mut tree = Generated { random: Random::new(shape.seed), files: Vec::new() };
    if shape.linked {
        tree.linked(shape.files);
    } else {
        tree.apart(shape.files);
    }
    tree.files
}

/// Writes a tree into the folder `root`, which is made. Files that are there with the right text are
/// left alone.
pub fn write(root: &Path, shape: Shape) -> io::Result<()> {
    for (path, text) in files(shape) {
        let path = root.join(path);
        if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

struct Generated {
    random: Random,
    files: Vec<(PathBuf, String)>,
}

impl Generated {
    fn add(&mut self, path: impl Into<PathBuf>, text: String) {
        self.files.push((path.into(), text));
    }

    /// Files as in a collection of modules, each for itself.
    fn apart(&mut self, count: usize) {
        for index in 0..count {
            self.leaf(index);
        }
    }

    /// A flake with its hosts, and what they are made of.
    fn linked(&mut self, count: usize) {
        let hosts = count.div_ceil(FILES_PER_HOST);
        let leaves = count.saturating_sub(1 + 3 * hosts + texts::WORDS.len());
        let mut modules = Vec::new();
        let mut packages = Vec::new();
        let mut overlays = Vec::new();
        for index in 0..leaves {
            match self.leaf(index) {
                Leaf::Module(path) => modules.push(path),
                Leaf::Package(path) => packages.push(path),
                Leaf::Overlay(path) => overlays.push(path),
            }
        }
        let mut rest = Vec::new();
        for host in 0..hosts {
            let name = format!("host{host:04}");
            let profile = texts::profile(&mut self.random);
            rest.push((format!("profiles/{name}.nix"), profile));
            let hardware = texts::hardware(&mut self.random);
            rest.push((format!("hosts/{name}/hardware.nix"), hardware));
            let imports = imports(&modules, host);
            let text = texts::host(&mut self.random, &name, &imports);
            rest.push((format!("hosts/{name}/default.nix"), text));
        }
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in &packages {
            let mut steps = package.split('/').skip(1);
            if let (Some(folder), Some(name)) = (steps.next(), steps.next()) {
                folders.entry(folder).or_default().push(name);
            }
        }
        for (folder, names) in &folders {
            rest.push((format!("packages/{folder}/default.nix"), texts::package_set(names)));
        }
        let folders: Vec<&str> = folders.into_keys().collect();
        let flake = texts::flake(hosts, &overlays, &folders);
        rest.push(("flake.nix".to_owned(), flake));
        self.files.extend(rest.into_iter().map(|(path, text)| (path.into(), text)));
        // What was kept free for folders and not needed.
        for index in self.files.len()..count {
            self.leaf(index);
        }
    }

    fn leaf(&mut self, index: usize) -> Leaf {
        let random = &mut self.random;
        let area = texts::AREAS[random.below(texts::AREAS.len())];
        let name = format!("{}-{index:05}", texts::WORDS[random.below(texts::WORDS.len())]);
        let (path, text, leaf): (String, String, fn(String) -> Leaf) = match index % 100 {
            kind if kind < PACKAGES => {
                let path = format!("packages/{}/{name}/default.nix", &name[..2]);
                (path, texts::package(random, &name), Leaf::Package)
            }
            kind if kind < PACKAGES + OVERLAYS => {
                (format!("overlays/{name}.nix"), texts::overlay(random), Leaf::Overlay)
            }
            _ => {
                let path = format!("modules/{area}/{name}.nix");
                (path, texts::module(random, area, &name), Leaf::Module)
            }
        };
        self.add(path.clone(), text);
        leaf(path)
    }
}

enum Leaf {
    Module(String),
    Package(String),
    Overlay(String),
}

/// The modules that a host imports: what all do, and a stretch of the others.
fn imports(modules: &[String], host: usize) -> Vec<&str> {
    let own = modules.iter().skip(SHARED_MODULES + host * OWN_MODULES).take(OWN_MODULES);
    modules.iter().take(SHARED_MODULES).chain(own).map(String::as_str).collect()
}
