//! What an article said before, and what changed.

use crate::functions::knowledge::{Versions, read_versions};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::knowledge::rules::LineChange;

#[component]
pub fn ArticleVersions() -> impl IntoView {
    provide_form_failure();
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("version").and_then(|version| version.parse::<i32>().ok()));
    let versions = Resource::new(move || asked.get(), move |version| read_versions(id.clone(), version));
    view! {
        <Title text="Versions"/>
        <div class="sheet">
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || Suspend::new(async move {
                    match versions.await {
                        Ok(versions) => show(versions),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(versions: Versions) -> AnyView {
    let Versions { article, list, shown, changes, now } = versions;
    let id = article.id.to_string();
    let row = |(version, by, at): &(i32, String, oxdesk::Timestamp)| {
        let by = by.clone();
        let href = format!("/knowledge/{id}/versions?version={version}");
        let (version, at, current) = (*version, *at, (*version == shown).then_some("true"));
        view! { <li><A href=href attr:aria-current=current><b>{format!("Version {version}")}</b><span class="muted"><Ago at=at now/></span><small>{by}</small></A></li> }
    };
    let rows = list.iter().map(row).collect_view();
    let lines = lines_of(&changes);
    let back = format!("/knowledge/{id}");
    let restore = (shown != article.version).then(|| view! {
        <QuickForm endpoint="restore_version" class="quick--inline">
            <input type="hidden" name="id" value=id.clone()/><input type="hidden" name="version" value=shown.to_string()/>
            <button class="button button--primary" type="submit">{format!("Bring version {shown} back")}</button>
        </QuickForm>
    });
    view! {
        <header class="sheet__head kb__head"><h1>"Versions of "{article.title.clone()}</h1><a class="button button--ghost" href=back>"Back to the article"</a></header>
        <ul class="panel">{rows}</ul>
        <section><h2>{format!("What version {shown} changed")}</h2><div class="diff">{lines}</div>{restore}</section>
    }
    .into_any()
}

/// What changed, a line each.
pub(super) fn lines_of(changes: &[(LineChange, String)]) -> AnyView {
    let line = |(how, text): &(LineChange, String)| {
        let (class, sign, said) = match how {
            LineChange::Same => ("diff__line", " ", ""),
            LineChange::Added => ("diff__line diff__line--added", "+", "added: "),
            LineChange::Removed => ("diff__line diff__line--removed", "−", "removed: "),
        };
        view! { <div class=class><span aria-hidden="true">{sign}</span><span class="sr-only">{said}</span><span>{text.clone()}</span></div> }
    };
    changes.iter().map(line).collect_view().into_any()
}
