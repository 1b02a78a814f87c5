//! Every attribute of the language and every key of the front matter: where it may stand, whether it
//! has a value, an example of it, and one sentence of what it does in English and in Danish.
//!
//! The one list that messages, editors (`commands::lsp`) and tests read. Which attributes mean
//! something to which kind is the kind's own business (`kinds`); a test holds the two together.

/// What an attribute can stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    Page,
    Question,
    Choice,
    Row,
    Column,
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// `#` for an id.
    pub name: &'static str,
    pub on: &'static [Element],
    /// An example of its value, quotes included; none where it is a word.
    pub value: Option<&'static str>,
    pub en: &'static str,
    pub da: &'static str,
}

/// A key of a survey's front matter.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    /// As it stands behind the colon.
    pub example: &'static str,
    /// All its values, where they can be counted.
    pub values: &'static [&'static str],
    pub en: &'static str,
    pub da: &'static str,
}

/// The attribute of this name.
pub fn attribute(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

/// The attributes that may stand on `element`.
pub fn attributes_on(element: Element) -> impl Iterator<Item = &'static Attribute> {
    ATTRIBUTES.iter().filter(move |attribute| attribute.on.contains(&element))
}

/// The key of this name.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

macro_rules! attributes {
    ($( $name:literal $(= $value:literal)? on $($on:ident)+: en $en:literal da $da:literal; )*) => {
        /// Every attribute, in the order the documentation lists them.
        pub static ATTRIBUTES: &[Attribute] = &[$(Attribute {
            name: $name,
            on: &[$(Element::$on),+],
            value: attributes!(@ $($value)?),
            en: $en,
            da: $da,
        }),*];
    };
    (@ $value:literal) => { Some($value) };
    (@) => { None };
}

macro_rules! keys {
    ($( $name:literal: $example:literal $([$($value:literal)+])? en $en:literal da $da:literal; )*) => {
        /// Every key, in the order the documentation lists them.
        pub static KEYS: &[Key] = &[$(Key {
            name: $name,
            example: $example,
            values: &[$($($value),+)?],
            en: $en,
            da: $da,
        }),*];
        /// Their names.
        pub const KEY_NAMES: &[&str] = &[$($name),*];
    };
}

