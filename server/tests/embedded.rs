//! The program with its own PostgreSQL: started, stopped, killed, and refused with a clear message.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("oxe-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn postgres(&self) -> PathBuf {
        self.0.join("var/postgres")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oxdesk"));
        command.env_remove("DATABASE_URL").env("OXDESK_DATA_DIR", self.0.join("var")).current_dir(&self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Serves on a free port, and waits until it is ready.
    fn serve(&self) -> (Child, u16) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = self
            .command()
            .arg("serve")
            .env("OXDESK_ADDR", format!("127.0.0.1:{port}"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let (ready, waiting) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("ready") {
                    let _ = ready.send(());
                }
            }
        });
        waiting.recv_timeout(Duration::from_secs(60)).expect("ready");
        (server, port)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Ok(text) = std::fs::read_to_string(self.postgres().join("data/postmaster.pid")) {
            let process = text.lines().next().unwrap().parse().unwrap();
            let _ = kill(Pid::from_raw(process), Signal::SIGQUIT);
        }
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn signal(process: &Child, signal: Signal) {
    kill(Pid::from_raw(process.id().try_into().unwrap()), signal).unwrap();
}

fn is_running(folder: &Folder) -> bool {
    folder.postgres().join("data/postmaster.pid").exists()
}

fn add_user(folder: &Folder, email: &str) -> Output {
    folder.run(&["user", "add", "--email", email, "--name", "X", "--role", "ADMIN"])
}

#[test]
fn it_starts_stops_on_sigterm_and_recovers_after_a_kill() {
    let folder = Folder::new();
    let (mut server, port) = folder.serve();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    let added = add_user(&folder, "first@example.com");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    assert!(is_running(&folder), "the second process that used it must not stop it");
    signal(&server, Signal::SIGTERM);
    let begun = Instant::now();
    assert!(server.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(15));
    assert!(!is_running(&folder), "PostgreSQL stops with the program");

    let (mut server, _) = folder.serve();
    assert!(add_user(&folder, "second@example.com").status.success());
    signal(&server, Signal::SIGKILL);
    server.wait().unwrap();
    // The database itself is killed too: the next start finds a stale lock file and has to recover.
    let pid = std::fs::read_to_string(folder.postgres().join("data/postmaster.pid")).unwrap();
    kill(Pid::from_raw(pid.lines().next().unwrap().parse().unwrap()), Signal::SIGKILL).unwrap();
    let again = add_user(&folder, "second@example.com");
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && said.contains("already has an account"), "what was committed is there: {said}");
}

#[test]
fn what_cannot_work_says_why() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.postgres().join("data")).unwrap();
    std::fs::write(folder.postgres().join("data/PG_VERSION"), "17\n").unwrap();
    expect(&folder.run(&["migrate"]), "belongs to PostgreSQL 17");

    let folder = Folder::new();
    std::fs::write(folder.0.join("var"), "a file").unwrap();
    expect(&folder.run(&["migrate"]), "cannot make the data folder");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();
    expect(&folder.command().arg("serve").env("OXDESK_ADDR", &address).output().unwrap(), "is another program there?");
    assert!(!is_running(&folder));
    expect(
        &folder.command().arg("serve").env("OXDESK_ADDR", "nonsense").output().unwrap(),
        "is not an address and port",
    );
    expect(&folder.command().arg("migrate").env("OXDESK_SECRET_KEY", "short").output().unwrap(), "32 bytes in base64");
    expect(&folder.command().arg("migrate").env("DATABASE_URL", "nonsense").output().unwrap(), "DATABASE_URL");
    expect(&folder.run(&["user", "add", "--email", "nobody", "--name", "X", "--role", "ADMIN"]), "e-mail address");
    expect(&folder.run(&["seed", "--tickets", "99999999"]), "At most");
    expect(&folder.run(&["token", "create", "--user", "nobody@example.com", "--name", "x"]), "no account");
    assert!(!is_running(&folder), "every command stops what it started");
}

#[test]
fn demo_accounts_are_not_served_to_the_outside() {
    let folder = Folder::new();
    assert!(folder.run(&["seed", "--demo"]).status.success());
    let again = folder.run(&["seed", "--demo"]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing was changed"));
    let exposed = folder.command().arg("serve").env("OXDESK_ADDR", "0.0.0.0:0").output().unwrap();
    expect(&exposed, "demo accounts");
    assert!(!is_running(&folder));
}

fn expect(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(words), "expected {words:?}, heard: {said}");
}

#[test]
fn the_socket_and_the_key_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    assert!(folder.run(&["migrate"]).status.success());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.postgres()), 0o700);
    assert_eq!(mode(&folder.0.join("var/secret.key")), 0o600);
}

#[tokio::test]
async fn the_program_can_add_to_the_audit_log_and_neither_change_nor_remove_what_is_there() {
    let folder = Folder::new();
    let (mut server, _) = folder.serve();
    assert!(add_user(&folder, "first@example.com").status.success());
    let options =
        || sqlx::postgres::PgConnectOptions::new_without_pgpass().socket(folder.postgres()).database("oxdesk");
    let program = sqlx::PgPool::connect_with(options().username(server::postgres::PROGRAM)).await.unwrap();
    for refused in [
        "UPDATE audit_logs SET description = 'x'",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs",
        "ALTER TABLE audit_logs DISABLE TRIGGER ALL",
        "UPDATE audit_chain SET hash = '\\x00'",
        "INSERT INTO audit_chain VALUES (99, uuidv7(), '\\x00', '\\x00')",
        "DELETE FROM audit_anchors",
        "SELECT audit_link(a) FROM audit_logs a",
        "SET session_replication_role = replica",
        "TRUNCATE users CASCADE",
    ] {
        let answer = sqlx::raw_sql(refused).execute(&program).await;
        let said = answer.expect_err(refused).to_string();
        assert!(said.contains("permission denied") || said.contains("must be owner"), "{refused}: {said}");
    }
    sqlx::raw_sql("INSERT INTO audit_logs (action) VALUES ('TEST')").execute(&program).await.unwrap();

    let verify = folder.run(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&verify.stdout).into_owned();
    assert!(verify.status.success() && said.starts_with("ok "), "{said}");
    let anchor = String::from_utf8_lossy(&verify.stderr).into_owned();
    let anchor = anchor.lines().find_map(|line| line.strip_prefix("anchor ")).expect("an anchor to keep").to_owned();
    assert!(folder.run(&["audit", "verify", "--anchor", &anchor]).status.success());
    let lines = folder.run(&["audit", "export"]);
    assert!(String::from_utf8_lossy(&lines.stdout).lines().count() >= 2);

    // Whoever owns the database can, and is found.
    let owner = sqlx::PgPool::connect_with(options().username("oxdesk")).await.unwrap();
    sqlx::raw_sql("UPDATE audit_logs SET description = 'x' WHERE action = 'TEST'").execute(&owner).await.unwrap();
    let verify = folder.run(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&verify.stdout).into_owned();
    assert!(!verify.status.success() && said.starts_with("broken at ") && said.contains("was changed"), "{said}");
    program.close().await;
    owner.close().await;
    signal(&server, Signal::SIGTERM);
    assert!(server.wait().unwrap().success());
}
