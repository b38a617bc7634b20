//! Assets as a table (RFC 4180): read in whatever encoding and with whatever separator it came, written so that no
//! spreadsheet runs what stands in it.

use super::COLUMNS;
use crate::assets::{Asset, AssetColumn, AssetForm, AssetStatus, AssetType};
use crate::fields::FieldValue;
use crate::fields::rules::show;
use crate::text::{guard_cell, without_guard};
use crate::{Error, Result};

/// The largest table, in bytes, and its rows.
pub const TABLE_MAX: usize = 64 * 1024 * 1024;
pub const ROWS_MAX: usize = 200_000;

/// A table, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub headings: Vec<String>,
    /// Line in the file, and a cell for each heading.
    pub rows: Vec<(u64, Vec<String>)>,
    /// It was no UTF-8, and read as what Windows writes.
    pub was_guessed: bool,
}

/// # Errors
/// [`Error::Invalid`] naming `file`: too large, empty, or without headings.
pub fn read_table(bytes: &[u8]) -> Result<Table> {
    let wrong = |said: String| Error::invalid("file", said);
    if bytes.len() > TABLE_MAX {
        return Err(wrong(format!("At most {} MB, please.", TABLE_MAX / 1024 / 1024)));
    }
    let (text, was_guessed) = decode(bytes);
    let text = text.replace("\r\n", "\n");
    if text.contains('\0') {
        return Err(wrong("This is no table of text.".into()));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(separator(&text)).flexible(true).from_reader(text.as_bytes());
    let broken = |error: csv::Error| wrong(format!("It cannot be read: {error}."));
    let headings: Vec<String> = reader.headers().map_err(broken)?.iter().map(|cell| cell.trim().to_owned()).collect();
    if headings.iter().all(String::is_empty) {
        return Err(wrong("Its first line names the columns, please.".into()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        if rows.len() == ROWS_MAX {
            return Err(wrong(format!("At most {ROWS_MAX} rows at once, please.")));
        }
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<String> = record.iter().map(|cell| without_guard(cell.trim()).to_owned()).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((line, cells));
        }
    }
    Ok(Table { headings, rows, was_guessed })
}

/// By its byte order mark, as UTF-8, or as Windows-1252.
fn decode(bytes: &[u8]) -> (String, bool) {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return (encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned(), false);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), true),
    }
}

/// Whichever stands most often in the first line, outside quotes.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in text.bytes().take(10_000) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(count) = counts.iter_mut().find(|(mark, _)| *mark == byte) {
                    count.1 += 1;
                }
            }
        }
    }
    counts.iter().max_by_key(|(mark, count)| (*count, *mark == b',')).map_or(b',', |(mark, _)| *mark)
}

