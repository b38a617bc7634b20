//! Working on tickets: the status machine, links, merging, splitting, watching, putting off, deleting, checklists, time.

use oxdesk::desk::Desk;
use oxdesk::people::UserId;
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::rules::{Side, TRANSITIONS, status_after_reply};
use oxdesk::tickets::*;
use oxdesk::tickets::{commands, queries};
use oxdesk::{Actor, Error, Result, Timestamp};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

fn reply(text: &str) -> PublicReply {
    PublicReply::parse(text).unwrap()
}

fn note(text: &str) -> InternalNote {
    InternalNote::parse(text).unwrap()
}

async fn say(desk: &Desk, actor: &Actor, id: TicketId, text: &str) -> CommentId {
    commands::add_reply(desk, actor, id, reply(text), None, vec![]).await.unwrap()
}

async fn change(desk: &Desk, actor: &Actor, id: TicketId, patch: TicketPatch) -> Result<i32> {
    let version = queries::ticket(desk, actor, id).await?.version;
    commands::update_ticket(desk, actor, id, version, patch).await
}

fn to(status: TicketStatus) -> TicketPatch {
    TicketPatch {
        status: Some(status),
        resolution_note: Some("A new cable.".into()),
        cancel_reason: Some("Ordered twice.".into()),
        ..TicketPatch::default()
    }
}

fn wrong<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid(fields)) => fields.into_keys().next().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn in_hours(hours: i64) -> Timestamp {
    Timestamp::from_microsecond(Timestamp::now().as_microsecond() + hours * 3_600_000_000).unwrap()
}

#[tokio::test]
async fn any_sequence_of_status_changes_obeys_the_table() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..6 {
        let id = ticket(&desk, &marta, "VPN").await.id;
        for _ in 0..40 {
            let before = queries::ticket(&desk, &mona, id).await.unwrap().status;
            let by_agent = random.random_bool(0.6);
            let (who, side) = if by_agent { (&mona, Side::Agent) } else { (&marta, Side::Requester) };
            let named = |to| before == to || TRANSITIONS.iter().any(|t| (t.from, t.to, t.by) == (before, to, side));
            if random.random_bool(0.3) {
                let said = commands::add_reply(&desk, who, id, reply("hello"), None, vec![]).await;
                let closed = matches!(before, TicketStatus::Closed | TicketStatus::Cancelled) && !by_agent;
                assert_eq!(said.is_err(), closed);
                let after = queries::ticket(&desk, &mona, id).await.unwrap().status;
                assert_eq!(after, if closed { before } else { status_after_reply(before, side) });
                assert!(named(after), "{before} to {after} by {side:?}");
                continue;
            }
            let wanted = *TicketStatus::ALL.choose(&mut random).unwrap();
            let done = if by_agent {
                change(&desk, who, id, to(wanted)).await.map(|_| ())
            } else {
                commands::change_own_status(&desk, who, id, wanted, Some("No longer needed.")).await
            };
            assert_eq!(done.is_ok(), named(wanted), "{before} to {wanted} by {side:?}: {done:?}");
            let now = queries::ticket(&desk, &mona, id).await.unwrap();
            assert_eq!(now.status, if done.is_ok() { wanted } else { before });
            assert_eq!(now.cancel_reason.is_some(), now.status == TicketStatus::Cancelled);
            assert!(
                now.resolution_note.is_none() || matches!(now.status, TicketStatus::Resolved | TicketStatus::Closed)
            );
            assert_eq!(now.closed_at.is_some(), matches!(now.status, TicketStatus::Closed | TicketStatus::Cancelled));
        }
    }
}

#[tokio::test]
async fn resolving_needs_a_note_that_the_requester_reads_and_an_answer_is_one() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    let bare = |status| TicketPatch { status: Some(status), ..TicketPatch::default() };
    assert_eq!(wrong(change(&desk, &mona, id, bare(TicketStatus::Resolved)).await), "resolution_note");
    assert_eq!(wrong(change(&desk, &mona, id, bare(TicketStatus::Cancelled)).await), "cancel_reason");
    change(&desk, &mona, id, to(TicketStatus::Resolved)).await.unwrap();
    let seen = queries::ticket(&desk, &marta, id).await.unwrap();
    assert_eq!(seen.resolution_note.as_deref(), Some("A new cable."));

    commands::change_own_status(&desk, &marta, id, TicketStatus::InProgress, None).await.unwrap();
    assert_eq!(queries::ticket(&desk, &marta, id).await.unwrap().resolution_note, None, "it was no solution");
    let answer = reply("Please restart it.");
    commands::add_reply(&desk, &mona, id, answer, Some(TicketStatus::Resolved), vec![]).await.unwrap();
    let seen = queries::ticket(&desk, &marta, id).await.unwrap();
    assert_eq!((seen.status, seen.resolution_note.as_deref()), (TicketStatus::Resolved, Some("Please restart it.")));
    commands::change_own_status(&desk, &marta, id, TicketStatus::Closed, None).await.unwrap();
    let jonas = person(&desk, "jonas", "END_USER").await;
    let others = commands::change_own_status(&desk, &jonas, id, TicketStatus::InProgress, None).await;
    assert_eq!(others, Err(Error::NotFound));
    let by_agent = commands::change_own_status(&desk, &mona, id, TicketStatus::InProgress, None).await;
    assert_eq!(by_agent, Err(Error::Forbidden));
}

