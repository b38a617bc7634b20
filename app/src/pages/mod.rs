//! The pages, one file each.

mod account;
mod admin;
mod assets;
mod bulk;
mod changes;
mod composer;
mod filter_bar;
mod gallery;
mod held_files;
mod knowledge;
mod lazy;
mod macros;
mod not_found;
mod notifications;
mod portal;
mod portal_request;
mod reports;
mod request_form;
mod row_choice;
mod search;
mod second_factor;
mod sign_in;
mod ticket;
mod ticket_list;
mod ticket_new;
mod timeline;
mod tokens;
mod wallboard;

pub use account::Account;
pub use admin::{
    Admin, AiLogPage, AuditPage, AutomationPage, Categories, Fields, MailTexts, Mailboxes, Organisations, Outbox,
    People, PersonPage, PromisesPage, Quarantine, Queues, Roles, SettingsPage, Teams, TryMessage, WebhooksPage,
};
pub use assets::{AssetAround, AssetEditor, AssetFields, AssetImport, AssetImports, AssetPage, Assets};
pub use changes::{ChangeCalendar, ChangeEditor, ChangePage, ChangeTemplates, Changes, short_list};
pub use filter_bar::{href, view_href};
pub use gallery::Gallery;
pub use knowledge::{ArticleEditor, ArticleVersions, Knowledge};
pub use lazy::*;
pub use macros::Macros;
pub use not_found::NotFound;
pub use notifications::{NotificationChoices, Notifications, Unsubscribe, show_on_desktop};
pub use portal::{
    KbArticle, KbHome, PortalAsk, PortalAssets, PortalChange, PortalConversation, PortalHome, PortalNew,
    PortalRequests, PortalThanks,
};
pub use portal_request::{PortalExpired, PortalRequest};
pub use reports::Reports;
pub use search::Search;
pub use second_factor::{EnterCode, SecondFactorPage};
pub use sign_in::{Forgot, Register, Reset, SignIn, Verify, follow};
pub use ticket::TicketDetail;
pub use ticket_list::TicketList;
pub use ticket_new::NewTicket;
pub use wallboard::Wallboard;
