//! Signing in, registering, and what comes by mail: confirming an address, choosing a new password.

use crate::AppError;
use crate::brand::use_brand;
use crate::functions::people::{
    Register as RegisterFn, RequestPasswordReset, ResetPassword, SignIn as SignInFn, VerifyEmail,
};
use crate::ui::{Field, FormError, Logo, SubmitButton};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

/// The last error of a form's action.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<AppError>>
where
    S: ServerFn<Error = AppError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    Signal::derive(move || action.value().get().and_then(|result| result.err()))
}

/// What is wrong with one field.
pub fn field_of(error: Signal<Option<AppError>>, name: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || error.get().and_then(|error| error.field(name)))
}

/// Opens the page that an action answers with, as a whole new page.
pub fn follow<S>(action: ServerAction<S>)
where
    S: ServerFn<Error = AppError, Output = String> + Clone + Send + Sync + 'static,
{
    Effect::new(move |_| {
        if let Some(Ok(next)) = action.value().get() {
            let _ = window().location().set_href(&next);
        }
    });
}

#[component]
pub fn Card(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="card" id="main">
            <a class="card__brand" href="/portal" rel="external"><Logo/>{use_brand().name}</a>
            <h1>{title}</h1>
            {children()}
        </main>
    }
    .into_any()
}

#[component]
pub fn SignIn() -> impl IntoView {
    let action = ServerAction::<SignInFn>::new();
    follow(action);
    let error = error_of(action);
    let query = use_query_map();
    let given = move |name: &str| query.read_untracked().get(name).is_some();
    let notice = if given("verified") {
        "Your address is confirmed. You can sign in now."
    } else if given("reset") {
        "Your new password is set. Sign in with it."
    } else {
        ""
    };
    let next = query.read_untracked().get("next").unwrap_or_default();
    view! {
        <Card title="Sign in">
            <p class="card__notice" role="status">{notice}</p>
            <ActionForm action=action>
                <FormError error=error fields=&["email", "password"]/>
                <input type="hidden" name="next" value=next/>
                <Field name="email" label="E-mail" kind="email" autocomplete="username" autofocus=true error=field_of(error, "email")/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password" error=field_of(error, "password")/>
                <SubmitButton label="Sign in" pending=action.pending()/>
            </ActionForm>
            <p class="card__more"><a href="/forgot">"Forgotten the password?"</a><a href="/register">"Make an account"</a></p>
        </Card>
    }
    .into_any()
}

#[component]
pub fn Register() -> impl IntoView {
    let action = ServerAction::<RegisterFn>::new();
    follow(action);
    let error = error_of(action);
    let query = use_query_map();
    let sent = query.read_untracked().get("sent").is_some();
    let known = move |name: &str| query.read_untracked().get(name).unwrap_or_default();
    view! {
        <Card title="Make an account">
            {if sent {
                view! { <p class="card__notice" role="status">"Thank you. Open the link in the mail we sent you to confirm your address."</p> }.into_any()
            } else {
                view! {
                    <ActionForm action=action>
                        <FormError error=error fields=&["name", "email", "password"]/>
                        <Field name="name" label="Name" value=known("name") autocomplete="name" maxlength=200 error=field_of(error, "name")/>
                        <Field name="email" label="E-mail" kind="email" value=known("email") autocomplete="email" error=field_of(error, "email")/>
                        <Field name="password" label="Password" kind="password" autocomplete="new-password" hint="At least 10 characters. A sentence is fine." error=field_of(error, "password")/>
                        <SubmitButton label="Make the account" pending=action.pending()/>
                    </ActionForm>
                }.into_any()
            }}
            <p class="card__more"><a href="/login">"Sign in instead"</a></p>
        </Card>
    }
    .into_any()
}

#[component]
pub fn Verify() -> impl IntoView {
    let action = ServerAction::<VerifyEmail>::new();
    follow(action);
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    // A button, not the link itself: mail scanners open links.
    view! {
        <Card title="Confirm your address">
            <ActionForm action=action>
                <FormError error=error_of(action)/>
                <input type="hidden" name="token" value=token/>
                <SubmitButton label="Confirm" pending=action.pending()/>
            </ActionForm>
        </Card>
    }
    .into_any()
}

#[component]
pub fn Forgot() -> impl IntoView {
    let action = ServerAction::<RequestPasswordReset>::new();
    follow(action);
    let error = error_of(action);
    let sent = use_query_map().read_untracked().get("sent").is_some();
    view! {
        <Card title="Forgotten the password?">
            {if sent {
                view! { <p class="card__notice" role="status">"If this address has an account, a mail with a link is on its way. The link is good for an hour."</p> }.into_any()
            } else {
                view! {
                    <ActionForm action=action>
                        <FormError error=error fields=&["email"]/>
                        <Field name="email" label="E-mail" kind="email" autocomplete="username" error=field_of(error, "email")/>
                        <SubmitButton label="Send me a link" pending=action.pending()/>
                    </ActionForm>
                }.into_any()
            }}
            <p class="card__more"><a href="/login">"Back to sign in"</a></p>
        </Card>
    }
    .into_any()
}

#[component]
pub fn Reset() -> impl IntoView {
    let action = ServerAction::<ResetPassword>::new();
    follow(action);
    let error = error_of(action);
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    view! {
        <Card title="Choose a new password">
            <ActionForm action=action>
                <FormError error=error fields=&["password"]/>
                <input type="hidden" name="token" value=token/>
                <Field name="password" label="New password" kind="password" autocomplete="new-password" hint="At least 10 characters. A sentence is fine." error=field_of(error, "password")/>
                <SubmitButton label="Set the password" pending=action.pending()/>
            </ActionForm>
        </Card>
    }
    .into_any()
}
