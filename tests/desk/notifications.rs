//! Who is told of what, where, and when; and that nobody is told of what they may not see.

use crate::mail::{mailbox, message, take_in};
use oxdesk::desk::Desk;
use oxdesk::mail::IntakeOutcome;
use oxdesk::notifications::{Channels, Digest, Notification, NotificationType, QuietHours, commands, queries};
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::{
    InternalNote, PublicReply, TicketId, TicketPatch, commands as tickets, queries as ticket_queries,
};
use oxdesk::{Actor, Error};

/// Follows up every event, twice: a job may run again.
async fn follow_up(desk: &Desk) {
    let events: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM events ORDER BY id").fetch_all(&desk.db).await.unwrap();
    for event in events.iter().chain(&events) {
        commands::notify_of_event(desk, *event).await.unwrap();
    }
}

async fn list(desk: &Desk, person: &Actor) -> Vec<Notification> {
    queries::list_notifications(desk, person, false, None, None, 50).await.unwrap().rows
}

async fn said(desk: &Desk, person: &Actor) -> Vec<String> {
    list(desk, person).await.into_iter().map(|row| row.message).collect()
}

async fn say(desk: &Desk, actor: &Actor, id: TicketId, text: &str) {
    tickets::add_reply(desk, actor, id, PublicReply::parse(text).unwrap(), None, vec![]).await.unwrap();
}

async fn remark(desk: &Desk, actor: &Actor, id: TicketId, text: &str) {
    tickets::add_note(desk, actor, id, InternalNote::parse(text).unwrap(), vec![]).await.unwrap();
}

async fn change(desk: &Desk, actor: &Actor, id: TicketId, patch: TicketPatch) {
    let version = ticket_queries::ticket(desk, actor, id).await.unwrap().version;
    tickets::update_ticket(desk, actor, id, version, patch).await.unwrap();
}

fn given_to(person: &Actor) -> TicketPatch {
    TicketPatch { assigned_to_id: Some(person.user_id), ..TicketPatch::default() }
}

/// Chooses for one type, and leaves the others as they are.
async fn choose(desk: &Desk, person: &Actor, kind: NotificationType, in_app: bool, by_mail: bool) {
    let mut chosen = queries::preferences(desk, person).await.unwrap();
    chosen.channels.iter_mut().find(|(known, _)| *known == kind).unwrap().1 = Channels { in_app, by_mail };
    commands::save_preferences(desk, person, &chosen).await.unwrap();
}

/// What went to an address: subject, text, whether it is for those who read notes, and what ends it.
async fn mails_to(desk: &Desk, person: &Actor) -> Vec<(String, String, bool, Option<String>, String)> {
    sqlx::query_as(
        "SELECT subject, body, is_internal, unsubscribe, message_id FROM outbox WHERE recipient = $1 AND unsubscribe IS NOT NULL ORDER BY id",
    )
    .bind(person.email.as_ref().unwrap().as_str())
    .fetch_all(&desk.db)
    .await
    .unwrap()
}

/// As if the time had come.
async fn mail_now(desk: &Desk) {
    sqlx::query("UPDATE notifications SET mail_due_at = now() WHERE mail_due_at IS NOT NULL")
        .execute(&desk.db)
        .await
        .unwrap();
    commands::mail_due(desk).await.unwrap();
    commands::mail_due(desk).await.unwrap();
}

