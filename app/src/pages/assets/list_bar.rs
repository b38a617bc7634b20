//! What stands above the list of assets: views, the bar, columns, and the list kept under a name. Plain links and plain forms:
//! they work without a script.

use crate::functions::people::use_viewer;
use crate::pages::admin::options;
use crate::pages::filter_bar::audience_choices;
use crate::ui::{Icon, QuickForm};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use oxdesk::assets::rules::KEYS;
use oxdesk::assets::{AssetColumn, AssetFact};
use oxdesk::views::{AssetView, NAME_MAX};

/// What the address says of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub bar: String,
    /// None for the usual.
    pub columns: Option<Vec<AssetColumn>>,
    pub after: Option<String>,
}

impl Asked {
    pub fn of(query: &ParamsMap) -> Self {
        let columns = query.get("cols").map(|text| AssetColumn::read(&text)).filter(|columns| !columns.is_empty());
        Self { bar: query.get("q").unwrap_or_default(), columns, after: query.get("after") }
    }

    /// As the server is asked.
    pub fn written(&self) -> Option<String> {
        self.columns.as_deref().map(AssetColumn::write)
    }

    pub fn shown(&self) -> Vec<AssetColumn> {
        self.columns.clone().unwrap_or_else(|| AssetColumn::USUAL.to_vec())
    }

    pub fn href(&self) -> String {
        let mut query = ParamsMap::new();
        if !self.bar.is_empty() {
            query.insert("q", self.bar.clone());
        }
        let columns = self.columns.as_deref().filter(|columns| **columns != AssetColumn::USUAL);
        if let Some(columns) = columns {
            query.insert("cols", AssetColumn::write(columns));
        }
        if let Some(after) = &self.after {
            query.insert("after", after.clone());
        }
        format!("/assets{}", query.to_query_string())
    }

    fn first(bar: &str, columns: Option<Vec<AssetColumn>>) -> Self {
        Self { bar: bar.to_owned(), columns, after: None }
    }

    fn is_at(&self, other: &Self) -> bool {
        self.bar == other.bar && self.shown() == other.shown()
    }
}

/// The address of a door with the bar's text.
fn with_bar(path: &str, bar: &str) -> String {
    let mut query = ParamsMap::new();
    if !bar.is_empty() {
        query.insert("q", bar.to_owned());
    }
    format!("{path}{}", query.to_query_string())
}

/// What is looked at often: the bar's text, and its name.
const SHOWN: [(&str, &str); 6] = [
    ("", "All"),
    ("status:active", "In use"),
    ("status:inactive", "In store"),
    ("status:maintenance", "In repair"),
    ("owner:none status:active", "Nobody's"),
    ("warranty:<90d sort:warranty", "Warranty ends"),
];

/// Licences have columns of their own.
const LICENCES: (&str, &str) = ("is:licence", "Licences");
const LICENCE_FACTS: [AssetFact; 4] =
    [AssetFact::Manufacturer, AssetFact::Seats, AssetFact::Warranty, AssetFact::Tickets];

fn fixed() -> Vec<(Asked, &'static str)> {
    let licences = LICENCE_FACTS.into_iter().map(AssetColumn::Fact).collect();
    SHOWN
        .iter()
        .map(|(bar, name)| (Asked::first(bar, None), *name))
        .chain([(Asked::first(LICENCES.0, Some(licences)), LICENCES.1)])
        .collect()
}

/// The head of the page: what can be made of the list.
pub(super) fn head(bar: &str) -> AnyView {
    let edits = use_viewer().is_some_and(|viewer| viewer.may_write_assets).then(|| {
        view! {
            <a class="button button--ghost" href="/assets/fields">"Fields"</a>
            <a class="button button--ghost" href="/assets/import">"Import"</a>
            <a class="button button--primary" href="/assets/new"><Icon icon=Icon::Plus/>"New asset"</a>
        }
    });
    let (table, labels) = (with_bar("/assets/export.csv", bar), with_bar("/assets/labels", bar));
    view! {
        <header class="sheet__head kb__head"><h1>"Assets"</h1>
            <span class="arranged__deeds">
                <a class="button button--ghost" href=table rel="external" download="">"Export"</a>
                <a class="button button--ghost" href=labels rel="external">"Labels"</a>
                {edits}
            </span>
        </header>
    }
    .into_any()
}

