//! Files on tickets: keeping them beside a transaction, finding them again.

use super::queries::push_visible;
use super::{Attachment, AttachmentId, CommentId, IncomingFile, TicketId};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result};
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// Files moved to their place, to be attached in a transaction or, if that fails, discarded.
pub(crate) struct Kept(Vec<KeptFile>);

pub(crate) struct KeptFile {
    pub(crate) id: AttachmentId,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) size: i64,
    pub(crate) mime_type: String,
    pub(crate) sha256: Vec<u8>,
}

/// At most this many files at once.
pub const FILES_MAX: usize = 20;

/// Moves what a person sent to its place: a limited number at once.
pub(crate) async fn keep_all(desk: &Desk, files: &mut [IncomingFile]) -> Result<Kept> {
    if files.len() > FILES_MAX {
        return Err(Error::invalid("files", format!("At most {FILES_MAX} files at once, please.")));
    }
    keep_each(desk, files).await
}

/// Moves files to their place, however many a mail has.
pub(crate) async fn keep_each(desk: &Desk, files: &mut [IncomingFile]) -> Result<Kept> {
    let mut kept = Kept(Vec::with_capacity(files.len()));
    for file in files {
        let id = AttachmentId::new();
        let path = match desk.files.keep(file, id.0).await {
            Ok(path) => path,
            Err(error) => return kept.settle(desk, Err(error)).await,
        };
        kept.0.push(KeptFile {
            id,
            path,
            name: file.file_name.clone(),
            size: file.size,
            mime_type: file.mime_type.clone(),
            sha256: file.sha256.clone(),
        });
    }
    Ok(kept)
}

impl Kept {
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn files(&self) -> &[KeptFile] {
        &self.0
    }

    pub(in crate::tickets) async fn attach(
        &self,
        tx: &mut PgConnection,
        actor: &Actor,
        ticket: TicketId,
        comment: Option<CommentId>,
    ) -> Result<()> {
        for file in &self.0 {
            sqlx::query!(
                "INSERT INTO ticket_attachments (id, ticket_id, comment_id, file_name, file_path, file_size, mime_type, sha256, uploaded_by_id)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                file.id as _,
                ticket as _,
                comment as _,
                file.name,
                file.path,
                file.size,
                file.mime_type,
                file.sha256,
                actor.user_id as _,
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(())
    }

    /// Passes `result` on; when it is an error, the files go.
    pub(crate) async fn settle<T>(self, desk: &Desk, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.discard(desk).await;
        }
        result
    }

    /// Deletes files that came to belong to nothing.
    pub(crate) async fn discard(self, desk: &Desk) {
        for file in &self.0 {
            desk.files.discard(&file.path).await;
        }
    }
}

/// A file with its place, for whoever may see the ticket and, for a note's file, its notes.
pub async fn open_attachment(desk: &Desk, actor: &Actor, id: AttachmentId) -> Result<(Attachment, tokio::fs::File)> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.comment_id, a.file_name, a.file_size, a.mime_type, a.created_at, a.file_path
         FROM ticket_attachments a
         JOIN tickets t ON t.id = a.ticket_id
         LEFT JOIN ticket_comments c ON c.id = a.comment_id
         WHERE t.deleted_at IS NULL AND c.deleted_at IS NULL AND a.id = ",
    );
    query.push_bind(id);
    if !actor.can(Permission::NoteRead) {
        query.push(" AND NOT coalesce(c.is_internal, false)");
    }
    query.push(" AND ");
    push_visible(&mut query, actor);
    let row = query
        .build_query_as::<(AttachmentId, Option<CommentId>, String, i64, String, crate::Timestamp, String)>()
        .fetch_optional(&desk.db)
        .await?
        .ok_or(Error::NotFound)?;
    let (id, comment_id, file_name, file_size, mime_type, created_at, path) = row;
    let file = desk.files.read(&path).await?;
    Ok((Attachment { id, comment_id, file_name, file_size, mime_type, created_at }, file))
}

/// Attaches files to the ticket itself, for everyone who sees it.
pub async fn attach_files(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    mut files: Vec<IncomingFile>,
) -> Result<Vec<Attachment>> {
    if !actor.can(Permission::TicketReply) {
        actor.require(Permission::TicketReplyOwn)?;
    }
    let kept = keep_all(desk, &mut files).await?;
    let result = insert_files(desk, actor, ticket, &kept).await;
    kept.settle(desk, result).await
}

async fn insert_files(desk: &Desk, actor: &Actor, ticket: TicketId, kept: &Kept) -> Result<Vec<Attachment>> {
    let mut tx = desk.db.begin().await?;
    let locked = super::queries::lock_visible(&mut tx, actor, ticket).await?;
    if !actor.owns(ticket, locked.requester_id) && !actor.can(Permission::TicketReply) {
        return Err(Error::Forbidden);
    }
    kept.attach(&mut tx, actor, ticket, None).await?;
    super::commands::record_attached(&mut tx, actor, ticket).await?;
    let ids: Vec<_> = kept.0.iter().map(|file| file.id).collect();
    let added = sqlx::query_as!(
        Attachment,
        "SELECT id, comment_id, file_name, file_size, mime_type, created_at FROM ticket_attachments WHERE id = ANY($1) ORDER BY id",
        &ids as _
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(added)
}
