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

#[tokio::test]
async fn what_is_arranged_is_arranged_through_rest_too_and_tickets_follow_it() {
    let app = app().await;
    let admin = app.token(&testing::person(&app.desk, "ada", "ADMIN").await).await;
    let ana = testing::person(&app.desk, "ana", "AGENT").await;
    let marta = app.token(&testing::person(&app.desk, "marta", "END_USER").await).await;
    let post = async |path: &str, body: serde_json::Value| {
        let answer = app.call(Method::POST, path, &admin, &[], Some(body)).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.body);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let queue = post("/api/v1/queues", json!({ "name": "Desks", "assignment_rule": "LEAST_OPEN" })).await;
    let member = format!("/api/v1/queues/{queue}/members/{}", ana.user_id.unwrap());
    assert_eq!(app.call(Method::PUT, &member, &admin, &[], None).await.status, 204);
    let category =
        post("/api/v1/categories", json!({ "name": "Workplace", "queue_id": queue, "priority": "HIGH" })).await;
    let field = json!({ "label": "Size", "kind": "CHOICE", "choices": ["S", "L"], "required": true, "is_public": true, "category_id": category });
    let field = post("/api/v1/custom-fields", field).await;
    post("/api/v1/teams", json!({ "name": "Field service" })).await;

    let ask = |fields: serde_json::Value| json!({ "subject": "A desk", "description": "Too low.", "category": "workplace", "custom_fields": fields });
    let refused = app.call(Method::POST, "/api/v1/tickets", &marta, &[], Some(ask(json!({})))).await;
    assert_eq!(refused.status, 422);
    assert!(refused.json()["errors"]["custom_fields.size"].is_string(), "{}", refused.body);
    let made = app.call(Method::POST, "/api/v1/tickets", &marta, &[], Some(ask(json!({ "size": "l" })))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let ticket = made.json();
    assert_eq!((&ticket["category"], &ticket["priority"]), (&json!("Workplace"), &json!("HIGH")));
    assert_eq!((&ticket["custom_fields"], &ticket["assigned_to_id"]), (&json!({ "size": "L" }), &json!(ana.user_id)));

    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    let change = json!({ "custom_fields": { "size": "S" } });
    let changed = app.call(Method::PATCH, &path, &admin, &[("if-match", "\"1\"")], Some(change)).await;
    assert_eq!(changed.json()["custom_fields"], json!({ "size": "S" }), "{}", changed.body);
    let found = app.call(Method::GET, "/api/v1/tickets?q=field.size:S", &admin, &[], None).await.json();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let gone = app.call(Method::DELETE, &format!("/api/v1/custom-fields/{field}"), &admin, &[], None).await;
    assert_eq!(gone.status, 204);
    let back = app.call(Method::POST, &format!("/api/v1/custom-fields/{field}/restore"), &admin, &[], None).await;
    assert_eq!(back.status, 204);
    let tree = app.call(Method::GET, "/api/v1/categories", &marta, &[], None).await.json();
    assert_eq!(tree["data"][0]["name"], "Workplace");
}

#[tokio::test]
async fn writing_and_changing_many_works_through_rest_too() {
    let app = app().await;
    let agent = testing::person(&app.desk, "ana", "AGENT").await;
    let owner = testing::person(&app.desk, "marta", "END_USER").await;
    let (token, marta) = (app.token(&agent).await, app.token(&owner).await);
    let one = testing::ticket(&app.desk, &owner, "One").await;
    let path = format!("/api/v1/tickets/{}", one.id);
    let body = json!({ "name": "Hello", "body": "Hello {{requester.first_name}}", "priority": "LOW" });
    let made = app.call(Method::POST, "/api/v1/macros", &token, &[], Some(body)).await.json();
    let used = format!("{path}/macros/{}", made["id"].as_str().unwrap());
    let applied = app.call(Method::POST, &used, &token, &[], None).await.json();
    assert_eq!((&applied["text"], &applied["then"]), (&json!("Hello marta"), &json!(null)));

    let draft = format!("{path}/draft");
    let saved = app.call(Method::PUT, &draft, &token, &[], Some(json!({ "body": "I be" }))).await.json();
    assert_eq!(saved["version"], 1);
    let stale = app.call(Method::PUT, &draft, &token, &[], Some(json!({ "body": "Mine" }))).await;
    assert_eq!(stale.status, 412, "another tab's draft is not overwritten");

    let outgoing = format!("{path}/outgoing");
    let sent = app.call(Method::POST, &outgoing, &token, &[], Some(json!({ "comment": "Too soon" }))).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let waiting = format!("/api/v1/outgoing/{}", sent.json()["id"].as_str().unwrap());
    let back = app.call(Method::DELETE, &waiting, &token, &[], None).await;
    assert_eq!(back.json()["comment"], "Too soon");
    let comments = app.call(Method::GET, &format!("{path}/comments"), &marta, &[], None).await.json();
    assert_eq!(comments["data"], json!([]));

    let two = testing::ticket(&app.desk, &owner, "Two").await;
    let ids = json!([one.id, two.id, uuid::Uuid::now_v7()]);
    let many = json!({ "ids": ids, "status": "CLOSED", "resolution_note": "All done." });
    let done = app.call(Method::POST, "/api/v1/tickets/bulk", &token, &[], Some(many)).await.json();
    assert_eq!((&done["changed"], done["refused"].as_array().unwrap().len()), (&json!(2), 1));
    let too_many: Vec<_> = (0..10_000).map(|_| uuid::Uuid::now_v7()).collect();
    let body = json!({ "ids": too_many, "priority": "LOW" });
    assert_eq!(app.call(Method::POST, "/api/v1/tickets/bulk", &token, &[], Some(body)).await.status, 422);

    let rating = format!("{path}/rating");
    let rated = app.call(Method::PUT, &rating, &marta, &[], Some(json!({ "score": 4, "comment": "Fine." }))).await;
    assert_eq!(rated.status, 204, "{}", rated.body);
    assert_eq!(app.call(Method::GET, &rating, &token, &[], None).await.json()["score"], 4);
    let view = json!({ "name": "Late", "bar": "is:overdue", "columns": ["queue", "due"], "group_by": "priority" });
    assert_eq!(app.call(Method::POST, "/api/v1/views", &token, &[], Some(view)).await.status, 201);
    let views = app.call(Method::GET, "/api/v1/views", &token, &[], None).await.json();
    assert_eq!(
        (&views["data"][0]["columns"], &views["data"][0]["group_by"]),
        (&json!(["queue", "due"]), &json!("priority"))
    );
}
