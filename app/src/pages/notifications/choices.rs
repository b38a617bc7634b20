//! How the viewer wants to be told.

use crate::functions::notifications::my_preferences;
use crate::ui::{ErrorState, LoadingRows, QuickForm};
use leptos::prelude::*;
use oxdesk::notifications::{Channels, Digest, NotificationType, Preferences};

/// The part of the account that chooses.
#[component]
pub fn NotificationChoices() -> impl IntoView {
    let preferences = Resource::new(|| (), |()| my_preferences());
    view! {
        <section id="notifications">
            <h2>"What you are told"</h2>
            <Suspense fallback=|| view! { <LoadingRows rows=7/> }>
                {move || Suspend::new(async move {
                    match preferences.await {
                        Ok(chosen) => view! { <Form chosen/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Form(chosen: Preferences) -> impl IntoView {
    let Preferences { channels, digest, quiet, time_zone } = chosen;
    let rows = channels.into_iter().map(|(kind, channels)| view! { <Row kind channels/> }).collect_view();
    let digests = Digest::ALL
        .iter()
        .map(|one| view! { <option value=one.as_str() selected=*one == digest>{one.label()}</option> })
        .collect_view();
    let minute = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let (from, to) = quiet.map(|quiet| (minute(quiet.from), minute(quiet.to))).unzip();
    view! {
        <QuickForm endpoint="save_preferences" class="arranged__form" done="Saved.">
            <div class="table-frame" tabindex="0" role="region" aria-label="What you are told">
                <table class="table told__table">
                    <thead><tr><th scope="col">"When"</th><th scope="col">"In the app"</th><th scope="col">"By mail"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <div class="sheet__pair">
                <div class="field"><label for="digest">"Mails go"</label><select id="digest" name="digest">{digests}</select></div>
                <div class="field"><label for="time-zone">"Your time zone"</label><input id="time-zone" name="time_zone" required maxlength="60" value=time_zone placeholder="Europe/Berlin"/></div>
                <div class="field"><label for="quiet-from">"No mails from"<span class="field__optional">" optional"</span></label><input id="quiet-from" type="time" name="quiet_from" value=from/></div>
                <div class="field"><label for="quiet-to">"until"<span class="field__optional">" optional"</span></label><input id="quiet-to" type="time" name="quiet_to" value=to/></div>
            </div>
            <button class="button" type="submit">"Save what you are told"</button>
        </QuickForm>
    }
    .into_any()
}

#[component]
fn Row(kind: NotificationType, channels: Channels) -> impl IntoView {
    let tick = |name: &'static str, checked: bool, where_: &str| {
        let label = format!("{} {where_}", kind.label());
        view! { <td class="told__tick"><input type="checkbox" name=name value=kind.as_str() checked=checked aria-label=label/></td> }
    };
    view! {
        <tr><th scope="row">{kind.label()}</th>{tick("in_app[]", channels.in_app, "in the app")}{tick("by_mail[]", channels.by_mail, "by mail")}</tr>
    }
    .into_any()
}
