//! An analysis may be given up anywhere, and the analyser is as good as before.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use frugix::analysis::Analyzer;
use frugix::config::Config;
use frugix::lint::Selectors;
use frugix::rules::ALL;
use frugix::source::{Discovery, Interest, Tree, unless_cancelled};

#[test]
fn an_analysis_that_was_given_up_leaves_nothing_behind() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/shoshin");
    let config = Config::load(&root.join("frugix.toml")).expect("a configuration");
    let analyzer = || Analyzer::new(config.clone(), ALL, &Selectors::default()).expect("rules");
    let tree = Tree::open(&root, &Discovery::default()).expect("a tree");
    let told = |analyzer: &mut Analyzer| format!("{:#?}", analyzer.analyze(&tree).diagnostics);
    let expected = told(&mut analyzer());

    let mut disturbed = analyzer();
    let mut given_up = 0;
    let mut patience: u64 = 1;
    loop {
        let asked = AtomicU64::new(0);
        let interest = Interest::new(move || asked.fetch_add(1, Ordering::Relaxed) < patience);
        let wanted = tree.while_wanted(interest);
        match unless_cancelled(|| disturbed.analyze(&wanted)) {
            Err(_) => given_up += 1,
            Ok(analysis) => {
                assert_eq!(analysis.faults, [], "to give up is no fault");
                break;
            }
        }
        if given_up % 4 == 0 {
            assert_eq!(told(&mut disturbed), expected, "after {patience} questions");
        }
        patience += patience / 3 + 1;
    }
    assert!(given_up > 10, "it was given up {given_up} times only");
    assert_eq!(told(&mut disturbed), expected);
}
