//! The filter bar: typed tokens, and the same tokens as menus. Everything it holds is in the address.

use super::sign_in::{error_of, field_of};
use crate::functions::people::use_viewer;
use crate::functions::views::{DeleteView, SaveView as SaveViewFn};
use crate::layout::use_rail;
use crate::live::use_live;
use crate::ui::{Field, FormError, Icon, Menu, Select, SubmitButton, close_menu, use_toasts};
use leptos::prelude::*;
use leptos_router::components::Form;
use leptos_router::params::ParamsMap;
use oxdesk::tickets::{
    FILTER_KEYS, NotAFilter, TicketFilter, TicketPriority, TicketSort, TicketStatus, list_filter, token_value,
    with_token,
};
use oxdesk::views::{Audiences, FIXED_VIEWS, NAME_MAX, Rail};

/// What the address says of the list: the bar's text and the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub text: String,
    pub sort: TicketSort,
}

impl Bar {
    /// An order it does not know is the usual one: an old link still opens.
    pub fn of(query: &ParamsMap) -> Self {
        let sort = query.get("sort").and_then(|word| word.parse().ok()).unwrap_or(TicketSort::Due);
        Self { text: query.get("q").unwrap_or_default().trim().to_owned(), sort }
    }

    /// What the list asks for, and the tokens that mean nothing.
    pub fn filter(&self) -> (TicketFilter, Vec<NotAFilter>) {
        let (filter, wrong) = list_filter(&self.text);
        (TicketFilter { sort: Some(self.sort), ..filter }, wrong)
    }

    pub fn title(&self) -> String {
        let fixed = FIXED_VIEWS.iter().find(|(_, bar)| *bar == self.text);
        fixed.map_or_else(|| self.text.clone(), |(name, _)| (*name).to_owned())
    }

    pub fn href(&self) -> String {
        href(&self.text, self.sort)
    }
}

/// The list's address for a bar.
pub fn href(text: &str, sort: TicketSort) -> String {
    let mut query = ParamsMap::new();
    query.insert("q", text.to_owned());
    query.insert("sort", sort.to_string());
    format!("/tickets{}", query.to_query_string())
}

#[component]
pub fn FilterBar(bar: Bar) -> impl IntoView {
    let (filter, wrong) = bar.filter();
    let example = FILTER_KEYS.iter().take(4).map(|(_, example)| *example).collect::<Vec<_>>().join("  ");
    let wrong =
        wrong.into_iter().map(|wrong| view! { <p><b>{wrong.token}</b>" is no filter. "{wrong.why}</p> }).collect_view();
    let (text, sort) = (bar.text.clone(), bar.sort.to_string());
    view! {
        <div class="filters">
            <Form method="GET" action="/tickets" attr:class="filters__form">
                <Icon icon=Icon::Filter/>
                <input class="filters__field" type="search" name="q" value=text.clone() prop:value=text aria-label="Filter" placeholder=example maxlength="500" spellcheck="false" autocomplete="off"/>
                <input type="hidden" name="sort" value=sort/>
            </Form>
            <Chip name="filter-status" label="Status" value=status_label(&filter) choices=statuses(&bar)/>
            <Chip name="filter-priority" label="Priority" value=priority_label(&filter) choices=priorities(&bar)/>
            <Chip name="filter-assignee" label="Assignee" value=assignee_label(&bar) choices=assignees(&bar)/>
            <Chip name="filter-sort" label="Sort" value=sort_label(bar.sort).to_owned() choices=sorts(&bar)/>
            <SaveView bar/>
        </div>
        <div class="filters__wrong" role="status">{wrong}</div>
    }
    .into_any()
}

/// Keeps the bar under a name, or forgets the saved view that is shown.
#[component]
fn SaveView(bar: Bar) -> impl IntoView {
    let (save, delete, rail, live, toasts) =
        (ServerAction::<SaveViewFn>::new(), ServerAction::<DeleteView>::new(), use_rail(), use_live(), use_toasts());
    let error = error_of(save);
    Effect::new(move |_| {
        if save.value().get().is_some_and(|result| result.is_ok()) {
            live.bump();
            close_menu("save-view");
            toasts.say("Saved.");
        }
    });
    Effect::new(move |_| {
        if delete.value().get().is_some_and(|result| result.is_ok()) {
            live.bump();
            close_menu("save-view");
            toasts.say("Deleted.");
        }
    });
    let face = view! { <span class="chip__name">"Save as view"</span> }.into_any();
    let (text, sort) = (bar.text.clone(), bar.sort.to_string());
    let choices = audience_choices(use_viewer().map(|viewer| viewer.audiences).unwrap_or_default());
    view! {
        <Menu name="save-view" button=face class="chip">
            <ActionForm action=save attr:class="menu__form">
                <input type="hidden" name="bar" value=text/>
                <input type="hidden" name="sort" value=sort/>
                <Field name="name" label="Name" maxlength=NAME_MAX error=field_of(error, "name")/>
                <FormError error=error fields=&["name"]/>
                <Select name="audience" label="For" options=choices/>
                <SubmitButton label="Save the view" pending=save.pending()/>
            </ActionForm>
            <Transition fallback=|| ()>
                {move || {
                    let bar = bar.clone();
                    Suspend::new(async move {
                        let rail = rail.await.unwrap_or_default();
                        shown(&rail, &bar).map(|(id, name)| view! {
                            <hr class="menu__line"/>
                            <ActionForm action=delete>
                                <input type="hidden" name="id" value=id/>
                                <button class="menu__item" type="submit"><Icon icon=Icon::Cross/>"Delete “"{name}"”"</button>
                            </ActionForm>
                        })
                    })
                }}
            </Transition>
        </Menu>
    }
    .into_any()
}

