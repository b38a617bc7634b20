//! Mail that providers post: verified their way, taken once.

use crate::test_app::{Answer, TestApp, app};
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, header};
use oxdesk::Actor;
use oxdesk::mail::{MailboxForm, MailboxId, mailboxes};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde::Deserialize;
use sha2::Sha256;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const MAIL: &str = "From: Vera <vera@example.com>\r\nTo: support@desk.test\r\nSubject: By webhook\r\nMessage-ID: <w1@example.com>\r\n\r\nHello.\r\n";

async fn mailbox(app: &TestApp, secret: &str) -> MailboxId {
    let form = MailboxForm {
        name: "Hooks".into(),
        kind: "WEBHOOK".into(),
        webhook_secret: Some(secret.into()),
        active: true,
        ..MailboxForm::default()
    };
    mailboxes::create_mailbox(&app.desk, &Actor::system("test"), form).await.unwrap()
}

fn hmac_hex(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let request = headers.iter().fold(Request::post(path), |request, (name, value)| request.header(*name, *value));
    app.send(request.body(body.into()).unwrap()).await
}

async fn stored(app: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM raw_mails").fetch_one(&app.desk.db).await.unwrap()
}

async fn subjects(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("SELECT subject FROM tickets ORDER BY created_at, id").fetch_all(&app.desk.db).await.unwrap()
}

#[tokio::test]
async fn a_raw_message_is_taken_once_and_only_with_its_signature() {
    let app = app().await;
    let id = mailbox(&app, "a secret").await;
    let path = format!("/webhooks/email/raw/{id}");
    let signature = format!("sha256={}", hmac_hex("a secret", MAIL.as_bytes()));
    let wrong = format!("sha256={}", hmac_hex("another", MAIL.as_bytes()));
    for headers in [
        vec![],
        vec![("x-oxdesk-signature", wrong.as_str())],
        vec![("x-oxdesk-signature", "sha256=")],
        vec![("x-oxdesk-signature", "nonsense")],
    ] {
        assert_eq!(post(&app, &path, &headers, MAIL).await.status, 401);
    }
    assert_eq!(stored(&app).await, 0, "nothing of it is kept");
    let right = [("x-oxdesk-signature", signature.as_str())];
    let answer = post(&app, &path, &right, MAIL).await;
    assert_eq!((answer.status.as_u16(), answer.json()["outcome"].as_str()), (200, Some("created")));
    let again = post(&app, &path, &right, MAIL).await;
    assert_eq!((again.status.as_u16(), again.json()["outcome"].as_str()), (200, Some("duplicate")));
    assert_eq!(again.json()["ticket"], answer.json()["ticket"]);
    assert_eq!(subjects(&app).await, ["By webhook"]);
}

#[tokio::test]
async fn a_mailbox_that_is_not_there_a_provider_that_is_not_and_a_body_without_end_are_told_apart() {
    let app = app().await;
    let id = mailbox(&app, "s").await;
    assert_eq!(post(&app, "/webhooks/email/raw/01a211dd-6b42-7e69-b32b-f99ac40ab228", &[], MAIL).await.status, 404);
    assert_eq!(post(&app, "/webhooks/email/raw/nonsense", &[], MAIL).await.status, 404);
    assert_eq!(post(&app, &format!("/webhooks/email/pigeon/{id}"), &[], MAIL).await.status, 404);
    let long = vec![b'x'; oxdesk::mail::parse::MESSAGE_MAX + 1];
    assert_eq!(post(&app, &format!("/webhooks/email/raw/{id}"), &[], long).await.status, 413);
    let request = Request::get(format!("/webhooks/email/raw/{id}")).body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.status, 405);
}

#[tokio::test]
async fn postmark_proves_itself_by_basic_authentication() {
    let app = app().await;
    let id = mailbox(&app, "post:mark").await;
    let path = format!("/webhooks/email/postmark/{id}");
    let body = serde_json::json!({
        "From": "Vera <vera@example.com>", "To": "support@desk.test", "Subject": "By Postmark", "TextBody": "Hello.",
        "MessageID": "e27500eb", "Headers": [{ "Name": "Message-ID", "Value": "<p1@example.com>" }],
        "Attachments": [{ "Name": "note.txt", "Content": "bm90ZQ==", "ContentType": "text/plain" }],
    });
    let wrong = format!("Basic {}", STANDARD.encode("post:office"));
    assert_eq!(post(&app, &path, &[("authorization", &wrong)], body.to_string()).await.status, 401);
    let right = format!("Basic {}", STANDARD.encode("post:mark"));
    assert_eq!(post(&app, &path, &[("authorization", &right)], "{ no JSON").await.status, 422);
    let answer = post(&app, &path, &[("authorization", &right)], body.to_string()).await;
    assert_eq!(answer.json()["outcome"], "created", "{}", answer.body);
    let files: Vec<(String, i64)> =
        sqlx::query_as("SELECT file_name, file_size FROM ticket_attachments").fetch_all(&app.desk.db).await.unwrap();
    assert_eq!(files, [("note.txt".to_owned(), 4)]);
    assert_eq!(post(&app, &path, &[("authorization", &right)], body.to_string()).await.json()["outcome"], "duplicate");
}

