//! The doors through which files come and go: forms with files, and downloads.

use app::AppError;
use axum::Extension;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oxdesk::ai::commands as ai;
use oxdesk::assets::{self, AssetId, TicketRelation};
use oxdesk::desk::Desk;
use oxdesk::fields::rules::{error_name, parse_value};
use oxdesk::fields::{self, CHOICES_MAX, FieldValues};
use oxdesk::settings;
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket, rename};
use oxdesk::tickets::{
    AttachmentId, IncomingFile, InternalNote, PublicReply, TicketNumber, TicketSource, attachments, commands, queries,
};
use oxdesk::{Actor, Error, Permission, Result, Validation};
use std::collections::{BTreeMap, HashMap};
use tokio_util::io::ReaderStream;

/// Text fields may be this long, in bytes.
const TEXT_MAX: usize = 256 * 1024;

/// A form's text fields and the files it brought.
pub struct Form {
    pub text: HashMap<String, String>,
    /// Custom fields by their keys: several values where several were chosen.
    pub custom: BTreeMap<String, Vec<String>>,
    pub files: Vec<IncomingFile>,
}

/// Reads a whole form, each file straight to disk. After the first error the rest is read and dropped, so that the
/// browser sees our answer and not a broken connection. A stranger's files together may be as large as one of a
/// person we know, and their forms are counted before they are read: both cost disk before anything is checked.
pub async fn read_form(desk: &Desk, actor: &Actor, mut multipart: Multipart) -> Result<Form> {
    commands::admit_form(desk, actor).await?;
    let max = settings::queries::number(desk, "file.max_upload_size").await?;
    let mut form = Form { text: HashMap::new(), custom: BTreeMap::new(), files: Vec::new() };
    let mut failed = None;
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let stored: u64 = form.files.iter().map(|file| file.size.unsigned_abs()).sum();
        let left = if actor.user_id.is_some() { max } else { max.saturating_sub(stored) };
        if failed.is_some() {
            drain(field).await;
        } else if let Err(error) = read_field(desk, &mut form, field, left).await {
            failed = Some(error);
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(form),
    }
}

async fn read_field(desk: &Desk, form: &mut Form, mut field: Field<'_>, max: u64) -> Result<()> {
    let name = field.name().unwrap_or_default().to_owned();
    if let Some(file_name) = field.file_name().map(str::to_owned) {
        // Counted before it is stored: a form must not fill the disk first and be refused then.
        if form.files.len() >= attachments::FILES_MAX {
            drain(field).await;
            return Err(Error::invalid("files", format!("At most {} files at once, please.", attachments::FILES_MAX)));
        }
        // A file input that was left alone sends one file without name and content.
        let incoming = desk.files.receive(&file_name, max, &mut field).await;
        if incoming.is_err() {
            drain(field).await;
        }
        let incoming = incoming?;
        if !(file_name.is_empty() && incoming.size == 0) {
            form.files.push(incoming);
        }
        return Ok(());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > TEXT_MAX {
            drain(field).await;
            return Err(Error::invalid(&name, "This is too long."));
        }
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::invalid(&name, "This is not valid UTF-8 text."))?;
    match name.strip_prefix("field.") {
        Some(key) => {
            let values = form.custom.entry(key.to_owned()).or_default();
            if values.len() >= CHOICES_MAX {
                return Err(Error::invalid(&name, "These are too many."));
            }
            values.push(text);
        }
        None => drop(form.text.insert(name, text)),
    }
    Ok(())
}

async fn drain(mut field: Field<'_>) {
    while let Ok(Some(_)) = field.chunk().await {}
}

fn broken(error: MultipartError) -> Error {
    tracing::debug!(%error, "a broken form");
    Error::invalid("files", "The form arrived broken. Please try again.")
}

impl Form {
    fn take(&mut self, name: &str) -> String {
        self.text.remove(name).unwrap_or_default()
    }
}

/// `POST /tickets/{number}/comments` and `/portal/requests/{number}/comments`: a reply or a note, with files.
pub async fn comment(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(number): Path<String>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    let result = async {
        let number: TicketNumber = number.parse().map_err(|_| Error::NotFound)?;
        let ticket = queries::id_by_number(&desk, &actor, &number).await?;
        let mut form = read_form(&desk, &actor, multipart).await?;
        let body = form.take("comment");
        let then = match form.take("then").as_str() {
            "" => None,
            status => Some(status.parse().map_err(|error| rename(error, "then"))?),
        };
        // Only what scripts send can be taken back: they are asked to show how.
        let waits = !form.take("waits").is_empty() && form.files.is_empty();
        match form.take("kind").as_str() {
            "reply" if waits && actor.can(Permission::TicketReply) => {
                let reply = PublicReply::parse(&body)?;
                commands::schedule_reply(&desk, &actor, ticket, &reply, then).await.map(|_| ())
            }
            "reply" => {
                let reply = PublicReply::parse(&body)?;
                commands::add_reply(&desk, &actor, ticket, reply, then, form.files).await.map(|_| ())
            }
            "note" => {
                let note = InternalNote::parse(&body)?;
                commands::add_note(&desk, &actor, ticket, note, form.files).await.map(|_| ())
            }
            _ => Err(Error::invalid("kind", "reply or note, please.")),
        }
    }
    .await;
    answer(&headers, result, |()| back_to(&headers))
}

