//! What reads tickets. What the actor may not see is never fetched: the WHERE clause says so.

mod list;
mod ticket;
mod timeline;
mod visible;

pub use list::{count_tickets, list_tickets};
pub use ticket::{id_by_number, list_queues, ticket, ticket_page};
pub use timeline::{ApiComment, list_attachments, list_comments};
pub(super) use visible::{lock_visible, push_visible};

/// The most rows a page may have.
pub const PAGE_MAX: i64 = 200;
