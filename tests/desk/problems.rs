//! Problems: the causes of others, and files of assets and changes.

use futures_util::stream;
use oxdesk::assets::AssetForm;
use oxdesk::assets::commands::{delete_asset, save_asset};
use oxdesk::assets::queries::asset_page;
use oxdesk::attachments::commands::{ATTACHMENTS_MAX, attach, remove_attachment};
use oxdesk::attachments::queries::{attachments, open_attachment};
use oxdesk::attachments::{Holder, HolderKind};
use oxdesk::changes::commands::{move_change, save_change};
use oxdesk::changes::queries::change_page;
use oxdesk::changes::{ChangeForm, ChangeStatus, RiskLevel};
use oxdesk::desk::Desk;
use oxdesk::search::FoundKind;
use oxdesk::search::queries::{find, known_about};
use oxdesk::search::rules::Question;
use oxdesk::testing::{desk, desk_with_model, person, run_jobs, ticket};
use oxdesk::tickets::commands::{drop_problem, link_tickets, merge_tickets, save_problem};
use oxdesk::tickets::queries::{list_tickets, problem};
use oxdesk::tickets::{IncomingFile, LinkType, ProblemForm, TicketId, list_filter};
use oxdesk::{Actor, Error, Timestamp};

fn known(workaround: &str) -> ProblemForm {
    ProblemForm { root_cause: None, workaround: Some(workaround.into()), is_known_error: true }
}

async fn found(desk: &Desk, actor: &Actor, text: &str) -> Vec<(String, bool)> {
    let results = find(desk, actor, &Question::asked(text), &[FoundKind::Ticket], 10).await.unwrap();
    results.rows.into_iter().map(|row| (row.address, row.is_known_error)).collect()
}

async fn listed(desk: &Desk, actor: &Actor, text: &str) -> oxdesk::Result<Vec<TicketId>> {
    let (filter, wrong) = list_filter(text);
    assert_eq!(wrong, []);
    Ok(list_tickets(desk, actor, &filter, None, 50).await?.rows.into_iter().map(|row| row.id).collect())
}

#[tokio::test]
async fn a_ticket_becomes_a_problem_and_is_one_until_someone_says_otherwise() {
    let desk = desk().await;
    let (ben, max) = (person(&desk, "ben", "AGENT").await, person(&desk, "max", "AGENT").await);
    let id = ticket(&desk, &ben, "The mail server loses messages").await.id;
    assert_eq!(problem(&desk, &ben, id).await.unwrap(), None);

    // A known error of which nothing is known is none.
    let empty = ProblemForm { is_known_error: true, workaround: Some("  ".into()), root_cause: None };
    let said = save_problem(&desk, &ben, id, None, &empty).await.unwrap_err();
    assert!(matches!(said, Error::Invalid(fields) if fields.contains_key("workaround")));
    let long = ProblemForm { root_cause: Some("x".repeat(20_001)), ..ProblemForm::default() };
    let said = save_problem(&desk, &ben, id, None, &long).await.unwrap_err();
    assert!(matches!(said, Error::Invalid(fields) if fields.contains_key("root_cause")));
    assert_eq!(problem(&desk, &ben, id).await.unwrap(), None, "nothing was half written");

    save_problem(&desk, &ben, id, None, &ProblemForm::default()).await.unwrap();
    assert_eq!(listed(&desk, &ben, "is:problem").await.unwrap(), [id]);
    assert_eq!(listed(&desk, &ben, "is:known-error").await.unwrap(), []);
    let first = problem(&desk, &ben, id).await.unwrap().unwrap();
    save_problem(&desk, &max, id, Some(first.version), &known("Send it again")).await.unwrap();
    let over = save_problem(&desk, &ben, id, Some(first.version), &known("Wait")).await;
    assert!(matches!(over, Err(Error::Conflict { current }) if current == first.version + 1), "{over:?}");
    let kept = problem(&desk, &ben, id).await.unwrap().unwrap();
    assert_eq!((kept.workaround.as_deref(), kept.updated_by.as_deref()), (Some("Send it again"), Some("max")));
    assert_eq!(listed(&desk, &ben, "is:known-error").await.unwrap(), [id]);

    drop_problem(&desk, &ben, id).await.unwrap();
    assert!(matches!(drop_problem(&desk, &ben, id).await, Err(Error::NotFound)));
    assert_eq!(listed(&desk, &ben, "is:problem").await.unwrap(), []);
    let late = save_problem(&desk, &max, id, Some(kept.version), &known("x")).await;
    assert!(matches!(late, Err(Error::NotFound)), "it is none any more: {late:?}");
}

