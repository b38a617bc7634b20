//! What reads tickets. What the actor may not see is never fetched: the WHERE clause says so.

mod bench;
mod board;
mod groups;
mod list;
mod person;
mod problem;
mod reported;
mod ticket;
mod timeline;
mod transcript;
mod visible;

pub use bench::{checklist, links, suggest_tags, time_entries, time_report, watchers};
pub use board::queue_counts;
pub use groups::group_tickets;
pub use list::{check_filter, count_tickets, list_tickets, usual_wait};
pub(crate) use person::{comments_of_person, tickets_of_person};
pub use problem::problem;
pub(crate) use reported::{Reported, changed_tickets, deleted_tickets, queue_names};
pub use ticket::{id_by_number, list_queues, own_queues, shown_by_number, ticket, ticket_page};
pub use timeline::{ApiComment, list_attachments, list_comments};
pub use transcript::{Said, Transcript, transcript};
pub(super) use visible::{Locked, lock_root, lock_visible};
pub(crate) use visible::{push_visible, visible_among};

/// The most rows a page may have.
pub const PAGE_MAX: i64 = 200;
