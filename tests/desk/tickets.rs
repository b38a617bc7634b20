use oxdesk::people::UserId;
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket};
use oxdesk::tickets::*;
use oxdesk::tickets::{commands, queries};
use oxdesk::{Actor, Error};
use std::collections::BTreeSet;

fn reply(text: &str) -> PublicReply {
    PublicReply::parse(text).unwrap()
}

fn note(text: &str) -> InternalNote {
    InternalNote::parse(text).unwrap()
}

async fn file(desk: &oxdesk::desk::Desk, name: &str, bytes: &'static [u8]) -> IncomingFile {
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes)]);
    desk.files.receive(name, 1_000_000, chunks).await.unwrap()
}

#[tokio::test]
async fn numbers_have_no_gap_under_a_hundred_creators_at_once() {
    let desk = desk().await;
    let person = person(&desk, "marta", "END_USER").await;
    let creators = (0..100).map(|index| {
        let (desk, person) = (desk.clone(), person.clone());
        tokio::spawn(async move {
            let draft = TicketDraft {
                subject: if index % 10 == 0 { String::new() } else { format!("Request {index}") },
                description: "Please help.".into(),
                requester_email: "marta@example.com".into(),
                ..TicketDraft::default()
            };
            // Every tenth is refused by the database itself: its number must not be lost.
            let new = match check_new_ticket(draft, TicketSource::Api) {
                Ok(new) => new,
                Err(_) => NewTicket {
                    subject: String::new(),
                    ..check_new_ticket(
                        TicketDraft {
                            subject: "x".into(),
                            description: "x".into(),
                            requester_email: "a@b.c".into(),
                            ..TicketDraft::default()
                        },
                        TicketSource::Api,
                    )
                    .unwrap()
                },
            };
            commands::create_ticket(&desk, &person, new, Vec::new()).await
        })
    });
    let mut numbers = BTreeSet::new();
    for creator in creators.collect::<Vec<_>>() {
        if let Ok(created) = creator.await.unwrap() {
            let digits = created.ticket_number.as_str().rsplit('-').next().unwrap().parse::<u32>().unwrap();
            assert!(numbers.insert(digits), "{digits} was given twice");
        }
    }
    assert_eq!(numbers, (1..=90).collect());
}

#[tokio::test]
async fn a_requester_sees_their_own_tickets_and_nobody_elses() {
    let desk = desk().await;
    let (marta, jonas) = (person(&desk, "marta", "REQUESTER").await, person(&desk, "jonas", "END_USER").await);
    let own = ticket(&desk, &marta, "Mine").await;
    let other = ticket(&desk, &jonas, "His").await;
    let list = queries::list_tickets(&desk, &marta, &TicketFilter::default(), None, 50).await.unwrap();
    assert_eq!(list.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [own.id]);
    assert_eq!(queries::ticket_page(&desk, &marta, other.id).await, Err(Error::NotFound));
    assert_eq!(queries::id_by_number(&desk, &marta, &other.ticket_number).await, Err(Error::NotFound));
    assert_eq!(
        commands::add_reply(&desk, &marta, other.id, reply("Let me in"), None, vec![]).await,
        Err(Error::NotFound)
    );
    assert_eq!(
        queries::list_tickets(&desk, &Actor::anonymous(None), &TicketFilter::default(), None, 50).await,
        Err(Error::Unauthenticated)
    );
}

