//! The assets that a ticket is about: linked, taken away, and the requester's own to choose from; the changes that come of it.

use super::folds::{Fold, Hidden, TakeAway};
use crate::pages::short_list;
use crate::ui::{Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::assets::{LinkedAsset, TicketRelation};
use oxdesk::changes::ChangeRow;
use oxdesk::tickets::TicketId;

#[component]
pub fn AboutAssets(id: TicketId, assets: Vec<LinkedAsset>, own: Vec<LinkedAsset>, may_update: bool) -> impl IntoView {
    let count = (!assets.is_empty()).then(|| assets.len().to_string());
    let kinds = TicketRelation::ALL.iter().map(|kind| view! { <option value=kind.as_str()>{says(*kind)}</option> });
    let kinds = kinds.collect_view();
    let form = view! {
        <QuickForm endpoint="link_asset" done="Linked.">
            <Hidden name="id" value=id.to_string()/>
            <label for="asset-number">"Its number or serial number"</label>
            <input id="asset-number" name="asset" required maxlength="100" placeholder="AST-2026-0001" autocomplete="off"/>
            <label for="asset-relation">"What it has to do with it"</label>
            <select id="asset-relation" name="relation">{kinds}</select>
            <button class="button" type="submit">"Link"</button>
        </QuickForm>
    }
    .into_any();
    let row = |asset: LinkedAsset| {
        let label = format!("{} has nothing to do with it", asset.name);
        view! {
            <li class="kept__row"><Icon icon=Icon::Box/><span class="kept__text"><a class="kept__ticket" href=format!("/assets/{}", asset.asset_number)>{asset.name}</a><small>{says(asset.relation)}" · "{asset.asset_number.to_string()}</small></span>
                {may_update.then(|| view! { <TakeAway endpoint="unlink_asset" id name="asset" value=asset.id.to_string() label done="No longer linked."/> })}
            </li>
        }
    };
    let offer = |asset: LinkedAsset| {
        let label = format!("It is about {} {}", asset.asset_number, asset.name);
        view! {
            <li class="kept__row"><span class="kept__text kept__text--offered">{asset.name}<small>"The requester's · "{asset.asset_number.to_string()}</small></span>
                <QuickForm endpoint="link_asset" class="quick--inline" done="Linked.">
                    <Hidden name="id" value=id.to_string()/>
                    <Hidden name="asset" value=asset.asset_number.to_string()/>
                    <button class="button button--ghost button--icon" type="submit" aria-label=label.clone() title=label><Icon icon=Icon::Plus/></button>
                </QuickForm>
            </li>
        }
    };
    let rows = assets.into_iter().map(row).collect_view();
    let offers = may_update.then(|| own.into_iter().map(offer).collect_view());
    view! { <Fold name="assets" title="Assets" count opens=may_update form><ul class="kept__list">{rows}{offers}</ul></Fold> }
}

/// What is changed because of it, and where a change is planned.
#[component]
pub fn AboutChanges(number: String, changes: Vec<ChangeRow>) -> impl IntoView {
    let href = format!("/changes/new?ticket={number}");
    view! {
        <section class="kept" aria-label="Changes"><h2>"Changes"</h2>
            {short_list(changes)}
            <p><a class="linked" href=href>"Plan a change"</a></p>
        </section>
    }
}

/// As the ticket sees it.
fn says(relation: TicketRelation) -> &'static str {
    match relation {
        TicketRelation::AffectedBy => "affects",
        TicketRelation::CausedBy => "was caused by",
        TicketRelation::RelatedTo => "is related to",
    }
}
