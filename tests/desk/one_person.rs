//! Two accounts that were one person, and a person who is forgotten.

use crate::mail::{mailbox, message, take_in};
use oxdesk::desk::Desk;
use oxdesk::mail::IntakeOutcome;
use oxdesk::people::commands::{Erasure, SignedIn, erase_person, merge_people, sign_in};
use oxdesk::people::queries::user;
use oxdesk::people::{PersonalDataKind, RoleForm, UserId, begin_personal_data, personal_data};
use oxdesk::testing::{PASSWORD, actor, desk, person, run_jobs, ticket};
use oxdesk::tickets::{PublicReply, TicketId, TicketNumber, commands, queries};
use oxdesk::{Actor, Error, Permission};
use std::collections::BTreeSet;

fn told<T: std::fmt::Debug>(result: Result<T, Error>, field: &str) -> String {
    match result {
        Err(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

async fn ticket_of(desk: &Desk, number: Option<&TicketNumber>) -> TicketId {
    queries::id_by_number(desk, &Actor::system("test"), number.expect("a ticket")).await.unwrap()
}

/// Where something still refers to a person: table and column, asked of the schema.
async fn referring(desk: &Desk, person: UserId) -> Vec<String> {
    let columns: Vec<(String, String)> =
        sqlx::query_as("SELECT place::text, field::text FROM references_to_people ORDER BY 1, 2")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = $1");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(person.0).fetch_one(&desk.db).await.unwrap();
        if count > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

/// Tables with a row that says `text` anywhere, whatever its case.
async fn saying(desk: &Desk, text: &str) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1",
    )
    .fetch_all(&desk.db)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "SELECT count(*) FROM {table} t WHERE strpos(lower(t::text), lower($1)) > 0 OR strpos(lower(t::text), encode(lower($1)::bytea, 'hex')) > 0"
        );
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(text).fetch_one(&desk.db).await.unwrap();
        if count > 0 {
            found.push(table);
        }
    }
    found
}

async fn insert(desk: &Desk, sql: &'static str, ticket: TicketId, user: UserId) {
    sqlx::query(sql).bind(ticket).bind(user.0).execute(&desk.db).await.unwrap();
}

const WATCH: &str = "INSERT INTO ticket_watchers (ticket_id, user_id) VALUES ($1, $2)";

