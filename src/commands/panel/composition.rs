//! `borgerpanel panel composition`: who is in the panel beside who lives in the city, as it may be published: whole
//! tens, nothing of fewer than ten, and not more often than once a quarter.

mod publish;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Value, json};

use self::publish::publish;
use crate::cli::{PanelCompositionArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::{complain, say};
use crate::error::{Context, Error, Result};
use crate::panel::composition::{Composition, Told, ToldGroup, ToldVariable};
use crate::response::record::Background;
use crate::response::targets::Targets;
use crate::server::staff::bureau::Composed;
use crate::site::config::SiteConfig;
use crate::site::content::Content;
use crate::store::members::Members;

/// How often it may be published, and why.
const QUARTERLY: &str =
    "publish it at most once a quarter: two tables soon after one another show who came between";

/// Runs the command. The verdict is no where the targets have mistakes.
pub fn run(args: &PanelCompositionArgs) -> Result<Verdict> {
    let content = content(&args.content)?;
    let config = &content.config;
    let named = args.named.as_ref().or(args.panel.as_ref());
    if let Some(panel) = named.filter(|panel| !config.panels.contains_key(*panel)) {
        return Err(Error::new(format!("count the panel {panel:?}"))
            .source("there is no such panel")
            .hint("name one of `[panels.…]` in site.toml, or none for all members"));
    }
    if args.out.is_some() && named.is_none() {
        return Err(Error::new("publish the composition of all panels")
            .source("a page is of one panel")
            .hint("name it: `panel composition kbh --out content/results/panel-kbh`"));
    }
    let usual = || args.content.join("targets").join(format!("{}.csv", config.results.targets));
    let path: PathBuf = args.targets.clone().unwrap_or_else(usual);
    let text = std::fs::read_to_string(&path).during_at("read the targets in", &path)?;
    let targets = match Targets::read(&text) {
        Ok(targets) => targets,
        Err(faults) => {
            faults.iter().for_each(|fault| complain!("{}: {fault}", path.display()));
            return Ok(Verdict::No);
        }
    };
    let today = SystemClock.today(&config.zone());
    let people = backgrounds(&args.at.data, named.map(String::as_str), config, today)?;
    let told = Composition::of(people.iter().map(|one| (one, 1.0)), &targets).told();
    if let (Some(panel), true) = (named, args.out.is_some()) {
        return publish(panel, &told, &targets, &content, today, args);
    }
    match args.json {
        true => say!("{}", in_json(&told, &targets, named))?,
        false => print(&told, &targets, named)?,
    }
    Ok(Verdict::Fine)
}

/// What it says of one panel, for the staff pages.
pub fn compose(data: &Path, content: &Path, panel: &str, clock: &dyn Clock) -> Result<Composed> {
    let config = self::content(content)?.config;
    let path = content.join("targets").join(format!("{}.csv", config.results.targets));
    let text = std::fs::read_to_string(&path).during_at("read the targets in", &path)?;
    let targets = Targets::read(&text).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Error::new("read the targets in").path(&path).source(told.join("; "))
    })?;
    let members = backgrounds(data, Some(panel), &config, clock.today(&config.zone()))?;
    let about = targets.about.as_ref();
    Ok(Composed {
        told: Composition::of(members.iter().map(|one| (one, 1.0)), &targets).told(),
        source: about
            .map(|about| format!("{} ({}), {}", about.source, about.date, about.population)),
        is_local: config.panels.get(panel).is_some_and(|panel| !panel.districts.is_empty()),
    })
}

/// The site's settings and sign-up forms.
fn content(content: &Path) -> Result<Content> {
    let loaded = crate::site::content::load(content)?;
    match loaded.has_errors() {
        false => Ok(loaded),
        true => Err(Error::new("read the site in")
            .path(content)
            .source("it has mistakes")
            .hint("`borgerpanel check` shows them")),
    }
}

/// The backgrounds of confirmed members of a panel, or of any, today.
fn backgrounds(
    data: &Path,
    panel: Option<&str>,
    config: &SiteConfig,
    today: Date,
) -> Result<Vec<Background>> {
    let members = Members::open(data)?;
    let all = members.all().map_err(|error| error.at("read", members.path()))?;
    let all = all.iter().map(crate::store::members::member::Member::in_panel);
    let ours = all.filter(|member| {
        let in_one = !member.memberships.is_empty();
        panel.map_or(in_one, |panel| member.is_in(panel))
    });
    Ok(ours.map(|member| member.background(today, &config.age_groups)).collect())
}

fn print(told: &Told, targets: &Targets, panel: Option<&String>) -> Result<()> {
    let count =
        |count: Option<u64>| count.map_or("under 10".to_owned(), |count| format!("about {count}"));
    let who = panel.map_or("all panels", String::as_str);
    say!("{who}: {} members", count(told.total))?;
    if let Some(about) = &targets.about {
        say!("population: {} ({}), {}", about.source, about.date, about.population)?;
    }
    for one in &told.variables {
        let ToldVariable { variable, dissimilarity, groups } = one;
        let points = dissimilarity.map_or("·".to_owned(), |points| format!("{points:.1}"));
        say!(
            "\n{:<28} population  panel   count  ratio    D {points} ({})",
            variable.name(),
            one.verdict()
        )?;
        for group in groups {
            say!("{}", line(group))?;
        }
    }
    say!("\ncounts are to the nearest ten, · is fewer than ten; {QUARTERLY}")
}

fn line(group: &ToldGroup) -> String {
    let per_cent = |share: f64| format!("{:.0}%", 100.0 * share);
    let or_dot = |told: Option<String>| told.unwrap_or_else(|| "·".to_owned());
    format!(
        "  {:<26} {:>10} {:>6} {:>7} {:>6}  {}",
        group.category,
        per_cent(group.population),
        or_dot(group.share.map(per_cent)),
        or_dot(group.count.map(|count| count.to_string())),
        or_dot(group.ratio.map(|ratio| format!("{ratio:.2}"))),
        group.verdict()
    )
    .trim_end()
    .to_owned()
}

fn in_json(told: &Told, targets: &Targets, panel: Option<&String>) -> Value {
    let group = |group: &ToldGroup| {
        json!({
            "category": group.category,
            "population": thousandths(Some(group.population)),
            "count": group.count,
            "panel": thousandths(group.share),
            "ratio": group.ratio.map(|ratio| (100.0 * ratio).round() / 100.0),
        })
    };
    let variable = |one: &ToldVariable| {
        json!({
            "variable": one.variable.name(),
            "d": one.dissimilarity.map(|points| (10.0 * points).round() / 10.0),
            "verdict": one.verdict(),
            "groups": one.groups.iter().map(group).collect::<Vec<_>>(),
        })
    };
    json!({
        "panel": panel,
        "members": told.total,
        "population": targets.about.as_ref().map(|about| json!({
            "source": about.source,
            "date": about.date.to_string(),
            "population": about.population,
        })),
        "variables": told.variables.iter().map(variable).collect::<Vec<_>>(),
        "rounding": 10,
        "publish": "at most quarterly",
    })
}

fn thousandths(share: Option<f64>) -> Option<f64> {
    share.map(|share| (1000.0 * share).round() / 1000.0)
}
