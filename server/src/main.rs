//! The command line.

// A page is one nested type; its layout is computed by recursion.
#![recursion_limit = "512"]

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use oxdesk::people::{NewToken, NewUser, commands, queries};
use oxdesk::secret::SecretKey;
use oxdesk::{Actor, seed};
use server::config::Config;
use server::explain;
use server::run::{self, Opened};
use std::collections::BTreeSet;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// A page is thousands of small allocations, made on one thread and often freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "oxdesk", version, about = "An IT service desk in one binary and one PostgreSQL")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves pages and the API, and works on jobs
    Serve {
        /// Leaves the jobs to `oxdesk worker`
        #[arg(long)]
        no_worker: bool,
        /// Fills an empty database with the demo data first
        #[arg(long)]
        demo: bool,
    },
    /// Works on jobs only
    Worker,
    /// Applies migrations (serve does too)
    Migrate {
        /// Connected as the owner of the tables: gives all but the audit log to this role, for the program to connect as
        #[arg(long)]
        role: Option<String>,
    },
    /// Fills the database with demo data, or with synthetic data at scale
    Seed {
        /// A small desk with one account per role
        #[arg(long)]
        demo: bool,
        #[arg(long, default_value_t = 0)]
        tickets: u32,
        #[arg(long, default_value_t = 0)]
        users: u32,
        /// The same number gives the same data
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Manages accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Manages API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Reads mail, or takes it in
    #[command(subcommand)]
    Mail(MailCommand),
    /// Brings articles in from a folder of Markdown, or writes them out
    #[command(subcommand)]
    Articles(ArticlesCommand),
    /// Counts deadlines over a calendar; no database is needed
    #[command(subcommand)]
    Sla(SlaCommand),
    /// Manages what is sealed with OXDESK_SECRET_KEY
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Checks the audit log, and writes it out
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Prints and changes settings
    #[command(subcommand)]
    Setting(SettingCommand),
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Walks the chain: prints `ok N`, or the first entry that is not as it was written
    Verify {
        /// Where the chain stood, as the program's log has it each day: 12:9e45…; may be given several times
        #[arg(long)]
        anchor: Vec<String>,
    },
    /// Prints the chain as JSON lines, the oldest entry first
    Export,
}

#[derive(Subcommand)]
enum SettingCommand {
    /// Prints every setting with its value; those that were changed have a * before them
    List,
    /// Prints a setting
    Get {
        /// Such as tickets.undo_send_seconds
        key: String,
    },
    /// Changes a setting
    Set { key: String, value: String },
    /// Puts a setting back to what is declared
    Reset { key: String },
}

#[derive(Subcommand)]
enum MailCommand {
    /// Prints what intake sees of each message, one JSON line each; nothing is stored
    Parse {
        /// `-`, or none, is standard input
        files: Vec<PathBuf>,
    },
    /// Fetches what is new in a mailbox, now
    Fetch {
        /// The mailbox's name
        #[arg(long)]
        mailbox: String,
    },
    /// Takes one message in from standard input, as a mail server's pipe
    Ingest {
        /// The mailbox's name
        #[arg(long)]
        mailbox: String,
    },
}

#[derive(Subcommand)]
enum ArticlesCommand {
    /// Brings in every .md under a folder: its folders are categories; what is there already is changed
    Import {
        folder: PathBuf,
        /// What does not say its status is published, not a draft
        #[arg(long)]
        publish: bool,
        /// What does not say who reads it is for everyone, not only for people with an account
        #[arg(long)]
        public: bool,
    },
    /// Writes every article but teams' into a folder, as import reads them
    Export { folder: PathBuf },
}

#[derive(Subcommand)]
enum SlaCommand {
    /// Prints when so many working minutes are done, and why then
    Due(server::sla::Due),
    /// Prints how many working minutes lie between two instants
    Elapsed(server::sla::Elapsed),
}

#[derive(Subcommand)]
enum SecretsCommand {
    /// Seals every secret with the key in use; OXDESK_SECRET_KEY_OLD is the key that sealed them
    Rotate,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Makes an account
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// A role's name, such as ADMIN or AGENT
        #[arg(long)]
        role: String,
        /// Reads the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Turns off the second factor of somebody who lost what makes the codes
    ResetSecondFactor {
        #[arg(long)]
        email: String,
    },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Makes a token and prints it, once
    Create {
        /// Whose token it is, by address
        #[arg(long)]
        user: String,
        #[arg(long)]
        name: String,
        /// Days until it expires; never, when not given
        #[arg(long)]
        expires: Option<i32>,
        /// What it may do of what they may, such as ticket.read.queue; everything, when not given
        #[arg(long = "scope")]
        scopes: Vec<String>,
    },
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    start_log();
    let config = Config::from_env()?;
    // Rendering a page must not wait for another: Leptos wants several threads even on small machines.
    let threads = std::thread::available_parallelism().map_or(4, usize::from).max(4);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()?
        .block_on(execute(cli.command, config))
}

