//! What is known before anybody is asked: the population, and how likely each group answers. Draws by it,
//! and looks ahead.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;

use super::Office;
use crate::cli::InviteArgs;
use crate::crypto;
use crate::error::{Context, Error, Result};
use crate::panel::draw;
use crate::panel::member::Member;
use crate::panel::preview::{Limits, Plan, Preview};
use crate::panel::rates::{Count, Rates};
use crate::panel::select::Selection;
use crate::panel::target::Target;
use crate::response::record::Background;
use crate::response::targets::{Targets, Variable};

/// The population and the response rates.
pub struct Outlook {
    /// None where the site has no such file.
    targets: Option<Targets>,
    /// The file's name, for messages.
    file: String,
    rates: Rates,
    limits: Limits,
    age_groups: Vec<String>,
    today: Date,
}

impl Outlook {
    /// From the site's targets file, or the survey's own, and the counts of earlier surveys.
    pub fn of(office: &Office, content: &Path) -> Result<Outlook> {
        let config = office.config;
        let own = office.definition.settings.targets.as_ref();
        let name = own.unwrap_or(&config.results.targets);
        let path = content.join("targets").join(format!("{name}.csv"));
        let targets = match path.is_file() {
            true => Some(read(&path)?),
            false => None,
        };
        let count = |one: crate::store::members::invitation::GroupCount| Count {
            background: one.background,
            invited: u32::try_from(one.invited).unwrap_or(u32::MAX),
            answered: u32::try_from(one.answered).unwrap_or(u32::MAX),
        };
        let counts = office.store(office.members.counts())?;
        let counts: Vec<Count> = counts.into_iter().map(count).collect();
        Ok(Outlook {
            targets,
            file: path.display().to_string(),
            rates: if counts.is_empty() { Rates::default() } else { Rates::of(&counts) },
            limits: Limits {
                threshold: config.results.threshold,
                min_group: config.results.min_group,
            },
            age_groups: config.age_groups.clone(),
            today: office.today,
        })
    }

    /// Those who are invited, by their places in `members`, in ascending order.
    pub fn draw(
        &self,
        members: &[Member],
        selection: &Selection,
        args: &InviteArgs,
    ) -> Result<Vec<usize>> {
        let free = &selection.free;
        let Some(size) = args.size else { return Ok(free.clone()) };
        let mut rng = fastrand::Rng::with_seed(u64::from_le_bytes(crypto::random()));
        let places = match args.balance {
            false => draw::at_random(free.len(), size, &mut rng),
            true => {
                let targets = self.targets.as_ref().ok_or_else(|| {
                    Error::new("balance the draw")
                        .path(&self.file)
                        .source("there is no such file")
                        .hint("write the population into it (content/targets has an example)")
                })?;
                let backgrounds: Vec<Background> =
                    free.iter().map(|at| self.background(&members[*at])).collect();
                let backgrounds: Vec<&Background> = backgrounds.iter().collect();
                draw::balanced(&backgrounds, &self.rates, targets, size, &mut rng)
            }
        };
        Ok(places.into_iter().map(|place| free[place]).collect())
    }

    /// What the survey can become with those.
    pub fn preview(
        &self,
        members: &[Member],
        selection: &Selection,
        target: &Target,
        drawn: &[usize],
    ) -> Preview {
        let meant: Vec<Background> =
            selection.meant.iter().map(|at| self.background(&members[*at])).collect();
        Preview::of(Plan {
            target,
            selection,
            meant: &meant,
            invited: drawn,
            rates: &self.rates,
            order: &self.order(&meant),
            limits: self.limits,
        })
    }

    fn background(&self, member: &Member) -> Background {
        member.background(self.today, &self.age_groups)
    }

    /// The categories in the order in which small ones are merged: the file's, or where it has none, those
    /// there are.
    fn order(&self, meant: &[Background]) -> BTreeMap<Variable, Vec<String>> {
        let of = |variable: Variable| {
            let margin = self.targets.as_ref().and_then(|targets| targets.margin(variable));
            let order = match margin {
                Some(margin) => margin.categories.iter().map(|one| one.id.clone()).collect(),
                None => {
                    let there = meant.iter().filter_map(|own| variable.of(own));
                    there.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
                }
            };
            (variable, order)
        };
        Variable::ALL.into_iter().map(of).collect()
    }
}

fn read(path: &Path) -> Result<Targets> {
    let text = std::fs::read_to_string(path).during_at("read the targets in", path)?;
    Targets::read(&text).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Error::new("read the targets in").path(path).source(told.join("; "))
    })
}
