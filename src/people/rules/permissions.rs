//! What each permission means, in words for those who give it.

use crate::Permission::{self, *};

/// All permissions, those that belong together under one head.
pub const PERMISSION_GROUPS: &[(&str, &[(Permission, &str)])] = &[
    (
        "Their own requests",
        &[
            (TicketCreate, "Ask for something"),
            (TicketReadOwn, "Read what they asked for"),
            (TicketReplyOwn, "Answer on it"),
            (TicketReadOrganisation, "Read what colleagues of their organisation asked for, where it shares tickets"),
            (AssetReadOwn, "See the assets that they have"),
            (ArticleReadInternal, "Read internal articles"),
        ],
    ),
    (
        "Tickets",
        &[
            (TicketReadQueue, "Work tickets of their queues"),
            (TicketReadAll, "Work tickets of every queue"),
            (TicketUpdate, "Change tickets"),
            (TicketAssign, "Give tickets to people"),
            (TicketReply, "Answer requesters"),
            (NoteRead, "Read internal notes"),
            (NoteWrite, "Write internal notes"),
            (TicketDelete, "Delete tickets"),
            (ViewShare, "Share views with everyone"),
            (MacroShare, "Share macros with everyone"),
        ],
    ),
    (
        "Knowledge, assets, changes",
        &[
            (ArticleWrite, "Write articles"),
            (AssetRead, "See all assets"),
            (AssetWrite, "Change assets"),
            (ChangeCreate, "Ask for changes"),
            (ChangeApprove, "Plan changes for others, and blackouts"),
        ],
    ),
    (
        "How the desk works",
        &[
            (QueueManage, "Arrange queues, teams and categories"),
            (FieldManage, "Declare fields"),
            (SlaManage, "Arrange service levels"),
            (ReportRead, "Read reports"),
        ],
    ),
    (
        "Administration",
        &[
            (UserRead, "See people and their addresses"),
            (UserManage, "Make accounts, change them, switch them off"),
            (RoleManage, "Say what roles may do"),
            (OutboxRead, "Read every mail that goes out"),
            (SettingsManage, "Settings, mailboxes, rules, webhooks"),
            (AuditRead, "Read the audit log"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_stands_in_one_group_with_a_meaning() {
        let mut told: Vec<Permission> =
            PERMISSION_GROUPS.iter().flat_map(|(_, rows)| rows.iter().map(|(permission, _)| *permission)).collect();
        told.sort();
        assert_eq!(told, Permission::ALL);
        assert!(PERMISSION_GROUPS.iter().flat_map(|(_, rows)| *rows).all(|(_, meaning)| !meaning.is_empty()));
    }
}
