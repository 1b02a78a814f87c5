//! What the columns of a form's sheets are called: every spelling the standard allows, with the
//! language behind it.

use crate::foreign::table::{Row, Table};

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name in one spelling: `label`, `constraint_message`, `image`.
    pub key: String,
    /// `Dansk (da)`; none where the column has no language.
    pub language: Option<String>,
    pub number: u32,
}

/// The columns of a sheet.
#[derive(Debug, Default)]
pub struct Columns {
    pub list: Vec<Column>,
}

impl Columns {
    pub fn of(table: &Table) -> Columns {
        let list = table.head.cells().map(|(number, text)| {
            let (key, language) = read(text);
            Column { key, language, number }
        });
        Columns { list: list.collect() }
    }

    /// The first column of this name, if it says no language.
    pub fn find(&self, key: &str) -> Option<u32> {
        let plain = self.list.iter().find(|c| c.key == key && c.language.is_none());
        plain.or_else(|| self.list.iter().find(|c| c.key == key)).map(|column| column.number)
    }

    /// What stands there in a row, which is then accounted for.
    pub fn read<'r>(&self, row: &'r Row, key: &str) -> &'r str {
        self.find(key).map_or("", |number| row.read(number))
    }

    /// The same, for somebody else to account for.
    pub fn peek<'r>(&self, row: &'r Row, key: &str) -> &'r str {
        self.find(key).map_or("", |number| row.peek(number))
    }

    /// The columns of this name with their languages.
    pub fn all<'c>(&'c self, key: &'c str) -> impl Iterator<Item = &'c Column> {
        self.list.iter().filter(move |column| column.key == key)
    }
}

/// `bind::constraint message` is `constraint_message`; `label::Dansk (da)` is a `label` in a language.
fn read(header: &str) -> (String, Option<String>) {
    let separator = if header.contains("::") { "::" } else { ":" };
    let mut tokens: Vec<&str> = header.split(separator).map(str::trim).collect();
    let prefixes = ["bind", "control", "body", "media", "instance"];
    if tokens.len() > 1 && prefixes.contains(&tokens[0].to_lowercase().as_str()) {
        tokens.remove(0);
    }
    if separator == ":" && tokens.len() > 1 && tokens[0].eq_ignore_ascii_case("jr") {
        tokens.remove(0);
    }
    let language = tokens.get(1).filter(|name| !name.is_empty()).map(|name| (*name).to_owned());
    (canonical(tokens[0]), language)
}

fn canonical(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let plain = words.join("_").to_lowercase().replace('-', "_");
    let plain = plain.trim_start_matches("jr:").trim_matches('_');
    let known = match plain {
        "command" => "type",
        "tag" | "value" => "name",
        "caption" => "label",
        "relevance" => "relevant",
        "readonly" => "read_only",
        "calculate" => "calculation",
        "constraining_message" | "constraintmsg" => "constraint_message",
        "requiredmsg" => "required_message",
        "count" => "repeat_count",
        "listname" => "list_name",
        "set_form_title" => "form_title",
        "set_form_id" | "id_string" => "form_id",
        "title" => "form_title",
        other => other,
    };
    known.to_owned()
}

/// The code of a language: `Dansk (da)`, `English`, `de`.
pub fn language_code(name: &str) -> Option<String> {
    let name = name.trim();
    if let Some((_, inner)) = name.rsplit_once('(') {
        let inner = inner.trim_end_matches(')').trim();
        return is_code(inner).then(|| inner.to_ascii_lowercase());
    }
    let known = KNOWN.iter().find(|(words, _)| {
        words.split(' ').any(|word| word.eq_ignore_ascii_case(name) || word == name.to_lowercase())
    });
    match known {
        Some((_, code)) => Some((*code).to_owned()),
        None => is_code(name).then(|| name.to_ascii_lowercase()),
    }
}

fn is_code(text: &str) -> bool {
    let (main, region) = text.split_once('-').unwrap_or((text, "dk"));
    let letters = |text: &str| text.bytes().all(|sign| sign.is_ascii_alphabetic());
    (2..=3).contains(&main.len()) && letters(main) && letters(region) && region.len() == 2
}

/// Languages that forms name without a code.
const KNOWN: [(&str, &str); 43] = [
    ("dansk danish", "da"),
    ("english engelsk", "en"),
    ("deutsch german tysk", "de"),
    ("svenska swedish svensk", "sv"),
    ("norsk norwegian bokmål", "no"),
    ("français francais french fransk", "fr"),
    ("español espanol spanish spansk", "es"),
    ("polski polish polsk", "pl"),
    ("العربية arabic arabisk", "ar"),
    ("türkçe turkish tyrkisk", "tr"),
    ("українська ukrainian ukrainsk", "uk"),
    ("русский russian russisk", "ru"),
    ("română romanian rumænsk", "ro"),
    ("اردو urdu", "ur"),
    ("فارسی persian farsi", "fa"),
    ("soomaali somali", "so"),
    ("português portuguese portugisisk", "pt"),
    ("italiano italian italiensk", "it"),
    ("nederlands dutch hollandsk", "nl"),
    ("kalaallisut greenlandic grønlandsk", "kl"),
    ("føroyskt faroese færøsk", "fo"),
    ("íslenska icelandic islandsk", "is"),
    ("suomi finnish finsk", "fi"),
    ("lietuvių lithuanian litauisk", "lt"),
    ("latviešu latvian lettisk", "lv"),
    ("български bulgarian bulgarsk", "bg"),
    ("magyar hungarian ungarsk", "hu"),
    ("čeština czech tjekkisk", "cs"),
    ("ελληνικά greek græsk", "el"),
    ("bosanski bosnian bosnisk", "bs"),
    ("srpski serbian serbisk", "sr"),
    ("hrvatski croatian kroatisk", "hr"),
    ("shqip albanian albansk", "sq"),
    ("kurdî kurdish kurdisk", "ku"),
    ("پښتو pashto", "ps"),
    ("ትግርኛ tigrinya", "ti"),
    ("አማርኛ amharic amharisk", "am"),
    ("kiswahili swahili", "sw"),
    ("தமிழ் tamil tamilsk", "ta"),
    ("हिन्दी hindi", "hi"),
    ("ไทย thai thailandsk", "th"),
    ("vietnamese vietnamesisk", "vi"),
    ("中文 chinese kinesisk", "zh"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_spellings_of_columns() {
        assert_eq!(read("bind::required"), ("required".to_owned(), None));
        assert_eq!(read("Constraint Message").0, "constraint_message");
        assert_eq!(read("bind::jr:constraintMsg::English").0, "constraint_message");
        assert_eq!(read("label : English"), ("label".to_owned(), Some("English".to_owned())));
        assert_eq!(read("Constraint  Message").0, "constraint_message");
        assert_eq!(read("media::image::Dansk (da)").0, "image");
        assert_eq!(read("List Name").0, "list_name");
        assert_eq!(read("jr:count").0, "repeat_count");
        assert_eq!(read("Relevance").0, "relevant");
    }

    #[test]
    fn knows_languages_by_code_and_by_name() {
        assert_eq!(language_code("Dansk (da)").as_deref(), Some("da"));
        assert_eq!(language_code("English").as_deref(), Some("en"));
        assert_eq!(language_code("العربية").as_deref(), Some("ar"));
        assert_eq!(language_code("sv").as_deref(), Some("sv"));
        assert_eq!(language_code("Klingon"), None);
    }
}
