//! Links in mails: what they open, and what they do not.

use oxdesk::desk::Desk;
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::guest::{Opened, open_link, renew_link};
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket};
use oxdesk::tickets::{
    InternalNote, PublicReply, TicketFilter, TicketId, TicketSource, TicketStatus, commands, queries,
};
use oxdesk::{Actor, Error, Timestamp};

/// A stranger's ticket, and the token of the link that was mailed.
async fn asked(desk: &Desk) -> (TicketId, String) {
    let draft = TicketDraft {
        subject: "The door is stuck".into(),
        description: "North side.".into(),
        requester_email: "Vera@Example.com".into(),
        ..TicketDraft::default()
    };
    let new = check_new_ticket(draft, TicketSource::Form).unwrap();
    let created = commands::create_ticket(desk, &Actor::anonymous(None), new, vec![]).await.unwrap();
    (created.id, newest_link(desk).await)
}

async fn newest_link(desk: &Desk) -> String {
    let body: String = sqlx::query_scalar("SELECT body FROM outbox ORDER BY created_at DESC, id DESC LIMIT 1")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let link = body.split_whitespace().find(|word| word.contains("/portal/link/")).expect("a link");
    link.rsplit('/').next().unwrap().to_owned()
}

async fn guest(desk: &Desk, token: &str) -> Actor {
    match open_link(desk, token).await.unwrap() {
        Opened::Ticket { guest, .. } => *guest,
        Opened::Expired => panic!("expired"),
    }
}

#[tokio::test]
async fn a_link_opens_one_ticket_and_nothing_else() {
    let desk = desk().await;
    let (id, token) = asked(&desk).await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let other = ticket(&desk, &marta, "Someone else's").await;
    let vera = guest(&desk, &token).await;
    assert_eq!(guest(&desk, &token).await, vera, "as often as its holder likes");
    commands::add_note(&desk, &ana, id, InternalNote::parse("canary").unwrap(), vec![]).await.unwrap();

    let page = queries::ticket_page(&desk, &vera, id).await.unwrap();
    assert!(page.may.own && page.may.reply && !page.may.update && !page.may.note && page.bench.is_none());
    assert!(!format!("{page:?}").contains("canary"));
    assert_eq!(queries::ticket(&desk, &vera, other.id).await, Err(Error::NotFound));
    assert_eq!(
        queries::list_tickets(&desk, &vera, &TicketFilter::default(), None, 50).await,
        Err(Error::Unauthenticated)
    );
    assert_eq!(queries::list_queues(&desk, &vera).await, Err(Error::Unauthenticated));
    let note = InternalNote::parse("x").unwrap();
    assert_eq!(commands::add_note(&desk, &vera, id, note, vec![]).await, Err(Error::Unauthenticated));

    let reply = PublicReply::parse("It is the upper hinge.").unwrap();
    commands::add_reply(&desk, &vera, id, reply.clone(), None, vec![]).await.unwrap();
    assert_eq!(commands::add_reply(&desk, &vera, other.id, reply.clone(), None, vec![]).await, Err(Error::NotFound));
    let shown = format!("{:?}", queries::ticket_page(&desk, &ana, id).await.unwrap());
    assert!(shown.contains("upper hinge"));
    commands::add_reply(&desk, &ana, id, PublicReply::parse("Fixed.").unwrap(), None, vec![]).await.unwrap();
    assert_eq!(guest(&desk, &newest_link(&desk).await).await.guest_of, Some(id), "every mail has a link");
    commands::change_own_status(&desk, &vera, id, TicketStatus::Cancelled, Some("It opens again.")).await.unwrap();
}

#[tokio::test]
async fn a_link_that_was_tampered_with_opens_nothing() {
    let desk = desk().await;
    let (id, token) = asked(&desk).await;
    let marta = person(&desk, "marta", "END_USER").await;
    let other = ticket(&desk, &marta, "Someone else's").await.id;
    let parts: Vec<_> = token.split('.').collect();
    let later = parts[1].parse::<i64>().unwrap() + 1;
    for wrong in [
        format!("{}.{}.{}", other.0.simple(), parts[1], parts[2]),
        format!("{}.{later}.{}", parts[0], parts[2]),
        format!("{}.{}.{}x", parts[0], parts[1], &parts[2][1..]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        String::new(),
        "..".into(),
        "x".repeat(10_000),
    ] {
        assert_eq!(open_link(&desk, &wrong).await, Err(Error::NotFound), "{wrong}");
        assert_eq!(renew_link(&desk, &wrong).await, Err(Error::NotFound), "{wrong}");
    }
    // Another requester, another link; a deleted ticket, none.
    sqlx::query("UPDATE tickets SET requester_email = 'else@example.com' WHERE id = $1")
        .bind(id)
        .execute(&desk.db)
        .await
        .unwrap();
    assert_eq!(open_link(&desk, &token).await, Err(Error::NotFound));
}

#[tokio::test]
async fn an_expired_link_is_renewed_by_mail_a_few_times_an_hour() {
    let desk = desk().await;
    let (id, _) = asked(&desk).await;
    let until = Timestamp::now().as_microsecond() / 1_000_000 - 1;
    let signature = desk.secret.sign(&format!("request-link:{id}:vera@example.com:{until}"));
    let old = format!("{}.{until}.{signature}", id.0.simple());
    assert_eq!(open_link(&desk, &old).await, Ok(Opened::Expired));
    renew_link(&desk, &old).await.unwrap();
    assert_eq!(guest(&desk, &newest_link(&desk).await).await.guest_of, Some(id));
    let to: String = sqlx::query_scalar("SELECT recipient FROM outbox ORDER BY created_at DESC, id DESC LIMIT 1")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(to, "vera@example.com");
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = renew_link(&desk, &old).await {
            refused = Some(error);
        }
    }
    assert!(matches!(refused, Some(Error::RateLimited { .. })), "{refused:?}");
}

#[tokio::test]
async fn whoever_has_an_account_signs_in_instead() {
    let desk = desk().await;
    let marta = person(&desk, "marta", "END_USER").await;
    ticket(&desk, &marta, "VPN").await;
    let body: String =
        sqlx::query_scalar("SELECT body FROM outbox ORDER BY id DESC LIMIT 1").fetch_one(&desk.db).await.unwrap();
    assert!(body.contains("/portal/requests/") && !body.contains("/portal/link/"), "{body}");
}

#[tokio::test]
async fn an_agents_answer_to_someone_without_an_account_becomes_a_ticket_too() {
    let desk = oxdesk::testing::desk().await;
    let ana = oxdesk::testing::person(&desk, "ana", "AGENT").await;
    let draft = oxdesk::tickets::rules::TicketDraft {
        subject: "A lamp".into(),
        description: "It is dark.".into(),
        requester_email: "stranger@example.com".into(),
        ..Default::default()
    };
    let new = oxdesk::tickets::rules::check_new_ticket(draft, oxdesk::tickets::TicketSource::Form).unwrap();
    let made = oxdesk::tickets::commands::create_ticket(&desk, &ana, new, vec![]).await.unwrap();
    let reply = oxdesk::tickets::PublicReply::parse("We order a new one.").unwrap();
    let said = oxdesk::tickets::commands::add_reply(&desk, &ana, made.id, reply, None, vec![]).await.unwrap();
    let split = oxdesk::tickets::commands::split_ticket(&desk, &ana, made.id, said, "Order a lamp").await.unwrap();
    let seen = oxdesk::tickets::queries::ticket(&desk, &ana, split.id).await.unwrap();
    assert_eq!(seen.requester_email, "ana@example.com");
}
