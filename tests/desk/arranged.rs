//! What administrators arrange: queues and who gets what, categories, custom fields.

use oxdesk::categories::{CategoryId, NewCategory, commands as categories, queries as category_queries};
use oxdesk::fields::{Field, FieldValue, FieldValues, NewField, commands as fields, queries as field_queries};
use oxdesk::queues::{NewQueue, commands as queues};
use oxdesk::testing::{actor, desk, person, ticket};
use oxdesk::tickets::rules::{TicketDraft, check_new_ticket};
use oxdesk::tickets::{
    PublicReply, QueueId, TicketId, TicketPatch, TicketPriority, TicketSource, TicketStatus, commands, parse_filter,
    queries,
};
use oxdesk::{Actor, Error, Result, desk::Desk};
use std::collections::BTreeMap;

fn wrong<T: std::fmt::Debug>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(fields)) => fields.into_keys().collect(),
        other => panic!("{other:?}"),
    }
}

async fn queue(desk: &Desk, admin: &Actor, name: &str, rule: &str, members: &[&Actor]) -> QueueId {
    let new = NewQueue { name: name.into(), active: true, assignment_rule: Some(rule.into()), ..NewQueue::default() };
    let queue = queues::save_queue(desk, admin, None, new).await.unwrap();
    for member in members {
        queues::add_queue_member(desk, admin, queue, member.user_id.unwrap()).await.unwrap();
    }
    queue
}

async fn category(desk: &Desk, admin: &Actor, name: &str, parent: Option<CategoryId>) -> CategoryId {
    let new = NewCategory {
        name: name.into(),
        parent_id: parent.map(|id| id.to_string()),
        is_public: true,
        ..NewCategory::default()
    };
    categories::save_category(desk, admin, None, new).await.unwrap()
}

fn choice(label: &str, choices: &[&str]) -> NewField {
    NewField {
        label: label.into(),
        kind: "CHOICE".into(),
        choices: choices.iter().map(|choice| (*choice).into()).collect(),
        is_public: true,
        ..NewField::default()
    }
}

async fn field(desk: &Desk, admin: &Actor, new: NewField) -> Field {
    let id = fields::save_field(desk, admin, None, new).await.unwrap();
    let list = field_queries::list_fields(desk, admin).await.unwrap();
    list.into_iter().find(|field| field.id == id).unwrap()
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

fn draft(actor: &Actor) -> TicketDraft {
    TicketDraft {
        subject: "A new laptop".into(),
        description: "The old one is slow.".into(),
        requester_email: actor.email.as_ref().unwrap().to_string(),
        ..TicketDraft::default()
    }
}

async fn send(desk: &Desk, actor: &Actor, draft: TicketDraft) -> Result<TicketId> {
    let new = check_new_ticket(draft, TicketSource::Form)?;
    commands::create_ticket(desk, actor, new, Vec::new()).await.map(|created| created.id)
}

fn set(key: &str, value: Option<FieldValue>) -> TicketPatch {
    TicketPatch { custom_fields: BTreeMap::from([(key.to_owned(), value)]), ..TicketPatch::default() }
}

#[tokio::test]
async fn round_robin_goes_around_and_past_whoever_is_away() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let (ana, ben, chen) = (
        person(&desk, "ana", "AGENT").await,
        person(&desk, "ben", "AGENT").await,
        person(&desk, "chen", "AGENT").await,
    );
    let marta = person(&desk, "marta", "END_USER").await;
    let network = queue(&desk, &admin, "Network", "ROUND_ROBIN", &[&ana, &ben, &chen]).await;
    queues::set_away(&desk, &ben, true).await.unwrap();
    assert!(actor(&desk, ben.user_id.unwrap()).await.is_away);
    let mut given = Vec::new();
    for _ in 0..4 {
        let draft = TicketDraft { queue_id: Some(network.to_string()), ..draft(&marta) };
        let id = send(&desk, &admin, draft).await.unwrap();
        given.push(queries::ticket(&desk, &admin, id).await.unwrap().assignee.unwrap().name);
    }
    assert_eq!(given, ["ana", "chen", "ana", "chen"]);
    queues::set_away(&desk, &ana, true).await.unwrap();
    queues::set_away(&desk, &chen, true).await.unwrap();
    let made = ticket(&desk, &marta, "Nobody is there").await;
    let moved = TicketPatch { queue_id: Some(Some(network)), ..TicketPatch::default() };
    commands::update_ticket(&desk, &admin, made.id, 1, moved).await.unwrap();
    assert_eq!(queries::ticket(&desk, &admin, made.id).await.unwrap().assignee, None);
    assert_eq!(queues::set_away(&desk, &marta, true).await, Err(Error::Forbidden));
}

