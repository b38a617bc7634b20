use oxdesk::people::commands::{self, Registration, SignedIn};
use oxdesk::people::{NewToken, NewUser, queries};
use oxdesk::testing::{PASSWORD, desk, person, ticket};
use oxdesk::{Actor, Error, Permission};

fn stranger() -> Actor {
    Actor::anonymous(Some("192.0.2.7".into()))
}

/// The token in the last mail to an address.
async fn mailed_token(desk: &oxdesk::desk::Desk, to: &str) -> String {
    let body: String = sqlx::query_scalar("SELECT body FROM outbox WHERE recipient = $1 ORDER BY id DESC LIMIT 1")
        .bind(to)
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let link = body.split_whitespace().find(|word| word.starts_with("http://desk.test/")).unwrap();
    link.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_answer_is_the_same_for_a_wrong_password_and_an_unknown_account() {
    let desk = desk().await;
    person(&desk, "ana", "AGENT").await;
    assert!(commands::sign_in(&desk, &stranger(), "Ana@Example.com", PASSWORD).await.is_ok());
    let wrong = commands::sign_in(&desk, &stranger(), "ana@example.com", "wrong password").await.unwrap_err();
    let unknown = commands::sign_in(&desk, &stranger(), "nobody@example.com", PASSWORD).await.unwrap_err();
    let nonsense = commands::sign_in(&desk, &stranger(), "\0", &"x".repeat(10_000)).await.unwrap_err();
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, nonsense);
}

#[tokio::test]
async fn guessing_is_throttled_per_account() {
    let desk = desk().await;
    person(&desk, "ana", "AGENT").await;
    for _ in 0..10 {
        assert!(matches!(
            commands::sign_in(&desk, &stranger(), "ana@example.com", "wrong password").await,
            Err(Error::Invalid(_))
        ));
    }
    assert!(matches!(
        commands::sign_in(&desk, &stranger(), "ANA@example.com ", PASSWORD).await,
        Err(Error::RateLimited { .. })
    ));
}

