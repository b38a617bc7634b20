//! What is said, and when it may go by mail.

use super::NotificationType;
use crate::sla::SlaTarget;
use crate::tickets::TicketStatus;

/// What happened, in words. `who` is the one who did it.
pub fn message(
    kind: NotificationType,
    event: &str,
    who: &str,
    status: TicketStatus,
    changed: &[String],
    target: Option<SlaTarget>,
) -> String {
    let promise = target.map_or("A deadline", SlaTarget::label);
    let changes_status = changed.iter().any(|field| field == "status");
    match kind {
        NotificationType::SlaBreached => format!("{promise} is overdue"),
        NotificationType::SlaWarning => format!("{promise} is due soon"),
        NotificationType::Mention => format!("{who} mentioned you"),
        NotificationType::TicketAssigned if event == "ticket.created" => format!("A new ticket of {who} is yours"),
        NotificationType::TicketAssigned => format!("{who} gave it to you"),
        NotificationType::CommentAdded => format!("{who} replied"),
        NotificationType::NoteAdded => format!("{who} wrote a note"),
        // It brings its own words.
        NotificationType::Rule => "A rule points to it".to_owned(),
        NotificationType::ApprovalWanted => "Your yes or no is wanted".to_owned(),
        NotificationType::ChangeDecided => "It is decided".to_owned(),
        NotificationType::WarrantyEnds => "Warranties end".to_owned(),
        NotificationType::ChangeAnnounced => "It touches something of yours".to_owned(),
        NotificationType::TicketReturned => "It is time to look again".to_owned(),
        NotificationType::TicketCreated => format!("{who} opened it"),
        NotificationType::TicketUpdated if event == "ticket.rated" => format!("{who} said how it went"),
        NotificationType::TicketUpdated if changes_status => format!("{who} set it to {}", status.label()),
        NotificationType::TicketUpdated => match changed {
            [] => format!("{who} changed it"),
            [one] => format!("{who} changed its {}", name(one)),
            [one, more @ ..] => format!("{who} changed its {} and {} more", name(one), more.len()),
        },
    }
}

fn name(field: &str) -> String {
    match field {
        "queue_id" => "queue".to_owned(),
        "assigned_to_id" => "assignee".to_owned(),
        other => other.trim_start_matches("custom_fields.").replace('_', " "),
    }
}

#[cfg(feature = "ssr")]
pub use sending::{mail_due_at, parse_minute};

#[cfg(feature = "ssr")]
mod sending {
    use crate::notifications::{Digest, QuietHours};
    use crate::{Error, Result, Timestamp};
    use jiff::civil::Time;
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, ToSpan, Zoned};

    /// When a daily mail goes, as an hour of the person's day.
    const MORNING: i8 = 8;
    /// How long one that goes at once waits: what is read meanwhile needs no mail, and what follows goes along.
    const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

    /// When what happens now goes by mail to someone in `zone`. Never within their quiet hours.
    pub fn mail_due_at(now: Timestamp, zone: &str, digest: Digest, quiet: Option<QuietHours>) -> Timestamp {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let here = now.0.to_zoned(zone);
        let due = match digest {
            Digest::None => here.checked_add(PATIENCE).ok(),
            Digest::Hourly => here.checked_add(1.hour()).ok().and_then(|later| at(&later, later.hour(), 0)),
            Digest::Daily => {
                let today = at(&here, MORNING, 0).filter(|morning| *morning > here);
                today.or_else(|| at(&here.tomorrow().ok()?, MORNING, 0))
            }
        };
        let due = due.unwrap_or(here);
        Timestamp(after_quiet(due, quiet).timestamp())
    }

    /// The same day, at a time of it; the later one where the clock skips it.
    fn at(day: &Zoned, hour: i8, minute: i8) -> Option<Zoned> {
        day.date().to_datetime(Time::new(hour, minute, 0, 0).ok()?).to_zoned(day.time_zone().clone()).ok()
    }

    fn after_quiet(due: Zoned, quiet: Option<QuietHours>) -> Zoned {
        let Some(QuietHours { from, to }) = quiet else { return due };
        let minute = i32::from(due.hour()) * 60 + i32::from(due.minute());
        let over_midnight = to < from;
        let is_quiet = if over_midnight { minute >= from || minute < to } else { (from..to).contains(&minute) };
        if !is_quiet {
            return due;
        }
        let day = if over_midnight && minute >= from { due.tomorrow().ok() } else { Some(due.clone()) };
        let (hour, rest) = (i8::try_from(to / 60).unwrap_or(0), i8::try_from(to % 60).unwrap_or(0));
        day.and_then(|day| at(&day, hour, rest)).unwrap_or(due)
    }

    /// `22:00`, as a minute of the day.
    pub fn parse_minute(field: &str, text: &str) -> Result<i32> {
        let time: Time = text.trim().parse().map_err(|_| Error::invalid(field, "A time of day looks like 22:00."))?;
        Ok(i32::from(time.hour()) * 60 + i32::from(time.minute()))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn mails_wait_for_their_digest_and_for_the_end_of_quiet_hours() {
            let at = |text: &str| text.parse::<Timestamp>().unwrap();
            let night = Some(QuietHours { from: 22 * 60, to: 7 * 60 + 30 });
            let due = |now: &str, digest, quiet| mail_due_at(at(now), "Europe/Berlin", digest, quiet).to_string();
            assert_eq!(due("2026-11-26T10:20:00Z", Digest::None, night), "2026-11-26T10:21:00Z");
            assert_eq!(due("2026-11-26T10:20:00Z", Digest::Hourly, night), "2026-11-26T11:00:00Z");
            // Eight in Berlin is seven in UTC.
            assert_eq!(due("2026-11-26T06:59:59Z", Digest::Daily, None), "2026-11-26T07:00:00Z");
            assert_eq!(due("2026-11-26T07:00:00Z", Digest::Daily, None), "2026-11-27T07:00:00Z");
            // Before and after midnight.
            assert_eq!(due("2026-11-26T21:30:00Z", Digest::None, night), "2026-11-27T06:30:00Z");
            assert_eq!(due("2026-11-27T02:00:00Z", Digest::Hourly, night), "2026-11-27T06:30:00Z");
            let noon = Some(QuietHours { from: 12 * 60, to: 13 * 60 });
            assert_eq!(due("2026-11-26T11:30:00Z", Digest::None, noon), "2026-11-26T12:00:00Z");
            assert_eq!(due("2026-11-26T12:30:00Z", Digest::None, noon), "2026-11-26T12:31:00Z");
            // The clock skips 2:30 on that night.
            let skipped = Some(QuietHours { from: 60, to: 150 });
            assert_eq!(due("2026-03-29T00:30:00Z", Digest::None, skipped), "2026-03-29T01:30:00Z");
            assert_eq!(
                mail_due_at(at("2026-11-26T10:20:00Z"), "Nowhere", Digest::None, None).to_string(),
                "2026-11-26T10:21:00Z"
            );
            assert!(parse_minute("quiet_from", "25:00").is_err() && parse_minute("quiet_from", "").is_err());
            assert_eq!(parse_minute("quiet_from", "22:15"), Ok(1335));
        }
    }
}

