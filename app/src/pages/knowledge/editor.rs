//! The editor: Markdown, and beside it what readers see.

use super::attachments::{Attachments, attachments};
use super::versions::lines_of;
use crate::functions::knowledge::{Editor, Unsaved, keep_article_draft, preview_article, read_editor};
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::html;
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
    let draft = query.read_untracked().get("draft");
    let saved = query.read_untracked().get("saved").is_some();
    let error = query.read_untracked().get("error");
    // Asked for once: what is being written must not go because a colleague did something. Saving brings the page anew.
    let editor = Resource::new(|| (), move |()| read_editor(id.clone(), ticket.clone(), draft.clone()));
    view! {
        <Title text="Article"/>
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || {
                    let error = error.clone();
                    Suspend::new(async move {
                    match editor.await {
                        Ok(editor) => show(editor, saved, error),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(editor: Editor, saved: bool, error: Option<String>) -> AnyView {
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
    let refused = editor.said.clone().or(error).map(|said| view! { <p class="form-error" role="alert">{said}</p> });
    let unsaved = editor.unsaved.clone();
    let unsaved = unsaved.map(|unsaved| not_saved(article.map(|article| article.id.to_string()), unsaved));
    let shown = RwSignal::new(editor.html.clone());
    view! {
        <header class="sheet__head kb__head"><h1>{title}</h1><span class="arranged__deeds">{links}</span></header>
        {said}{refused}{unsaved}{from}
        <div class="kb__beside">
            <div>{form(&editor, shown)}{remove}</div>
            <section class="kb__preview" aria-label="As readers see it"><h2>"As readers see it"</h2><div class="kb__text" inner_html=move || shown.get()></div></section>
        </div>
    }
    .into_any()
}

/// What was written before and not saved, with what it changes: to go on with, or to drop. Either works without scripts.
fn not_saved(id: Option<String>, unsaved: Unsaved) -> AnyView {
    let page = format!("/knowledge/{}", id.as_deref().unwrap_or("new"));
    let what = match (unsaved.is_behind, unsaved.is_shown) {
        (true, true) => {
            "Somebody saved another version since you began. What you wrote stands below; saving it puts it in the place of theirs, which is kept among the versions."
        }
        (true, false) => {
            "Somebody saved another version while you wrote. Theirs stands below; what you wrote is kept, and would change this:"
        }
        (false, true) => "What you wrote before and did not save stands below.",
        (false, false) => "You wrote something here and did not save it:",
    };
    let go_on = (!unsaved.is_shown).then(|| {
        let lines = lines_of(&unsaved.changes);
        view! {
            <div class="diff diff--low" tabindex="0" role="region" aria-label="What you wrote">{lines}</div>
            <a class="button" rel="external" href=format!("{page}?draft=mine")>"Go on with what I wrote"</a>
        }
    });
    view! {
        <section class="kb__unsaved" aria-label="Not saved">
            <p>{what}" "<span class="muted">"("<Ago at=unsaved.at now=unsaved.now/>")"</span></p>
            {go_on}
            <QuickForm endpoint="drop_article_draft" class="quick--inline">
                {id.map(|id| view! { <input type="hidden" name="id" value=id/> })}
                <button class="button button--ghost" type="submit">"Drop what I wrote"</button>
            </QuickForm>
        </section>
    }
    .into_any()
}

/// What is being written is kept after a pause so long.
const KEPT_AFTER: Duration = Duration::from_millis(1500);

/// The fields of the form whose text is kept as it is written.
#[derive(Clone, Copy)]
struct Fields {
    title: NodeRef<html::Input>,
    summary: NodeRef<html::Input>,
    content: NodeRef<html::Textarea>,
}

/// Keeps what is being written of an article, or of a new one, and says so.
fn keeps(id: Option<String>, version: i32, fields: Fields, kept: RwSignal<String>) -> Callback<()> {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    Callback::new(move |()| {
        if let Some(earlier) = waiting.try_update_value(|waiting| waiting.take()).flatten() {
            earlier.clear();
        }
        let id = id.clone();
        let keep = move || {
            let (Some(title), Some(summary), Some(content)) =
                (fields.title.get_untracked(), fields.summary.get_untracked(), fields.content.get_untracked())
            else {
                return;
            };
            let (title, summary, content) = (title.value(), summary.value(), content.value());
            leptos::task::spawn_local(async move {
                let said = match keep_article_draft(id, version, title, summary, content).await {
                    Ok(()) => "Kept as you write; nobody else sees it until you save.".to_owned(),
                    Err(error) => format!("Not kept: {error}."),
                };
                let _ = kept.try_set(said);
            });
        };
        waiting.try_set_value(set_timeout_with_handle(keep, KEPT_AFTER).ok());
    })
}

/// A pause in writing so long shows how it will look.
const PAUSE: Duration = Duration::from_millis(400);

/// Shows the text as it is being written, made by the server that will make it; one call at a time is on its way.
fn previews(shown: RwSignal<String>) -> impl Fn(String) + Send + Sync + 'static {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let latest = StoredValue::new(0_u32);
    move |text| {
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
    let fields = Fields { title: NodeRef::new(), summary: NodeRef::new(), content: NodeRef::new() };
    let kept = RwSignal::new(String::new());
    let (id, version) = match &editor.article {
        Some(article) => (Some(article.id.to_string()), article.version),
        None => (None, 0),
    };
    let keep = keeps(id.clone(), version, fields, kept);
    let show = previews(shown);
    let typed = Callback::new(move |text| {
        keep.run(());
        show(text);
    });
    let files = Attachments::new(id.as_deref(), editor.attachments.clone(), fields.content, typed);
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
            <input id="kb-title" name="article[title]" required maxlength=TITLE_MAX.to_string() value=form.title node_ref=fields.title on:input=move |_| keep.run(())/>
            <label for="kb-summary">"In a sentence"<span class="field__optional">" optional"</span></label>
            <input id="kb-summary" name="article[summary]" maxlength=SUMMARY_MAX.to_string() value=form.summary node_ref=fields.summary on:input=move |_| keep.run(())/>
            <label for="kb-content">"Text"</label>
            <textarea id="kb-content" class="kb__source" name="article[content]" rows="18" maxlength=CONTENT_MAX.to_string() node_ref=fields.content on:input=move |event| typed.run(event_target_value(&event)) on:paste=move |event| files.pasted(&event) on:drop=move |event| files.dropped(&event)>{form.content}</textarea>
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
            <p class="muted kb__kept" role="status">{move || kept.get()}</p>
        </QuickForm>
        {attachments(files)}
    }
    .into_any()
}