#[tokio::test]
async fn many_at_once_are_shared_out_evenly() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    for rule in ["ROUND_ROBIN", "LEAST_OPEN"] {
        let busy = queue(&desk, &admin, rule, rule, &[&ana, &ben]).await;
        let made = (0..8).map(|_| {
            let (desk, admin) = (desk.clone(), admin.clone());
            let draft = TicketDraft { queue_id: Some(busy.to_string()), ..draft(&admin) };
            tokio::spawn(async move { send(&desk, &admin, draft).await.unwrap() })
        });
        let mut counts = BTreeMap::new();
        for made in made.collect::<Vec<_>>() {
            let seen = queries::ticket(&desk, &admin, made.await.unwrap()).await.unwrap();
            *counts.entry(seen.assignee.unwrap().name).or_insert(0) += 1;
        }
        assert_eq!(counts, BTreeMap::from([("ana".to_owned(), 4), ("ben".to_owned(), 4)]), "{rule}");
    }
}

#[tokio::test]
async fn a_queue_is_seen_by_its_members_or_by_every_agent() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let (ana, ben) = (person(&desk, "ana", "AGENT").await, person(&desk, "ben", "AGENT").await);
    let secret = queue(&desk, &admin, "Payroll", "NONE", &[&ana]).await;
    let draft = TicketDraft { queue_id: Some(secret.to_string()), ..draft(&admin) };
    let id = send(&desk, &admin, draft).await.unwrap();
    let ana = actor(&desk, ana.user_id.unwrap()).await;
    assert!(queries::ticket(&desk, &ana, id).await.is_ok());
    assert_eq!(queries::ticket(&desk, &ben, id).await, Err(Error::NotFound));
    let open =
        NewQueue { name: "Payroll".into(), active: true, visibility: Some("AGENTS".into()), ..NewQueue::default() };
    queues::save_queue(&desk, &admin, Some(secret), open).await.unwrap();
    let ben = actor(&desk, ben.user_id.unwrap()).await;
    assert!(queries::ticket(&desk, &ben, id).await.is_ok());
    let marta = actor(&desk, person(&desk, "marta", "END_USER").await.user_id.unwrap()).await;
    assert_eq!(queries::ticket(&desk, &marta, id).await, Err(Error::NotFound), "never by requesters");
}

#[tokio::test]
async fn queues_and_teams_refuse_what_makes_no_sense() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let network = queue(&desk, &admin, "Network", "NONE", &[]).await;
    let again = NewQueue { name: "Network".into(), active: true, ..NewQueue::default() };
    assert_eq!(wrong(queues::save_queue(&desk, &admin, None, again.clone()).await), ["name"]);
    assert_eq!(queues::save_queue(&desk, &ana, None, again).await, Err(Error::Forbidden));
    let odd = NewQueue {
        name: " ".into(),
        visibility: Some("X".into()),
        assignment_rule: Some("Y".into()),
        ..NewQueue::default()
    };
    assert_eq!(wrong(queues::save_queue(&desk, &admin, None, odd).await), ["assignment_rule", "name", "visibility"]);
    assert_eq!(wrong(queues::add_queue_member(&desk, &admin, network, marta.user_id.unwrap()).await), ["user_id"]);
    let retired = NewQueue { name: "Network".into(), active: false, ..NewQueue::default() };
    queues::save_queue(&desk, &admin, Some(network), retired).await.unwrap();
    let draft = TicketDraft { queue_id: Some(network.to_string()), ..draft(&admin) };
    assert_eq!(wrong(send(&desk, &admin, draft).await), ["queue_id"]);

    let team = queues::save_team(&desk, &admin, None, "Night shift").await.unwrap();
    queues::add_team_member(&desk, &admin, team, ana.user_id.unwrap()).await.unwrap();
    assert_eq!(actor(&desk, ana.user_id.unwrap()).await.teams[0].name, "Night shift");
    assert_eq!(wrong(queues::save_team(&desk, &admin, None, "Night shift").await), ["name"]);
    queues::delete_team(&desk, &admin, team).await.unwrap();
    assert_eq!(queues::delete_team(&desk, &admin, team).await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_category_brings_its_queue_and_priority_and_the_subcategory_comes_first() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let marta = person(&desk, "marta", "END_USER").await;
    let (desks, network) =
        (queue(&desk, &admin, "Desks", "NONE", &[]).await, queue(&desk, &admin, "Network", "NONE", &[]).await);
    let new = |name: &str, parent: Option<CategoryId>, queue: QueueId, priority: Option<&str>| NewCategory {
        name: name.into(),
        parent_id: parent.map(|id| id.to_string()),
        queue_id: Some(queue.to_string()),
        priority: priority.map(str::to_owned),
        is_public: true,
        ..NewCategory::default()
    };
    let top = categories::save_category(&desk, &admin, None, new("Workplace", None, desks, Some("LOW"))).await.unwrap();
    categories::save_category(&desk, &admin, None, new("Network", Some(top), network, None)).await.unwrap();
    let with = |category: &str, sub: Option<&str>| TicketDraft {
        category: Some(category.into()),
        subcategory: sub.map(str::to_owned),
        ..draft(&marta)
    };
    let id = send(&desk, &marta, with("workplace", Some("network"))).await.unwrap();
    let seen = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!((seen.category.as_deref(), seen.subcategory.as_deref()), (Some("Workplace"), Some("Network")));
    assert_eq!((seen.queue.unwrap().id, seen.priority), (network, TicketPriority::Low));
    let id = send(&desk, &marta, with("Coffee", None)).await.unwrap();
    let seen = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!((seen.category.as_deref(), seen.queue), (Some("Coffee"), None), "other names are kept as they are");
    let retired = NewQueue { name: "Desks".into(), active: false, ..NewQueue::default() };
    queues::save_queue(&desk, &admin, Some(desks), retired).await.unwrap();
    let id = send(&desk, &marta, with("Workplace", None)).await.unwrap();
    let seen = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!(seen.queue, None, "a retired queue turns nobody away who only chose a category");
    let urgent = TicketDraft { priority: Some("HIGH".into()), ..with("Workplace", None) };
    let id = send(&desk, &marta, urgent).await.unwrap();
    assert_eq!(queries::ticket(&desk, &admin, id).await.unwrap().priority, TicketPriority::High, "who says, is heard");
}

