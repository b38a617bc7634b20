//! The model in the process, read when it is first asked.

use crate::{Error, Result};
use minilm::{Haste, Model};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

pub struct LocalModel {
    folder: PathBuf,
    model: OnceLock<Arc<Model>>,
}

impl LocalModel {
    /// None where the folder holds no model.
    pub fn of(folder: PathBuf) -> Option<Self> {
        Model::is_in(&folder).then(|| Self { folder, model: OnceLock::new() })
    }

    /// Never on a thread that answers requests.
    pub async fn embed(self: &Arc<Self>, texts: Vec<String>, haste: Haste) -> Result<Vec<Vec<f32>>> {
        let this = Arc::clone(self);
        let work = move || this.loaded()?.embed(&texts, haste);
        match tokio::task::spawn_blocking(work).await {
            Ok(vectors) => vectors.map_err(|error| Error::internal(format!("the embedded model: {error}"))),
            Err(error) => Err(Error::internal(format!("the embedded model: {error}"))),
        }
    }

    /// Whether it is a word that the model learned whole; none while it is not read yet.
    pub fn knows(&self, word: &str) -> Option<bool> {
        self.model.get().map(|model| model.knows(word))
    }

    /// Two that come first at once both read it; one of the two is kept.
    fn loaded(&self) -> Result<Arc<Model>, minilm::Error> {
        if let Some(model) = self.model.get() {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(Model::open(&self.folder)?);
        Ok(Arc::clone(self.model.get_or_init(|| model)))
    }
}

impl fmt::Debug for LocalModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalModel").field("folder", &self.folder).finish_non_exhaustive()
    }
}
