//! The way down from a random value that fails to one that is as simple as can be and still does.

use proptest::strategy::ValueTree;

/// What `judge` says of the simplest value found on the way down from `tree`, of at most `most`: what
/// fails in it. None where it fails no longer.
pub fn simplest<V>(
    tree: &mut impl ValueTree<Value = V>,
    most: usize,
    judge: impl Fn(&V) -> Option<String>,
) -> Option<String> {
    let mut simplest = judge(&tree.current())?;
    let mut going = tree.simplify();
    for _ in 0..most {
        if !going {
            break;
        }
        going = match judge(&tree.current()) {
            Some(simpler) => {
                simplest = simpler;
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    Some(simplest)
}
