//! Where attached files lie: a folder beside the database, one file each, named by its id.

use crate::{Error, Result};
use futures_util::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct FileStore {
    root: Arc<Path>,
}

/// A file that has arrived and been checked but belongs to nothing yet. Dropped without being kept, it is deleted.
#[derive(Debug)]
pub struct IncomingFile {
    pub file_name: String,
    pub mime_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
    temporary: Option<PathBuf>,
}

impl FileStore {
    /// Makes the folder when it is missing.
    pub fn open(root: impl Into<PathBuf>) -> std::io::Result<Self> {
        let root = root.into();
        std::fs::create_dir_all(root.join("incoming"))?;
        Ok(Self { root: root.into() })
    }

    /// Writes a stream to disk, refusing more than `max` bytes; the type is told from the bytes, never from the name.
    pub async fn receive<B, E>(
        &self,
        file_name: &str,
        max: u64,
        mut chunks: impl Stream<Item = Result<B, E>> + Unpin,
    ) -> Result<IncomingFile>
    where
        B: AsRef<[u8]>,
    {
        let path = self.root.join("incoming").join(Uuid::now_v7().to_string());
        let mut incoming = IncomingFile {
            file_name: clean_file_name(file_name),
            mime_type: String::new(),
            size: 0,
            sha256: Vec::new(),
            temporary: Some(path.clone()),
        };
        let mut file = tokio::fs::File::create(&path).await.map_err(Error::internal)?;
        let (mut hash, mut head) = (Sha256::new(), Vec::new());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Error::invalid("files", "The upload was cut off. Please try again."))?;
            let bytes = chunk.as_ref();
            incoming.size += bytes.len() as i64;
            if incoming.size.unsigned_abs() > max {
                return Err(Error::TooLarge { file_name: incoming.file_name.clone(), limit: max });
            }
            if head.len() < 8192 {
                head.extend_from_slice(&bytes[..bytes.len().min(8192 - head.len())]);
            }
            hash.update(bytes);
            file.write_all(bytes).await.map_err(Error::internal)?;
        }
        file.sync_all().await.map_err(Error::internal)?;
        incoming.mime_type = type_of(&head).to_owned();
        incoming.sha256 = hash.finalize().to_vec();
        Ok(incoming)
    }

    /// Moves a file to its place and says where that is. The caller deletes it again when its transaction fails.
    pub(super) async fn keep(&self, file: &mut IncomingFile, id: Uuid) -> Result<String> {
        let name = id.to_string();
        let relative = format!("{}/{name}", &name[name.len() - 2..]);
        let target = self.root.join(&relative);
        let Some(from) = file.temporary.take() else { return Err(Error::Internal) };
        let moved = async {
            if let Some(folder) = target.parent() {
                tokio::fs::create_dir_all(folder).await?;
            }
            tokio::fs::rename(&from, &target).await
        };
        moved.await.map_err(Error::internal)?;
        Ok(relative)
    }

    pub(crate) async fn discard(&self, relative: &str) {
        if let Err(error) = tokio::fs::remove_file(self.root.join(relative)).await {
            tracing::warn!(%error, file = relative, "a file that belongs to nothing could not be deleted");
        }
    }

    /// Where they lie, to count them.
    #[cfg(feature = "testing")]
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub async fn read(&self, relative: &str) -> Result<tokio::fs::File> {
        tokio::fs::File::open(self.root.join(relative)).await.map_err(Error::internal)
    }
}

impl IncomingFile {
    /// Width and height that a picture says it has, in pixels; read from its head alone.
    pub(crate) async fn picture_size(&self) -> Result<Option<(u64, u64)>> {
        let Some(path) = self.temporary.clone() else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || imagesize::size(path).ok());
        let size = read.await.map_err(Error::internal)?;
        Ok(size.map(|size| (size.width as u64, size.height as u64)))
    }
}

impl Drop for IncomingFile {
    fn drop(&mut self) {
        if let Some(path) = self.temporary.take() {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The last part of a path, without control characters and quotes; never empty, at most 200 characters.
fn clean_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control() && !"\"<>|:*?".contains(*c)).take(200).collect();
    match clean.trim().trim_matches('.') {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

/// The type that the first bytes show. Text that a browser might run is plain text to us.
fn type_of(head: &[u8]) -> &'static str {
    let looks_like_markup = || {
        let start = String::from_utf8_lossy(&head[..head.len().min(512)]).trim_start().to_ascii_lowercase();
        start.starts_with('<')
    };
    match infer::get(head).map(|kind| kind.mime_type()) {
        Some("text/html" | "text/xml" | "image/svg+xml" | "application/xml") => "text/plain",
        Some(known) => known,
        None if !head.contains(&0) && (std::str::from_utf8(head).is_ok() || looks_like_markup()) => "text/plain",
        None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_only_a_name() {
        for (from, to) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\report.pdf", "report.pdf"),
            ("", "file"),
            ("..", "file"),
            ("a\r\nb\".png", "ab.png"),
        ] {
            assert_eq!(clean_file_name(from), to);
        }
        assert_eq!(clean_file_name(&"x".repeat(999)).len(), 200);
    }

    #[test]
    fn the_type_comes_from_the_bytes() {
        assert_eq!(type_of(b"\x89PNG\r\n\x1a\n"), "image/png");
        assert_eq!(type_of(b"<svg xmlns='x'><script>alert(1)</script></svg>"), "text/plain");
        assert_eq!(type_of(b"<!doctype html><script>alert(1)</script>"), "text/plain");
        assert_eq!(type_of(b"plain words"), "text/plain");
        assert_eq!(type_of(&[0, 1, 2, 3]), "application/octet-stream");
    }
}