#[tokio::test]
async fn an_agent_sees_their_queues_and_what_has_none() {
    let desk = desk().await;
    let marta = person(&desk, "marta", "END_USER").await;
    let (ana, manager) = (person(&desk, "ana", "AGENT").await, person(&desk, "mona", "IT_MANAGER").await);
    let queue = sqlx::query_scalar::<_, QueueId>("INSERT INTO queues (name) VALUES ('Network') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let open = ticket(&desk, &marta, "No queue").await;
    let moved = ticket(&desk, &marta, "In the network queue").await;
    let patch = TicketPatch { queue_id: Some(Some(queue)), ..TicketPatch::default() };
    commands::update_ticket(&desk, &manager, moved.id, 1, patch).await.unwrap();

    assert!(queries::ticket(&desk, &ana, open.id).await.is_ok());
    assert_eq!(queries::ticket(&desk, &ana, moved.id).await.err(), Some(Error::NotFound));
    sqlx::query("INSERT INTO queue_members (queue_id, user_id) VALUES ($1, $2)")
        .bind(queue)
        .bind(ana.user_id)
        .execute(&desk.db)
        .await
        .unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    assert!(queries::ticket(&desk, &ana, moved.id).await.is_ok());
    assert_eq!(queries::count_tickets(&desk, &ana, &[list_filter("").0]).await.unwrap(), [2]);
}

#[tokio::test]
async fn a_note_and_its_file_are_found_behind_no_query_of_the_requester() {
    let desk = desk().await;
    let (marta, ana) = (person(&desk, "marta", "END_USER").await, person(&desk, "ana", "AGENT").await);
    let id = ticket(&desk, &marta, "VPN drops").await.id;
    let files = vec![file(&desk, "canary.txt", b"canary bytes").await];
    commands::add_note(&desk, &ana, id, note("canary: the gateway is broken"), files).await.unwrap();

    let page = queries::ticket_page(&desk, &ana, id).await.unwrap();
    let TimelineEntry::Note(seen) = page.timeline.iter().find(|entry| matches!(entry, TimelineEntry::Note(_))).unwrap()
    else {
        unreachable!()
    };
    let attachment = seen.attachments[0].id;
    assert!(attachments::open_attachment(&desk, &ana, attachment).await.is_ok());

    let page = queries::ticket_page(&desk, &marta, id).await.unwrap();
    assert!(!format!("{page:?}").contains("canary"));
    assert!(queries::list_comments(&desk, &marta, id, None, 50).await.unwrap().is_empty());
    assert!(queries::list_attachments(&desk, &marta, id).await.unwrap().is_empty());
    assert_eq!(attachments::open_attachment(&desk, &marta, attachment).await.err(), Some(Error::NotFound));
    let filter = TicketFilter { words: Some("canary".into()), ..TicketFilter::default() };
    assert!(queries::list_tickets(&desk, &marta, &filter, None, 50).await.unwrap().rows.is_empty());
    let leaked: i64 =
        sqlx::query_scalar("SELECT count(*) FROM outbox WHERE body LIKE '%canary%' OR subject LIKE '%canary%'")
            .fetch_one(&desk.db)
            .await
            .unwrap();
    assert_eq!(leaked, 0, "a note was mailed");
    assert_eq!(commands::add_note(&desk, &marta, id, note("me too"), vec![]).await, Err(Error::Forbidden));
}

#[tokio::test]
async fn a_stale_version_is_a_conflict_and_writes_nothing() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let id = ticket(&desk, &ana, "Printer").await.id;
    let high = TicketPatch { priority: Some(TicketPriority::High), ..TicketPatch::default() };
    let low = TicketPatch { priority: Some(TicketPriority::Low), ..TicketPatch::default() };
    assert_eq!(commands::update_ticket(&desk, &ana, id, 1, high).await, Ok(2));
    assert_eq!(commands::update_ticket(&desk, &ana, id, 1, low).await, Err(Error::Conflict { current: 2 }));
    assert_eq!(queries::ticket(&desk, &ana, id).await.unwrap().priority, TicketPriority::High);
}

