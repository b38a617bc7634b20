//! Who is asking. The first argument of every command and query.

use crate::automation::RuleId;
use crate::id::words;
use crate::people::{OrganisationId, Team, UserId};
use crate::tickets::{QueueId, TicketId};
use crate::{EmailAddress, Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

words! {
    /// What a role may allow. Custom roles are made from these strings.
    Permission {
        TicketCreate = "ticket.create",
        TicketReadOwn = "ticket.read.own",
        TicketReplyOwn = "ticket.reply.own",
        TicketReadOrganisation = "ticket.read.organisation",
        TicketReadQueue = "ticket.read.queue",
        TicketReadAll = "ticket.read.all",
        TicketUpdate = "ticket.update",
        TicketAssign = "ticket.assign",
        TicketReply = "ticket.reply",
        TicketDelete = "ticket.delete",
        NoteRead = "note.read",
        NoteWrite = "note.write",
        ViewShare = "view.share",
        MacroShare = "macro.share",
        QueueManage = "queue.manage",
        FieldManage = "field.manage",
        UserRead = "user.read",
        UserManage = "user.manage",
        RoleManage = "role.manage",
        ArticleReadInternal = "article.read.internal",
        ArticleWrite = "article.write",
        AssetReadOwn = "asset.read.own",
        AssetRead = "asset.read",
        AssetWrite = "asset.write",
        ChangeCreate = "change.create",
        ChangeApprove = "change.approve",
        SlaManage = "sla.manage",
        ReportRead = "report.read",
        OutboxRead = "outbox.read",
        SettingsManage = "settings.manage",
        AuditRead = "audit.read",
    }
}

/// Through which door the actor came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Nobody is signed in: the public form.
    Anonymous,
    /// A link from a mail: one ticket's requester, without an account.
    Link,
    Session,
    ApiToken,
    /// A mail that came in: its sender.
    Mail,
    /// Oxdesk itself: a job or the command line, with its reason.
    System(String),
    /// A rule, with those that brought about what it fires on, and itself as the last one.
    Rule {
        caused_by: Vec<RuleId>,
    },
}

/// Who is asking, and what they may do: loaded once per request, checked in every command and query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub origin: Origin,
    pub user_id: Option<UserId>,
    pub email: Option<EmailAddress>,
    pub name: String,
    pub time_zone: String,
    pub permissions: BTreeSet<Permission>,
    /// The queues whose tickets the actor sees: their own, and those open to everyone who works tickets.
    pub queues: Vec<QueueId>,
    pub teams: Vec<Team>,
    /// Nothing is given to them by a queue's rule.
    pub is_away: bool,
    /// The one ticket that a link from a mail opens.
    pub guest_of: Option<TicketId>,
    /// The actor's organisation, if its members share their tickets.
    pub shared_organisation: Option<OrganisationId>,
    /// By when their roles want a second factor that they have not.
    pub second_factor_due: Option<Timestamp>,
    /// The address the request came from, for throttling and the audit log.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// The request's id, as the program's log has it.
    pub request_id: Option<String>,
}

impl Actor {
    pub fn anonymous(address: Option<String>) -> Self {
        Self { address, ..Self::bare(Origin::Anonymous) }
    }

    /// Whoever holds a link to `ticket`: may read it and answer, nothing else.
    pub fn guest(ticket: TicketId, email: EmailAddress, name: Option<String>) -> Self {
        Self {
            name: name.unwrap_or_else(|| email.to_string()),
            email: Some(email),
            guest_of: Some(ticket),
            permissions: [Permission::TicketReadOwn, Permission::TicketReplyOwn].into(),
            ..Self::bare(Origin::Link)
        }
    }

    /// Whoever wrote a mail from an address without an account. Alone, they may do nothing: intake knows what for.
    pub fn sender(email: EmailAddress, name: Option<String>) -> Self {
        Self { name: name.unwrap_or_else(|| email.to_string()), email: Some(email), ..Self::bare(Origin::Mail) }
    }

    /// Oxdesk itself, with every permission.
    pub fn system(reason: &str) -> Self {
        Self { permissions: Permission::ALL.iter().copied().collect(), ..Self::bare(Origin::System(reason.to_owned())) }
    }

    pub(crate) fn bare(origin: Origin) -> Self {
        Self {
            origin,
            user_id: None,
            email: None,
            name: "Oxdesk".to_owned(),
            time_zone: "UTC".to_owned(),
            permissions: BTreeSet::new(),
            queues: Vec::new(),
            teams: Vec::new(),
            is_away: false,
            guest_of: None,
            shared_organisation: None,
            second_factor_due: None,
            address: None,
            user_agent: None,
            request_id: None,
        }
    }

    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }

    /// Forbidden without `permission`; asks strangers to sign in.
    pub fn require(&self, permission: Permission) -> Result<()> {
        match (self.can(permission), &self.origin) {
            (true, _) => Ok(()),
            (false, Origin::Anonymous | Origin::Link) => Err(Error::Unauthenticated),
            (false, _) => Err(Error::Forbidden),
        }
    }

    /// The signed-in person.
    pub fn signed_in(&self) -> Result<UserId> {
        self.user_id.ok_or(Error::Unauthenticated)
    }

    /// Somebody: signed in, or holding a link. They see what their permissions and their link show.
    pub fn identified(&self) -> Result<()> {
        if self.user_id.is_some() || self.guest_of.is_some() { Ok(()) } else { Err(Error::Unauthenticated) }
    }

    /// Whether this ticket, with this requester, is the actor's own.
    pub fn owns(&self, ticket: TicketId, requester: Option<UserId>) -> bool {
        (self.user_id.is_some() && self.user_id == requester) || self.guest_of == Some(ticket)
    }

    /// Works tickets, as opposed to only having some.
    pub fn is_agent(&self) -> bool {
        self.can(Permission::TicketReadQueue) || self.can(Permission::TicketReadAll)
    }
}

#[cfg(feature = "ssr")]
impl Actor {
    /// A rule, under its name, with every permission. `caused_by` are the rules that brought about what it fires on.
    pub(crate) fn rule(id: RuleId, name: &str, caused_by: impl IntoIterator<Item = RuleId>) -> Self {
        let caused_by = caused_by.into_iter().chain([id]).collect();
        Self { name: name.to_owned(), origin: Origin::Rule { caused_by }, ..Self::system("rule") }
    }

    /// Should have had a second factor by now.
    pub fn owes_second_factor(&self) -> bool {
        self.second_factor_due.is_some_and(|due| due <= Timestamp::now())
    }

    /// The rules behind what the actor does.
    pub(crate) fn caused_by(&self) -> &[RuleId] {
        if let Origin::Rule { caused_by } = &self.origin { caused_by } else { &[] }
    }

    /// A rule's name, where it is one: people's names are found by their accounts.
    pub(crate) fn rule_name(&self) -> Option<&str> {
        matches!(self.origin, Origin::Rule { .. }).then_some(self.name.as_str())
    }
}
