//! Who says yes to a change: stage by stage, and what the reader may do now.

use crate::ui::{Ago, Avatar, Icon, QuickForm};
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::changes::{
    ApprovalStatus, Approver, Change, ChangeOutcome, ChangePage, ChangeStage, ChangeStatus, ChangeType, StageRule,
};

/// The stages in their order: what they said, who is next.
pub(in crate::pages) fn rail(stages: Vec<ChangeStage>, now: Timestamp) -> AnyView {
    if stages.is_empty() {
        return ().into_any();
    }
    let rows = stages.into_iter().map(|stage| one(stage, now)).collect_view();
    view! { <section aria-label="Approval"><h2>"Approval"</h2><ol class="approval">{rows}</ol></section> }.into_any()
}

fn one(stage: ChangeStage, now: Timestamp) -> AnyView {
    let how = match (stage.rule, stage.quorum) {
        (StageRule::All, _) => "all of them".to_owned(),
        (StageRule::Any, _) => "one of them".to_owned(),
        (StageRule::Quorum, quorum) => format!("{} of them", quorum.unwrap_or(1)),
    };
    let (class, state) = match (stage.is_done, stage.is_next) {
        (true, _) => ("approval__stage approval__stage--done", "said yes"),
        (_, true) => ("approval__stage approval__stage--next", "asked now"),
        _ => ("approval__stage", "later"),
    };
    let rows = stage.approvers.into_iter().map(|person| voice(person, now)).collect_view();
    view! {
        <li class=class aria-current=stage.is_next.then_some("step")>
            <h3>{stage.name}<small>{how}" · "{state}</small></h3>
            <ul class="approval__voices">{rows}</ul>
        </li>
    }
    .into_any()
}

fn voice(person: Approver, now: Timestamp) -> AnyView {
    let (class, says) = match (person.status, person.is_void) {
        (ApprovalStatus::Pending, _) => ("", "not yet"),
        (_, true) => ("approval__void", "about an earlier version"),
        (ApprovalStatus::Approved, _) => ("approval__yes", "yes"),
        (ApprovalStatus::Rejected, _) => ("approval__no", "no"),
    };
    let by = person.voted_by.map(|by| format!(" · by {by}"));
    let when = person.voted_at.map(|at| view! { " · "<Ago at now/> });
    let comment = person.comments.map(|text| view! { <q class="approval__said">{text}</q> });
    view! {
        <li><Avatar name=Some(person.name.clone())/><span class="kept__text">{person.name}<small><b class=class>{says}</b>{by}{when}</small>{comment}</span></li>
    }
    .into_any()
}

/// What the reader may make of it.
pub(in crate::pages) fn deeds(page: &ChangePage) -> AnyView {
    let change = &page.change;
    let vote = page.may_vote.then(|| vote(change));
    let steps = page.next.iter().map(|to| step(change, *to)).collect_view();
    let announce = (change.row.status == ChangeStatus::Approved && page.may_edit && !page.assets.is_empty())
        .then(|| announce(change));
    view! { {vote}{steps}{announce} }.into_any()
}

fn hidden(change: &Change) -> AnyView {
    let (id, version) = (change.row.id.to_string(), change.row.version.to_string());
    view! { <input type="hidden" name="id" value=id/><input type="hidden" name="version" value=version/> }.into_any()
}

fn vote(change: &Change) -> AnyView {
    let hidden = hidden(change);
    view! {
        <section class="approval__vote" id="vote" aria-label="Your vote"><h2>"Your vote"</h2>
            <QuickForm endpoint="vote_on_change" done="Said.">
                {hidden}
                <label for="vote-comment">"Comment"<span class="field__optional">" a no needs one"</span></label>
                <textarea id="vote-comment" name="comment" rows="3" maxlength="2000"></textarea>
                <p class="arranged__deeds">
                    <button class="button button--primary" type="submit" name="vote" value="APPROVED"><Icon icon=Icon::Check/>"Approve"</button>
                    <button class="button" type="submit" name="vote" value="REJECTED"><Icon icon=Icon::Cross/>"Reject"</button>
                </p>
            </QuickForm>
        </section>
    }
    .into_any()
}

