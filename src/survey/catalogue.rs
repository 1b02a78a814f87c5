//! Every mistake an author can be told about: its code, its words in English and Danish, its cure.
//!
//! A code is stable and never used for something else. docs/diagnostics.md shows each, and
//! `tests/suite/diagnostics.rs` makes it.

use crate::diag::{Entry, Severity, Words};

macro_rules! entries {
    ($( $name:ident $severity:ident $code:literal
        en $en:literal => [$($en_help:literal),* $(,)?]
        da $da:literal => [$($da_help:literal),* $(,)?]; )*) => {
        $( pub static $name: Entry = Entry {
            code: $code,
            severity: Severity::$severity,
            en: Words { message: $en, help: &[$($en_help),*] },
            da: Words { message: $da, help: &[$($da_help),*] },
        }; )*
        /// Every entry, in the order the documentation lists them.
        pub static ALL: &[&Entry] = &[$(&$name),*];
    };
}

entries! {
    // Files
    NOT_UTF8 Error "not-utf8"
        en "the file is not UTF-8" => ["save it as UTF-8; it looks like {:encoding}"]
        da "filen er ikke UTF-8" => ["gem den som UTF-8; den ligner {:encoding}"];

    // Front matter
    NO_FRONT_MATTER Error "no-front-matter"
        en "the file does not begin with front matter" => ["begin with a line `---`, then `title: …`, then a line `---`"]
        da "filen begynder ikke med en indledning" => ["begynd med en linje `---`, så `title: …`, så en linje `---`"];
    UNCLOSED_FRONT_MATTER Error "unclosed-front-matter"
        en "the front matter is never closed" => ["put a line `---` after its last key"]
        da "indledningen bliver aldrig lukket" => ["sæt en linje `---` efter den sidste nøgle"];
    BAD_YAML Error "bad-yaml"
        en "the front matter cannot be read: {:why}" => ["put the text in quotes: `{:quoted}`", "write one `key: value` on a line"]
        da "indledningen kan ikke læses: {:why}" => ["sæt teksten i anførselstegn: `{:quoted}`", "skriv én `nøgle: værdi` på hver linje"];
    UNQUOTED_COLON Error "unquoted-colon"
        en "the text after `{:key}:` has a colon of its own" => ["put it in quotes: `{:key}: \"{:value}\"`"]
        da "der er også et kolon i teksten efter `{:key}:`" => ["sæt den i anførselstegn: `{:key}: \"{:value}\"`"];
    UNKNOWN_KEY Error "unknown-key"
        en "there is no key `{:name}`" => ["did you mean `{:nearest}`?", "known keys: {:known}"]
        da "der er ingen nøgle `{:name}`" => ["mente du `{:nearest}`?", "kendte nøgler: {:known}"];
    KEY_IN_TRANSLATION Error "key-in-translation"
        en "`{:name}` belongs in the base file, not in a translation" => ["remove it here; a translation has {:known}"]
        da "`{:name}` hører hjemme i grundfilen, ikke i en oversættelse" => ["fjern den her; en oversættelse har {:known}"];
    DUPLICATE_KEY Error "duplicate-key"
        en "the key `{:name}` is here twice" => ["keep one of them"]
        da "nøglen `{:name}` står her to gange" => ["behold den ene"];
    MISSING_KEY Error "missing-key"
        en "the key `{:name}` is missing" => ["add `{:name}: …` to the front matter"]
        da "nøglen `{:name}` mangler" => ["skriv `{:name}: …` i indledningen"];
    BAD_VALUE Error "bad-value"
        en "`{:value}` cannot be the value of `{:key}`" => ["did you mean `{:nearest}`?", "write {:expected}"]
        da "`{:value}` kan ikke være værdien af `{:key}`" => ["mente du `{:nearest}`?", "skriv {:expected}"];
    BAD_DATE Error "bad-date"
        en "`{:value}` is not a date that exists" => ["write it as 2026-11-30 or 2026-11-30T08:00"]
        da "`{:value}` er ikke en dato, der findes" => ["skriv den som 2026-11-30 eller 2026-11-30T08:00"];
    CLOSES_BEFORE_OPENS Error "closes-before-opens"
        en "the survey closes ({:closes}) before it opens ({:opens})" => ["move `closes` to {:opens} or later, or move `opens`"]
        da "undersøgelsen lukker ({:closes}), før den åbner ({:opens})" => ["flyt `closes` til {:opens} eller senere, eller flyt `opens`"];
    UNKNOWN_PANEL Error "unknown-panel"
        en "there is no panel `{:name}`" => ["did you mean `{:nearest}`?", "panels in site.toml: {:known}"]
        da "der er intet panel `{:name}`" => ["mente du `{:nearest}`?", "paneler i site.toml: {:known}"];
    NO_BACKGROUND_BLOCK Error "no-background-block"
        en "`background: ask` needs blocks/baggrund.md" => ["write it, or choose `background: none`"]
        da "`background: ask` kræver blocks/baggrund.md" => ["skriv den, eller vælg `background: none`"];

    // Structure
    SETEXT_HEADING Error "setext-heading"
        en "the line above made this text a heading, not the end of a page" => ["put an empty line before `---`"]
        da "stregen gjorde teksten ovenover til en overskrift i stedet for at slutte siden" => ["sæt en tom linje før `---`"];
    STRAY_RULE Error "stray-rule"
        en "this line means nothing here" => ["`____` stands at the end of a choice: `- {:label}: ____`", "write `---` for a new page, or `____` for a text field"]
        da "den her linje betyder ikke noget" => ["`____` står sidst i et svar: `- {:label}: ____`", "skriv `---` for en ny side eller `____` for et tekstfelt"];
    MISSING_SPACE Error "missing-space"
        en "without a space after `{:sign}` this line is only text" => ["write `{:sign} …`, or `\\{:sign}` for the sign itself"]
        da "uden et mellemrum efter `{:sign}` er linjen kun tekst" => ["skriv `{:sign} …`, eller `\\{:sign}` for selve tegnet"];
    UNCLOSED_COMMENT Error "unclosed-comment"
        en "the comment is never closed, so nothing below it counts" => ["end it with `-->`"]
        da "kommentaren bliver aldrig lukket, så intet under den tæller med" => ["slut den med `-->`"];
    QUESTION_WITHOUT_ANSWERS Error "question-without-answers"
        en "the question has neither choices nor a type" => ["add a list of choices, a line `____`, or a type such as {number} in the heading; a heading inside a text is written with `###`"]
        da "spørgsmålet har hverken svar eller type" => ["tilføj en liste med svar, en linje `____` eller en type som {number} i overskriften; en overskrift i en tekst skrives med `###`"];
    QUESTION_OUTSIDE_PAGE Error "question-outside-page"
        en "an ending has no questions" => ["move the question to a page before it"]
        da "en afslutning har ingen spørgsmål" => ["flyt spørgsmålet til en side før den"];
    ANSWERS_WITHOUT_QUESTION Error "answers-without-question"
        en "these answers belong to no question" => ["put a question above them: `## Text {#id}`"]
        da "svarene hører ikke til noget spørgsmål" => ["sæt et spørgsmål over dem: `## Tekst {#id}`"];
    NO_QUESTIONS Error "no-questions"
        en "the survey has no questions" => ["begin one with `## What do you think? {#think}`"]
        da "undersøgelsen har ingen spørgsmål" => ["begynd et med `## Hvad synes du? {#synes}`"];
    EMPTY_TEXT Error "empty-text"
        en "there is no text here" => ["write what the citizen is to read"]
        da "her er ingen tekst" => ["skriv det, borgeren skal læse"];
    MIXED_MARKERS Error "mixed-markers"
        en "`( )` and `[ ]` are mixed in one list" => ["use `( )` on every choice where one is chosen, `[ ]` where several may be"]
        da "`( )` og `[ ]` er blandet i samme liste" => ["brug `( )` ved alle svar, når man vælger ét, og `[ ]`, når man må vælge flere"];
    BROKEN_MARKER Error "broken-marker"
        en "`{:text}` is neither `( )` nor `[ ]`" => ["write `( )` where one is chosen, `[ ]` where several may be, or `\\` before the sign itself"]
        da "`{:text}` er hverken `( )` eller `[ ]`" => ["skriv `( )`, når man vælger ét, `[ ]`, når man må vælge flere, eller `\\` foran selve tegnet"];
    TICKED Error "ticked-choice"
        en "nothing may be answered beforehand" => ["write `{:empty}`"]
        da "intet må være valgt på forhånd" => ["skriv `{:empty}`"];
    TWO_ANSWERS Error "two-answer-blocks"
        en "the question has its answers in two places" => ["join the lists, or begin a new question with `##`"]
        da "spørgsmålet har svar to steder" => ["saml listerne, eller begynd et nyt spørgsmål med `##`"];
    TEXT_BETWEEN_CHOICES Error "text-between-choices"
        en "this line stands between the choices and would be part of the one above" => ["begin it with `- ` if it is a choice; indent it by two spaces if it belongs to the choice above"]
        da "linjen står mellem svarene og ville blive en del af svaret ovenover" => ["begynd den med `- `, hvis den er et svar; ryk den to mellemrum ind, hvis den hører til svaret ovenover"];
    CHOICE_WITHOUT_DASH Error "choice-without-dash"
        en "a choice begins with a dash" => ["write `- {:marker} …`"]
        da "et svar begynder med en bindestreg" => ["skriv `- {:marker} …`"];
    NESTED_BLOCK Error "nested-block"
        en "`{:sign}` at the start of a choice means something else in Markdown" => ["write words in front of it: `- {:label}: ____`", "write `{:escaped}`"]
        da "`{:sign}` i begyndelsen af et svar betyder noget andet i Markdown" => ["skriv ord foran: `- {:label}: ____`", "skriv `{:escaped}`"];
    SCALE_LABEL Error "scale-label"
        en "this is no label of the scale" => ["write `- {:from}: text`, with a number from {:from} to {:to}, each once"]
        da "det her er ikke en tekst til skalaen" => ["skriv `- {:from}: tekst` med et tal fra {:from} til {:to}, hvert højst én gang"];
    NUMBERED_LIST Error "numbered-list"
        en "a numbered list is a ranking, and has no `( )` and no `[ ]`" => ["begin the choices with `- ` where one or several are chosen; leave the brackets out where they are put in order"]
        da "en nummereret liste er en rangordning og har hverken `( )` eller `[ ]`" => ["begynd svarene med `- `, hvis man skal vælge; udelad mærkerne, hvis man skal sætte i rækkefølge"];
    ONE_CHOICE Error "one-choice"
        en "there is only one choice" => ["add another, or use {consent} for something to agree to"]
        da "der er kun ét svar" => ["tilføj et til, eller brug {consent}, hvis man skal give samtykke"];
    BROKEN_TABLE Error "broken-table"
        en "this looks like a table, but is none" => ["the first row, then a row such as `|---|---|` with as many columns, then the others"]
        da "det her ligner en tabel, men er det ikke" => ["først overskrifterne, så en række som `|---|---|` med lige så mange kolonner, så resten"];
    TABLE_WIDTH Error "table-row-width"
        en "this row has {:found} cells, the first has {:expected}" => ["give every row the same number of `|`"]
        da "rækken har {:found} felter, den første har {:expected}" => ["giv alle rækker lige mange `|`"];
    TABLE_CORNER Error "table-corner"
        en "the first cell of a matrix is empty" => ["remove the text; the question stands in the heading"]
        da "det første felt i en matrix er tomt" => ["fjern teksten; spørgsmålet står i overskriften"];
    TABLE_BODY Error "table-body"
        en "the cells of a matrix are empty" => ["write `[ ]` in every cell if several may be ticked, and in none otherwise{:mixed}", "remove `{:text}`"]
        da "felterne i en matrix er tomme" => ["skriv `[ ]` i alle felter, hvis man må vælge flere, og ellers i ingen{:mixed}", "fjern `{:text}`"];
    ANSWER_LINES Error "answer-lines"
        en "two lines are neither a short nor a long text" => ["one line `____` for a short text, three for a long one"]
        da "to linjer er hverken en kort eller en lang tekst" => ["én linje `____` til en kort tekst, tre til en lang"];
    ANSWERS_NOT_ALLOWED Error "answers-not-allowed"
        en "a question of the type `{:kind}` cannot have {:what}" => ["remove them, or the type"]
        da "et spørgsmål af typen `{:kind}` kan ikke have {:what}" => ["fjern dem eller typen"];
    UNSUPPORTED_BLOCK Error "unsupported-block"
        en "{:what} cannot stand here" => ["write it as ordinary paragraphs"]
        da "{:what} kan ikke stå her" => ["skriv det som almindelige afsnit"];
    RAW_HTML Error "raw-html"
        en "HTML is not allowed" => ["write it in Markdown; escape a lone `<` as `\\<`"]
        da "HTML er ikke tilladt" => ["skriv det i Markdown; skriv et enkelt `<` som `\\<`"];
    BAD_LINK Error "bad-link"
        en "`{:url}` cannot be linked to" => ["links begin with https:, mailto:, tel: or `/`"]
        da "der kan ikke linkes til `{:url}`" => ["links begynder med https:, mailto:, tel: eller `/`"];
    IMAGE Error "image"
        en "a picture has no place in this line" => ["put it into the text below a heading, or at the beginning of a choice"]
        da "der er ikke plads til et billede i denne linje" => ["sæt det i teksten under en overskrift eller først i et svar"];
    TOO_MANY_ROWS Warning "too-many-rows"
        en "the matrix has {:count} rows; people tire after 7" => ["split it into two questions"]
        da "matrixen har {:count} rækker; man bliver træt efter 7" => ["del den i to spørgsmål"];
    CPR Error "asks-for-cpr"
        en "a survey must never ask for a CPR number" => ["remove the question"]
        da "en undersøgelse må aldrig spørge om CPR-nummer" => ["fjern spørgsmålet"];

    // Advice
    HARD_TO_READ Warning "hard-to-read"
        en "this text is hard to read: its LIX is {:lix}, and over {:max} is too hard for many" => ["write shorter sentences and shorter words; {:long} of its {:words} words have more than six letters"]
        da "teksten er svær at læse: lixtallet er {:lix}, og over {:max} er for svært for mange" => ["skriv kortere sætninger og kortere ord; {:long} af de {:words} ord har mere end seks bogstaver"];
    LONG_SENTENCE Warning "long-sentence"
        en "the sentence has {:count} words; after {:max} people lose the thread" => ["split it in two, or leave out what is not needed"]
        da "sætningen har {:count} ord; efter {:max} taber man tråden" => ["del den i to, eller udelad det, der ikke er brug for"];
    LEADING_QUESTION Warning "leading-question"
        en "`{:words}` pushes people towards an answer" => ["{:cure}"]
        da "`{:words}` skubber folk hen mod et svar" => ["{:cure}"];
    DOUBLE_QUESTION Warning "double-question"
        en "`{:words}` asks about two things, and one answer cannot tell which is meant" => ["ask about one of them, or make two questions, or two rows of a matrix"]
        da "`{:words}` spørger om to ting, og ét svar kan ikke sige, hvilken der menes" => ["spørg om den ene, eller lav to spørgsmål eller to rækker i en matrix"];
    UNBALANCED_SCALE Warning "unbalanced-scale"
        en "the answers lean to one side: {:good} positive, {:bad} negative" => ["give both sides equally many, as in very good, good, fair, poor, very poor"]
        da "svarene hælder til den ene side: {:good} på den positive, {:bad} på den negative" => ["giv begge sider lige mange, fx meget god, god, nogenlunde, dårlig, meget dårlig"];
    SCALE_ONE_END Warning "scale-one-end"
        en "only one end of the scale says what it means" => ["add a line `- {:value}: …`"]
        da "kun den ene ende af skalaen siger, hvad den betyder" => ["tilføj en linje `- {:value}: …`"];
    RANGES_OVERLAP Warning "ranges-overlap"
        en "`{:one}` and `{:other}` both hold {:numbers}" => ["let each number be in one choice only"]
        da "både `{:one}` og `{:other}` rummer {:numbers}" => ["lad hvert tal være i ét svar"];
    RANGES_GAP Warning "ranges-gap"
        en "{:numbers} is neither in `{:one}` nor in `{:other}`" => ["let the second choice begin where the first ends"]
        da "{:numbers} er hverken i `{:one}` eller i `{:other}`" => ["lad det andet svar begynde, hvor det første slutter"];
    TOO_MANY_CHOICES Warning "too-many-choices"
        en "the list has {:count} choices; people stop reading after {:max}" => ["add {dropdown} if people look for one they know, or join some of the choices"]
        da "listen har {:count} svar; man holder op med at læse efter {:max}" => ["tilføj {dropdown}, hvis man leder efter et, man kender, eller slå nogle af svarene sammen"];
    LONG_PAGE Warning "long-page"
        en "the page has {:count} questions for everybody; more than {:max} look like a form" => ["begin a new page with `---` or `# Title`"]
        da "siden har {:count} spørgsmål til alle; mere end {:max} ligner en blanket" => ["begynd en ny side med `---` eller `# Titel`"];
    LONG_SURVEY Warning "long-survey"
        en "the survey takes about {:minutes} minutes; after {:max} many leave" => ["leave out what will not be used, or make two surveys of it"]
        da "undersøgelsen tager cirka {:minutes} minutter; efter {:max} går mange fra" => ["udelad det, der ikke skal bruges, eller lav to undersøgelser"];
    ASKED_BEFORE Warning "asked-before"
        en "members have told their {:field} already" => ["write `background: panel`, which takes it from the member, and remove the question"]
        da "medlemmerne har allerede oplyst {:field}" => ["skriv `background: panel`, som henter det fra medlemmet, og fjern spørgsmålet"];

    // Attributes
    UNCLOSED_BRACE Error "unclosed-brace"
        en "`{` is never closed" => ["braces of several lines stand on lines of their own, right under the heading{:wrapped}", "end the attributes with `}`; write `\\{` for the sign itself"]
        da "`{` bliver aldrig lukket" => ["fylder de flere linjer, sættes klammerne på egne linjer lige under overskriften{:wrapped}", "slut egenskaberne med `}`; skriv `\\{` for selve tegnet"];
    UNCLOSED_QUOTE Error "unclosed-quote"
        en "the quote is never closed" => ["put a `\"` after the value"]
        da "anførselstegnet bliver aldrig lukket" => ["sæt et `\"` efter værdien"];
    BRACE_WITHOUT_SPACE Warning "brace-without-space"
        en "there is no space before the attributes" => ["write a space before `{`; look whether a sign slipped in"]
        da "der mangler et mellemrum foran egenskaberne" => ["skriv et mellemrum foran `{`; se efter, om et tegn er kommet med ved et uheld"];
    WORD_IN_ID Warning "word-in-id"
        en "the id `{:id}` has taken in the word `{:word}`" => ["write `{:meant}` with a space between them, or choose another id"]
        da "id'et `{:id}` har slugt ordet `{:word}`" => ["skriv `{:meant}` med et mellemrum imellem, eller vælg et andet id"];
    BAD_ATTRIBUTE Error "bad-attribute"
        en "`{:text}` cannot be read as an attribute" => ["write straight quotes: `\"`, not `“` or `”`{:straight}", "values stand in double quotes, and texts in conditions in single ones: if=\"name == 'Ida'\"{:quotes}", "write `#id`, `word`, `key=value` or `key=\"two words\"`"]
        da "`{:text}` kan ikke læses som en egenskab" => ["skriv lige anførselstegn: `\"`, ikke `“` eller `”`{:straight}", "værdier står i dobbelte anførselstegn og tekster i betingelser i enkelte: if=\"name == 'Ida'\"{:quotes}", "skriv `#id`, `ord`, `nøgle=værdi` eller `nøgle=\"to ord\"`"];
    UNKNOWN_ATTRIBUTE Error "unknown-attribute"
        en "there is no attribute `{:name}` on {:place}" => ["it belongs on {:belongs}", "write the id as `#{:as_id}`", "write {:written} instead", "did you mean `{:nearest}`?", "known here: {:known}; to insert an answer, write `{{{:name}}}`"]
        da "der er ingen egenskab `{:name}` på {:place}" => ["den hører hjemme på {:belongs}", "skriv id'et som `#{:as_id}`", "skriv {:written} i stedet", "mente du `{:nearest}`?", "kendte her: {:known}; for at indsætte et svar skriver du `{{{:name}}}`"];
    ATTRIBUTE_IN_TRANSLATION Error "attribute-in-translation"
        en "`{:name}` belongs in the base file, not in a translation" => ["remove it here"]
        da "`{:name}` hører hjemme i grundfilen, ikke i en oversættelse" => ["fjern den her"];
    DUPLICATE_ATTRIBUTE Error "duplicate-attribute"
        en "`{:name}` is here twice" => ["keep one of them"]
        da "`{:name}` står her to gange" => ["behold den ene"];
    ATTRIBUTE_NEEDS_VALUE Error "attribute-needs-value"
        en "`{:name}` needs a value" => ["write `{:name}={:example}`"]
        da "`{:name}` mangler en værdi" => ["skriv `{:name}={:example}`"];
    ATTRIBUTE_WITHOUT_VALUE Error "attribute-takes-no-value"
        en "`{:name}` takes no value" => ["write just `{:name}`"]
        da "`{:name}` har ingen værdi" => ["skriv bare `{:name}`"];
    ATTRIBUTE_NOT_HERE Error "attribute-not-here"
        en "`{:name}` means nothing for a question of the type `{:kind}`" => ["remove it, or change the question's answers"]
        da "`{:name}` betyder ikke noget for et spørgsmål af typen `{:kind}`" => ["fjern den, eller skift spørgsmålets svar"];
    ATTRIBUTE_VALUE Error "attribute-value"
        en "`{:value}` cannot be the value of `{:name}`" => ["write {:expected}"]
        da "`{:value}` kan ikke være værdien af `{:name}`" => ["skriv {:expected}"];
    FROM_SYNTAX Error "from-syntax"
        en "`{:value}` does not say whose choices to take over" => ["in `{:single}` several choices cannot be ticked: give it `[ ]`, or name another question", "write from=\"what chosen\" or from=\"what not chosen\", with the id of an earlier question that has `[ ]`"]
        da "`{:value}` siger ikke, hvilket spørgsmåls svar der skal overtages" => ["i `{:single}` kan man ikke vælge flere svar: giv det `[ ]`, eller nævn et andet spørgsmål", "skriv from=\"hvad chosen\" eller from=\"hvad not chosen\" med id'et på et tidligere spørgsmål med `[ ]`"];
    FROM_AND_LIST Error "from-and-list"
        en "the choices come from `from`, and from a list too" => ["remove one of them"]
        da "svarene kommer både fra `from` og fra en liste" => ["fjern det ene"];
    CHECK_WITHOUT_MESSAGE Error "check-without-message"
        en "`check` and `message` belong together" => ["say what is wrong where it fails, and what to do: check=\"people >= children\" message=\"…\""]
        da "`check` og `message` hører sammen" => ["sig, hvad der er galt, og hvad man gør: check=\"people >= children\" message=\"…\""];
    TREND_UNKNOWN Error "trend-unknown"
        en "there is no earlier question `{:name}`" => ["did you mean `{:nearest}`?", "write a survey and its question, as in trend=\"park-2025.rate\"; there are: {:known}"]
        da "der er intet tidligere spørgsmål `{:name}`" => ["mente du `{:nearest}`?", "skriv en undersøgelse og dens spørgsmål, som trend=\"park-2025.rate\"; der er: {:known}"];
    TREND_DIFFERS Error "trend-differs"
        en "`{:name}` cannot be compared with `{:earlier}`: the answers are not the same" => ["give both the same type and the same choices, by id and in order, or remove `trend`"]
        da "`{:name}` kan ikke sammenlignes med `{:earlier}`: svarene er ikke de samme" => ["giv begge samme type og samme svar, med samme id'er i samme rækkefølge, eller fjern `trend`"];
    PRIVATE_AND_MAPS Error "private-and-maps"
        en "an answer is either stored by itself or part of the background" => ["remove `private` or `maps`"]
        da "et svar gemmes enten for sig eller hører til baggrunden" => ["fjern `private` eller `maps`"];
    LOOKS_AT_PRIVATE Warning "looks-at-private"
        en "the answers that follow would tell what was answered to `{:name}`, which is private" => ["let nothing depend on a private question"]
        da "de svar, der følger, ville røbe svaret på `{:name}`, som er privat" => ["lad ikke noget afhænge af et privat spørgsmål"];
    SHUFFLED_PAGE Error "shuffled-page"
        en "the questions of this page are shuffled, and this one looks at another of them" => ["remove `shuffle` from the page, or move the question to another page"]
        da "sidens spørgsmål blandes, og det her ser på et andet af dem" => ["fjern `shuffle` fra siden, eller flyt spørgsmålet til en anden side"];
    REQUIRED_AND_EXPECTED Warning "required-and-expected"
        en "what is required is not asked for once more" => ["remove `expected` or `required`"]
        da "et spørgsmål, der skal besvares, stilles ikke en ekstra gang" => ["fjern `expected` eller `required`"];
    MIN_OVER_MAX Error "min-over-max"
        en "min ({:min}) is larger than max ({:max})" => ["swap them"]
        da "min ({:min}) er større end max ({:max})" => ["byt om på dem"];
    MAX_OVER_CHOICES Error "max-over-choices"
        en "`{:name}={:value}` cannot be met: {:count} choices can be chosen at most" => ["write a number up to {:count}"]
        da "`{:name}={:value}` kan ikke opfyldes: der kan højst vælges {:count} svar" => ["skriv et tal op til {:count}"];
    CONTACT_NOT_PRIVATE Warning "contact-not-private"
        en "an answer to this says whose answers they are" => ["add `private`, so that it is stored by itself, or `maps=email` where somebody signs up"]
        da "svaret her fortæller, hvis svar det er" => ["tilføj `private`, så det gemmes for sig, eller `maps=email`, hvor man melder sig til"];
    TWO_TYPES Error "two-types"
        en "a question has one type; `{:name}` is a second" => ["remove one of them"]
        da "et spørgsmål har én type; `{:name}` er den anden" => ["fjern en af dem"];
    STRAY_BRACES Error "stray-braces"
        en "attributes belong at the end of a heading, a choice or a table cell, or on a line right under a heading" => ["the `{` they begin with is missing{:lost}", "move `{:text}` there; write `\\{` for the sign itself"]
        da "egenskaber hører hjemme sidst i en overskrift, et svar eller et tabelfelt eller på linjen lige under en overskrift" => ["`{`, som de begynder med, mangler{:lost}", "flyt `{:text}` derhen; skriv `\\{` for selve tegnet"];

    // Ids
    BAD_ID Error "bad-id"
        en "`{:id}` cannot be an id" => ["write `{:suggestion}`: lower-case a to z first, then also digits, `_` and `-`, 31 characters at most"]
        da "`{:id}` kan ikke være et id" => ["skriv `{:suggestion}`: først et lille bogstav a til z, så også tal, `_` og `-`, højst 31 tegn"];
    RESERVED_ID Error "reserved-id"
        en "`{:id}` is a word of the language" => ["choose another id"]
        da "`{:id}` er et ord i sproget" => ["vælg et andet id"];
    DUPLICATE_ID Error "duplicate-id"
        en "the id `{:id}` is used already, {:place}" => ["choose another; `-` and `_` count as the same"]
        da "id'et `{:id}` er allerede brugt {:place}" => ["vælg et andet; `-` og `_` tæller som det samme"];
    POSITION_CLASH Error "position-clash"
        en "this choice gets the code `{:id}` from its position, but another has it as its id" => ["give it an id of its own"]
        da "svaret får koden `{:id}` efter sin plads, men et andet har den som id" => ["giv det sit eget id"];
    NO_ID Warning "no-id"
        en "the question has no id; it gets `{:id}` from its text" => ["write {#{:id}}, or run `borgerpanel fmt`: then the answers keep their name when the text changes"]
        da "spørgsmålet har intet id; det får `{:id}` efter sin tekst" => ["skriv {#{:id}}, eller kør `borgerpanel fmt`: så beholder svarene deres navn, når teksten ændres"];
    CODES_BY_POSITION Warning "codes-by-position"
        en "the choices have no ids; their codes are their positions" => ["run `borgerpanel fmt`: then the answers keep their meaning when a choice is moved"]
        da "svarene har ingen id'er; deres koder er deres plads" => ["kør `borgerpanel fmt`: så beholder svarene deres betydning, når et svar flyttes"];

    // Conditions
    CONDITION_SYNTAX Error "condition-syntax"
        en "the condition cannot be read: {:why}" => ["write it as `age >= 18 and often != never`"]
        da "betingelsen kan ikke læses: {:why}" => ["skriv den som `age >= 18 and often != never`"];
    UNKNOWN_ID Error "unknown-id"
        en "there is no question `{:name}`" => ["did you mean `{:nearest}`?", "questions before this place: {:known}"]
        da "der er intet spørgsmål `{:name}`" => ["mente du `{:nearest}`?", "spørgsmål før dette sted: {:known}"];
    LATER_QUESTION Error "later-question"
        en "`{:name}` is asked later than this" => ["a condition looks back: move the question up, or this down"]
        da "`{:name}` bliver stillet senere end det her" => ["en betingelse ser tilbage: flyt spørgsmålet op eller det her ned"];
    UNKNOWN_CODE Error "unknown-code"
        en "`{:name}` has no choice `{:code}`" => ["did you mean `{:nearest}`?", "its choices: {:known}"]
        da "`{:name}` har intet svar `{:code}`" => ["mente du `{:nearest}`?", "svarene er: {:known}"];
    UNKNOWN_ROW Error "unknown-row"
        en "`{:name}` has no row `{:row}`" => ["did you mean `{:nearest}`?", "its rows: {:known}"]
        da "`{:name}` har ingen række `{:row}`" => ["mente du `{:nearest}`?", "rækkerne er: {:known}"];
    TYPE_MISMATCH Error "type-mismatch"
        en "`{:name}` is of the type `{:is}`; it cannot be compared like this" => ["write it as `{:expected}`"]
        da "`{:name}` er af typen `{:is}`; det kan ikke sammenlignes sådan" => ["skriv det som `{:expected}`"];
    NEVER_TRUE Error "never-true"
        en "the condition can never hold" => ["look at the limits and choices of the questions it names"]
        da "betingelsen kan aldrig være opfyldt" => ["se på grænser og svar i de spørgsmål, den nævner"];
    ALWAYS_TRUE Warning "always-true"
        en "the condition always holds" => ["it stands inside one that implies it ({:why}): remove it", "remove it, or look at the limits and choices of the questions it names"]
        da "betingelsen er altid opfyldt" => ["den står inden i en, den følger af ({:why}): fjern den", "fjern den, eller se på grænser og svar i de spørgsmål, den nævner"];
    UNREACHABLE_PAGE Error "unreachable-page"
        en "nobody can get to this page" => ["this cannot all be so: {:why}", "look at the conditions and skips before it"]
        da "ingen kan nå til denne side" => ["det her kan ikke være opfyldt på én gang: {:why}", "se på betingelser og spring før den"];
    UNREACHABLE_QUESTION Error "unreachable-question"
        en "nobody can be asked this question" => ["this cannot all be so: {:why}", "look at the conditions and skips before it"]
        da "ingen kan få stillet dette spørgsmål" => ["det her kan ikke være opfyldt på én gang: {:why}", "se på betingelser og spring før det"];
    UNREACHABLE_CHOICE Error "unreachable-choice"
        en "nobody can choose `{:name}`" => ["this cannot all be so: {:why}", "look at the conditions and skips before it"]
        da "ingen kan vælge `{:name}`" => ["det her kan ikke være opfyldt på én gang: {:why}", "se på betingelser og spring før det"];
    UNREACHABLE_ROW Error "unreachable-row"
        en "nobody can be shown the row `{:name}`" => ["this cannot all be so: {:why}", "look at the conditions and skips before it"]
        da "ingen kan få vist rækken `{:name}`" => ["det her kan ikke være opfyldt på én gang: {:why}", "se på betingelser og spring før den"];
    UNREACHABLE_ENDING Error "unreachable-ending"
        en "nobody is sent to this ending" => ["the choices that lead here cannot be chosen: {:why}", "write goto={:name} on a choice, or remove the ending"]
        da "ingen bliver sendt til denne afslutning" => ["svarene, der fører hertil, kan ikke vælges: {:why}", "skriv goto={:name} på et svar, eller fjern afslutningen"];
    NOTHING_TO_CHOOSE Error "nothing-to-choose"
        en "the question must be answered, but somebody can be asked it with nothing to choose" => ["give it a choice without a condition, take `required` away, or ask it only where one of its choices is there"]
        da "spørgsmålet skal besvares, men det kan blive stillet, uden at der er noget at vælge" => ["giv det et svar uden betingelse, fjern `required`, eller stil det kun, hvor et af svarene er der"];
    CUE_NEEDED Error "cue-needed"
        en "people without JavaScript cannot be told this condition in simple words" => ["say it yourself: cue=\"Svar kun, hvis …\""]
        da "betingelsen kan ikke siges med enkle ord til dem, der ikke har JavaScript" => ["skriv det selv: cue=\"Svar kun, hvis …\""];
    GOTO_UNKNOWN Error "goto-unknown"
        en "there is no page or ending `{:name}`" => ["did you mean `{:nearest}`?", "later pages and endings: {:known}"]
        da "der er ingen side eller afslutning `{:name}`" => ["mente du `{:nearest}`?", "senere sider og afslutninger: {:known}"];
    GOTO_BACKWARDS Error "goto-backwards"
        en "`{:name}` is not after this page" => ["`goto` goes forwards only: {:known}"]
        da "`{:name}` kommer ikke efter denne side" => ["`goto` går kun fremad: {:known}"];
    UNKNOWN_MAPS Error "unknown-maps"
        en "the panel has no field `{:name}`" => ["did you mean `{:nearest}`?", "fields: {:known}"]
        da "panelet har intet felt `{:name}`" => ["mente du `{:nearest}`?", "felter: {:known}"];
    MAPS_TWICE Error "maps-twice"
        en "another question maps `{:name}` already" => ["keep `maps` on one of them"]
        da "et andet spørgsmål er allerede knyttet til `{:name}`" => ["behold `maps` på det ene"];
    SIGNUP_QUESTION Error "signup-question"
        en "of a member nothing is kept that this question asks" => ["tie it to a field, as in maps=gender, or ask it in a survey"]
        da "panelet gemmer ikke svaret på dette spørgsmål om et medlem" => ["knyt det til et felt, fx maps=gender, eller stil det i en undersøgelse"];
    SIGNUP_FIELD Error "signup-field"
        en "a sign-up form has to ask for `{:field}`" => ["add a question with {:example}"]
        da "en tilmelding skal spørge om `{:field}`" => ["tilføj et spørgsmål med {:example}"];

    // Answers shown in texts, pictures, maps, other files
    PIPE_SYNTAX Error "pipe-syntax"
        en "`{:text}` does not say what to show without an answer" => ["write it as `{{name or \"you\"}}`: a question's id, and what to show where it is not answered"]
        da "`{:text}` siger ikke, hvad der skal stå uden et svar" => ["skriv det som `{{navn or \"du\"}}`: et spørgsmåls id, og hvad der skal stå, når det ikke er besvaret"];
    PIPE_LATER Error "pipe-later"
        en "`{:name}` is not answered before this page" => ["show it on a later page than the one that asks it"]
        da "`{:name}` er ikke besvaret før denne side" => ["vis det på en senere side end den, der spørger"];
    PIPE_KIND Error "pipe-kind"
        en "an answer of the type `{:kind}` does not fit into a sentence" => ["show the answer of another question than `{:name}`"]
        da "et svar af typen `{:kind}` passer ikke ind i en sætning" => ["vis svaret på et andet spørgsmål end `{:name}`"];
    MEANT_PIPE Error "meant-pipe"
        en "`{{:name}}` here is an attribute, not the answer to `{:name}`" => ["write `{{{:name} or \"…\"}}` to show the answer"]
        da "`{{:name}}` er her en egenskab, ikke svaret på `{:name}`" => ["skriv `{{{:name} or \"…\"}}` for at vise svaret"];
    PICTURE_WITHOUT_ALT Error "picture-without-alt"
        en "the picture has no words for those who cannot see it" => ["say what it shows: `![A bench by a lake](bench.jpg)`"]
        da "billedet har ingen ord til dem, der ikke kan se det" => ["sig, hvad det viser: `![En bænk ved en sø](baenk.jpg)`"];
    UNKNOWN_PICTURE Error "unknown-picture"
        en "there is no picture `{:name}` beside this file" => ["did you mean `{:nearest}`?", "put it into the same folder; pictures there: {:known}"]
        da "der er intet billede `{:name}` ved siden af filen" => ["mente du `{:nearest}`?", "læg det i samme mappe; billeder dér: {:known}"];
    HEAVY_PICTURE Warning "heavy-picture"
        en "`{:name}` is {:kb} KB: people on a phone wait for it" => ["make it smaller, {:max} KB at most: 800 pixels across are enough"]
        da "`{:name}` fylder {:kb} KB: folk på en telefon må vente på det" => ["gør det mindre, højst {:max} KB: 800 pixel i bredden er nok"];
    UNKNOWN_MAP Error "unknown-map"
        en "there is no map `{:name}`" => ["did you mean `{:nearest}`?", "draw it as maps/{:name}.svg in the content folder; maps there: {:known}"]
        da "der er intet kort `{:name}`" => ["mente du `{:nearest}`?", "tegn det som maps/{:name}.svg i indholdsmappen; kort dér: {:known}"];
    BAD_MAP Error "bad-map"
        en "the map cannot be used: {:why}" => ["draw each area as a shape with an id and a `<title>`, in one `<svg>` with a viewBox"]
        da "kortet kan ikke bruges: {:why}" => ["tegn hvert område som en figur med et id og en `<title>`, i én `<svg>` med en viewBox"];
    BAD_INCLUDE Error "bad-include"
        en "this line does not name a file to include" => ["write it alone on its line, as `{{include \"blocks/baggrund.md\"}}`"]
        da "linjen nævner ingen fil, der skal med" => ["skriv den alene på linjen, som `{{include \"blocks/baggrund.md\"}}`"];
    UNKNOWN_INCLUDE Error "unknown-include"
        en "there is no file `{:name}` to include" => ["did you mean `{:nearest}`?", "files: {:known}"]
        da "der er ingen fil `{:name}` at tage med" => ["mente du `{:nearest}`?", "filer: {:known}"];
    INCLUDE_TWICE Error "include-twice"
        en "`{:name}` is part of this survey already" => ["include it once: its questions have ids of their own"]
        da "`{:name}` er allerede med i undersøgelsen" => ["tag den med én gang: dens spørgsmål har egne id'er"];

    // Translations
    MISSING_TRANSLATION_FILE Error "missing-translation-file"
        en "the translation `{:name}` is missing" => ["write it beside this file, or take `{:lang}` out of languages_required in site.toml"]
        da "oversættelsen `{:name}` mangler" => ["skriv den ved siden af denne fil, eller fjern `{:lang}` fra languages_required i site.toml"];
    MISSING_TRANSLATION Error "missing-translation"
        en "{:what} is not translated" => ["translate it here: `{:text}`"]
        da "{:what} er ikke oversat" => ["oversæt det her: `{:text}`"];
    ID_DIFFERS Error "id-differs"
        en "`{:id}` is called `{:other}` in {:file}" => ["give both the same id"]
        da "`{:id}` hedder `{:other}` i {:file}" => ["giv begge det samme id"];
    EXTRA_TRANSLATION Error "extra-translation"
        en "{:what} is not in the base file" => ["did you mean `{:nearest}`?", "remove it here, or add it to the base file"]
        da "{:what} er ikke i grundfilen" => ["mente du `{:nearest}`?", "fjern det her, eller skriv det i grundfilen"];
    TRANSLATION_SHAPE Error "translation-shape"
        en "the form of {:what} differs from the base file" => ["keep lists, markers, `____` and tables as they are there"]
        da "{:what} har en anden form end i grundfilen" => ["behold lister, mærker, `____` og tabeller, som de er der"];
}
