//! Accounts and roles as administrators arrange them: nobody gives more than they have, and somebody can let others in.

use oxdesk::people::commands::{
    SignedIn, change_user, delete_role, invite_user, mail_password_link, reset_password, save_role, sign_in,
    switch_user,
};
use oxdesk::people::queries::{account, list_roles, list_users, user};
use oxdesk::people::{AccountForm, NewUser, Role, RoleForm, User, UserFilter, UserId};
use oxdesk::testing::{PASSWORD, actor, desk, person};
use oxdesk::{Actor, Error, Permission, desk::Desk};
use std::collections::BTreeSet;

fn as_it_is(user: &User) -> AccountForm {
    AccountForm {
        version: user.version,
        email: user.email.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        phone: user.phone.clone(),
        time_zone: user.time_zone.clone(),
        roles: user.roles.iter().cloned().collect(),
        organisation_id: None,
    }
}

fn with_roles(user: &User, roles: &[&str]) -> AccountForm {
    AccountForm { roles: roles.iter().map(|role| (*role).to_owned()).collect(), ..as_it_is(user) }
}

async fn role(desk: &Desk, actor: &Actor, name: &str) -> Role {
    list_roles(desk, actor).await.unwrap().into_iter().find(|role| role.name == name).unwrap()
}

/// Someone with a role that is made of these permissions.
async fn someone_who(desk: &Desk, name: &str, permissions: &[Permission]) -> Actor {
    let form = RoleForm {
        name: name.to_uppercase(),
        permissions: permissions.iter().copied().collect(),
        ..Default::default()
    };
    save_role(desk, &Actor::system("test"), None, &form).await.unwrap();
    person(desk, name, &name.to_uppercase()).await
}