/// Which field each column holds: as `chosen` in their order (empty for none), or, where nothing was chosen, by its heading. `own`
/// are the names of declared fields; one is told from what every asset has by a `field:` before it.
pub fn mapping(headings: &[String], chosen: &[String], own: &[String]) -> Vec<Option<String>> {
    let plain = |text: &str| {
        text.to_lowercase().replace(['_', '-', '/', '.'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let named = |name: &String| AssetColumn::Own(name.clone()).to_string();
    let mut mapped: Vec<Option<String>> = Vec::with_capacity(headings.len());
    for (at, heading) in headings.iter().enumerate() {
        let found = if chosen.is_empty() {
            // Whoever declared a field means it.
            let own = own.iter().find(|name| name.to_lowercase() == heading.trim().to_lowercase()).map(named);
            let known = || COLUMNS.iter().find(|(_, names)| names.contains(&plain(heading).as_str()));
            own.or_else(|| known().map(|(known, _)| (*known).to_owned()))
        } else {
            chosen.get(at).filter(|field| is_field(field, own)).cloned()
        };
        // The first of two columns for one field.
        let is_taken = found.is_some() && mapped.contains(&found);
        mapped.push(found.filter(|_| !is_taken));
    }
    mapped
}

/// Whether an asset has a field of this name; `field:` stands before one that is declared.
pub fn is_field(field: &str, own: &[String]) -> bool {
    let is_own = || own.iter().any(|name| AssetColumn::Own(name.clone()).to_string() == field);
    COLUMNS.iter().any(|(known, _)| *known == field) || is_own()
}

/// What is wrong in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    pub line: u64,
    pub column: String,
    pub said: String,
}

/// A row as a form, its owner as written, and the number that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRow {
    pub line: u64,
    pub number: Option<String>,
    pub owner: Option<String>,
    pub form: AssetForm,
}

/// # Errors
/// Each cell that holds no such value; what only the whole form can tell comes later.
pub fn read_row(
    line: u64,
    cells: &[String],
    headings: &[String],
    mapped: &[Option<String>],
) -> std::result::Result<ReadRow, Vec<CellError>> {
    let mut row = ReadRow { line, ..ReadRow::default() };
    let mut wrong = Vec::new();
    for ((cell, field), heading) in cells.iter().zip(mapped).zip(headings) {
        let Some(field) = field.as_deref().filter(|_| !cell.is_empty()) else { continue };
        let text = Some(cell.clone());
        let mut fail = |said: &str| wrong.push(CellError { line, column: heading.clone(), said: said.to_owned() });
        let form = &mut row.form;
        match field {
            "asset_number" => row.number = text,
            "owner" => row.owner = text,
            "name" => form.name.clone_from(cell),
            "type" => match word(cell, AssetType::ALL, AssetType::label) {
                Some(kind) => form.kind = Some(kind),
                None => fail("One of hardware, software, network device and cloud resource."),
            },
            "status" => match word(cell, AssetStatus::ALL, AssetStatus::label) {
                Some(status) => form.status = Some(status),
                None => fail("One of active, inactive, maintenance and retired."),
            },
            "seats" => match cell.parse() {
                Ok(seats) => form.seats = Some(seats),
                Err(_) => fail("A whole number, please."),
            },
            "category" => form.category = text,
            "manufacturer" => form.manufacturer = text,
            "model" => form.model = text,
            "serial_number" => form.serial_number = text,
            "location" => form.location = text,
            "building" => form.building = text,
            "floor" => form.floor = text,
            "room" => form.room = text,
            "purchase_price" => form.purchase_price = text,
            "notes" => form.notes = text,
            "purchase_date" | "warranty_expiry" => match day(cell) {
                Some(day) if field == "purchase_date" => form.purchase_date = Some(day),
                Some(day) => form.warranty_expiry = Some(day),
                None => fail("A day looks like 2026-11-24 or 24.11.2026."),
            },
            field => {
                if let Ok(AssetColumn::Own(name)) = field.parse() {
                    form.custom_fields.insert(name, FieldValue::Text(cell.clone()));
                }
            }
        }
    }
    if wrong.is_empty() { Ok(row) } else { Err(wrong) }
}

/// The spec's word, or what we call it.
fn word<T: Copy + ToString>(cell: &str, all: &[T], label: fn(T) -> &'static str) -> Option<T> {
    let wanted = cell.trim().to_uppercase().replace([' ', '-'], "_");
    all.iter().copied().find(|one| one.to_string() == wanted || label(*one).to_uppercase().replace(' ', "_") == wanted)
}

/// `2026-11-24`, with a time behind it or without, or `24.11.2026`. What could be read in two ways is not read.
fn day(cell: &str) -> Option<String> {
    let date = cell.split(['T', ' ']).next().unwrap_or_default();
    if let Some((day, rest)) = date.split_once('.') {
        let (month, year) = rest.split_once('.')?;
        let number =
            |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        return (number(day, 2) && number(month, 2) && year.len() == 4 && number(year, 4))
            .then(|| format!("{year}-{month:0>2}-{day:0>2}"));
    }
    let is_iso = date.len() == 10
        && date.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    is_iso.then(|| date.to_owned())
}

/// The first line of a table that is written out: it is read again as it is.
pub fn heading_line(own: &[String]) -> Vec<u8> {
    line_of(COLUMNS.iter().map(|(field, _)| (*field).to_owned()).chain(own.iter().cloned()))
}

/// An asset as a line of a table, with what stands in its declared fields.
pub fn asset_line(asset: &Asset, own: &[String]) -> Vec<u8> {
    let own = own.iter().map(|name| asset.custom_fields.get(name).map(show).unwrap_or_default());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let known = COLUMNS.iter().map(|(field, _)| match *field {
        "asset_number" => asset.asset_number.to_string(),
        "name" => asset.name.clone(),
        "type" => asset.kind.to_string(),
        "category" => text(&asset.category),
        "manufacturer" => text(&asset.manufacturer),
        "model" => text(&asset.model),
        "serial_number" => text(&asset.serial_number),
        "status" => asset.status.to_string(),
        "owner" => text(&asset.assigned_to_email),
        "location" => text(&asset.location),
        "building" => text(&asset.building),
        "floor" => text(&asset.floor),
        "room" => text(&asset.room),
        "purchase_date" => text(&asset.purchase_date),
        "purchase_price" => asset.purchase_price.map(|price| price.to_string()).unwrap_or_default(),
        "warranty_expiry" => text(&asset.warranty_expiry),
        "seats" => asset.seats.map(|seats| seats.to_string()).unwrap_or_default(),
        "notes" => text(&asset.notes),
        _ => String::new(),
    });
    line_of(known.chain(own))
}

fn line_of(cells: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Nothing is written anywhere but into memory.
    let _ = writer.write_record(cells.map(|cell| guard_cell(&cell)));
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_table_is_read_however_it_was_written() {
        let expected = strings(&["Büro", "a, b; \"c\""]);
        let (_, utf16) = ((), {
            let mut bytes = vec![0xff, 0xfe];
            bytes.extend("Name;Model\nBüro;\"a, b; \"\"c\"\"\"\n".encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        });
        let windows = encoding_rs::WINDOWS_1252.encode("Name\tModel\r\nBüro\t\"a, b; \"\"c\"\"\"\r\n").0.into_owned();
        for (bytes, guessed) in [
            ("Name,Model\nBüro,\"a, b; \"\"c\"\"\"\n\n".as_bytes().to_vec(), false),
            ("\u{feff}Name;Model\nBüro;\"a, b; \"\"c\"\"\"".as_bytes().to_vec(), false),
            (utf16, false),
            (windows, true),
        ] {
            let table = read_table(&bytes).unwrap();
            assert_eq!((table.headings, table.was_guessed), (strings(&["Name", "Model"]), guessed));
            assert_eq!(table.rows, [(2, expected.clone())]);
        }
        for hostile in [&b""[..], b"\n\n", b"\x89PNG\r\n\x1a\n\0\0"] {
            assert!(read_table(hostile).is_err(), "{hostile:?}");
        }
    }

    #[test]
    fn columns_are_known_by_their_headings_or_as_chosen() {
        let headings = strings(&["Asset-Tag", "Hostname", "S/N", "Colour", "Name", "Owner_Email"]);
        let mapped = |chosen: &[&str], own: &[&str]| {
            let mapped = mapping(&headings, &strings(chosen), &strings(own));
            mapped.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
        };
        assert_eq!(mapped(&[], &[]), ["asset_number", "name", "serial_number", "", "", "owner"]);
        let chosen = ["asset_number", "", "serial_number", "notes", "name"];
        assert_eq!(mapped(&chosen, &[]), ["asset_number", "", "serial_number", "notes", "name", ""]);
        assert_eq!(mapped(&[], &["colour"])[3], "field:colour");
        assert_eq!(mapped(&["", "", "", "field:colour"], &["colour"])[3], "field:colour");
        assert_eq!(mapped(&["", "", "", "field:weight"], &["colour"])[3], "");
    }

    #[test]
    fn each_wrong_cell_is_named() {
        let headings = strings(&["Name", "Type", "Purchased", "Seats", "Warranty"]);
        let mapped = mapping(&headings, &[], &[]);
        let row = read_row(
            2,
            &strings(&["Core", "network device", "24.11.2026", "5", "2027-01-01 00:00"]),
            &headings,
            &mapped,
        );
        let row = row.unwrap();
        assert_eq!((row.form.kind, row.form.seats), (Some(AssetType::NetworkDevice), Some(5)));
        assert_eq!(row.form.purchase_date.as_deref(), Some("2026-11-24"));
        assert_eq!(row.form.warranty_expiry.as_deref(), Some("2027-01-01"));
        let wrong = read_row(3, &strings(&["", "chair", "11/24/2026", "many", ""]), &headings, &mapped).unwrap_err();
        let columns: Vec<_> = wrong.iter().map(|error| (error.line, error.column.as_str())).collect();
        assert_eq!(columns, [(3, "Type"), (3, "Purchased"), (3, "Seats")]);
    }

    #[test]
    fn no_spreadsheet_runs_what_was_exported_and_it_comes_back_as_it_was() {
        for cell in ["=1+1", "+49 1", "-5", "@SUM(A1)", "plain", "'quoted'", "'=1", "''-1", "'"] {
            let guarded = guard_cell(cell);
            assert!(!guarded.starts_with(['=', '+', '-', '@']), "{guarded}");
            assert_eq!(without_guard(&guarded), cell);
        }
    }
}
