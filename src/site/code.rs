//! The page for the code of a letter, and the one for a code that nobody knows.

use super::frame::Switch;
use super::render::{Listed, Mode, Renderer};
use super::words::Words;
use crate::error::Result;
use crate::panel::code::{Code, Wrong};

/// Where a code is typed in, without a language's prefix.
pub const ADDRESS: &str = "/kode/";

/// Of the code that shows how one looks: letters and digits, and nobody's.
const EXAMPLE: [u8; 5] = [0x3a, 0x67, 0x4c, 0xdb, 0xba];

impl Renderer {
    /// The page with its one field; what was typed is kept.
    pub fn code(
        &self,
        lang: &str,
        mode: Mode,
        typed: &str,
        wrong: Option<Wrong>,
    ) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let mut frame = self.frame(lang, mode, words.ui("code_title"), Switch::Links(ADDRESS));
        if wrong.is_some() {
            frame.title_prefix = words.ui("error_prefix");
        }
        let mut values = self.values(&frame)?;
        values.insert("action", &self.address(ADDRESS, lang));
        values.insert("typed", typed);
        let is_kiosk = mode == Mode::Kiosk;
        values.insert("lead", words.ui(if is_kiosk { "code_text_kiosk" } else { "code_text" }));
        // On a phone a line would end in the middle of it.
        let example = Code::of(EXAMPLE).to_string().replace('-', "\u{2011}");
        values.insert("hint", &words.fill("code_hint", &[("example", &example)]));
        values.insert("problem", &wrong.map(|wrong| said(words, wrong)));
        self.page("code.html", &values)
    }

    /// Which survey a letter is about, at a kiosk where several are open to whoever has one. Each stands with
    /// its address; `switch` is the page's own.
    pub fn code_choice(
        &self,
        lang: &str,
        switch: &str,
        choices: &[(String, &Listed)],
    ) -> Result<String> {
        let lang = self.language(lang);
        let title = self.words_of(lang).ui("code_choice_title");
        let frame = self.frame(lang, Mode::Kiosk, title, Switch::Links(switch));
        let mut values = self.values(&frame)?;
        let cards: Vec<_> = choices
            .iter()
            .map(|(path, listed)| self.card_at(listed, lang, self.address(path, lang)))
            .collect();
        values.insert("cards", &cards);
        self.page("code-choice.html", &values)
    }

    /// For a code of the right form that was never given, or is none any more.
    pub fn code_unknown(&self, lang: &str, mode: Mode, code: &str) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.fill("code_unknown_title", &[("code", code)]);
        let frame = self.frame(lang, mode, &title, Switch::Links(ADDRESS));
        let mut values = self.values(&frame)?;
        values.insert("again", &self.address(ADDRESS, lang));
        self.page("code-unknown.html", &values)
    }
}

fn said(words: &Words, wrong: Wrong) -> String {
    match wrong {
        Wrong::Empty => words.ui("code_empty").to_owned(),
        Wrong::Length(n) => words.fill("code_length", &[("n", &n.to_string())]),
        Wrong::Sign(sign) => words.fill("code_sign", &[("sign", &sign.to_string())]),
        Wrong::Check => words.ui("code_check").to_owned(),
    }
}
