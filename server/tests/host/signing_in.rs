//! Signing in as a browser does it: in one step or two, and what is open before the second factor is set up.

use crate::test_app::{Answer, TestApp, Visitor, app, behind_tls};
use http::StatusCode;
use oxdesk::people::commands::{confirm_second_factor, prepare_second_factor, save_role};
use oxdesk::people::rules::second_factor::{code_at, key_bytes};
use oxdesk::people::{Preparation, RoleForm, SecondFactor, queries};
use oxdesk::testing::{self, PASSWORD};
use oxdesk::{Actor, Timestamp};

const FORM: &str = "email=agent%40example.com&password=correct+horse+battery&next=%2Fsearch%3Fq%3Da";

fn code(preparation: &Preparation, steps: i64) -> String {
    code_at(&key_bytes(&preparation.key).unwrap(), Timestamp::now().plus_seconds(30 * steps)).unwrap()
}

async fn set_up(app: &TestApp, actor: &Actor) -> Preparation {
    prepare_second_factor(&app.desk, actor, PASSWORD).await.unwrap();
    let SecondFactor::Preparing(preparation) = queries::second_factor(&app.desk, actor).await.unwrap() else {
        panic!("it is being prepared")
    };
    confirm_second_factor(&app.desk, actor, &code(&preparation, 0)).await.unwrap();
    preparation
}

fn cookie(answer: &Answer) -> Option<String> {
    answer.header("set-cookie").split(';').next().filter(|cookie| cookie.starts_with("oxdesk=")).map(str::to_owned)
}

