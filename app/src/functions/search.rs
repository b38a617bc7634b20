//! Search, wherever someone types.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::search::{Found, Miss, Results};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::search::{FoundKind, commands, queries, rules::Question};

/// So many suggestions while someone types.
#[cfg(feature = "ssr")]
const SUGGESTED: i64 = 5;
/// So many in the palette, of all kinds.
#[cfg(feature = "ssr")]
const OFFERED: i64 = 10;
/// So many on a page of results.
#[cfg(feature = "ssr")]
const SHOWN: i64 = 30;

/// Published articles that fit what is being typed.
#[server(prefix = "/fn", endpoint = "suggest_articles")]
pub async fn suggest_articles(words: String) -> Result<Vec<Found>> {
    let question = Question::typed(&words);
    Ok(queries::find(&desk()?, &actor(), &question, &[FoundKind::Article], SUGGESTED).await?.rows)
}

/// Everything that fits what is being typed.
#[server(prefix = "/fn", endpoint = "find_typed")]
pub async fn find_typed(words: String) -> Result<Vec<Found>> {
    let actor = actor();
    actor.identified()?;
    Ok(queries::find(&desk()?, &actor, &Question::typed(&words), &FoundKind::ALL, OFFERED).await?.rows)
}

/// Everything that fits what was asked, or one kind of it. What was asked in vain is kept for those who write articles.
#[server(prefix = "/fn", endpoint = "search")]
pub async fn search(words: String, kind: Option<String>) -> Result<Results> {
    let (desk, question) = (desk()?, Question::asked(&words));
    let kinds: Vec<FoundKind> = match kind.as_deref() {
        Some(kind) => FoundKind::ALL.into_iter().filter(|known| known.word() == kind).collect(),
        None => FoundKind::ALL.to_vec(),
    };
    let results = queries::find(&desk, &actor(), &question, &kinds, SHOWN).await?;
    if kinds.contains(&FoundKind::Article) && crate::session::is_page() {
        commands::keep_miss(&desk, &question, &results).await?;
    }
    Ok(results)
}

/// What people looked for in vain.
#[server(prefix = "/fn", endpoint = "list_misses")]
pub async fn list_misses() -> Result<Vec<Miss>> {
    Ok(queries::list_misses(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "forget_miss")]
pub async fn forget_miss(words: String) -> Result<()> {
    Ok(commands::forget_miss(&desk()?, &actor(), &words).await?)
}