attributes! {
    "#" = "age" on Page Question Choice Row Column:
        en "The name in answers and conditions; a text can be mended while a survey is open, an id cannot."
        da "Navnet i svar og betingelser; en tekst kan rettes, mens en undersøgelse er åben, et id kan ikke.";
    "required" on Question:
        en "Must be answered; in a matrix every row."
        da "Skal besvares; i en matrix hver række.";
    "expected" on Question:
        en "Is asked for once more where it was left open, and then let go."
        da "Der spørges én gang til, hvis svaret mangler; derefter kan man gå videre.";
    "private" on Question:
        en "The answer is kept apart in a sealed record of its own and is never in results."
        da "Svaret gemmes for sig i en forseglet post og indgår aldrig i resultater.";
    "if" = "\"age >= 18\"" on Page Question Choice Row:
        en "Shown only where the condition holds."
        da "Vises kun, hvor betingelsen er opfyldt.";
    "cue" = "\"Svar kun, hvis …\"" on Page Question:
        en "What a page without JavaScript says in place of the condition."
        da "Det, en side uden JavaScript siger i stedet for betingelsen.";
    "check" = "\"people >= children\"" on Question:
        en "What the answer has to fulfil; judged where everything it compares is answered."
        da "Det, svaret skal opfylde; prøves, når alt, hvad der sammenlignes, er besvaret.";
    "message" = "\"Der er flere børn end personer.\"" on Question:
        en "What is said where `check` does not hold."
        da "Det, der siges, når `check` ikke er opfyldt.";
    "maps" = "district" on Question:
        en "Ties the question to a field of the background, so that known members are not asked again."
        da "Knytter spørgsmålet til et baggrundsfelt, så kendte medlemmer ikke spørges igen.";
    "trend" = "groenne-2025.rate" on Question:
        en "Is compared with this question of an earlier survey."
        da "Sammenlignes med dette spørgsmål i en tidligere undersøgelse.";
    "from" = "\"what chosen\"" on Question:
        en "Takes over the choices that were ticked (`chosen`), or were not (`not chosen`), in an earlier question."
        da "Overtager de svar, der blev valgt (`chosen`) eller ikke valgt (`not chosen`), i et tidligere spørgsmål.";
    "multiple" on Question:
        en "Of the choices taken over by `from`, several may be ticked."
        da "Blandt de svar, `from` overtager, må flere vælges.";
    "number" on Question:
        en "Asks for a number; `min`, `max`, `step` and `unit` say more."
        da "Beder om et tal; `min`, `max`, `step` og `unit` siger mere.";
    "year" on Question:
        en "Asks for a year of four digits."
        da "Beder om et årstal med fire cifre.";
    "date" on Question:
        en "Asks for a day; `min` and `max` may be a date or `today`."
        da "Beder om en dato; `min` og `max` kan være en dato eller `today`.";
    "time" on Question:
        en "Asks for a time of day."
        da "Beder om et klokkeslæt.";
    "email" on Question:
        en "Asks for an e-mail address."
        da "Beder om en e-mailadresse.";
    "tel" on Question:
        en "Asks for a telephone number."
        da "Beder om et telefonnummer.";
    "postcode" on Question:
        en "Asks for a Danish postcode of four digits."
        da "Beder om et postnummer på fire cifre.";
    "consent" on Question:
        en "A tick without which nothing is stored."
        da "Et kryds; uden det gemmes ingenting.";
    "scale" = "0..10" on Question:
        en "A scale with these ends; the list below labels its points."
        da "En skala med disse ender; listen nedenunder sætter ord på punkterne.";
    "share" = "100" on Question:
        en "So many points are shared out among the choices of the list."
        da "Så mange point fordeles mellem svarene i listen.";
    "top" = "3" on Question:
        en "How many places of a ranking are filled."
        da "Hvor mange pladser i en rangordning der udfyldes.";
    "place" = "districts" on Question:
        en "One area of this map, or of the list of its areas."
        da "Ét område på dette kort eller i listen over dets områder.";
    "min" = "3" on Question:
        en "The smallest value, the earliest day, or the fewest choices."
        da "Den mindste værdi, den tidligste dag eller det færreste antal svar.";
    "max" = "3" on Question:
        en "The largest value, the latest day, or the most choices."
        da "Den største værdi, den seneste dag eller det største antal svar.";
    "step" = "0.5" on Question:
        en "Values are `min` (or 0) plus whole steps; 1 where nothing is said."
        da "Værdierne er `min` (eller 0) plus hele skridt; 1, hvis intet er sagt.";
    "unit" = "\"år\"" on Question:
        en "Stands behind the field."
        da "Står bag feltet.";
    "maxlength" = "2000" on Question:
        en "The most characters of a text."
        da "Det største antal tegn i en tekst.";
    "dropdown" on Question:
        en "Shows the choices as a menu."
        da "Viser svarene som en rullemenu.";
    "shuffle" on Page Question:
        en "Another order for every visitor; the order shown is stored."
        da "En ny rækkefølge for hver besøgende; den viste rækkefølge gemmes.";
    "ending" on Page:
        en "A thank-you of its own, seen only by those whom a `goto` sends here."
        da "En særlig tak, som kun ses af dem, et `goto` sender hertil.";
    "exclusive" on Choice:
        en "Cannot be ticked together with others."
        da "Kan ikke vælges sammen med andre.";
    "dontknow" on Choice Column:
        en "Don't know: stands apart, and is unanswered to `<` and `>`."
        da "Ved ikke: står for sig og er ubesvaret for `<` og `>`.";
    "pin" on Choice:
        en "Stays where it is when the others are shuffled."
        da "Bliver på sin plads, når de andre blandes.";
    "goto" = "end" on Choice:
        en "Skips forwards to a page, an ending or `end`."
        da "Springer frem til en side, en afslutning eller `end`.";
}