#[tokio::test]
async fn a_requester_reopens_for_two_weeks_and_then_asks_anew() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    change(&desk, &mona, id, to(TicketStatus::Closed)).await.unwrap();
    sqlx::query("UPDATE tickets SET closed_at = now() - interval '15 days' WHERE id = $1")
        .bind(id)
        .execute(&desk.db)
        .await
        .unwrap();
    let late = commands::change_own_status(&desk, &marta, id, TicketStatus::InProgress, None).await;
    assert_eq!(wrong(late), "status");
    sqlx::query("UPDATE tickets SET closed_at = now() - interval '13 days' WHERE id = $1")
        .bind(id)
        .execute(&desk.db)
        .await
        .unwrap();
    commands::change_own_status(&desk, &marta, id, TicketStatus::InProgress, None).await.unwrap();
}

async fn link(desk: &Desk, actor: &Actor, one: TicketId, kind: LinkType, two: TicketId) -> Result<LinkId> {
    commands::link_tickets(desk, actor, one, kind, two).await
}

#[tokio::test]
async fn a_link_is_seen_from_both_sides_and_taken_away_from_either() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let (one, two) = (ticket(&desk, &marta, "One").await, ticket(&desk, &marta, "Two").await);
    for (made, seen) in [
        (LinkType::Blocks, LinkType::BlockedBy),
        (LinkType::BlockedBy, LinkType::Blocks),
        (LinkType::Related, LinkType::Related),
        (LinkType::Duplicate, LinkType::Duplicate),
    ] {
        let id = link(&desk, &mona, one.id, made, two.id).await.unwrap();
        assert_eq!(link(&desk, &mona, one.id, made, two.id).await, Ok(id), "the same again is the same");
        assert_eq!(link(&desk, &mona, two.id, seen, one.id).await.is_ok(), made != LinkType::Duplicate);
        let (mine, theirs) =
            (queries::links(&desk, &mona, one.id).await.unwrap(), queries::links(&desk, &mona, two.id).await.unwrap());
        assert_eq!((mine.len(), theirs.len()), (1, 1), "{made}");
        assert_eq!((mine[0].link_type, mine[0].ticket.id), (made, two.id));
        assert_eq!((theirs[0].link_type, theirs[0].ticket.id), (seen, one.id));
        assert_ne!(mine[0].label(), if made == LinkType::Related { "" } else { theirs[0].label() });
        commands::unlink_tickets(&desk, &mona, two.id, id).await.unwrap();
        assert_eq!(queries::links(&desk, &mona, one.id).await.unwrap(), []);
    }
    assert_eq!(wrong(link(&desk, &mona, one.id, LinkType::Related, one.id).await), "ticket");
    assert_eq!(queries::links(&desk, &marta, one.id).await, Err(Error::Forbidden));
    assert_eq!(link(&desk, &marta, one.id, LinkType::Related, two.id).await, Err(Error::Forbidden));
}

#[tokio::test]
async fn a_circle_of_blocks_is_refused_even_when_two_close_it_at_once() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(ticket(&desk, &mona, name).await.id);
    }
    for pair in ids.windows(2) {
        link(&desk, &mona, pair[0], LinkType::Blocks, pair[1]).await.unwrap();
    }
    assert_eq!(wrong(link(&desk, &mona, ids[3], LinkType::Blocks, ids[0]).await), "ticket");
    assert_eq!(wrong(link(&desk, &mona, ids[0], LinkType::BlockedBy, ids[2]).await), "ticket");
    assert!(link(&desk, &mona, ids[3], LinkType::Related, ids[0]).await.is_ok());
    for _ in 0..5 {
        let (one, two) = (ticket(&desk, &mona, "one").await.id, ticket(&desk, &mona, "two").await.id);
        let both = tokio::join!(
            link(&desk, &mona, one, LinkType::Blocks, two),
            link(&desk, &mona, two, LinkType::Blocks, one),
        );
        assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
    }
}