/// The link in a notification's mail that ends such mails, for whoever holds it (RFC 8058): it opens nothing else, and
/// works for ever.
#[cfg(feature = "ssr")]
pub mod unsubscribe {
    use crate::notifications::NotificationType;
    use crate::people::UserId;
    use crate::secret::{SHORT_MARK, SecretKey};
    use data_encoding::BASE32_NOPAD;
    use uuid::Uuid;

    /// Which mails a link ends.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Ends {
        Type(NotificationType),
        All,
    }

    impl Ends {
        pub fn includes(self, kind: NotificationType) -> bool {
            self == Self::All || self == Self::Type(kind)
        }

        fn name(self) -> &'static str {
            match self {
                Self::Type(kind) => kind.as_str(),
                Self::All => "ALL",
            }
        }
    }

    /// A path of this desk: `/unsubscribe/TYPE.TOKEN`.
    pub fn path_ending(secret: &SecretKey, person: UserId, ends: Ends) -> String {
        let bytes = [&person.0.as_bytes()[..], &secret.short_mark(&message(person, ends))].concat();
        format!("/unsubscribe/{}.{}", ends.name(), BASE32_NOPAD.encode(&bytes).to_lowercase())
    }

    /// Whose mails of which kind `TYPE.TOKEN` ends, if we made it.
    pub fn ended_by(secret: &SecretKey, token: &str) -> Option<(UserId, Ends)> {
        let (name, token) = token.split_once('.')?;
        let ends = if name == "ALL" { Ends::All } else { Ends::Type(name.parse().ok()?) };
        let bytes = BASE32_NOPAD.decode(token.to_uppercase().as_bytes()).ok()?;
        let (id, mark) = bytes.split_at_checked(bytes.len().checked_sub(SHORT_MARK)?)?;
        let person = UserId(Uuid::from_slice(id).ok()?);
        secret.short_mark_verifies(&message(person, ends), mark).then_some((person, ends))
    }

    fn message(person: UserId, ends: Ends) -> String {
        format!("unsubscribe:{person}:{}", ends.name())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_link_ends_the_mails_it_names_and_no_others() {
            let (secret, person) = (SecretKey::generate(), UserId::new());
            let path = path_ending(&secret, person, Ends::Type(NotificationType::Mention));
            let token = path.strip_prefix("/unsubscribe/").unwrap();
            assert_eq!(ended_by(&secret, token), Some((person, Ends::Type(NotificationType::Mention))));
            assert_eq!(ended_by(&SecretKey::generate(), token), None);
            for wrong in
                [token.replace("MENTION", "ALL"), token.replace("MENTION.", ""), token[..20].to_owned(), String::new()]
            {
                assert_eq!(ended_by(&secret, &wrong), None, "{wrong}");
            }
        }
    }
}
