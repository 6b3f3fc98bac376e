//! Optimisations worth considering, off until they are selected.

mod codegen_units;
mod deps_split;
mod heavy;
mod lto_choice;
mod node_heap;
mod switch;
mod use_mold;

pub use codegen_units::CodegenUnits;
pub use deps_split::DepsSplit;
pub use lto_choice::LtoChoice;
pub use node_heap::NodeHeap;
pub use use_mold::UseMold;