#[tokio::test]
async fn what_was_one_persons_is_the_others_and_mail_from_the_old_address_is_theirs() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (old, new) = (person(&desk, "marta.klein", "END_USER").await, person(&desk, "marta.gross", "END_USER").await);
    let (former, into) = (old.user_id.unwrap(), new.user_id.unwrap());
    let support = mailbox(&desk, "Support").await;
    let hers =
        take_in(&desk, support, &message("Marta <marta.klein@example.com>", "VPN", "1@x", "", "It is down.")).await;
    let hers = ticket_of(&desk, hers.ticket.as_ref()).await;
    let other = ticket(&desk, &ana, "Printer").await.id;
    // Both watch one, only one of them the other; only the former has a draft.
    for (id, who) in [(other, former), (other, into), (hers, former)] {
        insert(&desk, WATCH, id, who).await;
    }
    insert(
        &desk,
        "INSERT INTO ticket_drafts (ticket_id, user_id, is_internal, body) VALUES ($1, $2, false, 'Half')",
        hers,
        former,
    )
    .await;
    commands::add_cc(&desk, &ana, other, &"marta.klein@example.com".parse().unwrap()).await.unwrap();

    assert_eq!(merge_people(&desk, &admin, former, " Marta.Gross@example.com ").await, Ok(into));

    assert_eq!(referring(&desk, former).await, Vec::<String>::new());
    assert!(matches!(user(&desk, &admin, former).await, Err(Error::NotFound)));
    assert!(sign_in(&desk, &Actor::anonymous(None), "marta.klein@example.com", PASSWORD).await.is_err());
    assert_eq!(
        sign_in(&desk, &Actor::anonymous(None), "marta.gross@example.com", PASSWORD).await,
        Ok(SignedIn::Whole(into))
    );
    let now = queries::ticket(&desk, &actor(&desk, into).await, hers).await.unwrap();
    assert_eq!(now.requester_email, "marta.gross@example.com");
    let watched: i64 = sqlx::query_scalar("SELECT count(*) FROM ticket_watchers WHERE user_id = $1")
        .bind(into.0)
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(watched, 2);
    let copied: Vec<String> = sqlx::query_scalar("SELECT email FROM ticket_ccs").fetch_all(&desk.db).await.unwrap();
    assert_eq!(copied, ["marta.gross@example.com"]);

    // An answer goes to the remaining address; mail from the old one is hers, in the thread and as a new ticket.
    commands::add_reply(&desk, &ana, hers, PublicReply::parse("Is it better?").unwrap(), None, vec![]).await.unwrap();
    run_jobs(&desk).await;
    let (to, id): (String, String) =
        sqlx::query_as("SELECT recipient, message_id FROM outbox WHERE ticket_id = $1 AND comment_id IS NOT NULL")
            .bind(hers)
            .fetch_one(&desk.db)
            .await
            .unwrap();
    assert_eq!(to, "marta.gross@example.com");
    let answer = message("marta.klein@example.com", "Re: VPN", "2@x", &format!("In-Reply-To: <{id}>"), "Yes, it is.");
    assert_eq!(take_in(&desk, support, &answer).await.outcome, IntakeOutcome::Appended);
    let another = take_in(&desk, support, &message("MARTA.KLEIN@example.com", "Mouse", "3@x", "", "It is dead.")).await;
    let another =
        queries::ticket(&desk, &actor(&desk, into).await, ticket_of(&desk, another.ticket.as_ref()).await).await;
    assert_eq!(another.unwrap().requester_email, "marta.gross@example.com");

    // What is merged again goes all the way.
    let last = person(&desk, "m.gross", "END_USER").await.user_id.unwrap();
    merge_people(&desk, &admin, into, "m.gross@example.com").await.unwrap();
    let third = take_in(&desk, support, &message("marta.klein@example.com", "Screen", "4@x", "", "Black.")).await;
    let third = queries::ticket(&desk, &actor(&desk, last).await, ticket_of(&desk, third.ticket.as_ref()).await).await;
    assert_eq!(third.unwrap().requester_email, "m.gross@example.com");
    let entries: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_logs WHERE action = 'MERGE'").fetch_one(&desk.db).await.unwrap();
    assert_eq!(entries, 4);
}

#[tokio::test]
async fn who_votes_twice_in_a_stage_votes_once() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let (one, two) = (person(&desk, "max", "IT_MANAGER").await, person(&desk, "maxine", "IT_MANAGER").await);
    let (former, into) = (one.user_id.unwrap(), two.user_id.unwrap());
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "INSERT INTO change_requests (id, change_number, title, description, type, requested_by_id)
           VALUES ('01a20447-622c-7c22-b43e-6aeafcc25b41', 'CHG-2026-0001', 'x', 'x', 'NORMAL', '{former}');
         INSERT INTO change_approvals (change_request_id, approver_id, stage, status, approved_at)
           SELECT '01a20447-622c-7c22-b43e-6aeafcc25b41', who, 1, status, CASE WHEN status <> 'PENDING' THEN now() END
           FROM (VALUES ('{former}'::uuid, 'APPROVED'), ('{into}'::uuid, 'PENDING')) AS v (who, status)"
    )))
    .execute(&desk.db)
    .await
    .unwrap();
    merge_people(&desk, &admin, former, "maxine@example.com").await.unwrap();
    let left: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("SELECT approver_id, status FROM change_approvals").fetch_all(&desk.db).await.unwrap();
    assert_eq!(left, [(into.0, "APPROVED".to_owned())]);
}

