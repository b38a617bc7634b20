//! Whether a message is let in, and as whose.

use super::Letter;
use crate::desk::Desk;
use crate::mail::parse::{Bounce, ParsedMail};
use crate::people::UserId;
use crate::people::queries::actor_for_user;
use crate::{Actor, EmailAddress, Origin, Result, settings};

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
    /// What a receiver that we trust found of its origin; unknown without one.
    pub origin: Proof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is from whom it says.
    Passed,
    Unknown,
    /// It is not, or nobody vouches for it any more (DMARC).
    Failed,
}

/// The reason of what is set aside as spam.
pub(in crate::mail) const SPAM: &str = "A filter before us marked it as spam.";

/// Judges a message; one that someone released is let in whatever speaks against it.
pub(super) async fn judge(desk: &Desk, letter: &Letter) -> Result<Verdict> {
    let mail = &letter.mail;
    if let Some(error) = &mail.error {
        return Ok(Verdict::Quarantine(error.clone()));
    }
    let email = mail.sender().and_then(|sender| sender.parse::<EmailAddress>().ok());
    let known = known(desk, mail, email.as_ref()).await?;
    if known.is_ours {
        return Ok(Verdict::Ignore("This is one of our own mails.".into()));
    }
    if let Some(bounce) = &mail.bounce {
        return Ok(Verdict::Bounce(bounce.clone()));
    }
    let Some(email) = email else {
        return Ok(Verdict::Quarantine("It does not say who sent it.".into()));
    };
    let name = mail.from.as_ref().map(|from| from.name.trim()).filter(|name| !name.is_empty());
    let name = name.map(|name| name.chars().take(200).collect::<String>());
    let account = match known.account {
        Some(user) => actor_for_user(desk, user, Origin::Mail).await?,
        None => None,
    };
    let origin = if letter.is_released { Proof::Passed } else { origin(desk, mail).await? };
    let email = known.merged_into.clone().unwrap_or(email);
    let sender = Sender { email, name, account, origin };
    if !letter.is_released
        && let Some(reason) = against(mail, &sender, &known)
    {
        return Ok(Verdict::Quarantine(reason));
    }
    Ok(Verdict::Accept(Box::new(sender)))
}

/// What is known of a message and its sender.
struct Known {
    /// We sent it, and it came back by a detour.
    is_ours: bool,
    /// Where the person goes whose account had this address, and was merged.
    merged_into: Option<EmailAddress>,
    /// With an address that is confirmed.
    account: Option<UserId>,
    /// The pattern that keeps its sender out.
    blocked: Option<String>,
    /// Someone let in what a filter before us took for spam.
    is_allowed: bool,
}

async fn known(desk: &Desk, mail: &ParsedMail, email: Option<&EmailAddress>) -> Result<Known> {
    let domain = email.and_then(|email| email.as_str().rsplit('@').next()).unwrap_or_default();
    let address = email.map(EmailAddress::as_str).unwrap_or_default();
    let patterns = [address.to_owned(), domain.to_owned(), format!("@{domain}")];
    let known = sqlx::query_as!(
        Known,
        r#"WITH merged AS (SELECT r.email FROM users f JOIN users r ON r.id = f.merged_into_id WHERE lower(f.email) = $2
             AND NOT EXISTS (SELECT FROM users WHERE lower(email) = $2 AND deleted_at IS NULL) ORDER BY f.deleted_at DESC LIMIT 1)
           SELECT EXISTS (SELECT FROM outbox WHERE message_id = $1) AS "is_ours!",
             (SELECT email FROM merged) AS "merged_into: EmailAddress",
             (SELECT id FROM users WHERE lower(email) = coalesce((SELECT lower(email) FROM merged), $2) AND email_verified AND active
               AND deleted_at IS NULL) AS "account: UserId",
             (SELECT pattern FROM mail_blocks WHERE pattern = ANY($3) LIMIT 1) AS blocked,
             EXISTS (SELECT FROM mail_allows WHERE email = $2) AS "is_allowed!""#,
        mail.message_id,
        address,
        &patterns[..],
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(known)
}

/// What speaks against letting it in.
fn against(mail: &ParsedMail, sender: &Sender, known: &Known) -> Option<String> {
    if let Some(pattern) = &known.blocked {
        return Some(format!("{pattern} is blocked."));
    }
    // Whoever is let in is let in as themselves.
    if mail.is_spam && !(known.is_allowed && sender.origin != Proof::Failed) {
        return Some(SPAM.into());
    }
    if sender.account.as_ref().is_some_and(Actor::is_agent) && sender.origin == Proof::Failed {
        return Some(
            "It claims to come from someone who works here, and its origin does not confirm that (DMARC).".into(),
        );
    }
    None
}

/// The first line is our own receiver's: what stands below it may be forged (RFC 8601, section 5). A failure is believed
/// whoever reports it; that all is well, only of a receiver that an administrator named.
async fn origin(desk: &Desk, mail: &ParsedMail) -> Result<Proof> {
    let Some(line) = mail.authentication_results.first().map(|line| line.to_ascii_lowercase()) else {
        return Ok(Proof::Unknown);
    };
    if line.contains("dmarc=fail") {
        return Ok(Proof::Failed);
    }
    let trusted = settings::queries::text(desk, "mail.trusted_receivers").await?.to_ascii_lowercase();
    let receiver = line.split([';', ' ']).next().unwrap_or_default();
    let is_trusted = !receiver.is_empty() && trusted.split([' ', ',']).any(|name| name == receiver);
    Ok(if is_trusted && line.contains("dmarc=pass") { Proof::Passed } else { Proof::Unknown })
}
