//! The mail servers of the tests: OpenSMTPD takes what is sent and hands it to Dovecot, from which it is fetched.

use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Tokio1Executor};
use oxdesk::mail::MailboxForm;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::net::TcpListener as StdListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Dovecot and OpenSMTPD on loopback, in a folder that goes with them.
pub struct Servers {
    pub folder: PathBuf,
    children: Vec<Child>,
    pub smtp: u16,
    pub imap: u16,
    pub imaps: u16,
    pub pop3: u16,
}

/// An authority of its own, and a certificate for this machine that it signed: `ca.pem`, `cert.pem`, `key.pem`.
fn certificates(folder: &Path) {
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    fs::write(folder.join("san"), "subjectAltName=DNS:localhost\n").unwrap();
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=house -keyout ca.key -out ca.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request");
    openssl("x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out cert.pem");
}

/// A port that leads to OpenSMTPD under TLS, from the first byte or after STARTTLS (Debian's own TLS for it is broken).
pub async fn secured(folder: &Path, smtp: u16, starts: bool) -> u16 {
    let certificates = CertificateDer::pem_file_iter(folder.join("cert.pem")).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(certificates, key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if starts {
                    start_tls(&mut client).await;
                }
                let Ok(mut client) = acceptor.accept(client).await else { return };
                let mut server = BufReader::new(TcpStream::connect(("127.0.0.1", smtp)).await.unwrap());
                if starts {
                    server.read_line(&mut String::new()).await.unwrap();
                }
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

/// What is said before (RFC 3207), byte by byte, so that nothing of what follows is swallowed.
async fn start_tls(client: &mut TcpStream) {
    client.write_all(b"220 secured\r\n").await.unwrap();
    for answer in ["250-secured\r\n250 STARTTLS\r\n", "220 go on\r\n"] {
        while client.read_u8().await.unwrap() != b'\n' {}
        client.write_all(answer.as_bytes()).await.unwrap();
    }
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

pub fn free_port() -> u16 {
    StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Servers {
    /// `None`, with the reason printed, where they are not installed or may not be started: both give up root's rights.
    pub async fn start() -> Option<Self> {
        let (dovecot, smtpd) = (Path::new("/usr/sbin/dovecot"), Path::new("/usr/sbin/smtpd"));
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        if !dovecot.exists() || !smtpd.exists() || !is_root {
            println!("skipped: needs dovecot and opensmtpd, and root to start them");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("oxdesk-mail-{}", std::process::id()));
        fs::create_dir_all(folder.join("mail")).unwrap();
        certificates(&folder);
        let [smtp, imap, imaps, pop3, lmtp] = std::array::from_fn(|_| free_port());
        let at = folder.display();
        let dovecot_conf = format!(
            "base_dir = {at}/run\nlog_path = {at}/dovecot.log\nprotocols = imap pop3 lmtp\nlisten = 127.0.0.1\nssl = yes\nssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\n\
             disable_plaintext_auth = no\nmail_location = maildir:{at}/mail/%n\nfirst_valid_uid = 1\nrecipient_delimiter = +\n\
             mail_uid = daemon\nmail_gid = daemon\n\
             passdb {{\n driver = static\n args = password=secret\n}}\nuserdb {{\n driver = static\n args = uid=daemon gid=daemon home={at}/mail/%n allow_all_users=yes\n}}\n\
             service imap-login {{\n inet_listener imap {{\n port = {imap}\n }}\n inet_listener imaps {{\n port = {imaps}\n }}\n}}\n\
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
        let servers = Self { folder, children, smtp, imap, imaps, pop3 };
        for port in [smtp, imap, imaps, pop3, lmtp] {
            servers.wait(|| async move { TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        }
        Some(servers)
    }

    /// Until `ready`, or the servers' own words.
    pub async fn wait<F: Future<Output = bool>>(&self, ready: impl Fn() -> F) {
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

    pub fn new_mails(&self, user: &str) -> Vec<Vec<u8>> {
        let Ok(entries) = fs::read_dir(self.folder.join("mail").join(user).join("new")) else { return Vec::new() };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| fs::read(file).unwrap()).collect()
    }

    /// What arrived for someone, once there are so many.
    pub async fn arrived(&self, user: &str, count: usize) -> Vec<Vec<u8>> {
        self.wait(|| async { self.new_mails(user).len() >= count }).await;
        self.new_mails(user)
    }

    pub async fn send(&self, from: &str, to: &str, raw: &[u8]) {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(self.smtp).build();
        let envelope = lettre::address::Envelope::new(Some(from.parse().unwrap()), vec![to.parse().unwrap()]).unwrap();
        transport.send_raw(&envelope, raw).await.unwrap();
    }

    /// So many mails to someone, with numbers, once they have arrived.
    pub async fn send_numbered(&self, user: &str, mails: usize) {
        for number in 0..mails {
            let raw = format!(
                "From: p{number}@home.test\r\nSubject: Number {number}\r\nMessage-ID: <{number}@{user}>\r\n\r\nHello.\r\n"
            );
            self.send("p@home.test", &format!("{user}@desk.test"), raw.as_bytes()).await;
        }
        self.arrived(user, mails).await;
    }

    pub fn form(&self, name: &str, kind: &str) -> MailboxForm {
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
