//! What a survey can become, before it is sent: how many it reaches, whose answers to expect, and which
//! tables may then be published ([`Preview::of`]).
//!
//! The rules are those of the results ("Disclosure control", "What is published"), applied to the number
//! of answers to expect. Which cells of a table will be hidden depends on the answers and cannot be known;
//! which tables there will be at all can.

use std::collections::BTreeMap;
use std::fmt;

use super::cap::Held;
use super::rates::Rates;
use super::select::{LOAD_MIN, Selection};
use super::target::Target;
use crate::response::record::Background;
use crate::response::targets::Variable;

/// Fewer answers than this and nothing is published.
pub const ANSWERS_MIN: f64 = 30.0;

/// Fewer answers than this and no tables by group are.
pub const TABLES_MIN: f64 = 50.0;

/// A survey for a part of its panels is published only with so many invited, and so many answers.
pub const TARGETED_INVITED_MIN: usize = 200;
pub const TARGETED_ANSWERS_MIN: f64 = 50.0;

/// `[results]` of the site's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// No figure rests on fewer people.
    pub threshold: u32,
    /// No group has fewer.
    pub min_group: u32,
}

/// What a preview is made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    pub target: &'a Target,
    pub selection: &'a Selection,
    /// The backgrounds of `selection.meant`, in its order.
    pub meant: &'a [Background],
    /// The places, in the list of members, of those who would be invited: all of `selection.free`, or
    /// those drawn of them.
    pub invited: &'a [usize],
    pub rates: &'a Rates,
    /// `district`, `age` …: the categories in the order in which small ones are merged.
    pub order: &'a BTreeMap<Variable, Vec<String>>,
    pub limits: Limits,
}

/// A group, and what to expect of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    pub category: String,
    pub members: usize,
    pub invited: usize,
    pub answers: f64,
}

/// A table by one variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Table {
    /// With these groups, each of one category or several merged.
    Shown(Vec<Vec<String>>),
    /// The survey's target speaks of the variable.
    Narrowed,
    /// Fewer than two groups are large enough.
    TooSmall,
}

/// What may be published.
#[derive(Debug, Clone, PartialEq)]
pub enum Outlook {
    /// Nothing, and why.
    Nothing(TooFew),
    /// The figures of all together; no groups.
    Totals,
    /// A table by each variable, as far as it goes.
    Tables(BTreeMap<Variable, Table>),
}

/// Why nothing is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooFew {
    Answers,
    TargetedInvited,
    TargetedAnswers,
}

/// A survey before it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Those it is for.
    pub members: usize,
    /// Those of them who may be invited today.
    pub free: usize,
    /// Why the others may not.
    pub held: BTreeMap<Held, usize>,
    /// Those of `members` with fewer than [`LOAD_MIN`] invitations in a year.
    pub under: usize,
    pub invited: usize,
    pub answers: f64,
    pub groups: BTreeMap<Variable, Vec<Expected>>,
    pub outlook: Outlook,
    pub limits: Limits,
}

impl Preview {
    /// Looks ahead.
    pub fn of(plan: Plan) -> Preview {
        let Plan { selection, meant, invited, rates, .. } = plan;
        let is_invited = |member: &usize| invited.binary_search(member).is_ok();
        let people = selection.meant.iter().zip(meant);
        let people: Vec<Person> = people
            .map(|(member, background)| Person {
                background,
                is_invited: is_invited(member),
                rate: rates.rate(background),
            })
            .collect();
        let answers = people.iter().map(Person::answers).sum();
        let groups: BTreeMap<Variable, Vec<Expected>> = plan
            .order
            .iter()
            .map(|(variable, order)| (*variable, expected(*variable, order, &people)))
            .collect();
        let outlook = outlook(plan.target, plan.limits, invited.len(), answers, &groups);
        Preview {
            members: selection.meant.len(),
            free: selection.free.len(),
            held: selection.held.clone(),
            under: selection.under.len(),
            invited: invited.len(),
            answers,
            groups,
            outlook,
            limits: plan.limits,
        }
    }
}

struct Person<'a> {
    background: &'a Background,
    is_invited: bool,
    rate: f64,
}

impl Person<'_> {
    fn answers(&self) -> f64 {
        if self.is_invited { self.rate } else { 0.0 }
    }
}

fn expected(variable: Variable, order: &[String], people: &[Person]) -> Vec<Expected> {
    let empty =
        |id: &String| Expected { category: id.clone(), members: 0, invited: 0, answers: 0.0 };
    let mut groups: Vec<Expected> = order.iter().map(empty).collect();
    for person in people {
        let id = variable.of(person.background);
        if let Some(group) = groups.iter_mut().find(|group| Some(group.category.as_str()) == id) {
            group.members += 1;
            group.invited += usize::from(person.is_invited);
            group.answers += person.answers();
        }
    }
    groups
}