#[tokio::test]
async fn nobody_merges_or_erases_beyond_their_reach_or_the_last_who_can_let_others_in() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "ada", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let (ada, hers) = (admin.user_id.unwrap(), marta.user_id.unwrap());
    let form = RoleForm {
        name: "CLERK".into(),
        permissions: BTreeSet::from([Permission::UserManage, Permission::UserRead]),
        ..Default::default()
    };
    oxdesk::people::commands::save_role(&desk, &Actor::system("test"), None, &form).await.unwrap();
    let clerk = person(&desk, "carl", "CLERK").await;
    let erasure = |confirm: &str| Erasure { confirm: confirm.into(), with_files: true };

    assert!(told(merge_people(&desk, &clerk, hers, "ada@example.com").await, "into").contains("beyond"));
    assert!(told(erase_person(&desk, &clerk, ada, &erasure("ada@example.com")).await, "confirm").contains("beyond"));
    assert!(told(begin_personal_data(&desk, &clerk, Some(ada)).await, "id").contains("beyond"));
    for wrong in ["", "nobody", "no\0body@example.com"] {
        told(merge_people(&desk, &admin, hers, wrong).await, "into");
    }
    assert!(told(merge_people(&desk, &admin, hers, "nobody@example.com").await, "into").contains("Nobody"));
    assert!(told(merge_people(&desk, &admin, hers, "marta@example.com").await, "into").contains("same"));
    assert!(told(merge_people(&desk, &admin, ada, "marta@example.com").await, "into").contains("your own"));
    assert!(told(erase_person(&desk, &admin, ada, &erasure("ada@example.com")).await, "confirm").contains("your own"));
    assert!(
        told(erase_person(&desk, &admin, hers, &erasure("ada@example.com")).await, "confirm")
            .contains("marta@example.com")
    );
    let system = Actor::system("test");
    assert!(told(merge_people(&desk, &system, ada, "marta@example.com").await, "into").contains("nobody could manage"));
    assert!(
        told(erase_person(&desk, &system, ada, &erasure("ada@example.com")).await, "confirm")
            .contains("nobody could manage")
    );
    assert_eq!(merge_people(&desk, &marta, hers, "ada@example.com").await, Err(Error::Forbidden));
    assert_eq!(erase_person(&desk, &marta, ada, &Erasure::default()).await, Err(Error::Forbidden));
    assert!(user(&desk, &admin, hers).await.unwrap().active, "nothing happened");
}