#[tokio::test]
async fn of_two_changes_at_once_exactly_one_wins() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let id = ticket(&desk, &ana, "Printer").await.id;
    let change = |priority| {
        commands::update_ticket(&desk, &ana, id, 1, TicketPatch { priority: Some(priority), ..TicketPatch::default() })
    };
    let (high, low) = tokio::join!(change(TicketPriority::High), change(TicketPriority::Low));
    assert_eq!([high.is_ok(), low.is_ok()].iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn a_change_stands_in_the_history_and_an_empty_one_does_not() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let id = ticket(&desk, &ana, "Printer").await.id;
    let patch = TicketPatch {
        assigned_to_id: Some(ben.user_id),
        status: Some(TicketStatus::InProgress),
        ..TicketPatch::default()
    };
    let version = commands::update_ticket(&desk, &ana, id, 1, patch.clone()).await.unwrap();
    assert_eq!(commands::update_ticket(&desk, &ana, id, version, patch).await, Ok(version), "nothing changed");
    let page = queries::ticket_page(&desk, &ana, id).await.unwrap();
    let events: Vec<_> = page
        .timeline
        .iter()
        .filter_map(|entry| match entry {
            TimelineEntry::Event(event) => Some((event.action.as_str(), event.new_value.as_deref())),
            _ => None,
        })
        .collect();
    assert_eq!(events.len(), 3);
    assert!(events.contains(&("ASSIGNED", Some("ben"))) && events.contains(&("STATUS_CHANGED", Some("IN_PROGRESS"))));
}

#[tokio::test]
async fn only_people_who_work_tickets_can_be_assigned() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &ana, "Printer").await.id;
    for nobody in [marta.user_id.unwrap(), UserId(uuid::Uuid::now_v7())] {
        let patch = TicketPatch { assigned_to_id: Some(Some(nobody)), ..TicketPatch::default() };
        let Err(Error::Invalid(fields)) = commands::update_ticket(&desk, &ana, id, 1, patch).await else {
            panic!("assigned")
        };
        assert!(fields.contains_key("assigned_to_id"));
    }
    let foreign = TicketPatch { queue_id: Some(Some(QueueId(uuid::Uuid::now_v7()))), ..TicketPatch::default() };
    let Err(Error::Invalid(fields)) = commands::update_ticket(&desk, &ana, id, 1, foreign).await else {
        panic!("moved")
    };
    assert!(fields.contains_key("queue_id"));
}

#[tokio::test]
async fn an_answer_is_mailed_once_counts_as_first_response_and_moves_the_status() {
    let desk = desk().await;
    let (marta, ana) = (person(&desk, "marta", "END_USER").await, person(&desk, "ana", "AGENT").await);
    let id = ticket(&desk, &marta, "VPN drops").await.id;
    commands::add_note(&desk, &ana, id, note("looking"), vec![]).await.unwrap();
    assert_eq!(queries::ticket(&desk, &ana, id).await.unwrap().first_response_at, None, "a note is no response");
    commands::add_reply(&desk, &ana, id, reply("We are on it."), None, vec![]).await.unwrap();
    let seen = queries::ticket(&desk, &ana, id).await.unwrap();
    assert!(seen.first_response_at.is_some());
    assert_eq!(seen.status, TicketStatus::InProgress);
    let mails: Vec<(String, String)> = sqlx::query_as("SELECT recipient, body FROM outbox WHERE subject LIKE 'Re:%'")
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].0 == "marta@example.com" && mails[0].1.contains("We are on it."));

    let waiting = TicketPatch { status: Some(TicketStatus::Waiting), ..TicketPatch::default() };
    commands::update_ticket(&desk, &ana, id, seen.version, waiting).await.unwrap();
    commands::add_reply(&desk, &marta, id, reply("Thank you"), None, vec![]).await.unwrap();
    assert_eq!(queries::ticket(&desk, &marta, id).await.unwrap().status, TicketStatus::InProgress);
}

