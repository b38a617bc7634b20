//! Amazon SES through SNS: messages signed with a certificate that lies with Amazon. The mailbox's secret is the topic's
//! ARN: a signature tells that Amazon sent it, and only the topic tells for whom.

use super::{Brought, Posted};
use crate::secret::equal;
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, Encode};

/// A certificate is small; whatever is not is none, in bytes.
const CERTIFICATE_MAX: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    r#type: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    signature: String,
    signature_version: String,
    #[serde(rename = "SigningCertURL", alias = "SigningCertUrl")]
    signing_cert_url: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL", alias = "SubscribeUrl")]
    subscribe_url: Option<String>,
}

#[derive(Deserialize)]
struct Received {
    content: Option<String>,
    #[serde(default)]
    receipt: Receipt,
}

#[derive(Deserialize, Default)]
struct Receipt {
    #[serde(default)]
    action: Action,
}

#[derive(Deserialize, Default)]
struct Action {
    encoding: Option<String>,
}

pub async fn read(secret: &str, posted: &Posted) -> Result<Brought> {
    let envelope: Envelope = serde_json::from_slice(&posted.body).map_err(|_| Error::Unauthenticated)?;
    if !equal(&envelope.topic_arn, secret.trim()) || !is_amazons(&envelope.signing_cert_url) {
        return Err(Error::Unauthenticated);
    }
    let certificate = certificate(&envelope.signing_cert_url).await?;
    if !is_signed(&envelope, &certificate) {
        return Err(Error::Unauthenticated);
    }
    match envelope.r#type.as_str() {
        "Notification" => message(&envelope.message),
        "SubscriptionConfirmation" => {
            let url = envelope.subscribe_url.filter(|url| is_amazons(url)).ok_or(Error::Unauthenticated)?;
            fetch(&url).await?;
            Ok(Brought::Nothing)
        }
        _ => Ok(Brought::Nothing),
    }
}

/// The message itself: SES puts it into its notice, unless it put it into S3.
fn message(notice: &str) -> Result<Brought> {
    let received: Received =
        serde_json::from_str(notice).map_err(|_| Error::invalid("body", "This is not what SES sends."))?;
    let Some(content) = received.content else {
        return Err(Error::invalid("body", "This notice has no message: let the rule's SNS action send it along."));
    };
    let is_base64 = received.receipt.action.encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"));
    if !is_base64 {
        return Ok(Brought::Message(content.into_bytes()));
    }
    let letters: String = content.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(letters).map_err(|_| Error::invalid("body", "The message is not base64."))?;
    Ok(Brought::Message(bytes))
}

/// `https://sns.REGION.amazonaws.com/…`, and nothing that only looks like it.
fn is_amazons(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let region = host
        .strip_prefix("sns.")
        .and_then(|rest| rest.strip_suffix(".amazonaws.com").or_else(|| rest.strip_suffix(".amazonaws.com.cn")));
    region.is_some_and(|region| {
        !region.is_empty()
            && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

/// What SNS signs: names and values, one a line, in the order of the alphabet.
fn signed_text(envelope: &Envelope) -> String {
    let fields: Vec<(&str, Option<&str>)> = match envelope.r#type.as_str() {
        "Notification" => vec![
            ("Message", Some(&envelope.message)),
            ("MessageId", Some(&envelope.message_id)),
            ("Subject", envelope.subject.as_deref()),
            ("Timestamp", Some(&envelope.timestamp)),
            ("TopicArn", Some(&envelope.topic_arn)),
            ("Type", Some(&envelope.r#type)),
        ],
        _ => vec![
            ("Message", Some(&envelope.message)),
            ("MessageId", Some(&envelope.message_id)),
            ("SubscribeURL", envelope.subscribe_url.as_deref()),
            ("Timestamp", Some(&envelope.timestamp)),
            ("Token", envelope.token.as_deref()),
            ("TopicArn", Some(&envelope.topic_arn)),
            ("Type", Some(&envelope.r#type)),
        ],
    };
    fields.into_iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?))).collect()
}

fn is_signed(envelope: &Envelope, certificate: &[u8]) -> bool {
    let Ok(signature) = STANDARD.decode(envelope.signature.trim()) else { return false };
    let Some(key) = public_key(certificate) else { return false };
    let text = signed_text(envelope);
    match envelope.signature_version.as_str() {
        "1" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key)
            .verify(text.as_bytes(), &signature)
            .is_ok(),
        "2" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(text.as_bytes(), &signature).is_ok(),
        _ => false,
    }
}

fn public_key(pem: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_pem(pem).ok()?;
    // Only what it holds matters here: where it lies is what vouches for it.
    let _ = certificate.to_der().ok()?;
    Some(certificate.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes().to_vec())
}

/// Fetched once for each address.
async fn certificate(url: &str) -> Result<Vec<u8>> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pem) = known().get(url) {
        return Ok(pem.clone());
    }
    let pem = fetch(url).await?;
    known().insert(url.to_owned(), pem.clone());
    Ok(pem)
}

/// Reads a small file from Amazon: no redirect leads elsewhere, and nothing large or slow is waited for.
async fn fetch(url: &str) -> Result<Vec<u8>> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .https_only(true)
        .tls_backend_preconfigured(crate::mail::trust::tls())
        .build()
        .map_err(Error::internal)?;
    let mut answer = client.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(|error| {
        tracing::warn!(%error, "Amazon's certificate could not be read");
        Error::Unavailable
    })?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| Error::Unavailable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > CERTIFICATE_MAX {
            return Err(Error::Unauthenticated);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_holds_under_its_certificate_in_both_versions_and_brings_its_message() {
        let certificate = include_bytes!("../../../tests/fixtures/sns/certificate.pem");
        let notices: Vec<Envelope> =
            serde_json::from_str(include_str!("../../../tests/fixtures/sns/notifications.json")).unwrap();
        assert_eq!(notices.len(), 2);
        for mut notice in notices {
            assert!(is_signed(&notice, certificate), "version {}", notice.signature_version);
            match message(&notice.message).unwrap() {
                Brought::Message(raw) => assert!(String::from_utf8(raw).unwrap().contains("Subject: By way of Amazon")),
                Brought::Nothing => panic!("it brings one"),
            }
            notice.message.push(' ');
            assert!(!is_signed(&notice, certificate));
            notice.message.pop();
            notice.signature_version = "3".into();
            assert!(!is_signed(&notice, certificate));
        }
        assert!(message("{\"notificationType\":\"Received\"}").is_err(), "without its content it says what is missing");
    }

    #[test]
    fn only_amazons_own_addresses_are_asked_for_a_certificate() {
        assert!(is_amazons("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"));
        assert!(is_amazons("https://sns.cn-north-1.amazonaws.com.cn/x.pem"));
        for wrong in [
            "http://sns.eu-west-1.amazonaws.com/x.pem",
            "https://sns.eu-west-1.amazonaws.com.evil.test/x.pem",
            "https://evil.test/sns.eu-west-1.amazonaws.com",
            "https://sns.eu-west-1.amazonaws.com@evil.test/x.pem",
            "https://sns.eu-west-1.amazonaws.com:443@evil.test/",
            "https://bucket.s3.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem",
            "https://sns.evil.test/x.amazonaws.com",
        ] {
            assert!(!is_amazons(wrong), "{wrong}");
        }
    }
}
