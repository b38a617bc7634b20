//! Tables of assets that are brought in: sent, looked at, brought in, taken back.

use crate::functions::assets::{
    ImportShown, ImportsShown, read_asset_import, read_asset_imports, read_import_progress,
};
use crate::live::use_live;
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{Ago, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::assets::rules::COLUMNS;
use oxdesk::assets::{AssetColumn, Import, ImportReport};

#[component]
pub fn AssetImports() -> impl IntoView {
    let live = use_live();
    let error = use_query_map().read_untracked().get("error");
    let imports = Resource::new(move || live.track(), |_| read_asset_imports());
    let refused = error.map(|said| view! { <p class="form-error" role="alert">{said}</p> });
    view! {
        <Title text="Import assets"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Import assets"</h1>
                <p class="muted">"A table as CSV. What is there already is known by its number, or by manufacturer and serial number, and changed; the rest is made. First you see what would come of it."</p>
            </header>
            {refused}
            // Plain: a file is sent as it is, without a script too.
            <form class="quick arranged__form" method="post" action="/assets/import" enctype="multipart/form-data">
                <label for="import-file">"Table"</label>
                <input id="import-file" type="file" name="files" required accept=".csv,.txt,.tsv,text/csv"/>
                <button class="button button--primary" type="submit">"Look at it"</button>
            </form>
            <Transition fallback=|| view! { <LoadingRows rows=3/> }>
                {move || Suspend::new(async move {
                    match imports.await {
                        Ok(imports) => list(imports),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn list(ImportsShown { imports, now }: ImportsShown) -> AnyView {
    let row = |import: Import| {
        view! { <li><a href=format!("/assets/import/{}", import.id)><b>{import.file_name.clone()}</b><span class="muted"><Ago at=import.at now/></span><small>{says(&import)}</small></a></li> }
    };
    if imports.is_empty() {
        return ().into_any();
    }
    view! { <section><h2>"Imports"</h2><ul class="panel">{imports.into_iter().map(row).collect_view()}</ul></section> }
        .into_any()
}

fn says(import: &Import) -> String {
    let by = import.by.as_deref().map(|by| format!(" · {by}")).unwrap_or_default();
    match (import.done_at, import.undone_at) {
        (None, _) => format!("{} rows, waits to be brought in{by}", import.rows),
        (_, None) => format!("{} made, {} changed{by}", import.made, import.changed),
        (_, Some(_)) => format!("taken back{by}"),
    }
}

#[component]
pub fn AssetImport() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let shown = Resource::new(move || live.track(), move |_| read_asset_import(id.clone()));
    view! {
        <Title text="Import assets"/>
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=6/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(ImportShown { import, report }: ImportShown) -> AnyView {
    let id = import.id.to_string();
    let said = says(&import);
    let body = match report {
        Some(report) => view! { {outcome(id.clone(), &report)}{columns(id, &report)} }.into_any(),
        None if import.undone_at.is_none() => view! {
            <QuickForm endpoint="undo_asset_import" class="quick--inline" done="Taken back.">
                <input type="hidden" name="id" value=id/>
                <button class="button" type="submit">"Take this import back"</button>
                <p class="field__hint">"What it made is deleted, what it changed is as it was. What somebody changed since stays as they left it."</p>
            </QuickForm>
        }.into_any(),
        None => ().into_any(),
    };
    view! {
        <header class="sheet__head"><h1>{import.file_name}</h1><p class="muted">{said}</p></header>
        {body}
        <p><a href="/assets/import">"All imports"</a></p>
    }
    .into_any()
}

fn outcome(id: String, report: &ImportReport) -> AnyView {
    let guessed = report.was_guessed.then(|| view! { <p class="muted">"The file is no UTF-8; it was read as Windows writes. Look at the letters with accents."</p> });
    let errors = report.errors.iter().map(|(line, column, said)| view! { <tr><td class="num">{*line}</td><td>{column.clone()}</td><td class="table__wide">{said.clone()}</td></tr> });
    let errors = (!report.errors.is_empty()).then(|| {
        let errors = errors.collect_view();
        let more = report.wrong.saturating_sub(report.errors.len());
        let more = (more > 0).then(|| view! { <p class="muted">{format!("and at least {more} more rows")}</p> });
        view! {
            <section aria-label="What is wrong"><h2>"What is wrong"</h2>
                <div class="table-frame" tabindex="0" role="region" aria-label="Errors"><table class="table"><thead><tr><th scope="col" class="num">"Line"</th><th scope="col">"Column"</th><th scope="col">"What is wrong"</th></tr></thead><tbody>{errors}</tbody></table></div>{more}
            </section>
        }
    });
    let total = report.made + report.changed;
    let run = (report.wrong == 0 && total > 0).then(|| {
        let label = if total == 1 { "Bring in 1 asset".to_owned() } else { format!("Bring in {total} assets") };
        view! {
            <ImportProgress id=id.clone()>
                <QuickForm endpoint="run_asset_import" class="quick--inline" done="Brought in.">
                    <input type="hidden" name="id" value=id/>
                    <button class="button button--primary" type="submit">{label}</button>
                </QuickForm>
            </ImportProgress>
        }
    });
    let held = (report.wrong > 0).then(|| view! { <p class="form-error" role="alert">"Nothing is brought in while a row is wrong: mend the table, or say below what its columns are."</p> });
    view! {
        <p class="figures"><span><b>{report.made}</b>" new"</span><span><b>{report.changed}</b>" changed"</span><span><b>{report.same}</b>" as they are"</span><span><b>{report.wrong}</b>" wrong"</span></p>
        {guessed}{held}{run}{errors}
    }
    .into_any()
}

fn columns(id: String, report: &ImportReport) -> AnyView {
    let row = |(at, (heading, field)): (usize, &(String, Option<String>))| {
        let choices = std::iter::once((String::new(), "Left out".to_owned()))
            .chain(COLUMNS.iter().map(|(field, _)| ((*field).to_owned(), field.replace('_', " "))))
            .chain(report.own.iter().map(|name| (AssetColumn::Own(name.clone()).to_string(), name.clone())))
            .collect();
        let (label, id) = (heading.clone(), format!("column-{at}"));
        let choices = options(choices, field.as_deref().unwrap_or_default());
        view! { <div class="field"><label for=id.clone()>{label}</label><select id=id name=format!("fields[{at}]")>{choices}</select></div> }
    };
    let rows = report.columns.iter().enumerate().map(row).collect_view();
    view! {
        <section aria-label="Columns"><h2>"What the columns are"</h2>
            <QuickForm endpoint="map_asset_import" class="arranged__form arranged__form--wide" done="Looked at again.">
                <input type="hidden" name="id" value=id/>
                <div class="ticks">{rows}</div>
                <button class="button" type="submit">"Look again"</button>
            </QuickForm>
        </section>
    }
    .into_any()
}

/// Asks how far the import is, from the moment its form is sent.
#[component]
fn ImportProgress(id: String, children: Children) -> impl IntoView {
    let (asks, at) = (RwSignal::new(0_u32), RwSignal::new(None::<(i32, i32)>));
    let still = StoredValue::new(0_u32);
    Effect::new(move |_| {
        // One that failed stands still.
        if asks.get() == 0 || still.get_value() > STILL_MAX {
            return;
        }
        let id = id.clone();
        leptos::task::spawn_local(async move {
            let now = read_import_progress(id).await.ok().and_then(|one| one.rows_done.map(|done| (done, one.rows)));
            let was = at.try_get_untracked().flatten();
            still.try_update_value(|still| *still = if now == was { *still + 1 } else { 0 });
            at.try_set(now);
            set_timeout(move || _ = asks.try_update(|asks| *asks += 1), ASKS_AGAIN);
        });
    });
    let start = move |_: leptos::ev::SubmitEvent| {
        still.set_value(0);
        asks.update(|asks| *asks += 1);
    };
    let told = move || {
        at.get().map(|(done, rows)| {
            view! { <p class="import__progress" role="status"><progress max=rows.to_string() value=done.to_string() aria-label="Rows brought in"></progress><span class="num">{format!("{done} of {rows} rows")}</span></p> }
        })
    };
    view! { <div on:submit=start>{children()}{told}</div> }.into_any()
}

/// So often without a change, and no more.
const STILL_MAX: u32 = 100;

/// How often.
const ASKS_AGAIN: std::time::Duration = std::time::Duration::from_millis(700);
