//! Code that a browser fetches only when it goes there, in five parts: signing in, the portal's first page,
//! the rest of the portal, the workspace, administration. More parts would cost more than they save: what several share
//! becomes a file of its own for each set of them. A part is one file, so that going from page to page within it fetches nothing.

use super::{
    Account, Admin, AiLogPage, ArticleEditor, ArticleVersions, AssetAround, AssetEditor, AssetFields, AssetImport,
    AssetImports, AssetPage, Assets, AuditPage, AutomationPage, Categories, ChangeCalendar, ChangeEditor, ChangePage,
    ChangeTemplates, Changes, EnterCode, Fields, Forgot, Gallery, KbArticle, KbHome, Knowledge, Macros, MailTexts,
    Mailboxes, NewTicket, Notifications, Organisations, Outbox, People, PersonPage, PortalAsk, PortalAssets,
    PortalChange, PortalConversation, PortalExpired, PortalHome, PortalNew, PortalRequest, PortalRequests,
    PortalThanks, PromisesPage, Quarantine, Queues, Register, Reports, Reset, Roles, Search, SecondFactorPage,
    SettingsPage, SignIn, Teams, TicketDetail, TicketList, TryMessage, Unsubscribe, Verify, Wallboard, WebhooksPage,
};
use crate::layout::{AgentLayout, PortalLayout};
use leptos::prelude::*;
use leptos_router::LazyRoute;

/// Declares a part: one function that makes any of its pages, and a route for each.
macro_rules! part {
    ($part:ident { $($page:ident shows $view:ident),+ $(,)? } fetched by $fetch:ident before $preload:ident) => {
        #[allow(clippy::enum_variant_names)]
        pub enum $part { $($view),+ }

        #[lazy]
        fn $fetch(page: $part) -> AnyView {
            match page { $($part::$view => view! { <$view/> }.into_any()),+ }
        }

        $(
            pub struct $page;

            impl LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    $fetch($part::$view).await
                }

                async fn preload() {
                    #[cfg(target_arch = "wasm32")]
                    $preload().await;
                }
            }
        )+
    };
}

part! { SigningIn {
    LazySignIn shows SignIn,
    LazyEnterCode shows EnterCode,
    LazySecondFactor shows SecondFactorPage,
    LazyRegister shows Register,
    LazyVerify shows Verify,
    LazyForgot shows Forgot,
    LazyReset shows Reset,
    LazyUnsubscribe shows Unsubscribe,
} fetched by signing_in before __preload_signing_in }

// The first page: nothing that waits for the server, so that it is small.
part! { PortalFront {
    LazyPortalLayout shows PortalLayout,
    LazyPortalHome shows PortalHome,
    LazyPortalThanks shows PortalThanks,
} fetched by portal_front before __preload_portal_front }

part! { Portal {
    LazyPortalNew shows PortalNew,
    LazyPortalRequests shows PortalRequests,
    LazyPortalRequest shows PortalRequest,
    LazyPortalExpired shows PortalExpired,
    LazyKbHome shows KbHome,
    LazyKbArticle shows KbArticle,
    LazyPortalAsk shows PortalAsk,
    LazyPortalAssets shows PortalAssets,
    LazyPortalChange shows PortalChange,
    LazyPortalConversation shows PortalConversation,
} fetched by portal before __preload_portal }

part! { Workspace {
    LazyAgentLayout shows AgentLayout,
    LazyTicketList shows TicketList,
    LazyTicketDetail shows TicketDetail,
    LazyNewTicket shows NewTicket,
    LazyMacros shows Macros,
    LazyNotifications shows Notifications,
    LazySearch shows Search,
} fetched by workspace before __preload_workspace }

part! { Administration {
    LazyAccount shows Account,
    LazyAdmin shows Admin,
    LazyOutbox shows Outbox,
    LazyPeople shows People,
    LazyPerson shows PersonPage,
    LazyRoles shows Roles,
    LazyOrganisations shows Organisations,
    LazyAudit shows AuditPage,
    LazyMailboxes shows Mailboxes,
    LazyMailTexts shows MailTexts,
    LazyQuarantine shows Quarantine,
    LazyTryMessage shows TryMessage,
    LazyQueues shows Queues,
    LazyTeams shows Teams,
    LazyCategories shows Categories,
    LazyFields shows Fields,
    LazyPromises shows PromisesPage,
    LazyAutomation shows AutomationPage,
    LazyWebhooks shows WebhooksPage,
    LazyAiLog shows AiLogPage,
    LazySettings shows SettingsPage,
    LazyAssets shows Assets,
    LazyAssetPage shows AssetPage,
    LazyAssetEditor shows AssetEditor,
    LazyAssetFields shows AssetFields,
    LazyAssetAround shows AssetAround,
    LazyAssetImports shows AssetImports,
    LazyAssetImport shows AssetImport,
    LazyChanges shows Changes,
    LazyChangePage shows ChangePage,
    LazyChangeEditor shows ChangeEditor,
    LazyChangeCalendar shows ChangeCalendar,
    LazyChangeTemplates shows ChangeTemplates,
    LazyKnowledge shows Knowledge,
    LazyArticleEditor shows ArticleEditor,
    LazyArticleVersions shows ArticleVersions,
    LazyReports shows Reports,
    LazyWallboard shows Wallboard,
    LazyGallery shows Gallery,
} fetched by administration before __preload_administration }
