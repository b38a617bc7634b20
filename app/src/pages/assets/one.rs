//! An asset: what it is, whose it is, what it needs and what needs it, and what went wrong with it.

use super::AssetBadge;
use crate::functions::assets::read_asset;
use crate::live::use_live;
use crate::pages::held_files::{FileDeeds, held_files};
use crate::pages::short_list;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, Avatar, EmptyState, ErrorState, Icon, LoadingRows, QuickForm, StatusBadge};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use oxdesk::Timestamp;
use oxdesk::assets::{
    Asset, AssetChange, AssetPage as Page, AssetTicket, Handover, Relation, RelationType, category_label,
};
use oxdesk::attachments::HolderKind;

#[component]
pub fn AssetPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let params = use_params_map();
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let page = Resource::new(move || (number.get(), live.track()), |(number, _)| read_asset(number));
    view! {
        {move || view! { <Title text=number.get()/> }}
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(page) => show(page),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(page: Page) -> AnyView {
    let Page { asset, relations, handovers, history, tickets, changes, attachments, seats_taken, may_edit, now } = page;
    let number = asset.asset_number.to_string();
    let (edit, around, label) =
        (format!("/assets/{number}/edit"), format!("/assets/{number}/around"), format!("/assets/labels?q={number}"));
    let change = format!("/changes/new?asset={number}");
    let may = FileDeeds { add: may_edit, remove: may_edit };
    let files = held_files(HolderKind::Asset, &number, attachments, may);
    let deeds = may_edit.then(|| {
        view! { <a class="button button--ghost" href=label rel="external">"Label"</a><a class="button" href=edit><Icon icon=Icon::Pencil/>"Change"</a> }
    });
    view! {
        <header class="sheet__head kb__head">
            <div><p class="asset__number num">{number}</p><h1>{asset.name.clone()}</h1></div>
            <span class="arranged__deeds"><a class="button button--ghost" href=around>"What depends on it"</a>{deeds}</span>
        </header>
        <div class="asset">
            <div class="asset__main">
                {facts(&asset, seats_taken)}
                <section aria-label="Relations"><h2>"Relations"</h2>{related(&asset, relations, may_edit)}</section>
                <section aria-label="Tickets"><h2>"Tickets"</h2>{failures(tickets, now)}</section>
                <section aria-label="Changes"><h2>"Changes"</h2>{short_list(changes)}<p><a class="linked" href=change>"Plan a change"</a></p></section>
                {files}
            </div>
            <aside class="asset__side">
                {owner(&asset, handovers, may_edit, now)}
                {told(history, now)}
                {may_edit.then(|| end(&asset))}
            </aside>
        </div>
    }
    .into_any()
}

fn facts(asset: &Asset, seats_taken: i64) -> AnyView {
    let place = [&asset.location, &asset.building, &asset.floor, &asset.room];
    let place = place.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let seats = asset.seats.map(|seats| format!("{seats_taken} of {seats} taken"));
    let own = asset.custom_fields.iter().map(|(name, value)| (name.clone(), oxdesk::fields::rules::show(value)));
    let known = [
        ("Type", Some(asset.kind.label().to_owned())),
        ("Category", asset.category.as_deref().map(category_label)),
        ("Manufacturer", asset.manufacturer.clone()),
        ("Model", asset.model.clone()),
        ("Serial number", asset.serial_number.clone()),
        ("Place", Some(place).filter(|place| !place.is_empty())),
        ("Bought", asset.purchase_date.clone()),
        ("Price", asset.purchase_price.map(|price| price.to_string())),
        // A licence ends.
        (if asset.seats.is_some() { "Licence until" } else { "Warranty until" }, asset.warranty_expiry.clone()),
        ("Seats", seats),
    ];
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let row = |(name, value): (String, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let rows = known.chain(own).map(row).collect_view();
    let notes = asset.notes.clone().map(|notes| view! { <p class="asset__notes">{notes}</p> });
    view! { <dl class="facts"><div><dt>"Status"</dt><dd><AssetBadge status=asset.status/></dd></div>{rows}</dl>{notes} }
        .into_any()
}

fn related(asset: &Asset, relations: Vec<Relation>, may_edit: bool) -> AnyView {
    let id = asset.id.to_string();
    let row = |relation: Relation| {
        let (out, back) = relation.kind.labels();
        let says = if relation.is_source { out } else { back };
        let label = format!("{says} {}: take this away", relation.name);
        let (id, href) = (id.clone(), format!("/assets/{}", relation.asset_number));
        let remove = may_edit.then(|| {
            view! {
                <QuickForm endpoint="unrelate_assets" class="quick--inline" done="Taken away.">
                    <input type="hidden" name="id" value=id/><input type="hidden" name="relation" value=relation.id.to_string()/>
                    <button class="button button--ghost button--icon kept__cross" type="submit" aria-label=label><Icon icon=Icon::Cross/></button>
                </QuickForm>
            }
        });
        view! {
            <li class="kept__row"><span class="kept__text"><span class="muted">{says}</span>" "<a href=href><span class="num">{relation.asset_number.to_string()}</span>" "{relation.name}</a>{relation.description.map(|text| view! { <small>{text}</small> })}</span>{remove}</li>
        }
    };
    let none = relations.is_empty().then(|| view! { <p class="muted">"None yet."</p> });
    let rows = relations.into_iter().map(row).collect_view();
    let kinds = RelationType::ALL.iter().map(|kind| {
        let (out, back) = kind.labels();
        let back = (out != back).then(|| view! { <option value=format!("-{kind}")>{back}</option> });
        view! { <option value=kind.to_string()>{out}</option>{back} }
    });
    let (kinds, own) = (kinds.collect_view(), asset.id.to_string());
    let form = may_edit.then(|| {
        view! {
            <details class="fold" data-closes="" data-fold="relate"><summary><h3>"Add a relation"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="relate_assets" done="Related.">
                    <input type="hidden" name="id" value=own/>
                    <label for="relation-kind">"This asset"</label><select id="relation-kind" name="kind">{kinds}</select>
                    <label for="relation-other">"The other one's number or serial number"</label><input id="relation-other" name="other" required maxlength="100" autocomplete="off" placeholder="AST-2026-0001"/>
                    <label for="relation-text">"Note"<span class="field__optional">" optional"</span></label><input id="relation-text" name="description" maxlength="500"/>
                    <button class="button" type="submit">"Add"</button>
                </QuickForm>
            </details>
        }
    });
    view! { {none}<ul class="kept__list">{rows}</ul>{form} }.into_any()
}

fn failures(tickets: Vec<AssetTicket>, now: Timestamp) -> AnyView {
    if tickets.is_empty() {
        return view! { <EmptyState title="No tickets" text="Nothing went wrong with it so far."/> }.into_any();
    }
    let row = |ticket: AssetTicket| {
        view! {
            <li><a href=format!("/tickets/{}", ticket.ticket_number)><b>{ticket.subject}</b><StatusBadge status=ticket.status/><small><span class="num">{ticket.ticket_number.to_string()}</span>" · "{ticket.relation.label()}" · "<Ago at=ticket.created_at now/></small></a></li>
        }
    };
    view! { <ul class="panel">{tickets.into_iter().map(row).collect_view()}</ul> }.into_any()
}

fn owner(asset: &Asset, handovers: Vec<Handover>, may_edit: bool, now: Timestamp) -> AnyView {
    let (id, name) = (asset.id.to_string(), asset.assigned_to.clone());
    let says = name.clone().unwrap_or_else(|| "Nobody".to_owned());
    let since = asset.assigned_at.map(|at| view! { <span class="muted">"since "<Ago at now/></span> });
    let nobody = || "nobody".to_owned();
    let row = |one: Handover| {
        let by = one.by.map(|by| format!(" · by {by}")).unwrap_or_default();
        view! {
            <li class="kept__row"><span class="kept__text">{one.from.unwrap_or_else(nobody)}" → "{one.to.unwrap_or_else(nobody)}<small><Ago at=one.at now/>{by}{one.note.map(|note| format!(" · {note}"))}</small></span></li>
        }
    };
    let rows = handovers.into_iter().map(row).collect_view();
    let form = may_edit.then(|| {
        view! {
            <details class="fold" data-closes="" data-fold="hand-over"><summary><h3>"Hand it over"</h3><Icon icon=Icon::Person/></summary>
                <QuickForm endpoint="hand_over_asset" done="Handed over.">
                    <input type="hidden" name="id" value=id/>
                    <label for="hand-to">"To whom, by e-mail address; nobody without one"</label><input id="hand-to" type="email" name="to" maxlength="254" autocomplete="off"/>
                    <label for="hand-note">"Note"<span class="field__optional">" optional"</span></label><input id="hand-note" name="note" maxlength="1000"/>
                    <button class="button" type="submit">"Hand over"</button>
                </QuickForm>
            </details>
        }
    });
    view! {
        <section aria-label="Owner"><h2>"Owner"</h2>
            <p class="side__person"><Avatar name/><b>{says}</b>{since}</p>
            {form}<ul class="kept__list">{rows}</ul>
        </section>
    }
    .into_any()
}

fn told(history: Vec<AssetChange>, now: Timestamp) -> AnyView {
    if history.is_empty() {
        return ().into_any();
    }
    let empty = || "empty".to_owned();
    let row = |one: AssetChange| {
        let field = one.field.replace('_', " ");
        let by = one.by.map(|by| format!(" · {by}")).unwrap_or_default();
        view! {
            <li class="kept__row"><span class="kept__text">{field}": "{one.old_value.unwrap_or_else(empty)}" → "{one.new_value.unwrap_or_else(empty)}<small><Ago at=one.at now/>{by}</small></span></li>
        }
    };
    view! { <section aria-label="History"><h2>"History"</h2><ul class="kept__list">{history.into_iter().map(row).collect_view()}</ul></section> }.into_any()
}

fn end(asset: &Asset) -> AnyView {
    let id = asset.id.to_string();
    view! {
        <QuickForm endpoint="delete_asset" class="quick--inline">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit"><Icon icon=Icon::Bin/>"Delete this asset"</button>
        </QuickForm>
    }
    .into_any()
}