#[tokio::test]
async fn whoever_has_a_second_factor_is_nobody_before_the_code_and_then_where_they_wanted_to_go() {
    let app = app().await;
    let ana = testing::person(&app.desk, "agent", "AGENT").await;
    let preparation = set_up(&app, &ana).await;
    let mut browser = app.visitor(None).await;
    let half = browser.form("/fn/sign_in", FORM).await;
    assert_eq!((half.status, half.header("location")), (StatusCode::FOUND, "/login/code"));
    browser.cookie = cookie(&half);
    assert!(browser.cookie.is_some());
    assert_eq!(browser.get("/tickets").await.status, StatusCode::FOUND, "to the way in");
    assert_eq!(browser.function("my_sessions", "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.function("enter_code", "code=000000").await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let before = browser.cookie.clone();
    let whole = browser.form("/fn/enter_code", &format!("code={}", code(&preparation, 1))).await;
    assert_eq!((whole.status, whole.header("location")), (StatusCode::FOUND, "/search?q=a"));
    browser.cookie = cookie(&whole);
    assert_ne!(browser.cookie, before, "a fresh session");
    assert_eq!(browser.get("/tickets").await.status, StatusCode::OK);
    // The half session opens nothing more, and its code is not asked for twice.
    let left = Visitor { app: &app, cookie: before, actor: None };
    let again = left.function("enter_code", &format!("code={}", preparation.recovery_codes[0])).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(left.function("my_sessions", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_code_that_comes_too_late_is_told_so() {
    let app = app().await;
    let ana = testing::person(&app.desk, "agent", "AGENT").await;
    let preparation = set_up(&app, &ana).await;
    let mut browser = app.visitor(None).await;
    browser.cookie = cookie(&browser.form("/fn/sign_in", FORM).await);
    sqlx::query(
        "UPDATE sessions SET data = jsonb_set(data, '{halfway,until}', to_jsonb('2026-01-01T00:00:00Z'::text))",
    )
    .execute(&app.desk.db)
    .await
    .unwrap();
    let late = browser.function("enter_code", &format!("code={}", code(&preparation, 1))).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains("begin again"), "{}", late.body);
    assert_eq!(browser.function("my_sessions", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nothing_but_setting_one_up_is_open_to_whoever_owes_a_second_factor() {
    let app = app().await;
    let (admin, ana) = (app.visitor(Some("ADMIN")).await, app.visitor(Some("AGENT")).await);
    let (ada, me) = (admin.actor.as_ref().unwrap(), ana.actor.as_ref().unwrap());
    let token = app.token(me).await;
    let role =
        queries::list_roles(&app.desk, ada).await.unwrap().into_iter().find(|role| role.name == "AGENT").unwrap();
    let form = RoleForm { permissions: role.permissions, second_factor_days: Some(7), ..Default::default() };
    save_role(&app.desk, ada, Some((role.id, role.version)), &form).await.unwrap();
    let warned = ana.get("/tickets").await;
    assert!(warned.status == StatusCode::OK && warned.body.contains("Set up a second factor by"));
    assert!(ana.get("/portal").await.body.contains("Set up a second factor by"));
    assert!(!admin.get("/tickets").await.body.contains("Set up a second factor by"));

    sqlx::query("UPDATE roles SET second_factor_days = 0 WHERE name = 'AGENT'").execute(&app.desk.db).await.unwrap();
    for page in ["/", "/tickets", "/portal", "/portal/kb", "/account", "/account/data.json", "/events", "/no-such-page"]
    {
        let answer = ana.get(page).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/second-factor"), "{page}");
    }
    for function in ["my_sessions", "read_rail", "save_signature"] {
        assert_eq!(ana.function(function, "signature=x").await.status, StatusCode::FORBIDDEN, "{function}");
    }
    assert_eq!(ana.form("/tickets/TKT-2026-000001/comments", "comment=x").await.status, StatusCode::FORBIDDEN);
    let page = ana.get("/second-factor").await;
    assert!(page.status == StatusCode::OK && page.body.contains("Set it up to go on"), "{}", page.status);
    assert_eq!(ana.get("/second-factor.svg").await.status, StatusCode::NOT_FOUND);
    let prepared = ana.form("/fn/prepare_second_factor", "password=correct+horse+battery").await;
    assert_eq!(prepared.status, StatusCode::FOUND);
    let picture = ana.get("/second-factor.svg").await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/svg+xml"));
    assert!(picture.header("cache-control").contains("no-store"));
    let SecondFactor::Preparing(preparation) = queries::second_factor(&app.desk, me).await.unwrap() else { panic!() };
    assert!(ana.get("/second-factor").await.body.contains(&preparation.recovery_codes[9]));
    let on = ana.function("confirm_second_factor", &format!("code={}", code(&preparation, 0))).await;
    assert_eq!(on.status, StatusCode::OK, "{}", on.body);
    assert_eq!(ana.get("/tickets").await.status, StatusCode::OK);
    assert_eq!(ana.get("/second-factor.svg").await.status, StatusCode::NOT_FOUND, "it is not shown again");
    assert_eq!(app.visitor(None).await.get("/second-factor.svg").await.status, StatusCode::UNAUTHORIZED);
    // A program has no telephone: its token is a secret of its own.
    let called = app.call(http::Method::GET, "/api/v1/tickets", &token, &[], None).await;
    assert_eq!(called.status, StatusCode::OK);
}

#[tokio::test]
async fn a_refusal_is_in_the_audit_log_with_its_door_and_the_requests_id() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    let token = app.token(agent.actor.as_ref().unwrap()).await;
    let page = agent.get("/admin/audit").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let call = app.call(http::Method::GET, "/api/v1/users", &token, &[], None).await;
    assert_eq!(call.status, StatusCode::OK, "agents see people");
    let call = app.call(http::Method::GET, "/api/v1/audit-logs", &token, &[], None).await;
    assert_eq!(call.status, StatusCode::FORBIDDEN, "{}", call.body);
    let told: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT entity_id, request_id FROM audit_logs WHERE action = 'REFUSED' ORDER BY id")
            .fetch_all(&app.desk.db)
            .await
            .unwrap();
    let said = |answer: &Answer, door: &str| (door.to_owned(), Some(answer.header("x-request-id").to_owned()));
    assert_eq!(told, [said(&page, "GET /admin/audit"), said(&call, "GET /api/v1/audit-logs")]);
}

#[tokio::test]
async fn behind_tls_the_cookie_is_this_hosts_alone_and_browsers_come_no_other_way() {
    let (app, plain) = (behind_tls().await, app().await);
    testing::person(&app.desk, "agent", "AGENT").await;
    let answer = app.visitor(None).await.form("/fn/sign_in", FORM).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-oxdesk="), "{cookie}");
    for word in ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|part| part == word), "{word} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    for path in ["/login", "/fn/no_such", "/api/v1/tickets", "/no-such-page"] {
        let answer = app.visitor(None).await.get(path).await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert_eq!(plain.visitor(None).await.get(path).await.header("strict-transport-security"), "", "{path}");
    }
}

#[tokio::test]
async fn a_link_to_the_sign_in_page_leads_nowhere_else_afterwards() {
    let app = app().await;
    testing::person(&app.desk, "agent", "AGENT").await;
    for (next, leads) in [
        ("%2Fsearch%3Fq%3Da", "/search?q=a"),
        ("https%3A%2F%2Fevil.test", "/"),
        ("%2F%2Fevil.test", "/"),
        ("%2F%5Cevil.test", "/"),
        ("%5C%5Cevil.test", "/"),
        ("%2F%09%2Fevil.test", "/"),
        ("%2F%0A%2Fevil.test", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("", "/"),
    ] {
        let form = format!("email=agent%40example.com&password=correct+horse+battery&next={next}");
        let answer = app.visitor(None).await.form("/fn/sign_in", &form).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, leads), "{next}");
    }
}
