//! Settings: from one table, at every door, and who changed them.

use oxdesk::Error;
use oxdesk::settings::commands::{reset_setting, set_setting};
use oxdesk::settings::queries::{boolean, brand, list_settings, number, setting, styles, text};
use oxdesk::settings::{Brand, SETTINGS};
use oxdesk::testing::{desk, person};
use std::time::Duration;

/// `docs/settings.md` says what the table says. `OXDESK_WRITE_DOCS=1` writes it.
#[test]
fn the_page_of_settings_is_the_table() {
    const MARK: &str = "<!-- settings -->\n";
    let mut table =
        String::from("| key | default | takes | what it is | when it counts |\n| --- | --- | --- | --- | --- |\n");
    for one in SETTINGS {
        let default = if one.default.is_empty() { String::new() } else { format!("`{}`", one.default) };
        table +=
            &format!("| `{}` | {default} | {} | {} | {} |\n", one.key, one.takes(), one.description, one.effective);
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let parts: Vec<_> = page.split(MARK).collect();
    assert_eq!(parts.len(), 3, "the table stands between two marks");
    if std::env::var_os("OXDESK_WRITE_DOCS").is_some() {
        std::fs::write(&path, [parts[0], MARK, &table, MARK, parts[2]].concat()).unwrap();
    } else {
        assert_eq!(parts[1], table, "OXDESK_WRITE_DOCS=1 writes it");
    }
}

#[tokio::test]
async fn a_change_counts_at_once_here_and_within_a_second_on_every_other_node() {
    let desk = desk().await;
    let here = oxdesk::desk::Desk { settings: Default::default(), ..desk.clone() };
    let there = oxdesk::desk::Desk { settings: Default::default(), ..desk.clone() };
    let admin = person(&desk, "admin", "ADMIN").await;
    assert_eq!(
        (number(&here, "tickets.undo_send_seconds").await, number(&there, "tickets.undo_send_seconds").await),
        (Ok(10), Ok(10))
    );
    set_setting(&here, &admin, "tickets.undo_send_seconds", " 30 ").await.unwrap();
    assert_eq!(number(&here, "tickets.undo_send_seconds").await, Ok(30));
    let began = std::time::Instant::now();
    while number(&there, "tickets.undo_send_seconds").await != Ok(30) {
        assert!(began.elapsed() < Duration::from_secs(2), "it never counts there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() < Duration::from_millis(1200), "{:?}", began.elapsed());
}

#[tokio::test]
async fn who_changed_a_setting_and_when_is_known_and_it_can_be_put_back() {
    let desk = desk().await;
    let (admin, mona) = (person(&desk, "admin", "ADMIN").await, person(&desk, "mona", "IT_MANAGER").await);
    set_setting(&desk, &admin, "csat.enabled", "false").await.unwrap();
    let value = setting(&desk, &admin, "csat.enabled").await.unwrap();
    assert_eq!((value.value.as_str(), value.changed_by.is_some(), value.changed_at.is_some()), ("false", true, true));
    assert_eq!(list_settings(&desk, &admin).await.unwrap().iter().filter(|one| one.changed_at.is_some()).count(), 1);
    reset_setting(&desk, &admin, "csat.enabled").await.unwrap();
    assert_eq!(boolean(&desk, "csat.enabled").await, Ok(true));
    reset_setting(&desk, &admin, "csat.enabled").await.unwrap();
    let told: Vec<(serde_json::Value,)> =
        sqlx::query_as("SELECT changes FROM audit_logs WHERE entity_type = 'SETTING' ORDER BY created_at, id")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(told.len(), 2, "put back once");
    assert_eq!((&told[0].0["before"], &told[0].0["after"]), (&"true".into(), &"false".into()));
    assert_eq!((&told[1].0["before"], &told[1].0["after"]), (&"false".into(), &"true".into()));

    for refused in [
        set_setting(&desk, &mona, "csat.enabled", "false").await,
        reset_setting(&desk, &mona, "csat.enabled").await,
        list_settings(&desk, &mona).await.map(drop),
    ] {
        assert_eq!(refused, Err(Error::Forbidden));
    }
    let unknown = set_setting(&desk, &admin, "no.such", "x").await;
    assert_eq!(unknown, Err(Error::invalid("key", "There is no such setting.")));
    assert_eq!(reset_setting(&desk, &admin, "no.such").await, Err(Error::NotFound));
    let wrong = set_setting(&desk, &admin, "tickets.undo_send_seconds", "61").await;
    assert_eq!(wrong, Err(Error::invalid("value", "Time to take a reply back: From 0 to 60, please.")));
    assert_eq!(text(&desk, "tickets.undo_send_seconds").await.unwrap(), "10");
}

#[tokio::test]
async fn the_desk_calls_itself_and_looks_as_it_was_set() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    assert_eq!(brand(&desk).await, Ok(Brand::default()));
    for (key, value) in [
        ("branding.name", "Acme Help"),
        ("branding.welcome", "We are here\nfrom 8 to 18."),
        ("branding.primary_color", "#0F766E"),
        ("branding.secondary_color", "#f59e0b"),
    ] {
        set_setting(&desk, &admin, key, value).await.unwrap();
    }
    let shown = brand(&desk).await.unwrap();
    assert_eq!((shown.name.as_str(), shown.welcome.as_deref()), ("Acme Help", Some("We are here\nfrom 8 to 18.")));
    let kept = styles(&desk).await.unwrap();
    assert!(kept.contains("light-dark(#0f766e,") && kept.contains("3px solid #f59e0b"), "{kept}");
    let yellow = set_setting(&desk, &admin, "branding.primary_color", "#ffee00").await;
    assert!(matches!(yellow, Err(Error::Invalid(said)) if said["value"].contains("hard to read")));
    set_setting(&desk, &admin, "branding.primary_color", "").await.unwrap();
    assert_ne!(brand(&desk).await.unwrap().colours, shown.colours, "other colours, another address");
}
