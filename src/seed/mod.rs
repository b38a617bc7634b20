//! Data to begin with: a small desk to look at, and synthetic data at scale to measure.

mod arrangement;
pub mod articles;
mod assets;
mod changes;
pub mod demo;
pub mod scale;
