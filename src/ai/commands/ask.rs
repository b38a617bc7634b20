//! Questions of people, answered from what they may read.

use super::call::{About, begin};
use crate::ai::queries::{before, is_answering, read_turn, transcript_of};
use crate::ai::rules::{Heard, answer_from, heard, may_be_unknown};
use crate::ai::{AiFeature, ConversationId, Passage, QUESTION_MAX, TURNS_MAX, Turn, TurnId, TurnState};
use crate::desk::Desk;
use crate::people::throttle::{self, Limit};
use crate::search::queries::find_passages;
use crate::search::rules::Question;
use crate::tickets::commands::{Created, create_ticket};
use crate::tickets::rules::{TicketDraft, check_new_ticket};
use crate::tickets::{COMMENT_MAX, IncomingFile, TicketSource};
use crate::{Actor, Error, Result};
use sqlx::PgConnection;
use sqlx::types::Json;
use tokio::sync::mpsc;

/// So many passages are found for a question.
const PASSAGES: i64 = 5;
/// An answer has so many tokens at most.
const ANSWER_MOST: u32 = 700;
/// Questions of one person, whoever answers them.
const QUESTIONS: Limit = Limit { limit: 200, window_seconds: 3600 };
/// Whoever writes an answer and says nothing for so long is gone: another may write it. Seconds.
const GONE: f64 = 120.0;

