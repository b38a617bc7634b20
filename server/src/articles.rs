//! `oxdesk articles`: a folder of Markdown in, and out.

use anyhow::{Context, Result, bail};
use oxdesk::Actor;
use oxdesk::desk::Desk;
use oxdesk::knowledge::commands::{Beside, Imported, import_article};
use oxdesk::knowledge::queries::ExportedArticle;
use oxdesk::knowledge::rules::{ArticleFile, slug_from};
use oxdesk::knowledge::{ArticleStatus, ArticleVisibility, CONTENT_MAX, queries};
use oxdesk::markdown::{destinations, lead_elsewhere};
use oxdesk::settings::queries::number;
use std::fs;
use std::path::{Path, PathBuf};
use tokio_util::io::ReaderStream;

/// Brings in every `.md` under `folder`, and says what came of each. What is refused keeps no other out; then the command
/// fails.
pub async fn import(desk: &Desk, folder: &Path, publish: bool, public: bool) -> Result<()> {
    let files = markdown_under(folder)?;
    let actor = Actor::system("oxdesk articles import");
    let status = if publish { ArticleStatus::Published } else { ArticleStatus::Draft };
    let visibility = if public { ArticleVisibility::Public } else { ArticleVisibility::Internal };
    let (mut new, mut changed, mut same, mut refused) = (0, 0, 0, 0);
    for path in files {
        match import_one(desk, &actor, folder, &path, (status, visibility)).await {
            Ok(Imported::New) => new += 1,
            Ok(Imported::Changed) => changed += 1,
            Ok(Imported::Same) => same += 1,
            Err(why) => {
                refused += 1;
                eprintln!("{}: {why:#}", path.display());
            }
        }
    }
    println!("{new} new, {changed} changed, {same} as they were, {refused} refused");
    if refused > 0 { bail!("{refused} refused") } else { Ok(()) }
}

async fn import_one(
    desk: &Desk,
    actor: &Actor,
    folder: &Path,
    path: &Path,
    otherwise: (ArticleStatus, ArticleVisibility),
) -> Result<Imported> {
    let size = fs::metadata(path)?.len();
    if size > CONTENT_MAX as u64 * 4 {
        bail!("it is too long for an article");
    }
    let text = fs::read_to_string(path).context("it cannot be read as UTF-8")?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let file = ArticleFile::read(&text, &name);
    let inner = path.strip_prefix(folder)?.parent().unwrap_or(Path::new(""));
    let folders: Vec<String> = inner.iter().map(|part| part.to_string_lossy().replace(['-', '_'], " ")).collect();
    let mut beside = Vec::new();
    for (leads, path) in files_beside(folder, path, &file)? {
        beside.push(receive(desk, leads, &path).await.with_context(|| format!("{}", path.display()))?);
    }
    import_article(desk, actor, &folders, &file, beside, otherwise).await.map_err(crate::explain)
}

/// The files within `folder` that an article leads to or names, with how it writes their paths.
fn files_beside(folder: &Path, path: &Path, file: &ArticleFile) -> Result<Vec<(String, PathBuf)>> {
    let (root, here) = (folder.canonicalize()?, path.parent().unwrap_or(folder));
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for leads in destinations(&file.content).into_iter().chain(file.attachments.iter().cloned()) {
        let Ok(target) = here.join(leads.replace("%20", " ")).canonicalize() else { continue };
        let is_text = target.extension().is_some_and(|end| end.eq_ignore_ascii_case("md"));
        let is_known = found.iter().any(|(known, _)| *known == leads);
        if target.is_file() && target.starts_with(&root) && !is_text && !is_known {
            found.push((leads, target));
        }
    }
    Ok(found)
}

async fn receive(desk: &Desk, leads: String, path: &Path) -> Result<Beside> {
    let max = number(desk, "file.max_upload_size").await.map_err(crate::explain)?;
    let content = ReaderStream::new(tokio::fs::File::open(path).await?);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = desk.files.receive(&name, max, content).await.map_err(crate::explain)?;
    Ok(Beside { path: leads, file })
}

/// In their order; links are not followed.
fn markdown_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let (entry, kind) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind)))?;
        if kind.is_dir() {
            found.extend(markdown_under(&entry.path())?);
        } else if kind.is_file() && entry.path().extension().is_some_and(|end| end.eq_ignore_ascii_case("md")) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Writes every article but teams' into `folder`, each in its category's.
pub async fn export(desk: &Desk, folder: &Path) -> Result<()> {
    let actor = Actor::system("oxdesk articles export");
    let (mut after, mut count) = (None, 0);
    loop {
        let page = queries::export_articles(desk, &actor, after).await.map_err(crate::explain)?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for article in &page {
            let inner: PathBuf = article.folders.iter().map(|name| slug_from(name)).collect();
            fs::create_dir_all(folder.join(&inner)).with_context(|| format!("cannot make {}", folder.display()))?;
            let slug = article.file.slug.clone().unwrap_or_default();
            let inner = folder.join(inner);
            let file = export_attachments(desk, &actor, &inner, &slug, article).await?;
            fs::write(inner.join(format!("{slug}.md")), file.write())?;
            count += 1;
        }
    }
    println!("{count} written");
    Ok(())
}

/// Writes an article's files into a folder of its own, and leads its text there.
async fn export_attachments(
    desk: &Desk,
    actor: &Actor,
    folder: &Path,
    slug: &str,
    article: &ExportedArticle,
) -> Result<ArticleFile> {
    let mut file = article.file.clone();
    if !article.attachments.is_empty() {
        fs::create_dir_all(folder.join(slug))?;
    }
    for (at, attachment) in article.attachments.iter().enumerate() {
        // Two may have the same name, and a path in Markdown has neither spaces nor brackets.
        let name = attachment.file_name.replace(|c: char| c.is_whitespace() || "()<>%".contains(c), "-");
        let path = format!("{slug}/{}-{name}", at + 1);
        let opened = queries::open_article_attachment(desk, actor, attachment.id).await.map_err(crate::explain)?;
        let mut target = tokio::fs::File::create(folder.join(&path)).await?;
        tokio::io::copy(&mut { opened.1 }, &mut target).await?;
        tokio::io::AsyncWriteExt::flush(&mut target).await?;
        let led = lead_elsewhere(&file.content, &attachment.path(), &path);
        if led == file.content {
            file.attachments.push(path);
        }
        file.content = led;
    }
    Ok(file)
}
