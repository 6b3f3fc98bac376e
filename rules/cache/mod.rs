//! What keeps packages that a cache has from being fetched from it.

mod cachix_ui_url;
mod lists;
mod shadowed_extra;
mod substituters_replaced;

pub use cachix_ui_url::CachixUiUrl;
pub use shadowed_extra::ShadowedExtra;
pub use substituters_replaced::SubstitutersReplaced;