pub(super) fn bar(asked: &Asked, views: Vec<AssetView>, fields: &[String]) -> AnyView {
    let tab = |to: Asked, name: String| {
        let current = asked.is_at(&to).then_some("page");
        view! { <a class="button button--ghost tab" href=to.href() aria-current=current>{name}</a> }
    };
    let of_view =
        |view: &AssetView| Asked::first(&view.bar, Some(view.columns.clone()).filter(|columns| !columns.is_empty()));
    let tabs = fixed().into_iter().map(|(to, name)| tab(to, name.to_owned())).collect_view();
    let saved = views.iter().map(|view| tab(of_view(view), view.name.clone())).collect_view();
    let current = views.into_iter().find(|view| view.may_edit && asked.is_at(&of_view(view)));
    let kept = asked.written().map(|columns| view! { <input type="hidden" name="cols" value=columns/> });
    let examples = KEYS.iter().map(|(_, example)| view! { <li><code>{*example}</code></li> }).collect_view();
    let text = asked.bar.clone();
    view! {
        <div class="filters filters--sheet">{tabs}{saved}
            <form class="asset__search" method="get" action="/assets" role="search" aria-label="Assets">
                <label class="sr-only" for="asset-words">"Search assets"</label>
                <input id="asset-words" type="search" name="q" maxlength="500" placeholder="Name, number, serial number or filter" value=text/>
                {kept}
                <button class="button" type="submit">"Search"</button>
            </form>
            <details class="asset__help"><summary>"Filters"</summary><ul>{examples}</ul></details>
            <details class="asset__help" data-fold="columns"><summary>"Columns"</summary><ul>{columns(asked, fields)}</ul></details>
            {use_viewer().is_some_and(|viewer| viewer.may_read_assets).then(|| keep(asked, current))}
        </div>
    }
    .into_any()
}

/// Each column shows or hides itself.
fn columns(asked: &Asked, fields: &[String]) -> AnyView {
    let shown = asked.shown();
    let own = fields.iter().cloned().map(AssetColumn::Own);
    let all: Vec<AssetColumn> = AssetFact::ALL.iter().copied().map(AssetColumn::Fact).chain(own).collect();
    let toggled = |column: &AssetColumn| {
        let is_shown = shown.contains(column);
        let with: Vec<_> = all.iter().filter(|other| (*other == column) != shown.contains(other)).cloned().collect();
        let to = Asked { columns: Some(with), after: None, ..asked.clone() };
        let (href, label) = (to.href(), column.label().to_owned());
        view! { <li><a class="column" href=href aria-current=is_shown.then_some("true")><span aria-hidden="true">{if is_shown { "✓" } else { "" }}</span>{label}</a></li> }
    };
    all.iter().map(toggled).collect_view().into_any()
}

/// Keeps the list under a name, or forgets the view that is shown.
fn keep(asked: &Asked, current: Option<AssetView>) -> AnyView {
    let (bar, columns) = (asked.bar.clone(), asked.written().unwrap_or_default());
    let choices = audience_choices(use_viewer().map(|viewer| viewer.audiences).unwrap_or_default());
    let delete = current.map(|view| {
        let (id, label) = (view.id.to_string(), format!("Delete “{}”", view.name));
        view! {
            <QuickForm endpoint="delete_view" done="Deleted.">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit"><Icon icon=Icon::Cross/>{label}</button>
            </QuickForm>
        }
    });
    view! {
        <details class="asset__help" data-closes="" data-fold="save-view"><summary>"Save as view"</summary>
            <div class="asset__keep">
                <QuickForm endpoint="save_asset_view" done="Saved.">
                    <input type="hidden" name="bar" value=bar/><input type="hidden" name="columns" value=columns/>
                    <label for="view-name">"Name"</label><input id="view-name" name="name" required maxlength=NAME_MAX.to_string() autocomplete="off"/>
                    <label for="view-for">"For"</label><select id="view-for" name="audience">{options(choices, "OWN")}</select>
                    <button class="button" type="submit">"Save the view"</button>
                </QuickForm>
                {delete}
            </div>
        </details>
    }
    .into_any()
}
