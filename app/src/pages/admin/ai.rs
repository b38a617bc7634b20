//! Which model is asked, what was sent there, and for whom.

use crate::functions::ai::read_ai_log;
use crate::ui::{EmptyState, ErrorState, LoadingRows};
use leptos::prelude::*;
use leptos_meta::Title;
use oxdesk::ai::{AiCall, AiFeature, AiLog};

#[component]
pub fn AiLogPage() -> impl IntoView {
    let log = Resource::new(|| (), |()| read_ai_log());
    view! {
        <Title text="AI"/>
        <div class="sheet sheet--wide">
            <header class="sheet__head"><h1>"AI"</h1><p class="muted">"What was sent to a model, for whom and what for. The texts themselves are not kept."</p></header>
            <Transition fallback=|| view! { <LoadingRows/> }>
                {move || Suspend::new(async move {
                    match log.await {
                        Ok(log) => shown(log),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn shown(log: AiLog) -> AnyView {
    let budget = match log.tokens_per_day {
        0 => format!("{} tokens today, without a limit.", log.tokens_today),
        most => format!("{} of today's {most} tokens are used.", log.tokens_today),
    };
    let Some((model, host)) = log.model else {
        return view! { <EmptyState title="No model is asked" text="Nothing leaves this machine. OXDESK_CHAT_MODEL names a model that answers questions and makes drafts; see docs/ai.md."/> }.into_any();
    };
    let calls = match log.calls.is_empty() {
        true => view! { <EmptyState title="Nothing was sent yet" text="Each question that is answered and each draft that is made stands here."/> }.into_any(),
        false => table(log.calls),
    };
    view! {
        <p><b>{model}</b>" at "<b>{host}</b>" · "{budget}</p>
        <p class="muted"><a class="linked" href="/admin/settings?q=ai.">"What it may do, and its tokens a day"</a></p>
        {calls}
    }
    .into_any()
}

fn table(calls: Vec<AiCall>) -> AnyView {
    let row = |call: AiCall| {
        let what = match call.feature {
            AiFeature::Answer => "Answer",
            AiFeature::Summary => "Summary",
            AiFeature::Reply => "Reply",
            AiFeature::Article => "Article",
            AiFeature::Translation => "Translation",
        };
        let became = match call.outcome.as_str() {
            "ANSWERED" => "answered",
            "FAILED" => "no answer",
            _ => "under way",
        };
        let took = call.took_ms.map(|took| format!("{took} ms"));
        let about = match (call.ticket.map(|number| number.to_string()), call.articles.is_empty()) {
            (Some(number), true) => number,
            (Some(number), false) => format!("{number}, {}", call.articles.join(", ")),
            (None, _) => call.articles.join(", "),
        };
        view! {
            <tr>
                <td>{call.called_at.local(0)}" UTC"</td><td>{what}</td><td>{call.who}</td><td>{about}</td><td>{call.host}</td>
                <td class="num">{call.characters}</td><td class="num">{call.tokens}</td><td>{became}" "<small class="muted">{took}</small></td>
            </tr>
        }
    };
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Calls">
            <table class="table">
                <thead><tr><th scope="col">"When"</th><th scope="col">"For"</th><th scope="col">"Who"</th><th scope="col">"What was sent of"</th><th scope="col">"Where"</th><th scope="col">"Characters"</th><th scope="col">"Tokens"</th><th scope="col">"Became"</th></tr></thead>
                <tbody>{calls.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
