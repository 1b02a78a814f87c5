//! What can be wrong with a site outside its surveys: settings, pages, links, the theme.

use crate::diag::{Entry, Severity, Words};

macro_rules! entries {
    ($($name:ident, $code:literal, $severity:ident, $en:literal, [$($en_help:literal),*],
       $da:literal, [$($da_help:literal),*];)*) => {
        $(
            #[doc = $en]
            pub static $name: Entry = Entry {
                code: $code,
                severity: Severity::$severity,
                en: Words { message: $en, help: &[$($en_help),*] },
                da: Words { message: $da, help: &[$($da_help),*] },
            };
        )*
        /// Every entry, for the documentation.
        pub static ALL: &[&Entry] = &[$(&$name),*];
    };
}

entries! {
    SETTINGS_SYNTAX, "settings-syntax", Error,
        "the settings are not TOML: {:why}", ["a setting is written `name = \"value\"`"],
        "indstillingerne er ikke TOML: {:why}", ["en indstilling skrives `name = \"værdi\"`"];
    UNKNOWN_SETTING, "unknown-setting", Error,
        "unknown setting `{:name}`", ["did you mean `{:nearest}`?", "docs/settings.md lists all settings"],
        "ukendt indstilling `{:name}`", ["mente du `{:nearest}`?", "docs/settings.md viser alle indstillinger"];
    WRONG_SETTING, "wrong-setting", Error,
        "setting `{:name}`: {:why}", ["{:cure}"],
        "indstillingen `{:name}`: {:why}", ["{:cure}"];
    MISSING_SETTING, "missing-setting", Error,
        "the setting `{:name}` is missing", ["add `{:example}`"],
        "indstillingen `{:name}` mangler", ["tilføj `{:example}`"];
    PAGE_FRONT_MATTER, "page-front-matter", Error,
        "the page's front matter: {:why}", ["begin the file with `---`, `title: …`, `---`"],
        "sidens hoved: {:why}", ["begynd filen med `---`, `title: …`, `---`"];
    LINK_SCHEME, "link-scheme", Error,
        "a link to `{:link}` is not allowed", ["use https, mailto, tel or a relative address"],
        "et link til `{:link}` er ikke tilladt", ["brug https, mailto, tel eller en relativ adresse"];
    BROKEN_LINK, "broken-link", Error,
        "nothing answers at `{:link}`", ["did you mean `{:nearest}`?", "mend the address, or write the page"],
        "der er ikke noget på `{:link}`", ["mente du `{:nearest}`?", "ret adressen, eller skriv siden"];
    KIOSK_LINK, "kiosk-link", Error,
        "a survey on a kiosk links out of the site: `{:link}`",
            ["write the address as text, or leave `kiosk` out of the survey's `channels`"],
        "en undersøgelse i en kiosk linker ud af siden: `{:link}`",
            ["skriv adressen som tekst, eller udelad `kiosk` i undersøgelsens `channels`"];
    ADDRESS_TAKEN, "address-taken", Error,
        "the address `{:address}` is taken", ["rename the file; {:reserved} are the program's own"],
        "adressen `{:address}` er optaget", ["giv filen et andet navn; {:reserved} er programmets egne"];
    FILE_NAME, "file-name", Error,
        "`{:name}` cannot be part of an address",
            ["use lower-case letters a–z, digits and hyphens, as in `groenne-omraader.md`"],
        "`{:name}` kan ikke stå i en adresse",
            ["brug små bogstaver a–z, cifre og bindestreger, som i `groenne-omraader.md`"];
    UNKNOWN_LANGUAGE, "unknown-language", Error,
        "`{:name}` is a translation into a language the site does not have",
            ["add it to `languages` in site.toml, or rename the file"],
        "`{:name}` er en oversættelse til et sprog, siden ikke har",
            ["føj det til `languages` i site.toml, eller omdøb filen"];
    NO_BASE, "translation-without-base", Error,
        "`{:name}` translates a file that does not exist", ["write `{:base}` first"],
        "`{:name}` oversætter en fil, der ikke findes", ["skriv `{:base}` først"];
    MISSING_TRANSLATION_FILE, "missing-translation-file", Error,
        "the language `{:lang}` is required, but `{:name}` does not exist",
            ["write it, or take `{:lang}` out of `languages_required`"],
        "sproget `{:lang}` er påkrævet, men `{:name}` findes ikke",
            ["skriv den, eller tag `{:lang}` ud af `languages_required`"];
    RESULTS_OF_NONE, "results-without-survey", Error,
        "there are results of `{:name}`, but no such survey",
            ["keep the survey when it is closed, or take its folder out of `results`"],
        "der er resultater af `{:name}`, men ingen undersøgelse af det navn",
            ["behold undersøgelsen, når den er lukket, eller fjern dens mappe fra `results`"];
    RESULTS_WITHOUT_PAGE, "results-without-page", Error,
        "the results of `{:name}` have no page", ["put `index.html` into the folder"],
        "resultaterne af `{:name}` har ingen side", ["læg `index.html` i mappen"];
    RESULTS_STRAY, "results-stray-file", Error,
        "`{:name}` is no file that `borgerpanel results` writes, and would be published with the results",
            ["take it out of `results`; answers and notes belong where no web server looks, as in ~/analyse/"],
        "`{:name}` er ikke en fil, som `borgerpanel results` skriver, og ville blive offentliggjort med resultaterne",
            ["fjern den fra `results`; svar og noter hører til et sted, ingen webserver ser, som i ~/analyse/"];
    OPEN_BY_POSITION, "open-without-codes", Error,
        "the survey is open, but the codes of its choices are only their positions",
            ["run `borgerpanel fmt` first: answers would change their meaning when a choice is moved"],
        "undersøgelsen er åben, men svarenes koder er kun deres plads",
            ["kør `borgerpanel fmt` først: ellers ændrer svarene betydning, når et svar flyttes"];
    LOW_CONTRAST, "low-contrast", Error,
        "{:pair}: a contrast of {:figure}:1, but {:need}:1 is needed",
            ["make one of the colours darker or the other lighter"],
        "{:pair}: en kontrast på {:figure}:1, men {:need}:1 er nødvendig",
            ["gør den ene farve mørkere eller den anden lysere"];
    WRONG_TOKEN, "theme-token", Error,
        "the theme's colour `{:name}`: {:why}", ["write it as `{:name}: #0d3b4c;`"],
        "temaets farve `{:name}`: {:why}", ["skriv den som `{:name}: #0d3b4c;`"];
    WRONG_LOGO, "theme-logo", Error,
        "the theme's logo: {:why}", ["docs/theme.md says what a logo must be like"],
        "temaets logo: {:why}", ["docs/theme.md siger, hvordan et logo skal være"];
    UNKNOWN_THEME_FILE, "unknown-theme-file", Warning,
        "the theme has no file `{:name}`: it is not used", ["did you mean `{:nearest}`?", "remove it"],
        "temaet har ingen fil `{:name}`: den bruges ikke", ["mente du `{:nearest}`?", "fjern den"];
}
