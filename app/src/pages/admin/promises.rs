//! What the desk promises: calendars, and policies with what happens before and after.

use super::{Arrangement, options};
use crate::functions::promises::{Promises, read_promises};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::sla::{Moment, NamedCalendar, SlaPolicy, SlaTarget, StepAction, write_holidays, write_shifts};
use oxdesk::tickets::{TicketPriority, TicketStatus};

/// Lines for more steps under those there are.
const NEW_STEPS: usize = 3;
const DAYS: [(&str, &str); 7] = [
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

#[component]
pub fn PromisesPage() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let promises = Resource::new(move || live.track_own(), |_| read_promises());
    view! {
        <Title text="Service levels"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Service levels"</h1><p class="muted">"What you promise, and over which hours it is counted. A ticket has the first policy that fits; while it waits for whoever asks, and once it is solved, the clock stands still."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || Suspend::new(async move {
                    match promises.await {
                        Ok(promises) => view! { <Shown promises/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Shown(promises: Promises) -> impl IntoView {
    let known = StoredValue::new(promises.clone());
    let policies = if promises.policies.is_empty() {
        view! { <EmptyState title="Nothing is promised yet" text="Tickets have no due time until a policy fits them."/> }.into_any()
    } else {
        let row = |policy: SlaPolicy| {
            let says = known.with_value(|known| describe(&policy, known));
            let (id, name) = (policy.id.to_string(), policy.name.clone());
            let form = known.with_value(|known| policy_form(Some(policy), known));
            let form = view! { {form}<Remove endpoint="delete_policy" id label="Remove this policy"/> }.into_any();
            view! { <Arrangement name says may_change=true form/> }
        };
        view! { <ul class="panel panel--plain">{promises.policies.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    let calendars = if promises.calendars.is_empty() {
        view! { <EmptyState title="No calendars yet" text="Without one, time is counted around the clock."/> }
            .into_any()
    } else {
        let row = |calendar: NamedCalendar| {
            let (id, name, says) = (calendar.id.to_string(), calendar.name.clone(), hours_in_words(&calendar));
            let form = calendar_form(Some(calendar));
            let form = view! { {form}<Remove endpoint="delete_calendar" id label="Remove this calendar"/> }.into_any();
            view! { <Arrangement name says may_change=true form/> }
        };
        view! { <ul class="panel panel--plain">{promises.calendars.into_iter().map(row).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <section><h2>"Policies"</h2>{policies}</section>
        <section><h2>"New policy"</h2>{known.with_value(|known| policy_form(None, known))}</section>
        <section><h2>"Calendars"</h2>{calendars}</section>
        <section><h2>"New calendar"</h2>{calendar_form(None)}</section>
    }
    .into_any()
}

#[component]
fn Remove(endpoint: &'static str, id: String, label: &'static str) -> impl IntoView {
    view! {
        <QuickForm endpoint class="quick--inline" done="Removed.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit"><Icon icon=Icon::Bin/>{label}</button>
        </QuickForm>
    }
    .into_any()
}

fn describe(policy: &SlaPolicy, known: &Promises) -> String {
    let mut says = vec![
        policy.priority.label().to_owned(),
        format!("answer in {}", minutes_in_words(policy.first_response_time)),
        format!("solution in {}", minutes_in_words(policy.resolution_time)),
    ];
    says.extend(policy.update_time.map(|minutes| format!("next answer in {}", minutes_in_words(minutes))));
    let calendar = known.calendars.iter().find(|calendar| Some(calendar.id) == policy.calendar_id);
    says.push(calendar.map_or_else(|| "around the clock".to_owned(), |calendar| format!("over {}", calendar.name)));
    let queue = known.queues.iter().find(|queue| Some(queue.id) == policy.queue_id);
    says.extend(queue.map(|queue| format!("only {}", queue.name)));
    says.extend(policy.category.as_ref().map(|category| format!("only {category}")));
    says.extend(policy.tag.as_ref().map(|tag| format!("only tagged {tag}")));
    says.extend((!policy.active).then(|| "retired".to_owned()));
    let steps = policy.steps.iter().map(|step| step.actions.len()).sum::<usize>();
    says.extend((steps > 0).then(|| format!("{steps} step{}", if steps == 1 { "" } else { "s" })));
    says.join(" · ")
}

/// `90` as `1 h 30 min`.
fn minutes_in_words(minutes: i32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn hours_in_words(calendar: &NamedCalendar) -> String {
    let days = DAYS.iter().filter_map(|(key, name)| {
        let shifts = calendar.calendar.hours.get(*key)?;
        Some(format!("{} {}", &name[..3], write_shifts(shifts)))
    });
    let mut says = vec![calendar.calendar.time_zone.clone(), days.collect::<Vec<_>>().join(", ")];
    let holidays = calendar.calendar.holidays.len();
    says.extend((holidays > 0).then(|| format!("{holidays} holiday{}", if holidays == 1 { "" } else { "s" })));
    says.join(" · ")
}

fn policy_form(policy: Option<SlaPolicy>, known: &Promises) -> AnyView {
    let key = policy.as_ref().map_or("new".to_owned(), |policy| policy.id.to_string());
    let field = move |name: &str| format!("{name}-{key}");
    let of = |read: fn(&SlaPolicy) -> String| policy.as_ref().map(read).unwrap_or_default();
    let priority = policy.as_ref().map_or(TicketPriority::Medium, |policy| policy.priority).to_string();
    let priorities = TicketPriority::ALL.iter().rev().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let any = |label: &str| std::iter::once((String::new(), label.to_owned()));
    let calendars = any("Around the clock")
        .chain(known.calendars.iter().map(|one| (one.id.to_string(), one.name.clone())))
        .collect();
    let queues =
        any("Every queue").chain(known.queues.iter().map(|one| (one.id.to_string(), one.name.clone()))).collect();
    let categories =
        any("Every category").chain(known.categories.iter().map(|one| (one.clone(), one.clone()))).collect();
    let waits = policy.as_ref().is_none_or(|policy| policy.pauses_in.contains(&TicketStatus::Waiting));
    let head = policy.as_ref().map(|policy| {
        view! {
            <input type="hidden" name="policy[id]" value=policy.id.to_string()/>
            <input type="hidden" name="policy[version]" value=policy.version.to_string()/>
        }
    });
    let retire = policy.as_ref().map(|policy| view! { <label class="check"><input type="checkbox" name="policy[retired]" value="yes" checked=!policy.active/>"Retired: it begins on no more tickets"</label> });
    let position = policy.as_ref().map_or("0".to_owned(), |policy| policy.position.to_string());
    let lines = steps(policy.as_ref(), known);
    let name_now = of(|policy| policy.name.clone());
    let calendar_now = of(|policy| policy.calendar_id.map(|id| id.to_string()).unwrap_or_default());
    let first_now = of(|policy| policy.first_response_time.to_string());
    let update_now = of(|policy| policy.update_time.map(|minutes| minutes.to_string()).unwrap_or_default());
    let resolution_now = of(|policy| policy.resolution_time.to_string());
    let queue_now = of(|policy| policy.queue_id.map(|id| id.to_string()).unwrap_or_default());
    let category_now = of(|policy| policy.category.clone().unwrap_or_default());
    let tag_now = of(|policy| policy.tag.clone().unwrap_or_default());
    let counted = view! {
        <div class="sheet__pair">
            <div class="field"><label for=field("priority")>"Priority"</label><select id=field("priority") name="policy[priority]">{options(priorities, &priority)}</select></div>
            <div class="field"><label for=field("calendar")>"Counted over"</label><select id=field("calendar") name="policy[calendar_id]">{options(calendars, &calendar_now)}</select></div>
        </div>
    }
    .into_any();
    let times = view! {
        <div class="sheet__pair sheet__pair--three">
            <div class="field"><label for=field("first")>"First answer within"</label><input id=field("first") name="policy[first_response_time]" inputmode="numeric" required placeholder="60" value=first_now/><p class="field__hint">"minutes of working time"</p></div>
            <div class="field"><label for=field("update")>"Next answer within"<span class="field__optional">" optional"</span></label><input id=field("update") name="policy[update_time]" inputmode="numeric" placeholder="240" value=update_now/></div>
            <div class="field"><label for=field("resolution")>"Solved within"</label><input id=field("resolution") name="policy[resolution_time]" inputmode="numeric" required placeholder="480" value=resolution_now/></div>
        </div>
    }
    .into_any();
    let conditions = view! {
        <div class="sheet__pair">
            <div class="field"><label for=field("queue")>"For"</label><select id=field("queue") name="policy[queue_id]">{options(queues, &queue_now)}</select></div>
            <div class="field"><label for=field("category")>"About"</label><select id=field("category") name="policy[category]">{options(categories, &category_now)}</select></div>
            <div class="field"><label for=field("tag")>"Tagged"<span class="field__optional">" optional"</span></label><input id=field("tag") name="policy[tag]" maxlength="50" value=tag_now/></div>
            <div class="field"><label for=field("position")>"Place in the order"</label><input id=field("position") name="policy[position]" inputmode="numeric" value=position/></div>
        </div>
    }
    .into_any();
    view! {
        <QuickForm endpoint="save_policy" class="arranged__form" done="Saved.">
            {head}
            <label for=field("name")>"Name"</label>
            <input id=field("name") name="policy[name]" required maxlength="200" value=name_now/>
            {counted}
            {times}
            {conditions}
            <label class="check"><input type="checkbox" name="policy[stops_while_waiting]" value="yes" checked=waits/>"The clock stands still while it waits for whoever asks"</label>
            {lines}
            {retire}
            <button class="button button--primary" type="submit">"Save the policy"</button>
        </QuickForm>
    }
    .into_any()
}

/// A line for everything that happens before and after, and some for more.
fn steps(policy: Option<&SlaPolicy>, known: &Promises) -> AnyView {
    let there = policy.iter().flat_map(|policy| &policy.steps).flat_map(|step| {
        step.actions.iter().map(move |action| (step.target.to_string(), at_text(step.moment), action_word(action)))
    });
    let empty =
        std::iter::repeat_with(|| (SlaTarget::Resolution.to_string(), String::new(), String::new())).take(NEW_STEPS);
    let choices: Vec<(String, String)> = [
        ("", "Nothing"),
        ("notify_assignee", "Tell the assignee"),
        ("notify_queue", "Tell the queue"),
        ("raise_priority", "Raise the priority"),
    ]
    .into_iter()
    .map(|(word, label)| (word.to_owned(), label.to_owned()))
    .chain(known.roles.iter().map(|role| (format!("role:{role}"), format!("Tell every {role}"))))
    .chain(known.people.iter().map(|person| (format!("user:{}", person.id), format!("Tell {}", person.name))))
    .chain(known.people.iter().map(|person| (format!("assign:{}", person.id), format!("Give it to {}", person.name))))
    .collect();
    let targets: Vec<(String, String)> =
        SlaTarget::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let lines = there.chain(empty).enumerate().map(|(place, (target, at, action))| {
        let mut choices = choices.clone();
        // A tag, or whoever is gone since: what stands there is not to be lost.
        if !choices.iter().any(|(word, _)| *word == action) {
            let label = match action.split_once(':') {
                Some(("tag", tag)) => format!("Tag it {tag}"),
                Some(("webhook", _)) => "Tell a webhook".to_owned(),
                _ => action.clone(),
            };
            choices.push((action.clone(), label));
        }
        let name = |field: &str| format!("policy[steps][{place}][{field}]");
        view! {
            <li class="step">
                <select name=name("target") aria-label="Which promise">{options(targets.clone(), &target)}</select>
                <input name=name("at") aria-label="When" placeholder="-30" size="6" maxlength="9" value=at/>
                <select name=name("action") aria-label="What is done">{options(choices, &action)}</select>
            </li>
        }
    });
    view! {
        <fieldset class="steps"><legend>"Before and after"</legend>
            <p class="field__hint">"When: working minutes after it is due, before with a minus; or a share of the way, as 50%."</p>
            <ul>{lines.collect_view()}</ul>
        </fieldset>
    }
    .into_any()
}

fn at_text(moment: Moment) -> String {
    match moment {
        Moment::Minutes(minutes) => minutes.to_string(),
        Moment::Share(share) => format!("{share}%"),
    }
}

fn action_word(action: &StepAction) -> String {
    match action {
        StepAction::NotifyAssignee => "notify_assignee".to_owned(),
        StepAction::NotifyQueue => "notify_queue".to_owned(),
        StepAction::RaisePriority => "raise_priority".to_owned(),
        StepAction::NotifyRole { role } => format!("role:{role}"),
        StepAction::NotifyUser { user } => format!("user:{user}"),
        StepAction::AssignTo { user } => format!("assign:{user}"),
        StepAction::AddTag { tag } => format!("tag:{tag}"),
        StepAction::Webhook { webhook } => format!("webhook:{webhook}"),
    }
}

fn calendar_form(calendar: Option<NamedCalendar>) -> AnyView {
    let key = calendar.as_ref().map_or("new".to_owned(), |calendar| calendar.id.to_string());
    let field = move |name: &str| format!("calendar-{name}-{key}");
    let head = calendar.as_ref().map(|calendar| {
        view! {
            <input type="hidden" name="calendar[id]" value=calendar.id.to_string()/>
            <input type="hidden" name="calendar[version]" value=calendar.version.to_string()/>
        }
    });
    let days = DAYS
        .iter()
        .map(|(day, label)| {
            let shifts = match &calendar {
                Some(calendar) => calendar.calendar.hours.get(*day).map(write_shifts).unwrap_or_default(),
                None if *day == "sat" || *day == "sun" => String::new(),
                None => "09:00-17:00".to_owned(),
            };
            view! { <div class="field"><label for=field(day)>{*label}</label><input id=field(day) name=format!("calendar[{day}]") placeholder="closed" maxlength="300" value=shifts/></div> }
        })
        .collect_view();
    let zone = calendar.as_ref().map(|calendar| calendar.calendar.time_zone.clone());
    view! {
        <QuickForm endpoint="save_calendar" class="arranged__form" done="Saved.">
            {head}
            <div class="sheet__pair">
                <div class="field"><label for=field("name")>"Name"</label><input id=field("name") name="calendar[name]" required maxlength="100" value=calendar.as_ref().map(|calendar| calendar.name.clone())/></div>
                <div class="field"><label for=field("zone")>"Time zone"</label><input id=field("zone") name="calendar[time_zone]" required maxlength="60" placeholder="Europe/Berlin" value=zone/></div>
            </div>
            <div class="week">{days}</div>
            <p class="field__hint">"Shifts, as 09:00-12:00, 13:00-17:00. One that ends before it begins runs over midnight."</p>
            <label for=field("holidays")>"Holidays"<span class="field__optional">" optional"</span></label>
            <textarea id=field("holidays") name="calendar[holidays]" rows="4" placeholder="12-25 Christmas">{calendar.as_ref().map(|calendar| write_holidays(&calendar.calendar.holidays))}</textarea>
            <p class="field__hint">"One a line: 2026-05-25 Whit Monday; 12-25 for every year; 2026-12-24 12:00-24:00 for half a day. Or all the text of a calendar file (.ics)."</p>
            <button class="button button--primary" type="submit">"Save the calendar"</button>
        </QuickForm>
    }
    .into_any()
}
