//! What git knows of a tree: what is staged, and what an earlier commit held.
//!
//! Git itself is asked, as a subprocess. Who has a repository has git; a hook is even run by it, in
//! an environment (`GIT_DIR`, `GIT_INDEX_FILE`) that it knows best how to read, and its own reading
//! of index extensions, sparse and partial clones is the one that counts. A library that does the
//! same would be larger than the rest of this crate.

mod command;
mod objects;
mod repository;
mod staged;

pub use command::GitError;
pub use objects::{BlobKind, Blobs};
pub use repository::Repository;
pub(super) use staged::found;
