//! Mail through real servers, there and back.

mod servers;

use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::mail::fetch::idle;
use oxdesk::mail::parse::parse;
use oxdesk::mail::{MailboxForm, MailboxId, fetch, mailboxes};
use oxdesk::testing::{Wire, desk, person, run_jobs};
use oxdesk::tickets::{PublicReply, TicketId, TicketPatch, commands, queries};
use servers::{Servers, free_port, secured};
use std::fs;

async fn make(desk: &Desk, form: MailboxForm) -> MailboxId {
    mailboxes::create_mailbox(desk, &Actor::system("test"), form).await.unwrap()
}

async fn said(desk: &Desk) -> Vec<String> {
    sqlx::query_scalar("SELECT comment FROM ticket_comments ORDER BY created_at, id").fetch_all(&desk.db).await.unwrap()
}

async fn count(desk: &Desk, table: &str) -> i64 {
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"))).fetch_one(&desk.db).await.unwrap()
}

fn headers(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    text.split("\n\n").next().unwrap().replace("\n ", " ")
}

/// OpenSMTPD is one a machine: everything that needs it stands in this one test.
#[tokio::test]
async fn mail_goes_out_arrives_is_answered_and_comes_back_to_its_ticket() {
    let Some(servers) = Servers::start().await else { return };
    let desk = desk().await;
    let imap = make(&desk, servers.form("Support", "IMAP")).await;
    let ana = person(&desk, "ana", "AGENT").await;

    // A question arrives, and is taken in once.
    servers.send("vera@home.test", "support@desk.test", b"From: Vera <vera@home.test>\r\nTo: support@desk.test\r\nSubject: The lift stands\r\nMessage-ID: <lift@home.test>\r\n\r\nSince noon.\r\n").await;
    servers.arrived("support", 1).await;
    assert_eq!(fetch::fetch_mail(&desk, imap).await, Ok(1));
    assert_eq!(fetch::fetch_mail(&desk, imap).await, Ok(0));
    let ticket: TicketId = sqlx::query_scalar("SELECT id FROM tickets").fetch_one(&desk.db).await.unwrap();

    // She hears that we have it, then the answer.
    run_jobs(&desk).await;
    let received = servers.arrived("vera", 1).await;
    let head = headers(&received[0]);
    assert!(head.contains("Auto-Submitted: auto-replied") && head.contains("In-Reply-To: <lift@home.test>"), "{head}");
    commands::add_reply(&desk, &ana, ticket, PublicReply::parse("It **runs** again.").unwrap(), None, vec![])
        .await
        .unwrap();
    run_jobs(&desk).await;
    let received = servers.arrived("vera", 2).await;
    let answer = received.iter().find(|raw| parse(raw).text.contains("again")).expect("the answer");
    let (head, mail) = (headers(answer), parse(answer));
    assert!(!head.contains("Auto-Submitted") && head.contains("X-Oxdesk-Ticket: TKT-"), "{head}");
    assert!(mail.html.as_ref().unwrap().contains("<strong>runs</strong>"), "as HTML too");
    let reply_to = mail.reply_to[0].email.clone();
    assert!(reply_to.starts_with("support+t."), "{reply_to}");

    files_go_along(&servers, &desk, &ana, ticket).await;

    // Her answer comes to the signed address, with nothing else that names the ticket.
    let raw = format!(
        "From: Vera <vera@home.test>\r\nTo: {reply_to}\r\nSubject: thanks\r\nMessage-ID: <2@home.test>\r\n\r\nIt does, I rode it.\r\n"
    );
    servers.send("vera@home.test", &reply_to, raw.as_bytes()).await;
    servers.wait(|| async { matches!(fetch::fetch_mail(&desk, imap).await, Ok(1)) }).await;
    assert_eq!(said(&desk).await, ["It **runs** again.", "Two files.", "It does, I rode it."]);
    assert_eq!(count(&desk, "tickets").await, 1);
    let states: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT state FROM outbox").fetch_all(&desk.db).await.unwrap();
    assert_eq!(states, ["SENT"]);

    told(&servers, &desk, imap, ticket).await;
    waited_for(&servers).await;
    by_pop3(&servers).await;
    at_once(&servers).await;
    moved_away(&servers).await;
    deleted(&servers).await;
    cut_off_anywhere(&servers).await;
    refused(&servers).await;
    to_itself(&servers).await;
    under_tls(&servers).await;
}

