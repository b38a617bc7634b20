//! Reading conversations, and what was sent to models.

use super::commands::switch_of;
use super::rules::{Heard, heard, render_answer};
use super::{
    AiCall, AiFeature, AiLog, CallId, Conversation, ConversationId, Passage, ShownPassage, TURNS_MAX, Turn, TurnId,
    TurnState,
};
use crate::desk::Desk;
use crate::knowledge::queries::readable_among;
use crate::markdown::render_cited;
use crate::people::throttle::{self, ANONYMOUS_QUESTION};
use crate::tickets::TicketNumber;
use crate::{Actor, Error, Permission, Result, Timestamp, settings};
use sqlx::types::Json;
use sqlx::{Executor, Postgres};

/// So many calls are shown of the log.
const LOG_SHOWN: i64 = 200;

/// Whether a model answers questions.
pub async fn is_answering(desk: &Desk) -> Result<bool> {
    is_on(desk, AiFeature::Answer).await
}

/// Whether a model makes drafts for those who work tickets.
pub async fn is_drafting(desk: &Desk) -> Result<bool> {
    is_on(desk, AiFeature::Reply).await
}

async fn is_on(desk: &Desk, feature: AiFeature) -> Result<bool> {
    Ok(desk.ai.chat().is_some() && settings::queries::boolean(desk, switch_of(feature)).await?)
}

/// A conversation of one's own.
pub async fn conversation(desk: &Desk, actor: &Actor, id: ConversationId) -> Result<Conversation> {
    let user = actor.signed_in()?;
    let ticket = sqlx::query_scalar!(
        r#"SELECT t.ticket_number AS "number?: TicketNumber" FROM ai_conversations c LEFT JOIN tickets t ON t.id = c.ticket_id AND t.deleted_at IS NULL
           WHERE c.id = $1 AND c.user_id = $2"#,
        id as _,
        user as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: TurnId", question, passages AS "passages: Json<Vec<Passage>>", answer, state AS "state: TurnState" FROM ai_turns WHERE conversation_id = $1 ORDER BY created_at, id LIMIT $2"#,
        id as _,
        TURNS_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    let is_full = rows.len() >= usize::try_from(TURNS_MAX).unwrap_or_default();
    let all: Vec<uuid::Uuid> = rows.iter().flat_map(|row| row.passages.iter().map(|passage| passage.article)).collect();
    let readable = readable_among(desk, actor, &all).await?;
    let turns = rows.into_iter().map(|row| shown(row, &readable)).collect();
    Ok(Conversation { id, turns, ticket, is_full })
}

/// Whose turn it is: a conversation of one's own.
pub async fn conversation_of(desk: &Desk, actor: &Actor, turn: TurnId) -> Result<ConversationId> {
    let user = actor.signed_in()?;
    let id = sqlx::query_scalar!(
        r#"SELECT c.id AS "id: ConversationId" FROM ai_turns t JOIN ai_conversations c ON c.id = t.conversation_id WHERE t.id = $1 AND c.user_id = $2"#,
        turn as _,
        user as _
    );
    id.fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

struct Row {
    id: TurnId,
    question: String,
    passages: Json<Vec<Passage>>,
    answer: Option<String>,
    state: TurnState,
}

/// One turn of a conversation of one's own.
pub async fn read_turn(desk: &Desk, actor: &Actor, id: TurnId) -> Result<Turn> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT t.id AS "id: TurnId", t.question, t.passages AS "passages: Json<Vec<Passage>>", t.answer, t.state AS "state: TurnState"
           FROM ai_turns t JOIN ai_conversations c ON c.id = t.conversation_id WHERE t.id = $1 AND c.user_id = $2"#,
        id as _,
        actor.signed_in()? as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    let articles: Vec<uuid::Uuid> = row.passages.iter().map(|passage| passage.article).collect();
    let readable = readable_among(desk, actor, &articles).await?;
    Ok(shown(row, &readable))
}

/// What its reader may read of it now.
fn shown(row: Row, readable: &[uuid::Uuid]) -> Turn {
    let Json(passages) = row.passages;
    let may = |passage: &Passage| readable.contains(&passage.article);
    let paths: Vec<String> =
        passages.iter().map(|passage| if may(passage) { passage.path() } else { String::new() }).collect();
    let cites = match row.answer.as_deref().map(|answer| heard(answer, passages.len())) {
        Some(Heard::Answer { cites, .. }) => cites,
        _ => Vec::new(),
    };
    // An answer from what its reader may no longer read is not shown any more.
    let is_theirs = cites.iter().all(|number| passages.get(number - 1).is_some_and(may));
    let answer = row.answer.filter(|_| is_theirs).map(|answer| render_answer(&answer, &paths));
    let passages = passages.iter().enumerate().filter(|(_, passage)| may(passage)).map(|(at, passage)| ShownPassage {
        number: at + 1,
        title: passage.title.clone(),
        path: passage.path(),
        html: render_cited(&passage.text, &|_| None),
        is_cited: cites.contains(&(at + 1)),
    });
    Turn { id: row.id, question: row.question, passages: passages.collect(), answer, state: row.state }
}

/// What was found for a question that nobody keeps. A stranger's address may ask a limited number an hour.
pub async fn passages(desk: &Desk, actor: &Actor, question: &str) -> Result<Vec<ShownPassage>> {
    if let (None, Some(address)) = (actor.user_id, &actor.address)
        && !question.trim().is_empty()
    {
        throttle::count(&desk.db, &format!("question:{address}"), ANONYMOUS_QUESTION).await?;
    }
    let question = crate::search::rules::Question::asked(question);
    let found = crate::search::queries::find_passages(desk, actor, &question, 5).await?;
    let shown = found.into_iter().enumerate().map(|(at, passage)| ShownPassage {
        number: at + 1,
        path: passage.path(),
        html: render_cited(&passage.text, &|_| None),
        title: passage.title,
        is_cited: false,
    });
    Ok(shown.collect())
}

/// The questions before this one, with what was answered.
pub(super) async fn before(desk: &Desk, turn: TurnId) -> Result<Vec<(String, Option<String>)>> {
    let rows = sqlx::query!(
        "SELECT before.question, before.answer FROM ai_turns now JOIN ai_turns before ON before.conversation_id = now.conversation_id
         WHERE now.id = $1 AND before.created_at < now.created_at ORDER BY before.created_at",
        turn as _
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.question, row.answer)).collect())
}

