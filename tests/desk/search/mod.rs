//! Search by words and by meaning, with the real model.

mod endpoint;
mod language;
mod quality;

use oxdesk::ai::Ai;
use oxdesk::desk::Desk;
use oxdesk::knowledge::commands::{delete_article, save_article};
use oxdesk::knowledge::{ArticleForm, ArticleId, ArticleStatus, ArticleVisibility};
use oxdesk::people::UserId;
use oxdesk::queues::commands as queues;
use oxdesk::search::rules::Question;
use oxdesk::search::{FoundKind, Results, commands, queries};
use oxdesk::testing::{actor, desk, desk_with_model, person, run_jobs, ticket};
use oxdesk::tickets::{InternalNote, LinkType, PublicReply, TicketPatch, TicketStatus, commands as tickets};
use oxdesk::{Actor, Error};

fn form(title: &str, content: &str, visibility: ArticleVisibility) -> ArticleForm {
    ArticleForm {
        title: title.into(),
        content: content.into(),
        status: Some(ArticleStatus::Published),
        visibility: Some(visibility),
        ..ArticleForm::default()
    }
}

async fn publish(desk: &Desk, writer: &Actor, title: &str, content: &str) -> ArticleId {
    save_article(desk, writer, None, &form(title, content, ArticleVisibility::Public)).await.unwrap()
}

async fn find(desk: &Desk, reader: &Actor, words: &str) -> Results {
    queries::find(desk, reader, &Question::asked(words), &FoundKind::ALL, 20).await.unwrap()
}

async fn titles(desk: &Desk, reader: &Actor, words: &str) -> Vec<String> {
    find(desk, reader, words).await.rows.into_iter().map(|found| found.title).collect()
}

fn stranger() -> Actor {
    Actor::anonymous(None)
}

const BLACK: &str = "my screen stays black after the update";

#[tokio::test]
async fn what_was_written_in_other_words_is_found_and_without_the_model_words_still_are() {
    let mut desk = desk_with_model().await;
    let ana = person(&desk, "ana", "AGENT").await;
    oxdesk::seed::articles::write(&desk, &ana).await.unwrap();
    run_jobs(&desk).await;
    let results = find(&desk, &stranger(), BLACK).await;
    assert!(results.read_as.is_empty(), "words of the language are meant: {:?}", results.read_as);
    let first = &results.rows[0];
    assert_eq!(first.title, "The display shows nothing after an upgrade");
    assert!(results.by_meaning && first.why.meaning.unwrap() > 0.4, "{first:?}");
    assert!(
        first.why.sentence().contains("Means") || first.why.sentence().contains("mean"),
        "{}",
        first.why.sentence()
    );
    assert!(first.path().starts_with("/portal/kb/the-display-shows-nothing-after-an-upgrade"), "{}", first.path());

    // What says nothing is near to nothing.
    for nothing in ["zzqqxx", "1795724659888"] {
        let results = find(&desk, &stranger(), nothing).await;
        assert!(results.rows.is_empty() && results.by_meaning, "{nothing}: {:?}", results.rows);
    }
    desk.ai = Ai::none();
    assert!(!find(&desk, &stranger(), BLACK).await.by_meaning);
    let code = find(&desk, &stranger(), "0x00000709").await;
    assert_eq!(code.rows[0].title, "Print from any floor");
    assert_eq!(code.rows[0].why.words, ["0x00000709"]);
    assert!(
        code.rows[0].excerpt.iter().any(|(text, is_found)| *is_found && text == "0x00000709"),
        "{:?}",
        code.rows[0]
    );
}

