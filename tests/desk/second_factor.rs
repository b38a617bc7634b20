//! A second factor: one-time codes, recovery codes, and roles that ask for one.

use oxdesk::desk::Desk;
use oxdesk::people::commands::{
    SignedIn, change_user, confirm_second_factor, enter_code, keep_recovery_codes, prepare_second_factor,
    remove_second_factor, renew_recovery_codes, reseal_second_factors, reset_second_factor, save_role, sign_in,
};
use oxdesk::people::queries::{account, actor_for_session, list_roles, second_factor};
use oxdesk::people::rules::second_factor::{code_at, key_bytes};
use oxdesk::people::{AccountForm, Preparation, RoleForm, SecondFactor, UserId, sessions};
use oxdesk::secret::SecretKey;
use oxdesk::testing::{PASSWORD, desk, person};
use oxdesk::{Actor, Error, Permission, Timestamp};
use std::collections::BTreeSet;

fn stranger() -> Actor {
    Actor::anonymous(Some("192.0.2.7".into()))
}

async fn prepared(desk: &Desk, actor: &Actor) -> Preparation {
    prepare_second_factor(desk, actor, PASSWORD).await.unwrap();
    match second_factor(desk, actor).await.unwrap() {
        SecondFactor::Preparing(preparation) => preparation,
        other => panic!("{other:?}"),
    }
}

/// The app's code so many half minutes from now.
fn code(preparation: &Preparation, steps: i64) -> String {
    code_at(&key_bytes(&preparation.key).unwrap(), Timestamp::now().plus_seconds(30 * steps)).unwrap()
}

async fn set_up(desk: &Desk, actor: &Actor) -> Preparation {
    let preparation = prepared(desk, actor).await;
    confirm_second_factor(desk, actor, &code(&preparation, 0)).await.unwrap();
    preparation
}

/// As if their last code had been of long ago.
async fn later(desk: &Desk) {
    sqlx::query("UPDATE second_factors SET last_step = 0").execute(&desk.db).await.unwrap();
}

async fn written(desk: &Desk, action: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM audit_logs WHERE action = $1")
        .bind(action)
        .fetch_one(&desk.db)
        .await
        .unwrap()
}

async fn sign_in_as(desk: &Desk, name: &str) -> oxdesk::Result<SignedIn> {
    sign_in(desk, &stranger(), &format!("{name}@example.com"), PASSWORD).await
}

#[tokio::test]
async fn a_code_is_asked_for_once_the_telephone_has_proved_that_it_has_the_secret() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let id = ana.user_id.unwrap();
    assert_eq!(second_factor(&desk, &ana).await, Ok(SecondFactor::Off));
    let refused = prepare_second_factor(&desk, &ana, "not my password").await.unwrap_err();
    assert!(matches!(refused, Error::Invalid(_)), "{refused:?}");
    assert_eq!(second_factor(&desk, &ana).await, Ok(SecondFactor::Off));

    let preparation = prepared(&desk, &ana).await;
    assert_eq!(preparation.recovery_codes.len(), 10);
    assert!(preparation.link.contains("Oxdesk:ana%40example.com?secret="), "{}", preparation.link);
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::Whole(id)), "not before it is proved");
    assert!(confirm_second_factor(&desk, &ana, "000000").await.is_err());
    assert!(confirm_second_factor(&desk, &ana, &preparation.recovery_codes[0]).await.is_err());
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::Whole(id)));

    confirm_second_factor(&desk, &ana, &code(&preparation, 0)).await.unwrap();
    let signed_in = written(&desk, "LOGIN").await;
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::WantsCode(id)));
    assert_eq!(written(&desk, "LOGIN").await, signed_in, "half is not in");
    assert!(enter_code(&desk, &stranger(), id, "000000").await.is_err());
    enter_code(&desk, &stranger(), id, &code(&preparation, 1)).await.unwrap();
    assert_eq!((written(&desk, "LOGIN").await, written(&desk, "LOGIN_FAILED").await), (signed_in + 1, 1));
    // The secret is not shown again, nor replaced by whoever finds the browser open.
    assert!(matches!(second_factor(&desk, &ana).await.unwrap(), SecondFactor::On { codes_left: 10, .. }));
    assert!(prepare_second_factor(&desk, &ana, PASSWORD).await.is_err());
    let kept: String = sqlx::query_scalar("SELECT secret FROM second_factors").fetch_one(&desk.db).await.unwrap();
    assert!(!kept.contains(&preparation.key));
}

