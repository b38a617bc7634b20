//! One call of a model.

use crate::ai::chat::Written;
use crate::ai::{AiFeature, CallId, Chat, Message, Passage};
use crate::desk::Desk;
use crate::people::throttle::{self, Limit};
use crate::tickets::TicketId;
use crate::{Actor, Error, Result, settings};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// One person asks for so much.
const PER_PERSON: Limit = Limit { limit: 60, window_seconds: 3600 };
/// A token has about so many characters; endpoints count better, and most say.
const CHARACTERS_A_TOKEN: usize = 4;

/// What a call is about.
#[derive(Default)]
pub(super) struct About<'a> {
    pub ticket: Option<TicketId>,
    pub passages: &'a [Passage],
}

/// A call that may be made: it is counted and logged already.
pub(super) struct Call {
    id: CallId,
    chat: Arc<Chat>,
    said: Vec<Message>,
    most: u32,
}

/// The setting that switches it.
pub(crate) fn switch_of(feature: AiFeature) -> &'static str {
    match feature {
        AiFeature::Answer => "ai.answers",
        AiFeature::Summary | AiFeature::Reply | AiFeature::Article | AiFeature::Translation => "ai.drafts",
    }
}

/// Counts a call and logs what will be sent. Unavailable without a model and
/// while it is left alone, Forbidden where it is switched off, Invalid once
/// today's budget is used, RateLimited where one person asks for too much.
pub(super) async fn begin(
    desk: &Desk,
    actor: &Actor,
    feature: AiFeature,
    about: About<'_>,
    said: Vec<Message>,
    most: u32,
) -> Result<Call> {
    let chat = desk.ai.chat().filter(|chat| !chat.rests()).cloned().ok_or(Error::Unavailable)?;
    if !settings::queries::boolean(desk, switch_of(feature)).await? {
        return Err(Error::Forbidden);
    }
    let user = actor.signed_in()?;
    throttle::count(&desk.db, &format!("ai:{user}"), PER_PERSON).await?;
    let characters: usize = said.iter().map(|message| message.text.chars().count()).sum();
    // Counted as if it writes all that it may, until it is known.
    let tokens = characters / CHARACTERS_A_TOKEN + most as usize;
    let budget = settings::queries::number(desk, "ai.tokens_per_day").await?;
    let articles: Vec<String> = about.passages.iter().map(|passage| passage.slug.clone()).collect();
    let id = CallId::new();
    let mut tx = desk.db.begin().await?;
    // One after the other, so that two at once do not both take what is left.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('ai_budget'))").execute(&mut *tx).await?;
    let used = crate::ai::queries::tokens_today(&mut *tx).await?;
    if budget > 0 && used.unsigned_abs() + tokens as u64 > budget {
        return Err(Error::invalid(
            "model",
            "The budget for the model is used up for today: tomorrow it answers again.",
        ));
    }
    sqlx::query!(
        "INSERT INTO ai_calls (id, feature, model, host, user_id, ticket_id, articles, characters, tokens) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        id as _,
        feature as _,
        chat.model(),
        chat.host(),
        user as _,
        about.ticket as _,
        &articles,
        i32::try_from(characters).unwrap_or(i32::MAX),
        i32::try_from(tokens).unwrap_or(i32::MAX),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Call { id, chat, said, most })
}

impl Call {
    /// Makes it, and writes down what became of it.
    pub(super) async fn make(self, desk: &Desk, listener: Option<&mpsc::Sender<String>>) -> Result<String> {
        let begun = Instant::now();
        let written = self.chat.write(&self.said, self.most, listener).await;
        let took = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
        let tokens = written.as_ref().ok().map(|written| self.tokens(written));
        let outcome = if written.is_ok() { "ANSWERED" } else { "FAILED" };
        sqlx::query!(
            "UPDATE ai_calls SET outcome = $2, took_ms = $3, tokens = coalesce($4, tokens) WHERE id = $1",
            self.id as _,
            outcome,
            took,
            tokens.and_then(|tokens| i32::try_from(tokens).ok()),
        )
        .execute(&desk.db)
        .await?;
        Ok(written?.text)
    }

    fn tokens(&self, written: &Written) -> usize {
        let sent: usize = self.said.iter().map(|message| message.text.chars().count()).sum();
        let counted = (sent + written.text.chars().count()) / CHARACTERS_A_TOKEN;
        written.tokens.map_or(counted, |tokens| tokens as usize)
    }
}