#[tokio::test]
async fn the_tree_has_two_levels_and_tickets_follow_a_new_name() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let hardware = category(&desk, &admin, "Hardware", None).await;
    let laptop = category(&desk, &admin, "Laptop", Some(hardware)).await;
    let under = |name: &str, parent: CategoryId| NewCategory {
        name: name.into(),
        parent_id: Some(parent.to_string()),
        ..NewCategory::default()
    };
    assert_eq!(wrong(categories::save_category(&desk, &admin, None, under("Lid", laptop)).await), ["parent_id"]);
    assert_eq!(
        wrong(categories::save_category(&desk, &admin, Some(hardware), under("Hardware", hardware)).await),
        ["parent_id"]
    );
    let other = category(&desk, &admin, "Other", None).await;
    assert_eq!(
        wrong(categories::save_category(&desk, &admin, Some(hardware), under("Hardware", other)).await),
        ["parent_id"]
    );
    let again = NewCategory { name: "hardware".into(), ..NewCategory::default() };
    assert_eq!(wrong(categories::save_category(&desk, &admin, None, again.clone()).await), ["name"]);
    assert_eq!(categories::save_category(&desk, &ana, None, again).await, Err(Error::Forbidden));

    let draft = TicketDraft { category: Some("Hardware".into()), subcategory: Some("Laptop".into()), ..draft(&admin) };
    let id = send(&desk, &admin, draft).await.unwrap();
    categories::save_category(&desk, &admin, Some(laptop), under("Notebook", hardware)).await.unwrap();
    oxdesk::testing::run_jobs(&desk).await;
    let seen = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!((seen.category.as_deref(), seen.subcategory.as_deref()), (Some("Hardware"), Some("Notebook")));
    categories::delete_category(&desk, &admin, hardware).await.unwrap();
    let names: Vec<_> = category_queries::list_categories(&desk, &ana).await.unwrap();
    assert_eq!(names.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["Other"]);
}

