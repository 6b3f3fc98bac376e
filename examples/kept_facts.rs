//! Whether facts that are kept while a tree changes are those that a first look would find.
//!
//! ```text
//! cargo run --release --example kept_facts -- EDITS FOLDER...
//! ```
//!
//! Each folder is a tree, and is edited so many times in memory: texts change, files come and go. After
//! each edit the facts are collected by a session that knows the tree as it was, and by one that knows nothing. A line of the
//! output tells how many facts differed, how many parts of the tree were evaluated, and how long both
//! took, in milliseconds: the middle and the worst of the edits, and the middle of first looks.

#[path = "../tests/harness/edits.rs"]
mod edits;

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use frugix::eval::Program;
use frugix::facts::{Facts, Session};
use frugix::hir::{self, LazyFile};
use frugix::knowledge::Knowledge;
use frugix::source::{Discovery, FileId, Tree};
use frugix::syntax;

/// Deep expressions need deep stacks.
const STACK_BYTES: usize = 256 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).build()?;
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().ok_or("say how many edits to make")?.parse()?;
    println!("differ\tunits\tevaluated\tkept ms\tworst ms\tfresh ms\tfolder");
    for folder in arguments {
        let tree = Tree::open(Path::new(&folder), &Discovery::default())?;
        let told = pool.install(|| compare(&folder, tree, count));
        println!("{told}\t{folder}");
    }
    Ok(())
}

fn compare(folder: &str, mut tree: Tree, count: u64) -> String {
    let mut files = Files::default();
    let mut session = Session::default();
    collect(&mut session, &tree, &files.of(&tree));
    let (mut differ, mut evaluated) = (0, 0);
    let (mut kept_times, mut fresh_times) = (Vec::new(), Vec::new());
    let mut random = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..count {
        let Some(last) = tree.files().len().checked_sub(1) else { break };
        let file = tree.files()[usize::try_from(next(&mut random)).unwrap_or(0) % (last + 1)];
        if tree.source(file).is_err() {
            continue;
        }
        let path = tree.path(file).to_owned();
        tree = edits::tree_after(&tree, file, next(&mut random));
        let files = files.of(&tree);
        let (kept, took) = collect(&mut session, &tree, &files);
        kept_times.push(took);
        evaluated += session.work().evaluated;
        let (fresh, took) = collect(&mut Session::default(), &tree, &files);
        fresh_times.push(took);
        if format!("{kept:?}") != format!("{fresh:?}") {
            differ += 1;
            eprintln!("{folder}: differs after an edit of {}", path.display());
        }
    }
    let units = session.work().units;
    let (kept, worst, fresh) =
        (middle(&mut kept_times), kept_times.last(), middle(&mut fresh_times));
    let worst = worst.copied().unwrap_or_default();
    let each = evaluated as f64 / kept_times.len().max(1) as f64;
    let [kept, worst, fresh] = [kept, worst, fresh].map(|time| time.as_secs_f64() * 1000.0);
    format!("{differ}\t{units}\t{each:.1}\t{kept:.1}\t{worst:.1}\t{fresh:.1}")
}

fn collect(
    session: &mut Session,
    tree: &Tree,
    files: &[Option<Arc<LazyFile>>],
) -> (Facts, Duration) {
    let began = Instant::now();
    let facts = session.collect(Program::new(tree, files), Knowledge::builtin());
    (facts, began.elapsed())
}

/// Lowered files, each with its text, by their paths: what does not change is the same file still.
#[derive(Default)]
struct Files(HashMap<PathBuf, (Arc<str>, Lowered)>);

/// A file that was lowered, if it has no errors.
type Lowered = Option<Arc<LazyFile>>;

impl Files {
    /// Those of `tree`, in its order.
    fn of(&mut self, tree: &Tree) -> Vec<Lowered> {
        let lowered = |file: &FileId| {
            let text = Arc::clone(&tree.source(*file).ok()?.text);
            let known = self.0.get(tree.path(*file)).filter(|(known, _)| *known == text);
            if let Some((_, known)) = known {
                return known.clone();
            }
            let lowered = lowered(&text);
            self.0.insert(tree.path(*file).to_owned(), (text, lowered.clone()));
            lowered
        };
        tree.files().iter().map(lowered).collect()
    }
}

fn lowered(text: &str) -> Lowered {
    let parsed = syntax::parse(text).ok()?;
    parsed.errors().is_empty().then(|| Arc::new(hir::lower(&parsed).into()))
}

fn middle(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The next number of a sequence that looks random and is the same every time.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state >> 11
}