#[tokio::test]
async fn an_office_behind_one_address_signs_in_on_monday_and_guesses_from_it_still_end() {
    let desk = desk().await;
    person(&desk, "ana", "AGENT").await;
    let guessed = |hits: i32| {
        let db = desk.db.clone();
        let sql = "INSERT INTO throttles (key, hits, window_ends) VALUES ('sign-in:address:192.0.2.7', $1, now() + interval '5 minutes')
                   ON CONFLICT (key) DO UPDATE SET hits = EXCLUDED.hits";
        async move { sqlx::query(sql).bind(hits).execute(&db).await.expect("counted") }
    };
    let office = Actor { address: Some("192.0.2.7".parse().expect("an address")), ..stranger() };
    guessed(99).await;
    for _ in 0..3 {
        commands::sign_in(&desk, &office, "ana@example.com", PASSWORD).await.expect("whoever knows it costs nothing");
    }
    commands::sign_in(&desk, &office, "ana@example.com", "wrong password").await.unwrap_err();
    let refused = commands::sign_in(&desk, &office, "ana@example.com", PASSWORD).await;
    assert!(matches!(refused, Err(Error::RateLimited { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_registered_person_confirms_the_address_and_finds_their_earlier_tickets() {
    let desk = desk().await;
    let agent = person(&desk, "ana", "AGENT").await;
    let new = oxdesk::tickets::rules::check_new_ticket(
        oxdesk::tickets::rules::TicketDraft {
            subject: "From the form".into(),
            description: "x".into(),
            requester_email: "new@example.com".into(),
            ..Default::default()
        },
        oxdesk::tickets::TicketSource::Form,
    )
    .unwrap();
    let earlier = oxdesk::tickets::commands::create_ticket(&desk, &agent, new, vec![]).await.unwrap();

    let form = Registration { name: "Nina New".into(), email: "new@example.com".into(), password: PASSWORD.into() };
    commands::register(&desk, &stranger(), form.clone()).await.unwrap();
    assert!(commands::sign_in(&desk, &stranger(), "new@example.com", PASSWORD).await.is_err(), "not confirmed yet");
    let token = mailed_token(&desk, "new@example.com").await;
    let user = commands::verify_email(&desk, &token).await.unwrap();
    assert!(commands::verify_email(&desk, &token).await.is_err(), "a token works once");
    assert_eq!(commands::sign_in(&desk, &stranger(), "new@example.com", PASSWORD).await, Ok(SignedIn::Whole(user)));
    let nina = oxdesk::testing::actor(&desk, user).await;
    assert!(oxdesk::tickets::queries::ticket(&desk, &nina, earlier.id).await.is_ok());

    commands::register(&desk, &stranger(), form).await.expect("the same answer for a known address");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE email = 'new@example.com'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn whoever_merely_registered_an_address_does_not_see_what_comes_from_it() {
    let desk = desk().await;
    let admin = person(&desk, "root", "ADMIN").await;
    oxdesk::settings::commands::set_setting(&desk, &admin, "auth.email_verification_enabled", "false").await.unwrap();
    let form = Registration { name: "Not Nina".into(), email: "nina@example.com".into(), password: PASSWORD.into() };
    commands::register(&desk, &stranger(), form).await.unwrap();
    let SignedIn::Whole(user) = commands::sign_in(&desk, &stranger(), "nina@example.com", PASSWORD).await.unwrap()
    else {
        panic!("she has no second factor")
    };
    let not_nina = oxdesk::testing::actor(&desk, user).await;

    let new = oxdesk::tickets::rules::check_new_ticket(
        oxdesk::tickets::rules::TicketDraft {
            subject: "In confidence".into(),
            description: "x".into(),
            requester_email: "nina@example.com".into(),
            ..Default::default()
        },
        oxdesk::tickets::TicketSource::Form,
    )
    .unwrap();
    let theirs = oxdesk::tickets::commands::create_ticket(&desk, &stranger(), new, vec![]).await.unwrap();
    let seen = oxdesk::tickets::queries::ticket(&desk, &not_nina, theirs.id).await;
    assert_eq!(seen.err(), Some(Error::NotFound));

    let own = ticket(&desk, &not_nina, "My own").await;
    assert!(oxdesk::tickets::queries::ticket(&desk, &not_nina, own.id).await.is_ok(), "what they sent signed in");
}

#[tokio::test]
async fn registration_can_be_switched_off() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    oxdesk::settings::commands::set_setting(&desk, &admin, "auth.registration_enabled", "false").await.unwrap();
    let form = Registration { name: "Nina".into(), email: "new@example.com".into(), password: PASSWORD.into() };
    assert_eq!(commands::register(&desk, &stranger(), form).await, Err(Error::Forbidden));
    let agent = person(&desk, "ana", "AGENT").await;
    assert_eq!(
        oxdesk::settings::commands::set_setting(&desk, &agent, "auth.registration_enabled", "true").await,
        Err(Error::Forbidden)
    );
    assert!(
        oxdesk::settings::commands::set_setting(&desk, &admin, "auth.registration_enabled", "perhaps").await.is_err()
    );
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_its_link_works_once() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    sqlx::query(
        "INSERT INTO sessions (id, user_id, data, expires_at) VALUES ('\\x01', $1, '{}', now() + interval '1 day')",
    )
    .bind(ana.user_id)
    .execute(&desk.db)
    .await
    .unwrap();
    commands::request_password_reset(&desk, &stranger(), "ana@example.com").await.unwrap();
    commands::request_password_reset(&desk, &stranger(), "nobody@example.com").await.expect("the same answer");
    let token = mailed_token(&desk, "ana@example.com").await;
    assert!(matches!(
        commands::reset_password(&desk, &stranger(), &token, "short".into()).await,
        Err(Error::Invalid(_))
    ));
    commands::reset_password(&desk, &stranger(), &token, "a whole new password".into()).await.unwrap();
    assert!(commands::reset_password(&desk, &stranger(), &token, "yet another password".into()).await.is_err());
    let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(&desk.db).await.unwrap();
    assert_eq!(sessions, 0);
    assert!(commands::sign_in(&desk, &stranger(), "ana@example.com", PASSWORD).await.is_err());
    assert!(commands::sign_in(&desk, &stranger(), "ana@example.com", "a whole new password").await.is_ok());
    let stored: Vec<String> = sqlx::query_scalar("SELECT body FROM outbox WHERE recipient = 'nobody@example.com'")
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert!(stored.is_empty());
}

#[tokio::test]
async fn a_token_is_stored_only_as_its_hash_and_ends_with_its_time_and_its_owner() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let token =
        commands::create_token(&desk, &ana, &NewToken { expires_in_days: Some(1), ..NewToken::named("script") })
            .await
            .unwrap();
    let stored: String = sqlx::query_scalar("SELECT t::text FROM api_tokens t").fetch_one(&desk.db).await.unwrap();
    assert!(!stored.contains(&token));
    assert_eq!(queries::actor_for_token(&desk, &token).await.unwrap().unwrap().user_id, ana.user_id);
    assert!(queries::actor_for_token(&desk, "oxd_wrong").await.unwrap().is_none());
    sqlx::query("UPDATE api_tokens SET expires_at = now() - interval '1 second'").execute(&desk.db).await.unwrap();
    assert!(queries::actor_for_token(&desk, &token).await.unwrap().is_none());
    let forever = commands::create_token(&desk, &ana, &NewToken::named("script")).await.unwrap();
    sqlx::query("UPDATE users SET active = false").execute(&desk.db).await.unwrap();
    assert!(queries::actor_for_token(&desk, &forever).await.unwrap().is_none());
}

#[tokio::test]
async fn only_those_who_manage_people_make_accounts_and_an_address_has_one() {
    let desk = desk().await;
    let (admin, agent) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let new = |email: &str, role: &str| NewUser {
        email: email.parse().unwrap(),
        name: "X".into(),
        role: role.into(),
        password: None,
    };
    assert_eq!(commands::add_user(&desk, &agent, new("x@example.com", "ADMIN")).await, Err(Error::Forbidden));
    assert!(
        matches!(commands::add_user(&desk, &admin, new("ANA@example.com", "AGENT")).await, Err(Error::Invalid(fields)) if fields.contains_key("email"))
    );
    assert!(
        matches!(commands::add_user(&desk, &admin, new("x@example.com", "KING")).await, Err(Error::Invalid(fields)) if fields.contains_key("role"))
    );
    let half: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE email = 'x@example.com'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(half, 0, "nothing half written");
}

#[tokio::test]
async fn a_custom_role_made_from_permission_strings_works() {
    let desk = desk().await;
    sqlx::query(
        "INSERT INTO roles (name, permissions) VALUES ('AUDITOR', ARRAY['ticket.read.all','nonsense.from.later'])",
    )
    .execute(&desk.db)
    .await
    .unwrap();
    let (auditor, marta) = (person(&desk, "olga", "AUDITOR").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    assert_eq!(auditor.permissions.iter().copied().collect::<Vec<_>>(), [Permission::TicketReadAll]);
    assert!(oxdesk::tickets::queries::ticket(&desk, &auditor, id).await.is_ok());
    let reply = oxdesk::tickets::PublicReply::parse("hello").unwrap();
    assert_eq!(
        oxdesk::tickets::commands::add_reply(&desk, &auditor, id, reply, None, vec![]).await,
        Err(Error::Forbidden)
    );
}
