//! `borgerpanel new theme`: the two files that make a city's look.

use crate::cli::{NewArgs, Verdict};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::site::{Theme, content, tokens};

const LOGO: &str = include_str!("logo.svg");
const NOTE: &str = "\
/* The look of the site. Write colours as #rrggbb: `borgerpanel build` measures every pair that meets on
   a page, in both sets, and names those that cannot be read. `borgerpanel preview` shows what you save.
   The logo is images/logo.svg; docs/theme.md says what it must be like, and what else can be changed. */
";

/// Writes the built-in tokens, to be changed, and a mark in the place of a logo.
pub fn write(args: &NewArgs) -> Result<Verdict> {
    let name = args.slug.as_str();
    if name == "default" {
        return Err(Error::new("call a theme \"default\"")
            .hint("that is the built-in one; take the city's name, as in koebenhavn"));
    }
    let folder = content::themes_beside(&args.content).join(name);
    let css = Theme::builtin_text(tokens::FILE);
    let css = css.split_once('\n').map_or(css, |(_, rest)| rest);
    let files = [(tokens::FILE, format!("{NOTE}{css}")), ("images/logo.svg", LOGO.to_owned())];
    for (file, _) in &files {
        super::refuse_existing(&folder.join(file))?;
    }
    for (file, text) in &files {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).during_at("make the folder", parent)?;
        }
        replace_file(&path, text.as_bytes(), Access::Shared)?;
        say!("wrote {}", path.display())?;
    }
    let settings = args.content.join("site.toml");
    say!("next: write `theme = \"{name}\"` in {}, then `borgerpanel preview`", settings.display())?;
    Ok(Verdict::Fine)
}
