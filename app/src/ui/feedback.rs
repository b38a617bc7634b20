//! Empty, loading and error states.

use crate::AppError;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use oxdesk::Error;

#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// Grey rows of the final size.
#[component]
pub fn LoadingRows(#[prop(default = 8)] rows: usize) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">"Loading"</span>
            {(0..rows).map(|_| view! { <div class="skeleton__row"></div> }).collect_view()}
        </div>
    }
}

/// What a page shows instead of its content. Strangers are sent to sign in.
#[component]
pub fn ErrorState(error: AppError) -> impl IntoView {
    if error.is_unauthenticated() {
        return view! { <Redirect path="/login"/> }.into_any();
    }
    #[cfg(feature = "ssr")]
    crate::session::set_status(error.status());
    let (title, text) = match &error {
        AppError::Core(Error::NotFound) => ("Not here", "This page does not exist, or you may not see it.".to_owned()),
        AppError::Core(Error::Forbidden) => {
            ("Not for you", "You may not see this page. An administrator can change that.".to_owned())
        }
        AppError::Offline => ("Offline", error.to_string()),
        AppError::Core(Error::Internal) => {
            ("Something went wrong", "It is in our log. Please try again in a moment.".to_owned())
        }
        other => ("This did not work", other.to_string()),
    };
    view! {
        <div class="state" role="alert">
            <h1>{title}</h1>
            <p>{text}</p>
            <a class="button" href="/" rel="external">"Go to the start"</a>
        </div>
    }
    .into_any()
}
