//! The frames around pages: the agents' rail, the portal's top.

mod agent;
mod portal;

pub use agent::{AgentLayout, use_rail};
pub use portal::PortalLayout;
