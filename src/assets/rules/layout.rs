//! Where assets stand in the picture of what they depend on: what one needs to its left, what needs it to its right, and
//! what is only connected below it.

use crate::assets::AssetId;
use std::collections::{BTreeMap, HashMap};

/// An asset in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    pub id: AssetId,
    /// Columns from the one that is looked at; what fails with it is positive.
    pub column: i32,
    /// Rows from the top of its column, whose middle is that of the picture.
    pub row: usize,
    pub rows: usize,
}

/// So many stand in one column; the rest are counted.
pub const COLUMN_MAX: usize = 12;

/// Places assets by their columns, so that those which belong together stand near each other: each is drawn to the middle of
/// those that it is joined to in the columns nearer to the centre. `edges` join two of them.
pub fn place(columns: &HashMap<AssetId, i32>, edges: &[(AssetId, AssetId)], centre: AssetId) -> Vec<Placed> {
    let mut by_column: BTreeMap<i32, Vec<AssetId>> = BTreeMap::new();
    for (id, column) in columns {
        by_column.entry(*column).or_default().push(*id);
    }
    let mut rows: HashMap<AssetId, f64> = HashMap::from([(centre, 0.0)]);
    let mut placed = Vec::with_capacity(columns.len());
    // From the middle outwards, so that what is nearer is placed already.
    let mut order: Vec<i32> = by_column.keys().copied().collect();
    order.sort_by_key(|column| (column.abs(), *column));
    for column in order {
        let Some(mut ids) = by_column.remove(&column) else { continue };
        let drawn_to = |id: &AssetId| -> f64 {
            let joined = edges.iter().filter_map(|(one, two)| {
                let other = if one == id {
                    two
                } else if two == id {
                    one
                } else {
                    return None;
                };
                rows.get(other).copied()
            });
            let (sum, many) = joined.fold((0.0, 0), |(sum, many), row| (sum + row, many + 1));
            if many == 0 { f64::MAX } else { sum / f64::from(many) }
        };
        let mut keyed: Vec<(f64, AssetId)> = ids.drain(..).map(|id| (drawn_to(&id), id)).collect();
        keyed.sort_by(|(one, a), (two, b)| one.total_cmp(two).then(a.cmp(b)));
        keyed.truncate(COLUMN_MAX);
        let many = keyed.len();
        for (row, (_, id)) in keyed.into_iter().enumerate() {
            rows.insert(id, row as f64 - (many as f64 - 1.0) / 2.0);
            placed.push(Placed { id, column, row, rows: many });
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> AssetId {
        AssetId(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn those_that_belong_together_stand_near_each_other() {
        let columns = HashMap::from([(id(0), 0), (id(1), 1), (id(2), 1), (id(11), 2), (id(12), 2), (id(9), -1)]);
        let edges = [(id(0), id(1)), (id(0), id(2)), (id(2), id(11)), (id(1), id(12)), (id(9), id(0))];
        let placed = place(&columns, &edges, id(0));
        let row = |wanted| placed.iter().find(|one| one.id == wanted).unwrap().row;
        assert_eq!((row(id(1)), row(id(2))), (0, 1));
        assert_eq!((row(id(12)), row(id(11))), (0, 1), "no lines cross");
        assert_eq!(placed.len(), 6);
    }

    #[test]
    fn a_column_has_room_for_so_many() {
        let columns: HashMap<_, _> = (1..100).map(|at| (id(at), 1)).chain([(id(0), 0)]).collect();
        let placed = place(&columns, &[], id(0));
        assert_eq!(placed.len(), COLUMN_MAX + 1);
        assert!(placed.iter().filter(|one| one.column == 1).all(|one| one.rows == COLUMN_MAX && one.row < COLUMN_MAX));
    }
}
