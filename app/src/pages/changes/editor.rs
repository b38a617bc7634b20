//! The editor of a change.

use crate::functions::changes::{ChangeEditor as Editor, ChangeSource, read_change_editor};
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use oxdesk::changes::rules::QUESTIONS;
use oxdesk::changes::{Change, ChangeTemplate, ChangeType, RiskLevel};
use oxdesk::tickets::TicketPriority;

#[component]
pub fn ChangeEditor() -> impl IntoView {
    provide_form_failure();
    let number = use_params_map().read_untracked().get("number");
    let query = use_query_map();
    let title = number.clone().unwrap_or_else(|| "New change".to_owned());
    let source = Memo::new(move |_| {
        let query = query.read();
        ChangeSource { template: query.get("template"), ticket: query.get("ticket"), asset: query.get("asset") }
    });
    // Asked for once per address: what is being written must not go because a colleague did something.
    let editor = Resource::new(move || source.get(), move |source| read_change_editor(number.clone(), Some(source)));
    view! {
        <Title text=title/>
        <div class="sheet">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match editor.await {
                        Ok(editor) => show(editor),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(editor: Editor) -> AnyView {
    let change = editor.page.as_ref().map(|page| page.change.clone());
    let title = change.as_ref().map_or("New change".to_owned(), |change| change.row.title.clone());
    let asks = editor.page.as_ref().is_some_and(|page| !page.stages.is_empty());
    let asks = asks.then(|| view! { <p class="muted">"Whoever said yes is asked again when the description, a plan, the risk, the time or the assets change."</p> });
    let begins = change.is_none().then(|| begins(&editor));
    view! { <header class="sheet__head"><h1>{title}</h1></header>{asks}{begins}{form(editor, change)} }.into_any()
}

/// What a new one may begin with: a page of its own each, so that nothing typed is lost by a choice in a list.
fn begins(editor: &Editor) -> AnyView {
    let chosen = editor.template.as_ref().map(|template| template.id);
    let from = editor.ticket.as_ref().map(|ticket| format!("&ticket={ticket}")).unwrap_or_default();
    let link = |template: &ChangeTemplate| {
        let href = format!("/changes/new?template={}{from}", template.id);
        let current = (Some(template.id) == chosen).then_some("page");
        view! { <a class="button button--ghost tab" href=href aria-current=current>{template.name.clone()}</a> }
    };
    let links = editor.templates.iter().filter(|one| one.active).map(link).collect_view();
    if editor.templates.is_empty() {
        return ().into_any();
    }
    let none = chosen.is_none().then_some("page");
    let blank = from.replacen('&', "?", 1);
    view! { <nav class="filters filters--sheet" aria-label="Templates"><a class="button button--ghost tab" href=format!("/changes/new{blank}") aria-current=none>"Without a template"</a>{links}</nav> }.into_any()
}

fn form(editor: Editor, change: Option<Change>) -> AnyView {
    let Editor { page, template, ticket, title, assets, time_zone, .. } = editor;
    let of = |own: fn(&Change) -> Option<String>, begins: fn(&ChangeTemplate) -> String| match &change {
        Some(change) => own(change).unwrap_or_default(),
        None => template.as_ref().map(begins).unwrap_or_default(),
    };
    let description = of(|change| Some(change.description.clone()), |template| template.description.clone());
    let plan = of(|change| change.plan.clone(), |template| template.plan.clone());
    let backout = of(|change| change.backout_plan.clone(), |template| template.backout_plan.clone());
    let test = of(|change| change.test_plan.clone(), |template| template.test_plan.clone());
    let name = change.as_ref().map(|change| change.row.title.clone()).or(title).unwrap_or_default();
    let kind = change
        .as_ref()
        .map(|change| change.row.kind)
        .or(template.as_ref().map(|template| template.kind))
        .unwrap_or(ChangeType::Normal);
    let risk = change
        .as_ref()
        .map_or_else(|| template.as_ref().and_then(|template| template.risk_level), |change| change.row.risk_level);
    let priority = change.as_ref().map_or(TicketPriority::Medium, |change| change.priority);
    let from = match &change {
        Some(change) => change.template_id.map(|id| id.to_string()).unwrap_or_default(),
        None => template.as_ref().map(|template| template.id.to_string()).unwrap_or_default(),
    };
    let ticket = match &change {
        Some(change) => change.related_ticket.as_ref().map(ToString::to_string).unwrap_or_default(),
        None => ticket.unwrap_or_default(),
    };
    let (starts, ends) = page.as_ref().map(|page| (page.starts.clone(), page.ends.clone())).unwrap_or_default();
    let assets = match &page {
        Some(page) => page.assets.iter().map(|asset| asset.asset_number.to_string()).collect::<Vec<_>>(),
        None => assets,
    };
    let assets = assets.join("\n");
    let answers = change.as_ref().map(|change| change.risk_answers.clone()).unwrap_or_default();
    let questions = QUESTIONS.iter().map(|(key, question, _)| {
        let yes = answers.get(*key).copied().unwrap_or(false);
        view! { <label class="check"><input type="checkbox" name="change[risks][]" value=*key checked=yes/>{*question}</label> }
    });
    let questions = questions.collect_view();
    let kinds = ChangeType::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let risks = std::iter::once((String::new(), "As the answers propose".to_owned()))
        .chain(RiskLevel::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())))
        .collect();
    let priorities = TicketPriority::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let (kinds, priorities) = (options(kinds, kind.as_str()), options(priorities, priority.as_str()));
    let risks = options(risks, risk.map(|risk| risk.as_str()).unwrap_or_default());
    let head = change.as_ref().map(|change| {
        view! { <input type="hidden" name="change[id]" value=change.row.id.to_string()/><input type="hidden" name="change[version]" value=change.row.version.to_string()/> }
    });
    let back = change.as_ref().map_or("/changes".to_owned(), |change| format!("/changes/{}", change.row.change_number));
    view! {
        <QuickForm endpoint="save_change" class="arranged__form arranged__form--wide">
            {head}<input type="hidden" name="change[template]" value=from/>
            <label for="change-title">"Title"</label>
            <input id="change-title" name="change[title]" required maxlength="300" value=name/>
            <label for="change-description">"What is changed, and why"</label>
            <textarea id="change-description" name="change[description]" rows="4" required maxlength="50000">{description}</textarea>
            <div class="sheet__pair">
                <div class="field"><label for="change-kind">"Type"</label><select id="change-kind" name="change[kind]">{kinds}</select></div>
                <div class="field"><label for="change-priority">"Priority"</label><select id="change-priority" name="change[priority]">{priorities}</select></div>
                <div class="field"><label for="change-starts">"Begins"<span class="field__optional">{format!(" {time_zone}")}</span></label><input id="change-starts" type="datetime-local" name="change[starts]" value=starts/></div>
                <div class="field"><label for="change-ends">"Ends"</label><input id="change-ends" type="datetime-local" name="change[ends]" value=ends/></div>
            </div>
            <label for="change-plan">"Plan: how it is done"</label>
            <textarea id="change-plan" name="change[plan]" rows="5" maxlength="50000">{plan}</textarea>
            <label for="change-backout">"The way back, if it goes wrong"</label>
            <textarea id="change-backout" name="change[backout_plan]" rows="3" maxlength="50000">{backout}</textarea>
            <label for="change-test">"How it is tested"<span class="field__optional">" optional"</span></label>
            <textarea id="change-test" name="change[test_plan]" rows="3" maxlength="50000">{test}</textarea>
            <fieldset><legend>"How much could go wrong"</legend>{questions}
                <div class="field"><label for="change-risk">"Risk"</label><select id="change-risk" name="change[risk_level]">{risks}</select></div>
            </fieldset>
            <div class="sheet__pair">
                <div class="field"><label for="change-assets">"Assets it touches"<span class="field__optional">" a number each"</span></label><textarea id="change-assets" name="change[assets]" rows="3" maxlength="4000" placeholder="AST-2026-0001">{assets}</textarea></div>
                <div class="field"><label for="change-ticket">"Ticket"<span class="field__optional">" optional"</span></label><input id="change-ticket" name="change[ticket]" maxlength="40" placeholder="TKT-2026-0001" value=ticket/></div>
            </div>
            <p class="arranged__deeds"><button class="button button--primary" type="submit">"Save"</button><a class="button button--ghost" href=back>"Cancel"</a></p>
        </QuickForm>
    }
    .into_any()
}
