//! Giving work up that nobody waits for any more.
//!
//! Whoever may lose interest hands down a tree that asks them ([`Tree::while_wanted`]). Everything
//! reads through the tree, so that work asks between files by itself, and evaluation every thousand
//! steps. Once the answer is no, the work is unwound up to [`unless_cancelled`], without a panic's
//! message: an error in every signature between here and there would say less than it costs. What
//! is kept between two pieces of work must be whole wherever a tree is read.
//!
//! [`Tree::while_wanted`]: super::Tree::while_wanted

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// Asks whether somebody still waits for what is being done.
#[derive(Clone)]
pub struct Interest(Arc<dyn Fn() -> bool + Send + Sync>);

impl Interest {
    /// Interest that lasts as long as `lasts` says so. It is asked often, from any thread, and must
    /// not change its mind back.
    pub fn new(lasts: impl Fn() -> bool + Send + Sync + 'static) -> Interest {
        Interest(Arc::new(lasts))
    }

    /// Whether somebody still waits.
    pub fn lasts(&self) -> bool {
        (self.0)()
    }

    /// Gives the work up if nobody waits for it.
    pub(super) fn check(&self) {
        if !self.lasts() {
            resume_unwind(Box::new(Cancelled));
        }
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interest").field(&self.lasts()).finish()
    }
}

/// Nobody waited for the work any more, and it was given up.
#[derive(Copy, Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("the work was given up, since nobody waited for it any more")]
pub struct Cancelled;

impl Cancelled {
    /// Whether this is what unwinds, and no panic.
    pub fn is_it(payload: &(dyn Any + Send)) -> bool {
        payload.is::<Cancelled>()
    }
}

/// Does `work`, unless it is given up on the way. Panics go on their own way.
///
/// # Errors
///
/// When it was given up. What `work` had in its hands is then as it left it.
pub fn unless_cancelled<T>(work: impl FnOnce() -> T) -> Result<T, Cancelled> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if !Cancelled::is_it(&*payload) {
            resume_unwind(payload);
        }
        Cancelled
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::source::Tree;

    #[test]
    fn work_is_given_up_where_a_tree_is_read() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let interest = Interest::new(move || counted.fetch_add(1, Ordering::SeqCst) < 2);
        let plain = Tree::in_memory(Path::new("/tree"), [("a.nix", "1")]);
        let tree = plain.while_wanted(interest);
        let mut read = 0;
        let work = || {
            for _ in 0..9 {
                tree.source(tree.files()[0]).expect("it is there");
                read += 1;
            }
        };
        assert_eq!(unless_cancelled(work), Err(Cancelled));
        assert_eq!(read, 2);
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        // The tree it was made of is nobody's, and so is a clone.
        assert!(unless_cancelled(|| tree.clone().source(tree.files()[0]).is_ok()).is_ok());
        assert!(unless_cancelled(|| plain.source(plain.files()[0]).is_ok()).is_ok());
    }

    #[test]
    fn a_panic_is_no_cancellation() {
        let caught = catch_unwind(|| unless_cancelled(|| resume_unwind(Box::new("a fault"))));
        let payload = caught.map(|_: Result<(), Cancelled>| ()).expect_err("it goes on");
        assert_eq!(payload.downcast_ref(), Some(&"a fault"));
    }
}
