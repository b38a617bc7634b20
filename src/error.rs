//! One error for the whole product. Each door (page, REST, command line) says it in its own way.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Field name → what is wrong with it, in words for the person who filled it in.
pub type FieldErrors = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum Error {
    /// It does not exist, or the actor may not know that it does.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in, and somebody must be.
    #[error("please sign in")]
    Unauthenticated,
    #[error("you may not do this")]
    Forbidden,
    #[error("{}", summary(.0))]
    Invalid(FieldErrors),
    /// A file is larger than the installation allows.
    #[error("“{file_name}” is larger than the {limit} bytes allowed")]
    TooLarge { file_name: String, limit: u64 },
    /// What was edited has changed since it was read; `current` is its version now.
    #[error("someone else changed this meanwhile")]
    Conflict { current: i32 },
    #[error("too many attempts, try again in {retry_after_seconds} seconds")]
    RateLimited { retry_after_seconds: u32 },
    #[error("the service is unavailable for the moment")]
    Unavailable,
    /// A defect or an outage. The cause is in the log, never in the answer.
    #[error("something went wrong on our side")]
    Internal,
}

impl Error {
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Error::Invalid(FieldErrors::from([(field.to_owned(), message.into())]))
    }
}

fn summary(fields: &FieldErrors) -> String {
    fields.values().cloned().collect::<Vec<_>>().join(" ")
}

/// Collects what is wrong with every field, so that a person hears all of it at once.
#[derive(Default)]
pub struct Validation(FieldErrors);

impl Validation {
    /// Keeps the value, or notes the error and returns the type's default.
    pub fn take<T: Default>(&mut self, result: Result<T>) -> T {
        match result {
            Ok(value) => value,
            Err(Error::Invalid(fields)) => {
                self.0.extend(fields);
                T::default()
            }
            Err(_) => T::default(),
        }
    }

    /// Like [`take`](Self::take) for types without a default; `None` when invalid.
    pub fn try_take<T>(&mut self, result: Result<T>) -> Option<T> {
        self.take(result.map(Some))
    }

    /// Notes that a field is wrong, unless it is already.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

#[cfg(feature = "ssr")]
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => return Error::NotFound,
            sqlx::Error::Database(db) => {
                if let Some(invalid) = constraint_message(db.constraint(), db.code().as_deref()) {
                    return invalid;
                }
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => {
                tracing::error!(%error, "database unavailable");
                return Error::Unavailable;
            }
            _ => {}
        }
        tracing::error!(%error, "database error");
        Error::Internal
    }
}

/// A constraint violation is bad input that a rule let through: it becomes the field's message.
#[cfg(feature = "ssr")]
fn constraint_message(constraint: Option<&str>, code: Option<&str>) -> Option<Error> {
    match (constraint, code) {
        (Some("users_email_key"), _) => Some(Error::invalid("email", "This address already has an account.")),
        (Some("tickets_assigned_to_id_fkey"), _) => Some(Error::invalid("assigned_to_id", "There is no such person.")),
        (Some("tickets_queue_id_fkey"), _) => Some(Error::invalid("queue_id", "There is no such queue.")),
        (Some("custom_fields_key_key"), _) => Some(Error::invalid("key", "There is a field with this key already.")),
        (Some("custom_fields_category_id_fkey"), _) => {
            Some(Error::invalid("category_id", "There is no such category."))
        }
        (Some("custom_fields_queue_id_fkey" | "ticket_categories_queue_id_fkey"), _) => {
            Some(Error::invalid("queue_id", "There is no such queue."))
        }
        (
            Some(
                "queues_name_key"
                | "teams_name_key"
                | "ticket_categories_name_key"
                | "calendars_name_key"
                | "kb_categories_name_key"
                | "rules_name_key"
                | "webhooks_name_key"
                | "roles_name_key",
            ),
            _,
        ) => Some(Error::invalid("name", "This name is taken already.")),
        (Some("assets_serial_key"), _) => {
            Some(Error::invalid("serial_number", "Another asset of this manufacturer has this serial number."))
        }
        (Some("queue_members_user_id_fkey" | "team_members_user_id_fkey"), _) => {
            Some(Error::invalid("user_id", "There is no such person."))
        }
        // Two changes waited for each other: the database let one go. Its sender may send it again.
        (_, Some("40P01")) => Some(Error::Unavailable),
        // Text that PostgreSQL cannot hold, such as a NUL.
        (_, Some("22021" | "22P05")) => {
            Some(Error::invalid("", "The text contains a character that cannot be stored."))
        }
        _ => None,
    }
}

#[cfg(feature = "ssr")]
impl Error {
    /// Logs the cause and hides it.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "internal error");
        Error::Internal
    }
}
