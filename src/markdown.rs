//! Markdown (CommonMark, with tables and strikethrough) as people write it in replies, made into HTML that is safe to
//! show: raw HTML stays text, and of what is made only an allow-list of elements passes.

use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
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
    let (mut in_code, mut depth) = (false, 0_u32);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    // What is nested deeper than anyone writes takes an HTML parser minutes: such text stays text.
    let too_deep = Parser::new_ext(text, options).any(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        depth > DEPTH_MAX
    });
    if too_deep {
        return render_plain(text);
    }
    let events = Parser::new_ext(text, options).flat_map(|event| {
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

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
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
        .tags(HashSet::from(tags))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .allowed_classes(HashMap::from([("strong", HashSet::from(["mention"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

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
            assert!(begun.elapsed().as_secs() < 5, "{part}: {:?}", begun.elapsed());
        }
    }

    #[test]
    fn a_mail_stays_as_it_was_written() {
        assert_eq!(render_plain("a *b*\nc\r\n\r\n<d>"), "<p>a *b*<br>c</p><p>&lt;d&gt;</p>");
    }
}
