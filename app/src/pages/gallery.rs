//! Every component in every state, for development: `/ui` when `OXDESK_UI_GALLERY` is set.

use crate::AppError;
use crate::ui::*;
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::Timestamp;
use oxdesk::tickets::{TicketPriority, TicketStatus};

#[component]
pub fn Gallery() -> impl IntoView {
    let now = Timestamp::from_microsecond(1_795_000_000_000_000);
    let at = |hours: i64| now.and_then(|now| Timestamp::from_microsecond(now.as_microsecond() + hours * 3_600_000_000));
    let (Some(now), Some(start)) = (now, at(-4)) else { return ().into_any() };
    let (open, toasts, nothing) = (RwSignal::new(false), use_toasts(), Callback::new(|()| ()));
    view! {
        <Title text="Components"/>
        <main class="gallery" id="main">
            <h1>"Components"</h1>
            <section><h2>"Buttons"</h2><div class="gallery__row">
                <button class="button button--primary">"Primary"</button>
                <button class="button">"Plain"</button>
                <button class="button button--ghost">"Ghost"</button>
                <button class="button button--primary" disabled>"Disabled"</button>
                <button class="button button--icon" aria-label="Settings"><Icon icon=Icon::Gear/></button>
            </div></section>
            <section><h2>"Status"</h2><div class="gallery__row">{TicketStatus::ALL.iter().map(|status| view! { <StatusBadge status=*status/> }).collect_view()}</div></section>
            <section><h2>"Priority"</h2><div class="gallery__row">{TicketPriority::ALL.iter().map(|priority| view! { <PriorityBadge priority=*priority label=true/> }).collect_view()}</div></section>
            <section><h2>"Deadline"</h2><div class="gallery__row">
                {[at(-1), at(0), at(3), at(50)].into_iter().map(|due_at| view! { <DueRing due_at created_at=start now/> }).collect_view()}
            </div></section>
            <section><h2>"People"</h2><div class="gallery__row">
                {["Ana Ruiz", "Ben Okafor", "Chen Wei", "Marta Lind"].into_iter().map(|name| view! { <Avatar name=Some(name.to_owned()) large=true/> }).collect_view()}
                <Avatar name=None large=true/>
            </div></section>
            <section><h2>"Fields"</h2><div class="gallery__fields">
                <Field name="g1" label="With a hint" hint="At least 10 characters."/>
                <Field name="g2" label="Optional" optional=true value="A value"/>
                <Field name="g3" label="Wrong" value="nobody" error=Signal::derive(|| Some("This does not look like an e-mail address.".to_owned()))/>
                <Select name="g4" label="Choice" options=vec![("a".into(), "First".into()), ("b".into(), "Second".into())] selected="b"/>
                <TextArea name="g5" label="Text" rows=3/>
                <FormError error=Signal::derive(|| Some(AppError::Offline))/>
            </div></section>
            <section><h2>"Icons"</h2><div class="gallery__row">{Icon::ALL.into_iter().map(|icon| view! { <Icon icon/> }).collect_view()}</div></section>
            <section><h2>"Menu and dialog"</h2><div class="gallery__row">
                <Menu name="gallery-menu" label="More" button=view! { <Icon icon=Icon::Dots/> }.into_any() class="button button--icon">
                    <p class="menu__head"><b>"Ana Ruiz"</b><span class="muted">"ana@example.com"</span></p>
                    <hr class="menu__line"/>
                    <a class="menu__item" href="/ui"><Icon icon=Icon::Pencil/>"A link"</a>
                    <button type="button" class="menu__item"><Icon icon=Icon::Keys/>"A button"<kbd aria-hidden="true">"?"</kbd></button>
                </Menu>
                <button type="button" class="button" on:click=move |_| open.set(true)>"Open the dialog"</button>
                <Dialog open name="gallery-dialog" title="A dialog"><p>"It holds the focus, and Escape closes it."</p></Dialog>
            </div></section>
            <section><h2>"Messages"</h2>
                <ToastView text="Ticket closed.".to_owned() failed=false offer=Some(("Undo", nothing)) close=nothing/>
                <ToastView text="The server refused this: someone else changed the ticket meanwhile.".to_owned() failed=true offer=None close=nothing/>
                <div class="gallery__row">
                    <button type="button" class="button" on:click=move |_| toasts.say("Saved.")>"Say something"</button>
                    <button type="button" class="button" on:click=move |_| toasts.fail("The server cannot be reached.")>"Fail"</button>
                </div>
            </section>
            <section><h2>"Table"</h2>
                <div class="table-frame" tabindex="0" role="region" aria-label="Example table">
                    <table class="table">
                        <thead><tr><th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Tickets"</th></tr></thead>
                        <tbody>
                            <tr><td>"Ana Ruiz"</td><td>"AGENT"</td><td>"12"</td></tr>
                            <tr><td>"Ben Okafor"</td><td>"IT_MANAGER"</td><td>"3"</td></tr>
                        </tbody>
                    </table>
                </div>
            </section>
            <section><h2>"Empty"</h2><EmptyState title="Nothing here" text="No ticket matches. All done, or try another filter."/></section>
            <section><h2>"Loading"</h2><LoadingRows rows=3/></section>
        </main>
    }
    .into_any()
}
