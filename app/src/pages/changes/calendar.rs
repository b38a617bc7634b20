//! What is planned, on a month's sheet: plain links and a table, by keyboard and without a script.

use super::ChangeBadge;
use crate::functions::changes::{MonthShown, read_change_calendar};
use crate::live::use_live;
use crate::ui::{ErrorState, Icon, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::changes::{CalendarChange, CalendarDay, ChangeCalendar as Calendar};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[component]
pub fn ChangeCalendar() -> impl IntoView {
    let live = use_live();
    let query = use_query_map();
    let month = Memo::new(move |_| query.read().get("month"));
    let shown = Resource::new(move || (month.get(), live.track()), |(month, _)| read_change_calendar(month));
    view! {
        <Title text="Calendar of changes"/>
        <div class="sheet sheet--wide">
            <Transition fallback=|| view! { <LoadingRows rows=8/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// `November 2026`.
fn named(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or((month, "1"));
    let name =
        number.parse::<usize>().ok().and_then(|number| MONTHS.get(number.wrapping_sub(1))).copied().unwrap_or_default();
    format!("{name} {year}")
}

fn show(shown: MonthShown) -> AnyView {
    let MonthShown { month, before, after, calendar } = shown;
    let title = named(&month);
    let (to_before, to_after) = (format!("Earlier: {}", named(&before)), format!("Later: {}", named(&after)));
    let heads =
        WEEKDAYS.iter().map(|day| view! { <th scope="col"><abbr title=*day>{&day[..3]}</abbr></th> }).collect_view();
    let weeks = calendar.days.chunks(7).map(|week| {
        let days = week.iter().map(|day| cell(day, &calendar, &month)).collect_view();
        view! { <tr>{days}</tr> }
    });
    let weeks = weeks.collect_view();
    let list = listed(&calendar, &month);
    view! {
        <header class="sheet__head kb__head"><h1>{title.clone()}</h1>
            <nav class="arranged__deeds" aria-label="Months">
                <a class="button button--ghost" href=format!("/changes/calendar?month={before}") aria-label=to_before>"Earlier"</a>
                <a class="button button--ghost" href="/changes/calendar">"Today"</a>
                <a class="button button--ghost" href=format!("/changes/calendar?month={after}") aria-label=to_after>"Later"</a>
                <a class="button" href="/changes">"List"</a>
            </nav>
        </header>
        <div class="table-frame" tabindex="0" role="region" aria-label=title><table class="calendar"><thead><tr>{heads}</tr></thead><tbody>{weeks}</tbody></table></div>
        {list}
    }
    .into_any()
}

fn cell(day: &CalendarDay, calendar: &Calendar, month: &str) -> AnyView {
    let mut class = "calendar__day".to_owned();
    if !day.day.starts_with(month) {
        class.push_str(" calendar__day--other");
    }
    if !day.blackouts.is_empty() {
        class.push_str(" calendar__day--blackout");
    }
    let today = (day.day == calendar.today).then_some("date");
    let number = day.day[8..].trim_start_matches('0').to_owned();
    let closed = day
        .blackouts
        .iter()
        .filter_map(|at| calendar.blackouts.get(*at))
        .map(|one| view! { <li class="calendar__blackout">{one.name.clone()}</li> })
        .collect_view();
    let changes =
        day.changes.iter().filter_map(|at| calendar.changes.get(*at)).map(|one| chip(one, &day.day)).collect_view();
    view! { <td class=class aria-current=today><time datetime=day.day.clone()>{number}</time><ul>{closed}{changes}</ul></td> }.into_any()
}

fn chip(one: &CalendarChange, day: &str) -> AnyView {
    let begins = one.row.window.as_deref().is_some_and(|window| window.starts_with(day));
    let from = begins.then(|| view! { <b>{one.from.clone()}" "</b> });
    let warns = one.conflicts.then(|| view! { <Icon icon=Icon::Warning/><span class="sr-only">"Conflict: "</span> });
    let class = format!("calendar__change status--change-{}", one.row.status.as_str().to_lowercase());
    let class = if one.conflicts { format!("{class} calendar__change--conflict") } else { class };
    view! { <li><a class=class href=format!("/changes/{}", one.row.change_number) title=one.row.title.clone()>{warns}{from}{one.row.title.clone()}</a></li> }.into_any()
}

/// The same as a list, for a narrow page and for whoever reads it aloud.
fn listed(calendar: &Calendar, month: &str) -> AnyView {
    let own = calendar
        .changes
        .iter()
        .enumerate()
        .filter(|(at, _)| calendar.days.iter().any(|day| day.day.starts_with(month) && day.changes.contains(at)));
    let row = |(_, one): (usize, &CalendarChange)| {
        let conflict =
            one.conflicts.then(|| view! { <span class="calendar__warned"><Icon icon=Icon::Warning/>"Conflict"</span> });
        view! {
            <li class="kept__row"><span class="kept__text"><a class="linked" href=format!("/changes/{}", one.row.change_number)>{one.row.title.clone()}</a><small>{one.row.window.clone()}" · "{one.row.change_number.to_string()}</small></span>{conflict}<ChangeBadge status=one.row.status/></li>
        }
    };
    let closed = calendar.blackouts.iter().map(|one| view! { <li class="kept__row"><span class="kept__text"><b>{one.name.clone()}</b><small>{one.window.clone()}" · nothing is changed"</small></span></li> });
    let (closed, rows) = (closed.collect_view(), own.map(row).collect_view());
    view! { <section aria-label="As a list"><h2>"As a list"</h2><ul class="kept__list">{closed}{rows}</ul></section> }
        .into_any()
}
