//! Mail that comes in: once, where it belongs, and nowhere else.

use oxdesk::desk::Desk;
use oxdesk::mail::{Intake, IntakeOutcome, MailboxForm, MailboxId, intake, mailboxes, quarantine, send, suppression};
use oxdesk::secret::SecretKey;
use oxdesk::testing::{desk, person, run_jobs};
use oxdesk::tickets::{PublicReply, TicketId, TicketStatus, TimelineEntry, commands, queries};
use oxdesk::{Actor, Error};

pub async fn mailbox(desk: &Desk, name: &str) -> MailboxId {
    let form = MailboxForm {
        name: name.into(),
        kind: "SMTP".into(),
        smtp_host: Some("127.0.0.1".into()),
        smtp_from_email: Some(format!("{}@desk.test", name.to_lowercase())),
        active: true,
        plus_addressing: true,
        ..MailboxForm::default()
    };
    mailboxes::create_mailbox(desk, &Actor::system("test"), form).await.unwrap()
}

/// A message with a head of these lines.
pub fn message(from: &str, subject: &str, id: &str, more: &str, body: &str) -> Vec<u8> {
    let more = if more.is_empty() { String::new() } else { format!("{more}\n") };
    format!("From: {from}\nTo: support@desk.test\nSubject: {subject}\nMessage-ID: <{id}>\n{more}\n{body}\n")
        .into_bytes()
}

pub async fn take_in(desk: &Desk, mailbox: MailboxId, raw: &[u8]) -> Intake {
    intake::take_in(desk, mailbox, raw.to_vec()).await.unwrap()
}

fn outcome(intake: &Intake) -> IntakeOutcome {
    intake.outcome
}

async fn ticket_of(desk: &Desk, intake: &Intake) -> TicketId {
    queries::id_by_number(desk, &Actor::system("test"), intake.ticket.as_ref().expect("a ticket")).await.unwrap()
}

/// What stands on the ticket, oldest first.
async fn said(desk: &Desk, ticket: TicketId) -> Vec<String> {
    sqlx::query_scalar("SELECT comment FROM ticket_comments WHERE ticket_id = $1 ORDER BY created_at, id")
        .bind(ticket)
        .fetch_all(&desk.db)
        .await
        .unwrap()
}

async fn timeline(desk: &Desk, ticket: TicketId) -> Vec<TimelineEntry> {
    let reader = person(desk, "reader", "ADMIN").await;
    queries::ticket_page(desk, &reader, ticket).await.unwrap().timeline
}

async fn mails_to(desk: &Desk, address: &str) -> Vec<(String, String, bool)> {
    sqlx::query_as("SELECT subject, message_id, is_automatic FROM outbox WHERE recipient = $1 ORDER BY id")
        .bind(address)
        .fetch_all(&desk.db)
        .await
        .unwrap()
}

async fn tickets(desk: &Desk) -> usize {
    let all: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&desk.db).await.unwrap();
    usize::try_from(all).unwrap()
}

#[tokio::test]
async fn a_mail_makes_a_ticket_and_a_second_copy_makes_nothing() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let raw = message(
        "Vera Novak <Vera@Example.com>",
        "The printer eats paper",
        "1@example.com",
        "",
        "It did so at noon.\n\n-- \nVera",
    );
    let first = take_in(&desk, support, &raw).await;
    assert_eq!(outcome(&first), IntakeOutcome::Created);
    let again = take_in(&desk, support, &raw).await;
    assert_eq!((again.outcome, &again.ticket), (IntakeOutcome::Duplicate, &first.ticket));
    assert_eq!(tickets(&desk).await, 1);

    let page = queries::ticket(&desk, &Actor::system("test"), ticket_of(&desk, &first).await).await.unwrap();
    assert_eq!((page.subject.as_str(), page.requester_email.as_str()), ("The printer eats paper", "vera@example.com"));
    assert_eq!((page.requester_name.as_deref(), page.source.as_str()), (Some("Vera Novak"), "EMAIL"));
    assert!(page.description.contains("It did so at noon."));
    let (subject, _, automatic) = mails_to(&desk, "vera@example.com").await.remove(0);
    assert!(subject.contains("TKT-") && automatic, "she is told that we have it, and that a machine says so");
    let role: String = sqlx::query_scalar(
        "SELECT r.name FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id WHERE u.email = 'vera@example.com' AND NOT u.email_verified",
    )
    .fetch_one(&desk.db)
    .await
    .unwrap();
    assert_eq!(role, "REQUESTER", "she is someone from then on");
}

