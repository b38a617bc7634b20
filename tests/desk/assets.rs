//! Assets: their life, whose they are, what depends on what, and who sees them.

use oxdesk::assets::commands::{
    delete_asset, hand_over, link_asset, relate_assets, remind_of_warranties, restore_asset, save_asset, unlink_asset,
    unrelate_assets,
};
use oxdesk::assets::queries::{self, asset_page, impact, list_assets, resolve_number};
use oxdesk::assets::rules::{Edge, affected, closes_circle, parse_asset_filter};
use oxdesk::assets::{AssetForm, AssetId, AssetStatus, AssetType, RelationType, TicketRelation, Way};
use oxdesk::desk::Desk;
use oxdesk::testing::{desk, person, ticket};
use oxdesk::{Actor, Error};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::{HashMap, HashSet};

fn laptop(name: &str) -> AssetForm {
    AssetForm { name: name.into(), category: Some("laptop".into()), ..AssetForm::default() }
}

async fn make(desk: &Desk, actor: &Actor, name: &str) -> AssetId {
    save_asset(desk, actor, None, &laptop(name)).await.unwrap()
}

async fn names(desk: &Desk, reader: &Actor, bar: &str) -> Vec<String> {
    let (filter, wrong) = parse_asset_filter(bar);
    assert!(wrong.is_empty(), "{wrong:?}");
    list_assets(desk, reader, &filter, None, 50).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

fn said(error: Option<Error>, field: &str) -> String {
    match error {
        Some(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_asset_lives_from_its_purchase_to_the_day_it_is_retired() {
    let desk = desk().await;
    let (max, marta) = (person(&desk, "max", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let bought = AssetForm {
        manufacturer: Some("Lenovo".into()),
        serial_number: Some("PF-1".into()),
        purchase_date: Some("2026-01-15".into()),
        purchase_price: Some("1.299,50".into()),
        warranty_expiry: Some("2029-01-15".into()),
        assigned_to_id: marta.user_id,
        ..laptop("ThinkPad")
    };
    let id = save_asset(&desk, &max, None, &bought).await.unwrap();
    let page = asset_page(&desk, &max, id).await.unwrap();
    let asset = &page.asset;
    assert!(asset.asset_number.as_str().ends_with("-0001"), "{}", asset.asset_number);
    assert_eq!(
        (asset.category.as_deref(), asset.purchase_price.unwrap().to_string().as_str()),
        (Some("LAPTOP"), "1299.50")
    );
    assert_eq!((page.handovers.len(), page.history.len()), (1, 0));

    let mended = AssetForm { status: Some(AssetStatus::Maintenance), room: Some("2.14".into()), ..bought.clone() };
    save_asset(&desk, &max, Some((id, 1)), &mended).await.unwrap();
    assert_eq!(save_asset(&desk, &max, Some((id, 1)), &mended).await.err(), Some(Error::Conflict { current: 2 }));
    let retired = AssetForm { status: Some(AssetStatus::Retired), ..mended.clone() };
    let refused = save_asset(&desk, &max, Some((id, 2)), &retired).await.err();
    assert_eq!(said(refused, "assigned_to_id"), "What is retired belongs to nobody.");
    hand_over(&desk, &max, id, None, Some("Came back without its bag.")).await.unwrap();
    let retired = AssetForm { assigned_to_id: None, ..retired };
    save_asset(&desk, &max, Some((id, 3)), &retired).await.unwrap();
    let again = AssetForm { status: Some(AssetStatus::Active), ..retired.clone() };
    assert!(said(save_asset(&desk, &max, Some((id, 4)), &again).await.err(), "status").contains("by way of the store"));
    assert!(said(hand_over(&desk, &max, id, marta.user_id, None).await.err(), "to").contains("belongs to nobody"));

    let page = asset_page(&desk, &max, id).await.unwrap();
    let fields: HashSet<_> = page.history.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, HashSet::from(["status", "room"]));
    assert_eq!(page.handovers[0].note.as_deref(), Some("Came back without its bag."));
    assert_eq!((page.handovers.len(), page.asset.assigned_to_id), (2, None));
}

#[tokio::test]
async fn each_reader_sees_their_assets_and_only_who_may_changes_them() {
    let desk = desk().await;
    let (max, ana) = (person(&desk, "max", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (marta, rita) = (person(&desk, "marta", "END_USER").await, person(&desk, "rita", "REQUESTER").await);
    let hers =
        save_asset(&desk, &max, None, &AssetForm { assigned_to_id: marta.user_id, ..laptop("Hers") }).await.unwrap();
    let other = make(&desk, &max, "Another").await;
    relate_assets(&desk, &max, hers, RelationType::DependsOn, other, None).await.unwrap();
    for (reader, expected) in [(&max, 2), (&ana, 2), (&marta, 1), (&rita, 0)] {
        assert_eq!(names(&desk, reader, "").await.len(), expected, "{}", reader.name);
        let seen = asset_page(&desk, reader, other).await;
        assert_eq!(seen.is_ok(), expected == 2, "{}", reader.name);
        let reached = impact(&desk, reader, hers, Way::Needed).await;
        assert_eq!(
            reached.map(|reached| reached.total).unwrap_or_default(),
            i64::from(expected == 2),
            "{}",
            reader.name
        );
    }
    let page = asset_page(&desk, &marta, hers).await.unwrap();
    assert!(page.relations.is_empty() && page.handovers.is_empty() && !page.may_edit);
    for reader in [&ana, &marta, &rita] {
        let refused = [
            save_asset(&desk, reader, None, &laptop("x")).await.err(),
            save_asset(&desk, reader, Some((hers, 1)), &laptop("x")).await.err(),
            hand_over(&desk, reader, hers, None, None).await.err(),
            delete_asset(&desk, reader, hers).await.err(),
            relate_assets(&desk, reader, hers, RelationType::ConnectedTo, other, None).await.err(),
        ];
        assert_eq!(refused, [const { Some(Error::Forbidden) }; 5], "{}", reader.name);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_field_and_nothing_is_written() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    let first = AssetForm { serial_number: Some("S1".into()), ..laptop("One") };
    save_asset(&desk, &max, None, &first).await.unwrap();
    for (field, form) in [
        ("name", laptop("  ")),
        ("name", laptop(&"x".repeat(301))),
        ("serial_number", AssetForm { serial_number: Some("s1".into()), ..laptop("Two") }),
        ("purchase_price", AssetForm { purchase_price: Some("100000000".into()), ..laptop("x") }),
        ("purchase_price", AssetForm { purchase_price: Some("-1".into()), ..laptop("x") }),
        ("purchase_date", AssetForm { purchase_date: Some("2026-02-30".into()), ..laptop("x") }),
        (
            "warranty_expiry",
            AssetForm {
                purchase_date: Some("2026-02-01".into()),
                warranty_expiry: Some("2026-01-01".into()),
                ..laptop("x")
            },
        ),
        ("seats", AssetForm { seats: Some(-1), ..laptop("x") }),
        (
            "assigned_to_id",
            AssetForm { assigned_to_id: Some(oxdesk::people::UserId(uuid::Uuid::nil())), ..laptop("x") },
        ),
    ] {
        said(save_asset(&desk, &max, None, &form).await.err(), field);
    }
    assert_eq!(names(&desk, &max, "").await, ["One"]);
    // Another manufacturer numbers its own things.
    let other = AssetForm { serial_number: Some("S1".into()), manufacturer: Some("Dell".into()), ..laptop("Three") };
    save_asset(&desk, &max, None, &other).await.unwrap();
}

#[tokio::test]
async fn nothing_contains_itself_nor_needs_itself_to_run() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    let mut ids = Vec::new();
    for name in ["rack", "server", "machine", "database"] {
        ids.push(make(&desk, &max, name).await);
    }
    use RelationType::{ConnectedTo, Contains, DependsOn};
    for pair in ids.windows(2) {
        relate_assets(&desk, &max, pair[0], Contains, pair[1], None).await.unwrap();
        relate_assets(&desk, &max, pair[0], ConnectedTo, pair[1], None).await.unwrap();
    }
    let circle = relate_assets(&desk, &max, ids[3], Contains, ids[0], None).await.err();
    assert!(said(circle, "target").contains("rack contains database"));
    assert!(relate_assets(&desk, &max, ids[3], DependsOn, ids[0], None).await.is_ok(), "another kind is another graph");
    assert!(relate_assets(&desk, &max, ids[3], ConnectedTo, ids[0], None).await.is_ok(), "a ring of cables is none");
    said(relate_assets(&desk, &max, ids[0], ConnectedTo, ids[0], None).await.err(), "target");
    // Two that would close a circle together, at once: one of them is refused.
    let (one, two) = (make(&desk, &max, "one").await, make(&desk, &max, "two").await);
    let (there, back) = tokio::join!(
        relate_assets(&desk, &max, one, DependsOn, two, None),
        relate_assets(&desk, &max, two, DependsOn, one, None)
    );
    assert!(there.is_ok() != back.is_ok());
    let gone = make(&desk, &max, "gone").await;
    delete_asset(&desk, &max, gone).await.unwrap();
    assert_eq!(relate_assets(&desk, &max, ids[0], Contains, gone, None).await.err(), Some(Error::NotFound));
    restore_asset(&desk, &max, gone).await.unwrap();
    let relation = relate_assets(&desk, &max, ids[0], Contains, gone, Some("the lowest")).await.unwrap();
    assert_eq!(relate_assets(&desk, &max, ids[0], Contains, gone, None).await, Ok(relation), "the same again");
    unrelate_assets(&desk, &max, gone, relation).await.unwrap();
    assert_eq!(unrelate_assets(&desk, &max, gone, relation).await.err(), Some(Error::NotFound));
}

#[tokio::test]
async fn what_fails_with_it_is_what_a_search_of_the_whole_graph_finds() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..6 {
        let mut ids = Vec::new();
        for at in 0..14 {
            ids.push(make(&desk, &max, &format!("asset {at}")).await);
        }
        let mut edges: Vec<Edge> = Vec::new();
        for _ in 0..30 {
            let edge = Edge {
                source: ids[random.random_range(0..ids.len())],
                target: ids[random.random_range(0..ids.len())],
                kind: RelationType::ALL[random.random_range(0..RelationType::ALL.len())],
            };
            let made = relate_assets(&desk, &max, edge.source, edge.kind, edge.target, None).await;
            let may = edge.source != edge.target && !closes_circle(&edges, edge);
            assert_eq!(made.is_ok(), may, "{edge:?}");
            if may && !edges.contains(&edge) {
                edges.push(edge);
            }
        }
        // What is deleted fails no more, and passes nothing on.
        let gone = ids.remove(0);
        delete_asset(&desk, &max, gone).await.unwrap();
        edges.retain(|edge| edge.source != gone && edge.target != gone);
        for id in &ids {
            let expected: HashSet<AssetId> = affected(&edges, *id).into_keys().collect();
            let found = impact(&desk, &max, *id, Way::Affected).await.unwrap();
            let steps = affected(&edges, *id);
            let steps: Vec<u32> = found.rows.iter().map(|row| steps[&row.id]).collect();
            assert!(steps.is_sorted(), "the nearest first: {steps:?}");
            assert_eq!(found.rows.iter().map(|row| row.id).collect::<HashSet<_>>(), expected);
            assert_eq!(found.total, expected.len() as i64);
            for other in &expected {
                let needs = impact(&desk, &max, *other, Way::Needed).await.unwrap();
                assert!(needs.rows.iter().any(|row| row.id == *id), "what fails with it needs it");
            }
        }
    }
}

#[tokio::test]
async fn the_bar_narrows_the_list_and_pages_follow_each_other() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    for (name, form) in [
        (
            "ThinkPad X1",
            AssetForm { manufacturer: Some("Lenovo".into()), location: Some("Vienna".into()), ..laptop("") },
        ),
        (
            "Core switch",
            AssetForm { kind: Some(AssetType::NetworkDevice), category: Some("SWITCH".into()), ..laptop("") },
        ),
        ("Spare", AssetForm { status: Some(AssetStatus::Inactive), serial_number: Some("XK-77".into()), ..laptop("") }),
        ("Mine", AssetForm { assigned_to_id: max.user_id, warranty_expiry: Some("2020-01-01".into()), ..laptop("") }),
    ] {
        save_asset(&desk, &max, None, &AssetForm { name: name.into(), ..form }).await.unwrap();
    }
    for (bar, expected) in [
        ("", vec!["Mine", "Spare", "Core switch", "ThinkPad X1"]),
        ("type:network-device", vec!["Core switch"]),
        ("category:laptop status:active", vec!["Mine", "ThinkPad X1"]),
        ("owner:me", vec!["Mine"]),
        ("owner:none sort:name", vec!["Core switch", "Spare", "ThinkPad X1"]),
        ("location:vien", vec!["ThinkPad X1"]),
        ("warranty:over", vec!["Mine"]),
        ("think", vec!["ThinkPad X1"]),
        ("77", vec!["Spare"]),
        ("type:software", vec![]),
        ("!!!", vec![]),
        ("xk-77", vec!["Spare"]),
        ("is:deleted", vec![]),
    ] {
        assert_eq!(names(&desk, &max, bar).await, expected, "{bar}");
    }
    for sort in ["sort:created", "sort:name"] {
        let (filter, _) = parse_asset_filter(sort);
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = list_assets(&desk, &max, &filter, after.as_deref(), 1).await.unwrap();
            seen.extend(page.rows.into_iter().map(|row| row.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, names(&desk, &max, sort).await, "{sort}");
    }
    let spare = resolve_number(&desk, &max, "xk-77").await.unwrap();
    assert_eq!(resolve_number(&desk, &max, "ast-2026-3").await.ok().unwrap_or(spare), spare);
    make(&desk, &max, "Büro PC").await;
    assert_eq!(names(&desk, &max, "büro").await, ["Büro PC"]);
    let hostile = ["'; DROP TABLE assets; --", "(((", "&|!", "%_\\", "\0", "ثلاجة", "🦊"];
    for words in hostile {
        let (filter, _) = parse_asset_filter(words);
        list_assets(&desk, &max, &filter, None, 50).await.unwrap();
    }
}

#[tokio::test]
async fn a_ticket_is_about_assets_and_its_asset_shows_its_failures() {
    let desk = desk().await;
    let (max, ana) = (person(&desk, "max", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let (marta, rita) = (person(&desk, "marta", "END_USER").await, person(&desk, "rita", "REQUESTER").await);
    let hers =
        save_asset(&desk, &max, None, &AssetForm { assigned_to_id: marta.user_id, ..laptop("Hers") }).await.unwrap();
    let other = make(&desk, &max, "Another").await;
    let (asked, foreign) = (ticket(&desk, &marta, "It is slow").await, ticket(&desk, &rita, "Mine is, too").await);
    link_asset(&desk, &marta, asked.id, hers, TicketRelation::AffectedBy).await.unwrap();
    link_asset(&desk, &ana, asked.id, hers, TicketRelation::CausedBy).await.unwrap();
    link_asset(&desk, &ana, foreign.id, hers, TicketRelation::RelatedTo).await.unwrap();
    assert_eq!(
        link_asset(&desk, &marta, asked.id, other, TicketRelation::AffectedBy).await.err(),
        Some(Error::NotFound),
        "what is not theirs they cannot name"
    );
    let page = asset_page(&desk, &ana, hers).await.unwrap();
    let relations: HashMap<_, _> = page.tickets.iter().map(|one| (one.subject.as_str(), one.relation)).collect();
    assert_eq!(relations["It is slow"], TicketRelation::CausedBy, "one relation a ticket and asset");
    assert_eq!(asset_page(&desk, &marta, hers).await.unwrap().tickets.len(), 1, "others' tickets are not theirs");
    assert_eq!(queries::list_assets(&desk, &max, &Default::default(), None, 9).await.unwrap().rows[1].open_tickets, 2);
    unlink_asset(&desk, &ana, foreign.id, hers).await.unwrap();
    assert_eq!(unlink_asset(&desk, &ana, foreign.id, hers).await.err(), Some(Error::NotFound));
}

#[tokio::test]
async fn a_warranty_that_ends_is_told_of_ninety_thirty_and_seven_days_before_once_each() {
    let desk = desk().await;
    let (boss, agent) = (person(&desk, "boss", "IT_MANAGER").await, person(&desk, "agent", "AGENT").await);
    let day = |ahead: i64| Some(oxdesk::Timestamp::now().plus_seconds(ahead * 86_400).day("UTC"));
    for (name, ends, status) in [
        ("near", 5, AssetStatus::Active),
        ("later", 20, AssetStatus::Active),
        ("far", 80, AssetStatus::Inactive),
        ("very far", 200, AssetStatus::Active),
        ("over", -1, AssetStatus::Active),
        ("retired", 5, AssetStatus::Retired),
    ] {
        let form = AssetForm { warranty_expiry: day(ends), status: Some(status), ..laptop(name) };
        save_asset(&desk, &boss, None, &form).await.unwrap();
    }
    for _ in 0..2 {
        remind_of_warranties(&desk).await.unwrap();
    }
    // Of one moment: their ids are in no order.
    let sql = "SELECT title, message FROM notifications WHERE user_id = $1 ORDER BY length(title), title";
    let told: Vec<(String, String)> = sqlx::query_as(sql).bind(boss.user_id).fetch_all(&desk.db).await.unwrap();
    let expected = [("7", "near"), ("30", "later"), ("90", "far")]
        .map(|(days, name)| (format!("Warranties that end within {days} days"), name.to_owned()));
    assert_eq!(told, expected);
    // Time goes on: what comes near is told of again, and nothing else.
    let sooner =
        "UPDATE assets SET warranty_expiry = warranty_expiry - interval '14 days' WHERE name IN ('later', 'very far')";
    sqlx::query(sooner).execute(&desk.db).await.unwrap();
    remind_of_warranties(&desk).await.unwrap();
    let many = "SELECT count(*) FILTER (WHERE user_id = $1), count(*) FILTER (WHERE user_id = $2) FROM notifications";
    let many: (i64, i64) =
        sqlx::query_as(many).bind(boss.user_id).bind(agent.user_id).fetch_one(&desk.db).await.unwrap();
    assert_eq!(many, (4, 0));
}
