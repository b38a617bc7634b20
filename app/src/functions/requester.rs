//! The requester's side: what a form asks, one's own requests, how it went.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::assets::AssetNumber;
use oxdesk::categories::Category;
use oxdesk::fields::Field;
use oxdesk::tickets::{TicketNumber, TicketStatus};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::assets::{self, AssetFilter, AssetRow, AssetSort, AssetStatus, OwnerFilter};
#[cfg(feature = "ssr")]
use oxdesk::{
    categories, fields, people, ratings,
    tickets::{TicketFilter, TicketSort, commands, queries},
};

/// What the portal's form may ask.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestOffer {
    pub categories: Vec<Category>,
    pub fields: Vec<Field>,
    /// How long most requests wait for their first answer, in seconds.
    pub usual_wait: Option<i64>,
    /// The organisation whose members will see the request, unless its sender says otherwise.
    pub organisation: Option<String>,
    /// What the viewer has: it may be about one of them.
    pub assets: Vec<OwnAsset>,
}

/// Something that the viewer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAsset {
    pub asset_number: AssetNumber,
    pub name: String,
    /// Its kind and serial number.
    pub says: String,
}

/// What the viewer has, by name.
#[server(prefix = "/fn", endpoint = "list_own_assets")]
pub async fn list_own_assets() -> Result<Vec<OwnAsset>> {
    own_assets().await
}

#[cfg(feature = "ssr")]
async fn own_assets() -> Result<Vec<OwnAsset>> {
    let filter = AssetFilter {
        owner: Some(OwnerFilter::Me),
        status: vec![AssetStatus::Active, AssetStatus::Inactive, AssetStatus::Maintenance],
        sort: Some(AssetSort::Name),
        ..AssetFilter::default()
    };
    let list = assets::queries::list_assets(&desk()?, &actor(), &filter, None, 100).await?;
    let own = |row: AssetRow| {
        let says = [
            row.category.map_or_else(|| row.kind.label().to_owned(), |category| assets::category_label(&category)),
            row.serial_number.unwrap_or_default(),
        ];
        let says = says.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        OwnAsset { asset_number: row.asset_number, name: row.name, says }
    };
    Ok(list.rows.into_iter().map(own).collect())
}

#[server(prefix = "/fn", endpoint = "read_request_offer")]
pub async fn read_request_offer() -> Result<RequestOffer> {
    let (desk, actor) = (desk()?, actor());
    let fields = fields::queries::list_fields(&desk, &actor).await?;
    Ok(RequestOffer {
        categories: categories::queries::list_categories(&desk, &actor).await?,
        fields: fields.into_iter().filter(|field| field.is_public && !field.is_deleted).collect(),
        usual_wait: queries::usual_wait(&desk).await?,
        organisation: people::queries::sharing_organisation(&desk, &actor).await?,
        assets: if actor.user_id.is_some() { own_assets().await? } else { Vec::new() },
    })
}

/// One of the viewer's own requests, as their list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRequest {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
    /// When it was sent, in words: the portal's first page brings no code that reads time.
    pub sent: String,
    /// Something happened on it that the viewer has not seen.
    pub has_news: bool,
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRequests {
    pub rows: Vec<OwnRequest>,
    pub next: Option<String>,
}

/// The viewer's own requests, newest first: those with `words` in them, or all; only the open ones where asked so.
#[server(prefix = "/fn", endpoint = "list_own_requests")]
pub async fn list_own_requests(
    words: Option<String>,
    after: Option<String>,
    #[server(default)] open: bool,
) -> Result<OwnRequests> {
    let status = if open { TicketStatus::OPEN.to_vec() } else { Vec::new() };
    Ok(own_requests(&desk()?, &actor(), status, words, after.as_deref()).await?)
}

/// Those that are open, as the host hands them to the portal's first page.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct OpenRequests(pub OwnRequests);

/// On how many requests something happened that the viewer has not seen, as the host hands it to the portal's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News(pub i64);

/// Finds them.
#[cfg(feature = "ssr")]
pub async fn open_requests(desk: &oxdesk::desk::Desk, actor: &oxdesk::Actor) -> oxdesk::Result<OwnRequests> {
    let mut list = own_requests(desk, actor, TicketStatus::OPEN.to_vec(), None, None).await?;
    list.next = None;
    Ok(list)
}

#[cfg(feature = "ssr")]
async fn own_requests(
    desk: &oxdesk::desk::Desk,
    actor: &oxdesk::Actor,
    status: Vec<TicketStatus>,
    words: Option<String>,
    after: Option<&str>,
) -> oxdesk::Result<OwnRequests> {
    let filter = TicketFilter { mine: true, status, words, sort: Some(TicketSort::Created), ..TicketFilter::default() };
    let list = queries::list_tickets(desk, actor, &filter, after, 50).await?;
    let ids: Vec<_> = list.rows.iter().map(|row| row.id).collect();
    let news = match ids.is_empty() {
        true => Vec::new(),
        false => oxdesk::notifications::queries::unread_tickets(desk, actor, &ids).await?,
    };
    let row = |row: oxdesk::tickets::TicketRow| OwnRequest {
        has_news: news.contains(&row.id),
        ticket_number: row.ticket_number,
        subject: row.subject,
        status: row.status,
        sent: crate::ui::relative(row.created_at, list.now),
    };
    Ok(OwnRequests { rows: list.rows.into_iter().map(row).collect(), next: list.next })
}

/// What requesters decide: CLOSED confirms, IN_PROGRESS reopens, CANCELLED takes the request back.
#[server(prefix = "/fn", endpoint = "change_own_status")]
pub async fn change_own_status(id: String, status: String, reason: Option<String>) -> Result<()> {
    let status = status.parse().map_err(|error| AppError::from(oxdesk::tickets::rules::rename(error, "status")))?;
    Ok(commands::change_own_status(&desk()?, &actor(), id.parse()?, status, reason.as_deref()).await?)
}

/// Says how it went, from 1 to 5.
#[server(prefix = "/fn", endpoint = "rate_ticket")]
pub async fn rate_ticket(id: String, score: i16, comment: Option<String>) -> Result<()> {
    let score = ratings::Score::new(score)?;
    Ok(ratings::commands::rate_ticket(&desk()?, &actor(), id.parse()?, score, comment.as_deref()).await?)
}

/// Shows one's own request to one's colleagues, or hides it from them.
#[server(prefix = "/fn", endpoint = "share_request")]
pub async fn share_request(id: String, shared: bool) -> Result<()> {
    Ok(commands::share_with_organisation(&desk()?, &actor(), id.parse()?, shared).await?)
}

/// Has a new link sent in place of an expired one.
#[server(prefix = "/fn", endpoint = "renew_link")]
pub async fn renew_link(token: String) -> Result<()> {
    oxdesk::tickets::guest::renew_link(&desk()?, &token).await?;
    leptos_axum::redirect("/portal/expired/sent");
    Ok(())
}
