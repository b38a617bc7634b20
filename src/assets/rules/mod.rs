//! What may stand in an asset, what may become of it, and how assets may stand to each other.

mod columns;
mod declared;
mod filter;
mod form;
mod graph;
mod layout;
mod number;
mod status;
#[cfg(feature = "ssr")]
mod table;

pub use columns::COLUMNS;
pub use declared::{check_asset_field, check_declared, declared_for};
pub use filter::{KEYS, parse_asset_filter, require_asset_filter};
pub use form::{Checked, check_asset, facts_from, facts_sent, facts_text};
pub use graph::{Edge, affected, closes_circle};
pub use layout::{COLUMN_MAX, Placed, place};
pub use status::{check_status, may_become, may_have_owner, next};
#[cfg(feature = "ssr")]
pub use table::{
    CellError, ROWS_MAX, ReadRow, TABLE_MAX, asset_line, heading_line, is_field, mapping, read_row, read_table,
};