#[tokio::test]
async fn every_code_is_good_once_and_of_its_own_person() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let (ana_has, ben_has) = (set_up(&desk, &ana).await, set_up(&desk, &ben).await);
    let id = ana.user_id.unwrap();
    let next = code(&ana_has, 1);
    assert!(enter_code(&desk, &stranger(), id, &code(&ben_has, 1)).await.is_err());
    assert!(enter_code(&desk, &stranger(), id, &ben_has.recovery_codes[0]).await.is_err());
    enter_code(&desk, &stranger(), id, &next).await.unwrap();
    assert!(enter_code(&desk, &stranger(), id, &next).await.is_err(), "seen over a shoulder");
    assert!(enter_code(&desk, &stranger(), id, &code(&ana_has, 0)).await.is_err(), "an older one");

    let recovery = ana_has.recovery_codes[3].to_lowercase().replace('-', " ");
    enter_code(&desk, &stranger(), id, &recovery).await.unwrap();
    assert!(enter_code(&desk, &stranger(), id, &recovery).await.is_err());
    assert!(matches!(second_factor(&desk, &ana).await.unwrap(), SecondFactor::On { codes_left: 9, .. }));
    assert_eq!(written(&desk, "RECOVERY_CODE_USED").await, 1);
}

#[tokio::test]
async fn two_at_once_with_the_same_code_are_one() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let preparation = set_up(&desk, &ana).await;
    for typed in [code(&preparation, 1), preparation.recovery_codes[0].clone()] {
        let (me, id) = (stranger(), ana.user_id.unwrap());
        let tries = futures_util::future::join_all((0..4).map(|_| enter_code(&desk, &me, id, &typed))).await;
        assert_eq!(tries.iter().filter(|tried| tried.is_ok()).count(), 1, "{tries:?}");
        assert!(tries.iter().all(|tried| matches!(tried, Ok(()) | Err(Error::Invalid(_)))), "{tries:?}");
    }
}

#[tokio::test]
async fn guessing_codes_ends_and_does_not_begin_anew_with_the_password() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let preparation = set_up(&desk, &ana).await;
    let id = ana.user_id.unwrap();
    for _ in 0..10 {
        assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::WantsCode(id)));
        assert!(matches!(enter_code(&desk, &stranger(), id, "000000").await, Err(Error::Invalid(_))));
    }
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::WantsCode(id)));
    let right = enter_code(&desk, &stranger(), id, &code(&preparation, 1)).await;
    assert!(matches!(right, Err(Error::RateLimited { .. })), "{right:?}");
}

#[tokio::test]
async fn whoever_was_switched_off_between_the_steps_is_not_let_in() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let preparation = set_up(&desk, &ana).await;
    let id = ana.user_id.unwrap();
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::WantsCode(id)));
    oxdesk::people::commands::switch_user(&desk, &admin, id, false).await.unwrap();
    assert_eq!(enter_code(&desk, &stranger(), id, &code(&preparation, 1)).await, Err(Error::Unauthenticated));
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old_ones_once_they_are_kept() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let preparation = set_up(&desk, &ana).await;
    let id = ana.user_id.unwrap();
    assert_eq!(keep_recovery_codes(&desk, &ana).await, Err(Error::NotFound), "none were made");
    assert!(renew_recovery_codes(&desk, &ana, "000000").await.is_err());
    renew_recovery_codes(&desk, &ana, &code(&preparation, 1)).await.unwrap();
    let SecondFactor::On { new_codes, .. } = second_factor(&desk, &ana).await.unwrap() else { panic!() };
    assert_eq!(new_codes.len(), 10);
    enter_code(&desk, &stranger(), id, &preparation.recovery_codes[0]).await.unwrap();
    assert!(enter_code(&desk, &stranger(), id, &new_codes[0]).await.is_err());
    keep_recovery_codes(&desk, &ana).await.unwrap();
    assert!(enter_code(&desk, &stranger(), id, &preparation.recovery_codes[1]).await.is_err());
    enter_code(&desk, &stranger(), id, &new_codes[0]).await.unwrap();
    let SecondFactor::On { new_codes, codes_left, .. } = second_factor(&desk, &ana).await.unwrap() else { panic!() };
    assert_eq!((new_codes.len(), codes_left), (0, 9), "they are not shown again");
}

