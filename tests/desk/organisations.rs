//! Organisations: who belongs to one, what its people see of each other, and who may arrange that.

use oxdesk::desk::Desk;
use oxdesk::people::commands::{
    Registration, change_user, delete_organisation, register, save_organisation, save_role, verify_email,
};
use oxdesk::people::queries::{account, list_organisations, organisation, organisation_named};
use oxdesk::people::{AccountForm, OrganisationForm, OrganisationId, RoleForm, UserId};
use oxdesk::testing::{PASSWORD, actor, desk, person, ticket};
use oxdesk::tickets::queries;
use oxdesk::{Actor, Error, Permission};

fn lind(domains: &str, shares_tickets: bool) -> OrganisationForm {
    OrganisationForm { name: "Lind & Sons".into(), domains: domains.into(), shares_tickets }
}

fn wrong<T: std::fmt::Debug>(tried: oxdesk::Result<T>, field: &str) -> String {
    match tried {
        Err(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

/// The account as it was read, in another organisation.
async fn moved(desk: &Desk, admin: &Actor, id: UserId, to: Option<Option<OrganisationId>>) -> oxdesk::Result<()> {
    let user = account(desk, admin, id).await?.user;
    let form = AccountForm {
        version: user.version,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        phone: user.phone,
        time_zone: user.time_zone,
        roles: user.roles.into_iter().collect(),
        organisation_id: to,
    };
    change_user(desk, admin, id, &form).await
}

async fn belongs(desk: &Desk, admin: &Actor, id: UserId) -> Option<String> {
    account(desk, admin, id).await.unwrap().organisation.map(|(_, name)| name)
}

#[tokio::test]
async fn people_join_the_organisation_that_their_address_belongs_to_and_see_what_it_shares() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let (before, other) = (person(&desk, "marta", "END_USER").await, person(&desk, "otto", "END_USER").await);
    sqlx::query("UPDATE users SET email = 'otto@nord.example' WHERE id = $1")
        .bind(other.user_id.unwrap().0)
        .execute(&desk.db)
        .await
        .unwrap();
    let id = save_organisation(&desk, &admin, None, &lind("EXAMPLE.com", true)).await.unwrap();
    let marta = actor(&desk, before.user_id.unwrap()).await;
    assert_eq!(marta.shared_organisation, Some(id), "who was there already");
    assert_eq!(belongs(&desk, &admin, other.user_id.unwrap()).await, None);
    let after = person(&desk, "nils", "END_USER").await;
    assert_eq!(after.shared_organisation, Some(id), "who comes later");
    let asked = ticket(&desk, &marta, "VPN").await.id;
    assert!(queries::ticket(&desk, &after, asked).await.is_ok(), "colleagues");
    assert_eq!(queries::ticket(&desk, &other, asked).await.map(|_| ()), Err(Error::NotFound));

    moved(&desk, &admin, after.user_id.unwrap(), None).await.unwrap();
    assert_eq!(
        belongs(&desk, &admin, after.user_id.unwrap()).await.as_deref(),
        Some("Lind & Sons"),
        "nothing was said"
    );
    moved(&desk, &admin, after.user_id.unwrap(), Some(None)).await.unwrap();
    let alone = actor(&desk, after.user_id.unwrap()).await;
    assert_eq!(queries::ticket(&desk, &alone, asked).await.map(|_| ()), Err(Error::NotFound));
    assert_eq!(organisation(&desk, &admin, id).await.unwrap().people, 2, "Ada and Marta");
}

#[tokio::test]
async fn whoever_has_not_shown_that_an_address_is_theirs_does_not_join_by_it() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let set = async |key: &str| {
        oxdesk::settings::commands::set_setting(&desk, &admin, "auth.email_verification_enabled", key).await
    };
    set("false").await.unwrap();
    let form = |email: &str| Registration { name: "Eve".into(), email: email.into(), password: PASSWORD.into() };
    register(&desk, &Actor::anonymous(None), form("eve@lind.example")).await.unwrap();
    save_organisation(&desk, &admin, None, &lind("lind.example", true)).await.unwrap();
    register(&desk, &Actor::anonymous(None), form("mallory@lind.example")).await.unwrap();
    let joined: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE organisation_id IS NOT NULL")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(joined, 0);

    set("true").await.unwrap();
    let body: String = sqlx::query_scalar("SELECT body FROM outbox WHERE recipient = 'mallory@lind.example'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let link = body.split_whitespace().find(|word| word.starts_with("http://desk.test/verify/")).unwrap();
    let user = verify_email(&desk, link.rsplit('/').next().unwrap()).await.unwrap();
    assert_eq!(belongs(&desk, &admin, user).await.as_deref(), Some("Lind & Sons"));
}

#[tokio::test]
async fn a_domain_belongs_to_one_organisation_and_never_to_everybody() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    assert_eq!(save_organisation(&desk, &ana, None, &lind("", false)).await, Err(Error::Forbidden));
    assert!(
        wrong(save_organisation(&desk, &admin, None, &lind("gmail.com", true)).await, "domains").contains("Anybody")
    );
    let id = save_organisation(&desk, &admin, None, &lind("lind.example", false)).await.unwrap();
    let other = |name: &str| OrganisationForm {
        name: name.into(),
        domains: "nord.example, lind.example".into(),
        ..Default::default()
    };
    assert_eq!(
        wrong(save_organisation(&desk, &admin, None, &other("Nord")).await, "domains"),
        "lind.example belongs to Lind & Sons."
    );
    let same = OrganisationForm { name: "LIND & sons".into(), ..Default::default() };
    wrong(save_organisation(&desk, &admin, None, &same).await, "name");
    save_organisation(&desk, &admin, Some((id, 1)), &lind("lind.example lind.test", false)).await.unwrap();
    let stale = save_organisation(&desk, &admin, Some((id, 1)), &lind("", false)).await;
    assert_eq!(stale, Err(Error::Conflict { current: 2 }));
    let two = futures_util::future::join_all(["One", "Two"].map(|name| {
        let form = OrganisationForm { name: name.into(), domains: "same.example".into(), ..Default::default() };
        let (desk, admin) = (&desk, &admin);
        async move { save_organisation(desk, admin, None, &form).await }
    }))
    .await;
    assert_eq!(two.iter().filter(|tried| tried.is_ok()).count(), 1, "{two:?}");
}

#[tokio::test]
async fn nobody_shows_others_tickets_that_they_may_not_see_themselves() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let clerk = RoleForm {
        name: "CLERK".into(),
        permissions: [Permission::UserManage, Permission::UserRead].into(),
        ..Default::default()
    };
    save_role(&desk, &Actor::system("test"), None, &clerk).await.unwrap();
    let clerk = person(&desk, "clerk", "CLERK").await;
    let shared = save_organisation(&desk, &admin, None, &lind("", true)).await.unwrap();
    wrong(
        save_organisation(&desk, &clerk, None, &OrganisationForm { name: "Mine".into(), ..lind("", true) }).await,
        "shares_tickets",
    );
    wrong(moved(&desk, &clerk, clerk.user_id.unwrap(), Some(Some(shared))).await, "organisation_id");
    let nothing = OrganisationId(uuid::Uuid::from_u128(1));
    wrong(moved(&desk, &admin, clerk.user_id.unwrap(), Some(Some(nothing))).await, "organisation_id");
    let plain =
        save_organisation(&desk, &clerk, None, &OrganisationForm { name: "Plain".into(), ..Default::default() })
            .await
            .unwrap();
    moved(&desk, &clerk, clerk.user_id.unwrap(), Some(Some(plain))).await.unwrap();
    moved(&desk, &admin, clerk.user_id.unwrap(), Some(Some(shared))).await.unwrap();
    // Saved by somebody else without a change of it, it stays.
    moved(&desk, &clerk, clerk.user_id.unwrap(), Some(Some(shared))).await.unwrap();
}

