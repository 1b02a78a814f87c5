//! The population that members and answers are compared with: a CSV file of the office's own.
//!
//! ```text
//! # source: Københavns Statistikbank, KKBEF1
//! # date: 2026-01-01
//! # population: citizens of the city, 15 years and older
//! variable,category,population
//! district,indre-by,51000
//! ```
//!
//! Instead of the margins it may be a cross table (`district,gender,age,education,population`, some of
//! these columns), from which the margins within a part of the population can be summed
//! ([`Targets::within`]). Here and not in `panel` or `results`, since both compare with it.

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;

use super::record::Background;

/// A field of the background that there are targets for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    District,
    Gender,
    Age,
    Education,
    /// How somebody answered: of open surveys, and of no population.
    Channel,
}

impl Variable {
    /// Those of a background, in the order of the design's margins.
    pub const ALL: [Variable; 4] =
        [Variable::District, Variable::Gender, Variable::Age, Variable::Education];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Variable::District => "district",
            Variable::Gender => "gender",
            Variable::Age => "age",
            Variable::Education => "education",
            Variable::Channel => "channel",
        }
    }

    /// The field of this name.
    pub fn named(name: &str) -> Option<Variable> {
        Variable::ALL.into_iter().find(|variable| variable.name() == name)
    }

    /// What this background has for it.
    pub fn of(self, background: &Background) -> Option<&str> {
        let Background { district, gender, age, education } = background;
        let field = match self {
            Variable::District => district,
            Variable::Gender => gender,
            Variable::Age => age,
            Variable::Education => education,
            Variable::Channel => return None,
        };
        field.as_deref()
    }
}

/// Where the figures come from; results without it are not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub source: String,
    pub date: Date,
    /// Whom they count, as in "15 years and older".
    pub population: String,
}

/// A group of the population.
#[derive(Debug, Clone, PartialEq)]
pub struct Category {
    /// A choice's id, or an age group.
    pub id: String,
    /// People.
    pub population: f64,
    /// The category it is counted with where it is too small.
    pub merge_with: Option<String>,
}

/// The population by one variable, in the file's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// `district`, `gender`, `age`, `education`; in a file of somebody else's, whatever it says.
    pub variable: String,
    pub categories: Vec<Category>,
}

impl Margin {
    /// All people in it.
    pub fn total(&self) -> f64 {
        self.categories.iter().map(|category| category.population).sum()
    }

    /// The share (0 to 1) of the category at this place.
    pub fn share(&self, place: usize) -> f64 {
        self.categories[place].population / self.total()
    }

    /// The place of a category.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.categories.iter().position(|category| category.id == id)
    }
}

/// A targets file.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    /// None where the file does not say all three.
    pub about: Option<About>,
    /// None of them is empty.
    pub margins: Vec<Margin>,
    /// Of a cross table: who, and how many.
    cells: Vec<(Background, f64)>,
}

/// What is wrong in a targets file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Fault {
    /// From 1.
    pub line: usize,
    pub why: String,
}

/// Margins of one population differ by no more than this: what registers do not know of everybody.
const TOTALS_APART_MAX: f64 = 0.005;

impl Targets {
    /// Reads a file whose margins are the background's, and which says where it comes from.
    ///
    /// # Errors
    /// Every fault, not only the first.
    pub fn read(text: &str) -> Result<Targets, Vec<Fault>> {
        let (targets, mut faults) = match Targets::read_any(text) {
            Ok(targets) => (Some(targets), Vec::new()),
            Err(faults) => (None, faults),
        };
        faults.extend(missing_about(text));
        let unknown = targets.iter().flat_map(|targets| &targets.margins);
        for margin in unknown.filter(|margin| Variable::named(&margin.variable).is_none()) {
            let known = Variable::ALL.map(Variable::name).join(", ");
            let why = format!("there is no variable `{}`; there are {known}", margin.variable);
            faults.push(Fault { line: line_of(text, &margin.variable), why });
        }
        faults.extend(targets.iter().flat_map(|targets| ambiguous(text, targets)));
        faults.sort_by_key(|fault| fault.line);
        targets.filter(|_| faults.is_empty()).ok_or(faults)
    }