#[tokio::test]
async fn it_is_turned_off_with_a_code_or_by_whoever_may_do_as_much_as_its_owner() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let preparation = set_up(&desk, &ana).await;
    let id = ana.user_id.unwrap();
    assert!(remove_second_factor(&desk, &ana, "000000").await.is_err());
    remove_second_factor(&desk, &ana, &code(&preparation, 1)).await.unwrap();
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::Whole(id)));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM recovery_codes").fetch_one(&desk.db).await.unwrap();
    assert_eq!(left, 0);

    set_up(&desk, &ana).await;
    set_up(&desk, &admin).await;
    assert_eq!(reset_second_factor(&desk, &ana, admin.user_id.unwrap()).await, Err(Error::Forbidden));
    let clerk = RoleForm {
        name: "CLERK".into(),
        permissions: [Permission::UserManage, Permission::UserRead].into(),
        ..Default::default()
    };
    save_role(&desk, &Actor::system("test"), None, &clerk).await.unwrap();
    let clerk = person(&desk, "clerk", "CLERK").await;
    assert!(matches!(reset_second_factor(&desk, &clerk, admin.user_id.unwrap()).await, Err(Error::Invalid(_))));
    assert!(matches!(reset_second_factor(&desk, &admin, admin.user_id.unwrap()).await, Err(Error::Invalid(_))));
    assert!(account(&desk, &admin, id).await.unwrap().second_factor_since.is_some());
    reset_second_factor(&desk, &admin, id).await.unwrap();
    assert_eq!(reset_second_factor(&desk, &admin, id).await, Err(Error::NotFound));
    assert_eq!(sign_in_as(&desk, "ana").await, Ok(SignedIn::Whole(id)));
    assert_eq!(written(&desk, "DELETE").await, 2);
}

#[tokio::test]
async fn a_new_key_of_the_installation_opens_what_the_old_one_sealed() {
    let mut desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let preparation = set_up(&desk, &ana).await;
    let old = std::mem::replace(&mut desk.secret, SecretKey::generate());
    assert_eq!(
        enter_code(&desk, &stranger(), ana.user_id.unwrap(), &code(&preparation, 1)).await,
        Err(Error::Internal)
    );
    // Whoever lost the key is let in by what needs none.
    enter_code(&desk, &stranger(), ana.user_id.unwrap(), &preparation.recovery_codes[0]).await.unwrap();
    assert_eq!(reseal_second_factors(&desk, &Actor::system("test"), &old).await, Ok((1, 0)));
    enter_code(&desk, &stranger(), ana.user_id.unwrap(), &code(&preparation, 1)).await.unwrap();
    assert_eq!(reseal_second_factors(&desk, &ana, &old).await, Err(Error::Forbidden));
}

async fn role(desk: &Desk, admin: &Actor, name: &str, days: Option<i16>) -> oxdesk::Result<()> {
    let role = list_roles(desk, admin).await.unwrap().into_iter().find(|role| role.name == name).unwrap();
    let form = RoleForm {
        description: role.description,
        permissions: role.permissions,
        second_factor_days: days,
        ..Default::default()
    };
    save_role(desk, admin, Some((role.id, role.version)), &form).await.map(|_| ())
}

