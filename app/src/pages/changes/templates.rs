//! What changes begin with, when nothing is changed, and who votes for whom.

use crate::functions::changes::{TemplateShown, TemplatesShown, read_change_templates};
use crate::live::use_live;
use crate::pages::admin::options;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::changes::{Blackout, ChangeType, Deputy, RiskLevel};

#[component]
pub fn ChangeTemplates() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let shown = Resource::new(move || live.track_own(), |_| read_change_templates());
    view! {
        <Title text="Templates of changes"/>
        <div class="sheet">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
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

fn show(shown: TemplatesShown) -> AnyView {
    let TemplatesShown { templates, blackouts, deputies, may_edit } = shown;
    let rows = templates.into_iter().map(|one| template(one, may_edit)).collect_view();
    let new = may_edit.then(|| {
        view! { <details class="fold" data-closes="" data-fold="new-template"><summary><h2>"New template"</h2><Icon icon=Icon::Plus/></summary>{form(None)}</details> }
    });
    view! {
        <header class="sheet__head kb__head"><h1>"Templates"</h1><span class="arranged__deeds"><a class="button button--ghost" href="/changes">"Changes"</a></span></header>
        <p class="muted">"What changes of a kind begin with, and who says yes to them. A standard change needs nobody's yes: its template is what was approved."</p>
        <section aria-label="Templates"><ul class="arranged">{rows}</ul>{new}</section>
        {closed(blackouts, may_edit)}
        {deputy(deputies)}
    }
    .into_any()
}

fn template(shown: TemplateShown, may_edit: bool) -> AnyView {
    let name = shown.template.name.clone();
    let retired = (!shown.template.active).then_some(" · no longer used");
    let asked = if shown.stages.is_empty() && shown.template.kind != ChangeType::Standard {
        vec!["one of all who approve changes".to_owned()]
    } else {
        shown.stages.clone()
    };
    let says = std::iter::once(shown.template.kind.label().to_owned()).chain(asked).collect::<Vec<_>>().join(" · ");
    if !may_edit {
        return view! { <li class="kept__row"><span class="kept__text"><b>{name}</b><small>{says}{retired}</small></span></li> }.into_any();
    }
    view! {
        <li><details class="fold" data-closes=""><summary><span class="kept__text"><b>{name}</b><small>{says}{retired}</small></span><Icon icon=Icon::Pencil/></summary>{form(Some(shown))}</details></li>
    }
    .into_any()
}

fn form(shown: Option<TemplateShown>) -> AnyView {
    let template = shown.as_ref().map(|shown| shown.template.clone());
    let at = template.as_ref().map_or("new".to_owned(), |template| template.id.to_string());
    let ids = ["name", "kind", "risk", "description", "plan", "backout", "test", "stages"]
        .map(|name| format!("template-{name}-{at}"));
    let [id_name, id_kind, id_risk, id_description, id_plan, id_backout, id_test, id_stages] = ids;
    let text = |of: fn(&oxdesk::changes::ChangeTemplate) -> String| template.as_ref().map(of).unwrap_or_default();
    let (name, description, plan) =
        (text(|one| one.name.clone()), text(|one| one.description.clone()), text(|one| one.plan.clone()));
    let (backout, test) = (text(|one| one.backout_plan.clone()), text(|one| one.test_plan.clone()));
    let stages = shown.as_ref().map(|shown| shown.stages.join("\n")).unwrap_or_default();
    let kinds = ChangeType::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let kinds = options(kinds, template.as_ref().map_or(ChangeType::Normal, |one| one.kind).as_str());
    let risks = std::iter::once((String::new(), "Asked each time".to_owned()))
        .chain(RiskLevel::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())))
        .collect();
    let risks =
        options(risks, template.as_ref().and_then(|one| one.risk_level).map(|risk| risk.as_str()).unwrap_or_default());
    let is_retired = template.as_ref().is_some_and(|one| !one.active);
    let head = template.as_ref().map(|one| {
        view! { <input type="hidden" name="template[id]" value=one.id.to_string()/><input type="hidden" name="template[version]" value=one.version.to_string()/> }
    });
    let retire = template.is_some().then(|| {
        view! { <label class="check"><input type="checkbox" name="template[is_retired]" value="true" checked=is_retired/>"No longer used"</label> }
    });
    view! {
        <QuickForm endpoint="save_change_template" class="arranged__form" done="Saved.">
            {head}
            <label for=id_name.clone()>"Name"</label><input id=id_name name="template[name]" required maxlength="100" value=name/>
            <div class="sheet__pair">
                <div class="field"><label for=id_kind.clone()>"Type"</label><select id=id_kind name="template[kind]">{kinds}</select></div>
                <div class="field"><label for=id_risk.clone()>"Risk"</label><select id=id_risk name="template[risk_level]">{risks}</select></div>
            </div>
            <label for=id_description.clone()>"Description"</label><textarea id=id_description name="template[description]" rows="2" maxlength="50000">{description}</textarea>
            <label for=id_plan.clone()>"Plan"</label><textarea id=id_plan name="template[plan]" rows="3" maxlength="50000">{plan}</textarea>
            <label for=id_backout.clone()>"The way back"</label><textarea id=id_backout name="template[backout_plan]" rows="2" maxlength="50000">{backout}</textarea>
            <label for=id_test.clone()>"How it is tested"</label><textarea id=id_test name="template[test_plan]" rows="2" maxlength="50000">{test}</textarea>
            <label for=id_stages.clone()>"Who says yes"<span class="field__optional">" a stage a line, in their order"</span></label>
            <textarea id=id_stages name="template[stages]" rows="3" maxlength="8000" placeholder="Security: 2 of mona@example.org, IT_MANAGER, asset owners">{stages}</textarea>
            {retire}
            <button class="button button--primary" type="submit">"Save"</button>
        </QuickForm>
    }
    .into_any()
}

