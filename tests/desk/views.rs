use oxdesk::Error;
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::{TicketFilter, TicketGrouping, TicketSort, list_filter, queries as ticket_queries};
use oxdesk::views::{NewView, VIEWS_MAX, ViewVisibility, commands, queries};

fn view(name: &str, bar: &str, audience: &str) -> NewView {
    NewView { name: name.into(), bar: bar.into(), sort: None, audience: audience.into(), ..NewView::default() }
}

#[tokio::test]
async fn a_view_is_seen_by_whom_it_was_saved_for_with_its_own_count() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let team: uuid::Uuid = sqlx::query_scalar("INSERT INTO teams (name) VALUES ('Network') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    for member in [&ana, &mona] {
        sqlx::query("INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)")
            .bind(team)
            .bind(member.user_id.unwrap())
            .execute(&desk.db)
            .await
            .unwrap();
    }
    let (ana, mona) = (actor(&desk, ana.user_id.unwrap()).await, actor(&desk, mona.user_id.unwrap()).await);
    for subject in ["VPN drops", "VPN slow", "Printer"] {
        ticket(&desk, &ana, subject).await;
    }
    commands::save_view(&desk, &mona, view("VPN", "vpn status:new", "SHARED")).await.unwrap();
    commands::save_view(&desk, &mona, view("Ours", "assignee:none", &team.to_string())).await.unwrap();
    commands::save_view(&desk, &mona, view("Mine", "assignee:me", "OWN")).await.unwrap();

    let seen = async |who| {
        let rail = queries::rail(&desk, who).await.unwrap();
        rail.saved.into_iter().map(|(view, count)| (view.name, count, view.may_edit)).collect::<Vec<_>>()
    };
    assert_eq!(seen(&mona).await, [("Mine".into(), 0, true), ("Ours".into(), 3, true), ("VPN".into(), 2, true)]);
    assert_eq!(seen(&ana).await, [("Ours".into(), 3, false), ("VPN".into(), 2, false)]);
    assert_eq!(seen(&ben).await, [("VPN".into(), 2, false)]);
    assert_eq!(queries::rail(&desk, &ben).await.unwrap().fixed, [3, 0, 3, 0]);
}

