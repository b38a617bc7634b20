//! The design system: what every page is made of. `/ui` shows each piece in every state.

mod badges;
mod category_select;
mod dialog;
mod feedback;
mod field_input;
mod files;
mod forms;
mod icon;
mod menu;
mod quick_form;
mod time;
mod toast;

pub use badges::{Avatar, DueRing, PriorityBadge, StatusBadge};
pub use category_select::CategorySelect;
pub use dialog::Dialog;
pub use feedback::{EmptyState, ErrorState, LoadingRows};
pub use field_input::FieldInput;
pub use files::file_link;
pub use forms::{FallbackSubmit, Field, FormError, Select, SubmitButton, TagField, TextArea, submit_form_of};
pub use icon::{Icon, Logo};
pub use menu::{Menu, close_menu};
pub use quick_form::{FormFailure, QuickForm, Undo};
pub use time::{Ago, relative, span};
pub use toast::{ToastRegion, ToastView, provide_toasts, use_toasts};
