//! The picture of what stands around an asset: what it needs to its left, what needs it to its right.

use oxdesk::assets::{AssetStatus, Graph, GraphEdge, GraphNode, RelationType};
use std::fmt::Write;

const WIDTH: f64 = 212.0;
const HEIGHT: f64 = 46.0;
/// From one column to the next, and from one row to the next.
const COLUMN: f64 = 280.0;
const ROW: f64 = 62.0;
const MARGIN: f64 = 12.0;

/// As SVG; `here` is the number of the one that is looked at. Each asset is a link to what stands around it, `href` makes it: it is reached with the keyboard, and read aloud.
pub fn draw(graph: &Graph, here: &str, href: impl Fn(&str) -> String) -> String {
    let first = graph.nodes.iter().map(|node| node.column).min().unwrap_or(0);
    let last = graph.nodes.iter().map(|node| node.column).max().unwrap_or(0);
    let rows = graph.nodes.iter().map(|node| node.rows).max().unwrap_or(1);
    let width = f64::from(last - first) * COLUMN + WIDTH + 2.0 * MARGIN;
    let height = (rows as f64 - 1.0) * ROW + HEIGHT + 2.0 * MARGIN;
    let place = |node: &GraphNode| {
        let x = MARGIN + f64::from(node.column - first) * COLUMN;
        let y = MARGIN + ((rows - node.rows) as f64 / 2.0 + node.row as f64) * ROW;
        (x, y)
    };
    let mut svg = format!(
        r#"<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-label="What depends on what">"#
    );
    for edge in &graph.edges {
        let (Some(source), Some(target)) = (graph.nodes.get(edge.source), graph.nodes.get(edge.target)) else {
            continue;
        };
        line(&mut svg, edge, place(source), place(target), (&source.name, &target.name));
    }
    for node in &graph.nodes {
        let (x, y) = place(node);
        let number = node.asset_number.as_str();
        shape(&mut svg, node, (x, y), number == here, &href(number));
    }
    svg.push_str("</svg>");
    svg
}

fn line(svg: &mut String, edge: &GraphEdge, source: (f64, f64), target: (f64, f64), names: (&str, &str)) {
    let (left, right) = if source.0 <= target.0 { (source, target) } else { (target, source) };
    let (says, _) = edge.kind.labels();
    let title = escaped(&format!("{} {says} {}", names.0, names.1));
    let class = match edge.kind {
        RelationType::Contains => "graph__line graph__line--contains",
        RelationType::DependsOn => "graph__line",
        RelationType::ConnectedTo => "graph__line graph__line--connected",
        RelationType::LicensedFor => "graph__line graph__line--licence",
    };
    let path = if left.0 == right.0 {
        // One below the other: round the side.
        let (x, top, bottom) = (left.0 + WIDTH, left.1 + HEIGHT / 2.0, right.1 + HEIGHT / 2.0);
        format!("M{x} {top} C{0} {top} {0} {bottom} {x} {bottom}", x + 36.0)
    } else {
        let (x1, y1, x2, y2) = (left.0 + WIDTH, left.1 + HEIGHT / 2.0, right.0, right.1 + HEIGHT / 2.0);
        let middle = f64::midpoint(x1, x2);
        format!("M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}")
    };
    let _ = write!(svg, r#"<path class="{class}" d="{path}"><title>{title}</title></path>"#);
}

fn shape(svg: &mut String, node: &GraphNode, (x, y): (f64, f64), is_here: bool, href: &str) {
    let tickets = match node.open_tickets {
        0 => String::new(),
        1 => ", 1 open ticket".to_owned(),
        many => format!(", {many} open tickets"),
    };
    // What is no longer in use says so; of the rest one rather knows what it is.
    let says = if node.status == AssetStatus::Active { node.kind.label() } else { node.status.label() };
    let hint = format!("{}, {}{tickets}", node.name, node.status.label().to_lowercase());
    let mut class = format!("graph__node graph__node--{}", node.status.as_str().to_lowercase());
    if is_here {
        class.push_str(" graph__node--here");
    }
    let (hint, href, name) = (escaped(&hint), escaped(href), escaped(&shortened(&node.name)));
    let number = escaped(node.asset_number.as_str());
    let _ = write!(
        svg,
        r#"<a class="{class}" href="{href}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"><title>{hint}</title></rect><text x="{tx}" y="{first}">{name}</text><text class="graph__number" x="{tx}" y="{second}">{number} · {says}</text>"#,
        tx = x + 12.0,
        first = y + 19.0,
        second = y + 35.0,
    );
    if node.open_tickets > 0 {
        let (cx, cy) = (x + WIDTH - 14.0, y + 14.0);
        let _ = write!(
            svg,
            r#"<circle class="graph__open" cx="{cx}" cy="{cy}" r="9"/><text class="graph__count" aria-hidden="true" x="{cx}" y="{ty}">{count}</text>"#,
            ty = cy + 3.5,
            count = node.open_tickets.min(99),
        );
    }
    svg.push_str("</a>");
}

/// What has room in a box.
fn shortened(name: &str) -> String {
    const ROOM: usize = 24;
    if name.chars().count() <= ROOM {
        return name.to_owned();
    }
    let begin: String = name.chars().take(ROOM - 1).collect();
    format!("{}…", begin.trim_end())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxdesk::assets::AssetType;

    fn node(number: &str, name: &str, column: i32) -> GraphNode {
        GraphNode {
            asset_number: number.parse().unwrap(),
            name: name.into(),
            kind: AssetType::Hardware,
            status: AssetStatus::Active,
            column,
            row: 0,
            rows: 1,
            open_tickets: 0,
        }
    }

    #[test]
    fn a_name_draws_nothing_of_its_own() {
        let graph = Graph {
            nodes: vec![node("AST-2026-0001", "<script>\"&", 0), node("AST-2026-0002", "Disk", 1)],
            edges: vec![GraphEdge { source: 0, target: 1, kind: RelationType::Contains }],
            hidden: 0,
        };
        let svg = draw(&graph, "AST-2026-0001", |number| format!("/assets/{number}/around"));
        assert!(!svg.contains("<script>") && svg.contains("&lt;script&gt;&quot;&amp;"), "{svg}");
        assert!(svg.contains("contains Disk") && svg.contains("href=\"/assets/AST-2026-0002/around\""));
    }
}
