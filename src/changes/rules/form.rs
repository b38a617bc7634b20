//! A change's form, checked.

use super::proposed_risk;
use super::risk::QUESTIONS;
use crate::changes::{
    ASSETS_MAX, ChangeForm, ChangeTemplateId, ChangeType, RiskLevel, TEMPLATE_STAGES_MAX, TemplateForm,
};
use crate::tickets::TicketPriority;
use crate::{Error, Result, Timestamp, Validation, bounded, optional};
use std::collections::BTreeMap;

pub const TITLE_MAX: usize = 300;
pub const TEXT_MAX: usize = 50_000;
const NAME_MAX: usize = 100;

/// What may be written; its window is checked against the clock, by [`super::check_window`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub title: String,
    pub description: String,
    pub kind: ChangeType,
    pub priority: TicketPriority,
    pub risk_level: Option<RiskLevel>,
    pub risk_answers: BTreeMap<String, bool>,
    pub plan: Option<String>,
    pub backout_plan: Option<String>,
    pub test_plan: Option<String>,
    pub window: (Option<Timestamp>, Option<Timestamp>),
    pub template_id: Option<ChangeTemplateId>,
}

/// Without a risk of its own, the change has the one that the answers propose.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong, by field.
pub fn check_change(form: &ChangeForm) -> Result<Checked> {
    let mut wrong = Validation::default();
    let mut text = |field: &str, text: &Option<String>| wrong.take(optional(field, text.as_deref(), TEXT_MAX));
    let (plan, backout_plan) = (text("plan", &form.plan), text("backout_plan", &form.backout_plan));
    let test_plan = text("test_plan", &form.test_plan);
    let unknown = form.risk_answers.keys().find(|key| !QUESTIONS.iter().any(|(known, ..)| known == key));
    if let Some(key) = unknown {
        wrong.add("risk_answers", format!("“{}” is no question.", key.chars().take(60).collect::<String>()));
    }
    if form.assets.len() > ASSETS_MAX {
        wrong.add("assets", format!("At most {ASSETS_MAX} assets, please."));
    }
    let proposed = (!form.risk_answers.is_empty()).then(|| proposed_risk(&form.risk_answers));
    let checked = Checked {
        title: wrong.take(bounded("title", &form.title, TITLE_MAX)),
        description: wrong.take(bounded("description", &form.description, TEXT_MAX)),
        kind: form.kind.unwrap_or(ChangeType::Normal),
        priority: form.priority.unwrap_or(TicketPriority::Medium),
        risk_level: form.risk_level.or(proposed),
        risk_answers: form.risk_answers.clone(),
        plan,
        backout_plan,
        test_plan,
        window: (form.planned_start_date, form.planned_end_date),
        template_id: form.template_id,
    };
    wrong.finish()?;
    Ok(checked)
}

/// # Errors
/// [`Error::Invalid`] with everything that is wrong, by field.
pub fn check_template(form: &TemplateForm) -> Result<()> {
    let mut wrong = Validation::default();
    wrong.take(bounded("name", &form.name, NAME_MAX));
    let texts = [
        ("description", &form.description),
        ("plan", &form.plan),
        ("backout_plan", &form.backout_plan),
        ("test_plan", &form.test_plan),
    ];
    for (field, text) in texts {
        wrong.take(optional(field, Some(text), TEXT_MAX));
    }
    if form.kind == ChangeType::Standard && (form.plan.trim().is_empty() || form.backout_plan.trim().is_empty()) {
        wrong.add("plan", "What is approved once for all needs its plan and the way back.");
    }
    if form.kind == ChangeType::Standard && !form.stages.is_empty() {
        wrong.add("stages", "Nobody is asked about a standard change: its template is what was approved.");
    }
    if form.stages.len() > TEMPLATE_STAGES_MAX {
        wrong.add("stages", format!("At most {TEMPLATE_STAGES_MAX} stages, please."));
    }
    for (at, stage) in form.stages.iter().enumerate() {
        let named = bounded("stages", &stage.name, NAME_MAX).is_ok();
        let asks = stage.asset_owners || !stage.people.is_empty() || !stage.roles.is_empty();
        let counts = (stage.rule == crate::changes::StageRule::Quorum)
            == stage.quorum.is_some_and(|quorum| (1..=100).contains(&quorum));
        if !named || !asks || !counts || stage.people.len() > 50 || stage.roles.len() > 20 {
            wrong.add(
                "stages",
                format!("Stage {} needs a name, someone who is asked, and, for a quorum, how many of them.", at + 1),
            );
        }
    }
    wrong.finish()
}

/// What has to be there before anyone is asked.
///
/// # Errors
/// [`Error::Invalid`] naming each field that is missing.
pub fn check_ready(
    kind: ChangeType,
    plan: &str,
    backout_plan: &str,
    risk: Option<RiskLevel>,
    has_window: bool,
) -> Result<()> {
    let mut wrong = Validation::default();
    if plan.trim().is_empty() {
        wrong.add("plan", "Say how it is done before others are asked.");
    }
    if backout_plan.trim().is_empty() {
        wrong.add("backout_plan", "Say how it is taken back if it goes wrong.");
    }
    if risk.is_none() {
        wrong.add("risk_level", "Say how much could go wrong.");
    }
    // What burns has no plan of days.
    if !has_window && kind != ChangeType::Emergency {
        wrong.add("planned_start_date", "Say when it is done.");
    }
    wrong.finish()
}

/// # Errors
/// [`Error::Invalid`] naming `ends`.
pub fn check_blackout(name: &str, starts: Timestamp, ends: Timestamp) -> Result<String> {
    let name = bounded("name", name, NAME_MAX)?;
    if ends <= starts {
        return Err(Error::invalid("ends", "It ends after it begins, please."));
    }
    if starts.seconds_until(ends) > 366 * 86_400 {
        return Err(Error::invalid("ends", "At most a year, please."));
    }
    Ok(name)
}
