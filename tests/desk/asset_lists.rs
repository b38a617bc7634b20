//! What is declared for assets of a category, licences, and lists of assets with a name.

use oxdesk::assets::commands::{
    begin_import, check_import, delete_asset_field, relate_assets, run_import, save_asset, save_asset_field,
    upsert_assets,
};
use oxdesk::assets::queries::{asset, import_progress, list_asset_fields, list_assets, resolve_number};
use oxdesk::assets::rules::{ReadRow, parse_asset_filter};
use oxdesk::assets::{AssetColumn, AssetFieldForm, AssetForm, AssetId, AssetType, RelationType};
use oxdesk::desk::Desk;
use oxdesk::fields::{FieldKind, FieldValue, FieldValues};
use oxdesk::people::UserId;
use oxdesk::testing::{actor, desk, person};
use oxdesk::views::{NewAssetView, NewView, ViewVisibility, commands, queries};
use oxdesk::{Actor, Error};

fn declared(name: &str, kind: FieldKind) -> AssetFieldForm {
    let choices = if kind.has_choices() { vec!["SSD".into(), "Disk".into()] } else { Vec::new() };
    let categories = vec!["laptop".into()];
    AssetFieldForm { name: name.into(), kind: Some(kind), choices, categories, ..AssetFieldForm::default() }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.into())
}

fn laptop(name: &str, fields: &[(&str, FieldValue)]) -> AssetForm {
    let custom_fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    AssetForm { name: name.into(), category: Some("Laptop".into()), custom_fields, ..AssetForm::default() }
}

fn told<T: std::fmt::Debug>(refused: oxdesk::Result<T>, field: &str) -> String {
    match refused {
        Err(Error::Invalid(fields)) => fields.get(field).cloned().unwrap_or_else(|| panic!("{fields:?}")),
        other => panic!("{other:?}"),
    }
}