#[tokio::test]
async fn one_mail_to_two_mailboxes_is_one_ticket_even_at_once() {
    let desk = desk().await;
    let (support, sales) = (mailbox(&desk, "Support").await, mailbox(&desk, "Sales").await);
    let raw = message("vera@example.com", "To both", "both@example.com", "", "Hello.");
    let (one, other) = tokio::join!(take_in(&desk, support, &raw), take_in(&desk, sales, &raw));
    let mut outcomes = [one.outcome, other.outcome];
    outcomes.sort();
    assert_eq!(outcomes, [IntakeOutcome::Created, IntakeOutcome::Duplicate]);
    assert_eq!(one.ticket, other.ticket, "each names it");
    assert_eq!(tickets(&desk).await, 1);
}

#[tokio::test]
async fn a_mail_without_an_id_is_known_by_its_bytes() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let raw = b"From: vera@example.com\nSubject: No id\n\nHello.\n";
    assert_eq!(take_in(&desk, support, raw).await.outcome, IntakeOutcome::Created);
    assert_eq!(take_in(&desk, support, raw).await.outcome, IntakeOutcome::Duplicate);
    let other = b"From: vera@example.com\nSubject: No id\n\nHello again.\n";
    assert_eq!(take_in(&desk, support, other).await.outcome, IntakeOutcome::Created);
}

