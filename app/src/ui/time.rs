//! Times in words. `now` comes with the data, so that server and browser say the same.

use leptos::prelude::*;
use oxdesk::Timestamp;

/// "just now", "12 min ago", "3 h ago", "2 d ago", then the date.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    match at.seconds_until(now) {
        ..60 => "just now".to_owned(),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds @ 3600..86_400 => format!("{} h ago", seconds / 3600),
        seconds @ 86_400..604_800 => format!("{} d ago", seconds / 86_400),
        _ => at.local(0)[..10].to_owned(),
    }
}

/// How long until `at`, in the two largest units: "38 min", "3 h 20", "1 d 2 h"; the same for how long ago.
pub fn span(seconds: i64) -> String {
    let minutes = seconds.abs() / 60;
    match minutes {
        0..60 => format!("{minutes} min"),
        60..1440 if minutes % 60 == 0 => format!("{} h", minutes / 60),
        60..1440 => format!("{} h {:02}", minutes / 60, minutes % 60),
        _ if minutes / 60 % 24 == 0 => format!("{} d", minutes / 1440),
        _ => format!("{} d {} h", minutes / 1440, minutes / 60 % 24),
    }
}

#[component]
pub fn Ago(at: Timestamp, now: Timestamp, #[prop(optional)] utc_offset_seconds: i32) -> impl IntoView {
    view! { <time datetime=at.to_string() title=at.local(utc_offset_seconds)>{relative(at, now)}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_microsecond(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn times_read_like_speech() {
        let now = at(1_800_000_000);
        for (before, words) in
            [(5, "just now"), (-50, "just now"), (125, "2 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")]
        {
            assert_eq!(relative(at(1_800_000_000 - before), now), words);
        }
        assert_eq!(relative(at(1_700_000_000), now), "2023-11-14");
        for (seconds, words) in
            [(38 * 60, "38 min"), (12_000, "3 h 20"), (7200, "2 h"), (93_600, "1 d 2 h"), (-172_800, "2 d")]
        {
            assert_eq!(span(seconds), words);
        }
    }
}
