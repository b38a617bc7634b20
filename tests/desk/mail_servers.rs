//! Mail through real servers: OpenSMTPD takes what is sent and hands it to Dovecot, from which it is fetched.

use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::mail::parse::parse;
use oxdesk::mail::{MailboxForm, MailboxId, fetch, mailboxes};
use oxdesk::testing::{desk, person, run_jobs};
use oxdesk::tickets::{PublicReply, TicketId, commands};
use std::fs;
use std::net::TcpListener as StdListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

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

    // Her answer comes to the signed address, with nothing else that names the ticket.
    let raw = format!(
        "From: Vera <vera@home.test>\r\nTo: {reply_to}\r\nSubject: thanks\r\nMessage-ID: <2@home.test>\r\n\r\nIt does, I rode it.\r\n"
    );
    servers.send("vera@home.test", &reply_to, raw.as_bytes()).await;
    servers.wait(|| async { matches!(fetch::fetch_mail(&desk, imap).await, Ok(1)) }).await;
    assert_eq!(said(&desk).await, ["It **runs** again.", "It does, I rode it."]);
    assert_eq!(count(&desk, "tickets").await, 1);
    let states: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT state FROM outbox").fetch_all(&desk.db).await.unwrap();
    assert_eq!(states, ["SENT"]);

    by_pop3(&servers).await;
    at_once(&servers).await;
    moved_away(&servers).await;
    refused(&servers).await;
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
    for number in 0..20 {
        let raw = format!(
            "From: p{number}@home.test\r\nSubject: Busy {number}\r\nMessage-ID: <{number}@busy>\r\n\r\nHello.\r\n"
        );
        servers.send("p@home.test", "busy@desk.test", raw.as_bytes()).await;
    }
    servers.arrived("busy", 20).await;
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
    servers
        .send(
            "p@home.test",
            "tidy@desk.test",
            b"From: p@home.test\r\nSubject: Tidy\r\nMessage-ID: <1@tidy>\r\n\r\nHello.\r\n",
        )
        .await;
    servers.arrived("tidy", 1).await;
    assert_eq!(fetch::fetch_mail(&desk, mailbox).await, Ok(1));
    let done = servers.folder.join("mail/tidy/.Done");
    let files: usize = ["cur", "new"].iter().map(|part| fs::read_dir(done.join(part)).map_or(0, Iterator::count)).sum();
    assert_eq!(files, 1, "it lies in the other folder");
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

/// A server that answers the n-th mail as told; it notes whom it took mail for.
async fn moody_server(answers: &'static [&'static str]) -> (u16, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move {
        let mut mails = 0;
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(b"220 moody\r\n").await.unwrap();
            let mut in_data = false;
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.as_str() {
                    "." if in_data => {
                        in_data = false;
                        mails += 1;
                        answers.get(mails - 1).copied().unwrap_or("250 taken")
                    }
                    _ if in_data => continue,
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    line if line.starts_with("EHLO") => "250 moody",
                    _ => "250 fine",
                };
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    });
    (port, task)
}

async fn outbox(desk: &Desk) -> Vec<(String, i32, Option<String>)> {
    sqlx::query_as("SELECT state, attempts, last_error FROM outbox ORDER BY id").fetch_all(&desk.db).await.unwrap()
}

#[tokio::test]
async fn what_a_server_refuses_for_now_is_tried_again_and_for_good_is_told_to_the_agent() {
    let desk = desk().await;
    let (port, _server) = moody_server(&["451 4.3.0 later", "250 taken", "550 5.1.1 no such user"]).await;
    let form = MailboxForm {
        name: "Moody".into(),
        kind: "SMTP".into(),
        smtp_host: Some("127.0.0.1".into()),
        smtp_port: Some(port.into()),
        smtp_encryption: Some("NONE".into()),
        smtp_from_email: Some("support@desk.test".into()),
        active: true,
        ..MailboxForm::default()
    };
    make(&desk, form).await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let made = oxdesk::testing::ticket(&desk, &marta, "A lamp").await;
    run_jobs(&desk).await;
    let first = outbox(&desk).await;
    assert_eq!((first[0].0.as_str(), first[0].1), ("WAITING", 1), "{first:?}");
    assert!(first[0].2.as_ref().unwrap().contains("later"), "{first:?}");

    // Its time comes.
    sqlx::query("UPDATE graphile_worker._private_jobs SET run_at = now()").execute(&desk.db).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(outbox(&desk).await[0].0, "SENT");
    run_jobs(&desk).await;

    commands::add_reply(&desk, &ana, made.id, PublicReply::parse("Done.").unwrap(), None, vec![]).await.unwrap();
    run_jobs(&desk).await;
    let all = outbox(&desk).await;
    assert_eq!((all[1].0.as_str(), all[1].2.as_ref().unwrap().contains("no such user")), ("FAILED", true), "{all:?}");
    let page = oxdesk::tickets::queries::ticket_page(&desk, &ana, made.id).await.unwrap();
    assert!(format!("{:?}", page.timeline).contains("no such user"));
}

#[tokio::test]
async fn a_mail_that_a_dead_worker_had_claimed_is_sent_by_the_next_and_one_that_was_sent_is_not() {
    let desk = desk().await;
    let (port, _server) = moody_server(&[]).await;
    let form = MailboxForm {
        name: "Fine".into(),
        kind: "SMTP".into(),
        smtp_host: Some("127.0.0.1".into()),
        smtp_port: Some(port.into()),
        smtp_encryption: Some("NONE".into()),
        smtp_from_email: Some("support@desk.test".into()),
        active: true,
        ..MailboxForm::default()
    };
    make(&desk, form).await;
    let ana = person(&desk, "ana", "AGENT").await;
    oxdesk::testing::ticket(&desk, &ana, "A lamp").await;
    let id: oxdesk::mail::OutboxMailId = sqlx::query_scalar("SELECT id FROM outbox").fetch_one(&desk.db).await.unwrap();
    sqlx::query("UPDATE outbox SET state = 'SENDING', claimed_at = now()").execute(&desk.db).await.unwrap();
    oxdesk::mail::send::send(&desk, id).await.unwrap();
    assert_eq!(outbox(&desk).await[0].0, "SENDING", "someone is at it");
    sqlx::query("UPDATE outbox SET claimed_at = now() - interval '1 hour'").execute(&desk.db).await.unwrap();
    oxdesk::mail::send::resume(&desk).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(outbox(&desk).await[0].0, "SENT");
    oxdesk::mail::send::send(&desk, id).await.unwrap();
    assert_eq!(outbox(&desk).await[0].1, 1, "not again");
}