#[tokio::test]
async fn an_answer_comes_back_by_its_address_by_its_references_and_by_its_number() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let first =
        take_in(&desk, support, &message("vera@example.com", "Keys", "k1@example.com", "", "I lost mine.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let number = first.ticket.as_ref().unwrap().to_string();
    let (_, ours, _) = mails_to(&desk, "vera@example.com").await.remove(0);

    let by_reference = message(
        "vera@example.com",
        "Re: Keys",
        "k2@example.com",
        &format!("In-Reply-To: <{ours}>"),
        "Found!\n\nOn Mon, 1 Jan 2026 at 10:00 Support <support@desk.test> wrote:\n> we have your request",
    );
    assert_eq!(take_in(&desk, support, &by_reference).await.outcome, IntakeOutcome::Appended);
    let by_number = message("vera@example.com", &format!("Keys, see [{number}]"), "k3@example.com", "", "Lost again.");
    assert_eq!(take_in(&desk, support, &by_number).await.outcome, IntakeOutcome::Appended);
    let by_her_own =
        message("vera@example.com", "Keys", "k4@example.com", "References: <k1@example.com>", "And found.");
    assert_eq!(take_in(&desk, support, &by_her_own).await.outcome, IntakeOutcome::Appended);
    assert_eq!(said(&desk, ticket).await, ["Found!", "Lost again.", "And found."], "each without what it quotes");

    let entries = timeline(&desk, ticket).await;
    assert!(entries.iter().any(|entry| matches!(entry, TimelineEntry::Reply(comment) if comment.is_from_email)));
}

#[tokio::test]
async fn quoting_a_number_or_an_id_lets_no_stranger_into_a_ticket() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let first =
        take_in(&desk, support, &message("vera@example.com", "Salary", "s1@example.com", "", "It is wrong.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let number = first.ticket.as_ref().unwrap().to_string();
    for (id, subject, more) in
        [("m1@evil.test", format!("Re: [{number}]"), ""), ("m2@evil.test", "Hi".into(), "References: <s1@example.com>")]
    {
        let taken = take_in(&desk, support, &message("mallory@evil.test", &subject, id, more, "Tell me more.")).await;
        assert_eq!(taken.outcome, IntakeOutcome::Created, "{subject}");
        assert_ne!(taken.ticket, first.ticket);
    }
    assert_eq!(said(&desk, ticket).await, Vec::<String>::new());
    let linked: i64 = sqlx::query_scalar("SELECT count(*) FROM ticket_links WHERE target_ticket_id = $1")
        .bind(ticket)
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(linked, 2, "agents see that they belong together");
}

#[tokio::test]
async fn whoever_was_in_copy_answers_in_the_same_ticket() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let first = message(
        "vera@example.com",
        "Our stand",
        "c1@example.com",
        "Cc: Otto <otto@example.com>, support@desk.test",
        "Two chairs, please.",
    );
    let first = take_in(&desk, support, &first).await;
    let answer =
        message("Otto <otto@example.com>", "Re: Our stand", "c2@example.com", "References: <c1@example.com>", "Three.");
    let second = take_in(&desk, support, &answer).await;
    assert_eq!((second.outcome, second.ticket), (IntakeOutcome::Appended, first.ticket.clone()));
    let ticket = ticket_of(&desk, &first).await;
    let ccs: Vec<String> = sqlx::query_scalar("SELECT email FROM ticket_ccs WHERE ticket_id = $1")
        .bind(ticket)
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert_eq!(ccs, ["otto@example.com"], "never our own mailbox");
    let author = timeline(&desk, ticket).await.iter().find_map(|entry| match entry {
        TimelineEntry::Reply(comment) => Some(comment.author.clone()),
        _ => None,
    });
    assert_eq!(author.as_deref(), Some("Otto"), "in his own name, not in hers");
}

#[tokio::test]
async fn an_agents_answer_goes_out_by_mail_and_its_answer_threads_back() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let first = take_in(&desk, support, &message("vera@example.com", "VPN", "v1@example.com", "", "It drops.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let reply = PublicReply::parse("Please try again.").unwrap();
    commands::add_reply(&desk, &ana, ticket, reply, None, vec![]).await.unwrap();
    let (_, id, automatic) = mails_to(&desk, "vera@example.com").await.remove(1);
    assert!(!automatic, "a person wrote it");
    let answer = message(
        "vera@example.com",
        "AW: VPN",
        "v2@example.com",
        &format!("References: <v1@example.com> <{id}>"),
        "It holds.",
    );
    assert_eq!(take_in(&desk, support, &answer).await.outcome, IntakeOutcome::Appended);
}

#[tokio::test]
async fn nobody_answers_in_an_agents_name_who_only_says_so() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let first = take_in(&desk, support, &message("vera@example.com", "VPN", "v1@example.com", "", "It drops.")).await;
    let number = first.ticket.as_ref().unwrap().to_string();
    let (_, id, _) = mails_to(&desk, "vera@example.com").await.remove(0);
    let email = ana.email.as_ref().unwrap().to_string();
    // Vera knows the number and the id of the mail that she got.
    let head = format!("In-Reply-To: <{id}>");
    let forged = message(&email, &format!("Re: [{number}]"), "f1@example.com", &head, "Send us your password.");
    let taken = take_in(&desk, support, &forged).await;
    assert_eq!(taken.outcome, IntakeOutcome::Quarantined, "{taken:?}");
    let passed = format!("{head}\nAuthentication-Results: mx.desk.test; dmarc=pass");
    let taken =
        take_in(&desk, support, &message(&email, "Re: VPN", "f2@example.com", &passed, "Send us your password.")).await;
    assert_eq!(
        taken.outcome,
        IntakeOutcome::Quarantined,
        "what anyone can write into a head proves nothing: {taken:?}"
    );
    assert_eq!(mails_to(&desk, "vera@example.com").await.len(), 1);

    oxdesk::settings::commands::set_setting(&desk, &admin, "mail.trusted_receivers", "mx.desk.test").await.unwrap();
    let taken =
        take_in(&desk, support, &message(&email, "Re: VPN", "f3@example.com", &passed, "Try again, please.")).await;
    assert_eq!(taken.outcome, IntakeOutcome::Appended, "{taken:?}");
    assert_eq!(mails_to(&desk, "vera@example.com").await.len(), 2, "what she mails in goes to the requester");
    // Her own requests are hers as anyone's are.
    let own = take_in(&desk, support, &message(&email, "My chair", "c1@desk.test", "", "It squeaks.")).await;
    let again = take_in(
        &desk,
        support,
        &message(&email, "Re: My chair", "c2@desk.test", "References: <c1@desk.test>", "Still."),
    )
    .await;
    assert_eq!((again.outcome, again.ticket), (IntakeOutcome::Appended, own.ticket));
}

#[tokio::test]
async fn whoever_fails_dmarc_takes_no_part_as_who_they_say_they_are() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let first =
        take_in(&desk, support, &message("vera@example.com", "Pay", "p1@example.com", "", "Mine is late.")).await;
    let number = first.ticket.as_ref().unwrap().to_string();
    let head = "Authentication-Results: mx.desk.test; dmarc=fail";
    let forged =
        message("vera@example.com", &format!("Re: [{number}]"), "p2@evil.test", head, "My account has changed.");
    let taken = take_in(&desk, support, &forged).await;
    assert_eq!(taken.outcome, IntakeOutcome::Created);
    assert_ne!(taken.ticket, first.ticket);
}

