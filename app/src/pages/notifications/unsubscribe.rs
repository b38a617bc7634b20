//! The page behind the link in a notification's mail. Opening it ends nothing: programs open links too.

use crate::pages::sign_in::Card;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use oxdesk::notifications::NotificationType;

#[component]
pub fn Unsubscribe() -> impl IntoView {
    let token = use_params_map().read_untracked().get("token").unwrap_or_default();
    let kind = token.split('.').next().unwrap_or_default();
    let (title, text, asks) = match kind {
        "done" => (
            "No more of these mails",
            "In the app you are still told. You can choose again in your account.".to_owned(),
            false,
        ),
        "unknown" => (
            "This link does not work",
            "Perhaps a part of it was lost. In your account you choose which mails you get.".to_owned(),
            false,
        ),
        "ALL" => ("No more mails of what happens?", "In the app you are still told.".to_owned(), true),
        _ => {
            let what = kind.parse::<NotificationType>().map(NotificationType::label).unwrap_or("Notifications");
            ("No more of these mails?", format!("“{what}”: in the app you are still told."), true)
        }
    };
    let form = asks.then(|| {
        view! { <form class="card__ask" method="post" action=format!("/unsubscribe/{token}")><button class="button button--primary" type="submit">"No more mails"</button></form> }
    });
    view! {
        <Card title><p>{text}</p>{form}<p class="card__more"><a class="link" href="/account#notifications">"Your account"</a></p></Card>
    }
    .into_any()
}