#[tokio::test]
async fn after_a_person_is_erased_nothing_names_them_but_the_log_and_their_tickets_are_there() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (old, her) = (person(&desk, "m.zwick", "END_USER").await, person(&desk, "marta.zwick", "END_USER").await);
    sqlx::query("UPDATE users SET first_name = 'Martha', last_name = 'Zwick', phone = '0555 1234' WHERE id = $1")
        .bind(her.user_id.unwrap().0)
        .execute(&desk.db)
        .await
        .unwrap();
    let support = mailbox(&desk, "Support").await;
    let letter = message(
        "Martha Zwick <marta.zwick@example.com>",
        "VPN of Martha Zwick",
        "1@x",
        "Content-Type: multipart/mixed; boundary=b",
        "--b\nContent-Type: text/plain\n\nIt is down. Regards, martha zwick (M.Zwick@example.com)\n--b\nContent-Type: text/plain; name=log.txt\n\
         Content-Disposition: attachment; filename=log.txt\n\nzwick was here\n--b--",
    );
    let id = ticket_of(&desk, take_in(&desk, support, &letter).await.ticket.as_ref()).await;
    take_in(&desk, support, &message("m.zwick@example.com", "Mouse", "2@x", "", "Dead.")).await;
    let other = ticket(&desk, &ana, "Printer").await.id;
    insert(&desk, WATCH, other, her.user_id.unwrap()).await;
    commands::add_cc(&desk, &ana, other, &"marta.zwick@example.com".parse().unwrap()).await.unwrap();
    let answer = format!("Dear Martha Zwick, {}", "look at it again, please.");
    commands::add_reply(&desk, &ana, id, PublicReply::parse(&answer).unwrap(), None, vec![]).await.unwrap();
    commands::add_reply(
        &desk,
        &actor(&desk, her.user_id.unwrap()).await,
        id,
        PublicReply::parse("It works.").unwrap(),
        None,
        vec![],
    )
    .await
    .unwrap();
    run_jobs(&desk).await;
    merge_people(&desk, &admin, old.user_id.unwrap(), "marta.zwick@example.com").await.unwrap();
    let path: String =
        sqlx::query_scalar("SELECT file_path FROM ticket_attachments").fetch_one(&desk.db).await.unwrap();
    assert!(desk.files.root().join(&path).exists());

    let asked = Erasure { confirm: "Marta.Zwick@example.com".into(), with_files: true };
    erase_person(&desk, &admin, her.user_id.unwrap(), &asked).await.unwrap();

    for text in ["zwick", "Martha", "0555 1234"] {
        let left: Vec<_> = saying(&desk, text).await.into_iter().filter(|table| table != "audit_logs").collect();
        assert_eq!(left, Vec::<String>::new(), "{text}");
    }
    assert!(!desk.files.root().join(&path).exists());
    let kept = queries::ticket(&desk, &ana, id).await.unwrap();
    assert_eq!((kept.subject.as_str(), kept.requester_name.as_deref()), ("VPN of [erased]", Some("Erased person")));
    assert!(kept.description.starts_with("It is down. Regards, [erased] ([erased])"), "{}", kept.description);
    let said: Vec<String> = sqlx::query_scalar("SELECT comment FROM ticket_comments WHERE ticket_id = $1 ORDER BY id")
        .bind(id)
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert_eq!(said, ["Dear [erased], look at it again, please.", "It works."]);
    assert!(sign_in(&desk, &Actor::anonymous(None), "marta.zwick@example.com", PASSWORD).await.is_err());
    // Whoever writes from there afterwards is somebody new.
    let new = take_in(&desk, support, &message("marta.zwick@example.com", "Hello", "3@x", "", "Me again.")).await;
    assert_eq!(new.outcome, IntakeOutcome::Created);
    run_jobs(&desk).await;
}

#[tokio::test]
async fn what_an_erased_agent_did_stays_and_their_open_tickets_wait_for_somebody_else() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    let version = queries::ticket(&desk, &ana, id).await.unwrap().version;
    let mine = oxdesk::tickets::TicketPatch { assigned_to_id: Some(ana.user_id), ..Default::default() };
    commands::update_ticket(&desk, &ana, id, version, mine).await.unwrap();
    commands::add_reply(&desk, &ana, id, PublicReply::parse("Done.").unwrap(), None, vec![]).await.unwrap();
    let view = oxdesk::views::NewView { name: "Ours".into(), audience: "SHARED".into(), ..Default::default() };
    oxdesk::views::commands::save_view(&desk, &admin, view).await.unwrap();
    sqlx::query("UPDATE saved_views SET owner_id = $1").bind(ana.user_id.unwrap().0).execute(&desk.db).await.unwrap();
    erase_person(
        &desk,
        &admin,
        ana.user_id.unwrap(),
        &Erasure { confirm: "ana@example.com".into(), with_files: false },
    )
    .await
    .unwrap();
    let page = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!(page.assignee, None);
    let said: (String, Option<uuid::Uuid>) =
        sqlx::query_as("SELECT comment, user_id FROM ticket_comments").fetch_one(&desk.db).await.unwrap();
    assert_eq!(said, ("Done.".to_owned(), ana.user_id.map(|user| user.0)));
    let owner: Option<uuid::Uuid> =
        sqlx::query_scalar("SELECT owner_id FROM saved_views").fetch_one(&desk.db).await.unwrap();
    assert_eq!(owner, admin.user_id.map(|user| user.0), "others still use it");
}

