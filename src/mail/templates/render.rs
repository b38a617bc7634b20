//! Filling templates in (minijinja): what stands in a value is never read as a template again.

use super::{MailTemplate, Preview, TemplateName};
use crate::desk::Desk;
use crate::markdown::{self, render_plain};
use crate::{Error, Result, Validation, bounded};
use minijinja::{Environment, UndefinedBehavior, Value};
use serde_json::json;
use std::io::{self, Write};

/// How much work one template may be: far more than any mail needs.
const FUEL: u64 = 50_000;
/// How long what it makes may be, in bytes.
const LENGTH_MAX: usize = 8 * 1024 * 1024;

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub body: String,
}

/// Fills a template in. One that an administrator wrote and that fails is passed over: its mail is written all the same,
/// in the program's words.
pub fn render(template: &MailTemplate, values: &serde_json::Value) -> Result<Rendered> {
    let with = |subject: &str, body: &str| -> std::result::Result<Rendered, minijinja::Error> {
        let (environment, values) = (environment(UndefinedBehavior::Lenient), Value::from_serialize(values));
        Ok(Rendered {
            subject: fill(&environment, "subject.txt", subject, &values)?,
            body: fill(&environment, "body.txt", body, &values)?,
        })
    };
    let ours = template.name.declared();
    with(&template.subject, &template.body)
        .or_else(|error| {
            tracing::error!(%error, template = template.name.as_str(), "a mail is written as the program brings it");
            with(ours.subject, ours.body)
        })
        .map_err(Error::internal)
}

/// The whole page around a mail's HTML, which is safe.
pub fn frame(template: &MailTemplate, content: &str, signature: Option<&str>, desk: &Desk) -> Result<String> {
    let values = frame_values(content, signature, &desk.base_url);
    let with = |body: &str| fill(&environment(UndefinedBehavior::Lenient), "frame.html", body, &values);
    with(&template.body)
        .or_else(|error| {
            tracing::error!(%error, "a mail is framed as the program brings it");
            with(TemplateName::Frame.declared().body)
        })
        .map_err(Error::internal)
}

/// A mail's text as HTML: what a person wrote as they wrote it, the rest line by line.
pub fn content(text: &str, is_automatic: bool) -> String {
    if is_automatic { linked(&render_plain(text)) } else { markdown::render(text, &[]) }
}

/// Addresses in plain text, made to be followed.
fn linked(html: &str) -> String {
    html.split_inclusive([' ', '>', '\n'])
        .map(|word| {
            let end = word.find(['<', ' ', '\n']).unwrap_or(word.len());
            match word.strip_prefix("http").is_some_and(|rest| rest.starts_with("://") || rest.starts_with("s://")) {
                true => format!("<a href=\"{0}\">{0}</a>{1}", &word[..end], &word[end..]),
                false => word.to_owned(),
            }
        })
        .collect()
}

fn frame_values(content: &str, signature: Option<&str>, link: &str) -> Value {
    minijinja::context! {
        content => Value::from_safe_string(content.to_owned()),
        signature => signature.map(|text| Value::from_safe_string(render_plain(text))),
        desk => minijinja::context! { link },
    }
}

/// Checks what an administrator wrote, and shows the mail that it makes. Invalid, with the line, where it cannot be read,
/// where a value stands for nothing, or where what the mail is for is missing.
pub(super) fn preview(name: TemplateName, subject: &str, body: &str, link: &str) -> Result<Preview> {
    let mut check = Validation::default();
    let ours = name.declared();
    let environment = environment(UndefinedBehavior::Strict);
    let examples = examples(link);
    let subject = match name {
        TemplateName::Frame => String::new(),
        _ => check.take(bounded("subject", subject, 500)),
    };
    let body = check.take(bounded("body", body, 20_000));
    if name == TemplateName::Frame {
        let content = "<p>Hello,</p><p>we have your request.</p>";
        let values = frame_values(content, Some("Your service desk"), link);
        let html =
            check.take(fill(&environment, "frame.html", &body, &values).map_err(|error| said("body", &body, &error)));
        check.take(needed(ours.needs, content, &html));
        check.finish()?;
        return Ok(Preview { subject, text: String::new(), html });
    }
    let values = Value::from_serialize(&examples);
    let text = |field: &str, source: &str| {
        fill(&environment, &format!("{field}.txt"), source, &values).map_err(|error| said(field, source, &error))
    };
    let shown = Preview {
        subject: check.take(text("subject", &subject)),
        text: check.take(text("body", &body)),
        html: String::new(),
    };
    if let Some(example) =
        ours.needs.split('.').try_fold(&examples, |value, key| value.get(key)).and_then(|value| value.as_str())
    {
        check.take(needed(ours.needs, example, &shown.text));
    }
    check.finish()?;
    Ok(shown)
}

fn needed(value: &str, example: &str, shown: &str) -> Result<()> {
    if shown.is_empty() || shown.contains(example) {
        return Ok(());
    }
    Err(Error::invalid("body", format!("Without {{{{ {value} }}}} this mail would be of no use.")))
}

/// What is wrong with a template, with the line in which it is.
fn said(field: &str, source: &str, error: &minijinja::Error) -> Error {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let at = error.line().and_then(|number| Some((number, source.lines().nth(number.checked_sub(1)?)?)));
    let at = at.map(|(number, line)| format!(" (line {number}: {})", line.trim())).unwrap_or_default();
    Error::invalid(field, format!("{detail}{at}").chars().take(300).collect::<String>())
}

/// Fills one text in; what becomes longer than any mail fails.
fn fill(
    environment: &Environment<'_>,
    name: &str,
    source: &str,
    values: &Value,
) -> std::result::Result<String, minijinja::Error> {
    let mut out = Bounded(Vec::new());
    environment.template_from_named_str(name, source)?.render_captured_to(values, &mut out)?;
    Ok(String::from_utf8_lossy(&out.0).into_owned())
}

struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LENGTH_MAX {
            return Err(io::Error::other("it becomes longer than any mail"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_keep_trailing_newline(true);
    environment.set_fuel(Some(FUEL));
    environment
}

/// Values as they may be.
fn examples(link: &str) -> serde_json::Value {
    json!({
        "ticket": { "number": "TKT-2026-0042", "subject": "The printer eats paper" },
        "requester": { "name": "Vera Novak", "first_name": "Vera" },
        "person": { "name": "Vera Novak" },
        "by": "Ada Admin",
        "agent": { "name": "Ana Ruiz", "signature": "Ana Ruiz\nService desk, extension 42" },
        "message": "Vera Novak replied",
        "answers": "goes to the requester",
        "off": format!("{link}/unsubscribe/COMMENT_ADDED.example"),
        "count": 2,
        "title": "CHG-2026-0007: Firmware of the core switches",
        "lines": format!("TKT-2026-0042: The printer eats paper\nVera Novak replied, and 2 more\n{link}/tickets/TKT-2026-0042"),
        "text": "It was the **blue** cable. It runs again.",
        "link": format!("{link}/portal/requests/TKT-2026-0042"),
        "desk": { "link": link },
    })
}