#[tokio::test]
async fn nobody_finds_what_is_not_theirs_however_near_it_is() {
    let desk = desk_with_model().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let (marta, rita) = (person(&desk, "marta", "REQUESTER").await, person(&desk, "rita", "REQUESTER").await);
    let team = queues::save_team(&desk, &Actor::system("test"), None, "Vault").await.unwrap();
    queues::add_team_member(&desk, &Actor::system("test"), team, ana.user_id.unwrap()).await.unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    publish(&desk, &ana, "Public display", "A monitor that stays dark.").await;
    let inner = form("Inner display", "A monitor that stays dark.", ArticleVisibility::Internal);
    save_article(&desk, &ana, None, &inner).await.unwrap();
    let secret = ArticleForm {
        team_id: Some(team),
        ..form("Team display", "A monitor that stays dark.", ArticleVisibility::Team)
    };
    save_article(&desk, &ana, None, &secret).await.unwrap();
    let draft =
        ArticleForm { status: None, ..form("Draft display", "A monitor that stays dark.", ArticleVisibility::Public) };
    save_article(&desk, &ana, None, &draft).await.unwrap();
    let mine = ticket(&desk, &marta, "The monitor of Marta is black").await;
    tickets::add_note(&desk, &ana, mine.id, InternalNote::parse("Fetch the quicksilver sample").unwrap(), Vec::new())
        .await
        .unwrap();
    tickets::add_reply(
        &desk,
        &ana,
        mine.id,
        PublicReply::parse("Please try the turquoise cable").unwrap(),
        None,
        Vec::new(),
    )
    .await
    .unwrap();
    run_jobs(&desk).await;

    let words = "no picture on the monitor";
    let sorted = async |reader: &Actor, words: &str| {
        let mut all = titles(&desk, reader, words).await;
        all.sort();
        all
    };
    assert_eq!(sorted(&stranger(), words).await, ["Public display"]);
    assert_eq!(
        sorted(&rita, words).await,
        sorted(&stranger(), words).await.into_iter().chain(inner_for(&rita)).collect::<Vec<_>>()
    );
    assert!(sorted(&marta, words).await.contains(&"The monitor of Marta is black".to_owned()));
    assert_eq!(sorted(&ben, words).await, ["Inner display", "Public display", "The monitor of Marta is black"]);
    assert_eq!(
        sorted(&ana, words).await,
        ["Inner display", "Public display", "Team display", "The monitor of Marta is black"]
    );

    // What was said is found by whoever may read it, a note by agents alone.
    assert_eq!(titles(&desk, &ben, "quicksilver").await[0], "The monitor of Marta is black");
    assert!(titles(&desk, &marta, "quicksilver sample").await.iter().all(|title| !title.contains("Marta")));
    let said = find(&desk, &marta, "turquoise").await;
    assert_eq!(
        (said.rows[0].title.as_str(), said.rows[0].why.words.as_slice()),
        ("The monitor of Marta is black", &["turquoise".to_owned()][..])
    );
    assert!(said.rows[0].excerpt.iter().any(|(text, is_found)| *is_found && text == "turquoise"));
    assert!(titles(&desk, &rita, "turquoise").await.is_empty());
    assert_eq!(find(&desk, &ben, mine.ticket_number.as_str()).await.rows[0].score, 1.0);
    assert!(find(&desk, &rita, mine.ticket_number.as_str()).await.rows.iter().all(|row| row.kind != FoundKind::Ticket));
}

/// Requesters have an account here: what is for people with one is theirs.
fn inner_for(reader: &Actor) -> Vec<String> {
    let may = reader.can(oxdesk::Permission::ArticleReadInternal);
    if may { vec!["Inner display".to_owned()] } else { Vec::new() }
}

#[tokio::test]
async fn only_what_changed_gets_a_new_vector_and_what_is_gone_is_not_found() {
    let desk = desk_with_model().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let text = "## One\n\nThe docking station is warm.\n\n## Two\n\nThe keyboard is wet.";
    let id = publish(&desk, &ana, "Hardware", text).await;
    run_jobs(&desk).await;
    let rows = async || {
        sqlx::query_as::<_, (i32, String, uuid::Uuid)>(
            "SELECT chunk_index, chunk_text, id FROM kb_article_embeddings WHERE article_id = $1 ORDER BY chunk_index",
        )
        .bind(id)
        .fetch_all(&desk.db)
        .await
        .unwrap()
    };
    let before = rows().await;
    assert_eq!(
        before.iter().map(|row| row.1.as_str()).collect::<Vec<_>>(),
        ["Hardware › One\nThe docking station is warm.", "Hardware › Two\nThe keyboard is wet."]
    );

    let changed = format!("## Zero\n\nNew.\n\n{}", text.replace("wet", "dry"));
    save_article(&desk, &ana, Some((id, 1)), &form("Hardware", &changed, ArticleVisibility::Public)).await.unwrap();
    run_jobs(&desk).await;
    let after = rows().await;
    assert_eq!(after.len(), 3);
    assert_eq!((after[1].2, &after[1].1), (before[0].2, &before[0].1), "what stayed kept its vector");
    assert!(after[2].2 != before[1].2 && after[2].1.ends_with("The keyboard is dry."));

    assert_eq!(titles(&desk, &stranger(), "spilled coffee on the keys").await, ["Hardware"]);
    delete_article(&desk, &ana, id).await.unwrap();
    // At once, not when the job has been.
    assert!(titles(&desk, &stranger(), "spilled coffee on the keys").await.is_empty());
    run_jobs(&desk).await;
    assert!(rows().await.is_empty());
}

