//! The parts of a message: which are its text, which are files.

use super::message::ParsedAttachment;
use super::{headers, uuencode};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

/// A file's name as it is kept, in characters.
const NAME_MAX: usize = 200;

pub struct Body {
    /// What was written as text; nothing when that is empty.
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<ParsedAttachment>,
}

pub fn read(message: &Message<'_>) -> Body {
    let body = parts(message);
    if body.text.is_some() || body.html.is_some() || !body.attachments.is_empty() {
        return body;
    }
    // A boundary that is not the one announced: what was sent is text, then.
    let root = message.parts.first().map_or(0, |root| root.offset_body as usize);
    let rest = String::from_utf8_lossy(message.raw_message().get(root..).unwrap_or_default()).replace("\r\n", "\n");
    Body { text: Some(rest).filter(|text| !text.trim().is_empty()), ..body }
}

fn parts(message: &Message<'_>) -> Body {
    let (mut text, mut html, mut attachments) = (Vec::new(), Vec::new(), Vec::new());
    for (at, part) in message.parts.iter().enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let is_body = message.text_body.contains(&at) || message.html_body.contains(&at);
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Text(content) if is_body && !is_markup(part) => {
                text.push(unflowed(part, &decoded(message, part, content)))
            }
            PartType::Text(content) | PartType::Html(content) if is_body => {
                html.push(decoded(message, part, content).into_owned())
            }
            _ => attachments.push(attachment(message, part, &attachments)),
        }
    }
    let (text, files) = uuencode::split(&text.join("\n").replace("\r\n", "\n").replace('\0', ""));
    for (name, bytes) in files {
        let mime_type = infer::get(&bytes).map_or("application/octet-stream", |kind| kind.mime_type()).to_owned();
        let size = bytes.len();
        attachments.push(ParsedAttachment {
            file_name: clean(&name),
            mime_type,
            size,
            inline: false,
            content_id: None,
            bytes,
        });
    }
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    Body { text: given(text), html: given(html.join("\n").replace('\0', "")), attachments }
}

fn is_markup(part: &MessagePart<'_>) -> bool {
    part.is_content_type("text", "html") || part.is_content_type("text", "enriched")
}

/// Text whose charset was not named, or wrongly.
fn decoded<'a>(message: &Message<'_>, part: &MessagePart<'_>, content: &'a str) -> Cow<'a, str> {
    if content.contains("\u{1b}$") {
        return Cow::Owned(encoding_rs::ISO_2022_JP.decode_without_bom_handling(content.as_bytes()).0.into_owned());
    }
    let plain = part.encoding == Encoding::None;
    let named = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_ascii_lowercase();
    if plain && content.contains('\u{fffd}') && matches!(named.as_str(), "" | "us-ascii" | "utf-8") {
        let raw = raw(message, part);
        return Cow::Owned(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&raw).0.into_owned());
    }
    Cow::Borrowed(content)
}

fn attachment(message: &Message<'_>, part: &MessagePart<'_>, others: &[ParsedAttachment]) -> ParsedAttachment {
    let mime_type = mime_type(part);
    let content_id = part.content_id().map(headers::id).filter(|id| !id.is_empty());
    let disposition = part.content_disposition();
    let inline = disposition.is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("inline")) || content_id.is_some();
    let nested = matches!(part.body, PartType::Message(_));
    let bytes = bytes(message, part);
    let file_name = match name(part, content_id.as_deref()) {
        Some(name) => clean(&name),
        None => numbered(&mime_type, others),
    };
    ParsedAttachment { file_name, size: bytes.len(), inline: inline && !nested, mime_type, content_id, bytes }
}

fn mime_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_lowercase(),
            None => kind.ctype().to_lowercase(),
        },
    )
}

/// What a part is called: by its sender, by what it holds, or by its id.
fn name(part: &MessagePart<'_>, content_id: Option<&str>) -> Option<String> {
    let given = part.attachment_name().map(str::to_owned).filter(|name| !name.trim().is_empty());
    let nested = match &part.body {
        PartType::Message(nested) => nested.subject().map(|subject| format!("{subject}.eml")),
        _ => None,
    };
    let described = part
        .content_description()
        .map(|text| format!("{text}{}", extension(&mime_type(part))))
        .filter(|_| matches!(part.body, PartType::Message(_)) || part.is_content_type("message", "delivery-status"));
    let is_image = part.content_type().is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("image"));
    let by_id = content_id.and_then(|id| id.split('@').next()).filter(|id| {
        let extension = id.rsplit_once('.').map(|(_, extension)| extension);
        extension.is_some_and(|extension| !is_image || extension.starts_with(char::is_alphabetic)) && id.len() < 100
    });
    given.or(described).or(nested).or_else(|| by_id.map(str::to_owned))
}

