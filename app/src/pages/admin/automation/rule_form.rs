//! A rule's form: the sentence, with a line for each part of it.

use super::options;
use crate::functions::automation::Automation;
use crate::ui::QuickForm;
use leptos::prelude::*;
use oxdesk::automation::written::{ACTIONS, WrittenAction, WrittenTest, write_action, write_condition, write_minutes};
use oxdesk::automation::{Comparison, Fact, Rule, RuleEvent, RuleMoment, Since};

/// Lines for more under those there are.
const NEW_LINES: usize = 2;

pub fn rule_form(rule: Option<&Rule>, known: &Automation) -> AnyView {
    let key = rule.map_or("new".to_owned(), |rule| rule.id.to_string());
    let field = move |name: &str| format!("rule-{name}-{key}");
    let head = rule.map(|rule| {
        view! {
            <input type="hidden" name="rule[id]" value=rule.id.to_string()/>
            <input type="hidden" name="rule[version]" value=rule.version.to_string()/>
        }
    });
    let name = rule.map(|rule| rule.name.clone()).unwrap_or_default();
    let position = rule.map_or(0, |rule| rule.position).to_string();
    let (enabled, stops) = rule.map_or((false, false), |rule| (rule.enabled, rule.stops));
    let (when, condition, then) = (when(rule, &field), condition(rule, known), actions(rule, known));
    view! {
        <QuickForm endpoint="save_rule" class="arranged__form arranged__form--wide" done="Saved.">
            {head}
            <div class="sheet__pair">
                <div class="field"><label for=field("name")>"Name"</label><input id=field("name") name="rule[name]" required maxlength="100" value=name/></div>
                <div class="field"><label for=field("position")>"Place in the order"</label><input id=field("position") name="rule[position]" inputmode="numeric" value=position/></div>
            </div>
            {when}
            {condition}
            {then}
            <label class="check"><input type="checkbox" name="rule[stops]" value="yes" checked=stops/>"It is the last one: once it has fired, no later rule is tried on the same event"</label>
            <label class="check"><input type="checkbox" name="rule[enabled]" value="yes" checked=enabled/>"On"</label>
            <button class="button button--primary" type="submit">"Save the rule"</button>
        </QuickForm>
    }
    .into_any()
}

fn when(rule: Option<&Rule>, field: &impl Fn(&str) -> String) -> AnyView {
    let (on, since, minutes) = match rule.map(|rule| &rule.moment) {
        Some(RuleMoment::On { on }) => (on.clone(), String::new(), String::new()),
        Some(RuleMoment::After { since, minutes }) => (Vec::new(), since.to_string(), write_minutes(*minutes)),
        None => (vec![RuleEvent::Created], String::new(), String::new()),
    };
    let events = RuleEvent::ALL.iter().map(|event| {
        let is_on = on.contains(event);
        view! { <label class="check"><input type="checkbox" name="rule[on][]" value=event.as_str() checked=is_on/>{event.label()}</label> }
    });
    let moments = std::iter::once((String::new(), "at once, on what is ticked".to_owned()))
        .chain(Since::ALL.iter().map(|since| (since.to_string(), since.label().to_owned())))
        .collect();
    view! {
        <fieldset><legend>"When a ticket"</legend>
            <div class="ticks">{events.collect_view()}</div>
            <div class="rule__line">
                <span>"or a time comes:"</span>
                <input name="rule[minutes]" aria-label="How long" placeholder="3 d" size="6" maxlength="12" value=minutes/>
                <select id=field("since") name="rule[since]" aria-label="Counted from">{options(moments, &since)}</select>
            </div>
        </fieldset>
    }
    .into_any()
}

fn condition(rule: Option<&Rule>, known: &Automation) -> AnyView {
    let lines = match rule {
        Some(rule) => write_condition(&rule.condition, &known.names),
        None => Some(Vec::new()),
    };
    let Some(lines) = lines else {
        return view! {
            <input type="hidden" name="rule[keeps_condition]" value="yes"/>
            <p class="field__hint">"A program wrote its condition, deeper than lines can say: it stays as it is."</p>
        }
        .into_any();
    };
    let custom = known.fields.iter().map(|(key, label)| (format!("field.{key}"), label.to_lowercase()));
    let before = Fact::ALL
        .iter()
        .filter(|fact| fact.history_field().is_some())
        .map(|fact| (format!("before:{fact}"), format!("{} before", fact.label())));
    let fields: Vec<(String, String)> = std::iter::once((String::new(), "…".to_owned()))
        .chain(Fact::ALL.iter().map(|fact| (fact.to_string(), fact.label().to_owned())))
        .chain(custom)
        .chain(before)
        .collect();
    let joins: Vec<(String, String)> = [("and", "and"), ("or", "or")].map(|(w, l)| (w.to_owned(), l.to_owned())).into();
    let comparisons: Vec<(String, String)> =
        Comparison::ALL.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let empty = std::iter::repeat_with(WrittenTest::default).take(NEW_LINES);
    let lines = lines.into_iter().chain(empty).enumerate().map(|(place, line)| {
        let name = |part: &str| format!("rule[tests][{place}][{part}]");
        let mut fields = fields.clone();
        // A custom field that is gone: what stands there is not to be lost.
        if !fields.iter().any(|(word, _)| *word == line.field) {
            fields.push((line.field.clone(), line.field.clone()));
        }
        view! {
            <li class="rule__line">
                <select name=name("join") aria-label="And, or">{options(joins.clone(), &line.join)}</select>
                <select name=name("field") aria-label="What is looked at">{options(fields, &line.field)}</select>
                <select name=name("is") aria-label="How it is compared">{options(comparisons.clone(), &line.is)}</select>
                <input name=name("values") aria-label="With what" list="rule-words" maxlength="2000" value=line.values/>
            </li>
        }
    });
    view! {
        <fieldset><legend>"and it holds that"</legend>
            <p class="field__hint">"Several values, separated by commas: one is enough. “or” begins another way in which it holds."</p>
            <ul class="rule__lines">{lines.collect_view()}</ul>
        </fieldset>
    }
    .into_any()
}

fn actions(rule: Option<&Rule>, known: &Automation) -> AnyView {
    let there = rule.iter().flat_map(|rule| &rule.actions).map(|action| write_action(action, &known.names));
    let empty = std::iter::repeat_with(WrittenAction::default).take(NEW_LINES);
    let choices: Vec<(String, String)> = std::iter::once((String::new(), "…".to_owned()))
        .chain(ACTIONS.iter().map(|(word, label, what)| {
            let what = if what.is_empty() { String::new() } else { format!(" ({what})") };
            ((*word).to_owned(), format!("{label}{what}"))
        }))
        .collect();
    let lines = there.chain(empty).enumerate().map(|(place, line)| {
        let name = |part: &str| format!("rule[actions][{place}][{part}]");
        view! {
            <li class="rule__line rule__line--deed">
                <select name=name("do") aria-label="What is done">{options(choices.clone(), &line.r#do)}</select>
                <input name=name("value") aria-label="Which, or whom" list="rule-words" maxlength="300" value=line.value/>
                <textarea name=name("text") aria-label="Its text" rows="1" maxlength="20000">{line.text}</textarea>
            </li>
        }
    });
    view! {
        <fieldset><legend>"then"</legend>
            <p class="field__hint">"All of it, in this order, or nothing. Texts know the placeholders of macros, as {{requester.first_name}}. Save for more lines."</p>
            <ul class="rule__lines">{lines.collect_view()}</ul>
        </fieldset>
    }
    .into_any()
}
