//! The REST interface, version 1: for tokens, described by its own OpenAPI document.

mod article_attachments;
mod articles;
mod assets;
mod audit;
mod auth;
mod automation;
mod changes;
mod comments;
mod extract;
mod forms;
mod idempotency;
mod links;
mod mail;
mod mailboxes;
mod notifications;
mod organisations;
mod presence;
mod problem;
mod queues;
mod record_attachments;
mod reports;
mod roles;
mod search;
mod settings;
mod sla;
mod ticket_problems;
mod tickets;
mod users;
mod views;
mod webhooks;
mod work;
mod writing;

pub use auth::RateLimits;

use crate::host::AppState;
use axum::response::{Html, IntoResponse};
use axum::routing::{any, get};
use axum::{Json, Router, middleware};
use http::{HeaderValue, header};
pub use problem::Problem;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Oxdesk", version = "1", description = "The service desk's REST interface. Authenticate with `Authorization: Bearer TOKEN`."),
    modifiers(&BearerToken),
    components(schemas(Problem)),
    security(("token" = [])),
)]
struct Description;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

/// Everything under `/api`.
pub fn router(state: AppState) -> Router {
    let (routes, description) = described().split_for_parts();
    let routes = routes
        .route("/api/{*path}", any(|| async { Problem::not_found() }))
        .layer(middleware::from_fn_with_state(state.clone(), idempotency::replay))
        .layer(middleware::from_fn_with_state(state.clone(), auth::authenticate))
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .with_state(state);
    Router::new()
        .merge(routes)
        .route("/api/v1/openapi.json", get(move || async move { Json(description) }))
        .route("/api/docs", get(docs))
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .routes(routes!(tickets::list, tickets::create))
            .routes(routes!(writing::bulk))
            .routes(routes!(writing::list_macros, writing::save_macro))
            .routes(routes!(writing::delete_macro))
            .routes(routes!(writing::apply_macro))
            .routes(routes!(writing::save_draft))
            .routes(routes!(writing::schedule))
            .routes(routes!(writing::take_back))
            .routes(routes!(notifications::list_notifications))
            .routes(routes!(notifications::mark_read))
            .routes(routes!(notifications::mark_all_read))
            .routes(routes!(notifications::preferences, notifications::save_preferences))
            .routes(routes!(notifications::mute, notifications::unmute))
            .routes(routes!(sla::list_policies, sla::create_policy))
            .routes(routes!(sla::change_policy, sla::delete_policy))
            .routes(routes!(sla::list_calendars, sla::create_calendar))
            .routes(routes!(sla::change_calendar, sla::delete_calendar))
            .routes(routes!(sla::deadlines))
            .routes(routes!(articles::list_articles, articles::create_article))
            .routes(routes!(articles::get_article, articles::change_article, articles::delete_article))
            .routes(routes!(articles::restore_article))
            .routes(routes!(articles::article_versions))
            .routes(routes!(articles::vote))
            .routes(routes!(articles::list_article_categories, articles::create_article_category))
            .routes(routes!(articles::change_article_category, articles::delete_article_category))
            .routes(routes!(search::search))
            .routes(routes!(reports::ticket_report))
            .routes(routes!(audit::list_audit_logs))
            .routes(routes!(organisations::list_organisations, organisations::create_organisation))
            .routes(routes!(
                organisations::get_organisation,
                organisations::change_organisation,
                organisations::delete_organisation
            ))
            .routes(routes!(settings::list_settings))
            .routes(routes!(settings::get_setting, settings::change_setting, settings::reset_setting))
            .routes(routes!(assets::list_assets, assets::create_asset))
            .routes(routes!(assets::bulk_assets))
            .routes(routes!(assets::get_asset, assets::change_asset, assets::delete_asset))
            .routes(routes!(assets::restore_asset))
            .routes(routes!(assets::hand_over))
            .routes(routes!(assets::list_relationships, assets::create_relationship))
            .routes(routes!(assets::delete_relationship))
            .routes(routes!(assets::impact))
            .routes(routes!(assets::list_asset_fields, assets::create_asset_field))
            .routes(routes!(assets::change_asset_field, assets::delete_asset_field))
            .routes(routes!(assets::list_asset_views, assets::save_asset_view))
            .routes(routes!(assets::list_imports))
            .routes(routes!(assets::undo_import))
            .routes(routes!(assets::ticket_assets))
            .routes(routes!(
                ticket_problems::get_ticket_problem,
                ticket_problems::save_ticket_problem,
                ticket_problems::drop_ticket_problem
            ))
            .routes(routes!(assets::link_asset, assets::unlink_asset))
            .routes(routes!(changes::list_changes, changes::create_change))
            .routes(routes!(changes::get_change, changes::change_change))
            .routes(routes!(changes::move_change))
            .routes(routes!(changes::vote_on_change))
            .routes(routes!(changes::implement_change))
            .routes(routes!(changes::close_change))
            .routes(routes!(changes::announce_change))
            .routes(routes!(changes::list_approvals))
            .routes(routes!(changes::list_conflicts))
            .routes(routes!(changes::create_change_task))
            .routes(routes!(changes::tick_change_task))
            .routes(routes!(changes::list_change_templates, changes::create_change_template))
            .routes(routes!(changes::change_change_template))
            .routes(routes!(changes::list_change_blackouts, changes::create_change_blackout))
            .routes(routes!(changes::delete_change_blackout))
            .routes(routes!(changes::read_change_calendar))
            .routes(routes!(changes::list_change_deputies, changes::name_change_deputy))
            .routes(routes!(changes::end_change_deputy))
            .routes(routes!(automation::list_rules, automation::create_rule))
            .routes(routes!(automation::change_rule, automation::delete_rule))
            .routes(routes!(automation::import_rules))
            .routes(routes!(automation::dry_run))
            .routes(routes!(automation::rule_log))
            .routes(routes!(automation::set_assignment))
            .routes(routes!(webhooks::list_webhooks, webhooks::create_webhook))
            .routes(routes!(webhooks::change_webhook, webhooks::delete_webhook))
            .routes(routes!(webhooks::renew_secret))
            .routes(routes!(webhooks::test_webhook))
            .routes(routes!(webhooks::list_deliveries))
            .routes(routes!(webhooks::redeliver))
            .routes(routes!(views::list_views, views::save_view))
            .routes(routes!(views::delete_view))
            .routes(routes!(views::rate, views::rating))
            .routes(routes!(views::satisfaction))
            .routes(routes!(queues::list_queues, queues::create_queue))
            .routes(routes!(queues::update_queue))
            .routes(routes!(queues::add_queue_member, queues::remove_queue_member))
            .routes(routes!(queues::list_teams, queues::create_team))
            .routes(routes!(queues::update_team, queues::delete_team))
            .routes(routes!(queues::add_team_member, queues::remove_team_member))
            .routes(routes!(forms::list_categories, forms::create_category))
            .routes(routes!(forms::update_category, forms::delete_category))
            .routes(routes!(forms::list_fields, forms::create_field))
            .routes(routes!(forms::update_field, forms::delete_field))
            .routes(routes!(forms::restore_field))
            .routes(routes!(tickets::get, tickets::update, tickets::delete))
            .routes(routes!(tickets::restore))
            .routes(routes!(presence::be_present, presence::leave))
            .routes(routes!(links::list, links::create))
            .routes(routes!(links::delete))
            .routes(routes!(links::merge))
            .routes(routes!(links::unmerge))
            .routes(routes!(links::split))
            .routes(routes!(work::watchers))
            .routes(routes!(work::watch, work::unwatch))
            .routes(routes!(work::add_cc, work::remove_cc))
            .routes(routes!(work::checklist, work::add_items))
            .routes(routes!(work::tick, work::remove_item))
            .routes(routes!(work::time, work::add_time))
            .routes(routes!(work::remove_time))
            .routes(routes!(work::tags))
            .routes(routes!(work::time_report))
            .routes(routes!(comments::list, comments::create))
            .routes(routes!(comments::list_attachments, comments::attach))
            .routes(routes!(comments::download))
            .routes(routes!(article_attachments::list, article_attachments::attach))
            .routes(routes!(article_attachments::download, article_attachments::remove))
            .routes(routes!(record_attachments::list_asset_attachments, record_attachments::attach_to_asset))
            .routes(routes!(record_attachments::download_asset_attachment, record_attachments::remove_asset_attachment))
            .routes(routes!(record_attachments::list_change_attachments, record_attachments::attach_to_change))
            .routes(routes!(
                record_attachments::download_change_attachment,
                record_attachments::remove_change_attachment
            ))
            .routes(routes!(mailboxes::list_mailboxes, mailboxes::create_mailbox))
            .routes(routes!(mailboxes::update_mailbox, mailboxes::delete_mailbox))
            .routes(routes!(mailboxes::test_mailbox))
            .routes(routes!(mailboxes::round_trip_mailbox))
            .routes(routes!(mail::list_outbox))
            .routes(routes!(mail::send_again))
            .routes(routes!(mail::list_quarantine))
            .routes(routes!(mail::release_mail))
            .routes(routes!(mail::delete_mail))
            .routes(routes!(mail::list_suppressions))
            .routes(routes!(mail::clear_suppression))
            .routes(routes!(users::list, users::create))
            .routes(routes!(users::me))
            .routes(routes!(users::get, users::change))
            .routes(routes!(users::switch))
            .routes(routes!(users::mail_password_link))
            .routes(routes!(users::merge))
            .routes(routes!(users::erase))
            .routes(routes!(users::data))
            .routes(routes!(roles::list_roles, roles::create_role))
            .routes(routes!(roles::change_role, roles::delete_role)),
    )
}

/// The OpenAPI document, for tests and tools.
pub fn description() -> utoipa::openapi::OpenApi {
    described().split_for_parts().1
}

/// The interface, readable: made from the document, without a script.
async fn docs() -> impl IntoResponse {
    let document = description();
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Oxdesk API</title><h1>Oxdesk API, version 1</h1><p>Send <code>Authorization: Bearer TOKEN</code>. Make a token with <code>oxdesk token create</code>. The whole description: <a href=/api/v1/openapi.json>openapi.json</a>.</p><table><thead><tr><th scope=col>Method<th scope=col>Path<th scope=col>Does</thead><tbody>",
    );
    for (path, item) in &document.paths.paths {
        let methods = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                let does = operation.summary.clone().unwrap_or_default();
                page.push_str(&format!("<tr><td>{method}<td><code>{path}</code><td>{does}"));
            }
        }
    }
    page.push_str("</tbody></table></html>");
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'self'"))], Html(page))
}
