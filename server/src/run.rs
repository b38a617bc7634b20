//! Opening the desk and running it until it is told to stop.

use crate::config::Config;
use crate::host::{self, AppState};
use crate::listen;
use crate::live::Live;
use crate::postgres::{self, Embedded, PROGRAM};
use anyhow::{Context, Result};
use leptos::config::LeptosOptions;
use oxdesk::ai::Ai;
use oxdesk::desk::{self, Desk};
use oxdesk::mail::fetch::idle;
use oxdesk::tickets::FileStore;
use oxdesk::{jobs, search};
use sqlx::postgres::PgConnectOptions;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Connections a node may hold. PostgreSQL's own limit is shared by all nodes.
const CONNECTIONS: u32 = 20;
/// Jobs a node works on at once.
const JOBS: usize = 4;
/// How long requests and jobs may finish after a stop was asked for.
const GRACE: Duration = Duration::from_secs(20);

/// The opened desk; when the database is embedded, it stops with the last process that holds one of these.
pub struct Opened {
    pub desk: Desk,
    embedded: Option<Embedded>,
}

/// Connects (starting the embedded database when none is named), migrates, and prepares the job queue.
pub async fn open(config: &Config) -> Result<Opened> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot make the data folder {}", config.data_dir.display()))?;
    let (options, embedded) = match &config.database_url {
        Some(url) => {
            let options: PgConnectOptions = url.parse().context("DATABASE_URL is not a PostgreSQL address")?;
            postgres::wait_for(&options, Duration::from_secs(15)).await?;
            (options, None)
        }
        None => {
            let folder = config.data_dir.clone();
            let server = tokio::task::spawn_blocking(move || Embedded::start(&folder)).await??;
            migrate_for(server.owner_options(), PROGRAM).await?;
            (server.program_options(), Some(server))
        }
    };
    let db = desk::connect(options, CONNECTIONS).await.context("the database refused the connection")?;
    desk::migrate(&db).await.context("the database could not be migrated")?;
    let desk = Desk {
        db,
        files: FileStore::open(&config.files)
            .with_context(|| format!("cannot use the files folder {}", config.files.display()))?,
        secret: config.secret_key()?,
        base_url: config.base_url.as_str().into(),
        ai: Ai::new(Some(config.model.clone()), config.embeddings.clone())
            .and_then(|ai| ai.with_chat(config.chat.clone()))
            .context("the endpoint for models cannot be used")?,
        settings: Default::default(),
    };
    if let Some(pem) = &config.authorities {
        oxdesk::mail::trust_authorities(pem).map_err(|why| anyhow::anyhow!("OXDESK_CA_FILE: {why}"))?;
    }
    // Makes the queue's own tables, so that commands can queue jobs even where no worker runs.
    jobs::prepare_worker(&desk, JOBS).await.context("the job queue could not be prepared")?;
    Ok(Opened { desk, embedded })
}

/// Migrates as the owner, and gives everything but the audit log to `role`.
pub async fn migrate_for(owner: PgConnectOptions, role: &str) -> Result<()> {
    let db = desk::connect(owner, 2).await.context("the database refused the connection")?;
    let migrated = async {
        desk::migrate(&db).await.context("the database could not be migrated")?;
        jobs::prepare_schema(&db).await.context("the job queue could not be prepared")?;
        desk::hand_over(&db, role).await.context("the tables could not be given to the program's role")
    };
    let migrated = migrated.await;
    db.close().await;
    migrated
}

impl Opened {
    /// Closes the connections, then stops the embedded database if nobody else uses it.
    pub async fn close(self) {
        self.desk.db.close().await;
        if let Some(server) = self.embedded {
            let _ = tokio::task::spawn_blocking(move || drop(server)).await;
        }
    }
}

/// Serves pages and the API, and works on jobs beside it unless told not to.
pub async fn serve(config: &Config, with_worker: bool) -> Result<()> {
    let opened = open(config).await?;
    let desk = opened.desk.clone();
    let stop = CancellationToken::new();
    let state = AppState {
        live: Live::start(desk.db.clone(), stop.clone()).await?,
        desk: desk.clone(),
        leptos: leptos_options(config.addr),
        rate_limits: Default::default(),
        secure_cookies: config.is_https(),
        gallery: std::env::var("OXDESK_UI_GALLERY").is_ok(),
    };
    let listener = TcpListener::bind(config.addr).await.with_context(|| {
        format!("cannot listen on {}: is another program there? OXDESK_ADDR chooses another address", config.addr)
    })?;
    tracing::info!(address = %config.addr, url = %config.base_url, "ready");
    let worker = with_worker.then(|| tokio::spawn(work(desk.clone(), stop.clone())));
    tokio::spawn(stop_on_signal(stop.clone()));
    let serving = listen::serve(listener, host::router(state), listen::HEAD_WITHIN, stop.clone());
    tokio::select! {
        () = serving => {}
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => tracing::warn!("requests were cut off"),
    }
    stop.cancel();
    if let Some(worker) = worker {
        let _ = tokio::time::timeout(GRACE, worker).await;
    }
    opened.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Works on jobs only.
pub async fn run_worker(config: &Config) -> Result<()> {
    let opened = open(config).await?;
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone()));
    work(opened.desk.clone(), stop).await;
    opened.close().await;
    Ok(())
}

/// Works until `stop`; a lost database is waited for.
async fn work(desk: Desk, stop: CancellationToken) {
    let watching = async { stop.run_until_cancelled(idle::watch(&desk)).await };
    tokio::join!(watching, begin_model(&desk), work_on_jobs(&desk, &stop));
}

/// Says what searches go by, and has a new model's vectors made.
async fn begin_model(desk: &Desk) {
    match desk.ai.wanted() {
        None => tracing::info!("no model for meaning is here: searches go by words alone (docs/ai.md)"),
        Some(model) => {
            tracing::info!(model = model.name(), "searches go by words and meaning");
            if let Err(error) = search::commands::begin_model(desk).await {
                tracing::warn!(model = model.name(), %error, "the model does not answer yet: it is asked again with the next text");
            }
        }
    }
}

async fn work_on_jobs(desk: &Desk, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        let worker = match jobs::prepare_worker(desk, JOBS).await {
            Ok(worker) => worker,
            Err(_) => {
                tokio::time::sleep(Duration::from_secs(2)).await;
                continue;
            }
        };
        tokio::select! {
            result = worker.run() => {
                if let Err(error) = result {
                    tracing::error!(%error, "the job worker failed and starts again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            () = stop.cancelled() => worker.request_shutdown(),
        }
    }
}

async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be heard");
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping");
    stop.cancel();
}

/// Where the built site is: beside the program (`target/release/oxdesk`, `target/site`), or named by cargo-leptos.
pub fn leptos_options(addr: SocketAddr) -> LeptosOptions {
    let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.join("site")));
    let root = std::env::var("LEPTOS_SITE_ROOT").ok().map(PathBuf::from).or(beside.filter(|site| site.exists()));
    let hash_file = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join("hash.txt")));
    LeptosOptions::builder()
        .output_name("oxdesk")
        .site_root(root.unwrap_or_else(|| PathBuf::from("target/site")).to_string_lossy().into_owned())
        .site_addr(addr)
        .hash_files(hash_file.is_some_and(|file| file.exists()))
        .build()
}
