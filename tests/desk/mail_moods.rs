//! Servers that refuse, fall silent, lie, or never come to an end.

use oxdesk::desk::Desk;
use oxdesk::mail::{MailboxForm, MailboxId, OutboxMailId, fetch, mailboxes, outbox, send};
use oxdesk::testing::{desk, person, run_jobs, ticket};
use oxdesk::tickets::{PublicReply, commands};
use oxdesk::{Actor, Error};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A port of loopback on which each connection is answered by `answer`.
async fn server<F: Future<Output = ()> + Send>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            answer(stream).await;
        }
    });
    port
}

/// An SMTP server that answers the n-th mail as told, and whoever signs in.
async fn moody(sign_in: &'static str, answers: &'static [&'static str]) -> u16 {
    let mails = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    server(move |stream| {
        let mails = mails.clone();
        async move {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let mut in_data = false;
            let mut answer = "220 moody";
            loop {
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    return;
                }
                answer = loop {
                    let Ok(Some(line)) = lines.next_line().await else { return };
                    match line.as_str() {
                        "." if in_data => {
                            in_data = false;
                            let mail = mails.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                            break answers.get(mail).copied().unwrap_or("250 taken");
                        }
                        _ if in_data => {}
                        "DATA" => {
                            in_data = true;
                            break "354 go on";
                        }
                        line if line.starts_with("EHLO") => break "250-moody\r\n250 AUTH PLAIN",
                        line if line.starts_with("AUTH") => break sign_in,
                        _ => break "250 fine",
                    }
                };
            }
        }
    })
    .await
}

/// Nobody has to sign in.
const OPEN: &str = "235 welcome";

async fn mailbox(desk: &Desk, form: MailboxForm) -> MailboxId {
    let form = MailboxForm { name: "Moody".into(), active: true, ..form };
    mailboxes::create_mailbox(desk, &Actor::system("test"), form).await.unwrap()
}

/// A mailbox that sends through a port of loopback.
fn through(port: u16) -> MailboxForm {
    MailboxForm {
        kind: "SMTP".into(),
        smtp_host: Some("127.0.0.1".into()),
        smtp_port: Some(port.into()),
        smtp_encryption: Some("NONE".into()),
        smtp_from_email: Some("support@desk.test".into()),
        ..MailboxForm::default()
    }
}

/// State, attempts, and what was said, of every mail in the outbox.
async fn written(desk: &Desk) -> Vec<(String, i32, Option<String>)> {
    sqlx::query_as("SELECT state, attempts, last_error FROM outbox ORDER BY id").fetch_all(&desk.db).await.unwrap()
}

async fn the_only_mail(desk: &Desk) -> OutboxMailId {
    sqlx::query_scalar("SELECT id FROM outbox").fetch_one(&desk.db).await.unwrap()
}

/// The time of every job that was put off has come.
async fn later(desk: &Desk) {
    sqlx::query("UPDATE graphile_worker._private_jobs SET run_at = now()").execute(&desk.db).await.unwrap();
    run_jobs(desk).await;
}

#[tokio::test]
async fn what_a_server_refuses_for_now_is_tried_again_and_for_good_is_told_to_the_agent() {
    let desk = desk().await;
    mailbox(&desk, through(moody(OPEN, &["451 4.3.0 later", "250 taken", "550 5.1.1 no such user"]).await)).await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let made = ticket(&desk, &marta, "A lamp").await;
    run_jobs(&desk).await;
    let first = written(&desk).await;
    assert_eq!((first[0].0.as_str(), first[0].1), ("WAITING", 1), "{first:?}");
    assert!(first[0].2.as_ref().unwrap().contains("later"), "{first:?}");

    later(&desk).await;
    assert_eq!(written(&desk).await[0].0, "SENT");

    commands::add_reply(&desk, &ana, made.id, PublicReply::parse("Done.").unwrap(), None, vec![]).await.unwrap();
    run_jobs(&desk).await;
    let all = written(&desk).await;
    assert_eq!((all[1].0.as_str(), all[1].2.as_ref().unwrap().contains("no such user")), ("FAILED", true), "{all:?}");
    let page = oxdesk::tickets::queries::ticket_page(&desk, &ana, made.id).await.unwrap();
    assert!(format!("{:?}", page.timeline).contains("no such user"));
}

