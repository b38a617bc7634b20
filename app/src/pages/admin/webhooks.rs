//! Webhooks: whom the desk tells what happens, and what became of it.

use super::Arrangement;
use crate::functions::webhooks::{Webhooks, read_webhooks};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use oxdesk::webhooks::{WEBHOOK_KINDS, Webhook, WebhookDelivery, WebhookState};

#[component]
pub fn WebhooksPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let asked = move || {
        let query = query.read();
        (query.get("log"), query.get("secret"))
    };
    let webhooks = Resource::new(move || (live.track(), asked()), |(_, (log, secret))| read_webhooks(log, secret));
    view! {
        <Title text="Webhooks"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Webhooks"</h1><p class="muted">"Other programs that the desk tells what happens. Messages are signed as Standard Webhooks has it, and sent again until they are taken."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let (log, secret) = asked();
                    Suspend::new(async move {
                        match webhooks.await {
                            Ok(webhooks) => show(webhooks, log, secret),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(found: Webhooks, log: Option<String>, secret: Option<String>) -> AnyView {
    let row = |webhook: &Webhook| {
        let id = webhook.id.to_string();
        let shown = found.secret.clone().filter(|_| secret.as_ref() == Some(&id));
        let mut says = vec![webhook.url.clone()];
        says.extend((!webhook.active).then(|| "off".to_owned()));
        says.push(format!("{} taken and {} not within a day", webhook.sent, webhook.failed));
        let form = view! { {webhook_form(Some(webhook))}<Deed endpoint="delete_webhook" id=id.clone() label="Remove this webhook" done="Removed."/> }.into_any();
        view! {
            <Arrangement name=webhook.name.clone() says=says.join(" · ") may_change=true form>
                <div class="arranged__deeds">
                    <Deed endpoint="test_webhook" id=id.clone() label="Send a test" done="It is on its way."/>
                    <A href=format!("/admin/webhooks?log={id}") attr:class="button button--ghost" scroll=false>"Log"</A>
                    <A href=format!("/admin/webhooks?secret={id}") attr:class="button button--ghost" scroll=false>"Show its secret"</A>
                    <Deed endpoint="renew_webhook_secret" id=id.clone() label="New secret" done="It has a new secret."/>
                </div>
                {shown.map(|secret| view! { <p class="arranged__note"><code>{secret}</code></p> })}
            </Arrangement>
        }
    };
    let list = if found.webhooks.is_empty() {
        view! { <EmptyState title="No webhooks yet" text="Name an address below, and what it is to be told of."/> }
            .into_any()
    } else {
        view! { <ul class="panel panel--plain">{found.webhooks.iter().map(row).collect_view()}</ul> }.into_any()
    };
    let name =
        |id: &str| found.webhooks.iter().find(|webhook| webhook.id.to_string() == id).map(|one| one.name.clone());
    let title = match log.as_deref().and_then(name) {
        Some(name) => format!("Told to {name}"),
        None => "Told last".to_owned(),
    };
    view! {
        <section><h2>"Webhooks"</h2>{list}</section>
        <section><h2>"New webhook"</h2>{webhook_form(None)}</section>
        <section><h2>{title}</h2>{deliveries(&found.log)}</section>
    }
    .into_any()
}

#[component]
fn Deed(endpoint: &'static str, id: String, label: &'static str, done: &'static str) -> impl IntoView {
    let icon = endpoint.starts_with("delete").then(|| view! { <Icon icon=Icon::Bin/> });
    view! {
        <QuickForm endpoint class="quick--inline" done>
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit">{icon}{label}</button>
        </QuickForm>
    }
    .into_any()
}

fn webhook_form(webhook: Option<&Webhook>) -> AnyView {
    let key = webhook.map_or("new".to_owned(), |webhook| webhook.id.to_string());
    let field = move |name: &str| format!("webhook-{name}-{key}");
    let head = webhook.map(|webhook| {
        view! {
            <input type="hidden" name="webhook[id]" value=webhook.id.to_string()/>
            <input type="hidden" name="webhook[version]" value=webhook.version.to_string()/>
        }
    });
    let kinds = WEBHOOK_KINDS.iter().map(|kind| {
        let listens = webhook.is_some_and(|webhook| webhook.kinds.iter().any(|known| known == kind));
        view! { <label class="check"><input type="checkbox" name="webhook[kinds][]" value=*kind checked=listens/>{*kind}</label> }
    }).collect_view();
    let off = webhook.map(|webhook| view! { <label class="check"><input type="checkbox" name="webhook[off]" value="yes" checked=!webhook.active/>"Off: it is told nothing"</label> });
    let (name, url) = webhook.map(|webhook| (webhook.name.clone(), webhook.url.clone())).unwrap_or_default();
    view! {
        <QuickForm endpoint="save_webhook" class="arranged__form" done="Saved.">
            {head}
            <label for=field("name")>"Name"</label>
            <input id=field("name") name="webhook[name]" required maxlength="100" value=name/>
            <label for=field("url")>"Address"</label>
            <input id=field("url") name="webhook[url]" type="url" required maxlength="2000" placeholder="https://example.com/hook" value=url/>
            <fieldset><legend>"It is told of"</legend>
                <div class="ticks">{kinds}</div>
                <p class="field__hint">"And of whatever rules and steps of service levels send it."</p>
            </fieldset>
            {off}
            <button class="button button--primary" type="submit">"Save the webhook"</button>
        </QuickForm>
    }
    .into_any()
}

fn deliveries(log: &[WebhookDelivery]) -> AnyView {
    if log.is_empty() {
        return view! { <EmptyState title="Nothing was told yet" text="Send a test, or wait for something to happen."/> }.into_any();
    }
    let row = |delivery: &WebhookDelivery| {
        let tries = if delivery.attempts == 1 { "once".to_owned() } else { format!("{} times", delivery.attempts) };
        let mut says = vec![delivery.state.label().to_owned(), format!("tried {tries}")];
        says.extend(delivery.status.map(|status| status.to_string()));
        let failed = delivery.state != WebhookState::Sent;
        let said = delivery.said.clone().filter(|said| failed && !said.is_empty());
        let again = (delivery.state != WebhookState::Waiting).then(|| view! {
            <div class="mail__again"><Deed endpoint="redeliver_webhook" id=delivery.id.to_string() label="Send it again" done="It is on its way."/></div>
        });
        view! {
            <li>
                <details class="mail">
                    <summary>
                        <b>{delivery.kind.clone()}</b>
                        <span class="muted">{delivery.created_at.local(0)}" UTC · "{says.join(" · ")}</span>
                        {said.map(|said| view! { <span class="mail__said">{said}</span> })}
                    </summary>
                    <pre class="mail__body">{delivery.body.clone()}</pre>
                </details>
                {again}
            </li>
        }
    };
    view! { <ul class="panel panel--plain">{log.iter().map(row).collect_view()}</ul> }.into_any()
}
