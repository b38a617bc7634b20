//! API tokens: what they may do of what their owner may, and how they end.

use oxdesk::people::commands::{create_token, revoke_token};
use oxdesk::people::queries::{actor_for_token, list_tokens};
use oxdesk::people::{NewToken, TokenId};
use oxdesk::testing::{desk, person, ticket};
use oxdesk::tickets::{InternalNote, PublicReply, commands, queries};
use oxdesk::{Error, Permission};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_token_does_no_more_than_its_scopes_and_its_owner_may() {
    let desk = desk().await;
    let (ana, marta) = (person(&desk, "ana", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "VPN").await.id;
    let scopes = BTreeSet::from([Permission::TicketReadQueue, Permission::TicketReply]);
    let new = NewToken { scopes: Some(scopes.clone()), ..NewToken::named("reader") };
    let token = create_token(&desk, &ana, &new).await.unwrap();
    let program = actor_for_token(&desk, &token).await.unwrap().unwrap();
    assert_eq!(program.permissions, scopes);
    assert!(queries::ticket(&desk, &program, id).await.is_ok());
    let reply = PublicReply::parse("From a program.").unwrap();
    assert!(commands::add_reply(&desk, &program, id, reply, None, vec![]).await.is_ok());
    let note = InternalNote::parse("Not for it.").unwrap();
    assert_eq!(commands::add_note(&desk, &program, id, note, vec![]).await, Err(Error::Forbidden));

    // What the owner may no longer do, the token may not either.
    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'ticket.reply') WHERE name = 'AGENT'")
        .execute(&desk.db)
        .await
        .unwrap();
    let program = actor_for_token(&desk, &token).await.unwrap().unwrap();
    assert_eq!(program.permissions, BTreeSet::from([Permission::TicketReadQueue]));
}

#[tokio::test]
async fn nobody_makes_a_token_that_may_more_than_they_and_a_token_makes_none() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    let with = |scopes: &[Permission]| NewToken {
        scopes: Some(scopes.iter().copied().collect()),
        ..NewToken::named("script")
    };
    for scopes in [&[Permission::SettingsManage][..], &[]] {
        assert!(
            matches!(create_token(&desk, &ana, &with(scopes)).await, Err(Error::Invalid(fields)) if fields.contains_key("scopes"))
        );
    }
    let token = create_token(&desk, &ana, &with(&[Permission::TicketReadQueue])).await.unwrap();
    let program = actor_for_token(&desk, &token).await.unwrap().unwrap();
    assert_eq!(create_token(&desk, &program, &NewToken::named("all of it")).await, Err(Error::Forbidden));
    assert_eq!(list_tokens(&desk, &ana).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_is_listed_with_its_use_and_ended_by_its_owner_alone() {
    let desk = desk().await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let token =
        create_token(&desk, &ana, &NewToken { expires_in_days: Some(30), ..NewToken::named("nightly") }).await.unwrap();
    let listed = list_tokens(&desk, &ana).await.unwrap().remove(0);
    assert_eq!((listed.name.as_str(), listed.last_used_at, listed.scopes), ("nightly", None, None));
    assert!(listed.expires_at.is_some());
    actor_for_token(&desk, &token).await.unwrap().unwrap();
    assert!(list_tokens(&desk, &ana).await.unwrap()[0].last_used_at.is_some());
    assert_eq!(list_tokens(&desk, &ben).await, Ok(vec![]));
    assert_eq!(revoke_token(&desk, &ben, listed.id).await, Err(Error::NotFound));
    revoke_token(&desk, &ana, listed.id).await.unwrap();
    assert_eq!(revoke_token(&desk, &ana, listed.id).await, Err(Error::NotFound));
    assert_eq!(actor_for_token(&desk, &token).await.unwrap(), None);
    let told: Vec<(String, String)> =
        sqlx::query_as("SELECT action, entity_id FROM audit_logs WHERE entity_type = 'API_TOKEN' ORDER BY id")
            .fetch_all(&desk.db)
            .await
            .unwrap();
    let about = |action: &str, id: TokenId| (action.to_owned(), id.to_string());
    assert_eq!(told, [about("CREATE", listed.id), about("DELETE", listed.id)]);
}

#[tokio::test]
async fn somebody_has_at_most_a_hundred_tokens() {
    let desk = desk().await;
    let ana = person(&desk, "ana", "AGENT").await;
    sqlx::query("INSERT INTO api_tokens (user_id, name, token_hash) SELECT $1, n::text, int4send(n) FROM generate_series(1, 100) n")
        .bind(ana.user_id.unwrap().0)
        .execute(&desk.db)
        .await
        .unwrap();
    assert!(matches!(create_token(&desk, &ana, &NewToken::named("one more")).await, Err(Error::Invalid(_))));
}
