//! The design system: what every page is made of. `/ui` shows each piece in every state.

mod badges;
mod feedback;
mod forms;
mod icon;
mod time;

pub use badges::{Avatar, DueRing, PriorityBadge, StatusBadge};
pub use feedback::{EmptyState, ErrorState, LoadingRows};
pub use forms::{FallbackSubmit, Field, FormError, Select, SubmitButton, TextArea};
pub use icon::{Icon, Logo};
pub use time::{Ago, relative};