#[tokio::test]
async fn a_view_is_saved_for_others_only_by_those_who_may() {
    let desk = desk().await;
    let (ana, mona) = (person(&desk, "ana", "AGENT").await, person(&desk, "mona", "IT_MANAGER").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let team: uuid::Uuid = sqlx::query_scalar("INSERT INTO teams (name) VALUES ('Network') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let refused = commands::save_view(&desk, &ana, view("For all", "", "SHARED")).await;
    assert_eq!(refused.err(), Some(Error::Forbidden));
    let foreign = commands::save_view(&desk, &ana, view("Theirs", "", &team.to_string())).await;
    assert_eq!(foreign.err(), Some(Error::invalid("audience", "You are not in this team.")));
    assert_eq!(commands::save_view(&desk, &marta, view("Mine", "", "OWN")).await.err(), Some(Error::Forbidden));
    let Err(Error::Invalid(wrong)) = commands::save_view(&desk, &ana, view("", "status:sleeping", "nonsense")).await
    else {
        panic!("accepted")
    };
    assert_eq!(wrong.keys().map(String::as_str).collect::<Vec<_>>(), ["audience", "bar", "name"]);

    let shared = commands::save_view(&desk, &mona, view("For all", "", "SHARED")).await.unwrap();
    assert_eq!(commands::delete_view(&desk, &ana, shared).await.err(), Some(Error::NotFound));
    assert!(commands::delete_view(&desk, &mona, shared).await.is_ok());
}

#[tokio::test]
async fn the_same_name_again_replaces_and_there_is_an_end_to_them() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let first = commands::save_view(&desk, &ana, view("VPN", "vpn", "OWN")).await.unwrap();
    assert_eq!(commands::save_view(&desk, &ana, view("vpn", "vpn priority:high", "OWN")).await, Ok(first));
    let views = queries::list_views(&desk, &actor(&desk, ana.user_id.unwrap()).await).await.unwrap();
    assert_eq!(views.len(), 1);
    assert_eq!((views[0].bar.as_str(), views[0].visibility), ("vpn priority:high", ViewVisibility::Own));
    for number in 1..VIEWS_MAX {
        commands::save_view(&desk, &ana, view(&format!("View {number}"), "", "OWN")).await.unwrap();
    }
    assert!(matches!(commands::save_view(&desk, &ana, view("One more", "", "OWN")).await, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_view_that_could_not_be_counted_is_not_saved() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    for bar in ["x".repeat(300), format!("queue:{}", "x".repeat(300)), "tag:a\u{0}b".to_owned()] {
        let Err(Error::Invalid(wrong)) = commands::save_view(&desk, &mona, view("Broken", &bar, "SHARED")).await else {
            panic!("saved: {bar}")
        };
        assert!(wrong.contains_key("bar"), "{wrong:?}");
    }
    assert!(queries::rail(&desk, &mona).await.is_ok());
}

#[tokio::test]
async fn many_filters_together_find_the_same_in_any_order_and_page_by_page() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let scale = oxdesk::seed::scale::Scale { tickets: 3000, users: 20, seed: 7 };
    oxdesk::seed::scale::seed(&desk, scale).await.unwrap();
    let page = |bar: &'static str, sort, after: Option<String>| {
        let (desk, mona) = (desk.clone(), mona.clone());
        async move {
            let filter = TicketFilter { sort: Some(sort), ..list_filter(bar).0 };
            ticket_queries::list_tickets(&desk, &mona, &filter, after.as_deref(), 5).await.unwrap()
        }
    };
    let bar = "priority:low,medium,high source:email,form created:<30d";
    let mut walked = Vec::new();
    let mut after = None;
    loop {
        let list = page(bar, TicketSort::Due, after).await;
        walked.extend(list.rows.into_iter().map(|row| row.id));
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    let mut others = Vec::new();
    let mut after = None;
    loop {
        let list = page(bar, TicketSort::Created, after).await;
        others.extend(list.rows.into_iter().map(|row| row.id));
        after = list.next;
        if after.is_none() {
            break;
        }
    }
    assert!(walked.len() > 20, "{}", walked.len());
    walked.sort();
    others.sort();
    assert_eq!(walked, others);
}

#[tokio::test]
async fn a_list_is_grouped_and_each_group_shows_its_first() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let scale = oxdesk::seed::scale::Scale { tickets: 6000, users: 20, seed: 7 };
    oxdesk::seed::scale::seed(&desk, scale).await.unwrap();
    let filter = TicketFilter { sort: Some(TicketSort::Due), ..list_filter("").0 };
    let groups = ticket_queries::group_tickets(&desk, &mona, &filter, TicketGrouping::Priority).await.unwrap();
    let labels: Vec<_> = groups.iter().map(|group| (group.label.as_str(), group.more)).collect();
    assert_eq!(labels, [("Critical", true), ("High", true), ("Medium", true), ("Low", true)]);
    for group in &groups {
        assert_eq!(group.rows.len(), 20);
        assert!(group.rows.iter().all(|row| row.priority.to_string() == group.token.1 && row.status.is_open()));
        assert!(group.rows.is_sorted_by_key(|row| row.due_at));
    }
    let by_queue = ticket_queries::group_tickets(&desk, &mona, &filter, TicketGrouping::Queue).await.unwrap();
    assert_eq!(by_queue.last().unwrap().label, "No queue");
    let marta = person(&desk, "marta", "END_USER").await;
    assert_eq!(ticket_queries::group_tickets(&desk, &marta, &filter, TicketGrouping::Status).await, Ok(vec![]));
}