/// The passages in their order; of those that may not be read any more nothing but their place is left.
pub(super) async fn still_readable(desk: &Desk, actor: &Actor, passages: &[Passage]) -> Result<Vec<Passage>> {
    let articles: Vec<uuid::Uuid> = passages.iter().map(|passage| passage.article).collect();
    let readable = readable_among(desk, actor, &articles).await?;
    let kept = passages.iter().map(|passage| match readable.contains(&passage.article) {
        true => passage.clone(),
        false => Passage { title: "–".to_owned(), text: String::new(), ..passage.clone() },
    });
    Ok(kept.collect())
}

/// What was asked and answered in a conversation of one's own, as text, to go along with a ticket.
pub async fn transcript_of(desk: &Desk, actor: &Actor, id: ConversationId) -> Result<String> {
    let user = actor.signed_in()?;
    let rows = sqlx::query!(
        r#"SELECT t.question, t.answer, t.passages AS "passages: Json<Vec<Passage>>" FROM ai_turns t JOIN ai_conversations c ON c.id = t.conversation_id
           WHERE c.id = $1 AND c.user_id = $2 ORDER BY t.created_at, t.id LIMIT $3"#,
        id as _,
        user as _,
        TURNS_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    let quoted = |text: &str| text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
    let turns = rows.into_iter().map(|row| {
        let shown: Vec<String> = row.passages.iter().map(|passage| format!("“{}”", passage.title)).collect();
        let answer = match (row.answer, shown.is_empty()) {
            (Some(answer), _) => format!("{answer}\n\nFrom: {}", shown.join(", ")),
            (None, false) => format!("Shown: {}", shown.join(", ")),
            (None, true) => "Nothing was found.".to_owned(),
        };
        format!("{}\n\n{}", row.question, quoted(&answer))
    });
    Ok(turns.collect::<Vec<_>>().join("\n\n"))
}

/// Tokens that were used today (UTC), in all.
pub(super) async fn tokens_today<'e>(db: impl Executor<'e, Database = Postgres>) -> Result<i64> {
    let used = sqlx::query_scalar!(
        r#"SELECT coalesce(sum(tokens), 0) AS "used!" FROM ai_calls WHERE called_at >= date_trunc('day', now(), 'UTC')"#
    )
    .fetch_one(db)
    .await?;
    Ok(used)
}

/// What was sent lately, for administrators.
pub async fn ai_log(desk: &Desk, actor: &Actor) -> Result<AiLog> {
    actor.require(Permission::SettingsManage)?;
    let rows = sqlx::query!(
        r#"SELECT c.id AS "id: CallId", c.called_at AS "called_at: Timestamp", c.feature AS "feature: AiFeature", c.model, c.host,
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS who, t.ticket_number AS "ticket?: TicketNumber",
             c.articles, c.characters, c.tokens, c.outcome, c.took_ms
           FROM ai_calls c LEFT JOIN users u ON u.id = c.user_id LEFT JOIN tickets t ON t.id = c.ticket_id
           ORDER BY c.called_at DESC LIMIT $1"#,
        LOG_SHOWN
    )
    .fetch_all(&desk.db)
    .await?;
    let calls = rows.into_iter().map(|row| AiCall {
        id: row.id,
        called_at: row.called_at,
        feature: row.feature,
        model: row.model,
        host: row.host,
        who: row.who,
        ticket: row.ticket,
        articles: row.articles,
        characters: row.characters,
        tokens: row.tokens,
        outcome: row.outcome,
        took_ms: row.took_ms,
    });
    Ok(AiLog {
        calls: calls.collect(),
        tokens_today: tokens_today(&desk.db).await?,
        tokens_per_day: settings::queries::number(desk, "ai.tokens_per_day").await?,
        model: desk.ai.chat().map(|chat| (chat.model().to_owned(), chat.host().to_owned())),
    })
}

/// What a person asked in the portal, and was answered, for them to take along.
pub(crate) async fn questions_of_person(
    db: &sqlx::PgPool,
    user: crate::people::UserId,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<crate::people::Kept>> {
    let rows = sqlx::query_as!(
        crate::people::Kept,
        r#"SELECT c.id AS "id: _", jsonb_build_object('at', c.created_at, 'turns', (SELECT coalesce(jsonb_agg(jsonb_build_object('question', t.question,
             'answer', t.answer, 'at', t.created_at) ORDER BY t.created_at, t.id), '[]') FROM ai_turns t WHERE t.conversation_id = c.id)) AS "data!"
           FROM ai_conversations c WHERE c.user_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
