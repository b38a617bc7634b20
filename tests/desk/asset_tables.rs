//! Tables of assets: looked at, brought in, taken back, written out.

use oxdesk::assets::commands::{begin_import, change_assets, check_import, run_import, save_asset, undo_import};
use oxdesk::assets::queries::{self, asset, export_assets, list_assets, resolve_number};
use oxdesk::assets::rules::{asset_line, heading_line};
use oxdesk::assets::{AssetFilter, AssetForm, AssetPatch, AssetStatus, ImportReport};
use oxdesk::desk::Desk;
use oxdesk::testing::{desk, person, run_jobs};
use oxdesk::{Actor, Error};

async fn bring_in(desk: &Desk, actor: &Actor, table: &str) -> ImportReport {
    let id = begin_import(desk, actor, "assets.csv", table.as_bytes().to_vec()).await.unwrap();
    run_import(desk, actor, id).await.unwrap()
}

fn counts(report: &ImportReport) -> (usize, usize, usize, usize) {
    (report.made, report.changed, report.same, report.wrong)
}

async fn all(desk: &Desk, actor: &Actor) -> Vec<String> {
    let list = list_assets(desk, actor, &AssetFilter::default(), None, 200).await.unwrap();
    let mut names: Vec<String> = list.rows.into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_table_is_looked_at_brought_in_brought_in_again_and_taken_back() {
    let desk = desk().await;
    let (max, marta) = (person(&desk, "max", "ADMIN").await, person(&desk, "marta", "END_USER").await);
    let mail = marta.email.clone().unwrap();
    let table = format!(
        "Hostname;Vendor;Serial;Owner;Price;Bought;Colour\r\nberta;Lenovo;PF1;{mail};1.299,50;24.11.2026;red\r\ncarla;Dell;D-2;;;;\r\n"
    );
    let id = begin_import(&desk, &max, "from\u{7}.csv", table.clone().into_bytes()).await.unwrap();
    let report = check_import(&desk, &max, id, None).await.unwrap();
    assert_eq!(counts(&report), (2, 0, 0, 0));
    assert_eq!(report.columns[6], ("Colour".into(), None), "a column that nobody knows is left out");
    assert!(all(&desk, &max).await.is_empty(), "looking writes nothing");
    // What is no field is refused and not kept; where no column names them, that is said, and can be mended.
    let wrong = vec!["colour".to_owned()];
    assert!(matches!(check_import(&desk, &max, id, Some(&wrong)).await, Err(Error::Invalid(_))));
    assert_eq!(counts(&check_import(&desk, &max, id, None).await.unwrap()), (2, 0, 0, 0));
    let nameless = check_import(&desk, &max, id, Some(&[String::new()])).await.unwrap();
    assert_eq!((counts(&nameless), nameless.columns.len()), ((0, 0, 0, 1), 7));
    assert!(nameless.errors[0].2.contains("No column names the assets"), "{:?}", nameless.errors);
    assert_eq!(undo_import(&desk, &max, id).await.err(), Some(Error::NotFound), "there is nothing to take back yet");
    // Said otherwise, and kept so.
    let chosen: Vec<String> =
        ["name", "manufacturer", "serial_number", "owner", "purchase_price", "purchase_date", "notes"]
            .map(str::to_owned)
            .to_vec();
    let report = check_import(&desk, &max, id, Some(&chosen)).await.unwrap();
    assert_eq!(report.columns[6].1.as_deref(), Some("notes"));
    let report = run_import(&desk, &max, id).await.unwrap();
    assert_eq!((counts(&report), report.id), ((2, 0, 0, 0), Some(id)));
    assert_eq!(run_import(&desk, &max, id).await.err(), Some(Error::NotFound), "once");
    let berta = resolve_number(&desk, &max, "pf1").await.unwrap();
    let there = asset(&desk, &max, berta).await.unwrap();
    assert_eq!(there.purchase_price.unwrap().to_string(), "1299.50");
    assert_eq!((there.notes.as_deref(), there.purchase_date.as_deref()), (Some("red"), Some("2026-11-24")));
    assert_eq!(there.assigned_to_id, marta.user_id);
    assert_eq!(queries::import(&desk, &max, id).await.unwrap().file_name, "from.csv");

    // The same again changes nothing; a change changes what it names.
    assert_eq!(
        counts(&bring_in(&desk, &max, "name,manufacturer,serial\nberta,LENOVO,pf1").await).1,
        1,
        "another spelling"
    );
    let second = bring_in(&desk, &max, "manufacturer,serial,room\nLENOVO,pf1,2.14\nDell,D-2,\n").await;
    assert_eq!(counts(&second), (0, 1, 1, 0));
    let there = asset(&desk, &max, berta).await.unwrap();
    assert_eq!((there.room.as_deref(), there.notes.as_deref()), (Some("2.14"), Some("red")), "what is empty stays");

    assert_eq!(undo_import(&desk, &max, second.id.unwrap()).await.unwrap(), 0);
    assert_eq!(asset(&desk, &max, berta).await.unwrap().room, None);
    assert_eq!(undo_import(&desk, &max, second.id.unwrap()).await.err(), Some(Error::NotFound));
    // What was changed since stays.
    assert_eq!(undo_import(&desk, &max, id).await.unwrap(), 1);
    assert_eq!(all(&desk, &max).await, ["berta"]);
}

#[tokio::test]
async fn where_a_row_is_wrong_nothing_is_written_and_each_wrong_cell_is_named() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    let first = AssetForm {
        name: "there".into(),
        serial_number: Some("S-1".into()),
        status: Some(AssetStatus::Retired),
        ..AssetForm::default()
    };
    save_asset(&desk, &max, None, &first).await.unwrap();
    let table = "number,name,type,serial,status,price,bought,warranty,owner\n\
        ,good,hardware,A,,,,,\n\
        AST-1999-0001,gone,,,,,,,\n\
        ,chair,chair,B,,,,,\n\
        ,twice,,A,,,,,\n\
        ,dear,,C,,100000000,,,\n\
        ,early,,D,,,2026-02-01,2026-01-01,\n\
        ,hers,,E,,,,,nobody@example.test\n\
        ,,,F,,,,,\n\
        ,again,,S-1,active,,,,\n\
        ,day,,G,,,11/24/2026,,\n";
    let report = bring_in(&desk, &max, table).await;
    let named: Vec<(u64, &str)> = report.errors.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    assert_eq!(report.wrong, 9);
    for expected in [
        (3, "asset_number"),
        (4, "type"),
        (5, "serial_number"),
        (6, "purchase_price"),
        (7, "warranty_expiry"),
        (8, "owner"),
        (9, "name"),
        (10, "status"),
        (11, "bought"),
    ] {
        assert!(named.contains(&expected), "{expected:?} in {named:?}");
    }
    assert_eq!((report.id, all(&desk, &max).await.len()), (None, 1));
    for hostile in [&b""[..], b"\0\0", b"\x89PNG\r\n\x1a\n\0"] {
        let refused = begin_import(&desk, &max, "x", hostile.to_vec()).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{hostile:?}");
    }
}

