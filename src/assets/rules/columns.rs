//! What a table of assets may hold.

/// What a column may hold, with the headings by which it is known.
pub const COLUMNS: [(&str, &[&str]); 18] = [
    ("asset_number", &["asset number", "number", "asset tag", "tag", "id"]),
    ("name", &["name", "asset", "asset name", "hostname", "computer name", "title"]),
    ("type", &["type", "asset type"]),
    ("category", &["category", "kind", "class"]),
    ("manufacturer", &["manufacturer", "vendor", "make", "brand"]),
    ("model", &["model", "product", "hardware model"]),
    ("serial_number", &["serial number", "serial", "s n", "serial no", "hardware serial"]),
    ("status", &["status", "state"]),
    ("owner", &["owner", "assigned to", "user", "e mail", "email", "owner email"]),
    ("location", &["location", "site"]),
    ("building", &["building"]),
    ("floor", &["floor"]),
    ("room", &["room"]),
    ("purchase_date", &["purchase date", "purchased", "bought"]),
    ("purchase_price", &["purchase price", "price", "cost"]),
    ("warranty_expiry", &["warranty expiry", "warranty", "warranty until", "warranty end", "expires"]),
    ("seats", &["seats", "licences", "licenses"]),
    ("notes", &["notes", "comment", "comments", "description"]),
];
