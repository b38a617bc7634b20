//! Tables of assets that are brought in.

use super::ImportId;
use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// None where nothing was written.
    pub id: Option<ImportId>,
    pub made: usize,
    pub changed: usize,
    pub same: usize,
    /// Rows with something wrong: where there is one, nothing is written.
    pub wrong: usize,
    /// Line, column and what is wrong there.
    pub errors: Vec<(u64, String, String)>,
    /// Each column with the field that it is read as.
    pub columns: Vec<(String, Option<String>)>,
    /// The declared fields that a column may be as well.
    pub own: Vec<String>,
    /// The file was no UTF-8, and read as what Windows writes.
    pub was_guessed: bool,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    pub rows: i32,
    /// None before the first is written.
    pub rows_done: Option<i32>,
}

/// A table that was brought in, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub rows: i32,
    pub made: i32,
    pub changed: i32,
    pub by: Option<String>,
    pub at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub undone_at: Option<Timestamp>,
}
