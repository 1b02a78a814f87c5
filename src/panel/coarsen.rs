//! How much of a background is kept beside an invited answer: so little that at least five share it.
//!
//! [`Coarsening::of`] is made from the backgrounds it is given, and from nothing else; their order changes
//! nothing. For answers that are stored these are of all who answered, when the survey is over
//! (`server::chores`): five who were invited would not do where it is known that four of them did not
//! answer. Whoever has the program and the list can do the same sum; what they learn from an answer's
//! coarse background is that it came from one of those whom the sum gives this background, and
//! [`Coarsening::sharing`] is how many they are.
//!
//! The order: education is dropped first, then the age becomes one of three bands, then the district is
//! dropped, then the gender, then what is left of the age. A background takes the next step only as
//! long as too few share it, so that a large group keeps what it has.
//!
//! **Not like this:** counting for a coarse background everybody whom it fits. Of seven women of 25-34
//! in Valby five have the same education; the other two lose theirs, and "woman, 25-34, Valby" fits all
//! seven. But the five are stored with their education, so the answer is from one of two. Here only
//! those count that are stored with exactly this background, and the two go on until they meet others.
//! The last ones, whom even a blank background leaves too few, take the smallest group that is nearest
//! to blank along.
//!
//! A list that grows is another list: whoever compares what two of them were coarsened to learns more than
//! either says.

use std::collections::BTreeMap;

use crate::response::record::Background;

/// So many invited members share a background that is stored, at least (design: "Coarse enough to hide
/// in").
pub const SHARING_MIN: usize = 5;

/// How many bands the ages are put into.
const BANDS: usize = 3;

/// What is dropped, in this order.
const STEPS: [Step; 5] =
    [Step::Education, Step::AgeToBand, Step::District, Step::Gender, Step::Age];

#[derive(Debug, Clone, Copy)]
enum Step {
    Education,
    AgeToBand,
    District,
    Gender,
    Age,
}

/// The coarse background of each background in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coarsening {
    coarse: BTreeMap<Background, Background>,
    sharing: BTreeMap<Background, usize>,
}

impl Coarsening {
    /// From the backgrounds of all that are invited at once, in any order; `age_groups` are the site's.
    /// They may be coarse already.
    ///
    /// Every background it gives is shared by [`SHARING_MIN`] of them. Where the whole list is shorter,
    /// all are blank, and so few should not be invited at all.
    pub fn of<'a>(
        invited: impl IntoIterator<Item = &'a Background>,
        age_groups: &[String],
    ) -> Coarsening {
        let mut counts: BTreeMap<&Background, usize> = BTreeMap::new();
        for background in invited {
            *counts.entry(background).or_default() += 1;
        }
        let bands = bands(age_groups);
        let mut classes: Vec<Class> = counts
            .into_iter()
            .map(|(own, count)| Class { own, count, coarse: known_age(own, age_groups, &bands) })
            .collect();
        for step in STEPS {
            let sharing = sharing(&classes);
            for class in classes.iter_mut().filter(|it| sharing[&it.coarse] < SHARING_MIN) {
                step.take(&mut class.coarse, &bands);
            }
        }
        take_along(&mut classes);
        let sharing = sharing(&classes);
        let coarse = classes.into_iter().map(|class| (class.own.clone(), class.coarse)).collect();
        Coarsening { coarse, sharing }
    }

    /// What is stored in place of `background`; one that was not in the list is stored as blank, so
    /// that no mistake elsewhere shows more than it should.
    pub fn coarse(&self, background: &Background) -> Background {
        self.coarse.get(background).cloned().unwrap_or_default()
    }

    /// How many of the list are stored with exactly this coarse background.
    pub fn sharing(&self, coarse: &Background) -> usize {
        self.sharing.get(coarse).copied().unwrap_or(0)
    }

    /// Each coarse background there is, with how many share it.
    pub fn classes(&self) -> impl Iterator<Item = (&Background, usize)> {
        self.sharing.iter().map(|(coarse, count)| (coarse, *count))
    }
}

/// All that have the same background.
struct Class<'a> {
    own: &'a Background,
    count: usize,
    coarse: Background,
}

fn sharing(classes: &[Class]) -> BTreeMap<Background, usize> {
    let mut sharing = BTreeMap::new();
    for class in classes {
        *sharing.entry(class.coarse.clone()).or_default() += class.count;
    }
    sharing
}

