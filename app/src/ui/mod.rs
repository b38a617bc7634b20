//! The design system: what every page is made of. `/ui` shows each piece in every state.

mod badges;
mod dialog;
mod feedback;
mod forms;
mod icon;
mod menu;
mod time;
mod toast;

pub use badges::{Avatar, DueRing, PriorityBadge, StatusBadge};
pub use dialog::Dialog;
pub use feedback::{EmptyState, ErrorState, LoadingRows};
pub use forms::{FallbackSubmit, Field, FormError, Select, SubmitButton, TextArea};
pub use icon::{Icon, Logo};
pub use menu::{Menu, close_menu};
pub use time::{Ago, relative};
pub use toast::{ToastRegion, ToastView, provide_toasts, use_toasts};
