//! A raw message made of what a provider took apart: so that there is one way in, and an original to keep.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

#[derive(Default)]
pub struct Parts {
    /// As they came, in their order.
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    pub html: Option<String>,
    pub files: Vec<File>,
}

pub struct File {
    pub name: String,
    pub mime_type: String,
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

impl Parts {
    /// Adds a header unless there is one of its name.
    pub fn default_header(&mut self, name: &str, value: Option<String>) {
        let known = self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if let Some(value) = value.filter(|value| !known && !value.trim().is_empty()) {
            self.headers.push((name.to_owned(), value));
        }
    }

    /// The message (RFC 5322, RFC 2046). The head is UTF-8, as our reader takes it.
    pub fn compose(self) -> Vec<u8> {
        let mixed = format!("oxdesk-{}", Uuid::now_v7().simple());
        let alternative = format!("{mixed}-text");
        let mut out = String::new();
        for (name, value) in &self.headers {
            let name: String = name.chars().filter(|c| c.is_ascii_graphic() && *c != ':').collect();
            // What described the parts describes them no more.
            if name.is_empty()
                || name.to_ascii_lowercase().starts_with("content-")
                || name.eq_ignore_ascii_case("mime-version")
            {
                continue;
            }
            let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            out.push_str(&format!("{name}: {}\r\n", value.trim()));
        }
        out.push_str(&format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{mixed}\"\r\n\r\n"));
        out.push_str(&format!("--{mixed}\r\nContent-Type: multipart/alternative; boundary=\"{alternative}\"\r\n\r\n"));
        for (subtype, content) in [("plain", &self.text), ("html", &self.html)] {
            if let Some(content) = content {
                let head = format!(
                    "--{alternative}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                );
                out.push_str(&head);
                out.push_str(&base64(content.as_bytes()));
            }
        }
        out.push_str(&format!("--{alternative}--\r\n"));
        for file in &self.files {
            let name: String = file.name.chars().filter(|c| !c.is_control() && *c != '"' && *c != '\\').collect();
            let kind: String = file.mime_type.chars().filter(|c| c.is_ascii_graphic() && !"\";".contains(*c)).collect();
            let id = file.content_id.as_ref().map(|id| {
                let id: String = id.trim_matches(['<', '>']).chars().filter(char::is_ascii_graphic).collect();
                format!("Content-ID: <{id}>\r\n")
            });
            let place = if id.is_some() { "inline" } else { "attachment" };
            out.push_str(&format!(
                "--{mixed}\r\nContent-Type: {kind}\r\nContent-Disposition: {place}; filename=\"{name}\"\r\n{}Content-Transfer-Encoding: base64\r\n\r\n",
                id.unwrap_or_default()
            ));
            out.push_str(&base64(&file.bytes));
        }
        out.push_str(&format!("--{mixed}--\r\n"));
        out.into_bytes()
    }
}

fn base64(bytes: &[u8]) -> String {
    // 57 bytes are 76 letters, as many as a line may have (RFC 2045).
    bytes.chunks(57).map(|line| STANDARD.encode(line) + "\r\n").collect()
}