/// A blank background that too few share takes others along: those that keep least, and of them the
/// fewest.
fn take_along(classes: &mut [Class]) {
    let blank = Background::default();
    loop {
        let sharing = sharing(classes);
        let too_few = sharing.get(&blank).is_some_and(|count| *count < SHARING_MIN);
        let others = sharing.iter().filter(|(coarse, _)| **coarse != blank);
        let nearest = others.min_by_key(|(coarse, count)| (kept(coarse), **count));
        let (true, Some((nearest, _))) = (too_few, nearest) else { return };
        for class in classes.iter_mut().filter(|class| class.coarse == *nearest) {
            class.coarse = Background::default();
        }
    }
}

/// How many of its fields a background still has.
fn kept(background: &Background) -> usize {
    let Background { district, gender, age, education } = background;
    [district, gender, age, education].into_iter().flatten().count()
}

impl Step {
    fn take(self, background: &mut Background, bands: &BTreeMap<String, String>) {
        match self {
            Step::Education => background.education = None,
            Step::AgeToBand => {
                if let Some(band) = background.age.as_ref().and_then(|age| bands.get(age)) {
                    background.age = Some(band.clone());
                }
            }
            Step::District => background.district = None,
            Step::Gender => background.gender = None,
            Step::Age => background.age = None,
        }
    }
}

/// A background without an age that is neither a group nor a band of today's settings.
fn known_age(
    background: &Background,
    groups: &[String],
    bands: &BTreeMap<String, String>,
) -> Background {
    let is_known = |age: &String| groups.contains(age) || bands.values().any(|band| band == age);
    Background { age: background.age.clone().filter(is_known), ..background.clone() }
}

/// The band of each age group: three of them, as equal in number of groups as it goes, named by the
/// ages they span. Of `15-24` to `75+` in tens: `15-34`, `35-64`, `65+`.
pub fn bands(groups: &[String]) -> BTreeMap<String, String> {
    // Rounded thirds: 7 groups are parted after the second and the fifth.
    let border = |band: usize| (2 * band * groups.len() + BANDS) / (2 * BANDS);
    let mut bands = BTreeMap::new();
    for band in 0..BANDS {
        let within = &groups[border(band)..border(band + 1)];
        let name = within.first().zip(within.last()).map(|(first, last)| span(first, last));
        bands.extend(within.iter().cloned().zip(name.into_iter().cycle()));
    }
    bands
}

