//! What is planned, on the sheet of a month or a week: plain links and a table, by keyboard and without a script.

use super::ChangeBadge;
use crate::functions::changes::{SheetShown, read_change_calendar};
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
    let asked = Memo::new(move |_| (query.read().get("month"), query.read().get("week")));
    let shown =
        Resource::new(move || (asked.get(), live.track()), |((month, week), _)| read_change_calendar(month, week));
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

/// `November 2026`, or `Week of 23 November 2026`.
fn named(sheet: &str) -> String {
    let mut parts = sheet.splitn(3, '-');
    let (year, number, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let month =
        number.parse::<usize>().ok().and_then(|number| MONTHS.get(number.wrapping_sub(1))).copied().unwrap_or_default();
    match day {
        Some(day) => format!("Week of {} {month} {year}", day.trim_start_matches('0')),
        None => format!("{month} {year}"),
    }
}

fn show(shown: SheetShown) -> AnyView {
    let SheetShown { name, is_week, before, after, other, calendar } = shown;
    let title = named(&name);
    let (to_before, to_after) = (format!("Earlier: {}", named(&before)), format!("Later: {}", named(&after)));
    let heads =
        WEEKDAYS.iter().map(|day| view! { <th scope="col"><abbr title=*day>{&day[..3]}</abbr></th> }).collect_view();
    // A week has no days of another month.
    let month = if is_week { "" } else { name.as_str() };
    let weeks = calendar.days.chunks(7).map(|week| {
        let days = week.iter().map(|day| cell(day, &calendar, month, is_week)).collect_view();
        view! { <tr>{days}</tr> }
    });
    let weeks = weeks.collect_view();
    let list = listed(&calendar, month);
    let (unit, units, other_unit, other_name) =
        if is_week { ("week", "Weeks", "month", "Month") } else { ("month", "Months", "week", "Week") };
    let href = |unit: &str, sheet: &str| format!("/changes/calendar?{unit}={sheet}");
    let today = if is_week { href("week", &calendar.today) } else { "/changes/calendar".to_owned() };
    view! {
        <header class="sheet__head kb__head"><h1>{title.clone()}</h1>
            <nav class="arranged__deeds" aria-label=units>
                <a class="button button--ghost" href=href(unit, &before) aria-label=to_before>"Earlier"</a>
                <a class="button button--ghost" href=today>"Today"</a>
                <a class="button button--ghost" href=href(unit, &after) aria-label=to_after>"Later"</a>
                <a class="button" href=href(other_unit, &other)>{other_name}</a>
                <a class="button" href="/changes">"List"</a>
            </nav>
        </header>
        <div class="table-frame" tabindex="0" role="region" aria-label=title><table class="calendar" class:calendar--week=is_week><thead><tr>{heads}</tr></thead><tbody>{weeks}</tbody></table></div>
        {list}
    }
    .into_any()
}

fn cell(day: &CalendarDay, calendar: &Calendar, month: &str, is_week: bool) -> AnyView {
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
    let changes = day
        .changes
        .iter()
        .filter_map(|at| calendar.changes.get(*at))
        .map(|one| if is_week { card(one, &day.day) } else { chip(one, &day.day) });
    let changes = changes.collect_view();
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

/// In a week there is room for when it ends, its risk and who does it.
fn card(one: &CalendarChange, day: &str) -> AnyView {
    let row = &one.row;
    // On the day on which it begins, its hours; then that it goes on.
    let begins = row.window.as_deref().is_some_and(|window| window.starts_with(day));
    let hours = match row.window.as_deref().filter(|_| begins) {
        Some(window) => window[11..].to_owned(),
        None => "goes on".to_owned(),
    };
    let warns = one.conflicts.then(|| view! { <Icon icon=Icon::Warning/><span class="sr-only">"Conflict: "</span> });
    let class = format!("calendar__card status--change-{}", row.status.as_str().to_lowercase());
    let class = if one.conflicts { format!("{class} calendar__change--conflict") } else { class };
    let risk = row.risk_level.map(|risk| format!("{} risk, ", risk.label())).unwrap_or_default();
    let about = format!("{risk}{}", row.requested_by);
    view! {
        <li><a class=class href=format!("/changes/{}", row.change_number)><b>{warns}{hours}</b><span>{row.title.clone()}</span><small>{about}</small></a></li>
    }
    .into_any()
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
