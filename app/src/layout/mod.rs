//! The frames around pages: the agents' rail, the portal's top.

mod agent;
mod palette;
mod portal;

pub use agent::{AgentLayout, use_rail};
pub use palette::Palette;
pub use portal::PortalLayout;
