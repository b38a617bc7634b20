//! One's own account: who one is, and where one is signed in.

use super::sign_in::error_of;
use super::tokens::Tokens;
use crate::functions::people::{EndSession, my_sessions, my_signature, use_viewer};
use crate::pages::NotificationChoices;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, FormError, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::people::SessionView;
use oxdesk::people::rules::SIGNATURE_MAX;

#[component]
pub fn Account() -> impl IntoView {
    provide_form_failure();
    let end = ServerAction::<EndSession>::new();
    let sessions = Resource::new(move || end.version().get(), |_| my_sessions());
    view! {
        <Title text="Account"/>
        <div class="sheet">
            {use_viewer().map(|viewer| view! { <header class="sheet__head"><h1>{viewer.name}</h1><p class="muted">{viewer.email}</p></header> })}
            {use_viewer().filter(|viewer| viewer.is_agent).map(|_| view! { <Signature/><NotificationChoices/> })}
            <section>
                <h2>"Second factor"</h2>
                <p><a class="linked" href="/second-factor" rel="external">"A code beside your password"</a>", from an app on your telephone"</p>
            </section>
            <section>
                <h2>"Where you are signed in"</h2>
                <FormError error=error_of(end)/>
                <Suspense fallback=|| view! { <LoadingRows rows=3/> }>
                    {move || Suspend::new(async move {
                        match sessions.await {
                            Ok(sessions) => view! { <Sessions sessions end/> }.into_any(),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })}
                </Suspense>
            </section>
            {use_viewer().filter(|viewer| viewer.is_agent).map(|_| view! { <Tokens/> })}
            <section>
                <h2>"Your data"</h2>
                <p><a class="linked" href="/account/data.json" download="" rel="external">"Everything that is kept of you"</a>" as a file"</p>
            </section>
        </div>
    }
    .into_any()
}

/// What stands below one's answers by mail.
#[component]
fn Signature() -> impl IntoView {
    let signature = Resource::new(|| (), |()| my_signature());
    view! {
        <section>
            <h2>"Your signature"</h2>
            <Suspense fallback=|| view! { <LoadingRows rows=2/> }>
                {move || Suspend::new(async move {
                    match signature.await {
                        Ok(text) => view! {
                            <QuickForm endpoint="save_signature" class="arranged__form" done="Saved.">
                                <div class="field"><label for="signature">"Below your answers by mail"</label>
                                    <textarea id="signature" name="signature" rows="4" maxlength=SIGNATURE_MAX aria-describedby="signature-hint">{text}</textarea>
                                    <p class="field__hint" id="signature-hint">"The mailbox’s own signature follows it."</p></div>
                                <button class="button" type="submit">"Save"</button>
                            </QuickForm>
                        }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<SessionView>, end: ServerAction<EndSession>) -> impl IntoView {
    let rows = sessions
        .into_iter()
        .map(|session| {
            let agent = session.user_agent.unwrap_or_else(|| "Unknown browser".to_owned());
            view! {
                <tr>
                    <td class="table__wide">{agent}</td>
                    <td>{session.address.unwrap_or_default()}</td>
                    <td>{session.last_seen_at.local(0)}" UTC"</td>
                    <td>
                        {if session.current {
                            view! { <span class="tag">"This one"</span> }.into_any()
                        } else {
                            view! {
                                <ActionForm action=end>
                                    <input type="hidden" name="id" value=session.id.to_string()/>
                                    <button class="button" type="submit">"Sign out"</button>
                                </ActionForm>
                            }.into_any()
                        }}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Sessions">
            <table class="table">
                <thead><tr><th scope="col">"Browser"</th><th scope="col">"Address"</th><th scope="col">"Last seen"</th><th scope="col"><span class="sr-only">"Action"</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
