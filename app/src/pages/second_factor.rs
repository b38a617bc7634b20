//! The second factor: typing a code to sign in, and setting it up for oneself.

use super::sign_in::{Card, error_of, field_of, follow};
use crate::functions::people::{EnterCode as EnterCodeFn, use_viewer};
use crate::functions::second_factor::{SecondFactorShown, read_second_factor};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{ErrorState, Field, FormError, FormFailure, Icon, LoadingRows, QuickForm, SubmitButton};
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::people::{Preparation, SecondFactor};

/// `/login/code`: after the password.
#[component]
pub fn EnterCode() -> impl IntoView {
    let action = ServerAction::<EnterCodeFn>::new();
    follow(action);
    let error = error_of(action);
    view! {
        <Card title="Your code">
            <ActionForm action=action>
                <FormError error=error fields=&["code"]/>
                <Field name="code" label="Code" autocomplete="one-time-code" autofocus=true maxlength=64
                    hint="Six digits from the app on your telephone, or one of your recovery codes." error=field_of(error, "code")/>
                <SubmitButton label="Sign in" pending=action.pending()/>
            </ActionForm>
            <p class="card__more"><a href="/login" rel="external">"Begin again"</a></p>
        </Card>
    }
    .into_any()
}

/// `/second-factor`: one's own, whatever else one may see.
#[component]
pub fn SecondFactorPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let shown = Resource::new(move || live.track_own(), |_| read_second_factor());
    view! {
        <Card title="Second factor">
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </Card>
    }
    .into_any()
}

fn show(shown: SecondFactorShown) -> AnyView {
    let SecondFactorShown { factor, due, is_owed, is_agent } = shown;
    let wanted = wanted(due, is_owed);
    let back = match (is_owed, is_agent) {
        (true, _) => view! { <form method="post" action="/fn/sign_out"><button class="button button--ghost" type="submit">"Sign out"</button></form> }.into_any(),
        (false, true) => view! { <a href="/account" rel="external">"Back to your account"</a> }.into_any(),
        (false, false) => view! { <a href="/portal/account" rel="external">"Back to your account"</a> }.into_any(),
    };
    let state = match factor {
        SecondFactor::Off => off(),
        SecondFactor::Preparing(preparation) => preparing(preparation),
        SecondFactor::On { since, codes_left, new_codes } if new_codes.is_empty() => on(since, codes_left),
        SecondFactor::On { new_codes, .. } => renewed(new_codes),
    };
    view! { {wanted}{state}<p class="card__more">{back}</p> }.into_any()
}

fn wanted(due: Option<Timestamp>, is_owed: bool) -> AnyView {
    let says = match due {
        None => return ().into_any(),
        Some(_) if is_owed => "What you may do here asks for a second factor. Set it up to go on.".to_owned(),
        Some(due) => format!("What you may do here asks for a second factor, by {}.", due.date(offset())),
    };
    view! { <p class="card__notice" role="status">{says}</p> }.into_any()
}

fn offset() -> i32 {
    use_viewer().map_or(0, |viewer| viewer.utc_offset_seconds)
}

fn off() -> AnyView {
    view! {
        <p class="card__about">"Beside your password, a code from an app on your telephone: whoever learns the password alone stays outside."</p>
        <QuickForm endpoint="prepare_second_factor">
            <div class="field"><label for="password">"Your password"</label>
                <input id="password" name="password" type="password" required maxlength="1000" autocomplete="current-password"/></div>
            <button class="button button--primary" type="submit">"Set it up"</button>
        </QuickForm>
    }
    .into_any()
}

fn preparing(preparation: Preparation) -> AnyView {
    let Preparation { key, link, recovery_codes } = preparation;
    let key = key.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    let codes = codes(recovery_codes);
    view! {
        <h2>"1. Scan this with the app"</h2>
        <img class="card__qr" src="/second-factor.svg" width="200" height="200" alt="The key below, as a QR code"/>
        <p class="card__about">"Any app for one-time codes will do. "<a class="linked" href=link rel="external">"Open it in the app"</a>" on this device, or type the key:"</p>
        <p><code class="card__key">{key}</code></p>
        <h2>"2. Keep these recovery codes"</h2>
        <p class="card__about">"Each lets you in once, without the telephone. On paper, or where you keep passwords."</p>
        {codes}
        <h2>"3. Type the code that the app shows"</h2>
        <QuickForm endpoint="confirm_second_factor" done="It is on: you are asked for a code from now on.">
            <div class="field"><label for="code">"Code"</label>
                <input id="code" name="code" required maxlength="64" autocomplete="one-time-code" inputmode="numeric"/></div>
            <button class="button button--primary" type="submit">"Turn it on"</button>
        </QuickForm>
    }
    .into_any()
}

fn codes(codes: Vec<String>) -> AnyView {
    let codes = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! { <ul class="card__codes" aria-label="Recovery codes">{codes}</ul> }.into_any()
}

fn on(since: Timestamp, codes_left: i64) -> AnyView {
    let left = match codes_left {
        0 => "No recovery code is left: make new ones.".to_owned(),
        1 => "One recovery code is left: make new ones.".to_owned(),
        left => format!("{left} recovery codes are left."),
    };
    let failed = use_context::<FormFailure>().map(|failure| failure.path).unwrap_or_default();
    let (renew_failed, remove_failed) = (failed == "/fn/renew_recovery_codes", failed == "/fn/remove_second_factor");
    let since = format!("On since {}: a code is asked for whenever you sign in. ", since.date(offset()));
    view! {
        <p class="card__about">{since}{left}</p>
        <details class="fold" data-fold="renew" data-closes open=renew_failed><summary><h2>"New recovery codes"</h2><Icon icon=Icon::Plus/></summary>
            <QuickForm endpoint="renew_recovery_codes">
                <div class="field"><label for="renew-code">"A code from the app"</label>
                    <input id="renew-code" name="code" required maxlength="64" autocomplete="one-time-code"/></div>
                <button class="button" type="submit">"Make new codes"</button>
            </QuickForm>
        </details>
        <details class="fold" data-fold="remove" data-closes open=remove_failed><summary><h2>"Turn it off"</h2><Icon icon=Icon::Plus/></summary>
            <QuickForm endpoint="remove_second_factor" done="It is off: the password alone lets you in.">
                <p class="card__about">"For a new telephone, too: turn it off, and set it up there."</p>
                <div class="field"><label for="remove-code">"A code from the app, or a recovery code"</label>
                    <input id="remove-code" name="code" required maxlength="64" autocomplete="one-time-code"/></div>
                <button class="button button--danger" type="submit">"Turn it off"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}

fn renewed(new_codes: Vec<String>) -> AnyView {
    let codes = codes(new_codes);
    view! {
        <p class="card__about">"Your new recovery codes. The old ones count until you have kept these; they are not shown again."</p>
        {codes}
        <QuickForm endpoint="keep_recovery_codes" done="The old codes no longer count.">
            <button class="button button--primary" type="submit">"I have kept them"</button>
        </QuickForm>
    }
    .into_any()
}