#[tokio::test]
async fn sendgrid_proves_itself_by_its_signature() {
    let app = app().await;
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
    // A public key as SendGrid shows it (RFC 5480).
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7,
        3, 0x42, 0,
    ];
    let shown = STANDARD.encode([&prefix[..], key.public_key().as_ref()].concat());
    let id = mailbox(&app, &shown).await;
    let path = format!("/webhooks/email/sendgrid/{id}");
    let body = format!("--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{MAIL}\r\n--b--\r\n");
    let signed = |text: &str| STANDARD.encode(key.sign(&random, text.as_bytes()).unwrap().as_ref());
    let send = async |signature: &str, body: &str| {
        let headers = [
            ("content-type", "multipart/form-data; boundary=b"),
            ("x-twilio-email-event-webhook-timestamp", "1700000000"),
            ("x-twilio-email-event-webhook-signature", signature),
        ];
        post(&app, &path, &headers, body.to_owned()).await
    };
    let right = signed(&format!("1700000000{body}"));
    assert_eq!(send(&right, &body.replace("Hello", "Hullo")).await.status, 401);
    assert_eq!(send(&signed(&body), &body).await.status, 401);
    assert_eq!(stored(&app).await, 0);
    let answer = send(&right, &body).await;
    assert_eq!(answer.json()["outcome"], "created", "{}", answer.body);
    assert_eq!(subjects(&app).await, ["By webhook"]);
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn mailgun_form(seconds: u64, token: &str, key: &str, mail: &str) -> String {
    let signature = hmac_hex(key, format!("{seconds}{token}").as_bytes());
    let encoded: String = form_urlencoded::byte_serialize(mail.as_bytes()).collect();
    format!("timestamp={seconds}&token={token}&signature={signature}&body-mime={encoded}")
}

#[tokio::test]
async fn mailguns_signature_is_fresh_and_one_messages_own() {
    let app = app().await;
    let id = mailbox(&app, "key-1").await;
    let path = format!("/webhooks/email/mailgun/{id}");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for wrong in [
        mailgun_form(now(), "t1", "key-2", MAIL),
        mailgun_form(now() - 3600, "t1", "key-1", MAIL),
        mailgun_form(now() + 3600, "t1", "key-1", MAIL),
        "token=&timestamp=&signature=".into(),
    ] {
        assert_eq!(post(&app, &path, &form, wrong).await.status, 401);
    }
    assert_eq!(stored(&app).await, 0);
    let right = mailgun_form(now(), "t1", "key-1", MAIL);
    assert_eq!(post(&app, &path, &form, right.clone()).await.json()["outcome"], "created");
    assert_eq!(post(&app, &path, &form, right).await.json()["outcome"], "duplicate", "the same delivery again");
    let stolen = mailgun_form(now(), "t1", "key-1", &MAIL.replace("w1@", "w2@"));
    assert_eq!(post(&app, &path, &form, stolen).await.status, 401, "its signature under another message");
    assert_eq!(subjects(&app).await.len(), 1);
}

#[derive(Deserialize)]
struct Recorded {
    id: String,
    provider: String,
    content_type: String,
    body_file: String,
}

