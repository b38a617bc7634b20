//! Whose certificates are believed when we connect to other people's servers: the authorities that browsers know, and
//! those that whoever runs this desk adds (a house's own, `OXDESK_CA_FILE`).

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::{Arc, OnceLock};

static ADDED: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();

/// Believes the authorities of a PEM file too, from now on; said once, at start. Fails with the reason where the file
/// holds none.
pub fn trust_authorities(pem: &[u8]) -> Result<(), String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| error.to_string())?;
    let mut store = rustls::RootCertStore::empty();
    for authority in &found {
        store.add(authority.clone()).map_err(|error| error.to_string())?;
    }
    if found.is_empty() {
        return Err("there is no certificate in it".into());
    }
    ADDED.set(found).map_err(|_| "authorities were added before".into())
}

/// The authorities that were added.
pub(super) fn added() -> &'static [CertificateDer<'static>] {
    ADDED.get().map_or(&[], Vec::as_slice)
}

/// What connections to other people's servers are secured with.
pub(crate) fn tls() -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(added().iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // The provider has every version that is asked for.
    #[allow(clippy::expect_used)]
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS 1.2 and 1.3");
    builder.with_root_certificates(roots).with_no_client_auth()
}
