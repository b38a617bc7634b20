//! Markdown (CommonMark, with tables and strikethrough) as people write it in replies, made into HTML that is safe to
//! show: raw HTML stays text, and of what is made only an allow-list of elements passes.

use crate::knowledge::{ATTACHMENT_PATH, ArticleAttachment, Heading, rules::slug_from};
use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// How deep quotes, lists and emphasis may be nested.
const DEPTH_MAX: u32 = 32;
/// How many ampersands Markdown may have.
const AMPERSANDS_MAX: usize = 2000;

/// The HTML of `text`. `names` are those of the people it mentions: `@Ana Ruiz` is set apart.
pub fn render(text: &str, names: &[String]) -> String {
    // Each of them may begin an entity, whose end is looked for: no message has so many.
    if text.matches('&').count() > AMPERSANDS_MAX {
        return render_plain(text);
    }
    if is_too_deep(text) {
        return render_plain(text);
    }
    let mut in_code = false;
    let events = Parser::new_ext(text, OPTIONS).flat_map(|event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        match event {
            // A message's headings are not the page's.
            Event::Start(Tag::Heading { .. }) => vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)],
            Event::End(TagEnd::Heading(_)) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
            // Pictures from elsewhere would tell their server who reads this and when: their description stays.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Vec::new(),
            // People break lines where they mean it.
            Event::SoftBreak => vec![Event::HardBreak],
            Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
            Event::Text(words) if !in_code && words.contains('@') => {
                vec![Event::InlineHtml(mark(&words, names).into())]
            }
            other => vec![other],
        }
    });
    let mut out = String::with_capacity(text.len() * 5 / 4);
    html::push_html(&mut out, events);
    CLEANER.clean(&out).to_string()
}

const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// What is nested deeper than anyone writes takes an HTML parser minutes: such text stays text.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_u32;
    Parser::new_ext(text, OPTIONS).any(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        depth > DEPTH_MAX
    })
}

/// The HTML of what a model wrote. It leads only where `path_of` the number of a citation, `[1]`, leads: links, pictures and
/// HTML of its own are text.
pub fn render_cited(text: &str, path_of: &dyn Fn(usize) -> Option<String>) -> String {
    if text.matches('&').count() > AMPERSANDS_MAX || is_too_deep(text) {
        return render_plain(text);
    }
    let mut in_code = false;
    let events = TextMergeStream::new(Parser::new_ext(text, OPTIONS)).flat_map(|event| {
        match &event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        match event {
            Event::Start(Tag::Heading { .. }) => vec![Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)],
            Event::End(TagEnd::Heading(_)) => vec![Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)],
            Event::Start(Tag::Image { .. } | Tag::Link { .. }) | Event::End(TagEnd::Image | TagEnd::Link) => Vec::new(),
            Event::Html(raw) | Event::InlineHtml(raw) => vec![Event::Text(raw)],
            Event::Text(words) if !in_code && words.contains('[') => {
                vec![Event::InlineHtml(cite(&words, path_of).into())]
            }
            other => vec![other],
        }
    });
    let mut out = String::with_capacity(text.len() * 5 / 4);
    html::push_html(&mut out, events);
    ARTICLE_CLEANER.clean(&out).to_string()
}

/// Text in which the numbers in brackets lead to what they cite.
fn cite(words: &str, path_of: &dyn Fn(usize) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(&escape(before));
        let Some((inside, behind)) = after.split_once(']') else {
            out.push('[');
            rest = after;
            continue;
        };
        let linked = inside.split(',').map(|number| {
            let path = number.trim().parse().ok().and_then(path_of);
            let shown = escape(number.trim());
            path.map_or_else(|| shown.clone(), |path| format!("<a href=\"{}\">{shown}</a>", escape(&path)))
        });
        out.push_str(&format!("[{}]", linked.collect::<Vec<_>>().join(", ")));
        rest = behind;
    }
    out.push_str(&escape(rest));
    out
}

/// The HTML of an article, with its headings: they begin at the second level, since the page has the first, and leave none
/// out. Each can be led to. Of pictures, those of articles are shown; `attachments` says how large they are.
pub fn render_article(text: &str, attachments: &[ArticleAttachment]) -> (String, Vec<Heading>) {
    if text.matches('&').count() > AMPERSANDS_MAX || is_too_deep(text) {
        return (render_plain(text), Vec::new());
    }
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, OPTIONS).collect();
    let headings = set_headings(&mut events);
    let as_text = |event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    };
    let mut pictures = Pictures { attachments, open: Vec::new(), path: String::new(), described: String::new() };
    let events = events.into_iter().map(as_text).filter_map(|event| pictures.pass(event));
    let mut out = String::with_capacity(text.len() * 5 / 4);
    html::push_html(&mut out, events);
    (ARTICLE_CLEANER.clean(&out).to_string(), headings)
}

