//! The web host: every door, and what stands around all of them.

use crate::api::{self, RateLimits};
use crate::live::{self, Live};
use crate::{
    answers, article_attachments, asset_labels, asset_tables, audit, brand, health, mail_preview, originals,
    personal_data, record_attachments, refusals, reports, second_factor, security, session, sitemap, unsubscribe,
    uploads, webhooks,
};
use app::App;
use app::functions::requester;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::middleware::Next;
use axum::response::{Redirect, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use axum_prometheus::PrometheusMetricLayer;
use axum_prometheus::metrics_exporter_prometheus::PrometheusHandle;
use http::{HeaderName, HeaderValue, header};
use leptos::prelude::*;
use leptos_axum::{
    LeptosRoutes, file_and_error_handler_with_context, generate_route_list_with_exclusions,
    handle_server_fns_with_context,
};
use oxdesk::desk::Desk;
use oxdesk::{Actor, notifications};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tower::ServiceBuilder;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;
use uuid::Uuid;

/// Server functions take small forms; files have doors of their own. Bytes.
const FORM_MAX: usize = 1024 * 1024;
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long a sender may fall silent in the middle of a body.
const BODY_SILENT: Duration = Duration::from_secs(20);
/// Mails that providers post are held in memory: so many at once, the others wait.
const MAILS_AT_ONCE: usize = 16;
/// How long a provider may take to post one, and wait for its turn: it will try again.
const MAIL_WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone, FromRef)]
pub struct AppState {
    pub desk: Desk,
    pub live: Live,
    pub leptos: LeptosOptions,
    pub rate_limits: Arc<RateLimits>,
    #[from_ref(skip)]
    pub secure_cookies: bool,
    /// Shows `/ui`.
    #[from_ref(skip)]
    pub gallery: bool,
}

/// The whole host.
pub fn router(state: AppState) -> Router {
    let sessions = session::layer(state.desk.db.clone(), state.secure_cookies);
    let identified = ServiceBuilder::new()
        .layer(CsrfLayer::new())
        .layer(sessions)
        .layer(middleware::from_fn_with_state(state.clone(), session::identify))
        .layer(middleware::from_fn_with_state(state.clone(), refusals::tell));
    let slow = Router::new()
        .route("/events", get(live::events))
        .route("/tickets/{number}/comments", post(uploads::comment))
        .route("/portal/requests/{number}/comments", post(uploads::comment))
        .route("/portal/new", post(uploads::new_request))
        .route("/portal/ask/answers/{turn}", get(answers::answer))
        .route("/unsubscribe/{token}", post(unsubscribe::unsubscribe))
        .route("/attachments/{id}", get(uploads::download))
        .route("/knowledge/{id}/attachments", post(article_attachments::attach))
        .route("/article-attachments/{id}", get(article_attachments::open))
        .route("/assets/import", post(asset_tables::receive))
        .route("/assets/{number}/attachments", post(record_attachments::attach_to_asset))
        .route("/asset-attachments/{id}", get(record_attachments::open_of_asset))
        .route("/changes/{number}/attachments", post(record_attachments::attach_to_change))
        .route("/change-attachments/{id}", get(record_attachments::open_of_change))
        .route("/assets/export.csv", get(asset_tables::export_csv))
        .route("/assets/export.json", get(asset_tables::export_json))
        .route("/assets/labels", get(asset_labels::sheet))
        .route("/reports/tickets.csv", get(reports::tickets_csv))
        .route("/reports/days.csv", get(reports::days_csv))
        .route("/admin/audit/export.csv", get(audit::export_csv))
        .route("/admin/audit/export.jsonl", get(audit::export_json_lines))
        .route("/second-factor.svg", get(second_factor::picture))
        .route("/account/data.json", get(personal_data::own))
        .route("/admin/people/{id}/data.json", get(personal_data::of_person))
        .route("/mail-try", post(mail_preview::try_it).layer(DefaultBodyLimit::max(FORM_MAX)))
        .route("/mail-preview", post(mail_preview::preview).layer(DefaultBodyLimit::max(FORM_MAX)))
        .route("/mail/{id}", get(originals::original))
        .route("/mail/{id}/part/{content_id}", get(originals::part))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENT));
    let people = pages(&state).merge(slow).layer(identified).with_state(state.clone());

    let secure = state.secure_cookies;
    let all = Router::new()
        .merge(people)
        .merge(
            api::router(state.clone())
                .layer(DefaultBodyLimit::max(FORM_MAX))
                .layer(RequestBodyTimeoutLayer::new(BODY_SILENT)),
        )
        .merge(operations(state.clone()))
        .merge(
            Router::new()
                .route("/webhooks/email/{provider}/{mailbox_id}", post(webhooks::email))
                .layer(DefaultBodyLimit::max(oxdesk::mail::parse::MESSAGE_MAX))
                .layer(RequestBodyTimeoutLayer::new(BODY_SILENT))
                .layer(GlobalConcurrencyLimitLayer::new(MAILS_AT_ONCE))
                .layer(TimeoutLayer::with_status_code(http::StatusCode::SERVICE_UNAVAILABLE, MAIL_WITHIN))
                .with_state(state.clone()),
        )
        .nest_service("/pkg", assets(&state.leptos))
        .layer(
            // Outermost first.
            ServiceBuilder::new()
                .layer(SetRequestIdLayer::new(REQUEST_ID, FreshRequestId))
                .layer(TraceLayer::new_for_http().make_span_with(span).on_response(finished))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(METRICS.0.clone())
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn(security::headers))
                .layer(CatchPanicLayer::new()),
        );
    if secure { all.layer(middleware::from_fn(security::only_tls)) } else { all }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages and server functions.
