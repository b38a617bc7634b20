//! Articles: who reads what, what they said before, and that their addresses stay.

use oxdesk::desk::Desk;
use oxdesk::knowledge::commands::{self, Imported, save_article, save_kb_category};
use oxdesk::knowledge::queries::{self, ArticleFilter};
use oxdesk::knowledge::rules::ArticleFile;
use oxdesk::knowledge::{
    ArticleDraft, ArticleForm, ArticleId, ArticleStatus, ArticleVisibility, KbCategoryForm, KbCategoryId,
};
use oxdesk::queues::commands as queues;
use oxdesk::search::rules::Question;
use oxdesk::search::{FoundKind, queries::find as search};
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::{
    PublicReply, TicketId, TicketPatch, TicketStatus, commands as tickets, queries as ticket_queries,
};
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

fn stranger(address: &str) -> Actor {
    Actor { user_agent: Some("Mozilla/5.0 Firefox".into()), ..Actor::anonymous(Some(address.into())) }
}

async fn titles(desk: &Desk, reader: &Actor, filter: &ArticleFilter) -> Vec<String> {
    let mut titles: Vec<_> = queries::list_articles(desk, reader, filter, None)
        .await
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.title)
        .collect();
    titles.sort();
    titles
}

/// The titles of what is offered while someone types.
async fn typed(desk: &Desk, reader: &Actor, words: &str) -> Vec<String> {
    let found = search(desk, reader, &Question::typed(words), &[FoundKind::Article], 10).await.unwrap();
    found.rows.into_iter().map(|found| found.title).collect()
}

#[tokio::test]
async fn each_reader_sees_their_articles_wherever_they_look() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let (marta, rita) = (person(&desk, "marta", "END_USER").await, person(&desk, "rita", "REQUESTER").await);
    let admin = person(&desk, "admin", "ADMIN").await;
    let team = queues::save_team(&desk, &admin, None, "Network").await.unwrap();
    for member in [&ana, &marta] {
        let added = queues::add_team_member(&desk, &admin, team, member.user_id.unwrap()).await;
        assert_eq!(added.is_ok(), member.is_agent());
    }
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    publish(&desk, &ana, "Public printer", "The printer").await;
    save_article(&desk, &ana, None, &form("Internal printer", "The printer", ArticleVisibility::Internal))
        .await
        .unwrap();
    let teams = ArticleForm { team_id: Some(team), ..form("Team printer", "The printer", ArticleVisibility::Team) };
    let teams = save_article(&desk, &ana, None, &teams).await.unwrap();
    let draft = ArticleForm { status: None, ..form("Draft printer", "The printer", ArticleVisibility::Public) };
    let draft = save_article(&desk, &ana, None, &draft).await.unwrap();

    let everything: &[&str] = &["Internal printer", "Public printer", "Team printer"];
    for (reader, expected) in [
        (&ana, everything),
        (&ben, &["Internal printer", "Public printer"]),
        (&marta, &["Internal printer", "Public printer"]),
        (&rita, &["Public printer"]),
        (&stranger("1.2.3.4"), &["Public printer"]),
    ] {
        assert_eq!(titles(&desk, reader, &ArticleFilter::default()).await, expected, "{}", reader.name);
        let words = ArticleFilter { words: Some("printers".into()), ..ArticleFilter::default() };
        assert_eq!(titles(&desk, reader, &words).await, expected, "{}", reader.name);
        let found = typed(&desk, reader, "prin").await;
        assert_eq!(found.len(), expected.len(), "{}: {found:?}", reader.name);
        let may_read = reader.user_id == ana.user_id;
        for hidden in [teams, draft] {
            let page = queries::article_page(&desk, reader, hidden).await;
            // Drafts are every writer's.
            let sees = may_read || (hidden == draft && reader.is_agent());
            assert_eq!(page.is_ok(), sees, "{}", reader.name);
            let slug = if hidden == teams { "team-printer" } else { "draft-printer" };
            assert_eq!(queries::resolve_slug(&desk, reader, slug).await.is_ok(), sees, "{}", reader.name);
        }
        let voted = commands::vote(&desk, reader, teams, true, None).await;
        assert_eq!(voted.is_ok(), may_read, "{}", reader.name);
    }
    for nobody in [&marta, &rita, &stranger("1.2.3.4")] {
        assert!(save_article(&desk, nobody, None, &form("x", "y", ArticleVisibility::Public)).await.is_err());
        assert!(queries::article(&desk, nobody, draft).await.is_err());
        assert!(commands::delete_article(&desk, nobody, draft).await.is_err());
    }
    assert_eq!(queries::article(&desk, &ben, teams).await, Err(Error::NotFound), "a team's is the team's to write");
    let drafts = ArticleFilter { status: Some(ArticleStatus::Draft), ..ArticleFilter::default() };
    assert_eq!(titles(&desk, &ben, &drafts).await, ["Draft printer"]);
    assert!(titles(&desk, &marta, &drafts).await.is_empty());
    commands::delete_article(&desk, &ana, draft).await.unwrap();
    assert!(titles(&desk, &ben, &drafts).await.is_empty());
    commands::restore_article(&desk, &ben, draft).await.unwrap();
    assert_eq!(titles(&desk, &ben, &drafts).await, ["Draft printer"]);
}

