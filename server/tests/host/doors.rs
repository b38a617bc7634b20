//! Every door × every role: one table. A door that is not in it fails the test.

use crate::doors_table::{FUNCTIONS, NOTHING, PAGES, rest};
use crate::test_app::{TestApp, app};
use http::{Method, StatusCode};
use oxdesk::testing;
use oxdesk::tickets::{InternalNote, commands};
use serde_json::json;
use std::collections::BTreeSet;
use tower::ServiceExt;

const ROLES: [Option<&str>; 6] =
    [None, Some("REQUESTER"), Some("END_USER"), Some("AGENT"), Some("IT_MANAGER"), Some("ADMIN")];

async fn strange_ticket(app: &TestApp) -> commands::Created {
    let owner = testing::person(&app.desk, "owner", "END_USER").await;
    testing::ticket(&app.desk, &owner, "Someone else's").await
}

#[tokio::test]
async fn every_page_answers_each_role_as_the_table_says() {
    let app = app().await;
    let ticket = strange_ticket(&app).await;
    for (index, role) in ROLES.into_iter().enumerate() {
        let visitor = app.visitor(role).await;
        for (path, expected) in PAGES {
            let answer = visitor.get(&path.replace("{n}", ticket.ticket_number.as_str())).await;
            assert_eq!(
                answer.status.as_u16(),
                expected[index],
                "{path} as {role:?}: {}",
                &answer.body[..answer.body.len().min(300)]
            );
            if answer.status == StatusCode::FOUND {
                assert_eq!(answer.header("location"), "/login", "{path}");
            }
        }
    }
}

#[tokio::test]
async fn no_page_is_missing_from_the_table() {
    let listed: BTreeSet<_> = PAGES
        .iter()
        .map(|(path, _)| path.replace("{n}", ":number").replace("/x", "/:token"))
        .map(|path| {
            path.replace("no-such-article", ":slug")
                .replace(NOTHING, ":id")
                .replace("AST-1999-0001", ":number")
                .replace("CHG-1999-0001", ":number")
        })
        .collect();
    let routes = leptos_axum::generate_route_list(app::App);
    for route in routes {
        let path = route.path().replace("{token}", ":token").replace("{number}", ":number");
        let path = path.replace("{slug}", ":slug").replace("{id}", ":id");
        assert!(path.is_empty() || listed.contains(path.as_str()), "{path} is a page without a line in the table");
    }
}

