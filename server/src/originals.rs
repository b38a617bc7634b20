//! `GET /mail/{id}`: a mail as it came, for a frame of its own. Nothing in it runs, and nothing is fetched from
//! elsewhere unless its reader asks for pictures.

use app::AppError;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use oxdesk::desk::Desk;
use oxdesk::mail::RawMailId;
use oxdesk::mail::original::{Original, read_original};
use oxdesk::mail::parse::ParsedMail;
use oxdesk::markdown::escape;
use oxdesk::{Actor, Error, Result};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Params {
    /// Pictures from elsewhere are fetched too: their servers learn who reads this, and when.
    images: Option<String>,
}

pub async fn original(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Response {
    let found = match read(&desk, &actor, &id).await {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    let remote = match (found.shows_pictures, params.images.is_some()) {
        (true, _) => Remote::Trusted,
        (false, true) => Remote::Once,
        (false, false) => Remote::Blocked,
    };
    framed(page(&id, &found.mail, remote), remote != Remote::Blocked)
}

/// What becomes of pictures that lie elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Remote {
    Blocked,
    Once,
    /// Their reader trusts the sender.
    Trusted,
}

/// A page for a frame in which nothing runs, and into which nothing is fetched from elsewhere but, if so, pictures.
pub fn framed(page: String, with_pictures: bool) -> Response {
    let policy = format!(
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; \
         img-src 'self' {}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        if with_pictures { "https: http: data:" } else { "data:" }
    );
    let mut response = Html(page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `GET /mail/{id}/part/{content_id}`: a picture that belongs into the text.
pub async fn part(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path((id, content_id)): Path<(String, String)>,
) -> Response {
    let found = async {
        let mail = read(&desk, &actor, &id).await?.mail;
        let named = mail.attachments.into_iter().find(|file| file.content_id.as_deref() == Some(content_id.as_str()));
        let file = named.ok_or(Error::NotFound)?;
        // By its bytes: what only calls itself a picture is none.
        let kind = infer::get(&file.bytes).map(|kind| kind.mime_type()).filter(|kind| PICTURES.contains(kind));
        Ok((kind.ok_or(Error::NotFound)?, file.bytes))
    };
    match found.await {
        Ok((kind, bytes)) => {
            let policy = "default-src 'none'; sandbox";
            ([(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, policy)], bytes).into_response()
        }
        Err(error) => refused(error),
    }
}

const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

async fn read(desk: &Desk, actor: &Actor, id: &str) -> Result<Original> {
    actor.signed_in()?;
    let id: RawMailId = id.parse().map_err(|_| Error::NotFound)?;
    read_original(desk, actor, id).await
}

fn refused(error: Error) -> Response {
    match error {
        Error::Unauthenticated => Redirect::to("/login").into_response(),
        Error::NotFound => StatusCode::NOT_FOUND.into_response(),
        other => AppError::from_core(other).status().into_response(),
    }
}

fn page(id: &str, mail: &ParsedMail, remote: Remote) -> String {
    let party = |party: &oxdesk::mail::parse::Party| match party.name.as_str() {
        "" => escape(&party.email),
        name => escape(&format!("{name} <{}>", party.email)),
    };
    let list = |parties: &[oxdesk::mail::parse::Party]| parties.iter().map(party).collect::<Vec<_>>().join(", ");
    let mut rows = vec![
        ("From", mail.from.as_ref().map(party).unwrap_or_default()),
        ("To", list(&mail.to)),
        ("Cc", list(&mail.cc)),
        ("Subject", escape(&mail.subject)),
        ("Date", mail.date.map(|date| format!("{} UTC", date.local(0))).unwrap_or_default()),
        ("Origin", mail.authentication_results.first().map(|line| escape(line)).unwrap_or_default()),
    ];
    rows.retain(|(_, value)| !value.is_empty());
    let head: String =
        rows.iter().map(|(name, value)| format!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>")).collect();
    let (body, asks) = match &mail.html {
        Some(html) => {
            let own = html.replace("src=\"cid:", &format!("src=\"/mail/{id}/part/"));
            let asks = own.contains("src=\"http");
            (own, asks)
        }
        None => (format!("<pre>{}</pre>", escape(&mail.text)), false),
    };
    let ask = match remote {
        Remote::Blocked if asks => format!(
            "<p class=\"ask\">Pictures from elsewhere are not shown: their servers would learn that you read this. <a href=\"/mail/{id}?images=yes\">Show them</a></p>"
        ),
        Remote::Trusted if asks => {
            "<p class=\"trusted\">Pictures from elsewhere are shown, as you chose for this sender.</p>".to_owned()
        }
        _ => String::new(),
    };
    // What is not fetched is not shown as broken.
    let hidden = if remote != Remote::Blocked { "" } else { "img[src^=\"http\"]{display:none}" };
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>The mail as it came</title><style>\
         :root{{color-scheme:light}}body{{margin:0;padding:12px 16px;font:14px/1.5 system-ui,sans-serif;color:#1a2230;background:#fff;overflow-wrap:anywhere}}\
         table.head{{border-collapse:collapse;margin-bottom:12px}}table.head th{{text-align:left;font-weight:500;color:#5b6470;padding:0 12px 0 0;vertical-align:top}}\
         pre{{white-space:pre-wrap;font:inherit}}img{{max-width:100%;height:auto}}.ask,.trusted{{padding:8px 12px;border:1px solid #d5dae2;border-radius:6px;background:#f6f8fb}}\
         {hidden}</style></head><body><table class=\"head\">{head}</table>{ask}{body}</body></html>"
    )
}