#[tokio::test]
async fn a_mail_that_cannot_be_filed_is_tried_and_then_set_aside() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    // Something of ours that is broken.
    sqlx::query("ALTER TABLE ticket_messages ADD CONSTRAINT broken CHECK (message_id <> 'poison@example.com')")
        .execute(&desk.db)
        .await
        .unwrap();
    let stored = intake::store(&desk, support, &message("vera@example.com", "Poison", "poison@example.com", "", "x"))
        .await
        .unwrap();
    // Whoever kept it tried once.
    for _ in 0..4 {
        assert_eq!(intake::process(&desk, stored.id).await, Err(Error::Internal));
    }
    assert_eq!(intake::process(&desk, stored.id).await.unwrap().outcome, IntakeOutcome::Quarantined);
    assert_eq!(tickets(&desk).await, 0, "and nothing is half written");
}

#[tokio::test]
async fn machines_are_filed_and_never_answered() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let mut number = 0;
    for head in [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Id: <news.example.com>",
        "X-Auto-Response-Suppress: OOF",
        "Return-Path: <>",
    ] {
        number += 1;
        let sender = format!("robot{number}@example.com");
        let taken =
            take_in(&desk, support, &message(&sender, "Disk full", &format!("{number}@robots"), head, "90 %")).await;
        assert_eq!(taken.outcome, IntakeOutcome::Created, "{head}");
        assert_eq!(mails_to(&desk, &sender).await.len(), 0, "{head}");
    }
    take_in(&desk, support, &message("no-reply@shop.example", "Your order", "o@shop", "", "Thanks.")).await;
    assert_eq!(mails_to(&desk, "no-reply@shop.example").await.len(), 0);
}

