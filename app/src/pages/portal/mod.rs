//! The requesters' side: ask, and see what became of it.

mod ask;
mod change;
mod front;
mod kb;
mod new;
mod requests;
mod things;

pub use ask::{PortalAsk, PortalConversation};
pub use change::PortalChange;
pub use front::{PortalHome, PortalThanks};
pub use kb::{KbArticle, KbHome, runs};
pub use new::PortalNew;
pub use requests::PortalRequests;
pub use things::PortalAssets;

use crate::functions::requester::OwnRequests;
use crate::ui::StatusBadge;
use leptos::prelude::*;

/// A span of time as one says it to someone who waits.
pub fn within(seconds: i64) -> String {
    match seconds {
        ..=2700 => "within an hour".to_owned(),
        2701..=72_000 => format!("within {} hours", (seconds + 1800) / 3600 + 1),
        72_001..=129_600 => "within a day".to_owned(),
        _ => format!("within {} days", (seconds + 43_200) / 86_400 + 1),
    }
}

#[component]
fn RequestPanel(list: OwnRequests) -> impl IntoView {
    let rows = list
        .rows
        .into_iter()
        .map(|row| {
            view! {
                <li><a href=format!("/portal/requests/{}", row.ticket_number)>
                    <b>{row.subject}{row.has_news.then(|| view! { <span class="news">"News"</span> })}</b><StatusBadge status=row.status/>
                    <small>{row.ticket_number.to_string()}" · sent "{row.sent}</small>
                </a></li>
            }
        })
        .collect_view();
    view! {
        <ul class="panel">{rows}</ul>
        {list.next.map(|next| view! { <p class="pager"><a href=format!("/portal/requests?after={next}") class="button">"Older"</a></p> })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_wait_is_told_in_words_and_never_too_short() {
        for (seconds, words) in [
            (0, "within an hour"),
            (2700, "within an hour"),
            (3600, "within 2 hours"),
            (5 * 3600, "within 6 hours"),
            (86_400, "within a day"),
            (3 * 86_400, "within 4 days"),
        ] {
            assert_eq!(within(seconds), words, "{seconds}");
        }
    }
}
