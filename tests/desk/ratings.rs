//! How it went, who else is there, and whether colleagues see a request.

use oxdesk::people::UserId;
use oxdesk::presence::commands as presence;
use oxdesk::ratings::{Score, commands as ratings, queries as rating_queries};
use oxdesk::testing::{actor, desk, person, run_jobs, ticket};
use oxdesk::tickets::{TicketId, TicketPatch, TicketStatus, commands, guest, queries};
use oxdesk::{Actor, Error, Timestamp, desk::Desk};

fn score(number: i16) -> Score {
    Score::new(number).unwrap()
}

async fn close(desk: &Desk, agent: &Actor, id: TicketId) {
    let version = queries::ticket(desk, agent, id).await.unwrap().version;
    let patch = TicketPatch {
        status: Some(TicketStatus::Closed),
        resolution_note: Some("A new cable.".into()),
        ..TicketPatch::default()
    };
    commands::update_ticket(desk, agent, id, version, patch).await.unwrap();
}

async fn mails(desk: &Desk, subject: &str) -> Vec<String> {
    let admin = Actor::system("test");
    let all = oxdesk::mail::outbox::list_outbox(desk, &admin, None, 100).await.unwrap();
    all.into_iter().filter(|mail| mail.subject.contains(subject)).map(|mail| mail.body).collect()
}

#[tokio::test]
async fn whoever_asked_is_asked_once_how_it_went() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let made = ticket(&desk, &marta, "A lamp").await;
    close(&desk, &ana, made.id).await;
    run_jobs(&desk).await;
    assert_eq!(mails(&desk, "How did we do?").await.len(), 1);
    let version = queries::ticket(&desk, &ana, made.id).await.unwrap().version;
    let reopen = TicketPatch { status: Some(TicketStatus::InProgress), ..TicketPatch::default() };
    commands::update_ticket(&desk, &ana, made.id, version, reopen).await.unwrap();
    close(&desk, &ana, made.id).await;
    run_jobs(&desk).await;
    let asked = mails(&desk, "How did we do?").await;
    assert_eq!(asked.len(), 1, "closed twice, asked once");
    assert!(asked[0].contains(&format!("/portal/requests/{}#rate", made.ticket_number)), "{}", asked[0]);
}

