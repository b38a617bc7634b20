//! The frames around pages: the agents' rail, the portal's top.

mod agent;
mod portal;

pub use agent::AgentLayout;
pub use portal::PortalLayout;
