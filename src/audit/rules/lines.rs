//! The log as files: JSON lines that anyone can check, and a table for spreadsheets.

use crate::audit::{AuditLink, AuditLog};
use crate::text::guard_cell;
use data_encoding::HEXLOWER;

/// A link with its entry, as one line. `entry` is exactly what is hashed.
pub fn json_line(link: &AuditLink) -> String {
    let (prev_hash, hash) = (HEXLOWER.encode(&link.prev_hash), HEXLOWER.encode(&link.hash));
    let (position, entry) = (link.position, link.entry.as_deref().unwrap_or("null"));
    format!("{{\"position\": {position}, \"prev_hash\": \"{prev_hash}\", \"hash\": \"{hash}\", \"entry\": {entry}}}\n")
}

const COLUMNS: [&str; 14] = [
    "position",
    "created_at",
    "user",
    "user_id",
    "origin",
    "action",
    "entity_type",
    "entity_id",
    "description",
    "changes",
    "ip_address",
    "user_agent",
    "request_id",
    "id",
];

pub fn csv_heading() -> Vec<u8> {
    written(COLUMNS.iter().map(|name| (*name).to_owned()))
}

/// An entry as a row; what a spreadsheet would run is guarded.
pub fn csv_line(entry: &AuditLog) -> Vec<u8> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let cells = [
        entry.position.map(|position| position.to_string()).unwrap_or_default(),
        entry.created_at.to_string(),
        text(&entry.user_name),
        entry.user_id.map(|id| id.to_string()).unwrap_or_default(),
        text(&entry.origin),
        entry.action.clone(),
        text(&entry.entity_type),
        text(&entry.entity_id),
        text(&entry.description),
        entry.changes.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&entry.ip_address),
        text(&entry.user_agent),
        text(&entry.request_id),
        entry.id.to_string(),
    ];
    written(cells.into_iter())
}

fn written(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Nothing is written anywhere but into memory.
    let _ = writer.write_record(cells.map(|cell| guard_cell(&cell)));
    writer.into_inner().unwrap_or_default()
}
