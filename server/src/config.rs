//! What the environment says; see the README's table.

use anyhow::{Context, Result, bail};
use oxdesk::ai::RemoteModel;
use oxdesk::secret::SecretKey;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[derive(Debug, Clone)]
pub struct Config {
    /// Unset: an embedded PostgreSQL under `data_dir`.
    pub database_url: Option<String>,
    pub data_dir: PathBuf,
    pub addr: SocketAddr,
    pub base_url: String,
    pub files: PathBuf,
    /// The folder of the embedding model, which need not be there.
    pub model: PathBuf,
    /// An endpoint that speaks as OpenAI's does, for embeddings.
    pub embeddings: Option<RemoteModel>,
    /// The same, for what writes answers and drafts.
    pub chat: Option<RemoteModel>,
    /// Authorities to be believed beside the public ones, as PEM.
    pub authorities: Option<Vec<u8>>,
}

impl Config {
    pub fn from_env() -> Result<Self> {
        let data_dir = PathBuf::from(var("OXDESK_DATA_DIR").unwrap_or_else(|| "var".into()));
        let addr = var("OXDESK_ADDR").unwrap_or_else(|| "127.0.0.1:3000".into());
        let addr: SocketAddr = addr
            .parse()
            .with_context(|| format!("OXDESK_ADDR={addr:?} is not an address and port, such as 127.0.0.1:3000"))?;
        let base_url = var("OXDESK_BASE_URL").unwrap_or_else(|| format!("http://{addr}"));
        if !base_url.starts_with("http://") && !base_url.starts_with("https://") {
            bail!("OXDESK_BASE_URL={base_url:?} must begin with http:// or https://");
        }
        let files = var("OXDESK_FILES").map_or_else(|| data_dir.join("files"), PathBuf::from);
        if files.to_string_lossy().starts_with("s3://") {
            bail!("OXDESK_FILES: only a folder is supported by this version, not {}", files.display());
        }
        let model = var("OXDESK_MODEL").map_or_else(|| data_dir.join("all-minilm-l6-v2"), PathBuf::from);
        let authorities = var("OXDESK_CA_FILE")
            .map(|path| fs::read(&path).with_context(|| format!("OXDESK_CA_FILE: cannot read {path}")))
            .transpose()?;
        Ok(Self {
            authorities,
            model,
            embeddings: model_named_by("OXDESK_EMBEDDING_MODEL")?,
            chat: model_named_by("OXDESK_CHAT_MODEL")?,
            database_url: var("DATABASE_URL"),
            data_dir,
            addr,
            base_url: base_url.trim_end_matches('/').to_owned(),
            files,
        })
    }

    /// Whether people reach this desk over TLS: cookies are then marked Secure.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    /// The key of `OXDESK_SECRET_KEY`, else of a file in the data folder that only its owner can read.
    pub fn secret_key(&self) -> Result<SecretKey> {
        if let Some(text) = var("OXDESK_SECRET_KEY") {
            return SecretKey::from_base64(&text).context("OXDESK_SECRET_KEY must be 32 bytes in base64");
        }
        let path = self.data_dir.join("secret.key");
        if !path.exists() {
            write_new_key(&path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        SecretKey::from_base64(&text).with_context(|| format!("{} does not hold 32 bytes in base64", path.display()))
    }
}

/// A model at the endpoint; without a name nothing leaves this machine, whatever else is set.
fn model_named_by(variable: &str) -> Result<Option<RemoteModel>> {
    let Some(model) = var(variable) else { return Ok(None) };
    let base_url = var("OPENAI_BASE_URL").unwrap_or_else(|| "https://api.openai.com/v1".to_owned());
    if !base_url.starts_with("http://") && !base_url.starts_with("https://") {
        bail!("OPENAI_BASE_URL={base_url:?} must begin with http:// or https://");
    }
    Ok(Some(RemoteModel { base_url, key: var("OPENAI_API_KEY"), model }))
}

/// Two processes may start at once: the one that comes second keeps the first one's key.
fn write_new_key(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => io::Write::write_all(&mut file, SecretKey::generate().to_base64().as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// A variable that is set and not empty.
fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
