//! The picture from which an authenticator app reads its secret.

use app::AppError;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use oxdesk::desk::Desk;
use oxdesk::people::{SecondFactor, queries};
use oxdesk::{Actor, Error, Result};
use qrcode::QrCode;
use qrcode::render::svg;

/// `GET /second-factor.svg`: one's own, while it is being set up.
pub async fn picture(State(desk): State<Desk>, Extension(actor): Extension<Actor>) -> Response {
    match drawn(&desk, &actor).await {
        Ok(svg) => ([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response(),
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

async fn drawn(desk: &Desk, actor: &Actor) -> Result<String> {
    let SecondFactor::Preparing(preparation) = queries::second_factor(desk, actor).await? else {
        return Err(Error::NotFound);
    };
    let code = QrCode::new(&preparation.link).map_err(Error::internal)?;
    Ok(code.render::<svg::Color>().quiet_zone(true).build())
}
