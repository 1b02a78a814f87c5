//! From a folder of Markdown to a site: load, compile, render, write. In this order:
//!
//! 1. [`config`]: `site.toml`, the site's public facts.
//! 2. `theme`: the built-in look, overridden file by file; `contrast` holds its colours to WCAG.
//! 3. `content`: the pages and surveys of a content folder.
//! 4. `render`: one pure renderer, for the build and for the servers alike.
//! 5. `build`: the tree of files, of which only what changed is written.

pub mod catalogue;
pub mod config;
pub mod settings_keys;
