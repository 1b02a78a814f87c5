//! `borgerpanel panel simulate`: a year of surveys over made-up members, drawn at random and balanced.

use std::fs;

use crate::cli::{PanelSimulateArgs, Verdict};
use crate::console::{complain, say};
use crate::error::{Context, Error, Result};
use crate::panel::simulate::{Comparison, Load, Plan, Sent, Year};
use crate::response::targets::Targets;

/// Runs the command.
pub fn run(args: &PanelSimulateArgs) -> Result<Verdict> {
    let path = &args.targets;
    let text =
        fs::read_to_string(path).during_at("read the targets in", path).map_err(|error| {
            error.hint("name a targets file with --targets FILE; content/targets has an example")
        })?;
    let targets = match Targets::read(&text) {
        Ok(targets) => targets,
        Err(faults) => {
            faults.iter().for_each(|fault| complain!("{}: {fault}", path.display()));
            return Ok(Verdict::No);
        }
    };
    let plan = Plan {
        members: count(args.members),
        surveys: count(args.surveys),
        size: count(args.size),
        seed: args.seed,
    };
    let comparison = plan
        .run(&targets)
        .map_err(|unfit| Error::new("make up people by").path(path).source(unfit))?;
    if args.json {
        say!("{}", serde_json::to_string(&comparison).during("write the simulation as JSON")?)?;
    } else {
        print(args, &targets, &comparison)?;
    }
    Ok(Verdict::Fine)
}

fn count(number: u64) -> usize {
    usize::try_from(number).expect("the command line takes no more than a million")
}

fn print(args: &PanelSimulateArgs, targets: &Targets, comparison: &Comparison) -> Result<()> {
    let Comparison { random, balanced, .. } = comparison;
    say!("SYNTHETIC: nobody in this panel exists, and its figures say nothing of a real one.")?;
    if let Some(about) = &targets.about {
        say!("population: {} ({})", about.source, about.date)?;
    }
    let PanelSimulateArgs { members, surveys, size, seed, .. } = args;
    say!("{members} members, {surveys} surveys to {size} each, seed {seed}")?;
    say!("\ngaps: the largest difference of any group's share to the population, in points")?;
    print_year("drawn at random", random)?;
    print_year("drawn with --balance", balanced)?;
    print_groups(random, balanced)?;
    print_loads(random, balanced)?;
    print_verdict(random, balanced)
}

fn print_year(title: &str, year: &Year) -> Result<()> {
    say!("\n{title}")?;
    say!(
        "day         members     free  invited  answers  rate  gap: panel  invited  expected  answers"
    )?;
    for sent in &year.surveys {
        let Sent { day, members, may_be_invited, invited, answered, .. } = sent;
        let rate = 100.0 * *answered as f64 / (*invited).max(1) as f64;
        let Sent { gap_panel, gap_invited, gap_expected, gap_answers, .. } = sent;
        say!(
            "{day}  {members:>7}  {may_be_invited:>7}  {invited:>7}  {answered:>7}  {rate:>3.0}%  \
             {gap_panel:>10.1}  {gap_invited:>7.1}  {gap_expected:>8.1}  {gap_answers:>7.1}"
        )?;
    }
    Ok(())
}

/// Shares in per cent, over the whole year.
fn print_groups(random: &Year, balanced: &Year) -> Result<()> {
    say!("\nshares in % over the year        at random:                    with --balance:")?;
    say!("{:<26} city  panel  invited  answers  rate  panel  invited  answers  rate", "group")?;
    let per_cent = |share: f64| format!("{:.0}", 100.0 * share);
    let rate =
        |rate: Option<f64>| rate.map_or("-".to_owned(), |rate| format!("{}%", per_cent(rate)));
    for (one, other) in random.groups.iter().zip(&balanced.groups) {
        let name = match one.category.len() > 24 {
            true => one.category.chars().take(24).collect(),
            false => one.category.clone(),
        };
        let side = |of: &crate::panel::simulate::Passage| {
            let [panel, invited, answers] = [of.panel, of.invited, of.answers].map(per_cent);
            format!("{panel:>5}  {invited:>7}  {answers:>7}  {:>4}", rate(of.rate))
        };
        say!("{name:<26} {:>4}  {}  {}", per_cent(one.population), side(one), side(other))?;
    }
    Ok(())
}

fn print_loads(random: &Year, balanced: &Year) -> Result<()> {
    say!("\ninvitations in the year       none    1-4   5-10   over 10   most   joined   left")?;
    for (title, year) in [("at random", random), ("with --balance", balanced)] {
        let Load { none, one_to_four, five_to_ten, more, most } = year.load;
        let (joined, left) = (year.joined, year.left);
        say!(
            "{title:<25} {none:>8} {one_to_four:>6} {five_to_ten:>6} {more:>9} {most:>6} {joined:>8} {left:>6}"
        )?;
    }
    Ok(())
}

fn print_verdict(random: &Year, balanced: &Year) -> Result<()> {
    say!(
        "\nlargest gap, mean of the surveys: answers {:.1} at random, {:.1} with --balance; \
         expected answers {:.1} and {:.1}",
        random.mean_gap_answers,
        balanced.mean_gap_answers,
        random.mean_gap_expected,
        balanced.mean_gap_expected
    )
}