fn audience_choices(audiences: Audiences) -> Vec<(String, String)> {
    let own = std::iter::once(("OWN".to_owned(), "Only me".to_owned()));
    let teams = audiences.teams.into_iter().map(|team| (team.id.to_string(), format!("Team {}", team.name)));
    let everyone = audiences.everyone.then(|| ("SHARED".to_owned(), "Everyone".to_owned()));
    own.chain(teams).chain(everyone).collect()
}

/// The saved view that the bar shows, if it may be deleted: id and name.
fn shown(rail: &Rail, bar: &Bar) -> Option<(String, String)> {
    let view = rail.saved.iter().map(|(view, _)| view).find(|view| view.bar == bar.text && view.may_edit)?;
    Some((view.id.to_string(), view.name.clone()))
}

/// One filter as a menu of links: label and address.
#[component]
fn Chip(name: &'static str, label: &'static str, value: String, choices: Vec<(String, String)>) -> impl IntoView {
    let face = view! { <span class="chip__name">{label}</span>" "<span class="chip__value">{value}</span> }.into_any();
    view! {
        <Menu name button=face class="chip">
            {choices.into_iter().map(|(label, href)| view! { <a class="menu__item" href=href>{label}</a> }).collect_view()}
        </Menu>
    }
    .into_any()
}

fn token_links(bar: &Bar, key: &str, choices: Vec<(&str, Option<&str>)>) -> Vec<(String, String)> {
    let link =
        |(label, value): (&str, Option<&str>)| (label.to_owned(), href(&with_token(&bar.text, key, value), bar.sort));
    choices.into_iter().map(link).collect()
}

fn statuses(bar: &Bar) -> Vec<(String, String)> {
    let fixed = [("Open", Some("open")), ("Any status", Some("any"))];
    token_links(
        bar,
        "status",
        fixed.into_iter().chain(TicketStatus::ALL.iter().map(|s| (s.label(), Some(s.as_str())))).collect(),
    )
}

fn priorities(bar: &Bar) -> Vec<(String, String)> {
    let all = TicketPriority::ALL.iter().rev().map(|priority| (priority.label(), Some(priority.as_str())));
    token_links(bar, "priority", std::iter::once(("Any priority", None)).chain(all).collect())
}

fn assignees(bar: &Bar) -> Vec<(String, String)> {
    token_links(bar, "assignee", vec![("Anyone", None), ("Me", Some("me")), ("Nobody", Some("none"))])
}

fn sorts(bar: &Bar) -> Vec<(String, String)> {
    TicketSort::ALL.iter().map(|sort| (sort_label(*sort).to_owned(), href(&bar.text, *sort))).collect()
}

fn status_label(filter: &TicketFilter) -> String {
    match filter.status.as_slice() {
        [] => "any".to_owned(),
        open if open == TicketStatus::OPEN => "open".to_owned(),
        some => some.iter().map(|status| status.label()).collect::<Vec<_>>().join(", "),
    }
}

fn priority_label(filter: &TicketFilter) -> String {
    match filter.priority.as_slice() {
        [] => "any".to_owned(),
        some => some.iter().map(|priority| priority.label()).collect::<Vec<_>>().join(", "),
    }
}

fn assignee_label(bar: &Bar) -> String {
    match token_value(&bar.text, "assignee") {
        None => "anyone".to_owned(),
        Some("none") => "nobody".to_owned(),
        Some(other) => other.to_owned(),
    }
}

fn sort_label(sort: TicketSort) -> &'static str {
    match sort {
        TicketSort::Due => "next deadline",
        TicketSort::Created => "newest",
        TicketSort::Updated => "last change",
        TicketSort::Priority => "priority",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(text: &str) -> Bar {
        Bar { text: text.to_owned(), sort: TicketSort::Due }
    }

    #[test]
    fn a_list_shows_what_is_open_and_a_search_looks_everywhere() {
        assert_eq!(bar("").filter().0.status, TicketStatus::OPEN);
        assert_eq!(bar("priority:high").filter().0.status, TicketStatus::OPEN);
        assert!(bar("printer").filter().0.status.is_empty());
        assert!(bar("status:any").filter().0.status.is_empty());
        assert_eq!(bar("printer status:closed").filter().0.status, [TicketStatus::Closed]);
    }

    #[test]
    fn a_bar_is_its_address() {
        let text = "due:<2h \"a & b\" status:new";
        let address = bar(text).href();
        let query = address.split_once('?').unwrap().1;
        let mut map = ParamsMap::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap();
            map.insert(name.to_owned(), leptos_router::location::Url::unescape(value));
        }
        assert_eq!(Bar::of(&map), bar(text), "{address}");
    }
}