#[tokio::test]
async fn links_do_not_tell_of_tickets_that_one_may_not_see() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let (open, secret) = (ticket(&desk, &mona, "Open").await.id, ticket(&desk, &mona, "Secret").await.id);
    let queue: QueueId = sqlx::query_scalar("INSERT INTO queues (name) VALUES ('Personnel') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    change(&desk, &mona, secret, TicketPatch { queue_id: Some(Some(queue)), ..TicketPatch::default() }).await.unwrap();
    link(&desk, &mona, open, LinkType::Related, secret).await.unwrap();
    assert_eq!(queries::links(&desk, &ana, open).await.unwrap(), []);
    assert_eq!(wrong(link(&desk, &ana, open, LinkType::Blocks, secret).await), "ticket");
    assert_eq!(wrong(commands::merge_tickets(&desk, &ana, open, secret).await), "into");
    assert_eq!(commands::merge_tickets(&desk, &ana, secret, open).await, Err(Error::NotFound));
}

/// What a ticket is to those who look at it, without the log of what was done.
async fn look(desk: &Desk, people: &[&Actor], id: TicketId) -> Vec<String> {
    let mut seen = Vec::new();
    for person in people {
        seen.push(match queries::ticket_page(desk, person, id).await {
            Ok(mut page) => {
                page.timeline.retain(|entry| !matches!(entry, TimelineEntry::Event(_)));
                (page.ticket.version, page.ticket.updated_at, page.now) =
                    (0, page.ticket.created_at, page.ticket.created_at);
                format!("{page:?}")
            }
            Err(error) => error.to_string(),
        });
    }
    seen
}

#[tokio::test]
async fn merging_and_unmerging_is_as_if_nothing_had_happened() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let jonas = person(&desk, "jonas", "END_USER").await;
    let people = [&mona, &marta, &jonas];
    for seed in 0..8 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut ids = Vec::new();
        for index in 0..5 {
            let requester = if random.random_bool(0.5) { &marta } else { &jonas };
            let id = ticket(&desk, requester, &format!("Matter {index}")).await.id;
            furnish(&desk, &mona, requester, id, &mut random).await;
            ids.push(id);
        }
        link(&desk, &mona, ids[0], LinkType::Related, ids[1]).await.unwrap();
        let mut before = Vec::new();
        for id in &ids {
            before.push(look(&desk, &people, *id).await);
        }
        let mut merged = Vec::new();
        for _ in 0..6 {
            let (source, target) = (*ids.choose(&mut random).unwrap(), *ids.choose(&mut random).unwrap());
            if commands::merge_tickets(&desk, &mona, source, target).await.is_ok() {
                merged.push(source);
            }
        }
        assert!(!merged.is_empty());
        for source in merged.into_iter().rev() {
            commands::unmerge_ticket(&desk, &mona, source).await.unwrap();
        }
        for (id, before) in ids.iter().zip(before) {
            assert_eq!(look(&desk, &people, *id).await, before, "seed {seed}");
        }
    }
}

/// Gives a ticket some of all that a ticket may have.
async fn furnish(desk: &Desk, mona: &Actor, requester: &Actor, id: TicketId, random: &mut StdRng) {
    for _ in 0..random.random_range(0..4) {
        if random.random_bool(0.5) {
            say(desk, requester, id, "Still broken.").await;
        } else {
            let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("log")]);
            let file = desk.files.receive("log.txt", 1000, chunks).await.unwrap();
            commands::add_note(desk, mona, id, note("Look at the switch."), vec![file]).await.unwrap();
        }
    }
    if random.random_bool(0.5) {
        commands::add_watcher(desk, mona, id, mona.user_id.unwrap()).await.unwrap();
        commands::add_cc(desk, mona, id, &"boss@example.com".parse().unwrap()).await.unwrap();
        commands::add_checklist_items(desk, mona, id, "Order\nInstall").await.unwrap();
        commands::add_time_entry(desk, mona, id, "15", None, None).await.unwrap();
    }
    if random.random_bool(0.3) {
        change(desk, mona, id, to(TicketStatus::Resolved)).await.unwrap();
    } else if random.random_bool(0.3) {
        let later = TicketPatch { follow_up_at: Some(Some(in_hours(24))), ..TicketPatch::default() };
        change(desk, mona, id, later).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_opposite_merges_at_once_exactly_one_wins() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    for _ in 0..10 {
        let (one, two) = (ticket(&desk, &mona, "one").await.id, ticket(&desk, &mona, "two").await.id);
        let both = tokio::join!(
            commands::merge_tickets(&desk, &mona, one, two),
            commands::merge_tickets(&desk, &mona, two, one),
        );
        assert!(both.0.is_ok() != both.1.is_ok(), "{both:?}");
        assert_eq!(wrong(if both.0.is_ok() { both.1 } else { both.0 }), "into");
    }
    let (a, b, c) =
        (ticket(&desk, &mona, "a").await.id, ticket(&desk, &mona, "b").await.id, ticket(&desk, &mona, "c").await.id);
    let round = tokio::join!(
        commands::merge_tickets(&desk, &mona, a, b),
        commands::merge_tickets(&desk, &mona, b, c),
        commands::merge_tickets(&desk, &mona, c, a),
    );
    assert_eq!([round.0, round.1, round.2].iter().filter(|result| result.is_ok()).count(), 2);
    assert_eq!(wrong(commands::merge_tickets(&desk, &mona, a, a).await), "into");
}