fn closed(blackouts: Vec<Blackout>, may_edit: bool) -> AnyView {
    let none = blackouts.is_empty().then(|| view! { <p class="muted">"None ahead."</p> });
    let row = |one: Blackout| {
        let label = format!("Take {} away", one.name);
        let remove = may_edit.then(|| {
            view! {
                <QuickForm endpoint="delete_blackout" class="quick--inline" done="Taken away.">
                    <input type="hidden" name="id" value=one.id.to_string()/>
                    <button class="button button--ghost button--icon kept__cross" type="submit" aria-label=label><Icon icon=Icon::Cross/></button>
                </QuickForm>
            }
        });
        view! { <li class="kept__row"><span class="kept__text"><b>{one.name}</b><small>{one.window}</small></span>{remove}</li> }
    };
    let rows = blackouts.into_iter().map(row).collect_view();
    let form = may_edit.then(|| {
        view! {
            <details class="fold" data-closes="" data-fold="blackout"><summary><h3>"Add one"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="save_blackout" class="arranged__form" done="Kept.">
                    <label for="blackout-name">"Name of this time"</label><input id="blackout-name" name="name" required maxlength="100"/>
                    <label for="blackout-starts">"From"</label><input id="blackout-starts" type="datetime-local" name="starts" required/>
                    <label for="blackout-ends">"Until"</label><input id="blackout-ends" type="datetime-local" name="ends" required/>
                    <button class="button" type="submit">"Add"</button>
                </QuickForm>
            </details>
        }
    });
    view! { <section aria-label="Blackouts"><h2>"When nothing is changed"</h2>{none}<ul class="kept__list">{rows}</ul>{form}</section> }.into_any()
}

fn deputy(deputies: Vec<Deputy>) -> AnyView {
    let row = |one: Deputy| {
        let label = format!("{} no longer votes for you", one.name);
        view! {
            <li class="kept__row"><span class="kept__text"><b>{one.name}</b><small>{one.from_day}" – "{one.until_day}</small></span>
                <QuickForm endpoint="end_deputy" class="quick--inline" done="Ended.">
                    <input type="hidden" name="deputy" value=one.id.to_string()/>
                    <button class="button button--ghost button--icon kept__cross" type="submit" aria-label=label><Icon icon=Icon::Cross/></button>
                </QuickForm>
            </li>
        }
    };
    let none = deputies.is_empty().then(|| view! { <p class="muted">"Nobody."</p> });
    let rows = deputies.into_iter().map(row).collect_view();
    view! {
        <section aria-label="Deputies"><h2>"Who votes for you while you are away"</h2>{none}<ul class="kept__list">{rows}</ul>
            <details class="fold" data-closes="" data-fold="deputy"><summary><h3>"Name a deputy"</h3><Icon icon=Icon::Plus/></summary>
                <QuickForm endpoint="name_deputy" class="arranged__form" done="Named.">
                    <label for="deputy-email">"E-mail address"</label><input id="deputy-email" type="email" name="deputy" required maxlength="254" autocomplete="off"/>
                    <label for="deputy-from">"First day"</label><input id="deputy-from" type="date" name="from" required/>
                    <label for="deputy-until">"Last day"</label><input id="deputy-until" type="date" name="until" required/>
                    <button class="button" type="submit">"Name"</button>
                </QuickForm>
            </details>
        </section>
    }
    .into_any()
}