#[tokio::test]
async fn a_form_asks_what_its_category_asks_and_names_what_is_missing() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let marta = person(&desk, "marta", "END_USER").await;
    let hardware = category(&desk, &admin, "Hardware", None).await;
    let size =
        NewField { required: true, category_id: Some(hardware.to_string()), ..choice("Size", &["Small", "Large"]) };
    field(&desk, &admin, size).await;
    let reason = NewField {
        label: "Why large?".into(),
        kind: "TEXT".into(),
        required: true,
        is_public: true,
        category_id: Some(hardware.to_string()),
        asked_when_key: Some("size".into()),
        asked_when_value: Some("Large".into()),
        ..NewField::default()
    };
    field(&desk, &admin, reason).await;
    let cost = NewField { label: "Cost centre".into(), kind: "NUMBER".into(), ..NewField::default() };
    field(&desk, &admin, cost).await;
    let of = |values: &[(&str, FieldValue)]| TicketDraft {
        category: Some("Hardware".into()),
        custom_fields: values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        ..draft(&marta)
    };
    assert_eq!(wrong(send(&desk, &marta, of(&[])).await), ["custom_fields.size"]);
    assert_eq!(wrong(send(&desk, &marta, of(&[("size", text("large"))])).await), ["custom_fields.why_large"]);
    let sneaky = of(&[("size", text("Small")), ("cost_centre", FieldValue::Number(1.0))]);
    assert_eq!(wrong(send(&desk, &marta, sneaky).await), ["custom_fields.cost_centre"], "not theirs to fill in");
    assert!(send(&desk, &marta, draft(&marta)).await.is_ok(), "elsewhere nothing is asked");
    let id = send(&desk, &marta, of(&[("size", text("small")), ("why_large", text("x"))])).await.unwrap();
    let seen = queries::ticket(&desk, &admin, id).await.unwrap();
    assert_eq!(seen.custom_fields, FieldValues::from([("size".to_owned(), text("Small"))]));
}

#[tokio::test]
async fn requesters_read_public_fields_and_no_other() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    let marta = person(&desk, "marta", "END_USER").await;
    field(&desk, &admin, choice("Site", &["North", "South"])).await;
    let inner = NewField { label: "Canary".into(), kind: "TEXT".into(), ..NewField::default() };
    field(&desk, &admin, inner).await;
    let made = ticket(&desk, &marta, "A lamp").await;
    let version =
        commands::update_ticket(&desk, &admin, made.id, 1, set("canary", Some(text("secret")))).await.unwrap();
    commands::update_ticket(&desk, &admin, made.id, version, set("site", Some(text("north")))).await.unwrap();
    let found = async |actor: &Actor, bar: &str| {
        let (filter, _) = parse_filter(bar);
        queries::list_tickets(&desk, actor, &filter, None, 10).await.unwrap().rows.len()
    };
    assert_eq!(found(&admin, "field.canary:secret").await, 1);
    assert_eq!(found(&marta, "field.site:North").await, 1);
    assert_eq!(found(&marta, "field.canary:secret").await, 0, "nor by guessing at it in a filter");
    let page = queries::ticket_page(&desk, &marta, made.id).await.unwrap();
    assert_eq!(page.fields.len(), 1);
    assert_eq!((page.fields[0].label.as_str(), page.fields[0].value.as_str()), ("Site", "North"));
    assert!(!format!("{page:?}").contains("secret"), "neither the value nor its history");
    let page = queries::ticket_page(&desk, &admin, made.id).await.unwrap();
    assert!(format!("{:?}", page.timeline).contains("custom_fields.canary"));
    assert_eq!(page.ticket.custom_fields["canary"], text("secret"));
}

#[tokio::test]
async fn a_filter_takes_ten_fields_and_says_so_when_there_are_more() {
    let desk = desk().await;
    let admin = person(&desk, "ada", "ADMIN").await;
    field(&desk, &admin, choice("Site", &["North", "South"])).await;
    for (many, allowed) in [(10, true), (11, false)] {
        let (filter, _) = parse_filter(&"field.site:North ".repeat(many));
        let found = queries::list_tickets(&desk, &admin, &filter, None, 10).await;
        assert_eq!(found.is_ok(), allowed, "{many}: {found:?}");
        if !allowed {
            assert_eq!(wrong(found), ["q"]);
        }
    }
}

#[tokio::test]
async fn nothing_is_solved_while_a_required_field_is_empty() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let cause = NewField { label: "Cause".into(), kind: "TEXT".into(), required: true, ..NewField::default() };
    field(&desk, &admin, cause).await;
    let made = ticket(&desk, &ana, "It broke").await;
    let solve = TicketPatch {
        status: Some(TicketStatus::Resolved),
        resolution_note: Some("A new fuse.".into()),
        ..TicketPatch::default()
    };
    assert_eq!(wrong(commands::update_ticket(&desk, &admin, made.id, 1, solve.clone()).await), ["custom_fields.cause"]);
    let reply = || PublicReply::parse("Done.").unwrap();
    let then = Some(TicketStatus::Resolved);
    assert_eq!(
        wrong(commands::add_reply(&desk, &admin, made.id, reply(), then, vec![]).await),
        ["custom_fields.cause"]
    );
    assert_eq!(wrong(commands::schedule_reply(&desk, &admin, made.id, &reply(), then).await), ["custom_fields.cause"]);
    let both = TicketPatch { custom_fields: set("cause", Some(text("Fuse"))).custom_fields, ..solve };
    let version = commands::update_ticket(&desk, &admin, made.id, 1, both).await.unwrap();
    let emptied = commands::update_ticket(&desk, &admin, made.id, version, set("cause", None)).await;
    assert_eq!(wrong(emptied), ["custom_fields.cause"], "what is required is not emptied");
}

