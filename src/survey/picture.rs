//! The pictures beside the texts: what is known of them where no disk is touched.

use std::collections::BTreeMap;

use super::catalogue as c;
use super::model::Image;
use super::source::{Notes, suggest};

/// A picture file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its address on the site; the name holds a digest of its bytes.
    pub address: String,
    pub width: u32,
    pub height: u32,
    pub bytes: usize,
}

/// Pictures by path, as messages show it.
pub type Pictures = BTreeMap<String, Picture>;

/// The endings of files that can be pictures.
pub const ENDINGS: &[&str] = &["png", "jpg", "jpeg", "webp", "svg"];

/// More bytes than this make a phone wait, and a survey's whole page has 120,000.
const BYTES_MAX: usize = 60_000;

/// The picture that a text of `notes.file` names with `url`, noted at `span` where there is none.
pub fn find(
    url: &str,
    alt: &str,
    span: std::ops::Range<usize>,
    notes: &mut Notes,
) -> Option<Image> {
    if alt.trim().is_empty() {
        notes.add(&c::PICTURE_WITHOUT_ALT, span.clone());
    }
    let Some(pictures) = notes.pictures else {
        return Some(Image { src: url.to_owned(), alt: alt.to_owned(), ..Image::default() });
    };
    let path = beside(notes.file, url);
    let Some(picture) = path.as_ref().and_then(|path| pictures.get(path)) else {
        let folder =
            notes.file.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let near =
            pictures.keys().filter_map(|path| path.strip_prefix(&folder)).collect::<Vec<_>>();
        let note = notes.add(&c::UNKNOWN_PICTURE, span);
        suggest(note.arg("name", url), url, near);
        note.fix = None;
        return None;
    };
    if picture.bytes > BYTES_MAX {
        notes
            .add(&c::HEAVY_PICTURE, span)
            .arg("name", url)
            .arg("kb", picture.bytes / 1000)
            .arg("max", BYTES_MAX / 1000);
    }
    Some(Image {
        src: picture.address.clone(),
        alt: alt.to_owned(),
        width: picture.width,
        height: picture.height,
    })
}

/// The path of what `url` names from `file`; none where it leads out of the content or the site.
fn beside(file: &str, url: &str) -> Option<String> {
    if url.contains(':') || url.starts_with('/') || url.contains('\\') {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in url.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_beside_its_text() {
        assert_eq!(
            beside("content/surveys/a.md", "b.png").as_deref(),
            Some("content/surveys/b.png")
        );
        assert_eq!(beside("content/surveys/a.md", "../b.png").as_deref(), Some("content/b.png"));
        assert_eq!(beside("a.md", "b.png").as_deref(), Some("b.png"));
        assert_eq!(beside("a.md", "../b.png"), None);
        assert_eq!(beside("a.md", "https://b.dk/c.png"), None);
        assert_eq!(beside("a.md", "/c.png"), None);
    }
}