    /// The same of a file with margins of any name, which need not say where it comes from.
    ///
    /// # Errors
    /// Every fault, not only the first.
    pub fn read_any(text: &str) -> Result<Targets, Vec<Fault>> {
        let text = text.trim_start_matches('\u{feff}');
        let mut rows = rows(text);
        let (line, head) = rows.next().ok_or_else(|| {
            let why = "there is no row; the first is `variable,category,population`";
            vec![Fault { line: 1, why: why.to_owned() }]
        })?;
        let separator = if head.contains(';') && !head.contains(',') { ';' } else { ',' };
        let columns = Columns::read(&split(head, separator).unwrap_or_default());
        let columns = columns.map_err(|why| vec![Fault { line, why }])?;
        let mut reading = Reading::default();
        for (line, row) in rows {
            if let Err(why) = reading.row(&columns, split(row, separator)) {
                reading.faults.push(Fault { line, why });
            }
        }
        reading.finish(line, about(text))
    }

    /// The margin of a variable.
    pub fn margin(&self, variable: Variable) -> Option<&Margin> {
        self.margins.iter().find(|margin| margin.variable == variable.name())
    }

    /// The margins of those that `keep` holds for; none where the file is no cross table, since
    /// margins do not say how they go together, and none where nobody is left.
    pub fn within(&self, keep: &dyn Fn(&Background) -> bool) -> Option<Targets> {
        let cells = self.cells.iter().filter(|(who, _)| keep(who)).cloned();
        let cells: Vec<(Background, f64)> = cells.collect();
        let margins = summed(&cells);
        (!margins.is_empty()).then(|| Targets { about: self.about.clone(), margins, cells })
    }
}

/// The lines that are no comments and not empty, with their numbers.
fn rows(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r')));
    lines.filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
}

/// The line on which a variable comes first.
fn line_of(text: &str, variable: &str) -> usize {
    let mut lines = rows(text).skip(1);
    lines.find(|(_, row)| row.trim_start_matches('"').starts_with(variable)).map_or(1, |it| it.0)
}

/// Ids that merged groups could not be told apart by: they are named by their ids joined with `+`, and read
/// again by it.
fn ambiguous<'a>(text: &'a str, targets: &'a Targets) -> impl Iterator<Item = Fault> + 'a {
    let ids = targets.margins.iter().flat_map(|margin| &margin.categories).map(|one| &one.id);
    let is_ambiguous = |id: &&String| {
        let id = id.strip_suffix('+').unwrap_or(id);
        id.is_empty() || id.contains('+')
    };
    let has = |row: &str, id: &str| {
        row.split([',', ';']).any(|field| field.trim().trim_matches('"').trim() == id)
    };
    ids.filter(is_ambiguous).map(move |id| Fault {
        line: rows(text).find(|(_, row)| has(row, id)).map_or(1, |row| row.0),
        why: format!("`{id}` has a `+` elsewhere than at its end (as in `75+`); call it otherwise"),
    })
}

/// What the comments before the rows say.
fn comments(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}'));
    let lines = lines.take_while(|line| line.starts_with('#') || line.trim().is_empty());
    let pairs = lines.filter_map(|line| line.trim_start_matches('#').split_once(':'));
    let pairs = pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()));
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

fn about(text: &str) -> Option<About> {
    let said = comments(text);
    Some(About {
        source: said.get("source")?.clone(),
        date: said.get("date")?.parse().ok()?,
        population: said.get("population")?.clone(),
    })
}

fn missing_about(text: &str) -> Option<Fault> {
    let said = comments(text);
    let keys = ["source", "date", "population"];
    let missing: Vec<&str> = keys.into_iter().filter(|key| !said.contains_key(*key)).collect();
    let why = match said.get("date").map(|date| date.parse::<Date>()) {
        _ if !missing.is_empty() => {
            format!(
                "the comments before the table have no {}: write `# source: …`, `# date: 2026-01-01` and `# population: …`",
                missing.join(", ")
            )
        }
        Some(Err(_)) => format!("`{}` is no date; write it as in 2026-01-01", said["date"]),
        _ => return None,
    };
    Some(Fault { line: 1, why })
}

