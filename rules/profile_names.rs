//! Whether a name that stands for a hardware profile can be written at a place, so that what is
//! hard-coded there is said by the profile.

use crate::facts::ProfileName;
use crate::lint::TreeContext;
use crate::lint::edits::binds;
use crate::rules::work;
use crate::source::Span;

/// Whether nothing hides the name at `place`.
pub(super) fn is_in_view(cx: &TreeContext<'_>, name: &ProfileName, place: Span) -> bool {
    if !work::contains(name.within, place) {
        return false;
    }
    let Some(file) = cx.edited(place.file) else { return false };
    let Some(around) = file.around(place) else { return false };
    let mut inside = around.ancestors().take_while(|node| node.range() != name.within.range);
    !inside.any(|node| binds(node, &name.name))
}