#[tokio::test]
async fn pages_show_every_ticket_exactly_once_in_every_order() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    for index in 0..23 {
        let created = ticket(&desk, &ana, &format!("Ticket {index}")).await;
        if index % 3 == 0 {
            sqlx::query(
                "UPDATE tickets SET resolution_sla = now() + interval '1 hour', priority = 'HIGH' WHERE id = $1",
            )
            .bind(created.id)
            .execute(&desk.db)
            .await
            .unwrap();
        }
    }
    for sort in TicketSort::ALL {
        let filter = TicketFilter { sort: Some(*sort), ..TicketFilter::default() };
        let (mut seen, mut after, mut pages) = (Vec::new(), None::<String>, 0);
        loop {
            let page = queries::list_tickets(&desk, &ana, &filter, after.as_deref(), 5).await.unwrap();
            seen.extend(page.rows.iter().map(|row| row.id));
            pages += 1;
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len(), pages), (23, 23, 5), "sorted by {sort}");
    }
    for nonsense in ["", "x", "1_x", "x_y", "infinity_", "99999999999999999999_01a20447-622c-7c22-b43e-6aeafcc25b41"] {
        let filter = TicketFilter { sort: Some(TicketSort::Due), ..TicketFilter::default() };
        assert!(
            matches!(queries::list_tickets(&desk, &ana, &filter, Some(nonsense), 5).await, Err(Error::Invalid(_))),
            "{nonsense}"
        );
    }
}

#[tokio::test]
async fn words_are_found_in_subject_and_description_and_a_number_finds_its_ticket() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let printer = ticket(&desk, &ana, "Printers print blank pages").await;
    ticket(&desk, &ana, "VPN drops").await;
    let find = async |words: &str| {
        let filter = TicketFilter { words: Some(words.to_owned()), ..TicketFilter::default() };
        queries::list_tickets(&desk, &ana, &filter, None, 50).await.unwrap().rows.len()
    };
    assert_eq!(find("printer").await, 1);
    assert_eq!(find("yesterday").await, 2);
    assert_eq!(find("yesterday -vpn").await, 1);
    assert_eq!(find(printer.ticket_number.as_str()).await, 1);
    assert_eq!(find("'); DROP TABLE tickets; --").await, 0);
}

#[tokio::test]
async fn a_refused_ticket_leaves_no_file_behind() {
    let desk = desk().await;
    let (marta, jonas) = (person(&desk, "marta", "END_USER").await, person(&desk, "jonas", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    let upload = file(&desk, "x.txt", b"hello").await;
    assert!(commands::add_reply(&desk, &jonas, id, reply("hi"), None, vec![upload]).await.is_err());
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM ticket_attachments").fetch_one(&desk.db).await.unwrap();
    assert_eq!(kept, 0);
    let too_large = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![0_u8; 2000])]);
    assert_eq!(
        desk.files.receive("big.bin", 1000, too_large).await.err(),
        Some(Error::TooLarge { file_name: "big.bin".into(), limit: 1000 })
    );
}

#[tokio::test]
async fn the_public_form_is_limited_by_address() {
    let desk = desk().await;
    let stranger = Actor::anonymous(Some("192.0.2.1".into()));
    let new = || {
        check_new_ticket(
            TicketDraft {
                subject: "Help".into(),
                description: "Please".into(),
                requester_email: "new@example.com".into(),
                ..TicketDraft::default()
            },
            TicketSource::Form,
        )
        .unwrap()
    };
    for _ in 0..20 {
        commands::create_ticket(&desk, &stranger, new(), vec![]).await.unwrap();
    }
    assert!(matches!(commands::create_ticket(&desk, &stranger, new(), vec![]).await, Err(Error::RateLimited { .. })));
    let another = Actor::anonymous(Some("192.0.2.2".into()));
    assert!(commands::create_ticket(&desk, &another, new(), vec![]).await.is_ok());
}