fn told<T: std::fmt::Debug>(result: Result<T, Error>, field: &str) -> String {
    match result {
        Err(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

async fn counted(desk: &Desk, sql: &'static str, user: UserId) -> i64 {
    sqlx::query_scalar(sql).bind(user.0).fetch_one(&desk.db).await.unwrap()
}

#[tokio::test]
async fn administrators_may_do_everything_that_there_is() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    assert_eq!(admin.permissions, Permission::ALL.iter().copied().collect());
    let ours = role(&desk, &admin, "ADMIN").await;
    let less = RoleForm { permissions: BTreeSet::from([Permission::UserManage]), ..RoleForm::default() };
    let said = told(save_role(&desk, &admin, Some((ours.id, ours.version)), &less).await, "permissions");
    assert!(said.contains("everything"), "{said}");
}

#[tokio::test]
async fn an_account_switched_off_is_signed_out_everywhere_at_once_and_its_tokens_end() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let id = ana.user_id.unwrap();
    let token =
        oxdesk::people::commands::create_token(&desk, &ana, &oxdesk::people::NewToken::named("script")).await.unwrap();
    sqlx::query(
        "INSERT INTO sessions (id, user_id, data, expires_at) VALUES ('\\x01', $1, '{}', now() + interval '1 day')",
    )
    .bind(id.0)
    .execute(&desk.db)
    .await
    .unwrap();
    assert!(oxdesk::people::queries::actor_for_session(&desk, &[1]).await.unwrap().is_some());
    switch_user(&desk, &admin, id, false).await.unwrap();
    assert_eq!(oxdesk::people::queries::actor_for_session(&desk, &[1]).await.unwrap(), None);
    assert_eq!(oxdesk::people::queries::actor_for_token(&desk, &token).await.unwrap(), None);
    assert!(sign_in(&desk, &Actor::anonymous(None), "ana@example.com", PASSWORD).await.is_err());
    assert!(told(mail_password_link(&desk, &admin, id).await, "id").contains("off"));

    switch_user(&desk, &admin, id, true).await.unwrap();
    assert_eq!(sign_in(&desk, &Actor::anonymous(None), "ana@example.com", PASSWORD).await, Ok(SignedIn::Whole(id)));
    assert_eq!(oxdesk::people::queries::actor_for_token(&desk, &token).await.unwrap(), None, "it does not come back");
    assert_eq!(oxdesk::people::queries::actor_for_session(&desk, &[1]).await.unwrap(), None);
    assert!(told(switch_user(&desk, &admin, admin.user_id.unwrap(), false).await, "active").contains("your own"));
    let written =
        "SELECT count(*) FROM audit_logs WHERE entity_id = $1::text AND action = 'UPDATE' AND changes ? 'before'";
    assert_eq!(counted(&desk, written, id).await, 2);
}

#[tokio::test]
async fn the_last_who_can_let_others_in_stays_also_when_two_go_at_once() {
    let desk = desk().await;
    let (ada, abe) = (person(&desk, "ada", "ADMIN").await, person(&desk, "abe", "ADMIN").await);
    let (one, two) = (ada.user_id.unwrap(), abe.user_id.unwrap());
    let (first, second) = tokio::join!(switch_user(&desk, &ada, two, false), switch_user(&desk, &abe, one, false));
    assert_eq!([&first, &second].iter().filter(|done| done.is_ok()).count(), 1, "{first:?} {second:?}");
    let left = if first.is_ok() { &ada } else { &abe };
    let me = user(&desk, left, left.user_id.unwrap()).await.unwrap();
    let said = told(change_user(&desk, left, me.id, &with_roles(&me, &["AGENT"])).await, "roles");
    assert!(said.contains("nobody could manage"), "{said}");
    assert_eq!(user(&desk, left, me.id).await.unwrap(), me, "nothing half written");
    // A role of one's own that may do the same is as good.
    let form = RoleForm {
        name: "OWNER".into(),
        permissions: Permission::ALL.iter().copied().collect(),
        ..RoleForm::default()
    };
    save_role(&desk, left, None, &form).await.unwrap();
    change_user(&desk, left, me.id, &with_roles(&me, &["OWNER"])).await.unwrap();
    let owner = role(&desk, left, "OWNER").await;
    let less = RoleForm { permissions: BTreeSet::from([Permission::UserManage]), ..RoleForm::default() };
    let said = told(save_role(&desk, left, Some((owner.id, owner.version)), &less).await, "permissions");
    assert!(said.contains("nobody could manage"), "{said}");
}

#[tokio::test]
async fn nobody_gives_or_takes_away_more_than_they_may_do_themselves() {
    let desk = desk().await;
    use Permission::*;
    let admin = person(&desk, "ada", "ADMIN").await;
    let hana = someone_who(&desk, "hana", &[UserRead, UserManage, TicketCreate, TicketReadOwn, TicketReplyOwn]).await;
    let rolf = someone_who(&desk, "rolf", &[RoleManage, ReportRead]).await;
    let rita = person(&desk, "rita", "REQUESTER").await;
    let new = |email: &str, role: &str| NewUser {
        email: email.parse().unwrap(),
        name: "Nina New".into(),
        role: role.into(),
        password: None,
    };
    assert!(told(invite_user(&desk, &hana, new("n@example.com", "ADMIN")).await, "role").contains("audit.read"));
    invite_user(&desk, &hana, new("n@example.com", "REQUESTER")).await.unwrap();
    let ada = user(&desk, &hana, admin.user_id.unwrap()).await.unwrap();
    assert!(
        told(change_user(&desk, &hana, ada.id, &with_roles(&ada, &["REQUESTER"])).await, "roles").contains("beyond")
    );
    assert!(told(switch_user(&desk, &hana, ada.id, false).await, "active").contains("beyond"));
    assert!(told(mail_password_link(&desk, &hana, ada.id).await, "id").contains("beyond"), "nor their password");
    let them = user(&desk, &hana, rita.user_id.unwrap()).await.unwrap();
    assert!(told(change_user(&desk, &hana, them.id, &with_roles(&them, &["ADMIN"])).await, "roles").contains("beyond"));

    let form = |permissions: &[Permission]| RoleForm {
        name: "READER".into(),
        permissions: permissions.iter().copied().collect(),
        ..Default::default()
    };
    assert!(told(save_role(&desk, &rolf, None, &form(&[AuditRead])).await, "permissions").contains("audit.read"));
    let reader = save_role(&desk, &rolf, None, &form(&[ReportRead])).await.unwrap();
    save_role(&desk, &admin, Some((reader, 1)), &form(&[ReportRead, AuditRead])).await.unwrap();
    assert_eq!(save_role(&desk, &rolf, Some((reader, 1)), &form(&[])).await, Err(Error::Conflict { current: 2 }));
    assert!(told(save_role(&desk, &rolf, Some((reader, 2)), &form(&[])).await, "permissions").contains("audit.read"));
    // What stays as it was is nobody's gift.
    save_role(&desk, &rolf, Some((reader, 2)), &form(&[AuditRead])).await.unwrap();
    assert_eq!(save_role(&desk, &hana, None, &form(&[])).await, Err(Error::Forbidden));
    assert_eq!(switch_user(&desk, &rolf, them.id, false).await, Err(Error::Forbidden));
}

#[tokio::test]
async fn a_role_that_someone_has_is_not_deleted_and_every_desk_keeps_its_own() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let rolf = someone_who(&desk, "rolf", &[Permission::ReportRead]).await;
    let ours = role(&desk, &admin, "ROLF").await;
    assert!(told(delete_role(&desk, &admin, ours.id).await, "id").contains("Someone has this role"));
    let them = user(&desk, &admin, rolf.user_id.unwrap()).await.unwrap();
    change_user(&desk, &admin, them.id, &with_roles(&them, &["AGENT"])).await.unwrap();
    delete_role(&desk, &admin, ours.id).await.unwrap();
    assert_eq!(delete_role(&desk, &admin, ours.id).await, Err(Error::NotFound));
    let agents = role(&desk, &admin, "AGENT").await;
    assert!(told(delete_role(&desk, &admin, agents.id).await, "id").contains("Every desk"));
    let taken = RoleForm { name: "AGENT".into(), ..RoleForm::default() };
    assert!(told(save_role(&desk, &admin, None, &taken).await, "name").contains("taken"));
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_by_the_link_in_their_mail_and_a_new_address_ends_it() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let new = NewUser {
        email: "nina@example.com".parse().unwrap(),
        name: "Nina New".into(),
        role: "AGENT".into(),
        password: None,
    };
    let nina = invite_user(&desk, &admin, new).await.unwrap();
    let link = async || -> String {
        let body: String = sqlx::query_scalar("SELECT body FROM outbox ORDER BY created_at DESC, id DESC LIMIT 1")
            .fetch_one(&desk.db)
            .await
            .unwrap();
        assert!(body.contains("Hello Nina New,") && body.contains("ada"), "{body}");
        body.split("/reset/").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    };
    let first = link().await;
    let shown = account(&desk, &admin, nina).await.unwrap();
    assert!(!shown.has_password && shown.link_until.is_some());
    mail_password_link(&desk, &admin, nina).await.unwrap();
    let second = link().await;
    let stranger = Actor::anonymous(None);
    assert!(
        told(reset_password(&desk, &stranger, &first, "a sentence of mine".into()).await, "token").contains("used")
    );
    reset_password(&desk, &stranger, &second, "a sentence of mine".into()).await.unwrap();
    assert_eq!(sign_in(&desk, &stranger, "nina@example.com", "a sentence of mine").await, Ok(SignedIn::Whole(nina)));

    mail_password_link(&desk, &admin, nina).await.unwrap();
    let third = link().await;
    let them = user(&desk, &admin, nina).await.unwrap();
    let moved = AccountForm { email: "nina@else.example".into(), ..as_it_is(&them) };
    change_user(&desk, &admin, nina, &moved).await.unwrap();
    assert!(
        reset_password(&desk, &stranger, &third, "a sentence of theirs".into()).await.is_err(),
        "it went to the old one"
    );
    assert_eq!(change_user(&desk, &admin, nina, &moved).await, Err(Error::Conflict { current: them.version + 1 }));
}

