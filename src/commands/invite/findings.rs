//! `borgerpanel invite SURVEY --findings`: everybody who was invited is told what was answered and what the city
//! does, once: also those who did not answer, so that the mail says of nobody whether they did.

use serde_json::json;

use crate::cli::{InviteArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::error::{Error, Result};
use crate::mail::findings;
use crate::server::app::Published;
use crate::store::StoreError;
use crate::store::members::Members;
use crate::store::members::member::Moment;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Phase};

/// Runs the command. The verdict is no where there is nobody to tell.
pub fn run(args: &InviteArgs, published: &Published) -> Result<Verdict> {
    let slug = &args.survey;
    must_be_published(args, published)?;
    let members = Members::open(&args.at.data)?;
    let at = |error: StoreError| error.at("read or write", members.path());
    let invited = members.invited(slug).map_err(at)?.len();
    let untold = members.untold(slug).map_err(at)?;
    let today = SystemClock.today(&published.site.renderer.config().zone()).to_string();
    let moment = Moment { day: &today, now: SystemClock.now().as_second() };
    let told = match args.dry_run {
        true => untold.len(),
        false => members.tell_findings(&untold, moment).map_err(at)?,
    };
    match args.json {
        true => say!(
            "{}",
            json!({ "survey": slug, "invited": invited, "told": told, "dry_run": args.dry_run })
        )?,
        false => {
            let word = if args.dry_run { "would be told" } else { "will be told" };
            say!("{slug}: {invited} were invited, {told} {word} what was found")?;
        }
    }
    Ok(if told == 0 { Verdict::No } else { Verdict::Fine })
}

/// What the mail promises is there: results to see, and words of what becomes of them.
fn must_be_published(args: &InviteArgs, published: &Published) -> Result<()> {
    let slug = &args.survey;
    let wrong = |why: &str, cure: &str| {
        Err(Error::new(format!("tell members of {slug:?}")).source(why).hint(cure))
    };
    let Some(definition) = published.site.survey(slug) else {
        return wrong(
            "there is no such survey",
            "name it as its file in content/surveys is called",
        );
    };
    if definition.settings.sample != Sample::Panel {
        return wrong("nobody was invited to it", "what was found of it is on its page of results");
    }
    if !is_over(definition, published) {
        return wrong(
            "it is still open",
            "tell them when it is over and its results are published",
        );
    }
    if !published.site.has_results(slug) {
        return wrong(
            "its results are not published",
            "put them into content/results, and publish the site; the mail leads to them",
        );
    }
    let config = published.site.renderer.config();
    let default = &config.default_language;
    for lang in &config.languages {
        if findings::read(&args.content, slug, lang, default)?.is_none() {
            let path = findings::path(&args.content, slug, None);
            return Err(Error::new(format!("tell members of {slug:?}"))
                .path(path)
                .source("there is no such file")
                .hint("write three findings as a list, and `## Det gør kommunen` with what the city does"));
        }
    }
    Ok(())
}

fn is_over(definition: &Definition, published: &Published) -> bool {
    let now = SystemClock.here(&published.site.renderer.config().zone()).datetime();
    definition.settings.phase(now) == Phase::Closed
}