#[tokio::test]
async fn ten_answers_are_one_line_and_opening_the_ticket_reads_them() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let (vpn, door) = (ticket(&desk, &marta, "VPN").await.id, ticket(&desk, &marta, "Door").await.id);
    change(&desk, &mona, vpn, given_to(&ana)).await;
    for n in 1..=10 {
        say(&desk, &marta, vpn, &format!("Still broken, {n}")).await;
    }
    change(&desk, &mona, door, given_to(&ana)).await;
    say(&desk, &ana, vpn, "On it").await;
    follow_up(&desk).await;

    let lines = list(&desk, &ana).await;
    assert_eq!(lines.len(), 2, "one of each ticket, and nothing of her own deed: {lines:?}");
    assert_eq!((lines[0].message.as_str(), lines[0].kind), ("mona gave it to you", NotificationType::TicketAssigned));
    assert_eq!((lines[1].message.as_str(), lines[1].more), ("marta replied", 10));
    assert_eq!(lines[1].link.as_deref().unwrap(), format!("/tickets/{}", lines[1].ticket_number.as_ref().unwrap()));
    let unread = queries::unread(&desk, &ana).await.unwrap();
    assert_eq!((unread.count, unread.latest.map(|latest| latest.id)), (2, Some(lines[0].id)));
    assert_eq!(said(&desk, &marta).await, ["ana replied"], "the requester hears of the answer");
    assert_eq!(said(&desk, &mona).await, Vec::<String>::new());

    commands::mark_ticket_read(&desk, &ana, vpn).await.unwrap();
    assert_eq!(queries::unread(&desk, &ana).await.unwrap().count, 1);
    assert_eq!(commands::mark_read(&desk, &mona, lines[0].id).await, Err(Error::NotFound), "it is not hers");
    commands::mark_read(&desk, &ana, lines[0].id).await.unwrap();
    assert_eq!(queries::unread(&desk, &ana).await.unwrap().count, 0);
    let unread = queries::list_notifications(&desk, &ana, true, None, None, 50).await.unwrap();
    assert!(unread.rows.is_empty() && list(&desk, &ana).await.len() == 2, "they stay in the list");
    let (only, next) = {
        let page = queries::list_notifications(&desk, &ana, false, None, None, 1).await.unwrap();
        (page.rows, page.next)
    };
    let rest = queries::list_notifications(&desk, &ana, false, None, next, 1).await.unwrap();
    assert!(only[0].id == lines[0].id && rest.rows[0].id == lines[1].id && rest.next.is_none());
}

#[tokio::test]
async fn what_may_no_longer_be_seen_is_in_no_list_no_count_and_no_mail() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let id = ticket(&desk, &mona, "Canary").await.id;
    tickets::add_watcher(&desk, &ana, id, ana.user_id.unwrap()).await.unwrap();
    choose(&desk, &ana, NotificationType::NoteAdded, true, true).await;
    remark(&desk, &mona, id, "The canary sings").await;
    follow_up(&desk).await;
    assert_eq!(said(&desk, &ana).await, ["mona wrote a note"]);
    sqlx::query("WITH q AS (INSERT INTO queues (name) VALUES ('Personnel') RETURNING id) UPDATE tickets SET queue_id = (SELECT id FROM q)")
        .execute(&desk.db)
        .await
        .unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    assert_eq!(said(&desk, &ana).await, Vec::<String>::new());
    assert_eq!(queries::unread(&desk, &ana).await.unwrap(), Default::default());
    mail_now(&desk).await;
    assert_eq!(mails_to(&desk, &ana).await.len(), 0);

    // One who no longer reads notes, but still sees the ticket.
    sqlx::query("UPDATE tickets SET queue_id = NULL").execute(&desk.db).await.unwrap();
    remark(&desk, &mona, id, "It sings again").await;
    follow_up(&desk).await;
    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'note.read') WHERE name = 'AGENT'")
        .execute(&desk.db)
        .await
        .unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    assert_eq!(said(&desk, &ana).await, Vec::<String>::new());
    mail_now(&desk).await;
    assert_eq!(mails_to(&desk, &ana).await.len(), 0);
}