/// From the first age of `first` to the last of `last`.
fn span(first: &str, last: &str) -> String {
    let from = first.trim_end_matches('+').split('-').next().unwrap_or_default();
    match last.split_once('-') {
        Some((_, to)) => format!("{from}-{to}"),
        None => format!("{from}+"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn groups() -> Vec<String> {
        let groups = ["15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"];
        groups.map(str::to_owned).to_vec()
    }

    /// `valby/female/25-34/vocational`, a field of `-` left open.
    fn background(text: &str) -> Background {
        let fields: Vec<Option<String>> =
            text.split('/').map(|field| (field != "-").then(|| field.to_owned())).collect();
        let [district, gender, age, education] = <[_; 4]>::try_from(fields).expect("four fields");
        Background { district, gender, age, education }
    }

    fn list(of: &[(&str, usize)]) -> Vec<Background> {
        of.iter().flat_map(|(text, count)| vec![background(text); *count]).collect()
    }

    fn coarse(of: &[(&str, usize)], own: &str) -> Background {
        Coarsening::of(&list(of), &groups()).coarse(&background(own))
    }

    #[test]
    fn the_ages_fall_into_three_bands() {
        let bands_of = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            let by_group = bands(&groups);
            groups.iter().map(|group| by_group[group].clone()).collect::<Vec<_>>()
        };
        let seven = bands(&groups());
        let named = groups().iter().map(|group| seven[group].clone()).collect::<Vec<_>>();
        assert_eq!(named, ["15-34", "15-34", "35-64", "35-64", "35-64", "65+", "65+"]);
        assert_eq!(
            bands_of(&["18-29", "30-59", "60-79", "80+"]),
            ["18-29", "30-79", "30-79", "80+"]
        );
        assert_eq!(bands_of(&["18-64", "65+"]), ["18-64", "65+"]);
        assert_eq!(bands_of(&["18+"]), ["18+"]);
        assert!(bands_of(&[]).is_empty());
    }

    #[test]
    fn a_group_of_five_keeps_all_it_has() {
        let five = [("valby/female/25-34/vocational", 5)];
        assert_eq!(coarse(&five, five[0].0), background(five[0].0));
    }

    #[test]
    fn fields_are_dropped_in_order_until_five_share_them() {
        for (own, other, kept) in [
            ("valby/female/25-34/vocational", "valby/female/25-34/primary", "valby/female/25-34/-"),
            ("valby/female/25-34/vocational", "valby/female/15-24/primary", "valby/female/15-34/-"),
            ("valby/female/25-34/vocational", "outside/female/15-24/primary", "-/female/15-34/-"),
            ("valby/female/25-34/vocational", "outside/male/15-24/primary", "-/-/15-34/-"),
            ("valby/female/25-34/vocational", "outside/male/75+/primary", "-/-/-/-"),
        ] {
            let two = [(own, 2), (other, 3)];
            assert_eq!(coarse(&two, own), background(kept), "{other}");
            assert_eq!(coarse(&two, other), background(kept), "{other}");
        }
    }

    #[test]
    fn two_left_over_beside_five_do_not_hide_behind_them() {
        let (five, two) = ("valby/female/25-34/primary", "valby/female/25-34/vocational");
        let others = "outside/female/15-24/primary";
        let all = [(five, 5), (two, 2), (others, 3)];
        // All seven are women of 25-34 in Valby: to store just that would say "one of two".
        assert_eq!(coarse(&all, two), background("-/female/15-34/-"));
        assert_eq!(coarse(&all, five), background(five));
        // With nobody else to meet they take the five along.
        let alone = [(five, 5), (two, 2)];
        assert_eq!(coarse(&alone, five), Background::default());
        assert_eq!(coarse(&alone, two), Background::default());
    }

    #[test]
    fn what_was_not_invited_is_blank() {
        let five = [("valby/female/25-34/vocational", 5)];
        assert_eq!(coarse(&five, "valby/male/25-34/vocational"), Background::default());
        assert_eq!(Coarsening::of(&[], &groups()).classes().count(), 0);
    }

    #[test]
    fn an_age_of_other_settings_is_dropped() {
        let five = [("valby/female/18-29/vocational", 5)];
        assert_eq!(coarse(&five, five[0].0), background("valby/female/-/vocational"));
    }

    fn field(codes: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
        // The first codes are frequent, so that large and small groups meet.
        let index = (0..codes.len(), 0..codes.len()).prop_map(|(one, two)| one.min(two));
        let code = index.prop_map(move |at| codes[at].to_owned());
        proptest::option::weighted(0.9, code)
    }

    fn invited() -> impl Strategy<Value = Vec<Background>> {
        let one = (
            field(&["valby", "oesterbro", "noerrebro", "vanloese", "outside"]),
            field(&["female", "male", "other"]),
            field(&["25-34", "35-44", "15-24", "75+", "15-34"]),
            field(&["vocational", "primary", "long-higher", "none"]),
        );
        let one = one.prop_map(|(district, gender, age, education)| Background {
            district,
            gender,
            age,
            education,
        });
        proptest::collection::vec(one, 0..120)
    }

    /// Whether `coarse` says nothing that is not true of `own`.
    fn is_true_of(coarse: &Background, own: &Background) -> bool {
        let fits =
            |coarse: &Option<String>, own: &Option<String>| coarse.is_none() || coarse == own;
        let band = own.age.as_ref().and_then(|age| bands(&groups()).get(age).cloned());
        fits(&coarse.district, &own.district)
            && fits(&coarse.gender, &own.gender)
            && fits(&coarse.education, &own.education)
            && (fits(&coarse.age, &own.age) || coarse.age == band)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn every_background_stored_is_shared_by_five(invited in invited()) {
            let coarsening = Coarsening::of(&invited, &groups());
            // The attacker's sum: whom of those invited may this background be from?
            let mut suspects: BTreeMap<Background, usize> = BTreeMap::new();
            for own in &invited {
                *suspects.entry(coarsening.coarse(own)).or_default() += 1;
            }
            let enough = SHARING_MIN.min(invited.len());
            for (coarse, count) in &suspects {
                prop_assert_eq!(coarsening.sharing(coarse), *count);
                prop_assert!(*count >= enough, "{:?} is shared by {}", coarse, count);
            }
            prop_assert_eq!(coarsening.classes().count(), suspects.len());
            prop_assert!(invited.iter().all(|own| is_true_of(&coarsening.coarse(own), own)));
        }

        #[test]
        fn it_is_made_of_the_list_alone_in_any_order(invited in invited(), seed: u64) {
            let mut shuffled = invited.clone();
            fastrand::Rng::with_seed(seed).shuffle(&mut shuffled);
            let one = Coarsening::of(&invited, &groups());
            prop_assert_eq!(&one, &Coarsening::of(&shuffled, &groups()));
            // To coarsen what is coarse changes nothing.
            let stored: Vec<Background> = invited.iter().map(|own| one.coarse(own)).collect();
            let again = Coarsening::of(&stored, &groups());
            prop_assert!(stored.iter().all(|coarse| again.coarse(coarse) == *coarse));
        }
    }
}