#[tokio::test]
async fn what_providers_were_recorded_to_send_becomes_tickets() {
    let folder =
        std::env::var_os("OXDESK_CORPORA").map_or_else(|| PathBuf::from("../../shared/corpora"), PathBuf::from);
    let Ok(list) = std::fs::read_to_string(folder.join("webhooks/http_cases.json")) else {
        println!("skipped: {} is not there", folder.display());
        return;
    };
    let app = app().await;
    let id = mailbox(&app, "secret").await;
    let cases: Vec<Recorded> = serde_json::from_str(&list).unwrap();
    let ours = cases.into_iter().filter(|case| ["postmark", "sendgrid", "mailgun"].contains(&case.provider.as_str()));
    let mut taken = 0;
    for case in ours {
        let mut body = std::fs::read(folder.join("webhooks").join(&case.body_file)).unwrap();
        if case.provider == "mailgun" {
            body = resigned(&body, &case.content_type, &case.id);
        }
        let basic = format!("Basic {}", STANDARD.encode("api:secret"));
        let headers = [("content-type", case.content_type.as_str()), ("authorization", basic.as_str())];
        let answer = post(&app, &format!("/webhooks/email/{}/{id}", case.provider), &headers, body).await;
        assert_eq!(answer.status, 200, "{}: {}", case.id, answer.body);
        let outcome = answer.json()["outcome"].as_str().unwrap().to_owned();
        assert!(
            ["created", "appended", "duplicate", "quarantined"].contains(&outcome.as_str()),
            "{}: {}",
            case.id,
            answer.body
        );
        taken += 1;
    }
    println!("recorded requests taken: {taken}");
    assert!(taken >= 10);
    let descriptions: Vec<String> =
        sqlx::query_scalar("SELECT description FROM tickets").fetch_all(&app.desk.db).await.unwrap();
    assert!(descriptions.iter().any(|text| text.contains("some more bold text")), "{descriptions:?}");
    let from: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT requester_email FROM tickets").fetch_all(&app.desk.db).await.unwrap();
    assert!(from.contains(&"james@opennorth.ca".to_owned()), "{from:?}");
}

/// The recorded form under a signature of now: its own is from long ago, with a key that nobody has.
fn resigned(body: &[u8], kind: &str, token: &str) -> Vec<u8> {
    let (seconds, token) = (now().to_string(), token.replace('/', "-"));
    let signature = hmac_hex("secret", format!("{seconds}{token}").as_bytes());
    let fields = [("timestamp", seconds.as_str()), ("token", &token), ("signature", &signature)];
    // Before the recorded ones: the first of a name counts.
    match kind.split_once("boundary=") {
        Some((_, boundary)) => {
            let part = |(name, value): &(&str, &str)| {
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let parts: String = fields.iter().map(part).collect();
            [parts.as_bytes(), body].concat()
        }
        None => {
            let pairs: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
            [pairs.as_bytes(), body].concat()
        }
    }
}

#[tokio::test]
async fn amazon_is_not_asked_for_a_certificate_from_elsewhere() {
    let app = app().await;
    let topic = "arn:aws:sns:eu-west-1:123456789012:mail";
    let id = mailbox(&app, topic).await;
    let path = format!("/webhooks/email/ses/{id}");
    let mut notices: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../tests/fixtures/sns/notifications.json")).unwrap();
    let mut notice = notices.remove(0);
    notice["SigningCertURL"] = "https://evil.test/x.pem".into();
    assert_eq!(
        post(&app, &path, &[(header::CONTENT_TYPE.as_str(), "text/plain")], notice.to_string()).await.status,
        401
    );
    notice["TopicArn"] = "arn:aws:sns:eu-west-1:999999999999:mail".into();
    assert_eq!(post(&app, &path, &[], notice.to_string()).await.status, 401, "someone else's topic");
    assert_eq!(post(&app, &path, &[], "{}").await.status, 401);
    assert_eq!(stored(&app).await, 0);
}

#[tokio::test]
async fn mail_is_tried_and_previewed_by_administrators_alone_and_nothing_in_it_runs() {
    let app = app().await;
    let forms = [
        ("/mail-try", "message=From%3A+v%40example.com%0A%0A%3Cscript%3Ex()%3C%2Fscript%3E"),
        ("/mail-preview", "name=LINK&subject=x&body=%3Cscript%3Ex()%3C%2Fscript%3E+%7B%7B+link+%7D%7D"),
    ];
    for (role, status) in [
        (None, 401),
        (Some("REQUESTER"), 403),
        (Some("END_USER"), 403),
        (Some("AGENT"), 403),
        (Some("IT_MANAGER"), 403),
        (Some("ADMIN"), 200),
    ] {
        let visitor = app.visitor(role).await;
        for (path, form) in forms {
            let answer = visitor.form(path, form).await;
            assert_eq!(answer.status, status, "{role:?} {path} {}", answer.body);
            let policy = answer.header("content-security-policy");
            assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{path} {policy}");
            assert!(!answer.body.contains("<script"), "{path} {}", answer.body);
        }
    }
    let admin = app.visitor(None).await;
    let long = format!("message={}", "x".repeat(2 * 1024 * 1024));
    assert_eq!(admin.form("/mail-try", &long).await.status, 413);
}

/// A picture of one point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[tokio::test]
async fn a_picture_of_a_mail_is_shown_and_what_only_calls_itself_one_is_not() {
    let app = app().await;
    let id = mailbox(&app, "s").await;
    let part = |id: &str, kind: &str, body: &str| {
        format!(
            "--b\r\nContent-Type: {kind}\r\nContent-ID: <{id}>\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
        )
    };
    let body = format!(
        "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Look <img src=\"cid:point@x\"></p>\r\n{}{}--b--\r\n",
        part("point@x", "image/png", PNG),
        part("trick@x", "image/png", "PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+"),
    );
    let raw = MAIL.replace("\r\n\r\nHello.\r\n", &body);
    let signature = format!("sha256={}", hmac_hex("s", raw.as_bytes()));
    let path = format!("/webhooks/email/raw/{id}");
    assert_eq!(post(&app, &path, &[("x-oxdesk-signature", &signature)], raw).await.json()["outcome"], "created");
    let mail: oxdesk::mail::RawMailId =
        sqlx::query_scalar("SELECT id FROM raw_mails").fetch_one(&app.desk.db).await.unwrap();
    let agent = app.visitor(Some("AGENT")).await;
    let shown = agent.get(&format!("/mail/{mail}")).await;
    let source = format!("src=\"/mail/{mail}/part/point@x\"");
    assert!(shown.body.contains(&source), "{}", shown.body);
    let picture = agent.get(&format!("/mail/{mail}/part/point@x")).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, "image/png"));
    assert!(picture.header("content-security-policy").contains("sandbox"));
    assert_eq!(agent.get(&format!("/mail/{mail}/part/trick@x")).await.status, 404);
    assert_eq!(app.visitor(Some("END_USER")).await.get(&format!("/mail/{mail}/part/point@x")).await.status, 403);
}

