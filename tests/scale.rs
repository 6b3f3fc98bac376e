//! That what is allocated and held grows with a tree and no faster: by counts, which no other
//! program on the machine disturbs, and not by the clock.

#[path = "../benches/generated/mod.rs"]
mod generated;
#[path = "harness/processor.rs"]
mod processor;

use std::alloc::System;
use std::path::Path;

use cap::Cap;
use frugix::analysis::{Analysis, Analyzer};
use frugix::config::Config;
use frugix::lint::Selectors;
use frugix::rules::ALL;
use frugix::source::Tree;
use generated::Shape;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// So many files, and so many times as many.
const FEW: usize = 200;
const TIMES: usize = 4;

/// Bytes held for each byte of text of files apart, at the most: what their facts are, and the syntax trees
/// of the few that are edited. It is 2.2. What all were lowered to took as much again, and to tell of
/// attributes at length one more; each fact twice, eight.
const MOST_HELD: f64 = 2.4;

/// What looking at a tree took.
struct Taken {
    /// The bytes of its texts.
    text: usize,
    /// Bytes allocated, whether or not they were given back.
    allocated: usize,
    /// Bytes held at the most, the texts apart.
    held: usize,
    findings: usize,
}

fn look(files: usize, linked: bool) -> Taken {
    let texts = generated::files(Shape { files, seed: 1, linked });
    assert_eq!(texts.len(), files);
    let text = texts.iter().map(|(_, text)| text.len()).sum();
    let tree = Tree::in_memory(Path::new("/tree"), texts);
    let mut analyzer = Analyzer::new(Config::default(), ALL, &Selectors::default()).unwrap();
    let before = (ALLOCATOR.total_allocated(), ALLOCATOR.allocated());
    // Files apart are looked at as on the command line, the others as in an editor, which looks again.
    let Analysis { diagnostics, faults, .. } = match linked {
        false => analyzer.analyze_once(&tree),
        true => analyzer.analyze(&tree),
    };
    assert_eq!(faults, []);
    Taken {
        text,
        allocated: ALLOCATOR.total_allocated() - before.0,
        // What was held before is less than what is held now, for sizes come in ascending order.
        held: ALLOCATOR.max_allocated().saturating_sub(before.1),
        findings: diagnostics.len(),
    }
}

/// One test, since what is allocated is counted for the whole process.
#[test]
fn work_and_memory_grow_with_the_tree() {
    // The more threads, the more is at hand at once.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(256 << 20).build();
    let pool = pool.expect("two threads");
    let look = |files, linked| pool.install(|| look(files, linked));
    // What is made once, such as the knowledge of nixpkgs, is not to be counted with the first.
    look(50, true);
    for linked in [false, true] {
        let few = look(FEW, linked);
        let many = look(FEW * TIMES, linked);
        eprintln!(
            "linked: {linked}; findings {} → {}; text {} → {}; allocated {} → {}; held {} → {}",
            few.findings,
            many.findings,
            few.text,
            many.text,
            few.allocated,
            many.allocated,
            few.held,
            many.held
        );
        assert!(many.findings > few.findings, "the larger tree has no more to find");
        let times = many.text as f64 / few.text as f64;
        let more_work = many.allocated as f64 / few.allocated as f64;
        assert!(more_work < times * 1.1, "{times:.1} times the text, {more_work:.1} the work");
        // The most that was ever held: only of the trees that came first is it their own.
        if !linked {
            let a_byte = (many.held - few.held) as f64 / (many.text - few.text) as f64;
            assert!(a_byte < MOST_HELD, "a byte more of text is {a_byte:.1} bytes more of memory");
            let more_memory = many.held as f64 / few.held as f64;
            assert!(
                more_memory < times * 0.9,
                "{times:.1} times the text, {more_memory:.1} the memory"
            );
        }
    }
}

/// What compares all with all allocates nothing, and only time shows it: the time that this thread had a
/// processor, as the kernel counts it, so that other programs do not. Run it alone, with `-- --ignored`.
#[test]
#[ignore = "takes a minute; cargo test --test scale -- --ignored"]
fn time_grows_with_the_tree() {
    /// Ten times the files; what is quadratic takes a hundred times as long.
    const MOST: f64 = 20.0;
    let spent = || processor::spent().expect("the kernel tells the time of a thread");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(256 << 20).build();
    pool.expect("a thread").install(|| {
        look(50, false);
        for linked in [false, true] {
            let time = |files| {
                let before = spent();
                look(files, linked);
                spent() - before
            };
            let (few, many) = (time(200), time(2000));
            let times = many.as_secs_f64() / few.as_secs_f64();
            eprintln!("linked: {linked}; {few:?} → {many:?}, {times:.1} times");
            assert!(times < MOST, "ten times the files take {times:.1} times as long");
        }
    });
}
