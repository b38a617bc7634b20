//! What a text means, as a vector: from the model in the process, or from an endpoint that speaks as OpenAI's does.

use super::chat::Chat;
use super::local::LocalModel;
use super::remote::{Remote, RemoteModel};
use crate::{Error, Result};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;

pub use minilm::Haste;

/// Numbers of a vector as it is kept (the spec's `vector(1536)`): shorter ones are padded with zeros, which changes no
/// cosine.
pub const WIDTH: usize = 1536;
/// So many questions are worked out at once in the process, and one waits so long for its turn: whoever types fast, or means
/// harm, takes no more than that.
const AT_ONCE: usize = 2;
const TURN_WITHIN: Duration = Duration::from_millis(400);
/// So many questions are remembered with their vectors: people type the same, and turn pages.
const REMEMBERED: usize = 500;

/// The models that this process can ask. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Ai {
    local: Option<Embedder>,
    remote: Option<Embedder>,
    /// What writes answers and drafts.
    chat: Option<Arc<Chat>>,
    asked: Arc<Mutex<HashMap<(String, String), Embedding>>>,
    turns: Turns,
}

#[derive(Clone, Debug)]
struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Ai {
    /// None at all: searches go by words alone.
    pub fn none() -> Self {
        Self::default()
    }

    /// The model of a folder, where it holds one, and the endpoint's, where one is named. The endpoint's is then wanted.
    pub fn new(folder: Option<PathBuf>, endpoint: Option<RemoteModel>) -> Result<Self> {
        let local = folder.and_then(LocalModel::of).map(|model| Embedder::Local(Arc::new(model)));
        let remote = endpoint.map(Remote::new).transpose()?.map(|model| Embedder::Remote(Arc::new(model)));
        Ok(Self { local, remote, ..Self::default() })
    }

    /// And with a model that writes.
    pub fn with_chat(self, endpoint: Option<RemoteModel>) -> Result<Self> {
        Ok(Self { chat: endpoint.map(Chat::new).transpose()?.map(Arc::new), ..self })
    }

    /// The same with less patience; see [`Chat::impatient`].
    #[cfg(feature = "testing")]
    pub fn with_impatient_chat(self, endpoint: RemoteModel, silent: Duration, whole: Duration) -> Result<Self> {
        Ok(Self { chat: Some(Arc::new(Chat::new(endpoint)?.impatient(silent, whole))), ..self })
    }

    /// What writes answers and drafts, where one is named.
    pub fn chat(&self) -> Option<&Arc<Chat>> {
        self.chat.as_ref()
    }

    /// What everything is to have its vector from.
    pub fn wanted(&self) -> Option<&Embedder> {
        self.remote.as_ref().or(self.local.as_ref())
    }

    /// Whether it is a word of the language; none where the model in the process cannot say.
    pub fn is_word(&self, word: &str) -> Option<bool> {
        match &self.local {
            Some(Embedder::Local(model)) => model.knows(word),
            _ => None,
        }
    }

    /// The model of this name, where it can be asked.
    pub fn named(&self, name: &str) -> Option<&Embedder> {
        [&self.remote, &self.local].into_iter().flatten().find(|model| model.name() == name)
    }

    /// The vector of a question that someone waits for; none where the model does not answer at once: the desk never waits
    /// for a model.
    pub async fn question(&self, model: &Embedder, words: &str) -> Option<Embedding> {
        let key = (model.name().to_owned(), words.to_owned());
        if let Ok(asked) = self.asked.lock()
            && let Some(known) = asked.get(&key)
        {
            return Some(known.clone());
        }
        let turn = match model {
            Embedder::Local(_) => match tokio::time::timeout(TURN_WITHIN, self.turns.0.acquire()).await {
                Ok(turn) => turn.ok(),
                Err(_) => {
                    tracing::warn!(model = model.name(), "too many ask at once: the search goes by words alone");
                    return None;
                }
            },
            Embedder::Remote(_) => None,
        };
        let vector = match model.embed(vec![words.to_owned()], Haste::Now).await {
            Ok(vectors) => vectors.into_iter().next()?,
            Err(error) => {
                tracing::warn!(model = model.name(), %error, "a question has no vector: the search goes by words alone");
                return None;
            }
        };
        drop(turn);
        if let Ok(mut asked) = self.asked.lock() {
            if asked.len() >= REMEMBERED {
                asked.clear();
            }
            asked.insert(key, vector.clone());
        }
        Some(vector)
    }
}