async fn execute(command: Command, config: Config) -> Result<()> {
    match command {
        Command::Serve { no_worker, demo } => {
            if demo {
                with_desk(&config, async |opened| seed_demo(opened, true).await).await?;
            }
            refuse_exposed_demo(&config).await?;
            run::serve(&config, !no_worker).await
        }
        Command::Worker => run::run_worker(&config).await,
        Command::Migrate { role: Some(role) } => {
            let url = config
                .database_url
                .as_ref()
                .context("the embedded database does this by itself: DATABASE_URL is not set")?;
            run::migrate_for(url.parse().context("DATABASE_URL is not a PostgreSQL address")?, &role).await?;
            println!("migrated, and given to {role}");
            Ok(())
        }
        Command::Migrate { role: None } => {
            with_desk(&config, async |_| {
                println!("migrated");
                Ok(())
            })
            .await
        }
        Command::Seed { demo, tickets, users, seed } => {
            with_desk(&config, async |opened| {
                if demo {
                    seed_demo(opened, false).await?;
                }
                if tickets > 0 || users > 0 {
                    let started = std::time::Instant::now();
                    let made = seed::scale::seed(&opened.desk, seed::scale::Scale { tickets, users, seed })
                        .await
                        .map_err(explain)?;
                    println!(
                        "seeded {} tickets, {} comments, {} users in {:.1} s",
                        made.tickets,
                        made.comments,
                        made.users,
                        started.elapsed().as_secs_f64()
                    );
                }
                Ok(())
            })
            .await
        }
        Command::User(UserCommand::Add { email, name, role, password_stdin }) => {
            let password = if password_stdin { Some(read_password()?) } else { None };
            let new = NewUser { email: email.parse().map_err(explain)?, name, role, password };
            with_desk(&config, async |opened| {
                let id =
                    commands::add_user(&opened.desk, &Actor::system("oxdesk user add"), new).await.map_err(explain)?;
                println!("{id}");
                Ok(())
            })
            .await
        }
        Command::User(UserCommand::ResetSecondFactor { email }) => {
            with_desk(&config, async |opened| {
                let user = queries::actor_for_email(&opened.desk, &email).await.map_err(explain)?.user_id;
                let user = user.context("there is no such account")?;
                let actor = Actor::system("oxdesk user reset-second-factor");
                commands::reset_second_factor(&opened.desk, &actor, user).await.map_err(explain)?;
                println!("off: their password alone lets them in");
                Ok(())
            })
            .await
        }
        Command::Token(TokenCommand::Create { user, name, expires, scopes }) => {
            let scopes = scopes.iter().map(|word| word.parse()).collect::<Result<_, _>>().map_err(explain)?;
            let scopes = Some(scopes).filter(|scopes: &BTreeSet<_>| !scopes.is_empty());
            let new = NewToken { name, expires_in_days: expires, scopes };
            with_desk(&config, async |opened| {
                let actor = queries::actor_for_email(&opened.desk, &user).await.map_err(explain)?;
                println!("{}", commands::create_token(&opened.desk, &actor, &new).await.map_err(explain)?);
                Ok(())
            })
            .await
        }
        Command::Mail(MailCommand::Parse { files }) => server::mail::parse_files(&files),
        Command::Mail(MailCommand::Fetch { mailbox }) => {
            with_desk(&config, async |opened| {
                let actor = Actor::system("oxdesk mail fetch");
                let found =
                    oxdesk::mail::mailboxes::mailbox_by_name(&opened.desk, &actor, &mailbox).await.map_err(explain)?;
                let fetched = oxdesk::mail::fetch::fetch_mail(&opened.desk, found.id).await.map_err(explain)?;
                println!("fetched {fetched}");
                Ok(())
            })
            .await
        }
        Command::Mail(MailCommand::Ingest { mailbox }) => server::mail::ingest(&config, &mailbox).await,
        Command::Articles(ArticlesCommand::Import { folder, publish, public }) => {
            with_desk(&config, async |opened| server::articles::import(&opened.desk, &folder, publish, public).await)
                .await
        }
        Command::Articles(ArticlesCommand::Export { folder }) => {
            with_desk(&config, async |opened| server::articles::export(&opened.desk, &folder).await).await
        }
        Command::Sla(SlaCommand::Due(asked)) => server::sla::due(&asked),
        Command::Sla(SlaCommand::Elapsed(asked)) => server::sla::elapsed(&asked),
        Command::Secrets(SecretsCommand::Rotate) => {
            let old = std::env::var("OXDESK_SECRET_KEY_OLD").context("OXDESK_SECRET_KEY_OLD is not set")?;
            let old = SecretKey::from_base64(&old).context("OXDESK_SECRET_KEY_OLD is not 32 bytes in base64")?;
            with_desk(&config, async |opened| {
                let actor = Actor::system("oxdesk secrets rotate");
                let (sealed, lost) =
                    oxdesk::mail::mailboxes::reseal_secrets(&opened.desk, &actor, &old).await.map_err(explain)?;
                let (factors, lost_factors) =
                    commands::reseal_second_factors(&opened.desk, &actor, &old).await.map_err(explain)?;
                let (sealed, lost) = (sealed + factors, lost + lost_factors);
                println!("{sealed} sealed again, {lost} that neither key opens");
                Ok(())
            })
            .await
        }
        Command::Audit(AuditCommand::Verify { anchor }) => {
            with_desk(&config, async |opened| server::audit::verify(&opened.desk, &anchor).await).await
        }
        Command::Audit(AuditCommand::Export) => {
            with_desk(&config, async |opened| server::audit::export(&opened.desk).await).await
        }
        Command::Setting(command) => with_desk(&config, async |opened| setting(&opened.desk, command).await).await,
    }
}

