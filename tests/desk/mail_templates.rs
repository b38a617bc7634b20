//! What mails say: in the program's words, and in an administrator's.

use oxdesk::desk::Desk;
use oxdesk::mail::templates::{TEMPLATES, TemplateName, commands, queries};
use oxdesk::people::commands::set_signature;
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::{PublicReply, commands as tickets};
use oxdesk::{Actor, Error};

/// Subject and text of the newest mail.
async fn newest(desk: &Desk) -> (String, String) {
    sqlx::query_as("SELECT subject, body FROM outbox ORDER BY id DESC LIMIT 1").fetch_one(&desk.db).await.unwrap()
}

async fn save(desk: &Desk, actor: &Actor, name: TemplateName, version: i32, body: &str) -> oxdesk::Result<()> {
    let subject = if name == TemplateName::Frame { "" } else { "About {{ ticket.number }}" };
    commands::save_template(desk, actor, name, version, subject, body).await
}

fn wrong(refused: oxdesk::Result<()>, field: &str) -> String {
    match refused {
        Err(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{field}: {fields:?}")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_mail_says_what_an_administrator_wrote_until_it_is_ours_again() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "root", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let body = "Dear {{ requester.first_name }},\n{% if ticket.subject %}“{{ ticket.subject }}” is with us.{% endif %}\n{{ link }}\n";
    save(&desk, &admin, TemplateName::Received, 0, body).await.unwrap();
    let made = ticket(&desk, &marta, "A lamp & a {{ 7 * 7 }}").await;
    let (subject, text) = newest(&desk).await;
    assert_eq!(subject, format!("About {}", made.ticket_number));
    assert!(text.contains("“A lamp & a {{ 7 * 7 }}” is with us."), "nothing in a value is read again: {text}");
    assert!(text.contains(&format!("http://desk.test/portal/requests/{}", made.ticket_number)), "{text}");

    assert_eq!(save(&desk, &admin, TemplateName::Received, 0, body).await, Err(Error::Conflict { current: 1 }));
    save(&desk, &admin, TemplateName::Received, 1, &body.replace("Dear", "Good day")).await.unwrap();
    commands::reset_template(&desk, &admin, TemplateName::Received).await.unwrap();
    ticket(&desk, &marta, "Another").await;
    assert!(newest(&desk).await.1.starts_with("Hello"), "ours");
}

#[tokio::test]
async fn a_template_that_could_make_no_mail_is_refused_where_it_is_written() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "root", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let received = TemplateName::Received;
    assert_eq!(save(&desk, &ana, received, 0, "{{ link }}").await, Err(Error::Forbidden));
    let refused = async |name, body: &str| wrong(save(&desk, &admin, name, 0, body).await, "body");
    assert!(refused(received, "one\ntwo {{ link }\n").await.contains("(line 2: two {{ link }"));
    assert!(
        refused(received, "{{ requester.shoe_size }} {{ link }}")
            .await
            .contains("undefined value (line 1: {{ requester.shoe_size }}")
    );
    assert!(refused(received, "We have it.").await.contains("{{ link }}"), "nobody could follow it");
    assert!(refused(TemplateName::Reply, "{{ link }}").await.contains("{{ text }}"));
    assert!(refused(TemplateName::Frame, "<p>Hello</p>").await.contains("{{ content }}"));
    refused(received, &"x".repeat(20_001)).await;
    refused(received, "").await;
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}{{ link }}";
    refused(received, endless).await;
    let long = "{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}{{ link }}";
    refused(received, long).await;
    assert!(queries::list_templates(&desk, &admin).await.unwrap().iter().all(|template| !template.is_own));
}

#[tokio::test]
async fn every_template_of_ours_can_be_saved_as_it_is() {
    let desk = desk().await;
    let admin = person(&desk, "root", "ADMIN").await;
    for ours in TEMPLATES {
        commands::save_template(&desk, &admin, ours.name, 0, ours.subject, ours.body).await.unwrap();
        let shown = queries::preview_template(&desk, &admin, ours.name, ours.subject, ours.body).await.unwrap();
        assert!(shown.html.contains("<html>"), "{:?}", ours.name);
    }
}

#[tokio::test]
async fn a_template_that_fails_all_the_same_costs_no_mail() {
    let desk = desk().await;
    let marta = person(&desk, "marta", "END_USER").await;
    sqlx::query("INSERT INTO mail_templates (name, subject, body) VALUES ('RECEIVED', '{{', '{% for %}')")
        .execute(&desk.db)
        .await
        .unwrap();
    let made = ticket(&desk, &marta, "A lamp").await;
    assert_eq!(newest(&desk).await.0, format!("[{}] A lamp", made.ticket_number));
}

#[tokio::test]
async fn an_answer_ends_with_its_writers_signature() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let made = ticket(&desk, &marta, "A lamp").await;
    set_signature(&desk, &ana, "Ana\nextension 42").await.unwrap();
    tickets::add_reply(&desk, &ana, made.id, PublicReply::parse("Done.").unwrap(), None, vec![]).await.unwrap();
    assert!(newest(&desk).await.1.starts_with("Done.\n\nAna\nextension 42\n\nhttp"), "{:?}", newest(&desk).await);
    set_signature(&desk, &ana, " ").await.unwrap();
    tickets::add_reply(&desk, &ana, made.id, PublicReply::parse("Again.").unwrap(), None, vec![]).await.unwrap();
    assert!(newest(&desk).await.1.starts_with("Again.\n\nhttp"), "{:?}", newest(&desk).await);
    let refused = set_signature(&desk, &ana, &"x".repeat(2001)).await;
    assert!(wrong(refused, "signature").contains("2000"));
    assert_eq!(set_signature(&desk, &marta, "M").await, Err(Error::Forbidden));
}