async fn names(desk: &Desk, reader: &Actor, bar: &str) -> Vec<String> {
    let (filter, wrong) = parse_asset_filter(bar);
    assert!(wrong.is_empty(), "{wrong:?}");
    list_assets(desk, reader, &filter, None, 50).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn a_declared_field_takes_its_kind_at_every_door_and_is_found_shown_and_sorted_out() {
    let desk = desk().await;
    let (admin, agent) = (person(&desk, "admin", "ADMIN").await, person(&desk, "agent", "AGENT").await);
    let manager = person(&desk, "manager", "IT_MANAGER").await;
    let memory = AssetFieldForm { required: true, ..declared("Memory", FieldKind::Number) };
    let memory = save_asset_field(&desk, &admin, None, &memory).await.unwrap();
    save_asset_field(&desk, &admin, None, &declared("Drive", FieldKind::Choice)).await.unwrap();
    assert_eq!(
        told(save_asset_field(&desk, &admin, None, &declared("MEMORY", FieldKind::Text)).await, "name"),
        "There is a field of this name."
    );
    for other in [&agent, &manager] {
        let refused = save_asset_field(&desk, other, None, &declared("Colour", FieldKind::Text)).await;
        assert_eq!(refused.err(), Some(Error::Forbidden));
    }

    // Where one asset is written.
    let without = save_asset(&desk, &manager, None, &laptop("anna", &[])).await;
    assert_eq!(told(without, "custom_fields.Memory"), "Memory: please fill this in.");
    let much = save_asset(&desk, &manager, None, &laptop("anna", &[("Memory", text("much"))])).await;
    assert_eq!(told(much, "custom_fields.Memory"), "Memory: A number, please.");
    let anna = laptop("anna", &[("memory", text("16")), ("Drive", text("ssd")), ("Colour", text("red"))]);
    let anna = save_asset(&desk, &manager, None, &anna).await.unwrap();
    let fields = asset(&desk, &agent, anna).await.unwrap().custom_fields;
    assert_eq!(
        (&fields["Memory"], &fields["Drive"], &fields["Colour"]),
        (&FieldValue::Number(16.0), &text("SSD"), &text("red"))
    );
    let phone = AssetForm { category: Some("phone".into()), ..laptop("phone", &[]) };
    save_asset(&desk, &manager, None, &phone).await.unwrap();

    // Tables and tools: what they say is checked, what they leave out is not asked for.
    let table = "name;category;memory;Drive\nberta;laptop;32;Disk\ncarla;laptop;;\n";
    let id = begin_import(&desk, &manager, "laptops.csv", table.as_bytes().to_vec()).await.unwrap();
    let report = check_import(&desk, &manager, id, None).await.unwrap();
    assert_eq!(report.columns[2], ("memory".into(), Some("field:Memory".into())));
    assert_eq!((report.made, report.wrong), (2, 0), "{:?}", report.errors);
    run_import(&desk, &manager, id).await.unwrap();
    let progress = import_progress(&desk, &manager, id).await.unwrap();
    assert_eq!((progress.rows, progress.rows_done), (2, Some(0)));
    assert_eq!(import_progress(&desk, &agent, id).await.err(), Some(Error::Forbidden));
    let wrong =
        begin_import(&desk, &manager, "x.csv", b"name,category,memory\ndora,laptop,lots\n".to_vec()).await.unwrap();
    let report = run_import(&desk, &manager, wrong).await.unwrap();
    assert_eq!(report.errors[0], (2, "custom_fields.Memory".into(), "Memory: A number, please.".into()));
    let row = |value: &str| ReadRow { line: 1, form: laptop("emil", &[("Drive", text(value))]), ..ReadRow::default() };
    assert_eq!(upsert_assets(&desk, &manager, "tool", vec![row("tape")], false).await.unwrap().wrong, 1);
    assert_eq!(upsert_assets(&desk, &manager, "tool", vec![row("disk")], false).await.unwrap().made, 1);

    // Found as a number and as a text, and a column of the list.
    assert_eq!(names(&desk, &agent, "field:Memory=16").await, ["anna"]);
    assert_eq!(names(&desk, &agent, "field:Drive=Disk sort:name").await, ["berta", "emil"]);
    assert_eq!(names(&desk, &agent, "field:Colour=red").await, ["anna"]);
    let (mut filter, _) = parse_asset_filter("category:laptop sort:name");
    filter.columns = AssetColumn::read("seats,field:Memory");
    let rows = list_assets(&desk, &agent, &filter, None, 50).await.unwrap().rows;
    assert_eq!(rows[1].own, FieldValues::from([("Memory".into(), FieldValue::Number(32.0))]));
    assert!(rows[2].own.is_empty());

    // Its name and kind stay what they were; what is changed on an older version is refused.
    let change = AssetFieldForm { name: "Other".into(), ..declared("x", FieldKind::Text) };
    save_asset_field(&desk, &admin, Some((memory, 1)), &change).await.unwrap();
    let again = save_asset_field(&desk, &admin, Some((memory, 1)), &change).await;
    assert_eq!(again.err(), Some(Error::Conflict { current: 2 }));
    let fields = list_asset_fields(&desk, &agent).await.unwrap();
    assert_eq!((fields[0].name.as_str(), fields[0].kind, fields[0].required), ("Memory", FieldKind::Number, false));
    // Deleted, it is a line among others, and takes anything.
    assert_eq!(delete_asset_field(&desk, &manager, memory).await.err(), Some(Error::Forbidden));
    delete_asset_field(&desk, &admin, memory).await.unwrap();
    assert_eq!(delete_asset_field(&desk, &admin, memory).await.err(), Some(Error::NotFound));
    let anna_now = asset(&desk, &agent, anna).await.unwrap();
    assert_eq!(anna_now.custom_fields["Memory"], FieldValue::Number(16.0));
    save_asset(&desk, &manager, Some((anna, anna_now.version)), &laptop("anna", &[("Memory", text("much"))]))
        .await
        .unwrap();
}

async fn licence(desk: &Desk, actor: &Actor, name: &str, seats: i32, until: &str) -> AssetId {
    let form = AssetForm {
        name: name.into(),
        kind: Some(AssetType::Software),
        seats: Some(seats),
        warranty_expiry: Some(until.into()),
        ..AssetForm::default()
    };
    save_asset(desk, actor, None, &form).await.unwrap()
}

#[tokio::test]
async fn licences_are_listed_with_their_seats_and_those_that_are_full_are_found() {
    let desk = desk().await;
    let admin = person(&desk, "admin", "ADMIN").await;
    let (cad, office) =
        (licence(&desk, &admin, "CAD", 1, "2027-01-31").await, licence(&desk, &admin, "Office", 5, "2026-12-31").await);
    licence(&desk, &admin, "Unused", 0, "2027-06-30").await;
    for (name, of) in [("anna", vec![cad, office]), ("berta", vec![cad])] {
        let laptop = save_asset(&desk, &admin, None, &laptop(name, &[])).await.unwrap();
        for licence in of {
            relate_assets(&desk, &admin, licence, RelationType::LicensedFor, laptop, None).await.unwrap();
        }
    }
    assert_eq!(names(&desk, &admin, "is:licence sort:name").await, ["CAD", "Office", "Unused"]);
    assert_eq!(names(&desk, &admin, "is:licence sort:warranty").await, ["Office", "CAD", "Unused"]);
    assert_eq!(names(&desk, &admin, "seats:full sort:name").await, ["CAD", "Unused"]);
    assert_eq!(names(&desk, &admin, "seats:over").await, ["CAD"]);
    let (filter, _) = parse_asset_filter("is:licence sort:name");
    let rows = list_assets(&desk, &admin, &filter, None, 50).await.unwrap().rows;
    let seats: Vec<_> = rows.iter().map(|row| (row.seats_taken, row.seats)).collect();
    assert_eq!(seats, [(2, Some(1)), (1, Some(5)), (0, Some(0))]);
    // What is deleted takes no seat.
    let berta = resolve_number(&desk, &admin, &rows[0].asset_number.to_string()).await.unwrap();
    assert_eq!(berta, cad);
    let anna = list_assets(&desk, &admin, &parse_asset_filter("anna").0, None, 1).await.unwrap().rows.remove(0);
    oxdesk::assets::commands::delete_asset(&desk, &admin, anna.id).await.unwrap();
    assert!(names(&desk, &admin, "seats:over").await.is_empty());
}

fn list(name: &str, bar: &str, audience: &str) -> NewAssetView {
    let columns = Some("seats,field:Memory".to_owned());
    NewAssetView { name: name.into(), bar: bar.into(), columns, audience: audience.into() }
}

#[tokio::test]
async fn a_list_of_assets_is_kept_under_a_name_for_oneself_or_for_others() {
    let desk = desk().await;
    let (ana, mona) = (person(&desk, "ana", "AGENT").await, person(&desk, "mona", "IT_MANAGER").await);
    let marta = person(&desk, "marta", "END_USER").await;
    let team: uuid::Uuid = sqlx::query_scalar("INSERT INTO teams (name) VALUES ('Network') RETURNING id")
        .fetch_one(&desk.db)
        .await
        .unwrap();
    let joined = async |who: &Actor| {
        let id: UserId = who.user_id.unwrap();
        sqlx::query("INSERT INTO team_members (team_id, user_id) VALUES ($1, $2)")
            .bind(team)
            .bind(id)
            .execute(&desk.db)
            .await
            .unwrap();
        actor(&desk, id).await
    };
    let mona = joined(&mona).await;
    let id = commands::save_asset_view(&desk, &mona, list("Full", "seats:full", "SHARED")).await.unwrap();
    commands::save_asset_view(&desk, &mona, list("Mine", "owner:me", "OWN")).await.unwrap();
    commands::save_asset_view(&desk, &mona, list("Ours", "", &team.to_string())).await.unwrap();
    let seen = async |who: &Actor| {
        let views = queries::list_asset_views(&desk, who).await.unwrap();
        views.into_iter().map(|view| (view.name, view.may_edit)).collect::<Vec<_>>()
    };
    let named = |all: &[(&str, bool)]| all.iter().map(|(name, may)| ((*name).to_owned(), *may)).collect::<Vec<_>>();
    assert_eq!(seen(&mona).await, named(&[("Full", true), ("Mine", true), ("Ours", true)]));
    assert_eq!(seen(&ana).await, named(&[("Full", false)]));
    let ana = joined(&ana).await;
    assert_eq!(seen(&ana).await, named(&[("Full", false), ("Ours", false)]));
    let kept = queries::list_asset_views(&desk, &ana).await.unwrap().remove(0);
    assert_eq!((kept.bar.as_str(), kept.visibility), ("seats:full", ViewVisibility::Shared));
    assert_eq!(AssetColumn::write(&kept.columns), "seats,field:Memory");
    assert_eq!(queries::list_asset_views(&desk, &marta).await.err(), Some(Error::Forbidden));

    // The same name is another view in the list of tickets, and the same one here.
    let tickets = NewView { name: "Full".into(), ..NewView::default() };
    commands::save_view(&desk, &mona, tickets).await.unwrap();
    assert_eq!(commands::save_asset_view(&desk, &mona, list("FULL", "seats:over", "SHARED")).await, Ok(id));
    assert_eq!(queries::list_asset_views(&desk, &mona).await.unwrap().len(), 3);
    assert_eq!(queries::list_views(&desk, &mona).await.unwrap().len(), 1);

    assert_eq!(commands::save_asset_view(&desk, &ana, list("All", "", "SHARED")).await.err(), Some(Error::Forbidden));
    assert_eq!(commands::save_asset_view(&desk, &marta, list("Mine", "", "OWN")).await.err(), Some(Error::Forbidden));
    let wrong = NewAssetView { columns: Some("seats,colour".into()), ..list("", "type:chair", "nobody") };
    let Err(Error::Invalid(wrong)) = commands::save_asset_view(&desk, &ana, wrong).await else { panic!("accepted") };
    assert_eq!(wrong.keys().map(String::as_str).collect::<Vec<_>>(), ["audience", "bar", "columns", "name"]);
    let many: Vec<String> = (0..100_000).map(|at| format!("field:F{at}")).collect();
    let many = NewAssetView { columns: Some(many.join(",")), ..list("Many", "", "OWN") };
    assert_eq!(told(commands::save_asset_view(&desk, &ana, many).await, "columns"), "That is too much.");
    assert_eq!(commands::delete_view(&desk, &ana, id).await.err(), Some(Error::NotFound));
    commands::delete_view(&desk, &mona, id).await.unwrap();
    assert_eq!(seen(&ana).await, named(&[("Ours", false)]));
}