async fn setting(desk: &oxdesk::desk::Desk, command: SettingCommand) -> Result<()> {
    use oxdesk::settings::{commands, queries};
    let actor = Actor::system("oxdesk setting");
    let key = match command {
        SettingCommand::List => {
            for one in queries::list_settings(desk, &actor).await.map_err(explain)? {
                let mark = if one.changed_at.is_some() { '*' } else { ' ' };
                println!("{mark} {} = {}", one.key, one.value);
            }
            return Ok(());
        }
        SettingCommand::Get { key } => key,
        SettingCommand::Set { key, value } => {
            commands::set_setting(desk, &actor, &key, &value).await.map_err(explain)?;
            key
        }
        SettingCommand::Reset { key } => {
            commands::reset_setting(desk, &actor, &key).await.map_err(explain)?;
            key
        }
    };
    println!("{}", queries::setting(desk, &actor, &key).await.map_err(explain)?.value);
    Ok(())
}

/// Opens the desk, does something, and closes it whatever came of it.
async fn with_desk<T>(config: &Config, work: impl AsyncFnOnce(&Opened) -> Result<T>) -> Result<T> {
    let opened = run::open(config).await?;
    let result = work(&opened).await;
    opened.close().await;
    result
}

async fn seed_demo(opened: &Opened, only_when_empty: bool) -> Result<()> {
    match seed::demo::seed(&opened.desk).await {
        Ok(true) => println!("demo data is in"),
        Ok(false) if only_when_empty => {}
        Ok(false) => println!("there is data already: nothing was changed"),
        Err(error) => return Err(explain(error)),
    }
    Ok(())
}

/// Everyone knows the demo accounts' password: they must not be reachable from outside.
async fn refuse_exposed_demo(config: &Config) -> Result<()> {
    if config.addr.ip().is_loopback() && !config.is_https() {
        return Ok(());
    }
    let demo =
        with_desk(config, async |opened| seed::demo::has_demo_accounts(&opened.desk).await.map_err(explain)).await?;
    if demo {
        bail!(
            "this database holds the demo accounts, whose password is public: listen on loopback (OXDESK_ADDR), or start with a fresh database"
        );
    }
    Ok(())
}

fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("the password could not be read")?;
    let password = text.strip_suffix('\n').unwrap_or(&text);
    Ok(password.strip_suffix('\r').unwrap_or(password).to_owned())
}

fn start_log() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,graphile_worker=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match std::env::var("OXDESK_LOG").as_deref() {
        Ok("json") => builder.json().init(),
        _ => builder.init(),
    }
}
