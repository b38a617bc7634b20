//! How the desk shows itself: known before a page begins, and told to the browser with it.

use leptos::prelude::*;
use oxdesk::settings::Brand;

pub fn provide_brand() {
    provide_context(SharedValue::<Brand>::new(current_brand).into_inner());
}

pub fn use_brand() -> Brand {
    use_context().unwrap_or_default()
}

/// Found by the host before the page begins.
#[cfg(feature = "ssr")]
pub(crate) fn current_brand() -> Brand {
    crate::session::extension::<Brand>().unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn current_brand() -> Brand {
    Brand::default()
}

/// The styles of its own colours, where it has some; their name changes with them.
#[cfg(feature = "ssr")]
#[component]
pub fn BrandStyles() -> impl IntoView {
    current_brand().colours.map(|name| view! { <link rel="stylesheet" href=format!("/brand.css?v={name}")/> })
}