fn pages(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    let routes = {
        static ROUTES: LazyLock<Vec<leptos_axum::AxumRouteListing>> =
            LazyLock::new(|| generate_route_list_with_exclusions(App, None));
        let gallery = state.gallery;
        ROUTES.iter().filter(|route| gallery || route.path() != "/ui").cloned().collect::<Vec<_>>()
    };
    let desk = state.desk.clone();
    let context = move || {
        provide_context(desk.clone());
        security::provide_nonce();
    };
    let functions = {
        let context = context.clone();
        any(move |request: Request| handle_server_fns_with_context(context.clone(), request))
    };
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    Router::<AppState>::new()
        .route("/", get(start))
        .route("/portal/link/{token}", get(session::follow_link))
        .route("/fn/{*name}", functions)
        .leptos_routes_with_context(state, routes, context.clone(), shell)
        .fallback(file_and_error_handler_with_context::<AppState, _>(context, app::shell))
        .layer(middleware::from_fn_with_state(state.clone(), portal_finds))
        .layer(middleware::from_fn_with_state(state.clone(), brand::brand_finds))
        .layer(middleware::from_fn(security::policy))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(RequestBodyTimeoutLayer::new(BODY_SILENT))
        .layer(TimeoutLayer::with_status_code(http::StatusCode::GATEWAY_TIMEOUT, ANSWER_WITHIN))
}

/// Finds what the portal's pages show of their viewer's requests, before they begin: what is new on them, and on the first
/// page the open ones.
async fn portal_finds(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Actor>().filter(|actor| actor.user_id.is_some()).cloned();
    let path = request.uri().path();
    if let Some(viewer) = viewer.filter(|_| path == "/portal" || path.starts_with("/portal/")) {
        let is_first = path == "/portal";
        let (news, open) = tokio::join!(notifications::queries::unread_elsewhere(&desk, &viewer, path), async {
            if is_first { requester::open_requests(&desk, &viewer).await.map(Some) } else { Ok(None) }
        });
        match (news, open) {
            (Ok(news), Ok(open)) => {
                request.extensions_mut().insert(requester::News(news));
                open.map(|open| request.extensions_mut().insert(requester::OpenRequests(open)));
            }
            (Err(error), _) | (_, Err(error)) => tracing::error!(%error, "a page comes without its requests"),
        }
    }
    next.run(request).await
}

/// The start page is the workspace for those who work tickets, the portal for everyone else.
async fn start(Extension(actor): Extension<Actor>) -> Redirect {
    Redirect::to(if actor.is_agent() { "/tickets" } else { "/portal" })
}

/// Scripts and styles, whose names change with their content: kept for good, sent compressed as they were built.
fn assets(options: &LeptosOptions) -> Router {
    let files = ServeDir::new(format!("{}/{}", options.site_root, options.site_pkg_dir))
        .precompressed_br()
        .precompressed_gzip();
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    Router::new().fallback_service(
        ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, forever))
            .service(files),
    )
}

fn operations(state: AppState) -> Router {
    let (_, metrics) = &*METRICS;
    let metrics = metrics.clone();
    Router::new()
        .route("/sitemap.xml", get(sitemap::sitemap))
        .route("/robots.txt", get(sitemap::robots))
        .route("/brand.css", get(brand::styles))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(move |State(desk): State<Desk>| report(desk, metrics.clone())))
        .with_state(state)
}

async fn report(desk: Desk, metrics: PrometheusHandle) -> String {
    let mut text = metrics.render();
    if let Ok((waiting, failed)) = oxdesk::jobs::job_counts(&desk).await {
        text.push_str(&format!("# TYPE oxdesk_jobs gauge\noxdesk_jobs{{state=\"waiting\"}} {waiting}\noxdesk_jobs{{state=\"failed\"}} {failed}\n"));
    }
    text.push_str(&format!("# TYPE oxdesk_db_connections gauge\noxdesk_db_connections {}\n", desk.db.size()));
    text
}

/// One recorder for the process, however many routers a test makes.
static METRICS: LazyLock<(PrometheusMetricLayer<'static>, PrometheusHandle)> =
    LazyLock::new(PrometheusMetricLayer::pair);

/// A request's own id, for the log and for the person who reports a failure.
#[derive(Clone, Copy)]
struct FreshRequestId;

impl MakeRequestId for FreshRequestId {
    fn make_request_id<B>(&mut self, _: &http::Request<B>) -> Option<RequestId> {
        HeaderValue::from_str(&Uuid::now_v7().to_string()).ok().map(RequestId::new)
    }
}

fn span(request: &http::Request<Body>) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = logged(request.uri().path()))
}

/// A path as the log may have it: what opens something is left out.
fn logged(path: &str) -> &str {
    const OPENING: [&str; 4] = ["/portal/link/", "/portal/expired/", "/reset/", "/verify/"];
    OPENING.into_iter().find(|opening| path.starts_with(opening)).unwrap_or(path)
}

fn finished(response: &Response<impl Sized>, took: Duration, _: &tracing::Span) {
    let (status, ms) = (response.status().as_u16(), took.as_millis() as u64);
    if response.status().is_server_error() {
        tracing::error!(status, ms, "answered");
    } else {
        tracing::debug!(status, ms, "answered");
    }
}