#[tokio::test]
async fn a_mail_tells_what_was_written_and_its_answer_goes_where_that_was() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let first =
        take_in(&desk, support, &message("vera@example.com", "Keys", "k1@example.com", "", "I lost mine.")).await;
    let id = ticket_queries::id_by_number(&desk, &mona, first.ticket.as_ref().unwrap()).await.unwrap();
    change(&desk, &mona, id, given_to(&ana)).await;
    choose(&desk, &ana, NotificationType::CommentAdded, true, true).await;
    let answer =
        message("vera@example.com", "Re: Keys", "k2@example.com", "References: <k1@example.com>", "Found one of them.");
    take_in(&desk, support, &answer).await;
    remark(&desk, &mona, id, "@ana she loses them every month").await;
    follow_up(&desk).await;
    commands::mail_due(&desk).await.unwrap();
    assert_eq!(mails_to(&desk, &ana).await.len(), 0, "what is read within a minute needs no mail");
    mail_now(&desk).await;
    let mails = mails_to(&desk, &ana).await;
    assert_eq!(mails.iter().filter(|mail| mail.2).count(), 1, "{mails:?}");
    let (note, reply) = (mails.iter().find(|mail| mail.2).unwrap(), mails.iter().find(|mail| !mail.2).unwrap());
    assert!(reply.1.contains("Found one of them.") && reply.1.contains("goes to the requester"), "{}", reply.1);
    assert!(!reply.1.contains("every month"));
    assert!(note.1.contains("every month") && note.1.contains("becomes an internal note"), "{}", note.1);
    assert!(reply.0.contains("Keys") && reply.3.as_ref().unwrap().starts_with("/unsubscribe/COMMENT_ADDED."));

    let public = async || -> Vec<String> {
        sqlx::query_scalar("SELECT comment FROM ticket_comments WHERE NOT is_internal ORDER BY id")
            .fetch_all(&desk.db)
            .await
            .unwrap()
    };
    let internal = async || -> Vec<String> {
        sqlx::query_scalar("SELECT comment FROM ticket_comments WHERE is_internal ORDER BY id")
            .fetch_all(&desk.db)
            .await
            .unwrap()
    };
    let from = ana.email.as_ref().unwrap().to_string();
    let to = |mail: &(String, String, bool, Option<String>, String), id: &str, text: &str| {
        message(&from, "Re: Keys", id, &format!("In-Reply-To: <{}>", mail.4), text)
    };
    let taken = take_in(&desk, support, &to(note, "a1@example.com", "I know.")).await;
    assert_eq!(taken.outcome, IntakeOutcome::Appended);
    let taken = take_in(&desk, support, &to(reply, "a2@example.com", "Which one?")).await;
    assert_eq!(taken.outcome, IntakeOutcome::Appended);
    assert_eq!(public().await, ["Found one of them.", "Which one?"]);
    assert_eq!(internal().await, ["@ana she loses them every month", "I know."]);

    // A machine that answers for her is no answer, neither to the one nor to the other.
    for (index, mail) in [note, reply].into_iter().enumerate() {
        let head = format!("In-Reply-To: <{}>\nAuto-Submitted: auto-replied", mail.4);
        let away = message(&from, "Away", &format!("o{index}@example.com"), &head, "I am on the beach.");
        assert_eq!(take_in(&desk, support, &away).await.outcome, IntakeOutcome::Ignored);
    }
    // Whoever has such a mail forwarded, or invents one, writes no note.
    for (index, from) in ["vera@example.com", "mallory@evil.test"].into_iter().enumerate() {
        let head = format!("In-Reply-To: <{}>", note.4);
        let forged = message(from, "Re: Keys", &format!("f{index}@example.com"), &head, "Let me in.");
        assert_eq!(take_in(&desk, support, &forged).await.outcome, IntakeOutcome::Quarantined);
    }
    assert_eq!((public().await.len(), internal().await.len()), (2, 2));
}

#[tokio::test]
async fn what_was_read_goes_by_no_mail_and_a_digest_is_one() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let (one, two) = (ticket(&desk, &mona, "One").await.id, ticket(&desk, &mona, "Two").await.id);
    change(&desk, &mona, one, given_to(&ana)).await;
    follow_up(&desk).await;
    commands::mark_ticket_read(&desk, &ana, one).await.unwrap();
    mail_now(&desk).await;
    assert_eq!(mails_to(&desk, &ana).await.len(), 0);

    let mut chosen = queries::preferences(&desk, &ana).await.unwrap();
    chosen.digest = Digest::Hourly;
    chosen.time_zone = "Europe/Berlin".into();
    chosen.quiet = Some(QuietHours { from: 22 * 60, to: 7 * 60 });
    commands::save_preferences(&desk, &ana, &chosen).await.unwrap();
    assert_eq!(queries::preferences(&desk, &actor(&desk, ana.user_id.unwrap()).await).await.unwrap(), chosen);
    remark(&desk, &mona, one, "@ana first").await;
    remark(&desk, &mona, one, "@ana second").await;
    change(&desk, &mona, two, given_to(&ana)).await;
    follow_up(&desk).await;
    let soon: i64 =
        sqlx::query_scalar("SELECT count(*) FROM notifications WHERE mail_due_at < now() + interval '1 minute'")
            .fetch_one(&desk.db)
            .await
            .unwrap();
    assert!(soon == 0 || chrono_minute_is_full(), "they wait for the hour");
    mail_now(&desk).await;
    let mails = mails_to(&desk, &ana).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let (subject, text, internal, off, _) = &mails[0];
    assert_eq!((subject.as_str(), *internal), ("2 tickets with news", true));
    assert!(
        text.contains("One\nmona mentioned you, and 1 more") && text.contains("Two\nmona gave it to you"),
        "{text}"
    );
    assert!(!text.contains("first"), "a digest brings no texts");
    assert!(off.as_ref().unwrap().starts_with("/unsubscribe/ALL."));

    chosen.time_zone = "Nowhere".into();
    chosen.quiet = Some(QuietHours { from: 60, to: 60 });
    let Err(Error::Invalid(wrong)) = commands::save_preferences(&desk, &ana, &chosen).await else { panic!() };
    assert_eq!(wrong.keys().collect::<Vec<_>>(), ["quiet_to", "time_zone"]);
}