/// The fields of a row. None where a quote is not closed.
fn split(row: &str, separator: char) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut signs = row.chars().peekable();
    while let Some(sign) = signs.next() {
        let field = fields.last_mut().expect("there is always a field");
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => field.extend(signs.next()),
            '"' => quoted = !quoted,
            _ if sign == separator && !quoted => fields.push(String::new()),
            _ => field.push(sign),
        }
    }
    let trimmed = fields.into_iter().map(|field| field.trim().to_owned());
    (!quoted).then(|| trimmed.collect())
}

/// Where what stands in a row.
struct Columns {
    count: usize,
    population: usize,
    form: Form,
}

enum Form {
    Margins { variable: usize, category: usize, merge_with: Option<usize> },
    Crossed(Vec<(usize, Variable)>),
}

impl Columns {
    fn read(head: &[String]) -> Result<Columns, String> {
        let place = |name: &str| head.iter().position(|column| column == name);
        let population = place("population").ok_or("there is no column `population`")?;
        let form = match (place("variable"), place("category")) {
            (Some(variable), Some(category)) => {
                Form::Margins { variable, category, merge_with: place("merge_with") }
            }
            _ => {
                let columns = head.iter().enumerate();
                let named = columns.filter_map(|(at, name)| Some((at, Variable::named(name)?)));
                Form::Crossed(named.collect())
            }
        };
        match &form {
            Form::Crossed(columns) if columns.is_empty() => {
                Err("the first row is `variable,category,population`, or of a cross table \
                     `district,gender,age,education,population`"
                    .to_owned())
            }
            Form::Crossed(columns) if columns.len() + 1 < head.len() => {
                Err("a cross table has the columns district, gender, age, education and \
                     population, each once"
                    .to_owned())
            }
            _ => Ok(Columns { count: head.len(), population, form }),
        }
    }
}

#[derive(Default)]
struct Reading {
    margins: Vec<Margin>,
    cells: Vec<(Background, f64)>,
    seen: HashSet<Vec<String>>,
    faults: Vec<Fault>,
}

impl Reading {
    fn row(&mut self, columns: &Columns, fields: Option<Vec<String>>) -> Result<(), String> {
        let fields = fields.ok_or("a quote is not closed")?;
        if fields.len() != columns.count {
            let (want, have) = (columns.count, fields.len());
            return Err(format!("there are {have} fields where the first row has {want}"));
        }
        let population = people(&fields[columns.population])?;
        let key = match &columns.form {
            Form::Margins { variable, category, .. } => {
                vec![fields[*variable].clone(), fields[*category].clone()]
            }
            Form::Crossed(named) => named.iter().map(|(at, _)| fields[*at].clone()).collect(),
        };
        if key.iter().any(String::is_empty) {
            return Err("a field is empty".to_owned());
        }
        if !self.seen.insert(key.clone()) {
            return Err(format!("`{}` stands here for the second time", key.join(",")));
        }
        match &columns.form {
            Form::Margins { merge_with, .. } => {
                let merge_with = merge_with.map(|at| fields[at].clone());
                let merge_with = merge_with.filter(|name| !name.is_empty());
                let [variable, id] = <[String; 2]>::try_from(key).expect("made of two above");
                self.category(variable, Category { id, population, merge_with });
            }
            Form::Crossed(named) => {
                let mut who = Background::default();
                for (at, variable) in named {
                    *field_mut(&mut who, *variable) = Some(fields[*at].clone());
                }
                self.cells.push((who, population));
            }
        }
        Ok(())
    }

    fn category(&mut self, variable: String, category: Category) {
        match self.margins.iter_mut().find(|margin| margin.variable == variable) {
            Some(margin) => margin.categories.push(category),
            None => self.margins.push(Margin { variable, categories: vec![category] }),
        }
    }

