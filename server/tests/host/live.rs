//! Live updates: what happens on one node is heard on another, by those who may know.

use crate::test_app::{app, node};
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, header};
use http_body_util::BodyExt;
use oxdesk::testing;
use oxdesk::tickets::{InternalNote, PublicReply, commands};
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
async fn a_stranger_hears_nothing() {
    let app = app().await;
    assert_eq!(app.visitor(None).await.get("/events").await.status, 401);
}
