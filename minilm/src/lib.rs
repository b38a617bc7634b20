//! all-MiniLM-L6-v2 (sentence-transformers) in the process: what a text means as 384 numbers, with no service, no key and
//! no network. Mean of its words, length one; what is longer than 256 tokens is cut.

mod encoder;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use encoder::Encoder;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::Path;
use tokenizers::{Tokenizer, TruncationParams};

/// The name that its vectors are kept under.
pub const NAME: &str = "all-MiniLM-L6-v2";
/// Numbers of a vector.
pub const DIMENSION: usize = 384;
/// Tokens of a text that count.
pub const TOKENS: usize = 256;

/// Tokens that are worked on at once, the padding included: what is more takes memory and is no faster.
const TOKENS_AT_ONCE: usize = 2048;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} is not there or cannot be read: {1}")]
    File(String, std::io::Error),
    #[error("the words of the model cannot be read: {0}")]
    Tokenizer(tokenizers::Error),
    #[error("the model does not compute: {0}")]
    Model(#[from] candle_core::Error),
    #[error("the model's threads could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Who waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Haste {
    /// A person: as soon as possible.
    Now,
    /// Nobody: on threads that give way to everything else.
    Background,
}

/// The loaded model: about 100 MB. Any number of threads may use it at once.
pub struct Model {
    tokenizer: Tokenizer,
    encoder: Encoder,
    now: ThreadPool,
    background: ThreadPool,
}

impl Model {
    /// Whether `folder` holds one: `model.safetensors` and `tokenizer.json`.
    pub fn is_in(folder: &Path) -> bool {
        folder.join("model.safetensors").is_file() && folder.join("tokenizer.json").is_file()
    }

    /// Reads it, in some tenths of a second.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut tokenizer = Tokenizer::from_bytes(read(&folder.join("tokenizer.json"))?).map_err(Error::Tokenizer)?;
        let truncation = TruncationParams { max_length: TOKENS, ..Default::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(Error::Tokenizer)?;
        tokenizer.with_padding(None);
        let weights = read(&folder.join("model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
        Ok(Self {
            tokenizer,
            encoder: Encoder::new(&weights)?,
            now: pool(Haste::Now)?,
            background: pool(Haste::Background)?,
        })
    }

    /// Whether it is a word that the model learned whole: what people mistype seldom is.
    pub fn knows(&self, word: &str) -> bool {
        self.tokenizer.token_to_id(&word.to_lowercase()).is_some()
    }

    /// A vector for each text, in their order. Computes for milliseconds to seconds: not for a thread that answers others.
    pub fn embed(&self, texts: &[String], haste: Haste) -> Result<Vec<Vec<f32>>, Error> {
        let encodings = self.tokenizer.encode_batch_fast(texts.to_vec(), true).map_err(Error::Tokenizer)?;
        let tokens: Vec<&[u32]> = encodings.iter().map(tokenizers::Encoding::get_ids).collect();
        // Those of a length together: padding is work for nothing.
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        order.sort_by_key(|&at| tokens[at].len());
        let pool = if haste == Haste::Now { &self.now } else { &self.background };
        pool.install(|| {
            let mut vectors = vec![Vec::new(); texts.len()];
            let mut rest = order.as_slice();
            while !rest.is_empty() {
                let (batch, others) = rest.split_at(batch_size(rest, &tokens));
                rest = others;
                let rows: Vec<&[u32]> = batch.iter().map(|&at| tokens[at]).collect();
                for (at, vector) in batch.iter().zip(self.encoder.encode(&rows)?) {
                    vectors[*at] = vector;
                }
            }
            Ok(vectors)
        })
    }
}

/// How many of the shortest first fit into one piece of work.
fn batch_size(order: &[usize], tokens: &[&[u32]]) -> usize {
    let fits = |count: usize| tokens[order[count - 1]].len() * count <= TOKENS_AT_ONCE;
    (1..=order.len()).take_while(|&count| fits(count)).last().unwrap_or(1)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|why| Error::File(path.display().to_string(), why))
}

fn pool(haste: Haste) -> Result<ThreadPool, Error> {
    let pool = ThreadPoolBuilder::new().thread_name(|at| format!("minilm {at}"));
    let pool = pool.start_handler(move |_| {
        if haste == Haste::Background {
            // Refused, it computes all the same.
            let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 19);
        }
    });
    Ok(pool.build()?)
}

/// Rows of tokens, padded to the longest, with their mask.
fn padded(rows: &[&[u32]]) -> Result<(Tensor, Tensor), Error> {
    let length = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    let mut tokens = Vec::with_capacity(rows.len() * length);
    let mut mask = Vec::with_capacity(rows.len() * length);
    for row in rows {
        tokens.extend_from_slice(row);
        tokens.resize(tokens.len() + length - row.len(), 0);
        mask.extend((0..length).map(|at| if at < row.len() { 1f32 } else { 0f32 }));
    }
    let shape = (rows.len(), length);
    Ok((Tensor::from_vec(tokens, shape, &Device::Cpu)?, Tensor::from_vec(mask, shape, &Device::Cpu)?))
}