/// A name for a part that has none: `image.png`, `image1.png`.
fn numbered(mime_type: &str, others: &[ParsedAttachment]) -> String {
    let stem = match mime_type.split('/').next().unwrap_or_default() {
        "image" => "image",
        "video" => "video",
        "audio" => "audio",
        "text" => "document",
        "message" => "message",
        _ => "file",
    };
    let name = |n: usize| match n {
        0 => format!("{stem}{}", extension(mime_type)),
        n => format!("{stem}{n}{}", extension(mime_type)),
    };
    let taken = |name: &String| others.iter().any(|other| other.file_name == *name);
    (0..=others.len()).map(name).find(|name| !taken(name)).unwrap_or_else(|| stem.to_owned())
}

fn bytes(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let decoded = match &part.body {
        PartType::Message(nested) => nested.raw_message().to_vec(),
        _ => part.contents().to_vec(),
    };
    if decoded.is_empty() && matches!(part.body, PartType::Message(_)) {
        return raw(message, part);
    }
    if part.encoding == Encoding::Base64 { whole_base64(&raw(message, part), decoded) } else { decoded }
}

/// The bytes of base64 whose end is missing: the last ones count too.
fn whole_base64(raw: &[u8], decoded: Vec<u8>) -> Vec<u8> {
    let letters: Vec<u8> =
        raw.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte)).collect();
    if letters.len() % 4 < 2 || raw.contains(&b'=') {
        return decoded;
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(&letters).unwrap_or(decoded)
}

/// A nested message as it came.
fn raw(message: &Message<'_>, part: &MessagePart<'_>) -> Vec<u8> {
    let range = part.offset_body as usize..part.offset_end as usize;
    message.raw_message().get(range).unwrap_or_default().to_vec()
}

fn extension(mime_type: &str) -> &'static str {
    match mime_type {
        "image/png" => ".png",
        "image/jpeg" | "image/jpg" => ".jpg",
        "image/gif" => ".gif",
        "message/rfc822" | "message/global" => ".eml",
        "text/plain" | "message/delivery-status" => ".txt",
        "text/html" => ".html",
        "video/quicktime" => ".mov",
        "video/mp4" => ".mp4",
        "audio/mpeg" => ".mp3",
        "text/calendar" => ".ics",
        "application/pdf" => ".pdf",
        _ => "",
    }
}

/// A file's name without a way to anywhere.
fn clean(name: &str) -> String {
    let name = headers::one_line(name);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name: String = last.chars().take(NAME_MAX).collect();
    if name.is_empty() || name.chars().all(|c| c == '.') { "file".to_owned() } else { name }
}

/// Lines that were broken for travelling only, whole again (RFC 3676).
fn unflowed(part: &MessagePart<'_>, content: &str) -> String {
    let attribute = |name: &str| part.content_type().and_then(|kind| kind.attribute(name)).unwrap_or_default();
    if !attribute("format").eq_ignore_ascii_case("flowed") {
        return content.to_owned();
    }
    let joint = if attribute("delsp").eq_ignore_ascii_case("yes") { "" } else { " " };
    let mut out = String::with_capacity(content.len());
    let mut open: Option<usize> = None;
    for line in content.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let words = line[depth..].strip_prefix(' ').unwrap_or(&line[depth..]);
        match open {
            Some(before) if before == depth => {}
            _ => {
                if !out.is_empty() || open.is_some() {
                    out.push('\n');
                }
                out.push_str(&">".repeat(depth));
                out.push_str(if depth > 0 && !words.is_empty() { " " } else { "" });
            }
        }
        let flows = words.ends_with(' ') && words != "-- ";
        out.push_str(words.strip_suffix(' ').filter(|_| flows).unwrap_or(words));
        out.push_str(if flows { joint } else { "" });
        open = flows.then_some(depth);
    }
    out
}
