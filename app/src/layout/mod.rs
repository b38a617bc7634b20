//! The frames around pages: the agents' rail, the portal's top.

mod agent;
mod palette;
mod portal;

pub use agent::{AgentLayout, use_rail};
pub use palette::Palette;
pub use portal::PortalLayout;

use crate::functions::people::Viewer;
use crate::ui::Icon;
use leptos::prelude::*;

/// Leads somebody to their second factor whose role asks for one.
fn second_factor_due(viewer: &Viewer) -> Option<AnyView> {
    let by = viewer.second_factor_due?.date(viewer.utc_offset_seconds);
    let says = format!("Set up a second factor by {by}");
    Some(
        view! { <a class="owed" href="/second-factor" rel="external"><Icon icon=Icon::Lock/><span>{says}</span></a> }
            .into_any(),
    )
}
