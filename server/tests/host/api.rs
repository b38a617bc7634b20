//! REST: what scripts rely on.

use crate::test_app::app;
use http::Method;
use oxdesk::testing;
use serde_json::json;

#[tokio::test]
async fn a_ticket_is_made_read_changed_and_answered() {
    let app = app().await;
    let agent = testing::person(&app.desk, "ana", "AGENT").await;
    let token = app.token(&agent).await;
    let body = json!({ "subject": "VPN drops", "description": "Every ten minutes", "priority": "HIGH", "category": "Network", "tags": ["VPN"], "requester_email": "marta@example.com" });
    let made = app.call(Method::POST, "/api/v1/tickets", &token, &[], Some(body)).await;
    assert_eq!(made.status, 201);
    let ticket = made.json();
    assert_eq!(
        (&ticket["status"], &ticket["source"], &ticket["tags"]),
        (&json!("NEW"), &json!("API"), &json!(["vpn"]))
    );
    assert!(ticket["ticket_number"].as_str().unwrap().starts_with("TKT-"));
    assert_eq!(made.header("etag"), "\"1\"");
    let path = made.header("location").to_owned();

    let changed = app
        .call(
            Method::PATCH,
            &path,
            &token,
            &[("if-match", "\"1\"")],
            Some(json!({ "status": "WAITING", "category": null, "assigned_to_id": agent.user_id })),
        )
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        (&changed.json()["status"], &changed.json()["category"], &changed.json()["version"]),
        (&json!("WAITING"), &json!(null), &json!(2))
    );
    let stale =
        app.call(Method::PATCH, &path, &token, &[("if-match", "\"1\"")], Some(json!({ "status": "CLOSED" }))).await;
    assert_eq!((stale.status.as_u16(), &stale.json()["current_version"]), (412, &json!(2)));

    let reply = app
        .call(
            Method::POST,
            &format!("{path}/comments"),
            &token,
            &[],
            Some(json!({ "comment": "On it", "is_internal": false })),
        )
        .await;
    assert_eq!(reply.status, 201);
    let comments = app.call(Method::GET, &format!("{path}/comments"), &token, &[], None).await.json();
    assert_eq!((&comments["data"][0]["comment"], &comments["next"]), (&json!("On it"), &json!(null)));
    let number = ticket["ticket_number"].as_str().unwrap();
    assert_eq!(
        app.call(Method::GET, &format!("/api/v1/tickets/{number}"), &token, &[], None).await.json()["id"],
        ticket["id"]
    );
}

#[tokio::test]
async fn the_same_idempotency_key_makes_one_ticket() {
    let app = app().await;
    let token = app.token(&testing::person(&app.desk, "ana", "AGENT").await).await;
    let key = [("idempotency-key", "order-7")];
    let body = json!({ "subject": "VPN drops", "description": "x" });
    let first = app.call(Method::POST, "/api/v1/tickets", &token, &key, Some(body.clone())).await;
    let again = app.call(Method::POST, "/api/v1/tickets", &token, &key, Some(body.clone())).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json()["id"], again.json()["id"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = app
        .call(Method::POST, "/api/v1/tickets", &token, &key, Some(json!({ "subject": "Other", "description": "x" })))
        .await;
    assert_eq!(other.status, 422);

    let at_once = [("idempotency-key", "order-8")];
    let call = || app.call(Method::POST, "/api/v1/tickets", &token, &at_once, Some(body.clone()));
    let (one, two) = tokio::join!(call(), call());
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert!(statuses == [201, 409] || (statuses == [201, 201] && one.json()["id"] == two.json()["id"]), "{statuses:?}");
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(made, 2);
}

#[tokio::test]
async fn bad_input_is_named_at_its_field() {
    let app = app().await;
    let token = app.token(&testing::person(&app.desk, "ana", "AGENT").await).await;
    let wrong = json!({ "subject": "", "description": "a\0b", "priority": "URGENT", "queue_id": "x", "requester_email": "nobody" });
    let answer = app.call(Method::POST, "/api/v1/tickets", &token, &[], Some(wrong)).await;
    assert_eq!(answer.status, 422);
    let mut fields: Vec<_> = answer.json()["errors"].as_object().unwrap().keys().cloned().collect();
    fields.sort();
    assert_eq!(fields, ["description", "priority", "queue_id", "requester_email", "subject"]);
    let foreign = json!({ "subject": "x", "description": "y", "queue_id": "01a20447-622c-7c22-b43e-6aeafcc25b41" });
    assert_eq!(
        app.call(Method::POST, "/api/v1/tickets", &token, &[], Some(foreign)).await.json()["errors"]["queue_id"],
        "There is no such queue."
    );
    for (path, status) in [
        ("/api/v1/tickets?limit=0", 422),
        ("/api/v1/tickets?limit=x", 400),
        ("/api/v1/tickets?after=nonsense", 422),
        ("/api/v1/tickets?status=OPEN", 422),
        ("/api/v1/tickets/%00", 404),
        ("/api/v1/nothing", 404),
    ] {
        assert_eq!(app.call(Method::GET, path, &token, &[], None).await.status.as_u16(), status, "{path}");
    }
    let large = json!({ "subject": "x", "description": "y".repeat(2_000_000) });
    assert_eq!(app.call(Method::POST, "/api/v1/tickets", &token, &[], Some(large)).await.status, 413);
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let app = app().await;
    let agent = testing::person(&app.desk, "ana", "AGENT").await;
    let token = app.token(&agent).await;
    for index in 0..7 {
        testing::ticket(&app.desk, &agent, &format!("Ticket {index}")).await;
    }
    let (mut seen, mut path) = (0, "/api/v1/tickets?limit=3".to_owned());
    loop {
        let page = app.call(Method::GET, &path, &token, &[], None).await;
        assert_eq!(page.header("ratelimit-limit"), "1200");
        seen += page.json()["data"].as_array().unwrap().len();
        match page.json()["next"].as_str() {
            Some(next) => path = format!("/api/v1/tickets?limit=3&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 7);
}