/// Where the links and pictures of a text lead, each once.
pub fn destinations(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for event in Parser::new_ext(text, OPTIONS) {
        if let Event::Start(Tag::Image { dest_url, .. } | Tag::Link { dest_url, .. }) = event
            && !found.iter().any(|known| **known == *dest_url)
        {
            found.push(dest_url.into_string());
        }
    }
    found
}

/// The text with what leads to `from` leading to `to`.
pub fn lead_elsewhere(text: &str, from: &str, to: &str) -> String {
    text.replace(&format!("]({from})"), &format!("]({to})"))
        .replace(&format!("]({from} "), &format!("]({to} "))
        .replace(&format!("](<{from}>"), &format!("]({to}"))
}

/// What an article shows of pictures: those of articles. From elsewhere they would tell their server who reads this and
/// when, so only their description stays.
struct Pictures<'a> {
    attachments: &'a [ArticleAttachment],
    /// The pictures that have begun, each in the one before it, and whether it is shown.
    open: Vec<bool>,
    path: String,
    described: String,
}

impl Pictures<'_> {
    fn pass<'b>(&mut self, event: Event<'b>) -> Option<Event<'b>> {
        let is_within = self.open.contains(&true);
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                let is_shown = !is_within && is_attachment(&dest_url);
                if is_shown {
                    (self.path, self.described) = (dest_url.into_string(), String::new());
                }
                self.open.push(is_shown);
                None
            }
            Event::End(TagEnd::Image) => {
                (self.open.pop() == Some(true)).then(|| Event::InlineHtml(self.element().into()))
            }
            Event::Text(words) | Event::Code(words) if is_within => {
                self.described.push_str(&words);
                None
            }
            _ if is_within => None,
            other => Some(other),
        }
    }

    fn element(&self) -> String {
        let known = self.attachments.iter().find(|file| file.path() == self.path).and_then(|file| file.picture);
        let size = known.map(|(width, height)| format!(" width=\"{width}\" height=\"{height}\"")).unwrap_or_default();
        format!("<img src=\"{}\" alt=\"{}\"{size} loading=\"lazy\">", escape(&self.path), escape(&self.described))
    }
}

fn is_attachment(path: &str) -> bool {
    path.strip_prefix(ATTACHMENT_PATH).is_some_and(|id| id.len() == 36 && id.parse::<uuid::Uuid>().is_ok())
}

/// The text of an article without its marks, as it stands under each of its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The headings above it, the outermost first, its own last; none before the first heading.
    pub path: Vec<String>,
    /// Where its heading can be led to.
    pub anchor: Option<String>,
    /// Its paragraphs, list items and table rows, a line each.
    pub text: String,
}

/// An article's sections, in order.
pub fn sections(text: &str) -> Vec<Section> {
    if text.matches('&').count() > AMPERSANDS_MAX || is_too_deep(text) {
        return vec![Section { path: Vec::new(), anchor: None, text: text.to_owned() }];
    }
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, OPTIONS).collect();
    let mut headings = set_headings(&mut events).into_iter();
    let mut sections = vec![Section { path: Vec::new(), anchor: None, text: String::new() }];
    let (mut levels, mut in_heading): (Vec<u8>, bool) = (Vec::new(), false);
    for event in events {
        let Some(section) = sections.last_mut() else { break };
        match event {
            Event::Start(Tag::Heading { .. }) => {
                in_heading = true;
                let Some(heading) = headings.next() else { continue };
                let mut path = section.path.clone();
                while levels.last().is_some_and(|level| *level >= heading.level) {
                    levels.pop();
                    path.pop();
                }
                levels.push(heading.level);
                path.push(heading.text.trim().to_owned());
                sections.push(Section { path, anchor: Some(heading.anchor), text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) if !in_heading => {
                section.text.push_str(&words);
            }
            Event::SoftBreak | Event::End(TagEnd::TableCell) => section.text.push(' '),
            Event::HardBreak
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::TableRow | TagEnd::TableHead) =>
            {
                section.text.push('\n');
            }
            _ => {}
        }
    }
    sections.retain(|section| !section.text.trim().is_empty());
    sections
}

