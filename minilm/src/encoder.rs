//! The encoder of BERT (Devlin et al. 2018), as large as this model has it.

use crate::{DIMENSION, Error, padded};
use candle_core::{D, IndexOp, Tensor};
use candle_nn::{
    Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear, ops::softmax_last_dim,
};

const VOCABULARY: usize = 30_522;
const POSITIONS: usize = 512;
const LAYERS: usize = 6;
const HEADS: usize = 12;
const INNER: usize = 1536;
const EPSILON: f64 = 1e-12;

pub struct Encoder {
    words: Embedding,
    positions: Tensor,
    kind: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: LayerNorm,
    widen: Linear,
    narrow: Linear,
    narrow_norm: LayerNorm,
}

impl Encoder {
    pub fn new(weights: &VarBuilder) -> Result<Self, Error> {
        let at = weights.pp("embeddings");
        let kinds = embedding(2, DIMENSION, at.pp("token_type_embeddings"))?;
        let layers =
            (0..LAYERS).map(|layer| Layer::new(&weights.pp("encoder.layer").pp(layer))).collect::<Result<_, _>>()?;
        Ok(Self {
            words: embedding(VOCABULARY, DIMENSION, at.pp("word_embeddings"))?,
            positions: embedding(POSITIONS, DIMENSION, at.pp("position_embeddings"))?.embeddings().clone(),
            // One text, no second: always the first kind.
            kind: kinds.embeddings().i(0)?,
            norm: layer_norm(DIMENSION, EPSILON, at.pp("LayerNorm"))?,
            layers,
        })
    }

    /// A vector of length one for each row of tokens.
    pub fn encode(&self, rows: &[&[u32]]) -> Result<Vec<Vec<f32>>, Error> {
        let (tokens, mask) = padded(rows)?;
        let length = tokens.dim(1)?;
        let places = self.positions.i(..length)?.broadcast_add(&self.kind)?;
        let mut hidden = self.norm.forward(&self.words.forward(&tokens)?.broadcast_add(&places)?)?;
        // Padding is looked at by nobody.
        let hide = ((&mask - 1.0)? * 1e9)?.unsqueeze(1)?.unsqueeze(1)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden, &hide)?;
        }
        let mask = mask.unsqueeze(2)?;
        let mean = hidden.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)?;
        let length = mean.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        Ok(mean.broadcast_div(&length)?.to_vec2()?)
    }
}

impl Layer {
    fn new(weights: &VarBuilder) -> Result<Self, Error> {
        let square = |name: &str| linear(DIMENSION, DIMENSION, weights.pp(name));
        Ok(Self {
            query: square("attention.self.query")?,
            key: square("attention.self.key")?,
            value: square("attention.self.value")?,
            attended: square("attention.output.dense")?,
            attended_norm: layer_norm(DIMENSION, EPSILON, weights.pp("attention.output.LayerNorm"))?,
            widen: linear(DIMENSION, INNER, weights.pp("intermediate.dense"))?,
            narrow: linear(INNER, DIMENSION, weights.pp("output.dense"))?,
            narrow_norm: layer_norm(DIMENSION, EPSILON, weights.pp("output.LayerNorm"))?,
        })
    }

    fn forward(&self, hidden: &Tensor, hide: &Tensor) -> Result<Tensor, candle_core::Error> {
        let seen = self.attended.forward(&self.attend(hidden, hide)?)?;
        let seen = self.attended_norm.forward(&(seen + hidden)?)?;
        let thought = self.narrow.forward(&self.widen.forward(&seen)?.gelu_erf()?)?;
        self.narrow_norm.forward(&(thought + seen)?)
    }

    fn attend(&self, hidden: &Tensor, hide: &Tensor) -> Result<Tensor, candle_core::Error> {
        let (rows, length, _) = hidden.dims3()?;
        let heads = |projection: &Linear| {
            let shape = (rows, length, HEADS, DIMENSION / HEADS);
            projection.forward(hidden)?.reshape(shape)?.transpose(1, 2)?.contiguous()
        };
        let (query, key, value) = (heads(&self.query)?, heads(&self.key)?, heads(&self.value)?);
        let scores = (query.matmul(&key.t()?)? / f64::sqrt((DIMENSION / HEADS) as f64))?;
        let weights = softmax_last_dim(&scores.broadcast_add(hide)?)?;
        weights.matmul(&value)?.transpose(1, 2)?.reshape((rows, length, DIMENSION))
    }
}
