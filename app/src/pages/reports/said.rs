//! How satisfied people are, and where time goes.

use crate::ui::EmptyState;
use leptos::prelude::*;
use oxdesk::ratings::{RatedTicket, Satisfaction, Score};
use oxdesk::tickets::TimeSpent;
use oxdesk::tickets::rules::show_minutes;

#[component]
pub fn Satisfied(data: Satisfaction) -> impl IntoView {
    if data.asked == 0 {
        return view! { <EmptyState title="Nobody was asked" text="Requesters are asked once their ticket is closed."/> }.into_any();
    }
    let share = data.percent().map_or("–".to_owned(), |percent| format!("{percent} %"));
    let most = data.scores.iter().copied().max().unwrap_or(0).max(1);
    let rows = Score::ALL
        .into_iter()
        .rev()
        .map(|score| {
            let count = usize::try_from(score.number() - 1).ok().and_then(|place| data.scores.get(place)).copied().unwrap_or(0);
            view! { <tr><th scope="row">{score.label()}</th><td><meter min="0" max=most.to_string() value=count.to_string()></meter></td><td class="num">{count}</td></tr> }
        })
        .collect_view();
    let comment = |one: RatedTicket| {
        view! {
            <li><a href=format!("/tickets/{}", one.ticket_number)><b>{one.rating.comment.unwrap_or_default()}</b><span class="muted">{one.rating.score.label()}</span><small>{one.ticket_number.to_string()}" · "{one.subject}</small></a></li>
        }
    };
    let comments = data.comments.into_iter().map(comment).collect_view();
    view! {
        <p class="figures"><span><b>{share}</b>" satisfied"</span><span><b>{data.rated}</b>" of "{data.asked}" answered"</span></p>
        <div class="table-frame"><table class="table table--meters"><tbody>{rows}</tbody></table></div>
        <ul class="panel panel--said">{comments}</ul>
    }
    .into_any()
}

#[component]
pub fn Time(lines: Vec<TimeSpent>) -> impl IntoView {
    if lines.is_empty() {
        return view! { <EmptyState title="No time was noted" text="On a ticket: Time, at the right."/> }.into_any();
    }
    let total: i64 = lines.iter().map(|line| line.minutes).sum();
    let rows = lines
        .into_iter()
        .map(|line| view! {
            <tr><td>{line.person}</td><td>{line.queue.unwrap_or_else(|| "No queue".to_owned())}</td><td class="num">{line.tickets}</td><td class="num">{show_minutes(line.minutes)}</td></tr>
        })
        .collect_view();
    view! {
        <div class="table-frame"><table class="table">
            <thead><tr><th scope="col">"Person"</th><th scope="col">"Queue"</th><th scope="col">"Tickets"</th><th scope="col">"Time"</th></tr></thead>
            <tbody>{rows}</tbody>
            <tfoot><tr><th scope="row" colspan="3">"Together"</th><td class="num">{show_minutes(total)}</td></tr></tfoot>
        </table></div>
    }
    .into_any()
}
