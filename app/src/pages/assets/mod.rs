//! Assets: the list, the page of one, its editor, what stands around it, and tables that are brought in.

mod around;
mod editor;
mod imports;
mod one;
mod picture;

pub use around::AssetAround;
pub use editor::AssetEditor;
pub use imports::{AssetImport, AssetImports};
pub use one::AssetPage;

use crate::functions::assets::{AssetsShown, read_assets};
use crate::functions::people::use_viewer;
use crate::live::use_live;
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use oxdesk::assets::rules::KEYS;
use oxdesk::assets::{AssetRow, AssetStatus, category_label};

/// What is looked at often: the bar's text, and its name.
const SHOWN: [(&str, &str); 6] = [
    ("", "All"),
    ("status:active", "In use"),
    ("status:inactive", "In store"),
    ("status:maintenance", "In repair"),
    ("owner:none status:active", "Nobody's"),
    ("warranty:<90d sort:warranty", "Warranty ends"),
];

#[component]
pub fn Assets() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("q").unwrap_or_default(), query.get("after"))
    });
    let list = Resource::new(move || (asked.get(), live.track()), |((q, after), _)| read_assets(Some(q), after));
    view! {
        <Title text="Assets"/>
        <div class="sheet sheet--wide">
            {move || bar(asked.get().0)}
            <Transition fallback=|| view! { <LoadingRows rows=12/> }>
                {move || {
                    let (bar, _) = asked.get();
                    Suspend::new(async move {
                        match list.await {
                            Ok(shown) => show(bar, shown),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

/// The address of a door with the bar's text.
fn with_bar(path: &str, bar: &str) -> String {
    let mut query = ParamsMap::new();
    if !bar.is_empty() {
        query.insert("q", bar.to_owned());
    }
    format!("{path}{}", query.to_query_string())
}

/// Plain links and a plain form: they work without a script.
fn bar(bar: String) -> AnyView {
    let tabs = SHOWN.iter().map(|(text, name)| {
        let current = (*text == bar).then_some("page");
        view! { <a class="button button--ghost tab" href=with_bar("/assets", text) aria-current=current>{*name}</a> }
    });
    let tabs = tabs.collect_view();
    let examples = KEYS.iter().map(|(_, example)| view! { <li><code>{*example}</code></li> }).collect_view();
    let edits = use_viewer().is_some_and(|viewer| viewer.may_write_assets).then(|| {
        view! {
            <a class="button button--ghost" href="/assets/import">"Import"</a>
            <a class="button button--primary" href="/assets/new"><Icon icon=Icon::Plus/>"New asset"</a>
        }
    });
    let (table, labels) = (with_bar("/assets/export.csv", &bar), with_bar("/assets/labels", &bar));
    view! {
        <header class="sheet__head kb__head"><h1>"Assets"</h1>
            <span class="arranged__deeds">
                <a class="button button--ghost" href=table rel="external" download="">"Export"</a>
                <a class="button button--ghost" href=labels rel="external">"Labels"</a>
                {edits}
            </span>
        </header>
        <div class="filters filters--sheet">{tabs}
            <form class="asset__search" method="get" action="/assets" role="search" aria-label="Assets">
                <label class="sr-only" for="asset-words">"Search assets"</label>
                <input id="asset-words" type="search" name="q" maxlength="1000" placeholder="Name, number, serial number or filter" value=bar/>
                <button class="button" type="submit">"Search"</button>
            </form>
            <details class="asset__help"><summary>"Filters"</summary><ul>{examples}</ul></details>
        </div>
    }
    .into_any()
}

fn show(bar: String, shown: AssetsShown) -> AnyView {
    let wrong = shown.wrong.iter().map(|(token, why)| view! { <li>{format!("“{token}” is no filter. {why}")}</li> });
    let wrong =
        (!shown.wrong.is_empty()).then(|| view! { <ul class="form-error" role="alert">{wrong.collect_view()}</ul> });
    if shown.list.rows.is_empty() {
        return view! { {wrong}<EmptyState title="No assets here" text="Make one, or import a table: what is there already is known by its number or its serial number."/> }.into_any();
    }
    let next = shown.list.next.map(|next| {
        let mut query = ParamsMap::new();
        query.insert("q", bar);
        query.insert("after", next);
        view! { <p class="pager"><a href=format!("/assets{}", query.to_query_string()) class="button">"Next page"</a></p> }
    });
    let (may_edit, is_deleted) = (shown.may_edit && !shown.is_deleted, shown.is_deleted);
    let rows = shown.list.rows.into_iter().map(|row| line(row, may_edit, is_deleted)).collect_view();
    let pick = may_edit.then(|| view! { <th scope="col"><span class="sr-only">"Choose"</span></th> });
    let table = view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Assets"><table class="table assets">
            <thead><tr>{pick}<th scope="col">"Number"</th><th scope="col">"Name"</th><th scope="col">"Status"</th><th scope="col">"Category"</th><th scope="col">"Owner"</th><th scope="col">"Place"</th><th scope="col">"Warranty until"</th><th scope="col" class="num">"Open tickets"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    };
    if may_edit {
        view! { {wrong}{bulk(table.into_any())}{next} }.into_any()
    } else {
        view! { {wrong}{table}{next} }.into_any()
    }
}

fn line(row: AssetRow, may_edit: bool, is_deleted: bool) -> AnyView {
    let open_tickets =
        if is_deleted { restore(&row) } else { (row.open_tickets > 0).then_some(row.open_tickets).into_any() };
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
    let (number, name) = (led(number), led(row.name));
    let category = row.category.map_or_else(|| row.kind.label().to_owned(), |category| category_label(&category));
    view! {
        <tr>
            {pick}<td class="num-cell">{number}</td>
            <td class="assets__name">{name}</td>
            <td><AssetBadge status=row.status/></td>
            <td>{category}</td><td>{row.owner}</td><td>{row.location}</td><td>{row.warranty_expiry}</td>
            <td class="num">{open_tickets}</td>
        </tr>
    }
    .into_any()
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