#[tokio::test]
async fn a_ticket_shows_what_is_known_and_how_tickets_like_it_ended() {
    let desk = desk_with_model().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "REQUESTER").await);
    publish(&desk, &ana, "When the monitor has no picture", "Pull the cable out and put it in again.").await;
    publish(&desk, &ana, "Order stationery", "Pens and paper come from the catalogue.").await;
    let old = ticket(&desk, &marta, "My monitor shows nothing since yesterday").await;
    let other = ticket(&desk, &marta, "I need a new badge for the garage").await;
    for (id, note) in [(old.id, "The cable was loose."), (other.id, "Badge printed.")] {
        let version: i32 =
            sqlx::query_scalar("SELECT version FROM tickets WHERE id = $1").bind(id).fetch_one(&desk.db).await.unwrap();
        let patch = TicketPatch {
            status: Some(TicketStatus::Resolved),
            resolution_note: Some(note.into()),
            ..TicketPatch::default()
        };
        tickets::update_ticket(&desk, &ana, id, version, patch).await.unwrap();
    }
    let new = ticket(&desk, &marta, "Screen is dark, nothing to see").await;
    run_jobs(&desk).await;

    let known = queries::known_about(&desk, &ana, new.id, "Screen is dark, nothing to see").await.unwrap();
    assert_eq!(
        known.articles.iter().map(|found| found.title.as_str()).collect::<Vec<_>>(),
        ["When the monitor has no picture"]
    );
    let similar: Vec<_> =
        known.tickets.iter().map(|ticket| (ticket.subject.as_str(), ticket.resolution.as_deref())).collect();
    assert_eq!(similar, [("My monitor shows nothing since yesterday", Some("The cable was loose."))]);
    assert_eq!(queries::known_about(&desk, &marta, new.id, "Screen").await.unwrap(), Default::default());
}

#[tokio::test]
async fn several_who_write_the_same_in_a_day_may_be_an_incident_until_they_are_linked() {
    let desk = desk_with_model().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "REQUESTER").await);
    let mut made = Vec::new();
    for subject in [
        "The mail server does not answer",
        "Mail server is not answering",
        "No answer from the mail server",
        "A new chair, please",
    ] {
        made.push(ticket(&desk, &marta, subject).await.id);
    }
    let old = ticket(&desk, &marta, "Mail server does not answer at all").await.id;
    sqlx::query("UPDATE tickets SET created_at = now() - interval '2 days' WHERE id = $1")
        .bind(old)
        .execute(&desk.db)
        .await
        .unwrap();
    run_jobs(&desk).await;
    let alike = async |id| {
        let known = queries::known_about(&desk, &ana, id, "Mail").await.unwrap();
        let mut subjects: Vec<_> = known.alike.into_iter().map(|ticket| ticket.subject).collect();
        subjects.sort();
        subjects
    };
    assert_eq!(alike(made[0]).await, ["Mail server is not answering", "No answer from the mail server"]);
    assert!(alike(made[3]).await.is_empty() && alike(old).await.is_empty());
    tickets::link_tickets(&desk, &ana, made[0], LinkType::Related, made[1]).await.unwrap();
    assert!(alike(made[0]).await.is_empty(), "one more is no incident");
}

#[tokio::test]
async fn a_slip_of_the_pen_is_read_as_what_was_meant_and_tells_nobody_what_they_may_not_read() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Reset your password", "A sentence is easier to remember.").await;
    save_article(&desk, &ana, None, &form("Project Nightingale", "Internal.", ArticleVisibility::Internal))
        .await
        .unwrap();
    run_jobs(&desk).await;
    let found = find(&desk, &stranger(), "reset pasword").await;
    assert_eq!(found.read_as, [("pasword".to_owned(), "password".to_owned())]);
    assert_eq!(found.rows[0].title, "Reset your password");
    assert!(find(&desk, &stranger(), "nightingal").await.read_as.is_empty());
    assert_eq!(find(&desk, &ana, "nightingle").await.read_as, [("nightingle".to_owned(), "nightingale".to_owned())]);
}

