//! Mail through real servers: OpenSMTPD takes what is sent and hands it to Dovecot, from which it is fetched.

use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::mail::fetch::idle;
use oxdesk::mail::parse::parse;
use oxdesk::mail::{MailboxForm, MailboxId, fetch, mailboxes};
use oxdesk::testing::{Wire, desk, person, run_jobs};
use oxdesk::tickets::{PublicReply, TicketId, commands};
use std::fs;
use std::net::TcpListener as StdListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Dovecot and OpenSMTPD on loopback, in a folder that goes with them.
struct Servers {
    folder: PathBuf,
    children: Vec<Child>,
    smtp: u16,
    imap: u16,
    pop3: u16,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> u16 {
    StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Servers {
    /// `None`, with the reason printed, where they are not installed or may not be started: both give up root's rights.
    async fn start() -> Option<Self> {
        let (dovecot, smtpd) = (Path::new("/usr/sbin/dovecot"), Path::new("/usr/sbin/smtpd"));
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        if !dovecot.exists() || !smtpd.exists() || !is_root {
            println!("skipped: needs dovecot and opensmtpd, and root to start them");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("oxdesk-mail-{}", std::process::id()));
        fs::create_dir_all(folder.join("mail")).unwrap();
        let [smtp, imap, pop3, lmtp] = std::array::from_fn(|_| free_port());
        let at = folder.display();
        let dovecot_conf = format!(
            "base_dir = {at}/run\nlog_path = {at}/dovecot.log\nprotocols = imap pop3 lmtp\nlisten = 127.0.0.1\nssl = no\n\
             disable_plaintext_auth = no\nmail_location = maildir:{at}/mail/%n\nfirst_valid_uid = 1\nrecipient_delimiter = +\n\
             mail_uid = daemon\nmail_gid = daemon\n\
             passdb {{\n driver = static\n args = password=secret\n}}\nuserdb {{\n driver = static\n args = uid=daemon gid=daemon home={at}/mail/%n allow_all_users=yes\n}}\n\
             service imap-login {{\n inet_listener imap {{\n port = {imap}\n }}\n inet_listener imaps {{\n port = 0\n }}\n}}\n\
             service pop3-login {{\n inet_listener pop3 {{\n port = {pop3}\n }}\n inet_listener pop3s {{\n port = 0\n }}\n}}\n\
             service lmtp {{\n inet_listener lmtp {{\n address = 127.0.0.1\n port = {lmtp}\n }}\n}}\n\
             namespace inbox {{\n inbox = yes\n mailbox Done {{\n auto = create\n }}\n}}\n"
        );
        fs::write(folder.join("dovecot.conf"), dovecot_conf).unwrap();
        let smtpd_conf = format!(
            "listen on 127.0.0.1 port {smtp}\naction \"deliver\" relay host \"lmtp://127.0.0.1:{lmtp}\"\nmatch from any for any action \"deliver\"\n"
        );
        fs::write(folder.join("smtpd.conf"), smtpd_conf).unwrap();
        assert!(
            Command::new("chown").args(["-R", "daemon:daemon"]).arg(folder.join("mail")).status().unwrap().success()
        );
        let log = |name: &str| Stdio::from(fs::File::create(folder.join(name)).unwrap());
        let start = |program: &Path, flag: &str, conf: &str, out: &str| {
            let conf = folder.join(conf);
            let config_flag = if flag == "-F" { "-c" } else { "-f" };
            Command::new(program)
                .arg(flag)
                .arg(config_flag)
                .arg(conf)
                .stdout(log(out))
                .stderr(log(&format!("{out}.err")))
                .spawn()
                .unwrap()
        };
        let children =
            vec![start(dovecot, "-F", "dovecot.conf", "dovecot.out"), start(smtpd, "-d", "smtpd.conf", "smtpd.out")];
        let servers = Self { folder, children, smtp, imap, pop3 };
        for port in [smtp, imap, pop3, lmtp] {
            servers.wait(|| async move { TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        }
        Some(servers)
    }

    /// Until `ready`, or the servers' own words.
    async fn wait<F: Future<Output = bool>>(&self, ready: impl Fn() -> F) {
        let begun = Instant::now();
        while !ready().await {
            if begun.elapsed() > Duration::from_secs(30) {
                let logs: String = ["dovecot.log", "dovecot.out.err", "smtpd.out.err"]
                    .iter()
                    .map(|name| {
                        format!("{name}:\n{}\n", fs::read_to_string(self.folder.join(name)).unwrap_or_default())
                    })
                    .collect();
                panic!("the mail servers do not come up:\n{logs}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn new_mails(&self, user: &str) -> Vec<Vec<u8>> {
        let Ok(entries) = fs::read_dir(self.folder.join("mail").join(user).join("new")) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    /// What arrived for someone, once there are so many.
    async fn arrived(&self, user: &str, count: usize) -> Vec<Vec<u8>> {
        self.wait(|| async { self.new_mails(user).len() >= count }).await;
        self.new_mails(user)
    }

    async fn send(&self, from: &str, to: &str, raw: &[u8]) {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(self.smtp).build();
        let envelope = lettre::address::Envelope::new(Some(from.parse().unwrap()), vec![to.parse().unwrap()]).unwrap();
        transport.send_raw(&envelope, raw).await.unwrap();
    }

    /// So many mails to someone, with numbers, once they have arrived.
    async fn send_numbered(&self, user: &str, mails: usize) {
        for number in 0..mails {
            let raw = format!(
                "From: p{number}@home.test\r\nSubject: Number {number}\r\nMessage-ID: <{number}@{user}>\r\n\r\nHello.\r\n"
            );
            self.send("p@home.test", &format!("{user}@desk.test"), raw.as_bytes()).await;
        }
        self.arrived(user, mails).await;
    }

    fn form(&self, name: &str, kind: &str) -> MailboxForm {
        MailboxForm {
            name: name.into(),
            kind: kind.into(),
            smtp_host: Some("127.0.0.1".into()),
            smtp_port: Some(self.smtp.into()),
            smtp_encryption: Some("NONE".into()),
            smtp_from_email: Some("support@desk.test".into()),
            smtp_from_name: Some("Service desk".into()),
            imap_host: Some("127.0.0.1".into()),
            imap_port: Some(if kind == "IMAP" { self.imap } else { self.pop3 }.into()),
            imap_user: Some("support".into()),
            imap_password: Some("secret".into()),
            imap_encryption: Some("NONE".into()),
            active: true,
            plus_addressing: true,
            ..MailboxForm::default()
        }
    }
}

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

    waited_for(&servers).await;
    by_pop3(&servers).await;
    at_once(&servers).await;
    moved_away(&servers).await;
    deleted(&servers).await;
    cut_off_anywhere(&servers).await;
    refused(&servers).await;
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

/// The server's own words stand beside the mailbox.
async fn refused(servers: &Servers) {
    let desk = desk().await;
    let form = MailboxForm { imap_password: Some("wrong".into()), ..servers.form("Wrong", "IMAP") };
    let mailbox = make(&desk, form).await;
    assert!(fetch::fetch_mail(&desk, mailbox).await.is_err());
    let found = mailboxes::mailbox(&desk, &Actor::system("test"), mailbox).await.unwrap();
    assert!(found.last_error.as_ref().unwrap().contains("Authentication failed"), "{:?}", found.last_error);
}
