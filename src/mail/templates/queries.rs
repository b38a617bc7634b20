//! Reading templates, and writing mails by them.

use super::{MailTemplate, Preview, Rendered, TEMPLATES, TemplateName, content, frame, render};
use crate::desk::Desk;
use crate::{Actor, Permission, Result};
use sqlx::PgExecutor;

/// All of them, as they are used now.
pub async fn list_templates(desk: &Desk, actor: &Actor) -> Result<Vec<MailTemplate>> {
    actor.require(Permission::SettingsManage)?;
    let mut own = sqlx::query_as!(
        MailTemplate,
        r#"SELECT name AS "name: TemplateName", subject, body, version, true AS "is_own!" FROM mail_templates LIMIT 100"#
    )
    .fetch_all(&desk.db)
    .await?;
    let of = |name: TemplateName| own.iter().position(|template| template.name == name);
    let places: Vec<_> = TEMPLATES.iter().map(|template| (template.name, of(template.name))).collect();
    Ok(places
        .into_iter()
        .map(|(name, place)| match place {
            Some(place) => std::mem::replace(&mut own[place], declared(name)),
            None => declared(name),
        })
        .collect())
}

/// The mail that a template would make.
pub async fn preview_template(
    desk: &Desk,
    actor: &Actor,
    name: TemplateName,
    subject: &str,
    body: &str,
) -> Result<Preview> {
    actor.require(Permission::SettingsManage)?;
    let preview = super::render::preview(name, subject, body, &desk.base_url)?;
    if name == TemplateName::Frame {
        return Ok(preview);
    }
    let content = content(&preview.text, name != TemplateName::Reply);
    let html = frame(&template(&desk.db, TemplateName::Frame).await?, &content, None, desk)?;
    Ok(Preview { html, ..preview })
}

/// A template as it is used now.
pub(crate) async fn template(executor: impl PgExecutor<'_>, name: TemplateName) -> Result<MailTemplate> {
    let own = sqlx::query_as!(
        MailTemplate,
        r#"SELECT name AS "name: TemplateName", subject, body, version, true AS "is_own!" FROM mail_templates WHERE name = $1"#,
        name as _
    )
    .fetch_optional(executor)
    .await?;
    Ok(own.unwrap_or_else(|| declared(name)))
}

/// A mail's words, by the template of this name.
pub(crate) async fn write(
    executor: impl PgExecutor<'_>,
    name: TemplateName,
    values: &serde_json::Value,
) -> Result<Rendered> {
    render(&template(executor, name).await?, values)
}

fn declared(name: TemplateName) -> MailTemplate {
    let ours = name.declared();
    MailTemplate { name, subject: ours.subject.into(), body: ours.body.into(), is_own: false, version: 0 }
}
