//! What is open in the editor, and what is wrong with the site around it.
//!
//! The whole site is read again after a change: a block's or a translation's mistakes show only in
//! what takes it in. Texts that are not saved stand in for their files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lsp_types::{DiagnosticSeverity, NumberOrString, PublishDiagnosticsParams, Uri};

use super::known::Known;
use super::place;
use crate::cli::MessageLanguage;
use crate::commands::check;
use crate::console::complain;
use crate::diag::{Diagnostic, Language};
use crate::site::content::{self, Content, Unsaved};

/// The open files and their sites.
#[derive(Default)]
pub struct Workspace {
    asked: Option<MessageLanguage>,
    /// By path: the address as the editor writes it.
    open: BTreeMap<PathBuf, Uri>,
    unsaved: Unsaved,
    /// By the folder of `site.toml`, or by the file itself where there is no site around it.
    sites: BTreeMap<PathBuf, Content>,
    /// Files with something told about them.
    told: BTreeSet<PathBuf>,
    /// Something changed since the sites were read.
    pub is_stale: bool,
}

impl Workspace {
    /// Nothing open yet; `asked` decides the language of messages.
    pub fn new(asked: Option<MessageLanguage>) -> Workspace {
        Workspace { asked, ..Workspace::default() }
    }

    /// Takes in a file's text as it is in the editor.
    pub fn open(&mut self, uri: &Uri, text: &str) {
        let Some(path) = place::path(uri) else { return };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        self.unsaved.insert(path.clone(), text);
        self.open.insert(path, uri.clone());
        self.is_stale = true;
    }

    /// Goes back to what is on the disk.
    pub fn close(&mut self, uri: &Uri) {
        let Some(path) = place::path(uri) else { return };
        self.unsaved.remove(&path);
        self.open.remove(&path);
        self.is_stale = true;
    }

    /// The text of an open file.
    pub fn text(&self, path: &Path) -> Option<&str> {
        self.unsaved.get(path).map(String::as_str)
    }

    /// The site that `path` belongs to, as it was read last.
    pub fn content(&self, path: &Path) -> Option<&Content> {
        self.sites.get(&root(path))
    }

    /// The language to speak about `path` in.
    pub fn language(&self, path: &Path) -> Language {
        let own = self.content(path).map(|content| check::language_of(&content.config));
        check::chosen(self.asked, own.unwrap_or_default())
    }

    /// Reads again what changed, and gives what the editor is to show now.
    pub fn refresh(&mut self) -> Vec<PublishDiagnosticsParams> {
        self.is_stale = false;
        let roots: BTreeSet<PathBuf> =
            self.open.keys().filter(|path| self.concerns(path)).map(|path| root(path)).collect();
        self.sites.retain(|known, _| roots.contains(known));
        for root in roots {
            match self.load(&root) {
                Ok(content) => {
                    self.sites.insert(root, content);
                }
                // A file that moved while it was read: what was known stays until the next change.
                Err(error) => complain!("borgerpanel: {error}"),
            }
        }
        let mut found: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> =
            self.open.keys().chain(&self.told).map(|path| (path.clone(), Vec::new())).collect();
        for content in self.sites.values() {
            for note in &content.diagnostics {
                let path = PathBuf::from(&note.file);
                if self.is_near(&path, content) {
                    let text = content.sources.get(&note.file).map_or("", String::as_str);
                    let shown = show(note, text, self.language(&path));
                    found.entry(path).or_default().push(shown);
                }
            }
        }
        self.told =
            found.iter().filter(|(_, n)| !n.is_empty()).map(|(path, _)| path.clone()).collect();
        let uri = |path: &Path| self.open.get(path).cloned().or_else(|| place::uri(path));
        let told = found.into_iter().filter_map(|(path, diagnostics)| {
            Some(PublishDiagnosticsParams { uri: uri(&path)?, diagnostics, version: None })
        });
        told.collect()
    }

    /// A file without a site around it may be any Markdown: a survey has front matter.
    fn concerns(&self, path: &Path) -> bool {
        let has_front = || self.text(path).is_some_and(|text| text.starts_with("---\n"));
        let is_markdown = path.extension().is_some_and(|ending| ending == "md");
        check::site_folder(path).is_some() || is_markdown && has_front()
    }

    fn load(&self, root: &Path) -> crate::error::Result<Content> {
        if self.open.contains_key(root) && check::site_folder(root).is_none() {
            return content::load_lone(root, &self.unsaved);
        }
        content::load_with(root, &self.unsaved)
    }

    /// Whether a mistake in `file` is worth a word now: it is open, it is another language of what
    /// is open, or it is felt everywhere. The rest of the site is for `check`.
    fn is_near(&self, file: &Path, content: &Content) -> bool {
        let everywhere = file.starts_with(content.folder.join("blocks"))
            || file == content.folder.join("site.toml");
        everywhere || self.open.keys().any(|open| check::belongs(file, open))
    }
}

fn root(path: &Path) -> PathBuf {
    check::site_folder(path).unwrap_or_else(|| path.to_owned())
}

/// A file at the cursor.
pub struct At<'a> {
    pub workspace: &'a Workspace,
    pub path: &'a Path,
    pub text: &'a str,
}

impl At<'_> {
    /// Its site.
    pub fn content(&self) -> Option<&Content> {
        self.workspace.content(self.path)
    }

    /// Its questions and pages.
    pub fn known(&self) -> Known {
        Known::of(self.text, self.content())
    }

    /// In the language of its site.
    pub fn say(&self, en: &'static str, da: &'static str) -> &'static str {
        match self.workspace.language(self.path) {
            Language::English => en,
            Language::Danish => da,
        }
    }
}

/// A diagnostic as editors have it.
pub fn show(note: &Diagnostic, text: &str, language: Language) -> lsp_types::Diagnostic {
    let help = note.help(language);
    let message = note.message(language);
    let severity =
        if note.is_error() { DiagnosticSeverity::ERROR } else { DiagnosticSeverity::WARNING };
    lsp_types::Diagnostic {
        range: place::range(text, &note.span),
        severity: Some(severity),
        code: Some(NumberOrString::String(note.entry.code.to_owned())),
        source: Some("borgerpanel".to_owned()),
        message: if help.is_empty() { message } else { format!("{message}\n{help}") },
        ..lsp_types::Diagnostic::default()
    }
}
