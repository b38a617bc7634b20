//! Icons: 24 units square, drawn with the text's colour, silent to screen readers.

use leptos::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    Inbox,
    Person,
    Nobody,
    Clock,
    Search,
    Plus,
    Lock,
    Clip,
    Gear,
    Mail,
    Menu,
    Leave,
    Warning,
    Check,
    Cross,
    Dots,
    Keys,
    Pencil,
    Box,
    Filter,
    Bin,
    Merge,
    Eye,
    Bell,
    Book,
}

impl Icon {
    pub const ALL: [Icon; 25] = [
        Self::Inbox,
        Self::Person,
        Self::Nobody,
        Self::Clock,
        Self::Search,
        Self::Plus,
        Self::Lock,
        Self::Clip,
        Self::Gear,
        Self::Mail,
        Self::Menu,
        Self::Leave,
        Self::Warning,
        Self::Check,
        Self::Cross,
        Self::Dots,
        Self::Keys,
        Self::Pencil,
        Self::Box,
        Self::Filter,
        Self::Bin,
        Self::Merge,
        Self::Eye,
        Self::Bell,
        Self::Book,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Inbox => "M4 13h4l1.5 3h5L16 13h4M5 6h14l2 7v5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-5z",
            Self::Person => "M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM4 21c1-4 4-6 8-6s7 2 8 6",
            Self::Nobody => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM8 12h8",
            Self::Clock => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM12 7v5l3 2",
            Self::Search => "M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM20 20l-4-4",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Lock => {
                "M7 11h10a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2zM8 11V8a4 4 0 0 1 8 0v3"
            }
            Self::Clip => "M20 11l-8 8a5 5 0 0 1-7-7l9-9a3.5 3.5 0 0 1 5 5l-9 9a2 2 0 0 1-3-3l8-8",
            Self::Gear => {
                "M15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM12 2v4M12 18v4M2 12h4M18 12h4M5 5l2.8 2.8M16.2 16.2L19 19M5 19l2.8-2.8M16.2 7.8L19 5"
            }
            Self::Mail => "M3 6h18v12H3zM3 7l9 6 9-6",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Leave => "M15 4H6v16h9M10 12h11M18 8l4 4-4 4",
            Self::Warning => "M12 4l9 16H3zM12 10v4M12 17h.01",
            Self::Check => "M5 12l5 5 9-10",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Dots => {
                "M5 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M11 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0M17 12a1 1 0 1 0 2 0a1 1 0 1 0-2 0"
            }
            Self::Keys => "M3 7h18v10H3zM7 10.5h.01M12 10.5h.01M17 10.5h.01M8 14h8",
            Self::Filter => "M4 7h16M7 12h10M10 17h4",
            Self::Bin => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
            Self::Merge => "M6 4v4c0 4 6 4 6 8v4M18 4v4c0 4-6 4-6 8M9 17l3 3 3-3",
            Self::Bell => "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 6H4s2-1 2-6zM10 20h4",
            Self::Book => "M4 5c3-1.5 5.5-1.5 8 0 2.5-1.5 5-1.5 8 0v14c-3-1.5-5.5-1.5-8 0-2.5-1.5-5-1.5-8 0zM12 5v14",
            Self::Eye => "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
            Self::Box => "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
            Self::Pencil => "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
        }
    }
}

#[component]
pub fn Icon(icon: Icon) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=icon.path()/></svg> }
}

#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
            <rect width="20" height="20" rx="5.5" class="logo__ground"/>
            <path class="logo__sign" d="M5.2 5.6c0 3 1.7 3.6 4.8 3.6s4.8-.6 4.8-3.6M6.6 9c0 3.4 1 6 3.4 6s3.4-2.6 3.4-6"/>
        </svg>
    }
}