    fn finish(mut self, line: usize, about: Option<About>) -> Result<Targets, Vec<Fault>> {
        if !self.cells.is_empty() {
            self.margins = summed(&self.cells);
        }
        let mut fault = |why: String| self.faults.push(Fault { line, why });
        for margin in &self.margins {
            let name = &margin.variable;
            let neighbours =
                margin.categories.iter().filter_map(|it| Some((&it.id, it.merge_with.as_ref()?)));
            for (id, with) in
                neighbours.filter(|(id, with)| id == with || margin.place(with).is_none())
            {
                fault(format!(
                    "`{id}` of {name} is to merge with `{with}`, which is no other category of it"
                ));
            }
            if margin.total() <= 0.0 {
                fault(format!("nobody lives in `{name}`"));
            }
        }
        let totals = || self.margins.iter().map(Margin::total);
        let (least, most) = (totals().fold(f64::MAX, f64::min), totals().fold(0.0, f64::max));
        if self.margins.is_empty() {
            fault("there is no row below the first".to_owned());
        } else if most - least > TOTALS_APART_MAX * most {
            let each = self.margins.iter().map(|it| format!("{} {}", it.variable, it.total()));
            let each: Vec<String> = each.collect();
            fault(format!("the margins are not of one population: {}", each.join(", ")));
        }
        match self.faults.is_empty() {
            true => Ok(Targets { about, margins: self.margins, cells: self.cells }),
            false => Err(self.faults),
        }
    }
}

/// A number of people. `667.124` is a thousand to some and a fraction to others: neither is taken.
fn people(text: &str) -> Result<f64, String> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<f64>().ok().filter(|_| is_plain && text.len() <= 12);
    number
        .ok_or_else(|| format!("`{text}` is no number of people; write digits alone, as in 667124"))
}

fn field_mut(background: &mut Background, variable: Variable) -> &mut Option<String> {
    match variable {
        Variable::District => &mut background.district,
        Variable::Gender => &mut background.gender,
        Variable::Age => &mut background.age,
        Variable::Education => &mut background.education,
        Variable::Channel => unreachable!("`Variable::ALL` has no channel"),
    }
}