#[tokio::test]
async fn nobody_is_asked_when_the_setting_says_so() {
    let desk = desk().await;
    let (ada, marta) = (person(&desk, "ada", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    oxdesk::settings::commands::set_setting(&desk, &ada, "csat.enabled", "false").await.unwrap();
    let made = ticket(&desk, &marta, "A lamp").await;
    close(&desk, &ada, made.id).await;
    run_jobs(&desk).await;
    assert_eq!(mails(&desk, "How did we do?").await.len(), 0);
}

#[tokio::test]
async fn a_rating_is_its_requesters_and_can_be_changed() {
    let desk = desk().await;
    let (ana, mona) = (person(&desk, "ana", "AGENT").await, person(&desk, "mona", "IT_MANAGER").await);
    let (marta, uli) = (person(&desk, "marta", "END_USER").await, person(&desk, "uli", "END_USER").await);
    let made = ticket(&desk, &marta, "A lamp").await;
    let early = ratings::rate_ticket(&desk, &marta, made.id, score(5), None).await;
    assert!(matches!(early, Err(Error::Invalid(_))), "not while it is open: {early:?}");
    close(&desk, &ana, made.id).await;
    run_jobs(&desk).await;
    assert_eq!(ratings::rate_ticket(&desk, &ana, made.id, score(5), None).await, Err(Error::Forbidden));
    assert_eq!(ratings::rate_ticket(&desk, &uli, made.id, score(5), None).await, Err(Error::NotFound));
    let nobody = Actor::anonymous(None);
    assert_eq!(ratings::rate_ticket(&desk, &nobody, made.id, score(5), None).await, Err(Error::Unauthenticated));
    ratings::rate_ticket(&desk, &marta, made.id, score(2), Some("It took long.")).await.unwrap();
    ratings::rate_ticket(&desk, &marta, made.id, score(4), Some("It works now.")).await.unwrap();
    let rating = queries::ticket_page(&desk, &ana, made.id).await.unwrap().rating.unwrap();
    assert_eq!((rating.score, rating.comment.as_deref()), (score(4), Some("It works now.")));

    let today = Timestamp::now().to_string()[..10].to_owned();
    let report = rating_queries::satisfaction(&desk, &mona, &today, &today).await.unwrap();
    assert_eq!((report.asked, report.rated, report.percent()), (1, 1, Some(100)));
    assert_eq!(report.comments[0].ticket_number, made.ticket_number);
    assert_eq!(rating_queries::satisfaction(&desk, &ana, &today, &today).await, Err(Error::Forbidden));
    assert!(Score::new(0).is_err() && Score::new(6).is_err());
}

#[tokio::test]
async fn a_guest_rates_through_their_link() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let draft = oxdesk::tickets::rules::TicketDraft {
        subject: "A lamp".into(),
        description: "It is dark.".into(),
        requester_email: "stranger@example.com".into(),
        ..Default::default()
    };
    let new = oxdesk::tickets::rules::check_new_ticket(draft, oxdesk::tickets::TicketSource::Form).unwrap();
    let made = commands::create_ticket(&desk, &Actor::anonymous(None), new, vec![]).await.unwrap();
    close(&desk, &ana, made.id).await;
    run_jobs(&desk).await;
    let body = mails(&desk, "How did we do?").await.remove(0);
    let token = body.split("/portal/link/").nth(1).unwrap().split("#rate").next().unwrap();
    let guest::Opened::Ticket { guest, .. } = guest::open_link(&desk, token).await.unwrap() else { panic!("expired") };
    ratings::rate_ticket(&desk, &guest, made.id, score(5), None).await.unwrap();
    let page = queries::ticket_page(&desk, &guest, made.id).await.unwrap();
    assert_eq!(page.rating.unwrap().score, score(5));
}

#[tokio::test]
async fn colleagues_see_each_other_at_a_ticket_and_requesters_see_nobody() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let made = ticket(&desk, &marta, "A lamp").await;
    assert_eq!(presence::be_present(&desk, &ana, made.id, false).await.unwrap(), []);
    let seen = presence::be_present(&desk, &ben, made.id, true).await.unwrap();
    assert_eq!(seen.iter().map(|one| (one.name.as_str(), one.is_writing)).collect::<Vec<_>>(), [("ana", false)]);
    let seen = presence::be_present(&desk, &ana, made.id, false).await.unwrap();
    assert_eq!((seen[0].name.as_str(), seen[0].is_writing), ("ben", true));
    presence::leave(&desk, &ben, made.id).await.unwrap();
    assert_eq!(presence::be_present(&desk, &ana, made.id, false).await.unwrap(), []);
    assert_eq!(presence::be_present(&desk, &marta, made.id, true).await, Err(Error::Forbidden));
    assert_eq!(presence::be_present(&desk, &ana, TicketId::new(), true).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_requester_decides_whether_colleagues_see_a_request() {
    let desk = desk().await;
    let organisation: uuid::Uuid =
        sqlx::query_scalar("INSERT INTO organisations (name, shares_tickets) VALUES ('Acme', true) RETURNING id")
            .fetch_one(&desk.db)
            .await
            .unwrap();
    let mut people = Vec::new();
    for name in ["marta", "uli"] {
        let id: UserId = person(&desk, name, "END_USER").await.user_id.unwrap();
        sqlx::query("UPDATE users SET organisation_id = $2 WHERE id = $1")
            .bind(id)
            .bind(organisation)
            .execute(&desk.db)
            .await
            .unwrap();
        people.push(actor(&desk, id).await);
    }
    let (marta, uli) = (&people[0], &people[1]);
    let made = ticket(&desk, marta, "My salary slip").await;
    assert!(queries::ticket(&desk, uli, made.id).await.is_ok());
    let sharing = queries::ticket_page(&desk, marta, made.id).await.unwrap().sharing.unwrap();
    assert_eq!((sharing.organisation.as_str(), sharing.is_shared), ("Acme", true));
    assert_eq!(commands::share_with_organisation(&desk, uli, made.id, false).await, Err(Error::Forbidden));
    commands::share_with_organisation(&desk, marta, made.id, false).await.unwrap();
    assert_eq!(queries::ticket(&desk, uli, made.id).await, Err(Error::NotFound));
    assert!(!queries::ticket_page(&desk, marta, made.id).await.unwrap().sharing.unwrap().is_shared);
    commands::share_with_organisation(&desk, marta, made.id, true).await.unwrap();
    assert!(queries::ticket(&desk, uli, made.id).await.is_ok());
}
