//! Made-up surveys: every kind of question, written in every way an author may write it.

use fastrand::Rng;

/// What a draft has so far, for conditions to speak of.
struct Draft<'r> {
    rng: &'r mut Rng,
    text: String,
    /// Conditions that later questions can have.
    conditions: Vec<String>,
    questions: usize,
    /// Multiple questions with ids, for `from`.
    several: Vec<String>,
}

/// A survey in which nearly always nothing is wrong.
pub fn survey(rng: &mut Rng) -> String {
    let mut draft = Draft {
        rng,
        text: "---\ntitle: Udkast\nsummary: Et udkast\n".to_owned(),
        conditions: Vec::new(),
        questions: 0,
        several: Vec::new(),
    };
    draft.front();
    draft.body();
    draft.text
}

impl Draft<'_> {
    fn chance(&mut self, percent: u8) -> bool {
        self.rng.u8(..100) < percent
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        self.rng.choice(of).expect("something to pick from")
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn front(&mut self) {
        for line in ["order: 3\n", "background: none\n", "owner: Byen\n", "background: ask\n"] {
            if self.chance(20) && !(line.starts_with("back") && self.text.contains("background")) {
                self.say(line);
            }
        }
        self.say("---\n");
        if self.chance(30) {
            self.say("\nTak, fordi du *hjælper*.\n");
        }
    }

    fn body(&mut self) {
        let include = self.rng.usize(..8);
        for page in 0..self.rng.usize(1..4) {
            self.page(page);
            for _ in 0..self.rng.usize(1..5) {
                if self.questions == include {
                    self.say("\n{{include \"blocks/b.md\"}}\n");
                }
                if self.chance(15) {
                    self.say("\n<!-- husk {#dette}\n| a | -->\n");
                }
                self.question();
                self.questions += 1;
            }
        }
        if self.chance(20) {
            self.say("\n# Tak for nu {ending #bye}\n\nFarvel.\n");
        }
    }

    fn page(&mut self, number: usize) {
        match self.rng.u8(..4) {
            0 => self.say("\n---\n"),
            1 => self.say("\n# Om dig\n"),
            2 => self.say(&format!("\n---\n\n# Side {number} {{shuffle #s{number}}}\n")),
            _ => self.say(&format!("\n# Side {number}   {{#s{number}}}\n\nLidt tekst.\n")),
        }
    }

    /// A heading with its attributes in any order, on one line or two.
    fn heading(&mut self, own: &[String], id: Option<&str>) {
        let words =
            self.pick(&["Hvad?", "Hvad?", "Bor du her?", "Hvor *ofte* \\{ca.\\}?", "Æble ##"]);
        let mut attributes: Vec<String> = own.to_vec();
        attributes.extend(id.map(|id| format!("#{id}")));
        if self.chance(30) {
            attributes.push(self.pick(&["required", "expected"]).to_owned());
        }
        let condition = self.conditions.last().cloned().filter(|_| self.chance(40));
        let wrapped = self.chance(50);
        if let (Some(condition), false) = (&condition, wrapped) {
            attributes.push(format!("if=\"{condition}\""));
            attributes.push("cue=\"Svar kun, hvis det gælder dig\"".to_owned());
        }
        self.rng.shuffle(&mut attributes);
        let space = self.pick(&[" ", "  "]);
        self.say(&format!("\n## {words}"));
        if !attributes.is_empty() {
            self.say(&format!(" {{{}}}", attributes.join(space)));
        }
        self.say("\n");
        if let (Some(condition), true) = (condition, wrapped) {
            let condition = condition.replace(" and ", "\n     and ");
            self.say(&format!("{{cue=\"Svar kun, hvis …\"   if=\"{condition}\"}}\n"));
        }
        self.say("\n");
        if self.chance(25) {
            self.say("Lidt **hjælp** til `svaret`.\n\n");
        }
    }

    fn question(&mut self) {
        let number = self.questions;
        let id = self.chance(60).then(|| format!("q{number}"));
        let id = id.as_deref();
        match self.rng.u8(..14) {
            0 => self.single(id, &[]),
            1 => self.single(id, &["dropdown".to_owned(), "shuffle".to_owned()]),
            2 => self.multiple(id),
            3 => _ = self.list(id, &["top=2".to_owned()], &["1. ", "2. ", "3. "], false),
            4 => _ = self.list(id, &["share=100".to_owned()], &["- ", "- ", "- "], false),
            5 => self.table(id, "", false),
            6 => self.table(id, "[ ]", false),
            7 => self.table(id, "", true),
            8 => {
                self.heading(&["scale=0..10".to_owned()], id);
                self.say("- 10: Meget\n- 0: Slet ikke\n");
                self.remember(id, "> 3");
            }
            9 => self.heading(&["place=m".to_owned()], id),
            10 => {
                self.heading(&["consent".to_owned()], id);
                self.say("- [ ] Ja, jeg giver samtykke\n");
            }
            11 => {
                self.heading(&[], id);
                let lines = self.pick(&["____\n", "_____\n", "____\n____\n____\n"]);
                self.say(lines);
            }
            12 if !self.several.is_empty() => {
                let from = self.rng.choice(&self.several).expect("one").clone();
                self.heading(&[format!("from=\"{from} chosen\"")], id);
            }
            _ => self.field(id),
        }
        if self.chance(15) {
            self.say("\nEn note under.\n");
        }
    }

    fn remember(&mut self, id: Option<&str>, holds: &str) {
        let Some(id) = id else { return };
        let before = self.conditions.last().cloned().filter(|_| self.chance(50));
        let before = before.filter(|before| before.len() < 40 && !before.contains(id));
        let own = format!("{id} {holds}");
        self.conditions.push(match before {
            Some(before) => format!("{own} and {before}"),
            None => own,
        });
    }

    fn field(&mut self, id: Option<&str>) {
        let kind =
            self.pick(&["number", "number", "date", "time", "email", "tel", "postcode", "year"]);
        let mut own = vec![kind.to_owned()];
        if kind == "number" {
            own.extend(["unit=\"km i alt\"", "min=1", "max=9"].map(str::to_owned));
        }
        self.heading(&own, id);
        if kind == "number" {
            self.remember(id, ">= 3");
        }
    }

    fn single(&mut self, id: Option<&str>, own: &[String]) {
        let marker = self.pick(&["- ( ) ", "- ", "* ", "-   ( ) ", "- () "]);
        let coded = self.list(id, own, &[marker; 4], true);
        if coded {
            self.remember(id, "!= b");
        }
    }

    fn multiple(&mut self, id: Option<&str>) {
        let coded = self.list(id, &["max=2".to_owned()], &["- [ ] "; 3], true);
        if coded {
            self.remember(id, "has b");
            self.several.extend(id.map(str::to_owned));
        }
    }

    /// A list of choices; whether they have ids.
    fn list(&mut self, id: Option<&str>, own: &[String], markers: &[&str], free: bool) -> bool {
        self.heading(own, id);
        let coded = self.chance(50);
        for (at, marker) in markers.iter().enumerate() {
            let last = at + 1 == markers.len();
            let label = self.pick(&["Ja", "Måske \\(sjældent\\)", "En *ting* \\> to", "5 km"]);
            let other = free && last && self.chance(30);
            let tail = if other { ": ____" } else { "" };
            self.say(&format!("{marker}{label}{tail}"));
            let mut attributes: Vec<String> = Vec::new();
            if coded {
                attributes.push(format!("#{}", ["a", "b", "c", "d"][at]));
            }
            if free && self.chance(15) {
                attributes.push(self.pick(&["pin", "goto=end"]).to_owned());
            }
            self.rng.shuffle(&mut attributes);
            if attributes.contains(&"goto=end".to_owned()) && marker.contains('[') {
                attributes.retain(|attribute| attribute != "goto=end");
            }
            if !attributes.is_empty() {
                self.say(&format!(" {{ {} }}", attributes.join(" ")));
            }
            let end = self.pick(&["\n", "\n", "  \n"]);
            self.say(end);
        }
        coded
    }

    fn table(&mut self, id: Option<&str>, body: &str, ends: bool) {
        self.heading(&[], id);
        let coded = self.chance(50);
        let code = |id: &str| if coded { format!(" {{#{id}}}") } else { String::new() };
        let mut rows = vec![vec![String::new()], Vec::new()];
        for column in ["k1", "k2", "k3"] {
            rows[0].push(format!("Kolonne \\| å{}", code(column)));
        }
        if ends {
            rows[0].push(String::new());
        }
        for _ in 0..rows[0].len() {
            let dashes = self.pick(&["---", "-", ":-:", "----:", ":------"]);
            rows[1].push(dashes.to_owned());
        }
        for row in ["r1", "r2"] {
            let mut cells = vec![format!("Række{}", code(row))];
            cells.extend(std::iter::repeat_n(body.to_owned(), 3));
            if ends {
                cells.push("Modsat".to_owned());
            }
            rows.push(cells);
        }
        for (number, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| {
                    let [before, after] = [(); 2].map(|()| self.rng.usize(..3));
                    let before = if number == 1 { 0 } else { before };
                    format!("{}{cell}{} ", " ".repeat(before), " ".repeat(after))
                })
                .collect();
            self.say(&format!("|{}|\n", cells.join("|")));
        }
    }
}