#[tokio::test]
async fn an_address_survives_a_new_title_and_two_of_the_same_title_differ() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let one = publish(&desk, &ana, "Black screen?", "x").await;
    let two = publish(&desk, &ana, "Black screen!", "x").await;
    let at = async |slug: &str| queries::resolve_slug(&desk, &stranger("1.2.3.4"), slug).await;
    assert_eq!(at("black-screen").await, Ok((one, "black-screen".into())));
    assert_eq!(at("black-screen-2").await, Ok((two, "black-screen-2".into())));
    save_article(&desk, &ana, Some((one, 1)), &form("Dark screen", "x", ArticleVisibility::Public)).await.unwrap();
    assert_eq!(at("black-screen").await, Ok((one, "dark-screen".into())));
    // What another one had is nobody else's.
    let three = publish(&desk, &ana, "Black screen", "x").await;
    assert_eq!(at("black-screen-3").await, Ok((three, "black-screen-3".into())));
    // And back again.
    save_article(&desk, &ana, Some((one, 2)), &form("Black screen", "x", ArticleVisibility::Public)).await.unwrap();
    assert_eq!(at("black-screen").await, Ok((one, "black-screen".into())));
    assert_eq!(at("dark-screen").await, Ok((one, "black-screen".into())));
    assert_eq!(at("no-such-article").await, Err(Error::NotFound));
}