#[tokio::test]
async fn two_desks_that_answer_each_other_stop_within_one_reply() {
    let (here, there) = (desk().await, desk().await);
    let (ours, theirs) = (mailbox(&here, "Support").await, mailbox(&there, "Help").await);
    let mut letter = message("help@desk.test", "Do you hear us", "a@there", "", "Hello?");
    let mut exchanged = 0;
    for (desk, mailbox, sender) in
        [(&here, ours, "help@desk.test"), (&there, theirs, "support@desk.test"), (&here, ours, "help@desk.test")]
    {
        take_in(desk, mailbox, &letter).await;
        let Some((subject, id, automatic)) = mails_to(desk, sender).await.pop() else { break };
        exchanged += 1;
        let from = if sender == "help@desk.test" { "support@desk.test" } else { "help@desk.test" };
        let head = if automatic { "Auto-Submitted: auto-replied" } else { "" };
        letter = message(from, &subject, &id, head, "We have your request.");
    }
    assert_eq!(exchanged, 1);
}

#[tokio::test]
async fn our_own_mail_that_comes_back_is_dropped() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    take_in(&desk, support, &message("vera@example.com", "Hello", "h@example.com", "", "Hello.")).await;
    let (subject, id, _) = mails_to(&desk, "vera@example.com").await.remove(0);
    let back = take_in(&desk, support, &message("support@desk.test", &subject, &id, "", "we have your request")).await;
    assert_eq!(back.outcome, IntakeOutcome::Ignored);
    assert_eq!(tickets(&desk).await, 1);
}

#[tokio::test]
async fn a_bounce_is_noted_on_its_ticket_and_shuts_the_address_off_until_it_is_cleared() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let first = take_in(&desk, support, &message("vera@exampel.com", "Typo", "t@exampel.com", "", "Hello.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let (_, id, _) = mails_to(&desk, "vera@exampel.com").await.remove(0);
    let report = |id: &str, own: &str| {
        format!(
            "From: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: Undelivered Mail Returned to Sender\nMessage-ID: <{own}>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; vera@exampel.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <{id}>\nSubject: x\n\nx\n--b--\n"
        )
    };
    // Nobody shuts an address off by a report on a mail that we never sent.
    let forged = take_in(&desk, support, report("made-up@desk.test", "b0@mx").as_bytes()).await;
    assert_eq!((forged.outcome, forged.ticket), (IntakeOutcome::Bounced, None));
    let suppressed = || async {
        sqlx::query_scalar::<_, String>("SELECT email FROM mail_suppressions").fetch_all(&desk.db).await.unwrap()
    };
    assert_eq!(suppressed().await, Vec::<String>::new());

    let taken = take_in(&desk, support, report(&id, "b1@mx").as_bytes()).await;
    assert_eq!((taken.outcome, taken.ticket), (IntakeOutcome::Bounced, first.ticket));
    assert_eq!(suppressed().await, ["vera@exampel.com"]);
    let page = queries::ticket_page(&desk, &ana, ticket).await.unwrap();
    assert!(format!("{:?}", page.timeline).contains("User unknown"), "whoever works it reads why");
    assert_eq!(page.ticket.status, TicketStatus::New, "and nothing else has changed");

    let reply = PublicReply::parse("Are you there?").unwrap();
    commands::add_reply(&desk, &ana, ticket, reply, None, vec![]).await.unwrap();
    let states: Vec<String> =
        sqlx::query_scalar("SELECT state FROM outbox ORDER BY id").fetch_all(&desk.db).await.unwrap();
    assert_eq!(states, ["BOUNCED", "SUPPRESSED"]);
}

#[tokio::test]
async fn what_is_solved_is_opened_by_an_answer_but_not_by_thanks_nor_by_a_machine() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let first =
        take_in(&desk, support, &message("vera@example.com", "Mouse", "m@example.com", "", "It squeaks.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let reply = PublicReply::parse("Oiled.").unwrap();
    commands::add_reply(&desk, &ana, ticket, reply, Some(TicketStatus::Resolved), vec![]).await.unwrap();
    let status = || async { queries::ticket(&desk, &ana, ticket).await.unwrap().status };
    for (id, head, body, then) in [
        ("m1@example.com", "", "Thanks a lot!", TicketStatus::Resolved),
        ("m2@example.com", "Auto-Submitted: auto-replied", "I am away until Monday.", TicketStatus::Resolved),
        ("m3@example.com", "", "Thanks, but it squeaks again.", TicketStatus::InProgress),
    ] {
        let head = format!("References: <m@example.com>{}{head}", if head.is_empty() { "" } else { "\n" });
        assert_eq!(
            take_in(&desk, support, &message("vera@example.com", "Re: Mouse", id, &head, body)).await.outcome,
            IntakeOutcome::Appended
        );
        assert_eq!(status().await, then, "{body}");
    }
}

#[tokio::test]
async fn an_answer_to_what_is_closed_makes_a_linked_ticket() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let first = take_in(&desk, support, &message("vera@example.com", "Lamp", "l@example.com", "", "Dark.")).await;
    let ticket = ticket_of(&desk, &first).await;
    let reply = PublicReply::parse("Light.").unwrap();
    commands::add_reply(&desk, &ana, ticket, reply, Some(TicketStatus::Closed), vec![]).await.unwrap();
    let again = take_in(
        &desk,
        support,
        &message("vera@example.com", "Re: Lamp", "l2@example.com", "References: <l@example.com>", "Dark again."),
    )
    .await;
    assert_eq!(again.outcome, IntakeOutcome::Created);
    assert_ne!(again.ticket, first.ticket);
    let next = message(
        "vera@example.com",
        "Re: Lamp",
        "l3@example.com",
        "References: <l@example.com> <l2@example.com>",
        "Very.",
    );
    assert_eq!(take_in(&desk, support, &next).await.ticket, again.ticket, "and goes on there");
}

#[tokio::test]
async fn an_agent_who_passes_a_mail_on_makes_its_senders_ticket() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let email = ana.email.as_ref().unwrap().to_string();
    let body = "For us?\n\n---------- Forwarded message ---------\nFrom: Vera Novak <vera@example.com>\nDate: Tue, 1 Jan 2026 at 12:00\nSubject: Broken door\nTo: <ana@desk.test>\n\nIt does not close.";
    let taken = take_in(&desk, support, &message(&email, "Fwd: Broken door", "f@desk.test", "", body)).await;
    let ticket = queries::ticket(&desk, &ana, ticket_of(&desk, &taken).await).await.unwrap();
    assert_eq!(
        (ticket.requester_email.as_str(), ticket.requester_name.as_deref()),
        ("vera@example.com", Some("Vera Novak"))
    );
}

