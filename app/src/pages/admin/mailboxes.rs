//! Mailboxes: where mail comes in and from where it goes out.

use super::{Arrangement, options};
use crate::functions::mailing::{MailSettings, read_mail_settings};
use crate::live::use_live;
use crate::pages::ticket::provide_form_failure;
use crate::ui::{EmptyState, ErrorState, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use oxdesk::mail::{AfterIntake, AuthMethod, MailEncryption, Mailbox, MailboxType};
use oxdesk::tickets::TicketPriority;

/// What is known of a provider: name in the address, name, and what goes into the form.
struct Preset {
    key: &'static str,
    name: &'static str,
    says: &'static str,
    kind: MailboxType,
    imap: (&'static str, i32),
    smtp: (&'static str, i32),
    encryption: (MailEncryption, MailEncryption),
    auth: AuthMethod,
}

const PRESETS: [Preset; 6] = [
    Preset {
        key: "imap",
        name: "An IMAP host",
        says: "Any server that lets you read by IMAP and send by SMTP.",
        kind: MailboxType::Imap,
        imap: ("", 993),
        smtp: ("", 587),
        encryption: (MailEncryption::Ssl, MailEncryption::Tls),
        auth: AuthMethod::Password,
    },
    Preset {
        key: "gmail",
        name: "Gmail",
        says: "With an app password, or with a token (XOAUTH2).",
        kind: MailboxType::Imap,
        imap: ("imap.gmail.com", 993),
        smtp: ("smtp.gmail.com", 587),
        encryption: (MailEncryption::Ssl, MailEncryption::Tls),
        auth: AuthMethod::Password,
    },
    Preset {
        key: "microsoft",
        name: "Microsoft 365",
        says: "Signs in with a token (XOAUTH2).",
        kind: MailboxType::Imap,
        imap: ("outlook.office365.com", 993),
        smtp: ("smtp.office365.com", 587),
        encryption: (MailEncryption::Ssl, MailEncryption::Tls),
        auth: AuthMethod::Xoauth2,
    },
    Preset {
        key: "postmark",
        name: "Postmark",
        says: "Mail comes by webhook: the secret is the user and password in its address, as user:password.",
        kind: MailboxType::Webhook,
        imap: ("", 0),
        smtp: ("smtp.postmarkapp.com", 587),
        encryption: (MailEncryption::Ssl, MailEncryption::Tls),
        auth: AuthMethod::Password,
    },
    Preset {
        key: "ses",
        name: "Amazon SES",
        says: "Mail comes by webhook through SNS: the secret is the topic's ARN.",
        kind: MailboxType::Webhook,
        imap: ("", 0),
        smtp: ("email-smtp.eu-west-1.amazonaws.com", 587),
        encryption: (MailEncryption::Ssl, MailEncryption::Tls),
        auth: AuthMethod::Password,
    },
    Preset {
        key: "pipe",
        name: "A pipe",
        says: "Your own mail server hands mail to “oxdesk mail ingest”.",
        kind: MailboxType::Smtp,
        imap: ("", 0),
        smtp: ("localhost", 25),
        encryption: (MailEncryption::None, MailEncryption::None),
        auth: AuthMethod::Password,
    },
];

#[component]
pub fn Mailboxes() -> impl IntoView {
    provide_form_failure();
    let live = use_live();
    let query = use_query_map();
    let settings = Resource::new(move || live.track(), |_| read_mail_settings());
    view! {
        <Title text="Mailboxes"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"Mailboxes"</h1><p class="muted">"Where mail comes in and becomes tickets, and from where answers go out."</p></header>
            <Transition fallback=|| view! { <LoadingRows rows=4/> }>
                {move || {
                    let preset = query.read().get("preset");
                    Suspend::new(async move {
                        match settings.await {
                            Ok(settings) => show(settings, preset.as_deref()),
                            Err(error) => view! { <ErrorState error/> }.into_any(),
                        }
                    })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

fn show(settings: MailSettings, preset: Option<&str>) -> AnyView {
    let list = if settings.mailboxes.is_empty() {
        view! { <EmptyState title="No mailbox yet" text="Choose below where your mail lies: two minutes later it becomes tickets."/> }.into_any()
    } else {
        let rows = settings.mailboxes.iter().map(|mailbox| row(mailbox.clone(), &settings)).collect_view();
        view! { <ul class="panel panel--plain">{rows}</ul> }.into_any()
    };
    let chosen = PRESETS.iter().find(|known| Some(known.key) == preset);
    let choices = PRESETS
        .iter()
        .map(|known| {
            let current = chosen.is_some_and(|chosen| chosen.key == known.key).then_some("true");
            view! { <li><a href=format!("/admin/mailboxes?preset={}", known.key) aria-current=current><b>{known.name}</b><small>{known.says}</small></a></li> }
        })
        .collect_view();
    let new = chosen.map(|chosen| view! { <section><h2>{format!("New: {}", chosen.name)}</h2>{form(None, Some(chosen), &settings)}</section> });
    view! {
        {list}
        <section><h2>"Connect a mailbox"</h2><ul class="panel panel--choices">{choices}</ul></section>
        {new}
    }
    .into_any()
}

fn row(mailbox: Mailbox, settings: &MailSettings) -> AnyView {
    let mut says = vec![match mailbox.kind {
        MailboxType::Imap => format!("fetched by IMAP from {}", mailbox.imap_host.clone().unwrap_or_default()),
        MailboxType::Pop3 => format!("fetched by POP3 from {}", mailbox.imap_host.clone().unwrap_or_default()),
        MailboxType::Webhook => "brought by webhook".to_owned(),
        MailboxType::Smtp => "brought by a pipe".to_owned(),
    }];
    says.push(match (&mailbox.smtp_host, &mailbox.smtp_from_email) {
        (Some(_), Some(from)) => format!("answers come from {from}"),
        _ => "sends nothing".to_owned(),
    });
    says.extend((!mailbox.active).then(|| "switched off".to_owned()));
    let wrong = mailbox.last_error.clone().map(|said| view! { <p class="notice notice--wrong"><Icon icon=Icon::Warning/><span><b>"Its server says: "</b>{said}</span></p> });
    let (id, deleted) = (mailbox.id.to_string(), mailbox.id.to_string());
    let to_itself = mailbox.smtp_host.is_some().then(|| id.clone());
    let address = (mailbox.kind == MailboxType::Webhook).then(|| {
        let url = format!("{}/webhooks/email/PROVIDER/{id}", settings.base_url);
        view! { <p class="muted arranged__note">"Providers post to "<code>{url}</code>" with postmark, sendgrid, mailgun, ses or raw in place of PROVIDER."</p> }
    });
    let form = form(Some(&mailbox), None, settings);
    view! {
        <Arrangement name=mailbox.name.clone() says=says.join(" · ") may_change=true form=form>
            {wrong}
            {address}
            <div class="arranged__deeds">
                <QuickForm endpoint="test_mailbox" done="Its servers let us in.">
                    <input type="hidden" name="id" value=id/>
                    <button class="button" type="submit">"Try its servers"</button>
                </QuickForm>
                {to_itself.map(|id| view! {
                    <QuickForm endpoint="round_trip_mailbox" done="A mail went out and came back.">
                        <input type="hidden" name="id" value=id/>
                        <button class="button" type="submit">"Send it a mail"</button>
                    </QuickForm>
                })}
                <QuickForm endpoint="delete_mailbox" done="Deleted.">
                    <input type="hidden" name="id" value=deleted/>
                    <button class="button button--ghost" type="submit">"Delete"</button>
                </QuickForm>
            </div>
        </Arrangement>
    }
    .into_any()
}

/// What stands in a form: of a mailbox that is there, or of what is known of its provider.
struct Filled<'a> {
    key: String,
    mailbox: Option<&'a Mailbox>,
    preset: Option<&'a Preset>,
}

impl Filled<'_> {
    fn text(&self, of: fn(&Mailbox) -> Option<String>, usual: &str) -> Option<String> {
        self.mailbox.map_or_else(|| Some(usual.to_owned()).filter(|text| !text.is_empty()), of)
    }

    fn number(&self, of: fn(&Mailbox) -> Option<i32>, usual: i32) -> Option<String> {
        self.mailbox.map_or_else(|| (usual > 0).then_some(usual), of).map(|number| number.to_string())
    }

    fn has(&self, secret: fn(&Mailbox) -> bool) -> bool {
        self.mailbox.is_some_and(secret)
    }

    fn input(&self, name: &'static str, label: &'static str, kind: &'static str, value: Option<String>) -> AnyView {
        let id = format!("{name}-{}", self.key);
        let autocomplete = if kind == "password" { "new-password" } else { "off" };
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id name=format!("mailbox[{name}]") type=kind value=value.unwrap_or_default() autocomplete=autocomplete/>
            </div>
        }
        .into_any()
    }

    /// A field for a secret, which is never shown.
    fn secret(&self, name: &'static str, label: [&'static str; 2], has: fn(&Mailbox) -> bool) -> AnyView {
        self.input(name, label[usize::from(self.has(has))], "password", None)
    }

    fn select(&self, name: &'static str, label: &'static str, choices: Vec<(String, String)>, chosen: &str) -> AnyView {
        let id = format!("{name}-{}", self.key);
        view! {
            <div class="field"><label for=id.clone()>{label}</label><select id=id name=format!("mailbox[{name}]")>{options(choices, chosen)}</select></div>
        }
        .into_any()
    }

    fn kind(&self) -> MailboxType {
        let usual = self.preset.map_or(MailboxType::Imap, |preset| preset.kind);
        self.mailbox.map_or(usual, |mailbox| mailbox.kind)
    }
}

const PASSWORD: [&str; 2] = ["Password", "Password (stays as it is when this is empty)"];
const SECRET: [&str; 2] = ["Secret", "Secret (stays as it is when this is empty)"];

fn words<T: Copy + ToString>(all: &[T], label: fn(T) -> &'static str) -> Vec<(String, String)> {
    all.iter().map(|word| (word.to_string(), label(*word).to_owned())).collect()
}

fn kind_label(kind: MailboxType) -> &'static str {
    match kind {
        MailboxType::Imap => "Fetched by IMAP",
        MailboxType::Pop3 => "Fetched by POP3",
        MailboxType::Webhook => "Brought by a webhook",
        MailboxType::Smtp => "Brought by a pipe, or not at all",
    }
}

fn encryption_label(encryption: MailEncryption) -> &'static str {
    match encryption {
        MailEncryption::Ssl => "TLS from the start",
        MailEncryption::Tls => "STARTTLS",
        MailEncryption::None => "None",
    }
}

fn auth_label(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::Password => "Its password",
        AuthMethod::Xoauth2 => "A token (XOAUTH2)",
    }
}