#[tokio::test]
async fn phrases_must_stand_so_and_words_with_a_minus_must_not() {
    let desk = desk_with_model().await;
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Printer on the first floor", "It is blue.").await;
    publish(&desk, &ana, "Printer in the cellar", "It is on the floor, first of all.").await;
    run_jobs(&desk).await;
    assert_eq!(titles(&desk, &stranger(), "printer \"first floor\"").await, ["Printer on the first floor"]);
    assert_eq!(titles(&desk, &stranger(), "printer -blue").await, ["Printer in the cellar"]);
    assert_eq!(titles(&desk, &stranger(), "printer").await.len(), 2);
}

#[tokio::test]
async fn what_was_looked_for_in_vain_is_kept_without_who_looked() {
    let desk = desk_with_model().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "REQUESTER").await);
    publish(&desk, &ana, "Reset your password", "A sentence is easier to remember.").await;
    run_jobs(&desk).await;
    for words in ["espresso machine for marta@example.com", "Espresso Machine for", "forgot my password", "+++"] {
        let question = Question::asked(words);
        let results = queries::find(&desk, &marta, &question, &[FoundKind::Article], 5).await.unwrap();
        commands::keep_miss(&desk, &question, &results).await.unwrap();
    }
    let misses = queries::list_misses(&desk, &ana).await.unwrap();
    assert_eq!(
        misses.iter().map(|miss| (miss.words.as_str(), miss.times)).collect::<Vec<_>>(),
        [("espresso machine for", 2)]
    );
    assert_eq!(queries::list_misses(&desk, &marta).await, Err(Error::Forbidden));
    assert_eq!(commands::forget_miss(&desk, &marta, "espresso machine for").await, Err(Error::Forbidden));
    commands::forget_miss(&desk, &ana, "espresso machine for").await.unwrap();
    assert!(queries::list_misses(&desk, &ana).await.unwrap().is_empty());
}

#[tokio::test]
async fn any_text_may_be_looked_for() {
    let desk = desk_with_model().await;
    let ana = person(&desk, "ana", "AGENT").await;
    publish(&desk, &ana, "Reset your password", "A sentence is easier to remember.").await;
    ticket(&desk, &ana, "Anything").await;
    run_jobs(&desk).await;
    let long = "word ".repeat(2000);
    for words in [
        "",
        "   ",
        "the of and",
        "🦀",
        "שלום עולם",
        "'; DROP TABLE tickets; --",
        "a & b | !c <-> (d:*",
        "\"",
        "\"\"",
        "-",
        "-a",
        "\"\" -b",
        "\\",
        "%",
        "a\0b",
        "\"the\"",
        long.as_str(),
        &"x".repeat(10_000),
        "TKT-",
        "<script>alert(1)</script>",
        "1e400",
        "::tsquery",
    ] {
        for reader in [&ana, &stranger()] {
            find(&desk, reader, words).await;
            let typed = Question::typed(words);
            queries::find(&desk, reader, &typed, &FoundKind::ALL, 5).await.unwrap();
        }
    }
}

#[tokio::test]
async fn few_that_may_be_read_are_all_found_among_many_that_may_not() {
    let desk = desk_with_model().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "REQUESTER").await);
    publish(&desk, &ana, "Reset your password", "A sentence is easier to remember.").await;
    let own = ticket(&desk, &marta, "I cannot remember my password").await;
    run_jobs(&desk).await;
    // Three thousand tickets of others that mean exactly the same.
    let (model, vector): (String, pgvector::Vector) =
        sqlx::query_as("SELECT model, embedding FROM ticket_embeddings WHERE ticket_id = $1")
            .bind(own.id)
            .fetch_one(&desk.db)
            .await
            .unwrap();
    let ana_id: UserId = ana.user_id.unwrap();
    sqlx::query(
        "WITH made AS (INSERT INTO tickets (ticket_number, subject, description, requester_id, requester_email, source)
             SELECT 'TKT-9' || lpad(n::text, 6, '0'), 'Same ' || n, 'x', $1, 'ana@example.com', 'FORM' FROM generate_series(1, 3000) AS n RETURNING id)
         INSERT INTO ticket_embeddings (ticket_id, model, dimension, embedding, text_hash) SELECT id, $2, 384, $3, ''::bytea FROM made",
    )
    .bind(ana_id)
    .bind(model)
    .bind(vector)
    .execute(&desk.db)
    .await
    .unwrap();
    let found =
        queries::find(&desk, &marta, &Question::asked("password forgotten"), &[FoundKind::Ticket], 20).await.unwrap();
    assert_eq!(found.rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["I cannot remember my password"]);
}
