//! Any text as home, overlay and module: every rule looks at it, and none fails.

#![no_main]

use std::sync::LazyLock;

use frugix::analysis::Analyzer;
use frugix::config::{Config, Located};
use frugix::lint::Selectors;
use frugix::rules::ALL;
use frugix_fuzz::grammar::everywhere;
use frugix_fuzz::harness::Case;
use frugix_fuzz::on_worker;
use libfuzzer_sys::fuzz_target;

static EVERY_RULE: LazyLock<Selectors> = LazyLock::new(|| Selectors {
    extend_select: vec![Located::argument("--extend-select", "ALL")],
    ..Selectors::default()
});

fuzz_target!(|text: &str| {
    on_worker(|| {
        let case = Case::of_texts("a random tree", everywhere(text));
        let analyzer = Analyzer::new(Config::default(), ALL, &EVERY_RULE);
        let analysis = analyzer.expect("the rules exist").analyze(&case.tree);
        assert_eq!(analysis.faults, []);
    });
});
