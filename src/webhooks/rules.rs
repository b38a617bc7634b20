//! How what goes out is signed, and where it may go.

use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use sha2::Sha256;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a secret begins with (Standard Webhooks).
const SECRET_PREFIX: &str = "whsec_";

/// A new secret: 32 random bytes.
pub fn new_secret() -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(rand::random::<[u8; 32]>()))
}

/// The value of `webhook-signature`: HMAC-SHA256 of `id.seconds.body` under the secret's bytes.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Result<String> {
    let key = STANDARD.decode(secret.trim_start_matches(SECRET_PREFIX)).map_err(Error::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// An address that may be called: with TLS and in public, unless its host is among those that an administrator allowed by
/// name. Names are looked up when it is called, by [`is_public`] again.
pub fn parse_target(text: &str, allowed: &[String]) -> Result<Url> {
    let wrong = |message: &str| Err(Error::invalid("url", message));
    let Ok(url) = text.trim().parse::<Url>() else { return wrong("An address looks like https://example.com/hook.") };
    let Some(host) = url.host_str() else { return wrong("This address names no host.") };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("No name and no password in an address: everyone who may read the log could read them.");
    }
    if url.scheme() != "https" && url.scheme() != "http" {
        return wrong("An address begins with https://.");
    }
    if is_allowed(host, allowed) {
        return Ok(url);
    }
    if url.scheme() != "https" {
        return wrong("An address begins with https://.");
    }
    if literal(host).is_some_and(|address| !is_public(address)) || host.eq_ignore_ascii_case("localhost") {
        return wrong(
            "This address is not public. Allow its host under Settings, webhooks.allowed_hosts, if it is meant.",
        );
    }
    Ok(url)
}

/// Whether a host was allowed by name, private as it may be.
pub fn is_allowed(host: &str, allowed: &[String]) -> bool {
    allowed.iter().any(|known| known.eq_ignore_ascii_case(host.trim_matches(['[', ']'])))
}

/// A host that is an address.
pub fn literal(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether an address is one of the internet's: not of this machine, of a house, of a cloud's own services, nor one that
/// leads there.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // RFC 6598, RFC 6890, RFC 2544.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // Those that carry an IPv4 address lead there: mapped, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        // Teredo, documentation.
        [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_standard_webhooks_gives_as_its_example() {
        let body = r#"{"test": 2432232314}"#;
        let made =
            signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(made.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_ne!(new_secret(), new_secret());
    }

    #[test]
    fn nothing_leads_into_the_house() {
        for wrong in [
            "http://169.254.169.254/latest/meta-data/",
            "https://169.254.169.254/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://10.1.2.3/",
            "https://192.168.0.1:8443/",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:a00:1::]/",
            "https://localhost/",
            "http://example.com/",
            "https://user:secret@example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "example.com",
            "",
        ] {
            assert!(parse_target(wrong, &[]).is_err(), "{wrong}");
        }
        for right in ["https://example.com/hook?x=1", "https://93.184.216.34/", "https://[2606:2800:220:1::1]:444/"] {
            assert!(parse_target(right, &[]).is_ok(), "{right}");
        }
        let allowed = ["hooks.intern".to_owned(), "10.1.2.3".to_owned(), "::1".to_owned()];
        for right in ["http://hooks.intern/", "http://10.1.2.3:8080/", "http://[::1]/"] {
            assert!(parse_target(right, &allowed).is_ok(), "{right}");
        }
        assert!(parse_target("https://10.1.2.4/", &allowed).is_err());
    }
}
