//! HTML mail: made safe to show, and made text.

use ammonia::Builder;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What is nested deeper than any mail program nests takes an HTML parser minutes.
const DEPTH_MAX: usize = 400;
/// Longer markup is not shown, in bytes.
const MARKUP_MAX: usize = 4 * 1024 * 1024;

/// Markup with an allow-list of elements, attributes and styles: no scripts, no forms, nothing that reaches out of it.
pub fn safe_html(markup: &str) -> String {
    if is_hopeless(markup) {
        return crate::markdown::render_plain(&stripped(markup));
    }
    SAFE.clean(markup).to_string()
}

/// The words of `markup`, its paragraphs and lines as lines, its quotes marked with `>` as in mail.
pub fn text_of(markup: &str) -> String {
    if is_hopeless(markup) {
        return stripped(markup);
    }
    let mut text = Text::default();
    text.read(&TEXT.clean(markup).to_string());
    text.finish()
}

static SAFE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    let styles = [
        "color",
        "background-color",
        "font-weight",
        "font-style",
        "font-size",
        "font-family",
        "text-align",
        "text-decoration",
        "border",
        "border-left",
        "border-collapse",
        "padding",
        "padding-left",
        "margin",
        "margin-left",
        "width",
        "height",
        "vertical-align",
        "white-space",
        "line-height",
    ];
    builder
        .add_tags(["font", "center", "u"])
        .add_generic_attributes(["style", "align", "valign", "dir"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "width", "bgcolor"])
        .add_tag_attributes("td", ["width", "height", "bgcolor"])
        .add_tag_attributes("font", ["color", "size", "face"])
        .filter_style_properties(styles.into_iter().collect::<HashSet<_>>())
        .url_schemes(["http", "https", "mailto", "tel", "cid"].into_iter().collect())
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .add_clean_content_tags(["title", "head", "noscript", "template", "svg", "math", "select", "textarea"])
        .rm_tags(["map", "area"]);
    builder
});

/// As much as the words need.
static TEXT: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "p",
        "div",
        "br",
        "hr",
        "li",
        "ul",
        "ol",
        "blockquote",
        "pre",
        "tr",
        "td",
        "th",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "center",
        "dl",
        "dt",
        "dd",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(tags.into_iter().collect())
        .add_tag_attributes("p", ["class"])
        .clean_content_tags(["script", "style", "title", "head", "noscript", "template"].into_iter().collect());
    builder
});

fn is_hopeless(markup: &str) -> bool {
    if markup.len() > MARKUP_MAX {
        return true;
    }
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for (at, _) in markup.match_indices('<') {
        let rest = &markup.as_bytes()[at + 1..];
        match rest.first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(byte) if byte.is_ascii_alphabetic() && !is_void(rest) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            _ => {}
        }
    }
    // Many never close a paragraph or a cell: only what is far beyond is a bomb.
    deepest > DEPTH_MAX && deepest * 3 > markup.matches('<').count().min(DEPTH_MAX * 30)
}

fn is_void(rest: &[u8]) -> bool {
    let name: Vec<u8> =
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
    let void: [&[u8]; 14] =
        [b"br", b"img", b"hr", b"meta", b"link", b"input", b"p", b"li", b"td", b"tr", b"col", b"o", b"base", b"area"];
    void.contains(&name.as_slice())
}

/// Everything between angle brackets left out.
fn stripped(markup: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in markup.chars().take(MARKUP_MAX) {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Text as it grows: lines, and what is owed before the next word.
#[derive(Default)]
struct Text {
    out: String,
    /// Line ends owed: two make an empty line.
    owed: usize,
    space: bool,
    quotes: usize,
    verbatim: usize,
    begun: bool,
}

impl Text {
    /// Reads clean markup: what [`TEXT`] writes is well formed.
    fn read(&mut self, markup: &str) {
        let mut rest = markup;
        while let Some(at) = rest.find('<') {
            self.words(&rest[..at]);
            let Some(end) = rest[at..].find('>') else { break };
            self.tag(&rest[at + 1..at + end]);
            rest = &rest[at + end + 1..];
        }
        if !rest.starts_with('<') {
            self.words(rest);
        }
    }

    fn tag(&mut self, tag: &str) {
        let closes = tag.starts_with('/');
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match (name, closes) {
            ("br", _) => self.line_ends(),
            ("hr", _) => {
                self.owe(1);
                self.words("________________________________");
                self.owe(1);
            }
            ("blockquote", false) => {
                self.owe(1);
                self.quotes += 1;
            }
            ("blockquote", true) => {
                self.owe(1);
                self.quotes = self.quotes.saturating_sub(1);
            }
            ("pre", false) => {
                self.owe(2);
                self.verbatim += 1;
            }
            ("pre", true) => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.owe(2);
            }
            ("li", false) => {
                self.owe(1);
                self.words("- ");
            }
            ("td" | "th", true) => self.space = true,
            // Outlook's paragraphs are lines: it gives them no space.
            ("p", _) if tag.contains("Mso") => self.owe(1),
            ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol", _) => self.owe(2),
            (
                "div" | "tr" | "li" | "table" | "section" | "article" | "header" | "footer" | "center" | "dl" | "dt"
                | "dd",
                _,
            ) => {
                self.owe(1);
            }
            _ => {}
        }
    }

    /// So many line ends before the next word, at least.
    fn owe(&mut self, ends: usize) {
        self.owed = self.owed.max(ends);
        self.space = false;
    }

    /// One more line end.
    fn line_ends(&mut self) {
        self.owed += 1;
        self.space = false;
    }

    fn words(&mut self, markup: &str) {
        let text = markup
            .replace("&nbsp;", " ")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&");
        if self.verbatim > 0 {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    self.line_ends();
                }
                if !line.is_empty() {
                    self.put(line);
                }
            }
            return;
        }
        self.space |= text.starts_with(char::is_whitespace);
        let mut first = true;
        for word in text.split_whitespace() {
            self.space |= !first;
            first = false;
            self.put(word);
        }
        self.space |= !first && text.ends_with(char::is_whitespace);
    }

    fn put(&mut self, text: &str) {
        let ends = if self.begun { self.owed.min(3) } else { 0 };
        for _ in 0..ends {
            self.out.push('\n');
        }
        if (ends > 0 || !self.begun) && self.quotes > 0 {
            self.out.push_str(&">".repeat(self.quotes));
            self.out.push(' ');
        } else if self.space && ends == 0 && self.begun {
            self.out.push(' ');
        }
        self.out.push_str(text);
        (self.owed, self.space, self.begun) = (0, false, true);
    }

    fn finish(self) -> String {
        self.out
    }
}