/// Keeps a question with what was found for it, in a new conversation or as the next of one's own. Invalid for what is no
/// question, and where the conversation is full or became a ticket.
pub async fn ask(
    desk: &Desk,
    actor: &Actor,
    conversation: Option<ConversationId>,
    question: &str,
) -> Result<ConversationId> {
    let user = actor.signed_in()?;
    let question = question.replace('\0', " ");
    let question = question.trim();
    match question.chars().count() {
        0 => return Err(Error::invalid("question", "What would you like to know?")),
        long if long > QUESTION_MAX => {
            return Err(Error::invalid("question", format!("At most {QUESTION_MAX} characters, please.")));
        }
        _ => {}
    }
    throttle::count(&desk.db, &format!("ask:{user}"), QUESTIONS).await?;
    let passages = find_passages(desk, actor, &Question::asked(question), PASSAGES).await?;
    let state = match (passages.is_empty(), is_answering(desk).await?) {
        (true, true) => TurnState::Unknown,
        (false, true) => TurnState::Waiting,
        (_, false) => TurnState::Passages,
    };
    let mut tx = desk.db.begin().await?;
    let id = match conversation {
        Some(id) => may_go_on(&mut tx, actor, id).await?,
        None => {
            let id = ConversationId::new();
            sqlx::query!("INSERT INTO ai_conversations (id, user_id) VALUES ($1, $2)", id as _, user as _)
                .execute(&mut *tx)
                .await?;
            id
        }
    };
    sqlx::query!(
        "INSERT INTO ai_turns (id, conversation_id, question, passages, state) VALUES ($1, $2, $3, $4, $5)",
        TurnId::new() as _,
        id as _,
        question,
        Json(&passages) as _,
        state as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Whether a further question belongs to one's own conversation.
async fn may_go_on(tx: &mut PgConnection, actor: &Actor, id: ConversationId) -> Result<ConversationId> {
    let user = actor.signed_in()?;
    let row = sqlx::query!(
        r#"UPDATE ai_conversations c SET updated_at = now() WHERE id = $1 AND user_id = $2
           RETURNING ticket_id IS NOT NULL AS "is_ticket!", (SELECT count(*) FROM ai_turns WHERE conversation_id = c.id) AS "turns!""#,
        id as _,
        user as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if row.is_ticket || row.turns >= TURNS_MAX {
        return Err(Error::invalid("question", "Nothing more belongs to this: please begin anew."));
    }
    Ok(id)
}

/// An answer that is asked for.
pub enum Answering {
    /// It is there.
    Done(Box<Turn>),
    /// It is being written already.
    Elsewhere,
    /// It is being written: its pieces, until it is there.
    Writes(mpsc::Receiver<String>),
}

/// Has the model answer a question of one's own, once. What was begun is finished and kept, whether someone listens or not.
pub async fn answer(desk: &Desk, actor: &Actor, id: TurnId) -> Result<Answering> {
    let user = actor.signed_in()?;
    let claimed = sqlx::query!(
        r#"UPDATE ai_turns t SET state = 'WRITING', writing_since = now() FROM ai_conversations c
           WHERE t.id = $1 AND c.id = t.conversation_id AND c.user_id = $2
             AND (t.state = 'WAITING' OR (t.state = 'WRITING' AND t.writing_since < now() - make_interval(secs => $3)))
           RETURNING t.question, t.passages AS "passages: Json<Vec<Passage>>""#,
        id as _,
        user as _,
        GONE
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(claimed) = claimed else {
        let turn = read_turn(desk, actor, id).await?;
        return Ok(if turn.state == TurnState::Writing {
            Answering::Elsewhere
        } else {
            Answering::Done(Box::new(turn))
        });
    };
    let ((tell, pieces), (show, listen)) = (mpsc::channel(64), mpsc::channel(64));
    let (desk, actor) = (desk.clone(), actor.clone());
    tokio::spawn(async move {
        let writing = write(&desk, &actor, id, &claimed.question, &claimed.passages.0, tell);
        let (written, ()) = tokio::join!(writing, show_answer(pieces, show));
        if let Err(error) = written {
            tracing::error!(%error, "an answer could not be kept");
        }
    });
    Ok(Answering::Writes(listen))
}

/// Shows what comes, once it is clear that it is an answer: that the model does not know is said in our own words.
async fn show_answer(mut pieces: mpsc::Receiver<String>, show: mpsc::Sender<String>) {
    let (mut held, mut is_answer) = (String::new(), false);
    while let Some(piece) = pieces.recv().await {
        held.push_str(&piece);
        is_answer = is_answer || !may_be_unknown(&held);
        if is_answer {
            // Who listened may have gone: what was begun is finished all the same.
            let _ = show.send(std::mem::take(&mut held)).await;
        }
    }
}

async fn write(
    desk: &Desk,
    actor: &Actor,
    id: TurnId,
    question: &str,
    passages: &[Passage],
    tell: mpsc::Sender<String>,
) -> Result<()> {
    let said = async {
        let before = before(desk, id).await?;
        // What was readable when it was found may not be any more.
        let passages = crate::ai::queries::still_readable(desk, actor, passages).await?;
        let said = answer_from(&passages, &before, question);
        let call =
            begin(desk, actor, AiFeature::Answer, About { ticket: None, passages: &passages }, said, ANSWER_MOST);
        call.await?.make(desk, Some(&tell)).await
    };
    let (state, answer) = match said.await {
        Ok(text) => match heard(&text, passages.len()) {
            Heard::Answer { text, .. } => (TurnState::Answered, Some(text)),
            Heard::Unknown => (TurnState::Unknown, None),
        },
        Err(error) => {
            tracing::info!(%error, "a question is answered by passages alone");
            (TurnState::Failed, None)
        }
    };
    sqlx::query!("UPDATE ai_turns SET state = $2, answer = $3 WHERE id = $1", id as _, state as _, answer)
        .execute(&desk.db)
        .await?;
    Ok(())
}

/// Makes a request of a conversation of one's own: what was asked and answered goes along, as it was. Invalid where it became
/// one already.
pub async fn request_from_conversation(
    desk: &Desk,
    actor: &Actor,
    id: ConversationId,
    draft: TicketDraft,
    files: Vec<IncomingFile>,
) -> Result<Created> {
    let user = actor.signed_in()?;
    let talk = transcript_of(desk, actor, id).await?;
    let mut new = check_new_ticket(draft, TicketSource::AiChat)?;
    let whole = format!("{}\n\n---\n\n**Asked before, and answered by the desk:**\n\n{talk}", new.description);
    new.description = whole.chars().take(COMMENT_MAX).collect();
    // Taken first, so that a form that is sent twice makes one request.
    let taken = sqlx::query!(
        "UPDATE ai_conversations SET became_at = now() WHERE id = $1 AND user_id = $2 AND (became_at IS NULL OR ticket_id IS NULL AND became_at < now() - interval '1 minute')",
        id as _,
        user as _
    );
    if taken.execute(&desk.db).await?.rows_affected() == 0 {
        return Err(Error::invalid("conversation", "This became a request already."));
    }
    let created = create_ticket(desk, actor, new, files).await;
    let ticket = created.as_ref().ok().map(|created| created.id);
    sqlx::query!(
        "UPDATE ai_conversations SET ticket_id = $2, became_at = CASE WHEN $2::uuid IS NOT NULL THEN now() END WHERE id = $1",
        id as _,
        ticket as _
    )
    .execute(&desk.db)
    .await?;
    created
}

/// Deletes conversations that nobody went on with for a month, and what was logged of calls three months ago.
pub async fn purge_conversations(desk: &Desk) -> Result<()> {
    sqlx::query!("DELETE FROM ai_conversations WHERE updated_at < now() - interval '30 days'")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM ai_calls WHERE called_at < now() - interval '90 days'").execute(&desk.db).await?;
    Ok(())
}