#[tokio::test]
async fn the_mail_as_it_came_is_for_those_who_work_its_ticket_and_runs_nothing() {
    let app = app().await;
    let id = mailbox(&app, "s").await;
    let raw = MAIL.replace("\r\n\r\nHello.", "\r\nContent-Type: text/html\r\n\r\n<p onclick=\"x()\">Hello.</p><script>x()</script><img src=\"https://tracker.test/p.png\">");
    let signature = format!("sha256={}", hmac_hex("s", raw.as_bytes()));
    let path = format!("/webhooks/email/raw/{id}");
    assert_eq!(post(&app, &path, &[("x-oxdesk-signature", &signature)], raw).await.json()["outcome"], "created");
    let mail: oxdesk::mail::RawMailId =
        sqlx::query_scalar("SELECT id FROM raw_mails").fetch_one(&app.desk.db).await.unwrap();
    let address = format!("/mail/{mail}");
    for (role, status) in [(None, 303), (Some("REQUESTER"), 403), (Some("END_USER"), 403), (Some("AGENT"), 200)] {
        let answer = app.visitor(role).await.get(&address).await;
        assert_eq!(answer.status, status, "{role:?}");
        if status == 200 {
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("https:"),
                "{policy}"
            );
            assert!(answer.body.contains("Hello.") && !answer.body.contains("x()"), "{}", answer.body);
        }
    }
    let ben = app.visitor(Some("IT_MANAGER")).await;
    // Remembered for a reader and a sender, until taken back.
    let show = |always: &str| format!("id={mail}&always={always}");
    assert_eq!(ben.function("show_pictures", &show("true")).await.status, 200);
    let trusted = ben.get(&address).await;
    assert!(trusted.header("content-security-policy").contains("https:") && trusted.body.contains("class=\"trusted\""));
    let other = app.visitor(Some("ADMIN")).await;
    assert!(!other.get(&address).await.header("content-security-policy").contains("https:"), "for this reader only");
    assert_eq!(ben.function("show_pictures", &show("false")).await.status, 200);
    assert!(!ben.get(&address).await.header("content-security-policy").contains("https:"));
    assert!(ben.get(&format!("{address}?images=yes")).await.header("content-security-policy").contains("https:"));
    assert_eq!(ben.get("/mail/01a211dd-6b42-7e69-b32b-f99ac40ab228").await.status, 404);
    assert_eq!(ben.get(&format!("{address}/part/nothing@here")).await.status, 404);
}
