//! Lists of assets, page by page.

use super::{NO_OWN, ROW, ROW_JOINS, Row, push_seen};
use crate::assets::{AssetColumn, AssetFilter, AssetId, AssetList, AssetRow, AssetSort, OwnerFilter, SeatsFilter};
use crate::desk::Desk;
use crate::fields::{FieldValue, FieldValues};
use crate::text::prefixes;
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};

pub const PAGE_MAX: i64 = 200;

/// One page of the assets that the actor sees and `filter` asks for. `after` is the previous page's `next`.
pub async fn list_assets(
    desk: &Desk,
    actor: &Actor,
    filter: &AssetFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<AssetList> {
    actor.signed_in()?;
    let (limit, sort) = (limit.clamp(1, PAGE_MAX), filter.sort.unwrap_or(AssetSort::Created));
    // The page's rows are chosen first, from an index; names and counts are fetched for those alone.
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    push_own(&mut query, filter);
    query.push(" FROM (SELECT a.* FROM assets a WHERE ");
    push_seen(&mut query, actor);
    push_filter(&mut query, actor, filter)?;
    if let Some(after) = after {
        let after: AssetId = after.parse().map_err(|_| Error::invalid("after", "This page does not exist."))?;
        push_after(&mut query, sort, after);
    }
    query.push(order_by(sort)).push(" LIMIT ").push_bind(limit + 1);
    query.push(") a").push(ROW_JOINS).push(order_by(sort));
    let mut rows: Vec<AssetRow> =
        query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(AssetRow::from).collect();
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(AssetList { rows, next, now: Timestamp::now() })
}

/// What stands in the declared fields that are shown.
fn push_own(query: &mut QueryBuilder<Postgres>, filter: &AssetFilter) {
    let own = |column: &AssetColumn| match column {
        AssetColumn::Own(name) => Some(name.clone()),
        AssetColumn::Fact(_) => None,
    };
    let own: Vec<String> = filter.columns.iter().filter_map(own).collect();
    if own.is_empty() {
        query.push(NO_OWN);
        return;
    }
    query.push("(SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}') FROM jsonb_each(a.custom_fields) f WHERE f.key = ANY(");
    query.push_bind(own).push(")) AS own");
}

fn order_by(sort: AssetSort) -> &'static str {
    match sort {
        AssetSort::Created => " ORDER BY a.created_at DESC, a.id DESC",
        AssetSort::Name => " ORDER BY lower(a.name), a.id",
        AssetSort::Warranty => " ORDER BY a.warranty_expiry, a.id",
    }
}

/// After a row, whatever became of it since: its place is read from it.
fn push_after(query: &mut QueryBuilder<Postgres>, sort: AssetSort, after: AssetId) {
    let (place, than) = match sort {
        AssetSort::Created => ("created_at, id", "<"),
        AssetSort::Name => ("lower(name), id", ">"),
        AssetSort::Warranty => ("warranty_expiry, id", ">"),
    };
    let own: Vec<String> = place
        .split(", ")
        .map(|part| match part {
            "lower(name)" => "lower(a.name)".to_owned(),
            part => format!("a.{part}"),
        })
        .collect();
    query
        .push(format!(" AND ({}) {than} (SELECT {place} FROM assets WHERE id = ", own.join(", ")))
        .push_bind(after)
        .push(")");
}

pub(super) fn push_filter(query: &mut QueryBuilder<Postgres>, actor: &Actor, filter: &AssetFilter) -> Result<()> {
    if filter.deleted {
        actor.require(Permission::AssetWrite)?;
        query.push(" AND a.deleted_at IS NOT NULL");
    } else {
        query.push(" AND a.deleted_at IS NULL");
    }
    if let Some(kind) = filter.kind {
        query.push(" AND a.type = ").push_bind(kind);
    }
    if let Some(category) = &filter.category {
        query.push(" AND a.category = ").push_bind(category.to_uppercase().replace(' ', "_"));
    }
    if !filter.status.is_empty() {
        query.push(" AND a.status = ANY(").push_bind(filter.status.clone()).push(")");
    }
    match &filter.owner {
        Some(OwnerFilter::Me) => drop(query.push(" AND a.assigned_to_id = ").push_bind(actor.user_id)),
        Some(OwnerFilter::Nobody) => drop(query.push(" AND a.assigned_to_id IS NULL")),
        Some(OwnerFilter::Email(email)) => {
            query
                .push(" AND a.assigned_to_id = (SELECT id FROM users WHERE lower(email) = lower(")
                .push_bind(email.clone())
                .push("))");
        }
        None => {}
    }
    if let Some(place) = &filter.location {
        push_words(query, place);
        query.push(" AND lower(");
        query
            .push("concat_ws(' ', a.location, a.building, a.floor, a.room)) LIKE '%' || ")
            .push_bind(escaped(place))
            .push(" || '%'");
    }
    if let Some(manufacturer) = &filter.manufacturer {
        push_words(query, manufacturer);
        query.push(" AND lower(a.manufacturer) = ").push_bind(manufacturer.clone());
    }
    if let Some(days) = filter.warranty_within_days {
        query.push(" AND a.warranty_expiry < now() + make_interval(days => ").push_bind(days).push(")");
    }
    if filter.licences || filter.seats.is_some() {
        query.push(" AND a.seats IS NOT NULL");
    }
    if let Some(seats) = filter.seats {
        let than = match seats {
            SeatsFilter::Full => ">=",
            SeatsFilter::Over => ">",
        };
        query.push(" AND (SELECT count(*) FROM asset_relationships s JOIN assets o ON o.id = s.target_asset_id AND o.deleted_at IS NULL");
        query
            .push(" WHERE s.source_asset_id = a.id AND s.relationship_type = 'LICENSED_FOR') ")
            .push(than)
            .push(" a.seats");
    }
    if let Some((name, value)) = &filter.own {
        push_own_value(query, name, value);
    }
    if filter.sort == Some(AssetSort::Warranty) {
        query.push(" AND a.warranty_expiry IS NOT NULL");
    }
    if let Some(words) = &filter.words {
        push_words(query, words);
    }
    Ok(())
}

/// As a text, a number, or yes and no: whichever it stands there as. Found by the index.
fn push_own_value(query: &mut QueryBuilder<Postgres>, name: &str, value: &str) {
    let mut says = vec![FieldValue::Text(value.to_owned())];
    says.extend(value.replace(',', ".").parse().ok().filter(|number: &f64| number.is_finite()).map(FieldValue::Number));
    says.extend(match value.to_lowercase().as_str() {
        "yes" => Some(FieldValue::YesNo(true)),
        "no" => Some(FieldValue::YesNo(false)),
        _ => None,
    });
    says.push(FieldValue::Several(vec![value.to_owned()]));
    let says: Vec<_> = says.into_iter().map(|value| Json(FieldValues::from([(name.to_owned(), value)]))).collect();
    query.push(" AND a.custom_fields @> ANY(").push_bind(says).push(")");
}

/// What has them all is found by the index.
fn push_words(query: &mut QueryBuilder<Postgres>, text: &str) {
    match prefixes(text) {
        Some(words) => query.push(" AND a.search @@ to_tsquery('simple', ").push_bind(words).push(")"),
        // Signs alone stand nowhere.
        None => query.push(" AND false"),
    };
}
/// For LIKE.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
