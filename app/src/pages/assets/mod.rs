//! Assets: the list, the page of one, its editor, what stands around it, and tables that are brought in.

mod around;
mod editor;
mod fields;
mod imports;
mod list_bar;
mod one;
mod own_fields;
mod picture;

pub use around::AssetAround;
pub use editor::AssetEditor;
pub use fields::AssetFields;
pub use imports::{AssetImport, AssetImports};
pub use one::AssetPage;

use crate::functions::assets::{AssetsShown, read_assets};
use crate::live::use_live;
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, EmptyState, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use list_bar::{Asked, bar, head};
use oxdesk::Timestamp;
use oxdesk::assets::{AssetColumn, AssetFact, AssetRow, AssetStatus, category_label};
use oxdesk::fields::rules::show as show_value;

#[component]
pub fn Assets() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| Asked::of(&query.read()));
    let list = Resource::new(
        move || (asked.get(), live.track()),
        |(asked, _)| {
            let columns = asked.written();
            read_assets(Some(asked.bar), columns, asked.after)
        },
    );
    view! {
        <Title text="Assets"/>
        <div class="sheet sheet--wide">
            {move || head(&asked.get().bar)}
            <Transition fallback=|| view! { <LoadingRows rows=12/> }>
                {move || {
                    let asked = asked.get();
                    Suspend::new(async move {
                        match list.await {
                            Ok(shown) => show(asked, shown),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(asked: Asked, shown: AssetsShown) -> AnyView {
    let AssetsShown { list, wrong, may_edit, is_deleted, views, fields } = shown;
    let bar = bar(&asked, views, &fields);
    let said =
        wrong.iter().map(|(token, why)| view! { <li>{format!("“{token}” is no filter. {why}")}</li> }).collect_view();
    let wrong = (!wrong.is_empty()).then(|| view! { <ul class="form-error" role="alert">{said}</ul> });
    if list.rows.is_empty() {
        return view! { {bar}{wrong}<EmptyState title="No assets here" text="Make one, or import a table: what is there already is known by its number or its serial number."/> }.into_any();
    }
    let next = list.next.map(|next| {
        let href = Asked { after: Some(next), ..asked.clone() }.href();
        view! { <p class="pager"><a href=href class="button">"Next page"</a></p> }
    });
    let table = table(list.rows, &asked.shown(), list.now, may_edit && !is_deleted, is_deleted);
    let table = if may_edit && !is_deleted { bulk(table) } else { table };
    view! { {bar}{wrong}{table}{next} }.into_any()
}

fn table(rows: Vec<AssetRow>, columns: &[AssetColumn], now: Timestamp, may_edit: bool, is_deleted: bool) -> AnyView {
    let pick = may_edit.then(|| view! { <th scope="col"><span class="sr-only">"Choose"</span></th> });
    let restore = is_deleted.then(|| view! { <th scope="col"><span class="sr-only">"Restore"</span></th> });
    let heading = |column: &AssetColumn| {
        let class = is_number(column).then_some("num");
        view! { <th scope="col" class=class>{column.label().to_owned()}</th> }
    };
    let headings = columns.iter().map(heading).collect_view();
    let rows = rows.into_iter().map(|row| line(row, columns, now, may_edit, is_deleted)).collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Assets"><table class="table assets">
            <thead><tr>{pick}<th scope="col">"Number"</th><th scope="col">"Name"</th><th scope="col">"Status"</th>{headings}{restore}</tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

fn is_number(column: &AssetColumn) -> bool {
    matches!(column, AssetColumn::Fact(fact) if fact.is_number())
}

fn line(row: AssetRow, columns: &[AssetColumn], now: Timestamp, may_edit: bool, is_deleted: bool) -> AnyView {
    let restored = is_deleted.then(|| view! { <td>{restore(&row)}</td> });
    let number = row.asset_number.to_string();
    let (href, label) = (format!("/assets/{number}"), format!("Choose {number}"));
    let pick = may_edit.then(|| {
        view! { <td class="assets__pick"><input type="checkbox" name="ids[]" value=row.id.to_string() aria-label=label/></td> }
    });
    // What is deleted has no page.
    let led = |text: String| match is_deleted {
        true => text.into_any(),
        false => view! { <a href=href.clone()>{text}</a> }.into_any(),
    };
    let cells = columns.iter().map(|column| cell(column, &row, now)).collect_view();
    let (number, name) = (led(number), led(row.name.clone()));
    view! {
        <tr>
            {pick}<td class="num-cell">{number}</td>
            <td class="assets__name">{name}</td>
            <td><AssetBadge status=row.status/></td>
            {cells}{restored}
        </tr>
    }
    .into_any()
}

fn cell(column: &AssetColumn, row: &AssetRow, now: Timestamp) -> AnyView {
    let text = match column {
        AssetColumn::Own(name) => row.own.get(name).map(show_value),
        AssetColumn::Fact(AssetFact::Updated) => return view! { <td><Ago at=row.updated_at now/></td> }.into_any(),
        AssetColumn::Fact(fact) => fact_of(*fact, row),
    };
    let class = is_number(column).then_some("num");
    // More are taken than there are.
    let is_over =
        *column == AssetColumn::Fact(AssetFact::Seats) && row.seats.is_some_and(|seats| row.seats_taken > seats.into());
    let over = is_over.then(|| view! { <b class="assets__over">" too many"</b> });
    view! { <td class=class>{text}{over}</td> }.into_any()
}

fn fact_of(fact: AssetFact, row: &AssetRow) -> Option<String> {
    match fact {
        AssetFact::Category => {
            Some(row.category.as_deref().map_or_else(|| row.kind.label().to_owned(), category_label))
        }
        AssetFact::Type => Some(row.kind.label().to_owned()),
        AssetFact::Owner => row.owner.clone(),
        AssetFact::Place => row.location.clone(),
        AssetFact::Manufacturer => row.manufacturer.clone(),
        AssetFact::Model => row.model.clone(),
        AssetFact::Serial => row.serial_number.clone(),
        AssetFact::Bought => row.purchase_date.clone(),
        AssetFact::Price => row.purchase_price.map(|price| price.to_string()),
        AssetFact::Warranty => row.warranty_expiry.clone(),
        AssetFact::Seats => row.seats.map(|seats| format!("{} of {seats}", row.seats_taken)),
        AssetFact::Tickets => (row.open_tickets > 0).then(|| row.open_tickets.to_string()),
        AssetFact::Updated => None,
    }
}

/// Brings a deleted one back.
fn restore(row: &AssetRow) -> AnyView {
    let (id, label) = (row.id.to_string(), format!("Restore {}", row.asset_number));
    view! {
        <QuickForm endpoint="restore_asset" class="quick--inline">
            <input type="hidden" name="id" value=id/>
            <button class="button" type="submit" aria-label=label>"Restore"</button>
        </QuickForm>
    }
    .into_any()
}

/// The chosen rows are changed together. What is left empty stays.
fn bulk(table: AnyView) -> AnyView {
    let statuses = std::iter::once((String::new(), "As it is".to_owned()))
        .chain(AssetStatus::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())))
        .collect();
    view! {
        <QuickForm endpoint="change_assets" class="assets__bulk" done="Changed.">
            {table}
            <fieldset class="assets__change"><legend>"Change the chosen"</legend>
                <div class="field"><label for="bulk-status">"Status"</label><select id="bulk-status" name="status">{options(statuses, "")}</select></div>
                <div class="field"><label for="bulk-category">"Category"</label><input id="bulk-category" name="category" maxlength="60"/></div>
                <div class="field"><label for="bulk-location">"Location"</label><input id="bulk-location" name="location" maxlength="60"/></div>
                <button class="button" type="submit">"Change"</button>
            </fieldset>
        </QuickForm>
    }
    .into_any()
}

#[component]
pub(super) fn AssetBadge(status: AssetStatus) -> impl IntoView {
    view! { <span class=format!("status status--asset-{}", status.as_str().to_lowercase())>{status.label()}</span> }
}
