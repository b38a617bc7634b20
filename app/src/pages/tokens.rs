//! One's own API tokens: made, copied once, ended.

use crate::functions::tokens::{TokensShown, read_tokens};
use crate::live::use_live;
use crate::ui::{Ago, ErrorState, FormFailure, Icon, LoadingRows, QuickForm};
use leptos::prelude::*;
use oxdesk::people::ApiToken;
use oxdesk::people::rules::PERMISSION_GROUPS;
use oxdesk::{Permission, Timestamp};
use std::collections::BTreeSet;

#[component]
pub fn Tokens() -> impl IntoView {
    let live = use_live();
    let tokens = Resource::new(move || live.track_own(), |_| read_tokens());
    view! {
        <section aria-label="API tokens">
            <h2>"API tokens"</h2>
            <p class="muted">"What programs sign in with, in your name. "<a class="linked" href="/api/v1/openapi.json" rel="external">"What they can ask for"</a></p>
            <Transition fallback=|| view! { <LoadingRows rows=2/> }>
                {move || Suspend::new(async move {
                    match tokens.await {
                        Ok(shown) => show(shown),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

fn show(shown: TokensShown) -> AnyView {
    let TokensShown { tokens, new, may, now } = shown;
    let new = new.map(|token| {
        view! {
            <div class="notice token__new" role="status">
                <p>"Copy it now: it is not shown again. "<code class="token__secret">{token}</code></p>
                <QuickForm endpoint="hide_new_token" class="quick--inline"><button class="button" type="submit">"I have copied it"</button></QuickForm>
            </div>
        }
    });
    let rows = tokens.into_iter().map(|token| row(token, now)).collect_view();
    let form = form(&may);
    view! { {new}<ul class="panel panel--plain tokens">{rows}</ul>{form} }.into_any()
}

fn row(token: ApiToken, now: Timestamp) -> AnyView {
    let may = match &token.scopes {
        None => "everything you may do".to_owned(),
        Some(scopes) => scopes.iter().map(Permission::to_string).collect::<Vec<_>>().join(", "),
    };
    let (is_over, until) = match token.expires_at {
        None => (false, "never expires".to_owned()),
        Some(at) if at <= now => (true, format!("expired {}", at.date(0))),
        Some(at) => (false, format!("until {}", at.date(0))),
    };
    let over = is_over.then(|| view! { " "<span class="tag">"Expired"</span> });
    let used = match token.last_used_at {
        Some(at) => view! { "last used "<Ago at now/> }.into_any(),
        None => "never used".into_any(),
    };
    let (id, label) = (token.id.to_string(), format!("End {}", token.name));
    view! {
        <li class="token">
            <span><b>{token.name}</b>{over}<small>{may}</small><small>{used}" · "{until}</small></span>
            <QuickForm endpoint="revoke_token" class="quick--inline" done="Ended: it works no more.">
                <input type="hidden" name="id" value=id/>
                <button class="button button--ghost" type="submit" aria-label=label><Icon icon=Icon::Bin/>"End"</button>
            </QuickForm>
        </li>
    }
    .into_any()
}

fn form(may: &BTreeSet<Permission>) -> AnyView {
    let tick = |(permission, meaning): &(Permission, &'static str)| {
        let (word, meaning) = (permission.as_str(), *meaning);
        may.contains(permission).then(|| view! { <label class="check" title=word><input type="checkbox" name="token[scopes][]" value=word/>{meaning}</label> })
    };
    let group = |(name, rows): &(&'static str, &'static [(Permission, &'static str)])| {
        let ticks: Vec<_> = rows.iter().filter_map(tick).collect();
        (!ticks.is_empty()).then(
            || view! { <fieldset><legend>{*name}</legend><div class="ticks ticks--wide">{ticks}</div></fieldset> },
        )
    };
    let groups = PERMISSION_GROUPS.iter().filter_map(group).collect_view();
    let failed = use_context::<FormFailure>().is_some_and(|failure| failure.path == "/fn/create_token");
    view! {
        <details class="fold" data-fold="token" data-closes="" open=failed><summary><h3>"New token"</h3><Icon icon=Icon::Plus/></summary>
            <QuickForm endpoint="create_token" class="arranged__form arranged__form--wide">
                <label for="token-name">"What it is for"</label>
                <input id="token-name" name="token[name]" required maxlength="100" autocomplete="off"/>
                <label for="token-expires">"It works for"</label>
                <select id="token-expires" name="token[expires]">
                    <option value="30">"30 days"</option><option value="90" selected>"90 days"</option><option value="365">"a year"</option><option value="">"as long as it is not ended"</option>
                </select>
                <label for="token-narrow">"It may do"</label>
                <select id="token-narrow" name="token[is_narrow]">
                    <option value="">"everything you may do"</option><option value="true">"only what is ticked"</option>
                </select>
                <div class="token__scopes">{groups}</div>
                <button class="button button--primary" type="submit">"Make the token"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}
