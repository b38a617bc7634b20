//! For tests: a desk on a database of its own, copied from a template that is migrated once. `DATABASE_URL` names a
//! server that may be filled with databases; `make test` starts one and throws it away.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod retrieval;
mod wire;

pub use retrieval::{Retrieval, retrieval, retrieval_sets};
pub use wire::Wire;

use crate::ai::Ai;
use crate::desk::{self, Desk};
use crate::people::{NewUser, UserId, commands, queries};
use crate::secret::SecretKey;
use crate::tickets::rules::{TicketDraft, check_new_ticket};
use crate::tickets::{FileStore, TicketSource, commands::Created};
use crate::{Actor, Origin, jobs};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// The password of every [`person`].
pub const PASSWORD: &str = "correct horse battery";

/// A migrated desk that no other test sees.
pub async fn desk() -> Desk {
    let options = server();
    let template = template(&options).await;
    let name = format!("test_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")))
        .execute(&mut admin)
        .await
        .unwrap();
    on(options.database(&name)).await
}

/// The same with the model in the process. Panics where `OXDESK_MODEL` names no folder that holds it.
pub async fn desk_with_model() -> Desk {
    let mut desk = desk().await;
    desk.ai = local_model().expect("OXDESK_MODEL must name the folder of the model: run `make test`");
    desk
}

/// The model in the process, where `OXDESK_MODEL` names its folder.
pub fn local_model() -> Option<Ai> {
    let ai = Ai::new(Some(std::env::var_os("OXDESK_MODEL")?.into()), None).unwrap();
    ai.wanted().is_some().then_some(ai)
}

/// A database that was never migrated.
pub async fn empty_database() -> PgConnectOptions {
    let options = server();
    let name = format!("test_{}", Uuid::now_v7().simple());
    let mut admin = PgConnection::connect_with(&options).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    options.database(&name)
}

/// A desk on an existing, migrated database.
pub async fn on(options: PgConnectOptions) -> Desk {
    let db = PgPoolOptions::new().max_connections(10).connect_with(desk::iterating(options)).await.unwrap();
    let files = std::env::temp_dir().join(format!("oxdesk-test-{}", Uuid::now_v7().simple()));
    Desk {
        db,
        files: FileStore::open(files).unwrap(),
        secret: SecretKey::generate(),
        base_url: "http://desk.test".into(),
        ai: Ai::none(),
        settings: Default::default(),
    }
}

fn server() -> PgConnectOptions {
    let url =
        std::env::var("DATABASE_URL").expect("DATABASE_URL must name a PostgreSQL server for tests: run `make test`");
    url.parse().unwrap()
}

/// The migrated template, made by whichever test comes first. Its name changes with the migrations.
async fn template(options: &PgConnectOptions) -> String {
    let name = format!("oxdesk_template_{}", &desk::migrations_fingerprint()[..16]);
    let mut admin = PgConnection::connect_with(options).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(hashtext($1))").bind(&name).execute(&mut admin).await.unwrap();
    let ready: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&name)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    if !ready {
        let building = format!("{name}_building");
        sqlx::query(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {building}"))).execute(&mut admin).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {building}"))).execute(&mut admin).await.unwrap();
        let desk = on(options.clone().database(&building)).await;
        desk::migrate(&desk.db).await.unwrap();
        drop(jobs::prepare_worker(&desk, 1).await.unwrap());
        desk.db.close().await;
        sqlx::query(AssertSqlSafe(format!("ALTER DATABASE {building} RENAME TO {name}")))
            .execute(&mut admin)
            .await
            .unwrap();
    }
    sqlx::query("SELECT pg_advisory_unlock(hashtext($1))").bind(&name).execute(&mut admin).await.unwrap();
    name
}

/// An account with a role, signed in. Their address is `name@example.com`.
pub async fn person(desk: &Desk, name: &str, role: &str) -> Actor {
    let new = NewUser {
        email: format!("{name}@example.com").parse().unwrap(),
        name: name.to_owned(),
        role: role.to_owned(),
        password: Some(PASSWORD.to_owned()),
    };
    let id = commands::add_user(desk, &Actor::system("test"), new).await.unwrap();
    actor(desk, id).await
}

/// The actor as it is now: roles and queues are read once per request.
pub async fn actor(desk: &Desk, id: UserId) -> Actor {
    queries::actor_for_user(desk, id, Origin::Session).await.unwrap().unwrap()
}

/// A ticket in the actor's own name.
pub async fn ticket(desk: &Desk, actor: &Actor, subject: &str) -> Created {
    let draft = TicketDraft {
        subject: subject.to_owned(),
        description: "It worked yesterday.".to_owned(),
        requester_email: actor.email.as_ref().unwrap().to_string(),
        ..TicketDraft::default()
    };
    let new = check_new_ticket(draft, TicketSource::Form).unwrap();
    crate::tickets::commands::create_ticket(desk, actor, new, Vec::new()).await.unwrap()
}

/// Does every job that is due, and what they queue in turn.
pub async fn run_jobs(desk: &Desk) {
    jobs::prepare_worker(desk, 1).await.unwrap().run_once().await.unwrap();
}