#[tokio::test]
async fn what_cannot_be_taken_is_set_aside_with_its_reason_and_let_in_by_a_click() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    quarantine::block_sender(&desk, &admin, "evil.test").await.unwrap();
    let blocked = take_in(&desk, support, &message("mallory@evil.test", "Buy", "e@evil.test", "", "Now.")).await;
    let spam =
        take_in(&desk, support, &message("x@example.com", "Buy", "s@example.com", "X-Spam-Flag: YES", "Now.")).await;
    let nobody = take_in(&desk, support, b"Subject: From no one\n\nBoo.\n").await;
    let forged = message(
        ana.email.as_ref().unwrap().as_str(),
        "Pay this",
        "p@evil.test",
        "Authentication-Results: mx.desk.test; dmarc=fail",
        "Now.",
    );
    let forged = take_in(&desk, support, &forged).await;
    for (intake, reason) in [(&blocked, "blocked"), (&spam, "spam"), (&nobody, "who sent it"), (&forged, "DMARC")] {
        assert_eq!(intake.outcome, IntakeOutcome::Quarantined, "{intake:?}");
        assert!(intake.reason.as_ref().unwrap().contains(reason), "{intake:?}");
    }
    assert_eq!(tickets(&desk).await, 0);
    assert_eq!(quarantine::list_quarantine(&desk, &ana, None, 50).await, Err(Error::Forbidden));
    let list = quarantine::list_quarantine(&desk, &admin, None, 50).await.unwrap();
    assert_eq!(list.len(), 4);
    let spam = list.iter().find(|mail| mail.sender.as_deref() == Some("x@example.com")).unwrap();
    let released = quarantine::release_mail(&desk, &admin, spam.id).await.unwrap();
    assert_eq!(released.outcome, IntakeOutcome::Created);
    assert_eq!(quarantine::release_mail(&desk, &admin, spam.id).await, Err(Error::NotFound), "once");
    let other = list.iter().find(|mail| mail.sender.as_deref() == Some("mallory@evil.test")).unwrap();
    quarantine::delete_mail(&desk, &admin, other.id).await.unwrap();
    assert_eq!(quarantine::list_quarantine(&desk, &admin, None, 50).await.unwrap().len(), 2);
}

