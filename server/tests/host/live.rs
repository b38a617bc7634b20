//! Live updates: what happens on one node is heard on another, by those who may know.

use crate::test_app::{app, node};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, header};
use http_body_util::BodyExt;
use oxdesk::tickets::{InternalNote, PublicReply, commands};
use oxdesk::{Timestamp, testing};
use std::net::SocketAddr;
use std::time::Duration;
use tower::ServiceExt;

/// Reads the stream until a message of this kind has come.
async fn hear(body: &mut Body, word: &str) -> String {
    let mut heard = String::new();
    let listening = async {
        while let Some(frame) = body.frame().await {
            heard.push_str(&String::from_utf8_lossy(&frame.unwrap().into_data().unwrap_or_default()));
            if heard.contains(word) {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), listening).await.unwrap_or_else(|_| panic!("{word} was not heard"));
    heard
}

#[tokio::test]
async fn an_answer_on_one_node_is_heard_on_the_other_and_a_note_is_not() {
    let one = app().await;
    let two = node(one.desk.clone()).await;
    let (marta, agent) = (one.visitor(Some("END_USER")).await, one.visitor(Some("AGENT")).await);
    let actor = marta.actor.clone().unwrap();
    let ana = agent.actor.clone().unwrap();
    let ticket = testing::ticket(&one.desk, &actor, "VPN").await;

    let mut request =
        Request::get("/events").header(header::COOKIE, marta.cookie.clone().unwrap()).body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
    let response = two.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut stream = response.into_body();
    hear(&mut stream, "event: ready").await;

    commands::add_note(&one.desk, &ana, ticket.id, InternalNote::parse("secret").unwrap(), vec![]).await.unwrap();
    commands::add_reply(&one.desk, &ana, ticket.id, PublicReply::parse("On it").unwrap(), None, vec![]).await.unwrap();
    let heard = hear(&mut stream, "ticket.replied").await;
    assert!(!heard.contains("ticket.noted"), "the requester heard of a note");
    assert!(!heard.contains("On it"), "an event carries no content");
    assert!(heard.contains(&ticket.id.to_string()));
}

#[tokio::test]
async fn what_happens_between_a_page_and_its_listening_is_told_to_those_who_may_know() {
    let app = app().await;
    let (marta, other) = (app.visitor(Some("END_USER")).await, app.visitor(Some("REQUESTER")).await);
    let before = Timestamp::now().plus_seconds(-10).as_microsecond();
    let ticket = testing::ticket(&app.desk, &marta.actor.clone().unwrap(), "VPN").await;
    let event: uuid::Uuid = sqlx::query_scalar("SELECT id FROM events WHERE ticket_id = $1")
        .bind(ticket.id)
        .fetch_one(&app.desk.db)
        .await
        .unwrap();
    let later = Timestamp::now().plus_seconds(10).as_microsecond();
    for (visitor, since, last, told) in [
        (&marta, before, None, true),
        (&marta, later, None, false),
        (&other, before, None, false),
        (&marta, later, Some(event), true),
    ] {
        let mut request = Request::get(format!("/events?since={since}"))
            .header(header::COOKIE, visitor.cookie.clone().unwrap())
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
        if let Some(last) = last {
            request.headers_mut().insert("last-event-id", last.to_string().parse().unwrap());
        }
        let mut stream = app.router.clone().oneshot(request).await.unwrap().into_body();
        let mut heard = hear(&mut stream, "event: ready").await;
        if told && !heard.contains("event: refresh") {
            heard += &hear(&mut stream, "event: refresh").await;
        }
        // What is heard next is what happens next, and nothing before it.
        let owner = visitor.actor.clone().unwrap();
        testing::ticket(&app.desk, &owner, "Door").await;
        heard += &hear(&mut stream, "ticket.created").await;
        assert_eq!(heard.contains("event: refresh"), told, "{since} {last:?}");
    }
}

#[tokio::test]
async fn a_bell_rings_for_whoever_is_told_and_for_nobody_else_and_one_click_ends_its_mails() {
    let app = app().await;
    let (agent, manager) = (app.visitor(Some("AGENT")).await, app.visitor(Some("IT_MANAGER")).await);
    let (ana, mona) = (agent.actor.clone().unwrap(), manager.actor.clone().unwrap());
    let ticket = testing::ticket(&app.desk, &mona, "VPN").await;
    let mut streams = Vec::new();
    for visitor in [&agent, &manager] {
        let mut request = Request::get("/events")
            .header(header::COOKIE, visitor.cookie.clone().unwrap())
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
        let mut stream = app.router.clone().oneshot(request).await.unwrap().into_body();
        hear(&mut stream, "event: ready").await;
        streams.push(stream);
    }
    let note = InternalNote::parse("@agent please look").unwrap();
    commands::add_note(&app.desk, &mona, ticket.id, note, vec![]).await.unwrap();
    testing::run_jobs(&app.desk).await;
    hear(&mut streams[0], "event: notified").await;
    commands::add_note(&app.desk, &mona, ticket.id, InternalNote::parse("last").unwrap(), vec![]).await.unwrap();
    let heard = hear(&mut streams[1], "ticket.noted").await;
    assert!(!heard.contains("notified"), "{heard}");
    assert!(agent.get("/notifications").await.body.contains("mentioned you"));
    assert!(!manager.get("/notifications").await.body.contains("mentioned you"));

    sqlx::query("UPDATE notifications SET mail_due_at = now() WHERE mail_due_at IS NOT NULL")
        .execute(&app.desk.db)
        .await
        .unwrap();
    oxdesk::notifications::commands::mail_due(&app.desk).await.unwrap();
    let path: String = sqlx::query_scalar("SELECT unsubscribe FROM outbox WHERE unsubscribe IS NOT NULL")
        .fetch_one(&app.desk.db)
        .await
        .unwrap();
    // As a mail program does it (RFC 8058): no cookie, no origin, no page.
    let click = |path: String| {
        let kind = "application/x-www-form-urlencoded";
        Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from("List-Unsubscribe=One-Click")).unwrap()
    };
    assert_eq!(app.visitor(None).await.get(&path).await.status, 200, "opening the link ends nothing");
    let by_mail = async || {
        let chosen = oxdesk::notifications::queries::preferences(&app.desk, &ana).await.unwrap();
        chosen.channels.iter().find(|(kind, _)| kind.as_str() == "MENTION").unwrap().1.by_mail
    };
    assert!(by_mail().await);
    assert_eq!(app.send(click(path.clone())).await.status, 200);
    assert!(!by_mail().await);
    assert_eq!(app.send(click(path.replace("MENTION", "ALL"))).await.status, 404);
}

