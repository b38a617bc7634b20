//! The pages whose code a browser fetches only when it goes there: everything but the portal, which is what a
//! requester waits for.

use super::{Account, Admin, Gallery, NewTicket, Outbox, TicketDetail, TicketList};
use crate::layout::AgentLayout;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

macro_rules! lazy {
    ($($page:ident shows $view:ident),+ $(,)?) => { $(
        pub struct $page;

        #[lazy_route]
        impl LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                view! { <$view/> }.into_any()
            }
        }
    )+ };
}

lazy! {
    LazyAgentLayout shows AgentLayout,
    LazyTicketList shows TicketList,
    LazyTicketDetail shows TicketDetail,
    LazyNewTicket shows NewTicket,
    LazyAccount shows Account,
    LazyAdmin shows Admin,
    LazyOutbox shows Outbox,
    LazyGallery shows Gallery,
}
