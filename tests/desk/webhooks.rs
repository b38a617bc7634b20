//! Webhooks that go out: signed, once, again, and never into the house.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use oxdesk::desk::Desk;
use oxdesk::settings::commands::set_setting;
use oxdesk::testing::{desk, person, run_jobs, ticket};
use oxdesk::webhooks::{WebhookForm, WebhookId, WebhookState, commands, queries};
use oxdesk::{Actor, Error, Permission};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What came in: headers and body.
type Came = Arc<Mutex<Vec<(BTreeMap<String, String>, String)>>>;

/// A small server that answers one after the other as it is told, and with the last from then on; 0 hangs.
async fn subscriber(statuses: &'static [u16]) -> (String, Came) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}/hook", listener.local_addr().unwrap().port());
    let came = Came::default();
    let keeps = came.clone();
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            let mut bytes = [0; 4096];
            let (headers, body) = loop {
                let read = stream.read(&mut bytes).await.unwrap();
                text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let headers: BTreeMap<_, _> = head
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                    .collect();
                if body.len() >= headers["content-length"].parse().unwrap() {
                    break (headers, body.to_owned());
                }
            };
            keeps.lock().unwrap().push((headers, body));
            match statuses[number.min(statuses.len() - 1)] {
                0 => std::mem::forget(stream),
                status => {
                    let location = "location: http://127.0.0.1:1/\r\n";
                    let answer =
                        format!("HTTP/1.1 {status} x\r\n{location}content-length: 4\r\nconnection: close\r\n\r\nseen");
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        }
    });
    (url, came)
}

async fn listening(desk: &Desk, admin: &Actor, url: &str, kinds: &[&str]) -> (WebhookId, String) {
    set_setting(desk, admin, "webhooks.allowed_hosts", "127.0.0.1").await.unwrap();
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let form = WebhookForm { name: "Chat".into(), url: url.to_owned(), active: true, kinds };
    let (id, secret) = commands::save_webhook(desk, admin, None, &form).await.unwrap();
    (id, secret.unwrap())
}

/// As if the time for the next attempt had come.
async fn hurry(desk: &Desk) {
    sqlx::query("UPDATE graphile_worker._private_jobs SET run_at = now()").execute(&desk.db).await.unwrap();
    run_jobs(desk).await;
}

#[tokio::test]
async fn what_happens_is_told_once_signed_and_again_until_it_is_taken() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "admin", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let (url, came) = subscriber(&[500, 302, 200]).await;
    let (id, secret) = listening(&desk, &admin, &url, &["ticket.created"]).await;
    let made = ticket(&desk, &marta, "VPN is slow").await;
    run_jobs(&desk).await;
    let deliveries = async || queries::list_deliveries(&desk, &admin, Some(id), None, 10).await.unwrap();
    let first = deliveries().await;
    assert_eq!((first.len(), first[0].state, first[0].status), (1, WebhookState::Waiting, Some(500)));
    hurry(&desk).await;
    assert_eq!(deliveries().await[0].status, Some(302), "a redirect is not followed");
    hurry(&desk).await;
    hurry(&desk).await;
    let sent = deliveries().await;
    assert_eq!((sent[0].state, sent[0].attempts, sent[0].said.as_deref()), (WebhookState::Sent, 3, Some("seen")));
    let came = came.lock().unwrap().clone();
    assert_eq!(came.len(), 3);
    for (headers, body) in &came {
        assert_eq!(headers["webhook-id"], sent[0].id.to_string());
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap()).unwrap();
        mac.update(format!("{}.{}.{body}", headers["webhook-id"], headers["webhook-timestamp"]).as_bytes());
        assert_eq!(headers["webhook-signature"], format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["type"], "ticket.created");
        assert_eq!(body["data"]["ticket"]["ticket_number"], made.ticket_number.as_str());
    }
    // Once more, because someone asks for it; another secret signs from then on.
    let renewed = commands::renew_secret(&desk, &admin, id).await.unwrap();
    assert_ne!(renewed, secret);
    commands::redeliver(&desk, &admin, sent[0].id).await.unwrap();
    run_jobs(&desk).await;
    let again = deliveries().await;
    assert_eq!((again.len(), again[0].state, again[0].attempts), (1, WebhookState::Sent, 1));
}

