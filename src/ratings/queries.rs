//! Reading ratings.

use super::{RatedTicket, Rating, Satisfaction, Score};
use crate::desk::Desk;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Error, Permission, Result, Timestamp, parse_day};

/// What was said of a ticket that the caller has already been allowed to see.
pub(crate) async fn rating_of(desk: &Desk, ticket: TicketId) -> Result<Option<Rating>> {
    let row = sqlx::query!(
        r#"SELECT score AS "score!", comment, rated_at AS "rated_at!: Timestamp" FROM ticket_ratings
           WHERE ticket_id = $1 AND rated_at IS NOT NULL"#,
        ticket as _
    )
    .fetch_optional(&desk.db)
    .await?;
    row.map(|row| Ok(Rating { score: Score::new(row.score)?, comment: row.comment, rated_at: row.rated_at }))
        .transpose()
}

/// How satisfied people were with what they were asked about from one day to another, both included (UTC).
pub async fn satisfaction(desk: &Desk, actor: &Actor, from: &str, to: &str) -> Result<Satisfaction> {
    actor.require(Permission::ReportRead)?;
    let (from, to) = (parse_day("from", from)?, parse_day("to", to)?);
    if from > to {
        return Err(Error::invalid("to", "The last day comes before the first."));
    }
    let counts = sqlx::query!(
        r#"SELECT count(*) AS "asked!", count(r.score) AS "rated!",
             ARRAY[count(*) FILTER (WHERE r.score = 1), count(*) FILTER (WHERE r.score = 2), count(*) FILTER (WHERE r.score = 3),
                   count(*) FILTER (WHERE r.score = 4), count(*) FILTER (WHERE r.score = 5)] AS "scores!: Vec<i64>"
           FROM ticket_ratings r JOIN tickets t ON t.id = r.ticket_id
           WHERE r.asked_at >= $1::text::date AND r.asked_at < $2::text::date + 1 AND t.deleted_at IS NULL"#,
        from,
        to,
    )
    .fetch_one(&desk.db)
    .await?;
    let comments = sqlx::query!(
        r#"SELECT t.ticket_number AS "ticket_number: TicketNumber", t.subject, r.score AS "score!", r.comment,
             r.rated_at AS "rated_at!: Timestamp"
           FROM ticket_ratings r JOIN tickets t ON t.id = r.ticket_id
           WHERE r.rated_at IS NOT NULL AND r.comment IS NOT NULL AND t.deleted_at IS NULL
             AND r.asked_at >= $1::text::date AND r.asked_at < $2::text::date + 1
           ORDER BY r.rated_at DESC LIMIT 50"#,
        from,
        to,
    )
    .fetch_all(&desk.db)
    .await?;
    let comments = comments.into_iter().map(|row| {
        Ok(RatedTicket {
            ticket_number: row.ticket_number,
            subject: row.subject,
            rating: Rating { score: Score::new(row.score)?, comment: row.comment, rated_at: row.rated_at },
        })
    });
    let mut scores = [0; 5];
    scores.iter_mut().zip(counts.scores).for_each(|(score, count)| *score = count);
    Ok(Satisfaction {
        asked: counts.asked,
        rated: counts.rated,
        scores,
        comments: comments.collect::<Result<Vec<_>>>()?,
    })
}

/// How a person said it went, for them to take along.
pub(crate) async fn ratings_of_person(
    db: &sqlx::PgPool,
    user: crate::people::UserId,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<crate::people::Kept>> {
    let rows = sqlx::query_as!(
        crate::people::Kept,
        r#"SELECT t.id AS "id: _", jsonb_build_object('ticket', t.ticket_number, 'score', r.score, 'comment', r.comment, 'at', r.rated_at) AS "data!"
           FROM ticket_ratings r JOIN tickets t ON t.id = r.ticket_id
           WHERE t.requester_id = $1 AND r.rated_at IS NOT NULL AND t.id > $2 ORDER BY t.id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