/// One model.
#[derive(Clone, Debug)]
pub enum Embedder {
    Local(Arc<LocalModel>),
    Remote(Arc<Remote>),
}

impl Embedder {
    /// The name that its vectors are kept under.
    pub fn name(&self) -> &str {
        match self {
            Self::Local(_) => minilm::NAME,
            Self::Remote(model) => model.name(),
        }
    }

    /// A vector for each text, in their order. Unavailable while an endpoint does not answer; Invalid where it answers with
    /// what is no vector.
    pub async fn embed(&self, texts: Vec<String>, haste: Haste) -> Result<Vec<Embedding>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let count = texts.len();
        let vectors = match self {
            Self::Local(model) => model.embed(texts, haste).await?,
            Self::Remote(model) => model.embed(texts, haste).await?,
        };
        if vectors.len() != count {
            return Err(wrong(format!("{} vectors for {count} texts", vectors.len())));
        }
        let vectors = vectors.into_iter().map(Embedding::new).collect::<Result<Vec<_>>>()?;
        if vectors.iter().any(|vector| vector.dimension() != vectors[0].dimension()) {
            return Err(wrong("vectors of several lengths".to_owned()));
        }
        Ok(vectors)
    }
}

/// What a model answered that cannot be used.
pub(super) fn wrong(what: String) -> Error {
    Error::invalid("embedding", format!("The model answered with {what}."))
}

/// A vector of length one, at most [`WIDTH`] numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// Refuses what has no direction, what is no number, and what is too long to be kept.
    pub fn new(mut numbers: Vec<f32>) -> Result<Self> {
        if numbers.is_empty() || numbers.len() > WIDTH {
            return Err(wrong(format!("a vector of {} numbers; at most {WIDTH} can be kept", numbers.len())));
        }
        let length = numbers.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        if !length.is_finite() || length <= f64::from(f32::MIN_POSITIVE) {
            return Err(wrong("numbers that are none".to_owned()));
        }
        numbers.iter_mut().for_each(|number| *number = (f64::from(*number) / length) as f32);
        Ok(Self(numbers))
    }

    /// Numbers, without padding.
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// As it is kept.
    pub fn padded(&self) -> pgvector::Vector {
        let mut numbers = self.0.clone();
        numbers.resize(WIDTH, 0.0);
        pgvector::Vector::from(numbers)
    }

    /// Its first numbers, in half precision, as the smaller index has them.
    pub fn narrow(&self, width: usize) -> pgvector::HalfVector {
        let mut numbers = self.0.clone();
        numbers.resize(width, 0.0);
        pgvector::HalfVector::from_f32_slice(&numbers)
    }

    /// Of two vectors of a model: 1 for the same direction.
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(one, two)| one * two).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_vector_is_refused() {
        for numbers in [vec![], vec![0.0; 3], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0], vec![1.0; WIDTH + 1]] {
            assert!(matches!(Embedding::new(numbers), Err(Error::Invalid(_))));
        }
        let vector = Embedding::new(vec![3.0, 4.0]).unwrap();
        assert_eq!((vector.dimension(), vector.padded().as_slice().len()), (2, WIDTH));
        assert!((vector.cosine(&vector) - 1.0).abs() < 1e-6);
        assert_eq!(&vector.padded().as_slice()[..3], [0.6, 0.8, 0.0]);
    }
}
