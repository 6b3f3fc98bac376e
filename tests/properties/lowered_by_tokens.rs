//! What the grammar writes is lowered by its tokens to the very same as by way of the parser.

use arbitrary::{Arbitrary as _, Unstructured};
use proptest::prelude::*;

use frugix::hir;
use frugix::syntax::{DepthLimit, parse};

use crate::grammar::Nix;
use crate::runner_of;

#[test]
fn what_the_grammar_writes_is_lowered_by_its_tokens() {
    let bytes = prop::collection::vec(any::<u8>(), 0..600);
    let result = runner_of(2000).run(&bytes, |bytes| {
        let nix = Nix::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes may run out");
        let parsed = parse(&nix.0).expect("it is not deep");
        let by_tokens = hir::lower_text(&nix.0, DepthLimit::USUAL).expect("it has no mistakes");
        let by_parser = hir::lower(&parsed);
        prop_assert_eq!(format!("{by_tokens:?}"), format!("{by_parser:?}"), "{}", nix.0);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