fn said(page: &TicketPage) -> Vec<String> {
    let text = |entry: &TimelineEntry| match entry {
        TimelineEntry::Reply(comment) | TimelineEntry::Note(comment) => {
            Some(comment.html.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned())
        }
        TimelineEntry::Merged(request) => Some(format!("{}: {}", request.requester, request.subject)),
        TimelineEntry::Event(_) => None,
    };
    page.timeline.iter().filter_map(text).collect()
}

#[tokio::test]
async fn what_is_said_on_a_merged_ticket_arrives_where_it_went_and_strangers_stay_strangers() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let jonas = person(&desk, "jonas", "END_USER").await;
    let (source, target) = (ticket(&desk, &jonas, "No network").await, ticket(&desk, &marta, "Network is down").await);
    say(&desk, &marta, target.id, "Marta's secret").await;
    say(&desk, &mona, target.id, "Before the merge").await;
    commands::add_note(&desk, &mona, target.id, note("canary"), vec![]).await.unwrap();
    commands::merge_tickets(&desk, &mona, source.id, target.id).await.unwrap();
    assert_eq!(
        queries::shown_by_number(&desk, &mona, &source.ticket_number).await,
        Ok(target.id),
        "the old number opens it"
    );
    assert_eq!(
        queries::shown_by_number(&desk, &jonas, &source.ticket_number).await,
        Ok(source.id),
        "he may not see the other"
    );

    say(&desk, &jonas, source.id, "Mine too").await;
    say(&desk, &marta, target.id, "Marta again").await;
    say(&desk, &mona, source.id, "It is fixed now").await;
    let agents = said(&queries::ticket_page(&desk, &mona, target.id).await.unwrap());
    assert_eq!(
        agents,
        [
            "jonas: No network",
            "Marta's secret",
            "Before the merge",
            "canary",
            "Mine too",
            "Marta again",
            "It is fixed now"
        ]
    );
    assert_eq!(said(&queries::ticket_page(&desk, &jonas, source.id).await.unwrap()), ["Mine too", "It is fixed now"]);
    let martas = said(&queries::ticket_page(&desk, &marta, target.id).await.unwrap());
    assert!(!martas.contains(&"canary".to_owned()), "{martas:?}");
    let mails: Vec<(String, String)> =
        sqlx::query_as("SELECT recipient, subject FROM outbox WHERE body LIKE '%It is fixed now%' ORDER BY recipient")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails[0].0 == "jonas@example.com" && mails[0].1.contains(source.ticket_number.as_str()), "{mails:?}");
    assert!(mails[1].0 == "marta@example.com" && mails[1].1.contains(target.ticket_number.as_str()), "{mails:?}");

    assert_eq!(wrong(change(&desk, &mona, source.id, to(TicketStatus::Closed)).await), "id", "it is worked on there");
    assert_eq!(queries::ticket(&desk, &jonas, source.id).await.unwrap().status, TicketStatus::InProgress);
    change(&desk, &mona, target.id, to(TicketStatus::Resolved)).await.unwrap();
    assert_eq!(queries::ticket(&desk, &jonas, source.id).await.unwrap().status, TicketStatus::Resolved);
    say(&desk, &jonas, source.id, "It is back").await;
    assert_eq!(queries::ticket(&desk, &marta, target.id).await.unwrap().status, TicketStatus::InProgress);
}

#[tokio::test]
async fn one_does_not_read_of_a_merge_what_one_may_not_see() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let jonas = person(&desk, "jonas", "END_USER").await;
    let (source, target) =
        (ticket(&desk, &jonas, "Jonas' canary").await, ticket(&desk, &marta, "Marta's matter").await);
    say(&desk, &jonas, source.id, "Jonas' canary reply").await;
    commands::merge_tickets(&desk, &mona, source.id, target.id).await.unwrap();
    let page = format!("{:?}", queries::ticket_page(&desk, &marta, target.id).await.unwrap());
    assert!(!page.contains("canary"), "{page}");
    assert!(!page.contains(source.ticket_number.as_str()), "{page}");
    let comments = queries::list_comments(&desk, &marta, target.id, None, 50).await.unwrap();
    assert!(comments.iter().all(|comment| !comment.comment.contains("canary")));
}

