//! Teams and their people.

use super::queues::Members;
use super::{Arrangement, arranged_page};
use crate::functions::arranging::Arranged;
use crate::ui::{EmptyState, Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::people::Team;
use oxdesk::queues::TeamDetail;

#[component]
pub fn Teams() -> impl IntoView {
    arranged_page("Teams", "People who work together. A view can be saved for a team.", show)
}

fn show(arranged: Arranged) -> AnyView {
    let may = arranged.may_manage_queues;
    let people = arranged.people;
    let row = |team: TeamDetail| {
        let (id, people) = (team.team.id.to_string(), people.clone());
        let says = match team.members.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        };
        view! {
            <Arrangement name=team.team.name.clone() says may_change=may form=change(team.team)>
                <Members key="team" id endpoints=("add_team_member", "remove_team_member") members=team.members people may/>
            </Arrangement>
        }
    };
    let list = if arranged.teams.is_empty() {
        view! { <EmptyState title="No teams yet" text="A team is a name and its people."/> }.into_any()
    } else {
        view! { <ul class="panel panel--plain">{arranged.teams.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        {may.then(|| view! { <section><h2>"New team"</h2>{form(None)}</section> })}
    }
    .into_any()
}

fn change(team: Team) -> AnyView {
    let (id, label) = (team.id.to_string(), format!("Delete {}", team.name));
    view! {
        {form(Some(team))}
        <QuickForm endpoint="delete_team" class="quick--inline" done="Deleted.">
            <input type="hidden" name="id" value=id/>
            <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"Delete the team and its views"</button>
        </QuickForm>
    }
    .into_any()
}

fn form(team: Option<Team>) -> AnyView {
    let field = format!("team-{}", team.as_ref().map_or("new".to_owned(), |team| team.id.to_string()));
    view! {
        <QuickForm endpoint="save_team" class="arranged__form" done="Saved.">
            {team.as_ref().map(|team| view! { <input type="hidden" name="id" value=team.id.to_string()/> })}
            <label for=field.clone()>"Name"</label>
            <input id=field name="name" required maxlength="100" value=team.map(|team| team.name)/>
            <button class="button button--primary" type="submit">"Save the team"</button>
        </QuickForm>
    }
    .into_any()
}
