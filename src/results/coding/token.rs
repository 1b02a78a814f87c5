//! Texts as words that can be counted: Danish and English, without what every sentence has, and with endings
//! taken off. A simple stemmer for suggestions, not a linguist's.

/// Words that say nothing of what a text is about.
const STOP: &str = "\
    ad af al aldrig alle alt altid altså andet andre at bare begge blev blive bliver burde både da de dem den \
    denne der deres derfor det dette dig din dine dit dog du efter eller en end endnu er et fik for fordi fra \
    før få får gang gange gerne gjort god godt gør gøre ham han hans har have havde helt hende hendes her hos \
    hun hvad hver hvis hvor hvordan hvorfor igen igennem ikke ind indtil ingen ja jeg jer jeres jo kan kom \
    komme kommer kun kunne lad langt lidt lige lave laver man mange med meget mellem men mens mere mest mig min \
    mindre mine mit må ned nej netop nogen noget nogle nok nu når også om op os over på ret rigtig samme se \
    selv sig sin sine sit skal skulle som stadig stor så sådan synes ting til tit tror ud uden under var ved \
    vel vi vil ville være været vores flere færre steder sted mangler mangle ønsker ønske ville \
    a about after again all also always am an and any are as at be because been before being but by can could \
    did do does doing don down each few for from get go good had has have having he her here him his how if in \
    into is it its just like lot make many me more most much my need needs no not now of off on once only or \
    other our out over own really same she should so some such than that the their them then there these they \
    thing things this those through to too under until up very was we were what when where which while who \
    why will with would you your want";

/// Endings, each of which may be followed by another.
const ENDINGS: [&str; 24] = [
    "erne", "ernes", "enes", "erens", "hederne", "heden", "heder", "hed", "ende", "ning", "ingen",
    "inger", "ings", "ing", "eren", "erer", "ere", "ers", "ene", "ens", "ets", "er", "en", "et",
];
const SHORT: [&str; 5] = ["es", "ed", "e", "s", "t"];

/// A word and what it is counted as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) word: String,
    pub(super) stem: String,
}

/// The words of a text that say something.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let lower = text.to_lowercase();
    let words = lower.split(|sign: char| !sign.is_alphanumeric());
    let says = |word: &&str| {
        word.chars().count() > 2
            && !word.contains(|sign: char| sign.is_ascii_digit())
            && !STOP.split_whitespace().any(|stop| stop == *word)
    };
    words.filter(says).map(|word| Token { word: word.to_owned(), stem: stem(word) }).collect()
}

/// The word without its endings: at least three letters, and no doubled one at its end.
fn stem(word: &str) -> String {
    let mut stem = word;
    let cut = |stem: &'_ str| -> Option<usize> {
        let endings = ENDINGS.iter().chain(&SHORT).filter(|ending| stem.ends_with(**ending));
        let longest = endings.max_by_key(|ending| ending.len())?;
        let left = &stem[..stem.len() - longest.len()];
        (left.chars().count() >= 3).then_some(left.len())
    };
    while let Some(end) = cut(stem) {
        stem = &stem[..end];
    }
    let mut signs: Vec<char> = stem.chars().collect();
    if let [.., one, other] = signs[..]
        && one == other
        && signs.len() > 3
    {
        signs.pop();
    }
    signs.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_are_counted_as_one() {
        for forms in [
            &["træ", "træer", "træerne", "træet"][..],
            &["bænk", "bænke", "bænken", "bænkene"],
            &["legeplads", "legepladser", "legepladserne", "legepladsen"],
            &["bus", "busser", "busserne"],
            &["tree", "trees"],
            &["light", "lights", "lighting"],
        ] {
            let stems: Vec<String> = forms.iter().map(|word| stem(word)).collect();
            assert!(stems.windows(2).all(|two| two[0] == two[1]), "{stems:?}");
        }
    }

    #[test]
    fn words_without_meaning_and_numbers_are_passed_over() {
        let words = |text: &str| tokens(text).into_iter().map(|it| it.word).collect::<Vec<_>>();
        assert_eq!(words("Der er ikke nok bænke i parken i 2026"), ["bænke", "parken"]);
        assert_eq!(words("There is a lot of noise"), ["noise"]);
    }
}
