use crate::ui::ErrorState;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::session::set_status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Not here"/>
        <main id="main"><ErrorState error=crate::AppError::Core(oxdesk::Error::NotFound)/></main>
    }
}
