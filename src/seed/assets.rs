//! What the demo desk runs: two racks and what stands in them, the services on top, and what people have on their desks.

use super::demo::ACCOUNTS;
use crate::assets::commands::{link_asset, relate_assets, save_asset_field, upsert_assets};
use crate::assets::queries::resolve_number;
use crate::assets::rules::ReadRow;
use crate::assets::{AssetFieldForm, AssetForm, AssetId, AssetStatus, AssetType, RelationType, TicketRelation};
use crate::desk::Desk;
use crate::fields::{FieldKind, FieldValue, FieldValues};
use crate::tickets::TicketId;
use crate::{Actor, Result, Timestamp};
use AssetType::{CloudResource, Hardware, NetworkDevice, Software};
use RelationType::{ConnectedTo, Contains, DependsOn, LicensedFor};

/// Name, type, category, manufacturer, model. The name is the serial number, too: it is found by it.
type Thing = (&'static str, AssetType, &'static str, &'static str, &'static str);

const THINGS: [Thing; 52] = [
    ("rack-a", Hardware, "RACK", "Rittal", "TS IT 42U"),
    ("rack-b", Hardware, "RACK", "Rittal", "TS IT 42U"),
    ("ups-a", Hardware, "UPS", "APC", "Smart-UPS 3000"),
    ("ups-b", Hardware, "UPS", "APC", "Smart-UPS 3000"),
    ("host-01", Hardware, "SERVER", "Dell", "PowerEdge R760"),
    ("host-02", Hardware, "SERVER", "Dell", "PowerEdge R760"),
    ("host-03", Hardware, "SERVER", "Dell", "PowerEdge R660"),
    ("storage-01", Hardware, "STORAGE", "NetApp", "AFF A250"),
    ("backup-01", Hardware, "SERVER", "HPE", "ProLiant DL380"),
    ("gw-01", NetworkDevice, "FIREWALL", "Fortinet", "FortiGate 100F"),
    ("gw-02", NetworkDevice, "FIREWALL", "Fortinet", "FortiGate 100F"),
    ("core-sw-01", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9500"),
    ("core-sw-02", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9500"),
    ("sw-floor-1", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9200"),
    ("sw-floor-2", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9200"),
    ("sw-floor-3", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9200"),
    ("sw-warehouse", NetworkDevice, "SWITCH", "Cisco", "Catalyst 9200"),
    ("wlc-01", NetworkDevice, "WIRELESS_CONTROLLER", "Cisco", "9800-L"),
    ("ap-1-07", NetworkDevice, "ACCESS_POINT", "Cisco", "C9120"),
    ("ap-2-14", NetworkDevice, "ACCESS_POINT", "Cisco", "C9120"),
    ("ap-3-02", NetworkDevice, "ACCESS_POINT", "Cisco", "C9120"),
    ("ap-warehouse", NetworkDevice, "ACCESS_POINT", "Cisco", "C9124"),
    ("vm-dc-01", Software, "VIRTUAL_MACHINE", "Microsoft", "Windows Server 2022"),
    ("vm-dc-02", Software, "VIRTUAL_MACHINE", "Microsoft", "Windows Server 2022"),
    ("vm-mail", Software, "VIRTUAL_MACHINE", "Debian", "Debian 13"),
    ("vm-files", Software, "VIRTUAL_MACHINE", "Microsoft", "Windows Server 2022"),
    ("vm-print", Software, "VIRTUAL_MACHINE", "Microsoft", "Windows Server 2022"),
    ("vm-erp-app", Software, "VIRTUAL_MACHINE", "Debian", "Debian 13"),
    ("vm-erp-db", Software, "VIRTUAL_MACHINE", "Debian", "Debian 13"),
    ("vm-radius", Software, "VIRTUAL_MACHINE", "Debian", "Debian 13"),
    ("vm-intranet", Software, "VIRTUAL_MACHINE", "Debian", "Debian 13"),
    ("postgres-erp", Software, "DATABASE", "PostgreSQL", "16"),
    ("ERP", Software, "SERVICE", "Odoo", "17"),
    ("Payroll", Software, "SERVICE", "Odoo", "17"),
    ("E-mail", Software, "SERVICE", "Postfix", "3.9"),
    ("Files", Software, "SERVICE", "Microsoft", "SMB"),
    ("Printing", Software, "SERVICE", "Microsoft", "Print Server"),
    ("VPN", Software, "SERVICE", "Fortinet", "FortiClient"),
    ("Wi-Fi", Software, "SERVICE", "Cisco", "9800"),
    ("Sign-in", Software, "SERVICE", "Microsoft", "Active Directory"),
    ("Intranet", Software, "SERVICE", "Nextcloud", "30"),
    ("Goods-in", Software, "SERVICE", "Odoo", "17"),
    ("backup-bucket", CloudResource, "STORAGE", "Hetzner", "Object storage"),
    ("web-front", CloudResource, "VIRTUAL_MACHINE", "Hetzner", "CX32"),
    ("dns-zone", CloudResource, "DNS", "Hetzner", "DNS"),
    ("printer-1", Hardware, "PRINTER", "Kyocera", "TASKalfa 2554ci"),
    ("printer-2", Hardware, "PRINTER", "Kyocera", "TASKalfa 2554ci"),
    ("printer-3", Hardware, "PRINTER", "HP", "LaserJet M507"),
    ("scanner-goods-in", Hardware, "SCANNER", "Zebra", "DS3678"),
    ("Office suite", Software, "LICENCE", "Microsoft", "365 E3"),
    ("CAD", Software, "LICENCE", "Autodesk", "AutoCAD 2026"),
    ("Diagrams", Software, "LICENCE", "Microsoft", "Visio Plan 2"),
];

/// Of a licence: seats, and days until it ends.
const LICENCES: [(&str, i32, i64); 3] = [("Office suite", 60, 41), ("CAD", 3, 210), ("Diagrams", 2, 120)];

/// Who contains, needs or is joined to whom.
const RELATIONS: &[(&str, RelationType, &[&str])] = &[
    ("rack-a", Contains, &["ups-a", "host-01", "host-02", "storage-01", "gw-01", "core-sw-01"]),
    ("rack-b", Contains, &["ups-b", "host-03", "backup-01", "gw-02", "core-sw-02", "wlc-01"]),
    ("host-01", DependsOn, &["ups-a", "storage-01", "core-sw-01"]),
    ("host-02", DependsOn, &["ups-a", "storage-01", "core-sw-01"]),
    ("host-03", DependsOn, &["ups-b", "storage-01", "core-sw-02"]),
    ("backup-01", DependsOn, &["ups-b", "core-sw-02", "backup-bucket"]),
    ("core-sw-01", ConnectedTo, &["core-sw-02", "gw-01"]),
    ("core-sw-02", ConnectedTo, &["gw-02"]),
    ("sw-floor-1", DependsOn, &["core-sw-01"]),
    ("sw-floor-2", DependsOn, &["core-sw-01"]),
    ("sw-floor-3", DependsOn, &["core-sw-02"]),
    ("sw-warehouse", DependsOn, &["core-sw-02"]),
    ("ap-1-07", DependsOn, &["sw-floor-1", "wlc-01"]),
    ("ap-2-14", DependsOn, &["sw-floor-2", "wlc-01"]),
    ("ap-3-02", DependsOn, &["sw-floor-3", "wlc-01"]),
    ("ap-warehouse", DependsOn, &["sw-warehouse", "wlc-01"]),
    ("host-01", Contains, &["vm-dc-01", "vm-mail", "vm-erp-app"]),
    ("host-02", Contains, &["vm-dc-02", "vm-files", "vm-erp-db"]),
    ("host-03", Contains, &["vm-print", "vm-radius", "vm-intranet"]),
    ("vm-erp-db", Contains, &["postgres-erp"]),
    ("ERP", DependsOn, &["vm-erp-app", "postgres-erp", "Sign-in"]),
    ("Payroll", DependsOn, &["ERP", "Files"]),
    ("Goods-in", DependsOn, &["ERP", "scanner-goods-in", "ap-warehouse"]),
    ("E-mail", DependsOn, &["vm-mail", "dns-zone"]),
    ("Files", DependsOn, &["vm-files", "Sign-in"]),
    ("Printing", DependsOn, &["vm-print"]),
    ("printer-1", DependsOn, &["Printing", "sw-floor-1"]),
    ("printer-2", DependsOn, &["Printing", "sw-floor-2"]),
    ("printer-3", DependsOn, &["Printing", "sw-floor-3"]),
    ("VPN", DependsOn, &["gw-02", "vm-radius"]),
    ("Wi-Fi", DependsOn, &["wlc-01", "vm-radius"]),
    ("Sign-in", DependsOn, &["vm-dc-01"]),
    ("vm-radius", DependsOn, &["Sign-in"]),
    ("Intranet", DependsOn, &["vm-intranet", "web-front", "Sign-in"]),
    ("Office suite", LicensedFor, &["laptop-01", "laptop-02", "laptop-03", "laptop-04", "laptop-05"]),
    ("CAD", LicensedFor, &["laptop-03", "laptop-07"]),
    ("Diagrams", LicensedFor, &["laptop-02", "laptop-05", "laptop-06"]),
];

/// Laptops, and as many screens; the first ones belong to someone.
const DESKS: usize = 50;
const DAY: i64 = 86_400;

/// Fills the CMDB, and says of two tickets what they are about.
pub(super) async fn install(desk: &Desk, actor: &Actor, tickets: &[(&str, TicketId)]) -> Result<()> {
    for field in declared() {
        save_asset_field(desk, actor, None, &field).await?;
    }
    let rows = THINGS.iter().enumerate().map(thing).chain((1..=DESKS).flat_map(at_a_desk)).enumerate();
    let rows = rows.map(|(line, row)| ReadRow { line: line as u64 + 1, ..row }).collect();
    upsert_assets(desk, actor, "demo data", rows, false).await?;
    for (source, kind, targets) in RELATIONS {
        let source = found(desk, actor, source).await?;
        for target in *targets {
            relate_assets(desk, actor, source, *kind, found(desk, actor, target).await?, None).await?;
        }
    }
    for (subject, ticket) in tickets {
        for (beginning, name, relation) in [
            ("VPN drops", "gw-02", TicketRelation::CausedBy),
            ("VPN drops", "VPN", TicketRelation::AffectedBy),
            ("Printer on floor 3", "printer-3", TicketRelation::AffectedBy),
            ("Wi-Fi in meeting room", "ap-2-14", TicketRelation::AffectedBy),
            ("Scanner at goods-in", "scanner-goods-in", TicketRelation::AffectedBy),
        ] {
            if subject.starts_with(beginning) {
                link_asset(desk, actor, *ticket, found(desk, actor, name).await?, relation).await?;
            }
        }
    }
    Ok(())
}

/// What is to be known of laptops and servers.
fn declared() -> [AssetFieldForm; 3] {
    let field = |name: &str, kind, categories: &[&str], help: &str| AssetFieldForm {
        name: name.to_owned(),
        kind: Some(kind),
        categories: categories.iter().map(|one| (*one).to_owned()).collect(),
        help: Some(help.to_owned()),
        ..AssetFieldForm::default()
    };
    let drive = field("Drive", FieldKind::Choice, &["LAPTOP", "SERVER"], "");
    [
        field("Memory", FieldKind::Number, &["LAPTOP", "SERVER"], "In GB."),
        AssetFieldForm { choices: ["SSD 512 GB", "SSD 1 TB", "SSD 4 TB"].map(str::to_owned).to_vec(), ..drive },
        field("Leased", FieldKind::YesNo, &["LAPTOP"], "It goes back when its warranty ends."),
    ]
}

/// What a laptop says in them.
fn of_laptop(at: usize) -> FieldValues {
    let drive = if at.is_multiple_of(4) { "SSD 1 TB" } else { "SSD 512 GB" };
    FieldValues::from([
        ("Memory".to_owned(), FieldValue::Number(if at.is_multiple_of(3) { 32.0 } else { 16.0 })),
        ("Drive".to_owned(), FieldValue::Text(drive.to_owned())),
        ("Leased".to_owned(), FieldValue::YesNo(at.is_multiple_of(5))),
    ])
}

async fn found(desk: &Desk, actor: &Actor, name: &str) -> Result<AssetId> {
    resolve_number(desk, actor, name).await
}

fn day(from_today: i64) -> Option<String> {
    Some(Timestamp::now().plus_seconds(from_today * DAY).day("UTC"))
}

fn thing((at, (name, kind, category, manufacturer, model)): (usize, &Thing)) -> ReadRow {
    let (location, building, room) = match *category {
        "ACCESS_POINT" | "PRINTER" | "SCANNER" => (Some("Vienna"), Some("Main"), None),
        _ if *kind == Software || *kind == CloudResource => (None, None, None),
        _ => (Some("Vienna"), Some("Main"), Some("Server room")),
    };
    let licence = LICENCES.iter().find(|(licence, ..)| licence == name);
    let is_bought = matches!(kind, Hardware | NetworkDevice);
    let status = if *name == "gw-02" { AssetStatus::Maintenance } else { AssetStatus::Active };
    let form = AssetForm {
        name: (*name).to_owned(),
        kind: Some(*kind),
        category: Some((*category).to_owned()),
        manufacturer: Some((*manufacturer).to_owned()),
        model: Some((*model).to_owned()),
        serial_number: Some((*name).to_owned()),
        status: Some(status),
        location: location.map(str::to_owned),
        building: building.map(str::to_owned),
        room: room.map(str::to_owned),
        purchase_date: is_bought.then(|| day(-900 - at as i64)).flatten(),
        purchase_price: is_bought.then(|| format!("{}.50", 400 + at * 137)),
        warranty_expiry: match licence {
            Some((_, _, days)) => day(*days),
            None => is_bought.then(|| day(at as i64 * 23 - 60)).flatten(),
        },
        seats: licence.map(|(_, seats, _)| *seats),
        ..AssetForm::default()
    };
    ReadRow { form, ..ReadRow::default() }
}

fn at_a_desk(at: usize) -> [ReadRow; 2] {
    let owner = ACCOUNTS.get(at - 1).map(|(email, ..)| (*email).to_owned());
    let status = match at {
        44..=47 => AssetStatus::Inactive,
        48..=49 => AssetStatus::Maintenance,
        50.. => AssetStatus::Retired,
        _ => AssetStatus::Active,
    };
    let (manufacturer, model) =
        if at.is_multiple_of(3) { ("Dell", "Latitude 7450") } else { ("Lenovo", "ThinkPad T14") };
    let laptop = AssetForm {
        name: format!("{manufacturer} {model}"),
        category: Some("LAPTOP".into()),
        manufacturer: Some(manufacturer.into()),
        model: Some(model.into()),
        serial_number: Some(format!("laptop-{at:02}")),
        status: Some(status),
        location: Some(if at.is_multiple_of(4) { "Graz" } else { "Vienna" }.into()),
        floor: Some((at % 3 + 1).to_string()),
        purchase_date: day(-700 + at as i64 * 9),
        purchase_price: Some("1299.00".into()),
        warranty_expiry: day(395 + at as i64 * 9),
        custom_fields: of_laptop(at),
        ..AssetForm::default()
    };
    let screen = AssetForm {
        name: "Dell U2724D".into(),
        category: Some("MONITOR".into()),
        manufacturer: Some("Dell".into()),
        model: Some("U2724D".into()),
        serial_number: Some(format!("screen-{at:02}")),
        purchase_price: Some("419.90".into()),
        warranty_expiry: day(20 + at as i64 * 14),
        purchase_date: day(-1000),
        custom_fields: FieldValues::new(),
        ..laptop.clone()
    };
    [laptop, screen].map(|form| ReadRow { owner: owner.clone(), form, ..ReadRow::default() })
}
