//! `borgerpanel build`

use super::serving;
use crate::cli::{BuildArgs, Verdict};
use crate::clock::SystemClock;
use crate::console::{complain, say};
use crate::error::Result;
use crate::site::build::{self, Options, Outcome, WEIGHT_MAX};

/// Runs the command: mistakes to stderr, what was built to stdout.
pub fn run(args: &BuildArgs) -> Result<Verdict> {
    let options = Options {
        content: args.content.clone(),
        theme: args.theme.clone(),
        out: args.out.clone(),
        kiosk: None,
    };
    let outcome = build::release(&options, &SystemClock)?;
    serving::show_mistakes(&outcome);
    if outcome.site.is_none() {
        let errors = outcome.diagnostics.iter().filter(|one| one.is_error()).count();
        let noun = if errors == 1 { "error" } else { "errors" };
        complain!("borgerpanel: {errors} {noun}; nothing was written");
        return Ok(Verdict::No);
    }
    say!("{}", summary(&outcome, &options).trim_end())?;
    Ok(Verdict::Fine)
}

fn summary(outcome: &Outcome, options: &Options) -> String {
    let Some(site) = &outcome.site else { return String::new() };
    let changes = outcome.changes;
    let mut out = format!(
        "built {} surveys in {} languages: {} files written, {} unchanged, {} removed\n  \
         site: {}\n  release: {}\n",
        site.surveys.len(),
        site.renderer.config().languages.len(),
        changes.written,
        changes.unchanged,
        changes.removed,
        options.out.display(),
        site.release.display(),
    );
    if let Some((address, weight)) = &outcome.heaviest {
        let over = if *weight > WEIGHT_MAX { ", over the limit" } else { "" };
        out.push_str(&format!(
            "  heaviest survey on a phone: /{address} with {} of {} KB{over}\n",
            weight.div_ceil(1000),
            WEIGHT_MAX / 1000,
        ));
    }
    out
}