#[tokio::test]
async fn what_an_article_said_is_kept_and_brought_back_and_an_older_version_is_refused() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let id = publish(&desk, &ana, "VPN", "one").await;
    save_article(&desk, &ben, Some((id, 1)), &form("VPN", "two", ArticleVisibility::Public)).await.unwrap();
    let refused = save_article(&desk, &ana, Some((id, 1)), &form("VPN", "three", ArticleVisibility::Public)).await;
    assert_eq!(refused, Err(Error::Conflict { current: 2 }));
    let said = async || {
        let versions = queries::article_versions(&desk, &ana, id).await.unwrap();
        versions
            .into_iter()
            .map(|version| (version.version, version.content, version.written_by.unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said().await, [(2, "two".into(), "ben".into()), (1, "one".into(), "ana".into())]);
    commands::restore_version(&desk, &ana, id, 1).await.unwrap();
    assert_eq!(said().await.iter().map(|(_, content, _)| content.as_str()).collect::<Vec<_>>(), ["one", "two", "one"]);
    assert_eq!(commands::restore_version(&desk, &ana, id, 9).await, Err(Error::NotFound));
    // What only moves it elsewhere is no other text.
    let moved = ArticleForm { tags: vec!["VPN".into()], ..form("VPN", "one", ArticleVisibility::Internal) };
    save_article(&desk, &ana, Some((id, 3)), &moved).await.unwrap();
    assert_eq!(said().await.len(), 3);
}

#[tokio::test]
async fn readers_are_counted_once_a_day_and_have_one_voice() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let id = publish(&desk, &ana, "VPN", "one").await;
    let before = queries::article_page(&desk, &ana, id).await.unwrap().row.updated_at;
    let marta = Actor { user_agent: Some("Mozilla/5.0".into()), ..marta };
    let machine = Actor { user_agent: Some("Googlebot/2.1".into()), ..stranger("5.6.7.8") };
    for reader in [&marta, &marta, &stranger("1.2.3.4"), &stranger("1.2.3.4"), &stranger("1.2.3.5"), &machine, &ana] {
        commands::count_view(&desk, reader, id).await.unwrap();
    }
    commands::vote(&desk, &marta, id, true, Some("Thanks")).await.unwrap();
    commands::vote(&desk, &marta, id, false, Some("It is out of date")).await.unwrap();
    commands::vote(&desk, &stranger("1.2.3.4"), id, true, None).await.unwrap();
    commands::vote(&desk, &stranger("1.2.3.4"), id, true, None).await.unwrap();
    assert_eq!(commands::vote(&desk, &Actor::anonymous(None), id, true, None).await, Err(Error::Unauthenticated));
    let page = queries::article_page(&desk, &marta, id).await.unwrap();
    assert_eq!((page.row.view_count, page.row.helpful_count, page.row.not_helpful_count), (3, 1, 1));
    assert_eq!(page.voted, Some(false));
    assert_eq!(page.row.updated_at, before, "to be read is no change");
    let kept: String =
        sqlx::query_scalar("SELECT string_agg(voter, ' ') FROM kb_votes").fetch_one(&desk.db).await.unwrap();
    assert!(!kept.contains("1.2.3.4"), "{kept}");
}

#[tokio::test]
async fn categories_are_a_tree_without_circles_and_count_what_one_sees() {
    let desk = desk().await;
    let (ana, rita) = (person(&desk, "ana", "AGENT").await, person(&desk, "rita", "REQUESTER").await);
    let save = async |name: &str, parent_id: Option<KbCategoryId>| {
        let form = KbCategoryForm { name: name.into(), parent_id, active: true, ..KbCategoryForm::default() };
        save_kb_category(&desk, &ana, None, &form).await
    };
    let hardware = save("Hardware", None).await.unwrap();
    let screens = save("Screens", Some(hardware)).await.unwrap();
    let under =
        KbCategoryForm { name: "Hardware".into(), parent_id: Some(screens), active: true, ..KbCategoryForm::default() };
    let circle = save_kb_category(&desk, &ana, Some((hardware, 1)), &under).await.unwrap_err();
    assert!(circle.to_string().contains("under itself"), "{circle}");
    assert!(save("HARDWARE", None).await.unwrap_err().to_string().contains("taken"));
    assert!(commands::delete_kb_category(&desk, &ana, hardware).await.is_err());
    for (title, visibility) in [("One", ArticleVisibility::Public), ("Two", ArticleVisibility::Internal)] {
        let form = ArticleForm { category_id: Some(screens), ..form(title, "x", visibility) };
        save_article(&desk, &ana, None, &form).await.unwrap();
    }
    let counts = async |reader: &Actor| {
        let all = queries::list_kb_categories(&desk, reader).await.unwrap();
        all.into_iter().map(|category| (category.name, category.articles)).collect::<Vec<_>>()
    };
    assert_eq!(counts(&ana).await, [("Hardware".into(), 0), ("Screens".into(), 2)]);
    assert_eq!(counts(&rita).await, [("Hardware".into(), 0), ("Screens".into(), 1)]);
    let below = ArticleFilter { category: Some(hardware), ..ArticleFilter::default() };
    assert_eq!(titles(&desk, &ana, &below).await, ["One", "Two"]);
    commands::delete_kb_category(&desk, &ana, screens).await.unwrap();
    assert!(titles(&desk, &ana, &below).await.is_empty());
    assert_eq!(titles(&desk, &ana, &ArticleFilter::default()).await, ["One", "Two"]);
}

