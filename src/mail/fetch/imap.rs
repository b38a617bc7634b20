//! IMAP (RFC 9051): what came after the last message that we know, one by one.

use super::wire::{BoxedWire, encryption, open, secure};
use super::{AT_ONCE, AfterIntake, AuthMethod, Credentials, Said, credentials, take_in, within, xoauth2};
use crate::desk::Desk;
use crate::mail::parse::MESSAGE_MAX;
use crate::mail::{MailEncryption, Mailbox};
use async_imap::{Authenticator, Client, Session};
use futures_util::TryStreamExt;

pub(super) type ImapSession = Session<BoxedWire>;

pub async fn try_it(desk: &Desk, mailbox: &Mailbox) -> Said<()> {
    let mut session = sign_in(desk, mailbox).await?;
    within(session.select(&mailbox.imap_folder)).await?;
    let _ = within(session.logout()).await;
    Ok(())
}

pub async fn fetch(desk: &Desk, mailbox: &Mailbox) -> Said<usize> {
    let mut session = sign_in(desk, mailbox).await?;
    let fetched = fetch_new(desk, mailbox, &mut session).await;
    let _ = within(session.logout()).await;
    fetched
}

async fn fetch_new(desk: &Desk, mailbox: &Mailbox, session: &mut ImapSession) -> Said<usize> {
    let selected = within(session.select(&mailbox.imap_folder)).await?;
    let validity = i64::from(selected.uid_validity.unwrap_or(0));
    let known = place(desk, mailbox).await?;
    // Numbers of another numbering say nothing: all is looked at again, and known by its key.
    let last = if known.0 == Some(validity) { known.1.unwrap_or(0) } else { 0 };
    let found = within(session.uid_search(format!("UID {}:*", last + 1))).await?;
    // `*` is the last message even where it is older than what was asked for.
    let mut new: Vec<u32> = found.into_iter().filter(|uid| i64::from(*uid) > last).collect();
    new.sort_unstable();
    new.truncate(AT_ONCE);
    let mut taken = 0;
    for uid in new {
        if let Some(raw) = message(session, uid).await? {
            take_in(desk, mailbox, raw).await?;
            taken += 1;
        }
        remember(desk, mailbox, validity, i64::from(uid)).await?;
        put_away(mailbox, session, uid).await?;
    }
    Ok(taken)
}

pub(super) async fn sign_in(desk: &Desk, mailbox: &Mailbox) -> Said<ImapSession> {
    let credentials = credentials(desk, mailbox).await?;
    let mut client = Client::new(open(mailbox, 143, 993).await?);
    within(client.read_response()).await?.ok_or("The server closed the connection.")?;
    if encryption(mailbox) == MailEncryption::Tls {
        within(client.run_command_and_check_ok("STARTTLS", None)).await?;
        client = Client::new(secure(mailbox, client.into_inner()).await?);
    }
    let signed_in = match credentials.method {
        AuthMethod::Password => {
            within(async { client.login(&credentials.user, &credentials.secret).await.map_err(|(error, _)| error) })
                .await
        }
        AuthMethod::Xoauth2 => {
            let mechanism = Xoauth2(credentials);
            within(async { client.authenticate("XOAUTH2", mechanism).await.map_err(|(error, _)| error) }).await
        }
    };
    signed_in.map_err(|said| format!("Signing in: {said}"))
}

struct Xoauth2(Credentials);

impl Authenticator for Xoauth2 {
    type Response = String;

    fn process(&mut self, _: &[u8]) -> String {
        xoauth2(&self.0)
    }
}

/// The message, as it lies there: looking at it marks nothing. One that is too long comes as its head alone.
async fn message(session: &mut ImapSession, uid: u32) -> Said<Option<Vec<u8>>> {
    let sizes: Vec<_> =
        within(async { session.uid_fetch(uid.to_string(), "RFC822.SIZE").await?.try_collect().await }).await?;
    let size = sizes.first().and_then(|fetch: &async_imap::types::Fetch| fetch.size).unwrap_or(0);
    let too_long = usize::try_from(size).is_ok_and(|size| size > MESSAGE_MAX);
    let part = if too_long { "BODY.PEEK[HEADER]" } else { "BODY.PEEK[]" };
    let found: Vec<_> = within(async { session.uid_fetch(uid.to_string(), part).await?.try_collect().await }).await?;
    let bytes =
        found.first().and_then(|fetch: &async_imap::types::Fetch| if too_long { fetch.header() } else { fetch.body() });
    Ok(bytes.map(<[u8]>::to_vec))
}

/// Only now, that it is ours: read, moved or deleted.
async fn put_away(mailbox: &Mailbox, session: &mut ImapSession, uid: u32) -> Said<()> {
    let uid = uid.to_string();
    match (mailbox.after_intake, &mailbox.move_to) {
        (AfterIntake::Move, Some(folder)) => match within(session.uid_mv(&uid, folder)).await {
            Ok(()) => Ok(()),
            // Servers without MOVE (RFC 6851) copy, and delete.
            Err(_) => {
                within(session.uid_copy(&uid, folder)).await?;
                delete(session, &uid).await
            }
        },
        (AfterIntake::Delete, _) => delete(session, &uid).await,
        _ => {
            let _: Vec<_> =
                within(async { session.uid_store(&uid, "+FLAGS.SILENT (\\Seen)").await?.try_collect().await }).await?;
            Ok(())
        }
    }
}

async fn delete(session: &mut ImapSession, uid: &str) -> Said<()> {
    let _: Vec<_> =
        within(async { session.uid_store(uid, "+FLAGS.SILENT (\\Deleted)").await?.try_collect().await }).await?;
    let expunged: Said<Vec<_>> = within(async { session.uid_expunge(uid).await?.try_collect().await }).await;
    if expunged.is_err() {
        let _: Vec<_> = within(async { session.expunge().await?.try_collect().await }).await?;
    }
    Ok(())
}

async fn place(desk: &Desk, mailbox: &Mailbox) -> Said<(Option<i64>, Option<i64>)> {
    let row = sqlx::query!(
        "SELECT imap_uid_validity, imap_last_uid FROM email_configurations WHERE id = $1",
        mailbox.id as _
    )
    .fetch_one(&desk.db)
    .await
    .map_err(|error| crate::Error::from(error).to_string())?;
    Ok((row.imap_uid_validity, row.imap_last_uid))
}

async fn remember(desk: &Desk, mailbox: &Mailbox, validity: i64, uid: i64) -> Said<()> {
    sqlx::query!(
        "UPDATE email_configurations SET imap_uid_validity = $2, imap_last_uid = $3 WHERE id = $1",
        mailbox.id as _,
        validity,
        uid
    )
    .execute(&desk.db)
    .await
    .map_err(|error| crate::Error::from(error).to_string())?;
    Ok(())
}