/// The margins of a cross table, their categories in the order they come in.
fn summed(cells: &[(Background, f64)]) -> Vec<Margin> {
    let margin = |variable: Variable| {
        let mut categories: Vec<Category> = Vec::new();
        for (who, population) in cells {
            let Some(id) = variable.of(who) else { continue };
            match categories.iter_mut().find(|category| category.id == id) {
                Some(category) => category.population += population,
                None => categories.push(Category {
                    id: id.to_owned(),
                    population: *population,
                    merge_with: None,
                }),
            }
        }
        Margin { variable: variable.name().to_owned(), categories }
    };
    let margins = Variable::ALL.into_iter().map(margin);
    margins.filter(|margin| !margin.categories.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const HEAD: &str = "# source: made up for a test\n# date: 2026-01-01\n# population: 15+\n";

    fn faults(text: &str) -> Vec<String> {
        let faults = Targets::read(&format!("{HEAD}{text}")).expect_err(text);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn reads_margins_and_where_they_come_from() {
        let text = "\u{feff}# source: a: b\r\n# date: 2026-01-01\r\n# population: 15+\r\n\
                    variable,category,population,merge_with\r\n\
                    district,\"valby\",30,vanloese\r\ndistrict,vanloese,10,\r\n\
                    gender,female,20,\r\ngender,male,20,\r\n";
        let targets = Targets::read(text).expect("targets");
        let about = targets.about.as_ref().expect("three comments");
        assert_eq!((about.source.as_str(), about.date), ("a: b", date(2026, 1, 1)));
        let districts = targets.margin(Variable::District).expect("a margin");
        assert_eq!((districts.total(), districts.share(0)), (40.0, 0.75));
        assert_eq!(districts.categories[0].merge_with.as_deref(), Some("vanloese"));
        assert_eq!(targets.margin(Variable::Age), None);
        assert_eq!(targets.within(&|_| true), None);
    }

    #[test]
    fn a_cross_table_is_summed_within_a_part() {
        let text = format!(
            "{HEAD}age;gender;population\n15-24;female;1\n15-24;male;2\n25+;female;3\n25+;male;4\n"
        );
        let targets = Targets::read(&text).expect("a cross table");
        let ages = targets.margin(Variable::Age).expect("a margin");
        assert_eq!((ages.categories[0].id.as_str(), ages.share(0)), ("15-24", 0.3));
        let women = targets.within(&|who| who.gender.as_deref() == Some("female"));
        let women = women.expect("four people");
        assert_eq!(women.margin(Variable::Age).expect("a margin").share(0), 0.25);
        assert_eq!(targets.within(&|_| false), None);
    }

    #[test]
    fn says_what_is_wrong_and_on_which_line() {
        let head = "variable,category,population\n";
        assert_eq!(
            faults(""),
            ["line 1: there is no row; the first is `variable,category,population`"]
        );
        assert!(faults("a,b\n")[0].starts_with("line 4: there is no column `population`"));
        assert!(faults("land,population\n1,2\n")[0].starts_with("line 4: the first row is"));
        assert!(faults("age,land,population\n1,2,3\n")[0].starts_with("line 4: a cross table has"));
        let rows = format!("{head}age,15-24,667.124\n\nage,15-24\nage,,3\nage,25+,-1\nage,\"x,2\n");
        let found = faults(&rows);
        assert!(found[0].starts_with("line 4: there is no row below"), "{found:?}");
        assert!(found[1].starts_with("line 5: `667.124` is no number of people"), "{found:?}");
        assert!(found[2].starts_with("line 7: there are 2 fields"), "{found:?}");
        assert!(found[3].starts_with("line 8: a field is empty"), "{found:?}");
        assert!(found[4].starts_with("line 9: `-1` is no number"), "{found:?}");
        assert_eq!(found[5], "line 10: a quote is not closed");
        let twice = faults(&format!("{head}age,15+,1\nage,15+,1\n"));
        assert_eq!(twice, ["line 6: `age,15+` stands here for the second time"]);
        let apart = faults(&format!("{head}age,15+,1000\ngender,female,994\n"));
        assert!(apart[0].contains("not of one population"), "{apart:?}");
        let other = faults(&format!("{head}alder,15+,1000\n"));
        assert_eq!(
            other,
            ["line 5: there is no variable `alder`; there are district, gender, age, education"]
        );
        assert!(faults(&format!("{head}age,15+,0\n"))[0].contains("nobody lives in `age`"));
        let merging = "variable,category,population,merge_with\ndistrict,a,1,b\n";
        assert!(faults(merging)[0].contains("is to merge with `b`"));
        let joined = faults(&format!("{head}age,75+,1\nage,45+54,1\nage,+,1\n"));
        assert!(joined[0].starts_with("line 6: `45+54` has a `+` elsewhere"), "{joined:?}");
        assert!(joined[1].starts_with("line 7: `+` has a") && joined.len() == 2, "{joined:?}");
    }

    #[test]
    fn a_file_that_does_not_say_where_it_comes_from_is_refused() {
        let rows = "variable,category,population\nalder,15+,5\n";
        assert!(Targets::read(rows).is_err());
        let any = Targets::read_any(rows).expect("any margins");
        assert_eq!((any.about, any.margins[0].variable.as_str()), (None, "alder"));
        let undated =
            format!("# source: x\n# date: nytår\n# population: y\n{rows}").replace("alder", "age");
        assert!(
            Targets::read(&undated).expect_err("no date")[0].why.contains("`nytår` is no date")
        );
        let partly = format!("# source: x\n{rows}").replace("alder", "age");
        assert!(
            Targets::read(&partly).expect_err("no date")[0].why.contains("no date, population")
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,200}", rows in "[a-c,;0-9\"\n#:]{0,80}") {
            let _ = Targets::read(&text);
            let _ = Targets::read(&format!("{HEAD}variable,category,population\n{rows}"));
        }
    }
}
