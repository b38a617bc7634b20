//! The browser's entry: takes over the page that the server rendered.

// A page is one nested type; its layout is computed by recursion.
#![recursion_limit = "512"]

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(app::App);
}
