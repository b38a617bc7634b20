//! Whether a message is let in, and as whose.

use super::Letter;
use crate::desk::Desk;
use crate::mail::parse::{Bounce, ParsedMail};
use crate::people::UserId;
use crate::people::queries::actor_for_user;
use crate::people::throttle::{self, TICKETS_PER_SENDER};
use crate::{Actor, EmailAddress, Error, Origin, Result};

pub(super) enum Verdict {
    /// Filed, in its sender's name.
    Accept(Box<Sender>),
    /// One of our own mails came back.
    Bounce(Bounce),
    /// Needs no one's eyes.
    Ignore(String),
    /// Set aside, with the reason.
    Quarantine(String),
}

/// Who wrote a message.
pub(super) struct Sender {
    pub email: EmailAddress,
    pub name: Option<String>,
    /// With an account whose address is confirmed.
    pub account: Option<Actor>,
}

/// Judges a message; one that someone released is let in whatever speaks against it.
pub(super) async fn judge(desk: &Desk, letter: &Letter, released: bool) -> Result<Verdict> {
    let mail = &letter.mail;
    if let Some(error) = &mail.error {
        return Ok(Verdict::Quarantine(error.clone()));
    }
    if is_our_own(desk, mail).await? {
        return Ok(Verdict::Ignore("This is one of our own mails.".into()));
    }
    if let Some(bounce) = &mail.bounce {
        return Ok(Verdict::Bounce(bounce.clone()));
    }
    let Some(email) = mail.sender().and_then(|sender| sender.parse::<EmailAddress>().ok()) else {
        return Ok(Verdict::Quarantine("It does not say who sent it.".into()));
    };
    let name = mail.from.as_ref().map(|from| from.name.trim()).filter(|name| !name.is_empty());
    let name = name.map(|name| name.chars().take(200).collect::<String>());
    let account = account(desk, &email).await?;
    let sender = Sender { email, name, account };
    if !released && let Some(reason) = against(desk, mail, &sender).await? {
        return Ok(Verdict::Quarantine(reason));
    }
    Ok(Verdict::Accept(Box::new(sender)))
}

/// Whether it is a mail that we sent, come back by a detour.
async fn is_our_own(desk: &Desk, mail: &ParsedMail) -> Result<bool> {
    let Some(id) = &mail.message_id else { return Ok(false) };
    let known = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM outbox WHERE message_id = $1) AS "known!""#, id)
        .fetch_one(&desk.db)
        .await?;
    Ok(known)
}

async fn account(desk: &Desk, email: &EmailAddress) -> Result<Option<Actor>> {
    let user = sqlx::query_scalar!(
        r#"SELECT id AS "id: UserId" FROM users WHERE lower(email) = $1 AND email_verified AND active AND deleted_at IS NULL"#,
        email.as_str()
    )
    .fetch_optional(&desk.db)
    .await?;
    match user {
        Some(user) => actor_for_user(desk, user, Origin::Mail).await,
        None => Ok(None),
    }
}

/// What speaks against letting it in.
async fn against(desk: &Desk, mail: &ParsedMail, sender: &Sender) -> Result<Option<String>> {
    if let Some(pattern) = blocked(desk, &sender.email).await? {
        return Ok(Some(format!("{pattern} is blocked.")));
    }
    if mail.is_spam {
        return Ok(Some("A filter before us marked it as spam.".into()));
    }
    let works_tickets = sender.account.as_ref().is_some_and(Actor::is_agent);
    if works_tickets && fails_authentication(mail) {
        return Ok(Some(
            "It claims to come from someone who works here, and its origin does not confirm that (DMARC).".into(),
        ));
    }
    if !works_tickets {
        match throttle::count(&desk.db, &format!("sender:{}", sender.email), TICKETS_PER_SENDER).await {
            Err(Error::RateLimited { .. }) => {
                return Ok(Some("Its sender wrote more mails in an hour than anyone does.".into()));
            }
            other => other?,
        }
    }
    Ok(None)
}

async fn blocked(desk: &Desk, email: &EmailAddress) -> Result<Option<String>> {
    let domain = email.as_str().rsplit('@').next().unwrap_or_default();
    let patterns = [email.as_str().to_owned(), domain.to_owned(), format!("@{domain}")];
    let found = sqlx::query_scalar!("SELECT pattern FROM mail_blocks WHERE pattern = ANY($1) LIMIT 1", &patterns[..])
        .fetch_optional(&desk.db)
        .await?;
    Ok(found)
}

/// The first line is our own receiver's: what stands below it may be forged (RFC 8601, section 5).
fn fails_authentication(mail: &ParsedMail) -> bool {
    mail.authentication_results.first().is_some_and(|line| line.to_ascii_lowercase().contains("dmarc=fail"))
}
