//! Taking mail in, and the floor under it.

use oxdesk::desk::Desk;
use oxdesk::mail::{IntakeOutcome, MailboxId, intake};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A mail from someone new is taken in: kept, read, filed as a ticket, acknowledged.
pub async fn one_mail(desk: Desk, mailbox: MailboxId) {
    let id = Uuid::now_v7().simple().to_string();
    let raw = format!(
        "From: Bench <b{id}@example.com>\r\nTo: support@demo.test\r\nSubject: From the bench\r\nMessage-ID: <{id}@bench>\r\n\r\nHow fast is it?\r\n\r\n-- \r\nBench\r\n"
    );
    let taken = intake::take_in(&desk, mailbox, raw.into()).await.unwrap();
    assert_eq!(taken.outcome, IntakeOutcome::Created);
}

/// The floor: what such a mail writes, and nothing else, in two transactions as well.
pub async fn inserts_alone(desk: Desk, mailbox: MailboxId) {
    let id = Uuid::now_v7().simple().to_string();
    let email = format!("b{id}@example.com");
    let raw = sqlx::query_scalar::<_, Uuid>(
        "INSERT INTO raw_mails (email_configuration_id, dedupe_key, bytes) VALUES ($1, $2, $3) RETURNING id",
    )
    .bind(mailbox)
    .bind(&id)
    .bind(vec![b'x'; 200])
    .fetch_one(&desk.db)
    .await
    .unwrap();
    let mut tx = desk.db.begin().await.unwrap();
    let ticket: Uuid = sqlx::query_scalar(
        "INSERT INTO tickets (ticket_number, subject, description, source, requester_email, requester_name)
         VALUES (next_number('TKT'), 'From the bench', 'How fast is it?', 'EMAIL', $1, 'Bench') RETURNING id",
    )
    .bind(&email)
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    for statement in [
        "INSERT INTO ticket_history (ticket_id, action) VALUES ($1, 'CREATED')",
        "INSERT INTO outbox (recipient, subject, body, message_id, idempotency_key, ticket_id) VALUES ($2, 'x', 'x', $3, $3, $1)",
        "INSERT INTO ticket_messages (message_id, ticket_id, kind) VALUES ($3, $1, 'RECEIVED')",
        "INSERT INTO users (email) SELECT $2 WHERE $1 IS NOT NULL",
        "UPDATE raw_mails SET outcome = 'created', ticket_id = $1, processed_at = now() WHERE id = $4",
    ] {
        // Each names all four, so that one binding serves them.
        let statement = format!("WITH all_of AS (SELECT $1::uuid, $2::text, $3::text, $4::uuid) {statement}");
        sqlx::query(AssertSqlSafe(statement))
            .bind(ticket)
            .bind(&email)
            .bind(&id)
            .bind(raw)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// How much memory `oxdesk mail parse` takes for a message of 25 MB, and for one of a kilobyte. MB at the most.
pub fn parsing() -> (u64, u64) {
    let attachment = "QUJD".repeat(19).repeat(330_000);
    let lines: String =
        attachment.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect();
    let large = format!(
        "From: b@example.com\r\nSubject: Large\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the film.\r\n--b\r\nContent-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}--b--\r\n"
    );
    (peak(&large), peak("From: b@example.com\r\nSubject: Small\r\n\r\nHello.\r\n"))
}

fn peak(message: &str) -> u64 {
    let file = std::env::temp_dir().join(format!("oxdesk-bench-{}.eml", std::process::id()));
    std::fs::write(&file, message).unwrap();
    let script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
    let output = std::process::Command::new("python3")
        .args(["-c", script, "target/release/oxdesk", "mail", "parse"])
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse::<u64>().unwrap() / 1000
}
