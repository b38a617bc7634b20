//! A page's scripts and styles: their names, which change with their content, are read once.

use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Where everything lies, as the browser asks for it.
struct Assets {
    style: String,
    script: String,
    wasm: String,
    /// Part of the program → the files with its code.
    parts: HashMap<String, Vec<String>>,
}

impl Assets {
    /// Reads what the build left beside the program; without it (in tests), the plain names.
    fn read(options: &LeptosOptions) -> Self {
        let hashes = hashes(options);
        let (name, pkg) = (&options.output_name, &options.site_pkg_dir);
        let hashed = |stem: &str, kind: &str, extension: &str| match hashes.get(kind) {
            Some(hash) => format!("/{pkg}/{stem}.{hash}.{extension}"),
            None => format!("/{pkg}/{stem}.{extension}"),
        };
        let manifest = hashed("__wasm_split_manifest", "manifest", "json");
        let manifest = std::fs::read_to_string(format!("{}{manifest}", options.site_root)).unwrap_or_default();
        let parts = serde_json::from_str::<HashMap<String, Vec<String>>>(&manifest).unwrap_or_default();
        let file = |name: String| format!("/{pkg}/{name}.wasm");
        Self {
            style: hashed(name, "css", "css"),
            script: hashed(name, "js", "js"),
            wasm: hashed(name, "wasm", "wasm"),
            parts: parts.into_iter().map(|(part, files)| (part, files.into_iter().map(file).collect())).collect(),
        }
    }

    /// The files of the parts a page needs: their functions' names begin with the part's.
    fn of_page(&self, path: &str) -> Vec<String> {
        let wanted: &[&str] = match path.split('/').nth(1).unwrap_or_default() {
            "portal" => &["portal_", "administration_"],
            "tickets" | "notifications" => &["workspace_"],
            "account" | "admin" => &["workspace_", "administration_"],
            _ => &["signing_in_"],
        };
        let parts = self.parts.iter().filter(|(part, _)| wanted.iter().any(|name| part.starts_with(name)));
        let mut files: Vec<String> = parts.flat_map(|(_, files)| files.clone()).collect();
        files.sort();
        files.dedup();
        files
    }
}

/// Kind of file → the hash in its name.
fn hashes(options: &LeptosOptions) -> HashMap<String, String> {
    if !options.hash_files {
        return HashMap::new();
    }
    let beside: Option<PathBuf> =
        std::env::current_exe().ok().and_then(|exe| exe.parent().map(|dir| dir.join(&*options.hash_file)));
    let text = beside.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(kind, hash)| (kind.trim().to_owned(), hash.trim().to_owned())).collect()
}

/// Takes over a page as soon as someone needs that.
const LATE: &str = include_str!("late.js");

/// Most requesters read and go: their pages are whole without the program.
fn comes_late(path: &str) -> bool {
    (path == "/portal" || path.starts_with("/portal/")) && !path.ends_with("/account")
}

/// The style sheet, and the script that takes over the page; what it will fetch is announced at once, so that the
/// browser need not find one file inside the other.
#[component]
pub fn PageAssets(options: LeptosOptions) -> impl IntoView {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    let assets = ASSETS.get_or_init(|| Assets::read(&options));
    let path = use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default();
    let style = view! { <link id="oxdesk-style" rel="stylesheet" href=assets.style.clone()/> };
    let (program, wasm) = (format!("{:?}", assets.script), format!("{:?}", assets.wasm));
    if comes_late(&path) {
        let script = LATE.replace("SCRIPT", &program).replace("PROGRAM", &wasm);
        return view! { {style}<script type="module" nonce=use_nonce()>{script}</script> }.into_any();
    }
    let begin = format!(
        "import({program}).then(page => page.default({{ module_or_path: {wasm} }}).then(() => page.hydrate()))"
    );
    let parts = assets
        .of_page(&path)
        .into_iter()
        .map(|file| view! { <link rel="preload" href=file r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> })
        .collect_view();
    view! {
        {style}
        <link rel="modulepreload" href=assets.script.clone()/>
        <link rel="preload" href=assets.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        {parts}
        <script type="module" nonce=use_nonce()>{begin}</script>
    }
    .into_any()
}