/// The whole file, kind by kind.
async fn exported(
    desk: &Desk,
    actor: &Actor,
    whose: Option<UserId>,
) -> (serde_json::Value, Vec<(&'static str, Vec<serde_json::Value>)>) {
    let (subject, account) = begin_personal_data(desk, actor, whose).await.unwrap();
    let mut kinds = Vec::new();
    for kind in PersonalDataKind::ALL {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = personal_data(desk, &subject, kind, after).await.unwrap();
            all.extend(page);
            after = next;
            if after.is_none() {
                break;
            }
        }
        kinds.push((kind.as_str(), all));
    }
    (account, kinds)
}

#[tokio::test]
async fn a_person_takes_along_what_is_kept_of_them_and_nothing_that_is_not_theirs() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    commands::add_reply(&desk, &ana, id, PublicReply::parse("Which one?").unwrap(), None, vec![]).await.unwrap();
    commands::add_reply(&desk, &marta, id, PublicReply::parse("The red one.").unwrap(), None, vec![]).await.unwrap();
    let note = oxdesk::tickets::InternalNote::parse("She is slow.").unwrap();
    commands::add_note(&desk, &ana, id, note, vec![]).await.unwrap();
    // More than a page of something.
    sqlx::query(
        "INSERT INTO audit_logs (user_id, action, entity_type) SELECT $1, 'LOGIN', 'USER' FROM generate_series(1, 450)",
    )
    .bind(marta.user_id.unwrap().0)
    .execute(&desk.db)
    .await
    .unwrap();

    let (account, kinds) = exported(&desk, &marta, None).await;
    assert_eq!(
        (account["email"].as_str(), account["roles"][0].as_str()),
        (Some("marta@example.com"), Some("END_USER"))
    );
    let of = |name: &str| kinds.iter().find(|(kind, _)| *kind == name).map(|(_, all)| all.clone()).unwrap();
    let tickets = of("tickets");
    assert_eq!((tickets.len(), tickets[0]["subject"].as_str()), (1, Some("VPN")));
    let said: Vec<_> =
        tickets[0]["said"].as_array().unwrap().iter().map(|one| (one["by"].clone(), one["text"].clone())).collect();
    assert_eq!(said, [("service desk".into(), "Which one?".into()), ("you".into(), "The red one.".into())]);
    assert!(!format!("{kinds:?}").contains("slow"), "notes are the service desk's");
    assert_eq!(of("audit_log").len(), 451, "450, and this export");
    let (_, as_seen_by_admin) = exported(&desk, &admin, marta.user_id).await;
    assert_eq!(as_seen_by_admin.iter().find(|(kind, _)| *kind == "tickets").unwrap().1, tickets);

    assert_eq!(begin_personal_data(&desk, &ana, marta.user_id).await.unwrap_err(), Error::Forbidden);
    assert_eq!(begin_personal_data(&desk, &Actor::anonymous(None), None).await.unwrap_err(), Error::Unauthenticated);
    let entries: Vec<(Option<String>, Option<uuid::Uuid>)> =
        sqlx::query_as("SELECT entity_id, user_id FROM audit_logs WHERE action = 'EXPORT' ORDER BY created_at")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    let hers = marta.user_id.map(|user| user.to_string());
    assert_eq!(entries, [(hers.clone(), marta.user_id.map(|user| user.0)), (hers, admin.user_id.map(|user| user.0))]);
    for _ in 0..9 {
        begin_personal_data(&desk, &marta, None).await.unwrap();
    }
    assert!(matches!(begin_personal_data(&desk, &marta, None).await, Err(Error::RateLimited { .. })));
}