#[tokio::test]
async fn what_causes_others_is_for_those_who_work_here() {
    let desk = desk().await;
    let (ben, marta) = (person(&desk, "ben", "AGENT").await, person(&desk, "marta", "END_USER").await);
    let id = ticket(&desk, &marta, "No mail").await.id;
    save_problem(&desk, &ben, id, None, &known("Use the quernstone relay")).await.unwrap();
    assert!(matches!(problem(&desk, &marta, id).await, Err(Error::Forbidden)));
    let mine = save_problem(&desk, &marta, id, None, &known("x")).await;
    assert!(matches!(mine, Err(Error::Forbidden)));
    assert!(matches!(listed(&desk, &marta, "is:problem").await, Err(Error::Forbidden)));
    assert_eq!(found(&desk, &marta, "quernstone").await, [], "her own ticket, but not what is known of it");
    assert_eq!(found(&desk, &ben, "quernstone").await.len(), 1);
}

#[tokio::test]
async fn a_known_error_is_found_by_its_workaround_and_says_that_it_is_one() {
    let desk = desk().await;
    let ben = person(&desk, "ben", "AGENT").await;
    let id = ticket(&desk, &ben, "Printing fails").await;
    save_problem(&desk, &ben, id.id, None, &known("Restart the frobnicator service")).await.unwrap();
    let results = find(&desk, &ben, &Question::asked("frobnicator"), &[FoundKind::Ticket], 10).await.unwrap();
    let [row] = results.rows.as_slice() else { panic!("{results:?}") };
    assert_eq!((row.address.as_str(), row.is_known_error), (id.ticket_number.as_str(), true));
    let excerpt: String = row.excerpt.iter().map(|(text, _)| text.as_str()).collect();
    assert!(excerpt.contains("Restart the frobnicator"), "{excerpt}");
    assert_eq!(row.why.words, ["frobnicator"]);
}

#[tokio::test]
async fn a_known_error_is_offered_to_who_works_on_the_same_and_its_incidents_show_it() {
    let desk = desk_with_model().await;
    let ben = person(&desk, "ben", "AGENT").await;
    let cause = ticket(&desk, &ben, "The VPN connection drops every few minutes").await;
    let other = ticket(&desk, &ben, "The coffee machine on the third floor is broken").await;
    let asked = ticket(&desk, &ben, "My VPN connection drops all the time").await;
    for problem in [&cause, &other] {
        save_problem(&desk, &ben, problem.id, None, &known("Take the cable")).await.unwrap();
    }
    run_jobs(&desk).await;
    let numbers = |known: oxdesk::search::Known| {
        known.errors.into_iter().map(|error| (error.ticket_number, error.is_linked)).collect::<Vec<_>>()
    };
    let offered = known_about(&desk, &ben, asked.id, "My VPN connection drops all the time").await.unwrap();
    assert_eq!(offered.errors[0].workaround.as_deref(), Some("Take the cable"));
    assert_eq!(numbers(offered), [(cause.ticket_number.to_string(), false)]);
    link_tickets(&desk, &ben, asked.id, LinkType::Related, cause.id).await.unwrap();
    let linked = known_about(&desk, &ben, asked.id, "My VPN connection drops all the time").await.unwrap();
    assert_eq!(numbers(linked), [(cause.ticket_number.to_string(), true)]);
    // What was merged away is no longer offered, and what it says goes with it.
    merge_tickets(&desk, &ben, cause.id, other.id).await.unwrap();
    let gone = known_about(&desk, &ben, asked.id, "My VPN connection drops all the time").await.unwrap();
    assert_eq!(numbers(gone), []);
    assert_eq!(problem(&desk, &ben, other.id).await.unwrap().unwrap().ticket_id, other.id, "its own first");
    drop_problem(&desk, &ben, other.id).await.unwrap();
    let merged = problem(&desk, &ben, other.id).await.unwrap().unwrap();
    assert_eq!(merged.ticket_id, cause.id);
    save_problem(&desk, &ben, merged.ticket_id, Some(merged.version), &known("Use the cable")).await.unwrap();
}

async fn file(desk: &Desk, name: &str) -> IncomingFile {
    let chunks = stream::iter([Ok::<_, std::io::Error>(b"what it says".to_vec())]);
    desk.files.receive(name, 1_000_000, chunks).await.unwrap()
}

async fn names(desk: &Desk, actor: &Actor, holder: Holder) -> Vec<String> {
    attachments(desk, actor, holder).await.unwrap().into_iter().map(|file| file.file_name).collect()
}

