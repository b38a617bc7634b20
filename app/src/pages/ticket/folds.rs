//! What agents keep beside a ticket: each a heading that opens the form for more, and what there is under it.

use crate::functions::people::use_viewer;
use crate::ui::{Icon, QuickForm, StatusBadge, Undo};
use leptos::prelude::*;
use oxdesk::people::Person;
use oxdesk::tickets::rules::show_minutes;
use oxdesk::tickets::{Abilities, ChecklistItem, Link, LinkType, REASON_MAX, Ticket, TicketId, TicketRef, TimeEntry};

/// A heading that opens a form, without a script too. `name` is what keys and tests find it by.
#[component]
pub(super) fn Fold(
    name: &'static str,
    title: &'static str,
    /// What the heading counts.
    #[prop(optional_no_strip)]
    count: Option<String>,
    /// Whether the form is offered.
    opens: bool,
    form: AnyView,
    children: Children,
) -> impl IntoView {
    let heading = if opens {
        view! {
            <details class="fold" data-closes="" data-fold=name>
                <summary><h2>{title}" "<span class="fold__count">{count}</span></h2><Icon icon=Icon::Plus/></summary>
                {form}
            </details>
        }
        .into_any()
    } else {
        view! { <h2>{title}" "<span class="fold__count">{count}</span></h2> }.into_any()
    };
    view! { <section class="kept" aria-label=title>{heading}{children()}</section> }.into_any()
}