fn outlook(
    target: &Target,
    limits: Limits,
    invited: usize,
    answers: f64,
    groups: &BTreeMap<Variable, Vec<Expected>>,
) -> Outlook {
    if answers < ANSWERS_MIN {
        return Outlook::Nothing(TooFew::Answers);
    }
    if target.is_narrowed() && invited < TARGETED_INVITED_MIN {
        return Outlook::Nothing(TooFew::TargetedInvited);
    }
    if target.is_narrowed() && answers < TARGETED_ANSWERS_MIN {
        return Outlook::Nothing(TooFew::TargetedAnswers);
    }
    if answers < TABLES_MIN {
        return Outlook::Totals;
    }
    let narrowed = narrowed_by(target);
    let table = |variable: Variable, groups: &[Expected]| match narrowed.contains(&variable) {
        true => Table::Narrowed,
        false => table(variable, groups, limits),
    };
    Outlook::Tables(groups.iter().map(|(variable, of)| (*variable, table(*variable, of))).collect())
}

/// The variables that a target speaks of; a birth year is an age.
fn narrowed_by(target: &Target) -> Vec<Variable> {
    let named = |field: &String| match field.as_str() {
        "birth-year" => Some(Variable::Age),
        other => Variable::named(other),
    };
    target.fields().iter().filter_map(named).collect()
}

/// Merges what is too small with the category before it, the first with the next; a gender is merged
/// with none (results: "Collapse before raking"), and left out.
fn table(variable: Variable, groups: &[Expected], limits: Limits) -> Table {
    let enough = |answers: f64| answers >= f64::from(limits.min_group);
    let mut merged: Vec<(Vec<String>, f64)> = Vec::new();
    for group in groups {
        let own = group.category.clone();
        match merged.last_mut() {
            _ if variable == Variable::Gender && !enough(group.answers) => {}
            Some((categories, answers))
                if variable != Variable::Gender
                    && (!enough(*answers) || !enough(group.answers)) =>
            {
                categories.push(own);
                *answers += group.answers;
            }
            _ => merged.push((vec![own], group.answers)),
        }
    }
    merged.retain(|(_, answers)| enough(*answers));
    match merged.len() {
        0 | 1 => Table::TooSmall,
        _ => Table::Shown(merged.into_iter().map(|(categories, _)| categories).collect()),
    }
}

impl fmt::Display for Preview {
    /// For staff, in lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Preview { members, free, under, invited, answers, .. } = self;
        writeln!(f, "members it is for         {members:>8}")?;
        writeln!(f, "  may be invited today    {free:>8}")?;
        for (held, count) in &self.held {
            writeln!(f, "  {:<24}{count:>8}", format!("{}:", reason(*held)))?;
        }
        writeln!(f, "  under {LOAD_MIN} in a year       {under:>8}")?;
        writeln!(f, "invited                   {invited:>8}")?;
        writeln!(f, "answers to expect         {answers:>8.0}")?;
        for (variable, groups) in &self.groups {
            writeln!(f, "\n{:<28} members  invited  answers", variable.name())?;
            for Expected { category, members, invited, answers } in groups {
                writeln!(f, "  {category:<26} {members:>7}  {invited:>7}  {answers:>7.0}")?;
            }
        }
        write!(f, "\n{}", Sentences(self))
    }
}

fn reason(held: Held) -> &'static str {
    match held {
        Held::NoPanel => "in no panel that asks",
        Held::Before => "invited before",
        Held::Often => "at their cap",
        Held::Lately => "invited lately",
    }
}

/// What may be published, in sentences.
struct Sentences<'a>(&'a Preview);

