//! What the demo desk changes: 25 changes in every status, two that get into each other's way, a freeze, and templates.

use crate::assets::queries::{asset, resolve_number};
use crate::changes::commands::{
    add_task, close_change, implement_change, move_change, save_blackout, save_change, save_template, vote,
};
use crate::changes::queries::change;
use crate::changes::{
    ApprovalStatus, ChangeForm, ChangeId, ChangeOutcome, ChangeStatus, ChangeTemplateId, ChangeType, Implementation,
    RiskLevel, StageForm, StageRule, TemplateForm,
};
use crate::desk::Desk;
use crate::people::UserId;
use crate::tickets::TicketNumber;
use crate::{Actor, Result, Timestamp};
use ChangeOutcome::{BackedOut, Successful, WithProblems};
use ChangeStatus::{Approved, Closed, Draft, Implemented, InReview, Rejected, Submitted};
use ChangeType::{Emergency, Normal, Standard};
use RiskLevel::{High, Low, Medium};

/// Title, type, risk, status that it reaches, days from today, hour, hours that it takes, assets, how it went.
type Plan = (&'static str, ChangeType, RiskLevel, ChangeStatus, i64, i64, i64, &'static [&'static str], ChangeOutcome);

const PLANS: [Plan; 25] = [
    ("Firmware of the core switches", Normal, High, InReview, 5, 20, 3, &["core-sw-01", "core-sw-02"], Successful),
    ("Replace the battery of UPS A", Normal, Medium, Approved, 5, 21, 2, &["ups-a", "core-sw-01"], Successful),
    ("New disks for the storage", Normal, High, Submitted, 9, 19, 6, &["storage-01"], Successful),
    ("Move the mail server to new hardware", Normal, High, InReview, 12, 20, 5, &["vm-mail"], Successful),
    ("PostgreSQL of the ERP from 16 to 17", Normal, High, Draft, 16, 20, 4, &["postgres-erp"], Successful),
    ("Wi-Fi controller: new certificate", Normal, Medium, Approved, 3, 7, 1, &["wlc-01"], Successful),
    ("VPN: second factor for everyone", Normal, Medium, InReview, 8, 18, 2, &["VPN"], Successful),
    ("Print server to Windows Server 2025", Normal, Medium, Draft, 20, 18, 4, &["vm-print"], Successful),
    ("Monthly updates of the domain controllers", Standard, Low, Approved, 2, 22, 2, &["vm-dc-01"], Successful),
    ("Monthly updates of the file server", Standard, Low, Approved, 4, 22, 2, &["vm-files"], Successful),
    ("Monthly updates of the web servers", Standard, Low, Draft, 6, 22, 2, &["web-front"], Successful),
    ("Guest Wi-Fi for the warehouse", Normal, Low, Submitted, 3, 7, 2, &["wlc-01", "ap-warehouse"], Successful),
    ("Second line to the internet", Normal, Medium, Draft, 24, 8, 8, &["gw-01", "gw-02"], Successful),
    ("Firewall: rules for the new supplier", Normal, Low, Implemented, -2, 18, 1, &["gw-01"], Successful),
    ("Replace access point 2.14", Normal, Low, Implemented, -3, 8, 1, &["ap-2-14"], WithProblems),
    ("Monthly updates of the mail server", Standard, Low, Implemented, -1, 22, 2, &["vm-mail"], Successful),
    ("Domain controllers: time source", Normal, Low, Closed, -12, 19, 1, &["vm-dc-01", "vm-dc-02"], Successful),
    ("Floor 1: new switch", Normal, Medium, Closed, -18, 19, 3, &["sw-floor-1"], Successful),
    ("ERP: interface to the bank", Normal, High, Closed, -21, 20, 3, &["ERP"], BackedOut),
    ("Gateway 2 does not answer: restart it", Emergency, High, Closed, -9, 10, 1, &["gw-02"], Successful),
    ("Storage is full: delete old snapshots", Emergency, High, Closed, -30, 3, 1, &["storage-01"], WithProblems),
    ("Monthly updates of the backup server", Standard, Low, Closed, -28, 22, 2, &["backup-01"], Successful),
    ("Radius: renew the certificate", Normal, Medium, Closed, -40, 18, 1, &["vm-radius"], Successful),
    ("Switch off the old intranet", Normal, Medium, Rejected, 14, 18, 2, &["vm-intranet"], Successful),
    ("Bring your own device for everyone", Normal, High, Rejected, 30, 9, 8, &["Wi-Fi"], Successful),
];

const DAY: i64 = 86_400;

struct Desks<'a> {
    desk: &'a Desk,
    agent: &'a Actor,
    manager: &'a Actor,
    admin: &'a Actor,
    standard: ChangeTemplateId,
    network: ChangeTemplateId,
}

/// Plans, asks, votes and carries out, as people would.
pub(super) async fn install(
    desk: &Desk,
    agent: &Actor,
    manager: &Actor,
    admin: &Actor,
    ticket: Option<TicketNumber>,
) -> Result<()> {
    let (standard, network) = templates(desk, admin, manager).await?;
    let desks = Desks { desk, agent, manager, admin, standard, network };
    let year = Timestamp::now().day("UTC")[..4].to_owned();
    let freeze = |day: &str| format!("{year}-12-{day}T00:00:00Z").parse::<Timestamp>();
    save_blackout(desk, admin, "Stocktaking: nothing is changed", freeze("21")?, freeze("31")?).await?;
    for (at, plan) in PLANS.iter().enumerate() {
        let id = ask(&desks, plan, ticket.clone().filter(|_| at == 6)).await?;
        carry(&desks, id, plan).await?;
    }
    // What was told on the way is no news.
    sqlx::query!("UPDATE notifications SET read = true, read_at = now() WHERE change_id IS NOT NULL")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM outbox WHERE subject LIKE 'CHG-%'").execute(&desk.db).await?;
    Ok(())
}

async fn templates(desk: &Desk, admin: &Actor, manager: &Actor) -> Result<(ChangeTemplateId, ChangeTemplateId)> {
    let form = |name: &str, kind, plan: &str, backout: &str, risk, stages| TemplateForm {
        name: name.into(),
        kind,
        description: String::new(),
        plan: plan.into(),
        backout_plan: backout.into(),
        test_plan: "Sign in, open a page, look at the monitoring.".into(),
        risk_level: risk,
        stages,
        active: true,
    };
    let people = |one: &Actor| one.user_id.into_iter().collect::<Vec<UserId>>();
    let stage = |name: &str, rule, people: Vec<UserId>, roles: &[&str]| StageForm {
        name: name.into(),
        rule,
        quorum: None,
        people,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        asset_owners: false,
    };
    let updates = form("Monthly updates", Standard, UPDATES, "Go back to the snapshot.", Some(Low), Vec::new());
    let stages = vec![
        stage("Technical", StageRule::Any, people(manager), &[]),
        stage("Management", StageRule::Any, people(admin), &["IT_MANAGER"]),
    ];
    let network = form("Network", Normal, "", "", None, stages);
    Ok((save_template(desk, admin, None, &updates).await?, save_template(desk, admin, None, &network).await?))
}

const UPDATES: &str = "1. Take a snapshot.\n2. Install the updates.\n3. Restart.\n4. Look at the services.";

async fn ask(desks: &Desks<'_>, plan: &Plan, ticket: Option<TicketNumber>) -> Result<ChangeId> {
    let (title, kind, risk, _, days, hour, hours, assets, _) = *plan;
    let Desks { desk, agent, .. } = desks;
    let mut numbers = Vec::new();
    for name in assets {
        let id = resolve_number(desk, desks.admin, name).await?;
        numbers.push(asset(desk, desks.admin, id).await?.asset_number);
    }
    // What is over was planned ahead, too: it is moved back afterwards.
    let days = if days < 1 { days + 60 } else { days };
    let midnight = Timestamp::now().as_microsecond() / (DAY * 1_000_000) * DAY;
    let starts =
        Timestamp::from_microsecond(0).unwrap_or_else(Timestamp::now).plus_seconds(midnight + days * DAY + hour * 3600);
    let standard = kind == Standard;
    let form = ChangeForm {
        title: title.into(),
        description: format!("{title}. Agreed with those who use it; the window is known to them."),
        kind: Some(kind),
        risk_level: Some(risk),
        plan: Some(
            if standard {
                UPDATES
            } else {
                "1. Tell those who are at work.\n2. Do it, one device after the other.\n3. Test each before the next."
            }
            .into(),
        ),
        backout_plan: Some(
            if standard {
                "Go back to the snapshot."
            } else {
                "Put the old part, or the old configuration, back. It takes twenty minutes."
            }
            .into(),
        ),
        test_plan: Some("Sign in, open a page, look at the monitoring.".into()),
        planned_start_date: Some(starts),
        planned_end_date: Some(starts.plus_seconds(hours * 3600)),
        template_id: match kind {
            Standard => Some(desks.standard),
            Normal if risk == High => Some(desks.network),
            _ => None,
        },
        related_ticket: ticket,
        assets: numbers,
        ..ChangeForm::default()
    };
    let id = save_change(desk, agent, None, &form).await?;
    add_task(desk, agent, id, 1, "Tell the service desk").await?;
    Ok(id)
}

/// Brings it to where it is.
async fn carry(desks: &Desks<'_>, id: ChangeId, plan: &Plan) -> Result<()> {
    let (_, kind, _, reaches, days, _, hours, _, outcome) = *plan;
    let Desks { desk, agent, manager, admin, .. } = desks;
    let version = || async { Ok::<_, crate::Error>(change(desk, admin, id).await?.row.version) };
    if reaches == Draft {
        return Ok(());
    }
    match kind {
        Standard => move_change(desk, agent, id, version().await?, Approved).await?,
        Emergency => move_change(desk, agent, id, version().await?, InReview).await?,
        Normal => {
            move_change(desk, agent, id, version().await?, Submitted).await?;
            if reaches == Submitted {
                return Ok(());
            }
            move_change(desk, manager, id, version().await?, InReview).await?;
        }
    }
    if reaches == Rejected {
        let why = Some("Not before we know what it costs to run.");
        for voter in [manager, admin] {
            if change(desk, admin, id).await?.row.status == InReview {
                // One stage is all of one voice; where several are asked, all of them say no.
                vote(desk, voter, id, version().await?, ApprovalStatus::Rejected, why).await?;
            }
        }
        return Ok(());
    }
    if reaches == InReview && change(desk, admin, id).await?.template_id.is_none() {
        return Ok(());
    }
    if kind != Standard {
        vote(desk, manager, id, version().await?, ApprovalStatus::Approved, Some("Looks complete to me.")).await?;
        if reaches == InReview {
            return Ok(());
        }
        if change(desk, admin, id).await?.row.status == InReview {
            vote(desk, admin, id, version().await?, ApprovalStatus::Approved, None).await?;
        }
    }
    if reaches == Approved {
        return Ok(());
    }
    let form = Implementation {
        outcome: Some(outcome),
        implementation_notes: Some("Took a little longer than planned.".into()),
        ..Implementation::default()
    };
    implement_change(desk, agent, id, version().await?, &form).await?;
    if reaches == Closed {
        close_change(desk, admin, id, version().await?, Some("Tell the front desk earlier next time.")).await?;
    }
    move_back(desk, id, days, hours).await
}

/// It was some days ago.
async fn move_back(desk: &Desk, id: ChangeId, days: i64, hours: i64) -> Result<()> {
    sqlx::query!(
        "UPDATE change_requests SET planned_start_date = planned_start_date - interval '60 days', planned_end_date = planned_end_date - interval '60 days',
           actual_start_date = planned_start_date - interval '60 days', actual_end_date = planned_start_date - interval '60 days' + make_interval(hours => $3::int),
           created_at = now() - make_interval(days => $2::int) - interval '9 days', requested_at = now() - make_interval(days => $2::int) - interval '9 days'
         WHERE id = $1",
        id as _,
        i32::try_from(-days).unwrap_or_default(),
        i32::try_from(hours).unwrap_or_default()
    )
    .execute(&desk.db)
    .await?;
    sqlx::query!(
        "UPDATE change_history SET at = now() - make_interval(days => $2::int) WHERE change_id = $1",
        id as _,
        i32::try_from(-days).unwrap_or_default()
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}