#[tokio::test]
async fn one_that_hangs_or_is_gone_harms_nothing() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    let (url, _) = subscriber(&[0]).await;
    let (hangs, _) = listening(&desk, &admin, &url, &[]).await;
    commands::test_webhook(&desk, &admin, hangs).await.unwrap();
    let start = std::time::Instant::now();
    run_jobs(&desk).await;
    assert!((9..20).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    let delivery = queries::list_deliveries(&desk, &admin, Some(hangs), None, 10).await.unwrap().remove(0);
    assert_eq!(
        (delivery.state, delivery.said.as_deref()),
        (WebhookState::Waiting, Some("No answer within 10 seconds."))
    );
    // 410 ends it at once.
    let (url, _) = subscriber(&[410]).await;
    let form = WebhookForm { name: "Gone".into(), url, active: true, kinds: Vec::new() };
    let gone = commands::save_webhook(&desk, &admin, None, &form).await.unwrap().0;
    commands::test_webhook(&desk, &admin, gone).await.unwrap();
    run_jobs(&desk).await;
    let delivery = queries::list_deliveries(&desk, &admin, Some(gone), None, 10).await.unwrap().remove(0);
    assert_eq!((delivery.state, delivery.attempts), (WebhookState::Failed, 1));
}

#[tokio::test]
async fn no_webhook_leads_into_the_house_whatever_its_name_means() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    let (url, came) = subscriber(&[200]).await;
    let form = |url: &str| WebhookForm { name: "Inside".into(), url: url.to_owned(), active: true, kinds: Vec::new() };
    for url in ["http://169.254.169.254/", &url, "https://127.0.0.1/", "https://localhost/", "nonsense"] {
        let refused = commands::save_webhook(&desk, &admin, None, &form(url)).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(fields) if fields.contains_key("url")), "{url}: {refused:?}");
    }
    // What was allowed once no longer is.
    let (id, _) = listening(&desk, &admin, &url, &[]).await;
    set_setting(&desk, &admin, "webhooks.allowed_hosts", "").await.unwrap();
    commands::test_webhook(&desk, &admin, id).await.unwrap();
    // A name that anyone may have made, and that leads to this machine.
    let inside = form(&url.replace("http://127.0.0.1", "https://localhost.localdomain"));
    let named = commands::save_webhook(&desk, &admin, None, &WebhookForm { name: "Named".into(), ..inside }).await;
    if let Ok((named, _)) = named {
        commands::test_webhook(&desk, &admin, named).await.unwrap();
    }
    run_jobs(&desk).await;
    let deliveries = queries::list_deliveries(&desk, &admin, None, None, 10).await.unwrap();
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().all(|delivery| delivery.state == WebhookState::Waiting && delivery.status.is_none()));
    assert!(came.lock().unwrap().is_empty(), "nothing came");
}

#[tokio::test]
async fn webhooks_are_their_administrators_and_their_secrets_are_nobodys() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "admin", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (id, secret) = listening(&desk, &admin, "http://127.0.0.1:9/", &["ticket.noted"]).await;
    assert!(!ana.can(Permission::SettingsManage));
    assert_eq!(queries::list_webhooks(&desk, &ana).await.map(drop), Err(Error::Forbidden));
    assert_eq!(commands::test_webhook(&desk, &ana, id).await, Err(Error::Forbidden));
    assert_eq!(commands::renew_secret(&desk, &ana, id).await.map(drop), Err(Error::Forbidden));
    let kept: String = sqlx::query_scalar("SELECT secret FROM webhooks").fetch_one(&desk.db).await.unwrap();
    assert!(!kept.contains(secret.trim_start_matches("whsec_")));
    let shown = serde_json::to_string(&queries::list_webhooks(&desk, &admin).await.unwrap()).unwrap();
    assert!(!shown.contains("whsec_") && !shown.contains(&kept));
    let form =
        WebhookForm { name: "x".into(), url: "https://example.com/".into(), active: true, kinds: vec!["boom".into()] };
    assert!(
        matches!(commands::save_webhook(&desk, &admin, None, &form).await, Err(Error::Invalid(fields)) if fields.contains_key("kinds"))
    );
    assert_eq!(
        commands::save_webhook(&desk, &admin, Some((id, 7)), &WebhookForm { kinds: vec![], ..form }).await.map(drop),
        Err(Error::Conflict { current: 1 })
    );
    commands::delete_webhook(&desk, &admin, id).await.unwrap();
    assert_eq!(commands::delete_webhook(&desk, &admin, id).await, Err(Error::NotFound));
}