impl fmt::Display for Sentences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Preview { outlook, invited, answers, .. } = self.0;
        let tables = match outlook {
            Outlook::Nothing(TooFew::Answers) => {
                return writeln!(
                    f,
                    "Nothing could be published: {answers:.0} answers are to be expected, and it takes {ANSWERS_MIN}."
                );
            }
            Outlook::Nothing(TooFew::TargetedInvited) => {
                return writeln!(
                    f,
                    "Nothing could be published: a survey for a part of a panel takes {TARGETED_INVITED_MIN} invitations, not {invited}."
                );
            }
            Outlook::Nothing(TooFew::TargetedAnswers) => {
                return writeln!(
                    f,
                    "Nothing could be published: a survey for a part of a panel takes {TARGETED_ANSWERS_MIN} answers, and {answers:.0} are to be expected."
                );
            }
            Outlook::Totals => {
                return writeln!(
                    f,
                    "Totals could be published, and no groups: {answers:.0} answers are to be expected, and groups take {TABLES_MIN}."
                );
            }
            Outlook::Tables(tables) => tables,
        };
        writeln!(f, "Totals could be published, and these tables:")?;
        for (variable, table) in tables {
            let name = variable.name();
            match table {
                Table::Shown(groups) => {
                    let groups: Vec<String> = groups.iter().map(|one| one.join("+")).collect();
                    writeln!(f, "  by {name}: {}", groups.join(", "))?;
                }
                Table::Narrowed => writeln!(f, "  by {name}: none, as the target speaks of it")?,
                Table::TooSmall => writeln!(
                    f,
                    "  by {name}: none, as fewer than two groups reach {} answers",
                    self.0.limits.min_group
                )?,
            }
        }
        let threshold = self.0.limits.threshold;
        writeln!(f, "What fewer than {threshold} of a group answered will be hidden in them.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { threshold: 5, min_group: 30 };

    /// A preview of so many of each gender, district or age, all of them free and asked, at a rate of 0.4.
    fn preview(condition: Option<&str>, groups: &[(Variable, &str, usize)]) -> Preview {
        let mut meant = Vec::new();
        for (variable, id, count) in groups {
            let mut one = Background::default();
            let field = match variable {
                Variable::District => &mut one.district,
                Variable::Gender => &mut one.gender,
                Variable::Age => &mut one.age,
                Variable::Education => &mut one.education,
                Variable::Channel => continue,
            };
            *field = Some((*id).to_owned());
            meant.extend(vec![one; *count]);
        }
        let mut order: BTreeMap<Variable, Vec<String>> = BTreeMap::new();
        for (variable, id, _) in groups {
            order.entry(*variable).or_default().push((*id).to_owned());
        }
        let all: Vec<usize> = (0..meant.len()).collect();
        let selection = Selection { meant: all.clone(), free: all.clone(), ..Selection::default() };
        let target = Target::read(&["kbh".to_owned()], condition).expect("a target");
        Preview::of(Plan {
            target: &target,
            selection: &selection,
            meant: &meant,
            invited: &all,
            rates: &Rates::default(),
            order: &order,
            limits: LIMITS,
        })
    }

    fn of_ages(condition: Option<&str>, counts: &[usize]) -> Preview {
        let names = ["15-24", "25-44", "45-64", "65+"];
        let groups: Vec<_> =
            names.iter().zip(counts).map(|(name, count)| (Variable::Age, *name, *count)).collect();
        preview(condition, &groups)
    }

    #[test]
    fn too_few_answers_are_known_before_it_is_sent() {
        assert_eq!(of_ages(None, &[74]).outlook, Outlook::Nothing(TooFew::Answers));
        assert_eq!(of_ages(None, &[76]).outlook, Outlook::Totals);
        assert_eq!(of_ages(None, &[124]).outlook, Outlook::Totals);
        assert!(matches!(of_ages(None, &[126]).outlook, Outlook::Tables(_)));
        let targeted = |count| of_ages(Some("district == valby"), &[count]).outlook;
        assert_eq!(targeted(199), Outlook::Nothing(TooFew::TargetedInvited));
        assert!(matches!(targeted(200), Outlook::Tables(_)));
    }

    #[test]
    fn small_groups_are_merged_with_their_neighbours() {
        let shown = |counts: &[usize]| match of_ages(None, counts).outlook {
            Outlook::Tables(tables) => tables[&Variable::Age].clone(),
            other => panic!("{other:?}"),
        };
        let groups = |of: &[&[&str]]| {
            let list = |one: &&[&str]| one.iter().map(|id| (*id).to_owned()).collect();
            Table::Shown(of.iter().map(list).collect())
        };
        assert_eq!(
            shown(&[80, 80, 80, 80]),
            groups(&[&["15-24"], &["25-44"], &["45-64"], &["65+"]])
        );
        assert_eq!(shown(&[70, 80, 80, 70]), groups(&[&["15-24", "25-44"], &["45-64", "65+"]]));
        assert_eq!(shown(&[300, 10, 10, 10]), Table::TooSmall);
    }

    #[test]
    fn a_gender_is_left_out_and_never_merged() {
        let three = [("female", 300), ("male", 300), ("other", 40)];
        let groups = three.map(|(id, count)| (Variable::Gender, id, count));
        let Outlook::Tables(tables) = preview(None, &groups).outlook else { panic!("tables") };
        let shown = [["female".to_owned()].to_vec(), ["male".to_owned()].to_vec()];
        assert_eq!(tables[&Variable::Gender], Table::Shown(shown.to_vec()));
    }

    #[test]
    fn no_table_by_what_the_target_speaks_of() {
        let Outlook::Tables(tables) = of_ages(Some("birth-year > 1980"), &[300, 300]).outlook
        else {
            panic!("tables")
        };
        assert_eq!(tables[&Variable::Age], Table::Narrowed);
    }

    #[test]
    fn staff_read_it_in_lines() {
        let text = of_ages(None, &[300, 40, 300]).to_string();
        assert!(text.contains("members it is for              640"), "{text}");
        assert!(text.contains("answers to expect              256"), "{text}");
        assert!(text.contains("  by age: 15-24+25-44, 45-64\n"), "{text}");
        assert!(text.ends_with("fewer than 5 of a group answered will be hidden in them.\n"));
    }
}