#[tokio::test]
async fn a_draft_is_made_of_what_a_ticket_asked_and_what_solved_it_without_who_asked() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN is slow").await.id;
    let say = PublicReply::parse("Please ask marta@example.com to update the client.").unwrap();
    tickets::add_reply(&desk, &ana, id, say, None, vec![]).await.unwrap();
    let draft = commands::draft_from_ticket(&desk, &ana, id).await.unwrap();
    assert_eq!(
        draft.content,
        "## Problem\n\nIt worked yesterday.\n\n## Solution\n\nPlease ask … to update the client.\n"
    );
    let version = ticket_queries::ticket(&desk, &ana, id).await.unwrap().version;
    let solved = TicketPatch {
        status: Some(TicketStatus::Resolved),
        resolution_note: Some("A new client.".into()),
        ..TicketPatch::default()
    };
    tickets::update_ticket(&desk, &ana, id, version, solved).await.unwrap();
    let draft = commands::draft_from_ticket(&desk, &ana, id).await.unwrap();
    assert!(draft.content.ends_with("## Solution\n\nA new client.\n"));
    let saved = save_article(&desk, &ana, None, &draft).await.unwrap();
    let saved = queries::article(&desk, &ana, saved).await.unwrap();
    assert!(saved.from_ticket.is_some());
    assert_eq!((saved.status, saved.visibility), (ArticleStatus::Draft, ArticleVisibility::Internal));
    assert_eq!(commands::draft_from_ticket(&desk, &marta, id).await.map(drop), Err(Error::Forbidden));
}

#[tokio::test]
async fn nonsense_is_refused_where_it_stands_and_any_search_is_answered() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let right = || form("Title", "Text", ArticleVisibility::Public);
    for (place, wrong) in [
        ("title", ArticleForm { title: " ".into(), ..right() }),
        ("title", ArticleForm { title: "x".repeat(201), ..right() }),
        ("content", ArticleForm { content: "x".repeat(5_000_000), ..right() }),
        ("content", ArticleForm { content: " ".into(), ..right() }),
        ("team_id", ArticleForm { visibility: Some(ArticleVisibility::Team), ..right() }),
        ("review_by", ArticleForm { review_by: Some("soon".into()), ..right() }),
        ("category_id", ArticleForm { category_id: Some(KbCategoryId(uuid::Uuid::nil())), ..right() }),
        (
            "created_from_ticket_id",
            ArticleForm { created_from_ticket_id: Some(TicketId(uuid::Uuid::nil())), ..right() },
        ),
        ("tags", ArticleForm { tags: (0..30).map(|n| n.to_string()).collect(), ..right() }),
    ] {
        let refused = save_article(&desk, &ana, None, &wrong).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(fields) if fields.contains_key(place)), "{place}: {refused:?}");
    }
    publish(&desk, &ana, "The printer: error 0x80070005", "Turn it off and on.").await;
    for words in [
        "",
        "   ",
        "the and of",
        "'; DROP TABLE users; --",
        "& | ! ( ) : * <->",
        "\u{0}",
        "🖨️",
        "طابعة",
        "!!printer",
        &"printer ".repeat(2000),
        &"x".repeat(10_000),
    ] {
        let filter = ArticleFilter { words: Some(words.into()), ..ArticleFilter::default() };
        queries::list_articles(&desk, &ana, &filter, None).await.unwrap();
        typed(&desk, &ana, words).await;
    }
    let found = async |words: &str| typed(&desk, &Actor::anonymous(None), words).await;
    for words in ["0x80070005", "my prin", "Error 0x8007", "printers broken"] {
        assert_eq!(found(words).await.len(), 1, "{words}");
    }
    assert!(found("keyboard ").await.is_empty());
}