#[tokio::test]
async fn people_concerned_are_told_once_and_nobody_of_their_own_deed() {
    let desk = desk().await;
    let (marta, ana) = (person(&desk, "marta", "END_USER").await, person(&desk, "ana", "AGENT").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    commands::add_note(&desk, &ana, id, note("internal"), vec![]).await.unwrap();
    commands::add_reply(&desk, &ana, id, reply("On it"), None, vec![]).await.unwrap();
    let events: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM events").fetch_all(&desk.db).await.unwrap();
    assert_eq!(events.len(), 3);
    for event in events.iter().chain(&events) {
        oxdesk::notifications::commands::notify_of_event(&desk, *event).await.unwrap();
    }
    let told: Vec<(UserId, String)> =
        sqlx::query_as("SELECT user_id, message FROM notifications").fetch_all(&desk.db).await.unwrap();
    assert_eq!(told, [(marta.user_id.unwrap(), "ana replied".to_owned())]);
}

#[tokio::test]
async fn the_filter_bar_finds_what_its_tokens_say() {
    let desk = desk().await;
    let (marta, ana) = (person(&desk, "marta", "END_USER").await, person(&desk, "ana", "IT_MANAGER").await);
    let queue: QueueId = sqlx::query_scalar("INSERT INTO queues (name) VALUES ('Service desk') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let mut made = Vec::new();
    for subject in ["VPN drops", "Printer jams", "Screen dark"] {
        made.push(ticket(&desk, &marta, subject).await);
    }
    let patch = TicketPatch {
        status: Some(TicketStatus::Waiting),
        priority: Some(TicketPriority::High),
        assigned_to_id: Some(ana.user_id),
        queue_id: Some(Some(queue)),
        category: Some(Some("Remote 100%".into())),
        tags: Some(vec!["vpn".into()]),
        ..TicketPatch::default()
    };
    commands::update_ticket(&desk, &ana, made[0].id, 1, patch).await.unwrap();
    sqlx::query("UPDATE tickets SET resolution_sla = now() + interval '1 hour', created_at = now() - interval '9 days' WHERE id = $1")
        .bind(made[0].id)
        .execute(&desk.db)
        .await
        .unwrap();
    let found = async |text: &str| {
        let (filter, wrong) = oxdesk::tickets::parse_filter(text);
        assert_eq!(wrong, [], "{text}");
        let list = queries::list_tickets(&desk, &ana, &filter, None, 50).await.unwrap();
        list.rows.into_iter().map(|row| row.subject).collect::<Vec<_>>()
    };
    for text in [
        "status:waiting",
        "priority:high,critical",
        "assignee:me",
        "assignee:ana",
        "assignee:ana@example.com",
        "queue:service",
        "queue:\"Service desk\"",
        "tag:VPN",
        "category:\"remote 100%\"",
        "due:<2h",
        "created:>7d",
        "vpn",
        "vpn status:waiting assignee:me queue:service due:<1w",
        "requester:marta@example.com vpn",
    ] {
        assert_eq!(found(text).await, ["VPN drops"], "{text}");
    }
    for text in ["queue:none", "assignee:none", "created:<7d", "status:new source:form"] {
        assert_eq!(found(text).await, ["Screen dark", "Printer jams"], "{text}");
    }
    for text in ["due:<10m", "is:overdue", "category:%", "queue:_ervice", "requester:nobody"] {
        assert_eq!(found(text).await, [] as [&str; 0], "{text}");
    }
    assert_eq!(found("requester:mar").await.len(), 3);
}

#[tokio::test]
async fn a_span_of_time_that_no_bar_could_say_is_refused() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "IT_MANAGER").await;
    for seconds in [i64::MAX, i64::MIN, -1, Window::MAX_SECONDS + 1] {
        let window = Some(Window { beyond: true, seconds });
        for filter in [
            TicketFilter { due: window, ..TicketFilter::default() },
            TicketFilter { created: window, ..TicketFilter::default() },
        ] {
            let list = queries::list_tickets(&desk, &ana, &filter, None, 50).await;
            assert!(matches!(list, Err(Error::Invalid(_))), "{seconds}: {list:?}");
        }
    }
    let longest = TicketFilter {
        updated: Some(Window { beyond: false, seconds: Window::MAX_SECONDS }),
        due: Some(Window { beyond: true, seconds: Window::MAX_SECONDS }),
        ..TicketFilter::default()
    };
    assert!(queries::list_tickets(&desk, &ana, &longest, None, 50).await.is_ok());
}
