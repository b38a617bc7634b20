//! The audit log: what it says, what it leaves out, and that nothing in it can be changed or removed unseen.

use data_encoding::HEXLOWER;
use oxdesk::audit::commands::{ask_for_check, close_day, expire_entries, record_refusal};
use oxdesk::audit::queries::{export_links, last_check, list_entries, list_words, verify_chain};
use oxdesk::audit::rules::line_hash;
use oxdesk::audit::{AuditAnchor, AuditEntry, AuditFilter, AuditLog, Verified, record};
use oxdesk::desk::Desk;
use oxdesk::mail::MailboxForm;
use oxdesk::mail::mailboxes::{create_mailbox, mailbox_by_name, update_mailbox};
use oxdesk::people::commands::{sign_in, sign_out};
use oxdesk::queues::{NewQueue, commands::save_queue};
use oxdesk::settings::commands::set_setting;
use oxdesk::testing::{PASSWORD, desk, person, run_jobs};
use oxdesk::{Actor, Error, Permission};

async fn written(desk: &Desk, count: usize) {
    for at in 0..count {
        record(&desk.db, &Actor::system("test"), AuditEntry::new("CREATE", "THING").entity(at)).await.unwrap();
    }
}

async fn run(desk: &Desk, sql: &'static str) -> u64 {
    sqlx::query(sql).execute(&desk.db).await.unwrap().rows_affected()
}

async fn verified(desk: &Desk) -> Verified {
    verify_chain(desk, &Actor::system("test"), &[]).await.unwrap()
}

async fn why(desk: &Desk) -> (Option<i64>, String) {
    match verified(desk).await {
        Verified::Broken { position, why, .. } => (position, why),
        whole => panic!("{whole:?}"),
    }
}

async fn entries(desk: &Desk, filter: AuditFilter) -> Vec<AuditLog> {
    list_entries(desk, &Actor::system("test"), &filter, None, 100).await.unwrap()
}

async fn of(desk: &Desk, entity_type: &str) -> Vec<AuditLog> {
    entries(desk, AuditFilter { entity_type: Some(entity_type.to_owned()), ..AuditFilter::default() }).await
}

