//! Assets by REST and by the doors of their tables.

use crate::test_app::app;
use http::{Method, StatusCode};
use oxdesk::assets::AssetForm;
use oxdesk::assets::commands::save_asset;
use oxdesk::testing;
use serde_json::json;

#[tokio::test]
async fn what_a_discovery_tool_sends_again_makes_nothing_twice_and_is_taken_back() {
    let app = app().await;
    let token = app.token(&testing::person(&app.desk, "max", "IT_MANAGER").await).await;
    let found = |memory: &str| {
        json!({ "source": "osquery", "assets": [
            { "name": "berta", "manufacturer": "Lenovo", "serial_number": "PF1", "custom_fields": { "Memory": memory, "Cores": 8 } },
            { "name": "carla", "manufacturer": "Dell", "serial_number": "D2" },
        ] })
    };
    let bulk = "/api/v1/assets/bulk";
    let key = [("idempotency-key", "night-1")];
    let first = app.call(Method::POST, bulk, &token, &key, Some(found("16 GB"))).await;
    assert_eq!((first.json()["made"].as_u64(), first.json()["wrong"].as_u64()), (Some(2), Some(0)), "{}", first.body);
    let again = app.call(Method::POST, bulk, &token, &key, Some(found("16 GB"))).await;
    assert_eq!(again.json(), first.json(), "the first answer again");
    let night = app.call(Method::POST, bulk, &token, &[], Some(found("32 GB"))).await;
    assert_eq!((night.json()["changed"].as_u64(), night.json()["same"].as_u64()), (Some(1), Some(1)));
    // By its serial number.
    let berta = app.call(Method::GET, "/api/v1/assets/pf1", &token, &[], None).await.json();
    assert_eq!(berta["custom_fields"], json!({ "Memory": "32 GB", "Cores": 8.0 }));
    let undo = format!("/api/v1/asset-imports/{}/undo", night.json()["import_id"].as_str().unwrap());
    assert_eq!(app.call(Method::POST, &undo, &token, &[], None).await.json()["kept"], 0);
    let berta = app.call(Method::GET, "/api/v1/assets/pf1", &token, &[], None).await.json();
    assert_eq!(berta["custom_fields"]["Memory"], "16 GB");

    let wrong = json!({ "source": "osquery", "assets": [{ "name": "dora" }, { "name": "", "serial_number": "X" }] });
    let refused = app.call(Method::POST, bulk, &token, &[], Some(wrong)).await.json();
    assert_eq!((refused["made"].as_u64(), refused["wrong"].as_u64()), (Some(1), Some(1)));
    assert_eq!((refused["import_id"].as_str(), refused["errors"][0]["row"].as_u64()), (None, Some(2)));
    let listed = app.call(Method::GET, "/api/v1/assets?q=dora", &token, &[], None).await.json();
    assert_eq!(listed["data"], json!([]), "nothing is written where a row is wrong");
    let bad = app.call(Method::GET, "/api/v1/assets?q=type:chair", &token, &[], None).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn relations_impact_and_tickets_of_an_asset_by_rest() {
    let app = app().await;
    let max = testing::person(&app.desk, "max", "IT_MANAGER").await;
    let token = app.token(&max).await;
    let make = |name: &str| {
        app.call(Method::POST, "/api/v1/assets", &token, &[], Some(json!({ "name": name, "serial_number": name })))
    };
    let (rack, server) = (make("rack").await, make("server").await);
    assert_eq!((rack.status, server.status), (StatusCode::CREATED, StatusCode::CREATED));
    let relate = "/api/v1/assets/rack/relationships";
    let body = json!({ "type": "CONTAINS", "target": "server" });
    let made = app.call(Method::POST, relate, &token, &[], Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let circle = json!({ "type": "CONTAINS", "target": "rack" });
    let refused = app.call(Method::POST, "/api/v1/assets/server/relationships", &token, &[], Some(circle)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let impact = app.call(Method::GET, "/api/v1/assets/rack/impact", &token, &[], None).await.json();
    assert_eq!((impact["total"].as_u64(), impact["data"][0]["name"].as_str()), (Some(1), Some("server")));
    let needed = app.call(Method::GET, "/api/v1/assets/server/impact?way=NEEDED", &token, &[], None).await.json();
    assert_eq!(needed["data"][0]["name"], "rack");
    let ticket = testing::ticket(&app.desk, &max, "It hums").await;
    let link = format!("/api/v1/tickets/{}/assets/server", ticket.ticket_number);
    let put = app.call(Method::PUT, &link, &token, &[], Some(json!({ "relation_type": "CAUSED_BY" }))).await;
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.body);
    let impact = app.call(Method::GET, "/api/v1/assets/rack/impact", &token, &[], None).await.json();
    assert_eq!(impact["tickets"], 1);
    assert_eq!(app.call(Method::DELETE, &link, &token, &[], None).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_table_comes_in_by_a_form_and_goes_out_only_to_those_who_may_read_it() {
    let app = app().await;
    let manager = app.visitor(Some("IT_MANAGER")).await;
    let table = b"name,serial,price\nberta,PF1,\"10,5\"\n";
    let sent = manager.multipart("/assets/import", "/assets/import", &[], &[("a.csv", table)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let page = sent.header("location").to_owned();
    assert!(manager.get(&page).await.body.contains("Bring in 1 asset"));
    let id = page.rsplit('/').next().unwrap();
    assert!(manager.function("run_asset_import", &format!("id={id}")).await.status.is_success());
    let out = manager.get("/assets/export.csv").await;
    assert!(out.body.starts_with("asset_number,name,type,") && out.body.contains(",berta,HARDWARE,"), "{}", out.body);
    assert_eq!(out.header("content-disposition"), "attachment; filename=\"assets.csv\"");
    assert_eq!(manager.get("/assets/export.json").await.json()[0]["purchase_price"], "10.50");
    assert!(manager.get("/assets/labels?q=berta").await.body.contains("<svg"));
    for (role, expected) in [(None, 401), (Some("END_USER"), 403), (Some("AGENT"), 200)] {
        let visitor = app.visitor(role).await;
        assert_eq!(visitor.get("/assets/export.json").await.status.as_u16(), expected, "{role:?}");
        let sent = visitor.multipart("/assets/import", "/assets/import", &[], &[("a.csv", table)]).await;
        assert!(sent.header("location").contains("error="), "{role:?}");
    }
}

#[tokio::test]
async fn a_request_is_about_something_that_its_sender_has() {
    let app = app().await;
    let max = testing::person(&app.desk, "max", "ADMIN").await;
    let visitor = app.visitor(Some("END_USER")).await;
    let owner: oxdesk::people::UserId =
        sqlx::query_scalar("SELECT id FROM users WHERE email LIKE 'end_user%'").fetch_one(&app.desk.db).await.unwrap();
    let hers = AssetForm {
        name: "Her laptop".into(),
        serial_number: Some("HERS".into()),
        assigned_to_id: Some(owner),
        ..AssetForm::default()
    };
    save_asset(&app.desk, &max, None, &hers).await.unwrap();
    let other = AssetForm { name: "Another".into(), serial_number: Some("OTHER".into()), ..AssetForm::default() };
    save_asset(&app.desk, &max, None, &other).await.unwrap();
    assert!(visitor.get("/portal/assets").await.body.contains("Her laptop"));
    assert!(visitor.get("/portal/new?category=other").await.body.contains("Which of your things"));
    let send = async |asset: &str| {
        let fields = [("subject", "It is slow"), ("description", "Very."), ("asset", asset)];
        visitor.multipart("/portal/new", "/portal/new", &fields, &[]).await.header("location").to_owned()
    };
    assert!(send("OTHER").await.contains("error="), "what is not theirs they cannot name");
    assert!(send("hers").await.starts_with("/portal/requests/TKT-"));
    let linked: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM tickets), (SELECT count(*) FROM ticket_asset_relations)")
            .fetch_one(&app.desk.db)
            .await
            .unwrap();
    assert_eq!(linked, (1, 1));
}