async fn browser(desk: &Desk, user: UserId) -> Actor {
    let session =
        sessions::StoredSession { data: serde_json::json!({}), expires_at: Timestamp::now().plus_seconds(3600) };
    sessions::save(&desk.db, &[9], Some(user), None, None, &session).await.unwrap();
    actor_for_session(desk, &[9]).await.unwrap().unwrap()
}

/// As if everything had been said and given so many days ago.
async fn days_pass(desk: &Desk, days: i32) {
    for sql in [
        "UPDATE roles SET second_factor_since = second_factor_since - make_interval(days => $1)",
        "UPDATE user_roles SET created_at = created_at - make_interval(days => $1)",
    ] {
        sqlx::query(sql).bind(days).execute(&desk.db).await.unwrap();
    }
}

#[tokio::test]
async fn a_role_gives_its_people_days_to_set_one_up_and_then_nothing_else_is_theirs() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let id = ana.user_id.unwrap();
    assert!(role(&desk, &admin, "AGENT", Some(-1)).await.is_err());
    assert!(role(&desk, &admin, "AGENT", Some(366)).await.is_err());
    assert_eq!(browser(&desk, id).await.second_factor_due, None);
    role(&desk, &admin, "AGENT", Some(14)).await.unwrap();
    let warned = browser(&desk, id).await;
    let left = Timestamp::now().seconds_until(warned.second_factor_due.unwrap());
    assert!((14 * 86_400 - 60..=14 * 86_400).contains(&left), "{left}");
    assert!(!warned.owes_second_factor() && warned.can(Permission::TicketReply));
    assert!(account(&desk, &admin, id).await.unwrap().second_factor_due.is_some());

    days_pass(&desk, 10).await;
    // Saying it once more does not give more time; nor does saving the account.
    role(&desk, &admin, "AGENT", Some(14)).await.unwrap();
    let form = AccountForm {
        version: account(&desk, &admin, id).await.unwrap().user.version,
        email: "ana@example.com".into(),
        time_zone: "UTC".into(),
        roles: BTreeSet::from(["AGENT".to_owned()]),
        ..Default::default()
    };
    change_user(&desk, &admin, id, &form).await.unwrap();
    assert!(!browser(&desk, id).await.owes_second_factor());
    days_pass(&desk, 4).await;
    let late = browser(&desk, id).await;
    assert!(late.owes_second_factor() && late.permissions.is_empty() && late.queues.is_empty());
    // Whoever is given the role today has their days.
    let ben = person(&desk, "ben", "AGENT").await;
    assert!(!browser(&desk, ben.user_id.unwrap()).await.owes_second_factor());

    let late = browser(&desk, id).await;
    let preparation = set_up(&desk, &late).await;
    let fine = browser(&desk, id).await;
    assert!(fine.second_factor_due.is_none() && fine.can(Permission::TicketReply));
    later(&desk).await;
    remove_second_factor(&desk, &fine, &code(&preparation, 0)).await.unwrap();
    assert!(browser(&desk, id).await.owes_second_factor());
    role(&desk, &admin, "AGENT", None).await.unwrap();
    assert!(browser(&desk, id).await.can(Permission::TicketReply));
}

#[tokio::test]
async fn nobody_says_of_a_role_beyond_their_own_that_it_needs_no_second_factor() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    role(&desk, &admin, "ADMIN", Some(7)).await.unwrap();
    let clerk = RoleForm { name: "CLERK".into(), permissions: [Permission::RoleManage].into(), ..Default::default() };
    save_role(&desk, &Actor::system("test"), None, &clerk).await.unwrap();
    let clerk = person(&desk, "clerk", "CLERK").await;
    assert!(matches!(role(&desk, &clerk, "ADMIN", None).await, Err(Error::Invalid(_))));
    let said: serde_json::Value =
        sqlx::query_scalar("SELECT changes FROM audit_logs WHERE entity_type = 'ROLE' AND action = 'UPDATE'")
            .fetch_one(&desk.db)
            .await
            .unwrap();
    assert_eq!(
        (&said["before"]["second_factor_days"], &said["after"]["second_factor_days"]),
        (&serde_json::Value::Null, &7.into())
    );
}
