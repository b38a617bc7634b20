//! What a file of an asset or a change is: the spec's `ChangeAttachment`, and the same of assets.

use crate::Timestamp;
use crate::assets::AssetId;
use crate::changes::ChangeId;
use crate::id::words;
use crate::tickets::AttachmentId;
use serde::{Deserialize, Serialize};

words! {
    /// What has files of this kind.
    HolderKind { Asset = "asset", Change = "change" }
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    Asset(AssetId),
    Change(ChangeId),
}

impl Holder {
    pub fn kind(self) -> HolderKind {
        match self {
            Self::Asset(_) => HolderKind::Asset,
            Self::Change(_) => HolderKind::Change,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    pub id: AttachmentId,
    pub file_name: String,
    /// Bytes.
    pub file_size: i64,
    /// Told from the bytes.
    pub mime_type: String,
    pub uploaded_by: Option<String>,
    pub created_at: Timestamp,
}

impl HolderKind {
    /// Where one of its files is downloaded.
    pub fn file_path(self, id: AttachmentId) -> String {
        format!("/{self}-attachments/{id}")
    }
}