/// Gives headings their levels and their anchors.
fn set_headings(events: &mut [Event<'_>]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let (mut highest, mut last) = (6, 1);
    for event in events.iter() {
        if let Event::Start(Tag::Heading { level, .. }) = event {
            highest = highest.min(*level as u8);
        }
    }
    let mut at = 0;
    while at < events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else {
            at += 1;
            continue;
        };
        let level = (2 + *level as u8 - highest).min(last + 1).clamp(2, 4);
        last = level;
        let end = (at..events.len()).find(|place| matches!(events[*place], Event::End(TagEnd::Heading(_))));
        let end = end.unwrap_or(events.len() - 1);
        let text: String = events[at..end]
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                _ => None,
            })
            .collect();
        // Not one that a page's own names could be.
        let base = format!("about-{}", slug_from(&text));
        let same = headings
            .iter()
            .filter(|known| known.anchor == base || known.anchor.starts_with(&format!("{base}-")))
            .count();
        let anchor = if same == 0 { base } else { format!("{base}-{}", same + 1) };
        let tag = match level {
            2 => HeadingLevel::H2,
            3 => HeadingLevel::H3,
            _ => HeadingLevel::H4,
        };
        let id = Some(anchor.clone().into());
        events[at] = Event::Start(Tag::Heading { level: tag, id, classes: Vec::new(), attrs: Vec::new() });
        events[end] = Event::End(TagEnd::Heading(tag));
        headings.push(Heading { level, anchor, text });
        at = end;
    }
    headings
}

/// The HTML of text that is no Markdown, as a mail's: its paragraphs and line breaks.
pub fn render_plain(text: &str) -> String {
    let text = escape(&text.replace("\r\n", "\n"));
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>", paragraph.replace('\n', "<br>"))).collect()
}

fn mark(words: &str, names: &[String]) -> String {
    names.iter().map(|name| format!("@{}", escape(name))).fold(escape(words), |text, mention| {
        text.replace(&mention, &format!("<strong class=\"mention\">{mention}</strong>"))
    })
}

/// Text as it may stand in HTML, in attributes too.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| cleaner(&[]));

/// An article has headings that can be led to, and leads within the desk.
static ARTICLE_CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = cleaner(&["h2", "h3", "h4", "img"]);
    builder
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("h4", ["id"])
        .add_tag_attributes("img", ["src", "alt", "width", "height", "loading"])
        .url_relative(ammonia::UrlRelative::PassThrough);
    builder
});

