//! Mail: what comes in, and the outbox, where every mail to be sent is written in the transaction that causes it.

mod model;

#[cfg(feature = "ssr")]
pub mod fetch;
#[cfg(feature = "ssr")]
pub mod intake;
#[cfg(feature = "ssr")]
pub mod mailboxes;
#[cfg(feature = "ssr")]
pub mod original;
#[cfg(feature = "ssr")]
pub mod outbox;
#[cfg(feature = "ssr")]
pub mod parse;
#[cfg(feature = "ssr")]
pub mod quarantine;
#[cfg(feature = "ssr")]
mod reply_address;
#[cfg(feature = "ssr")]
pub mod send;
#[cfg(feature = "ssr")]
pub mod suppression;
pub mod templates;
#[cfg(feature = "ssr")]
pub mod webhooks;

pub use model::*;

/// What connections to other people's servers are secured with.
#[cfg(feature = "ssr")]
fn tls() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    // The provider has every version that is asked for.
    #[allow(clippy::expect_used)]
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3");
    builder.with_root_certificates(roots).with_no_client_auth()
}