#[tokio::test]
async fn a_password_that_was_changed_costs_no_mail() {
    let desk = desk().await;
    let port = moody("535 5.7.8 bad credentials", &[]).await;
    let form = MailboxForm { smtp_user: Some("support".into()), smtp_password: Some("old".into()), ..through(port) };
    mailbox(&desk, form).await;
    let marta = person(&desk, "marta", "END_USER").await;
    ticket(&desk, &marta, "A lamp").await;
    run_jobs(&desk).await;
    let mails = written(&desk).await;
    assert_eq!(mails[0].0, "WAITING", "{mails:?}");
    assert!(mails[0].2.as_ref().unwrap().contains("bad credentials"), "{mails:?}");
}

#[tokio::test]
async fn what_was_given_up_is_sent_once_someone_says_so() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "root", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    ticket(&desk, &ana, "A lamp").await;
    let id = the_only_mail(&desk).await;
    assert_eq!(outbox::send_again(&desk, &ana, id).await, Err(Error::Forbidden));
    let refused = outbox::send_again(&desk, &admin, id).await.unwrap_err();
    assert!(refused.to_string().contains("no mailbox"), "{refused}");

    // Written before there was a mailbox to send from.
    mailbox(&desk, through(moody(OPEN, &["550 5.7.1 go away", "250 taken"]).await)).await;
    outbox::send_again(&desk, &admin, id).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(written(&desk).await[0].0, "FAILED");
    assert!(outbox::list_outbox(&desk, &admin, None, 10).await.unwrap()[0].is_stuck);
    outbox::send_again(&desk, &admin, id).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(written(&desk).await[0].0, "SENT");
    assert_eq!(outbox::send_again(&desk, &admin, id).await, Err(Error::NotFound), "it went");
}

#[tokio::test]
async fn a_mail_that_a_dead_worker_had_claimed_is_sent_by_the_next_and_one_that_was_sent_is_not() {
    let desk = desk().await;
    mailbox(&desk, through(moody(OPEN, &[]).await)).await;
    let ana = person(&desk, "ana", "AGENT").await;
    ticket(&desk, &ana, "A lamp").await;
    let id = the_only_mail(&desk).await;
    sqlx::query("UPDATE outbox SET state = 'SENDING', claimed_at = now()").execute(&desk.db).await.unwrap();
    send::send(&desk, id).await.unwrap();
    assert_eq!(written(&desk).await[0].0, "SENDING", "someone is at it");
    sqlx::query("UPDATE outbox SET claimed_at = now() - interval '1 hour'").execute(&desk.db).await.unwrap();
    send::resume(&desk).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(written(&desk).await[0].0, "SENT");
    send::send(&desk, id).await.unwrap();
    assert_eq!(written(&desk).await[0].1, 1, "not again");
}

#[tokio::test]
async fn a_server_that_falls_silent_holds_a_mail_up_and_loses_none() {
    let desk = desk().await;
    let silent = server(|stream| async move {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(300)).await;
            drop(stream);
        });
    })
    .await;
    mailbox(&desk, through(silent)).await;
    let ana = person(&desk, "ana", "AGENT").await;
    ticket(&desk, &ana, "A lamp").await;
    send::send_within(&desk, the_only_mail(&desk).await, Duration::from_secs(2)).await.unwrap();
    let mails = written(&desk).await;
    assert_eq!((mails[0].0.as_str(), mails[0].1), ("WAITING", 1), "{mails:?}");
    assert!(mails[0].2.as_ref().unwrap().contains("did not answer in time"), "{mails:?}");
}

