//! The address under which a ticket is answered: `support+t.TOKEN@example.com`. The token names the ticket and carries
//! our mark, in letters that survive any change of case.

use crate::secret::{SHORT_MARK, SecretKey};
use crate::tickets::TicketId;
use data_encoding::BASE32_NOPAD;
use uuid::Uuid;

/// What stands between the mailbox's name and the token.
const SEPARATOR: &str = "+t.";
/// The same before a token for notes: one can never be made the other.
const NOTE_SEPARATOR: &str = "+n.";

/// What an answer becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Public,
    Note,
}

/// The address for answers to `ticket` that comes into the mailbox `address`; nothing when that has no local part.
pub fn reply_address(secret: &SecretKey, address: &str, ticket: TicketId, answer: Answer) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let bytes = [&ticket.0.as_bytes()[..], &secret.short_mark(&message(ticket, answer))].concat();
    let separator = match answer {
        Answer::Public => SEPARATOR,
        Answer::Note => NOTE_SEPARATOR,
    };
    Some(format!("{local}{separator}{}@{domain}", BASE32_NOPAD.encode(&bytes).to_lowercase()))
}

/// The ticket that an address leads to, and what is written there, if we made it.
pub fn ticket_of(secret: &SecretKey, address: &str) -> Option<(TicketId, Answer)> {
    let (local, _) = address.rsplit_once('@')?;
    let local = local.to_lowercase();
    let public = local.rsplit_once(SEPARATOR).map(|(_, token)| (token, Answer::Public));
    let (token, answer) = public.or_else(|| Some((local.rsplit_once(NOTE_SEPARATOR)?.1, Answer::Note)))?;
    let token = token.to_uppercase();
    let bytes = BASE32_NOPAD.decode(token.as_bytes()).ok()?;
    let (id, mark) = bytes.split_at_checked(bytes.len().checked_sub(SHORT_MARK)?)?;
    let ticket = TicketId(Uuid::from_slice(id).ok()?);
    secret.short_mark_verifies(&message(ticket, answer), mark).then_some((ticket, answer))
}

fn message(ticket: TicketId, answer: Answer) -> String {
    match answer {
        Answer::Public => format!("reply:public:{ticket}"),
        Answer::Note => format!("reply:note:{ticket}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_address_leads_to_its_ticket_in_any_case_and_cannot_be_made_up() {
        let (secret, ticket) = (SecretKey::generate(), TicketId::new());
        let address = reply_address(&secret, "support@example.com", ticket, Answer::Public).unwrap();
        let (local, _) = address.split_once('@').unwrap();
        assert!(local.len() <= 64, "RFC 5321 allows 64: {}", local.len());
        assert_eq!(ticket_of(&secret, &address), Some((ticket, Answer::Public)));
        assert_eq!(ticket_of(&secret, &address.to_uppercase()), Some((ticket, Answer::Public)));
        let note = reply_address(&secret, "support@example.com", ticket, Answer::Note).unwrap();
        assert_eq!(ticket_of(&secret, &note), Some((ticket, Answer::Note)));
        assert_eq!(ticket_of(&secret, &note.replace("+n.", "+t.")), None, "nobody makes one of the other");
        assert_eq!(ticket_of(&SecretKey::generate(), &address), None);
        let other = reply_address(&secret, "support@example.com", TicketId::new(), Answer::Public).unwrap();
        // One ticket, and the mark of another.
        let mixed = format!("{}{}", &address[..36], &other[36..]);
        for wrong in
            [mixed.as_str(), "support@example.com", "support+t.@example.com", "support+t.aaaa@example.com", "x"]
        {
            assert_eq!(ticket_of(&secret, wrong), None, "{wrong}");
        }
    }
}