#[tokio::test]
async fn what_is_written_out_runs_nowhere_and_comes_in_again_as_it_is() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    for name in ["=HYPERLINK(\"http://x\")", "Büro, 2; \"left\"", "+49 1", "plain"] {
        let form = AssetForm {
            name: name.into(),
            purchase_price: Some("10.50".into()),
            assigned_to_id: max.user_id,
            notes: Some("two\nlines".into()),
            ..AssetForm::default()
        };
        save_asset(&desk, &max, None, &form).await.unwrap();
    }
    let assets = export_assets(&desk, &max, &AssetFilter::default(), None).await.unwrap();
    let mut table = heading_line(&[]);
    for asset in &assets {
        table.extend(asset_line(asset, &[]));
    }
    let text = String::from_utf8(table).unwrap();
    assert!(!text.contains(",=") && !text.contains("\"=") && !text.contains(",+"), "{text}");
    let report = bring_in(&desk, &max, &text).await;
    assert_eq!(counts(&report), (0, 0, 4, 0), "{:?}", report.errors);
}

#[tokio::test]
async fn tables_wait_for_a_week_and_the_last_of_a_person_only() {
    let desk = desk().await;
    let (max, ana) = (person(&desk, "max", "ADMIN").await, person(&desk, "ana", "IT_MANAGER").await);
    begin_import(&desk, &ana, "hers.csv", b"name\nx\n".to_vec()).await.unwrap();
    for at in 0..7 {
        begin_import(&desk, &max, &format!("{at}.csv"), b"name\nx\n".to_vec()).await.unwrap();
    }
    let names = async || {
        let imports = queries::list_imports(&desk, &max).await.unwrap();
        imports.into_iter().map(|one| one.file_name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["6.csv", "5.csv", "4.csv", "3.csv", "2.csv", "hers.csv"]);
    sqlx::query("UPDATE asset_imports SET at = now() - interval '8 days' WHERE file_name <> '6.csv'")
        .execute(&desk.db)
        .await
        .unwrap();
    sqlx::query("SELECT graphile_worker.add_job('purge_expired')").execute(&desk.db).await.unwrap();
    run_jobs(&desk).await;
    assert_eq!(names().await, ["6.csv"]);
}

#[tokio::test]
async fn two_at_once_bring_the_same_in_once() {
    let desk = desk().await;
    let max = person(&desk, "max", "ADMIN").await;
    let (one, two) =
        tokio::join!(bring_in(&desk, &max, "name,serial\na,S1\n"), bring_in(&desk, &max, "name,serial\na,S1\n"));
    assert_eq!((one.made + two.made, one.same + two.same), (1, 1));
    let form =
        |serial: &str| AssetForm { name: "b".into(), serial_number: Some(serial.into()), ..AssetForm::default() };
    let (second, same) = (form("S2"), form("s2"));
    let (one, two) = tokio::join!(save_asset(&desk, &max, None, &second), save_asset(&desk, &max, None, &same));
    let refused = one.as_ref().err().or(two.as_ref().err()).unwrap();
    assert!(
        one.is_ok() != two.is_ok() && matches!(refused, Error::Invalid(fields) if fields.contains_key("serial_number"))
    );
}

#[tokio::test]
async fn several_are_changed_together_or_none() {
    let desk = desk().await;
    let (max, ana) = (person(&desk, "max", "ADMIN").await, person(&desk, "ana", "AGENT").await);
    let mut ids = Vec::new();
    for status in [AssetStatus::Active, AssetStatus::Inactive, AssetStatus::Retired] {
        let form = AssetForm { name: status.to_string(), status: Some(status), ..AssetForm::default() };
        ids.push(save_asset(&desk, &max, None, &form).await.unwrap());
    }
    let moved = AssetPatch { location: Some("Graz".into()), ..AssetPatch::default() };
    assert_eq!(change_assets(&desk, &max, &ids, &moved).await, Ok(3));
    let active = AssetPatch { status: Some(AssetStatus::Active), ..AssetPatch::default() };
    match change_assets(&desk, &max, &ids, &active).await {
        Err(Error::Invalid(fields)) => assert!(fields["ids"].contains("-0003"), "{fields:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(asset(&desk, &max, ids[1]).await.unwrap().status, AssetStatus::Inactive);
    assert_eq!(change_assets(&desk, &max, &ids[..2], &active).await, Ok(1), "one of them is already");
    assert_eq!(change_assets(&desk, &ana, &ids, &moved).await, Err(Error::Forbidden));
    assert!(matches!(change_assets(&desk, &max, &[], &moved).await, Err(Error::Invalid(_))));
}
