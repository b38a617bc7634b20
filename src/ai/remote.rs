//! A model at an endpoint that speaks as OpenAI's does.

use super::embedder::wrong;
use crate::{Error, Result};
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::embeddings::{CreateEmbeddingRequest, EmbeddingInput};
use minilm::Haste;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A person waits so long for a question's vector, and no longer.
const QUESTION_WITHIN: Duration = Duration::from_secs(2);
/// A job waits longer.
const BATCH_WITHIN: Duration = Duration::from_secs(60);
/// So many texts in one call.
const BATCH: usize = 64;
/// After a failure nobody is made to wait again for so long.
const REST: Duration = Duration::from_secs(30);

/// Where a model is, and what it is called there.
#[derive(Clone, Debug)]
pub struct RemoteModel {
    /// Such as `https://api.openai.com/v1`.
    pub base_url: String,
    pub key: Option<String>,
    /// Such as `text-embedding-3-small`.
    pub model: String,
}

/// What asks there; nothing takes longer than `within`, and it is led nowhere else.
pub(super) fn client_of(at: &RemoteModel, within: Duration) -> Result<Client<OpenAIConfig>> {
    let http = reqwest::Client::builder()
        .timeout(within)
        .connect_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(crate::mail::tls())
        .user_agent("Oxdesk/1")
        .build()
        .map_err(Error::internal)?;
    let config = OpenAIConfig::new()
        .with_api_base(at.base_url.trim_end_matches('/'))
        .with_api_key(at.key.clone().unwrap_or_default());
    Ok(Client::build(http, config))
}

pub struct Remote {
    client: Client<OpenAIConfig>,
    model: String,
    /// It failed: questions do without it until then.
    resting: Mutex<Option<Instant>>,
}

impl Remote {
    pub fn new(at: RemoteModel) -> Result<Self> {
        Ok(Self { client: client_of(&at, BATCH_WITHIN)?, model: at.model, resting: Mutex::new(None) })
    }

    pub fn name(&self) -> &str {
        &self.model
    }

    pub async fn embed(&self, texts: Vec<String>, haste: Haste) -> Result<Vec<Vec<f32>>> {
        if haste == Haste::Now && self.rests() {
            return Err(Error::Unavailable);
        }
        let within = if haste == Haste::Now { QUESTION_WITHIN } else { BATCH_WITHIN };
        let mut vectors = Vec::with_capacity(texts.len());
        for texts in texts.chunks(BATCH) {
            let answer = match tokio::time::timeout(within, self.call(texts.to_vec())).await {
                Ok(answer) => answer,
                Err(_) => Err(Error::Unavailable),
            };
            self.rest(answer.is_err());
            vectors.extend(answer?);
        }
        Ok(vectors)
    }

    async fn call(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let request = CreateEmbeddingRequest {
            model: self.model.clone(),
            input: EmbeddingInput::StringArray(texts),
            encoding_format: None,
            user: None,
            dimensions: None,
        };
        let mut data = self.client.embeddings().create(request).await.map_err(said)?.data;
        data.sort_by_key(|one| one.index);
        Ok(data.into_iter().map(|one| one.embedding).collect())
    }

    fn rests(&self) -> bool {
        self.resting.lock().is_ok_and(|until| until.is_some_and(|until| Instant::now() < until))
    }

    fn rest(&self, failed: bool) {
        if let Ok(mut until) = self.resting.lock() {
            *until = failed.then(|| Instant::now() + REST);
        }
    }
}

/// What is their trouble passes; what they refuse or garble does not.
fn said(error: OpenAIError) -> Error {
    match error {
        OpenAIError::JSONDeserialize(..) => wrong("something that is no list of vectors".to_owned()),
        OpenAIError::InvalidArgument(why) => wrong(why),
        OpenAIError::ApiError(refused) if refused.status_code.is_client_error() && refused.status_code != 429 => {
            wrong(format!("a refusal: {refused}"))
        }
        other => {
            tracing::warn!(error = %other, "the endpoint for embeddings does not answer");
            Error::Unavailable
        }
    }
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remote").field("model", &self.model).finish_non_exhaustive()
    }
}
