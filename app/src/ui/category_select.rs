//! A category and its subcategory as one choice.

use leptos::prelude::*;
use oxdesk::categories::{Category, path};

/// The tree as options: a [`path`] each. What the tree does not know and the ticket has stays a choice.
#[component]
pub fn CategorySelect(
    categories: Vec<Category>,
    /// The path that is chosen now.
    #[prop(into)]
    selected: String,
) -> impl IntoView {
    let paths = paths(&categories);
    let strange = (!selected.is_empty() && !paths.iter().any(|(path, _)| *path == selected))
        .then(|| view! { <option value=selected.clone() selected>{selected.clone()}</option> });
    let options = paths
        .into_iter()
        .map(|(path, is_sub)| {
            let chosen = path == selected;
            let label = match path.rsplit_once(oxdesk::categories::PATH) {
                Some((_, sub)) if is_sub => format!("\u{2003}{sub}"),
                _ => path.clone(),
            };
            view! { <option value=path selected=chosen>{label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="category">"Category"<span class="field__optional">" optional"</span></label>
            <select id="category" name="category"><option value="">"None"</option>{strange}{options}</select>
        </div>
    }
    .into_any()
}

fn paths(categories: &[Category]) -> Vec<(String, bool)> {
    categories
        .iter()
        .filter_map(|category| match category.parent_id {
            None => Some((category.name.clone(), false)),
            Some(parent) => {
                let parent = categories.iter().find(|other| other.id == parent)?;
                Some((path(&parent.name, Some(&category.name)), true))
            }
        })
        .collect()
}
