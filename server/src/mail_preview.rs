//! Answers for a frame beside a form: `POST /mail-preview`, how a mail would look whose text is being written, and
//! `POST /mail-try`, what intake would see of a message.

use crate::originals::framed;
use app::AppError;
use axum::extract::State;
use axum::response::Response;
use axum::{Extension, Form};
use http::StatusCode;
use oxdesk::desk::Desk;
use oxdesk::mail::ReadMail;
use oxdesk::mail::original::try_message;
use oxdesk::mail::templates::queries::preview_template;
use oxdesk::markdown::escape;
use oxdesk::{Actor, Error, Result};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Fields {
    name: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
pub struct Message {
    #[serde(default)]
    message: String,
}

pub async fn try_it(Extension(actor): Extension<Actor>, Form(form): Form<Message>) -> Response {
    answer(try_message(&actor, form.message).await.map(|mail| read(&mail)))
}

pub async fn preview(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Form(fields): Form<Fields>,
) -> Response {
    answer(page(&desk, &actor, fields).await)
}

fn answer(page: Result<String>) -> Response {
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(error) => {
            let shown = format!("<p style=\"{TYPE}\">{}</p>", escape(&words(&error)));
            (AppError::from_core(error).status(), shown)
        }
    };
    let mut response = framed(page, false);
    *response.status_mut() = status;
    response
}

const TYPE: &str = "font:14px/1.5 system-ui,sans-serif;color:#1a2230;background:#fff";

fn read(mail: &ReadMail) -> String {
    let files: Vec<String> = mail.attachments.iter().map(|(name, size)| format!("{name} ({size} bytes)")).collect();
    let rows = [
        ("From", mail.from.clone().unwrap_or_default()),
        ("To", mail.to.join(", ")),
        ("Subject", mail.subject.clone()),
        ("No person's", mail.automatic.clone().unwrap_or_default()),
        ("Bounce", mail.bounce.clone().unwrap_or_default()),
        ("Origin", mail.authentication.clone().unwrap_or_default()),
        ("Files", files.join(", ")),
        ("Wrong", mail.error.clone().unwrap_or_default()),
    ];
    let rows: String = rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>", escape(value)))
        .collect();
    format!(
        "<div style=\"{TYPE}\"><dl>{rows}</dl><h2>What is new in it</h2><pre>{}</pre><h2>All of it</h2><pre>{}</pre></div>",
        escape(&mail.reply),
        escape(&mail.text)
    )
}

async fn page(desk: &Desk, actor: &Actor, fields: Fields) -> Result<String> {
    let body = fields.body.replace("\r\n", "\n");
    let preview = preview_template(desk, actor, fields.name.parse()?, &fields.subject, &body).await?;
    let head = match preview.subject.as_str() {
        "" => String::new(),
        subject => format!(
            "<p style=\"font:600 15px system-ui,sans-serif;border-bottom:1px solid #d5dae2;padding-bottom:8px\">{}</p>",
            escape(subject)
        ),
    };
    // The page around the frame may be dark; mails are not.
    Ok(format!("<style>html{{background:#fff}}</style>{head}{}", preview.html))
}

fn words(error: &Error) -> String {
    match error {
        Error::Invalid(fields) => fields.values().cloned().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}