keys! {
    "title": "Byens grønne områder"
        en "The survey's name."
        da "Undersøgelsens navn.";
    "summary": "Hvordan bruger du parker?"
        en "One sentence for the list of surveys."
        da "Én sætning til listen over undersøgelser.";
    "lang": "da"
        en "The language of the file itself; the site's where nothing is said."
        da "Filens eget sprog; sitets, hvis intet er sagt.";
    "opens": "2026-11-01"
        en "From when on it can be answered: a day, or 2026-11-01T08:00."
        da "Hvornår der kan svares fra: en dag eller 2026-11-01T08:00.";
    "closes": "2026-12-31"
        en "Until when it can be answered; a day is taken whole."
        da "Hvornår der kan svares til; en dag regnes med til sin ende.";
    "sample": "open" ["open" "panel"]
        en "Whom it is for: everybody, or those who are invited from a panel."
        da "Hvem den er for: alle eller dem, der inviteres fra et panel.";
    "panels": "[kbh]"
        en "The panels that people can be invited from."
        da "De paneler, der kan inviteres fra.";
    "target": "\"district in (noerrebro, oesterbro) and age < 30\""
        en "A condition over the panel's background fields: who is invited."
        da "En betingelse over panelets baggrundsfelter: hvem der inviteres.";
    "background": "ask" ["ask" "panel" "none"]
        en "Whether the background questions come as the last page, from the panel, or not at all."
        da "Om baggrundsspørgsmålene kommer som sidste side, fra panelet eller slet ikke.";
    "order": "10"
        en "Its place in the list of surveys."
        da "Dens plads i listen over undersøgelser.";
    "owner": "kbh"
        en "The panel or office that asks."
        da "Det panel eller kontor, der spørger.";
    "purpose": "Vi planlægger nye parker."
        en "Why it is asked; on the start page."
        da "Hvorfor der spørges; på startsiden.";
    "legal_basis": "Databeskyttelsesforordningens artikel 6, stk. 1, litra e"
        en "The legal basis; on the start page."
        da "Retsgrundlaget; på startsiden.";
    "contact": "parker@example.dk"
        en "Whom to ask; on the start page."
        da "Hvem man kan spørge; på startsiden.";
    "keep_answers_months": "24"
        en "For how many months answers are kept."
        da "Hvor mange måneder svarene gemmes.";
    "sensitive": "false" ["true" "false"]
        en "Asks about things that the law protects specially: says so, and keeps no draft on anybody's device."
        da "Spørger om det, loven særligt beskytter: siger det og gemmer ingen kladde på nogens enhed.";
    "channels": "[kiosk, web]"
        en "Where the survey is shown: kiosk, web, preview, paper."
        da "Hvor undersøgelsen vises: kiosk, web, preview, paper.";
    "kiosks": "[hovedbiblioteket]"
        en "The kiosks that show it; all where nothing is said."
        da "De kiosker, der viser den; alle, hvis intet er sagt.";
    "targets": "koebenhavn"
        en "The table of the population (targets/<name>.csv) that results are weighted to."
        da "Tabellen over befolkningen (targets/<navn>.csv), som resultaterne vægtes til.";
    "partial": "discard" ["discard" "keep"]
        en "What happens to the answers of somebody who leaves half-way."
        da "Hvad der sker med svarene fra en, der går halvvejs.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::compile::Facts;
    use crate::survey::frontmatter::{self, Required};
    use crate::survey::kinds::{self, author};
    use crate::survey::source::Notes;
    use crate::survey::{assemble, front_settings};

    fn names_on(element: Element) -> Vec<&'static str> {
        let mut names: Vec<&str> = attributes_on(element).map(|known| known.name).collect();
        names.sort_unstable();
        names
    }

    fn sorted(names: impl IntoIterator<Item = &'static str>) -> Vec<&'static str> {
        let mut names: Vec<&str> = names.into_iter().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    #[test]
    fn names_what_the_compiler_reads_and_nothing_else() {
        let of_kinds = kinds::ALL.iter().flat_map(|rules| rules.attributes()).copied();
        let of_questions = author::COMMON.iter().copied().chain(of_kinds);
        assert_eq!(names_on(Element::Question), sorted(of_questions));
        assert_eq!(names_on(Element::Page), sorted(assemble::OF_PAGE.iter().copied()));
        let of_choices = kinds::ALL.iter().flat_map(|rules| rules.of_choices()).copied();
        assert_eq!(names_on(Element::Choice), sorted(of_choices));
        assert_eq!(names_on(Element::Row), sorted(author::OF_ROW.iter().copied()));
        assert_eq!(names_on(Element::Column), sorted(author::OF_COLUMN.iter().copied()));
    }

    #[test]
    fn no_name_stands_here_twice() {
        let names = sorted(ATTRIBUTES.iter().map(|known| known.name));
        assert_eq!(names.len(), ATTRIBUTES.len());
        assert_eq!(sorted(KEY_NAMES.iter().copied()).len(), KEYS.len());
    }

    #[test]
    fn every_example_and_value_of_a_key_is_one() {
        let facts = Facts { panels: vec!["kbh".to_owned()], ..Facts::default() };
        for key in KEYS {
            for value in key.values.iter().chain([&key.example]) {
                let text = format!("---\n{}: {value}\n---\n", key.name);
                let mut notes = Notes::new("a.md");
                let front = frontmatter::read(&text, Required::Yes, &mut notes);
                front_settings::check_keys(&front, front_settings::KEYS, &mut notes);
                front_settings::read(&front, &facts, &mut notes);
                let codes: Vec<&str> = notes.list.iter().map(|note| note.entry.code).collect();
                assert_eq!(codes, Vec::<&str>::new(), "{text}");
            }
        }
    }
}