/// The last minute before an hour: what waits for the hour waits for less than one.
fn chrono_minute_is_full() -> bool {
    oxdesk::Timestamp::now().as_microsecond() / 60_000_000 % 60 == 59
}

#[tokio::test]
async fn one_click_ends_the_mails_of_one_kind_and_a_muted_ticket_is_silent() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let (one, two) = (ticket(&desk, &mona, "One").await.id, ticket(&desk, &mona, "Two").await.id);
    change(&desk, &mona, one, given_to(&ana)).await;
    follow_up(&desk).await;
    mail_now(&desk).await;
    let off = mails_to(&desk, &ana).await[0].3.clone().unwrap();
    let token = off.strip_prefix("/unsubscribe/").unwrap();
    assert_eq!(commands::turn_off(&desk, &token.replace("TICKET_ASSIGNED", "ALL")).await, Err(Error::NotFound));
    commands::turn_off(&desk, token).await.unwrap();
    commands::turn_off(&desk, token).await.unwrap();
    change(&desk, &mona, two, given_to(&ana)).await;
    remark(&desk, &mona, two, "@ana look").await;
    follow_up(&desk).await;
    mail_now(&desk).await;
    let mails = mails_to(&desk, &ana).await;
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails[1].1.contains("look"), "of mentions she still hears");
    assert_eq!(queries::unread(&desk, &ana).await.unwrap().count, 2, "and in the app of all");

    commands::mute_ticket(&desk, &ana, two, true).await.unwrap();
    commands::mark_all_read(&desk, &ana).await.unwrap();
    remark(&desk, &mona, two, "Nothing for anyone").await;
    follow_up(&desk).await;
    assert_eq!(queries::unread(&desk, &ana).await.unwrap().count, 0);
    remark(&desk, &mona, two, "@ana but this is").await;
    follow_up(&desk).await;
    assert_eq!(queries::unread(&desk, &ana).await.unwrap().count, 1);
    assert!(ticket_queries::ticket_page(&desk, &ana, two).await.unwrap().bench.unwrap().is_muted);
    let marta = person(&desk, "marta", "END_USER").await;
    assert_eq!(commands::mute_ticket(&desk, &marta, two, true).await, Err(Error::NotFound), "it is not hers");
}

#[tokio::test]
async fn whoever_wishes_hears_of_new_tickets_in_their_queue_and_of_nothing_they_turned_off() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    sqlx::query("WITH q AS (INSERT INTO queues (name) VALUES ('Service desk') RETURNING id) INSERT INTO queue_members (queue_id, user_id) SELECT q.id, u.id FROM q, users u WHERE u.id = ANY($1)")
        .bind([ana.user_id, mona.user_id].map(Option::unwrap))
        .execute(&desk.db)
        .await
        .unwrap();
    choose(&desk, &ana, NotificationType::TicketCreated, true, false).await;
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "New").await.id;
    sqlx::query("UPDATE tickets SET queue_id = (SELECT id FROM queues WHERE name = 'Service desk')")
        .execute(&desk.db)
        .await
        .unwrap();
    follow_up(&desk).await;
    assert_eq!((said(&desk, &ana).await, said(&desk, &mona).await), (vec!["marta opened it".to_owned()], vec![]));

    change(&desk, &mona, id, given_to(&ana)).await;
    choose(&desk, &ana, NotificationType::TicketUpdated, false, false).await;
    follow_up(&desk).await;
    let before = list(&desk, &ana).await[0].more;
    change(
        &desk,
        &mona,
        id,
        TicketPatch { priority: Some(oxdesk::tickets::TicketPriority::High), ..TicketPatch::default() },
    )
    .await;
    tickets::add_watcher(&desk, &mona, id, mona.user_id.unwrap()).await.unwrap();
    follow_up(&desk).await;
    assert_eq!(list(&desk, &ana).await[0].more, before);
}
