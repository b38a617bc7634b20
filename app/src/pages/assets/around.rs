//! What stands around an asset: a picture, and the same as lists: what fails with it, what it needs.

use super::AssetBadge;
use super::picture::draw;
use crate::functions::assets::{Around, read_around};
use crate::ui::{ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use oxdesk::assets::{AssetRow, Impact, RelationType, category_label};

/// What is asked for: whose surroundings, how far, and along which relations (all without any).
#[derive(Clone, PartialEq)]
struct Asked {
    number: String,
    steps: u32,
    kind: Option<String>,
}

impl Asked {
    fn href(&self, number: &str) -> String {
        let mut query = ParamsMap::new();
        query.insert("steps", self.steps.to_string());
        if let Some(kind) = &self.kind {
            query.insert("kind", kind.clone());
        }
        format!("/assets/{number}/around{}", query.to_query_string())
    }
}

#[component]
pub fn AssetAround() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| Asked {
        number: params.read().get("number").unwrap_or_default(),
        steps: query.read().get("steps").and_then(|steps| steps.parse().ok()).unwrap_or(2),
        kind: query.read().get("kind").filter(|kind| !kind.is_empty()),
    });
    let around = Resource::new(
        move || asked.get(),
        |asked| read_around(asked.number, asked.steps, asked.kind.map(|kind| vec![kind])),
    );
    view! {
        <Title text="What depends on it"/>
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || {
                    let asked = asked.get();
                    Suspend::new(async move {
                        match around.await {
                            Ok(around) => show(&asked, around),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(asked: &Asked, around: Around) -> AnyView {
    let Around { asset, graph, affected, needed } = around;
    let picture = draw(&graph, asset.asset_number.as_str(), |number| asked.href(number));
    let hidden = (graph.hidden > 0).then(|| {
        view! { <p class="muted">{format!("{} more have no room in the picture; the lists below name them.", graph.hidden)}</p> }
    });
    let alone =
        (graph.nodes.len() < 2).then(|| view! { <p class="muted">"Nothing stands to it along these relations."</p> });
    view! {
        <header class="sheet__head kb__head"><div><p class="asset__number num"><a href=format!("/assets/{}", asset.asset_number)>{asset.asset_number.to_string()}</a></p><h1>{format!("What depends on {}", asset.name)}</h1></div></header>
        {choices(asked)}
        <div class="graph-frame" tabindex="0" role="region" aria-label="Picture" inner_html=picture></div>
        <p class="graph__legend"><span>"Left: what it needs"</span><span>"Right: what fails with it"</span><span class="graph__key">"— depends on"</span><span class="graph__key graph__key--contains">"— contains"</span><span class="graph__key graph__key--connected">"┄ connected to"</span></p>
        {hidden}{alone}
        <div class="kb__beside">
            {list("If it fails", "fails with it", affected)}
            {list("It needs", "is needed by it", needed)}
        </div>
    }
    .into_any()
}

/// How far, and along what: plain links.
fn choices(asked: &Asked) -> AnyView {
    let steps = (1..=4).map(|steps| {
        let name = if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
        let there = Asked { steps, ..asked.clone() };
        (name, there.href(&asked.number), steps == asked.steps)
    });
    let all = std::iter::once(("All relations", None))
        .chain(RelationType::ALL.iter().map(|kind| (kind.labels().0, Some(kind.to_string()))));
    let kinds = all.map(|(name, kind)| {
        let there = Asked { kind: kind.clone(), ..asked.clone() };
        (name.to_owned(), there.href(&asked.number), kind == asked.kind)
    });
    let tab = |(name, href, is_here): (String, String, bool)| {
        view! { <a class="button button--ghost tab" href=href aria-current=is_here.then_some("page")>{name}</a> }
    };
    view! {
        <div class="filters filters--sheet"><nav aria-label="How far">{steps.map(tab).collect_view()}</nav><nav aria-label="Along which relations">{kinds.map(tab).collect_view()}</nav></div>
    }
    .into_any()
}

fn list(title: &'static str, nothing: &'static str, impact: Impact) -> AnyView {
    let row = |row: AssetRow| {
        let says = [
            row.category.map_or_else(|| row.kind.label().to_owned(), |category| category_label(&category)),
            row.owner.unwrap_or_default(),
        ];
        let says = says.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        view! { <li><a href=format!("/assets/{}", row.asset_number)><b>{row.name}</b><AssetBadge status=row.status/><small><span class="num">{row.asset_number.to_string()}</span>" · "{says}</small></a></li> }
    };
    let counted =
        |many: i64, one: &str, more: &str| if many == 1 { format!("1 {one}") } else { format!("{many} {more}") };
    let says = format!(
        "{}, {}, {}",
        counted(impact.total, "asset", "assets"),
        counted(impact.people, "person", "people"),
        counted(impact.tickets, "open ticket", "open tickets")
    );
    let rest = impact.total - impact.rows.len() as i64;
    let rest = (rest > 0).then(|| view! { <p class="muted">{format!("and {rest} more")}</p> });
    let says = if impact.total == 0 { format!("Nothing {nothing}.") } else { says };
    view! {
        <section aria-label=title><h2>{title}</h2><p class="muted">{says}</p><ul class="panel">{impact.rows.into_iter().map(row).collect_view()}</ul>{rest}</section>
    }
    .into_any()
}