#[tokio::test]
async fn a_message_becomes_a_ticket_of_its_own_but_a_note_does_not() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let origin = ticket(&desk, &marta, "VPN").await;
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("bytes")]);
    let file = desk.files.receive("paper.txt", 1000, chunks).await.unwrap();
    let message =
        commands::add_reply(&desk, &marta, origin.id, reply("And the printer is out of paper."), None, vec![file])
            .await
            .unwrap();
    let secret = commands::add_note(&desk, &mona, origin.id, note("canary"), vec![]).await.unwrap();
    assert_eq!(wrong(commands::split_ticket(&desk, &mona, origin.id, secret, "Printer").await), "comment_id");
    assert_eq!(commands::split_ticket(&desk, &marta, origin.id, message, "Printer").await, Err(Error::Forbidden));
    assert_eq!(wrong(commands::split_ticket(&desk, &mona, origin.id, message, " ").await), "subject");

    let new = commands::split_ticket(&desk, &mona, origin.id, message, "Printer").await.unwrap();
    let page = queries::ticket_page(&desk, &marta, new.id).await.unwrap();
    assert_eq!(page.ticket.description, "And the printer is out of paper.");
    assert_eq!(page.ticket.requester_id, marta.user_id);
    assert_eq!(page.attachments.len(), 1);
    let (_, mut content) = attachments::open_attachment(&desk, &marta, page.attachments[0].id).await.unwrap();
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut content, &mut text).await.unwrap();
    assert_eq!(text, "bytes");
    assert_eq!(queries::links(&desk, &mona, new.id).await.unwrap()[0].ticket.id, origin.id);
    let other = ticket(&desk, &mona, "Other").await;
    assert_eq!(commands::split_ticket(&desk, &mona, other.id, message, "Printer").await, Err(Error::NotFound));
}

