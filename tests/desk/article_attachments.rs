//! Files of articles: who sees them, what is refused, and that none is left behind.

use oxdesk::desk::Desk;
use oxdesk::knowledge::commands::{self, attach_to_article, remove_article_attachment, save_article};
use oxdesk::knowledge::queries::{self, open_article_attachment};
use oxdesk::knowledge::{ArticleAttachment, ArticleForm, ArticleId, ArticleStatus, ArticleVisibility};
use oxdesk::queues::commands as queues;
use oxdesk::testing::{actor, desk, person, run_jobs};
use oxdesk::tickets::IncomingFile;
use oxdesk::{Actor, Error};
use tokio::io::AsyncReadExt;

fn form(visibility: ArticleVisibility, content: &str) -> ArticleForm {
    ArticleForm {
        title: "The menu".into(),
        content: content.into(),
        status: Some(ArticleStatus::Published),
        visibility: Some(visibility),
        ..ArticleForm::default()
    }
}

async fn file(desk: &Desk, name: &str, bytes: &[u8]) -> IncomingFile {
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(bytes.to_vec())]);
    desk.files.receive(name, 1_000_000, chunks).await.unwrap()
}

/// The head of a picture that says how large it is: a browser would unfold it, however few bytes follow.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

async fn attach(
    desk: &Desk,
    writer: &Actor,
    article: Option<ArticleId>,
    name: &str,
    bytes: &[u8],
) -> ArticleAttachment {
    attach_to_article(desk, writer, article, vec![file(desk, name, bytes).await]).await.unwrap().remove(0)
}