#[tokio::test]
async fn an_organisation_is_found_counted_and_deleted_and_its_people_stay() {
    let desk = desk().await;
    let (admin, marta) = (person(&desk, "ada", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let id = save_organisation(&desk, &admin, None, &lind("example.com", true)).await.unwrap();
    for name in ["Nord AG", "Süd AG"] {
        let form = OrganisationForm { name: name.into(), ..Default::default() };
        save_organisation(&desk, &admin, None, &form).await.unwrap();
    }
    let names = async |words: &str, after| {
        let found = list_organisations(&desk, &admin, words, after, 2).await.unwrap();
        found.into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(names("", None).await, ["Lind & Sons", "Nord AG"]);
    assert_eq!(names("", Some(id)).await, ["Nord AG", "Süd AG"]);
    assert_eq!(names("so lin", None).await, ["Lind & Sons"]);
    assert_eq!(names("&", None).await, Vec::<String>::new());
    assert_eq!(organisation_named(&desk, &admin, " lind & SONS ").await, Ok(id));
    wrong(organisation_named(&desk, &admin, "Ost").await, "organisation");
    assert_eq!(list_organisations(&desk, &marta, "", None, 2).await, Err(Error::Forbidden));

    let asked = ticket(&desk, &actor(&desk, marta.user_id.unwrap()).await, "VPN").await.id;
    assert_eq!(delete_organisation(&desk, &marta, id).await, Err(Error::Forbidden));
    delete_organisation(&desk, &admin, id).await.unwrap();
    assert_eq!(delete_organisation(&desk, &admin, id).await, Err(Error::NotFound));
    assert_eq!(belongs(&desk, &admin, marta.user_id.unwrap()).await, None);
    assert!(queries::ticket(&desk, &marta, asked).await.is_ok());
    let told: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_logs WHERE entity_type = 'ORGANISATION' ORDER BY id")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    assert_eq!(told, ["CREATE", "CREATE", "CREATE", "DELETE"]);
}