async fn told(desk: &Desk, person: &Actor) -> Vec<String> {
    let events: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT id FROM events ORDER BY id").fetch_all(&desk.db).await.unwrap();
    for event in events {
        oxdesk::notifications::commands::notify_of_event(desk, event).await.unwrap();
    }
    sqlx::query_scalar("SELECT message FROM notifications WHERE user_id = $1 ORDER BY id")
        .bind(person.user_id)
        .fetch_all(&desk.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn watchers_hear_of_what_they_may_see_and_copies_go_out_by_mail() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    commands::add_watcher(&desk, &ana, id, ana.user_id.unwrap()).await.unwrap();
    commands::add_watcher(&desk, &mona, id, ben.user_id.unwrap()).await.unwrap();
    assert_eq!(wrong(commands::add_watcher(&desk, &mona, id, marta.user_id.unwrap()).await), "user_id");
    assert_eq!(commands::add_watcher(&desk, &marta, id, marta.user_id.unwrap()).await, Err(Error::Forbidden));
    commands::remove_watcher(&desk, &ben, id, ben.user_id.unwrap()).await.unwrap();
    commands::add_cc(&desk, &mona, id, &"boss@example.com".parse().unwrap()).await.unwrap();
    sqlx::query("DELETE FROM events").execute(&desk.db).await.unwrap();

    commands::add_note(&desk, &mona, id, note("canary"), vec![]).await.unwrap();
    say(&desk, &mona, id, "On it").await;
    assert_eq!(told(&desk, &ana).await, ["mona wrote a note", "mona replied"]);
    assert_eq!(told(&desk, &ben).await, Vec::<String>::new());
    let copies: Vec<String> = sqlx::query_scalar("SELECT body FROM outbox WHERE recipient = 'boss@example.com'")
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert!(copies.len() == 1 && copies[0].contains("On it"), "{copies:?}");

    // The ticket moves where Ana may not follow: she hears nothing more.
    let queue: QueueId = sqlx::query_scalar("INSERT INTO queues (name) VALUES ('Personnel') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    change(&desk, &mona, id, TicketPatch { queue_id: Some(Some(queue)), ..TicketPatch::default() }).await.unwrap();
    say(&desk, &mona, id, "A matter for personnel").await;
    assert_eq!(told(&desk, &ana).await.len(), 2);
}

#[tokio::test]
async fn there_is_an_end_to_watchers_and_copies() {
    let desk = desk().await;
    let mona = person(&desk, "mona", "IT_MANAGER").await;
    let id = ticket(&desk, &mona, "VPN").await.id;
    for index in 0..WATCHERS_MAX {
        commands::add_cc(&desk, &mona, id, &format!("p{index}@example.com").parse().unwrap()).await.unwrap();
    }
    assert_eq!(wrong(commands::add_cc(&desk, &mona, id, &"one@more.com".parse().unwrap()).await), "email");
    assert!(commands::add_cc(&desk, &mona, id, &"p0@example.com".parse().unwrap()).await.is_ok(), "already there");
    sqlx::query(
        "WITH people AS (INSERT INTO users (email, email_verified) SELECT 'w' || n || '@example.com', true FROM generate_series(1, 50) n RETURNING id)
         INSERT INTO ticket_watchers (ticket_id, user_id) SELECT $1, id FROM people",
    )
    .bind(id)
    .execute(&desk.db)
    .await
    .unwrap();
    assert_eq!(wrong(commands::add_watcher(&desk, &mona, id, mona.user_id.unwrap()).await), "user_id");
}

#[tokio::test]
async fn what_is_put_off_leaves_the_inbox_and_comes_back() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    let inbox =
        async |bar: &str| queries::list_tickets(&desk, &mona, &list_filter(bar).0, None, 50).await.unwrap().rows.len();
    let off = |at| TicketPatch { follow_up_at: Some(at), ..TicketPatch::default() };
    assert_eq!(wrong(change(&desk, &mona, id, off(Some(in_hours(-1)))).await), "follow_up_at");
    assert_eq!(wrong(change(&desk, &mona, id, off(Some(in_hours(24 * 800)))).await), "follow_up_at");
    change(&desk, &mona, id, off(Some(in_hours(24)))).await.unwrap();
    assert_eq!((inbox("").await, inbox("is:snoozed").await, inbox("status:new").await), (0, 1, 1));
    assert_eq!(queries::ticket(&desk, &marta, id).await.unwrap().follow_up_at, None, "it is the agents' plan");

    say(&desk, &marta, id, "Any news?").await;
    assert_eq!((inbox("").await, inbox("is:snoozed").await), (1, 0), "an answer brings it back");
    change(&desk, &mona, id, off(Some(in_hours(24)))).await.unwrap();
    sqlx::query("UPDATE tickets SET follow_up_at = now() - interval '1 second'").execute(&desk.db).await.unwrap();
    assert_eq!((inbox("").await, inbox("is:snoozed").await), (1, 0), "on time, whether or not the job ran");
    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'return_ticket' AND run_at > now() + interval '23 hours'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(jobs, 1, "one job, however often it was put off");
    change(&desk, &mona, id, off(Some(in_hours(24)))).await.unwrap();
    change(&desk, &mona, id, to(TicketStatus::Resolved)).await.unwrap();
    assert_eq!(queries::ticket(&desk, &mona, id).await.unwrap().follow_up_at, None);
    assert_eq!(wrong(change(&desk, &mona, id, off(Some(in_hours(24)))).await), "follow_up_at");
}

#[tokio::test]
async fn a_deleted_ticket_is_gone_for_all_but_those_who_bring_it_back() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let ana = person(&desk, "ana", "AGENT").await;
    let made = ticket(&desk, &marta, "VPN").await;
    let id = made.id;
    assert_eq!(wrong(commands::delete_ticket(&desk, &mona, id, " ").await), "reason");
    assert_eq!(commands::delete_ticket(&desk, &ana, id, "spam").await, Err(Error::Forbidden));
    let before = queries::ticket(&desk, &marta, id).await.unwrap();
    commands::delete_ticket(&desk, &mona, id, "spam").await.unwrap();
    for person in [&marta, &ana] {
        assert_eq!(queries::ticket(&desk, person, id).await, Err(Error::NotFound));
        assert_eq!(queries::id_by_number(&desk, person, &made.ticket_number).await, Err(Error::NotFound));
        let list = queries::list_tickets(&desk, person, &TicketFilter::default(), None, 50).await.unwrap();
        assert_eq!(list.rows, []);
    }
    let bin = parse_filter("is:deleted").0;
    assert_eq!(queries::list_tickets(&desk, &ana, &bin, None, 50).await, Err(Error::Forbidden));
    assert_eq!(queries::list_tickets(&desk, &mona, &bin, None, 50).await.unwrap().rows.len(), 1);
    let seen = queries::ticket_page(&desk, &mona, id).await.unwrap();
    let deletion = seen.ticket.deleted.unwrap();
    assert_eq!((deletion.by.as_str(), deletion.reason.as_deref()), ("mona", Some("spam")));
    assert!(seen.may.delete && !seen.may.update && !seen.may.reply);
    assert_eq!(commands::add_reply(&desk, &mona, id, reply("hello"), None, vec![]).await, Err(Error::NotFound));

    assert_eq!(commands::restore_ticket(&desk, &ana, id).await, Err(Error::Forbidden));
    commands::restore_ticket(&desk, &mona, id).await.unwrap();
    let after = queries::ticket(&desk, &marta, id).await.unwrap();
    assert_eq!(Ticket { version: before.version, updated_at: before.updated_at, ..after }, before);
    assert_eq!(commands::restore_ticket(&desk, &mona, id).await, Err(Error::NotFound));
    let next = ticket(&desk, &marta, "Next").await;
    assert!(next.ticket_number.as_str() > made.ticket_number.as_str());
}

