//! Changes: their life, who says yes to what, and what gets into each other's way.

use oxdesk::assets::commands::{hand_over, relate_assets, save_asset};
use oxdesk::assets::queries::asset;
use oxdesk::assets::rules::{Edge, affected};
use oxdesk::assets::{AssetForm, AssetId, AssetNumber, RelationType};
use oxdesk::changes::commands::{
    add_task, announce_change, close_change, delete_blackout, implement_change, move_change, name_deputy,
    remind_approvers, save_blackout, save_change, save_template, set_task_done, vote,
};
use oxdesk::changes::queries::{calendar, change_page, conflicts, id_by_number, list_changes, month, week};
use oxdesk::changes::{
    ApprovalStatus, ChangeForm, ChangeId, ChangeOutcome, ChangePage, ChangeScope, ChangeStatus, ChangeTemplateId,
    ChangeType, Implementation, RiskLevel, StageForm, StageRule, TemplateForm,
};
use oxdesk::desk::Desk;
use oxdesk::testing::{desk, person, run_jobs, ticket};
use oxdesk::{Actor, Error, Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::{BTreeSet, HashSet};

const HOUR: i64 = 3600;

fn in_hours(hours: i64) -> Timestamp {
    // Whole hours: what is compared is written once.
    let now = Timestamp::now().as_microsecond() / 3_600_000_000 * 3_600_000_000;
    Timestamp::from_microsecond(now).unwrap().plus_seconds(hours * HOUR)
}

fn asked(title: &str) -> ChangeForm {
    ChangeForm {
        title: title.into(),
        description: "What has to be done, and why.".into(),
        plan: Some("Do it.".into()),
        backout_plan: Some("Undo it.".into()),
        risk_level: Some(RiskLevel::Medium),
        planned_start_date: Some(in_hours(24)),
        planned_end_date: Some(in_hours(26)),
        ..ChangeForm::default()
    }
}

fn said(error: Option<Error>, field: &str) -> String {
    match error {
        Some(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

async fn page(desk: &Desk, actor: &Actor, id: ChangeId) -> ChangePage {
    change_page(desk, actor, id).await.unwrap()
}

async fn version(desk: &Desk, actor: &Actor, id: ChangeId) -> i32 {
    page(desk, actor, id).await.change.row.version
}

async fn go(desk: &Desk, actor: &Actor, id: ChangeId, to: ChangeStatus) {
    let version = version(desk, actor, id).await;
    move_change(desk, actor, id, version, to).await.unwrap();
}

async fn yes(desk: &Desk, actor: &Actor, id: ChangeId) -> oxdesk::Result<ChangeStatus> {
    vote(desk, actor, id, version(desk, actor, id).await, ApprovalStatus::Approved, None).await
}

fn stage(name: &str, rule: StageRule, quorum: Option<i32>, people: &[&Actor]) -> StageForm {
    let people = people.iter().filter_map(|person| person.user_id).collect();
    StageForm { name: name.into(), rule, quorum, people, roles: Vec::new(), asset_owners: false }
}

async fn template(desk: &Desk, actor: &Actor, kind: ChangeType, stages: Vec<StageForm>) -> ChangeTemplateId {
    named_template(desk, actor, format!("{kind} {}", stages.len()), kind, stages).await
}

async fn named_template(
    desk: &Desk,
    actor: &Actor,
    name: String,
    kind: ChangeType,
    stages: Vec<StageForm>,
) -> ChangeTemplateId {
    let form = TemplateForm {
        name,
        kind,
        description: String::new(),
        plan: "Do it.".into(),
        backout_plan: "Undo it.".into(),
        test_plan: String::new(),
        risk_level: Some(RiskLevel::Low),
        stages,
        active: true,
    };
    save_template(desk, actor, None, &form).await.unwrap()
}

async fn thing(desk: &Desk, actor: &Actor, name: &str) -> (AssetId, AssetNumber) {
    let id = save_asset(desk, actor, None, &AssetForm { name: name.into(), ..AssetForm::default() }).await.unwrap();
    (id, asset(desk, actor, id).await.unwrap().asset_number)
}

#[tokio::test]
async fn a_change_goes_through_three_stages_and_an_edit_voids_what_was_said() {
    let desk = desk().await;
    let (asker, boss) = (person(&desk, "asker", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let (one, two, three) = (
        person(&desk, "one", "AGENT").await,
        person(&desk, "two", "IT_MANAGER").await,
        person(&desk, "three", "IT_MANAGER").await,
    );
    let stages = vec![
        stage("Technical", StageRule::All, None, &[&one, &two]),
        stage("Security", StageRule::Any, None, &[&three, &two]),
        stage("Management", StageRule::Quorum, Some(1), &[&boss]),
    ];
    let template = template(&desk, &boss, ChangeType::Normal, stages).await;
    let form = ChangeForm { template_id: Some(template), ..asked("New firewall") };
    let id = save_change(&desk, &asker, None, &form).await.unwrap();
    let first = page(&desk, &asker, id).await;
    assert!(
        first.change.row.change_number.as_str().starts_with("CHG-")
            && first.change.row.change_number.as_str().ends_with("-0001")
    );
    go(&desk, &asker, id, ChangeStatus::Submitted).await;
    let refused = move_change(&desk, &asker, id, 2, ChangeStatus::InReview).await.err();
    assert!(said(refused, "status").contains("cannot become in review"), "whoever asks does not begin its review");
    go(&desk, &boss, id, ChangeStatus::InReview).await;

    assert_eq!(yes(&desk, &boss, id).await, Err(Error::Forbidden), "the third stage is not asked yet");
    assert_eq!(yes(&desk, &one, id).await, Ok(ChangeStatus::InReview));
    assert_eq!(yes(&desk, &one, id).await, Ok(ChangeStatus::InReview), "the same again is the same");
    let seen = version(&desk, &two, id).await;
    // The asker changes the plan while the second approver reads.
    let edited = ChangeForm { plan: Some("Do it otherwise.".into()), ..form.clone() };
    save_change(&desk, &asker, Some((id, seen)), &edited).await.unwrap();
    let late = vote(&desk, &two, id, seen, ApprovalStatus::Approved, None).await;
    assert_eq!(late, Err(Error::Conflict { current: seen + 1 }), "what was read is not what stands there");
    let shown = page(&desk, &asker, id).await;
    assert!(shown.stages[0].is_next && shown.stages[0].approvers.iter().any(|one| one.is_void));
    assert_eq!(yes(&desk, &two, id).await, Ok(ChangeStatus::InReview));
    assert!(page(&desk, &asker, id).await.stages[0].is_next, "one said yes to something else");
    assert_eq!(yes(&desk, &one, id).await, Ok(ChangeStatus::InReview));
    assert!(page(&desk, &asker, id).await.stages[1].is_next);
    // A title may be spelt better without asking anyone.
    let spelt = ChangeForm { title: "The new firewall".into(), ..edited.clone() };
    save_change(&desk, &asker, Some((id, version(&desk, &asker, id).await)), &spelt).await.unwrap();
    let waits = |who: &Actor| {
        let (desk, who) = (desk.clone(), who.clone());
        async move { list_changes(&desk, &who, ChangeScope::Waiting, None, None, 10).await.unwrap().rows.len() }
    };
    assert_eq!((waits(&two).await, waits(&three).await, waits(&boss).await), (1, 1, 0));
    assert_eq!(yes(&desk, &three, id).await, Ok(ChangeStatus::InReview));
    assert_eq!((waits(&two).await, waits(&three).await, waits(&boss).await), (0, 0, 1), "one of them was enough");
    assert_eq!(yes(&desk, &boss, id).await, Ok(ChangeStatus::Approved));

    let at = version(&desk, &asker, id).await;
    let again = vote(&desk, &boss, id, at, ApprovalStatus::Approved, None).await.err();
    assert_eq!(said(again, "status"), "Nobody is asked about this change any longer.");
    // An edit of what matters after the approval asks all of them again; back to the old text they still said yes to it.
    let later = ChangeForm { planned_end_date: Some(in_hours(27)), ..spelt.clone() };
    save_change(&desk, &asker, Some((id, at)), &later).await.unwrap();
    assert_eq!(page(&desk, &asker, id).await.change.row.status, ChangeStatus::InReview);
    let at = version(&desk, &asker, id).await;
    save_change(&desk, &asker, Some((id, at)), &spelt).await.unwrap();
    assert_eq!(page(&desk, &asker, id).await.change.row.status, ChangeStatus::Approved, "as it was approved");
    let at = version(&desk, &asker, id).await;
    save_change(&desk, &asker, Some((id, at)), &later).await.unwrap();
    for approver in [&one, &two, &three, &boss] {
        yes(&desk, approver, id).await.unwrap();
    }
    assert_eq!(page(&desk, &asker, id).await.change.row.status, ChangeStatus::Approved);

    let at = version(&desk, &asker, id).await;
    assert_eq!(
        said(implement_change(&desk, &asker, id, at, &Implementation::default()).await.err(), "outcome"),
        "Say how it went."
    );
    let went = Implementation { outcome: Some(ChangeOutcome::WithProblems), ..Implementation::default() };
    implement_change(&desk, &asker, id, at, &went).await.unwrap();
    assert_eq!(
        said(close_change(&desk, &asker, id, at + 1, None).await.err(), "review"),
        "Say what is learned from it."
    );
    close_change(&desk, &asker, id, at + 1, Some("Count the cables.")).await.unwrap();
    let at = version(&desk, &boss, id).await;
    for to in ChangeStatus::ALL {
        assert!(move_change(&desk, &boss, id, at, *to).await.is_err(), "final is final: {to}");
    }
    assert!(save_change(&desk, &boss, Some((id, at)), &later).await.is_err());
    let told: Vec<String> = page(&desk, &boss, id).await.history.into_iter().map(|event| event.what).collect();
    assert!(told.iter().any(|what| what.contains("earlier votes no longer count")), "{told:?}");
}

#[tokio::test]
async fn nobody_says_yes_to_their_own_and_a_no_has_a_reason() {
    let desk = desk().await;
    let (boss, other) = (person(&desk, "boss", "ADMIN").await, person(&desk, "other", "IT_MANAGER").await);
    let agent = person(&desk, "agent", "AGENT").await;
    // Without a template all who approve changes are asked, whoever asks for it left out.
    let id = save_change(&desk, &boss, None, &asked("Mine")).await.unwrap();
    go(&desk, &boss, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    let names: Vec<_> = page(&desk, &boss, id).await.stages[0].approvers.iter().map(|one| one.id).collect();
    assert_eq!(names, [other.user_id.unwrap()]);
    assert_eq!(yes(&desk, &boss, id).await, Err(Error::Forbidden));
    assert_eq!(yes(&desk, &agent, id).await, Err(Error::Forbidden));
    let at = version(&desk, &other, id).await;
    let silent = vote(&desk, &other, id, at, ApprovalStatus::Rejected, Some("  ")).await.err();
    assert!(said(silent, "comment").contains("why not"));
    let no = vote(&desk, &other, id, at, ApprovalStatus::Rejected, Some("Not in December.")).await;
    assert_eq!(no, Ok(ChangeStatus::Rejected));
    assert!(page(&desk, &boss, id).await.next.is_empty());

    // Alone, nobody is left to say yes: said when it is submitted.
    let template = template(&desk, &boss, ChangeType::Normal, vec![stage("Me", StageRule::Any, None, &[&boss])]).await;
    let own = ChangeForm { template_id: Some(template), ..asked("Mine again") };
    let id = save_change(&desk, &boss, None, &own).await.unwrap();
    let refused = move_change(&desk, &boss, id, 1, ChangeStatus::Submitted).await.err();
    assert!(said(refused, "status").contains("Nobody is left to say yes in “Me”"));
    assert_eq!(page(&desk, &boss, id).await.change.row.status, ChangeStatus::Draft, "nothing half done");
}

#[tokio::test]
async fn whoever_rewrote_a_change_does_not_say_yes_to_what_they_wrote() {
    let desk = desk().await;
    let (asker, boss) = (person(&desk, "asker", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let other = person(&desk, "other", "IT_MANAGER").await;
    let id = save_change(&desk, &asker, None, &asked("Mine")).await.unwrap();
    go(&desk, &asker, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    let rewritten = ChangeForm { plan: Some("As I would do it.".into()), ..asked("Mine") };
    save_change(&desk, &boss, Some((id, version(&desk, &boss, id).await)), &rewritten).await.unwrap();
    assert!(said(yes(&desk, &boss, id).await.err(), "status").contains("someone else"));
    assert!(!page(&desk, &boss, id).await.may_vote);
    let waits = list_changes(&desk, &boss, ChangeScope::Waiting, None, None, 10).await.unwrap();
    assert!(waits.rows.is_empty());
    // Words that do not matter make nobody its author.
    let spelt = ChangeForm { title: "Mine, spelt better".into(), ..rewritten.clone() };
    save_change(&desk, &other, Some((id, version(&desk, &other, id).await)), &spelt).await.unwrap();
    assert!(page(&desk, &other, id).await.may_vote);
    assert_eq!(yes(&desk, &other, id).await, Ok(ChangeStatus::Approved));
}

#[tokio::test]
async fn whoever_lost_the_role_has_no_vote_and_a_deputy_has_one_on_their_days() {
    let desk = desk().await;
    let (asker, lost) = (person(&desk, "asker", "AGENT").await, person(&desk, "lost", "IT_MANAGER").await);
    let (boss, deputy) = (person(&desk, "boss", "ADMIN").await, person(&desk, "deputy", "AGENT").await);
    let id = save_change(&desk, &asker, None, &asked("Switch")).await.unwrap();
    go(&desk, &asker, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    assert!(page(&desk, &lost, id).await.may_vote);
    sqlx::query("DELETE FROM user_roles WHERE user_id = $1").bind(lost.user_id).execute(&desk.db).await.unwrap();
    assert_eq!(yes(&desk, &lost, id).await, Err(Error::Forbidden), "asked for a role that they no longer have");
    assert!(!page(&desk, &lost, id).await.may_vote);

    let at = version(&desk, &boss, id).await;
    let stranger = vote(&desk, &deputy, id, at, ApprovalStatus::Approved, None).await;
    assert_eq!(stranger, Err(Error::Forbidden));
    let (today, past) = (Timestamp::now().day("UTC"), Timestamp::now().day_before(9));
    let earlier = Timestamp::now().day_before(8);
    name_deputy(&desk, &boss, deputy.user_id.unwrap(), &past, &earlier).await.unwrap();
    assert!(vote(&desk, &deputy, id, at, ApprovalStatus::Approved, None).await.is_err(), "their days are over");
    let employee = person(&desk, "employee", "END_USER").await;
    let refused = name_deputy(&desk, &boss, employee.user_id.unwrap(), &today, &today).await.err();
    assert!(said(refused, "deputy_id").contains("do not work on changes"), "they could not open the page");
    assert!(
        said(name_deputy(&desk, &boss, boss.user_id.unwrap(), &today, &today).await.err(), "deputy_id")
            .contains("else")
    );
    name_deputy(&desk, &boss, deputy.user_id.unwrap(), &Timestamp::now().day_before(1), &in_hours(48).day("UTC"))
        .await
        .unwrap();
    assert_eq!(vote(&desk, &deputy, id, at, ApprovalStatus::Approved, None).await, Ok(ChangeStatus::Approved));
    let approver = page(&desk, &asker, id).await.stages[0]
        .approvers
        .iter()
        .find(|one| Some(one.id) == boss.user_id)
        .cloned()
        .unwrap();
    assert!(approver.voted_by.is_some_and(|name| name.contains("deputy")), "whose voice it was is told");
}

#[tokio::test]
async fn two_who_say_no_and_yes_at_the_same_moment_come_one_after_the_other() {
    let desk = desk().await;
    let (asker, boss, other) = (
        person(&desk, "asker", "AGENT").await,
        person(&desk, "boss", "ADMIN").await,
        person(&desk, "other", "IT_MANAGER").await,
    );
    let template =
        template(&desk, &boss, ChangeType::Normal, vec![stage("Both", StageRule::All, None, &[&boss, &other])]).await;
    for round in 0..5 {
        let form = ChangeForm { template_id: Some(template), ..asked(&format!("Race {round}")) };
        let id = save_change(&desk, &asker, None, &form).await.unwrap();
        go(&desk, &asker, id, ChangeStatus::Submitted).await;
        go(&desk, &boss, id, ChangeStatus::InReview).await;
        let at = version(&desk, &boss, id).await;
        let (one, two) = tokio::join!(
            vote(&desk, &boss, id, at, ApprovalStatus::Approved, None),
            vote(&desk, &other, id, at, ApprovalStatus::Approved, None)
        );
        let came: HashSet<_> = [one.unwrap(), two.unwrap()].into_iter().collect();
        assert_eq!(
            came,
            HashSet::from([ChangeStatus::InReview, ChangeStatus::Approved]),
            "the second one counts the first"
        );
    }
}

#[tokio::test]
async fn a_standard_change_is_approved_by_its_template_and_an_emergency_by_one_voice() {
    let desk = desk().await;
    let (agent, boss) = (person(&desk, "agent", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    person(&desk, "other", "IT_MANAGER").await;
    let no_template = ChangeForm { kind: Some(ChangeType::Standard), ..asked("Reboot") };
    assert!(said(save_change(&desk, &agent, None, &no_template).await.err(), "template_id").contains("has a template"));
    let standard = template(&desk, &boss, ChangeType::Standard, Vec::new()).await;
    let form = ChangeForm { template_id: Some(standard), risk_level: Some(RiskLevel::Low), ..no_template.clone() };
    let id = save_change(&desk, &agent, None, &form).await.unwrap();
    go(&desk, &agent, id, ChangeStatus::Approved).await;
    // Another plan is not what was approved.
    let at = version(&desk, &agent, id).await;
    let other = ChangeForm { plan: Some("Do something else.".into()), ..form.clone() };
    save_change(&desk, &agent, Some((id, at)), &other).await.unwrap();
    assert_eq!(page(&desk, &agent, id).await.change.row.status, ChangeStatus::Draft);
    let at = version(&desk, &agent, id).await;
    let refused = move_change(&desk, &agent, id, at, ChangeStatus::Approved).await.err();
    assert!(said(refused, "plan").contains("a normal change"));

    let burns = ChangeForm {
        kind: Some(ChangeType::Emergency),
        planned_start_date: None,
        planned_end_date: None,
        ..asked("It burns")
    };
    let id = save_change(&desk, &agent, None, &burns).await.unwrap();
    go(&desk, &agent, id, ChangeStatus::InReview).await;
    assert_eq!(yes(&desk, &boss, id).await, Ok(ChangeStatus::Approved));
    let at = version(&desk, &agent, id).await;
    let went = Implementation { outcome: Some(ChangeOutcome::Successful), ..Implementation::default() };
    implement_change(&desk, &agent, id, at, &went).await.unwrap();
    let own = close_change(&desk, &agent, id, at + 1, Some("Fine.")).await.err();
    assert!(said(own, "status").contains("cannot become closed"), "others look back at it");
    assert!(said(close_change(&desk, &boss, id, at + 1, None).await.err(), "review").contains("learned"));
    close_change(&desk, &boss, id, at + 1, Some("Watch the disks.")).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_said_where_it_was_made_and_nothing_is_written() {
    let desk = desk().await;
    let agent = person(&desk, "agent", "AGENT").await;
    let wrong = |form: ChangeForm| {
        let (desk, agent) = (desk.clone(), agent.clone());
        async move { save_change(&desk, &agent, None, &form).await.err() }
    };
    let window = |start: i64, end: i64| ChangeForm {
        planned_start_date: Some(in_hours(start)),
        planned_end_date: Some(in_hours(end)),
        ..asked("x")
    };
    assert!(said(wrong(window(26, 24)).await, "planned_end_date").contains("ends after"));
    assert!(said(wrong(window(24, 24)).await, "planned_end_date").contains("ends after"));
    assert!(said(wrong(window(-2, 24)).await, "planned_start_date").contains("over"));
    assert!(said(wrong(window(24, 24 + 32 * 24)).await, "planned_end_date").contains("31 days"));
    let half = ChangeForm { planned_end_date: None, ..asked("x") };
    assert!(said(wrong(half).await, "planned_end_date").contains("until when"));
    assert!(said(wrong(ChangeForm { title: " ".into(), ..asked("x") }).await, "title").contains("fill"));
    let missing = ChangeForm { assets: vec!["AST-1999-0001".parse().unwrap()], ..asked("x") };
    assert!(said(wrong(missing).await, "assets").contains("AST-1999-0001"));
    let ticket = ChangeForm { related_ticket: Some("TKT-1999-00001".parse().unwrap()), ..asked("x") };
    assert!(said(wrong(ticket).await, "related_ticket").contains("no such ticket"));
    let question = ChangeForm { risk_answers: [("why".to_owned(), true)].into(), ..asked("x") };
    assert!(said(wrong(question).await, "risk_answers").contains("no question"));
    let many: i64 = sqlx::query_scalar("SELECT count(*) FROM change_requests").fetch_one(&desk.db).await.unwrap();
    assert_eq!(many, 0);

    let unready = ChangeForm {
        plan: None,
        backout_plan: None,
        risk_level: None,
        planned_start_date: None,
        planned_end_date: None,
        ..asked("x")
    };
    let id = save_change(&desk, &agent, None, &unready).await.unwrap();
    match move_change(&desk, &agent, id, 1, ChangeStatus::Submitted).await {
        Err(Error::Invalid(fields)) => {
            let fields: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
            assert_eq!(fields, BTreeSet::from(["plan", "backout_plan", "risk_level", "planned_start_date"]));
        }
        other => panic!("{other:?}"),
    }
    // The answers propose what nobody said.
    let answered =
        ChangeForm { risk_level: None, risk_answers: [("no_way_back".to_owned(), true)].into(), ..asked("x") };
    let id = save_change(&desk, &agent, None, &answered).await.unwrap();
    assert_eq!(page(&desk, &agent, id).await.change.row.risk_level, Some(RiskLevel::High));
}

#[tokio::test]
async fn each_reader_sees_their_changes_and_who_may_works_on_them() {
    let desk = desk().await;
    let (user, agent) = (person(&desk, "user", "END_USER").await, person(&desk, "agent", "AGENT").await);
    let (other, requester) = (person(&desk, "other", "END_USER").await, person(&desk, "requester", "REQUESTER").await);
    let id = save_change(&desk, &user, None, &asked("A second screen for everyone")).await.unwrap();
    let number = page(&desk, &user, id).await.change.row.change_number;
    assert_eq!(id_by_number(&desk, &agent, &number).await, Ok(id));
    assert_eq!(change_page(&desk, &other, id).await.err(), Some(Error::NotFound));
    assert_eq!(id_by_number(&desk, &other, &number).await, Err(Error::NotFound));
    assert_eq!(save_change(&desk, &requester, None, &asked("x")).await, Err(Error::Forbidden));
    assert_eq!(save_change(&desk, &agent, Some((id, 1)), &asked("Mine now")).await, Err(Error::Forbidden));
    assert_eq!(move_change(&desk, &agent, id, 1, ChangeStatus::Submitted).await, Err(Error::Forbidden));
    let seen = |actor: Actor, scope| {
        let desk = desk.clone();
        async move { list_changes(&desk, &actor, scope, None, None, 10).await.unwrap().rows.len() }
    };
    assert_eq!(seen(other.clone(), ChangeScope::All).await, 0);
    assert_eq!((seen(user.clone(), ChangeScope::Mine).await, seen(agent.clone(), ChangeScope::Open).await), (1, 1));
    let found = list_changes(&desk, &agent, ChangeScope::All, Some("screens"), None, 10).await.unwrap();
    assert_eq!(found.rows.len(), 1, "its words are found in another form");

    let task = add_task(&desk, &user, id, 1, "Count the desks").await.unwrap();
    set_task_done(&desk, &agent, id, task, true).await.unwrap();
    assert!(set_task_done(&desk, &other, id, task, true).await.is_err());
    assert!(page(&desk, &user, id).await.tasks[0].done_by.is_some());
    // A ticket that the reader may not see is not named on the change's page.
    let made = ticket(&desk, &agent, "Screens").await;
    let linked = ChangeForm { related_ticket: Some(made.ticket_number), ..asked("From a ticket") };
    let id = save_change(&desk, &agent, None, &linked).await.unwrap();
    assert!(page(&desk, &agent, id).await.change.related_subject.is_some());
    // One that they no longer see is not lost by their next edit.
    sqlx::query("INSERT INTO queues (name, visibility) VALUES ('Elsewhere', 'MEMBERS')")
        .execute(&desk.db)
        .await
        .unwrap();
    let moved = "UPDATE tickets SET queue_id = (SELECT id FROM queues WHERE name = 'Elsewhere'), requester_id = $1, assigned_to_id = NULL";
    sqlx::query(moved).bind(other.user_id).execute(&desk.db).await.unwrap();
    let shown = page(&desk, &agent, id).await;
    assert_eq!(shown.change.related_ticket, None);
    save_change(&desk, &agent, Some((id, shown.change.row.version)), &asked("From a ticket, mended")).await.unwrap();
    let kept: bool = sqlx::query_scalar("SELECT related_ticket_id IS NOT NULL FROM change_requests WHERE id = $1")
        .bind(id)
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert!(kept);
}

#[tokio::test]
async fn whoever_is_asked_is_told_once_in_the_bell_and_by_mail() {
    let desk = desk().await;
    let (asker, boss) = (person(&desk, "asker", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let other = person(&desk, "other", "IT_MANAGER").await;
    let id = save_change(&desk, &asker, None, &asked("Told")).await.unwrap();
    go(&desk, &asker, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    let told = |actor: &Actor| {
        let (db, user) = (desk.db.clone(), actor.user_id);
        async move {
            let sql = "SELECT type, link FROM notifications WHERE user_id = $1 ORDER BY id";
            sqlx::query_as::<_, (String, Option<String>)>(sql).bind(user).fetch_all(&db).await.unwrap()
        }
    };
    let number = page(&desk, &asker, id).await.change.row.change_number;
    let link = Some(format!("/changes/{number}"));
    assert_eq!(told(&other).await, [("APPROVAL_WANTED".to_owned(), link.clone())]);
    assert!(told(&boss).await.is_empty(), "who began it knows");
    let mails: Vec<(String, String)> = sqlx::query_as("SELECT recipient, body FROM outbox WHERE subject LIKE 'CHG-%'")
        .fetch_all(&desk.db)
        .await
        .unwrap();
    assert!(
        mails.iter().any(|(to, body)| to == "other@example.com" && body.contains(&format!("/changes/{number}"))),
        "{mails:?}"
    );
    yes(&desk, &other, id).await.unwrap();
    assert_eq!(told(&asker).await, [("CHANGE_DECIDED".to_owned(), link)]);
}

#[tokio::test]
async fn whoever_says_nothing_is_reminded_once_and_then_others_are_told_once() {
    let desk = desk().await;
    let (asker, boss) = (person(&desk, "asker", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let silent = person(&desk, "silent", "AGENT").await;
    let stages = vec![stage("One", StageRule::Any, None, &[&silent])];
    let template = template(&desk, &boss, ChangeType::Normal, stages).await;
    let form = ChangeForm { template_id: Some(template), ..asked("Slow") };
    let id = save_change(&desk, &asker, None, &form).await.unwrap();
    go(&desk, &asker, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    let told = |who: &Actor| {
        let (db, user) = (desk.db.clone(), who.user_id);
        async move {
            let sql = "SELECT count(*) FROM notifications WHERE user_id = $1";
            sqlx::query_scalar::<_, i64>(sql).bind(user).fetch_one(&db).await.unwrap()
        }
    };
    let asked_before = |hours: i32| {
        let db = desk.db.clone();
        async move {
            let sql = "UPDATE change_stages SET asked_at = now() - make_interval(hours => $1)";
            sqlx::query(sql).bind(hours).execute(&db).await.unwrap()
        }
    };
    remind_approvers(&desk, 48).await.unwrap();
    assert_eq!((told(&silent).await, told(&boss).await), (1, 0), "it is early");
    asked_before(49).await;
    for _ in 0..3 {
        remind_approvers(&desk, 48).await.unwrap();
    }
    assert_eq!((told(&silent).await, told(&boss).await), (2, 0));
    asked_before(97).await;
    for _ in 0..3 {
        remind_approvers(&desk, 48).await.unwrap();
    }
    assert_eq!((told(&silent).await, told(&boss).await), (2, 1));
    remind_approvers(&desk, 0).await.unwrap();
}

#[tokio::test]
async fn whoever_has_an_asset_says_yes_in_the_portal_and_sees_no_other_change() {
    let desk = desk().await;
    let (agent, boss) = (person(&desk, "agent", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let (user, other) = (person(&desk, "user", "END_USER").await, person(&desk, "other", "END_USER").await);
    let (press, number) = thing(&desk, &boss, "press").await;
    hand_over(&desk, &boss, press, user.user_id, None).await.unwrap();
    let owners = StageForm { asset_owners: true, ..stage("Owners", StageRule::All, None, &[]) };
    let managers = stage("Managers", StageRule::Any, None, &[&boss]);
    let template = template(&desk, &boss, ChangeType::Normal, vec![owners, managers]).await;
    let form = ChangeForm { assets: vec![number], template_id: Some(template), ..asked("New motor") };
    let id = save_change(&desk, &agent, None, &form).await.unwrap();
    go(&desk, &agent, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    let link = |actor: &Actor| {
        let sql = "SELECT link FROM notifications WHERE type = 'APPROVAL_WANTED' AND user_id = $1";
        sqlx::query_scalar::<_, String>(sql).bind(actor.user_id).fetch_all(&desk.db)
    };
    let shown = page(&desk, &user, id).await;
    assert!(shown.may_vote && !shown.may_edit && shown.next.is_empty());
    let number = &shown.change.row.change_number;
    assert_eq!(link(&user).await.unwrap(), [format!("/portal/changes/{number}")]);
    assert_eq!(link(&boss).await.unwrap(), [] as [String; 0], "their stage is later");
    let waiting = list_changes(&desk, &user, ChangeScope::Waiting, None, None, 10).await.unwrap();
    assert_eq!(waiting.rows.len(), 1);
    assert_eq!(change_page(&desk, &other, id).await.err(), Some(Error::NotFound));
    // A role of everyone asks nobody: it is of those who work here alone.
    let everyone = StageForm { roles: vec!["END_USER".into()], ..stage("Everyone", StageRule::Any, None, &[]) };
    let form = ChangeForm {
        template_id: Some(named_template(&desk, &boss, "Of all".into(), ChangeType::Normal, vec![everyone]).await),
        ..asked("For all")
    };
    let of_all = save_change(&desk, &agent, None, &form).await.unwrap();
    let refused = move_change(&desk, &agent, of_all, 1, ChangeStatus::Submitted).await.err();
    assert!(said(refused, "status").contains("Everyone"));
    assert_eq!(yes(&desk, &user, id).await, Ok(ChangeStatus::InReview));
    assert_eq!(link(&boss).await.unwrap(), [format!("/changes/{number}")]);
    assert_eq!(yes(&desk, &boss, id).await, Ok(ChangeStatus::Approved));
}

#[tokio::test]
async fn those_who_have_what_a_change_touches_are_told_before_it_is_done() {
    let desk = desk().await;
    let (agent, boss) = (person(&desk, "agent", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let (user, other) = (person(&desk, "user", "END_USER").await, person(&desk, "other", "END_USER").await);
    let (switch, number) = thing(&desk, &boss, "switch").await;
    let (phone, _) = thing(&desk, &boss, "phone").await;
    hand_over(&desk, &boss, phone, user.user_id, None).await.unwrap();
    relate_assets(&desk, &boss, phone, RelationType::DependsOn, switch, None).await.unwrap();
    let form = ChangeForm { assets: vec![number], ..asked("Switch") };
    let id = save_change(&desk, &agent, None, &form).await.unwrap();
    assert!(said(announce_change(&desk, &agent, id, 1, None).await.err(), "text").contains("not approved"));
    go(&desk, &agent, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    // Whoever began the review may vote as well: they did not ask for it.
    yes(&desk, &boss, id).await.unwrap();
    let at = version(&desk, &agent, id).await;
    assert_eq!(announce_change(&desk, &user, id, at, None).await, Err(Error::NotFound));
    assert_eq!(announce_change(&desk, &agent, id, at, None).await, Ok(1));
    let sql = "SELECT user_id, message FROM notifications WHERE type = 'CHANGE_ANNOUNCED'";
    let told: Vec<(uuid::Uuid, String)> = sqlx::query_as(sql).fetch_all(&desk.db).await.unwrap();
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == user.user_id.unwrap().0 && told[0].1.contains("may be out of order from 20"), "{told:?}");
    assert_ne!(Some(told[0].0), other.user_id.map(|id| id.0));
    let mailed: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE recipient = 'user@example.com'")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    assert_eq!(mailed, 1);
    let done = list_changes(&desk, &agent, ChangeScope::Done, None, None, 10).await.unwrap();
    assert_eq!(done.success, Some((0, 0)));
}

#[tokio::test]
async fn where_many_are_told_their_mails_are_a_jobs_and_each_gets_one() {
    let desk = desk().await;
    let (agent, boss) = (person(&desk, "agent", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let (switch, number) = thing(&desk, &boss, "switch").await;
    for at in 0..30 {
        let user = person(&desk, &format!("user{at}"), "END_USER").await;
        let (phone, _) = thing(&desk, &boss, &format!("phone {at}")).await;
        hand_over(&desk, &boss, phone, user.user_id, None).await.unwrap();
        relate_assets(&desk, &boss, phone, RelationType::DependsOn, switch, None).await.unwrap();
    }
    let form = ChangeForm { assets: vec![number], ..asked("Switch") };
    let id = save_change(&desk, &agent, None, &form).await.unwrap();
    go(&desk, &agent, id, ChangeStatus::Submitted).await;
    go(&desk, &boss, id, ChangeStatus::InReview).await;
    yes(&desk, &boss, id).await.unwrap();
    let at = version(&desk, &agent, id).await;
    assert_eq!(announce_change(&desk, &agent, id, at, Some("Phones are out.")).await, Ok(30));
    let told = "SELECT count(*) FROM notifications WHERE type = 'CHANGE_ANNOUNCED'";
    let mailed = "SELECT count(*) FROM outbox WHERE recipient LIKE 'user%' AND body::text LIKE '%Phones are out.%'";
    let count = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&desk.db).await.unwrap();
    assert_eq!((count(told).await, count(mailed).await), (30, 0));
    let payload: serde_json::Value =
        sqlx::query_scalar("SELECT payload FROM graphile_worker._private_jobs WHERE key LIKE 'news:%'")
            .fetch_one(&desk.db)
            .await
            .unwrap();
    run_jobs(&desk).await;
    assert_eq!(count(mailed).await, 30);
    // Done twice, nobody is told twice.
    sqlx::query("SELECT graphile_worker.add_job('write_news', payload => $1::json)")
        .bind(payload)
        .execute(&desk.db)
        .await
        .unwrap();
    run_jobs(&desk).await;
    assert_eq!(count(mailed).await, 30);
}

#[tokio::test]
async fn what_is_planned_for_the_same_time_and_touches_the_same_is_a_conflict() {
    let desk = desk().await;
    let (agent, boss) = (person(&desk, "agent", "AGENT").await, person(&desk, "boss", "ADMIN").await);
    let user = person(&desk, "user", "END_USER").await;
    let (host, host_number) = thing(&desk, &boss, "host").await;
    let (erp, erp_number) = thing(&desk, &boss, "ERP").await;
    relate_assets(&desk, &boss, erp, RelationType::DependsOn, host, None).await.unwrap();
    let one = ChangeForm { assets: vec![host_number], ..asked("Firmware of the host") };
    let one = save_change(&desk, &agent, None, &one).await.unwrap();
    let window = (in_hours(25), in_hours(30));
    assert!(conflicts(&desk, &agent, None, window, &[erp]).await.unwrap().is_empty(), "a draft is no plan");
    go(&desk, &agent, one, ChangeStatus::Submitted).await;
    let found = conflicts(&desk, &agent, None, window, &[erp]).await.unwrap();
    assert_eq!((found.len(), found[0].assets.as_slice()), (1, ["ERP".to_owned()].as_slice()));
    let later = (in_hours(26), in_hours(28));
    assert!(
        conflicts(&desk, &agent, None, later, &[erp]).await.unwrap().is_empty(),
        "the one begins as the other ends"
    );
    let hidden = conflicts(&desk, &user, None, window, &[erp]).await.unwrap();
    assert_eq!(
        (hidden[0].change_number.as_ref(), hidden[0].title.as_str(), hidden[0].assets.len()),
        (None, "Another change", 0)
    );

    let blackout = save_blackout(&desk, &boss, "Year's end", in_hours(27), in_hours(40)).await.unwrap();
    let found = conflicts(&desk, &agent, None, window, &[]).await.unwrap();
    assert_eq!(found.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["Year's end"]);
    assert_eq!(save_blackout(&desk, &agent, "x", in_hours(1), in_hours(2)).await, Err(Error::Forbidden));
    assert!(said(save_blackout(&desk, &boss, "x", in_hours(2), in_hours(1)).await.err(), "ends").contains("after"));
    delete_blackout(&desk, &boss, blackout).await.unwrap();

    let two = ChangeForm { assets: vec![erp_number], ..asked("New version of the ERP") };
    let two = save_change(&desk, &agent, None, &two).await.unwrap();
    assert_eq!(page(&desk, &agent, two).await.conflicts.len(), 1, "shown while it is planned");
    go(&desk, &agent, two, ChangeStatus::Submitted).await;
    let shown = calendar(&desk, &agent, &Timestamp::now().day("UTC"), 7).await.unwrap();
    assert_eq!(shown.changes.iter().map(|one| one.conflicts).collect::<Vec<_>>(), [true, true]);
    let days: usize = shown.days.iter().map(|day| day.changes.len()).sum();
    assert!(days >= 2, "{shown:?}");
}

/// Conflicts are what brute force finds: random windows, random assets, a random graph.
#[tokio::test]
async fn conflicts_equal_brute_force_on_random_windows_and_graphs() {
    let desk = desk().await;
    let (boss, agent) = (person(&desk, "boss", "ADMIN").await, person(&desk, "agent", "AGENT").await);
    let mut random = StdRng::seed_from_u64(20261127);
    let mut things = Vec::new();
    for at in 0..10 {
        things.push(thing(&desk, &boss, &format!("thing {at}")).await);
    }
    let mut edges = Vec::new();
    for _ in 0..8 {
        let (from, to) = (random.random_range(0..10), random.random_range(0..10));
        let kind =
            [RelationType::Contains, RelationType::DependsOn, RelationType::ConnectedTo, RelationType::LicensedFor]
                [random.random_range(0..4)];
        if relate_assets(&desk, &boss, things[from].0, kind, things[to].0, None).await.is_ok() {
            edges.push(Edge { source: things[from].0, kind, target: things[to].0 });
        }
    }
    let mut planned = Vec::new();
    for at in 0..14 {
        let start = random.random_range(24..60);
        let end = start + random.random_range(1..8);
        let named: BTreeSet<usize> = (0..random.random_range(0..3)).map(|_| random.random_range(0..10)).collect();
        let form = ChangeForm {
            planned_start_date: Some(in_hours(start)),
            planned_end_date: Some(in_hours(end)),
            assets: named.iter().map(|at| things[*at].1.clone()).collect(),
            ..asked(&format!("change {at}"))
        };
        let id = save_change(&desk, &agent, None, &form).await.unwrap();
        go(&desk, &agent, id, ChangeStatus::Submitted).await;
        let touched: HashSet<AssetId> =
            named.iter().flat_map(|at| affected(&edges, things[*at].0).into_keys().chain([things[*at].0])).collect();
        planned.push((id, start, end, touched));
    }
    let mut any = 0;
    for (id, start, end, touched) in &planned {
        let expected: BTreeSet<String> = planned
            .iter()
            .enumerate()
            .filter(|(_, (other, from, to, theirs))| {
                other != id && from < end && start < to && !touched.is_disjoint(theirs)
            })
            .map(|(at, _)| format!("change {at}"))
            .collect();
        let found: BTreeSet<String> =
            page(&desk, &agent, *id).await.conflicts.into_iter().map(|one| one.title).collect();
        assert_eq!(found, expected);
        any += expected.len();
    }
    assert!(any > 0, "this seed has conflicts");
}

#[tokio::test]
async fn a_calendar_has_sheets_of_whole_weeks_that_lead_to_each_other() {
    let desk = desk().await;
    let agent = person(&desk, "agent", "AGENT").await;
    let november = month(&agent, Some("2026-11")).unwrap();
    assert_eq!((november.first_day.as_str(), november.days), ("2026-10-26", 42), "it begins on a Sunday");
    assert_eq!((november.before.as_str(), november.after.as_str()), ("2026-10", "2026-12"));
    let sunday = week("2027-01-03").unwrap();
    assert_eq!((sunday.name.as_str(), sunday.days, sunday.other.as_str()), ("2026-12-28", 7, "2026-12"));
    assert_eq!((sunday.before.as_str(), sunday.after.as_str()), ("2026-12-21", "2027-01-04"));
    assert_eq!(week("2026-12-28").unwrap(), sunday, "its Monday names it");
    let shown = calendar(&desk, &agent, &sunday.first_day, sunday.days).await.unwrap();
    assert_eq!(shown.days.iter().map(|day| day.day.as_str()).next_back(), Some("2027-01-03"));
    for bad in ["", "2026-13-01", "soon", "9999-99-99"] {
        assert!(said(week(bad).err(), "week").contains("2026-11-23"), "{bad}");
    }
}
