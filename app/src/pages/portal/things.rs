//! What the viewer has: laptops, screens, licences. Each leads to a request about it.

use crate::functions::requester::{OwnAsset, list_own_assets};
use crate::ui::{EmptyState, ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;

#[component]
pub fn PortalAssets() -> impl IntoView {
    let own = Resource::new(|| (), |()| list_own_assets());
    view! {
        <Title text="What you have"/>
        <div class="portal__column">
            <h1>"What you have"</h1>
            <Suspense fallback=|| view! { <LoadingRows rows=3/> }>
                {move || Suspend::new(async move {
                    match own.await {
                        Ok(own) => show(own),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn show(own: Vec<OwnAsset>) -> AnyView {
    if own.is_empty() {
        return view! { <EmptyState title="Nothing is written down for you" text="What you are given, a laptop for instance, stands here with its number."/> }.into_any();
    }
    let row = |asset: OwnAsset| {
        let ask = format!("/portal/new?asset={}", asset.asset_number);
        let label = format!("Ask about it: {} {}", asset.asset_number, asset.name);
        view! {
            <li class="missed"><span><b>{asset.name}</b><small><span class="num">{asset.asset_number.to_string()}</span>" · "{asset.says}</small></span>
                <A href=ask attr:class="button" attr:aria-label=label>"Ask about it"</A></li>
        }
    };
    view! { <ul class="panel panel--plain">{own.into_iter().map(row).collect_view()}</ul> }.into_any()
}