#[tokio::test]
async fn a_stranger_hears_nothing() {
    let app = app().await;
    assert_eq!(app.visitor(None).await.get("/events").await.status, 401);
}

#[tokio::test]
async fn the_stream_of_someone_who_is_switched_off_ends_at_once_on_every_node() {
    let one = app().await;
    let two = node(one.desk.clone()).await;
    let (ana, other) = (one.visitor(Some("AGENT")).await, one.visitor(Some("END_USER")).await);
    let open = async |cookie: &str| -> Body {
        let mut request = Request::get("/events").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
        let mut stream = two.router.clone().oneshot(request).await.unwrap().into_body();
        hear(&mut stream, "event: ready").await;
        stream
    };
    let mut hers = open(ana.cookie.as_deref().unwrap()).await;
    let mut theirs = open(other.cookie.as_deref().unwrap()).await;
    let (admin, her) = (oxdesk::Actor::system("test"), ana.actor.clone().unwrap().user_id.unwrap());
    oxdesk::people::commands::switch_user(&one.desk, &admin, her, false).await.unwrap();
    let end = async {
        while let Some(frame) = hers.frame().await {
            frame.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("it goes on");
    testing::ticket(&one.desk, &other.actor.clone().unwrap(), "Door").await;
    hear(&mut theirs, "ticket.created").await;
    let mut request =
        Request::get("/events").header(header::COOKIE, ana.cookie.clone().unwrap()).body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 4000))));
    assert_eq!(two.router.clone().oneshot(request).await.unwrap().status(), http::StatusCode::UNAUTHORIZED);
}