#[tokio::test]
async fn whom_a_filter_took_for_a_spammer_is_let_in_once_someone_said_so() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let admin = person(&desk, "root", "ADMIN").await;
    let spam = |id: &str, more: &str| {
        message("news@example.com", "Invoice", id, &format!("X-Spam-Flag: YES{more}"), "See the invoice.")
    };
    take_in(&desk, support, &spam("a@example.com", "")).await;
    let set_aside = quarantine::list_quarantine(&desk, &admin, None, 10).await.unwrap();
    assert_eq!(quarantine::release_mail(&desk, &admin, set_aside[0].id).await.unwrap().outcome, IntakeOutcome::Created);
    assert_eq!(take_in(&desk, support, &spam("b@example.com", "")).await.outcome, IntakeOutcome::Created);
    let forged = spam("c@example.com", "\nAuthentication-Results: mx.desk.test; dmarc=fail");
    assert_eq!(take_in(&desk, support, &forged).await.outcome, IntakeOutcome::Quarantined, "not the same sender");
    suppression::forget_allow(&desk, &admin, "news@example.com").await.unwrap();
    assert_eq!(take_in(&desk, support, &spam("d@example.com", "")).await.outcome, IntakeOutcome::Quarantined);
}

#[tokio::test]
async fn whoever_writes_more_than_anyone_does_is_set_aside() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    for number in 0..22 {
        let taken =
            take_in(&desk, support, &message("flood@example.com", "Again", &format!("{number}@flood"), "", "Again."))
                .await;
        let expected = if number < 20 { IntakeOutcome::Created } else { IntakeOutcome::Quarantined };
        assert_eq!(taken.outcome, expected, "{number}");
    }
    assert_eq!(mails_to(&desk, "flood@example.com").await.len(), 10, "and is not told of every one");
}

#[tokio::test]
async fn a_mail_whose_filing_was_cut_off_is_taken_up_by_a_job() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let raw = message("vera@example.com", "Cut off", "cut@example.com", "", "Hello.");
    // Kept and acknowledged; then the process died.
    let stored = intake::store(&desk, support, &raw).await.unwrap();
    assert!(stored.is_new && tickets(&desk).await == 0);
    send::resume(&desk).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(tickets(&desk).await, 0, "whoever kept it may be at it");
    sqlx::query("UPDATE raw_mails SET received_at = now() - interval '2 minutes'").execute(&desk.db).await.unwrap();
    send::resume(&desk).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(tickets(&desk).await, 1);
    assert_eq!(take_in(&desk, support, &raw).await.outcome, IntakeOutcome::Duplicate);
    assert_eq!(tickets(&desk).await, 1);
}

#[tokio::test]
async fn attachments_come_along_and_hostile_names_do_no_harm() {
    let desk = desk().await;
    let support = mailbox(&desk, "Support").await;
    let raw = b"From: vera@example.com\nSubject: Files\nMessage-ID: <files@example.com>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee these.\n--b\nContent-Type: text/plain; name=\"../../etc/passwd\"\nContent-Disposition: attachment; filename=\"../../etc/passwd\"\n\nroot\n--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=\"=?utf-8?Q?Gr=C3=BC=C3=9Fe.png?=\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n";
    let taken = take_in(&desk, support, raw).await;
    let ticket = ticket_of(&desk, &taken).await;
    let names: Vec<String> =
        sqlx::query_scalar("SELECT file_name FROM ticket_attachments WHERE ticket_id = $1 ORDER BY file_name")
            .bind(ticket)
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(names, ["Grüße.png", "passwd"]);
}

