//! A model that writes, at an endpoint that speaks as OpenAI's does.

use super::remote::{RemoteModel, client_of};
use crate::{Error, Result};
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequest,
};
use futures_util::StreamExt;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// It may think so long before it begins, and fall silent for so long in between.
const SILENT: Duration = Duration::from_secs(20);
/// It may write so long in all.
const WHOLE: Duration = Duration::from_secs(90);
/// After so many failures in a row it is left alone for a while: nobody waits for what does not answer.
const FAILURES: u32 = 3;
const REST: Duration = Duration::from_secs(60);

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We, about what is to be done.
    System,
    /// The person, or what is to be worked on.
    User,
    /// The model, before.
    Assistant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub role: Role,
    pub text: String,
}

impl Message {
    pub fn system(text: impl Into<String>) -> Self {
        Self { role: Role::System, text: text.into() }
    }

    pub fn user(text: impl Into<String>) -> Self {
        Self { role: Role::User, text: text.into() }
    }

    pub fn assistant(text: impl Into<String>) -> Self {
        Self { role: Role::Assistant, text: text.into() }
    }
}

/// What it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    /// Tokens sent and written, where the endpoint says.
    pub tokens: Option<u32>,
}

pub struct Chat {
    client: Client<OpenAIConfig>,
    model: String,
    host: String,
    silent: Duration,
    whole: Duration,
    breaker: Mutex<Breaker>,
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    until: Option<Instant>,
}

impl Chat {
    pub fn new(at: RemoteModel) -> Result<Self> {
        let host = reqwest::Url::parse(&at.base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.ok_or_else(|| Error::internal(format!("{} names no host", at.base_url)))?;
        let client = client_of(&at, WHOLE)?;
        Ok(Self { client, model: at.model, host, silent: SILENT, whole: WHOLE, breaker: Mutex::default() })
    }

    /// With less patience, so that a test need not have it.
    #[cfg(feature = "testing")]
    pub fn impatient(self, silent: Duration, whole: Duration) -> Self {
        Self { silent, whole, ..self }
    }

    pub fn model(&self) -> &str {
        &self.model
    }

    /// Where texts go.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What it writes, at most so many tokens; each piece is told to `listener` as it comes. Unavailable where it does not
    /// answer in time, fails, or was left alone after several failures.
    pub async fn write(&self, said: &[Message], most: u32, listener: Option<&mpsc::Sender<String>>) -> Result<Written> {
        if self.rests() {
            return Err(Error::Unavailable);
        }
        let written = match timeout(self.whole, self.stream(said, most, listener)).await {
            Ok(written) => written,
            Err(_) => Err("it writes without an end".to_owned()),
        };
        self.count(written.is_err());
        written.map_err(|why| {
            tracing::warn!(model = self.model, host = self.host, why, "the model does not answer");
            Error::Unavailable
        })
    }

    async fn stream(
        &self,
        said: &[Message],
        most: u32,
        listener: Option<&mpsc::Sender<String>>,
    ) -> Result<Written, String> {
        let late = |_| "it is silent".to_owned();
        let begun = self.client.chat();
        let begun = begun.create_stream(self.request(said, most));
        let mut stream = timeout(self.silent, begun).await.map_err(late)?.map_err(|error| error.to_string())?;
        let mut written = Written::default();
        // A token has seldom more than ten characters: an endpoint that does not keep to its limit is left.
        let longest = most as usize * 10;
        while let Some(piece) = timeout(self.silent, stream.next()).await.map_err(late)? {
            let piece = piece.map_err(|error| error.to_string())?;
            if let Some(used) = piece.usage {
                written.tokens = Some(used.total_tokens);
            }
            let Some(text) = piece.choices.into_iter().next().and_then(|choice| choice.delta.content) else { continue };
            written.text.push_str(&text);
            if let Some(listener) = listener {
                // Who listened may have gone: what was begun is finished all the same.
                let _ = listener.send(text).await;
            }
            if written.text.len() > longest {
                break;
            }
        }
        match written.text.trim().is_empty() {
            true => Err("it wrote nothing".to_owned()),
            false => Ok(written),
        }
    }

    fn request(&self, said: &[Message], most: u32) -> CreateChatCompletionRequest {
        CreateChatCompletionRequest {
            messages: said.iter().map(message).collect(),
            model: self.model.clone(),
            max_completion_tokens: Some(most),
            stream: Some(true),
            stream_options: Some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None }),
            ..CreateChatCompletionRequest::default()
        }
    }

    /// Whether it failed so often that it is left alone for the moment.
    pub fn rests(&self) -> bool {
        self.breaker.lock().is_ok_and(|breaker| breaker.until.is_some_and(|until| Instant::now() < until))
    }

    fn count(&self, failed: bool) {
        let Ok(mut breaker) = self.breaker.lock() else { return };
        if !failed {
            *breaker = Breaker::default();
            return;
        }
        breaker.failures += 1;
        if breaker.failures >= FAILURES {
            // One more failure after the rest, and it rests again.
            *breaker = Breaker { failures: FAILURES - 1, until: Some(Instant::now() + REST) };
        }
    }
}

fn message(said: &Message) -> ChatCompletionRequestMessage {
    let text = said.text.as_str();
    match said.role {
        Role::System => ChatCompletionRequestSystemMessage::from(text).into(),
        Role::User => ChatCompletionRequestUserMessage::from(text).into(),
        Role::Assistant => ChatCompletionRequestAssistantMessage::from(text).into(),
    }
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chat").field("model", &self.model).field("host", &self.host).finish_non_exhaustive()
    }
}
