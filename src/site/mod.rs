//! From a folder of Markdown to a site: load, compile, render, write. In this order:
//!
//! 1. [`config`]: `site.toml`, the site's public facts.
//! 2. [`theme`]: the built-in look, overridden file by file; [`contrast`] holds its [`tokens`] to WCAG;
//!    [`words`] are the texts of the frame, [`assets`] the files with hashed names, of which a
//!    survey's page fetches its own [`parts`].
//! 3. [`content`]: the pages and surveys of a content folder, and the results [`published`] there.
//! 4. [`render`]: one pure renderer, for the build and for the servers alike; [`results`] makes the pages
//!    of published results, [`staff`] and [`sheet`] those of the central's staff.
//! 5. [`build()`]: the tree of files, of which only what changed is written; [`fingerprint`] tells
//!    whether there is anything to build; [`release`] reads back what a kiosk gets.

mod about;
pub mod assets;
pub mod build;
mod cards;
pub mod catalogue;
pub mod code;
pub mod config;
pub mod content;
pub mod contrast;
mod embedded;
pub mod fingerprint;
mod frame;
pub mod kiosk;
pub mod links;
pub mod member;
pub mod pages;
mod paper;
pub mod parts;
pub mod published;
pub mod qr;
pub mod release;
pub mod render;
pub mod results;
pub mod screen;
pub mod settings_keys;
pub mod sheet;
pub mod snippets;
mod squeeze;
pub mod staff;
pub mod theme;
pub mod tokens;
pub mod tree;
pub mod view;
pub mod words;

pub use build::{Options, Outcome, Site, build};
pub use config::SiteConfig;
pub use render::{Article, Fault, Listed, Mode, Renderer, SurveyPage};
pub use theme::Theme;