#[tokio::test]
async fn a_mailbox_keeps_its_secrets_and_says_what_is_missing() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let form = MailboxForm {
        name: "Main".into(),
        kind: "IMAP".into(),
        imap_host: Some("imap.example.com".into()),
        imap_password: Some("hunter2".into()),
        active: true,
        ..MailboxForm::default()
    };
    assert_eq!(mailboxes::create_mailbox(&desk, &ana, form.clone()).await, Err(Error::Forbidden));
    let id = mailboxes::create_mailbox(&desk, &admin, form.clone()).await.unwrap();
    let stored: String =
        sqlx::query_scalar("SELECT imap_password FROM email_configurations").fetch_one(&desk.db).await.unwrap();
    assert!(!stored.contains("hunter2"));
    let found = mailboxes::mailbox(&desk, &admin, id).await.unwrap();
    assert!(found.has_imap_password && !format!("{found:?}").contains("hunter2"));
    let renamed = MailboxForm { name: "Mine".into(), imap_password: None, ..form.clone() };
    mailboxes::update_mailbox(&desk, &admin, id, found.version, renamed.clone()).await.unwrap();
    assert!(mailboxes::mailbox(&desk, &admin, id).await.unwrap().has_imap_password, "a secret that is not given stays");
    assert_eq!(
        mailboxes::update_mailbox(&desk, &admin, id, found.version, renamed).await,
        Err(Error::Conflict { current: 2 })
    );
    let nonsense = MailboxForm {
        kind: "FAX".into(),
        smtp_port: Some(70_000),
        smtp_host: Some("x".into()),
        ..MailboxForm::default()
    };
    match mailboxes::create_mailbox(&desk, &admin, nonsense).await {
        Err(Error::Invalid(fields)) => {
            let names: Vec<_> = fields.keys().map(String::as_str).collect();
            assert_eq!(names, ["name", "smtp_from_email", "smtp_port", "type"]);
        }
        other => panic!("{other:?}"),
    }
    let twice = MailboxForm { name: "Mine".into(), ..form };
    assert!(matches!(mailboxes::create_mailbox(&desk, &admin, twice).await, Err(Error::Invalid(_))));
    mailboxes::delete_mailbox(&desk, &admin, id).await.unwrap();
}

#[tokio::test]
async fn secrets_are_sealed_again_with_a_new_key() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let form = MailboxForm {
        name: "Main".into(),
        kind: "WEBHOOK".into(),
        webhook_secret: Some("s3cret".into()),
        active: true,
        ..MailboxForm::default()
    };
    mailboxes::create_mailbox(&desk, &admin, form).await.unwrap();
    let renewed = Desk { secret: SecretKey::generate(), ..desk.clone() };
    let read = async |desk: &Desk| {
        let sealed: String =
            sqlx::query_scalar("SELECT webhook_secret FROM email_configurations").fetch_one(&desk.db).await.unwrap();
        desk.secret.unseal(&sealed)
    };
    assert_eq!(read(&renewed).await, None);
    assert_eq!(
        mailboxes::reseal_secrets(&renewed, &admin, &SecretKey::generate()).await,
        Ok((0, 1)),
        "a third key opens nothing, and harms nothing"
    );
    assert_eq!(mailboxes::reseal_secrets(&renewed, &admin, &desk.secret).await, Ok((1, 0)));
    assert_eq!(read(&renewed).await.as_deref(), Some("s3cret"));
    assert_eq!(read(&desk).await, None);
}
