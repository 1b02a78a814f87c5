//! The two readings of a mail's text, from the HTML that Markdown becomes: a page that every mail program
//! shows, and plain text.
//!
//! The page fetches nothing and sets no colour but the button's, so that dark and large text stay the
//! reader's own. A paragraph that is nothing but a link is a button.

use std::fmt::Write;

const BODY: &str = "margin:0;padding:24px 16px;font-family:Arial,Helvetica,sans-serif;font-size:17px;line-height:1.5";
const BUTTON: &str = "display:inline-block;padding:14px 24px;border-radius:6px;background:#00529b;\
                      color:#ffffff;font-weight:bold;text-decoration:none";

/// Text that HTML takes as text.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole page around the HTML of a mail's text.
pub fn page(html: &str, subject: &str, lang: &str) -> String {
    let body = html.replace("<p><a href=", "<p style=\"margin:28px 0\"><a href=");
    // Only a link that ends its paragraph, too, is a button.
    let mut styled = String::with_capacity(body.len() + 512);
    for part in body.split_inclusive("</p>") {
        let is_button = part.contains("<p style=")
            && part.ends_with("</a></p>")
            && part.matches("<a ").count() == 1;
        match is_button {
            true => {
                styled.push_str(&part.replace("<a href=", &format!("<a style=\"{BUTTON}\" href=")))
            }
            false => styled.push_str(part),
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n</head>\n\
         <body style=\"{BODY}\">\n<div style=\"max-width:36em;margin:0 auto\">\n{styled}\n</div>\n</body>\n</html>\n",
        escaped(subject),
        lang = escaped(lang),
    )
}

/// The same as plain text: a link that stands alone on two lines, others with their address behind them.
pub fn plain(html: &str) -> String {
    let mut out = Plain::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.words(&rest[..open]);
        let close = rest[open..].find('>').map_or(rest.len(), |at| open + at + 1);
        out.tag(&rest[open..close]);
        rest = &rest[close..];
    }
    out.words(rest);
    let lines: Vec<&str> = out.text.trim().lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n"))
}

#[derive(Default)]
struct Plain {
    text: String,
    /// Of lists around this place: the next number, or none for points.
    lists: Vec<Option<u32>>,
    /// The link that is open: its address, and where its words begin.
    link: Option<(String, usize)>,
}

impl Plain {
    /// Text between two tags. A line that was wrapped in the source is one line.
    fn words(&mut self, html: &str) {
        let text = unescaped(html).replace('\n', " ");
        let goes_on = !self.text.is_empty() && !self.text.ends_with([' ', '\n']);
        self.text.push_str(if !goes_on { text.trim_start() } else { &text });
    }

    fn tag(&mut self, tag: &str) {
        let name = tag.trim_matches(['<', '>', '/', ' ']).split(' ').next().unwrap_or_default();
        match (name, tag.starts_with("</")) {
            ("a", false) => {
                let address = tag.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
                self.link = Some((unescaped(address.unwrap_or_default()), self.text.len()));
            }
            ("a", true) => self.end_link(),
            ("ul", false) => self.lists.push(None),
            ("ol", false) => self.lists.push(Some(1)),
            ("ul" | "ol", true) => {
                self.lists.pop();
                self.space(if self.lists.is_empty() { 2 } else { 1 });
            }
            ("li", false) => self.begin_item(),
            ("li" | "tr", true) => self.space(1),
            ("br", _) => self.text.push('\n'),
            ("hr", _) => {
                self.space(2);
                self.text.push_str("--------\n\n");
            }
            ("td" | "th", true) => self.text.push_str("  "),
            // A paragraph of an item goes on behind its point.
            ("p", false) if self.text.ends_with("- ") || self.text.ends_with(". ") => {}
            ("p" | "blockquote" | "pre" | "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6", _) => {
                self.space(if self.lists.is_empty() { 2 } else { 1 });
            }
            _ => {}
        }
    }

    fn begin_item(&mut self) {
        self.space(1);
        let depth = self.lists.len().saturating_sub(1);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        let _ = write!(self.text, "{:1$}{mark}", "", 2 * depth);
    }

    fn end_link(&mut self) {
        let Some((address, from)) = self.link.take() else { return };
        let bare = address.trim_start_matches("mailto:").trim_start_matches("tel:");
        if self.text[from..].trim() == bare {
            return;
        }
        let begins_line = from == 0 || self.text[..from].ends_with('\n');
        match begins_line {
            true => {
                let _ = write!(self.text, ":\n{bare}");
            }
            false => {
                let _ = write!(self.text, " ({bare})");
            }
        }
    }

    /// At least so many line ends behind what is there.
    fn space(&mut self, lines: usize) {
        let kept = self.text.trim_end_matches([' ', '\n']).len();
        if kept == 0 {
            return;
        }
        let ends = self.text[kept..].matches('\n').count();
        self.text.truncate(kept);
        self.text.push_str(&"\n".repeat(lines.max(ends.min(2))));
    }
}

fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_reads_like_a_letter() {
        let html = "<p>Kære <em>du</em>,\nhej</p>\n<ul>\n<li>et &amp; to</li>\n<li>\n<p>tre</p>\n</li>\n</ul>\n\
                    <ol>\n<li>a</li>\n<li>b</li>\n</ol>\n<h2>Mere</h2>\n\
                    <p><a href=\"https://a.dk/?b=1&amp;c\">Svar nu</a></p>\n<hr />\n\
                    <p>Læs <a href=\"https://a.dk/\">her</a> eller <a href=\"mailto:a@b.dk\">a@b.dk</a>.</p>";
        assert_eq!(
            plain(html),
            "Kære du, hej\n\n- et & to\n- tre\n\n1. a\n2. b\n\nMere\n\n\
             Svar nu:\nhttps://a.dk/?b=1&c\n\n--------\n\nLæs her (https://a.dk/) eller a@b.dk.\n"
        );
    }

    #[test]
    fn a_link_alone_is_a_button_and_one_among_words_is_not() {
        let alone = page("<p><a href=\"https://a.dk\">Ja</a></p>", "Hej", "da");
        assert!(alone.contains("display:inline-block"), "{alone}");
        for html in [
            "<p><a href=\"https://a.dk\">Ja</a> og nej</p>",
            "<p>Læs <a href=\"https://a.dk\">her</a></p>",
        ] {
            assert!(!page(html, "Hej", "da").contains("display:inline-block"), "{html}");
        }
    }
}
