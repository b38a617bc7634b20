//! The language that texts are searched in.

use super::{publish, titles};
use oxdesk::settings::{LANGUAGES, SEARCH_LANGUAGE, commands::set_setting};
use oxdesk::testing::{desk, person, run_jobs, ticket};
use oxdesk::tickets::{PublicReply, commands as tickets};
use oxdesk::{Error, Timestamp};

#[tokio::test]
async fn texts_are_searched_in_the_language_that_is_set_those_from_before_too() {
    let desk = desk().await;
    let (ana, admin) = (person(&desk, "ana", "AGENT").await, person(&desk, "admin", "ADMIN").await);
    publish(&desk, &ana, "Gemeinsame Kalender", "Die Kalender werden in den Einstellungen freigegeben.").await;
    let asked = ticket(&desk, &ana, "Alle Drucker streiken").await;
    tickets::add_reply(
        &desk,
        &ana,
        asked.id,
        PublicReply::parse("Der Toner wird morgen geliefert.").unwrap(),
        None,
        vec![],
    )
    .await
    .unwrap();
    let changed = || async {
        let times: Vec<Timestamp> = sqlx::query_scalar(
            "SELECT updated_at FROM (SELECT updated_at FROM kb_articles UNION ALL SELECT updated_at FROM tickets UNION ALL SELECT updated_at FROM ticket_comments) AS t ORDER BY 1",
        )
        .fetch_all(&desk.db)
        .await
        .unwrap();
        times
    };
    let (before, questions) = (changed().await, ["Einstellung", "Druckern", "Tonern"]);
    for question in questions {
        assert!(titles(&desk, &ana, question).await.is_empty(), "{question}: English knows no German endings");
    }
    set_setting(&desk, &admin, SEARCH_LANGUAGE, "german").await.unwrap();
    run_jobs(&desk).await;
    for (question, found) in
        questions.into_iter().zip(["Gemeinsame Kalender", "Alle Drucker streiken", "Alle Drucker streiken"])
    {
        assert_eq!(titles(&desk, &ana, question).await, [found], "{question}");
    }
    assert_eq!(changed().await, before, "to be read again is no change");

    let refused = set_setting(&desk, &admin, SEARCH_LANGUAGE, "klingon").await;
    assert!(matches!(refused, Err(Error::Invalid(said)) if said["value"].contains("german")));
    assert_eq!(titles(&desk, &ana, "Druckern").await.len(), 1, "and nothing else was set");
}

#[tokio::test]
async fn every_language_that_may_be_set_is_known_to_the_database() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    for language in LANGUAGES {
        set_setting(&desk, &admin, SEARCH_LANGUAGE, language).await.unwrap();
    }
    let known: Vec<String> =
        sqlx::query_scalar("SELECT cfgname::text FROM pg_ts_config WHERE cfgnamespace = 'pg_catalog'::regnamespace")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(known.len(), LANGUAGES.len(), "{known:?}");
}