async fn sees(desk: &Desk, reader: &Actor, file: &ArticleAttachment) -> bool {
    match open_article_attachment(desk, reader, file.id).await {
        Ok(_) => true,
        Err(Error::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

/// How many files lie in the store.
fn stored(desk: &Desk) -> usize {
    fn files(folder: &std::path::Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { files(&path) } else { 1 })
            .sum()
    }
    files(desk.files.root())
}

#[tokio::test]
async fn whoever_may_read_an_article_sees_its_files_and_nobody_else() {
    let desk = desk().await;
    let (ana, rita) = (person(&desk, "ana", "AGENT").await, person(&desk, "rita", "REQUESTER").await);
    let (marta, stranger) = (person(&desk, "marta", "END_USER").await, Actor::anonymous(Some("10.0.0.1".into())));
    let public = save_article(&desk, &ana, None, &form(ArticleVisibility::Public, "x")).await.unwrap();
    let internal = save_article(&desk, &ana, None, &form(ArticleVisibility::Internal, "x")).await.unwrap();
    let (shown, inside) = (
        attach(&desk, &ana, Some(public), "menu.png", &png(320, 200)).await,
        attach(&desk, &ana, Some(internal), "steps.txt", b"one, two").await,
    );
    assert_eq!((shown.picture, shown.mime_type.as_str(), inside.picture), (Some((320, 200)), "image/png", None));
    for (reader, sees_public, sees_internal) in
        [(&ana, true, true), (&marta, true, true), (&rita, true, false), (&stranger, true, false)]
    {
        assert_eq!(
            (sees(&desk, reader, &shown).await, sees(&desk, reader, &inside).await),
            (sees_public, sees_internal)
        );
        let listed = queries::article_attachments(&desk, reader, internal).await.unwrap();
        assert_eq!(listed.len(), usize::from(sees_internal));
    }
    let mut content = String::new();
    let (_, mut opened) = open_article_attachment(&desk, &ana, inside.id).await.unwrap();
    opened.read_to_string(&mut content).await.unwrap();
    assert_eq!(content, "one, two");

    let text = form(ArticleVisibility::Public, &format!("Look: {}", shown.markdown()));
    save_article(&desk, &ana, Some((public, 1)), &text).await.unwrap();
    let beside = attach(&desk, &ana, Some(public), "form.pdf", b"%PDF-1.7").await;
    let page = queries::article_page(&desk, &stranger, public).await.unwrap();
    assert!(
        page.html.contains(&format!("src=\"{}\" ", shown.path())) && page.html.contains("width=\"320\""),
        "{}",
        page.html
    );
    assert_eq!(page.attachments, [beside], "what stands in the text is not named once more");

    commands::delete_article(&desk, &ana, public).await.unwrap();
    assert!(!sees(&desk, &ana, &shown).await, "a deleted article's files are gone with it");
    commands::restore_article(&desk, &ana, public).await.unwrap();
    assert!(sees(&desk, &stranger, &shown).await, "and come back with it");
}

#[tokio::test]
async fn only_who_may_change_an_article_adds_and_removes_its_files() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let (ben, admin) = (person(&desk, "ben", "AGENT").await, person(&desk, "admin", "ADMIN").await);
    let team = queues::save_team(&desk, &admin, None, "Network").await.unwrap();
    queues::add_team_member(&desk, &admin, team, ana.user_id.unwrap()).await.unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    let teams = ArticleForm { team_id: Some(team), ..form(ArticleVisibility::Team, "x") };
    let id = save_article(&desk, &ana, None, &teams).await.unwrap();
    let kept = attach(&desk, &ana, Some(id), "menu.png", &png(10, 10)).await;
    for (other, refused) in [(&marta, Error::Forbidden), (&ben, Error::NotFound)] {
        let added = attach_to_article(&desk, other, Some(id), vec![file(&desk, "a.txt", b"a").await]).await.err();
        assert_eq!(added.as_ref(), Some(&refused));
        assert_eq!(remove_article_attachment(&desk, other, kept.id).await.err(), Some(refused));
    }
    let there = stored(&desk);
    remove_article_attachment(&desk, &ana, kept.id).await.unwrap();
    assert_eq!(stored(&desk), there - 1, "its bytes are gone, too");
    assert_eq!(remove_article_attachment(&desk, &ana, kept.id).await.err(), Some(Error::NotFound));
    let said: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT action, description FROM audit_logs WHERE action IN ('ATTACH', 'DETACH') ORDER BY id")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(said, ["ATTACH", "DETACH"].map(|action| (action.to_owned(), Some("menu.png".to_owned()))));
}

#[tokio::test]
async fn files_of_a_new_article_wait_for_it_and_are_their_writers_until_then() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let first = attach(&desk, &ana, None, "menu.png", &png(10, 10)).await;
    let others = attach(&desk, &ben, None, "his.png", &png(10, 10)).await;
    assert!(sees(&desk, &ana, &first).await && !sees(&desk, &ben, &first).await);
    assert_eq!(remove_article_attachment(&desk, &ben, first.id).await.err(), Some(Error::NotFound));
    // Another way to make an article takes nothing along.
    save_article(&desk, &ana, None, &form(ArticleVisibility::Internal, "x")).await.unwrap();
    assert_eq!(queries::waiting_attachments(&desk, &ana).await.unwrap(), std::slice::from_ref(&first));

    let new = ArticleForm { takes_waiting_attachments: true, ..form(ArticleVisibility::Internal, &first.markdown()) };
    let id = save_article(&desk, &ana, None, &new).await.unwrap();
    assert_eq!(queries::article_attachments(&desk, &ben, id).await.unwrap(), std::slice::from_ref(&first));
    assert!(sees(&desk, &ben, &first).await && queries::waiting_attachments(&desk, &ana).await.unwrap().is_empty());
    assert_eq!(queries::waiting_attachments(&desk, &ben).await.unwrap(), std::slice::from_ref(&others));

    let there = stored(&desk);
    commands::drop_article_draft(&desk, &ben, None).await.unwrap();
    assert_eq!(stored(&desk), there - 1, "what was written for nothing leaves no file");
    assert!(!sees(&desk, &ben, &others).await && sees(&desk, &ben, &first).await);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_a_one_is_told_apart_and_refused() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let id = save_article(&desk, &ana, None, &form(ArticleVisibility::Public, "x")).await.unwrap();
    let there = stored(&desk);
    let bomb = vec![file(&desk, "ok.png", &png(10, 10)).await, file(&desk, "bomb.png", &png(60_000, 60_000)).await];
    let Err(Error::Invalid(said)) = attach_to_article(&desk, &ana, Some(id), bomb).await else { panic!("taken") };
    assert!(said["files"].contains("bomb.png") && said["files"].contains("60000 × 60000"), "{said:?}");
    let many = || async {
        let mut files = Vec::new();
        for at in 0..20 {
            files.push(file(&desk, &format!("{at}.txt"), b"x").await);
        }
        files
    };
    assert_eq!(stored(&desk), there, "nothing half written");
    for (name, bytes) in [
        ("cut.png", &b"\x89PNG\r\n\x1a\n"[..]),
        ("nothing.png", &png(0, 0)),
        ("drawn.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ] {
        let taken = attach(&desk, &ana, Some(id), name, bytes).await;
        assert_eq!(taken.picture, None, "{name} is a file to be downloaded");
        assert!(!taken.markdown().starts_with('!'), "{name}");
    }
    for _ in 0..4 {
        attach_to_article(&desk, &ana, Some(id), many().await).await.unwrap();
    }
    let there = stored(&desk);
    let Err(Error::Invalid(said)) = attach_to_article(&desk, &ana, Some(id), many().await).await else { panic!("103") };
    assert!(said["files"].contains("100"), "{said:?}");
    assert_eq!(stored(&desk), there);
}

#[tokio::test]
async fn files_that_wait_for_nothing_are_purged() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let (old, new) =
        (attach(&desk, &ana, None, "old.txt", b"a").await, attach(&desk, &ben, None, "new.txt", b"b").await);
    sqlx::query("UPDATE kb_article_attachments SET created_at = now() - interval '91 days' WHERE id = $1")
        .bind(old.id)
        .execute(&desk.db)
        .await
        .unwrap();
    let there = stored(&desk);
    sqlx::query("SELECT graphile_worker.add_job('purge_expired')").execute(&desk.db).await.unwrap();
    run_jobs(&desk).await;
    assert!(!sees(&desk, &ana, &old).await && sees(&desk, &ben, &new).await);
    assert_eq!(stored(&desk), there - 1);
}
