//! Writing articles, and what readers do with them.

mod arrange;
mod attachments;
mod draft;
mod import;
mod read;
mod write;

pub use arrange::{delete_kb_category, place_kb_category, save_kb_category};
pub(crate) use attachments::purge_waiting;
pub use attachments::{attach_to_article, remove_article_attachment};
pub use draft::{drop_article_draft, keep_article_draft};
pub use import::{Beside, Imported, import_article};
pub use read::{count_view, vote};
pub use write::{delete_article, draft_from_ticket, restore_article, restore_version, save_article};
