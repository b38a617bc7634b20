//! Forms with files, as a browser without scripts sends them; and hostile ones.

use crate::test_app::app;
use http::StatusCode;
use oxdesk::assets::AssetForm;
use oxdesk::assets::commands::save_asset;
use oxdesk::attachments::queries::attachments;
use oxdesk::attachments::{Holder, HolderKind};
use oxdesk::changes::ChangeForm;
use oxdesk::changes::commands::save_change;
use oxdesk::knowledge::commands::save_article;
use oxdesk::knowledge::queries::article_attachments;
use oxdesk::knowledge::{ArticleForm, ArticleStatus};
use oxdesk::testing;
use oxdesk::tickets::{TicketStatus, queries};

#[tokio::test]
async fn a_stranger_asks_for_help_with_a_file_and_gets_a_number() {
    let app = app().await;
    let stranger = app.visitor(None).await;
    let fields = [
        ("subject", "My screen stays dark"),
        ("description", "Since the update."),
        ("requester_email", "new@example.com"),
        ("requester_name", "Nina"),
        ("website", ""),
    ];
    let answer = stranger
        .multipart("/portal/new", "/portal/new", &fields, &[("photo.svg", b"<svg onload=alert(1)></svg>"), ("", b"")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let next = answer.header("location").to_owned();
    assert!(next.starts_with("/portal/thanks?number=TKT-"), "{next}");
    assert!(stranger.get(&next).await.body.contains("Thank you"));
    let (name, kind, count): (String, String, i64) = sqlx_one(&app).await;
    assert_eq!(
        (name.as_str(), kind.as_str(), count),
        ("photo.svg", "text/plain", 1),
        "SVG is text to us, and the empty file is none"
    );
}

async fn sqlx_one(app: &crate::test_app::TestApp) -> (String, String, i64) {
    sqlx::query_as("SELECT max(file_name), max(mime_type), count(*) FROM ticket_attachments")
        .fetch_one(&app.desk.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_program_that_fills_the_hidden_field_makes_nothing() {
    let app = app().await;
    let fields = [
        ("subject", "Buy"),
        ("description", "now"),
        ("requester_email", "bot@example.com"),
        ("website", "http://spam.test"),
    ];
    let answer = app.visitor(None).await.multipart("/portal/new", "/portal/new", &fields, &[]).await;
    assert_eq!(answer.header("location"), "/portal/thanks");
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(made, 0);
}

#[tokio::test]
async fn an_agent_answers_and_the_requester_reads_and_downloads_it() {
    let app = app().await;
    let (marta, agent) = (app.visitor(Some("END_USER")).await, app.visitor(Some("AGENT")).await);
    let ticket = testing::ticket(&app.desk, marta.actor.as_ref().unwrap(), "VPN <b>drops</b>").await;
    let number = ticket.ticket_number.as_str();
    let door = format!("/tickets/{number}/comments");
    let page = format!("/tickets/{number}");
    let answer = agent
        .multipart(
            &door,
            &page,
            &[("kind", "reply"), ("comment", "<script>alert(1)</script> we are on it")],
            &[("log.txt", b"line one")],
        )
        .await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page.as_str()));

    let seen = marta.get(&format!("/portal/requests/{number}")).await.body;
    assert!(
        seen.contains("&lt;script&gt;alert(1)&lt;/script&gt; we are on it") && seen.contains("VPN &lt;b&gt;drops"),
        "text stays text"
    );
    let link = seen
        .split("href=\"")
        .find(|part| part.starts_with("/attachments/"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let file = marta.get(&link).await;
    assert_eq!(file.body, "line one");
    assert!(file.header("content-disposition").starts_with("attachment; filename*=UTF-8''log.txt"));
    assert!(file.header("content-security-policy").contains("sandbox"));
    let stranger = app.visitor(None).await.get(&link).await;
    assert_eq!(stranger.header("location"), "/login");
    let other = app.visitor(Some("REQUESTER")).await;
    assert_eq!(other.get(&link).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_requester_cannot_write_a_note_nor_into_another_ticket() {
    let app = app().await;
    let (marta, other) = (app.visitor(Some("END_USER")).await, app.visitor(Some("REQUESTER")).await);
    let ticket = testing::ticket(&app.desk, marta.actor.as_ref().unwrap(), "VPN").await;
    let door = format!("/portal/requests/{}/comments", ticket.ticket_number);
    let page = "/portal/requests";
    for (visitor, kind) in [(&marta, "note"), (&other, "reply"), (&marta, "shout")] {
        let answer = visitor.multipart(&door, page, &[("kind", kind), ("comment", "x")], &[]).await;
        assert!(
            answer.header("location").starts_with("/portal/requests?error="),
            "{kind}: {} {}",
            answer.status,
            answer.header("location")
        );
    }
    let comments: i64 =
        sqlx::query_scalar("SELECT count(*) FROM ticket_comments").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(comments, 0);
}

#[tokio::test]
async fn hostile_forms_get_a_clear_error_and_leave_nothing() {
    let app = app().await;
    let admin = testing::person(&app.desk, "root", "ADMIN").await;
    oxdesk::settings::commands::set_setting(&app.desk, &admin, "file.max_upload_size", "1000").await.unwrap();
    let marta = app.visitor(Some("END_USER")).await;
    let long = "x".repeat(60_000);
    let huge = vec![b'x'; 300_000];
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a [u8])], &'a str);
    let cases: [Case; 5] = [
        ("", "text", &[], "fill"),
        ("a\0b", "text", &[], "NUL"),
        ("subject", &long, &[], "50000"),
        ("subject", std::str::from_utf8(&huge).unwrap(), &[], "long"),
        ("subject", "text", &[("big.bin", &huge)], "larger"),
    ];
    for (subject, description, files, expected) in cases {
        let answer = marta
            .multipart("/portal/new", "/portal/new", &[("subject", subject), ("description", description)], files)
            .await;
        let back = answer.header("location").to_owned();
        assert!(
            back.starts_with("/portal/new?error=") && back.contains(expected),
            "{expected}: {} {back}",
            answer.status
        );
    }
    let made: i64 =
        sqlx::query_scalar("SELECT (SELECT count(*) FROM tickets) + (SELECT count(*) FROM ticket_attachments)")
            .fetch_one(&app.desk.db)
            .await
            .unwrap();
    assert_eq!(made, 0);
}

#[tokio::test]
async fn a_form_with_too_many_files_is_refused_whole() {
    let app = app().await;
    let marta = app.visitor(Some("END_USER")).await;
    let files = vec![("a.txt", b"x".as_slice()); 30];
    let answer =
        marta.multipart("/portal/new", "/portal/new", &[("subject", "Many"), ("description", "files")], &files).await;
    assert!(answer.header("location").contains("At%20most%2020%20files"), "{}", answer.header("location"));
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(made, 0);
}

#[tokio::test]
async fn a_strangers_files_together_are_as_large_as_one_file_may_be() {
    let app = app().await;
    let admin = testing::person(&app.desk, "root", "ADMIN").await;
    oxdesk::settings::commands::set_setting(&app.desk, &admin, "file.max_upload_size", "1000").await.unwrap();
    let fields = [("subject", "Two"), ("description", "files"), ("requester_email", "new@example.com")];
    let part = [b'x'; 600];
    let files = [("a.txt", part.as_slice()), ("b.txt", part.as_slice())];
    let refused = app.visitor(None).await.multipart("/portal/new", "/portal/new", &fields, &files).await;
    assert!(refused.header("location").contains("larger"), "{}", refused.header("location"));
    let marta = app.visitor(Some("END_USER")).await;
    let taken = marta.multipart("/portal/new", "/portal/new", &fields, &files).await;
    assert!(taken.header("location").starts_with("/portal/requests/TKT-"), "{}", taken.header("location"));
}

#[tokio::test]
async fn a_strangers_forms_are_counted_before_they_are_read() {
    let app = app().await;
    let stranger = app.visitor(None).await;
    // None of them can be accepted, and none of them is free.
    for _ in 0..60 {
        let answer = stranger.multipart("/portal/new", "/portal/new", &[("subject", "")], &[]).await;
        assert!(!answer.header("location").contains("attempts"), "{}", answer.header("location"));
    }
    let answer = stranger.multipart("/portal/new", "/portal/new", &[("subject", "")], &[("a.txt", b"x")]).await;
    assert!(answer.header("location").contains("too%20many%20attempts"), "{}", answer.header("location"));
}

#[tokio::test]
async fn an_agent_edits_what_stands_at_the_top() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    let actor = agent.actor.as_ref().unwrap();
    let ticket = testing::ticket(&app.desk, actor, "Printer").await;
    let change = |version: i32, rest: &str| format!("id={}&version={version}&{rest}", ticket.id);
    let edit = change(1, "subject=Printer+on+floor+3&category=Hardware&tags=Printer,+floor+3,,");
    assert_eq!(agent.function("update_ticket", &edit).await.status, StatusCode::OK);
    let assign = change(2, &format!("assigned_to_id={}", actor.user_id.unwrap()));
    assert_eq!(agent.function("update_ticket", &assign).await.status, StatusCode::OK);
    let read = queries::ticket(&app.desk, actor, ticket.id).await.unwrap();
    assert_eq!((read.subject.as_str(), read.category.as_deref()), ("Printer on floor 3", Some("Hardware")));
    assert_eq!(read.tags, ["floor 3", "printer"]);
    assert_eq!(read.assignee.map(|person| person.id), actor.user_id, "what was not sent stays");
    assert_eq!(
        agent.function("update_ticket", &change(3, "subject=Printer&category=&tags=")).await.status,
        StatusCode::OK
    );
    assert_eq!(agent.function("update_ticket", &change(4, "assigned_to_id=none")).await.status, StatusCode::OK);
    let read = queries::ticket(&app.desk, actor, ticket.id).await.unwrap();
    assert_eq!((read.assignee, read.category, read.tags), (None, None, vec![]), "what was sent empty is taken away");
    let wrong = agent.function("update_ticket", &change(5, "subject=+")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_agents_form_keeps_what_someone_else_changed_meanwhile() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    let actor = agent.actor.as_ref().unwrap();
    let ticket = testing::ticket(&app.desk, actor, "Printer").await;
    let change = |version: i32, status: &str| {
        format!("id={}&version={version}&status={status}&priority=LOW&assigned_to_id=none&queue_id=none", ticket.id)
    };
    assert_eq!(agent.function("update_ticket", &change(1, "WAITING")).await.status, StatusCode::OK);
    assert_eq!(agent.function("update_ticket", &change(1, "CLOSED")).await.status, StatusCode::CONFLICT);
    assert_eq!(agent.function("update_ticket", &change(2, "NONSENSE")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(queries::ticket(&app.desk, actor, ticket.id).await.unwrap().status, TicketStatus::Waiting);
}

#[tokio::test]
async fn signing_in_gives_a_fresh_session_and_signing_out_ends_it() {
    let app = app().await;
    let agent = app.visitor(Some("AGENT")).await;
    assert_eq!(agent.get("/tickets").await.status, StatusCode::OK);
    let (stored, user_agent): (i64, Option<String>) =
        sqlx::query_as("SELECT count(*), max(address) FROM sessions WHERE user_id IS NOT NULL")
            .fetch_one(&app.desk.db)
            .await
            .unwrap();
    assert_eq!((stored, user_agent.as_deref()), (1, Some("192.0.2.1")));
    agent.function("sign_out", "").await;
    assert_eq!(agent.get("/tickets").await.status, StatusCode::FOUND);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions WHERE user_id IS NOT NULL")
        .fetch_one(&app.desk.db)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_link_from_a_mail_opens_its_request_and_lets_its_holder_answer() {
    let app = app().await;
    let fields =
        [("subject", "The door"), ("description", "Stuck."), ("requester_email", "vera@example.com"), ("website", "")];
    let stranger = app.visitor(None).await;
    stranger.multipart("/portal/new", "/portal/new", &fields, &[("door.txt", b"a door")]).await;
    let body: String = sqlx::query_scalar("SELECT body FROM outbox").fetch_one(&app.desk.db).await.unwrap();
    let link = body.split_whitespace().find(|word| word.contains("/portal/link/")).unwrap();
    let path = &link[link.find("/portal").unwrap()..];
    let opened = stranger.get(path).await;
    let request = opened.header("location").to_owned();
    assert!(request.starts_with("/portal/requests/TKT-"), "{} {request}", opened.status);
    let cookie = opened.header("set-cookie").split(';').next().unwrap().to_owned();
    let guest = crate::test_app::Visitor { app: &app, cookie: Some(cookie), actor: None };
    let page = guest.get(&request).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("The door") && page.body.contains("Make an account"));
    let comments = format!("{request}/comments");
    guest.multipart(&comments, &request, &[("kind", "reply"), ("comment", "The upper hinge.")], &[]).await;
    let page = guest.get(&request).await.body;
    assert!(page.contains("The upper hinge."));
    let file = page.split("/attachments/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(guest.get(&format!("/attachments/{file}")).await.body, "a door");

    assert_eq!(guest.get("/tickets").await.status, StatusCode::FOUND);
    assert_eq!(guest.get("/portal/requests").await.status, StatusCode::FOUND, "the list is for those with an account");
    assert_eq!(stranger.get(&request).await.status, StatusCode::FOUND, "only the browser that followed the link");
    assert_eq!(stranger.get("/portal/link/x.1.y").await.header("location"), "/portal/expired/unknown");
}

#[tokio::test]
async fn a_form_with_custom_fields_is_checked_and_comes_back_to_where_it_stood() {
    let app = app().await;
    let admin = testing::person(&app.desk, "ada", "ADMIN").await;
    let new = oxdesk::fields::NewField {
        label: "Needs".into(),
        kind: "MULTI_CHOICE".into(),
        choices: vec!["Laptop".into(), "Phone".into()],
        is_public: true,
        required: true,
        ..Default::default()
    };
    oxdesk::fields::commands::save_field(&app.desk, &admin, None, new).await.unwrap();
    let marta = app.visitor(Some("END_USER")).await;
    let from = "/portal/new?subject=A+colleague&category=other";
    let send = |fields: &'static [(&'static str, &'static str)]| {
        let mut all = vec![("subject", "A colleague"), ("description", "Starts in May."), ("website", "")];
        all.extend_from_slice(fields);
        let marta = &marta;
        async move { marta.multipart("/portal/new", from, &all, &[]).await }
    };
    for wrong in [&[][..], &[("field.needs", "Boat")], &[("field.needs", "Laptop"), ("field.gone", "x")]] {
        let answer = send(wrong).await;
        let back = answer.header("location");
        assert!(back.starts_with(&format!("{from}&error=")), "{wrong:?}: {back}");
        assert!(marta.get(back).await.body.contains("form-error"), "said at the form");
    }
    let made: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets").fetch_one(&app.desk.db).await.unwrap();
    assert_eq!(made, 0, "nothing half written");
    let sent = send(&[("field.needs", "phone"), ("field.needs", "Laptop")]).await;
    let page = sent.header("location").to_owned();
    assert!(page.starts_with("/portal/requests/TKT-"), "{page}");
    assert!(marta.get(&page).await.body.contains("Laptop, Phone"));
}

#[tokio::test]
async fn the_portals_first_page_comes_with_its_viewers_open_requests_and_no_one_elses() {
    let app = app().await;
    let (marta, uli) = (app.visitor(Some("END_USER")).await, app.visitor(Some("REQUESTER")).await);
    testing::ticket(&app.desk, marta.actor.as_ref().unwrap(), "marta-asked-this").await;
    assert!(marta.get("/portal").await.body.contains("marta-asked-this"));
    let other = uli.get("/portal").await.body;
    assert!(other.contains("My open requests") && !other.contains("marta-asked-this"));
    assert!(!app.visitor(None).await.get("/portal").await.body.contains("My open requests"));
}

#[tokio::test]
async fn a_picture_of_an_article_is_shown_to_its_readers_and_every_other_file_downloaded() {
    let app = app().await;
    let (agent, reader, stranger) =
        (app.visitor(Some("AGENT")).await, app.visitor(Some("END_USER")).await, app.visitor(None).await);
    let form = ArticleForm { title: "The menu".into(), content: "x".into(), ..ArticleForm::default() };
    let published = ArticleForm { status: Some(ArticleStatus::Published), ..form };
    let id = save_article(&app.desk, agent.actor.as_ref().unwrap(), None, &published).await.unwrap();
    let (door, page) = (format!("/knowledge/{id}/attachments"), format!("/knowledge/{id}"));
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08\x08\x06\0\0\0\0\0\0\0";
    let files: [(&str, &[u8]); 2] = [("menu.png", png), ("page.html", b"<script>alert(1)</script>")];
    let sent = agent.multipart(&door, &page, &[], &files).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    let kept = article_attachments(&app.desk, agent.actor.as_ref().unwrap(), id).await.unwrap();
    let [picture, text] = kept.as_slice() else { panic!("{kept:?}") };

    let shown = reader.get(&picture.path()).await;
    assert_eq!((shown.status, shown.header("content-type")), (StatusCode::OK, "image/png"));
    assert_eq!(shown.header("content-disposition"), "inline");
    assert!(shown.header("content-security-policy").contains("sandbox"), "alone it runs nothing");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(shown.header("cache-control"), "private, no-cache");
    let saved = reader.get(&text.path()).await;
    assert!(saved.header("content-disposition").starts_with("attachment"), "{}", saved.header("content-disposition"));
    assert_eq!(saved.header("content-type"), "text/plain");
    for path in [&picture.path(), &text.path(), "/article-attachments/x"] {
        assert_eq!(stranger.get(path).await.status, StatusCode::NOT_FOUND, "an internal article's");
    }
    // Nobody else's form stores anything, and says why not.
    for visitor in [&reader, &stranger] {
        let refused = visitor.multipart(&door, "/portal/kb", &[], &files).await;
        assert!(refused.header("location").starts_with("/portal/kb?error="), "{}", refused.header("location"));
    }
    assert_eq!(article_attachments(&app.desk, agent.actor.as_ref().unwrap(), id).await.unwrap().len(), 2);
    let nothing = agent.multipart(&door, &page, &[], &[("", b"")]).await;
    assert!(nothing.header("location").starts_with(&format!("{page}?error=Please")), "{}", nothing.header("location"));
    assert!(agent.get(nothing.header("location")).await.body.contains("Please attach a file."));
}

#[tokio::test]
async fn files_of_a_change_and_of_an_asset_are_sent_and_fetched_by_those_who_may() {
    let app = app().await;
    let (agent, manager) = (app.visitor(Some("AGENT")).await, app.visitor(Some("IT_MANAGER")).await);
    let (user, stranger) = (app.visitor(Some("END_USER")).await, app.visitor(None).await);
    let (asker, keeper) = (agent.actor.clone().unwrap(), manager.actor.clone().unwrap());
    let form = ChangeForm { title: "New router".into(), description: "It is old.".into(), ..ChangeForm::default() };
    let change = save_change(&app.desk, &asker, None, &form).await.unwrap();
    let number = oxdesk::changes::queries::change(&app.desk, &asker, change).await.unwrap().row.change_number;
    let form = AssetForm {
        name: "berta".into(),
        assigned_to_id: user.actor.as_ref().unwrap().user_id,
        ..AssetForm::default()
    };
    let asset = save_asset(&app.desk, &keeper, None, &form).await.unwrap();
    let code = oxdesk::assets::queries::asset(&app.desk, &keeper, asset).await.unwrap().asset_number;

    let files: [(&str, &[u8]); 1] = [("plan.html", b"<script>alert(1)</script>")];
    let of_change = format!("/changes/{number}");
    let of_asset = format!("/assets/{code}");
    for (visitor, page) in [(&agent, &of_change), (&manager, &of_asset)] {
        let sent = visitor.multipart(&format!("{page}/attachments"), page, &[], &files).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    }
    for (visitor, page) in
        [(&user, &of_change), (&stranger, &of_change), (&user, &of_asset), (&agent, &of_asset), (&stranger, &of_asset)]
    {
        let refused = visitor.multipart(&format!("{page}/attachments"), "/portal", &[], &files).await;
        assert!(refused.header("location").starts_with("/portal?error="), "{page}: {}", refused.header("location"));
    }
    for (holder, kind, reader, others) in [
        (Holder::Change(change), HolderKind::Change, &agent, vec![&user]),
        (Holder::Asset(asset), HolderKind::Asset, &manager, vec![&user]),
    ] {
        let kept = attachments(&app.desk, reader.actor.as_ref().unwrap(), holder).await.unwrap();
        let [file] = kept.as_slice() else { panic!("what was refused is not kept: {kept:?}") };
        let got = reader.get(&kind.file_path(file.id)).await;
        assert_eq!((got.status, got.body.as_str()), (StatusCode::OK, "<script>alert(1)</script>"));
        assert!(got.header("content-disposition").starts_with("attachment"));
        assert_eq!(got.header("content-type"), "text/plain", "nothing that a browser runs");
        assert!(got.header("content-security-policy").contains("sandbox"));
        for other in others {
            assert_eq!(other.get(&kind.file_path(file.id)).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(stranger.get(&kind.file_path(file.id)).await.header("location"), "/login");
        let wrong = if kind == HolderKind::Asset { HolderKind::Change } else { HolderKind::Asset };
        assert_eq!(manager.get(&wrong.file_path(file.id)).await.status, StatusCode::NOT_FOUND, "of its own kind alone");
    }
    assert_eq!(manager.get("/change-attachments/x").await.status, StatusCode::NOT_FOUND);
    let none = agent.multipart(&format!("{of_change}/attachments"), &of_change, &[], &[("", b"")]).await;
    assert!(agent.get(none.header("location")).await.body.contains("Please attach a file."));
}
