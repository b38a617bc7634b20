//! Questions that the desk answers, drafts for those who work tickets, and what was sent for them.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::ai::{AiLog, Conversation, ShownPassage};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::ai::{ConversationId, DraftKind, Tone, commands, queries};
#[cfg(feature = "ssr")]
use oxdesk::tickets::TicketPatch;

/// What is found for a question that is not kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Passages {
    pub passages: Vec<ShownPassage>,
    /// Whoever is signed in may ask on.
    pub signed_in: bool,
    /// And a model answers them.
    pub is_answering: bool,
}

/// What stands in articles about a question; whoever is signed in hears whether a model answers, too.
#[server(prefix = "/fn", endpoint = "find_passages")]
pub async fn find_passages(question: String) -> Result<Passages> {
    let (desk, actor) = (desk()?, actor());
    let signed_in = actor.user_id.is_some();
    Ok(Passages {
        passages: queries::passages(&desk, &actor, &question).await?,
        signed_in,
        is_answering: signed_in && queries::is_answering(&desk).await?,
    })
}

/// Asks, in a new conversation or in the one named, and leads there.
#[server(prefix = "/fn", endpoint = "ask_desk")]
pub async fn ask_desk(question: String, conversation: Option<String>) -> Result<()> {
    let conversation = conversation.map(|id| id.parse::<ConversationId>()).transpose()?;
    let id = commands::ask(&desk()?, &actor(), conversation, &question).await?;
    leptos_axum::redirect(&format!("/portal/ask/{id}"));
    Ok(())
}

/// One's own conversation.
#[server(prefix = "/fn", endpoint = "read_conversation")]
pub async fn read_conversation(id: String) -> Result<Conversation> {
    let actor = actor();
    actor.signed_in()?;
    let id = id.parse().map_err(|_| oxdesk::Error::NotFound)?;
    Ok(queries::conversation(&desk()?, &actor, id).await?)
}

/// What the model makes of a ticket: `summary`, `reply` in a tone, `translation` of the last message into a language.
#[server(prefix = "/fn", endpoint = "draft_text")]
pub async fn draft_text(id: String, kind: String, tone: Option<String>, language: Option<String>) -> Result<String> {
    let kind = match kind.as_str() {
        "summary" => DraftKind::Summary,
        "reply" => DraftKind::Reply(
            Tone::ALL.into_iter().find(|known| Some(known.word()) == tone.as_deref()).unwrap_or_default(),
        ),
        "translation" => DraftKind::Translation(language.unwrap_or_default()),
        _ => return Err(AppError::from(oxdesk::Error::invalid("kind", "summary, reply or translation, please."))),
    };
    Ok(commands::draft(&desk()?, &actor(), id.parse()?, &kind).await?)
}

/// Puts what solved tickets like it have into a new ticket's fields.
#[server(prefix = "/fn", endpoint = "accept_triage")]
pub async fn accept_triage(
    id: String,
    version: i32,
    category: Option<String>,
    subcategory: Option<String>,
    queue_id: Option<String>,
    priority: Option<String>,
) -> Result<()> {
    let patch = TicketPatch {
        subcategory: category.is_some().then_some(subcategory),
        category: category.map(Some),
        queue_id: queue_id.map(|id| id.parse().map(Some)).transpose()?,
        priority: priority.map(|priority| priority.parse()).transpose()?,
        ..TicketPatch::default()
    };
    oxdesk::tickets::commands::update_ticket(&desk()?, &actor(), id.parse()?, version, patch).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "dismiss_triage")]
pub async fn dismiss_triage(id: String) -> Result<()> {
    Ok(commands::dismiss_triage(&desk()?, &actor(), id.parse()?).await?)
}

/// What was sent to the model lately.
#[server(prefix = "/fn", endpoint = "read_ai_log")]
pub async fn read_ai_log() -> Result<AiLog> {
    Ok(queries::ai_log(&desk()?, &actor()).await?)
}