#[tokio::test]
async fn every_server_function_answers_each_role_as_the_table_says() {
    let app = app().await;
    let ticket = strange_ticket(&app).await;
    for (index, role) in ROLES.into_iter().enumerate() {
        let visitor = app.visitor(role).await;
        for (name, body, expected) in FUNCTIONS {
            let body = body
                .replace("{n}", ticket.ticket_number.as_str())
                .replace("{id}", &ticket.id.to_string())
                .replace("{u}", NOTHING);
            let answer = visitor.function(name, &body).await;
            assert_eq!(answer.status.as_u16(), expected[index], "{name} as {role:?}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn no_server_function_is_missing_from_the_table() {
    let listed: BTreeSet<_> = FUNCTIONS.iter().map(|(name, _, _)| format!("/fn/{name}")).collect();
    let registered: BTreeSet<_> = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(registered, listed);
}

#[tokio::test]
async fn every_rest_route_answers_each_role_as_the_table_says() {
    let app = app().await;
    let ticket = strange_ticket(&app).await;
    for (index, role) in ROLES.into_iter().enumerate() {
        let token = match role {
            Some(role) => app.token(&testing::person(&app.desk, &role.to_lowercase(), role).await).await,
            None => "oxd_wrong".to_owned(),
        };
        for (method, path, body, expected) in rest() {
            let path = path.replace("{id}", &ticket.id.to_string()).replace("{email}", "a@b.c");
            let path = [
                "{link_id}",
                "{user_id}",
                "{item_id}",
                "{entry_id}",
                "{outgoing_id}",
                "{macro_id}",
                "{view_id}",
                "{queue_id}",
                "{team_id}",
                "{category_id}",
                "{field_id}",
                "{mailbox_id}",
                "{mail_id}",
                "{notification_id}",
                "{policy_id}",
                "{calendar_id}",
                "{rule_id}",
                "{article_id}",
                "{article_attachment_id}",
                "{article_category_id}",
                "{asset}",
                "{asset_attachment_id}",
                "{asset_field_id}",
                "{change_attachment_id}",
                "{relationship_id}",
                "{import_id}",
                "{key}",
                "{change}",
                "{task_id}",
                "{template_id}",
                "{blackout_id}",
                "{webhook_id}",
                "{delivery_id}",
                "{role_id}",
                "{organisation_id}",
            ]
            .iter()
            .fold(path, |path, name| path.replace(name, NOTHING));
            let answer = app.call(method.clone(), &path, &token, &[], body).await;
            assert_eq!(answer.status.as_u16(), expected[index], "{method} {path} as {role:?}: {}", answer.body);
            if !answer.status.is_success() {
                assert_eq!(answer.header("content-type"), "application/problem+json", "{method} {path}");
                assert_eq!(answer.json()["status"], answer.status.as_u16());
            }
        }
    }
}

#[tokio::test]
async fn no_rest_route_is_missing_from_the_table() {
    let listed: BTreeSet<_> = rest().into_iter().map(|(method, path, _, _)| format!("{method} {path}")).collect();
    let mut described = BTreeSet::new();
    for (path, item) in &server::api::description().paths.paths {
        for (method, operation) in [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PATCH", &item.patch),
            ("PUT", &item.put),
            ("DELETE", &item.delete),
        ] {
            if operation.is_some() {
                described.insert(format!("{method} {path}"));
            }
        }
    }
    assert_eq!(described, listed);
}

#[tokio::test]
async fn a_note_is_found_behind_no_door_that_a_requester_can_open() {
    let app = app().await;
    let marta = app.visitor(Some("END_USER")).await;
    let actor = marta.actor.clone().unwrap();
    let agent = app.visitor(Some("AGENT")).await;
    let ticket = testing::ticket(&app.desk, &actor, "VPN drops").await;
    let note = InternalNote::parse("canary-in-the-note").unwrap();
    commands::add_note(&app.desk, agent.actor.as_ref().unwrap(), ticket.id, note, vec![]).await.unwrap();
    let (number, token) = (ticket.ticket_number.as_str(), app.token(&actor).await);

    assert!(
        agent.get(&format!("/tickets/{number}")).await.body.contains("canary-in-the-note"),
        "the agent does see it"
    );
    let mut opened = 0;
    for (path, _) in PAGES {
        let answer = marta.get(&path.replace("{n}", number)).await;
        assert!(!answer.body.contains("canary-in-the-note"), "{path}");
        opened += usize::from(answer.status == StatusCode::OK);
    }
    for (name, body, _) in FUNCTIONS.iter().filter(|(name, _, _)| *name != "sign_out") {
        let body = body.replace("{n}", number).replace("{id}", &ticket.id.to_string());
        assert!(!marta.function(name, &body).await.body.contains("canary-in-the-note"), "{name}");
    }
    for (method, path, body, _) in rest() {
        if method == Method::GET {
            let answer = app.call(method, &path.replace("{id}", &ticket.id.to_string()), &token, &[], body).await;
            assert!(!answer.body.contains("canary-in-the-note"), "{path}");
        }
    }
    let search = app.call(Method::GET, "/api/v1/tickets?q=canary", &token, &[], None).await;
    assert_eq!(search.json()["data"], json!([]));
    assert!(opened > 8, "the pages were really opened");
}

#[tokio::test]
async fn a_page_asks_for_what_it_shows_once() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    let ticket = testing::ticket(&app.desk, agent.actor.as_ref().unwrap(), "shown-once-only").await;
    for path in ["/tickets".to_owned(), format!("/tickets/{}", ticket.ticket_number), "/portal".to_owned()] {
        let page = agent.get(&path).await.body;
        let data = page.split("__RESOLVED_RESOURCES[").skip(1).filter(|part| part.contains("shown-once-only")).count();
        assert_eq!(data, 1, "{path} carries its data more than once: a page was built inside a Suspend");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_visitors_at_once_get_whole_pages() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    let ticket = testing::ticket(&app.desk, agent.actor.as_ref().unwrap(), "VPN").await;
    let page = format!("/tickets/{}", ticket.ticket_number);
    for path in ["/tickets", "/tickets?q=status%3Anew+vpn&sort=created", page.as_str(), "/portal/requests"] {
        let visits = (0..16).map(|_| {
            let (router, cookie, path) = (app.router.clone(), agent.cookie.clone().unwrap(), path.to_owned());
            tokio::spawn(async move {
                for _ in 0..6 {
                    let request = http::Request::get(&path).header("cookie", &cookie).header("accept", "text/html");
                    let response =
                        router.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
                    assert_eq!(response.status(), StatusCode::OK, "{path}");
                }
            })
        });
        for visit in visits.collect::<Vec<_>>() {
            visit.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let app = app().await;
    let request = |origin: &str, site: &str| {
        http::Request::post("/fn/sign_out")
            .header("origin", origin)
            .header("host", "desk.test")
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::empty())
            .unwrap()
    };
    assert_eq!(app.send(request("https://evil.test", "cross-site")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(app.send(request("http://desk.test", "same-origin")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = app().await;
    for path in ["/login", "/portal", "/healthz", "/api/v1/tickets", "/api/v1/openapi.json", "/no-such-page"] {
        let answer = app.visitor(None).await.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    let page = app.visitor(None).await.get("/login").await;
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("'nonce-") && policy.contains("'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for script in page.body.split("<script").skip(1) {
        assert!(script.split('>').next().unwrap().contains(nonce), "<script{}", &script[..80.min(script.len())]);
    }
}