#[tokio::test]
async fn entries_written_at_once_stand_in_one_chain_without_gaps() {
    let desk = desk().await;
    let before = of(&desk, "THING").await.len();
    assert_eq!(before, 0);
    let writers = (0..8).map(|_| {
        let desk = desk.clone();
        tokio::spawn(async move { written(&desk, 20).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    // What is rolled back leaves no gap.
    let mut tx = desk.db.begin().await.unwrap();
    record(&mut *tx, &Actor::system("test"), AuditEntry::new("CREATE", "THING")).await.unwrap();
    tx.rollback().await.unwrap();
    written(&desk, 1).await;
    match verified(&desk).await {
        Verified::Whole { entries, last } => assert_eq!(last.unwrap().position, entries),
        broken => panic!("{broken:?}"),
    }
    assert_eq!(
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM audit_logs WHERE entity_type = 'THING'")
            .fetch_one(&desk.db)
            .await
            .unwrap(),
        161
    );
}

#[tokio::test]
async fn what_is_changed_removed_or_put_in_is_found() {
    let desk = desk().await;
    written(&desk, 12).await;
    assert!(matches!(verified(&desk).await, Verified::Whole { .. }));

    let at = "(SELECT audit_log_id FROM audit_chain WHERE position = 5)";
    run(&desk, "UPDATE audit_logs SET description = 'someone else' WHERE id = (SELECT audit_log_id FROM audit_chain WHERE position = 5)").await;
    assert_eq!(why(&desk).await, (Some(5), "its entry was changed".to_owned()));
    run(
        &desk,
        "UPDATE audit_logs SET description = NULL WHERE id = (SELECT audit_log_id FROM audit_chain WHERE position = 5)",
    )
    .await;
    assert!(matches!(verified(&desk).await, Verified::Whole { .. }), "{at} is as it was");

    // Whoever knows how, and makes its hash fit, breaks the next one.
    run(
        &desk,
        "UPDATE audit_logs SET description = 'x' WHERE id = (SELECT audit_log_id FROM audit_chain WHERE position = 5)",
    )
    .await;
    run(&desk, "UPDATE audit_chain c SET hash = sha256(c.prev_hash || convert_to(audit_canonical(a), 'UTF8')) FROM audit_logs a WHERE a.id = c.audit_log_id AND c.position = 5").await;
    assert_eq!(why(&desk).await, (Some(6), "it does not go on from the one before it".to_owned()));
}

#[tokio::test]
async fn what_is_removed_from_the_middle_or_the_end_or_written_past_the_chain_is_found() {
    let desk = desk().await;
    written(&desk, 12).await;
    let middle = desk.clone();
    run(&middle, "DELETE FROM audit_logs WHERE id = (SELECT audit_log_id FROM audit_chain WHERE position = 7)").await;
    assert_eq!(why(&middle).await, (Some(7), "its entry was removed".to_owned()));

    let desk = oxdesk::testing::desk().await;
    written(&desk, 12).await;
    let kept = match verified(&desk).await {
        Verified::Whole { last, .. } => last.unwrap(),
        broken => panic!("{broken:?}"),
    };
    // The last ones with their links: only an anchor knows of them.
    run(
        &desk,
        "DELETE FROM audit_logs WHERE id IN (SELECT audit_log_id FROM audit_chain ORDER BY position DESC LIMIT 3)",
    )
    .await;
    run(&desk, "DELETE FROM audit_chain c WHERE NOT EXISTS (SELECT FROM audit_logs a WHERE a.id = c.audit_log_id)")
        .await;
    assert!(matches!(verified(&desk).await, Verified::Whole { .. }));
    let anchored = verify_chain(&desk, &Actor::system("test"), std::slice::from_ref(&kept)).await.unwrap();
    assert!(
        matches!(&anchored, Verified::Broken { position, why, .. } if *position == Some(kept.position) && why.contains("cut off")),
        "{anchored:?}"
    );
    // New entries in their place do not help.
    written(&desk, 6).await;
    let anchored = verify_chain(&desk, &Actor::system("test"), &[kept]).await.unwrap();
    assert!(matches!(&anchored, Verified::Broken { why, .. } if why.contains("written anew")), "{anchored:?}");

    run(&desk, "ALTER TABLE audit_logs DISABLE TRIGGER link").await;
    written(&desk, 1).await;
    assert_eq!(why(&desk).await.1, "it was written past the chain");
}

#[tokio::test]
async fn a_day_is_closed_once_with_an_anchor_that_the_end_cannot_be_cut_off_behind() {
    let desk = desk().await;
    written(&desk, 4).await;
    let noted = close_day(&desk).await.unwrap().unwrap();
    written(&desk, 1).await;
    assert_eq!(close_day(&desk).await, Ok(None), "once a day");
    assert_eq!(noted.to_string().parse::<AuditAnchor>(), Ok(noted.clone()));
    assert!("12".parse::<AuditAnchor>().is_err() && "0:ff".parse::<AuditAnchor>().is_err());
    run(&desk, "DELETE FROM audit_logs WHERE entity_type = 'THING'").await;
    run(&desk, "DELETE FROM audit_chain c WHERE NOT EXISTS (SELECT FROM audit_logs a WHERE a.id = c.audit_log_id)")
        .await;
    assert_eq!(why(&desk).await, (Some(noted.position), "the chain was longer once: its end was cut off".to_owned()));
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_and_the_log_says_so() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    for days in [400, 300, 200, 100, 95, 10] {
        sqlx::query("INSERT INTO audit_logs (action, entity_type, created_at) VALUES ('OLD', 'THING', now() - make_interval(days => $1))")
            .bind(days)
            .execute(&desk.db)
            .await
            .unwrap();
    }
    assert_eq!(expire_entries(&desk).await, Ok(0), "kept for good, unless someone says otherwise");
    let short = set_setting(&desk, &admin, "audit.retention_days", "30").await;
    assert!(matches!(short, Err(Error::Invalid(_))), "{short:?}");
    set_setting(&desk, &admin, "audit.retention_days", "150").await.unwrap();
    assert_eq!(
        expire_entries(&desk).await,
        Ok(0),
        "nothing behind an entry that is young is removed: here, of an account"
    );
    assert!(
        run(&desk, "UPDATE audit_logs SET created_at = now() - interval '500 days' WHERE entity_type = 'USER'").await
            > 0
    );
    assert_eq!(expire_entries(&desk).await, Ok(0), "while the chain is broken, nothing is removed: it is evidence");
    // As if they had been written then.
    run(&desk, "TRUNCATE audit_chain").await;
    run(&desk, "DO $$ DECLARE e audit_logs; BEGIN FOR e IN SELECT * FROM audit_logs ORDER BY created_at, id LOOP PERFORM audit_link(e); END LOOP; END $$").await;
    assert!(matches!(verified(&desk).await, Verified::Whole { .. }));
    assert!(expire_entries(&desk).await.unwrap() >= 3);
    let left = of(&desk, "THING").await;
    assert_eq!(left.len(), 3, "{left:?}");
    let said = of(&desk, "AUDIT_LOG").await.remove(0);
    assert_eq!((said.action.as_str(), said.origin.as_deref()), ("EXPIRE", Some("SYSTEM: audit log")));
    assert!(
        matches!(verified(&desk).await, Verified::Whole { .. }),
        "the rest is whole, and says what it goes on from"
    );
    assert_eq!(expire_entries(&desk).await, Ok(0));
    // Whoever removes more by hand, and leaves the chain looking the same, is found: no entry says so.
    run(&desk, "DELETE FROM audit_logs WHERE id IN (SELECT audit_log_id FROM audit_chain ORDER BY position LIMIT 2)")
        .await;
    run(&desk, "DELETE FROM audit_chain WHERE position < (SELECT min(position) FROM audit_chain c JOIN audit_logs a ON a.id = c.audit_log_id) - 1").await;
    assert!(why(&desk).await.1.contains("not after their time"));
    let refused = sqlx::query("SELECT * FROM audit_expire(now() - interval '89 days')").fetch_all(&desk.db).await;
    assert!(refused.unwrap_err().to_string().contains("90 days"));
}

#[tokio::test]
async fn exported_lines_can_be_checked_by_anyone() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    set_setting(&desk, &admin, "branding.name", "Häuser & “Söhne” \\ \n").await.unwrap();
    written(&desk, 3).await;
    let links = export_links(&desk, &admin, &AuditFilter::default(), 0).await.unwrap();
    assert!(links.len() >= 4);
    let mut before = vec![0; 32];
    for link in &links {
        let line = oxdesk::audit::rules::json_line(link);
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let entry = link.entry.as_ref().unwrap();
        assert!(line.contains(entry.as_str()), "the entry is written exactly as it is hashed");
        assert_eq!(said["prev_hash"], HEXLOWER.encode(&before));
        assert_eq!(said["hash"], HEXLOWER.encode(&line_hash(&before, entry)));
        before = link.hash.clone();
    }
}

#[tokio::test]
async fn changes_of_what_is_arranged_are_told_before_and_after_without_secrets() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let new = |name: &str| NewQueue { name: name.to_owned(), active: true, ..NewQueue::default() };
    let queue = save_queue(&desk, &admin, None, new("Network")).await.unwrap();
    save_queue(&desk, &admin, Some(queue), new("Networks")).await.unwrap();
    let told = of(&desk, "QUEUE").await;
    assert_eq!(
        told[0].changes,
        Some(serde_json::json!({ "before": { "name": "Network" }, "after": { "name": "Networks" } }))
    );
    assert_eq!(told[1].changes.as_ref().unwrap()["before"], serde_json::Value::Null);
    assert_eq!((told[0].user_id, told[0].user_name.as_deref()), (admin.user_id, Some("ada")), "{:?}", told[0]);

    let form = |password: &str| MailboxForm {
        name: "support".into(),
        kind: "IMAP".into(),
        imap_host: Some("imap.example.com".into()),
        imap_user: Some("support".into()),
        imap_password: Some(password.into()),
        smtp_from_email: Some("support@example.com".into()),
        active: false,
        ..MailboxForm::default()
    };
    create_mailbox(&desk, &admin, form("planted-secret-1")).await.unwrap();
    let mailbox = mailbox_by_name(&desk, &admin, "support").await.unwrap();
    update_mailbox(&desk, &admin, mailbox.id, mailbox.version, form("planted-secret-2")).await.unwrap();
    let told = of(&desk, "EMAIL_CONFIGURATION").await;
    assert_eq!(told.len(), 2);
    let all = serde_json::to_string(&told).unwrap();
    assert!(!all.contains("planted"), "{all}");
    assert_eq!(told[0].changes.as_ref().unwrap()["after"]["imap_password"], "(hidden)");
    let sealed: String =
        sqlx::query_scalar("SELECT imap_password FROM email_configurations").fetch_one(&desk.db).await.unwrap();
    assert!(!all.contains(&sealed), "nor as it is sealed");
}

#[tokio::test]
async fn the_log_is_found_by_who_what_when_and_on_whom_and_only_by_those_who_may() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let stranger = Actor { request_id: Some("request-1".into()), ..Actor::anonymous(Some("192.0.2.7".into())) };
    assert!(sign_in(&desk, &stranger, "ana@example.com", "wrong-password").await.is_err());
    sign_in(&desk, &stranger, "ana@example.com", PASSWORD).await.unwrap();
    sign_out(&desk, &ana).await.unwrap();
    set_setting(&desk, &admin, "tickets.undo_send_seconds", "20").await.unwrap();
    let find = |filter: AuditFilter| {
        let (desk, admin) = (desk.clone(), admin.clone());
        async move {
            let found = list_entries(&desk, &admin, &filter, None, 100).await.unwrap();
            found.into_iter().map(|entry| entry.action).collect::<Vec<_>>()
        }
    };
    let none = AuditFilter::default;
    assert_eq!(find(AuditFilter { email: Some("ANA@example.com".into()), ..none() }).await, ["LOGOUT", "LOGIN"]);
    assert_eq!(find(AuditFilter { user_id: admin.user_id, ..none() }).await, ["UPDATE"]);
    assert_eq!(find(AuditFilter { entity_id: Some("tickets.undo_send_seconds".into()), ..none() }).await, ["UPDATE"]);
    assert_eq!(find(AuditFilter { action: Some("LOGIN_FAILED".into()), ..none() }).await, ["LOGIN_FAILED"]);
    let today = oxdesk::Timestamp::now().day("UTC");
    assert!(find(AuditFilter { from: Some(today.clone()), until: Some(today.clone()), ..none() }).await.len() >= 4);
    assert!(find(AuditFilter { until: Some("2026-01-01".into()), ..none() }).await.is_empty());
    let wrong = list_entries(&desk, &admin, &AuditFilter { from: Some("soon".into()), ..none() }, None, 10).await;
    assert!(matches!(wrong, Err(Error::Invalid(fields)) if fields.contains_key("from")));

    let failed = entries(&desk, AuditFilter { action: Some("LOGIN_FAILED".into()), ..none() }).await.remove(0);
    assert_eq!(
        (failed.origin.as_deref(), failed.ip_address.as_deref(), failed.request_id.as_deref(), failed.user_id),
        (Some("ANONYMOUS"), Some("192.0.2.7"), Some("request-1"), None)
    );
    // Page by page, each once.
    let all = entries(&desk, none()).await;
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = list_entries(&desk, &admin, &none(), after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        paged.extend(page);
    }
    assert_eq!(paged, all);
    let (actions, kinds) = list_words(&desk, &admin).await.unwrap();
    assert!(
        ["LOGIN", "LOGOUT", "UPDATE"].iter().all(|word| actions.iter().any(|action| action == word)),
        "{actions:?}"
    );
    assert!(kinds.iter().any(|kind| kind == "SETTING"));
    assert!(!ana.can(Permission::AuditRead));
    for refused in [
        list_entries(&desk, &ana, &none(), None, 10).await.map(drop),
        list_words(&desk, &ana).await.map(drop),
        export_links(&desk, &ana, &none(), 0).await.map(drop),
        verify_chain(&desk, &ana, &[]).await.map(drop),
    ] {
        assert_eq!(refused, Err(Error::Forbidden));
    }
}

#[tokio::test]
async fn a_refusal_is_told_once_an_hour_for_each_door_and_of_nobody_without_end() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    for _ in 0..3 {
        record_refusal(&desk, &ana, "GET /admin/settings").await.unwrap();
    }
    record_refusal(&desk, &Actor::anonymous(None), "GET /admin/settings").await.unwrap();
    let told = of(&desk, "DOOR").await;
    assert_eq!(
        told.iter().map(|entry| entry.entity_id.as_deref().unwrap()).collect::<Vec<_>>(),
        ["GET /admin/settings"]
    );
    for at in 0..80 {
        record_refusal(&desk, &ana, &format!("GET /assets/AST-{at}")).await.unwrap();
    }
    let told: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_logs WHERE action = 'REFUSED'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(told, 60);
}

