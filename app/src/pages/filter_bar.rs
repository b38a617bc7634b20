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
    FILTER_KEYS, NotAFilter, TicketColumn, TicketFilter, TicketGrouping, TicketPriority, TicketSort, TicketStatus,
    list_filter, token_value, with_token,
};
use oxdesk::views::{Audiences, FIXED_VIEWS, NAME_MAX, Rail, SavedView, queue_bar};

/// What the address says of the list: the bar's text and the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    pub text: String,
    pub sort: TicketSort,
    /// What each row shows beside what every row shows.
    pub columns: Vec<TicketColumn>,
    pub group: Option<TicketGrouping>,
    /// The list stands beside this ticket; beside none yet when empty.
    pub open: Option<String>,
}

impl Bar {
    /// An order it does not know is the usual one: an old link still opens.
    pub fn of(query: &ParamsMap) -> Self {
        let sort = query.get("sort").and_then(|word| word.parse().ok()).unwrap_or(TicketSort::Due);
        let columns = query.get("cols").map(|words| words.split(',').filter_map(|word| word.parse().ok()).collect());
        Self {
            text: query.get("q").unwrap_or_default().trim().to_owned(),
            sort,
            columns: columns.unwrap_or_else(|| TicketColumn::USUAL.to_vec()),
            group: query.get("group").and_then(|word| word.parse().ok()),
            open: query.get("open"),
        }
    }

    /// What the list asks for, and the tokens that mean nothing.
    pub fn filter(&self) -> (TicketFilter, Vec<NotAFilter>) {
        let (filter, wrong) = list_filter(&self.text);
        (TicketFilter { sort: Some(self.sort), ..filter }, wrong)
    }

    pub fn title(&self) -> String {
        let fixed = FIXED_VIEWS.iter().find(|(_, bar)| *bar == self.text);
        let queue = token_value(&self.text, "queue").filter(|name| self.text == queue_bar(name));
        fixed.map(|(name, _)| *name).or(queue).map_or_else(|| self.text.clone(), str::to_owned)
    }

    pub fn href(&self) -> String {
        let mut query = ParamsMap::new();
        query.insert("q", self.text.clone());
        query.insert("sort", self.sort.to_string());
        if self.columns != TicketColumn::USUAL {
            query.insert("cols", words(&self.columns));
        }
        if let Some(group) = self.group {
            query.insert("group", group.to_string());
        }
        if let Some(open) = &self.open {
            query.insert("open", open.clone());
        }
        format!("/tickets{}", query.to_query_string())
    }

    /// The same list for another text.
    fn with_text(&self, text: String) -> Self {
        Self { text, ..self.clone() }
    }

    /// Where a row leads: its ticket's page, or the ticket beside this list.
    pub fn ticket_href(&self, number: &str) -> String {
        match &self.open {
            Some(_) => Self { open: Some(number.to_owned()), ..self.clone() }.href(),
            None => format!("/tickets/{number}"),
        }
    }

    /// The list with one token more.
    pub fn narrowed(&self, key: &str, value: &str) -> String {
        Self { group: None, ..self.with_text(with_token(&self.text, key, Some(value))) }.href()
    }
}

/// Columns as the address has them.
fn words(columns: &[TicketColumn]) -> String {
    columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(",")
}