/// What fits into a mail goes along; of what does not, its reader is told.
async fn files_go_along(servers: &Servers, desk: &Desk, ana: &Actor, ticket: TicketId) {
    let file = async |name: &str, size: usize| {
        let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b'x'; size])]);
        desk.files.receive(name, u64::MAX, chunks).await.unwrap()
    };
    let files = vec![file("log.txt", 2000).await, file("film.bin", 11 * 1024 * 1024).await];
    commands::add_reply(desk, ana, ticket, PublicReply::parse("Two files.").unwrap(), None, files).await.unwrap();
    run_jobs(desk).await;
    let received = servers.arrived("vera", 3).await;
    let mail = received.iter().map(|raw| parse(raw)).find(|mail| mail.text.contains("Two files.")).expect("it came");
    let names: Vec<(&str, usize)> =
        mail.attachments.iter().map(|file| (file.file_name.as_str(), file.bytes.len())).collect();
    assert_eq!(names, [("log.txt", 2000)]);
    assert!(mail.text.contains("Files that are too large for a mail wait with your request."), "{}", mail.text);
}

/// Nobody looks into the mailbox: the server says that something has come.
/// What happens on a ticket goes to whoever has it, under an address whose answers are notes, with what ends such mails.
async fn told(servers: &Servers, desk: &Desk, imap: MailboxId, ticket: TicketId) {
    let mona = person(desk, "mona", "IT_MANAGER").await;
    let nora = person(desk, "nora", "AGENT").await.user_id.unwrap();
    sqlx::query("UPDATE users SET email = 'nora@home.test' WHERE id = $1").bind(nora).execute(&desk.db).await.unwrap();
    let version = queries::ticket(desk, &mona, ticket).await.unwrap().version;
    let patch = TicketPatch { assigned_to_id: Some(Some(nora)), ..TicketPatch::default() };
    commands::update_ticket(desk, &mona, ticket, version, patch).await.unwrap();
    run_jobs(desk).await;
    sqlx::query("UPDATE notifications SET mail_due_at = now() WHERE mail_due_at IS NOT NULL")
        .execute(&desk.db)
        .await
        .unwrap();
    oxdesk::notifications::commands::mail_due(desk).await.unwrap();
    run_jobs(desk).await;
    let raw = servers.arrived("nora", 1).await.remove(0);
    let (head, mail) = (headers(&raw), parse(&raw));
    for line in [
        "List-Unsubscribe: <http",
        "/unsubscribe/TICKET_ASSIGNED.",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Auto-Submitted: auto-generated",
        "X-Oxdesk-Ticket: TKT-",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    let reply_to = mail.reply_to[0].email.clone();
    assert!(reply_to.starts_with("support+n."), "{reply_to}");
    let answer = format!(
        "From: Nora <nora@home.test>\r\nTo: {reply_to}\r\nIn-Reply-To: <{}>\r\nSubject: Re: {}\r\nMessage-ID: <n@home.test>\r\n\r\nI take it.\r\n",
        mail.message_id.unwrap(),
        mail.subject
    );
    servers.send("nora@home.test", &reply_to, answer.as_bytes()).await;
    servers.wait(|| async { matches!(fetch::fetch_mail(desk, imap).await, Ok(1)) }).await;
    let notes: Vec<String> =
        sqlx::query_scalar("SELECT comment FROM ticket_comments WHERE is_internal").fetch_all(&desk.db).await.unwrap();
    assert_eq!(notes, ["I take it."]);
}

async fn waited_for(servers: &Servers) {
    let desk = desk().await;
    make(&desk, MailboxForm { imap_user: Some("quick".into()), ..servers.form("Quick", "IMAP") }).await;
    servers.send_numbered("quick", 1).await;
    let (one, other) = (desk.clone(), desk.clone());
    let nodes =
        [tokio::spawn(async move { idle::watch(&one).await }), tokio::spawn(async move { idle::watch(&other).await })];
    servers.wait(|| async { count(&desk, "tickets").await == 1 }).await;
    // It is at the server by now, and hears of the next.
    servers
        .send(
            "p@home.test",
            "quick@desk.test",
            b"From: q@home.test\r\nSubject: Now\r\nMessage-ID: <now@quick>\r\n\r\nHello.\r\n",
        )
        .await;
    servers.wait(|| async { count(&desk, "tickets").await == 2 }).await;
    nodes.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn by_pop3(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm {
        imap_user: Some("sales".into()),
        after_intake: Some("DELETE".into()),
        ..servers.form("Sales", "POP3")
    };
    let pop3 = make(&desk, form).await;
    for number in 0..3 {
        let raw = format!(
            "From: otto@home.test\r\nSubject: Order {number}\r\nMessage-ID: <{number}@otto>\r\n\r\n.One dot\r\n..two dots\r\n"
        );
        servers.send("otto@home.test", "sales@desk.test", raw.as_bytes()).await;
    }
    servers.arrived("sales", 3).await;
    fetch::try_fetching(&desk, &Actor::system("test"), pop3).await.unwrap();
    assert_eq!(fetch::fetch_mail(&desk, pop3).await, Ok(3));
    let texts: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT description FROM tickets").fetch_all(&desk.db).await.unwrap();
    assert_eq!(texts, [".One dot\n..two dots"]);
    assert_eq!(fetch::fetch_mail(&desk, pop3).await, Ok(0), "they are gone from the server");
}

/// Two workers at one mailbox: nothing lost, nothing twice.
async fn at_once(servers: &Servers) {
    let desk = desk().await;
    let mailbox = make(&desk, MailboxForm { imap_user: Some("busy".into()), ..servers.form("Busy", "IMAP") }).await;
    servers.send_numbered("busy", 20).await;
    let (one, other) = tokio::join!(fetch::fetch_mail(&desk, mailbox), fetch::fetch_mail(&desk, mailbox));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    assert_eq!(count(&desk, "tickets").await, 20);
}

async fn moved_away(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm {
        imap_user: Some("tidy".into()),
        after_intake: Some("MOVE".into()),
        move_to: Some("Done".into()),
        ..servers.form("Tidy", "IMAP")
    };
    let mailbox = make(&desk, form).await;
    servers.send_numbered("tidy", 1).await;
    assert_eq!(fetch::fetch_mail(&desk, mailbox).await, Ok(1));
    let done = servers.folder.join("mail/tidy/.Done");
    let files: usize = ["cur", "new"].iter().map(|part| fs::read_dir(done.join(part)).map_or(0, Iterator::count)).sum();
    assert_eq!(files, 1, "it lies in the other folder");
}

async fn deleted(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm {
        imap_user: Some("bare".into()),
        after_intake: Some("DELETE".into()),
        ..servers.form("Bare", "IMAP")
    };
    let mailbox = make(&desk, form).await;
    servers.send_numbered("bare", 2).await;
    assert_eq!(fetch::fetch_mail(&desk, mailbox).await, Ok(2));
    assert_eq!(count(&desk, "tickets").await, 2);
    let files: usize = ["cur", "new"]
        .iter()
        .map(|part| fs::read_dir(servers.folder.join("mail/bare").join(part)).map_or(0, Iterator::count))
        .sum();
    assert_eq!(files, 0, "the server has them no more");
}

/// A server that dies after each so many bytes, a little later each time: in the greeting, in a list, in the middle of a
/// message. Nothing is lost, nothing is there twice.
async fn cut_off_anywhere(servers: &Servers) {
    for (user, kind, after_intake, port) in
        [("broken", "IMAP", "DELETE", servers.imap), ("torn", "POP3", "DELETE", servers.pop3)]
    {
        let desk = desk().await;
        let wire = Wire::to(port).await;
        let form = MailboxForm {
            imap_user: Some(user.into()),
            imap_port: Some(wire.port.into()),
            after_intake: Some(after_intake.into()),
            ..servers.form(user, kind)
        };
        let mailbox = make(&desk, form).await;
        servers.send_numbered(user, 5).await;
        let mut failed = 0;
        for bytes in (0..6000).step_by(83) {
            wire.end_after(bytes);
            failed += usize::from(fetch::fetch_mail(&desk, mailbox).await.is_err());
        }
        assert!(failed > 5, "{kind}: it did die: {failed}");
        wire.end_after(u64::MAX);
        fetch::fetch_mail(&desk, mailbox).await.unwrap();
        let subjects: Vec<String> =
            sqlx::query_scalar("SELECT subject FROM tickets ORDER BY subject").fetch_all(&desk.db).await.unwrap();
        assert_eq!(subjects, ["Number 0", "Number 1", "Number 2", "Number 3", "Number 4"], "{kind}");
        assert_eq!(fetch::fetch_mail(&desk, mailbox).await, Ok(0), "{kind}: the server has them no more");
    }
}

async fn to_itself(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm {
        imap_user: Some("loop".into()),
        smtp_from_email: Some("loop@desk.test".into()),
        ..servers.form("Loop", "IMAP")
    };
    let mailbox = make(&desk, form.clone()).await;
    let (admin, ana) = (person(&desk, "root", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    assert_eq!(mailboxes::round_trip(&desk, &ana, mailbox).await, Err(oxdesk::Error::Forbidden));
    mailboxes::round_trip(&desk, &admin, mailbox).await.unwrap();
    assert_eq!(count(&desk, "tickets").await, 0, "nothing is made of it");
    let nowhere = MailboxForm { smtp_port: Some(free_port().into()), ..form };
    mailboxes::update_mailbox(&desk, &admin, mailbox, 1, nowhere).await.unwrap();
    let said = mailboxes::round_trip(&desk, &admin, mailbox).await.unwrap_err().to_string();
    assert!(said.to_lowercase().contains("refused"), "{said}");
}

/// TLS from the first byte and after STARTTLS, with a certificate that only a house's own authority signed.
async fn under_tls(servers: &Servers) {
    let desk = desk().await;
    servers.send_numbered("sealed", 2).await;
    let form = |name: &str, kind: &str, encryption: &str, port: u16, smtp: u16| MailboxForm {
        imap_host: Some("localhost".into()),
        smtp_host: Some("localhost".into()),
        imap_user: Some("sealed".into()),
        imap_encryption: Some(encryption.into()),
        smtp_encryption: Some(encryption.into()),
        imap_port: Some(port.into()),
        smtp_port: Some(smtp.into()),
        smtp_from_email: Some("sealed@desk.test".into()),
        ..servers.form(name, kind)
    };
    let (smtps, smtp) =
        (secured(&servers.folder, servers.smtp, false).await, secured(&servers.folder, servers.smtp, true).await);
    let sealed = make(&desk, form("Sealed", "IMAP", "SSL", servers.imaps, smtps)).await;
    let said = fetch::fetch_mail(&desk, sealed).await.unwrap_err().to_string();
    assert!(said.contains("certificate"), "nobody vouches for it: {said}");
    oxdesk::mail::trust_authorities(&fs::read(servers.folder.join("ca.pem")).unwrap()).unwrap();
    assert_eq!(fetch::fetch_mail(&desk, sealed).await, Ok(2));
    let admin = person(&desk, "root", "ADMIN").await;
    mailboxes::round_trip(&desk, &admin, sealed).await.unwrap();
    for (name, kind, port) in [("Started", "IMAP", servers.imap), ("Started too", "POP3", servers.pop3)] {
        let started = make(&desk, form(name, kind, "TLS", port, smtp)).await;
        mailboxes::round_trip(&desk, &admin, started).await.unwrap();
    }
    assert_eq!(count(&desk, "tickets").await, 2);
}

/// The server's own words stand beside the mailbox.
async fn refused(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm { imap_password: Some("wrong".into()), ..servers.form("Wrong", "IMAP") };
    let mailbox = make(&desk, form).await;
    assert!(fetch::fetch_mail(&desk, mailbox).await.is_err());
    let found = mailboxes::mailbox(&desk, &Actor::system("test"), mailbox).await.unwrap();
    assert!(found.last_error.as_ref().unwrap().contains("Authentication failed"), "{:?}", found.last_error);
}