#[tokio::test]
async fn a_checklist_is_ticked_and_has_an_end() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "New colleague").await.id;
    let items = commands::add_checklist_items(&desk, &mona, id, "Account\n\n  Laptop \nBadge").await.unwrap();
    commands::tick_checklist_item(&desk, &mona, id, items[1], true).await.unwrap();
    commands::remove_checklist_item(&desk, &mona, id, items[2]).await.unwrap();
    let list = queries::checklist(&desk, &mona, id).await.unwrap();
    let shown: Vec<_> = list.iter().map(|item| (item.text.as_str(), item.done_by.as_deref())).collect();
    assert_eq!(shown, [("Account", None), ("Laptop", Some("mona"))]);
    commands::tick_checklist_item(&desk, &mona, id, items[1], false).await.unwrap();
    assert!(queries::checklist(&desk, &mona, id).await.unwrap().iter().all(|item| item.done_at.is_none()));
    assert_eq!(wrong(commands::add_checklist_items(&desk, &mona, id, &"x\n".repeat(101)).await), "text");
    assert_eq!(wrong(commands::add_checklist_items(&desk, &mona, id, " \n ").await), "text");
    assert_eq!(queries::checklist(&desk, &marta, id).await, Err(Error::Forbidden));
    let other = ticket(&desk, &marta, "Other").await.id;
    assert_eq!(commands::tick_checklist_item(&desk, &mona, other, items[0], true).await, Err(Error::NotFound));
}

#[tokio::test]
async fn time_adds_up_on_the_ticket_and_in_the_report() {
    let desk = desk().await;
    let (mona, ana) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "ana", "AGENT").await);
    let id = ticket(&desk, &mona, "VPN").await.id;
    let yesterday = in_hours(-24).day("UTC");
    let spent = commands::add_time_entry(&desk, &ana, id, "1h 30m", Some("On site"), Some(&yesterday)).await.unwrap();
    commands::add_time_entry(&desk, &mona, id, "15", None, None).await.unwrap();
    let (entries, total) = queries::time_entries(&desk, &ana, id).await.unwrap();
    assert_eq!((entries.len(), total), (2, 105));
    assert_eq!(entries.iter().map(|entry| entry.may_delete).collect::<Vec<_>>(), [false, true], "one's own only");
    for (time, day, field) in [
        ("0", None, "time"),
        ("soon", None, "time"),
        ("5", Some("2999-01-01"), "spent_on"),
        ("5", Some("today"), "spent_on"),
    ] {
        assert_eq!(wrong(commands::add_time_entry(&desk, &ana, id, time, None, day).await), field);
    }
    let today = Timestamp::now().day("UTC");
    let report = queries::time_report(&desk, &mona, &yesterday, &today).await.unwrap();
    let lines: Vec<_> = report.iter().map(|line| (line.person.as_str(), line.minutes, line.tickets)).collect();
    assert_eq!(lines, [("ana", 90, 1), ("mona", 15, 1)]);
    assert_eq!(
        queries::time_report(&desk, &ana, &yesterday, &today).await.is_ok(),
        ana.can(oxdesk::Permission::ReportRead)
    );
    assert_eq!(wrong(queries::time_report(&desk, &mona, &today, &yesterday).await), "to");
    commands::remove_time_entry(&desk, &ana, id, spent).await.unwrap();
    assert_eq!(queries::time_entries(&desk, &ana, id).await.unwrap().1, 15);
}

#[tokio::test]
async fn tags_are_suggested_by_how_they_begin() {
    let desk = desk().await;
    let (mona, marta) = (person(&desk, "mona", "IT_MANAGER").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &mona, "VPN").await.id;
    let tags = Some(vec!["vpn".into(), "Vista".into(), "100%".into()]);
    change(&desk, &mona, id, TicketPatch { tags, ..TicketPatch::default() }).await.unwrap();
    assert_eq!(queries::suggest_tags(&desk, &mona, "V").await.unwrap(), ["vista", "vpn"]);
    assert_eq!(queries::suggest_tags(&desk, &mona, "%").await.unwrap(), Vec::<String>::new());
    assert_eq!(queries::suggest_tags(&desk, &marta, "v").await, Err(Error::Forbidden));
}