#[tokio::test]
async fn files_of_an_asset_are_for_those_who_look_after_assets() {
    let desk = desk().await;
    let (max, ben) = (person(&desk, "max", "IT_MANAGER").await, person(&desk, "ben", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let form = AssetForm { name: "berta".into(), assigned_to_id: marta.user_id, ..AssetForm::default() };
    let id = save_asset(&desk, &max, None, &form).await.unwrap();
    let holder = Holder::Asset(id);
    let added = attach(&desk, &max, holder, vec![file(&desk, "invoice.pdf").await]).await.unwrap();
    assert_eq!(names(&desk, &ben, holder).await, ["invoice.pdf"]);
    assert!(open_attachment(&desk, &ben, HolderKind::Asset, added[0]).await.is_ok());
    // Who only has it does not read what it cost.
    assert!(matches!(attachments(&desk, &marta, holder).await, Err(Error::NotFound)));
    assert!(asset_page(&desk, &marta, id).await.unwrap().attachments.is_empty());
    assert_eq!(asset_page(&desk, &ben, id).await.unwrap().attachments.len(), 1);
    assert!(matches!(open_attachment(&desk, &marta, HolderKind::Asset, added[0]).await, Err(Error::NotFound)));
    // An asset's file is not one of a change.
    assert!(matches!(open_attachment(&desk, &max, HolderKind::Change, added[0]).await, Err(Error::NotFound)));
    for actor in [&ben, &marta] {
        let refused = attach(&desk, actor, holder, vec![file(&desk, "x.txt").await]).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        assert!(remove_attachment(&desk, actor, HolderKind::Asset, added[0]).await.is_err());
    }
    assert_eq!(names(&desk, &max, holder).await, ["invoice.pdf"]);

    remove_attachment(&desk, &max, HolderKind::Asset, added[0]).await.unwrap();
    assert!(matches!(remove_attachment(&desk, &max, HolderKind::Asset, added[0]).await, Err(Error::NotFound)));
    for _ in 0..ATTACHMENTS_MAX / 20 {
        let mut twenty = Vec::new();
        for at in 0..20 {
            twenty.push(file(&desk, &format!("{at}.txt")).await);
        }
        attach(&desk, &max, holder, twenty).await.unwrap();
    }
    let over = attach(&desk, &max, holder, vec![file(&desk, "more.txt").await]).await;
    assert!(matches!(over, Err(Error::Invalid(fields)) if fields["files"].contains("100")));
    delete_asset(&desk, &max, id).await.unwrap();
    assert!(matches!(attachments(&desk, &max, holder).await, Err(Error::NotFound)), "nor of what is deleted");
}

#[tokio::test]
async fn files_of_a_change_come_until_it_is_over_and_go_from_a_draft_alone() {
    let desk = desk().await;
    let (ben, max) = (person(&desk, "ben", "AGENT").await, person(&desk, "max", "IT_MANAGER").await);
    let (marta, nina) = (person(&desk, "marta", "END_USER").await, person(&desk, "nina", "AGENT").await);
    let form = ChangeForm {
        title: "New router".into(),
        description: "It is old.".into(),
        plan: Some("Do it.".into()),
        backout_plan: Some("Undo it.".into()),
        risk_level: Some(RiskLevel::Low),
        planned_start_date: Some(Timestamp::now().plus_seconds(86_400)),
        planned_end_date: Some(Timestamp::now().plus_seconds(90_000)),
        ..ChangeForm::default()
    };
    let id = save_change(&desk, &ben, None, &form).await.unwrap();
    let holder = Holder::Change(id);
    let added =
        attach(&desk, &ben, holder, vec![file(&desk, "plan.txt").await, file(&desk, "old.txt").await]).await.unwrap();
    remove_attachment(&desk, &ben, HolderKind::Change, added[1]).await.unwrap();
    // A colleague sees it, but adds nothing; a stranger to it does not see it.
    let refused = attach(&desk, &nina, holder, vec![file(&desk, "x.txt").await]).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    assert!(matches!(open_attachment(&desk, &marta, HolderKind::Change, added[0]).await, Err(Error::NotFound)));
    assert!(open_attachment(&desk, &nina, HolderKind::Change, added[0]).await.is_ok());

    for (actor, to) in [(&ben, ChangeStatus::Submitted), (&max, ChangeStatus::InReview)] {
        let version = change_page(&desk, &max, id).await.unwrap().change.row.version;
        move_change(&desk, actor, id, version, to).await.unwrap();
    }
    let page = change_page(&desk, &ben, id).await.unwrap();
    assert!(page.may_attach && !page.may_detach);
    let stays = remove_attachment(&desk, &ben, HolderKind::Change, added[0]).await;
    assert!(matches!(stays, Err(Error::Invalid(_))), "people were asked with it before them: {stays:?}");
    attach(&desk, &max, holder, vec![file(&desk, "measured.txt").await]).await.unwrap();
    let page = change_page(&desk, &ben, id).await.unwrap();
    assert_eq!(page.attachments.len(), 2);
    let history: Vec<&str> = page.history.iter().map(|event| event.what.as_str()).collect();
    assert!(history.contains(&"attached measured.txt") && history.contains(&"took away old.txt"), "{history:?}");
}