fn after_label(after: AfterIntake) -> &'static str {
    match after {
        AfterIntake::Keep => "Kept, as read",
        AfterIntake::Move => "Moved",
        AfterIntake::Delete => "Deleted",
    }
}

fn coming(filled: &Filled) -> AnyView {
    let kind = filled.kind();
    let usual = filled.preset.map_or(("", 0), |preset| preset.imap);
    let encryption = filled.preset.map_or(MailEncryption::Ssl, |preset| preset.encryption.0);
    let encryption = filled.mailbox.and_then(|mailbox| mailbox.imap_encryption).unwrap_or(encryption);
    let auth = filled.preset.map_or(AuthMethod::Password, |preset| preset.auth);
    let auth = filled.mailbox.map_or(auth, |mailbox| mailbox.auth_method);
    let after = filled.mailbox.map_or(AfterIntake::Keep, |mailbox| mailbox.after_intake);
    let fetches = matches!(kind, MailboxType::Imap | MailboxType::Pop3);
    view! {
        {filled.select("kind", "Mail comes in", words(MailboxType::ALL, kind_label), kind.as_str())}
        <details class="form__part" open=fetches><summary>"The server to fetch from"</summary>
            <div class="sheet__pair">
                {filled.input("imap_host", "Server", "text", filled.text(|mailbox| mailbox.imap_host.clone(), usual.0))}
                {filled.input("imap_port", "Port", "number", filled.number(|mailbox| mailbox.imap_port, usual.1))}
            </div>
            <div class="sheet__pair">
                {filled.input("imap_user", "User", "text", filled.text(|mailbox| mailbox.imap_user.clone(), ""))}
                {filled.secret("imap_password", PASSWORD, |mailbox| mailbox.has_imap_password)}
            </div>
            <div class="sheet__pair">
                {filled.select("imap_encryption", "Encryption", words(MailEncryption::ALL, encryption_label), encryption.as_str())}
                {filled.select("auth_method", "Signs in with", words(AuthMethod::ALL, auth_label), auth.as_str())}
            </div>
            <div class="sheet__pair">
                {filled.input("imap_folder", "Folder", "text", filled.text(|mailbox| Some(mailbox.imap_folder.clone()), "INBOX"))}
                {filled.input("poll_interval", "Looked into every … minutes", "number", filled.number(|mailbox| mailbox.poll_interval, 1))}
            </div>
            <div class="sheet__pair">
                {filled.select("after_intake", "A message that we have is", words(AfterIntake::ALL, after_label), after.as_str())}
                {filled.input("move_to", "To which folder", "text", filled.text(|mailbox| mailbox.move_to.clone(), ""))}
            </div>
        </details>
        <details class="form__part" open={kind == MailboxType::Webhook}><summary>"The webhook's secret"</summary>
            {filled.secret("webhook_secret", SECRET, |mailbox| mailbox.has_webhook_secret)}
        </details>
    }
    .into_any()
}

