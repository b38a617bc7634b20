//! The editor: Markdown, and beside it what readers see.

use crate::functions::knowledge::{Editor, preview_article, read_editor};
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::knowledge::{ArticleStatus, ArticleVisibility, CONTENT_MAX, SUMMARY_MAX, TITLE_MAX};
use std::time::Duration;

#[component]
pub fn ArticleEditor() -> impl IntoView {
    provide_form_failure();
    let id = use_params_map().read_untracked().get("id");
    let query = use_query_map();
    let ticket = query.read_untracked().get("ticket");
    let drafted = query.read_untracked().get("draft").is_some();
    let saved = query.read_untracked().get("saved").is_some();
    // Asked for once: what is being written must not go because a colleague did something. Saving brings the page anew.
    let editor = Resource::new(|| (), move |()| read_editor(id.clone(), ticket.clone(), drafted));
    view! {
        <Title text="Article"/>
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || Suspend::new(async move {
                    match editor.await {
                        Ok(editor) => show(editor, saved),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(editor: Editor, saved: bool) -> AnyView {
    let article = editor.article.as_ref();
    let title = if article.is_some() { "Article" } else { "New article" };
    let links = article.map(|article| {
        view! {
            <a class="button button--ghost" href=format!("/portal/kb/{}", article.slug)><Icon icon=Icon::Eye/>"Read it"</a>
            <a class="button button--ghost" href=format!("/knowledge/{}/versions", article.id)><Icon icon=Icon::Clock/>"Versions"</a>
        }
    });
    let from = article.and_then(|article| article.from_ticket.clone()).map(|number| {
        view! { <p class="muted">"Made of "<a href=format!("/tickets/{number}")>{number.to_string()}</a></p> }
    });
    let remove = article.map(|article| {
        let id = article.id.to_string();
        view! {
            <QuickForm endpoint="delete_article" class="quick--inline">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit"><Icon icon=Icon::Bin/>"Delete this article"</button>
            </QuickForm>
        }
    });
    let said = saved.then(|| view! { <p class="kb__saved" role="status">"Saved."</p> });
    let refused = editor.said.clone().map(|said| view! { <p class="form-error" role="alert">{said}</p> });
    let shown = RwSignal::new(editor.html.clone());
    view! {
        <header class="sheet__head kb__head"><h1>{title}</h1><span class="arranged__deeds">{links}</span></header>
        {said}{refused}{from}
        <div class="kb__beside">
            <div>{form(&editor, shown)}{remove}</div>
            <section class="kb__preview" aria-label="As readers see it"><h2>"As readers see it"</h2><div class="kb__text" inner_html=move || shown.get()></div></section>
        </div>
    }
    .into_any()
}

/// A pause in writing so long shows how it will look.
const PAUSE: Duration = Duration::from_millis(400);

/// Shows the text as it is being written, made by the server that will make it; one call at a time is on its way.
fn previews(shown: RwSignal<String>) -> impl Fn(leptos::ev::Event) + 'static {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let latest = StoredValue::new(0_u32);
    move |event| {
        let text = event_target_value(&event);
        if let Some(earlier) = waiting.try_update_value(|waiting| waiting.take()).flatten() {
            earlier.clear();
        }
        let number = latest
            .try_update_value(|latest| {
                *latest += 1;
                *latest
            })
            .unwrap_or_default();
        let ask = move || {
            leptos::task::spawn_local(async move {
                // An earlier answer that comes last shows nothing.
                if let Ok(html) = preview_article(text).await
                    && latest.try_get_value() == Some(number)
                {
                    let _ = shown.try_set(html);
                }
            });
        };
        waiting.try_set_value(set_timeout_with_handle(ask, PAUSE).ok());
    }
}

fn form(editor: &Editor, shown: RwSignal<String>) -> AnyView {
    let form = editor.form.clone();
    let head = editor.article.as_ref().map(|article| {
        view! {
            <input type="hidden" name="article[id]" value=article.id.to_string()/>
            <input type="hidden" name="article[version]" value=article.version.to_string()/>
        }
    });
    let from =
        editor.from_ticket.clone().map(|id| view! { <input type="hidden" name="article[from_ticket]" value=id/> });
    let categories = std::iter::once((String::new(), "None".to_owned()))
        .chain(editor.categories.iter().map(|one| (one.id.to_string(), one.name.clone())))
        .collect();
    let readers: Vec<(String, String)> = [ArticleVisibility::Internal, ArticleVisibility::Public]
        .into_iter()
        .map(|one| (one.to_string(), one.label().to_owned()))
        .chain(editor.teams.iter().map(|team| (team.id.to_string(), format!("The team {}", team.name))))
        .collect();
    let reader = match (form.visibility, form.team_id) {
        (Some(ArticleVisibility::Team), Some(team)) => team.to_string(),
        (visibility, _) => visibility.unwrap_or(ArticleVisibility::Internal).to_string(),
    };
    let statuses = ArticleStatus::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let status = form.status.unwrap_or(ArticleStatus::Draft).to_string();
    let category = form.category_id.map(|id| id.to_string()).unwrap_or_default();
    let (categories, readers, statuses) =
        (options(categories, &category), options(readers, &reader), options(statuses, &status));
    view! {
        <QuickForm endpoint="save_article" class="arranged__form arranged__form--wide">
            {head}{from}
            <label for="kb-title">"Title"</label>
            <input id="kb-title" name="article[title]" required maxlength=TITLE_MAX.to_string() value=form.title/>
            <label for="kb-summary">"In a sentence"<span class="field__optional">" optional"</span></label>
            <input id="kb-summary" name="article[summary]" maxlength=SUMMARY_MAX.to_string() value=form.summary/>
            <label for="kb-content">"Text"</label>
            <textarea id="kb-content" class="kb__source" name="article[content]" rows="18" maxlength=CONTENT_MAX.to_string() on:input=previews(shown)>{form.content}</textarea>
            <p class="field__hint">"Markdown: ## a heading, **bold**, - a list, `code`, [a link](https://…)."</p>
            <div class="sheet__pair">
                <div class="field"><label for="kb-status">"It is"</label><select id="kb-status" name="article[status]">{statuses}</select></div>
                <div class="field"><label for="kb-readers">"Who reads it"</label><select id="kb-readers" name="article[readers]">{readers}</select></div>
                <div class="field"><label for="kb-category">"Category"</label><select id="kb-category" name="article[category_id]">{categories}</select></div>
                <div class="field"><label for="kb-review">"Look again by"<span class="field__optional">" optional"</span></label><input id="kb-review" type="date" name="article[review_by]" value=form.review_by/></div>
            </div>
            <label for="kb-tags">"Tags"<span class="field__optional">" separated by commas"</span></label>
            <input id="kb-tags" name="article[tags]" maxlength="500" value=form.tags.join(", ")/>
            <button class="button button--primary" type="submit">"Save"</button>
        </QuickForm>
    }
    .into_any()
}
