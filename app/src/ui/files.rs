//! Files to be downloaded.

use super::Icon;
use leptos::prelude::*;

/// A file's name and how large it is, which bring it.
pub fn file_link(path: String, name: String, size: i64) -> AnyView {
    view! {
        <a class="file" href=path download rel="external"><Icon icon=Icon::Clip/>{name}" "<span class="muted">{size_in_words(size)}</span></a>
    }
    .into_any()
}

/// `size` is in bytes.
fn size_in_words(size: i64) -> String {
    match size {
        ..1000 => format!("{size} B"),
        1000..1_000_000 => format!("{} kB", size / 1000),
        _ => format!("{:.1} MB", size as f64 / 1_000_000.0),
    }
}