fn step(change: &Change, to: ChangeStatus) -> AnyView {
    let says = match (change.row.status, to) {
        (_, ChangeStatus::Implemented) => return carried_out(change),
        (_, ChangeStatus::Closed) => return close(change),
        (ChangeStatus::Submitted, ChangeStatus::Draft) => "Take it back",
        (_, ChangeStatus::Draft) => "Make it a draft again",
        (_, ChangeStatus::Submitted) => "Submit",
        (ChangeStatus::Draft, ChangeStatus::InReview) => "Ask at once",
        (_, ChangeStatus::InReview) => "Begin the review",
        // Nobody rejects with a step: that is what votes are for.
        (_, ChangeStatus::Approved | ChangeStatus::Rejected) => "Plan it: its template is approved",
    };
    let class = if to == ChangeStatus::Draft { "button button--ghost" } else { "button button--primary" };
    let hidden = hidden(change);
    view! {
        <QuickForm endpoint="move_change" class="quick--inline" done="Done.">
            {hidden}<input type="hidden" name="to" value=to.to_string()/>
            <button class=class type="submit">{says}</button>
        </QuickForm>
    }
    .into_any()
}

fn carried_out(change: &Change) -> AnyView {
    let hidden = hidden(change);
    let choices = ChangeOutcome::ALL
        .iter()
        .map(|one| view! { <option value=one.to_string()>{one.label()}</option> })
        .collect_view();
    view! {
        <details class="fold" data-closes="" data-fold="carry-out"><summary><h2>"It is carried out"</h2><Icon icon=Icon::Check/></summary>
            <QuickForm endpoint="implement_change" done="Kept.">
                {hidden}
                <label for="went">"How did it go?"</label><select id="went" name="outcome">{choices}</select>
                <label for="went-from">"It began"<span class="field__optional">" as planned without it"</span></label><input id="went-from" type="datetime-local" name="started"/>
                <label for="went-until">"It ended"<span class="field__optional">" now without it"</span></label><input id="went-until" type="datetime-local" name="ended"/>
                <label for="went-notes">"Notes"<span class="field__optional">" optional"</span></label><textarea id="went-notes" name="notes" rows="3" maxlength="20000"></textarea>
                <button class="button button--primary" type="submit">"Keep it"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}

/// Those who have what it touches, or what fails with it, are told.
fn announce(change: &Change) -> AnyView {
    let hidden = hidden(change);
    let title = if change.announced_at.is_some() { "Tell those concerned again" } else { "Tell those concerned" };
    view! {
        <details class="fold" data-closes="" data-fold="announce"><summary><h2>{title}</h2><Icon icon=Icon::Mail/></summary>
            <QuickForm endpoint="announce_change" done="They are told.">
                {hidden}
                <label for="announce-text">"What they are told"<span class="field__optional">" when it is, without it"</span></label>
                <textarea id="announce-text" name="text" rows="3" maxlength="2000"></textarea>
                <button class="button button--primary" type="submit">"Tell them"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}

/// Looked back at (ITIL: post-implementation review).
fn close(change: &Change) -> AnyView {
    let needed = change.row.kind == ChangeType::Emergency || change.outcome != Some(ChangeOutcome::Successful);
    let hidden = hidden(change);
    let optional = (!needed).then(|| view! { <span class="field__optional">" optional"</span> });
    view! {
        <details class="fold" data-closes="" data-fold="close-change"><summary><h2>"Close it"</h2><Icon icon=Icon::Lock/></summary>
            <QuickForm endpoint="close_change" done="Closed.">
                {hidden}
                <label for="review">"What is learned from it?"{optional}</label>
                <textarea id="review" name="review" rows="4" maxlength="20000" required=needed></textarea>
                <button class="button button--primary" type="submit">"Close it"</button>
            </QuickForm>
        </details>
    }
    .into_any()
}
