//! Macros, mentions and changes to many tickets.

use oxdesk::macros::{Applied, NewMacro, commands, queries};
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::{
    BULK_MAX, InternalNote, PublicReply, TicketFilter, TicketPatch, TicketPriority, TicketStatus, commands as tickets,
    queries as ticket_queries,
};
use oxdesk::{Error, Result};
use uuid::Uuid;

fn wrong<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(fields)) => fields.into_keys().collect(),
        other => panic!("{other:?}"),
    }
}

fn hello() -> NewMacro {
    NewMacro {
        name: "Hello".into(),
        body: "Hello {{requester.first_name}}, {{ticket.number}} is mine. {{agent.name}}".into(),
        status: Some("WAITING".into()),
        priority: Some("HIGH".into()),
        assign_to_me: true,
        tags: vec!["greeted".into()],
        ..NewMacro::default()
    }
}

#[tokio::test]
async fn a_macro_writes_its_text_and_does_what_it_says() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let made = ticket(&desk, &marta, "VPN").await;
    let id = commands::save_macro(&desk, &ana, hello()).await.unwrap();
    let applied = commands::apply_macro(&desk, &ana, made.id, id).await.unwrap();
    let text = format!("Hello marta, {} is mine. ana", made.ticket_number);
    assert_eq!(applied, Applied { text, then: Some(TicketStatus::Waiting) });
    let seen = ticket_queries::ticket(&desk, &ana, made.id).await.unwrap();
    assert_eq!(
        (seen.priority, seen.status),
        (TicketPriority::High, TicketStatus::New),
        "the status comes with sending"
    );
    assert_eq!((seen.assignee.unwrap().name.as_str(), seen.tags), ("ana", vec!["greeted".to_owned()]));
    assert!(commands::apply_macro(&desk, &ana, made.id, id).await.is_ok(), "twice changes nothing more");

    assert_eq!(queries::list_macros(&desk, &ben).await.unwrap(), [], "it is Ana's alone");
    assert_eq!(commands::apply_macro(&desk, &ben, made.id, id).await, Err(Error::NotFound));
    assert_eq!(commands::delete_macro(&desk, &ben, id).await, Err(Error::NotFound));
    commands::delete_macro(&desk, &ana, id).await.unwrap();
}

#[tokio::test]
async fn a_macro_that_means_nothing_is_refused_and_sharing_is_for_some() {
    let desk = desk().await;
    let (ana, mona) = (person(&desk, "ana", "AGENT").await, person(&desk, "mona", "IT_MANAGER").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let bad = NewMacro { body: "{{nonsense}}".into(), priority: Some("BLUE".into()), name: " ".into(), ..hello() };
    assert_eq!(wrong(commands::save_macro(&desk, &ana, bad).await), ["body", "name", "priority"]);
    let idle = NewMacro { name: "Idle".into(), ..NewMacro::default() };
    assert_eq!(wrong(commands::save_macro(&desk, &ana, idle).await), ["body"]);
    let shared = NewMacro { is_shared: true, ..hello() };
    assert_eq!(commands::save_macro(&desk, &ana, shared.clone()).await, Err(Error::Forbidden));
    assert_eq!(commands::save_macro(&desk, &marta, hello()).await, Err(Error::Forbidden));
    let id = commands::save_macro(&desk, &mona, shared.clone()).await.unwrap();
    assert_eq!(commands::save_macro(&desk, &mona, shared).await, Ok(id), "the same name again replaces it");
    let seen = queries::list_macros(&desk, &ana).await.unwrap();
    assert!(seen.len() == 1 && !seen[0].may_edit && seen[0].is_shared, "{seen:?}");
    for index in 0..100 {
        let new = NewMacro { name: format!("Mine {index}"), ..hello() };
        commands::save_macro(&desk, &ana, new).await.unwrap();
    }
    assert_eq!(wrong(commands::save_macro(&desk, &ana, hello()).await), ["name"]);
}

#[tokio::test]
async fn whoever_is_mentioned_watches_and_hears_of_it() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    let note = InternalNote::parse("@ben and @marta, please look at mail@ana.example").unwrap();
    tickets::add_note(&desk, &ana, id, note, vec![]).await.unwrap();
    let (watchers, _) = ticket_queries::watchers(&desk, &ana, id).await.unwrap();
    assert_eq!(watchers.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["ben"]);
    let page = format!("{:?}", ticket_queries::ticket_page(&desk, &ana, id).await.unwrap());
    assert!(page.contains("class=\\\"mention\\\">@ben<"), "{page}");
    let events: Vec<Uuid> =
        sqlx::query_scalar("SELECT id FROM events WHERE kind = 'ticket.noted'").fetch_all(&desk.db).await.unwrap();
    for event in events {
        oxdesk::notifications::commands::notify_of_event(&desk, event).await.unwrap();
    }
    let told: Vec<(String, String)> = sqlx::query_as("SELECT type, message FROM notifications WHERE user_id = $1")
        .bind(ben.user_id)
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert_eq!(told, [("MENTION".to_owned(), "ana mentioned you".to_owned())]);

    // A requester does not call agents by name.
    tickets::add_reply(&desk, &marta, id, PublicReply::parse("@ana hello?").unwrap(), None, vec![]).await.unwrap();
    assert_eq!(ticket_queries::watchers(&desk, &ana, id).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn a_change_to_many_says_which_ones_refused_it_and_why() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let mut ids = Vec::new();
    for subject in ["one", "two", "three"] {
        ids.push(ticket(&desk, &marta, subject).await.id);
    }
    let status = |status| TicketPatch {
        status: Some(status),
        cancel_reason: Some("Sent twice".into()),
        ..TicketPatch::default()
    };
    tickets::update_tickets(&desk, &ana, &ids[..1], &status(TicketStatus::Cancelled)).await.unwrap();
    let secret = ticket(&desk, &marta, "secret").await.id;
    let queue: Uuid = sqlx::query_scalar("INSERT INTO queues (name) VALUES ('Secrets') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    sqlx::query("UPDATE tickets SET queue_id = $1 WHERE id = $2")
        .bind(queue)
        .bind(secret)
        .execute(&desk.db)
        .await
        .unwrap();
    ids.push(secret);
    let outcome = tickets::update_tickets(&desk, &ana, &ids, &status(TicketStatus::Waiting)).await.unwrap();
    assert_eq!(outcome.changed, 2);
    let told: Vec<_> = outcome.refused.iter().map(|refused| refused.ticket.is_some()).collect();
    assert_eq!(told, [true, false], "{outcome:?}");
    let left = ticket_queries::ticket(&desk, &mona, secret).await.unwrap();
    assert_eq!(left.status, TicketStatus::New);

    let many = vec![ids[0]; BULK_MAX + 1];
    assert_eq!(wrong(tickets::update_tickets(&desk, &ana, &many, &status(TicketStatus::Waiting)).await), ["ids"]);
    assert_eq!(wrong(tickets::update_tickets(&desk, &ana, &[], &status(TicketStatus::Waiting)).await), ["ids"]);
    assert_eq!(wrong(tickets::update_tickets(&desk, &ana, &ids, &TicketPatch::default()).await), ["ids"]);
    let by_marta = tickets::update_tickets(&desk, &marta, &ids, &status(TicketStatus::Waiting)).await;
    assert_eq!(by_marta, Err(Error::Forbidden));
    let list = ticket_queries::list_tickets(&desk, &ana, &TicketFilter::default(), None, 50).await.unwrap();
    assert_eq!(list.rows.iter().filter(|row| row.status == TicketStatus::Waiting).count(), 2);
}
