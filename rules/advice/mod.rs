//! Optimisations worth considering, off until they are selected.

mod cache_connections;
mod codegen_units;
mod deps_split;
mod heavy;
mod lto_choice;
mod node_heap;
mod push_cache;
mod switch;
mod update_cadence;
mod use_mold;
mod zram;

pub use cache_connections::CacheConnections;
pub use codegen_units::CodegenUnits;
pub use deps_split::DepsSplit;
pub use lto_choice::LtoChoice;
pub use node_heap::NodeHeap;
pub use push_cache::PushCache;
pub use update_cadence::UpdateCadence;
pub use use_mold::UseMold;
pub use zram::Zram;
