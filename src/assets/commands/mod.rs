//! Making and changing assets, handing them over, relating them, and linking tickets to them.

mod bulk;
mod export;
mod fields;
mod import;
mod link;
mod relate;
mod remind;
mod rows;
mod save;

pub use bulk::change_assets;
pub use export::record_export;
pub use fields::{delete_asset_field, save_asset_field};
pub(crate) use import::purge_imports;
pub use import::{begin_import, check_import, run_import, undo_import, upsert_assets};
pub use link::{link_asset, unlink_asset};
pub use relate::{relate_assets, unrelate_assets};
pub use remind::remind_of_warranties;
pub(crate) use save::lock_to_attach;
pub use save::{delete_asset, hand_over, restore_asset, save_asset};
