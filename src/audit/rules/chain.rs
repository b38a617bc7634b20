//! When the chain is whole: each link's hash is the SHA-256 of the one before it and of its entry.

use crate::audit::{AuditAnchor, AuditLink};
use crate::secret::bytes_hash;
use data_encoding::HEXLOWER;

/// What the first link goes on from.
const BEGINNING: [u8; 32] = [0; 32];

/// The hash of a link: of the one before it, and of its entry's canonical JSON (`audit_canonical` in the schema).
pub fn line_hash(prev_hash: &[u8], entry: &str) -> Vec<u8> {
    bytes_hash(&[prev_hash, entry.as_bytes()].concat())
}

/// Goes along the chain, link by link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Walk {
    last: Option<(i64, Vec<u8>)>,
    /// The link that this chain goes on from, if entries before it were removed after their time.
    begins_after: Option<AuditAnchor>,
    pub entries: i64,
}

impl Walk {
    /// The next link, or what is wrong with it.
    pub fn step(&mut self, link: &AuditLink) -> Result<(), &'static str> {
        if link.hash.len() != BEGINNING.len() {
            return Err("its hash is none");
        }
        match &self.last {
            None if link.entry.is_none() => {
                self.begins_after = Some(anchor(link.position, &link.hash));
                self.last = Some((link.position, link.hash.clone()));
                return Ok(());
            }
            None if link.position != 1 => return Err("the links before it are missing"),
            None if link.prev_hash != BEGINNING => return Err("it is the first, and says that it is not"),
            Some((last, _)) if last + 1 != link.position => return Err("the links before it are missing"),
            Some((_, hash)) if *hash != link.prev_hash => return Err("it does not go on from the one before it"),
            _ => {}
        }
        let entry = link.entry.as_deref().ok_or("its entry was removed")?;
        if line_hash(&link.prev_hash, entry) != link.hash {
            return Err("its entry was changed");
        }
        self.entries += 1;
        self.last = Some((link.position, link.hash.clone()));
        Ok(())
    }

    /// The link that it goes on from, if it does not begin at the beginning.
    pub fn begins_after(&self) -> Option<&AuditAnchor> {
        self.begins_after.as_ref()
    }

    /// Where it stands now.
    pub fn last(&self) -> Option<AuditAnchor> {
        self.last.as_ref().map(|(position, hash)| anchor(*position, hash))
    }
}

fn anchor(position: i64, hash: &[u8]) -> AuditAnchor {
    AuditAnchor { position, hash: HEXLOWER.encode(hash) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::AuditLogId;

    fn chain(count: i64) -> Vec<AuditLink> {
        let mut prev_hash = BEGINNING.to_vec();
        (1..=count)
            .map(|position| {
                let entry = format!("{{\"n\": {position}}}");
                let hash = line_hash(&prev_hash, &entry);
                let prev_hash = std::mem::replace(&mut prev_hash, hash.clone());
                AuditLink { position, audit_log_id: AuditLogId::new(), prev_hash, hash, entry: Some(entry) }
            })
            .collect()
    }

    fn broken_at(links: &[AuditLink]) -> Option<(i64, &'static str)> {
        let mut walk = Walk::default();
        links.iter().find_map(|link| walk.step(link).err().map(|why| (link.position, why)))
    }

    #[test]
    fn a_whole_chain_is_walked_to_its_end() {
        let links = chain(20);
        let mut walk = Walk::default();
        links.iter().for_each(|link| walk.step(link).unwrap());
        assert_eq!((walk.entries, walk.begins_after()), (20, None));
        assert_eq!(walk.last().unwrap().hash, HEXLOWER.encode(&links[19].hash));
    }

    #[test]
    fn what_was_changed_removed_or_put_in_is_found_where_it_is() {
        let mut changed = chain(5);
        changed[2].entry = Some("{\"n\": 33}".to_owned());
        assert_eq!(broken_at(&changed), Some((3, "its entry was changed")));

        // Whoever changes an entry and its hash breaks the next link.
        let rehashed = line_hash(&changed[2].prev_hash, changed[2].entry.as_deref().unwrap());
        changed[2].hash = rehashed;
        assert_eq!(broken_at(&changed), Some((4, "it does not go on from the one before it")));

        let mut removed = chain(5);
        removed[3].entry = None;
        assert_eq!(broken_at(&removed), Some((4, "its entry was removed")));
        removed.remove(3);
        assert_eq!(broken_at(&removed), Some((5, "the links before it are missing")));

        assert_eq!(broken_at(&chain(5)[1..]), Some((2, "the links before it are missing")));
    }

    #[test]
    fn a_chain_may_go_on_from_a_link_whose_entry_is_gone_and_says_so() {
        let mut links = chain(5).split_off(2);
        links[0].entry = None;
        let mut walk = Walk::default();
        links.iter().for_each(|link| walk.step(link).unwrap());
        assert_eq!((walk.entries, walk.begins_after().unwrap().position), (2, 3));
    }
}