#[tokio::test]
async fn a_folder_of_markdown_comes_in_once_goes_out_and_comes_in_as_the_same() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let otherwise = (ArticleStatus::Published, ArticleVisibility::Public);
    let folders = ["Network".to_owned(), "VPN".to_owned()];
    let file = ArticleFile::read(
        "---\ntags: [vpn, Trains]\nsummary: Keep it up.\n---\n# The tunnel drops\n\nTurn Wi-Fi off.",
        "x",
    );
    let bring = async |file: &ArticleFile| {
        commands::import_article(&desk, &ana, &folders, file, vec![], otherwise).await.unwrap()
    };
    assert_eq!(bring(&file).await, Imported::New);
    assert_eq!(bring(&ArticleFile { tags: vec!["vpn".into(), "trains".into()], ..file.clone() }).await, Imported::Same);
    assert_eq!(bring(&ArticleFile { content: "Turn it off.".into(), ..file.clone() }).await, Imported::Changed);

    let out = queries::export_articles(&desk, &ana, None).await.unwrap();
    assert_eq!(out.len(), 1);
    assert_eq!((out[0].folders.as_slice(), out[0].file.content.as_str()), (&folders[..], "Turn it off."));
    let again = ArticleFile::read(&out[0].file.write(), "x");
    assert_eq!(again, out[0].file);
    assert_eq!(bring(&again).await, Imported::Same);
    assert!(queries::export_articles(&desk, &ana, Some(out[0].id)).await.unwrap().is_empty());

    // A renamed article is still the one of its old address; what is wrong is refused whole.
    let renamed = ArticleFile { title: "The tunnel breaks".into(), slug: Some("the-tunnel-drops".into()), ..again };
    assert_eq!(bring(&renamed).await, Imported::Changed);
    assert_eq!(queries::resolve_slug(&desk, &ana, "the-tunnel-drops").await.unwrap().1, "the-tunnel-breaks");
    let empty = ArticleFile { title: "Nothing".into(), ..ArticleFile::default() };
    assert!(matches!(
        commands::import_article(&desk, &ana, &[], &empty, vec![], otherwise).await,
        Err(Error::Invalid(_))
    ));
    let rita = person(&desk, "rita", "REQUESTER").await;
    assert_eq!(commands::import_article(&desk, &rita, &[], &file, vec![], otherwise).await, Err(Error::Forbidden));
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM kb_categories").fetch_one(&desk.db).await.unwrap();
    assert_eq!(count, 2);
    assert_eq!(queries::public_addresses(&desk).await.unwrap()[0].0, "the-tunnel-breaks");
}

