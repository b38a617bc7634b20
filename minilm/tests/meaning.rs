//! The real model, where it is installed.
#![allow(clippy::unwrap_used)]

use minilm::{DIMENSION, Haste, Model};
use std::path::PathBuf;

fn model() -> Option<Model> {
    let folder = PathBuf::from(std::env::var_os("OXDESK_MODEL")?);
    Some(Model::open(&folder).unwrap())
}

fn likeness(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[test]
fn what_means_the_same_is_near_in_whatever_words_and_company() {
    let Some(model) = model() else {
        assert!(std::env::var_os("CI").is_none(), "OXDESK_MODEL names the folder of the model");
        return;
    };
    let texts = [
        "my screen stays black after the update",
        "The monitor shows no picture since Windows was patched",
        "How to book a holiday",
    ];
    let texts = texts.map(str::to_owned);
    let vectors = model.embed(&texts, Haste::Now).unwrap();
    assert!(vectors.iter().all(|vector| vector.len() == DIMENSION && (likeness(vector, vector) - 1.0).abs() < 1e-4));
    assert!(likeness(&vectors[0], &vectors[1]) > 0.5, "{}", likeness(&vectors[0], &vectors[1]));
    assert!(likeness(&vectors[0], &vectors[2]) < 0.2, "{}", likeness(&vectors[0], &vectors[2]));
    // Alone, padded beside a long one, or in the background: the same vector.
    let long = [texts[0].clone(), "word ".repeat(2000), String::new()];
    let beside = model.embed(&long, Haste::Background).unwrap();
    assert!(likeness(&vectors[0], &beside[0]) > 0.9999);
    assert!(model.embed(&[], Haste::Now).unwrap().is_empty());
}
