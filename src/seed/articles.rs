//! What the demo desk knows already.

use crate::desk::Desk;
use crate::knowledge::commands::{save_article, save_kb_category};
use crate::knowledge::{ArticleForm, ArticleStatus, ArticleVisibility, KbCategoryForm};
use crate::{Actor, Result};

/// Category, and what it is about.
const CATEGORIES: [(&str, &str); 4] = [
    ("Laptops and screens", "Power, pictures, docking"),
    ("Network", "VPN, Wi-Fi, drives"),
    ("Accounts", "Passwords, second factors, new colleagues"),
    ("Printing", "Queues, drivers, paper"),
];

/// Title, in a sentence, category's place, tags, whether it is for everyone, text.
type Written = (&'static str, &'static str, usize, &'static [&'static str], bool, &'static str);

const ARTICLES: [Written; 8] = [
    (
        "The display shows nothing after an upgrade",
        "What to do when a monitor has no picture once the system was brought up to date.",
        0,
        &["display", "docking station"],
        true,
        "## Is it the cable?\n\n1. Pull the cable of the monitor out and put it in again, at both ends.\n2. Try the other socket of the docking station.\n\n## Is it the driver?\n\nAn upgrade sometimes brings a graphics driver that the docking station does not know.\n\n1. Press **Windows + Ctrl + Shift + B**: the picture blinks once.\n2. Nothing yet? Hold the power button for ten seconds, and start again without the docking station.\n3. Open *Device Manager → Display adapters*, choose **Roll back driver**.\n\n## Still nothing\n\nTell us the inventory number on the lid. We bring another one.",
    ),
    (
        "The VPN drops every few minutes",
        "Keep the tunnel up on trains, in hotels and at home.",
        1,
        &["vpn"],
        true,
        "## Most often: two networks at once\n\nTurn Wi-Fi off where a cable is in. The client changes networks, and the tunnel with it.\n\n## In hotels and trains\n\nOpen any page first and accept their terms. Then connect.\n\n## The client's own settings\n\n| setting | should be |\n| --- | --- |\n| Protocol | IKEv2 |\n| Reconnect | always |\n| Idle time | 8 hours |\n\nError `809` means that the network lets no tunnel through: use your phone's hotspot, and tell us where you were.",
    ),
    (
        "Connect to the office Wi-Fi",
        "Once for each device, with your account.",
        1,
        &["wi-fi"],
        true,
        "1. Choose **Office**, not *Office-Guest*.\n2. Your name is your mail address, the password is that of your account.\n3. Accept the certificate `radius.example.com`.\n\nGuests use *Office-Guest*: the reception prints a code for a day.",
    ),
    (
        "Reset your password",
        "Without us, in two minutes.",
        2,
        &["password"],
        true,
        "1. Open the sign-in page and choose **Forgot your password?**\n2. A mail comes within a minute. Its link is good for an hour.\n3. A new password has at least 12 characters. A sentence is easier to remember than a puzzle.\n\n> We never ask for your password, by phone, by mail or at the desk.\n\nNo mail? Look into the spam folder, then ask us.",
    ),
    (
        "Set up a second factor",
        "An app on your phone says that it is you.",
        2,
        &["mfa", "phone"],
        true,
        "## What you need\n\nYour phone, and an authenticator app from its store.\n\n## How\n\n1. Open *Account → Security*.\n2. Choose **Add an app** and point the phone at the square code.\n3. Type the six digits.\n\nPrint the recovery codes and keep them with your passport. A new phone? Do it again **before** you give the old one away.",
    ),
    (
        "Print from any floor",
        "One queue for all printers: your badge brings the page.",
        3,
        &["printer"],
        true,
        "Choose the printer **Follow me**. At any printer, hold your badge to the reader, and choose what to print.\n\n## It prints nothing\n\n- The display says *No jobs*: they are kept for 24 hours.\n- The display says *Paper jam*: open the flap with the green handle. Pull slowly.\n- Error `0x00000709`: delete the printer on your machine and add it again from the catalogue.",
    ),
    (
        "A laptop for a new colleague",
        "What the service desk does before the first day.",
        0,
        &["new employee", "laptop"],
        false,
        "## A week before\n\n1. Order from the catalogue: *standard* or *developer*.\n2. Make the account, with the groups of the team.\n\n## The day before\n\n1. Image the laptop, put the inventory number into the ticket.\n2. Put it into the locker of the reception, with the dock.\n\n## The first day\n\nRing at ten: most questions come then.",
    ),
    (
        "Swollen batteries",
        "Take them away at once, and never ship them.",
        0,
        &["battery", "safety"],
        false,
        "A battery that lifts the touchpad can burn.\n\n1. Ask the user to switch it off and unplug it. **Do not press on it.**\n2. Fetch it in the metal box from room 0.12.\n3. Hand out a loan laptop; link the ticket to the incident *Batteries*.\n\nThe supplier fetches the box on Thursdays.",
    ),
];

pub async fn write(desk: &Desk, writer: &Actor) -> Result<()> {
    let mut categories = Vec::new();
    for (order, (name, about)) in CATEGORIES.iter().enumerate() {
        let form = KbCategoryForm {
            name: (*name).into(),
            description: Some((*about).into()),
            parent_id: None,
            order: i32::try_from(order).unwrap_or_default(),
            active: true,
        };
        categories.push(save_kb_category(desk, writer, None, &form).await?);
    }
    for (title, summary, category, tags, is_public, content) in ARTICLES {
        let form = ArticleForm {
            title: title.into(),
            summary: Some(summary.into()),
            content: content.into(),
            category_id: categories.get(category).copied(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            status: Some(ArticleStatus::Published),
            visibility: Some(if is_public { ArticleVisibility::Public } else { ArticleVisibility::Internal }),
            ..ArticleForm::default()
        };
        save_article(desk, writer, None, &form).await?;
    }
    Ok(())
}
