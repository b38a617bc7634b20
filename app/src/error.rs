//! An error as a page or a server function says it: what happened, never how.

use http::StatusCode;
use oxdesk::{Error, FieldErrors};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum AppError {
    #[error("{0}")]
    Core(Error),
    /// The request itself was broken: a missing or malformed argument.
    #[error("This form could not be read. Please reload the page and try again.")]
    BadRequest,
    /// The server could not be reached.
    #[error("The server cannot be reached. Please check your connection.")]
    Offline,
}

pub type Result<T> = std::result::Result<T, AppError>;

impl AppError {
    pub fn from_core(error: Error) -> Self {
        Self::Core(error)
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Core(error) => match error {
                Error::NotFound => StatusCode::NOT_FOUND,
                Error::Unauthenticated => StatusCode::UNAUTHORIZED,
                Error::Forbidden => StatusCode::FORBIDDEN,
                Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
                Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                Error::Conflict { .. } => StatusCode::CONFLICT,
                Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
                Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Error::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Offline => StatusCode::BAD_GATEWAY,
        }
    }

    /// What is wrong with one field.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields()?.get(name).cloned()
    }

    pub fn fields(&self) -> Option<&FieldErrors> {
        match self {
            Self::Core(Error::Invalid(fields)) => Some(fields),
            _ => None,
        }
    }

    pub fn is_unauthenticated(&self) -> bool {
        matches!(self, Self::Core(Error::Unauthenticated))
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Core(Error::NotFound))
    }
}

#[cfg(feature = "ssr")]
impl From<Error> for AppError {
    /// Sets the answer's status too: a server function would else say 500 for every error.
    fn from(error: Error) -> Self {
        let error = Self::from_core(error);
        crate::session::set_status(error.status());
        error
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                #[cfg(feature = "ssr")]
                crate::session::set_status(StatusCode::BAD_REQUEST);
                Self::BadRequest
            }
            _ => Self::Core(Error::Internal),
        }
    }
}