fn going(filled: &Filled) -> AnyView {
    let usual = filled.preset.map_or(("", 0), |preset| preset.smtp);
    let encryption = filled.preset.map_or(MailEncryption::Tls, |preset| preset.encryption.1);
    let encryption = filled.mailbox.and_then(|mailbox| mailbox.smtp_encryption).unwrap_or(encryption);
    let plus = filled.mailbox.is_none_or(|mailbox| mailbox.plus_addressing);
    let signature = format!("signature-{}", filled.key);
    view! {
        <div class="sheet__pair">
            {filled.input("smtp_from_email", "Address", "email", filled.text(|mailbox| mailbox.smtp_from_email.clone(), ""))}
            {filled.input("smtp_from_name", "Name", "text", filled.text(|mailbox| mailbox.smtp_from_name.clone(), ""))}
        </div>
        <div class="sheet__pair">
            {filled.input("smtp_host", "Server", "text", filled.text(|mailbox| mailbox.smtp_host.clone(), usual.0))}
            {filled.input("smtp_port", "Port", "number", filled.number(|mailbox| mailbox.smtp_port, usual.1))}
        </div>
        <div class="sheet__pair">
            {filled.input("smtp_user", "User", "text", filled.text(|mailbox| mailbox.smtp_user.clone(), ""))}
            {filled.secret("smtp_password", PASSWORD, |mailbox| mailbox.has_smtp_password)}
        </div>
        {filled.select("smtp_encryption", "Encryption", words(MailEncryption::ALL, encryption_label), encryption.as_str())}
        <label class="check"><input type="checkbox" name="mailbox[plus_addressing]" value="yes" checked=plus/>"The server takes support+anything@… for support@…: answers find their ticket by their address"</label>
        <div class="field"><label for=signature.clone()>"Signature"<span class="field__optional">" optional"</span></label>
            <textarea id=signature name="mailbox[signature]" rows="3" maxlength="5000">{filled.text(|mailbox| mailbox.signature.clone(), "")}</textarea></div>
    }
    .into_any()
}

