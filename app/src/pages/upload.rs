//! A form sent by XMLHttpRequest: the one way a browser tells how far an upload is.

use crate::AppError;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{FormData, HtmlFormElement, ProgressEvent, XmlHttpRequest};

pub fn start(
    form: &HtmlFormElement,
    progress: RwSignal<Option<u32>>,
    finished: impl Fn(Result<String, String>, &HtmlFormElement) + 'static,
) -> Option<()> {
    let request = XmlHttpRequest::new().ok()?;
    request.open("POST", &form.action()).ok()?;
    request.set_request_header("accept", "application/json").ok()?;
    let moved = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.total() > 0.0 {
            progress.set(Some((event.loaded() * 100.0 / event.total()) as u32));
        }
    });
    request.upload().ok()?.set_onprogress(Some(moved.as_ref().unchecked_ref()));
    let (answered, sent) = (request.clone(), form.clone());
    let done = Closure::once_into_js(move || {
        drop(moved);
        finished(read(&answered), &sent);
    });
    request.set_onloadend(Some(done.unchecked_ref()));
    request.send_with_opt_form_data(Some(&FormData::new_with_form(form).ok()?)).ok()
}

fn read(request: &XmlHttpRequest) -> Result<String, String> {
    match request.status().unwrap_or(0) {
        200..=299 => {
            let text = request.response_text().ok().flatten().unwrap_or_default();
            let answer = js_sys::JSON::parse(&text).ok();
            let next = answer.and_then(|answer| js_sys::Reflect::get(&answer, &"next".into()).ok());
            Ok(next.and_then(|next| next.as_string()).unwrap_or_else(|| "/portal".to_owned()))
        }
        0 => Err(AppError::Offline.to_string()),
        status => {
            let text = request.response_text().ok().flatten().unwrap_or_default();
            let error = <AppError as leptos::server_fn::error::FromServerFnError>::de(text.into());
            Err(if error == AppError::BadRequest {
                format!("The server refused this ({status}).")
            } else {
                error.to_string()
            })
        }
    }
}