fn cleaner(more: &[&'static str]) -> Builder<'static> {
    let tags = [
        "p",
        "br",
        "em",
        "strong",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "hr",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ];
    let mut builder = Builder::default();
    builder
        .tags(tags.into_iter().chain(more.iter().copied()).collect::<HashSet<_>>())
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .allowed_classes(HashMap::from([("strong", HashSet::from(["mention"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_what_it_means() {
        assert_eq!(render("Hello\nyou **there**", &[]), "<p>Hello<br>\nyou <strong>there</strong></p>\n");
        assert_eq!(render("# Big", &[]), "<p><strong>Big</strong></p>\n");
        assert!(render("1. one\n2. two", &[]).starts_with("<ol>"));
        assert!(render("`a < b`", &[]).contains("<code>a &lt; b</code>"));
        let link = render("[here](https://example.com/?a=1&b=2)", &[]);
        assert!(link.contains(r#"href="https://example.com/?a=1&amp;b=2""#) && link.contains("nofollow"), "{link}");
        assert!(render("a | b\n--|--\n1 | 2", &[]).contains("<td>1</td>"));
    }

    #[test]
    fn nothing_that_runs_or_loads_passes() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "![x](https://tracker.example/pixel.png)",
            "<svg/onload=alert(1)>",
            "<iframe src=//evil.example></iframe>",
            "[x](vbscript:msgbox)",
            "<a href='javascript:alert(1)'>x</a>",
            "@<script>alert(1)</script>",
            "<style>*{display:none}</style>",
        ] {
            for html in [render(hostile, &["<script>alert(1)</script>".to_owned()]), render_plain(hostile)] {
                let inside: Vec<_> = html.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
                for tag in &inside {
                    let name = tag.trim_start_matches('/').split(' ').next().unwrap();
                    assert!(["p", "a", "br", "strong"].contains(&name), "{hostile}: {html}");
                    assert!(!tag.contains("javascript") && !tag.contains(" on") && !tag.contains("data:"), "{html}");
                }
            }
        }
    }

    #[test]
    fn an_article_has_headings_in_order_that_can_be_led_to() {
        let (html, headings) = render_article(
            "# First <b>\n\ntext\n\n### Deep `x`\n\n# First <b>\n\n[in](/kb/other) [out](javascript:x) ![](https://x.test/p.png)",
            &[],
        );
        let seen: Vec<_> =
            headings.iter().map(|heading| (heading.level, heading.anchor.as_str(), heading.text.as_str())).collect();
        assert_eq!(seen, [(2, "about-first", "First "), (3, "about-deep-x", "Deep x"), (2, "about-first-2", "First ")]);
        assert!(html.contains("<h2 id=\"about-first\">First &lt;b&gt;</h2>"), "{html}");
        assert!(html.contains("<h3 id=\"about-deep-x\">Deep <code>x</code></h3>"), "{html}");
        assert!(
            html.contains("href=\"/kb/other\"") && !html.contains("javascript") && !html.contains("<img"),
            "{html}"
        );
        assert_eq!(
            render_article("## Only\n\n#### Skips", &[]).1.iter().map(|heading| heading.level).collect::<Vec<_>>(),
            [2, 3]
        );
    }

    #[test]
    fn an_article_shows_its_own_pictures_and_no_others() {
        let file = ArticleAttachment {
            id: "01a20447-622c-7c22-b43e-6aeafcc25b41".parse().unwrap(),
            file_name: "The [menu]_.png".to_owned(),
            file_size: 1,
            mime_type: "image/png".to_owned(),
            picture: Some((320, 200)),
            created_at: crate::Timestamp::now(),
        };
        let text = format!("{} and `src=\"{}\"`", file.markdown(), file.path());
        let (html, _) = render_article(&text, std::slice::from_ref(&file));
        assert!(html.contains("alt=\"The [menu]_.png\"") && html.contains("width=\"320\" height=\"200\""), "{html}");
        assert_eq!(html.matches("width=").count(), 1, "what only says so is left alone: {html}");
        for other in [
            "![a](/article-attachments/../api/v1/me)",
            "![a](//evil.example/article-attachments/01a20447-622c-7c22-b43e-6aeafcc25b41)",
            "![a](/article-attachments/01a20447-622c-7c22-b43e-6aeafcc25b41?x=y)",
            "![a](https://evil.example/p.png)",
            "![a](data:image/png;base64,AAAA)",
            "![a ![b](/tickets/1)](/tickets/2)",
        ] {
            assert!(!render_article(other, &[]).0.contains("<img"), "{other}");
        }
        let nested = render_article(&format!("![a {} b](https://evil.example/p.png)", file.markdown()), &[]).0;
        assert!(nested.contains("<img src=\"/article") && !nested.contains("evil"), "{nested}");
    }

    #[test]
    fn what_leads_somewhere_can_be_led_elsewhere() {
        let text = "![a](p/a.png \"A\") [b](<p/b c.png>) [b](<p/b c.png>) `[c](d.png)` [d](p/a.png)";
        assert_eq!(destinations(text), ["p/a.png", "p/b c.png"]);
        let moved = lead_elsewhere(&lead_elsewhere(text, "p/a.png", "/1"), "p/b c.png", "/2");
        assert_eq!(moved, "![a](/1 \"A\") [b](/2) [b](/2) `[c](d.png)` [d](/1)");
    }

    #[test]
    fn an_article_falls_into_its_sections() {
        let sections = sections(
            "before\n\n# One\n\n- a `b`\n- c\n\n## Two\n\nd\ne\n\n# Three\n\n# Four\n\n| f | g |\n|--|--|\n| h | i |",
        );
        let seen: Vec<_> = sections.iter().map(|one| (one.path.join(">"), one.text.trim().to_owned())).collect();
        let expected = [("", "before"), ("One", "a b\nc"), ("One>Two", "d e"), ("Four", "f g \nh i")];
        assert_eq!(seen, expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
        assert_eq!(sections[2].anchor.as_deref(), Some("about-two"));
    }

    #[test]
    fn mentions_are_set_apart_but_not_in_code() {
        let names = ["Ana Ruiz".to_owned()];
        let html = render("@Ana Ruiz, please. `@Ana Ruiz`", &names);
        assert_eq!(html.matches("class=\"mention\"").count(), 1, "{html}");
        assert!(!render("    @Ana Ruiz", &names).contains("mention"));
        assert_eq!(render("a@b.c < d", &names), "<p>a@b.c &lt; d</p>\n");
    }

    #[test]
    fn no_text_that_may_be_sent_takes_long_or_breaks() {
        let long = crate::tickets::COMMENT_MAX;
        for part in [">", "> ", "- ", "[", "![", "*", "_a ", "`", "<", "&", "@a ", "|-", "a@a\n", "[a](", "1. ", "**a "]
        {
            let text: String = part.chars().cycle().take(long).collect();
            let begun = std::time::Instant::now();
            let _ = render(&text, &["a".to_owned()]);
            let _ = (render_article(&text, &[]), sections(&text));
            assert!(begun.elapsed().as_secs() < 5, "{part}: {:?}", begun.elapsed());
        }
    }

    #[test]
    fn a_mail_stays_as_it_was_written() {
        assert_eq!(render_plain("a *b*\nc\r\n\r\n<d>"), "<p>a *b*<br>c</p><p>&lt;d&gt;</p>");
    }
}