/// `POST /portal/new`: a request from the portal's form, signed in or not.
pub async fn new_request(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    let result = async {
        let mut form = read_form(&desk, &actor, multipart).await?;
        // Nobody sees this field; who fills it in is a program. It is told that all went well.
        if !form.take("website").is_empty() {
            return Ok(None);
        }
        let draft = TicketDraft {
            subject: form.take("subject"),
            description: form.take("description"),
            requester_email: actor
                .email
                .as_ref()
                .map_or_else(|| form.take("requester_email"), |email| email.to_string()),
            requester_name: Some(form.take("requester_name")),
            category: Some(form.take("category")),
            subcategory: Some(form.take("subcategory")),
            custom_fields: custom_fields(&desk, &actor, std::mem::take(&mut form.custom)).await?,
            is_private: !form.take("is_private").is_empty(),
            ..TicketDraft::default()
        };
        let about = about_asset(&desk, &actor, &form.take("asset")).await?;
        let created = create(&desk, &actor, draft, form).await?;
        if let Some(asset) = about {
            assets::commands::link_asset(&desk, &actor, created.id, asset, TicketRelation::AffectedBy).await?;
        }
        Ok(Some(created))
    }
    .await;
    let signed_in = actor.user_id.is_some();
    answer(&headers, result, |created| match created {
        Some(created) if signed_in => format!("/portal/requests/{}", created.ticket_number),
        Some(created) => format!("/portal/thanks?number={}", created.ticket_number),
        None => "/portal/thanks".to_owned(),
    })
}

/// Which of one's own things it is about: known before anything is written.
async fn about_asset(desk: &Desk, actor: &Actor, number: &str) -> Result<Option<AssetId>> {
    if number.is_empty() {
        return Ok(None);
    }
    let missing = |_| Error::invalid("asset", "There is no such asset, or it is not yours.");
    assets::queries::resolve_number(desk, actor, number).await.map(Some).map_err(missing)
}

/// A request, or one that is made of a conversation.
async fn create(desk: &Desk, actor: &Actor, draft: TicketDraft, mut form: Form) -> Result<commands::Created> {
    let conversation = form.take("conversation");
    if !conversation.is_empty() {
        let id = conversation.parse().map_err(|error| rename(error, "conversation"))?;
        return ai::request_from_conversation(desk, actor, id, draft, form.files).await;
    }
    let new = check_new_ticket(draft, TicketSource::Form)?;
    commands::create_ticket(desk, actor, new, form.files).await
}

/// What a form sent for custom fields, as values. A field that is gone since the form was opened is named.
async fn custom_fields(desk: &Desk, actor: &Actor, sent: BTreeMap<String, Vec<String>>) -> Result<FieldValues> {
    if sent.is_empty() {
        return Ok(FieldValues::new());
    }
    let fields = fields::queries::list_fields(desk, actor).await?;
    let mut check = Validation::default();
    let mut values = FieldValues::new();
    for (key, sent) in sent {
        match fields.iter().find(|field| field.key == key && !field.is_deleted) {
            Some(field) => {
                if let Some(value) = check.take(parse_value(field, &sent)) {
                    values.insert(key, value);
                }
            }
            None => {
                let gone = "This form has changed since you opened it. Please open it again.";
                check.take::<()>(Err(Error::invalid(&error_name(&key), gone)));
            }
        }
    }
    check.finish()?;
    Ok(values)
}

/// A script is answered in JSON; a plain form is sent to the next page, or back with the error in the address.
fn answer<T>(headers: &HeaderMap, result: Result<T>, next: impl FnOnce(T) -> String) -> Response {
    match result {
        Ok(done) if is_script(headers) => axum::Json(serde_json::json!({ "next": next(done) })).into_response(),
        Ok(done) => Redirect::to(&next(done)).into_response(),
        Err(error) => refuse(headers, error),
    }
}

/// Whether a script sent it, which wants no page.
pub fn is_script(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// Says what is wrong: to a script as it is, of a plain form in the address of the page that it stood on.
pub fn refuse(headers: &HeaderMap, error: Error) -> Response {
    let error = AppError::from_core(error);
    if is_script(headers) {
        return (error.status(), axum::Json(error)).into_response();
    }
    let back = back_to(headers);
    let joint = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{joint}error={}", urlencode(&error.to_string()))).into_response()
}

/// The page the form stood on, without an earlier error: no other host's, so that nobody is sent elsewhere.
pub fn back_to(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(uri) = referer.parse::<http::Uri>() else { return "/portal".to_owned() };
    let path = uri.path();
    if !path.starts_with('/') || path.starts_with("//") {
        return "/portal".to_owned();
    }
    let kept: Vec<_> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("error="))
        .collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

fn urlencode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => (byte as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// `GET /attachments/{id}`: always as a download, never run or shown by the browser.
pub async fn download(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        actor.identified()?;
        let id: AttachmentId = id.parse().map_err(|_| Error::NotFound)?;
        attachments::open_attachment(&desk, &actor, id).await
    };
    match found.await {
        Ok((attachment, file)) => send(&attachment.file_name, &attachment.mime_type, attachment.file_size, file),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(Error::Unauthenticated) => Redirect::to("/login").into_response(),
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

pub fn send(name: &str, mime_type: &str, size: i64, file: tokio::fs::File) -> Response {
    let mut response = Body::from_stream(ReaderStream::with_capacity(file, 64 * 1024)).into_response();
    let headers = response.headers_mut();
    let disposition = format!("attachment; filename*=UTF-8''{}", urlencode(name));
    for (key, value) in [
        (header::CONTENT_TYPE, mime_type),
        (header::CONTENT_DISPOSITION, disposition.as_str()),
        (header::CONTENT_LENGTH, size.to_string().as_str()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(key, value);
        }
    }
    response
}

/// One file as a stream, for the API.
pub async fn receive_single(desk: &Desk, actor: &Actor, multipart: Multipart) -> Result<Vec<IncomingFile>> {
    let form = read_form(desk, actor, multipart).await?;
    if form.files.is_empty() { Err(Error::invalid("file", "Please attach a file.")) } else { Ok(form.files) }
}
