//! Below the limits, the time a file takes grows with its length and not with the square of it.
//!
//! What is measured is the time of one processor that the work takes, so that other programs do not
//! count; the kernel tells it to the nanosecond.

use std::path::PathBuf;
use std::time::Duration;

use super::harness::Case;
use super::harness::processor::spent;

/// How much longer four times the text may take. What is quadratic takes sixteen times as long.
const MOST: f64 = 9.0;

/// What takes less is too little to tell from the work that any file makes.
const LEAST: Duration = Duration::from_millis(40);

fn time(text: &str) -> Duration {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(256 << 20).build();
    pool.expect("a thread").install(|| {
        let case = Case::of_texts("x", vec![(PathBuf::from("home.nix"), text.to_owned())]);
        let mut analyzer = case.analyzer();
        let before = spent();
        let analysis = analyzer.analyze(&case.tree);
        assert_eq!(analysis.faults, []);
        spent().zip(before).map_or(Duration::ZERO, |(after, before)| after - before)
    })
}

fn assert_linear(name: &str, length: usize, make: impl Fn(usize) -> String) {
    // The first look pays for tables that are made once.
    time("1");
    let slower = || {
        let (short, long) = (time(&make(length)), time(&make(4 * length)));
        let times = long.as_secs_f64() / short.as_secs_f64().max(1e-9);
        (long > LEAST && times > MOST).then_some(times)
    };
    // A processor that slows down half way is no fault of ours.
    let times = slower().and_then(|_| slower()).and_then(|_| slower());
    assert_eq!(times, None, "{name}: four times the text takes that many times as long");
}

#[test]
fn time_grows_with_the_text() {
    if spent().is_none() {
        eprintln!("this kernel does not tell the time of a thread; growth is not tested");
        return;
    }
    let rows = |row: &'static str| move |count: usize| row.repeat(count);
    let between = |open: &'static str, row: &'static str, close: &'static str| {
        move |count: usize| format!("{open}{}{close}", rows(row)(count))
    };
    let numbered = |open: &'static str, row: fn(usize) -> String, close: &'static str| {
        move |count: usize| format!("{open}{}{close}", (0..count).map(row).collect::<String>())
    };
    assert_linear("elements", 4000, between("[", " 1 a.b (f x) { y = 2; }", "]"));
    assert_linear("attributes", 4000, numbered("{", |n| format!("a{n} = {n};"), "}"));
    assert_linear(
        "recursive attributes",
        4000,
        numbered("rec {", |n| format!("a{n} = a{};", n + 1), "}"),
    );
    assert_linear("one set", 4000, numbered("{", |n| format!("a.b{n} = 1;"), "}"));
    assert_linear("one attribute", 4000, between("{", "a = 1;", "}"));
    assert_linear("bindings", 4000, numbered("let ", |n| format!("a{n} = {n};"), "in 1"));
    assert_linear("fields", 4000, numbered("{", |n| format!("a{n} ? 1,"), "b }: 1"));
    assert_linear("inherited", 6000, between("{ inherit (x) ", "a ", "; }"));
    assert_linear("inherits", 3000, between("{", "inherit (x) a;", "}"));
    assert_linear("computed names", 3000, numbered("{", |n| format!("${{\"a{n}\"}} = 1;"), "}"));
    assert_linear("interpolations", 6000, between("\"", "${a} ", "\""));
    assert_linear("lines", 6000, between("''", "  a ${b}\n", "''"));
    assert_linear("comments", 10_000, between("", "# a\n", "1"));
    assert_linear("comments to us", 2000, between("", "# frugix: ignore[timeout] x\n", "1"));
    assert_linear(
        "comments in one line",
        2000,
        between("", "/* frugix: ignore[timeout] x */", "1"),
    );
    assert_linear(
        "switches",
        2000,
        between("", "# frugix: disable[timeout]\n# frugix: enable[timeout]\n", "1"),
    );
    assert_linear("nested lists", 30, |count| {
        format!("[{}]", format!("{}{}", "[".repeat(300), "]".repeat(300)).repeat(count))
    });
    assert_linear("long chains", 3, |count| {
        format!("[{}]", format!("(1{})", "+a".repeat(800)).repeat(count))
    });
    assert_linear("applications", 5, |count| {
        format!("[{}]", format!("({}1)", "f ".repeat(900)).repeat(count))
    });
    assert_linear("selections", 3, |count| {
        format!("[{}]", format!("(a{})", ".b".repeat(400)).repeat(count))
    });
    assert_linear("mistakes", 3000, rows("{ a = ; } "));
    assert_linear("strange characters", 20_000, rows("\u{e9}"));
    assert_linear("one word", 50_000, rows("a"));
    assert_linear("one string", 50_000, between("\"", "a/b.c ", "\""));
    assert_linear(
        "substituters",
        2000,
        between("{ nix.settings.substituters = [", " \"https://a.cachix.org\"", "]; }"),
    );
}
