//! What is known already: the articles that the viewer may read, and one of them.

use crate::functions::knowledge::{Shelf, read_article, read_shelf};
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm, file_link};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::knowledge::{ArticleAttachment, ArticlePage, ArticleRow, ArticleStatus, ArticleVisibility, KbCategory};
use oxdesk::search::{Found, Results};

#[component]
pub fn KbHome() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let query = query.read();
        (query.get("q"), query.get("category"), query.get("tag"), query.get("after"))
    });
    let shelf = Resource::new(
        move || asked.get(),
        |(words, category, tag, after)| read_shelf(words, category, tag, None, after),
    );
    view! {
        <Title text="Knowledge"/>
        <div class="portal__column">
            <h1>"What we know"</h1>
            {move || search(asked.get().0.unwrap_or_default())}
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let (words, category, tag, _) = asked.get();
                    Suspend::new(async move {
                        match shelf.await {
                            Ok(shelf) => show(shelf, words, category, tag),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

/// A plain form: it works without a script.
fn search(words: String) -> AnyView {
    view! {
        <form class="ask ask--small" method="get" action="/portal/kb" role="search">
            <label class="sr-only" for="kb-words">"Search articles"</label>
            <input class="ask__field" id="kb-words" type="search" name="q" maxlength="200" placeholder="Search articles" value=words/>
            <button class="button" type="submit"><Icon icon=Icon::Search/>"Search"</button>
        </form>
    }
    .into_any()
}

fn show(shelf: Shelf, words: Option<String>, category: Option<String>, tag: Option<String>) -> AnyView {
    let chosen = shelf.categories.iter().find(|known| category.as_ref() == Some(&known.id.to_string())).cloned();
    let below: Vec<&KbCategory> = match &words {
        Some(_) => Vec::new(),
        None => shelf.categories.iter().filter(|known| known.parent_id == chosen.as_ref().map(|one| one.id)).collect(),
    };
    let up = chosen.as_ref().map(|chosen| {
        let parent = shelf.categories.iter().find(|known| Some(known.id) == chosen.parent_id);
        let (href, name) = match parent {
            Some(parent) => (format!("/portal/kb?category={}", parent.id), parent.name.clone()),
            None => ("/portal/kb".to_owned(), "All categories".to_owned()),
        };
        view! { <p><a class="kb__up" href=href>"← "{name}</a></p> }
    });
    let categories = (!below.is_empty()).then(|| {
        let row = |category: &KbCategory| {
            let count = in_words(articles_below(category, &shelf.categories));
            view! { <li><a href=format!("/portal/kb?category={}", category.id)><b>{category.name.clone()}</b><small>{category.description.clone()}{category.description.as_ref().map(|_| " · ")}{count}</small></a></li> }
        };
        view! { <ul class="panel panel--choices">{below.iter().map(|category| row(category)).collect_view()}</ul> }
    });
    let title = match (&words, &chosen, &tag) {
        (Some(words), ..) => format!("Articles with “{words}”"),
        (None, Some(chosen), _) => chosen.name.clone(),
        (None, None, Some(tag)) => format!("Tagged {tag}"),
        (None, None, None) => "Read most".to_owned(),
    };
    let next = shelf.list.next.map(|next| {
        let category = category.map(|id| format!("&category={id}")).unwrap_or_default();
        view! { <p class="pager"><a href=format!("/portal/kb?after={next}{category}") class="button">"More"</a></p> }
    });
    let list = if let Some(found) = shelf.found.filter(|found| !found.rows.is_empty()) {
        results(found)
    } else if shelf.list.rows.is_empty() {
        view! { <EmptyState title="Nothing found" text="Nobody has written about this yet. A person reads every request."><a class="button button--primary" href="/portal/new">"Ask for help"</a></EmptyState> }.into_any()
    } else {
        articles(&shelf.list.rows)
    };
    view! { {up}{categories}<section class="portal__section"><h2>{title}</h2>{list}{next}</section> }.into_any()
}

/// What a search found, with what was found set apart.
fn results(found: Results) -> AnyView {
    let read_as = found
        .read_as
        .into_iter()
        .map(|(slip, meant)| view! { <p class="muted">"“"{slip}"” was read as “"{meant}"”."</p> });
    let row = |found: Found| {
        let (path, why) = (found.path(), found.why.sentence());
        view! { <li><a href=path title=why><b>{found.title}</b><small>{runs(found.excerpt)}</small></a></li> }
    };
    view! { {read_as.collect_view()}<ul class="panel answers">{found.rows.into_iter().map(row).collect_view()}</ul> }
        .into_any()
}

/// Text with what was found in it set apart.
pub fn runs(excerpt: Vec<(String, bool)>) -> AnyView {
    let run = |(text, is_found): (String, bool)| {
        if is_found { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
    };
    excerpt.into_iter().map(run).collect_view().into_any()
}

/// With those of the categories under it.
fn articles_below(category: &KbCategory, all: &[KbCategory]) -> i64 {
    let below = all.iter().filter(|known| known.parent_id == Some(category.id));
    category.articles + below.map(|known| articles_below(known, all)).sum::<i64>()
}

fn in_words(articles: i64) -> String {
    match articles {
        0 => "no articles yet".to_owned(),
        1 => "1 article".to_owned(),
        more => format!("{more} articles"),
    }
}

fn articles(rows: &[ArticleRow]) -> AnyView {
    let row = |row: &ArticleRow| {
        view! { <li><a href=format!("/portal/kb/{}", row.slug)><b>{row.title.clone()}</b><small>{plain(&row.excerpt)}</small></a></li> }
    };
    view! { <ul class="panel">{rows.iter().map(row).collect_view()}</ul> }.into_any()
}

/// The beginning of a text without the marks of Markdown.
fn plain(text: &str) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, '#' | '*' | '`' | '>' | '_' | '|')).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(160).collect()
}

#[component]
pub fn KbArticle() -> impl IntoView {
    provide_form_failure();
    let live = crate::live::use_live();
    let slug = use_params_map().read_untracked().get("slug").unwrap_or_default();
    let article = Resource::new(move || live.track(), move |_| read_article(slug.clone()));
    view! {
        <Transition fallback=|| view! { <LoadingRows rows=6/> }>
            {move || Suspend::new(async move {
                match article.await {
                    Ok(page) => read(page),
                    Err(error) => view! { <div class="portal__column"><ErrorState error/></div> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

fn read(page: ArticlePage) -> AnyView {
    let ArticlePage { row, html, headings, tags, attachments, related, voted, may_edit } = page;
    // What is not for everyone is for no machine that looks for pages.
    let is_public = row.visibility == ArticleVisibility::Public && row.status == ArticleStatus::Published;
    // For machines that look for pages (schema.org); data, which no browser runs.
    let structured = is_public.then(|| {
        let about = leptos::serde_json::json!({ "@context": "https://schema.org", "@type": "TechArticle", "headline": row.title,
            "description": plain(&row.excerpt), "dateModified": row.updated_at.to_string(), "keywords": tags.join(", ") });
        view! { <script type="application/ld+json" inner_html=about.to_string().replace('<', "\\u003c")></script> }
    });
    let hidden = (!is_public).then(|| view! { <Meta name="robots" content="noindex"/> });
    let contents = (headings.len() > 2).then(|| {
        let line = |heading: oxdesk::knowledge::Heading| {
            let is_deep = heading.level > 2;
            view! { <li class:kb__deep=is_deep><a href=format!("#{}", heading.anchor)>{heading.text}</a></li> }
        };
        view! { <nav class="kb__contents" aria-label="On this page"><ul>{headings.into_iter().map(line).collect_view()}</ul></nav> }
    });
    let marks = tags.into_iter().map(|tag| {
        let href = format!("/portal/kb?tag={}", urlencode(&tag));
        view! { <a class="tag" href=href>{tag}</a> }
    });
    let files = (!attachments.is_empty()).then(|| {
        let row = |file: ArticleAttachment| view! { <li>{file_link(file.path(), file.file_name, file.file_size)}</li> };
        view! { <section class="kb__files" aria-label="Files"><h2>"Files"</h2><ul class="files">{attachments.into_iter().map(row).collect_view()}</ul></section> }
    });
    let more = (!related.is_empty())
        .then(|| view! { <section class="portal__section"><h2>"Read on"</h2>{articles(&related)}</section> });
    let state = (row.status != ArticleStatus::Published)
        .then(|| view! { <p class="kb__state">{row.status.label()}": only those who write see it."</p> });
    let edit = may_edit.then(|| view! { <a class="button button--ghost" href=format!("/knowledge/{}", row.id)><Icon icon=Icon::Pencil/>"Edit"</a> });
    let (id, changed, about) = (row.id.to_string(), row.updated_at.local(0)[..10].to_owned(), row.excerpt);
    view! {
        <Title text=row.title.clone()/>
        <Meta name="description" content=plain(&about)/>
        {hidden}{structured}
        <article class="portal__column kb">
            <p><a class="kb__up" href="/portal/kb">"← "{row.category.unwrap_or_else(|| "What we know".to_owned())}</a></p>
            <header class="kb__head"><h1>{row.title}</h1>{edit}</header>
            {state}
            {contents}
            <div class="kb__text" inner_html=html></div>
            {files}
            <p class="muted kb__foot">"Last changed on "{changed}<span class="kb__tags">{marks.collect_view()}</span></p>
            {vote(id, voted)}
            {more}
        </article>
    }
    .into_any()
}

fn urlencode(text: &str) -> String {
    let mut query = leptos_router::params::ParamsMap::new();
    query.insert("t", text.to_owned());
    query.to_query_string().trim_start_matches("?t=").to_owned()
}

fn vote(id: String, voted: Option<bool>) -> AnyView {
    let button = |helpful: &'static str, label: &'static str, is_said: bool| {
        let id = id.clone();
        view! {
            <QuickForm endpoint="vote_article" class="quick--inline" done="Thank you.">
                <input type="hidden" name="id" value=id/><input type="hidden" name="helpful" value=helpful/>
                <button class="button" type="submit" aria-pressed=is_said.to_string()>{label}</button>
            </QuickForm>
        }
    };
    let yes = button("true", "Yes", voted == Some(true));
    let no = button("false", "No", voted == Some(false));
    let same = id.clone();
    let why = (voted == Some(false)).then(|| {
        view! {
            <QuickForm endpoint="vote_article" class="kb__why" done="Thank you.">
                <input type="hidden" name="id" value=same/><input type="hidden" name="helpful" value="false"/>
                <label for="kb-reason">"What is missing or wrong?"</label>
                <textarea id="kb-reason" name="reason" rows="2" maxlength="1000" required></textarea>
                <button class="button" type="submit">"Tell us"</button>
            </QuickForm>
        }
    });
    view! {
        <section class="kb__vote" aria-label="Did this help?"><h2>"Did this help?"</h2><div class="arranged__deeds">{yes}{no}</div>{why}
            <p>"It did not? "<a href="/portal/new">"Ask for help"</a>": a person reads every request."</p>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_has_no_marks_and_an_address_no_strange_letters() {
        assert_eq!(plain("## Problem\n\nThe **screen** stays `black`"), "Problem The screen stays black");
        assert_eq!(urlencode("a b&c"), "a%20b%26c");
    }
}
