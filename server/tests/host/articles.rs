//! `oxdesk articles`: folders of Markdown, with the files that lie beside it.

use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::knowledge::queries::{article, article_attachments, article_page, open_article_attachment, resolve_slug};
use oxdesk::testing;
use server::articles::{export, import};
use std::fs;
use tokio::io::AsyncReadExt;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x08\x08\x06\0\0\0\0\0\0\0";
const TEXT: &str = "---\ntitle: The menu\nattachments: [more/extra.txt]\n---\n![The menu](img/menu.png)\n\n[A form](<form one.txt>), [again](<form one.txt>), [not ours](../../secret.txt), [elsewhere](https://example.com/a.png), [gone](gone.txt), [another](other.md)";

/// The article's version, the names of its files, and how its text is shown.
async fn there(desk: &Desk) -> (i32, Vec<String>, String) {
    let reader = Actor::system("test");
    let (id, _) = resolve_slug(desk, &reader, "the-menu").await.unwrap();
    let files = article_attachments(desk, &reader, id).await.unwrap();
    let mut names: Vec<String> = files.iter().map(|file| file.file_name.clone()).collect();
    names.sort();
    let page = article_page(desk, &reader, id).await.unwrap();
    (article(desk, &reader, id).await.unwrap().version, names, page.html)
}

#[tokio::test]
async fn a_folder_comes_in_with_its_files_goes_out_with_them_and_comes_in_as_the_same() {
    let desk = testing::desk().await;
    let base = desk.files.root().with_extension("folders");
    let (first, second) = (base.join("in"), base.join("out"));
    for folder in ["in/Screens/img", "in/Screens/more"] {
        fs::create_dir_all(base.join(folder)).unwrap();
    }
    for (path, content) in [
        ("in/Screens/menu.md", TEXT.as_bytes()),
        ("in/Screens/other.md", b"# Other\n\nText."),
        ("in/Screens/img/menu.png", PNG),
        ("in/Screens/form one.txt", b"a form"),
        ("in/Screens/more/extra.txt", b"extra"),
        ("secret.txt", b"not within the folder"),
    ] {
        fs::write(base.join(path), content).unwrap();
    }
    import(&desk, &first, true, true).await.unwrap();
    let (version, names, html) = there(&desk).await;
    assert_eq!(
        (version, names.as_slice()),
        (1, ["extra.txt", "form one.txt", "menu.png"].map(String::from).as_slice())
    );
    assert!(html.contains("<img src=\"/article-attachments/") && html.contains("width=\"16\""), "{html}");
    assert_eq!(html.matches("href=\"/article-attachments/").count(), 2, "{html}");
    assert!(html.contains("gone.txt") && html.contains("https://example.com/a.png"), "{html}");

    import(&desk, &first, true, true).await.unwrap();
    assert_eq!(there(&desk).await, (1, names.clone(), html.clone()), "brought in again nothing comes twice");

    export(&desk, &second).await.unwrap();
    let written = fs::read_to_string(second.join("screens/the-menu.md")).unwrap();
    assert!(written.contains("![The menu](the-menu/") && !written.contains("/article-attachments/"), "{written}");
    import(&desk, &second, true, true).await.unwrap();
    assert_eq!(there(&desk).await, (1, names.clone(), html), "what went out is what is there");

    // Another desk gets all of it.
    let other = testing::desk().await;
    import(&other, &second, true, true).await.unwrap();
    let (_, moved, shown) = there(&other).await;
    assert_eq!(moved.len(), 3, "{moved:?}");
    assert!(shown.contains("width=\"16\""), "{shown}");
    let reader = Actor::anonymous(None);
    let (id, _) = resolve_slug(&other, &reader, "the-menu").await.unwrap();
    let mut contents = Vec::new();
    for file in article_attachments(&other, &reader, id).await.unwrap() {
        let mut content = Vec::new();
        open_article_attachment(&other, &reader, file.id).await.unwrap().1.read_to_end(&mut content).await.unwrap();
        contents.push(content);
    }
    contents.sort();
    assert_eq!(contents, [&b"a form"[..], b"extra", PNG].map(<[u8]>::to_vec));
    fs::remove_dir_all(base).unwrap();
}