#[tokio::test]
async fn a_draft_is_its_writers_alone_and_two_tabs_do_not_overwrite_each_other() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    let drafts = async |person: &Actor| queries::ticket_page(&desk, person, id).await.unwrap().bench.unwrap().drafts;
    assert_eq!(commands::save_draft(&desk, &ana, id, false, "Dear ", 0).await, Ok(1));
    assert_eq!(commands::save_draft(&desk, &ana, id, true, "Ask Ben", 0).await, Ok(1));
    assert_eq!(commands::save_draft(&desk, &ana, id, false, "Dear Marta, ", 1).await, Ok(2));
    let other_tab = commands::save_draft(&desk, &ana, id, false, "Hello", 1).await;
    assert_eq!(other_tab, Err(Error::Conflict { current: 2 }));
    // Someone else takes the ticket over: the draft stays.
    let taken = TicketPatch { assigned_to_id: Some(ben.user_id), ..TicketPatch::default() };
    change(&desk, &ben, id, taken).await.unwrap();
    let mut mine = drafts(&ana).await;
    mine.sort_by_key(|draft| draft.is_internal);
    assert_eq!(mine.iter().map(|draft| draft.body.as_str()).collect::<Vec<_>>(), ["Dear Marta, ", "Ask Ben"]);
    assert_eq!(drafts(&ben).await, []);
    say(&desk, &ana, id, "Dear Marta, it works.").await;
    assert_eq!(drafts(&ana).await.len(), 1, "what was sent is no draft any more");
    assert_eq!(commands::save_draft(&desk, &ana, id, true, "  ", 1).await, Ok(0));
    assert_eq!(drafts(&ana).await, []);
    assert_eq!(wrong(commands::save_draft(&desk, &ana, id, true, &"x".repeat(COMMENT_MAX + 1), 0).await), "comment");
}

#[tokio::test]
async fn whoever_may_only_read_changes_nothing_of_it() {
    let desk = desk().await;
    sqlx::query("INSERT INTO roles (name, permissions) VALUES ('AUDITOR', ARRAY['ticket.read.all','note.read'])")
        .execute(&desk.db)
        .await
        .unwrap();
    let (olga, mona) = (person(&desk, "olga", "AUDITOR").await, person(&desk, "mona", "IT_MANAGER").await);
    let (one, two) = (ticket(&desk, &mona, "one").await.id, ticket(&desk, &mona, "two").await.id);
    let item = commands::add_checklist_items(&desk, &mona, one, "Look").await.unwrap()[0];
    let cc = "x@example.com".parse().unwrap();
    let refused = [
        commands::merge_tickets(&desk, &olga, one, two).await,
        commands::unmerge_ticket(&desk, &olga, one).await,
        commands::link_tickets(&desk, &olga, one, LinkType::Related, two).await.map(|_| ()),
        commands::add_watcher(&desk, &olga, one, mona.user_id.unwrap()).await,
        commands::add_cc(&desk, &olga, one, &cc).await,
        commands::remove_cc(&desk, &olga, one, &cc).await,
        commands::add_checklist_items(&desk, &olga, one, "x").await.map(|_| ()),
        commands::tick_checklist_item(&desk, &olga, one, item, true).await,
        commands::remove_checklist_item(&desk, &olga, one, item).await,
        commands::add_time_entry(&desk, &olga, one, "5", None, None).await.map(|_| ()),
        commands::delete_ticket(&desk, &olga, one, "x").await,
        commands::restore_ticket(&desk, &olga, one).await,
    ];
    for (index, result) in refused.into_iter().enumerate() {
        assert_eq!(result, Err(Error::Forbidden), "{index}");
    }
    assert!(commands::add_watcher(&desk, &olga, one, olga.user_id.unwrap()).await.is_ok(), "who reads may watch");
    let _: UserId = actor(&desk, olga.user_id.unwrap()).await.user_id.unwrap();
}

#[tokio::test]
async fn a_reply_can_be_taken_back_until_it_is_sent_and_nothing_has_happened_till_then() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let id = ticket(&desk, &marta, "VPN").await.id;
    let before = look(&desk, &[&marta], id).await;
    let waiting =
        commands::schedule_reply(&desk, &ana, id, &reply("canary"), Some(TicketStatus::Resolved)).await.unwrap();
    assert_eq!(look(&desk, &[&marta], id).await, before, "the requester sees nothing of it");
    let mails: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox WHERE body LIKE '%canary%'").fetch_one(&desk.db).await.unwrap();
    assert_eq!(mails, 0);
    let outgoing = queries::ticket_page(&desk, &ben, id).await.unwrap().bench.unwrap().outgoing;
    assert!(outgoing.len() == 1 && !outgoing[0].is_mine, "colleagues see that it comes");
    assert_eq!(wrong(commands::take_back_reply(&desk, &ben, waiting).await), "id", "and cannot take it back");

    assert_eq!(commands::take_back_reply(&desk, &ana, waiting).await.unwrap(), "canary");
    let bench = queries::ticket_page(&desk, &ana, id).await.unwrap().bench.unwrap();
    assert_eq!((bench.outgoing.len(), bench.drafts[0].body.as_str()), (0, "canary"), "it is a draft again");
    assert_eq!(wrong(commands::take_back_reply(&desk, &ana, waiting).await), "id");
    assert_eq!(commands::schedule_reply(&desk, &marta, id, &reply("x"), None).await, Err(Error::Forbidden));
}