fn tickets(filled: &Filled, settings: &MailSettings) -> AnyView {
    let priority = filled.mailbox.and_then(|mailbox| mailbox.default_priority);
    let mut priorities = vec![(String::new(), "As the category says".to_owned())];
    priorities.extend(TicketPriority::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())));
    let mut queues = vec![(String::new(), "None".to_owned())];
    queues.extend(settings.queues.clone());
    let queue = filled.mailbox.and_then(|mailbox| mailbox.ticket_queue_id).map(|queue| queue.to_string());
    view! {
        <div class="sheet__pair">
            {filled.select("ticket_queue_id", "Queue", queues, &queue.unwrap_or_default())}
            {filled.select("default_priority", "Priority", priorities, priority.map_or("", |priority| priority.as_str()))}
        </div>
    }
    .into_any()
}

fn form(mailbox: Option<&Mailbox>, preset: Option<&Preset>, settings: &MailSettings) -> AnyView {
    let key = mailbox.map_or("new".to_owned(), |mailbox| mailbox.id.to_string());
    let identity = mailbox.map(|mailbox| {
        view! {
            <input type="hidden" name="id" value=mailbox.id.to_string()/>
            <input type="hidden" name="version" value=mailbox.version.to_string()/>
        }
    });
    let filled = Filled { key, mailbox, preset };
    let name = filled.input("name", "Name", "text", filled.text(|mailbox| Some(mailbox.name.clone()), ""));
    let (coming, going, tickets) = (coming(&filled), going(&filled), tickets(&filled, settings));
    let active = mailbox.is_none_or(|mailbox| mailbox.active);
    view! {
        <QuickForm endpoint="save_mailbox" class="arranged__form" done="Saved.">
            {identity}
            {name}
            <fieldset><legend>"Mail that comes in"</legend>{coming}</fieldset>
            <fieldset><legend>"Mail that goes out"</legend>{going}</fieldset>
            <fieldset><legend>"Its tickets"</legend>{tickets}</fieldset>
            <label class="check"><input type="checkbox" name="mailbox[active]" value="yes" checked=active/>"In use"</label>
            <button class="button button--primary" type="submit">"Save the mailbox"</button>
        </QuickForm>
    }
    .into_any()
}