#[tokio::test]
async fn whoever_asks_for_a_check_does_not_wait_and_reads_what_the_last_one_found() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    assert_eq!(ask_for_check(&desk, &ana).await, Err(Error::Forbidden));
    assert_eq!(last_check(&desk, &ana).await, Err(Error::Forbidden));
    assert_eq!(last_check(&desk, &admin).await, Ok(None));
    written(&desk, 3).await;
    ask_for_check(&desk, &admin).await.unwrap();
    let under_way = last_check(&desk, &admin).await.unwrap().unwrap();
    assert_eq!((under_way.done_at, &under_way.found), (None, &None));
    ask_for_check(&desk, &admin).await.unwrap();
    assert_eq!(last_check(&desk, &admin).await.unwrap().unwrap(), under_way, "it is on its way");
    run_jobs(&desk).await;
    let done = last_check(&desk, &admin).await.unwrap().unwrap();
    assert!(done.done_at.is_some());
    assert_eq!(done.found, Some(verified(&desk).await));

    run(&desk, "UPDATE audit_logs SET description = 'other' WHERE entity_type = 'THING' AND entity_id = '1'").await;
    ask_for_check(&desk, &admin).await.unwrap();
    assert_eq!(last_check(&desk, &admin).await.unwrap().unwrap().found, None, "what was found is of the time before");
    run_jobs(&desk).await;
    assert!(matches!(last_check(&desk, &admin).await.unwrap().unwrap().found, Some(Verified::Broken { .. })));
    // One whose worker died is asked for anew.
    run(&desk, "UPDATE audit_checks SET done_at = NULL, outcome = NULL, asked_at = now() - interval '2 hours'").await;
    ask_for_check(&desk, &admin).await.unwrap();
    run_jobs(&desk).await;
    assert!(last_check(&desk, &admin).await.unwrap().unwrap().done_at.is_some());
}