#[component]
pub(super) fn Hidden(name: &'static str, #[prop(into)] value: String) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}

/// A cross that takes something away.
#[component]
pub(super) fn TakeAway(
    endpoint: &'static str,
    id: TicketId,
    name: &'static str,
    value: String,
    #[prop(into)] label: String,
    #[prop(optional)] done: &'static str,
    #[prop(optional)] undo: Option<Undo>,
) -> impl IntoView {
    view! {
        <QuickForm endpoint class="quick--inline" done undo>
            <Hidden name="id" value=id.to_string()/>
            <Hidden name value/>
            <button class="button button--ghost button--icon kept__cross" type="submit" aria-label=label.clone() title=label><Icon icon=Icon::Cross/></button>
        </QuickForm>
    }
    .into_any()
}

/// Puts the ticket off, and says until when.
#[component]
pub fn FollowUp(ticket: Ticket, may_update: bool) -> impl IntoView {
    let (id, version) = (ticket.id.to_string(), ticket.version.to_string());
    let offset = use_viewer().map_or(0, |viewer| viewer.utc_offset_seconds);
    let off = ticket.follow_up_at.map(|at| {
        view! {
            <div class="kept__row">
                <Icon icon=Icon::Clock/><span class="kept__text">"Back on "{at.local(offset)}</span>
                {may_update.then(|| view! {
                    <QuickForm endpoint="put_off" class="quick--inline" done="Back in the inbox.">
                        <Hidden name="id" value=id.clone()/>
                        <Hidden name="version" value=version.clone()/>
                        <button class="button button--ghost" type="submit">"Take back"</button>
                    </QuickForm>
                })}
            </div>
        }
    });
    let form = view! {
        <QuickForm endpoint="put_off" done="Put off.">
            <Hidden name="id" value=ticket.id.to_string()/>
            <Hidden name="version" value=ticket.version.to_string()/>
            <div class="quick__row">
                <button class="button" type="submit" name="until" value="tomorrow">"Tomorrow"</button>
                <button class="button" type="submit" name="until" value="next_week">"Next week"</button>
            </div>
            <label for="put-off-at">"Or on"</label>
            <input id="put-off-at" type="datetime-local" name="at"/>
            <button class="button" type="submit" name="until" value="at">"Put off"</button>
        </QuickForm>
    }
    .into_any();
    view! { <Fold name="follow-up" title="Follow up" opens=may_update && ticket.status.is_open() form>{off}</Fold> }
}

#[component]
pub fn Links(id: TicketId, links: Vec<Link>, merged: Vec<TicketRef>, may_update: bool) -> impl IntoView {
    let count = (!links.is_empty()).then(|| links.len().to_string());
    let kinds = [
        (LinkType::Related, "Related to"),
        (LinkType::Blocks, "Blocks"),
        (LinkType::BlockedBy, "Blocked by"),
        (LinkType::Duplicate, "Duplicate of"),
    ];
    let form = view! {
        <QuickForm endpoint="link_tickets" done="Linked.">
            <Hidden name="id" value=id.to_string()/>
            <label for="link-type">"This ticket"</label>
            <select id="link-type" name="link_type">
                {kinds.map(|(kind, label)| view! { <option value=kind.as_str()>{label}</option> }).collect_view()}
            </select>
            <label for="link-ticket">"Number"</label>
            <input id="link-ticket" name="ticket" required placeholder="TKT-2026-0001" autocomplete="off" maxlength="30"/>
            <button class="button" type="submit">"Link"</button>
        </QuickForm>
    }
    .into_any();
    let rows = links
        .into_iter()
        .map(|link| {
            let (label, word, other) = (link.label(), link.link_type, link.ticket);
            let undo = Undo {
                endpoint: "link_tickets",
                fields: vec![
                    ("id", id.to_string()),
                    ("link_type", word.to_string()),
                    ("ticket", other.ticket_number.to_string()),
                ],
            };
            let cross = may_update.then(|| view! {
                <TakeAway endpoint="unlink_tickets" id name="link" value=link.id.to_string()
                    label=format!("Take the link to {} away", other.ticket_number) done="Link taken away." undo/>
            });
            view! { <li class="kept__row"><span class="kept__text"><small>{label}</small><Named ticket=other/></span>{cross}</li> }
        })
        .collect_view();
    let merged = merged
        .into_iter()
        .map(|source| {
            let back = may_update.then(|| view! {
                <QuickForm endpoint="unmerge_ticket" class="quick--inline" done="Unmerged.">
                    <Hidden name="id" value=source.id.to_string()/>
                    <button class="button button--ghost" type="submit">"Unmerge"</button>
                </QuickForm>
            });
            view! {
                <li class="kept__row"><span class="kept__text"><small>"Merged into this"</small>
                    <span class="kept__ticket"><span class="num">{source.ticket_number.to_string()}</span>" "{source.subject}</span></span>{back}</li>
            }
        })
        .collect_view();
    view! { <Fold name="links" title="Links" count opens=may_update form><ul class="kept__list">{rows}{merged}</ul></Fold> }
}

#[component]
fn Named(ticket: TicketRef) -> impl IntoView {
    view! {
        <a class="kept__ticket" href=format!("/tickets/{}", ticket.ticket_number)>
            <StatusBadge status=ticket.status/>" "<span class="num">{ticket.ticket_number.to_string()}</span>" "{ticket.subject}
        </a>
    }
    .into_any()
}

#[component]
pub fn Checklist(id: TicketId, items: Vec<ChecklistItem>, may_update: bool) -> impl IntoView {
    let done = items.iter().filter(|item| item.done_at.is_some()).count();
    let count = (!items.is_empty()).then(|| format!("{done} of {}", items.len()));
    let form = view! {
        <QuickForm endpoint="add_checklist_items">
            <Hidden name="id" value=id.to_string()/>
            <label for="checklist-text">"One a line"</label>
            <textarea id="checklist-text" name="text" rows="2" required></textarea>
            <button class="button" type="submit">"Add"</button>
        </QuickForm>
    }
    .into_any();
    let rows = items
        .into_iter()
        .map(|item| {
            let ticked = item.done_at.is_some();
            let (text, name) = (item.text.clone(), item.text.clone());
            let by = item.done_by.map(|name| format!("Done by {name}"));
            let undo = Undo { endpoint: "add_checklist_items", fields: vec![("id", id.to_string()), ("text", item.text.clone())] };
            view! {
                <li class="kept__row">
                    <QuickForm endpoint="tick_checklist_item" class="quick--inline">
                        <Hidden name="id" value=id.to_string()/>
                        <Hidden name="item" value=item.id.to_string()/>
                        <Hidden name="done" value=(!ticked).to_string()/>
                        <button class="tick" type="submit" role="checkbox" aria-checked=ticked.to_string() disabled=!may_update title=by aria-label=name>
                            <Icon icon=Icon::Check/>
                        </button>
                    </QuickForm>
                    <span class="kept__text" class:kept__text--done=ticked>{text}</span>
                    {may_update.then(|| view! {
                        <TakeAway endpoint="remove_checklist_item" id name="item" value=item.id.to_string() label=format!("Take “{}” away", item.text) done="Item taken away." undo/>
                    })}
                </li>
            }
        })
        .collect_view();
    view! { <Fold name="checklist" title="Checklist" count opens=may_update form><ul class="kept__list">{rows}</ul></Fold> }
}

#[component]
pub fn Watchers(
    id: TicketId,
    watchers: Vec<Person>,
    ccs: Vec<String>,
    people: Vec<Person>,
    may_update: bool,
    is_muted: bool,
) -> impl IntoView {
    let mail = use_viewer().map(|viewer| viewer.email).unwrap_or_default();
    let me = people.iter().find(|person| person.email == mail).map(|person| person.id);
    let watching = watchers.iter().any(|person| person.email == mail);
    let own = me.map(|me| {
        let (endpoint, label) = if watching { ("remove_watcher", "Stop watching") } else { ("add_watcher", "Watch") };
        view! {
            <QuickForm endpoint>
                <Hidden name="id" value=id.to_string()/>
                <Hidden name="user_id" value=me.to_string()/>
                <button class="button" type="submit">{label}</button>
            </QuickForm>
        }
    });
    let others = people
        .into_iter()
        .filter(|person| !watchers.iter().any(|watcher| watcher.id == person.id))
        .map(|person| view! { <option value=person.id.to_string()>{person.name}</option> })
        .collect_view();
    let mutes = if is_muted { "Hear of this ticket again" } else { "Hear only when I am mentioned" };
    let form = view! {
        {own}
        <QuickForm endpoint="mute_ticket">
            <Hidden name="id" value=id.to_string()/>
            <Hidden name="muted" value=(!is_muted).to_string()/>
            <button class="button" type="submit"><Icon icon=Icon::Bell/>{mutes}</button>
        </QuickForm>
        <QuickForm endpoint="add_watcher">
            <Hidden name="id" value=id.to_string()/>
            <label for="watcher">"A colleague"</label>
            <select id="watcher" name="user_id">{others}</select>
            <button class="button" type="submit">"Add"</button>
        </QuickForm>
        <QuickForm endpoint="add_cc" done="Gets copies of the replies.">
            <Hidden name="id" value=id.to_string()/>
            <label for="cc">"Copy of replies to"</label>
            <input id="cc" type="email" name="email" required maxlength="254" autocomplete="off"/>
            <button class="button" type="submit">"Add"</button>
        </QuickForm>
    }
    .into_any();
    let count = watchers.len() + ccs.len();
    let count = (count > 0).then(|| count.to_string());
    let rows = watchers
        .into_iter()
        .map(|person| view! {
            <li class="kept__row"><Icon icon=Icon::Eye/><span class="kept__text">{person.name.clone()}</span>
                {may_update.then(|| view! { <TakeAway endpoint="remove_watcher" id name="user_id" value=person.id.to_string() label=format!("{} no longer watches", person.name)/> })}
            </li>
        })
        .collect_view();
    let copies = ccs
        .into_iter()
        .map(|email| view! {
            <li class="kept__row"><Icon icon=Icon::Mail/><span class="kept__text">{email.clone()}</span>
                {may_update.then(|| view! { <TakeAway endpoint="remove_cc" id name="email" value=email.clone() label=format!("No more copies to {email}")/> })}
            </li>
        })
        .collect_view();
    view! { <Fold name="watchers" title="Watchers" count opens=may_update form><ul class="kept__list">{rows}{copies}</ul></Fold> }
}

#[component]
pub fn TimeSpent(id: TicketId, entries: Vec<TimeEntry>, minutes: i64, may_update: bool) -> impl IntoView {
    let count = (minutes > 0).then(|| show_minutes(minutes));
    let form = view! {
        <QuickForm endpoint="add_time_entry" done="Noted.">
            <Hidden name="id" value=id.to_string()/>
            <label for="time">"How long"</label>
            <input id="time" name="time" required placeholder="45m, 1h 30m" autocomplete="off" maxlength="20"/>
            <label for="time-note">"For what"</label>
            <input id="time-note" name="note" maxlength="300"/>
            <button class="button" type="submit">"Add"</button>
        </QuickForm>
    }
    .into_any();
    let rows = entries
        .into_iter()
        .take(10)
        .map(|entry| {
            let what = entry.note.map(|note| format!(" · {note}")).unwrap_or_default();
            view! {
                <li class="kept__row">
                    <span class="kept__text">{show_minutes(entry.minutes.into())}" · "{entry.person}<small>{entry.spent_on}{what}</small></span>
                    {(may_update && entry.may_delete).then(|| view! { <TakeAway endpoint="remove_time_entry" id name="entry" value=entry.id.to_string() label="Take this time away"/> })}
                </li>
            }
        })
        .collect_view();
    view! { <Fold name="time" title="Time" count opens=may_update form><ul class="kept__list">{rows}</ul></Fold> }
}

/// The ways a ticket ends that are not its status: it goes on in another, or it goes away.
#[component]
pub fn Ending(ticket: Ticket, may: Abilities) -> impl IntoView {
    let id = ticket.id.to_string();
    let merge = may.update.then(|| {
        view! {
            <details class="fold" data-fold="merge">
                <summary><h2>"Merge into another ticket"</h2><Icon icon=Icon::Merge/></summary>
                <QuickForm endpoint="merge_tickets">
                    <Hidden name="id" value=id.clone()/>
                    <label for="merge-into">"Number of the ticket that goes on"</label>
                    <input id="merge-into" name="into" required placeholder="TKT-2026-0001" autocomplete="off" maxlength="30"/>
                    <p class="field__hint">"Its requester is answered under their own number. You can unmerge."</p>
                    <button class="button" type="submit">"Merge"</button>
                </QuickForm>
            </details>
        }
    });
    let undo = Undo { endpoint: "restore_ticket", fields: vec![("id", ticket.id.to_string())] };
    let delete = (may.delete && ticket.deleted.is_none()).then(|| {
        view! {
            <details class="fold" data-closes="" data-fold="delete">
                <summary><h2>"Delete"</h2><Icon icon=Icon::Bin/></summary>
                <QuickForm endpoint="delete_ticket" done="Deleted." undo=Some(undo)>
                    <Hidden name="id" value=ticket.id.to_string()/>
                    <label for="delete-reason">"Why"</label>
                    <input id="delete-reason" name="reason" required maxlength=REASON_MAX/>
                    <button class="button" type="submit">"Delete"</button>
                </QuickForm>
            </details>
        }
    });
    view! { <section class="kept" aria-label="More">{merge}{delete}</section> }.into_any()
}