/// The address of a saved view.
pub fn view_href(view: &SavedView) -> String {
    let columns = if view.columns.is_empty() { TicketColumn::USUAL.to_vec() } else { view.columns.clone() };
    Bar { text: view.bar.clone(), sort: view.sort, columns, group: view.group_by, open: None }.href()
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
    let kept = [
        ("cols", (bar.columns != TicketColumn::USUAL).then(|| words(&bar.columns))),
        ("group", bar.group.map(|group| group.to_string())),
        ("open", bar.open.clone()),
    ];
    let kept = kept
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| view! { <input type="hidden" name=name value=value/> }));
    let kept = kept.collect_view();
    view! {
        <div class="filters">
            <Form method="GET" action="/tickets" attr:class="filters__form">
                <Icon icon=Icon::Filter/>
                <input class="filters__field" type="search" name="q" value=text.clone() prop:value=text aria-label="Filter" placeholder=example maxlength="500" spellcheck="false" autocomplete="off"/>
                <input type="hidden" name="sort" value=sort/>
                {kept}
            </Form>
            <Chip name="filter-status" label="Status" value=status_label(&filter) choices=statuses(&bar)/>
            <Chip name="filter-priority" label="Priority" value=priority_label(&filter) choices=priorities(&bar)/>
            <Chip name="filter-assignee" label="Assignee" value=assignee_label(&bar) choices=assignees(&bar)/>
            <Chip name="filter-sort" label="Sort" value=sort_label(bar.sort).to_owned() choices=sorts(&bar)/>
            <Chip name="filter-group" label="Group" value=bar.group.map_or("none", TicketGrouping::label).to_owned() choices=groups(&bar)/>
            <Chip name="filter-columns" label="Columns" value=bar.columns.len().to_string() choices=columns(&bar)/>
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
    let columns = words(&bar.columns);
    let group = bar.group.map(|group| group.to_string()).unwrap_or_default();
    let choices = audience_choices(use_viewer().map(|viewer| viewer.audiences).unwrap_or_default());
    view! {
        <Menu name="save-view" button=face class="chip">
            <ActionForm action=save attr:class="menu__form">
                <input type="hidden" name="bar" value=text/>
                <input type="hidden" name="sort" value=sort/>
                <input type="hidden" name="columns" value=columns/>
                <input type="hidden" name="group_by" value=group/>
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

pub fn audience_choices(audiences: Audiences) -> Vec<(String, String)> {
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
    let link = |(label, value): (&str, Option<&str>)| {
        (label.to_owned(), bar.with_text(with_token(&bar.text, key, value)).href())
    };
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
    let sorted = |sort: &TicketSort| (sort_label(*sort).to_owned(), Bar { sort: *sort, ..bar.clone() }.href());
    TicketSort::ALL.iter().map(sorted).collect()
}

fn groups(bar: &Bar) -> Vec<(String, String)> {
    let grouped = |group: Option<TicketGrouping>| {
        let label = group.map_or("None", TicketGrouping::label);
        (label.to_owned(), Bar { group, ..bar.clone() }.href())
    };
    std::iter::once(None).chain(TicketGrouping::ALL.iter().copied().map(Some)).map(grouped).collect()
}

/// Each column shows or hides itself.
fn columns(bar: &Bar) -> Vec<(String, String)> {
    let toggled = |column: &TicketColumn| {
        let shown = bar.columns.contains(column);
        let with = |other: &&TicketColumn| (**other == *column) != bar.columns.contains(other);
        let columns = TicketColumn::ALL.iter().filter(with).copied().collect();
        let label = format!("{}{}", if shown { "✓ " } else { "\u{2003}" }, column.label());
        (label, Bar { columns, ..bar.clone() }.href())
    };
    TicketColumn::ALL.iter().map(toggled).collect()
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
        Bar {
            text: text.to_owned(),
            sort: TicketSort::Due,
            columns: TicketColumn::USUAL.to_vec(),
            group: None,
            open: None,
        }
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
    fn a_column_toggles_itself_and_the_order_is_always_the_same() {
        let columns: Vec<_> =
            columns(&bar("")).into_iter().map(|(label, href)| (label, href.contains("cols="))).collect();
        assert_eq!(columns[0].0, "✓ Tags");
        assert!(columns.iter().all(|(_, differs)| *differs));
        let more = Bar { columns: vec![TicketColumn::Tags, TicketColumn::Queue], ..bar("") };
        assert!(
            super::columns(&more).iter().any(|(_, href)| href.ends_with("cols=tags%2Cqueue%2Cdue")),
            "{:?}",
            super::columns(&more)
        );
    }

    #[test]
    fn a_bar_is_its_address() {
        let text = "due:<2h \"a & b\" status:new";
        let bar = |text: &str| Bar {
            columns: vec![TicketColumn::Queue],
            group: Some(TicketGrouping::Status),
            open: Some("TKT-2026-0001".into()),
            ..bar(text)
        };
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
