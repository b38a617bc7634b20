//! What scripts send beside server functions: plain forms, with how far an upload is.

use crate::AppError;
use leptos::prelude::*;
use leptos::server_fn::error::FromServerFnError;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, ProgressEvent, UrlSearchParams, XmlHttpRequest};

/// Sends a form with its files; `finished` gets the address of the next page.
pub fn form_with_files(
    form: &HtmlFormElement,
    fields: &FormData,
    progress: RwSignal<Option<u32>>,
    finished: impl FnOnce(Result<String, AppError>, &HtmlFormElement) + 'static,
) -> Option<()> {
    let request = open(&form.action())?;
    let moved = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress.set(Some((event.loaded() * 100.0 / event.total()) as u32));
        }
    });
    request.upload().ok()?.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    let (answered, sent) = (request.clone(), form.clone());
    let done = Closure::once_into_js(move || {
        drop(moved);
        finished(checked(&answered).map(|()| next(&answered)), &sent);
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    request.send_with_opt_form_data(Some(fields)).ok()
}

/// Sends files to a door of the desk; `finished` gets what it says of them.
pub fn files<T: serde::de::DeserializeOwned>(
    address: &str,
    files: &FormData,
    finished: impl FnOnce(Result<T, AppError>) + 'static,
) -> Option<()> {
    let request = open(address)?;
    let answered = request.clone();
    let done = Closure::once_into_js(move || {
        let answer = checked(&answered);
        finished(answer.and_then(|()| {
            leptos::serde_json::from_str(&text(&answered)).map_err(|_| AppError::Core(oxdesk::Error::Internal))
        }));
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    request.send_with_opt_form_data(Some(files)).ok()
}

/// Sends fields to a server function; `finished` gets the page to go to, if there is one.
pub fn fields(
    endpoint: &str,
    fields: &UrlSearchParams,
    finished: impl FnOnce(Result<Option<String>, AppError>) + 'static,
) -> Option<()> {
    let request = open(&format!("/fn/{endpoint}"))?;
    request.set_request_header("content-type", "application/x-www-form-urlencoded").ok()?;
    let answered = request.clone();
    let done = Closure::once_into_js(move || {
        let next = || answered.get_response_header("location").ok().flatten();
        finished(checked(&answered).map(|()| next()));
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    request.send_with_opt_str(fields.to_string().as_string().as_deref()).ok()
}

/// Asks a server function with fields; `finished` gets its answer. For the portal's first page, which is to be small:
/// what server functions bring along is more than all of it.
pub fn ask<T: serde::de::DeserializeOwned>(
    endpoint: &str,
    fields: &UrlSearchParams,
    finished: impl FnOnce(Option<T>) + 'static,
) -> Option<()> {
    let request = open(&format!("/fn/{endpoint}"))?;
    request.set_request_header("content-type", "application/x-www-form-urlencoded").ok()?;
    let answered = request.clone();
    let done = Closure::once_into_js(move || {
        let answer = checked(&answered).ok().and_then(|()| leptos::serde_json::from_str(&text(&answered)).ok());
        finished(answer);
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    request.send_with_opt_str(fields.to_string().as_string().as_deref()).ok()
}

fn open(url: &str) -> Option<XmlHttpRequest> {
    let request = XmlHttpRequest::new().ok()?;
    request.open("POST", url).ok()?;
    request.set_request_header("accept", "application/json").ok()?;
    Some(request)
}

fn text(request: &XmlHttpRequest) -> String {
    request.response_text().ok().flatten().unwrap_or_default()
}

fn next(request: &XmlHttpRequest) -> String {
    let answer = js_sys::JSON::parse(&text(request)).unwrap_or(JsValue::NULL);
    let next = js_sys::Reflect::get(&answer, &"next".into()).ok().and_then(|next| next.as_string());
    next.unwrap_or_else(|| "/portal".to_owned())
}

fn checked(request: &XmlHttpRequest) -> Result<(), AppError> {
    match request.status().unwrap_or(0) {
        200..=299 => Ok(()),
        0 => Err(AppError::Offline),
        _ => Err(AppError::de(text(request).into())),
    }
}
