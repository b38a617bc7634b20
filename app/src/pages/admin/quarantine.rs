//! Mail that was set aside, whom nothing is sent to, and who is not let in.

use crate::functions::mailing::{Refused, list_quarantine, list_refused, read_quarantined};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::mail::{QuarantinedMail, ReadMail};

#[component]
pub fn Quarantine() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let mails = Resource::new(
        move || (live.track(), query.read().get("after"), query.read().get("open")),
        |(_, after, open)| async move {
            let list = list_quarantine(after).await?;
            let opened = match open {
                Some(id) => read_quarantined(id.clone()).await.ok().map(|mail| (id, mail)),
                None => None,
            };
            Ok::<_, crate::AppError>((list, opened, list_refused().await?))
        },
    );
    view! {
        <Title text="Quarantine"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Quarantine"</h1><p class="muted">"Mail that was set aside, with the reason. Nothing of it is lost: let it in, or throw it away."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok((list, opened, refused)) => view! {
                            {listed(list, opened)}
                            {show_refused(refused)}
                        }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn listed(list: Vec<QuarantinedMail>, opened: Option<(String, ReadMail)>) -> AnyView {
    if list.is_empty() {
        return view! { <EmptyState title="Nothing was set aside" text="Spam, blocked senders and mail that cannot be read would stand here."/> }.into_any();
    }
    let older =
        (list.len() == 50).then(|| list.last().map(|mail| format!("/admin/quarantine?after={}", mail.id))).flatten();
    let rows = list
        .into_iter()
        .map(|mail| {
            let id = mail.id.to_string();
            let shown = opened.clone().filter(|(open, _)| *open == id).map(|(_, mail)| view! { <ReadMessage mail/> });
            let (look, label) = match shown {
                Some(_) => ("/admin/quarantine".to_owned(), "Close"),
                None => (format!("/admin/quarantine?open={id}"), "Look"),
            };
            let (sender, thrown) = (mail.sender.clone(), id.clone());
            let block = sender.clone().map(|sender| view! {
                <QuickForm endpoint="block_sender" done="Blocked.">
                    <input type="hidden" name="pattern" value=sender/>
                    <button class="button button--ghost" type="submit">"Block the sender"</button>
                </QuickForm>
            });
            view! {
                <li class="arranged">
                    <div class="arranged__fold"><span class="arranged__name">{mail.subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| "(no subject)".into())}</span>
                        <small>{sender.unwrap_or_else(|| "no sender".into())}" · into "{mail.mailbox}" · "{mail.received_at.local(0)}" UTC"</small></div>
                    <p class="quarantine__reason">{mail.reason}</p>
                    {shown}
                    <div class="arranged__deeds">
                        <a class="button" href=look>{label}</a>
                        <QuickForm endpoint="release_mail" done="Let in.">
                            <input type="hidden" name="id" value=id/>
                            <button class="button" type="submit">"Let it in"</button>
                        </QuickForm>
                        <QuickForm endpoint="delete_mail" done="Thrown away.">
                            <input type="hidden" name="id" value=thrown/>
                            <button class="button button--ghost" type="submit">"Throw away"</button>
                        </QuickForm>
                        {block}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="panel panel--plain">{rows}</ul>
        {older.map(|href| view! { <p class="pager"><a class="button" href=href>"Older"</a></p> })}
    }
    .into_any()
}

fn show_refused(Refused { suppressed, blocked, allowed }: Refused) -> AnyView {
    let addresses = suppressed
        .into_iter()
        .map(|found| {
            view! {
                <li class="arranged">
                    <div class="arranged__fold"><span class="arranged__name">{found.email.clone()}</span><small>{found.reason}</small></div>
                    <div class="arranged__deeds"><QuickForm endpoint="clear_suppression" done="Mail goes there again.">
                        <input type="hidden" name="email" value=found.email/>
                        <button class="button" type="submit">"Send there again"</button>
                    </QuickForm></div>
                </li>
            }
        })
        .collect_view();
    let senders = blocked
        .into_iter()
        .map(|found| {
            view! {
                <li class="arranged">
                    <div class="arranged__fold"><span class="arranged__name">{found.pattern.clone()}</span></div>
                    <div class="arranged__deeds"><QuickForm endpoint="unblock_sender" done="Let in again.">
                        <input type="hidden" name="pattern" value=found.pattern/>
                        <button class="button" type="submit">"Let in again"</button>
                    </QuickForm></div>
                </li>
            }
        })
        .collect_view();
    let let_in = allowed
        .into_iter()
        .map(|email| {
            view! {
                <li class="arranged">
                    <div class="arranged__fold"><span class="arranged__name">{email.clone()}</span></div>
                    <div class="arranged__deeds"><QuickForm endpoint="forget_allow" done="The filter is believed again.">
                        <input type="hidden" name="email" value=email/>
                        <button class="button" type="submit">"Believe the filter again"</button>
                    </QuickForm></div>
                </li>
            }
        })
        .collect_view();
    let (any, any_let_in) = (!addresses.is_empty(), !let_in.is_empty());
    view! {
        {any.then(|| view! { <section><h2>"Nothing is sent to"</h2><ul class="panel panel--plain">{addresses}</ul></section> })}
        {any_let_in.then(|| view! { <section><h2>"Let in whatever a spam filter says"</h2><ul class="panel panel--plain">{let_in}</ul></section> })}
        <section><h2>"Blocked senders"</h2>
            <ul class="panel panel--plain">{senders}</ul>
            <QuickForm endpoint="block_sender" class="arranged__form" done="Blocked.">
                <label for="pattern">"An address or a whole domain"</label>
                <div class="quick__row"><input id="pattern" name="pattern" required maxlength="254" placeholder="example.com"/><button class="button" type="submit">"Block"</button></div>
            </QuickForm>
        </section>
    }
    .into_any()
}

/// What intake reads in a message.
#[component]
pub fn ReadMessage(mail: ReadMail) -> impl IntoView {
    let row = |name: &'static str, value: Option<String>| {
        value.filter(|value| !value.is_empty()).map(|value| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
    };
    let files: Vec<String> = mail.attachments.iter().map(|(name, size)| format!("{name} ({size} bytes)")).collect();
    let differs = mail.reply.trim() != mail.text.trim();
    let wrong = mail.error.clone().map(|error| view! { <p class="form-error" role="alert">{error}</p> });
    view! {
        <div class="read">
            {wrong}
            <dl class="read__head">
                {row("From", mail.from)}
                {row("To", Some(mail.to.join(", ")))}
                {row("Subject", Some(mail.subject))}
                {row("Date", mail.date.map(|date| format!("{} UTC", date.local(0))))}
                {row("Message-ID", mail.message_id)}
                {row("Answers", mail.answers)}
                {row("No person's", mail.automatic)}
                {row("Bounce", mail.bounce)}
                {row("Origin", mail.authentication)}
                {row("Files", Some(files.join(", ")))}
            </dl>
            {differs.then(|| view! { <h3>"What is new in it"</h3><pre class="mail__body">{mail.reply}</pre><h3>"All of it"</h3> })}
            <pre class="mail__body">{mail.text}</pre>
        </div>
    }
    .into_any()
}