#[tokio::test]
async fn whoever_tries_a_mailbox_hears_that_nothing_came_back_before_they_stop_waiting() {
    let desk = desk().await;
    let admin = person(&desk, "root", "ADMIN").await;
    let id = mailbox(&desk, through(moody(OPEN, &[]).await)).await;
    let begun = std::time::Instant::now();
    let said = mailboxes::round_trip(&desk, &admin, id).await.unwrap_err().to_string();
    assert!(said.contains("did not come in"), "{said}");
    // A request is answered within thirty.
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
}

/// A POP3 server with one message, which answers `UIDL` and `RETR` as told.
async fn pop3(list: Vec<u8>, message: Vec<u8>) -> u16 {
    server(move |stream| {
        let (list, message) = (list.clone(), message.clone());
        async move {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let _ = writer.write_all(b"+OK\r\n").await;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer: &[u8] = match line.split(' ').next().unwrap() {
                    "UIDL" => &list,
                    "RETR" => &message,
                    _ => b"+OK\r\n",
                };
                if writer.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

fn fetched_from(port: u16) -> MailboxForm {
    MailboxForm {
        kind: "POP3".into(),
        imap_host: Some("127.0.0.1".into()),
        imap_port: Some(port.into()),
        imap_user: Some("support".into()),
        imap_password: Some("secret".into()),
        imap_encryption: Some("NONE".into()),
        ..MailboxForm::default()
    }
}

#[tokio::test]
async fn a_line_without_end_is_not_waited_for() {
    let desk = desk().await;
    let mut endless = b"+OK\r\n1 ".to_vec();
    endless.resize(32 * 1024 * 1024, b'x');
    let id = mailbox(&desk, fetched_from(pop3(endless, Vec::new()).await)).await;
    let said = fetch::fetch_mail(&desk, id).await.unwrap_err().to_string();
    assert!(said.contains("without end"), "{said}");
}

#[tokio::test]
async fn a_mailbox_signs_in_with_a_token_as_google_and_microsoft_have_it() {
    let desk = desk().await;
    let (heard, mut said) = tokio::sync::mpsc::unbounded_channel();
    let port = server(move |stream| {
        let heard = heard.clone();
        async move {
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            let _ = writer.write_all(b"+OK\r\n").await;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = if line == "UIDL" { "+OK\r\n.\r\n" } else { "+OK\r\n" };
                let _ = heard.send(line);
                let _ = writer.write_all(answer.as_bytes()).await;
            }
        }
    })
    .await;
    let form = MailboxForm { auth_method: Some("XOAUTH2".into()), ..fetched_from(port) };
    let id = mailbox(&desk, form).await;
    assert_eq!(fetch::fetch_mail(&desk, id).await, Ok(0));
    // As in Google's and Microsoft's description: user=…^Aauth=Bearer …^A^A, in base64.
    assert_eq!(said.recv().await.unwrap(), "AUTH XOAUTH2 dXNlcj1zdXBwb3J0AWF1dGg9QmVhcmVyIHNlY3JldAEB");
}

#[tokio::test]
async fn a_long_line_comes_whole_and_dots_are_what_they_were() {
    let desk = desk().await;
    let long = "y".repeat(200_000);
    // The second piece of a line that is read in pieces begins with dots, which are the line's own.
    let dots = format!("{}{}", "z".repeat(64 * 1024), "..end");
    let message = format!(
        "+OK\r\nFrom: otto@home.test\r\nSubject: Long\r\nMessage-ID: <1@long>\r\n\r\n{long}\r\n{dots}\r\n..one dot\r\n.\r\n"
    );
    let id = mailbox(&desk, fetched_from(pop3(b"+OK\r\n1 a\r\n.\r\n".to_vec(), message.into_bytes()).await)).await;
    assert_eq!(fetch::fetch_mail(&desk, id).await, Ok(1));
    let raw: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM raw_mails").fetch_one(&desk.db).await.unwrap();
    let body = String::from_utf8(raw).unwrap().split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(body, format!("{long}\r\n{dots}\r\n.one dot\r\n"));
}
