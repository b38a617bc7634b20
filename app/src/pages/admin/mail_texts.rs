//! The texts of mails: what they say by default, and what an administrator makes of them.

use crate::functions::mailing::list_templates;
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::mail::templates::{MailTemplate, TemplateName};

#[component]
pub fn MailTexts() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let templates = Resource::new(move || live.track_own(), |_| list_templates());
    view! {
        <Title text="Mail texts"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Mail texts"</h1><p class="muted">"What mails say. Each is ours until you write your own, and can be ours again."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match templates.await {
                        Ok(templates) => {
                            let rows = templates.into_iter().map(|template| view! { <TemplateForm template/> }).collect_view();
                            view! { <ul class="panel panel--plain">{rows}</ul> }.into_any()
                        }
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn TemplateForm(template: MailTemplate) -> impl IntoView {
    let ours = template.name.declared();
    let name = template.name.to_string();
    let (subject_id, body_id, hint_id) = (format!("subject-{name}"), format!("body-{name}"), format!("hint-{name}"));
    let frame = format!("preview-{name}");
    let (named, target) = (name.clone(), frame.clone());
    let subject = if template.name == TemplateName::Frame {
        view! { <input type="hidden" name="subject" value=""/> }.into_any()
    } else {
        view! {
            <div class="field"><label for=subject_id.clone()>"Subject"</label>
                <input id=subject_id name="subject" required maxlength="500" value=template.subject/></div>
        }
        .into_any()
    };
    let values = ours
        .values
        .iter()
        .map(|value| view! { <code class="nowrap">{format!("{{{{ {value} }}}}")}</code>" " })
        .collect_view();
    let reset = template.is_own.then(|| {
        view! {
            <QuickForm endpoint="reset_template" class="arranged__form" done="It is ours again.">
                <input type="hidden" name="name" value=name/>
                <button class="button button--ghost" type="submit">"Take ours again"</button>
            </QuickForm>
        }
    });
    view! {
        <li class="arranged">
            <details class="arranged__fold" data-closes="">
                <summary><span class="arranged__name">{ours.title}{template.is_own.then(|| view! { " "<span class="tag">"your own"</span> })}</span><small>{ours.about}</small><Icon icon=Icon::Pencil/></summary>
                <QuickForm endpoint="save_template" class="arranged__form" done="Saved.">
                    <input type="hidden" name="name" value=named/>
                    <input type="hidden" name="version" value=template.version.to_string()/>
                    {subject}
                    <div class="field"><label for=body_id.clone()>"Text"</label>
                        <textarea id=body_id name="body" class="try__raw" rows="10" required maxlength="20000" spellcheck="false" aria-describedby=hint_id.clone()>{template.body}</textarea>
                        <p class="field__hint" id=hint_id>"There are: "{values}</p></div>
                    <div class="arranged__deeds">
                        <button class="button button--primary" type="submit">"Save"</button>
                        <button class="button" type="submit" formaction="/mail-preview" formtarget=target>"Look"</button>
                    </div>
                </QuickForm>
                {reset}
                <iframe class="read__frame" name=frame title=format!("How “{}” looks", ours.title)></iframe>
            </details>
        </li>
    }
    .into_any()
}