#[tokio::test]
async fn a_field_deleted_while_in_use_keeps_its_values_and_gives_them_back() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let site = field(&desk, &admin, choice("Site", &["North", "South"])).await;
    let made = ticket(&desk, &ana, "A lamp").await;
    let version = commands::update_ticket(&desk, &ana, made.id, 1, set("site", Some(text("North")))).await.unwrap();
    fields::delete_field(&desk, &admin, site.id).await.unwrap();
    let late = commands::update_ticket(&desk, &ana, made.id, version, set("site", Some(text("South")))).await;
    assert_eq!(wrong(late), ["custom_fields.site"], "whoever had the form open is told");
    assert_eq!(field_queries::list_fields(&desk, &ana).await.unwrap(), []);
    let again = wrong(fields::save_field(&desk, &admin, None, choice("Site", &["East"])).await);
    assert_eq!(again, ["key"], "its key stays taken");
    fields::restore_field(&desk, &admin, site.id).await.unwrap();
    assert_eq!(queries::ticket(&desk, &ana, made.id).await.unwrap().custom_fields["site"], text("North"));
    let (filter, wrong_tokens) = parse_filter("field.site:North");
    assert_eq!(wrong_tokens, []);
    assert_eq!(queries::list_tickets(&desk, &ana, &filter, None, 10).await.unwrap().rows.len(), 1);
    let (filter, _) = parse_filter("field.site:South");
    assert_eq!(queries::list_tickets(&desk, &ana, &filter, None, 10).await.unwrap().rows.len(), 0);
}

#[tokio::test]
async fn a_field_that_makes_no_sense_is_refused() {
    let desk = desk().await;
    let (admin, ana) = (person(&desk, "ada", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    assert_eq!(fields::save_field(&desk, &ana, None, choice("X", &["a"])).await, Err(Error::Forbidden));
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, choice("X", &[])).await), ["choices"]);
    let odd = NewField { label: String::new(), kind: "COLOUR".into(), key: "Ä".into(), ..NewField::default() };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, odd).await), ["key", "kind", "label"]);
    let far = NewField { position: Some(i32::MAX), ..choice("Far", &["a"]) };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, far).await), ["position"]);
    let far = NewCategory { name: "Far".into(), position: Some(-1), ..NewCategory::default() };
    assert_eq!(wrong(categories::save_category(&desk, &admin, None, far).await), ["position"]);
    let default = NewField { default_value: Some("Medium".into()), ..choice("Size", &["Small"]) };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, default).await), ["default_value"]);
    let nowhere = NewField { category_id: Some(CategoryId::new().to_string()), ..choice("Size", &["Small"]) };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, nowhere).await), ["category_id"]);

    let public = NewField { label: "Boss".into(), kind: "PERSON".into(), is_public: true, ..NewField::default() };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, public.clone()).await), ["is_public"]);
    field(&desk, &admin, NewField { is_public: false, ..public }).await;
    let made = ticket(&desk, &ana, "Who decides?").await;
    let nobody = set("boss", Some(text(&CategoryId::new().to_string())));
    assert_eq!(wrong(commands::update_ticket(&desk, &ana, made.id, 1, nobody).await), ["custom_fields.boss"]);
    let someone = set("boss", Some(text(&admin.user_id.unwrap().to_string())));
    commands::update_ticket(&desk, &ana, made.id, 1, someone).await.unwrap();
    let page = queries::ticket_page(&desk, &ana, made.id).await.unwrap();
    assert!(format!("{:?}", page.timeline).contains("new_value: Some(\"ada\")"), "by name, not by id");

    let hangs = |label: &str, on: &str| NewField {
        asked_when_key: Some(on.into()),
        asked_when_value: Some("a".into()),
        ..choice(label, &["a"])
    };
    assert_eq!(wrong(fields::save_field(&desk, &admin, None, hangs("One", "none")).await), ["asked_when_key"]);
    let one = field(&desk, &admin, choice("One", &["a"])).await;
    field(&desk, &admin, hangs("Two", "one")).await;
    let circle = wrong(fields::save_field(&desk, &admin, Some(one.id), hangs("One", "two")).await);
    assert_eq!(circle, ["asked_when_key"], "they would wait for each other");
}