#[tokio::test]
async fn what_is_wrong_with_an_account_is_said_at_its_fields_all_at_once() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let them = user(&desk, &admin, ana.user_id.unwrap()).await.unwrap();
    let wrong = AccountForm {
        email: "nobody".into(),
        first_name: Some("x".repeat(101)),
        time_zone: "Mars/Olympus".into(),
        roles: BTreeSet::new(),
        ..as_it_is(&them)
    };
    let Err(Error::Invalid(fields)) = change_user(&desk, &admin, them.id, &wrong).await else { panic!("accepted") };
    assert_eq!(fields.keys().map(String::as_str).collect::<Vec<_>>(), ["email", "first_name", "roles", "time_zone"]);
    assert!(
        told(change_user(&desk, &admin, them.id, &with_roles(&them, &["KING"])).await, "roles").contains("no such")
    );
    let taken = AccountForm { email: "ADA@example.com".into(), ..as_it_is(&them) };
    assert!(told(change_user(&desk, &admin, them.id, &taken).await, "email").contains("already"));
    assert_eq!(user(&desk, &admin, them.id).await.unwrap(), them, "nothing half written");
}

#[tokio::test]
async fn people_are_found_by_the_beginnings_of_their_names_by_role_and_whether_they_are_on() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    for (name, role) in [("Ana Ruiz", "AGENT"), ("Bo Ruizelaar", "AGENT"), ("Cy O'Neill", "REQUESTER")] {
        let email = format!("{}@else.example", name.to_lowercase().replace([' ', '\''], "."));
        let new = NewUser { email: email.parse().unwrap(), name: name.into(), role: role.into(), password: None };
        oxdesk::people::commands::add_user(&desk, &admin, new).await.unwrap();
    }
    let found = async |filter: UserFilter| -> Vec<String> {
        let filter = UserFilter { by_name: true, ..filter };
        let people = list_users(&desk, &admin, &filter, None, 10).await.unwrap();
        people.iter().map(User::name).collect()
    };
    let words = |words: &str| UserFilter { words: words.into(), ..UserFilter::default() };
    assert_eq!(found(words("rui")).await, ["Ana Ruiz", "Bo Ruizelaar"]);
    assert_eq!(found(words("RUIZ an")).await, ["Ana Ruiz"]);
    assert_eq!(found(words("cy.o'neill@else")).await, ["Cy O'Neill"]);
    assert_eq!(found(words("':*&|!")).await, [""; 0]);
    assert_eq!(found(UserFilter { role: Some("REQUESTER".into()), ..UserFilter::default() }).await, ["Cy O'Neill"]);
    let everyone = found(UserFilter::default()).await;
    assert_eq!(everyone, ["ada", "Ana Ruiz", "Bo Ruizelaar", "Cy O'Neill"]);

    let bo = list_users(&desk, &admin, &words("ruizelaar"), None, 10).await.unwrap().remove(0);
    switch_user(&desk, &admin, bo.id, false).await.unwrap();
    assert_eq!(found(UserFilter { active: Some(false), ..UserFilter::default() }).await, ["Bo Ruizelaar"]);
    let by_name = UserFilter { by_name: true, ..UserFilter::default() };
    let rest = list_users(&desk, &admin, &by_name, Some(bo.id), 10).await.unwrap();
    assert_eq!(rest.iter().map(User::name).collect::<Vec<_>>(), ["Cy O'Neill"]);
    let agent = actor(&desk, everyone_named(&desk, &admin, "ana").await).await;
    assert_eq!(account(&desk, &agent, bo.id).await, Err(Error::Forbidden));
    assert_eq!(list_roles(&desk, &agent).await, Err(Error::Forbidden));
}

async fn everyone_named(desk: &Desk, admin: &Actor, words: &str) -> UserId {
    let filter = UserFilter { words: words.into(), ..UserFilter::default() };
    list_users(desk, admin, &filter, None, 1).await.unwrap().remove(0).id
}

#[tokio::test]
async fn what_someone_may_do_is_shown_with_the_roles_that_say_so() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let ana = person(&desk, "ana", "AGENT").await;
    let them = user(&desk, &admin, ana.user_id.unwrap()).await.unwrap();
    change_user(&desk, &admin, them.id, &with_roles(&them, &["AGENT", "END_USER"])).await.unwrap();
    let shown = account(&desk, &admin, them.id).await.unwrap();
    let now = actor(&desk, them.id).await;
    assert_eq!(shown.permissions.iter().map(|(one, _)| *one).collect::<BTreeSet<_>>(), now.permissions);
    let by = |permission| &shown.permissions.iter().find(|(one, _)| *one == permission).unwrap().1;
    assert_eq!(by(Permission::TicketCreate), &["AGENT", "END_USER"]);
    assert_eq!(by(Permission::TicketReadQueue), &["AGENT"]);
    assert_eq!(shown.queues.iter().collect::<BTreeSet<_>>(), now.queues.iter().collect());
}