#[tokio::test]
async fn what_is_being_written_is_kept_for_its_writer_alone_until_it_is_saved() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "REQUESTER").await;
    let id = publish(&desk, &ana, "Printing", "Hold your badge.").await;
    let draft = |version, content: &str| ArticleDraft {
        version,
        title: "Printing".into(),
        content: content.into(),
        ..ArticleDraft::default()
    };
    let kept = async |who: &Actor, article| {
        let found = queries::article_draft(&desk, who, article).await.unwrap();
        found.map(|(draft, _)| (draft.version, draft.content))
    };
    commands::keep_article_draft(&desk, &ana, Some(id), &draft(1, "Hold your badge to")).await.unwrap();
    commands::keep_article_draft(&desk, &ana, Some(id), &draft(1, "Hold your badge to the\r\nreader.")).await.unwrap();
    commands::keep_article_draft(&desk, &ana, None, &draft(0, "Another")).await.unwrap();
    assert_eq!(kept(&ana, Some(id)).await, Some((1, "Hold your badge to the\nreader.".to_owned())));
    assert_eq!(kept(&ben, Some(id)).await, None);
    assert_eq!(queries::article_draft(&desk, &marta, Some(id)).await, Err(Error::Forbidden));
    assert_eq!(commands::keep_article_draft(&desk, &marta, None, &draft(0, "x")).await, Err(Error::Forbidden));
    let long = draft(0, &"x".repeat(200_001));
    assert!(matches!(commands::keep_article_draft(&desk, &ana, None, &long).await, Err(Error::Invalid(_))));

    // A colleague's version does not take it away, and neither do they see it.
    save_article(&desk, &ben, Some((id, 1)), &form("Printing", "Ben was here.", ArticleVisibility::Public))
        .await
        .unwrap();
    assert_eq!(kept(&ana, Some(id)).await.map(|(version, _)| version), Some(1));
    let text = form("Printing", "Hold your badge to the\nreader.", ArticleVisibility::Public);
    assert_eq!(save_article(&desk, &ana, Some((id, 1)), &text).await, Err(Error::Conflict { current: 2 }));
    assert!(kept(&ana, Some(id)).await.is_some(), "what was refused is still there");
    save_article(&desk, &ana, Some((id, 2)), &text).await.unwrap();
    assert_eq!(kept(&ana, Some(id)).await, None);
    // What comes late says what is there already.
    commands::keep_article_draft(&desk, &ana, Some(id), &draft(2, "Hold your badge to the\nreader.")).await.unwrap();
    assert_eq!(kept(&ana, Some(id)).await, None);
    assert!(kept(&ana, None).await.is_some());
    commands::keep_article_draft(&desk, &ana, None, &draft(0, "Hold your badge to the\nreader.")).await.unwrap();
    assert_eq!(kept(&ana, None).await, None, "it became an article");
    commands::keep_article_draft(&desk, &ana, None, &draft(0, "Another")).await.unwrap();
    commands::drop_article_draft(&desk, &ana, None).await.unwrap();
    assert_eq!(kept(&ana, None).await, None);
}

#[tokio::test]
async fn categories_are_moved_among_each_other_and_under_others_but_never_under_themselves() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "REQUESTER").await);
    let make = async |name: &str, parent| {
        let form = KbCategoryForm { name: name.into(), parent_id: parent, active: true, ..KbCategoryForm::default() };
        save_kb_category(&desk, &ana, None, &form).await.unwrap()
    };
    let (a, b, c) = (make("A", None).await, make("B", None).await, make("C", None).await);
    let below = make("A1", Some(a)).await;
    let order = async || {
        let all = queries::list_kb_categories(&desk, &ana).await.unwrap();
        let placed = oxdesk::knowledge::rules::in_tree_order(&all);
        placed.iter().map(|one| format!("{}{}", "-".repeat(one.depth), one.category.name)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order().await, "A -A1 B C");
    commands::place_kb_category(&desk, &ana, c, Some(a)).await.unwrap();
    assert_eq!(order().await, "C A -A1 B");
    commands::place_kb_category(&desk, &ana, c, None).await.unwrap();
    assert_eq!(order().await, "A -A1 B C");
    commands::place_kb_category(&desk, &ana, b, Some(below)).await.unwrap();
    assert_eq!(order().await, "A -B -A1 C");
    assert!(matches!(commands::place_kb_category(&desk, &ana, a, Some(below)).await, Err(Error::Invalid(_))));
    assert_eq!(commands::place_kb_category(&desk, &marta, a, None).await, Err(Error::Forbidden));
    assert_eq!(commands::place_kb_category(&desk, &ana, KbCategoryId::new(), None).await, Err(Error::NotFound));
    assert_eq!(order().await, "A -B -A1 C");
}
