//! An agent takes down a request, on the phone or at the door.

use super::sign_in::{error_of, field_of};
use crate::functions::tickets::{CreateTicket, ticket_choices};
use crate::ui::{CategorySelect, Field, FormError, Select, SubmitButton, TextArea};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::tickets::{SUBJECT_MAX, TicketPriority};

#[component]
pub fn NewTicket() -> impl IntoView {
    let action = ServerAction::<CreateTicket>::new();
    let error = error_of(action);
    let choices = Resource::new(|| (), |()| ticket_choices());
    let usual = std::iter::once((String::new(), "The category's, or medium".to_owned()));
    let each = TicketPriority::ALL.iter().map(|priority| (priority.to_string(), priority.label().to_owned()));
    let priorities: Vec<_> = usual.chain(each).collect();
    view! {
        <Title text="New ticket"/>
        <div class="sheet">
            <header class="sheet__head"><h1>"New ticket"</h1></header>
            <ActionForm action=action>
                <FormError error=error fields=&["requester_email", "requester_name", "subject", "description"]/>
                <div class="sheet__pair">
                    <Field name="requester_email" label="Who asks? (e-mail)" kind="email" autofocus=true error=field_of(error, "requester_email")/>
                    <Field name="requester_name" label="Name" optional=true maxlength=200 error=field_of(error, "requester_name")/>
                </div>
                <Field name="subject" label="Subject" maxlength=SUBJECT_MAX error=field_of(error, "subject")/>
                <TextArea name="description" label="What happened?" rows=8 error=field_of(error, "description")/>
                <div class="sheet__pair">
                    <Select name="priority" label="Priority" options=priorities.clone()/>
                    <Suspense fallback=|| ()>
                        {move || Suspend::new(async move {
                            let (queues, categories) = choices.await.map(|choices| (choices.queues, choices.categories)).unwrap_or_default();
                            let options = std::iter::once((String::new(), "The category's, or none".to_owned()))
                                .chain(queues.into_iter().map(|queue| (queue.id.to_string(), queue.name)))
                                .collect();
                            view! { <CategorySelect categories selected=""/><Select name="queue_id" label="Queue" options/> }
                        })}
                    </Suspense>
                </div>
                <SubmitButton label="Create the ticket" pending=action.pending()/>
            </ActionForm>
        </div>
    }
    .into_any()
}
